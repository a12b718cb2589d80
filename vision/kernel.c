/* SPDX-License-Identifier: MIT */
/* Row kernels in plain C, several pixels per word where that pays. Little endian. */
#include "vision/kernel.h"

/* Expanded channels of two RGB565 pixels, one in each half of the word. */
#define RED2(p)   (((p) >> 8 & 0x00F800F8u) | ((p) >> 13 & 0x00070007u))
#define GREEN2(p) (((p) >> 3 & 0x00FC00FCu) | ((p) >> 9 & 0x00030003u))
#define BLUE2(p)  (((p) << 3 & 0x00F800F8u) | ((p) >> 2 & 0x00070007u))

/* No lane overflows: 128 * 255 < 65536. */
static inline uint32_t gray2(uint32_t p)
{
    return (RED2(p) * 38 + GREEN2(p) * 75 + BLUE2(p) * 15) >> 7 & 0x00FF00FFu;
}

/* Pixels 0 and 2, and 1 and 3, of two words */
static inline uint32_t even2(uint32_t a, uint32_t b)
{
    return (a & 0xFFFF) | b << 16;
}

static inline uint32_t odd2(uint32_t a, uint32_t b)
{
    return a >> 16 | (b & 0xFFFF0000u);
}

void kernel_rgb565_to_gray_c(const uint16_t *src, int n, uint8_t *gray)
{
    for (; n >= 4; n -= 4, src += 4, gray += 4) {
        uint32_t a = kernel_load32(src), b = kernel_load32(src + 2);
        kernel_store32(gray, gray2(even2(a, b)) | gray2(odd2(a, b)) << 8);
    }
    for (; n > 0; n--) {
        *gray++ = (uint8_t)gray2(*src++);
    }
}

static inline uint32_t neutral(uint32_t y)
{
    return (y & 0xF8) << 8 | (y & 0xFC) << 3 | y >> 3;
}

/* From the end, so that a row may grow within its buffer. */
void kernel_gray_to_rgb565_c(const uint8_t *gray, int n, uint16_t *dst)
{
    const uint32_t five = kernel_in_register(0x001F001Fu), six = kernel_in_register(0x003F003Fu);

    for (; n & 3; n--) {
        dst[n - 1] = (uint16_t)neutral(gray[n - 1]);
    }
    for (; n > 0; n -= 4) {
        uint32_t y = kernel_load32(gray + n - 4);
        uint32_t even5 = five & y >> 3, odd5 = five & y >> 11;
        uint32_t even = even5 | (six & y >> 2) << 5 | even5 << 11, odd = odd5 | (six & y >> 10) << 5 | odd5 << 11;
        kernel_store32(dst + n - 2, odd2(even, odd));
        kernel_store32(dst + n - 4, even2(even, odd));
    }
}

void kernel_lookup_rgb565_c(const uint8_t *gray, int n, const uint16_t table[256], uint16_t *dst)
{
    while (n-- > 0) {
        dst[n] = table[gray[n]];
    }
}

void kernel_rgb565_to_rgb_c(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (; n >= 4; n -= 4, src += 4, r += 4, g += 4, b += 4) {
        uint32_t v = kernel_load32(src), w = kernel_load32(src + 2);
        uint32_t even = even2(v, w), odd = odd2(v, w);
        kernel_store32(r, RED2(even) | RED2(odd) << 8);
        kernel_store32(g, GREEN2(even) | GREEN2(odd) << 8);
        kernel_store32(b, BLUE2(even) | BLUE2(odd) << 8);
    }
    for (; n > 0; n--, src++) {
        uint32_t p = *src;
        *r++ = (uint8_t)RED2(p);
        *g++ = (uint8_t)GREEN2(p);
        *b++ = (uint8_t)BLUE2(p);
    }
}

