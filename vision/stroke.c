/* SPDX-License-Identifier: MIT */
/* Line segments by chains of thin edge pixels. */
#include "vision/stroke.h"

#include <math.h>
#include <string.h>

#include "vision/gradient.h"
#include "vision/row.h"

enum { STEP = 6, CUTS = 64 };       /* of a gradient's byte; nested cuts of a chain */

struct link { int16_t x, y; };

struct stroke_search {
    const struct stroke_options *options;
    struct arena *arena;
    struct rect roi;
    uint8_t *edges;                 /* a byte a pixel and a border of one: 0, or the gradient / STEP + 1 of an edge pixel in no chain yet */
    int pitch;
    struct link *chain;
    uint8_t *weights;               /* of the chain's pixels */
    int most;
    struct line *lines;
    int found;
};

static uint8_t *edge_at(const struct stroke_search *s, int x, int y)
{
    return s->edges + (y + 1) * s->pitch + x + 1;
}

/* ---- Edge pixels ---- */

static int fill_edges(struct stroke_search *s, const struct image *img)
{
    size_t mark = s->arena->used;
    int least = s->options->threshold < 1 ? 1 : s->options->threshold > 1443 ? 1443 : s->options->threshold, words = row_words(s->roi.w);
    uint32_t *bits = arena_alloc(s->arena, (size_t)words * sizeof *bits);
    struct gradients g;

    if (!bits || gradients_open(&g, img, s->roi, true, s->arena)) {
        return VISION_E_MEMORY;
    }
    gradients_make(&g, 0);
    for (int y = 0; y < s->roi.h; y++) {
        if (y + 1 < s->roi.h) {
            gradients_make(&g, y + 1);
        }
        const uint32_t *here = gradients_row(&g, y);
        gradients_thin(gradients_row(&g, y - 1), here, gradients_row(&g, y + 1), s->roi.w, (uint32_t)(least * least), bits);
        for (int i = 0; i < words; i++) {
            for (uint32_t left = bits[i]; left; left &= left - 1) {
                int x = i * 32 + __builtin_ctz(left);
                *edge_at(s, x, y) = (uint8_t)((int)sqrtf((float)gradient_power(here[x])) / STEP + 1);
            }
        }
    }
    s->arena->used = mark;
    return 0;
}

/* ---- Chains ---- */

static const struct { int8_t x, y; } ways[8] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};

/* Takes pixels from (x, y), which is taken already, as straight on as it goes. way < 0: any. Returns the chain's new length. */
static int follow(const struct stroke_search *s, int x, int y, int way, int n)
{
    static const int8_t turns[8] = {0, 1, -1, 2, -2, 3, -3, 4};

    while (n < s->most) {
        int limit = way < 0 ? 8 : 5, i = 0, next = 0;
        for (; i < limit; i++) {
            next = ((way < 0 ? 0 : way) + turns[i]) & 7;
            if (*edge_at(s, x + ways[next].x, y + ways[next].y)) {
                break;
            }
        }
        if (i == limit) {
            break;
        }
        way = next;
        x += ways[way].x;
        y += ways[way].y;
        uint8_t *edge = edge_at(s, x, y);
        s->chain[n] = (struct link){(int16_t)x, (int16_t)y};
        s->weights[n++] = *edge;
        *edge = 0;
    }
    return n;
}

/* The chain through (x, y), from one end to the other. Returns its length. */
static int take_chain(const struct stroke_search *s, int x, int y)
{
    s->chain[0] = (struct link){(int16_t)x, (int16_t)y};
    s->weights[0] = *edge_at(s, x, y);
    *edge_at(s, x, y) = 0;
    int n = follow(s, x, y, -1, 1);
    for (int i = 0, j = n - 1; i < j; i++, j--) {
        struct link link = s->chain[i];
        uint8_t weight = s->weights[i];
        s->chain[i] = s->chain[j];
        s->weights[i] = s->weights[j];
        s->chain[j] = link;
        s->weights[j] = weight;
    }
    return follow(s, x, y, -1, n);
}

/* ---- Segments ---- */

/* The pixel between that is farthest from the chord, or from both ends when they are the same; 0: none is more than 1.5 away. */
static int bend(const struct link *chain, int from, int to)
{
    float dx = (float)(chain[to].x - chain[from].x), dy = (float)(chain[to].y - chain[from].y), length = sqrtf(dx * dx + dy * dy), most = 1.5f;
    int best = 0;

    for (int i = from + 1; i < to; i++) {
        float x = (float)(chain[i].x - chain[from].x), y = (float)(chain[i].y - chain[from].y);
        float off = length > 0 ? fabsf(x * dy - y * dx) / length : sqrtf(x * x + y * y);
        if (off > most) {
            most = off;
            best = i;
        }
    }
    return best;
}

