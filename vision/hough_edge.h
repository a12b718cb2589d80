/* SPDX-License-Identifier: MIT */
/* The edge pixels that vote, for the finders of lines and circles. */
#ifndef VISION_HOUGH_EDGE_H
#define VISION_HOUGH_EDGE_H

#include "vision/gradient.h"
#include "vision/hough.h"

/* An edge pixel in image coordinates, the sum of gradients there, and the square of its own alone. Not 0: stop. */
typedef int (*hough_edge)(void *context, int x, int y, uint32_t along, uint32_t power);

/* Calls it for the edge pixels of the region (hough.h). The sum is of the gradients there and beside it along the edge, three, or of all `nine` around it:
   straight edges are told better by nine, small circles by three. Returns what stopped it, or 0. */
int hough_edges(struct gradients *g, int x_stride, int y_stride, bool nine, hough_edge found, void *context);

#endif
