/* SPDX-License-Identifier: MIT */
/* Inner loops of the window filters, over rows of bytes. Rules as in kernel.h: _c is plain C and the oracle, _dsp the SIMD of Armv7E-M.
   Rows are 4-byte aligned where not said otherwise, and are read and written up to the next multiple of 4. */
#ifndef VISION_KERNEL_WINDOW_H
#define VISION_KERNEL_WINDOW_H

#include "vision/kernel.h"

/* RGB565 to its channels' own 5, 6 and 5 bits, back (no more bits than those), and those to gray */
void kernel_unpack565_c(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_unpack565_dsp(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_unpack565_mve(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_pack565_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);
void kernel_pack565_dsp(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);
void kernel_pack565_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);
void kernel_native_to_gray_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray);
void kernel_native_to_gray_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray);

/* dst[i] = src[i] where bit i is clear */
void kernel_select8_c(const uint32_t *bits, int n, const uint8_t *src, uint8_t *dst);
void kernel_select8_mve(const uint32_t *bits, int n, const uint8_t *src, uint8_t *dst);
void kernel_select16_c(const uint32_t *bits, int n, const uint16_t *src, uint16_t *dst);
void kernel_select16_mve(const uint32_t *bits, int n, const uint16_t *src, uint16_t *dst);

/* column[i] += in[i] - out[i], modulo 2^16; src need not be aligned */
void kernel_column_slide_c(uint16_t *column, const uint8_t *in, const uint8_t *out, int n);
void kernel_column_slide_dsp(uint16_t *column, const uint8_t *in, const uint8_t *out, int n);
void kernel_column_slide_mve(uint16_t *column, const uint8_t *in, const uint8_t *out, int n);

/* Byte-wise; nothing need be aligned; dst may be a or b */
void kernel_min8_c(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
void kernel_min8_dsp(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
void kernel_min8_mve(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
void kernel_max8_c(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
void kernel_max8_dsp(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
void kernel_max8_mve(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);

/* The median of 3 x 3: each column sorted (n columns); then, of three neighbouring columns, the median of the greatest minimum, the median
   of the medians and the least maximum (n results, each of columns i, i + 1, i + 2) */
void kernel_sort3_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high);
void kernel_sort3_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high);
void kernel_sort3_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high);
void kernel_median9_c(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out);
void kernel_median9_dsp(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out);
void kernel_median9_mve(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out);

/* The median of 5 x 5: each column of rows[0] .. rows[4] from byte `at` on sorted into column[0] .. column[4] (n columns); then the median of
   five neighbouring columns (n results, each of columns i .. i + 4) */
void kernel_sort5_c(const uint8_t *const *rows, int at, int n, uint8_t *const *column);
void kernel_sort5_dsp(const uint8_t *const *rows, int at, int n, uint8_t *const *column);
void kernel_sort5_mve(const uint8_t *const *rows, int at, int n, uint8_t *const *column);
void kernel_median25_c(uint8_t *const *column, int n, uint8_t *out);
void kernel_median25_dsp(uint8_t *const *column, int n, uint8_t *out);
void kernel_median25_mve(uint8_t *const *column, int n, uint8_t *out);

/* Cores without SIMD are faster with a sliding histogram. */
#if defined(__arm__) && !(defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32))
#define KERNEL_MEDIAN25_PAYS 0
#else
#define KERNEL_MEDIAN25_PAYS 1
#endif

/* The mean of a window of `side` by `side`, 3 .. 11, from the sums of its columns, rounded down; n of them. A sum times reciprocal,
   ceil(2^(16 + shift) / side^2), >> (16 + shift), with shift = floor(log2(side^2)), is exact. */
void kernel_mean_across_c(const uint16_t *column, int n, int side, uint32_t reciprocal, int shift, uint8_t *out);
void kernel_mean_across_mve(const uint16_t *column, int n, int side, uint32_t reciprocal, int shift, uint8_t *out);

/* With Helium three rows of bytes are faster than a row of words that hold three channels. */
#if defined(__ARM_FEATURE_MVE)
#define KERNEL_SPREAD_PAYS 0
#else
#define KERNEL_SPREAD_PAYS 1
#endif

/* a + 2 b + c of bytes, down a column; then (v[i] + 2 v[i + 1] + v[i + 2]) >> 4 */
void kernel_binomial3_down_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v);
void kernel_binomial3_down_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v);
void kernel_binomial3_down_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v);
void kernel_binomial3_across_c(const uint16_t *v, int n, uint8_t *out);
void kernel_binomial3_across_dsp(const uint16_t *v, int n, uint8_t *out);
void kernel_binomial3_across_mve(const uint16_t *v, int n, uint8_t *out);

/* The pixel times 16 or 28 (center), less that sum, never below 0; a twelfth of it, at most top: laplacian, sharpened */
void kernel_minus_binomial3_c(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out);
void kernel_minus_binomial3_dsp(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out);
void kernel_minus_binomial3_mve(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out);

/* rows[0] + 4 rows[1] + 6 rows[2] + 4 rows[3] + rows[4] from byte `at` on; then the same weights across, >> 8 */
void kernel_binomial5_down_c(const uint8_t *const *rows, int at, int n, uint16_t *v);
void kernel_binomial5_down_dsp(const uint8_t *const *rows, int at, int n, uint16_t *v);
void kernel_binomial5_down_mve(const uint8_t *const *rows, int at, int n, uint16_t *v);
void kernel_binomial5_across_c(const uint16_t *v, int n, uint8_t *out);
void kernel_binomial5_across_dsp(const uint16_t *v, int n, uint8_t *out);
void kernel_binomial5_across_mve(const uint16_t *v, int n, uint8_t *out);

/* Sum of 3 x 3 weights times the pixels around a[i], b[i], c[i], where weights fit 16 bits */
void kernel_convolve3_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum);
void kernel_convolve3_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum);
void kernel_convolve3_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum);

/* The same plus bias, cut to 0 .. top: 31, 63 or 255 */
void kernel_convolve3_cut_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out);
void kernel_convolve3_cut_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out);
void kernel_convolve3_cut_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out);

/* The best there is for this core */
#define kernel_unpack565        KERNEL_ALL(unpack565)
#define kernel_pack565          KERNEL_ALL(pack565)
#define kernel_native_to_gray   KERNEL_MVE(native_to_gray)
#define kernel_select8          KERNEL_MVE(select8)
#define kernel_select16         KERNEL_MVE(select16)
#define kernel_column_slide     KERNEL_ALL(column_slide)
#define kernel_min8             KERNEL_ALL(min8)
#define kernel_max8             KERNEL_ALL(max8)
#define kernel_sort3            KERNEL_ALL(sort3)
#define kernel_median9          KERNEL_ALL(median9)
#define kernel_sort5            KERNEL_ALL(sort5)
#define kernel_median25         KERNEL_ALL(median25)
#define kernel_mean_across      KERNEL_MVE(mean_across)
#define kernel_binomial3_down   KERNEL_ALL(binomial3_down)
#define kernel_binomial3_across KERNEL_ALL(binomial3_across)
#define kernel_minus_binomial3  KERNEL_ALL(minus_binomial3)
#define kernel_binomial5_down   KERNEL_ALL(binomial5_down)
#define kernel_binomial5_across KERNEL_ALL(binomial5_across)
#define kernel_convolve3        KERNEL_ALL(convolve3)
#define kernel_convolve3_cut    KERNEL_ALL(convolve3_cut)

#endif
