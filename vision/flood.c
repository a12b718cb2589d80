/* SPDX-License-Identifier: MIT */
/* Flood fill by runs, with a stack of fixed size: a run that finds no room is looked for again. */
#include "vision/flood.h"

#include <math.h>
#include <string.h>

#include "vision/row.h"

/* A horizontal run that is filled, but whose neighbours above and below have not been looked at. */
struct run { uint16_t y, left, right; };
#define STACK_RUNS 680

struct flood {
    struct image *img;
    int words;
    uint32_t *free;                 /* a bit per pixel: the region may still grow there */
    struct run *stack;
    int stacked, top, bottom;       /* rows of the region so far */
    bool spilled;
    int shift[3], mask[3];          /* of the channels in a native value */
    int seed[3], near_seed[3], near_neighbour[3];
};

static uint32_t *free_row(const struct flood *f, int y)
{
    return f->free + (size_t)y * (size_t)f->words;
}

static inline bool bit(const uint32_t *bits, int x)
{
    return bits[x >> 5] >> (x & 31) & 1;
}

static inline uint32_t native(const struct flood *f, const uint8_t *row, int x)
{
    switch (f->img->format) {
    case PIXFORMAT_GRAYSCALE:
        return row[x];
    case PIXFORMAT_RGB565:
        return ((const uint16_t *)(const void *)row)[x];
    default:
        return bit((const uint32_t *)(const void *)row, x);
    }
}

static inline int apart(int a, int b)
{
    return a > b ? a - b : b - a;
}

/* Does the region pass from a pixel `from` to one of value `to`? */
static inline bool passes(const struct flood *f, uint32_t from, uint32_t to)
{
    for (int i = 0; i < 3 && f->mask[i]; i++) {
        int b = (int)(to >> f->shift[i]) & f->mask[i], a = (int)(from >> f->shift[i]) & f->mask[i];
        if (apart(b, f->seed[i]) > f->near_seed[i] || apart(a, b) > f->near_neighbour[i]) {
            return false;
        }
    }
    return true;
}

/* Fills the run around (x, y), a pixel that belongs to the region, and keeps it for later. */
static void take_run(struct flood *f, int x, int y)
{
    const uint8_t *row = image_row(f->img, y);
    uint32_t *open = free_row(f, y), value = native(f, row, x), from = value;
    int left = x, right = x;

    if (f->stacked == STACK_RUNS) {
        f->spilled = true;
        return;
    }
    while (left > 0 && bit(open, left - 1)) {
        uint32_t to = native(f, row, left - 1);
        if (!passes(f, from, to)) {
            break;
        }
        from = to;
        left--;
    }
    for (from = value; right + 1 < f->img->width && bit(open, right + 1); right++) {
        uint32_t to = native(f, row, right + 1);
        if (!passes(f, from, to)) {
            break;
        }
        from = to;
    }
    for (int i = left; i <= right; i++) {
        open[i >> 5] &= ~(1u << (i & 31));
    }
    f->top = y < f->top ? y : f->top;
    f->bottom = y > f->bottom ? y : f->bottom;
    f->stack[f->stacked++] = (struct run){(uint16_t)y, (uint16_t)left, (uint16_t)right};
}

static void take_beside(struct flood *f, struct run run, int y)
{
    if (y < 0 || y >= f->img->height) {
        return;
    }
    const uint8_t *here = image_row(f->img, run.y), *there = image_row(f->img, y);
    const uint32_t *open = free_row(f, y);

    for (int x = run.left; x <= run.right; x++) {
        if (!open[x >> 5]) {
            x |= 31;                /* none of this word */
        } else if (bit(open, x) && passes(f, native(f, here, x), native(f, there, x))) {
            take_run(f, x, y);
        }
    }
}

