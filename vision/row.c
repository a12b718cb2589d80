/* SPDX-License-Identifier: MIT */
/* Rows: every pixel format to and from the working types. */
#include "vision/row.h"

#include <string.h>

#include "vision/kernel.h"
#include "vision/row_sensor.h"

/* Pixels per step where a format goes through a small buffer on the stack. */
#define CHUNK 256

static const uint16_t *pixels16(const struct image *img, int x, int y)
{
    return (const uint16_t *)(const void *)image_row(img, y) + x;
}

static uint32_t *words(const struct image *img, int y)
{
    return (uint32_t *)(void *)image_row(img, y);
}

/* Bits x .. x + w - 1 of a binary row to bits 0 .. w - 1; the rest of the last word is 0. */
static void bits_from(const uint32_t *row, int x, int w, uint32_t *bits)
{
    int shift = x & 31;

    row += x >> 5;
    for (int n = w; n > 0; n -= 32, row++) {
        uint32_t v = row[0] >> shift;
        if (shift && n > 32 - shift) {
            v |= row[1] << (32 - shift);
        }
        *bits++ = n < 32 ? v & ((1u << n) - 1) : v;
    }
}

/* row = (row & ~mask) | (value & mask) for bits x .. x + w - 1 */
static void bits_merge(uint32_t *row, int x, int w, const uint32_t *value, const uint32_t *mask)
{
    int shift = x & 31;

    row += x >> 5;
    for (int n = w; n > 0; n -= 32, row++, value++) {
        uint32_t m = n < 32 ? (1u << n) - 1 : ~0u;
        if (mask) {
            m &= *mask++;
        }
        uint32_t v = *value & m;
        row[0] = (row[0] & ~(m << shift)) | v << shift;
        if (shift && m >> (32 - shift)) {
            row[1] = (row[1] & ~(m >> (32 - shift))) | v >> (32 - shift);
        }
    }
}

void row_load_gray(const struct image *img, int x, int y, int w, uint8_t *gray)
{
    if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_copy(gray, image_row(img, y) + x, (size_t)w);
    } else if (img->format == PIXFORMAT_RGB565) {
        kernel_rgb565_to_gray(pixels16(img, x, y), w, gray);
    } else if (img->format == PIXFORMAT_BINARY) {
        uint32_t bits[CHUNK / 32];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            bits_from(words(img, y), x + i, n, bits);
            kernel_bits_to_gray(bits, n, gray + i);
        }
    } else if (pixformat_is_yuv(img->format)) {
        const uint16_t *p = pixels16(img, x, y);
        for (int i = 0; i < w; i++) {
            gray[i] = (uint8_t)p[i];
        }
    } else {
        uint8_t r[CHUNK], g[CHUNK], b[CHUNK];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            row_debayer(img, x + i, y, n, r, g, b);
            kernel_rgb_to_gray(r, g, b, n, gray + i);
        }
    }
}

void row_load_rgb565(const struct image *img, int x, int y, int w, uint16_t *rgb565)
{
    if (img->format == PIXFORMAT_RGB565) {
        kernel_copy(rgb565, pixels16(img, x, y), (size_t)w * 2);
    } else if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_gray_to_rgb565(image_row(img, y) + x, w, rgb565);
    } else if (img->format == PIXFORMAT_BINARY) {
        uint32_t bits[CHUNK / 32];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            bits_from(words(img, y), x + i, n, bits);
            kernel_bits_to_rgb565(bits, n, rgb565 + i);
        }
    } else {
        uint8_t r[CHUNK], g[CHUNK], b[CHUNK];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            row_load_rgb(img, x + i, y, n, r, g, b);
            kernel_rgb_to_rgb565(r, g, b, n, rgb565 + i);
        }
    }
}

void row_load_rgb(const struct image *img, int x, int y, int w, uint8_t *r, uint8_t *g, uint8_t *b)
{
    if (img->format == PIXFORMAT_RGB565) {
        kernel_rgb565_to_rgb(pixels16(img, x, y), w, r, g, b);
    } else if (pixformat_is_yuv(img->format)) {
        row_yuv_to_rgb(pixels16(img, 0, y), img->width, img->format == PIXFORMAT_YVU422, x, w, r, g, b);
    } else if (pixformat_is_bayer(img->format)) {
        row_debayer(img, x, y, w, r, g, b);
    } else {
        row_load_gray(img, x, y, w, r);
        memcpy(g, r, (size_t)w);
        memcpy(b, r, (size_t)w);
    }
}

