/* SPDX-License-Identifier: MIT */
/* Edges by a high-pass filter, and Canny's: bits of weak and strong edges, the strong ones spread along the weak, 32 pixels at a time. */
#include "vision/edge.h"

#include <string.h>

#include "vision/gradient.h"
#include "vision/kernel_window.h"
#include "vision/row.h"

static int check(const struct image *img, const struct edge_options *options, struct rect *roi, int *low, int *high)
{
    *low = options->low < options->high ? options->low : options->high;
    *high = options->low < options->high ? options->high : options->low;
    return pixformat_is_mutable(img->format) ? image_clip(img, options->roi, roi) : VISION_E_FORMAT;
}

/* ---- High-pass ---- */

static const int high_pass[9] = {-1, -1, -1, -1, 8, -1, -1, -1, -1};

static void simple_rows(struct image *img, struct gray_window *window, int low, int high, uint8_t *edges, uint32_t *bits)
{
    const struct rect *roi = &window->roi;
    uint32_t from = (uint32_t)low * 0x01010101u, span = (uint32_t)(high - low) * 0x01010101u;

    for (int y = 0; y < roi->h; y++) {
        const uint8_t *rows[3];
        gray_window_move(window, y, rows);
        kernel_convolve3_cut(rows[0], rows[1], rows[2], roi->w, high_pass, 0, 255, edges);
        kernel_gray_range_bits(edges, roi->w, from, span, bits);
        row_store_bits(img, roi->x, roi->y + y, roi->w, bits);
    }
}

int edge_simple(struct image *img, const struct edge_options *options, struct arena *arena)
{
    size_t mark = arena->used;
    struct gray_window window;
    struct rect roi;
    int low, high, err = check(img, options, &roi, &low, &high);

    if (err) {
        return err;
    }
    err = gray_window_open(&window, img, roi, arena);
    uint8_t *edges = arena_alloc(arena, (size_t)roi.w + 4);
    uint32_t *bits = arena_alloc(arena, (size_t)row_words(roi.w) * sizeof *bits);
    err = err || !edges || !bits ? VISION_E_MEMORY : 0;
    if (!err) {
        low = low < 0 ? 0 : low;
        high = high > 255 ? 255 : high;
        if (low > high) {           /* nothing can be within: no byte is -1 or less, or 256 or more */
            for (int y = 0; y < roi.h; y++) {
                memset(bits, 0, (size_t)row_words(roi.w) * sizeof *bits);
                row_store_bits(img, roi.x, roi.y + y, roi.w, bits);
            }
        } else {
            simple_rows(img, &window, low, high, edges, bits);
        }
    }
    arena->used = mark;
    return err;
}

/* ---- Canny ---- */

struct hysteresis {
    int words, h;
    uint32_t *weak;                 /* of edges at least `low` */
    uint32_t *strong;               /* of those that are sure; with an empty row above and below */
};

/* The bits of `seeds` and all that hang together with them in `in`, within the word (Kogge and Stone's prefix, both ways) */
static uint32_t fill_word(uint32_t seeds, uint32_t in)
{
    uint32_t up = seeds, down = seeds, open_up = in, open_down = in;

    for (int shift = 1; shift < 32; shift *= 2) {
        up |= open_up & up << shift;
        open_up &= open_up << shift;
        down |= open_down & down >> shift;
        open_down &= open_down >> shift;
    }
    return up | down;
}

/* Spreads into row y from the rows above and below and along it. Did it? */
static bool spread_row(const struct hysteresis *s, int y)
{
    uint32_t *strong = s->strong + y * s->words;
    const uint32_t *weak = s->weak + y * s->words, *above = strong - s->words, *below = strong + s->words;
    bool any = false, back = false;

    for (int i = 0; i < s->words; i++) {
        uint32_t open = weak[i] & ~strong[i];
        if (!open) {
            continue;
        }
        uint32_t here = strong[i] | above[i] | below[i], seeds = here | here << 1 | here >> 1;
        if (i > 0) {
            seeds |= (strong[i - 1] | above[i - 1] | below[i - 1]) >> 31;
        }
        if (i + 1 < s->words) {
            seeds |= (strong[i + 1] | above[i + 1] | below[i + 1]) << 31;
        }
        if (seeds & open) {
            strong[i] |= fill_word(seeds & open, open);
            any = true;
            back |= i > 0 && (strong[i] & 1) && (weak[i - 1] & ~strong[i - 1]) >> 31;
        }
    }
    for (int i = s->words - 2; back && i >= 0; i--) {   /* what came from the right, on to the left */
        uint32_t open = weak[i] & ~strong[i], seeds = strong[i + 1] << 31 & open;
        if (seeds) {
            strong[i] |= fill_word(seeds, open);
        }
    }
    return any;
}

/* Down and up again until nothing changes: as many times as the longest chain changes its mind. */
static void spread(const struct hysteresis *s)
{
    int first = 0, last = s->h - 1;

    while (first <= last) {
        int top = s->h, bottom = -1;    /* rows that changed */
        for (int y = first; y <= last; y++) {
            if (spread_row(s, y)) {
                top = y < top ? y : top;
                bottom = y;
            }
        }
        for (int y = last; y >= first; y--) {
            if (spread_row(s, y)) {
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
        }
        if (bottom < 0) {
            return;
        }
        first = top > 0 ? top - 1 : 0;
        last = bottom + 1 < s->h ? bottom + 1 : s->h - 1;
    }
}

static uint32_t square(int v)
{
    int cut = v < 0 ? 0 : v > 2000 ? 2000 : v;  /* beyond every gradient */
    return (uint32_t)(cut * cut);
}

static void mark_strong(const uint32_t *here, const uint32_t *weak, int words, uint32_t least, uint32_t *strong)
{
    for (int i = 0; i < words; i++) {
        uint32_t left = weak[i], word = 0;
        while (left) {
            int bit = __builtin_ctz(left);
            left &= left - 1;
            if (gradient_power(here[i * 32 + bit]) >= least) {
                word |= 1u << bit;
            }
        }
        strong[i] = word;
    }
}

int edge_canny(struct image *img, const struct edge_options *options, struct arena *arena)
{
    size_t mark = arena->used;
    struct gradients g;
    struct rect roi;
    int low, high, err = check(img, options, &roi, &low, &high);

    if (err) {
        return err;
    }
    struct hysteresis s = {.words = row_words(roi.w), .h = roi.h};
    size_t bytes = (size_t)s.words * 4 * ((size_t)roi.h + 2);
    s.weak = arena_alloc(arena, (size_t)s.words * 4 * (size_t)roi.h);
    s.strong = arena_alloc(arena, bytes);
    size_t kept = arena->used;
    if (!s.weak || !s.strong || gradients_open(&g, img, roi, true, arena)) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    memset(s.strong, 0, bytes);
    s.strong += s.words;
    for (int y = 0; y <= roi.h; y++) {
        if (y < roi.h) {
            gradients_make(&g, y);
        }
        if (y > 0) {
            const uint32_t *here = gradients_row(&g, y - 1);
            uint32_t *weak = s.weak + (y - 1) * s.words;
            gradients_thin(gradients_row(&g, y - 2), here, gradients_row(&g, y), roi.w, square(low), weak);
            mark_strong(here, weak, s.words, square(high), s.strong + (y - 1) * s.words);
        }
    }
    arena->used = kept;
    spread(&s);
    for (int y = 0; y < roi.h; y++) {
        row_store_bits(img, roi.x, roi.y + y, roi.w, s.strong + y * s.words);
    }
    arena->used = mark;
    return 0;
}
