/* SPDX-License-Identifier: MIT */
/* PNG's filters and CRC. A pixel of up to four bytes is undone in one word: what lies beyond it there is overwritten by the next one. */
#include "vision/png_internal.h"

#include "vision/kernel.h"
#include "vision/png_simd.h"

const uint8_t png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

void png_crc_init(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) {
            c = c >> 1 ^ (c & 1 ? 0xEDB88320u : 0);
        }
        table[i] = c;
    }
}

uint32_t png_crc(const uint32_t table[256], uint32_t crc, const uint8_t *data, size_t size)
{
    crc = ~crc;
    for (const uint8_t *end = data + (size & ~(size_t)3); data < end; data += 4) {
        crc ^= kernel_load32(data);
        crc = table[crc & 0xFF] ^ crc >> 8;
        crc = table[crc & 0xFF] ^ crc >> 8;
        crc = table[crc & 0xFF] ^ crc >> 8;
        crc = table[crc & 0xFF] ^ crc >> 8;
    }
    for (size &= 3; size; size--) {
        crc = table[(crc ^ *data++) & 0xFF] ^ crc >> 8;
    }
    return ~crc;
}

/* With a <= b: c is the nearest of a + b - c where it lies in the middle third between them; below that third b is, above it a. */
static inline int paeth(int a, int b, int c)
{
    int low = a < b ? a : b, high = a < b ? b : a, third = 3 * c - (a + b);
    int upper = high <= third ? low : c;

    return third <= low ? high : upper;
}

/* ---- Undoing ---- */

/* Bytes that depend on the one before. Sub: sums of four, by two additions of words, onto the last one before. */
static void undo_sub_1(const uint8_t *raw, uint8_t *out, size_t n)
{
    uint32_t a = 0;

    for (const uint8_t *end = raw + (n & ~(size_t)3); raw < end; raw += 4, out += 4) {
        uint32_t w = kernel_load32(raw);
        w = png_add4(w, w << 8);
        w = png_add4(png_add4(w, w << 16), a * 0x01010101u);
        kernel_store32(out, w);
        a = w >> 24;
    }
    for (n &= 3; n; n--) {
        a += *raw++;
        *out++ = (uint8_t)a;
    }
}

static void undo_average_1(const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n)
{
    unsigned a = 0;

    for (const uint8_t *end = raw + n; raw < end;) {
        a = (*raw++ + ((a + *prior++) >> 1)) & 255;
        *out++ = (uint8_t)a;
    }
}

static void undo_paeth_1(const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n)
{
    int a = 0, c = 0;

    for (const uint8_t *end = raw + n; raw < end;) {
        int b = *prior++;
        a = (*raw++ + paeth(a, b, c)) & 255;
        c = b;
        *out++ = (uint8_t)a;
    }
}

/* Pixels of `step` = 2..4 bytes, each in a word. */
static inline __attribute__((always_inline)) void undo_word(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n,
                                                            size_t step)
{
    uint32_t a = 0, c = 0;

    for (const uint8_t *end = raw + n; raw < end; raw += step, prior += step, out += step) {
        uint32_t w = kernel_load32(raw);
        if (filter == PNG_SUB) {
            a = png_add4(a, w);
        } else {
            uint32_t b = kernel_load32(prior);
            a = png_add4(filter == PNG_AVERAGE ? png_mean4(a, b) : png_paeth4(a, b, c), w);
            c = b;
        }
        kernel_store32(out, a);
    }
}

static inline __attribute__((always_inline)) void undo_words(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n,
                                                             size_t step)
{
    switch (filter) {
    case PNG_SUB:
        undo_word(PNG_SUB, raw, prior, out, n, step);
        break;
    case PNG_AVERAGE:
        undo_word(PNG_AVERAGE, raw, prior, out, n, step);
        break;
    default:
        undo_word(PNG_PAETH, raw, prior, out, n, step);
        break;
    }
}

