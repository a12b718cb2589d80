/* SPDX-License-Identifier: MIT */
/* Lines, circles, ellipses and what is made of them. Each shape is convex, or the difference of two that are: one span per row. */
#include "vision/draw.h"

#include <math.h>

#include "vision/draw_span.h"

#define RADIANS(degrees) ((float)((degrees) % 360) * 0.01745329252f)

static int saturate(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int)v;
}

/* ---- Lines ---- */

/* Beyond this, end points are first moved along the line to the border of a box of that size, so that products stay within 64 bits. */
#define FAR (1 << 20)

/* Moves (*x, *y) along the line to (ox, oy) until |*x| <= FAR. False if the line lies beyond. */
static bool bring_near(int64_t *x, int64_t *y, int64_t ox, int64_t oy)
{
    int64_t to = *x > FAR ? FAR : *x < -FAR ? -FAR : *x;

    if (to == *x) {
        return true;
    }
    if ((*x > FAR && ox > FAR) || (*x < -FAR && ox < -FAR)) {
        return false;
    }
    *y = (int64_t)floor((double)*y + (double)(oy - *y) * ((double)(to - *x) / (double)(ox - *x)) + 0.5);
    *x = to;
    return true;
}

struct segment { int64_t x0, y0, x1, y1; };

static bool near_segment(struct segment *s)
{
    return bring_near(&s->x0, &s->y0, s->x1, s->y1) && bring_near(&s->x1, &s->y1, s->x0, s->y0) &&
           bring_near(&s->y0, &s->x0, s->y1, s->x1) && bring_near(&s->y1, &s->x1, s->y0, s->x0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Bresenham's line as spans: row y holds the columns whose rounded height is y. */
static void thin_line(struct image *img, struct segment s, uint32_t color)
{
    if (s.y0 > s.y1) {
        s = (struct segment){s.x1, s.y1, s.x0, s.y0};
    }
    int64_t dx = s.x1 - s.x0, dy = s.y1 - s.y0, step = dx < 0 ? -1 : 1;
    int64_t wide = dx < 0 ? -dx : dx;
    int64_t first = s.y0 < 0 ? 0 : s.y0, last = s.y1 >= img->height ? img->height - 1 : s.y1;

    for (int64_t y = first; y <= last; y++) {
        int64_t k = y - s.y0, from, to;
        if (wide <= dy) {
            from = to = dy ? floor_div(2 * wide * k + dy, 2 * dy) : 0;
        } else {
            /* columns i with k - 1/2 <= i dy / wide < k + 1/2 */
            from = dy ? -floor_div(-(2 * k - 1) * wide, 2 * dy) : 0;
            to = dy ? -floor_div(-(2 * k + 1) * wide, 2 * dy) - 1 : wide;
            from = from < 0 ? 0 : from;
            to = to > wide ? wide : to;
        }
        from = s.x0 + step * from;
        to = s.x0 + step * to;
        draw_span(img, from < to ? from : to, from < to ? to : from, y, color);
    }
}

/* Columns of a row within a convex shape under construction. */
struct columns { float left, right; };

static void widen(struct columns *c, float left, float right)
{
    c->left = left < c->left ? left : c->left;
    c->right = right > c->right ? right : c->right;
}

/* The part of the row `dy` below a disc's centre. */
static void widen_disc(struct columns *c, float cx, float dy, float radius)
{
    float rest = radius * radius - dy * dy;

    if (rest > 0.0f) {
        float half = sqrtf(rest);
        widen(c, cx - half, cx + half);
    }
}

/* Where row y crosses the edge a-b. */
static void widen_edge(struct columns *c, float ax, float ay, float bx, float by, float y)
{
    if ((ay <= y && y <= by) || (by <= y && y <= ay)) {
        float x = ay == by ? ax : ax + (bx - ax) * (y - ay) / (by - ay);
        widen(c, x, x);
        if (ay == by) {
            widen(c, bx, bx);
        }
    }
}

/* All points closer than thickness / 2 to the segment. */
static void thick_line(struct image *img, struct segment s, uint32_t color, int thickness)
{
    float radius = (float)thickness * 0.5f, shift = thickness & 1 ? 0.0f : -0.5f;
    float x0 = (float)s.x0 + shift, y0 = (float)s.y0 + shift, x1 = (float)s.x1 + shift, y1 = (float)s.y1 + shift;
    float length = sqrtf((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    float nx = length > 0.0f ? (y0 - y1) / length * radius : 0.0f, ny = length > 0.0f ? (x1 - x0) / length * radius : 0.0f;
    float top = floorf((y0 < y1 ? y0 : y1) - radius), bottom = ceilf((y0 > y1 ? y0 : y1) + radius);
    int first = top < 0.0f ? 0 : top > (float)img->height ? img->height : (int)top;
    int last = bottom < 0.0f ? -1 : bottom >= (float)img->height ? img->height - 1 : (int)bottom;

    for (int row = first; row <= last; row++) {
        struct columns c = {INFINITY, -INFINITY};
        float y = (float)row;
        widen_disc(&c, x0, y - y0, radius);
        widen_disc(&c, x1, y - y1, radius);
        if (length > 0.0f) {
            widen_edge(&c, x0 + nx, y0 + ny, x1 + nx, y1 + ny, y);
            widen_edge(&c, x0 - nx, y0 - ny, x1 - nx, y1 - ny, y);
            widen_edge(&c, x0 + nx, y0 + ny, x0 - nx, y0 - ny, y);
            widen_edge(&c, x1 + nx, y1 + ny, x1 - nx, y1 - ny, y);
        }
        if (c.left < c.right) {
            /* points on the border itself do not count, so that an odd thickness has that many rows */
            draw_span(img, (int64_t)floorf(c.left) + 1, (int64_t)ceilf(c.right) - 1, row, color);
        }
    }
}

int draw_line(struct image *img, int x0, int y0, int x1, int y1, uint32_t color, int thickness)
{
    struct segment s = {x0, y0, x1, y1};

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (thickness < 1 || !near_segment(&s)) {
        return VISION_OK;
    }
    if (thickness == 1) {
        thin_line(img, s, color);
    } else {
        thick_line(img, s, color, thickness);
    }
    return VISION_OK;
}

int draw_cross(struct image *img, int x, int y, uint32_t color, int size, int thickness)
{
    int err = draw_line(img, saturate((int64_t)x - size), y, saturate((int64_t)x + size), y, color, thickness);

    return err ? err : draw_line(img, x, saturate((int64_t)y - size), x, saturate((int64_t)y + size), color, thickness);
}

int draw_arrow(struct image *img, int x0, int y0, int x1, int y1, uint32_t color, int size, int thickness)
{
    float dx = (float)x1 - (float)x0, dy = (float)y1 - (float)y0, length = sqrtf(dx * dx + dy * dy);
    int err = draw_line(img, x0, y0, x1, y1, color, thickness);

    if (err || length == 0.0f || size < 1) {
        return err;
    }
    /* two strokes back from the tip, 30 degrees to either side */
    float ux = dx / length * (float)size, uy = dy / length * (float)size;
    const float c = 0.8660254f, s = 0.5f;
    int64_t ax = (int64_t)lroundf(c * ux - s * uy), ay = (int64_t)lroundf(s * ux + c * uy);
    int64_t bx = (int64_t)lroundf(c * ux + s * uy), by = (int64_t)lroundf(c * uy - s * ux);
    draw_line(img, x1, y1, saturate(x1 - ax), saturate(y1 - ay), color, thickness);
    return draw_line(img, x1, y1, saturate(x1 - bx), saturate(y1 - by), color, thickness);
}

/* ---- Circles ---- */

/* The greatest h >= 0 with h * h <= v, found by walking from the last row's; -1 if v < 0. */
static int64_t root_near(int64_t h, int64_t v)
{
    if (v < 0) {
        return -1;
    }
    h = h < 0 ? 0 : h;
    while (h * h > v) {
        h--;
    }
    while ((h + 1) * (h + 1) <= v) {
        h++;
    }
    return h;
}

static int64_t root(int64_t v)
{
    return v < 0 ? -1 : root_near((int64_t)sqrt((double)v), v);
}

/* Radii whose squares fit; a larger circle looks the same in any image. */
static int64_t cut_radius(int64_t r)
{
    return r > (int64_t)1 << 31 ? (int64_t)1 << 31 : r;
}

/* Columns of a pixel disc in row dy: dx^2 + dy^2 <= r^2 + r, which is a radius of r + 1/2 but for the corners. */
static int64_t disc_reach(int64_t r, int64_t dy)
{
    return r < 0 ? -1 : r * r + r - dy * dy;
}

int draw_circle(struct image *img, int cx, int cy, int radius, uint32_t color, int thickness, bool fill)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (radius < 0 || (thickness < 1 && !fill)) {
        return VISION_OK;
    }
    int64_t t = thickness < 1 ? 1 : thickness;
    int64_t outer = cut_radius((int64_t)radius + t / 2), inner = fill ? -1 : radius - (t - 1) / 2 - 1;
    int64_t first = cy - outer < 0 ? 0 : cy - outer, last = cy + outer >= img->height ? img->height - 1 : cy + outer;
    int64_t out = 0, in = 0;
    for (int64_t y = first; y <= last; y++) {
        int64_t dy = y - cy;
        if (y == first) {
            out = root(disc_reach(outer, dy));
            in = root(disc_reach(inner, dy));
        } else {
            out = root_near(out, disc_reach(outer, dy));
            in = root_near(in, disc_reach(inner, dy));
        }
        if (out >= 0) {
            draw_span_with_hole(img, cx - out, cx + out, in >= 0 ? cx - in : 1, in >= 0 ? cx + in : 0, y, color);
        }
    }
    return VISION_OK;
}

int draw_mask_circle(struct image *img, int cx, int cy, int radius)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    for (int y = 0; y < img->height; y++) {
        int64_t in = root(disc_reach(radius, (int64_t)y - cy));
        draw_span_with_hole(img, 0, img->width - 1, in >= 0 ? cx - in : 1, in >= 0 ? cx + in : 0, y, 0);
    }
    return VISION_OK;
}

/* ---- Ellipses ---- */

/* a x^2 + b x y + c y^2 <= 1 */
struct conic { float a, b, c; bool empty; };

static struct conic make_conic(float rx, float ry, int rotation)
{
    float cosine = cosf(RADIANS(rotation)), sine = sinf(RADIANS(rotation));
    float u = 1.0f / (rx * rx), v = 1.0f / (ry * ry);

    return (struct conic){
        cosine * cosine * u + sine * sine * v,
        2.0f * cosine * sine * (u - v),
        sine * sine * u + cosine * cosine * v,
        rx <= 0.0f || ry <= 0.0f,
    };
}

/* Columns of row dy, relative to the centre. False: none. */
static bool conic_columns(const struct conic *k, float dy, int64_t *left, int64_t *right)
{
    float half_b = 0.5f * k->b * dy;
    float d = half_b * half_b - k->a * (k->c * dy * dy - 1.0f);

    if (k->empty || !(d >= 0.0f)) {
        return false;
    }
    float r = sqrtf(d);
    *left = (int64_t)ceilf((-half_b - r) / k->a);
    *right = (int64_t)floorf((-half_b + r) / k->a);
    return *left <= *right;
}

/* Keeps float arithmetic exact enough: larger axes look the same. */
static float cut_axis(int64_t v)
{
    return v > 100000 ? 100000.0f : (float)v;
}

int draw_ellipse(struct image *img, int cx, int cy, int rx, int ry, int rotation, uint32_t color, int thickness, bool fill)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (rx < 0 || ry < 0 || (thickness < 1 && !fill)) {
        return VISION_OK;
    }
    int64_t t = thickness < 1 ? 1 : thickness, out = t / 2, in = (t - 1) / 2;
    struct conic outer = make_conic(cut_axis(rx + out) + 0.5f, cut_axis(ry + out) + 0.5f, rotation);
    struct conic inner = make_conic(cut_axis(rx - in) - 0.5f, cut_axis(ry - in) - 0.5f, rotation);
    inner.empty |= fill;
    for (int y = 0; y < img->height; y++) {
        int64_t left, right, hole_left = 1, hole_right = 0;
        float dy = (float)y - (float)cy;
        if (conic_columns(&outer, dy, &left, &right)) {
            bool hole = conic_columns(&inner, dy, &hole_left, &hole_right);
            draw_span_with_hole(img, cx + left, cx + right, hole ? cx + hole_left : 1, hole ? cx + hole_right : 0, y, color);
        }
    }
    return VISION_OK;
}

int draw_mask_ellipse(struct image *img, int cx, int cy, int rx, int ry, int rotation)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    struct conic k = make_conic(cut_axis(rx) + 0.5f, cut_axis(ry) + 0.5f, rotation);
    k.empty = rx < 0 || ry < 0;
    for (int y = 0; y < img->height; y++) {
        int64_t left = 0, right = 0;
        bool in = conic_columns(&k, (float)y - (float)cy, &left, &right);
        draw_span_with_hole(img, 0, img->width - 1, in ? cx + left : 1, in ? cx + right : 0, y, 0);
    }
    return VISION_OK;
}

