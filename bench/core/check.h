/* SPDX-License-Identifier: MIT */
/* Comparing kernels: plain C and what the core's own instructions do, bit for bit, on random rows. Included once by a file of checks. */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include <string.h>

#include "report.h"

enum { MOST = 100, ROOM = MOST + 12 };

static _Alignas(8) uint8_t source[6][ROOM];
static union { uint8_t bytes[4][ROOM]; uint16_t halves[2 * ROOM]; int32_t words[ROOM]; } one, two;

static void refill(void)
{
    uint8_t *p = source[0];

    for (size_t i = 0; i < sizeof source; i++) {
        p[i] = (uint8_t)(rnd() >> 16);
    }
    memcpy(&one, source, sizeof one < sizeof source ? sizeof one : sizeof source);
    two = one;
}

static int differ(const char *what, int n)
{
    return memcmp(&one, &two, sizeof one) ? report(what, ", length ", n) : 0;
}

/* Calls both versions with the same arguments; `to` is one or two. */
#define COMPARE(name, n, arguments)                                                                                                        \
    do {                                                                                                                                   \
        refill();                                                                                                                          \
        {                                                                                                                                  \
            __typeof__(one) *to = &one;                                                                                                    \
            name##_c arguments;                                                                                                            \
        }                                                                                                                                  \
        {                                                                                                                                  \
            __typeof__(two) *to = &two;                                                                                                    \
            name arguments; /* the best for this core */                                                                                   \
        }                                                                                                                                  \
        wrong += differ(#name, n);                                                                                                         \
    } while (0)

#endif
