/* SPDX-License-Identifier: MIT */
/* Filters by rank: the median and other percentiles, and the mode. 3 x 3 and 5 x 5 medians by networks of minima and maxima on several pixels at
   a time; everything else by a histogram that slides along the row (Huang, Yang, Tang 1979). */
#include "vision/filter.h"

#include <string.h>

#include "vision/kernel_window.h"
#include "vision/window.h"

/* ---- 3 x 3 ---- */

struct median9 {
    uint8_t *low, *middle, *high;   /* of columns, from pixel -1 on */
};

static void median9_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct median9 *m = context;

    (void)channel;
    (void)leaving;
    kernel_sort3(rows[0] - 1, rows[1] - 1, rows[2] - 1, w + 2, m->low, m->middle, m->high);
    kernel_median9(m->low, m->middle, m->high, w, out);
}

/* ---- 5 x 5 ---- */

struct median25 {
    uint8_t *column[5];             /* of columns, sorted, from pixel -2 on */
};

static void median25_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct median25 *m = context;

    (void)channel;
    (void)leaving;
    kernel_sort5(rows, -2, w + 4, m->column);
    kernel_median25(m->column, w, out);
}

static int run_median25(struct image *img, const struct filter_options *options, struct arena *arena)
{
    struct median25 m;
    const struct window_filter filter = {.row = median25_row, .context = &m};

    for (int i = 0; i < 5; i++) {
        m.column[i] = arena_alloc(arena, ((size_t)img->width + 12) & ~(size_t)3);
    }
    return m.column[4] ? window_run(img, options, &filter, arena) : VISION_E_MEMORY;
}

static int run_median9(struct image *img, const struct filter_options *options, struct arena *arena)
{
    size_t span = ((size_t)img->width + 8) & ~(size_t)3;
    struct median9 m = {arena_alloc(arena, span), arena_alloc(arena, span), arena_alloc(arena, span)};
    const struct window_filter filter = {.row = median9_row, .context = &m};

    return m.low && m.middle && m.high ? window_run(img, options, &filter, arena) : VISION_E_MEMORY;
}

/* ---- Any window ---- */

struct sliding {
    int k;
    uint32_t below;                 /* percentile: as many of the window's pixels lie below the result, at most */
    uint16_t *count;                /* pixels of the window by value */
    int top[3];
};

static void fill(const struct sliding *s, const uint8_t *const *rows)
{
    memset(s->count, 0, 256 * sizeof *s->count);
    for (int j = 0; j <= 2 * s->k; j++) {
        for (int i = -s->k; i <= s->k; i++) {
            s->count[rows[j][i]]++;
        }
    }
}

/* The window goes one pixel on: `less` pixels are below `value`. */
static inline uint32_t slide(uint16_t *count, const uint8_t *const *rows, int x, int k, int side, int value, uint32_t less)
{
#pragma GCC unroll 8
    for (int j = 0; j < side; j++) {
        const uint8_t *row = rows[j] + x;
        int gone = row[-k], in = row[k + 1];
        count[gone]--;
        count[in]++;
        less += (uint32_t)(in < value) - (uint32_t)(gone < value);
    }
    return less;
}

static inline void percentiles(const struct sliding *s, const uint8_t *const *rows, int k, int w, uint8_t *out)
{
    uint16_t *count = s->count;
    uint32_t less = 0, below = s->below; /* pixels of a value lower than the result's */
    int value = 0;

    fill(s, rows);
    for (int x = 0;; x++) {
        while (less > below) {
            less -= count[--value];
        }
        while (less + count[value] <= below) {
            less += count[value++];
        }
        out[x] = (uint8_t)value;
        if (x + 1 == w) {
            return;
        }
        less = slide(count, rows, x, k, 2 * k + 1, value, less);
    }
}

static void percentile_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct sliding *s = context;

    (void)channel;
    (void)leaving;
    if (s->k == 2) {
        const uint8_t *const five[5] = {rows[0], rows[1], rows[2], rows[3], rows[4]};
        percentiles(s, five, 2, w, out);
    } else {
        percentiles(s, rows, s->k, w, out);
    }
}

/* The lowest of the most frequent values, looked for among the window's own when there are fewer of them. */
static int most_frequent(const struct sliding *s, const uint8_t *const *rows, int x, int top)
{
    const uint16_t *count = s->count;
    int best = rows[0][x - s->k];

    if ((2 * s->k + 1) * (2 * s->k + 1) > top) {
        best = 0;
        for (int v = 1; v <= top; v++) {
            best = count[v] > count[best] ? v : best;
        }
        return best;
    }
    for (int j = 0; j <= 2 * s->k; j++) {
        for (int i = x - s->k; i <= x + s->k; i++) {
            int v = rows[j][i];
            if (count[v] > count[best] || (count[v] == count[best] && v < best)) {
                best = v;
            }
        }
    }
    return best;
}

static void mode_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct sliding *s = context;
    uint16_t *count = s->count;
    int k = s->k, best = -1;

    (void)leaving;
    fill(s, rows);
    for (int x = 0;; x++) {
        best = best < 0 ? most_frequent(s, rows, x, s->top[channel]) : best;
        out[x] = (uint8_t)best;
        if (x + 1 == w) {
            return;
        }
        for (int j = 0; j <= 2 * k; j++) {
            int gone = rows[j][x - k];
            count[gone]--;
            best = gone == best ? -1 : best;
        }
        for (int j = 0; j <= 2 * k; j++) {
            int in = rows[j][x + k + 1];
            count[in]++;
            if (best >= 0 && (count[in] > count[best] || (count[in] == count[best] && in < best))) {
                best = in;
            }
        }
    }
}

static int run_sliding(struct image *img, const struct filter_options *options, window_row row, uint32_t below, struct arena *arena)
{
    size_t mark = arena->used;
    struct sliding s = {.k = options->ksize, .below = below, .count = arena_alloc(arena, 256 * sizeof(uint16_t))};
    const struct window_filter filter = {.row = row, .context = &s};

    for (int c = 0; c < window_channels(img); c++) {
        s.top[c] = window_top(img, c);
    }
    int err = s.count ? window_run(img, options, &filter, arena) : VISION_E_MEMORY;
    arena->used = mark;
    return err;
}

int filter_median(struct image *img, const struct filter_options *options, float percentile, struct arena *arena)
{
    size_t mark = arena->used;
    int err = window_check(img, options), side = err ? 0 : 2 * options->ksize + 1;

    if (err) {
        return err;
    }
    if (!(percentile >= 0 && percentile <= 1)) {
        return VISION_E_ARGUMENT;
    }
    uint32_t below = (uint32_t)(percentile * (float)(side * side - 1));
    if (side == 3 && below == 4) {
        err = run_median9(img, options, arena);
    } else if (side == 5 && below == 12 && KERNEL_MEDIAN25_PAYS) {
        err = run_median25(img, options, arena);
    } else {
        err = run_sliding(img, options, percentile_row, below, arena);
    }
    arena->used = mark;
    return err;
}

int filter_mode(struct image *img, const struct filter_options *options, struct arena *arena)
{
    int err = window_check(img, options);

    return err ? err : run_sliding(img, options, mode_row, 0, arena);
}
