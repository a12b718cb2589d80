/* SPDX-License-Identifier: MIT */
/* Lines and circles by Hough's transform: every edge pixel votes for what it may lie on. An edge pixel tells the direction of what it lies on, so
   it votes for few (D. H. Ballard, Generalizing the Hough transform to detect arbitrary shapes, 1981). */
#ifndef VISION_HOUGH_H
#define VISION_HOUGH_H

#include "vision/line.h"

/* Edge pixels have a Sobel gradient of at least HOUGH_EDGE, which is the greatest along its direction (gradient.h). Beyond the region its
   outermost pixels continue. Rows 0, y_stride, 2 y_stride ... of the region vote, in them every x_stride-th pixel from x = (number of ones in
   y's binary digits) mod x_stride on: no straight line runs in step with that. */
#define HOUGH_EDGE 128

/* An edge pixel votes for the lines from so many degrees below its direction to as many above: that of the nine gradients around it, added up. A
   direction along an axis may be that of a hard edge's long step, which tells less: it votes for more. */
#define HOUGH_SPREAD 5
#define HOUGH_FLAT_SPREAD 10

struct hough_line_options {
    const struct rect *roi;         /* NULL: everything */
    int x_stride, y_stride;         /* >= 1 */
    int threshold;                  /* least magnitude of a line */
    int theta_margin, rho_margin;   /* at least 2: no line with less than both from a stronger one; 0 or less: the neighbours only */
};
#define HOUGH_LINE_DEFAULTS ((struct hough_line_options){.x_stride = 2, .y_stride = 1, .threshold = 1000, .theta_margin = 25, .rho_margin = 25})

/* Finds the straight lines of an image, any raw format by its gray. Returns their number; *out points to them in the arena, where they remain
   (everything else is released), the strongest first. A line goes across the whole region; its magnitude is the sum of the gradients of the
   edge pixels that voted for it, each rounded to a multiple of 16 (of 32 where w + h > 728, then
   of 64 from 1456 on, and so on). theta and rho count from the image's origin, also with a roi.
   Each cell of the accumulator, a degree and a pixel, with at least `threshold` and the most votes within the margins is a line (of equal ones
   that of the lowest theta, then rho). Beyond 179 degrees come the lines of 0 degrees with the normal turned round.
   Scratch: 19 w + 3.5 KiB, 8 (2 w + h) / rho_margin of the image's sides, 230 (w + h) of cells, 8 bytes and struct line for each result. With less
   the angles take turns, the edge pixels being kept meanwhile (4 bytes each) or, if they would take half of it, found anew: at 70,000 bytes, 320 x 240,
   about twice the time. Enough are 4 (w + h) of cells, and 8 bytes for each maximum of a turn.
   Errors: ARGUMENT (stride), FORMAT (compressed), ROI, MEMORY. */
int hough_find_lines(const struct image *img, const struct hough_line_options *options, struct arena *arena, struct line **out);

struct circle {
    int x, y, r;                    /* centre, image coordinates, and radius, rounded */
    int magnitude;
};

/* A circle shows at least so many edge pixels for each pixel of its radius, and 3 more, strides of 1: a quarter of its circumference. */
#define HOUGH_ARC 1.5f

struct hough_circle_options {
    const struct rect *roi;         /* NULL: everything; centres lie within it */
    int x_stride, y_stride;         /* >= 1 */
    int threshold;                  /* least magnitude of a circle */
    int x_margin, y_margin, r_margin;   /* a circle whose x, y and r are all less than that from a stronger one's is left out */
    int r_min, r_max, r_step;       /* radii r_min, r_min + r_step ... are tried; r_min and r_step >= 1, r_max 0: half the region's shorter side */
};
#define HOUGH_CIRCLE_DEFAULTS ((struct hough_circle_options){.x_stride = 2, .y_stride = 1, .threshold = 2000, .x_margin = 10, .y_margin = 10, \
                                                             .r_margin = 10, .r_min = 2, .r_step = 2})

/* Finds the circles of an image, any raw format by its gray. Returns their number; *out points to them in the arena, where they remain
   (everything else is released), the strongest first. For each radius every edge pixel votes for the two centres at that distance along its
   gradient, in cells of 2 x 2 pixels. A cell with the most votes of its neighbourhood is a candidate; the circle through the edge pixels that
   voted for it (I. Kasa, A circle fitting procedure and its error analysis, 1976) is the result if it stands out: a part of its circumference shows
   where most edge pixels within 1.5 of it point to its centre. The fraction that shows, times the fraction of such among all edge pixels within 1.5
   of it, is at least 1/3; below a radius of 5, where any blot has edges all around, 7/10. There are 16 parts, below a radius of 10 there are 8. The
   magnitude is the sum of the gradients of those within 1, each rounded to a multiple of 16: with a sharp edge of contrast d about 20 r d, half of that with
   x_stride 2.
   Scratch, e the number of edge pixels, at most half of those that vote: 3 e + 4 h (w + 255) / 256 + 2.7 KiB; and the larger of 19 w + 200, and
   (w + 1) (h + 1) / 4, 16 bytes for each candidate and (w + 6) (h + 6) / 2, or, in more time, as little as 3 w + 1060.
   Errors: ARGUMENT (stride, radius), FORMAT (compressed), ROI, MEMORY. */
int hough_find_circles(const struct image *img, const struct hough_circle_options *options, struct arena *arena, struct circle **out);

#endif
