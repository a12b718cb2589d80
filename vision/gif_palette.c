/* SPDX-License-Identifier: MIT */
/* The colours of a GIF: median cut (Heckbert 1982) over the cells of 5 bits a channel. A box of cells that much is in and that is long is cut in two
   where half of its pixels lie on either side, until there are 256; its colour is the mean of its pixels. */
#include <string.h>

#include "vision/gif.h"
#include "vision/row.h"

enum { COLORS = 256, SIDE = 32 };

/* Cells low .. high of each channel; as small as holds its pixels. */
struct box {
    uint8_t low[3], high[3];
    uint32_t pixels, weight;        /* weight: pixels by the square of the longest side; 0 of a single cell */
};

static inline uint32_t cell(int r, int g, int b)
{
    return (uint32_t)(r << 10 | g << 5 | b);
}

static void count_cells(const struct image *img, uint16_t *row, uint16_t *counts)
{
    memset(counts, 0, GIF_CELLS * sizeof *counts);
    for (int y = 0; y < img->height; y++) {
        row_load_rgb565(img, 0, y, img->width, row);
        for (int x = 0; x < img->width; x++) {
            uint16_t *c = &counts[gif_cell(row[x])];
            *c = (uint16_t)(*c + (*c != UINT16_MAX));
        }
    }
}

/* The longest side; of equal ones green, then red, as the eye does. */
static int longest(const struct box *box)
{
    static const int order[3] = {1, 0, 2};
    int best = 1;

    for (int i = 1; i < 3; i++) {
        int c = order[i];
        best = box->high[c] - box->low[c] > box->high[best] - box->low[best] ? c : best;
    }
    return best;
}

static void widen(struct box *box, int channel, int low, int high)
{
    box->low[channel] = low < box->low[channel] ? (uint8_t)low : box->low[channel];
    box->high[channel] = high > box->high[channel] ? (uint8_t)high : box->high[channel];
}

/* Draws the box in to its pixels, counts and weighs them. */
static void shrink(struct box *box, const uint16_t *counts)
{
    struct box in = {{SIDE - 1, SIDE - 1, SIDE - 1}, {0, 0, 0}, 0, 0};

    for (int r = box->low[0]; r <= box->high[0]; r++) {
        for (int g = box->low[1]; g <= box->high[1]; g++) {
            const uint16_t *row = counts + cell(r, g, 0);
            uint32_t sum = 0;
            int low = box->low[2], high = box->high[2];
            while (low <= high && !row[low]) {
                low++;
            }
            while (high > low && !row[high]) {
                high--;
            }
            for (int b = low; b <= high; b++) {
                sum += row[b];
            }
            if (sum) {
                widen(&in, 0, r, r);
                widen(&in, 1, g, g);
                widen(&in, 2, low, high);
                in.pixels += sum;
            }
        }
    }
    *box = in;
    int c = longest(box);
    uint32_t side = (uint32_t)(box->high[c] - box->low[c]);
    box->weight = (box->pixels < 1u << 22 ? box->pixels : 1u << 22) * side * side;
}

/* `box` becomes the lower half, `other` the upper. */
static void cut(struct box *box, struct box *other, const uint16_t *counts)
{
    int c = longest(box), at = box->low[c];
    uint32_t plane[SIDE] = {0}, sum;

    for (int r = box->low[0]; r <= box->high[0]; r++) {
        for (int g = box->low[1]; g <= box->high[1]; g++) {
            const uint16_t *row = counts + cell(r, g, 0);
            uint32_t all = 0;
            for (int b = box->low[2]; b <= box->high[2]; b++) {
                all += row[b];
                if (c == 2) {
                    plane[b] += row[b];
                }
            }
            if (c < 2) {
                plane[c ? g : r] += all;
            }
        }
    }
    for (sum = plane[at]; at + 1 < box->high[c] && sum + plane[at + 1] / 2 < box->pixels / 2; at++) {
        sum += plane[at + 1];
    }
    *other = *box;
    box->high[c] = (uint8_t)at;
    other->low[c] = (uint8_t)(at + 1);
    shrink(box, counts);
    shrink(other, counts);
}

/* The box's colour, and its number into its cells. */
static void settle(const struct box *box, int number, uint8_t *color, uint16_t *counts)
{
    uint64_t sum[3] = {0};

    for (int r = box->low[0]; r <= box->high[0]; r++) {
        for (int g = box->low[1]; g <= box->high[1]; g++) {
            for (int b = box->low[2]; b <= box->high[2]; b++) {
                uint32_t i = cell(r, g, b), n = counts[i];
                sum[0] += n * (uint32_t)r;
                sum[1] += n * (uint32_t)g;
                sum[2] += n * (uint32_t)b;
                counts[i] = (uint16_t)number;
            }
        }
    }
    for (int i = 0; i < 3; i++) {
        color[i] = (uint8_t)((sum[i] * 510 + box->pixels * 31ull) / (box->pixels * 62ull));
    }
}

int gif_choose_palette(const struct image *img, uint8_t palette[768], uint16_t map[GIF_CELLS], struct arena *arena)
{
    size_t mark = arena->used;
    struct box *boxes = arena_alloc(arena, COLORS * sizeof *boxes);
    uint16_t *row = arena_alloc(arena, (size_t)img->width * 2);
    int count = 1;

    if (!boxes || !row) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    count_cells(img, row, map);
    boxes[0] = (struct box){{0, 0, 0}, {SIDE - 1, SIDE - 1, SIDE - 1}, 0, 0};
    shrink(&boxes[0], map);
    while (count < COLORS) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = boxes[i].weight > boxes[best].weight ? i : best;
        }
        if (!boxes[best].weight) {
            break;                  /* each is one cell */
        }
        cut(&boxes[best], &boxes[count], map);
        count++;
    }
    for (int i = 0; i < count; i++) {
        settle(&boxes[i], i, palette + 3 * i, map);
    }
    arena->used = mark;
    return count;
}
