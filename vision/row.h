/* SPDX-License-Identifier: MIT */
/* Rows: the one place that knows pixel formats. An operation loads a row into a working type, runs its kernel, stores the row.
   Working types: gray (u8), rgb565 (u16), r/g/b planes (u8), bits (32 pixels per word, bit 0 leftmost).
   All functions take 0 <= x, x + w <= width, 0 <= y < height (callers clip), any raw format, and need no scratch. */
#ifndef VISION_ROW_H
#define VISION_ROW_H

#include "vision/image.h"

/* Format -> working type. Bayer is demosaiced bilinearly, edges mirrored; a YUV422 chroma sample serves the two pixels of its pair. */
void row_load_gray(const struct image *img, int x, int y, int w, uint8_t *gray);
void row_load_rgb565(const struct image *img, int x, int y, int w, uint16_t *rgb565);
void row_load_rgb(const struct image *img, int x, int y, int w, uint8_t *r, uint8_t *g, uint8_t *b);

/* Bit set where the pixel is not 0 as a mask: binary 1, gray > 127, RGB565 with gray > 127. Bits past w in the last word are 0. */
void row_load_bits(const struct image *img, int x, int y, int w, uint32_t *bits);

/* Bit set where the pixel's native value is not 0 (mutable formats). */
void row_load_nonzero(const struct image *img, int x, int y, int w, uint32_t *bits);

/* Working type -> format, mutable formats only (binary: set when gray > 127). */
void row_store_gray(const struct image *img, int x, int y, int w, const uint8_t *gray);
void row_store_rgb565(const struct image *img, int x, int y, int w, const uint16_t *rgb565);
void row_store_rgb(const struct image *img, int x, int y, int w, const uint8_t *r, const uint8_t *g, const uint8_t *b);

/* 0 / white of the format from bits; row_blend_bits keeps the pixels whose bit is clear and writes `native` where it is set; bits past w must be 0. */
void row_store_bits(const struct image *img, int x, int y, int w, const uint32_t *bits);
void row_blend_bits(const struct image *img, int x, int y, int w, const uint32_t *bits, uint32_t native);

/* Before a whole row is stored: the bits that pad a binary row to a word become 0 (other formats have none). */
void row_clear_padding(const struct image *img, int y);

/* Words for w bits. */
static inline int row_words(int w)
{
    return (w + 31) >> 5;
}

#endif
