/* SPDX-License-Identifier: MIT */
/* Geometry in place: each pixel is fetched from where the transformation says, the nearest one; what lies outside is black.
   All take mutable formats and need the image once more as scratch (binary: as gray), and 5 w + 96 bytes; what else is named. Errors: FORMAT, ARGUMENT (an option
   out of its range, or no number; a mapping that can't be inverted), MEMORY: then nothing has been written. */
#ifndef VISION_WARP_H
#define VISION_WARP_H

#include "vision/image.h"

/* Straightens the pictures of a wide lens: a pixel at distance d from the centre comes from distance zoom d atan(r) / r, r = strength d / diagonal
   (the usual correction of an equidistant fish-eye). The lens' centre is moved from the image's by x_corr, y_corr widths and heights. strength > 0,
   zoom > 0. Scratch: 1.1 KiB. */
int warp_lens(struct image *img, float strength, float zoom, float x_corr, float y_corr, struct arena *arena);

struct rotation {
    float x, y, z;                  /* degrees, of the picture's plane about its axes, in this order */
    float x_translation, y_translation; /* pixels */
    float zoom;                     /* > 0 */
    float fov;                      /* degrees of the camera that looks at the plane, 1 .. 179; the unturned plane fills it */
    const struct point *corners;    /* NULL, or 4: what is seen between them (top left, top right, bottom right, bottom left) fills the image first */
};
#define ROTATION_DEFAULTS ((struct rotation){.zoom = 1, .fov = 60})
int warp_rotation(struct image *img, const struct rotation *rotation, struct arena *arena);

/* The pixel (x, y) comes from (x', y'): (x' d, y' d, d) = matrix (x, y, 1), by rows; what comes from beyond the horizon (d has not the sign that it has
   in the image's middle) is black. ARGUMENT: a number that isn't finite. */
int warp_projection(struct image *img, const float matrix[9], struct arena *arena);

/* Cartesian to polar about (x, y): columns become the distance, from 0 to that of the farthest corner, linear or logarithmic; rows become the
   angle, from 0 to a turn. reverse: from polar back. Sides and |x|, |y| up to
   WARP_POLAR_MOST. Scratch: 4 w. */
#define WARP_POLAR_MOST 8191
struct polar { float x, y; bool logarithmic, reverse; };
int warp_polar(struct image *img, const struct polar *polar, struct arena *arena);

#endif
