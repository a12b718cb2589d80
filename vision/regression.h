/* SPDX-License-Identifier: MIT */
/* The straight line through the pixels within thresholds. */
#ifndef VISION_REGRESSION_H
#define VISION_REGRESSION_H

#include "vision/line.h"
#include "vision/threshold.h"

struct regression_options {
    const struct threshold *thresholds;
    size_t count;                   /* 1..32 */
    bool invert;
    const struct rect *roi;         /* NULL: everything */
    int x_stride, y_stride;         /* >= 1: only every x_stride-th pixel of every y_stride-th row, from the roi's corner on, is looked at */
    uint32_t area_threshold;        /* least area of the rect around the pixels found, and least number of them: */
    uint32_t pixels_threshold;      /* with less there is no line. Both count pixels that are looked at */
    int target_w, target_h;         /* 0: none; else the roi is read as if it had this size (nearest pixels; never larger than it is) */
    bool robust;
};
#define REGRESSION_DEFAULTS ((struct regression_options){.x_stride = 2, .y_stride = 1, .area_threshold = 10, .pixels_threshold = 10})

/* Pixels that a robust line is laid through at most. */
#define REGRESSION_SAMPLES 63

/* The line of least squared distances, measured across the line: through the pixels' centroid, along the major axis of their second moments.
   robust: Theil and Sen's line instead (Sen 1968): of up to REGRESSION_SAMPLES pixels, evenly spaced in reading order (of n pixels numbers
   k / 2, k / 2 + k, ... with k = ceil(n / REGRESSION_SAMPLES)), the median of the slopes of all pairs, and the median of what is left as
   the intercept; of an even number the lower. The coordinate with the larger variance is the independent one. Three of ten pixels may lie anywhere.
   magnitude: ratio of the standard deviations along and across the major axis, less one, a pixel being a unit square: a filled rectangle L x W has
   L / W - 1; 0 for a disc, at most 32767.
   The end points are where the line leaves the outermost pixel centres of the roi, from left to right, or from top to bottom where theta is below 45
   or above 135. Mutable formats. Scratch: threshold_prepare's, 2 rows of bits; robust 8.4 KiB; a target size 5 w + 2 target_w more.
   Returns 1: found, 0: too few pixels. Errors: ARGUMENT, FORMAT, ROI, MEMORY. */
int regression_find(const struct image *img, const struct regression_options *options, struct arena *arena, struct line *out);

#endif
