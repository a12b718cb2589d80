/* SPDX-License-Identifier: MIT */
/* Rows of gradients. */
#include "vision/gradient.h"

#include <string.h>

#include "vision/kernel_window.h"
#include "vision/row.h"

/* Bytes before a row, so that it is aligned, and after it. */
enum { LEFT = 4, RIGHT = 8 };

static int rows_alloc(uint8_t *rows[3], int w, struct arena *arena)
{
    for (int i = 0; i < 3; i++) {
        rows[i] = arena_alloc(arena, (size_t)w + LEFT + RIGHT);
        if (!rows[i]) {
            return VISION_E_MEMORY;
        }
        rows[i] += LEFT;
    }
    return 0;
}

static void extend(uint8_t *row, int w)
{
    row[-1] = row[0];
    memset(row + w, row[w - 1], RIGHT - 1);
}

/* The three rows around y of h that lie in `ring` */
static void neighbours(uint8_t *const ring[3], int y, int h, const uint8_t *rows[3])
{
    rows[0] = ring[(y > 0 ? y - 1 : 0) % 3];
    rows[1] = ring[y % 3];
    rows[2] = ring[(y < h - 1 ? y + 1 : y) % 3];
}

int gray_window_open(struct gray_window *window, const struct image *img, struct rect roi, struct arena *arena)
{
    *window = (struct gray_window){.img = img, .roi = roi};
    return rows_alloc(window->rows, roi.w, arena);
}

void gray_window_move(struct gray_window *window, int y, const uint8_t *rows[3])
{
    const struct rect *roi = &window->roi;

    for (int i = y ? y + 1 : 0; i <= y + 1 && i < roi->h; i++) {
        uint8_t *row = window->rows[i % 3];
        row_load_gray(window->img, roi->x, roi->y + i, roi->w, row);
        extend(row, roi->w);
    }
    neighbours(window->rows, y, roi->h, rows);
}

int gradients_open(struct gradients *g, const struct image *img, struct rect roi, bool smooth, struct arena *arena)
{
    size_t words = (size_t)roi.w + 2;
    uint32_t *block;
    int err;

    *g = (struct gradients){0};
    err = gray_window_open(&g->window, img, roi, arena);
    if (!err && smooth) {
        err = rows_alloc(g->soft, roi.w, arena);
        g->sums = arena_alloc(arena, (words + 4) * sizeof *g->sums);
    }
    block = arena_alloc(arena, 4 * words * sizeof *block);
    if (err || !block || (smooth && !g->sums)) {
        return VISION_E_MEMORY;
    }
    memset(block, 0, 4 * words * sizeof *block);
    for (size_t i = 0; i < 3; i++) {
        g->rows[i] = block + i * words + 1;
    }
    g->none = block + 3 * words + 1;
    return 0;
}

static void smooth_row(struct gradients *g, int y)
{
    const uint8_t *rows[3];
    uint8_t *out = g->soft[y % 3];
    int w = g->window.roi.w;

    gray_window_move(&g->window, y, rows);
    kernel_binomial3_down(rows[0] - 1, rows[1] - 1, rows[2] - 1, w + 2, g->sums);
    kernel_binomial3_across(g->sums, w, out);
    extend(out, w);
}

const uint32_t *gradients_make(struct gradients *g, int y)
{
    const uint8_t *rows[3];
    int h = g->window.roi.h;

    if (g->sums) {
        for (; g->softened <= y + 1 && g->softened < h; g->softened++) {
            smooth_row(g, g->softened);
        }
        neighbours(g->soft, y, h, rows);
    } else {
        gray_window_move(&g->window, y, rows);
    }
    kernel_sobel(rows[0], rows[1], rows[2], g->window.roi.w, g->rows[y % 3]);
    return g->rows[y % 3];
}

const uint32_t *gradients_row(const struct gradients *g, int y)
{
    return y < 0 || y >= g->window.roi.h ? g->none : g->rows[y % 3];
}

/* Degrees whose tangent is i / 256, rounded */
static const uint8_t arc_tangents[257] = {
    0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 7, 7,
    7, 7, 8, 8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 13, 14, 14,
    14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20,
    21, 21, 21, 21, 21, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23, 23, 24, 24, 24, 24, 24, 25, 25, 25, 25, 25, 25, 26, 26, 26, 26, 26,
    27, 27, 27, 27, 27, 27, 28, 28, 28, 28, 28, 29, 29, 29, 29, 29, 29, 30, 30, 30, 30, 30, 30, 31, 31, 31, 31, 31, 31, 32, 32, 32,
    32, 32, 32, 32, 33, 33, 33, 33, 33, 33, 34, 34, 34, 34, 34, 34, 35, 35, 35, 35, 35, 35, 35, 36, 36, 36, 36, 36, 36, 36, 37, 37,
    37, 37, 37, 37, 37, 38, 38, 38, 38, 38, 38, 38, 39, 39, 39, 39, 39, 39, 39, 39, 40, 40, 40, 40, 40, 40, 40, 41, 41, 41, 41, 41,
    41, 41, 41, 42, 42, 42, 42, 42, 42, 42, 42, 43, 43, 43, 43, 43, 43, 43, 43, 44, 44, 44, 44, 44, 44, 44, 44, 44, 45, 45, 45, 45,
    45,
};

int gradient_degrees(uint32_t gradient)
{
    int x = gradient_x(gradient), y = gradient_y(gradient), dx = x < 0 ? -x : x, dy = y < 0 ? -y : y;
    int degrees = dy <= dx ? arc_tangents[dx ? 256 * dy / dx : 0] : 90 - arc_tangents[256 * dx / dy];

    degrees = (x ^ y) < 0 ? 180 - degrees : degrees;
    return degrees == 180 ? 0 : degrees;
}

/* ---- Thin edges ---- */

/* tan 22.5 degrees, in 256ths */
#define TAN_EIGHTH 106

static inline bool is_greatest(const uint32_t *above, const uint32_t *here, const uint32_t *below, uint32_t power)
{
    int x = gradient_x(*here), y = gradient_y(*here), dx = x < 0 ? -x : x, dy = y < 0 ? -y : y;

    if (256 * dy < TAN_EIGHTH * dx) {
        return power > gradient_power(here[-1]) && power >= gradient_power(here[1]);
    }
    if (256 * dx < TAN_EIGHTH * dy) {
        return power > gradient_power(*above) && power >= gradient_power(*below);
    }
    int side = (x ^ y) < 0 ? 1 : -1;    /* of the neighbour above that lies along the gradient */
    return power > gradient_power(above[side]) && power >= gradient_power(below[-side]);
}

bool gradients_is_greatest(const uint32_t *above, const uint32_t *here, const uint32_t *below, uint32_t power)
{
    return is_greatest(above, here, below, power);
}

void gradients_thin(const uint32_t *above, const uint32_t *here, const uint32_t *below, int w, uint32_t least, uint32_t *bits)
{
    least = least ? least : 1;
    for (int x = 0; x < w; x += 32) {
        uint32_t word = 0;
        int n = w - x < 32 ? w - x : 32;
        const uint32_t *p = here + x;
        for (int i = 0; i < n; i++) {
            uint32_t power = gradient_power(p[i]);
            if (power >= least && is_greatest(above + x + i, p + i, below + x + i, power)) {
                word |= 1u << i;
            }
        }
        *bits++ = word;
    }
}
