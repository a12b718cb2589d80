/* SPDX-License-Identifier: MIT */
/* machine.bitstream(): bits as pulses of different lengths, for WS2812 and its relatives. */
#include "extmod/modmachine.h"
#include "gpio.h"
#include "irq.h"
#include "py/mphal.h"
#include "system.h"

static inline void wait_until(uint32_t start, uint32_t cycles)
{
    while (DWT->CYCCNT - start < cycles) {
    }
}

/* timing_ns: high and low of a 0, high and low of a 1; the most significant bit of a byte goes first. Each edge is counted from the first one,
   so that errors don't add up. No interrupt comes in between: one would make a 1 of a 0. */
void machine_bitstream_high_low(mp_hal_pin_obj_t pin, uint32_t *timing_ns, const uint8_t *buf, size_t len)
{
    uint32_t high[2], period[2];
    for (unsigned bit = 0; bit < 2; bit++) {
        high[bit] = (uint32_t)((uint64_t)timing_ns[2 * bit] * system_core_mhz / 1000);
        period[bit] = high[bit] + (uint32_t)((uint64_t)timing_ns[2 * bit + 1] * system_core_mhz / 1000);
    }
    pin_id id = (pin_id)pin;
    gpio_output(id, false);
    uint32_t state = irq_disable();
    uint32_t load = SysTick->LOAD, until_tick = SysTick->VAL, start = DWT->CYCCNT, begin = start;
    for (size_t i = 0; i < len; i++) {
        for (unsigned mask = 0x80; mask; mask >>= 1) {
            unsigned bit = (buf[i] & mask) != 0;
            gpio_write(id, true);
            wait_until(start, high[bit]);
            gpio_write(id, false);
            wait_until(start, period[bit]);
            start += period[bit];
        }
    }
    /* One tick of the milliseconds waits, the others were missed. */
    uint32_t cycles = DWT->CYCCNT - begin;
    uint32_t ticks = cycles < until_tick ? 0 : (cycles - until_tick) / (load + 1) + 1;
    irq_restore(state);
    if (ticks > 1) {
        system_add_ms(ticks - 1);
    }
}
