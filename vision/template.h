/* SPDX-License-Identifier: MIT */
/* Where a small picture lies in a larger one: normalised cross-correlation, in gray. */
#ifndef VISION_TEMPLATE_H
#define VISION_TEMPLATE_H

#include "vision/image.h"

enum template_search {
    TEMPLATE_EXHAUSTIVE,            /* every step-th position of every step-th row of them */
    TEMPLATE_DIAMOND,               /* see below */
};

struct template_options {
    const struct rect *roi;         /* the template lies within; NULL: everything */
    int step;                       /* >= 1; not looked at by TEMPLATE_DIAMOND */
    enum template_search search;
    float threshold;                /* least score of a match */
};
#define TEMPLATE_DEFAULTS ((struct template_options){.step = 2})

struct template_match { struct rect rect; float score; };

/* Pixels of the largest template: its sums of squares, times their number, fit in 63 bits. */
#define TEMPLATE_MOST (1 << 23)

/* The position with the highest score, the first in reading order of several. The score is the correlation coefficient of the template's pixels and
   those that it lies on: covariance / sqrt(product of the variances), -1 .. 1; 0 where one of them is flat. Covariance and variances are exact.
   TEMPLATE_DIAMOND: tries a grid of positions a quarter of the template apart by some of its rows, and from the three best ones follows the diamond of eight
   positions around (Zhu, Ma 2000) uphill, beginning with a radius of an eighth of the template's smaller side and halving it where the middle is the best.
   May miss.
   Both images are grayscale. Scratch: exhaustive 8 w of the roi, diamond 0.
   Returns 1: found, 0: no score reaches the threshold. Errors: ARGUMENT (step, a threshold that is no number), FORMAT, ROI, MEMORY,
   SIZE (the template is larger than the roi, or than TEMPLATE_MOST pixels). */
int template_find(const struct image *img, const struct image *pattern, const struct template_options *options, struct arena *arena,
                  struct template_match *out);

#endif