static int report(struct stroke_search *s, int from, int to)
{
    struct line line = {0};
    int sum = 0;

    line_between(&line, s->roi.x + s->chain[from].x, s->roi.y + s->chain[from].y, s->roi.x + s->chain[to].x, s->roi.y + s->chain[to].y);
    if (line.length < STROKE_LENGTH) {
        return 0;
    }
    for (int i = from; i <= to; i++) {
        sum += s->weights[i] - 1;
    }
    line.magnitude = sum / (to - from + 1) * STEP;
    if (!arena_alloc(s->arena, sizeof line)) {
        return VISION_E_MEMORY;
    }
    s->lines[s->found++] = line;
    return 0;
}

static int cut_chain(struct stroke_search *s, int n)
{
    int ends[CUTS] = {n - 1}, depth = 1, from = 0;

    while (depth > 0) {
        int to = ends[depth - 1], middle = depth < CUTS ? bend(s->chain, from, to) : 0;
        if (middle) {
            ends[depth++] = middle;
            continue;
        }
        int err = report(s, from, to);
        if (err) {
            return err;
        }
        from = to;
        depth--;
    }
    return 0;
}

/* ---- Uniting ---- */

static int distance_squared(int x1, int y1, int x2, int y2)
{
    return (x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2);
}

/* Of the four ends of two lines the two that are farthest apart become the ends of a. Returns the least square between their ends. */
static int unite(struct line *a, const struct line *b, int reach)
{
    const int x[4] = {a->x1, a->x2, b->x1, b->x2}, y[4] = {a->y1, a->y2, b->y1, b->y2};
    int most = -1, p = 0, q = 1, least = INT32_MAX;

    for (int i = 0; i < 4; i++) {
        for (int j = i + 1; j < 4; j++) {
            int d = distance_squared(x[i], y[i], x[j], y[j]);
            if (d > most) {
                most = d;
                p = i;
                q = j;
            }
            if (i < 2 && j >= 2 && d < least) {
                least = d;
            }
        }
    }
    if (least > reach) {
        return 0;
    }
    a->magnitude = (a->magnitude + b->magnitude) / 2;
    line_between(a, x[p], y[p], x[q], y[q]);
    return 1;
}

static void merge(struct stroke_search *s)
{
    int cut = s->options->merge_distance < 30000 ? s->options->merge_distance : 30000, reach = cut * cut;

    for (int i = 0; i < s->found; i++) {
        for (int j = i + 1; j < s->found; j++) {
            int off = s->lines[i].theta - s->lines[j].theta;
            off = off < 0 ? -off : off;
            off = off > 90 ? 180 - off : off;
            if (off < s->options->max_theta_diff && unite(&s->lines[i], &s->lines[j], reach)) {
                s->lines[j] = s->lines[--s->found];
                j = i;              /* what lay too far from the shorter one may be near now */
            }
        }
    }
}

static int search(struct stroke_search *s)
{
    for (int y = 0; y < s->roi.h; y++) {
        for (int x = 0; x < s->roi.w; x++) {
            int err = *edge_at(s, x, y) ? cut_chain(s, take_chain(s, x, y)) : 0;
            if (err) {
                return err;
            }
        }
    }
    return 0;
}

int stroke_find(const struct image *img, const struct stroke_options *options, struct arena *arena, struct line **out)
{
    size_t mark = arena->used;
    struct stroke_search s = {.options = options, .arena = arena};
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, options->roi, &s.roi);

    if (err) {
        return err;
    }
    size_t bytes = ((size_t)s.roi.w + 2) * ((size_t)s.roi.h + 2);
    s.pitch = s.roi.w + 2;
    s.most = 2 * (s.roi.w + s.roi.h);   /* around the whole region */
    s.edges = arena_alloc(arena, bytes);
    s.chain = arena_alloc(arena, (size_t)s.most * sizeof *s.chain);
    s.weights = arena_alloc(arena, (size_t)s.most);
    err = VISION_E_MEMORY;
    if (s.edges && s.chain && s.weights) {
        memset(s.edges, 0, bytes);
        err = fill_edges(&s, img);
    }
    s.lines = err ? NULL : arena_alloc(arena, 0);
    err = err ? err : s.lines ? search(&s) : VISION_E_MEMORY;
    arena->used = mark;
    if (err || !s.found) {
        return err;
    }
    if (options->merge_distance > 0) {
        merge(&s);
    }
    *out = arena_alloc(arena, (size_t)s.found * sizeof **out);
    memmove(*out, s.lines, (size_t)s.found * sizeof **out);
    return s.found;
}
