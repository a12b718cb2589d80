/* SPDX-License-Identifier: MIT */
/* The guest: a device that echoes, counts, stalls, disconnects and wakes up as its host asks it to (device.h). */
#include "device.h"

#include "dwc2.h"

enum { BULK = 2, INTERRUPT = 3, PACKET = HS ? 512 : 64, TICK_PACKET = 8 };

/* DMA can't reach the DTCM: every buffer is in AXI SRAM. */
static uint8_t *const control = (uint8_t *)0x24000000, *const loop = (uint8_t *)0x24010000, *const stream = (uint8_t *)0x24020000,
               *const sink = (uint8_t *)0x24030000, *const tick = (uint8_t *)0x24040000, *const descriptor = (uint8_t *)0x24050000;

static struct counters counters;
static uint8_t request[8];
static uint32_t in_left, out_left, out_done, echo_length, ticks, product = TEST_PRODUCT, next_product = TEST_PRODUCT;
static volatile uint32_t milliseconds;
static const uint8_t *in_data;
static bool in_zero, held, hold;
static uint8_t configuration, alternate;
static volatile uint32_t disconnect_ms, wake_ms, deaf_ms;
static volatile bool wake_now, bootloader;

/* --- descriptors --- */

#define LOW(v) ((v) & 255)
#define HIGH(v) ((v) >> 8)
#define ENDPOINT(address, type, size, interval) 7, 5, address, type, LOW(size), HIGH(size), interval

static const uint8_t device_descriptor[18] = {
    18, 1, 0, 2, 0xff, 0, 0, 64, LOW(TEST_VENDOR), HIGH(TEST_VENDOR), 0, 0, 0x34, 0x12, 1, 2, 3, 1,
};
static const uint8_t configuration_descriptor[9 + 9 + 5 * 7 + 9 + 2 * 7] = {
    9, 2, 9 + 9 + 5 * 7 + 9 + 2 * 7, 0, 1, 1, 0, 0xa0, 50,
    9, 4, 0, 0, 5, 0xff, 0, 0, 0,
    ENDPOINT(EP_LOOP, BULK, PACKET, 0), ENDPOINT(0x80 | EP_LOOP, BULK, PACKET, 0),
    ENDPOINT(0x80 | EP_TICK, INTERRUPT, TICK_PACKET, HS ? 7 : TICK_INTERVAL),
    ENDPOINT(EP_STREAM, BULK, PACKET, 0), ENDPOINT(0x80 | EP_STREAM, BULK, PACKET, 0),
    9, 4, 0, 1, 2, 0xff, 0, 0, 0,
    ENDPOINT(EP_LOOP, BULK, PACKET, 0), ENDPOINT(0x80 | EP_LOOP, BULK, PACKET, 0),
};
static const char *const strings[] = { "Tests", "Loopback", "TEST0123" };

static int get_descriptor(unsigned type, unsigned index)
{
    const char *text;

    switch (type) {
    case 1:
        memcpy(descriptor, device_descriptor, 18);
        descriptor[10] = LOW(product);
        descriptor[11] = HIGH(product);
        return 18;
    case 2:
        memcpy(descriptor, configuration_descriptor, sizeof(configuration_descriptor));
        return sizeof(configuration_descriptor);
    case 3:
        descriptor[1] = 3;
        if (!index) {
            descriptor[2] = 9;
            descriptor[3] = 4;
            return descriptor[0] = 4;
        }
        text = index < 4 ? strings[index - 1] : "";
        for (descriptor[0] = 2; *text; descriptor[0] += 2) {
            descriptor[descriptor[0]] = (uint8_t)*text++;
            descriptor[descriptor[0] + 1] = 0;
        }
        return index < 4 ? descriptor[0] : -1;
    default:
        return -1;
    }
}

/* --- endpoints --- */

static void send_tick(void)
{
    memcpy(tick, &ticks, 4);
    usb_send(EP_TICK, tick, 4, false);
}

static void close_all(void)
{
    for (unsigned n = 1; n < MAX_EP; n++) {
        usb_close(n, true);
        if (n != EP_TICK) {
            usb_close(n, false);
        }
    }
}

