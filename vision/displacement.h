/* SPDX-License-Identifier: MIT */
/* How far a picture has moved, turned and grown against another: phase correlation (Kuglin, Hines 1975). */
#ifndef VISION_DISPLACEMENT_H
#define VISION_DISPLACEMENT_H

#include "vision/image.h"

struct displacement {
    float x, y;                     /* pixels to the right and down: img(p) = pattern(p - (x, y)) */
    float rotation;                 /* radians, clockwise on the screen, about the region's middle */
    float scale;                    /* above 1: img is larger */
    float response;                 /* height of the peak found, 0 .. 1: below 0.1 it is probably noise */
};

struct displacement_options {
    const struct rect *roi, *pattern_roi;   /* of equal size; NULL: everything */
    bool logpolar;                  /* rotation and scale instead of x and y, of pictures whose middle stays in place */
    bool fix_rotation_scale;        /* find rotation and scale first, undo them, then find x and y */
};

/* In gray. Both regions, their means taken off, are faded out towards their edges (Hann) and padded with zeros to powers of two W x H; the highest
   point of their phase correlation is refined by a parabola along each axis. x and y within half of W and H.
   logpolar: the same of the regions' polar maps with logarithmic radius, W columns from a twentieth (or 1) to
   half of the smaller side by H rows of a turn; of its frequencies along the radius the lower half.
   fix_rotation_scale: with the logarithms of both power spectra instead, which don't depend on x and y, from radius 2 / min(W, H) to 1/2, by H rows of half a
   turn (Reddy, Chatterji 1996); of the two half turns the one with the higher response afterwards is taken. Good for scales near 1.
   Any raw formats. Scratch: 8 W H + 6 max(W, H) + 4 (W + H) + 2 w, w h more with one of the flags, 2 W H more with fix_rotation_scale; + 200.
   Errors: FORMAT, ROI, SIZE (regions of unequal size, or W H > DISPLACEMENT_MOST), MEMORY. */
#define DISPLACEMENT_MOST (1 << 24)
int displacement_find(const struct image *img, const struct image *pattern, const struct displacement_options *options, struct arena *arena,
                      struct displacement *out);

#endif
