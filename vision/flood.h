/* SPDX-License-Identifier: MIT */
/* Flood fill: the region of like pixels around one of them is recoloured. */
#ifndef VISION_FLOOD_H
#define VISION_FLOOD_H

#include "vision/image.h"

struct flood_options {
    float seed_threshold;           /* 0..1, in parts of each channel's range, rounded to its steps: how far a pixel may be from the first one */
    float floating_threshold;       /* and from the neighbour that it is reached from */
    uint32_t color;                 /* native value for what is filled */
    bool invert;                    /* recolour everything but the region instead */
    bool clear_background;          /* what is not recoloured becomes 0 */
    const struct image *mask;       /* the region stays where it is set; mutable, at least as large as the image; NULL: everywhere */
};
#define FLOOD_DEFAULTS ((struct flood_options){.seed_threshold = 0.05f, .floating_threshold = 0.05f, .color = 0xFFFFFFFFu})

/* The region: the pixels that are reached from (x, y) by steps to the left, right, up and down. Outside the image nothing happens. Channels:
   gray, or RGB565's own. Scratch: h rows of bits, one row of bits, 4.1 KiB. A region too branched for the stack costs time, not memory.
   Errors: ARGUMENT (a threshold), FORMAT, SIZE (mask), MEMORY: nothing has been changed. */
int flood_fill(struct image *img, int x, int y, const struct flood_options *options, struct arena *arena);

#endif
