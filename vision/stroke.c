/* SPDX-License-Identifier: MIT */
/* Line segments by chains of thin edge pixels. */
#include "vision/stroke.h"

#include <math.h>
#include <string.h>

#include "vision/gradient.h"
#include "vision/row.h"

enum { STEP = 6, CUTS = 64 };       /* of a gradient's byte; nested cuts of a chain */

struct link { int16_t x, y; };

/* A line while they are collected */
struct segment { struct link from, to; int32_t magnitude; };

/* 32 pixels of a row */
struct word {
    uint32_t edges;                 /* bit set: an edge pixel */
    uint32_t before;                /* edge pixels before these, in reading order */
};

struct stroke_search {
    const struct stroke_options *options;
    struct arena *arena;
    struct rect roi;
    struct word *map;               /* the region, and a pixel more on each side */
    int words;                      /* of a row of it */
    uint8_t *gradients;             /* of the edge pixels, in reading order: / STEP + 1; 0 once they are in a chain */
    struct link *chain;
    uint8_t *weights;               /* of the chain's pixels */
    int most;
    struct segment *segments;
    struct line *lines;             /* at the end */
    int found;
};

static uint32_t count_ones(uint32_t v)
{
    v -= v >> 1 & 0x55555555u;
    v = (v & 0x33333333u) + (v >> 2 & 0x33333333u);
    return ((v + (v >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}

/* The gradient of an edge pixel that is in no chain yet; else NULL. */
static inline uint8_t *edge_at(const struct stroke_search *s, int x, int y)
{
    const struct word *word = s->map + (y + 1) * s->words + ((x + 1) >> 5);
    uint32_t bit = 1u << ((x + 1) & 31);

    if (!(word->edges & bit)) {
        return NULL;
    }
    uint8_t *gradient = s->gradients + word->before + count_ones(word->edges & (bit - 1));
    return *gradient ? gradient : NULL;
}

/* ---- Edge pixels ---- */

/* Row y of the map. `count` edge pixels are there already. Returns how many there are then, or MEMORY. */
static int fill_row(struct stroke_search *s, const struct gradients *g, int y, const uint32_t *bits, int count)
{
    const uint32_t *here = gradients_row(g, y) - 1;
    struct word *word = s->map + (y + 1) * s->words;

    for (int i = 0; i < s->words; i++, word++) {
        uint32_t edges = (i < row_words(s->roi.w) ? bits[i] << 1 : 0) | (i ? bits[i - 1] >> 31 : 0);
        *word = (struct word){edges, (uint32_t)count};
        for (; edges; edges &= edges - 1) {
            if (count % 8 == 0 && !arena_alloc(s->arena, 8)) {
                return VISION_E_MEMORY;
            }
            s->gradients[count++] = (uint8_t)((int)sqrtf((float)gradient_power(here[i * 32 + __builtin_ctz(edges)])) / STEP + 1);
        }
    }
    return count;
}

static int fill_map(struct stroke_search *s, const struct image *img)
{
    size_t mark = s->arena->used;
    int least = s->options->threshold < 1 ? 1 : s->options->threshold > 1443 ? 1443 : s->options->threshold, count = 0;
    uint32_t *bits = arena_alloc(s->arena, (size_t)row_words(s->roi.w) * sizeof *bits);
    struct gradients g;

    if (!bits || gradients_open(&g, img, s->roi, true, s->arena) || !(s->gradients = arena_alloc(s->arena, 0))) {
        return VISION_E_MEMORY;
    }
    gradients_make(&g, 0);
    for (int y = 0; y < s->roi.h && count >= 0; y++) {
        if (y + 1 < s->roi.h) {
            gradients_make(&g, y + 1);
        }
        gradients_thin(gradients_row(&g, y - 1), gradients_row(&g, y), gradients_row(&g, y + 1), s->roi.w, (uint32_t)(least * least), bits);
        count = fill_row(s, &g, y, bits, count);
    }
    if (count < 0) {
        return count;
    }
    s->arena->used = mark;          /* the rows are not needed any more */
    const uint8_t *from = s->gradients;
    s->gradients = arena_alloc(s->arena, (size_t)count);
    memmove(s->gradients, from, (size_t)count);
    return 0;
}

/* ---- Chains ---- */

static const struct { int8_t x, y; } ways[8] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};

/* Takes pixels from (x, y), which is taken already, as straight on as it goes. way < 0: any. Returns the chain's new length. */
static int follow(const struct stroke_search *s, int x, int y, int way, int n)
{
    static const int8_t turns[8] = {0, 1, -1, 2, -2, 3, -3, 4};

    while (n < s->most) {
        int limit = way < 0 ? 8 : 5, next = 0;
        uint8_t *edge = NULL;
        for (int i = 0; i < limit && !edge; i++) {
            next = ((way < 0 ? 0 : way) + turns[i]) & 7;
            edge = edge_at(s, x + ways[next].x, y + ways[next].y);
        }
        if (!edge) {
            break;
        }
        way = next;
        x += ways[way].x;
        y += ways[way].y;
        s->chain[n] = (struct link){(int16_t)x, (int16_t)y};
        s->weights[n++] = *edge;
        *edge = 0;
    }
    return n;
}

/* The chain through (x, y), from one end to the other. Returns its length. */
static int take_chain(const struct stroke_search *s, int x, int y, uint8_t *edge)
{
    s->chain[0] = (struct link){(int16_t)x, (int16_t)y};
    s->weights[0] = *edge;
    *edge = 0;
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
    int x0 = chain[from].x, y0 = chain[from].y, dx = chain[to].x - x0, dy = chain[to].y - y0, best = 0;

    if (!dx && !dy) {
        int most = 2;               /* the square */
        for (int i = from + 1; i < to; i++) {
            int x = chain[i].x - x0, y = chain[i].y - y0, off = x * x + y * y;
            best = off > most ? i : best;
            most = off > most ? off : most;
        }
        return best;
    }
    int most = (int)(1.5f * sqrtf((float)dx * (float)dx + (float)dy * (float)dy));  /* times the chord's length */
    for (int i = from + 1; i < to; i++) {
        int off = (chain[i].x - x0) * dy - (chain[i].y - y0) * dx;
        off = off < 0 ? -off : off;
        best = off > most ? i : best;
        most = off > most ? off : most;
    }
    return best;
}

static int report(struct stroke_search *s, int from, int to)
{
    const struct link p = s->chain[from], q = s->chain[to];
    int dx = p.x - q.x, dy = p.y - q.y, sum = 0;

    if (4 * (int64_t)(dx * dx + dy * dy) < (2 * STROKE_LENGTH - 1) * (2 * STROKE_LENGTH - 1)) {     /* lengths are rounded */
        return 0;
    }
    for (int i = from; i <= to; i++) {
        sum += s->weights[i] - 1;
    }
    /* the arena's alignment is 8: by twos they follow each other */
    if (s->found % 2 == 0 && !arena_alloc(s->arena, 2 * sizeof *s->segments)) {
        return VISION_E_MEMORY;
    }
    s->segments[s->found++] = (struct segment){p, q, sum / (to - from + 1) * STEP};
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
    uint8_t *edge = s->gradients;

    for (int y = 0; y < s->roi.h; y++) {
        const struct word *row = s->map + (y + 1) * s->words;
        for (int i = 0; i < s->words; i++) {
            for (uint32_t left = row[i].edges; left; left &= left - 1, edge++) {
                int err = *edge ? cut_chain(s, take_chain(s, i * 32 + __builtin_ctz(left) - 1, y, edge)) : 0;
                if (err) {
                    return err;
                }
            }
        }
    }
    return 0;
}

/* The lines, where everything else was. */
static int store(struct stroke_search *s, struct line **out)
{
    size_t mark = s->arena->used, n = (size_t)s->found;

    s->lines = arena_alloc(s->arena, n * sizeof *s->lines);
    if (!s->lines) {
        return VISION_E_MEMORY;
    }
    /* at the end of their place: a line is written after its segment, and all before it, have been read */
    struct segment *segments = (struct segment *)(void *)((uint8_t *)(s->lines + n) - n * sizeof *segments);
    memmove(segments, s->segments, n * sizeof *segments);
    for (size_t i = 0; i < n; i++) {
        const struct segment seg = segments[i];
        struct line line = {.magnitude = seg.magnitude};
        line_between(&line, s->roi.x + seg.from.x, s->roi.y + seg.from.y, s->roi.x + seg.to.x, s->roi.y + seg.to.y);
        s->lines[i] = line;
    }
    if (s->options->merge_distance > 0) {
        merge(s);
    }
    s->arena->used = mark;
    *out = arena_alloc(s->arena, (size_t)s->found * sizeof **out);
    return s->found;
}

int stroke_find(const struct image *img, const struct stroke_options *options, struct arena *arena, struct line **out)
{
    size_t mark = arena->used;
    struct stroke_search s = {.options = options, .arena = arena};
    int err = pixformat_is_compressed(img->format) ? VISION_E_FORMAT : image_clip(img, options->roi, &s.roi);

    if (err) {
        return err;
    }
    s.words = row_words(s.roi.w + 2);
    s.most = 2 * (s.roi.w + s.roi.h);   /* around the whole region */
    size_t bytes = (size_t)s.words * ((size_t)s.roi.h + 2) * sizeof *s.map;
    s.map = arena_alloc(arena, bytes);
    s.chain = arena_alloc(arena, (size_t)s.most * sizeof *s.chain);
    s.weights = arena_alloc(arena, (size_t)s.most);
    err = VISION_E_MEMORY;
    if (s.map && s.chain && s.weights) {
        memset(s.map, 0, bytes);
        err = fill_map(&s, img);
    }
    s.segments = err ? NULL : arena_alloc(arena, 0);
    err = err ? err : s.segments ? search(&s) : VISION_E_MEMORY;
    arena->used = mark;
    if (err || !s.found) {
        return err;
    }
    return store(&s, out);
}
