/* SPDX-License-Identifier: MIT */
/* When frames and lines come, and what the DCMI does about it: flags, modes, rates, overrun. */
#include "ov7725.h"

enum { W = 320, H = 240, WORDS = W * H / 2, BUFFER = AXI_SRAM };

static void small_bars(void)
{
    sensor_write(0x12, 0x80);
    sensor_write(0x12, 0x46);               /* QVGA RGB565 */
    sensor_write(0x17, 0x3f);
    sensor_write(0x18, 0x50);
    sensor_write(0x19, 0x03);
    sensor_write(0x1a, 0x78);
    sensor_write(0x29, 0x50);
    sensor_write(0x2c, 0x78);
    sensor_write(0x66, 0x30);
}

static void stop(void)
{
    REG(DCMI) = 0;
    dma_stop();
    REG(DCMI + 0x14) = 0x1f;
}

/* Microseconds from one FRAME flag to the next in continuous mode with these bits of CR. */
static int32_t frame_us(uint32_t cr)
{
    uint32_t start = 0;

    stop();
    dma_start(BUFFER, WORDS);
    dma_stop();
    REG(DMA2 + 0x28) |= 1 << 8 | 1;         /* circular */
    REG(DCMI) = cr | POLARITIES | ENABLE;
    REG(DCMI) = cr | POLARITIES | ENABLE | CAPTURE;
    for (int i = 0; i < 2; i++) {
        wait_for(DCMI + 0x08, FRAME, FRAME, 1000000);
        REG(DCMI + 0x14) = FRAME;
        if (i == 0) {
            start = cycles();
        }
    }
    return (int32_t)((cycles() - start) / 64);
}

/* XCLK 12.8 MHz * 4 / 2 = 25.6 MHz; 576 * 278 pixels of two clocks are 12510 us. */
static void test_rate(void)
{
    small_bars();
    check_near("rate: QVGA, us", frame_us(0), 12510, 30);
    check_near("rate: FCRC takes every other frame", frame_us(1 << 8), 2 * 12510, 60);
    check_near("rate: FCRC takes one frame in four", frame_us(2 << 8), 4 * 12510, 120);
    sensor_write(0x11, 0x81);
    check_near("rate: CLKRC halves it", frame_us(0), 2 * 12510, 60);
    sensor_write(0x11, 0xc0);
    check_near("rate: CLKRC[6] doubles it", frame_us(0), 12510 / 2, 30);
    sensor_write(0x11, 0x80);
    sensor_write(0x0d, 0x81);
    check_near("rate: PLL 6x", frame_us(0), 12510 * 4 / 6, 30);
    sensor_write(0x0d, 0x41);
    sensor_write(0x2d, 78);
    check_near("rate: dummy lines", frame_us(0), 12510 * (278 + 78) / 278, 30);
    sensor_write(0x2d, 0);
    sensor_write(0x12, 0x06);
    check_near("rate: VGA, us", frame_us(0), 31238, 60);
}

static void test_flags(void)
{
    uint32_t lines = 0;

    small_bars();
    stop();
    dma_start(BUFFER, WORDS);
    REG(DCMI) = POLARITIES | ENABLE;
    REG(DCMI) = POLARITIES | ENABLE | SNAPSHOT | CAPTURE;
    wait_for(DCMI + 0x08, VSYNC, VSYNC, 50000);
    check_equal("flags: VSYNC is to be seen at its pin", REG(GPIOB + 0x10) & 1u << 7, 1u << 7);
    wait_us(400);                           /* it lasts four lines, 180 us */
    check_equal("flags: and its end", REG(GPIOB + 0x10) & 1u << 7, 0);
    REG(DCMI + 0x14) = 0x1f;
    while (!(REG(DCMI + 0x08) & FRAME)) {
        if (REG(DCMI + 0x08) & LINE) {
            REG(DCMI + 0x14) = LINE;
            lines++;
        }
    }
    check_equal("flags: lines in a frame", lines, H);
    check_equal("flags: VSYNC with FRAME", REG(DCMI + 0x08) & (VSYNC | FRAME | OVR | ERR), VSYNC | FRAME);
    check_equal("flags: snapshot clears CAPTURE", REG(DCMI) & CAPTURE, 0);
    check_equal("flags: nothing enabled, MIS is 0", REG(DCMI + 0x10), 0);
    REG(DCMI + 0x0c) = FRAME;
    check_equal("flags: MIS is RIS and IER", REG(DCMI + 0x10), FRAME);
    REG(DCMI + 0x0c) = 0;
    check_equal("flags: the DMA took all", REG(DMA2 + 0x2c), 0);
    check_equal("flags: transfer complete", REG(DMA2) >> 6 & 0x3d, 0x30);
    wait_us(30000);
    check_equal("flags: a snapshot is one frame", REG(DMA2 + 0x2c), 0);
}

