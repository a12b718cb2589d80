/* SPDX-License-Identifier: MIT */
/* The mean: each column of the window has a running sum, and their sum slides along the row. */
#include "vision/filter.h"

#include <string.h>

#include "vision/kernel_window.h"
#include "vision/window.h"

/* RGB565 spread over a word, so that a sum of up to 32 pixels keeps its channels apart: green at 21, red at 11, blue at 0. */
#define SPREAD 0x07E0F81Fu
#define SPREAD_MOST 32

struct mean {
    int k, count;
    uint32_t reciprocal;            /* ceil(2^32 / count): exact up to SLOW_ABOVE */
    int shift;                      /* of kernel_mean_across */
    uint32_t reciprocal16;          /* ceil(2^16 / count), for SPREAD */
    uint16_t *column[3];            /* sums of columns, from pixel -k on */
    uint32_t *spread;
};

/* A sum of up to 255 * count times an error below count must stay below 2^32. */
#define SLOW_ABOVE 4096

static void mean_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct mean *m = context;
    uint16_t *column = m->column[channel];
    int k = m->k, span = w + 2 * k;
    uint32_t sum = 0;

    if (leaving) {
        kernel_column_slide(column, rows[2 * k] - k, leaving - k, span);
    } else {
        memset(column, 0, (size_t)span * 2);
        for (int j = 0; j <= 2 * k; j++) {
            for (int i = 0; i < span; i++) {
                column[i] = (uint16_t)(column[i] + rows[j][i - k]);
            }
        }
    }
    if (k && m->count <= 11 * 11) {
        kernel_mean_across(column, w, 2 * k + 1, ((0x10000u << m->shift) + (uint32_t)m->count - 1) / (uint32_t)m->count, m->shift, out);
        return;
    }
    for (int i = 0; i < 2 * k; i++) {
        sum += column[i];
    }
    const uint16_t *first = column, *last = column + 2 * k;
    if (m->count > SLOW_ABOVE || m->count == 1) {   /* 2^32 / 1 does not fit */
        for (int i = 0; i < w; i++) {
            sum += last[i];
            out[i] = (uint8_t)(sum / (uint32_t)m->count);
            sum -= first[i];
        }
        return;
    }
    for (int i = 0; i < w; i++) {
        sum += last[i];
        out[i] = (uint8_t)((uint64_t)sum * m->reciprocal >> 32);
        sum -= first[i];
    }
}

static inline uint32_t spread(uint32_t pixel)
{
    return (pixel | pixel << 16) & SPREAD;
}

static void mean_row565(void *context, const uint16_t *const *rows, const uint16_t *leaving, int w, uint16_t *out)
{
    const struct mean *m = context;
    uint32_t *column = m->spread, sum = 0;
    int k = m->k, span = w + 2 * k;

    if (leaving) {
        const uint16_t *in = rows[2 * k] - k, *gone = leaving - k;
        for (int i = 0; i < span; i++) {
            column[i] += spread(in[i]) - spread(gone[i]);
        }
    } else {
        memset(column, 0, (size_t)span * 4);
        for (int j = 0; j <= 2 * k; j++) {
            for (int i = 0; i < span; i++) {
                column[i] += spread(rows[j][i - k]);
            }
        }
    }
    for (int i = 0; i < 2 * k; i++) {
        sum += column[i];
    }
    const uint32_t *first = column, *last = column + 2 * k;
    for (int i = 0; i < w; i++) {
        sum += last[i];
        uint32_t red = (sum >> 11 & 0x3FF) * m->reciprocal16 >> 16, green = (sum >> 21) * m->reciprocal16 >> 16;
        uint32_t blue = (sum & 0x7FF) * m->reciprocal16 >> 16;
        out[i] = (uint16_t)(red << 11 | green << 5 | blue);
        sum -= first[i];
    }
}

int filter_mean(struct image *img, const struct filter_options *options, struct arena *arena)
{
    size_t mark = arena->used;
    int k = options->ksize, err = window_check(img, options);

    if (err) {
        return err;
    }
    uint32_t count = (uint32_t)((2 * k + 1) * (2 * k + 1));
    struct mean m = {.k = k, .count = (int)count, .reciprocal = 0xFFFFFFFFu / count + 1, .reciprocal16 = (0x10000u + count - 1) / count};
    struct window_filter filter = {.row = mean_row, .context = &m};
    size_t span = (size_t)img->width + 2 * (size_t)k + 4;

    while (count >> (m.shift + 1)) {
        m.shift++;
    }
    if (KERNEL_SPREAD_PAYS && img->format == PIXFORMAT_RGB565 && count <= SPREAD_MOST) {
        filter.row565 = mean_row565;
        m.spread = arena_alloc(arena, span * 4);
        err = m.spread ? 0 : VISION_E_MEMORY;
    } else {
        for (int c = 0; c < window_channels(img) && !err; c++) {
            m.column[c] = arena_alloc(arena, span * 2);
            err = m.column[c] ? 0 : VISION_E_MEMORY;
        }
    }
    err = err ? err : window_run(img, options, &filter, arena);
    arena->used = mark;
    return err;
}
