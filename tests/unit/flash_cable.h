/* SPDX-License-Identifier: MIT */
/* For the tests of omv's flashers: a cable on which one control transfer goes wrong, a clock, and checks that say what they saw. */
#ifndef TESTS_FLASH_CABLE_H
#define TESTS_FLASH_CABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/flasher.h"

enum way { UNPLUG, POWER_CUT, TIME_OUT, STALL, IO_ERROR, SHORT, GARBAGE, WAYS };
static const char *const way_names[] = {"unplugged", "power cut", "no answer", "stall", "transfer error", "short answer", "garbage"};

/* The cable: what happens to control transfer number `at`. */
static struct {
    long n, at;
    enum way way;
    bool gone;
    uint32_t clock, random;
} cable;

/* What the host sees of the transfer whose turn it is; `n` bytes were moved. */
static int spoil(uint8_t *data, int n, bool in)
{
    switch (cable.way) {
    case UNPLUG:
    case POWER_CUT:
        cable.gone = true;
        return DFU_E_GONE;
    case TIME_OUT:
        return DFU_E_TIMEOUT;
    case STALL:
        return DFU_E_STALL;
    case IO_ERROR:
        return DFU_E_IO;
    case SHORT:
        return n > 0 ? n - 1 : n;
    default:
        for (int i = 0; in && i < n; i++)
            data[i] = (uint8_t)((cable.random = cable.random * 1664525u + 1013904223u) >> 24);
        return n;
    }
}

static void sleep_ms(void *context, unsigned ms)
{
    (void)context;
    cable.clock += ms;
}

/* The clock runs with the transfers, so that a device that is busy for ever is noticed. */
static uint32_t now_ms(void *context)
{
    (void)context;
    return cable.clock += 100;
}

#define CHECK(condition, ...)                                                                                                              \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            print_message("%s: ", #condition);                                                                                             \
            print_message(__VA_ARGS__);                                                                                                    \
            print_message("\n");                                                                                                           \
            fail();                                                                                                                        \
        }                                                                                                                                  \
    } while (0)

#endif
