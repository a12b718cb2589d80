/* SPDX-License-Identifier: MIT */
/* Kernels of the window filters, of gradients and of sampling. */
#include "check.h"
#include "vision/kernel_gradient.h"
#include "vision/kernel_sample.h"
#include "vision/kernel_window.h"

static uint16_t columns[ROOM];

/* A source row cut to the bits of a channel */
static const uint8_t *bits_only(int row, int mask)
{
    for (int i = 0; i < ROOM; i++) {
        source[row][i] &= (uint8_t)mask;
    }
    return source[row];
}

/* Sums of columns of bytes, up to `most` */
static void fill_columns(uint32_t most)
{
    for (int i = 0; i < ROOM; i++) {
        columns[i] = (uint16_t)((rnd() >> 8) % (most + 1));
    }
}

int check_window(void)
{
    static const int small[9] = {1, -2, 3, -30, 61, 5, 7, -8, -9};
    static const int weights[9] = {-32768, 32767, 3, -7, 11, 13, -17, 0, 1};
    static _Alignas(4) uint8_t full[ROOM], walked[80][80];
    static int32_t cubic[16][4], sums[ROOM];
    struct kernel_walk walks[8];
    int wrong = 0;

    memset(full, 32, sizeof full);
    for (int i = 0; i < 16 * 4; i++) {
        cubic[i / 4][i % 4] = i * 37 % 145 - 16;
    }
    for (int i = 0; i < 80 * 80; i++) {
        walked[i / 80][i % 80] = (uint8_t)(i * 7 + i / 80);
    }
    for (int n = 0; n <= MOST / 2 && wrong < 10; n++) {
        uint8_t (*s)[ROOM] = source;
        COMPARE(kernel_unpack565, n, ((const uint16_t *)(const void *)s[0], n, to->bytes[0], to->bytes[1], to->bytes[2]));
        COMPARE(kernel_pack565, n, (bits_only(0, 31), bits_only(1, 63), bits_only(2, 31), n, to->halves));
        COMPARE(kernel_column_slide, n, (to->halves, s[4] + 1, s[5] + 3, n));
        COMPARE(kernel_min8, n, (to->bytes[0], s[4] + 1, s[5], n));
        COMPARE(kernel_max8, n, (to->bytes[0], s[4], s[5] + 2, n));
        COMPARE(kernel_sort3, n, (s[3] + 1, s[4] + 1, s[5] + 1, n, to->bytes[0], to->bytes[1], to->bytes[2]));
        COMPARE(kernel_median9, n, (s[3], s[4], s[5], n, to->bytes[0]));
        COMPARE(kernel_sort5, n, (((const uint8_t *const[]){s[0], s[1], s[2], s[3], s[4]}), 3, n,
                                  ((uint8_t *const[]){to->bytes[0], to->bytes[0] + 60, to->bytes[1] + 8, to->bytes[2], to->bytes[3]})));
        COMPARE(kernel_median25, n, (((uint8_t *const[]){s[0] + 1, s[1], s[2], s[3], s[4]}), n, to->bytes[0]));
        COMPARE(kernel_binomial3_down, n, (s[3] + 3, s[4] + 3, s[5] + 3, n, to->halves));
        COMPARE(kernel_binomial5_down, n, (((const uint8_t *const[]){s[0], s[1], s[2], s[3], s[4]}), 3, n, to->halves));
        COMPARE(kernel_convolve3, n, (s[3] + 1, s[4] + 1, s[5] + 1, n, weights, to->words));
        COMPARE(kernel_convolve3_cut, n, (s[3] + 1, s[4] + 1, s[5] + 1, n, weights, n - 9, n % 3 == 0 ? 31 : n % 3 == 1 ? 63 : 255, to->bytes[0]));
        COMPARE(kernel_convolve3_cut, n, (s[3] + 1, s[4] + 1, s[5] + 1, n, small, n - 9, 255, to->bytes[0]));
        COMPARE(kernel_mix8, n, (s[3] + 1, s[4] + 2, n, n % 33, to->bytes[0]));
        COMPARE(kernel_half8, n, (s[3] + 1, s[5] - 2, n, to->bytes[0]));
        COMPARE(kernel_accumulate8, n, (to->halves, s[4] + 3, n));
        COMPARE(kernel_blend_gray, n, (s[5] + 1, n, n * 5, to->bytes[0] + 2));
        for (int i = 0; i < 8; i++) {
            uint32_t down = i & 1 ? 0xFEC0 : 0x144, right = i & 2 ? 0xFED3 : 0x1D0;
            walks[i] = (struct kernel_walk){40 * i, (uint32_t)(n * 5 + i) << 16 | 77, down << 16 | right};
        }
        COMPARE(kernel_walk8, n, (walked[40], 80, walks, 3 + n % 2, n, to->bytes[0] + 1));
        COMPARE(kernel_walk16, n, ((const uint16_t *)(const void *)walked[40], 40, walks, 3 + n % 2, n, to->halves));
        COMPARE(kernel_native_to_gray, n, (bits_only(0, 31), bits_only(1, 63), bits_only(2, 31), n, to->bytes[0]));
        COMPARE(kernel_select8, n, ((const uint32_t *)(const void *)s[5], n, s[4] + 1, to->bytes[0]));
        COMPARE(kernel_select16, n, ((const uint32_t *)(const void *)s[5], n, (const uint16_t *)(const void *)s[4], to->halves));
        COMPARE(kernel_half565, n, ((const uint16_t *)(const void *)s[0], (const uint16_t *)(const void *)s[2], n / 2, to->halves));
        COMPARE(kernel_blend_rgb565, n, ((const uint16_t *)(const void *)s[0], n, n % 33, to->halves));
        COMPARE(kernel_sobel, n, (s[3] + 2, s[4] + 1, s[5] + 4, n, (uint32_t *)(void *)to->words));
        int side = 3 + 2 * (n % 5), shift = 31 - __builtin_clz((unsigned)(side * side));
        fill_columns(255u * (unsigned)side);
        COMPARE(kernel_mean_across, n, (columns, n, side, ((0x10000u << shift) + (unsigned)(side * side) - 1) / (unsigned)(side * side), shift, to->bytes[0]));
        fill_columns(255);
        COMPARE(kernel_mix8_across, n, (s[0], columns, n & 1 ? full : bits_only(4, 31), n, to->bytes[0]));
        fill_columns(ROOM - 2);
        COMPARE(kernel_pick8, n, (s[0] + 1, columns, n, to->bytes[0]));
        COMPARE(kernel_pick16, n, ((const uint16_t *)(const void *)s[0], columns, n, to->halves));
        COMPARE(kernel_mix_spread, n / 2, ((const uint32_t *)(const void *)s[0], (const uint32_t *)(const void *)s[2], n / 2, n % 33, (uint32_t *)(void *)to->words));
        COMPARE(kernel_mix_spread_across, n, ((const uint32_t *)(const void *)s[0], columns, n & 1 ? full : bits_only(5, 31), n, to->halves));
        COMPARE(kernel_mix565, n, ((const uint16_t *)(const void *)s[0], (const uint16_t *)(const void *)s[2], n % 33, columns, n & 1 ? full : bits_only(5, 31), n,
                                   ROOM - 2 - n % 3, to->halves));
        fill_columns(ROOM - 4);
        for (int i = 0; i < ROOM; i++) {    /* 255 * 145 at most */
            sums[i] = (int32_t)(rnd() >> 15) - 65536;
        }
        COMPARE(kernel_cubic_down, n, (((const uint8_t *const[]){s[2], s[3] + 1, s[4] + 2, s[5]}), cubic[n % 16], n, to->words));
        COMPARE(kernel_cubic8, n, (sums + 1, columns, bits_only(5, 15), cubic, n, to->bytes[0]));
        COMPARE(kernel_cubic565, n, (sums + 1, columns, bits_only(5, 15), cubic, n, n & 1 ? 63 : 31, n % 12, to->halves));
        fill_columns(1020);
        COMPARE(kernel_binomial3_across, n, (columns, n, to->bytes[0]));
        COMPARE(kernel_minus_binomial3, n, (s[0], columns, n, n & 1 ? 16 : 28, n & 2 ? 255 : 31, to->bytes[0]));
        fill_columns(4080);
        COMPARE(kernel_binomial5_across, n, (columns, n, to->bytes[0]));
    }
    return wrong;
}
