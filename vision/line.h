/* SPDX-License-Identifier: MIT */
/* Straight lines as results: end points, and the line in normal form (Hesse): x cos theta + y sin theta = rho. */
#ifndef VISION_LINE_H
#define VISION_LINE_H

#include "vision/image.h"

struct line {
    int x1, y1, x2, y2;             /* end points, image coordinates */
    int length;                     /* their distance, rounded */
    int magnitude;                  /* how strong it is: see what finds it */
    int theta;                      /* degrees 0..179: direction of the line's normal, clockwise on the screen from the x axis */
    int rho;                        /* distance of the origin along the normal, rounded; may be negative */
};

/* Sine and cosine of 0..180 degrees, times 2^14, rounded. */
#define LINE_SINE_ONE 16384
int line_sine(int degrees);
int line_cosine(int degrees);

/* The part of the line (theta 0..179, rho) between the outermost pixel centres of `rect` (w, h >= 1), into `out` with its length; magnitude is
   left alone. From left to right, or from top to bottom where theta is below 45 or above 135. false: it misses the rect. */
bool line_across(struct line *out, int theta, int rho, struct rect rect);

/* The segment from (x1, y1) to (x2, y2) with its length, theta and rho; magnitude is left alone. Equal points: theta and rho of a line down. */
void line_between(struct line *out, int x1, int y1, int x2, int y2);

#endif