static void configure(void)
{
    close_all();
    held = hold = false;
    if (!configuration) {
        return;
    }
    usb_open(EP_LOOP, false, BULK, PACKET);
    usb_open(EP_LOOP, true, BULK, PACKET);
    usb_receive(EP_LOOP, loop, LOOP_SIZE);
    if (alternate == 0) {
        usb_open(EP_TICK, true, INTERRUPT, TICK_PACKET);
        usb_open(EP_STREAM, false, BULK, PACKET);
        usb_open(EP_STREAM, true, BULK, PACKET);
        send_tick();
        usb_receive(EP_STREAM, sink, 8 * PACKET);
        usb_send(EP_STREAM, stream, 8 * PACKET, false);
    }
}

/* --- control transfers --- */

static void stall(void)
{
    usb_stall(0, true, true);
    usb_stall(0, false, true);
}

static void send_next(void)
{
    uint32_t length = in_left < 64 ? in_left : 64;

    if (in_left < 64) {
        in_zero = false;
    }
    usb_send(0, in_data, length, false);
    in_data += length;
    in_left -= length;
}

static void reply(const void *data, uint32_t length)
{
    uint32_t wanted = request[6] | (uint32_t)request[7] << 8;

    in_data = data;
    in_left = length < wanted ? length : wanted;
    in_zero = length < wanted && length % 64 == 0;
    usb_receive(0, control, 64);                        /* the status stage, whenever the host wants it */
    send_next();
}

static void acknowledge(void)
{
    usb_send(0, control, 0, false);
}

/* A vendor request without data, or whose data has come. */
static void vendor(uint32_t value, uint32_t index)
{
    switch (request[1]) {
    case REQUEST_ECHO:
        break;
    case REQUEST_STALL:
        usb_stall(value & 15, value & 0x80, index);
        break;
    case REQUEST_DISCONNECT:
        disconnect_ms = value;
        next_product = index;
        break;
    case REQUEST_WAKE:
        wake_ms = value;
        break;
    case REQUEST_HOLD:
        hold = value;
        if (held && !hold) {
            held = false;
            usb_receive(EP_LOOP, loop, LOOP_SIZE);
        }
        break;
    case REQUEST_IDENTITY:
        next_product = index;
        break;
    case REQUEST_DEAF:
        deaf_ms = value;
        break;
    case REQUEST_BOOTLOADER:
        bootloader = true;
        break;
    case REQUEST_SILENCE:
        return;
    default:
        stall();
        return;
    }
    acknowledge();
}

static void standard(uint32_t value, uint32_t index)
{
    int length;

    switch (request[0] << 8 | request[1]) {
    case 0x0005:
        usb_set_address(value);
        break;
    case 0x0009:
        configuration = (uint8_t)value;
        alternate = 0;
        counters.configurations++;
        configure();
        break;
    case 0x010b:
        if (value > 1) {
            stall();
            return;
        }
        alternate = (uint8_t)value;
        configure();
        break;
    case 0x0201: case 0x0203:
        usb_stall(index & 15, index & 0x80, request[1] == 3);
        break;
    case 0x0001: case 0x0003:
        break;
    case 0x8000: case 0x8100: case 0x8200:
        descriptor[0] = descriptor[1] = 0;
        reply(descriptor, 2);
        return;
    case 0x8006:
        length = get_descriptor(value >> 8, value & 255);
        if (length < 0) {
            stall();
        } else {
            reply(descriptor, (uint32_t)length);
        }
        return;
    case 0x810a:
        descriptor[0] = alternate;
        reply(descriptor, 1);
        return;
    default:
        stall();
        return;
    }
    acknowledge();
}

