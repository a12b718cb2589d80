/* SPDX-License-Identifier: MIT */
/* Inner loops over one row. Each name is the fastest version for the core it is compiled for: kernel_*_c is plain C and the oracle,
   kernel_*_dsp uses the SIMD instructions of Armv7E-M, kernel_*_mve Helium. They agree bit for bit; bench/core checks that on the emulated cores.
   n >= 0 pixels; pointers need no more alignment than their type. */
#ifndef VISION_KERNEL_H
#define VISION_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Helium, the SIMD of Armv7E-M, or plain C. KERNEL_ALL: a kernel has all three; KERNEL_DSP, KERNEL_MVE: that one and plain C. */
#if defined(__ARM_FEATURE_MVE)
#define KERNEL_ALL(name) kernel_##name##_mve
#define KERNEL_DSP(name) kernel_##name##_dsp
#define KERNEL_MVE(name) kernel_##name##_mve
#elif defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#define KERNEL_ALL(name) kernel_##name##_dsp
#define KERNEL_DSP(name) kernel_##name##_dsp
#define KERNEL_MVE(name) kernel_##name##_c
#else
#define KERNEL_ALL(name) kernel_##name##_c
#define KERNEL_DSP(name) kernel_##name##_c
#define KERNEL_MVE(name) kernel_##name##_c
#endif

/* gray[i] = (38 r + 75 g + 15 b) >> 7 of the expanded channels */
void kernel_rgb565_to_gray_c(const uint16_t *src, int n, uint8_t *gray);
void kernel_rgb565_to_gray_dsp(const uint16_t *src, int n, uint8_t *gray);
void kernel_rgb565_to_gray_mve(const uint16_t *src, int n, uint8_t *gray);

/* out[i] = table[gray[i]]; kernel_gray_to_rgb565 is the neutral ramp. dst may be the tail of a buffer whose head is src. */
void kernel_gray_to_rgb565_c(const uint8_t *gray, int n, uint16_t *dst);
void kernel_gray_to_rgb565_mve(const uint8_t *gray, int n, uint16_t *dst);
void kernel_lookup_rgb565_c(const uint8_t *gray, int n, const uint16_t table[256], uint16_t *dst);
void kernel_lookup_rgb565_mve(const uint8_t *gray, int n, const uint16_t table[256], uint16_t *dst);

/* Expanded channels <-> RGB565 (packing truncates) */
void kernel_rgb565_to_rgb_c(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_rgb565_to_rgb_mve(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_rgb_to_rgb565_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);
void kernel_rgb_to_rgb565_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);

void kernel_rgb_to_gray_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray);
void kernel_rgb_to_gray_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray);

/* Bit i: (uint8_t)(src[i] - low) <= span; low4 and span4 hold the byte four times. Bits past n are 0. */
void kernel_gray_range_bits_c(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits);
void kernel_gray_range_bits_dsp(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits);
void kernel_gray_range_bits_mve(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits);

/* Bit i: bit src[i] of the table (256 or 65536 bits) */
void kernel_gray_table_bits_c(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_gray_table_bits_dsp(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_gray_table_bits_mve(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_rgb565_table_bits_c(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_rgb565_table_bits_dsp(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_rgb565_table_bits_mve(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits);

/* 0 or all ones from bits */
void kernel_bits_to_gray_c(const uint32_t *bits, int n, uint8_t *dst);
void kernel_bits_to_gray_mve(const uint32_t *bits, int n, uint8_t *dst);
void kernel_bits_to_rgb565_c(const uint32_t *bits, int n, uint16_t *dst);
void kernel_bits_to_rgb565_mve(const uint32_t *bits, int n, uint16_t *dst);

/* dst[i] = value where bit i is set; bits past n must be 0 */
void kernel_blend8_c(const uint32_t *bits, int n, uint8_t value, uint8_t *dst);
void kernel_blend8_mve(const uint32_t *bits, int n, uint8_t value, uint8_t *dst);
void kernel_blend16_c(const uint32_t *bits, int n, uint16_t value, uint16_t *dst);
void kernel_blend16_mve(const uint32_t *bits, int n, uint16_t value, uint16_t *dst);

/* Bilinear demosaicing of n pixels, a multiple of 4, that have neighbours on all sides, and two to the right. Green samples and coloured ones (`own`) alternate,
   beginning with green if `green`; own, g, other: the channel of the row, green, and the channel of the rows above and below. */
void kernel_debayer_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                      uint8_t *other);
void kernel_debayer_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                        uint8_t *other);
void kernel_debayer_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                        uint8_t *other);

/* The same, made gray or packed at once; red_row: own is red. */
void kernel_debayer_gray_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray);
void kernel_debayer_gray_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray);
void kernel_debayer_gray_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray);
void kernel_debayer_rgb565_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst);
void kernel_debayer_rgb565_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst);
void kernel_debayer_rgb565_mve(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst);

