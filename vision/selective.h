/* SPDX-License-Identifier: MIT */
/* Selective search: rectangles that may hold objects (Uijlings, van de Sande, Gevers, Smeulders 2013). */
#ifndef VISION_SELECTIVE_H
#define VISION_SELECTIVE_H

#include "vision/image.h"

struct selective_options {
    int threshold, size;            /* of segment_image: larger ones give fewer regions to begin with */
    float color, area, fill;        /* weights of the three likenesses */
};
#define SELECTIVE_DEFAULTS ((struct selective_options){500, 20, 1, 1, 1})

/* The picture is cut into regions (segment_image). Of two that touch, the likeness is color * the intersection of their histograms (24 bins of gray, or 8
   of each channel; 0..1) + area * (1 - their pixels / all pixels) + fill * (1 - pixels of their common rect that neither holds / all pixels). The two most
   alike become one, again and again; of several the pair that was found first in reading order, or has been renewed last.
   *out: the rects of the first regions, by label, then of each that came of two, in that order; in the arena, where they remain. Returns how many.
   Scratch, n pixels and R regions: 2 n, and the larger of segment_image's and R * (176 + 24 to 48) bytes; results 32 R.
   Errors: those of segment_image; ARGUMENT also for weights that are no numbers. */
int selective_search(const struct image *img, const struct selective_options *options, struct arena *arena, struct rect **out);

#endif
