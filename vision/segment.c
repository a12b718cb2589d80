/* SPDX-License-Identifier: MIT */
/* Graph-based segmentation: edges sorted by counting, as many weights at a time as the memory holds; regions as trees of pixels. */
#include "vision/segment.h"

#include <math.h>
#include <string.h>

#include "vision/row.h"

enum { WEIGHTS = 443, MOST_REGIONS = 65535 };   /* the largest distance is 255 sqrt 3 = 441.7 */
#define ROOT 0x80000000u

struct forest {
    const struct image *img;
    int w, h, channels;
    uint32_t *parent;               /* of a pixel: another one of its region, or ROOT | the region's size */
    uint16_t *heaviest;             /* of a root: the heaviest edge within */
    uint32_t threshold, min_size;
    bool small;                     /* the second round: only small regions grow */
    uint32_t count[WEIGHTS];        /* edges by weight */
    uint32_t *edges;                /* room for some: first pixel * 2, + 1 for the one below */
    size_t capacity;
    uint8_t *rows;                  /* two rows of each channel */
};

/* ---- Regions ---- */

static uint32_t find_root(const struct forest *f, uint32_t p)
{
    while (!(f->parent[p] & ROOT)) {
        uint32_t up = f->parent[p];
        if (!(f->parent[up] & ROOT)) {
            f->parent[p] = f->parent[up];
        }
        p = up;
    }
    return p;
}

static void take_edge(struct forest *f, uint32_t edge, uint32_t weight)
{
    uint32_t a = find_root(f, edge >> 1), b = find_root(f, (edge >> 1) + (edge & 1 ? (uint32_t)f->w : 1));

    if (a == b) {
        return;
    }
    uint32_t size_a = f->parent[a] & ~ROOT, size_b = f->parent[b] & ~ROOT;
    if (f->small ? size_a >= f->min_size && size_b >= f->min_size
                 : weight > f->heaviest[a] + f->threshold / size_a || weight > f->heaviest[b] + f->threshold / size_b) {
        return;
    }
    if (size_a < size_b) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    f->parent[a] = ROOT | (size_a + size_b);
    f->parent[b] = a;
    f->heaviest[a] = (uint16_t)weight;  /* no edge before was heavier */
}

/* ---- Edges ---- */

static void load_row(const struct forest *f, int y, uint8_t *row)
{
    if (f->channels == 1) {
        row_load_gray(f->img, 0, y, f->w, row);
    } else {
        row_load_rgb(f->img, 0, y, f->w, row, row + f->w, row + 2 * f->w);
    }
}

static inline uint32_t distance(const uint8_t *a, const uint8_t *b, int channels, int w)
{
    int d = *a - *b;

    if (channels == 1) {
        return (uint32_t)(d < 0 ? -d : d);
    }
    int e = a[w] - b[w], g = a[2 * w] - b[2 * w];
    return (uint32_t)(sqrtf((float)(d * d + e * e + g * g)) + 0.5f);
}

/* What is done with the edges of a scan whose weights are from .. to - 1. */
enum purpose { COUNT, TAKE, KEEP };

static inline void meet_edge(struct forest *f, enum purpose purpose, uint32_t edge, uint32_t weight, uint32_t from, uint32_t to, uint32_t *next)
{
    if (weight - from >= to - from) {
        return;
    }
    if (purpose == TAKE) {
        take_edge(f, edge, weight);
    } else if (f->small && find_root(f, edge >> 1) == find_root(f, (edge >> 1) + (edge & 1 ? (uint32_t)f->w : 1))) {
        return;                     /* in the second round most of them: there is room for the rest, and they never come apart again */
    } else if (purpose == COUNT) {
        f->count[weight]++;
    } else {
        f->edges[next[weight]++] = edge;
    }
}

/* Of row y; below: the next one, NULL for the last. */
static inline void scan_row(struct forest *f, enum purpose purpose, int channels, int y, const uint8_t *here, const uint8_t *below, uint32_t from, uint32_t to,
                            uint32_t *next)
{
    const int w = f->w;
    uint32_t edge = (uint32_t)y * (uint32_t)w * 2;

    for (int x = 0; x < w - 1; x++, edge += 2) {
        meet_edge(f, purpose, edge, distance(here + x, here + x + 1, channels, w), from, to, next);
        if (below) {
            meet_edge(f, purpose, edge + 1, distance(here + x, below + x, channels, w), from, to, next);
        }
    }
    if (below) {
        meet_edge(f, purpose, edge + 1, distance(here + w - 1, below + w - 1, channels, w), from, to, next);
    }
}

