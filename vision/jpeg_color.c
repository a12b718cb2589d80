/* SPDX-License-Identifier: MIT */
/* YCbCr -> RGB565 (JFIF: full-range BT.601), two pixels in the lanes of one word. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"

#ifndef __clang__   /* which has no such pragma */
#pragma GCC optimize("no-schedule-insns")  /* fewer spills */
#endif

/* What chroma adds to the channels of two pixels, and half of 1 to round. */
struct chroma {
    uint32_t r, g, b;
};

static inline uint32_t red(uint32_t v, uint32_t rest)
{
    return v * simd_keep(JPEG_RV) + rest;
}

static inline uint32_t green(uint32_t u, uint32_t v, uint32_t rest)
{
    return rest - u * simd_keep(JPEG_GU) - v * simd_keep(JPEG_GV);
}

static inline uint32_t blue(uint32_t u, uint32_t rest)
{
    return u * simd_keep(JPEG_BU) + rest;
}

static inline uint32_t packed(uint32_t r, uint32_t g, uint32_t b)
{
    r = simd_keep(simd_usat16_14(r) & 0x3E003E00);
    g = simd_keep(simd_usat16_14(g) & 0x3F003F00);
    b = simd_keep(simd_usat16_14(b) & 0x3E003E00);
    return r << 2 | g >> 3 | b >> 9;
}

/* Luma, lanes 0 and 2 or 1 and 3 of a word, times 64. */
static inline uint32_t luma_even(uint32_t w)
{
    return w << 6 & simd_keep(0x3FC03FC0);
}

static inline uint32_t luma_odd(uint32_t w)
{
    return w >> 2 & simd_keep(0x3FC03FC0);
}

/* Chroma less 128. A plain subtraction: what borrows here is given back by the sums. */
static inline uint32_t centred(uint32_t lanes)
{
    return lanes - JPEG_BOTH(128);
}

/* Four pixels, two of them in the lanes of a and b each: 0 and 2, 1 and 3. */
static inline void store_4(uint16_t *out, uint32_t a, uint32_t b)
{
    store32(out, simd_pkhbt(a, b));
    store32(out + 2, simd_pkhtb(a, b));
}

static inline __attribute__((always_inline)) void full_4(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out)
{
    uint32_t w = load32(y), cu = load32(cb), cv = load32(cr);
    uint32_t l = luma_even(w) + JPEG_BOTH(32), u = centred(cu & 0x00FF00FF), v = centred(cv & 0x00FF00FF);
    uint32_t a = packed(red(v, l), green(u, v, l), blue(u, l));

    l = luma_odd(w) + JPEG_BOTH(32);
    u = centred(simd_uxtb16_8(cu));
    v = centred(simd_uxtb16_8(cv));
    store_4(out, a, packed(red(v, l), green(u, v, l), blue(u, l)));
}

/* Two chroma samples. */
static inline struct chroma chroma_of_2(const uint8_t *cb, const uint8_t *cr)
{
    uint32_t u = centred(cb[0] | (uint32_t)cb[1] << 16), v = centred(cr[0] | (uint32_t)cr[1] << 16);

    return (struct chroma){red(v, JPEG_BOTH(32)), green(u, v, JPEG_BOTH(32)), blue(u, JPEG_BOTH(32))};
}

/* Four pixels that share them. */
static inline __attribute__((always_inline)) void half_4(const uint8_t *y, struct chroma c, uint16_t *out)
{
    uint32_t w = load32(y), l = luma_even(w);
    uint32_t a = packed(c.r + l, c.g + l, c.b + l);

    l = luma_odd(w);
    store_4(out, a, packed(c.r + l, c.g + l, c.b + l));
}

