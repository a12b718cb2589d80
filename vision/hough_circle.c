/* SPDX-License-Identifier: MIT */
/* Circles: for one radius after the other, votes for centres; then the circle through the pixels that voted. */
#include <math.h>
#include <string.h>

#include "vision/hough_edge.h"

/* An edge pixel: where, its gradient's direction times 2^14, and its length in sixteenths */
struct edge { int16_t x, y, across, down; uint16_t weight; };

struct candidate { float x, y, r; uint32_t votes; };

/* Of the 30 points around a candidate. Of a circle that shows by three fifths 18 lie on an edge, some of them beside what is marked. */
enum { LOOK_HITS = 9 };

struct circle_search {
    const struct hough_circle_options *options;
    struct rect roi;
    struct arena *arena;
    struct edge *edges;
    int edge_count;
    int *row_edges;                 /* edges before each row of the region, and all of them */
    int rows_done;
    uint16_t *cells;                /* of 2 x 2 pixels; a border of one cell that nothing votes for */
    uint16_t *bearings;             /* of the edges in a cell and a pixel beside it: bit i for directions of about i / 16 of 180 degrees */
    int columns, rows, pitch;
    struct candidate *candidates;
    int found;
};

/* ---- Edge pixels ---- */

static void mark_bearing(struct circle_search *s, int x, int y, uint16_t bits)
{
    if ((unsigned)x < (unsigned)s->columns && (unsigned)y < (unsigned)s->rows) {
        s->bearings[y * s->columns + x] |= bits;
    }
}

static int keep_edge(void *context, int x, int y, uint32_t along, uint32_t power)
{
    struct circle_search *s = context;

    while (s->rows_done <= y - s->roi.y) {
        s->row_edges[s->rows_done++] = s->edge_count;
    }
    /* 12 bytes each, and the arena's alignment is 8: by fours they follow each other */
    if (s->edge_count % 4 == 0 && !arena_alloc(s->arena, 4 * sizeof *s->edges)) {
        return VISION_E_MEMORY;
    }
    float scale = 16384.0f / sqrtf((float)gradient_power(along));
    struct edge *e = &s->edges[s->edge_count++];
    *e = (struct edge){
        .x = (int16_t)x,
        .y = (int16_t)y,
        .across = (int16_t)((float)gradient_x(along) * scale),
        .down = (int16_t)((float)gradient_y(along) * scale),
        .weight = (uint16_t)(((uint32_t)sqrtf((float)power) + 8) >> 4),
    };
    int bin = (gradient_degrees(along) * 16 + 90) / 180, dx = e->across, dy = e->down;
    int fx = (x - s->roi.x) * 16384 + 8192, fy = (y - s->roi.y) * 16384 + 8192;
    uint16_t bits = (uint16_t)(0x80038003u >> (16 - bin % 16));   /* and the two beside it */
    mark_bearing(s, (fx + dx) >> 15, (fy + dy) >> 15, bits);    /* a pixel to both sides: radii are tried in steps */
    mark_bearing(s, (fx - dx) >> 15, (fy - dy) >> 15, bits);
    return 0;
}

/* ---- Votes ---- */

static inline void vote(const struct circle_search *s, int x, int y, uint32_t weight)
{
    if ((unsigned)x < (unsigned)s->columns && (unsigned)y < (unsigned)s->rows) {
        uint16_t *cell = s->cells + (y + 1) * s->pitch + x + 1;
        uint32_t sum = *cell + weight;
        *cell = (uint16_t)(sum < UINT16_MAX ? sum : UINT16_MAX);
    }
}

static void vote_radius(const struct circle_search *s, int r)
{
    memset(s->cells, 0, (size_t)s->pitch * (size_t)(s->rows + 2) * sizeof *s->cells);
    for (const struct edge *e = s->edges, *end = e + s->edge_count; e < end; e++) {
        int x = (e->x - s->roi.x) * 16384 + 8192, y = (e->y - s->roi.y) * 16384 + 8192, dx = r * e->across, dy = r * e->down;
        vote(s, (x + dx) >> 15, (y + dy) >> 15, e->weight);
        vote(s, (x - dx) >> 15, (y - dy) >> 15, e->weight);
    }
}

/* ---- From votes to a circle ---- */

/* The ring about a circle: its edge pixels, and those of them whose gradients point to the centre or away from it. */
struct ring {
    const struct edge *edges, *end; /* of the rows that it touches */
    int left;
    unsigned width;
    float x, y, low, high, limit;   /* squares of radii; how far from the centre the gradient's line may pass */
};

