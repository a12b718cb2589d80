/* SPDX-License-Identifier: MIT */
/* Row kernels with the SIMD instructions of Armv7E-M: four bytes per instruction. Empty on other cores. */
#include "vision/kernel.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"

/* Four bits: byte i of v, minus that of low, is no greater than that of span. The sum of the selected bytes 1, 2, 4, 8 is the nibble. */
static inline uint32_t in_range4(uint32_t v, uint32_t low4, uint32_t span4)
{
    (void)__usub8(span4, __usub8(v, low4));
    return __usad8(__sel(0x08040201u, 0), 0);
}

void kernel_gray_range_bits_dsp(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits)
{
    for (; n >= 32; n -= 32, src += 32) {
        uint32_t word = in_range4(kernel_load32(src), low4, span4);
        word |= in_range4(kernel_load32(src + 4), low4, span4) << 4;
        word |= in_range4(kernel_load32(src + 8), low4, span4) << 8;
        word |= in_range4(kernel_load32(src + 12), low4, span4) << 12;
        word |= in_range4(kernel_load32(src + 16), low4, span4) << 16;
        word |= in_range4(kernel_load32(src + 20), low4, span4) << 20;
        word |= in_range4(kernel_load32(src + 24), low4, span4) << 24;
        word |= in_range4(kernel_load32(src + 28), low4, span4) << 28;
        *bits++ = word;
    }
    kernel_gray_range_bits_c(src, n, low4, span4, bits);
}

/* Pixel number `to`: its bit of the table goes to bit `to` of the word. ROR takes its distance modulo 32, BFI puts one bit. Five
   instructions, which the compiler must not pull apart: it would run out of registers. */
#define INSERT_1(load, size, word, to)                                                                                                     \
    do {                                                                                                                                   \
        uint32_t pixel_, bit_;                                                                                                             \
        __asm__(load " %1, [%3, %5]\n\tlsr %2, %1, #5\n\tldr %2, [%4, %2, lsl #2]\n\tror %2, %2, %1\n\tbfi %0, %2, %6, #1"                  \
                : "+r"(word), "=&r"(pixel_), "=&r"(bit_)                                                                                   \
                : "r"(src), "r"(table), "i"((to) * (size)), "i"(to), "m"(src[to]), "m"(*(const uint32_t(*)[TABLE_WORDS])table));           \
    } while (0)

#define INSERT_8(load, size, word, to)                                                                                                     \
    do {                                                                                                                                   \
        INSERT_1(load, size, word, to);                                                                                                    \
        INSERT_1(load, size, word, (to) + 1);                                                                                              \
        INSERT_1(load, size, word, (to) + 2);                                                                                              \
        INSERT_1(load, size, word, (to) + 3);                                                                                              \
        INSERT_1(load, size, word, (to) + 4);                                                                                              \
        INSERT_1(load, size, word, (to) + 5);                                                                                              \
        INSERT_1(load, size, word, (to) + 6);                                                                                              \
        INSERT_1(load, size, word, (to) + 7);                                                                                              \
    } while (0)

#define INSERT_32(load, size, word)                                                                                                        \
    do {                                                                                                                                   \
        INSERT_8(load, size, word, 0);                                                                                                     \
        INSERT_8(load, size, word, 8);                                                                                                     \
        INSERT_8(load, size, word, 16);                                                                                                    \
        INSERT_8(load, size, word, 24);                                                                                                    \
    } while (0)

#define TABLE_WORDS 2048
void kernel_rgb565_table_bits_dsp(const uint16_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    for (; n >= 32; n -= 32, src += 32) {
        uint32_t word = 0;
        INSERT_32("ldrh", 2, word);
        *bits++ = word;
    }
    kernel_rgb565_table_bits_c(src, n, table, bits);
}

#undef TABLE_WORDS
#define TABLE_WORDS 8
void kernel_gray_table_bits_dsp(const uint8_t *src, int n, const uint32_t *table, uint32_t *bits)
{
    for (; n >= 32; n -= 32, src += 32) {
        uint32_t word = 0;
        INSERT_32("ldrb", 1, word);
        *bits++ = word;
    }
    kernel_gray_table_bits_c(src, n, table, bits);
}

