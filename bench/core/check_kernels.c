/* SPDX-License-Identifier: MIT */
/* Kernels with SIMD instructions against plain C, bit for bit: random rows of every length and alignment. */
#include <string.h>

#include "core.h"
#include "vision/kernel.h"

#if defined(__ARM_FEATURE_DSP)
static uint32_t state = 1;

static uint32_t rnd(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static int differ(const char *what, int n, const void *a, const void *b, size_t size)
{
    if (memcmp(a, b, size) == 0) {
        return 0;
    }
    put_text("DIFFERENT: ");
    put_text(what);
    put_text(", length ");
    put_number((uint32_t)n);
    put_text("\n");
    return 1;
}

int check_kernels(void)
{
    static _Alignas(4) uint8_t source[260], one[300], two[300];
    static uint32_t table[2048];
    int wrong = 0;

    for (size_t i = 0; i < 2048; i++) {
        table[i] = rnd() ^ rnd() << 16;
    }
    for (int n = 0; n <= 100 && wrong < 10; n++) {
        for (int round = 0; round < 8; round++) {
            int at = round & 3;
            for (size_t i = 0; i < sizeof source; i++) {
                source[i] = (uint8_t)rnd();
            }
            uint32_t low = (rnd() & 255) * 0x01010101u, span = (rnd() & 255) * 0x01010101u;
            memset(one, 0, sizeof one);
            memset(two, 0, sizeof two);
            kernel_gray_range_bits_c(source + at, n, low, span, (uint32_t *)(void *)one);
            kernel_gray_range_bits_dsp(source + at, n, low, span, (uint32_t *)(void *)two);
            wrong += differ("kernel_gray_range_bits", n, one, two, sizeof one);
            memset(one, 0, sizeof one);
            memset(two, 0, sizeof two);
            kernel_gray_table_bits_c(source + at, n, table, (uint32_t *)(void *)one);
            kernel_gray_table_bits_dsp(source + at, n, table, (uint32_t *)(void *)two);
            wrong += differ("kernel_gray_table_bits", n, one, two, sizeof one);
            kernel_rgb565_table_bits_c((const uint16_t *)(const void *)(source + 2 * at), n, table, (uint32_t *)(void *)one);
            kernel_rgb565_table_bits_dsp((const uint16_t *)(const void *)(source + 2 * at), n, table, (uint32_t *)(void *)two);
            wrong += differ("kernel_rgb565_table_bits", n, one, two, sizeof one);
            kernel_rgb565_to_gray_c((const uint16_t *)(const void *)(source + 2 * at), n, one + at);
            kernel_rgb565_to_gray_dsp((const uint16_t *)(const void *)(source + 2 * at), n, two + at);
            wrong += differ("kernel_rgb565_to_gray", n, one, two, sizeof one);
            memcpy(one, two, sizeof one);
            kernel_invert_c(one, (size_t)n);
            kernel_invert_dsp(two, (size_t)n);
            wrong += differ("kernel_invert", n, one, two, sizeof one);
            kernel_move8_c(one + at, source + at, source + 100, n);
            kernel_move8_dsp(two + at, source + at, source + 100, n);
            wrong += differ("kernel_move8", n, one, two, sizeof one);
            int n4 = n / 2 & ~3;
            kernel_debayer_c(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, one, one + 100, one + 200);
            kernel_debayer_dsp(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, two, two + 100, two + 200);
            wrong += differ("kernel_debayer", n4, one, two, sizeof one);
            kernel_debayer_gray_c(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, round & 2, one);
            kernel_debayer_gray_dsp(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, round & 2, two);
            wrong += differ("kernel_debayer_gray", n4, one, two, sizeof one);
            kernel_debayer_rgb565_c(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, round & 2, (uint16_t *)(void *)one);
            kernel_debayer_rgb565_dsp(source + 1 + at, source + 71 + at, source + 140 + at, n4, round & 1, round & 2, (uint16_t *)(void *)two);
            wrong += differ("kernel_debayer_rgb565", n4, one, two, sizeof one);
        }
    }
    return wrong;
}
#else
int check_kernels(void)
{
    return 0;
}
#endif
