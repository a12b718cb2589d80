/* SPDX-License-Identifier: MIT */
/* The one way drawing reaches pixels: horizontal spans, clipped. */
#ifndef VISION_DRAW_SPAN_H
#define VISION_DRAW_SPAN_H

#include "vision/image.h"

/* Pixels x0..x1 of row y, both included; nothing when x0 > x1 or outside. The image's format must be mutable. */
void draw_span(struct image *img, int64_t x0, int64_t x1, int64_t y, uint32_t color);

/* Span x0..x1 without the pixels hole0..hole1 (hole0 > hole1: no hole). */
void draw_span_with_hole(struct image *img, int64_t x0, int64_t x1, int64_t hole0, int64_t hole1, int64_t y, uint32_t color);

#endif
