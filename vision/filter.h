/* SPDX-License-Identifier: MIT */
/* Neighbourhood filters: each pixel becomes a function of the window of (2 ksize + 1)^2 pixels around it. In place, a few rows of scratch.

   Beyond the image's edge its outermost pixels continue. RGB565 is filtered channel by channel, in the channels' own 5, 6 and 5 bits;
   binary as gray 0 and 255. Integer results are rounded down. Errors of all: ARGUMENT (ksize, an option out of its range, NaN), FORMAT
   (not a mutable format), SIZE (mask smaller than the image), MEMORY; on an error nothing has been written. */
#ifndef VISION_FILTER_H
#define VISION_FILTER_H

#include "vision/image.h"

/* Largest ksize: sums of a column of the window fit 16 bits. */
#define FILTER_MAX_KSIZE 127

struct filter_options {
    int ksize;                      /* 0 .. FILTER_MAX_KSIZE */
    bool threshold;                 /* adaptive threshold: white where the pixel is brighter than the filter's result by more than `offset`, else black */
    int offset;                     /* in gray levels; negative sets more pixels */
    bool invert;                    /* of the adaptive threshold */
    const struct image *mask;       /* only where set; any mutable format, at least as large as the image; NULL: everywhere */
};

/* Scratch of all, with w the width and s = 2 ksize + 1: the window's rows, c (s + 2) (w + 2 ksize + 16) bytes (c: 1, RGB565 3), and what is named below. */

/* The mean. + 2 c (w + 2 ksize + 8). O(1) per pixel. */
int filter_mean(struct image *img, const struct filter_options *options, struct arena *arena);

/* The value that `percentile` of the window lie below: 0 the minimum, 0.5 the median, 1 the maximum. + 3 (w + 8), 5 (w + 12) or 1 KiB. 3 x 3 and
   5 x 5 medians by sorting networks, else a sliding histogram (Huang, Yang, Tang 1979). */
int filter_median(struct image *img, const struct filter_options *options, float percentile, struct arena *arena);

/* The most frequent value, the lowest of equally frequent ones. + 1 KiB. */
int filter_mode(struct image *img, const struct filter_options *options, struct arena *arena);

/* bias * maximum + (1 - bias) * minimum, bias 0 .. 1. + 2 c (s + 2) (w + 2 ksize + 16). O(log ksize) per pixel. */
int filter_midpoint(struct image *img, const struct filter_options *options, float bias, struct arena *arena);

/* Convolution: sum of kernel * pixel, kernel[(dy + ksize) * s + dx + ksize], times mul, plus add, rounded down, cut to the range.
   A kernel that is an outer product is applied as two vectors. |sum of the kernel's magnitudes| at most 2^22. + 4 (w + 2 ksize + 8) + 8 s. */
int filter_morph(struct image *img, const struct filter_options *options, const int *kernel, float mul, float add, struct arena *arena);

/* Binomial weights: the outer product of row 2 ksize of Pascal's triangle with itself, much like Gauss's with a variance of ksize / 2. ksize at most FILTER_MAX_BINOMIAL: beyond it 32 bits do not hold the sum of a column. mul NAN: one over the sum of the
   weights. unsharp: twice the pixel minus that. Scratch as filter_morph. */
#define FILTER_MAX_BINOMIAL 12
int filter_gaussian(struct image *img, const struct filter_options *options, bool unsharp, float mul, float add, struct arena *arena);

/* The binomial weights' sum at the centre, minus the weights. mul NAN: one over the weight of the centre. sharpen: the pixel plus that. */
int filter_laplacian(struct image *img, const struct filter_options *options, bool sharpen, float mul, float add, struct arena *arena);

/* Mean weighted by exp(-d^2 / (2 space_sigma^2)) exp(-v^2 / (2 color_sigma^2)), d the distance in pixels, v the difference of values, 1
   being the channel's range (Tomasi and Manduchi 1998). Weights in 1/1024. Sigmas > 0. + 2 (ksize + 1) (ksize + 2) (range), range 256 or 64. */
int filter_bilateral(struct image *img, const struct filter_options *options, float color_sigma, float space_sigma, struct arena *arena);

#endif
