/* SPDX-License-Identifier: MIT */
/* Selective search: regions of a segmentation grouped by likeness. */
#include "vision/selective.h"

#include <math.h>
#include <string.h>

#include "vision/row.h"
#include "vision/segment.h"

enum { BINS = 24 };

struct region {
    struct rect rect;
    uint32_t pixels;
    uint32_t bins[BINS];
};

struct pair {
    uint16_t a, b;
    float likeness;
};

struct grouping {
    const struct image *img;
    const struct selective_options *o;
    const uint16_t *labels;
    struct region *regions;
    int count;
    struct pair *pairs;
    int pair_count;
    uint32_t *seen;                 /* hash of pairs that have been met: a | b << 16 with a < b, so never 0 */
    uint32_t seen_mask;
    float all;                      /* pixels */
};

/* ---- Regions and which touch ---- */

static void measure_row(struct grouping *g, int y, uint8_t *row)
{
    const int w = g->img->width;
    const uint16_t *label = g->labels + (size_t)y * (size_t)w;
    bool color = g->img->format == PIXFORMAT_RGB565;

    if (color) {
        row_load_rgb(g->img, 0, y, w, row, row + w, row + 2 * w);
    } else {
        row_load_gray(g->img, 0, y, w, row);
    }
    for (int x = 0; x < w; x++) {
        struct region *r = &g->regions[label[x]];
        if (!r->pixels++) {
            r->rect = (struct rect){x, y, x, y}; /* until all pixels are in, w and h hold the last column and row */
        }
        r->rect.x = x < r->rect.x ? x : r->rect.x;
        r->rect.w = x > r->rect.w ? x : r->rect.w;
        r->rect.h = y;
        if (color) {
            r->bins[row[x] >> 5]++;
            r->bins[8 + (row[w + x] >> 5)]++;
            r->bins[16 + (row[2 * w + x] >> 5)]++;
        } else {
            r->bins[row[x] * BINS >> 8]++;
        }
    }
}

static void note_pair(struct grouping *g, uint16_t a, uint16_t b)
{
    uint32_t key = a < b ? a | (uint32_t)b << 16 : b | (uint32_t)a << 16, at = key * 2654435761u >> 7;

    while (g->seen[at &= g->seen_mask]) {
        if (g->seen[at++] == key) {
            return;
        }
    }
    g->seen[at] = key;
    g->pairs[g->pair_count++] = (struct pair){(uint16_t)(key & 0xFFFF), (uint16_t)(key >> 16), 0};
}

static void find_pairs(struct grouping *g)
{
    const int w = g->img->width, h = g->img->height;

    for (int y = 0; y < h; y++) {
        const uint16_t *here = g->labels + (size_t)y * (size_t)w, *below = here + w;
        for (int x = 0; x < w; x++) {
            if (x + 1 < w && here[x] != here[x + 1]) {
                note_pair(g, here[x], here[x + 1]);
            }
            if (y + 1 < h && here[x] != below[x]) {
                note_pair(g, here[x], below[x]);
            }
        }
    }
}

/* ---- Grouping ---- */

static float likeness(const struct grouping *g, const struct region *a, const struct region *b)
{
    float color = 0, fa = 1 / (float)a->pixels, fb = 1 / (float)b->pixels, both = (float)(a->pixels + b->pixels);
    struct rect r = rect_unite(a->rect, b->rect);

    for (int i = 0; i < BINS; i++) {
        float u = (float)a->bins[i] * fa, v = (float)b->bins[i] * fb;
        color += u < v ? u : v;
    }
    color *= g->img->format == PIXFORMAT_RGB565 ? 1.0f / 3 : 1;
    return g->o->color * color + g->o->area * (1 - both / g->all) + g->o->fill * (1 - ((float)r.w * (float)r.h - both) / g->all);
}

