/* SPDX-License-Identifier: MIT */
/* The capture port of sensors/ on STM32: DCMI and one DMA stream fill a frame buffer with no help from the processor (RM0433 chapter 33). */
#include "board.h"
#include "dma.h"
#include "gpio.h"
#include "i2c.h"
#include "irq.h"
#include "sensors/capture.h"
#include "stm32h743.h"
#include "system.h"
#include "timer.h"

enum {
    DMA_ITEMS_MAX = 65535,
    CHUNKS_MAX = 64,
    DRAIN_US = 100,                     /* for the last words to leave DCMI's FIFO */
    DCMI_IRQS = DCMI_IER_FRAME_IE | DCMI_IER_OVR_IE,
};

static const struct dma_stream STREAM = {BOARD_CSI_DMA_CONTROLLER, BOARD_CSI_DMA_STREAM};

static struct {
    void (*done)(int error);
    uint8_t *data;
    uint32_t chunk_words, chunks;       /* a frame is `chunks` DMA transfers of chunk_words */
    uint32_t finished;                  /* chunks */
    bool ready;                         /* pins, clock and interrupt are set up */
} capture;

static uint8_t *chunk(uint32_t index)
{
    index = index < capture.chunks ? index : capture.chunks - 1;
    return capture.data + index * capture.chunk_words * 4;
}

/* In double-buffer mode the half that has just been filled gets the chunk after the one under way. */
static void chunk_done(uint32_t flags, void *context)
{
    struct dma_stream_regs *regs = dma_registers(STREAM);

    (void)context;
    if (!(flags & DMA_FLAG_TC)) {
        return;
    }
    capture.finished++;
    if (capture.chunks > 1) {
        uintptr_t next = (uintptr_t)chunk(capture.finished + 1);
        if (regs->CR & DMA_CR_CT) {
            regs->M0AR = next;
        } else {
            regs->M1AR = next;
        }
    }
}

static void capture_stop(void)
{
    uint32_t state = irq_disable();

    if (capture.ready) {
        DCMI->IER = 0;
        DCMI->CR = 0;
        dma_stop(STREAM);
        DCMI->ICR = 0x1F;
    }
    capture.done = NULL;
    irq_restore(state);
}

/* Whether every word of the frame has reached memory; waits for the last ones. */
static bool frame_complete(void)
{
    struct deadline deadline = deadline_us(DRAIN_US);
    const struct dma_stream_regs *regs = dma_registers(STREAM);

    if (capture.chunks == 1) {
        while ((regs->CR & DMA_CR_EN) && regs->NDTR && !deadline_passed(&deadline)) {
        }
        return regs->NDTR == 0;
    }
    while (capture.finished + ((dma_flags(STREAM) & DMA_FLAG_TC) != 0) < capture.chunks && !deadline_passed(&deadline)) {
    }
    return capture.finished + ((dma_flags(STREAM) & DMA_FLAG_TC) != 0) >= capture.chunks;
}

static void dcmi_interrupt(int irqn)
{
    uint32_t flags = DCMI->MIS;
    void (*done)(int) = capture.done;
    int error = CAMERA_OK;

    (void)irqn;
    DCMI->ICR = flags;
    if (!done || !(flags & DCMI_IRQS)) {
        return;
    }
    if (flags & DCMI_IER_OVR_IE) {
        error = CAMERA_E_OVERFLOW;
    } else if (!frame_complete()) {
        error = CAMERA_E_CAPTURE;
    }
    capture_stop();
    done(error);
}

static void set_up(void)
{
    static const struct {
        pin_id pin;
        uint8_t alternate;
    } pins[] = {
#define CAPTURE_PIN(name) {PIN(PIN_##name##_PORT, PIN_##name##_PIN), PIN_##name##_AF}
        CAPTURE_PIN(CSI_D0), CAPTURE_PIN(CSI_D1), CAPTURE_PIN(CSI_D2), CAPTURE_PIN(CSI_D3), CAPTURE_PIN(CSI_D4), CAPTURE_PIN(CSI_D5),
        CAPTURE_PIN(CSI_D6), CAPTURE_PIN(CSI_D7), CAPTURE_PIN(CSI_HSYNC), CAPTURE_PIN(CSI_VSYNC), CAPTURE_PIN(CSI_PIXCLK),
    };

    if (capture.ready) {
        return;
    }
    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
        gpio_alternate(pins[i].pin, pins[i].alternate, GPIO_PULL_UP, false);
    }
    RCC->AHB2ENR |= RCC_AHB2ENR_DCMIEN;
    (void)RCC->AHB2ENR;
    irq_register(DCMI_IRQn, dcmi_interrupt, IRQ_PRIORITY_CAMERA);
    capture.ready = true;
}

/* The fewest equal transfers that one counter can hold. */
static bool split(size_t words)
{
    for (uint32_t n = 1; n <= CHUNKS_MAX; n++) {
        if (words % n == 0 && words / n <= DMA_ITEMS_MAX) {
            capture.chunks = n;
            capture.chunk_words = (uint32_t)(words / n);
            return true;
        }
    }
    return false;
}