void row_load_bits(const struct image *img, int x, int y, int w, uint32_t *bits)
{
    if (img->format == PIXFORMAT_BINARY) {
        bits_from(words(img, y), x, w, bits);
        return;
    }
    if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_gray_range_bits(image_row(img, y) + x, w, 0x80808080u, 0x7F7F7F7Fu, bits);
        return;
    }
    uint8_t gray[CHUNK];
    for (int i = 0; i < w; i += CHUNK) {
        int n = w - i < CHUNK ? w - i : CHUNK;
        row_load_gray(img, x + i, y, n, gray);
        kernel_gray_range_bits(gray, n, 0x80808080u, 0x7F7F7F7Fu, bits + i / 32);
    }
}

void row_load_nonzero(const struct image *img, int x, int y, int w, uint32_t *bits)
{
    if (img->format == PIXFORMAT_BINARY) {
        bits_from(words(img, y), x, w, bits);
        return;
    }
    memset(bits, 0, (size_t)row_words(w) * 4);
    for (int i = 0; i < w; i++) {
        uint32_t pixel = img->format == PIXFORMAT_RGB565 ? pixels16(img, x, y)[i] : image_row(img, y)[x + i];
        bits[i >> 5] |= (uint32_t)(pixel != 0) << (i & 31);
    }
}

void row_store_gray(const struct image *img, int x, int y, int w, const uint8_t *gray)
{
    if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_copy(image_row(img, y) + x, gray, (size_t)w);
    } else if (img->format == PIXFORMAT_RGB565) {
        kernel_gray_to_rgb565(gray, w, (uint16_t *)(void *)image_row(img, y) + x);
    } else if (img->format == PIXFORMAT_BINARY) {
        uint32_t bits[CHUNK / 32];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            kernel_gray_range_bits(gray + i, n, 0x80808080u, 0x7F7F7F7Fu, bits);
            bits_merge(words(img, y), x + i, n, bits, NULL);
        }
    }
}

void row_store_rgb565(const struct image *img, int x, int y, int w, const uint16_t *rgb565)
{
    if (img->format == PIXFORMAT_RGB565) {
        kernel_copy((uint16_t *)(void *)image_row(img, y) + x, rgb565, (size_t)w * 2);
    } else if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_rgb565_to_gray(rgb565, w, image_row(img, y) + x);
    } else {
        uint8_t gray[CHUNK];
        for (int i = 0; i < w; i += CHUNK) {
            int n = w - i < CHUNK ? w - i : CHUNK;
            kernel_rgb565_to_gray(rgb565 + i, n, gray);
            row_store_gray(img, x + i, y, n, gray);
        }
    }
}

void row_store_rgb(const struct image *img, int x, int y, int w, const uint8_t *r, const uint8_t *g, const uint8_t *b)
{
    if (img->format == PIXFORMAT_RGB565) {
        kernel_rgb_to_rgb565(r, g, b, w, (uint16_t *)(void *)image_row(img, y) + x);
        return;
    }
    uint8_t gray[CHUNK];
    for (int i = 0; i < w; i += CHUNK) {
        int n = w - i < CHUNK ? w - i : CHUNK;
        kernel_rgb_to_gray(r + i, g + i, b + i, n, gray);
        row_store_gray(img, x + i, y, n, gray);
    }
}

void row_store_bits(const struct image *img, int x, int y, int w, const uint32_t *bits)
{
    if (img->format == PIXFORMAT_BINARY) {
        bits_merge(words(img, y), x, w, bits, NULL);
    } else if (img->format == PIXFORMAT_RGB565) {
        kernel_bits_to_rgb565(bits, w, (uint16_t *)(void *)image_row(img, y) + x);
    } else {
        kernel_bits_to_gray(bits, w, image_row(img, y) + x);
    }
}

void row_blend_bits(const struct image *img, int x, int y, int w, const uint32_t *bits, uint32_t native)
{
    if (img->format == PIXFORMAT_BINARY) {
        uint32_t value = native ? ~0u : 0;
        for (int i = 0; i < w; i += 32) {
            bits_merge(words(img, y), x + i, w - i < 32 ? w - i : 32, &value, bits + i / 32);
        }
        return;
    }
    if (img->format == PIXFORMAT_RGB565) {
        kernel_blend16(bits, w, (uint16_t)native, (uint16_t *)(void *)image_row(img, y) + x);
    } else {
        kernel_blend8(bits, w, (uint8_t)native, image_row(img, y) + x);
    }
}

void row_clear_padding(const struct image *img, int y)
{
    if (img->format == PIXFORMAT_BINARY && (img->width & 31)) {
        words(img, y)[img->width >> 5] &= (1u << (img->width & 31)) - 1;
    }
}
