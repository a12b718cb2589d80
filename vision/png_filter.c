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
    for (const uint8_t *end = data + size; data < end; data++) {
        crc = table[(crc ^ *data) & 0xFF] ^ crc >> 8;
    }
    return ~crc;
}

static inline int paeth(int a, int b, int c)
{
    int pa = b - c, pb = a - c, pc = pa + pb;

    pa = pa < 0 ? -pa : pa;
    pb = pb < 0 ? -pb : pb;
    pc = pc < 0 ? -pc : pc;
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* ---- Undoing ---- */

/* Bytes that depend on the one before: one by one. */
static void undo_1(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n)
{
    const uint8_t *end = raw + n;
    unsigned a = 0;
    int c = 0;

    switch (filter) {
    case PNG_SUB:
        while (raw < end) {
            a += *raw++;
            *out++ = (uint8_t)a;
        }
        break;
    case PNG_AVERAGE:
        while (raw < end) {
            a = (*raw++ + ((a + *prior++) >> 1)) & 255;
            *out++ = (uint8_t)a;
        }
        break;
    default:
        while (raw < end) {
            int b = *prior++;
            a = (unsigned)(*raw++ + paeth((int)a, b, c)) & 255;
            c = b;
            *out++ = (uint8_t)a;
        }
        break;
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
    } else if (step == 1) {
        undo_1(filter, raw, prior, out, n);
    } else if (step == 3) {
        undo_words(filter, raw, prior, out, n, 3);
    } else if (step <= 4) {
        undo_words(filter, raw, prior, out, n, (size_t)step);
    } else {
        undo_wide(filter, raw, prior, out, n, (size_t)step);
    }
}

/* ---- Applying ---- */

/* Four bytes of the result at `i`. */
static inline __attribute__((always_inline)) uint32_t filtered(int filter, const uint8_t *row, const uint8_t *prior, size_t i, size_t step)
{
    uint32_t x = kernel_load32(row + i);

    switch (filter) {
    case PNG_SUB:
        return png_sub4(x, kernel_load32(row + i - step));
    case PNG_UP:
        return png_sub4(x, kernel_load32(prior + i));
    case PNG_AVERAGE:
        return png_sub4(x, png_mean4(kernel_load32(row + i - step), kernel_load32(prior + i)));
    case PNG_PAETH:
        return png_sub4(x, png_paeth4(kernel_load32(row + i - step), kernel_load32(prior + i), kernel_load32(prior + i - step)));
    default:
        return x;
    }
}

static inline __attribute__((always_inline)) uint32_t apply(int filter, const uint8_t *row, const uint8_t *prior, uint8_t *out, size_t n,
                                                            size_t step)
{
    uint32_t sum = 0;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        uint32_t w = filtered(filter, row, prior, i, step);
        kernel_store32(out + i, w);
        sum = png_size4(w, sum);
    }
    if (i < n) {
        uint32_t w = filtered(filter, row, prior, i, step) & ((1u << 8 * (n - i)) - 1);
        kernel_store32(out + i, w);
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
