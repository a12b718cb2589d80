/* SPDX-License-Identifier: MIT */
/* Finders of edges and shapes, with the reference's parameters. */
#include "core.h"
#include "vision/edge.h"
#include "vision/hough.h"
#include "vision/quad.h"
#include "vision/stroke.h"

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

static void find_circles(struct call *c)
{
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;

    o.threshold = 3500;
    hough_find_circles(&c->img, &o, &c->arena, &circles);
}

static void find_circles_r10_30(struct call *c)
{
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *circles;

    o.threshold = 3500;
    o.r_min = 10;
    o.r_max = 30;
    hough_find_circles(&c->img, &o, &c->arena, &circles);
}

static void find_rects(struct call *c)
{
    struct quad *quads;

    quad_find(&c->img, &(struct quad_options){.threshold = 10000}, &c->arena, &quads);
}

static void find_line_segments(struct call *c)
{
    struct line *lines;

    stroke_find(&c->img, &STROKE_DEFAULTS, &c->arena, &lines);
}

#define ROW(name) {#name, "rgb565 gray", NULL, name}
const struct row shape_rows[] = {
    ROW(find_edges_canny), ROW(find_edges_simple), ROW(find_lines), ROW(find_rects), ROW(find_line_segments), {"find_circles", "gray", NULL, find_circles}, ROW(find_circles_r10_30), {NULL, NULL, NULL, NULL},
};