/* Unites b into a: pairs with b become pairs with a, those of the two vanish, all of a's are renewed. Returns the pair that is now most alike. */
static struct pair unite(struct grouping *g, uint16_t a, uint16_t b)
{
    struct region *r = &g->regions[a], *s = &g->regions[b];
    struct pair best = {0, 0, -INFINITY};
    int kept = 0;

    r->rect = rect_unite(r->rect, s->rect);
    r->pixels += s->pixels;
    for (int i = 0; i < BINS; i++) {
        r->bins[i] += s->bins[i];
    }
    for (int i = 0; i < g->pair_count; i++) {
        struct pair p = g->pairs[i];
        p.a = p.a == b ? a : p.a;
        p.b = p.b == b ? a : p.b;
        if (p.a == p.b) {
            continue;
        }
        if (p.a == a || p.b == a) {
            p.likeness = likeness(g, &g->regions[p.a], &g->regions[p.b]);
        }
        if (!kept || p.likeness > best.likeness) {
            best = p;
        }
        g->pairs[kept++] = p;
    }
    g->pair_count = kept;
    return best;
}

static void group(struct grouping *g, struct rect *rects)
{
    for (int i = 0; i < g->count; i++) {
        *rects++ = g->regions[i].rect;
    }
    struct pair best = {0};
    for (int i = 0; i < g->pair_count; i++) {
        struct pair *p = &g->pairs[i];
        p->likeness = likeness(g, &g->regions[p->a], &g->regions[p->b]);
        if (!i || p->likeness > best.likeness) {
            best = *p;
        }
    }
    while (g->pair_count) {
        uint16_t into = best.a;
        best = unite(g, into, best.b);
        *rects++ = g->regions[into].rect;
    }
}

static int open_grouping(struct grouping *g, struct arena *arena)
{
    size_t n = (size_t)g->count, seen = 8;

    while (seen < 6 * n) {          /* a plane's map of n countries has fewer than 3 n borders: half full at most */
        seen *= 2;
    }
    g->regions = arena_alloc(arena, n * sizeof *g->regions);
    g->pairs = arena_alloc(arena, 3 * n * sizeof *g->pairs);
    g->seen = arena_alloc(arena, seen * sizeof *g->seen);
    uint8_t *row = arena_alloc(arena, 3 * (size_t)g->img->width);
    if (!g->regions || !g->pairs || !g->seen || !row) {
        return VISION_E_MEMORY;
    }
    memset(g->regions, 0, n * sizeof *g->regions);
    memset(g->seen, 0, seen * sizeof *g->seen);
    g->seen_mask = (uint32_t)seen - 1;
    for (int y = 0; y < g->img->height; y++) {
        measure_row(g, y, row);
    }
    for (int i = 0; i < g->count; i++) {
        struct rect *r = &g->regions[i].rect;
        *r = (struct rect){r->x, r->y, r->w - r->x + 1, r->h - r->y + 1};
    }
    find_pairs(g);
    return 0;
}

int selective_search(const struct image *img, const struct selective_options *options, struct arena *arena, struct rect **out)
{
    struct grouping g = {.img = img, .o = options, .all = (float)img->width * (float)img->height};
    size_t mark = arena->used, n = (size_t)img->width * (size_t)img->height;

    if (isnan(options->color) || isnan(options->area) || isnan(options->fill)) {
        return VISION_E_ARGUMENT;
    }
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    uint16_t *labels = arena_alloc(arena, n * sizeof *labels);
    g.labels = labels;
    g.count = labels ? segment_image(img, options->threshold, options->size, labels, arena) : VISION_E_MEMORY;
    if (g.count < 0) {
        arena->used = mark;
        return g.count;
    }
    /* the results come after all that is needed for them, and are then moved to where it began */
    int results = 2 * g.count - 1, err = open_grouping(&g, arena);
    struct rect *rects = arena_alloc(arena, (size_t)results * sizeof *rects);
    if (err || !rects) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    group(&g, rects);
    arena->used = mark;
    *out = arena_alloc(arena, (size_t)results * sizeof **out);
    memmove(*out, rects, (size_t)results * sizeof *rects);
    return results;
}
