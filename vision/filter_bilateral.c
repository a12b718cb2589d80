/* SPDX-License-Identifier: MIT */
/* The bilateral filter (Tomasi and Manduchi 1998). Neighbours at the same distance share a table of weights by difference of values. */
#include "vision/filter.h"

#include <math.h>

#include "vision/kernel_window.h"
#include "vision/window.h"

enum { ONE = 1024 };

struct bilateral {
    int k;
    uint16_t *table[2];             /* for channels of 8 or 5 bits, and of 6; (k + 1) (k + 2) / 2 distances, `range` differences each */
    int range[2];
};

/* Distances (dx, dy) and (dy, dx) are one: 0 <= dy <= dx <= k. */
static int distance_index(int dx, int dy)
{
    int a = dx < 0 ? -dx : dx, b = dy < 0 ? -dy : dy;

    return a > b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a;
}

static inline void add(uint32_t *sum, uint32_t *weights, const uint16_t *weight, int center, int value)
{
    int difference = value > center ? value - center : center - value;

    *sum += weight[difference] * (uint32_t)value;
    *weights += weight[difference];
}

static void bilateral3_row(const uint16_t *table, int range, const uint8_t *const *rows, int w, uint8_t *out)
{
    const uint8_t *a = rows[0], *b = rows[1], *c = rows[2];
    const uint16_t *side = table + range, *corner = table + 2 * range;

    for (int x = 0; x < w; x++) {
        int here = b[x];
        uint32_t sum = table[0] * (uint32_t)here, weights = table[0];
        add(&sum, &weights, corner, here, a[x - 1]);
        add(&sum, &weights, side, here, a[x]);
        add(&sum, &weights, corner, here, a[x + 1]);
        add(&sum, &weights, side, here, b[x - 1]);
        add(&sum, &weights, side, here, b[x + 1]);
        add(&sum, &weights, corner, here, c[x - 1]);
        add(&sum, &weights, side, here, c[x]);
        add(&sum, &weights, corner, here, c[x + 1]);
        out[x] = (uint8_t)(sum / weights);
    }
}

static void bilateral_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct bilateral *f = context;
    int which = channel == 1, k = f->k, range = f->range[which];

    (void)leaving;
    if (k == 1) {
        bilateral3_row(f->table[which], range, rows, w, out);
        return;
    }
    for (int x = 0; x < w; x++) {
        uint64_t sum = 0;
        uint32_t weights = 0;
        int here = rows[k][x];
        for (int j = -k; j <= k; j++) {
            uint32_t row_sum = 0;
            for (int i = -k; i <= k; i++) {
                add(&row_sum, &weights, f->table[which] + distance_index(i, j) * range, here, rows[k + j][x + i]);
            }
            sum += row_sum;
        }
        out[x] = (uint8_t)(sum / weights);
    }
}

/* The pixel itself always counts, whatever is lost of the least sigmas. */
static void fill(uint16_t *table, int k, int range, float color_sigma, float space_sigma)
{
    for (int dx = 0; dx <= k; dx++) {
        for (int dy = 0; dy <= dx; dy++) {
            float space = dx ? -(float)(dx * dx + dy * dy) / (2 * space_sigma * space_sigma) : 0;
            for (int v = 0; v < range; v++, table++) {
                float color = v ? (float)v / ((float)(range - 1) * color_sigma) : 0;
                *table = (uint16_t)(ONE * expf(space - color * color / 2) + 0.5f);
            }
        }
    }
}

int filter_bilateral(struct image *img, const struct filter_options *options, float color_sigma, float space_sigma, struct arena *arena)
{
    size_t mark = arena->used;
    int k = options->ksize, err = window_check(img, options);
    struct bilateral f = {.k = k};
    const struct window_filter filter = {.row = bilateral_row, .context = &f};

    if (err) {
        return err;
    }
    if (!(color_sigma > 0 && space_sigma > 0) || isinf(color_sigma) || isinf(space_sigma)) {
        return VISION_E_ARGUMENT;
    }
    for (int i = 0; i < (window_channels(img) > 1 ? 2 : 1) && !err; i++) {
        f.range[i] = window_top(img, i) + 1;
        f.table[i] = arena_alloc(arena, sizeof *f.table[i] * (size_t)((k + 1) * (k + 2) / 2) * (size_t)f.range[i]);
        err = f.table[i] ? 0 : VISION_E_MEMORY;
        if (!err) {
            fill(f.table[i], k, f.range[i], color_sigma, space_sigma);
        }
    }
    err = err ? err : window_run(img, options, &filter, arena);
    arena->used = mark;
    return err;
}
