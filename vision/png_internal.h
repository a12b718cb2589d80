/* SPDX-License-Identifier: MIT */
/* What the files of the PNG codec share: chunks, the CRC, filters. Not for others. */
#ifndef VISION_PNG_INTERNAL_H
#define VISION_PNG_INTERNAL_H

#include "vision/png.h"

/* Names of chunks as 32-bit numbers. A small first letter: ancillary. */
enum png_chunk { PNG_IHDR = 0x49484452, PNG_PLTE = 0x504C5445, PNG_IDAT = 0x49444154, PNG_IEND = 0x49454E44 };
#define PNG_ANCILLARY 0x20000000u

extern const uint8_t png_signature[8];

static inline uint32_t png_load_big(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void png_store_big(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

/* CRC-32 of PNG, annex D: the table, and `size` more bytes; begin with 0. */
void png_crc_init(uint32_t table[256]);
uint32_t png_crc(const uint32_t table[256], uint32_t crc, const uint8_t *data, size_t size);

/* ---- Filters (PNG, 9.2) ---- */
enum { PNG_NONE, PNG_SUB, PNG_UP, PNG_AVERAGE, PNG_PAETH, PNG_FILTERS };

/* Bytes of a row buffer behind and (for png_filter) before it that filters may touch; those before it are 0. */
#define PNG_ROW_SLACK 8

/* Undoes a filter: n bytes of `raw`, which is not `out`, to `out`; `prior`: the row above, zeros for the first. `step`: bytes from pixel to
   pixel, 1, 2, 3, 4, 6 or 8. Reads up to 3 bytes beyond rows, and writes as many beyond `out` unless step is 1. */
void png_unfilter(int filter, const uint8_t *raw, const uint8_t *prior, uint8_t *out, size_t n, int step);

/* Applies a filter to `row`, of n bytes, with `step` zeros before `row` and `prior`. Writes up to 3 bytes beyond `out`.
   Returns the sum of the absolute values of the result's bytes as signed numbers. */
uint32_t png_filter(int filter, const uint8_t *row, const uint8_t *prior, uint8_t *out, size_t n, int step);

#endif