static int capture_start(const struct capture_frame *frame, void (*done)(int error))
{
    const struct sensor_output *output = &frame->output;

    set_up();
    capture_stop();
    if (!split(frame->bytes / 4)) {
        return CAMERA_E_DMA_INIT;
    }
    const struct dma_config config = {
        .request = DMA_REQUEST_DCMI,
        .double_buffer = capture.chunks > 1,
        .peripheral_size = 4,
        .memory_size = 4,
        .memory_increment = true,
        .priority = 3,
        .fifo = true,
        .interrupts = DMA_CR_TCIE,
    };
    capture.data = frame->data;
    capture.finished = 0;
    capture.done = done;
    cache_invalidate(frame->data, frame->bytes);    /* no dirty line may be written back over the frame */
    dma_configure(STREAM, &config, chunk_done, NULL, IRQ_PRIORITY_CAMERA);
    dma_start(STREAM, &DCMI->DR, chunk(0), chunk(1), capture.chunk_words);

    uint32_t control = DCMI_CR_CM | DCMI_CR_CROP | (output->pixclk_rising ? DCMI_CR_PCKPOL : 0) |
                       (output->hsync_active_high ? DCMI_CR_HSPOL : 0) | (output->vsync_active_high ? DCMI_CR_VSPOL : 0) |
                       (output->every_other_byte ? DCMI_CR_BSM_EVERY_OTHER : 0);
    DCMI->CWSTRT = (uint32_t)frame->y << 16 | (uint32_t)frame->x;
    DCMI->CWSIZE = FIELD(DCMI_CWSIZE_VLINE, frame->height - 1) | FIELD(DCMI_CWSIZE_CAPCNT, frame->width - 1);
    DCMI->CR = control;
    DCMI->ICR = 0x1F;
    DCMI->IER = DCMI_IRQS;
    DCMI->CR = control | DCMI_CR_ENABLE;
    DCMI->CR = control | DCMI_CR_ENABLE | DCMI_CR_CAPTURE;
    return CAMERA_OK;
}

static int capture_xclk(uint32_t hz)
{
    if (!hz) {
        timer_pwm_stop(BOARD_CSI_XCLK_TIMER, BOARD_CSI_XCLK_CHANNEL);
        timer_keep(BOARD_CSI_XCLK_TIMER, false);
        return 0;
    }
    gpio_alternate(PIN(PIN_CSI_XCLK_PORT, PIN_CSI_XCLK_PIN), PIN_CSI_XCLK_AF, GPIO_PULL_NONE, false);
    timer_keep(BOARD_CSI_XCLK_TIMER, true);
    uint32_t got = timer_pwm_start(BOARD_CSI_XCLK_TIMER, BOARD_CSI_XCLK_CHANNEL, hz, 0x8000);
    return got ? (int)got : CAMERA_E_TIMER_INIT;
}

static void capture_reset_pin(bool level)
{
    gpio_output(PIN(PIN_CSI_RESET_PORT, PIN_CSI_RESET_PIN), level);
}

static void capture_power_down_pin(bool level)
{
    gpio_output(PIN(PIN_CSI_POWER_PORT, PIN_CSI_POWER_PIN), level);
}

static void capture_invalidate(const void *data, size_t bytes)
{
    cache_invalidate((void *)(uintptr_t)data, bytes);
}

/* ---- VSYNC: the pin's own interrupt; DCMI's tells of one edge only, and of none between captures ---- */

static void (*vsync_changed)(bool level);

static void vsync_interrupt(pin_id pin, void *context)
{
    (void)context;
    vsync_changed(gpio_read(pin));
}

static void capture_vsync(void (*changed)(bool level))
{
    const pin_id pin = PIN(PIN_CSI_VSYNC_PORT, PIN_CSI_VSYNC_PIN);

    if (!changed && !vsync_changed) {
        return;                     /* the line may be another pin's */
    }
    gpio_set_interrupt(pin, GPIO_EDGE_NONE, NULL, NULL);
    vsync_changed = changed;
    if (changed) {
        gpio_set_interrupt(pin, GPIO_EDGE_BOTH, vsync_interrupt, NULL);
    }
}

/* ---- The control bus ---- */

static bool bus_open(void)
{
    static bool open;

    if (!open) {
        open = i2c_init(BOARD_CSI_I2C_ID, BOARD_CSI_I2C_HZ) == 0;
    }
    return open;
}

static int bus_write(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count)
{
    (void)bus;
    return bus_open() && i2c_write(BOARD_CSI_I2C_ID, address, bytes, (size_t)count, 0) == 0 ? CAMERA_OK : CAMERA_E_IO;
}

static int bus_write_read(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count, uint8_t *answer, int answer_count)
{
    int error = bus_write(bus, address, bytes, count);

    return !error && i2c_read(BOARD_CSI_I2C_ID, address, answer, (size_t)answer_count, 0) ? CAMERA_E_IO : error;
}

static void bus_delay_ms(int ms)
{
    system_delay_us((uint32_t)ms * 1000);
}

static const struct sensor_bus BUS = {NULL, bus_write, bus_write_read, bus_delay_ms};

const struct capture_port capture_port = {
    .bus = &BUS,
    .xclk = capture_xclk,
    .reset_pin = capture_reset_pin,
    .power_down_pin = capture_power_down_pin,
    .start = capture_start,
    .stop = capture_stop,
    .invalidate = capture_invalidate,
    .millis = system_ms,
    .vsync = capture_vsync,
    .lock = irq_disable,
    .unlock = irq_restore,
};
