/* SPDX-License-Identifier: MIT */
/* What methods give back: lists of results that lie in scratch, tuples of numbers, the named tuple of a line. */
#ifndef MODULES_IMAGE_PY_RESULTS_H
#define MODULES_IMAGE_PY_RESULTS_H

#include "py/obj.h"

#include "vision/line.h"

/* (n, n ...), at most five. */
mp_obj_t py_numbers_new(size_t count, const int *numbers);

/* (x, y, w, h) */
mp_obj_t py_rect_new(const struct rect *rect);

/* ((x, y), (x, y), (x, y), (x, y)) */
mp_obj_t py_corners_new(const struct point corners[4]);

/* Line(x1, y1, x2, y2, length, magnitude, theta, rho) */
mp_obj_t py_line_new(const struct line *line);

/* A list of `count` results that lie in the arena; whatever happens, the arena is closed. Raises what a negative count stands for. */
typedef mp_obj_t (*py_result_new)(const void *results, int i);
mp_obj_t py_results_list(struct arena *arena, const void *results, int count, py_result_new item);

#endif
