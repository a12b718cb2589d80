/* SPDX-License-Identifier: MIT */
/* The edge pixels that vote, for the finders of lines and circles. */
#ifndef VISION_HOUGH_EDGE_H
#define VISION_HOUGH_EDGE_H

#include "vision/gradient.h"
#include "vision/hough.h"

/* An edge pixel in image coordinates, the gradient there, and its square before those beside it were added. Not 0: stop. */
typedef int (*hough_edge)(void *context, int x, int y, uint32_t along, uint32_t power);

/* Calls it for the edge pixels of the region (hough.h). Returns what stopped it, or 0. */
int hough_edges(struct gradients *g, int x_stride, int y_stride, hough_edge found, void *context);

#endif
