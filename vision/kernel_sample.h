/* SPDX-License-Identifier: MIT */
/* Inner loops of sampling and combining. Rules as in kernel.h: _c is plain C and the oracle, _dsp the SIMD of Armv7E-M. */
#ifndef VISION_KERNEL_SAMPLE_H
#define VISION_KERNEL_SAMPLE_H

#include "vision/kernel.h"

/* (a (32 - weight) + b weight) >> 5, weight 0 .. 32; out may be a or b */
void kernel_mix8_c(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out);
void kernel_mix8_dsp(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out);
void kernel_mix8_mve(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out);

/* The same between src[index[i]] and the pixel behind it, by fraction[i] */
void kernel_mix8_across_c(const uint8_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint8_t *out);
void kernel_mix8_across_mve(const uint8_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint8_t *out);

/* dst[i] = src[index[i]] */
void kernel_pick8_c(const uint8_t *src, const uint16_t *index, int n, uint8_t *dst);
void kernel_pick8_mve(const uint8_t *src, const uint16_t *index, int n, uint8_t *dst);
void kernel_pick16_c(const uint16_t *src, const uint16_t *index, int n, uint16_t *dst);
void kernel_pick16_mve(const uint16_t *src, const uint16_t *index, int n, uint16_t *dst);

/* RGB565 spread over a word so that its channels can be multiplied by up to 32 in all: green at bit 21, red at 11, blue at 0. */
#define KERNEL_SPREAD 0x07E0F81Fu
static inline uint32_t kernel_spread565(uint32_t pixel)
{
    return (pixel | pixel << 16) & KERNEL_SPREAD;
}
static inline uint16_t kernel_join565(uint32_t spread)
{
    return (uint16_t)(spread | spread >> 16);
}

/* The same of RGB565 spread over words: between rows, and between src[index[i]] and the pixel behind it, of which pixels are
   made; and both at once, from rows of pixels, of which `last` is the last. */
void kernel_mix_spread_c(const uint32_t *a, const uint32_t *b, int n, int weight, uint32_t *out);
void kernel_mix_spread_mve(const uint32_t *a, const uint32_t *b, int n, int weight, uint32_t *out);
void kernel_mix_spread_across_c(const uint32_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint16_t *out);
void kernel_mix_spread_across_mve(const uint32_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint16_t *out);
void kernel_mix565_c(const uint16_t *a, const uint16_t *b, int weight, const uint16_t *index, const uint8_t *fraction, int n, int last, uint16_t *out);
void kernel_mix565_mve(const uint16_t *a, const uint16_t *b, int weight, const uint16_t *index, const uint8_t *fraction, int n, int last, uint16_t *out);

/* sum[i] = the sum of rows[k][i] weight[k]; then, at index and fraction, the sum of sum[index - 1 .. index + 2] and four weights, rounded from 1/2^14
   and cut to 0 .. top: bytes, or `shift` bits up into pixels that have 0 there */
void kernel_cubic_down_c(const uint8_t *const rows[4], const int32_t weight[4], int n, int32_t *sum);
void kernel_cubic_down_mve(const uint8_t *const rows[4], const int32_t weight[4], int n, int32_t *sum);
void kernel_cubic8_c(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, uint8_t *out);
void kernel_cubic8_mve(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, uint8_t *out);
void kernel_cubic565_c(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, int top, int shift, uint16_t *out);
void kernel_cubic565_mve(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, int top, int shift, uint16_t *out);

/* sum[i] += row[i] */
void kernel_accumulate8_c(uint16_t *sum, const uint8_t *row, int n);
void kernel_accumulate8_dsp(uint16_t *sum, const uint8_t *row, int n);
void kernel_accumulate8_mve(uint16_t *sum, const uint8_t *row, int n);

/* The means of 2 x 2 pixels of rows a and b, rounded down; n of them */
void kernel_half8_c(const uint8_t *a, const uint8_t *b, int n, uint8_t *out);
void kernel_half8_dsp(const uint8_t *a, const uint8_t *b, int n, uint8_t *out);
void kernel_half8_mve(const uint8_t *a, const uint8_t *b, int n, uint8_t *out);
void kernel_half565_c(const uint16_t *a, const uint16_t *b, int n, uint16_t *out);
void kernel_half565_mve(const uint16_t *a, const uint16_t *b, int n, uint16_t *out);

/* dst = (src weight + dst (256 - weight)) >> 8, weight 0 .. 256; RGB565: in 1/32, weight 0 .. 32, channel by channel */
void kernel_blend_gray_c(const uint8_t *src, int n, int weight, uint8_t *dst);
void kernel_blend_gray_dsp(const uint8_t *src, int n, int weight, uint8_t *dst);
void kernel_blend_gray_mve(const uint8_t *src, int n, int weight, uint8_t *dst);
void kernel_blend_rgb565_c(const uint16_t *src, int n, int weight, uint16_t *dst);
void kernel_blend_rgb565_dsp(const uint16_t *src, int n, int weight, uint16_t *dst);
void kernel_blend_rgb565_mve(const uint16_t *src, int n, int weight, uint16_t *dst);

/* Walks across a picture, 1 << bits pixels each, n in all: pixel i of a walk is src[from + y stride + x], x and y being the whole parts of the lower
   and the upper half of at + i step, signed, in 1/256. No half may overflow on the way. stride is up to 32767. */
struct kernel_walk { int32_t from; uint32_t at, step; };
void kernel_walk8_c(const uint8_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint8_t *dst);
void kernel_walk8_dsp(const uint8_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint8_t *dst);
void kernel_walk16_c(const uint16_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint16_t *dst);
void kernel_walk16_dsp(const uint16_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint16_t *dst);

/* The best there is for this core */
#define kernel_mix8         KERNEL_ALL(mix8)
#define kernel_mix8_across  KERNEL_MVE(mix8_across)
#define kernel_pick8        KERNEL_MVE(pick8)
#define kernel_pick16       KERNEL_MVE(pick16)
#define kernel_mix_spread   KERNEL_MVE(mix_spread)
#define kernel_mix_spread_across KERNEL_MVE(mix_spread_across)
#define kernel_mix565       KERNEL_MVE(mix565)
#define kernel_cubic_down   KERNEL_MVE(cubic_down)
#define kernel_cubic8       KERNEL_MVE(cubic8)
#define kernel_cubic565     KERNEL_MVE(cubic565)
#define kernel_accumulate8  KERNEL_ALL(accumulate8)
#define kernel_half8        KERNEL_ALL(half8)
#define kernel_half565      KERNEL_MVE(half565)
#define kernel_blend_gray   KERNEL_ALL(blend_gray)
#define kernel_blend_rgb565 KERNEL_ALL(blend_rgb565)
#define kernel_walk8        KERNEL_DSP(walk8)
#define kernel_walk16       KERNEL_DSP(walk16)

#endif
