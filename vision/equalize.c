/* SPDX-License-Identifier: MIT */
/* Equalising the histogram, of the whole image or of tiles (CLAHE: Zuiderveld, Graphics Gems IV, 1994). */
#include "vision/adjust.h"

#include <math.h>
#include <string.h>

#include "vision/kernel.h"
#include "vision/row.h"

enum { TILES = 8 };

/* What a gray value becomes: the share of pixels that aren't brighter; into a[v step] and b[v step]. Bins are cut at `most`, and what is cut off is
   given to all alike. Counts of more than 2^24 pixels are shortened, to divide 32 bits only. */
__attribute__((noinline)) static void build(const uint32_t count[256], uint32_t total, uint32_t most, uint8_t *a, uint8_t *b, int step)
{
    uint32_t sum = 0, excess = 0, given = 0, shorten = total >> 24 ? 8 : 0, whole = total >> shorten;

#pragma GCC unroll 4
    for (int v = 0; v < 256; v++) {
        excess += count[v] > most ? count[v] - most : 0;
    }
    if (!total) {                   /* nothing counted: every value stays, as if each but 0 were there once */
        excess = 256;
        given = 0u - excess;
        whole = 255;
    }
#pragma GCC unroll 4
    for (int v = 0; v < 256; v++, a += step, b += step) {
        sum += count[v] < most ? count[v] : most;
        given += excess;
        *a = *b = (uint8_t)(((sum + (given >> 8)) >> shorten) * 255 / whole);
    }
}

/* How many pixels of a bin count, by a limit in mean bins: all, or at least one. */
static uint32_t most_of(uint32_t total, float limit)
{
    float most = limit * (float)total / 256;

    return !(limit > 0) || most >= (float)total ? UINT32_MAX : (uint32_t)fmaxf(1, most);
}

/* ---- Rows: gray values, and moving them ---- */

struct equalizer {
    struct image *img;
    const struct image *mask;
    bool in_place;                  /* gray values are counted and moved where they lie: a gray image, no mask */
    uint8_t *gray, *plane[3], *target;
    uint32_t *bits;
    uint32_t *count;                /* 256 */
};

static int set_up(struct equalizer *e, struct arena *arena)
{
    size_t w = (size_t)e->img->width;

    e->in_place = e->img->format == PIXFORMAT_GRAYSCALE && !e->mask;
    e->gray = arena_alloc(arena, w);
    e->target = arena_alloc(arena, w);
    e->count = arena_alloc(arena, 256 * sizeof *e->count);
    e->bits = arena_alloc(arena, (size_t)row_words((int)w) * 4);
    for (int c = 0; c < 3; c++) {
        e->plane[c] = e->img->format == PIXFORMAT_RGB565 ? arena_alloc(arena, w) : e->gray;
    }
    return e->gray && e->target && e->count && e->bits && e->plane[0] && e->plane[1] && e->plane[2] ? 0 : VISION_E_MEMORY;
}

static const uint8_t *gray_row(const struct equalizer *e, int x, int y, int w)
{
    if (e->in_place) {
        return image_row(e->img, y) + x;
    }
    row_load_gray(e->img, x, y, w, e->gray);
    return e->gray;
}

static uint8_t *target_row(const struct equalizer *e, int y)
{
    return e->in_place ? image_row(e->img, y) : e->target;
}

static uint32_t count_rows(const struct equalizer *e, struct rect area)
{
    uint32_t n = 0;

    memset(e->count, 0, 256 * sizeof *e->count);
    for (int y = area.y; y < area.y + area.h; y++) {
        const uint8_t *gray = gray_row(e, area.x, y, area.w);
        if (!e->mask) {
            kernel_count_gray(gray, area.w, e->count);
            n += (uint32_t)area.w;
            continue;
        }
        row_load_bits(e->mask, area.x, y, area.w, e->bits);
        for (int i = 0; i < area.w; i++) {
            if (e->bits[i >> 5] >> (i & 31) & 1) {
                e->count[gray[i]]++;
                n++;
            }
        }
    }
    return n;
}

/* Row y's gray values, loaded by gray_row, become those in target_row. */
static void move_row(const struct equalizer *e, int y)
{
    int w = e->img->width;

    if (e->in_place) {
        return;
    }
    if (e->mask) {
        row_load_bits(e->mask, 0, y, w, e->bits);
        for (int i = 0; i < w; i++) {
            e->target[i] = e->bits[i >> 5] >> (i & 31) & 1 ? e->target[i] : e->gray[i];
        }
    }
    if (e->img->format != PIXFORMAT_RGB565) {
        row_store_gray(e->img, 0, y, w, e->target);
        return;
    }
    row_load_rgb(e->img, 0, y, w, e->plane[0], e->plane[1], e->plane[2]);
    for (int c = 0; c < 3; c++) {
        kernel_move8(e->plane[c], e->gray, e->target, w);
    }
    row_store_rgb(e->img, 0, y, w, e->plane[0], e->plane[1], e->plane[2]);
}