/* All edges in reading order. next: where the next edge of a weight is kept. */
static void scan(struct forest *f, enum purpose purpose, uint32_t from, uint32_t to, uint32_t *next)
{
    uint8_t *here = f->rows, *below = f->rows + (size_t)f->w * (size_t)f->channels;

    load_row(f, 0, here);
    for (int y = 0; y < f->h; y++) {
        const uint8_t *other = y + 1 < f->h ? below : NULL;
        if (other) {
            load_row(f, y + 1, below);
        }
        if (purpose == KEEP && f->channels == 1) {  /* a loop of their own for those that are many */
            scan_row(f, KEEP, 1, y, here, other, from, to, next);
        } else if (purpose == KEEP) {
            scan_row(f, KEEP, 3, y, here, other, from, to, next);
        } else {
            scan_row(f, purpose, f->channels, y, here, other, from, to, next);
        }
        uint8_t *swap = here;
        here = below;
        below = swap;
    }
}

/* Takes all edges by weight. Weights of which there are more than can be kept are taken while they are met. */
static void take_edges(struct forest *f, uint32_t *next)
{
    memset(f->count, 0, sizeof f->count);
    scan(f, COUNT, 0, WEIGHTS, next);
    for (uint32_t from = 0; from < WEIGHTS;) {
        uint32_t to = from, at = 0;
        size_t kept = 0;
        while (to < WEIGHTS && kept + f->count[to] <= f->capacity) {
            next[to] = (uint32_t)kept;
            kept += f->count[to++];
        }
        if (to == from) {
            scan(f, TAKE, from, from + 1, next);
            from++;
            continue;
        }
        if (kept) {
            scan(f, KEEP, from, to, next);
        }
        for (uint32_t weight = from; weight < to; at += f->count[weight++]) {
            for (uint32_t i = at; i < next[weight]; i++) {
                take_edge(f, f->edges[i], weight);
            }
        }
        from = to;
    }
}

/* ---- Labels ---- */

/* Numbers the regions; heaviest becomes the labels. */
static int number_regions(struct forest *f)
{
    uint32_t n = (uint32_t)f->w * (uint32_t)f->h;
    int count = 0;

    for (uint32_t p = 0; p < n; p++) {  /* a root's size is not needed any more: a bit of it tells whether it has a number */
        uint32_t root = find_root(f, p);
        if (f->parent[root] == (ROOT | 0x7FFFFFFFu)) {
            continue;
        }
        if (count == MOST_REGIONS) {
            return VISION_E_SIZE;
        }
        f->parent[root] = ROOT | 0x7FFFFFFFu;
        f->heaviest[root] = (uint16_t)count++;
    }
    for (uint32_t p = 0; p < n; p++) {
        f->heaviest[p] = f->heaviest[find_root(f, p)];
    }
    return count;
}

int segment_image(const struct image *img, int threshold, int min_size, uint16_t *labels, struct arena *arena)
{
    struct forest *f;
    size_t mark = arena->used, n = (size_t)img->width * (size_t)img->height;

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (threshold < 0 || min_size < 0) {
        return VISION_E_ARGUMENT;
    }
    f = arena_alloc(arena, sizeof *f);
    uint32_t *next = arena_alloc(arena, WEIGHTS * sizeof *next);
    uint32_t *parent = arena_alloc(arena, n * sizeof *parent);
    uint8_t *rows = arena_alloc(arena, 6 * (size_t)img->width);
    if (!f || !next || !parent || !rows) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    *f = (struct forest){.img = img, .w = img->width, .h = img->height, .channels = img->format == PIXFORMAT_RGB565 ? 3 : 1, .parent = parent,
                         .heaviest = labels, .threshold = (uint32_t)threshold, .min_size = (uint32_t)min_size, .rows = rows};
    f->capacity = arena_available(arena) / sizeof *f->edges;
    f->capacity = f->capacity < n / 2 ? f->capacity : n / 2;
    f->edges = arena_alloc(arena, f->capacity * sizeof *f->edges);
    f->capacity = f->edges ? f->capacity : 0;
    for (size_t i = 0; i < n; i++) {
        parent[i] = ROOT | 1;
        labels[i] = 0;
    }
    take_edges(f, next);
    f->small = true;
    if (min_size > 1) {
        take_edges(f, next);
    }
    int count = number_regions(f);
    arena->used = mark;
    return count;
}