/* ---- Made of the above ---- */

int draw_edges(struct image *img, const struct point corners[4], uint32_t color, int size, int thickness, bool fill)
{
    int err = VISION_OK;

    for (int i = 0; i < 4 && !err; i++) {
        struct point a = corners[i], b = corners[(i + 1) & 3];
        err = draw_line(img, a.x, a.y, b.x, b.y, color, thickness);
    }
    for (int i = 0; i < 4 && !err && size > 0; i++) {
        err = draw_circle(img, corners[i].x, corners[i].y, size, color, thickness, fill);
    }
    return err;
}

int draw_keypoints(struct image *img, const struct draw_keypoint *points, size_t count, uint32_t color, int size, int thickness, bool fill)
{
    int err = VISION_OK;

    for (size_t i = 0; i < count && !err; i++) {
        const struct draw_keypoint *p = &points[i];
        int64_t dx = (int64_t)lroundf(cosf(RADIANS(p->rotation)) * (float)size);
        int64_t dy = (int64_t)lroundf(sinf(RADIANS(p->rotation)) * (float)size);
        err = draw_line(img, p->x, p->y, saturate(p->x + dx), saturate(p->y + dy), color, thickness);
        if (!err) {
            err = draw_circle(img, p->x, p->y, size / 4 > 1 ? size / 4 : 1, color, thickness, fill);
        }
    }
    return err;
}