/* Pixels of 6 or 8 bytes: rare. */
static void undo_wide(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i++) {
        int a = i < step ? 0 : out[i - step], b = prior[i], c = i < step ? 0 : prior[i - step];
        out[i] = (uint8_t)(raw[i] + (filter == PNG_SUB ? a : filter == PNG_AVERAGE ? (a + b) >> 1 : paeth(a, b, c)));
    }
}

static void undo_up(const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n)
{
    for (; n >= 4; n -= 4, raw += 4, prior += 4, out += 4) {
        kernel_store32(out, png_add4(kernel_load32(raw), kernel_load32(prior)));
    }
    for (; n; n--) {
        *out++ = (uint8_t)(*raw++ + *prior++);
    }
}

void png_unfilter(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n, int step)
{
    if (filter == PNG_NONE) {
        memcpy(out, raw, n);
    } else if (filter == PNG_UP) {
        undo_up(raw, prior, out, n);
    } else if (step == 1 && filter == PNG_SUB) {
        undo_sub_1(raw, out, n);
    } else if (step == 1) {
        (filter == PNG_AVERAGE ? undo_average_1 : undo_paeth_1)(raw, prior, out, n);
    } else if (step == 3) {
        undo_words(filter, raw, prior, out, n, 3);
    } else if (step <= 4) {
        undo_words(filter, raw, prior, out, n, (size_t)step);
    } else {
        undo_wide(filter, raw, prior, out, n, (size_t)step);
    }
}

/* ---- Applying ---- */

/* Four bytes of the result. */
static inline __attribute__((always_inline)) uint32_t filtered(int filter, const uint8_t *row, const uint8_t *prior, size_t step)
{
    uint32_t x = kernel_load32(row);

    switch (filter) {
    case PNG_SUB:
        return png_sub4(x, kernel_load32(row - step));
    case PNG_UP:
        return png_sub4(x, kernel_load32(prior));
    case PNG_AVERAGE:
        return png_sub4(x, png_mean4(kernel_load32(row - step), kernel_load32(prior)));
    case PNG_PAETH:
        return png_sub4(x, png_paeth4(kernel_load32(row - step), kernel_load32(prior), kernel_load32(prior - step)));
    default:
        return x;
    }
}

static inline __attribute__((always_inline)) uint32_t apply(int filter, const uint8_t *row, const uint8_t *prior, uint8_t *out, size_t n,
                                                            size_t step)
{
    uint32_t sum = 0;

    for (const uint8_t *end = row + (n & ~(size_t)7); row < end; row += 8, prior += 8, out += 8) {
        uint32_t a = filtered(filter, row, prior, step), b = filtered(filter, row + 4, prior + 4, step);
        kernel_store32(out, a);
        kernel_store32(out + 4, b);
        sum = png_size4(b, png_size4(a, sum));
    }
    for (size_t left = n & 7; left; left -= left < 4 ? left : 4, row += 4, prior += 4, out += 4) {
        uint32_t w = filtered(filter, row, prior, step);
        w &= left < 4 ? (1u << 8 * left) - 1 : 0xFFFFFFFFu;
        kernel_store32(out, w);
        sum = png_size4(w, sum);
    }
    return sum;
}

uint32_t png_filter(int filter, const uint8_t *row, const uint8_t *prior, uint8_t *out, size_t n, int step)
{
    switch (filter) {
    case PNG_SUB:
        return apply(PNG_SUB, row, prior, out, n, (size_t)step);
    case PNG_UP:
        return apply(PNG_UP, row, prior, out, n, (size_t)step);
    case PNG_AVERAGE:
        return apply(PNG_AVERAGE, row, prior, out, n, (size_t)step);
    case PNG_PAETH:
        return apply(PNG_PAETH, row, prior, out, n, (size_t)step);
    default:
        return apply(PNG_NONE, row, prior, out, n, (size_t)step);
    }
}