void kernel_rgb_to_rgb565_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst)
{
    const uint32_t red = kernel_in_register(0xF800F800u), green = kernel_in_register(0x07E007E0u), blue = kernel_in_register(0x001F001Fu);

    for (; n >= 4; n -= 4, r += 4, g += 4, b += 4, dst += 4) {
        uint32_t rr = kernel_load32(r), gg = kernel_load32(g), bb = kernel_load32(b);
        uint32_t even = (red & rr << 8) | (green & gg << 3) | (blue & bb >> 3);
        uint32_t odd = (red & rr) | (green & gg >> 5) | (blue & bb >> 11);
        kernel_store32(dst, even2(even, odd));
        kernel_store32(dst + 2, odd2(even, odd));
    }
    for (; n > 0; n--) {
        *dst++ = (uint16_t)((*r++ & 0xF8) << 8 | (*g++ & 0xFC) << 3 | *b++ >> 3);
    }
}

void kernel_rgb_to_gray_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray)
{
    /* twice the weights: the gray ends up in the upper bytes */
    const uint32_t half = kernel_in_register(0x00FF00FFu), blue = kernel_in_register(30), green = kernel_in_register(150);

    for (; n >= 4; n -= 4, r += 4, g += 4, b += 4, gray += 4) {
        uint32_t rr = kernel_load32(r), gg = kernel_load32(g), bb = kernel_load32(b);
        uint32_t even = (half & rr) * 76 + (half & gg) * green + (half & bb) * blue;
        uint32_t odd = (half & rr >> 8) * 76 + (half & gg >> 8) * green + (half & bb >> 8) * blue;
        kernel_store32(gray, (half & even >> 8) | (odd & ~half));
    }
    for (; n > 0; n--) {
        *gray++ = (uint8_t)((38u * *r++ + 75u * *g++ + 15u * *b++) >> 7);
    }
}

void kernel_gray_range_bits_c(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits)
{
    uint8_t low = (uint8_t)low4, span = (uint8_t)span4;

    for (; n > 0; n -= 32) {
        int part = n < 32 ? n : 32;
        uint32_t word = 0;
        for (int i = 0; i < part; i++) {
            word |= (uint32_t)((uint8_t)(*src++ - low) <= span) << i;
        }
        *bits++ = word;
    }
}

/* Bit p of the table, in bit 0; the rotation takes the low five bits of p as they are. */
static inline uint32_t table_bit(const uint32_t *table, uint32_t p)
{
    uint32_t word = table[p >> 5];
    return word >> (p & 31) | word << (-p & 31);
}

void kernel_gray_table_bits_c(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    for (; n > 0; n -= 32) {
        int part = n < 32 ? n : 32;
        uint32_t word = 0;
        for (int i = 0; i < part; i++) {
            word |= (table_bit(table, *src++) & 1) << i;
        }
        *bits++ = word;
    }
}

void kernel_rgb565_table_bits_c(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    for (; n > 0; n -= 32) {
        int part = n < 32 ? n : 32;
        uint32_t word = 0;
        for (int i = 0; i < part; i++) {
            word |= (table_bit(table, *src++) & 1) << i;
        }
        *bits++ = word;
    }
}

/* Four pixels for each four bits */
static const uint32_t spread4[16] = {
    0x00000000u, 0x000000FFu, 0x0000FF00u, 0x0000FFFFu, 0x00FF0000u, 0x00FF00FFu, 0x00FFFF00u, 0x00FFFFFFu,
    0xFF000000u, 0xFF0000FFu, 0xFF00FF00u, 0xFF00FFFFu, 0xFFFF0000u, 0xFFFF00FFu, 0xFFFFFF00u, 0xFFFFFFFFu,
};

void kernel_bits_to_gray_c(const uint32_t *bits, int n, uint8_t *dst)
{
    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        for (int i = 0; i < 32; i += 16, word >>= 16) {
            kernel_store32(dst + i, spread4[word & 15]);
            kernel_store32(dst + i + 4, spread4[word >> 4 & 15]);
            kernel_store32(dst + i + 8, spread4[word >> 8 & 15]);
            kernel_store32(dst + i + 12, spread4[word >> 12 & 15]);
        }
    }
    for (uint32_t word = n > 0 ? *bits : 0; n > 0; n--, word >>= 1) {
        *dst++ = (uint8_t)-(word & 1);
    }
}

