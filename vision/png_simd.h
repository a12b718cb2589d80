/* SPDX-License-Identifier: MIT */
/* Four bytes of a word at once, as the PNG filters and Adler-32 want them: by the SIMD instructions of Armv7E-M, or, elsewhere, the same
   in C, so that what is written with them can be tested on any machine. */
#ifndef VISION_PNG_SIMD_H
#define VISION_PNG_SIMD_H

#include <stdint.h>
#include <string.h>

static inline void png_store16(void *p, uint32_t v)
{
    uint16_t half = (uint16_t)v;
    memcpy(p, &half, 2);
}

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"

/* Sums and differences modulo 256; means rounded down. */
static inline uint32_t png_add4(uint32_t a, uint32_t b)
{
    return __uadd8(a, b);
}

static inline uint32_t png_sub4(uint32_t a, uint32_t b)
{
    return __usub8(a, b);
}

static inline uint32_t png_mean4(uint32_t a, uint32_t b)
{
    return __uhadd8(a, b);
}

/* sum + the bytes */
static inline uint32_t png_sum4(uint32_t w, uint32_t sum)
{
    return __usada8(w, 0, sum);
}

/* sum + the absolute values of the bytes as signed numbers */
static inline uint32_t png_size4(uint32_t w, uint32_t sum)
{
    uint32_t negative = (uint32_t)__ssub8(0, (int8x4_t)w);
    return __usada8(__sel(negative, w), 0, sum);
}

/* sum + 4, 3, 2, 1 times the bytes, from the first on */
static inline uint32_t png_weigh4(uint32_t w, uint32_t sum)
{
    return (uint32_t)__smlad((int16x2_t)kernel_odd_bytes(w), 1 << 16 | 3, __smlad((int16x2_t)__uxtb16(w), 2 << 16 | 4, (int32_t)sum));
}

/* Paeth's predictor. On the side of c on which both a and b lie, the nearer of the two wins: |a + b - 2 c| is the sum of their distances.
   With c between them it is the difference, and c wins when that is smaller than both. */
static inline uint32_t png_paeth4(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t below = __usub8(c, b), above = __usub8(b, c);
    uint32_t pa = __sel(above, below), b_side = __sel(0xFFFFFFFFu, 0);
    below = __usub8(c, a);
    above = __usub8(a, c);
    uint32_t pb = __sel(above, below), same_side = ~(b_side ^ __sel(0xFFFFFFFFu, 0));
    below = __usub8(pa, pb);
    above = __usub8(pb, pa);
    uint32_t pc = __sel(above, below), least = __sel(pa, pb), nearer = __sel(a, b);
    __usub8(pc | same_side, least);
    return __sel(nearer, c);
}
#else

static inline uint32_t png_add4(uint32_t a, uint32_t b)
{
    return ((a & 0x7F7F7F7Fu) + (b & 0x7F7F7F7Fu)) ^ ((a ^ b) & 0x80808080u);
}

static inline uint32_t png_sub4(uint32_t a, uint32_t b)
{
    return ((a | 0x80808080u) - (b & 0x7F7F7F7Fu)) ^ ((a ^ ~b) & 0x80808080u);
}

static inline uint32_t png_mean4(uint32_t a, uint32_t b)
{
    return (a & b) + (((a ^ b) & 0xFEFEFEFEu) >> 1);
}

static inline uint32_t png_sum4(uint32_t w, uint32_t sum)
{
    return sum + (w & 255) + (w >> 8 & 255) + (w >> 16 & 255) + (w >> 24);
}

static inline uint32_t png_size4(uint32_t w, uint32_t sum)
{
    for (int i = 0; i < 32; i += 8) {
        uint32_t v = w >> i & 255;
        sum += v < 128 ? v : 256 - v;
    }
    return sum;
}

static inline uint32_t png_weigh4(uint32_t w, uint32_t sum)
{
    return sum + 4 * (w & 255) + 3 * (w >> 8 & 255) + 2 * (w >> 16 & 255) + (w >> 24);
}

static inline uint32_t png_paeth4(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t out = 0;

    for (int i = 0; i < 32; i += 8) {
        int x = (int)(a >> i & 255), y = (int)(b >> i & 255), z = (int)(c >> i & 255);
        int pa = y > z ? y - z : z - y, pb = x > z ? x - z : z - x, pc = x + y - 2 * z;
        pc = pc < 0 ? -pc : pc;
        out |= (uint32_t)(pa <= pb && pa <= pc ? x : pb <= pc ? y : z) << i;
    }
    return out;
}
#endif

#endif
