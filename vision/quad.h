/* SPDX-License-Identifier: MIT */
/* Quadrilaterals: sheets, signs, screens, seen from any direction. */
#ifndef VISION_QUAD_H
#define VISION_QUAD_H

#include "vision/image.h"

struct quad {
    struct rect rect;               /* bounding box of the corners */
    struct point corners[4];        /* clockwise on the screen, beginning at the one with the least x + y */
    int magnitude;
};

struct quad_options {
    const struct rect *roi;         /* NULL: everything */
    int threshold;                  /* least magnitude */
};
#define QUAD_DEFAULTS ((struct quad_options){.threshold = 1000})

/* Shortest side in pixels, and least mean Sobel gradient along every side. */
#define QUAD_SIDE 8
#define QUAD_EDGE 48

/* Finds the convex quadrilaterals of an image, any raw format by its gray. Returns their number; *out points to them in the arena, where they
   remain (everything else is released), the strongest first. The region becomes bright and dark: tiles of 8 x 8 pixels, each with its
   neighbours, about the middle of their range, as of J. Wang and E. Olson, AprilTag 2, 2016; tiles without contrast are dark. Each border of the
   bright is followed, cut into four sides at its farthest points, and kept if straight lines fit them and they don't bulge all round as a dot's do;
   the corners are where those lines meet.
   magnitude: sum of the Sobel gradients along the sides, a pixel apart. Of two with all corners within 8 pixels the stronger stays.
   Scratch: two bits a pixel, w + 2 rounded up to 32, of h + 2 rows; 16 (w + h) of border; (w + 7) (h + 7) / 32 of tiles, 4 w, and struct quad for
   each result. Errors: FORMAT (compressed), ROI, MEMORY. */
int quad_find(const struct image *img, const struct quad_options *options, struct arena *arena, struct quad **out);

#endif
