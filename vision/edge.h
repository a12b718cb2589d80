/* SPDX-License-Identifier: MIT */
/* Edges: an image becomes white where brightness changes fast, else black. In place; RGB565 by its gray, binary as 0 and 255. */
#ifndef VISION_EDGE_H
#define VISION_EDGE_H

#include "vision/image.h"

struct edge_options {
    const struct rect *roi;         /* NULL: everything; the rest of the image stays as it is */
    int low, high;                  /* exchanged if low > high */
};
#define EDGE_DEFAULTS ((struct edge_options){.low = 100, .high = 200})

/* Beyond the region its outermost pixels continue. Errors of both: FORMAT (not a mutable format), ROI, MEMORY: nothing written. */

/* White where 8 times the pixel less its 8 neighbours, cut to 0..255, is within low..high. Scratch: 5 w + 128. */
int edge_simple(struct image *img, const struct edge_options *options, struct arena *arena);

/* J. Canny, A Computational Approach to Edge Detection, 1986: smoothed by 1 2 1 both ways, Sobel's gradient (its length, up to 1443, is what
   low and high are about), thinned to the greatest along its direction; white where it is at least `high`, and where it is at least `low`
   and a chain of such neighbours, of 8, leads to a white pixel. Scratch: 24 w + 240 and two bits a pixel, w rounded up to 32. */
int edge_canny(struct image *img, const struct edge_options *options, struct arena *arena);

#endif
