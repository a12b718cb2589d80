/* SPDX-License-Identifier: MIT */
/* YCbCr -> RGB565 (JFIF: full-range BT.601), two pixels in the lanes of one word.
   Lanes hold value * 64, weights are in 1/64. A negative low lane borrows 1/64 from the high one: no more than a rounding error. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"

#pragma GCC optimize("no-schedule-insns")  /* fewer spills */

enum { RV = 90, GU = 22, GV = 46, BU = 113 };   /* 1.402, 0.344, 0.714, 1.772 */

/* -128 * weights, and half of 1 to round. */
#define BOTH(value) ((uint32_t)(value) * 0x00010001u)
#define RED_BIAS BOTH(-128 * RV + 32)
#define GREEN_BIAS BOTH(128 * (GU + GV) + 32)
#define BLUE_BIAS BOTH(-128 * BU + 32)

struct chroma {
    uint32_t r, g, b;
};

/* What chroma adds to the channels of two pixels. */
static inline struct chroma chroma_of(uint32_t u, uint32_t v)
{
    return (struct chroma){v * simd_keep(RV) + RED_BIAS, GREEN_BIAS - u * simd_keep(GU) - v * simd_keep(GV),
                           u * simd_keep(BU) + BLUE_BIAS};
}

static inline uint32_t rgb565(uint32_t y, struct chroma c)
{
    uint32_t r = simd_usat16_14((y << 6) + c.r), g = simd_usat16_14((y << 6) + c.g), b = simd_usat16_14((y << 6) + c.b);

    return (r & 0x3E003E00) << 2 | (g & 0x3F003F00) >> 3 | (b & 0x3E003E00) >> 9;
}

static inline uint32_t even(uint32_t w)
{
    return w & 0x00FF00FF;
}

static inline uint32_t odd(uint32_t w)
{
    return w >> 8 & 0x00FF00FF;
}

/* Four pixels, two of them in the lanes of a and b each: 0 and 2, 1 and 3. */
static inline void store_4(uint16_t *out, uint32_t a, uint32_t b)
{
    store32(out, simd_pkhbt(a, b));
    store32(out + 2, simd_pkhtb(a, b));
}

static inline __attribute__((always_inline)) void full_4(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out)
{
    uint32_t w = load32(y), u = load32(cb), v = load32(cr);
    uint32_t a = rgb565(even(w), chroma_of(even(u), even(v)));

    store_4(out, a, rgb565(odd(w), chroma_of(odd(u), odd(v))));
}

/* Two chroma samples as lanes. */
static inline uint32_t pair(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 16;
}

/* Four pixels that share two chroma samples. */
static inline __attribute__((always_inline)) void half_4(const uint8_t *y, struct chroma c, uint16_t *out)
{
    uint32_t w = load32(y);

    store_4(out, rgb565(even(w), c), rgb565(odd(w), c));
}

void jpeg_color_full(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    uint16_t rest[4];

    for (; n >= 4; n -= 4, y += 4, cb += 4, cr += 4, out += 4) {
        full_4(y, cb, cr, out);
    }
    if (n > 0) {
        full_4(y, cb, cr, rest);
        memcpy(out, rest, (size_t)n * sizeof *rest);
    }
}

void jpeg_color_half(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    uint16_t rest[4];

    for (; n >= 4; n -= 4, y += 4, cb += 2, cr += 2, out += 4) {
        half_4(y, chroma_of(pair(cb), pair(cr)), out);
    }
    if (n > 0) {
        half_4(y, chroma_of(pair(cb), pair(cr)), rest);
        memcpy(out, rest, (size_t)n * sizeof *rest);
    }
}

void jpeg_color_half_2(const uint8_t *y, size_t stride, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    const uint8_t *end = y + (n & ~3);
    uint16_t rest[4], *below = out + n;

    for (; y < end; y += 4, cb += 2, cr += 2, out += 4, below += 4) {
        struct chroma c = chroma_of(pair(cb), pair(cr));
        half_4(y, c, out);
        half_4(y + stride, c, below);
    }
    n &= 3;
    if (n > 0) {
        struct chroma c = chroma_of(pair(cb), pair(cr));
        half_4(y, c, rest);
        memcpy(out, rest, (size_t)n * sizeof *rest);
        half_4(y + stride, c, rest);
        memcpy(below, rest, (size_t)n * sizeof *rest);
    }
}
