/* SPDX-License-Identifier: MIT */
/* Standard input and output, delays and time for MicroPython. */
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "rtc.h"
#include "runtime/console.h"
#include "shared/runtime/interrupt_char.h"

int mp_hal_stdin_rx_chr(void)
{
    for (;;) {
        uint8_t c;
        if (console_read(&c, 1)) {
            return c;
        }
        mp_event_wait_indefinite();
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags)
{
    uintptr_t ready = 0;
    if ((poll_flags & MP_STREAM_POLL_RD) && console_readable()) {
        ready |= MP_STREAM_POLL_RD;
    }
    if ((poll_flags & MP_STREAM_POLL_WR) && console_writable()) {
        ready |= MP_STREAM_POLL_WR;
    }
    return ready;
}

/* Callbacks are not run while this waits, because print() may be called from one. */
mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length)
{
    console_print(text, length);
    return length;
}

void mp_hal_delay_ms(mp_uint_t ms)
{
    /* In microseconds: the first millisecond of the tick may be almost over. */
    uint64_t end = system_us64() + (uint64_t)ms * 1000;
    do {
        mp_event_wait_ms(1);
    } while (system_us64() < end);
}

uint64_t mp_hal_time_ns(void) { return rtc_get_ns(); }
