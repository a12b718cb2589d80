/* SPDX-License-Identifier: MIT */
/* Each pixel by its own value alone, in place: negative, gamma, white balance, colour correction; and equalising the histogram.
   Errors of all: FORMAT (not a mutable format), ARGUMENT (an option out of its range, or no number), MEMORY; then nothing has been written. */
#ifndef VISION_ADJUST_H
#define VISION_ADJUST_H

#include "vision/image.h"

/* Every channel's value v becomes its range's top minus v. */
int adjust_negate(struct image *img);

/* With v from 0 to 1 in its channel's range: contrast * v^(1 / gamma) + brightness, cut and rounded to nearest. gamma > 0.
   RGB565: in the channels' 5, 6 and 5 bits. Scratch: RGB565 4.9 KiB, others 1.3 KiB. */
int adjust_gamma(struct image *img, float gamma, float contrast, float brightness, struct arena *arena);

/* White balance of RGB565; other formats stay as they are. Gains on red, green and blue that make the channels' means equal to the greatest of them
   (gray world), or, with `max`, their maxima (white patch). Scratch: 4.9 KiB. */
int adjust_awb(struct image *img, bool max, struct arena *arena);

/* Colour correction of RGB565; other formats stay as they are. (r, g, b) from 0 to 255 becomes rows of the 3 x 4 matrix times (r, g, b, 1),
   cut; coefficients -31 .. 31 in steps of 1/1024, the last column -8192 .. 8192. */
int adjust_ccm(struct image *img, const float matrix[12]);

struct equalize_options {
    bool adaptive;                  /* CLAHE: histograms of 8 x 8 tiles, interpolated between their centres */
    float clip_limit;               /* adaptive: no bin counts for more than this times the mean bin; <= 0: no limit */
    const struct image *mask;       /* only where set: counted and changed; any mutable format, at least as large; NULL: everywhere */
};

/* Equalises brightness: v becomes the share of pixels that are no brighter than v, of the range's top. RGB565: its gray (row.h) is
   equalised, and red, green and blue are moved by the same amount. Scratch: 1.3 KiB + 5 w; adaptive 8.1 KiB + 5 w.
   SIZE: mask smaller than the image; adaptive: image smaller than 8 x 8. */
int equalize_histogram(struct image *img, const struct equalize_options *options, struct arena *arena);

#endif
