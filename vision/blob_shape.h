/* SPDX-License-Identifier: MIT */
/* From the extents and sums of a region to the fields of a blob, and the union of two blobs. Inside of blob.c. */
#ifndef VISION_BLOB_SHAPE_H
#define VISION_BLOB_SHAPE_H

#include "vision/blob.h"

/* The leftmost and rightmost pixel of each row of a region; left > right: the row is empty. */
struct extent { uint16_t left, right; };

/* Hull vertices; integers of IMAGE_MAX_SIDE at most. */
struct vertex { int16_t x, y; };

/* Fills corners and min_corners from rows top..bottom of the extents, coordinates relative to (dx, dy).
   hull: room for 2 * (bottom - top + 1) vertices. */
void blob_fill_corners(struct blob *blob, const struct extent *extents, int top, int bottom, int dx, int dy, struct vertex *hull);

/* Fills cx, cy, rotation and roundness from pixels and sums, whose origin is (dx, dy). */
void blob_fill_moments(struct blob *blob, int dx, int dy);

/* a becomes the union of both, but for the histograms. */
void blob_unite(struct blob *a, const struct blob *b);

#endif