/* Four pixels for each four bits, two words */
static const uint32_t spread_wide[16][2] = {
    {0x00000000u, 0x00000000u}, {0x0000FFFFu, 0x00000000u}, {0xFFFF0000u, 0x00000000u}, {0xFFFFFFFFu, 0x00000000u},
    {0x00000000u, 0x0000FFFFu}, {0x0000FFFFu, 0x0000FFFFu}, {0xFFFF0000u, 0x0000FFFFu}, {0xFFFFFFFFu, 0x0000FFFFu},
    {0x00000000u, 0xFFFF0000u}, {0x0000FFFFu, 0xFFFF0000u}, {0xFFFF0000u, 0xFFFF0000u}, {0xFFFFFFFFu, 0xFFFF0000u},
    {0x00000000u, 0xFFFFFFFFu}, {0x0000FFFFu, 0xFFFFFFFFu}, {0xFFFF0000u, 0xFFFFFFFFu}, {0xFFFFFFFFu, 0xFFFFFFFFu},
};

static inline void spread_to_rgb565(uint32_t four, uint16_t *dst)
{
    const uint32_t *pair = spread_wide[four];

    kernel_store32(dst, pair[0]);
    kernel_store32(dst + 2, pair[1]);
}

void kernel_bits_to_rgb565_c(const uint32_t *bits, int n, uint16_t *dst)
{
    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        spread_to_rgb565(word & 15, dst);
        spread_to_rgb565(word >> 4 & 15, dst + 4);
        spread_to_rgb565(word >> 8 & 15, dst + 8);
        spread_to_rgb565(word >> 12 & 15, dst + 12);
        spread_to_rgb565(word >> 16 & 15, dst + 16);
        spread_to_rgb565(word >> 20 & 15, dst + 20);
        spread_to_rgb565(word >> 24 & 15, dst + 24);
        spread_to_rgb565(word >> 28, dst + 28);
    }
    for (uint32_t word = n > 0 ? *bits : 0; n > 0; n--, word >>= 1) {
        *dst++ = (uint16_t)-(word & 1);
    }
}

/* Words without a set bit are skipped; else four (two) pixels at a time: the multiplication copies a bit to the bottom of each byte. */
void kernel_blend8_c(const uint32_t *bits, int n, uint8_t value, uint8_t *dst)
{
    const uint32_t four = value * 0x01010101u;

    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        for (int k = 0; word; k += 4, word >>= 4) {
            uint32_t mask = ((word & 15) * 0x00204081u & 0x01010101u) * 255;
            kernel_store32(dst + k, (kernel_load32(dst + k) & ~mask) | (four & mask));
        }
    }
    for (uint32_t word = n ? *bits : 0; word; word &= word - 1) {
        dst[__builtin_ctz(word)] = value;
    }
}

void kernel_blend16_c(const uint32_t *bits, int n, uint16_t value, uint16_t *dst)
{
    const uint32_t two = value * 0x00010001u;

    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        for (int k = 0; word; k += 2, word >>= 2) {
            uint32_t mask = ((word & 1) | (word & 2) << 15) * 0xFFFF;
            kernel_store32(dst + k, (kernel_load32(dst + k) & ~mask) | (two & mask));
        }
    }
    for (uint32_t word = n ? *bits : 0; word; word &= word - 1) {
        dst[__builtin_ctz(word)] = value;
    }
}

void kernel_debayer_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                      uint8_t *other)
{
    for (int i = 0; i < n; i++, green = !green) {
        if (green) {
            own[i] = (uint8_t)((here[i - 1] + here[i + 1]) >> 1);
            g[i] = here[i];
            other[i] = (uint8_t)((above[i] + below[i]) >> 1);
        } else {
            own[i] = here[i];
            g[i] = (uint8_t)((above[i] + below[i] + here[i - 1] + here[i + 1]) >> 2);
            other[i] = (uint8_t)((above[i - 1] + above[i + 1] + below[i - 1] + below[i + 1]) >> 2);
        }
    }
}

