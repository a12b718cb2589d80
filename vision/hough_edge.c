/* SPDX-License-Identifier: MIT */
/* The edge pixels that vote. */
#include "vision/hough_edge.h"

static inline uint32_t sum3(const uint32_t *row)
{
    return gradient_add(gradient_add(row[-1], row[0]), row[1]);
}

/* Of an edge pixel that is the steepest in its row, or in its column, with its neighbours: those along the edge, or all; so that a staircase of
   pixels still tells its direction. */
static uint32_t direction(const uint32_t *above, const uint32_t *here, const uint32_t *below, uint32_t power, bool nine)
{
    int y = gradient_y(*here);
    bool down = power < 2 * (uint32_t)(y * y);      /* steeper down than across */

    if (power <= gradient_power(down ? *above : here[-1]) || power < gradient_power(down ? *below : here[1])) {
        return 0;
    }
    if (nine) {
        return gradient_add(gradient_add(sum3(above), sum3(here)), sum3(below));
    }
    return down ? sum3(here) : gradient_add(gradient_add(*above, *below), *here);
}

static int first_column(int y, int stride)
{
    int ones = 0;

    for (; y; y &= y - 1) {
        ones++;
    }
    return ones % stride;
}

static int row_edges(const struct gradients *g, int y, int x_stride, bool nine, hough_edge found, void *context)
{
    const struct rect *roi = &g->window.roi;
    const uint32_t *above = gradients_row(g, y - 1), *here = gradients_row(g, y), *below = gradients_row(g, y + 1);

    for (int x = first_column(y, x_stride); x < roi->w; x += x_stride) {
        uint32_t power = gradient_power(here[x]);
        if (power < HOUGH_EDGE * HOUGH_EDGE) {
            continue;
        }
        uint32_t along = direction(above + x, here + x, below + x, power, nine);
        int stop = along ? found(context, roi->x + x, roi->y + y, along, power) : 0;
        if (stop) {
            return stop;
        }
    }
    return 0;
}

int hough_edges(struct gradients *g, int x_stride, int y_stride, bool nine, hough_edge found, void *context)
{
    int h = g->window.roi.h, stop = 0;

    x_stride = x_stride < IMAGE_MAX_SIDE ? x_stride : IMAGE_MAX_SIDE;
    gradients_make(g, 0);
    for (int y = 0; y < h && !stop; y++) {
        if (y + 1 < h) {
            gradients_make(g, y + 1);
        }
        if (y % y_stride == 0) {
            stop = row_edges(g, y, x_stride, nine, found, context);
        }
    }
    return stop;
}