/* Two pixels in the halves of a word; twice the weights, so that the gray ends up in the upper bytes. No half overflows: 256 * 255. */
static inline uint32_t gray2_high(uint32_t p, uint32_t f8, uint32_t fc, uint32_t m7, uint32_t m3, uint32_t blue)
{
    uint32_t r = (f8 & p >> 8) | (m7 & p >> 13), g = (fc & p >> 3) | (m3 & p >> 9), b = (f8 & p << 3) | (m7 & p >> 2);

    return r * 76 + g * 150 + b * blue;
}

void kernel_rgb565_to_gray_dsp(const uint16_t *src, int n, uint8_t *gray)
{
    const uint32_t f8 = kernel_in_register(0x00F800F8u), fc = kernel_in_register(0x00FC00FCu), m7 = kernel_in_register(0x00070007u), m3 = kernel_in_register(0x00030003u);
    const uint32_t blue = kernel_in_register(30);

    for (; n >= 4; n -= 4, src += 4, gray += 4) {
        uint32_t a = kernel_load32(src), b = kernel_load32(src + 2);
        uint32_t even = gray2_high((a & 0xFFFF) | b << 16, f8, fc, m7, m3, blue), odd = gray2_high(a >> 16 | (b & 0xFFFF0000u), f8, fc, m7, m3, blue);
        kernel_store32(gray, __uxtb16(even >> 8 | even << 24) | (odd & 0xFF00FF00u));
    }
    kernel_rgb565_to_gray_c(src, n, gray);
}

/* 32 bytes by one load and one store of eight registers. Upwards: what lies below its source, or apart from it. */
void kernel_copy_dsp(void *dst, const void *src, size_t n)
{
    if (n >= 32 && (((uintptr_t)dst | (uintptr_t)src) & 3) == 0 && (uintptr_t)dst - (uintptr_t)src >= n) {
        size_t left = n - 32;
        __asm__ volatile("1:\n\tldm %1!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\tsubs %2, %2, #32\n\t"
                         "stm %0!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\tbhs 1b"
                         : "+r"(dst), "+r"(src), "+r"(left)
                         :
                         : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "cc", "memory");
        n &= 31;
    }
    memmove(dst, src, n);
}

void kernel_invert_dsp(uint8_t *bytes, size_t n)
{
    for (; n >= 32; n -= 32) {
        __asm__ volatile("ldm %0, {r3, r4, r5, r6, r8, r9, r10, r12}\n\tmvn r3, r3\n\tmvn r4, r4\n\tmvn r5, r5\n\tmvn r6, r6\n\tmvn r8, r8\n\t"
                         "mvn r9, r9\n\tmvn r10, r10\n\tmvn r12, r12\n\tstm %0!, {r3, r4, r5, r6, r8, r9, r10, r12}"
                         : "+r"(bytes)
                         :
                         : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "memory");
    }
    kernel_invert_c(bytes, n);
}

/* Four pixels of a word, by way of r3 and r12: each taken out, looked up, put in. */
#define LOOKUP_4(word)                                                                                                                     \
    "uxtb r3, " word "\n\tldrb r3, [%3, r3]\n\tubfx r12, " word ", #8, #8\n\tldrb r12, [%3, r12]\n\torr r3, r3, r12, lsl #8\n\t"         \
    "ubfx r12, " word ", #16, #8\n\tldrb r12, [%3, r12]\n\torr r3, r3, r12, lsl #16\n\t"                                                \
    "lsr " word ", " word ", #24\n\tldrb " word ", [%3, " word "]\n\torr " word ", r3, " word ", lsl #24\n\t"

