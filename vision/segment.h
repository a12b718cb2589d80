/* SPDX-License-Identifier: MIT */
/* Pictures cut into regions of little contrast: graph-based segmentation (Felzenszwalb, Huttenlocher 2004). */
#ifndef VISION_SEGMENT_H
#define VISION_SEGMENT_H

#include "vision/image.h"

/* Two neighbours (left and right, above and below) are joined by an edge, whose weight is the distance of their colours: of gray, or Euclid's of red,
   green and blue in 8 bits, rounded. Edges are taken by weight, those of one weight in reading order of their first pixel, right before below: the
   regions A and B at its ends become one if its weight is at most the heaviest edge within A + threshold / size of A, and the same of B. Then, in the
   same order, those become one of which either has fewer than min_size pixels.
   labels: width x height numbers, 0 for the region of the first pixel in reading order, and so on as they appear. Returns how many.
   Mutable formats. Scratch, with n pixels: 4 n + 6 w + 3.6 Ki, and up to 2 n more, which saves time. Errors: FORMAT, MEMORY, ARGUMENT (negative
   threshold or size), SIZE (more than 65535 regions). */
int segment_image(const struct image *img, int threshold, int min_size, uint16_t *labels, struct arena *arena);

#endif