static void test_stop(void)
{
    small_bars();
    stop();
    dma_start(BUFFER, WORDS);
    REG(DCMI) = POLARITIES | ENABLE;
    REG(DCMI) = POLARITIES | ENABLE | CAPTURE;
    REG(DCMI) = POLARITIES | ENABLE;
    check_equal("stop: before the frame, at once", REG(DCMI) & CAPTURE, 0);
    REG(DCMI) = POLARITIES | ENABLE | CAPTURE;
    wait_for(DMA2 + 0x2c, 0xffffffff, WORDS - 160, 50000);      /* one line is in */
    REG(DCMI) = POLARITIES | ENABLE;
    check_equal("stop: in a frame, CAPTURE reads 1", REG(DCMI) & CAPTURE, CAPTURE);
    check_equal("stop: the frame is finished", wait_for(DCMI, CAPTURE, 0, 20000), true);
    check_equal("stop: all words", REG(DMA2 + 0x2c), 0);
}

static void test_overrun(void)
{
    small_bars();
    stop();
    REG(DCMI) = POLARITIES | ENABLE;
    REG(DCMI) = POLARITIES | ENABLE | CAPTURE;
    check_equal("overrun: no DMA", wait_for(DCMI + 0x08, OVR, OVR, 50000), true);
    check_equal("overrun: FIFO not empty", REG(DCMI + 0x04) & 4, 4);
    check_equal("overrun: the first word is in DR", REG(DCMI + 0x28), 0xffffffff);
    stop();
    dma_start(BUFFER, 160 * 100);
    REG(DCMI) = POLARITIES | ENABLE;
    REG(DCMI) = POLARITIES | ENABLE | SNAPSHOT | CAPTURE;
    wait_for(DCMI + 0x08, FRAME, FRAME, 50000);
    check_equal("overrun: a buffer of 100 lines", REG(DCMI + 0x08) & OVR, OVR);
    check_equal("overrun: ICR clears it", (REG(DCMI + 0x14) = 0x1f, REG(DCMI + 0x08) & OVR), 0);
}

/* Line by line into two buffers, the interrupt flag polled: no line is lost. */
static void test_double_buffer(void)
{
    uint32_t turns = 0;

    small_bars();
    stop();
    dma_start(SRAM1, 160);
    REG(0x58024400 + 0xdc) |= 7u << 29;     /* AHB2ENR: SRAM1 to SRAM3 */
    dma_stop();
    REG(DMA2 + 0x38) = SRAM1 + 1024;
    REG(DMA2 + 0x28) |= 1 << 18 | 1;
    REG(DCMI) = POLARITIES | ENABLE;
    REG(DCMI) = POLARITIES | ENABLE | SNAPSHOT | CAPTURE;
    while (!(REG(DCMI + 0x08) & FRAME)) {
        if (REG(DMA2) & 1 << 11) {          /* TCIF1 */
            REG(DMA2 + 0x08) = 0x3d << 6;
            turns++;
        }
    }
    check_equal("double buffer: one turn a line", turns, H);
    stop();
}

static void test_pins(void)
{
    small_bars();
    pin_function(GPIOE, 6, 0, false);
    snapshot(BUFFER, WORDS, 0);
    check_equal("pins: without PE6, D7 reads 0", REG(BUFFER), 0x7f7f7f7f);
    camera_pins();
    pin_function(GPIOB, 7, 0, false);
    check_equal("pins: without PB7 no VSYNC", snapshot(BUFFER, WORDS, 0), false);
    camera_pins();
    pin_function(GPIOA, 8, 0, false);
    check_equal("pins: without PA8 no XCLK", sensor_write(0x12, 0x80), false);
    pin_function(GPIOA, 8, 1, false);
    pin_function(GPIOB, 9, 0, true);
    check_equal("pins: without PB9 no SDA", sensor_write(0x12, 0x80), false);
    pin_function(GPIOB, 9, 4, true);
    check_equal("pins: all there", sensor_write(0x12, 0x80), true);
}

static void test_reset(void)
{
    REG(DCMI + 0x0c) = 0x1f;
    REG(0x58024400 + 0x84) = 1;             /* AHB2RSTR */
    REG(0x58024400 + 0x84) = 0;
    check_equal("reset: DCMI's bit in the RCC", REG(DCMI + 0x0c), 0);
}

void guest_main(void)
{
    REG(RCC_AHB1ENR) |= 3;
    REG(RCC_AHB2ENR) |= 1;
    i2c_init();
    sensor_up();
    test_rate();
    test_flags();
    test_stop();
    test_overrun();
    test_double_buffer();
    test_pins();
    test_reset();
}
