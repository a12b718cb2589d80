/* SPDX-License-Identifier: MIT */
/* Row kernels with Helium, the vectors of Armv8.1-M: eight or sixteen pixels per instruction. Empty on other cores. */
#include "vision/kernel.h"

#if defined(__ARM_FEATURE_MVE)
/* Pointers that move on as they are written, or they are computed anew from n in every round. */
#pragma GCC optimize("no-ivopts")

#include <stdbool.h>

#include "vision/kernel_mve.h"

void kernel_rgb565_to_gray_mve(const uint16_t *src, int n, uint8_t *gray)
{
    for (; n > 0; n -= 8, src += 8, gray += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t p = vldrhq_z_u16(src, some);
        kernel_store8(gray, kernel_gray8(kernel_red8(p), kernel_green8(p), kernel_blue8(p)), some);
    }
}

/* Rows that grow within their buffer are done from the end; the incomplete vector first. */
static inline uint16x8_t neutral8(uint16x8_t y)
{
    y = vshlq_n_u16(y, 8);
    return vsriq_n_u16(vsriq_n_u16(y, y, 5), y, 11);
}

void kernel_gray_to_rgb565_mve(const uint8_t *gray, int n, uint16_t *dst)
{
    mve_pred16_t some = vctp16q((uint32_t)n & 7);

    vstrhq_p_u16(dst + (n & ~7), neutral8(kernel_lanes8(gray + (n & ~7), some)), some);
    gray += (n & ~7) - 8;
    dst += (n & ~7) - 8;
    for (n >>= 3; n > 0; n--, gray -= 8, dst -= 8) {
        vst1q_u16(dst, neutral8(vldrbq_u16(gray)));
    }
}

void kernel_lookup_rgb565_mve(const uint8_t *gray, int n, const uint16_t table[256], uint16_t *dst)
{
    mve_pred16_t some = vctp16q((uint32_t)n & 7);

    vstrhq_p_u16(dst + (n & ~7), vldrhq_gather_shifted_offset_z_u16(table, kernel_lanes8(gray + (n & ~7), some), some), some);
    gray += (n & ~7) - 8;
    dst += (n & ~7) - 8;
    for (n >>= 3; n > 0; n--, gray -= 8, dst -= 8) {
        vst1q_u16(dst, vldrhq_gather_shifted_offset_u16(table, vldrbq_u16(gray)));
    }
}

void kernel_rgb565_to_rgb_mve(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (; n > 0; n -= 8, src += 8, r += 8, g += 8, b += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t p = vldrhq_z_u16(src, some);
        kernel_store8(r, kernel_red8(p), some);
        kernel_store8(g, kernel_green8(p), some);
        kernel_store8(b, kernel_blue8(p), some);
    }
}

void kernel_rgb_to_rgb565_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst)
{
    for (; n > 0; n -= 8, r += 8, g += 8, b += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t p = vshlq_n_u16(kernel_lanes8(r, some), 8);
        p = vsriq_n_u16(p, vshlq_n_u16(kernel_lanes8(g, some), 8), 5);
        vstrhq_p_u16(dst, vsriq_n_u16(p, vshlq_n_u16(kernel_lanes8(b, some), 8), 11), some);
    }
}

void kernel_rgb_to_gray_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray)
{
    for (; n > 0; n -= 8, r += 8, g += 8, b += 8, gray += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        kernel_store8(gray, kernel_gray8(kernel_lanes8(r, some), kernel_lanes8(g, some), kernel_lanes8(b, some)), some);
    }
}

/* ---- Bits: a comparison of bytes gives a bit for each, which is what a row of bits has ---- */

void kernel_gray_range_bits_mve(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits)
{
    uint8x16_t low = vdupq_n_u8((uint8_t)low4), span = vdupq_n_u8((uint8_t)span4);

    for (; n >= 32; n -= 32, src += 16) {
        uint32_t word = vcmpcsq_u8(span, vsubq_u8(vld1q_u8(src), low));
        src += 16;
        KERNEL_HERE(src);
        *bits++ = word | (uint32_t)vcmpcsq_u8(span, vsubq_u8(vld1q_u8(src), low)) << 16;
    }
    kernel_gray_range_bits_c(src, n, low4, span4, bits);
}