/* As many words at once as there are registers. Rows that don't lie at words, or not both, are left to plain C. */
void kernel_lookup8_dsp(const uint8_t *src, int n, const uint8_t table[256], uint8_t *dst)
{
    if ((((uintptr_t)src | (uintptr_t)dst) & 3) == 0 && n >= 32) {
        int left = n - 32;
        __asm__ volatile("1:\n\tldm %0!, {r4, r5, r6, r7, r8, r9, r10, r11}\n\t" LOOKUP_4("r4") LOOKUP_4("r5") LOOKUP_4("r6") LOOKUP_4("r7")
                         LOOKUP_4("r8") LOOKUP_4("r9") LOOKUP_4("r10") LOOKUP_4("r11")
                         "stm %1!, {r4, r5, r6, r7, r8, r9, r10, r11}\n\tsubs %2, %2, #32\n\tbpl 1b"
                         : "+r"(src), "+r"(dst), "+r"(left)
                         : "r"(table)
                         : "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
        n &= 31;
    }
    kernel_lookup8_c(src, n, table, dst);
}

/* One pixel, by way of v and u */
static inline uint32_t mixed(uint32_t v, uint32_t across, uint32_t even, uint32_t odd, uint32_t half)
{
    uint32_t u;

    __asm__("uxtb16 %1, %0, ror #8\n\tuxtb16 %0, %0\n\tsmuad %1, %1, %2\n\tsmuad %0, %0, %2\n\tmla %1, %1, %4, %5\n\tmla %0, %0, %3, %1"
            : "+r"(v), "=&r"(u)
            : "r"(across), "r"(even), "r"(odd), "r"(half));
    return v >> 24;
}

void kernel_mix_tables_dsp(const uint8_t *src, int n, const uint32_t table[256], uint32_t across, uint32_t step, uint32_t even, uint32_t odd, uint8_t *dst)
{
    const uint32_t half = 1u << 23;

    for (; n >= 4; n -= 4, src += 4, dst += 4, across += step) {
        dst[0] = (uint8_t)mixed(table[src[0]], across, even, odd, half);
        across += step;
        dst[1] = (uint8_t)mixed(table[src[1]], across, even, odd, half);
        across += step;
        dst[2] = (uint8_t)mixed(table[src[2]], across, even, odd, half);
        across += step;
        dst[3] = (uint8_t)mixed(table[src[3]], across, even, odd, half);
    }
    kernel_mix_tables_c(src, n, table, across, step, even, odd, dst);
}

void kernel_move8_dsp(uint8_t *v, const uint8_t *from, const uint8_t *to, int n)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t a = kernel_load32(from + i), b = kernel_load32(to + i);
        kernel_store32(v + i, __uqsub8(__uqadd8(kernel_load32(v + i), __uqsub8(b, a)), __uqsub8(a, b)));
    }
    kernel_move8_c(v + i, from + i, to + i, n - i);
}

/* What four pixels need: byte-wise means at the green samples (sides, ends), sums of four in 16 bits at the coloured ones. With green in
   bytes 0 and 2, the neighbours of the coloured samples in bytes 1 and 3 are bytes 0 and 2 of the words one further on. */
struct mosaic { uint32_t here, sides, ends, cross, corners; };

static inline struct mosaic load_green_first(const uint8_t *above, const uint8_t *here, const uint8_t *below)
{
    uint32_t h = kernel_load32(here), u = kernel_load32(above), d = kernel_load32(below);
    uint32_t cross = __uxtab16(__uxtb16(h), kernel_load32(here + 2));
    uint32_t corners = __uxtab16(__uxtab16(__uxtb16(u), kernel_load32(above + 2)), d);

    cross = __uxtab16(__uxtab16(cross, kernel_load32(above + 1)), kernel_load32(below + 1));
    corners = __uxtab16(corners, kernel_load32(below + 2));
    return (struct mosaic){h, __uhadd8(kernel_load32(here - 1), kernel_load32(here + 1)), __uhadd8(u, d), cross, corners};
}

static inline struct mosaic load_color_first(const uint8_t *above, const uint8_t *here, const uint8_t *below)
{
    uint32_t l = kernel_load32(here - 1), r = kernel_load32(here + 1), u = kernel_load32(above), d = kernel_load32(below);
    uint32_t cross = __uxtab16(__uxtab16(__uxtab16(__uxtb16(l), r), u), d);
    uint32_t corners = __uxtab16(__uxtb16(kernel_load32(above - 1)), kernel_load32(above + 1));

    corners = __uxtab16(__uxtab16(corners, kernel_load32(below - 1)), kernel_load32(below + 1));
    return (struct mosaic){kernel_load32(here), __uhadd8(l, r), __uhadd8(u, d), cross, corners};
}

void kernel_debayer_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, uint8_t *own, uint8_t *g,
                        uint8_t *other)
{
    const uint32_t even = 0x00FF00FFu, odd = 0xFF00FF00u;

    if (green) {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_green_first(above + i, here + i, below + i);
            kernel_store32(own + i, (m.sides & even) | (m.here & odd));
            kernel_store32(g + i, (m.here & even) | (m.cross << 6 & odd));
            kernel_store32(other + i, (m.ends & even) | (m.corners << 6 & odd));
        }
    } else {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_color_first(above + i, here + i, below + i);
            kernel_store32(own + i, (m.sides & odd) | (m.here & even));
            kernel_store32(g + i, (m.here & odd) | (m.cross >> 2 & even));
            kernel_store32(other + i, (m.ends & odd) | (m.corners >> 2 & even));
        }
    }
}