void jpeg_color_full_plain(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
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

void jpeg_color_half_plain(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    uint16_t rest[4];

    for (; n >= 4; n -= 4, y += 4, cb += 2, cr += 2, out += 4) {
        half_4(y, chroma_of_2(cb, cr), out);
    }
    if (n > 0) {
        half_4(y, chroma_of_2(cb, cr), rest);
        memcpy(out, rest, (size_t)n * sizeof *rest);
    }
}

void jpeg_color_half_2_plain(const uint8_t *y, size_t stride, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    const uint8_t *end = y + (n & ~3);
    uint16_t rest[4], *below = out + n;

    for (; y < end; y += 4, cb += 2, cr += 2, out += 4, below += 4) {
        struct chroma c = chroma_of_2(cb, cr);
        half_4(y, c, out);
        half_4(y + stride, c, below);
    }
    n &= 3;
    if (n > 0) {
        struct chroma c = chroma_of_2(cb, cr);
        half_4(y, c, rest);
        memcpy(out, rest, (size_t)n * sizeof *rest);
        half_4(y + stride, c, rest);
        memcpy(below, rest, (size_t)n * sizeof *rest);
    }
}

/* ---- 4:4:4, block by block ---- */

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
/* Two pixels whose luma is at p: to `pair`. Written out, as the compiler would keep less in registers. */
#define LANES_PAIR(pair) \
    "   ldr r9, [%[p], #128]\n" \
    "   ldr r10, [%[p], #256]\n" \
    "   ldr " pair ", [%[p]], #4\n" \
    "   sub r9, #0x00800080\n" \
    "   sub r10, #0x00800080\n" \
    "   add r11, %[half], " pair ", lsl #6\n" \
    "   mla " pair ", r10, %[rv], r11\n"     /* R */ \
    "   mls r10, r10, %[gv], r11\n" \
    "   mla r11, r9, %[bu], r11\n"           /* B */ \
    "   mls r10, r9, %[gu], r10\n"           /* G */ \
    "   usat16 " pair ", #14, " pair "\n" \
    "   usat16 r11, #14, r11\n" \
    "   usat16 r10, #14, r10\n" \
    "   and " pair ", #0x3E003E00\n" \
    "   and r11, #0x3E003E00\n" \
    "   and r10, #0x3F003F00\n" \
    "   lsl " pair ", #2\n" \
    "   orr " pair ", " pair ", r11, lsr #9\n" \
    "   orr " pair ", " pair ", r10, lsr #3\n"

#define LANES_FOUR(at) \
    LANES_PAIR("r12") \
    LANES_PAIR("lr") \
    "   pkhbt r11, r12, lr, lsl #16\n" \
    "   pkhtb lr, lr, r12, asr #16\n" \
    "   str r11, [%[out], #" #at "]\n" \
    "   str lr, [%[out], #" #at " + 4]\n"

void jpeg_color_lanes_dsp(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride)
{
    __asm__ volatile("1:\n" LANES_FOUR(0) LANES_FOUR(8)
                     "   add %[out], %[stride]\n"
                     "   tst %[p], #127\n"
                     "   bne 1b\n"
                     : [p] "+r"(lanes), [out] "+r"(out)
                     : [stride] "r"(stride), [half] "r"(JPEG_BOTH(32)), [rv] "r"(JPEG_RV), [gu] "r"(JPEG_GU), [gv] "r"(JPEG_GV), [bu] "r"(JPEG_BU)
                     : "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#endif

static inline uint32_t lanes_2(const uint32_t *p)
{
    uint32_t l = (p[0] << 6) + JPEG_BOTH(32), u = centred(p[32]), v = centred(p[64]);

    return packed(red(v, l), green(u, v, l), blue(u, l));
}

void jpeg_color_lanes_plain(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride)
{
    for (const uint32_t *end = lanes + 32; lanes < end; lanes += 4, out += stride) {
        uint16_t *row = (uint16_t *)(void *)out;
        store_4(row, lanes_2(lanes), lanes_2(lanes + 1));
        store_4(row + 4, lanes_2(lanes + 2), lanes_2(lanes + 3));
    }
}