static struct ring ring_about(const struct circle_search *s, const struct candidate *c, float tolerance, float limit)
{
    float outer = c->r + tolerance, inner = c->r > tolerance ? c->r - tolerance : 0;
    int top = (int)floorf(c->y - outer) - s->roi.y, bottom = (int)floorf(c->y + outer) - s->roi.y + 1;

    top = top < 0 ? 0 : top > s->roi.h ? s->roi.h : top;
    bottom = bottom > s->roi.h ? s->roi.h : bottom < top ? top : bottom;
    return (struct ring){.edges = s->edges + s->row_edges[top], .end = s->edges + s->row_edges[bottom], .left = (int)floorf(c->x - outer), .width = (unsigned)(2 * outer) + 2,
                         .x = c->x, .y = c->y, .low = inner * inner, .high = outer * outer, .limit = limit * 16384};
}

/* Sets x and y from the centre. */
static inline bool in_ring(const struct ring *ring, const struct edge *e, float *x, float *y)
{
    if ((unsigned)(e->x - ring->left) > ring->width) {
        return false;
    }
    *x = (float)e->x - ring->x;
    *y = (float)e->y - ring->y;
    float square = *x * *x + *y * *y;
    return square <= ring->high && square >= ring->low;
}

static inline bool points_along(const struct ring *ring, const struct edge *e, float x, float y)
{
    return fabsf((float)e->across * y - (float)e->down * x) < ring->limit;
}

/* Which of 16 equal parts of the circle, as a bit */
static inline uint32_t part_of(float x, float y)
{
    float dx = fabsf(x), dy = fabsf(y), low = dx < dy ? dx : dy, high = dx < dy ? dy : dx;

    return 1u << ((x < 0 ? 8 : 0) + (y < 0 ? 4 : 0) + (dx < dy ? 2 : 0) + (low > 0.41421356f * high ? 1 : 0));
}

/* Does enough of the circle show, and is what shows there mostly the circle? Fills in its votes. */
static bool convinces(const struct circle_search *s, struct candidate *c)
{
    const struct ring ring = ring_about(s, c, 1.5f, 0.75f + c->r * 0.1f);
    int all = 0, along = 0;
    uint32_t parts = 0;
    float x, y;

    c->votes = 0;
    for (const struct edge *e = ring.edges; e < ring.end; e++) {
        if (!in_ring(&ring, e, &x, &y)) {
            continue;
        }
        all++;
        if (points_along(&ring, e, x, y)) {
            along++;
            parts |= part_of(x, y);
            c->votes += e->weight;
        }
    }
    int shown = __builtin_popcount(parts), whole = 16;
    if (c->r < 10) {                /* too short for 16 */
        shown = __builtin_popcount((parts | parts >> 1) & 0x5555);
        whole = 8;
    }
    return c->r < 5 ? 10 * shown * along >= 7 * whole * all : 2 * shown * along >= whole * all;
}

/* The circle through the pixels that support it: x^2 + y^2 = a x + b y + c in the least squares. */
static bool fit(const struct circle_search *s, struct candidate *c, float tolerance)
{
    float sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, sxz = 0, syz = 0, sz = 0, n = 0;
    const struct ring ring = ring_about(s, c, tolerance, 2 + c->r * 0.1f);
    float x, y;

    for (const struct edge *e = ring.edges; e < ring.end; e++) {
        if (!in_ring(&ring, e, &x, &y) || !points_along(&ring, e, x, y)) {
            continue;
        }
        float z = x * x + y * y;
        n += 1;
        sx += x;
        sy += y;
        sz += z;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
        sxz += x * z;
        syz += y * z;
    }
    if (n < 3 || n * (float)(s->options->x_stride * s->options->y_stride) < HOUGH_ARC * c->r + 3) {
        return false;
    }
    float uxx = sxx - sx * sx / n, uxy = sxy - sx * sy / n, uyy = syy - sy * sy / n, uxz = sxz - sx * sz / n, uyz = syz - sy * sz / n;
    float det = uxx * uyy - uxy * uxy;
    if (!(det > 1e-3f * (uxx + uyy) * (uxx + uyy))) {   /* nearly on a line */
        return false;
    }
    float a = (uxz * uyy - uyz * uxy) / det, b = (uyz * uxx - uxz * uxy) / det, k = (sz - a * sx - b * sy) / n;
    float moved = (a * a + b * b) / 4, square = k + moved;
    if (!(square > 0) || moved > 9 + c->r) {
        return false;
    }
    c->x += a / 2;
    c->y += b / 2;
    c->r = sqrtf(square);
    return true;
}

