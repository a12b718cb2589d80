/* SPDX-License-Identifier: MIT */
/* What checks of kernels share: random numbers, and saying that two versions differ. Included once by a file of checks. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "core.h"

/* 24 bits. */
static inline uint32_t rnd(void)
{
    static uint32_t state = 7;

    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

/* 1 */
static inline int report(const char *what, const char *which, int n)
{
    put_text("DIFFERENT: ");
    put_text(what);
    put_text(which);
    put_number((uint32_t)n);
    put_text("\n");
    return 1;
}

#endif
