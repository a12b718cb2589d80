/* SPDX-License-Identifier: MIT */
/* Erosion, dilation and what is made of them, on segmented images: a pixel is set when it is as a mask (row.h: binary 1, else gray > 127). */
#ifndef VISION_MORPHOLOGY_H
#define VISION_MORPHOLOGY_H

#include "vision/image.h"

#define MORPHOLOGY_MAX_KSIZE 127

struct morphology_options {
    int ksize;                      /* the neighbourhood's side is 2 ksize + 1; beyond the edge the outermost pixels continue */
    int threshold;                  /* 0: the standard operation; else see below */
    const struct image *mask;       /* only where set; any mutable format, at least as large as the image; NULL: everywhere */
};

/* In place; s = 2 ksize + 1. Errors: ARGUMENT (ksize; threshold not 0 .. s^2 - 1), FORMAT, SIZE (mask), MEMORY: nothing written.
   Scratch: (s + 4) rows of w + 2 ksize + 64 bits; with a threshold 2 (w + 2 ksize) bytes more. */

/* A pixel stays when it and all its neighbours are set, or, with a threshold, when it and at least so many neighbours are; else it
   becomes 0. */
int morphology_erode(struct image *img, const struct morphology_options *options, struct arena *arena);

/* A pixel becomes white when it or any neighbour is set, or, with a threshold, when it or more than so many neighbours are. */
int morphology_dilate(struct image *img, const struct morphology_options *options, struct arena *arena);

/* Erosion then dilation, and the reverse: black or white everywhere. Scratch: a bit per pixel more. */
int morphology_open(struct image *img, const struct morphology_options *options, struct arena *arena);
int morphology_close(struct image *img, const struct morphology_options *options, struct arena *arena);

/* The absolute difference of the image and its opening, or closing; channel by channel. Scratch as those. */
int morphology_top_hat(struct image *img, const struct morphology_options *options, struct arena *arena);
int morphology_black_hat(struct image *img, const struct morphology_options *options, struct arena *arena);

#endif
