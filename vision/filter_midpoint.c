/* SPDX-License-Identifier: MIT */
/* Between the window's minimum and maximum. Down the columns in constant time per pixel (van Herk 1992): rows are cut into blocks
   as high as the window; a window is the end of one block and the beginning of the next, whose extremes were made on the way. Along the row in
   O(log ksize), four pixels to an instruction. */
#include "vision/filter.h"

#include <string.h>

#include "vision/kernel_window.h"
#include "vision/window.h"

struct extreme {
    uint8_t *ends;                  /* by row of the block: extreme of it and those below, a span each */
    uint8_t *beginning;             /* extreme of the next block's rows that have come */
    void (*take)(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n);
};

struct midpoint {
    int k;
    size_t span;                    /* bytes of a row with its continuation */
    int position[3];                /* in the block, of the window's first row */
    uint32_t bias;                  /* weight of the maximum, in 1/2^16 */
    struct extreme low[3], high[3]; /* by channel */
    uint8_t *row[2];                /* extremes of the columns, then of the windows */
};

/* Extremes of columns of the window into `out`. */
static void down(const struct midpoint *m, const struct extreme *e, const uint8_t *const *rows, int position, uint8_t *out)
{
    int last = 2 * m->k, n = (int)m->span;

    if (position == 0) {
        memcpy(e->ends + (size_t)last * m->span, rows[last] - m->k, m->span);
        for (int j = last - 1; j >= 0; j--) {
            e->take(e->ends + (size_t)j * m->span, rows[j] - m->k, e->ends + (size_t)(j + 1) * m->span, n);
        }
        memcpy(out, e->ends, m->span);
        return;
    }
    if (position == 1) {
        memcpy(e->beginning, rows[last] - m->k, m->span);
    } else {
        e->take(e->beginning, e->beginning, rows[last] - m->k, n);
    }
    e->take(out, e->ends + (size_t)position * m->span, e->beginning, n);
}

/* Extremes along the row, in place: v[i] becomes that of v[i] .. v[i + 2 k], in runs of 1, 2, 4 ... and the rest. */
static void across(const struct midpoint *m, const struct extreme *e, uint8_t *v)
{
    int side = 2 * m->k + 1, n = (int)m->span, run = 1;

    for (; run * 2 <= side; run *= 2) {
        n -= run;
        e->take(v, v, v + run, n);
    }
    if (run < side) {
        e->take(v, v, v + side - run, n - (side - run));
    }
}

static void midpoint_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    struct midpoint *m = context;
    int position = leaving ? (m->position[channel] + 1) % (2 * m->k + 1) : 0;

    m->position[channel] = position;
    down(m, &m->low[channel], rows, position, m->row[0]);
    down(m, &m->high[channel], rows, position, m->row[1]);
    across(m, &m->low[channel], m->row[0]);
    across(m, &m->high[channel], m->row[1]);
    for (int i = 0; i < w; i++) {
        uint32_t low = m->row[0][i], high = m->row[1][i];
        out[i] = (uint8_t)((low * 0x10000u + (high - low) * m->bias) >> 16);
    }
}

static int extreme_set_up(struct extreme *e, const struct midpoint *m, bool highest, struct arena *arena)
{
    e->take = highest ? kernel_max8 : kernel_min8;
    e->ends = arena_alloc(arena, m->span * (size_t)(2 * m->k + 1));
    e->beginning = arena_alloc(arena, m->span);
    return e->ends && e->beginning ? 0 : VISION_E_MEMORY;
}

int filter_midpoint(struct image *img, const struct filter_options *options, float bias, struct arena *arena)
{
    size_t mark = arena->used;
    int err = window_check(img, options);

    if (err) {
        return err;
    }
    if (!(bias >= 0 && bias <= 1)) {
        return VISION_E_ARGUMENT;
    }
    struct midpoint m = {.k = options->ksize, .span = (size_t)(img->width + 2 * options->ksize), .bias = (uint32_t)(bias * 65536)};
    const struct window_filter filter = {.row = midpoint_row, .context = &m};
    m.row[0] = arena_alloc(arena, m.span);
    m.row[1] = arena_alloc(arena, m.span);
    err = m.row[0] && m.row[1] ? 0 : VISION_E_MEMORY;
    for (int c = 0; c < window_channels(img) && !err; c++) {
        err = extreme_set_up(&m.low[c], &m, false, arena);
        err = err ? err : extreme_set_up(&m.high[c], &m, true, arena);
    }
    err = err ? err : window_run(img, options, &filter, arena);
    arena->used = mark;
    return err;
}