static void equalize(const struct equalizer *e, uint8_t map[256])
{
    int w = e->in_place ? e->img->width * e->img->height : e->img->width, h = e->in_place ? 1 : e->img->height;     /* all of it is one row */

    build(e->count, count_rows(e, (struct rect){0, 0, w, h}), UINT32_MAX, map, map, 1);
    for (int y = 0; y < h; y++) {
        kernel_lookup8(gray_row(e, 0, y, w), w, map, target_row(e, y));
        move_row(e, y);
    }
}

/* ---- Tiles ---- */

static int edge(int length, int tile)
{
    return length * tile / TILES;
}

/* Twice the centre of a tile. */
static int center(int length, int tile)
{
    return edge(length, tile) + edge(length, tile + 1) - 1;
}

/* What a gray value becomes between two neighbouring tiles of two rows of tiles: of the left tile in the lower half, of the right one in the upper; in
   the lower byte of each in the first, third and so on of the rows, in the upper byte in the others. Rows of tiles take turns. */
typedef uint32_t tile_maps[TILES - 1][256];

static void next_tiles(const struct equalizer *e, int row, float limit, tile_maps maps)
{
    for (int i = 0; i < TILES; i++) {
        int left = edge(e->img->width, i), top = edge(e->img->height, row);
        uint32_t total = count_rows(e, (struct rect){left, top, edge(e->img->width, i + 1) - left, edge(e->img->height, row + 1) - top});
        uint8_t *as_left = (uint8_t *)(maps + i) + (row & 1), *as_right = (uint8_t *)(maps + i - 1) + 2 + (row & 1);
        build(e->count, total, most_of(total, limit), i < TILES - 1 ? as_left : as_right, i ? as_right : as_left, 4);
    }
}

/* Along a row: up to the first centre, from centre to centre, and behind the last one. */
struct span {
    int x, n;
    const uint32_t *table;
    uint32_t across, step;          /* kernel_mix_tables */
};

static void lay_spans(int w, const tile_maps maps, struct span spans[TILES + 1])
{
    const uint32_t one = 32767;
    int x = 0;

    for (int i = 0; i <= TILES; i++) {
        int from = i ? center(w, i - 1) : 0, to = i < TILES ? center(w, i) : 2 * w, end = (to + 1) / 2 < w ? (to + 1) / 2 : w;
        uint32_t right = i < TILES ? 0 : one, step = 0;
        if (i && i < TILES) {
            right = (uint32_t)(2 * x - from) * one / (uint32_t)(to - from);
            step = 2 * one / (uint32_t)(to - from) * 65535;     /* what the right one gains the left one loses */
        }
        spans[i] = (struct span){x, end - x, maps[i == 0 ? 0 : i < TILES ? i - 1 : TILES - 2], right << 16 | (one - right), step};
        x = end > x ? end : x;
    }
}

static void equalize_tiles(const struct equalizer *e, float limit, tile_maps maps)
{
    int h = e->img->height, next = 0;   /* a row of tiles is counted before any of its pixels changes */
    struct span spans[TILES + 1];

    lay_spans(e->img->width, (const uint32_t(*)[256])maps, spans);
    for (int y = 0; y < h; y++) {
        while (next < TILES && (next == 0 || 2 * y >= center(h, next - 1))) {
            next_tiles(e, next++, limit, maps);
        }
        uint32_t last = 512;            /* the weight of the row of tiles that came last */
        if (next > 1) {
            int from = center(h, next - 2), to = center(h, next - 1), at = 2 * y < to ? 2 * y - from : to - from;
            last = (uint32_t)(at * 512 + (to - from) / 2) / (uint32_t)(to - from);
        }
        uint32_t even = next & 1 ? last : 512 - last;
        const uint8_t *gray = gray_row(e, 0, y, e->img->width);
        uint8_t *target = target_row(e, y);
        for (const struct span *s = spans; s <= spans + TILES; s++) {
            kernel_mix_tables(gray + s->x, s->n, s->table, s->across, s->step, even, 512 - even, target + s->x);
        }
        move_row(e, y);
    }
}

int equalize_histogram(struct image *img, const struct equalize_options *options, struct arena *arena)
{
    struct equalizer e = {.img = img, .mask = options->mask};
    size_t mark = arena->used;
    int err;

    if (!pixformat_is_mutable(img->format) || (e.mask && !pixformat_is_mutable(e.mask->format))) {
        return VISION_E_FORMAT;
    }
    if (e.mask && (e.mask->width < img->width || e.mask->height < img->height)) {
        return VISION_E_SIZE;
    }
    if (options->adaptive && (img->width < TILES || img->height < TILES)) {
        return VISION_E_SIZE;
    }
    if (isnan(options->clip_limit)) {
        return VISION_E_ARGUMENT;
    }
    void *maps = arena_alloc(arena, options->adaptive ? sizeof(tile_maps) : 256);
    err = maps ? set_up(&e, arena) : VISION_E_MEMORY;
    if (!err && options->adaptive) {
        equalize_tiles(&e, options->clip_limit, maps);
    } else if (!err) {
        equalize(&e, maps);
    }
    arena->used = mark;
    return err;
}
