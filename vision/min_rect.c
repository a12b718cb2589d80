/* SPDX-License-Identifier: MIT */
/* What a blob's smallest rotated rectangle says of its shape. */
#include "vision/min_rect.h"

#include <math.h>

static struct point near(float x, float y)
{
    return (struct point){(int)lroundf(x), (int)lroundf(y)};
}

struct min_rect min_rect_from_corners(const struct point c[4])
{
    float x[4], y[4];

    for (int i = 0; i < 4; i++) {
        x[i] = (float)c[i].x;
        y[i] = (float)c[i].y;
    }
    /* The mean of the two sides that lie opposite: rounded corners needn't make a rectangle. */
    float ax = (x[1] - x[0] + x[2] - x[3]) / 2, ay = (y[1] - y[0] + y[2] - y[3]) / 2, bx = (x[2] - x[1] + x[3] - x[0]) / 2, by = (y[2] - y[1] + y[3] - y[0]) / 2;
    float a = sqrtf(ax * ax + ay * ay), b = sqrtf(bx * bx + by * by);
    struct min_rect r = {(x[0] + x[1] + x[2] + x[3]) / 4, (y[0] + y[1] + y[2] + y[3]) / 4, a, b, ax, ay};

    if (b > a) {
        r = (struct min_rect){r.cx, r.cy, b, a, bx, by};
    }
    float sign = r.dx < 0 || (!(r.dx > 0) && r.dy < 0) ? -1 : 1;
    r.dx = r.length > 0 ? sign * r.dx / r.length : 1;
    r.dy = r.length > 0 ? sign * r.dy / r.length : 0;
    return r;
}

float min_rect_solidity(const struct min_rect *r, uint32_t pixels)
{
    return fminf((float)pixels / ((r->length + 1) * (r->width + 1)), 1);
}

float min_rect_convexity(const struct min_rect *r, uint32_t perimeter)
{
    return perimeter ? fminf(2 * (r->length + r->width + 2) / (float)perimeter, 1) : 1;
}

static void axis(const struct min_rect *r, float dx, float dy, struct point line[2])
{
    line[0] = near(r->cx - dx / 2, r->cy - dy / 2);
    line[1] = near(r->cx + dx / 2, r->cy + dy / 2);
}

void min_rect_major_axis(const struct min_rect *r, struct point line[2])
{
    axis(r, r->dx * r->length, r->dy * r->length, line);
}

void min_rect_minor_axis(const struct min_rect *r, struct point line[2])
{
    axis(r, -r->dy * r->width, r->dx * r->width, line);
}

void min_rect_enclosing_circle(const struct min_rect *r, struct point *center, int *radius)
{
    *center = near(r->cx, r->cy);
    *radius = (int)ceilf(sqrtf(r->length * r->length + r->width * r->width) / 2);
}

void min_rect_enclosed_ellipse(const struct min_rect *r, struct point *center, int radii[2], int *rotation)
{
    int degrees = (int)lroundf(atan2f(r->dy, r->dx) * 57.29577951f);

    *center = near(r->cx, r->cy);
    radii[0] = (int)(r->length / 2);
    radii[1] = (int)(r->width / 2);
    *rotation = (degrees + 360) % 180;
}
