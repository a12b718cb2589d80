/* SPDX-License-Identifier: MIT */
/* The named tuple of a line: find_lines, find_line_segments, get_regression. */
#ifndef MODULES_IMAGE_PY_LINE_H
#define MODULES_IMAGE_PY_LINE_H

#include "py/obj.h"

#include "vision/line.h"

/* Line(x1, y1, x2, y2, length, magnitude, theta, rho) */
mp_obj_t py_line_new(const struct line *line);

#endif
