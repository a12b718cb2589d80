/* SPDX-License-Identifier: MIT */
/* Inner loops over one row. Each name is the fastest version for the core it is compiled for: kernel_*_c is plain C and the oracle,
   kernel_*_dsp uses the SIMD instructions of Armv7E-M. They agree bit for bit; bench/core checks that on the emulated core.
   n >= 0 pixels; pointers need no more alignment than their type. */
#ifndef VISION_KERNEL_H
#define VISION_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* gray[i] = (38 r + 75 g + 15 b) >> 7 of the expanded channels */
void kernel_rgb565_to_gray_c(const uint16_t *src, int n, uint8_t *gray);
void kernel_rgb565_to_gray_dsp(const uint16_t *src, int n, uint8_t *gray);

/* out[i] = table[gray[i]]; kernel_gray_to_rgb565 is the neutral ramp. dst may be the tail of a buffer whose head is src. */
void kernel_gray_to_rgb565(const uint8_t *gray, int n, uint16_t *dst);
void kernel_lookup_rgb565(const uint8_t *gray, int n, const uint16_t table[256], uint16_t *dst);

/* Expanded channels <-> RGB565 (packing truncates) */
void kernel_rgb565_to_rgb(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b);
void kernel_rgb_to_rgb565(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst);

void kernel_rgb_to_gray(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray);

/* Bit i: (uint8_t)(src[i] - low) <= span; low4 and span4 hold the byte four times. Bits past n are 0. */
void kernel_gray_range_bits_c(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits);
void kernel_gray_range_bits_dsp(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits);

/* Bit i: bit src[i] of the table (256 or 65536 bits) */
void kernel_gray_table_bits_c(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_gray_table_bits_dsp(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_rgb565_table_bits_c(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits);
void kernel_rgb565_table_bits_dsp(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits);

/* 0 or all ones from bits */
void kernel_bits_to_gray(const uint32_t *bits, int n, uint8_t *dst);
void kernel_bits_to_rgb565(const uint32_t *bits, int n, uint16_t *dst);

/* dst[i] = value where bit i is set */
void kernel_blend8(const uint32_t *bits, int n, uint8_t value, uint8_t *dst);
void kernel_blend16(const uint32_t *bits, int n, uint16_t value, uint16_t *dst);

/* Bilinear demosaicing of n pixels, a multiple of 4, that have neighbours on all sides, and two to the right. Green samples and coloured ones (`own`) alternate,
   beginning with green if `green`; own, g, other: the channel of the row, green, and the channel of the rows above and below. */
void kernel_debayer_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                      uint8_t *other);
void kernel_debayer_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                        uint8_t *other);

/* The same, made gray or packed at once; red_row: own is red. */
void kernel_debayer_gray_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray);
void kernel_debayer_gray_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray);
void kernel_debayer_rgb565_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst);
void kernel_debayer_rgb565_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst);

/* Every bit the other way round; 4-byte aligned */
void kernel_invert_c(uint8_t *bytes, size_t n);
void kernel_invert_dsp(uint8_t *bytes, size_t n);

/* dst[i] = table[src[i]]; dst may be src */
void kernel_lookup8(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst);

/* v[i] += to[i] - from[i], cut to 0..255 */
void kernel_move8_c(uint8_t *v, const uint8_t *from, const uint8_t *to, int n);
void kernel_move8_dsp(uint8_t *v, const uint8_t *from, const uint8_t *to, int n);

/* count[src[i]]++ */
void kernel_count_gray(const uint8_t *src, int n, uint32_t count[256]);

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#define kernel_rgb565_to_gray    kernel_rgb565_to_gray_dsp
#define kernel_invert            kernel_invert_dsp
#define kernel_move8             kernel_move8_dsp
#define kernel_debayer           kernel_debayer_dsp
#define kernel_debayer_gray      kernel_debayer_gray_dsp
#define kernel_debayer_rgb565    kernel_debayer_rgb565_dsp
#define kernel_gray_range_bits   kernel_gray_range_bits_dsp
#define kernel_gray_table_bits   kernel_gray_table_bits_dsp
#define kernel_rgb565_table_bits kernel_rgb565_table_bits_dsp
#else
#define kernel_rgb565_to_gray    kernel_rgb565_to_gray_c
#define kernel_invert            kernel_invert_c
#define kernel_move8             kernel_move8_c
#define kernel_debayer           kernel_debayer_c
#define kernel_debayer_gray      kernel_debayer_gray_c
#define kernel_debayer_rgb565    kernel_debayer_rgb565_c
#define kernel_gray_range_bits   kernel_gray_range_bits_c
#define kernel_gray_table_bits   kernel_gray_table_bits_c
#define kernel_rgb565_table_bits kernel_rgb565_table_bits_c
#endif

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