void kernel_debayer_gray_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray)
{
    uint8_t own[4], g[4], other[4];

    for (int i = 0; i < n; i += 4) {
        kernel_debayer_c(above + i, here + i, below + i, 4, green, own, g, other);
        kernel_rgb_to_gray(red_row ? own : other, g, red_row ? other : own, 4, gray + i);
    }
}

void kernel_debayer_rgb565_c(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst)
{
    uint8_t own[4], g[4], other[4];

    for (int i = 0; i < n; i += 4) {
        kernel_debayer_c(above + i, here + i, below + i, 4, green, own, g, other);
        kernel_rgb_to_rgb565(red_row ? own : other, g, red_row ? other : own, 4, dst + i);
    }
}

static inline void count_4(uint32_t v, uint32_t count[256])
{
    count[v & 255]++;
    count[v >> 8 & 255]++;
    count[v >> 16 & 255]++;
    count[v >> 24]++;
}

void kernel_invert_c(uint8_t *bytes, size_t n)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        kernel_store32(bytes + i, ~kernel_load32(bytes + i));
    }
    for (; i < n; i++) {
        bytes[i] = (uint8_t)~bytes[i];
    }
}

void kernel_lookup8_c(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst)
{
    for (; n >= 8; n -= 8, src += 8, dst += 8) {
        uint32_t v = kernel_load32(src), u = kernel_load32(src + 4);
        v = table[v & 255] | (uint32_t)table[v >> 8 & 255] << 8 | (uint32_t)table[v >> 16 & 255] << 16 | (uint32_t)table[v >> 24] << 24;
        u = table[u & 255] | (uint32_t)table[u >> 8 & 255] << 8 | (uint32_t)table[u >> 16 & 255] << 16 | (uint32_t)table[u >> 24] << 24;
        kernel_store32(dst, v);
        kernel_store32(dst + 4, u);
    }
    for (int i = 0; i < n; i++) {
        dst[i] = table[src[i]];
    }
}

void kernel_mix_tables_c(const uint8_t *src, int n, const uint32_t table[256], uint32_t across, uint32_t step, uint32_t even, uint32_t odd, uint8_t *dst)
{
    for (int i = 0; i < n; i++, across += step) {
        uint32_t v = table[src[i]], left = across & 0xFFFF, right = across >> 16;
        uint32_t e = (v & 255) * left + (v >> 16 & 255) * right, o = (v >> 8 & 255) * left + (v >> 24) * right;
        dst[i] = (uint8_t)((e * even + o * odd + (1u << 23)) >> 24);
    }
}

void kernel_lookup_565_c(uint16_t *p, int n, const uint16_t high[2048], const uint8_t low[32])
{
#pragma GCC unroll 4
    for (; n >= 2; n -= 2, p += 2) {
        uint32_t v = kernel_load32(p), second = (uint32_t)high[v >> 21] | low[v >> 16 & 31];
        kernel_store32(p, (second << 16 | high[v >> 5 & 2047]) | low[v & 31]);
    }
    if (n) {
        *p = (uint16_t)(high[*p >> 5] | low[*p & 31]);
    }
}

void kernel_move8_c(uint8_t *v, const uint8_t *from, const uint8_t *to, int n)
{
    for (int i = 0; i < n; i++) {
        int moved = v[i] + to[i] - from[i];
        v[i] = (uint8_t)(moved < 0 ? 0 : moved > 255 ? 255 : moved);
    }
}

void kernel_count_gray(const uint8_t *src, int n, uint32_t count[256])
{
    for (; n >= 16; n -= 16, src += 16) {
        count_4(kernel_load32(src), count);
        count_4(kernel_load32(src + 4), count);
        count_4(kernel_load32(src + 8), count);
        count_4(kernel_load32(src + 12), count);
    }
    for (; n >= 4; n -= 4, src += 4) {
        count_4(kernel_load32(src), count);
    }
    for (; n > 0; n--) {
        count[*src++]++;
    }
}