static bool is_near(const struct hough_circle_options *o, const struct candidate *a, const struct candidate *b)
{
    return fabsf(a->x - b->x) < (float)o->x_margin && fabsf(a->y - b->y) < (float)o->y_margin && fabsf(a->r - b->r) < (float)o->r_margin;
}

/* Keeps the strongest of those that are near each other. */
static int insert(struct circle_search *s, const struct candidate *c)
{
    int kept = 0;

    for (int i = 0; i < s->found; i++) {
        if (is_near(s->options, c, &s->candidates[i]) && s->candidates[i].votes >= c->votes) {
            return 0;
        }
    }
    for (int i = 0; i < s->found; i++) {
        if (!is_near(s->options, c, &s->candidates[i])) {
            s->candidates[kept++] = s->candidates[i];
        }
    }
    if (kept == s->found) {
        if (!arena_alloc(s->arena, sizeof *c)) {
            return VISION_E_MEMORY;
        }
        s->found++;
    } else {
        s->arena->used -= (size_t)(s->found - kept - 1) * sizeof *c;
        s->found = kept + 1;
    }
    s->candidates[kept] = *c;
    return 0;
}

/* A look at points around the circle, 12 degrees apart: have enough an edge of the right direction, and few one of another? */
static bool looks_round(const struct circle_search *s, const struct candidate *c)
{
    int hits = 0, edges = 0, r = (int)(c->r * 8), x0 = (int)((c->x - (float)s->roi.x) * 8), y0 = (int)((c->y - (float)s->roi.y) * 8);

    for (int t = 0; t < 180; t += 12) {
        int dx = (r * line_cosine(t)) >> 14, dy = (r * line_sine(t)) >> 14, bit = (t * 16 + 90) / 180 % 16;
        for (int side = 0; side < 2; side++, dx = -dx, dy = -dy) {
            int x = (x0 + dx + 4) >> 4, y = (y0 + dy + 4) >> 4;
            if ((unsigned)x < (unsigned)s->columns && (unsigned)y < (unsigned)s->rows) {
                int bits = s->bearings[y * s->columns + x];
                hits += bits >> bit & 1;
                edges += bits != 0;
            }
        }
    }
    return hits >= LOOK_HITS && 5 * hits >= 3 * edges;
}

static int try_cell(struct circle_search *s, const uint16_t *cell, int x, int y, int r, uint32_t least, uint32_t threshold)
{
    uint32_t sum = 0, across = 0, down = 0, votes = *cell;

    for (int j = -1; j <= 1; j++) {
        for (int i = -1; i <= 1; i++) {
            uint32_t v = cell[j * s->pitch + i];
            if (v > votes || (v == votes && (j < 0 || (j == 0 && i < 0)))) {
                return 0;
            }
            sum += v;
            across += v * (uint32_t)(i + 1);
            down += v * (uint32_t)(j + 1);
        }
    }
    if (sum < least) {
        return 0;
    }
    struct candidate c = {.r = (float)r};
    c.x = (float)s->roi.x + 2 * ((float)x + (float)across / (float)sum - 1) + 0.5f;
    c.y = (float)s->roi.y + 2 * ((float)y + (float)down / (float)sum - 1) + 0.5f;
    float wide = (float)(s->options->r_step > 2 ? s->options->r_step : 2) + 1, right = (float)(s->roi.x + s->roi.w), bottom = (float)(s->roi.y + s->roi.h);
    if ((r > 4 && !looks_round(s, &c)) || !fit(s, &c, wide) || !fit(s, &c, 1.5f) || !convinces(s, &c) || c.votes < threshold || c.x < (float)s->roi.x - 0.5f || c.y < (float)s->roi.y - 0.5f ||
        c.x >= right - 0.5f || c.y >= bottom - 0.5f) {
        return 0;
    }
    return c.r >= (float)s->options->r_min - 1 ? insert(s, &c) : 0;
}