void device_setup(const uint8_t setup[8])
{
    uint32_t value = setup[2] | (uint32_t)setup[3] << 8, index = setup[4] | (uint32_t)setup[5] << 8, length = setup[6] | (uint32_t)setup[7] << 8;

    memcpy(request, setup, 8);
    counters.setups++;
    out_left = 0;
    if ((request[0] & 0x60) == 0) {
        standard(value, index);
    } else if (request[0] == 0xc0 && request[1] == REQUEST_ECHO) {
        reply(control, echo_length);
    } else if (request[0] == 0xc0 && request[1] == REQUEST_COUNTERS) {
        memcpy(descriptor, &counters, sizeof(counters));
        reply(descriptor, sizeof(counters));
    } else if (request[0] == 0xc0 && request[1] == REQUEST_SILENCE) {
        return;
    } else if (request[0] == 0x40 && request[1] == REQUEST_ECHO && length && length <= LOOP_SIZE) {
        out_left = echo_length = length;
        out_done = 0;
        usb_receive(0, control, 64);
    } else if (request[0] == 0x40 && !length) {
        echo_length = request[1] == REQUEST_ECHO ? 0 : echo_length;
        vendor(value, index);
    } else {
        stall();
    }
}

void device_in_done(unsigned n)
{
    if (n == 0 && (in_left || in_zero)) {
        send_next();
    } else if (n == EP_TICK) {
        ticks++;
        send_tick();
    } else if (n == EP_STREAM) {
        usb_send(EP_STREAM, stream, 8 * PACKET, false);
    } else if (n == EP_LOOP) {
        held = hold;
        if (!hold) {
            usb_receive(EP_LOOP, loop, LOOP_SIZE);
        }
    }
}

void device_out_done(unsigned n, uint32_t length)
{
    if (n == EP_LOOP) {
        usb_send(EP_LOOP, loop, length, true);
    } else if (n == EP_STREAM) {
        usb_receive(EP_STREAM, sink, 8 * PACKET);
    } else if (n == 0 && out_left) {
        out_done += length;
        out_left -= length < out_left ? length : out_left;
        if (out_left) {
            usb_receive(0, control + out_done, 64);
        } else {
            vendor(request[2] | (uint32_t)request[3] << 8, request[4] | (uint32_t)request[5] << 8);
        }
    }
}

void device_reset(void)
{
    counters.resets++;
    configuration = alternate = 0;
    in_left = out_left = 0;
    in_zero = false;
    product = next_product;
}

void device_event(uint32_t flag)
{
    counters.suspends += flag == INT_USBSUSP;
    counters.resumes += flag == INT_WKUP;
    counters.frames += flag == INT_SOF;
    counters.session_ends += flag == INT_OTG;
    wake_now |= flag == INT_USBSUSP && wake_ms;
}

static void count_millisecond(void)
{
    milliseconds++;
}

static void pause_ms(uint32_t ms)
{
    uint32_t start = milliseconds;

    while (milliseconds - start < ms) {
        __asm volatile("wfi");
    }
}

/* Nothing is put in order first: interrupts, clocks and USB are as they are. */
__attribute__((noreturn)) static void jump_to_bootloader(void)
{
    __asm volatile("ldr r0, =0x1ff09800 \n ldr r1, [r0] \n msr msp, r1 \n ldr r1, [r0, #4] \n bx r1 \n .ltorg");
    __builtin_unreachable();
}

void guest_main(void)
{
    for (uint32_t i = 0; i < 8 * PACKET; i++) {
        stream[i] = (uint8_t)i;
    }
    on_exception(15, count_millisecond);
    REG(0xe000e014) = CPU_HZ / 1000 - 1;
    REG(0xe000e018) = 0;
    REG(0xe000e010) = 7;
    usb_start();
    for (;;) {
        __asm volatile("wfi");
        if (disconnect_ms) {
            pause_ms(5);                                /* the request's status stage */
            usb_connect(false);
            pause_ms(disconnect_ms);
            disconnect_ms = 0;
            product = next_product;
            usb_connect(true);
        }
        if (deaf_ms) {
            pause_ms(5);
            REG(0xe000e180 + OTG_IRQ / 32 * 4) = 1u << OTG_IRQ % 32;
            pause_ms(deaf_ms);
            deaf_ms = 0;
            REG(NVIC_ISER + OTG_IRQ / 32 * 4) = 1u << OTG_IRQ % 32;
        }
        if (bootloader) {
            pause_ms(5);
            jump_to_bootloader();
        }
        if (wake_now) {
            pause_ms(wake_ms);
            wake_ms = 0;
            wake_now = false;
            R(DCTL) |= 1;                               /* RWUSIG, for 1 to 15 ms */
            pause_ms(5);
            R(DCTL) &= ~1u;
        }
    }
}
