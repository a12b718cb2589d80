/* SPDX-License-Identifier: MIT */
/* What a blob's smallest rotated rectangle (struct blob's min_corners: pixels' middles, in order around it) says of its shape. No errors. */
#ifndef VISION_MIN_RECT_H
#define VISION_MIN_RECT_H

#include "vision/image.h"

struct min_rect {
    float cx, cy;                   /* middle */
    float length, width;            /* of the longer and the shorter side, pixels; from middle to middle of the outermost ones */
    float dx, dy;                   /* direction of the longer side: a unit vector, dx > 0, or dx = 0 and dy = 1 */
};

struct min_rect min_rect_from_corners(const struct point corners[4]);

/* Share of the rectangle that is in the blob, and of the blob's perimeter that the rectangle's is; 0 .. 1, of a rectangle 1. */
float min_rect_solidity(const struct min_rect *r, uint32_t pixels);
float min_rect_convexity(const struct min_rect *r, uint32_t perimeter);

/* From the middle of one shorter (major) or longer (minor) side to the middle of the other. */
void min_rect_major_axis(const struct min_rect *r, struct point line[2]);
void min_rect_minor_axis(const struct min_rect *r, struct point line[2]);

/* The circle through the corners, at least as large. */
void min_rect_enclosing_circle(const struct min_rect *r, struct point *center, int *radius);

/* The largest ellipse inside, or just not: radii along the longer and the shorter side, and the longer one's angle to the x axis in degrees, clockwise
   as the picture is seen, 0 .. 179. */
void min_rect_enclosed_ellipse(const struct min_rect *r, struct point *center, int radii[2], int *rotation);

#endif