/* Bit number v of a table of bytes: byte v / 8, bit v % 8 */
static inline uint32_t table_bits16(const uint8_t *src, const uint8_t *table)
{
    uint8x16_t v = vld1q_u8(src), bit = vshlq_u8(vdupq_n_u8(1), vreinterpretq_s8_u8(vandq_u8(v, vdupq_n_u8(7))));

    return vcmpneq_n_u8(vandq_u8(vldrbq_gather_offset_u8(table, vshrq_n_u8(v, 3)), bit), 0);
}

void kernel_gray_table_bits_mve(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    const uint8_t *bytes = (const uint8_t *)table;

    for (; n >= 32; n -= 32, src += 32) {
        *bits++ = table_bits16(src, bytes) | table_bits16(src + 16, bytes) << 16;
    }
    kernel_gray_table_bits_c(src, n, table, bits);
}

static inline uint16x8_t table_hit8(uint16x8_t p, const uint8_t *table)
{
    uint16x8_t bit = vshlq_u16(vdupq_n_u16(1), vreinterpretq_s16_u16(vandq_u16(p, vdupq_n_u16(7))));

    return vandq_u16(vldrbq_gather_offset_u16(table, vshrq_n_u16(p, 3)), bit);
}

/* Even and odd pixels apart, so that their results come together as bytes in order */
static inline uint32_t table_bits565(const uint16_t *src, const uint8_t *table)
{
    uint16x8x2_t p = vld2q_u16(src);

    return vcmpneq_n_u8(vreinterpretq_u8_u16(vsliq_n_u16(table_hit8(p.val[0], table), table_hit8(p.val[1], table), 8)), 0);
}

void kernel_rgb565_table_bits_mve(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    const uint8_t *bytes = (const uint8_t *)table;

    for (; n >= 32; n -= 32, src += 32) {
        *bits++ = table_bits565(src, bytes) | table_bits565(src + 16, bytes) << 16;
    }
    kernel_rgb565_table_bits_c(src, n, table, bits);
}

static inline uint8x16_t spread16(uint32_t bits)
{
    return vpselq_u8(vdupq_n_u8(255), vdupq_n_u8(0), (mve_pred16_t)bits);
}

void kernel_bits_to_gray_mve(const uint32_t *bits, int n, uint8_t *dst)
{
    for (; n >= 32; n -= 32, dst += 16) {
        uint32_t word = *bits++;
        vst1q_u8(dst, spread16(word));
        dst += 16;
        KERNEL_HERE(dst);
        vst1q_u8(dst, spread16(word >> 16));
    }
    kernel_bits_to_gray_c(bits, n, dst);
}

/* Each byte twice is a pixel. */
void kernel_bits_to_rgb565_mve(const uint32_t *bits, int n, uint16_t *dst)
{
    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        uint8x16_t low = spread16(word), high = spread16(word >> 16);
        vst2q_u8((uint8_t *)dst, ((uint8x16x2_t){{low, low}}));
        vst2q_u8((uint8_t *)(dst + 16), ((uint8x16x2_t){{high, high}}));
    }
    kernel_bits_to_rgb565_c(bits, n, dst);
}

void kernel_blend8_mve(const uint32_t *bits, int n, uint8_t value, uint8_t *dst)
{
    uint8x16_t v = vdupq_n_u8(value);

    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        if (word) {
            vstrbq_p_u8(dst, v, (mve_pred16_t)word);
            vstrbq_p_u8(dst + 16, v, (mve_pred16_t)(word >> 16));
        }
    }
    kernel_blend8_c(bits, n, value, dst);
}

void kernel_blend16_mve(const uint32_t *bits, int n, uint16_t value, uint16_t *dst)
{
    uint16x8_t v = vdupq_n_u16(value);

    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        for (int i = 0; word; i += 8, word >>= 8) {
            vstrhq_p_u16(dst + i, v, kernel_lanes16(word & 255));
        }
    }
    kernel_blend16_c(bits, n, value, dst);
}

/* ---- Bytes ---- */