static int search_radius(struct circle_search *s, int r)
{
    uint32_t threshold = s->options->threshold <= 0 ? 1 : ((uint32_t)s->options->threshold + 15) / 16, least = threshold, arc = (uint32_t)(15 * r / (s->options->x_stride * s->options->y_stride));

    least = least > arc ? least : arc;      /* three quarters of what HOUGH_ARC asks for: some votes go astray */
    uint32_t sixth = (least + 5) / 6;

    vote_radius(s, r);
    for (int y = 0; y < s->rows; y++) {
        const uint16_t *cells = s->cells + (y + 1) * s->pitch + 1;
        for (int x = 0; x < s->columns; x++) {
            int err = cells[x] >= sixth ? try_cell(s, cells + x, x, y, r, least, threshold) : 0;
            if (err) {
                return err;
            }
        }
    }
    return 0;
}

/* ---- The search ---- */

static int check(const struct image *img, struct circle_search *s)
{
    const struct hough_circle_options *o = s->options;
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, o->roi, &s->roi);

    if (!err && (o->x_stride < 1 || o->y_stride < 1 || o->r_min < 1 || o->r_step < 1 || o->r_max < 0)) {
        return VISION_E_ARGUMENT;
    }
    return err;
}

static int prepare(const struct image *img, struct circle_search *s)
{
    struct gradients g;

    s->columns = (s->roi.w + 1) / 2;
    s->rows = (s->roi.h + 1) / 2;
    s->pitch = s->columns + 2;
    s->row_edges = arena_alloc(s->arena, ((size_t)s->roi.h + 1) * sizeof *s->row_edges);
    s->cells = arena_alloc(s->arena, (size_t)s->pitch * (size_t)(s->rows + 2) * sizeof *s->cells);
    s->bearings = arena_alloc(s->arena, (size_t)s->columns * (size_t)s->rows * sizeof *s->bearings);
    size_t mark = s->arena->used;
    if (!s->row_edges || !s->bearings || !s->cells || gradients_open(&g, img, s->roi, false, s->arena)) {
        return VISION_E_MEMORY;
    }
    memset(s->bearings, 0, (size_t)s->columns * (size_t)s->rows * sizeof *s->bearings);
    s->edges = arena_alloc(s->arena, 0);
    if (!s->edges) {
        return VISION_E_MEMORY;
    }
    int err = hough_edges(&g, s->options->x_stride, s->options->y_stride, keep_edge, s);
    while (s->rows_done <= s->roi.h) {
        s->row_edges[s->rows_done++] = s->edge_count;
    }
    if (!err) {
        size_t bytes = (size_t)s->edge_count * sizeof *s->edges;
        s->arena->used = mark;
        const struct edge *from = s->edges;
        s->edges = arena_alloc(s->arena, bytes);
        memmove(s->edges, from, bytes);
        s->candidates = arena_alloc(s->arena, 0);
    }
    return err || !s->candidates ? VISION_E_MEMORY : 0;
}

/* The strongest first */
static void store(const struct circle_search *s, struct circle *out)
{
    for (int i = 0; i < s->found; i++) {
        const struct candidate *c = &s->candidates[i];
        struct circle circle = {(int)floorf(c->x + 0.5f), (int)floorf(c->y + 0.5f), (int)(c->r + 0.5f), (int)c->votes * 16};
        int j = i;
        for (; j > 0 && out[j - 1].magnitude < circle.magnitude; j--) {
            out[j] = out[j - 1];
        }
        out[j] = circle;
    }
}

int hough_find_circles(const struct image *img, const struct hough_circle_options *options, struct arena *arena, struct circle **out)
{
    size_t mark = arena->used;
    struct circle_search s = {.options = options, .arena = arena};
    int err = check(img, &s);

    err = err ? err : prepare(img, &s);
    if (!err) {
        int shorter = s.roi.w < s.roi.h ? s.roi.w : s.roi.h, most = options->r_max ? options->r_max : shorter / 2;
        most = most < s.roi.w + s.roi.h ? most : s.roi.w + s.roi.h;     /* beyond that no centre is within the region */
        for (int r = options->r_min; r <= most && !err; r += options->r_step) {
            err = search_radius(&s, r);
        }
    }
    if (!err) {
        *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
        err = *out ? 0 : VISION_E_MEMORY;
    }
    if (!err) {
        store(&s, *out);
    }
    arena->used = mark;
    if (!err && s.found) {
        const struct circle *from = *out;
        *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
        memmove(*out, from, (size_t)s.found * sizeof **out);
    }
    return err ? err : s.found;
}