/* Weights twice as in kernel_rgb_to_gray, so that the gray is the upper byte of each half. */
void kernel_debayer_gray_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint8_t *gray)
{
    const uint32_t lanes = kernel_in_register(0x00FF00FFu), middle = kernel_in_register(150);
    const uint32_t own = red_row ? 76 : 30, other = red_row ? 30 : 76;

    if (green) {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_green_first(above + i, here + i, below + i);
            uint32_t even = (lanes & m.sides) * own + (lanes & m.here) * middle + (lanes & m.ends) * other;
            uint32_t odd = (lanes & m.here >> 8) * own + (lanes & m.cross >> 2) * middle + (lanes & m.corners >> 2) * other;
            kernel_store32(gray + i, (lanes & even >> 8) | (odd & ~lanes));
        }
    } else {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_color_first(above + i, here + i, below + i);
            uint32_t odd = (lanes & m.sides >> 8) * own + (lanes & m.here >> 8) * middle + (lanes & m.ends >> 8) * other;
            uint32_t even = (lanes & m.here) * own + (lanes & m.cross >> 2) * middle + (lanes & m.corners >> 2) * other;
            kernel_store32(gray + i, (lanes & even >> 8) | (odd & ~lanes));
        }
    }
}

#define RED   0xF800F800u
#define GREEN 0x07E007E0u
#define BLUE  0x001F001Fu

/* A channel from bytes 0 and 2, from bytes 1 and 3, and from sums of four, to its place in two RGB565 pixels */
#define RED_EVEN(v)   ((v) << 8 & RED)
#define RED_ODD(v)    ((v) & RED)
#define RED_SUM(v)    ((v) << 6 & RED)
#define GREEN_EVEN(v) ((v) << 3 & GREEN)
#define GREEN_ODD(v)  ((v) >> 5 & GREEN)
#define GREEN_SUM(v)  ((v) << 1 & GREEN)
#define BLUE_EVEN(v)  ((v) >> 3 & BLUE)
#define BLUE_ODD(v)   ((v) >> 11 & BLUE)
#define BLUE_SUM(v)   ((v) >> 5 & BLUE)

static inline void store_pairs(uint16_t *dst, uint32_t even, uint32_t odd)
{
    kernel_store32(dst, (even & 0xFFFF) | odd << 16);
    kernel_store32(dst + 2, even >> 16 | (odd & 0xFFFF0000u));
}

void kernel_debayer_rgb565_dsp(const uint8_t *above, const uint8_t *here, const uint8_t *below, int n, int green, int red_row, uint16_t *dst)
{
    if (green && red_row) {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_green_first(above + i, here + i, below + i);
            store_pairs(dst + i, RED_EVEN(m.sides) | GREEN_EVEN(m.here) | BLUE_EVEN(m.ends),
                        RED_ODD(m.here) | GREEN_SUM(m.cross) | BLUE_SUM(m.corners));
        }
    } else if (green) {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_green_first(above + i, here + i, below + i);
            store_pairs(dst + i, RED_EVEN(m.ends) | GREEN_EVEN(m.here) | BLUE_EVEN(m.sides),
                        RED_SUM(m.corners) | GREEN_SUM(m.cross) | BLUE_ODD(m.here));
        }
    } else if (red_row) {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_color_first(above + i, here + i, below + i);
            store_pairs(dst + i, RED_EVEN(m.here) | GREEN_SUM(m.cross) | BLUE_SUM(m.corners),
                        RED_ODD(m.sides) | GREEN_ODD(m.here) | BLUE_ODD(m.ends));
        }
    } else {
        for (int i = 0; i < n; i += 4) {
            struct mosaic m = load_color_first(above + i, here + i, below + i);
            store_pairs(dst + i, RED_SUM(m.corners) | GREEN_SUM(m.cross) | BLUE_EVEN(m.here),
                        RED_ODD(m.ends) | GREEN_ODD(m.here) | BLUE_ODD(m.sides));
        }
    }
}

#endif