/* Upwards: what lies below its source, or apart from it. */
void kernel_copy_mve(void *dst, const void *src, size_t n)
{
    const uint8_t *from = src;
    uint8_t *to = dst;

    if ((uintptr_t)dst - (uintptr_t)src < n) {
        memmove(dst, src, n);
        return;
    }
    for (; n >= 64; n -= 64) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++, from += 16, to += 16) {
            KERNEL_HERE(from);
            KERNEL_HERE(to);
            vst1q_u8(to, vld1q_u8(from));
        }
    }
    for (int left = (int)n; left > 0; left -= 16, from += 16, to += 16) {
        mve_pred16_t some = vctp8q((uint32_t)left);
        vstrbq_p_u8(to, vld1q_z_u8(from, some), some);
    }
}

void kernel_invert_mve(uint8_t *bytes, size_t n)
{
    for (; n >= 64; n -= 64) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++, bytes += 16) {
            KERNEL_HERE(bytes);
            vst1q_u8(bytes, vmvnq_u8(vld1q_u8(bytes)));
        }
    }
    kernel_invert_c(bytes, n);
}

void kernel_lookup8_mve(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst)
{
    for (; n > 0; n -= 16, src += 16, dst += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        vstrbq_p_u8(dst, vldrbq_gather_offset_z_u8(table, vld1q_z_u8(src, some), some), some);
    }
}

void kernel_lookup_565_mve(uint16_t *p, int n, const uint16_t high[2048], const uint8_t low[32])
{
    for (; n > 0; n -= 8, p += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t v = vldrhq_z_u16(p, some), top = vldrhq_gather_shifted_offset_z_u16(high, vshrq_n_u16(v, 5), some);
        vstrhq_p_u16(p, vorrq_u16(top, vldrbq_gather_offset_z_u16(low, kernel_blue5(v), some)), some);
    }
}

void kernel_move8_mve(uint8_t *v, const uint8_t *from, const uint8_t *to, int n)
{
    for (; n > 0; n -= 16, v += 16, from += 16, to += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        uint8x16_t a = vld1q_z_u8(from, some), b = vld1q_z_u8(to, some);
        vstrbq_p_u8(v, vqsubq_u8(vqaddq_u8(vld1q_z_u8(v, some), vqsubq_u8(b, a)), vqsubq_u8(a, b)), some);
    }
}

/* ---- Demosaicing: sums of four only where the samples are coloured, the odd bytes (top) or the even ones (bottom). `green` is a constant in each use:
   a loop for each ---- */

#define INLINE static inline __attribute__((always_inline))
#define SUM4(half, a, b, c, d) vshrq_n_u16(vaddq_u16(vaddq_u16(half(a), half(b)), vaddq_u16(half(c), half(d))), 2)

INLINE void demosaic16(const uint8_t *above, const uint8_t *here, const uint8_t *below, bool green, uint8x16_t *own, uint8x16_t *g, uint8x16_t *other)
{
    uint8x16_t l = vld1q_u8(here - 1), h = vld1q_u8(here), r = vld1q_u8(here + 1), u = vld1q_u8(above), d = vld1q_u8(below);

    *own = vpselq_u8(vhaddq_u8(l, r), h, green ? 0x5555 : 0xAAAA);
    *g = green ? vmovntq_u16(h, SUM4(vmovltq_u8, u, d, l, r)) : vmovnbq_u16(h, SUM4(vmovlbq_u8, u, d, l, r));
    u = vhaddq_u8(u, d);
    uint8x16_t ul = vld1q_u8(above - 1), ur = vld1q_u8(above + 1), dl = vld1q_u8(below - 1), dr = vld1q_u8(below + 1);
    *other = green ? vmovntq_u16(u, SUM4(vmovltq_u8, ul, ur, dl, dr)) : vmovnbq_u16(u, SUM4(vmovlbq_u8, ul, ur, dl, dr));
}

INLINE int demosaic_row(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, bool green, uint8_t *own, uint8_t *g, uint8_t *other)
{
    int done = 0;

    for (; n >= 16; n -= 16, done += 16, above += 16, here += 16, below += 16, own += 16, g += 16, other += 16) {
        uint8x16_t o, middle, far;
        demosaic16(above, here, below, green, &o, &middle, &far);
        vst1q_u8(own, o);
        vst1q_u8(g, middle);
        vst1q_u8(other, far);
    }
    return done;
}

