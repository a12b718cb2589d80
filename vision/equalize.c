/* SPDX-License-Identifier: MIT */
/* Equalising the histogram, of the whole image or of tiles (CLAHE: Zuiderveld, Graphics Gems IV, 1994). */
#include "vision/adjust.h"

#include <math.h>
#include <string.h>

#include "vision/kernel.h"
#include "vision/row.h"

enum { TILES = 8 };

/* What a gray value becomes: the share of pixels that aren't brighter. Counts of more than 2^24 pixels are shortened, to divide 32 bits only. */
static void build(const uint32_t count[256], uint32_t total, uint8_t map[256])
{
    uint32_t sum = 0;
    int shorten = total >> 24 ? 8 : 0;

    for (int v = 0; v < 256; v++) {
        sum += count[v];
        map[v] = total ? (uint8_t)((sum >> shorten) * 255 / (total >> shorten)) : (uint8_t)v;
    }
}

/* Bins are cut at the limit, and what was cut off is given to all alike. */
static void clip(uint32_t count[256], uint32_t total, float limit)
{
    uint32_t most = (uint32_t)fmaxf(1, limit * (float)total / 256), excess = 0;

    if (!(limit > 0) || limit * (float)total / 256 >= (float)total) {
        return;
    }
    for (int v = 0; v < 256; v++) {
        if (count[v] > most) {
            excess += count[v] - most;
            count[v] = most;
        }
    }
    uint32_t each = excess / 256, rest = excess % 256;
    for (uint32_t v = 0; v < 256; v++) {
        count[v] += each + ((v + 1) * rest / 256 - v * rest / 256);
    }
}

/* ---- Rows: gray values, and moving them ---- */

struct equalizer {
    struct image *img;
    const struct image *mask;
    uint8_t *gray, *plane[3], *target;
    uint32_t *bits;
    uint32_t *count;                /* 256 */
};

static int set_up(struct equalizer *e, struct arena *arena)
{
    size_t w = (size_t)e->img->width;

    e->gray = arena_alloc(arena, w);
    e->target = arena_alloc(arena, w);
    e->count = arena_alloc(arena, 256 * sizeof *e->count);
    e->bits = arena_alloc(arena, (size_t)row_words((int)w) * 4);
    for (int c = 0; c < 3; c++) {
        e->plane[c] = e->img->format == PIXFORMAT_RGB565 ? arena_alloc(arena, w) : e->gray;
    }
    return e->gray && e->target && e->count && e->bits && e->plane[0] && e->plane[1] && e->plane[2] ? 0 : VISION_E_MEMORY;
}

static uint32_t count_rows(const struct equalizer *e, struct rect area)
{
    uint32_t n = 0;

    memset(e->count, 0, 256 * sizeof *e->count);
    for (int y = area.y; y < area.y + area.h; y++) {
        row_load_gray(e->img, area.x, y, area.w, e->gray);
        if (!e->mask) {
            kernel_count_gray(e->gray, area.w, e->count);
            n += (uint32_t)area.w;
            continue;
        }
        row_load_bits(e->mask, area.x, y, area.w, e->bits);
        for (int i = 0; i < area.w; i++) {
            if (e->bits[i >> 5] >> (i & 31) & 1) {
                e->count[e->gray[i]]++;
                n++;
            }
        }
    }
    return n;
}

/* Row y's gray values, loaded into e->gray, become those in e->target. */
static void move_row(const struct equalizer *e, int y)
{
    int w = e->img->width;

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
    uint32_t total = count_rows(e, (struct rect){0, 0, e->img->width, e->img->height});

    build(e->count, total, map);
    for (int y = 0; y < e->img->height; y++) {
        row_load_gray(e->img, 0, y, e->img->width, e->gray);
        kernel_lookup8(e->gray, e->img->width, map, e->target);
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

/* For each tile of a column what a gray value becomes in the row of tiles above (lower half) and below. */
typedef uint32_t tile_maps[TILES][256];

/* The next row of tiles comes below; the last one stays alone. */
static void next_tiles(const struct equalizer *e, int row, float limit, tile_maps maps)
{
    uint8_t map[256];

    for (int i = 0; i < TILES; i++) {
        if (row < TILES) {
            int left = edge(e->img->width, i), top = edge(e->img->height, row);
            uint32_t total = count_rows(e, (struct rect){left, top, edge(e->img->width, i + 1) - left, edge(e->img->height, row + 1) - top});
            clip(e->count, total, limit);
            build(e->count, total, map);
        }
        for (int v = 0; v < 256; v++) {
            uint32_t above = row ? maps[i][v] >> 16 : map[v];
            maps[i][v] = above | (row < TILES ? (uint32_t)map[v] : above) << 16;
        }
    }
}

/* Between the centres of two tiles and of two rows of tiles: across in steps of 1/2^16, which both halves take at once; down in 1/2^8. */
static void interpolate(const struct equalizer *e, const tile_maps maps, uint32_t down)
{
    int w = e->img->width, x = 0;
    const uint8_t *gray = e->gray;
    uint8_t *target = e->target;
    const uint32_t up = 256 - down;

    for (int i = 0; i <= TILES; i++) {
        const uint32_t *left = maps[i ? i - 1 : 0], *right = maps[i < TILES ? i : TILES - 1];
        int from = i ? center(w, i - 1) : 0, to = i < TILES ? center(w, i) : 2 * w;
        uint32_t step = to > from ? 2 * 65536u / (uint32_t)(to - from) : 0, across = to > from ? (uint32_t)(2 * x - from) * (65536u / (uint32_t)(to - from)) : 0;
        int end = (to + 1) / 2 < w ? (to + 1) / 2 : w;
#pragma GCC unroll 4
        for (; x < end; x++, across += step) {
            uint32_t part = across >> 8, value = gray[x], both = left[value] * (256 - part) + right[value] * part;
            target[x] = (uint8_t)(((both & 0xFFFF) * up + (both >> 16) * down + 0x8000) >> 16);
        }
    }
}

static void equalize_tiles(const struct equalizer *e, float limit, tile_maps maps)
{
    int h = e->img->height, next = 0;   /* a row of tiles is counted before any of its pixels changes */

    for (int y = 0; y < h; y++) {
        while (next <= TILES && (next == 0 || 2 * y >= center(h, next - 1))) {
            next_tiles(e, next++, limit, maps);
        }
        uint32_t down = 0;
        if (next >= 2 && next <= TILES) {
            int from = center(h, next - 2), to = center(h, next - 1);
            down = (uint32_t)(2 * y - from) * 256 / (uint32_t)(to - from);
        }
        row_load_gray(e->img, 0, y, e->img->width, e->gray);
        interpolate(e, (const uint32_t(*)[256])maps, down);
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
