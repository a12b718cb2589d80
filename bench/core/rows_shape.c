/* SPDX-License-Identifier: MIT */
/* Finders of edges and shapes, with the reference's parameters. */
#include "core.h"
#include "vision/edge.h"
#include "vision/hough.h"

#define CALL(name, expression)                                                                                                             \
    static void name(struct call *c)                                                                                                       \
    {                                                                                                                                      \
        expression;                                                                                                                        \
    }

CALL(find_edges_canny, edge_canny(&c->img, &(struct edge_options){.low = 50, .high = 80}, &c->arena))
CALL(find_edges_simple, edge_simple(&c->img, &(struct edge_options){.low = 100, .high = 255}, &c->arena))

static void find_lines(struct call *c)
{
    struct line *lines;

    hough_find_lines(&c->img, &HOUGH_LINE_DEFAULTS, &c->arena, &lines);
}

#define ROW(name) {#name, "rgb565 gray", NULL, name}
const struct row shape_rows[] = {
    ROW(find_edges_canny), ROW(find_edges_simple), ROW(find_lines), {NULL, NULL, NULL, NULL},
};
