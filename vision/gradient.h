/* SPDX-License-Identifier: MIT */
/* Rows of gradients below the finders of edges, lines, circles and rectangles: three rows of the region in gray, and what is made of them,
   row by row. Beyond the region its outermost pixels continue. Knows no finder. */
#ifndef VISION_GRADIENT_H
#define VISION_GRADIENT_H

#include "vision/image.h"
#include "vision/kernel_gradient.h"

/* Three rows of a region as gray, readable from -1 to w + 6. */
struct gray_window {
    const struct image *img;
    struct rect roi;
    uint8_t *rows[3];               /* row y in rows[y mod 3] */
};

/* roi: within the image. MEMORY. Scratch: 3 (w + 16). */
int gray_window_open(struct gray_window *window, const struct image *img, struct rect roi, struct arena *arena);

/* The rows above, at and below y of the region; y = 0, 1, 2 ... in turn. */
void gray_window_move(struct gray_window *window, int y, const uint8_t *rows[3]);

struct gradients {
    struct gray_window window;
    uint8_t *soft[3];               /* smoothed rows, by number mod 3; NULL when the image is taken as it is */
    uint16_t *sums;
    int softened;                   /* rows smoothed so far */
    uint32_t *rows[3];              /* gradients of the last three rows, by number mod 3; [-1] and [w] are 0 */
    const uint32_t *none;           /* a row of zeros, also from -1 to w */
};

/* smooth: weights 1 2 1 both ways, a sixteenth of the sum, rounded down, before the gradients are taken. MEMORY. Scratch: 19 w + 160, with
   smooth 24 w + 240. */
int gradients_open(struct gradients *g, const struct image *img, struct rect roi, bool smooth, struct arena *arena);

/* Gradients (kernel_gradient.h) of row y of the region; y = 0, 1, 2 ... in turn. The two rows before remain, gradients_row gives them. */
const uint32_t *gradients_make(struct gradients *g, int y);

/* A row that is still there; zeros above and below the region. */
const uint32_t *gradients_row(const struct gradients *g, int y);

/* Direction of a gradient, or of its opposite: 0..179 degrees, from the x axis to the y axis. Of the octant's tangent, in 256ths rounded down,
   the arc tangent, rounded. */
int gradient_degrees(uint32_t gradient);

/* Is *here, whose power is above 0, the greatest along its direction? See gradients_thin. */
bool gradients_is_greatest(const uint32_t *above, const uint32_t *here, const uint32_t *below, uint32_t power);

/* Canny's thin edges of the row `here`: bit set where the gradient is above 0, its square at least `least`, and it is the greatest along its
   direction, rounded to one of 8: greater than the neighbour left or above, not less than the one right or below. Bits past w are 0. */
void gradients_thin(const uint32_t *above, const uint32_t *here, const uint32_t *below, int w, uint32_t least, uint32_t *bits);

#endif