/* Every bit the other way round; 4-byte aligned */
void kernel_invert_c(uint8_t *bytes, size_t n);
void kernel_invert_dsp(uint8_t *bytes, size_t n);
void kernel_invert_mve(uint8_t *bytes, size_t n);

/* memmove, for rows: eight words, or sixteen bytes, at once where they lie well */
void kernel_copy_dsp(void *dst, const void *src, size_t n);
void kernel_copy_mve(void *dst, const void *src, size_t n);
#define kernel_copy_c memmove

/* dst[i] = table[src[i]]; dst may be src */
void kernel_lookup8_c(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst);
void kernel_lookup8_dsp(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst);
void kernel_lookup8_mve(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst);

/* A word of the table has four bytes: of two tables, even and odd, for the left (lower half) and for the right. Their mean by weights: across, left in
   the lower half and right in the upper, 32767 together, which step moves on from pixel to pixel; even and odd, 512 together. Rounded to nearest. */
void kernel_mix_tables_c(const uint8_t *src, int n, const uint32_t table[256], uint32_t across, uint32_t step, uint32_t even, uint32_t odd, uint8_t *dst);
void kernel_mix_tables_dsp(const uint8_t *src, int n, const uint32_t table[256], uint32_t across, uint32_t step, uint32_t even, uint32_t odd, uint8_t *dst);

/* p[i] = high[p[i] >> 5] | low[p[i] & 31] */
void kernel_lookup_565_c(uint16_t *p, int n, const uint16_t high[2048], const uint8_t low[32]);
void kernel_lookup_565_mve(uint16_t *p, int n, const uint16_t high[2048], const uint8_t low[32]);

/* v[i] += to[i] - from[i], cut to 0..255 */
void kernel_move8_c(uint8_t *v, const uint8_t *from, const uint8_t *to, int n);
void kernel_move8_dsp(uint8_t *v, const uint8_t *from, const uint8_t *to, int n);
void kernel_move8_mve(uint8_t *v, const uint8_t *from, const uint8_t *to, int n);

/* count[src[i]]++ */
void kernel_count_gray(const uint8_t *src, int n, uint32_t count[256]);

/* The best there is for this core */
#define kernel_rgb565_to_gray    KERNEL_ALL(rgb565_to_gray)
#define kernel_gray_to_rgb565    KERNEL_MVE(gray_to_rgb565)
#define kernel_lookup_rgb565     KERNEL_MVE(lookup_rgb565)
#define kernel_rgb565_to_rgb     KERNEL_MVE(rgb565_to_rgb)
#define kernel_rgb_to_rgb565     KERNEL_MVE(rgb_to_rgb565)
#define kernel_rgb_to_gray       KERNEL_MVE(rgb_to_gray)
#define kernel_gray_range_bits   KERNEL_ALL(gray_range_bits)
#define kernel_gray_table_bits   KERNEL_ALL(gray_table_bits)
#define kernel_rgb565_table_bits KERNEL_ALL(rgb565_table_bits)
#define kernel_bits_to_gray      KERNEL_MVE(bits_to_gray)
#define kernel_bits_to_rgb565    KERNEL_MVE(bits_to_rgb565)
#define kernel_blend8            KERNEL_MVE(blend8)
#define kernel_blend16           KERNEL_MVE(blend16)
#define kernel_debayer           KERNEL_ALL(debayer)
#define kernel_debayer_gray      KERNEL_ALL(debayer_gray)
#define kernel_debayer_rgb565    KERNEL_ALL(debayer_rgb565)
#define kernel_copy              KERNEL_ALL(copy)
#define kernel_invert            KERNEL_ALL(invert)
#define kernel_lookup8           KERNEL_ALL(lookup8)
#define kernel_mix_tables        KERNEL_DSP(mix_tables)
#define kernel_lookup_565        KERNEL_MVE(lookup_565)
#define kernel_move8             KERNEL_ALL(move8)

/* Words at any address: one instruction where the core can, bytes where it can't. */
static inline uint32_t kernel_load32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void kernel_store32(void *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

/* Keeps a constant in a register, where Arm's AND takes it together with a shifted operand. */
static inline uint32_t kernel_in_register(uint32_t value)
{
    __asm__("" : "+r"(value));
    return value;
}

#endif
