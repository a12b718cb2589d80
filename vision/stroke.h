/* SPDX-License-Identifier: MIT */
/* Line segments: chains of edge pixels, cut where they bend. */
#ifndef VISION_STROKE_H
#define VISION_STROKE_H

#include "vision/line.h"

/* Shortest segment in pixels. */
#define STROKE_LENGTH 8

struct stroke_options {
    const struct rect *roi;         /* NULL: everything */
    int merge_distance;             /* unite segments whose ends are at most so far apart, 0: none, */
    int max_theta_diff;             /* and whose directions differ by less than so many degrees */
    int threshold;                  /* least gradient of an edge pixel, 1 .. 1443 */
};
#define STROKE_DEFAULTS ((struct stroke_options){.max_theta_diff = 15, .threshold = 50})

/* Finds the line segments of an image, any raw format by its gray. Returns their number; *out points to them in the arena, where they remain
   (everything else is released). Edge pixels are Canny's thin ones (gradient.h, smoothed); chains of neighbours are followed and cut at the
   farthest point until no pixel is more than 1.5 from its chord (U. Ramer, An iterative procedure for the polygonal approximation of plane
   curves, 1972). magnitude: the mean gradient of the pixels, in steps of 6. In the order of their first pixels.
   Scratch: two bits per pixel (w + 2 rounded up to 32, h + 2 rows), a byte per edge pixel, 10 (w + h) of chain, and the larger of 25 w + 300,
   while edges are found, and 12 for each segment. Then struct line for each.
   Errors: FORMAT (compressed), ROI, MEMORY. */
int stroke_find(const struct image *img, const struct stroke_options *options, struct arena *arena, struct line **out);

#endif
