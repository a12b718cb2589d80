/* SPDX-License-Identifier: MIT */
/* Colour thresholds, their test on whole rows of pixels, and binary(). */
#ifndef VISION_THRESHOLD_H
#define VISION_THRESHOLD_H

#include "vision/image.h"

/* Inclusive ranges, no wider than threshold_from_ints makes them. Binary images compare l with 0/1, grayscale l with 0..255, RGB565 Lab. */
struct threshold { int l_min, l_max, a_min, a_max, b_min, b_max; };

/* From 1..6 integers as scripts give them: missing ones take the full range, swapped pairs are put in order, values are cut to the range
   0..255 (l) or -128..127. count 0 is the full range. VISION_E_ARGUMENT if count is not 0..6. */
int threshold_from_ints(struct threshold *out, const int *values, int count);

/* A set of thresholds prepared for one pixel format: a pixel is in when any of them holds (then inverted, if asked). */
struct threshold_set {
    enum pixel_format format;
    uint32_t *table;                /* one bit per value: 65536 (RGB565), 256 (grayscale) or 2 of them, inversion included */
    uint32_t low4, span4;           /* grayscale whose values form one range: the range, four times, for byte-wise compare */
    bool one_range;
};

/* Scratch: RGB565 8192 bytes and, released, 3584; others 32. List of `count` thresholds; count 0: nothing is in. FORMAT for anything not mutable. */
int threshold_prepare(struct threshold_set *set, enum pixel_format format, const struct threshold *list, size_t count, bool invert,
                      struct arena *arena);

/* One bit per pixel of the row part (row.h: bits). img->format must be the set's. */
void threshold_row(const struct threshold_set *set, const struct image *img, int x, int y, int w, uint32_t *bits);

struct binary_options {
    const struct threshold *thresholds;
    size_t count;
    bool invert;                    /* swap inside and outside */
    bool zero;                      /* inside becomes 0, outside stays (otherwise: inside white, outside black) */
    const struct image *mask;       /* only where set; mutable format, at least as large as the image; NULL: everywhere */
};

/* dst: format = src's, or binary; dst->data may be src->data; width and height are set. With zero and a binary dst of another format, pixels that
   stay are set when not black; where the mask is clear likewise.
   Scratch: threshold_prepare's + 2 rows of bits. Errors: FORMAT, SIZE (mask too small), MEMORY: nothing written. */
int binary_image(struct image *dst, const struct image *src, const struct binary_options *options, struct arena *arena);

#endif