void kernel_debayer_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g, uint8_t *other)
{
    int i = green ? demosaic_row(above, here, below, n, true, own, g, other) : demosaic_row(above, here, below, n, false, own, g, other);

    if (i && i < n) {
        i = n - 16;                 /* the rest once more with what lies before it */
        kernel_debayer_mve(above + i, here + i, below + i, 16, green, own + i, g + i, other + i);
    } else {
        kernel_debayer_c(above + i, here + i, below + i, n - i, green, own + i, g + i, other + i);
    }
}

/* Weights of the row's own channel and of the other */
INLINE int gray_row(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, bool green, uint16_t mine, uint16_t others, uint8_t *gray)
{
    int done = 0;

    for (; n >= 16; n -= 16, done += 16, above += 16, here += 16, below += 16, gray += 16) {
        uint8x16_t own, g, other;
        demosaic16(above, here, below, green, &own, &g, &other);
        uint16x8_t even = vmlaq_n_u16(vmulq_n_u16(vmovlbq_u8(own), mine), vmovlbq_u8(g), 75), odd = vmlaq_n_u16(vmulq_n_u16(vmovltq_u8(own), mine), vmovltq_u8(g), 75);
        even = vshrq_n_u16(vmlaq_n_u16(even, vmovlbq_u8(other), others), 7);
        odd = vshrq_n_u16(vmlaq_n_u16(odd, vmovltq_u8(other), others), 7);
        vst1q_u8(gray, vmovntq_u16(vreinterpretq_u8_u16(even), odd));
    }
    return done;
}

void kernel_debayer_gray_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray)
{
    uint16_t mine = red_row ? 38 : 15, others = red_row ? 15 : 38;
    int i = green ? gray_row(above, here, below, n, true, mine, others, gray) : gray_row(above, here, below, n, false, mine, others, gray);

    if (i && i < n) {
        i = n - 16;
        kernel_debayer_gray_mve(above + i, here + i, below + i, 16, green, red_row, gray + i);
    } else {
        kernel_debayer_gray_c(above + i, here + i, below + i, n - i, green, red_row, gray + i);
    }
}

/* Even bytes of three vectors to pixels: shifted up, and inserted below one another */
INLINE uint16x8_t pack_even(uint16x8_t r, uint16x8_t g, uint16x8_t b)
{
    return vsriq_n_u16(vsriq_n_u16(vshlq_n_u16(r, 8), vshlq_n_u16(g, 8), 5), vshlq_n_u16(b, 8), 11);
}

INLINE int rgb565_row(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, bool green, bool red_row, uint16_t *dst)
{
    int done = 0;

    for (; n >= 16; n -= 16, done += 16, above += 16, here += 16, below += 16, dst += 16) {
        uint8x16_t own, g, other;
        demosaic16(above, here, below, green, &own, &g, &other);
        uint16x8_t r = vreinterpretq_u16_u8(red_row ? own : other), b = vreinterpretq_u16_u8(red_row ? other : own), m = vreinterpretq_u16_u8(g);
        uint16x8_t even = pack_even(r, m, b), odd = vsriq_n_u16(vsriq_n_u16(r, m, 5), b, 11);
        vst2q_u16(dst, ((uint16x8x2_t){{even, odd}}));
    }
    return done;
}

void kernel_debayer_rgb565_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst)
{
    int i = green ? (red_row ? rgb565_row(above, here, below, n, true, true, dst) : rgb565_row(above, here, below, n, true, false, dst))
                  : (red_row ? rgb565_row(above, here, below, n, false, true, dst) : rgb565_row(above, here, below, n, false, false, dst));

    if (i && i < n) {
        i = n - 16;
        kernel_debayer_rgb565_mve(above + i, here + i, below + i, 16, green, red_row, dst + i);
    } else {
        kernel_debayer_rgb565_c(above + i, here + i, below + i, n - i, green, red_row, dst + i);
    }
}

#endif
