/* SPDX-License-Identifier: MIT */
/* Rows of what image sensors deliver: Bayer mosaics and YUV422. Part of row.c's inside. */
#ifndef VISION_ROW_SENSOR_H
#define VISION_ROW_SENSOR_H

#include "vision/image.h"

/* Bilinear: a missing channel is the mean, rounded down, of its two or four nearest samples; outside samples are mirrored about the
   border pixel (and, in an image one pixel wide or high, are that pixel). */
void row_debayer(const struct image *img, int x, int y, int w, uint8_t *r, uint8_t *g, uint8_t *b);

/* The same from three rows of raw samples given one by one (above, here, below; mirrored by the caller) of an image `width` wide. */
void row_debayer_rows(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row, int x,
                      int w, uint8_t *r, uint8_t *g, uint8_t *b);

/* A whole row at once, gray or packed. */
void row_debayer_gray(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row,
                      uint8_t *gray);
void row_debayer_rgb565(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row,
                        uint16_t *rgb565);

/* Pattern of row y. */
void row_bayer_pattern(enum pixel_format format, int y, bool *green_first, bool *red_row);

/* Pixels x .. x + w - 1 of a row `width` wide. In an odd width the last pixel's own chroma serves for both. */
void row_yuv_to_rgb(const uint16_t *row, int width, bool v_first, int x, int w, uint8_t *r, uint8_t *g, uint8_t *b);

/* The whole row, packed. rgb565 may be row. */
void row_yuv_to_rgb565(const uint16_t *row, int width, bool v_first, uint16_t *rgb565);

#endif
