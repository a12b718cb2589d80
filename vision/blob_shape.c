/* SPDX-License-Identifier: MIT */
/* Shape of a region: corners, least-area rectangle (rotating calipers on the convex hull), moments. */
#include "vision/blob_shape.h"

#include <math.h>

#define PI 3.14159265358979f

/* > 0 when a, b, c turn clockwise on the screen */
static int64_t turn(struct vertex a, struct vertex b, struct vertex c)
{
    return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

/* Appends p to a chain that must keep turning clockwise; vertices below `base` stay. */
static int push_hull(struct vertex *hull, int count, int base, struct vertex p)
{
    while (count >= base + 2 && turn(hull[count - 2], hull[count - 1], p) <= 0) {
        count--;
    }
    hull[count] = p;
    return count + 1;
}

/* Convex hull, clockwise on the screen: down the right side, up the left one. */
static int make_hull(const struct extent *e, int top, int bottom, struct vertex *hull)
{
    int count = 0;

    for (int y = top; y <= bottom; y++) {
        count = push_hull(hull, count, 0, (struct vertex){(int16_t)e[y].right, (int16_t)y});
    }
    int base = count;
    for (int y = bottom; y >= top; y--) {
        struct vertex p = {(int16_t)e[y].left, (int16_t)y};
        if (y == bottom && e[y].left == e[y].right) {
            base = count - 1;
            continue;
        }
        if (y == top && e[y].left == e[y].right) {
            /* the first vertex again */
            while (count >= base + 2 && turn(hull[count - 2], hull[count - 1], p) <= 0) {
                count--;
            }
            continue;
        }
        count = push_hull(hull, count, base, p);
    }
    return count;
}

static int64_t dot(struct vertex a, struct vertex b, int ex, int ey)
{
    return (int64_t)(b.x - a.x) * ex + (int64_t)(b.y - a.y) * ey;
}

/* Four corners in order, clockwise from the one nearest to the top left. */
static void order_corners(struct point c[4])
{
    int first = 0;
    struct point sorted[4];

    for (int i = 1; i < 4; i++) {
        int si = c[i].x + c[i].y, sf = c[first].x + c[first].y;
        if (si < sf || (si == sf && c[i].y < c[first].y)) {
            first = i;
        }
    }
    for (int i = 0; i < 4; i++) {
        sorted[i] = c[(first + i) & 3];
    }
    for (int i = 0; i < 4; i++) {
        c[i] = sorted[i];
    }
}

/* The rectangle with one side on a hull edge that has the least area; n >= 1 vertices clockwise. */
static void least_rectangle(const struct vertex *hull, int n, struct point out[4], int dx, int dy)
{
    int far = 0, front = 0, back = 0;
    float best = -1.0f;

    for (int k = 0; k < 4; k++) {
        out[k] = (struct point){hull[0].x + dx, hull[0].y + dy};
    }
    for (int i = 0; i < n && n > 1; i++) {
        struct vertex p = hull[i], q = hull[(i + 1) % n];
        int ex = q.x - p.x, ey = q.y - p.y;
        if (i == 0) {
            far = front = back = 1 % n;
        }
        for (int k = 0; k < n && dot(p, hull[(front + 1) % n], ex, ey) > dot(p, hull[front], ex, ey); k++) {
            front = (front + 1) % n;
        }
        for (int k = 0; k < n && turn(p, q, hull[(far + 1) % n]) > turn(p, q, hull[far]); k++) {
            far = (far + 1) % n;
        }
        if (i == 0) {
            back = far;
        }
        for (int k = 0; k < n && dot(p, hull[(back + 1) % n], ex, ey) < dot(p, hull[back], ex, ey); k++) {
            back = (back + 1) % n;
        }
        float length2 = (float)((int64_t)ex * ex + (int64_t)ey * ey);
        float high = (float)dot(p, hull[front], ex, ey), low = (float)dot(p, hull[back], ex, ey);
        float across = (float)turn(p, q, hull[far]);
        float area = across * (high - low) / length2;
        if (best >= 0.0f && area >= best) {
            continue;
        }
        best = area;
        /* along the edge from low to high, and inwards, (-ey, ex) */
        float ax = (float)ex / length2, ay = (float)ey / length2;
        const float along[4] = {low, high, high, low}, in[4] = {0, 0, across, across};
        for (int k = 0; k < 4; k++) {
            out[k].x = (int)lroundf((float)p.x + along[k] * ax - in[k] * ay) + dx;
            out[k].y = (int)lroundf((float)p.y + along[k] * ay + in[k] * ax) + dy;
        }
    }
    order_corners(out);
}

/* Keeps in `best` the extreme of both along each diagonal. */
static void take_extremes(struct point best[4], struct point left, struct point right)
{
    if (left.x + left.y < best[0].x + best[0].y) {
        best[0] = left;
    }
    if (right.x - right.y > best[1].x - best[1].y) {
        best[1] = right;
    }
    if (right.x + right.y >= best[2].x + best[2].y) {
        best[2] = right;
    }
    if (left.x - left.y <= best[3].x - best[3].y) {
        best[3] = left;
    }
}

void blob_fill_corners(struct blob *blob, const struct extent *e, int top, int bottom, int dx, int dy, struct vertex *hull)
{
    struct point first_left = {e[top].left + dx, top + dy}, first_right = {e[top].right + dx, top + dy};
    blob->corners[0] = blob->corners[3] = first_left;
    blob->corners[1] = blob->corners[2] = first_right;

    for (int y = top; y <= bottom; y++) {
        take_extremes(blob->corners, (struct point){e[y].left + dx, y + dy}, (struct point){e[y].right + dx, y + dy});
    }
    least_rectangle(hull, make_hull(e, top, bottom, hull), blob->min_corners, dx, dy);
}

void blob_fill_moments(struct blob *blob, int dx, int dy)
{
    double n = blob->pixels;
    double mx = (double)blob->sum_x / n, my = (double)blob->sum_y / n;
    /* central moments per pixel */
    float xx = (float)((double)blob->sum_xx / n - mx * mx);
    float yy = (float)((double)blob->sum_yy / n - my * my);
    float xy = (float)((double)blob->sum_xy / n - mx * my);
    float root = sqrtf((xx - yy) * (xx - yy) + 4.0f * xy * xy);
    float least = xx + yy - root, most = xx + yy + root;

    blob->cx = (float)mx + (float)dx;
    blob->cy = (float)my + (float)dy;
    blob->rotation = 0.5f * atan2f(2.0f * xy, xx - yy);
    if (blob->rotation < 0.0f) {
        blob->rotation += PI;
    }
    blob->roundness = most > 0.0f ? (least > 0.0f ? least / most : 0.0f) : 1.0f;
}

/* Hull of a few points: gift wrapping. */
static int wrap(const struct vertex *p, int count, struct vertex *hull)
{
    int start = 0, n = 0;

    for (int i = 1; i < count; i++) {
        if (p[i].y < p[start].y || (p[i].y == p[start].y && p[i].x < p[start].x)) {
            start = i;
        }
    }
    int at = start;
    do {
        hull[n++] = p[at];
        int next = at;
        for (int i = 0; i < count; i++) {
            if (p[i].x == p[at].x && p[i].y == p[at].y) {
                continue;
            }
            int64_t t = next == at ? -1 : turn(p[at], p[next], p[i]);
            int64_t further = next == at ? 0 : dot(p[at], p[i], p[next].x - p[at].x, p[next].y - p[at].y) -
                                                   dot(p[at], p[next], p[next].x - p[at].x, p[next].y - p[at].y);
            if (t < 0 || (t == 0 && further > 0)) {
                next = i;
            }
        }
        at = next;
    } while (n < count && (p[at].x != p[start].x || p[at].y != p[start].y));
    return n;
}

void blob_unite(struct blob *a, const struct blob *b)
{
    struct vertex points[8], hull[8];

    a->rect = rect_unite(a->rect, b->rect);
    a->pixels += b->pixels;
    a->perimeter += b->perimeter;
    a->code |= b->code;
    a->count += b->count;
    a->sum_x += b->sum_x;
    a->sum_y += b->sum_y;
    a->sum_xx += b->sum_xx;
    a->sum_xy += b->sum_xy;
    a->sum_yy += b->sum_yy;
    for (int i = 0; i < 4; i++) {
        take_extremes(a->corners, b->corners[i], b->corners[i]);
        points[i] = (struct vertex){(int16_t)a->min_corners[i].x, (int16_t)a->min_corners[i].y};
        points[i + 4] = (struct vertex){(int16_t)b->min_corners[i].x, (int16_t)b->min_corners[i].y};
    }
    least_rectangle(hull, wrap(points, 8, hull), a->min_corners, 0, 0);
}