/* What the stack had no room for: the filled pixels with a free one above or below look there again. */
static void look_again(struct flood *f, const struct image *mask, uint32_t *where)
{
    const int top = f->top, bottom = f->bottom, w = f->img->width;

    f->spilled = false;
    for (int y = top; y <= bottom && !f->spilled; y++) {
        const uint32_t *here = free_row(f, y), *above = free_row(f, y ? y - 1 : y), *below = free_row(f, y + 1 < f->img->height ? y + 1 : y);
        if (mask) {
            row_load_bits(mask, 0, y, w, where);
        }
        for (int i = 0; i < f->words && !f->spilled; i++) {
            uint32_t v = (above[i] | below[i]) & ~here[i] & (mask ? where[i] : ~0u);
            for (; v && !f->spilled; v &= v - 1) {
                int x = i * 32 + __builtin_ctz(v);
                struct run pixel = {(uint16_t)y, (uint16_t)x, (uint16_t)x};
                take_beside(f, pixel, y - 1);
                take_beside(f, pixel, y + 1);
            }
        }
    }
}

static void color_rows(const struct flood *f, const struct flood_options *o, uint32_t *where)
{
    const uint32_t last = ~0u >> (31 - ((f->img->width - 1) & 31)); /* what is blended has no bits past the width */

    for (int y = 0; y < f->img->height; y++) {
        uint32_t *open = free_row(f, y);
        if (o->mask) {
            row_load_bits(o->mask, 0, y, f->img->width, where);
        } else {
            memset(where, 0xFF, (size_t)f->words * 4);
        }
        for (int i = 0; i < f->words; i++) {
            where[i] &= ~open[i];   /* filled */
            where[i] ^= o->invert ? ~0u : 0;
            where[i] &= i + 1 < f->words ? ~0u : last;
            open[i] = i + 1 < f->words ? ~where[i] : ~where[i] & last;
        }
        row_blend_bits(f->img, 0, y, f->img->width, where, o->color);
        if (o->clear_background) {
            row_blend_bits(f->img, 0, y, f->img->width, open, 0);
        }
    }
}

static void set_channels(struct flood *f, uint32_t value, const struct flood_options *o)
{
    static const int shift565[3] = {11, 5, 0}, mask565[3] = {31, 63, 31};

    f->mask[0] = f->img->format == PIXFORMAT_BINARY ? 1 : 255;
    for (int i = 0; i < 3; i++) {
        if (f->img->format == PIXFORMAT_RGB565) {
            f->shift[i] = shift565[i];
            f->mask[i] = mask565[i];
        }
        f->seed[i] = (int)(value >> f->shift[i]) & f->mask[i];
        f->near_seed[i] = (int)lroundf(o->seed_threshold * (float)f->mask[i]);
        f->near_neighbour[i] = (int)lroundf(o->floating_threshold * (float)f->mask[i]);
    }
}

static bool fraction(float v)
{
    return v >= 0 && v <= 1;
}

int flood_fill(struct image *img, int x, int y, const struct flood_options *options, struct arena *arena)
{
    const struct image *mask = options->mask;
    struct flood f = {.img = img, .words = row_words(img->width), .top = y, .bottom = y};
    size_t mark = arena->used;
    uint32_t value;

    if (!pixformat_is_mutable(img->format) || (mask && !pixformat_is_mutable(mask->format))) {
        return VISION_E_FORMAT;
    }
    if (mask && (mask->width < img->width || mask->height < img->height)) {
        return VISION_E_SIZE;
    }
    if (!fraction(options->seed_threshold) || !fraction(options->floating_threshold)) {
        return VISION_E_ARGUMENT;
    }
    if (image_get_pixel(img, x, y, &value)) {
        return VISION_OK;
    }
    uint32_t *where = arena_alloc(arena, (size_t)f.words * 4);
    f.free = arena_alloc(arena, (size_t)f.words * 4 * (size_t)img->height);
    f.stack = arena_alloc(arena, STACK_RUNS * sizeof *f.stack);
    if (!where || !f.free || !f.stack) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    memset(f.free, 0xFF, (size_t)f.words * 4 * (size_t)img->height);
    for (int i = 0; mask && i < img->height; i++) {
        row_load_bits(mask, 0, i, img->width, free_row(&f, i));
    }
    set_channels(&f, value, options);
    if (bit(free_row(&f, y), x)) {
        take_run(&f, x, y);
    }
    while (f.stacked || f.spilled) {
        if (!f.stacked) {
            look_again(&f, mask, where);
            continue;
        }
        struct run run = f.stack[--f.stacked];
        take_beside(&f, run, run.y - 1);
        take_beside(&f, run, run.y + 1);
    }
    color_rows(&f, options, where);
    arena->used = mark;
    return VISION_OK;
}
