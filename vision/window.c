/* SPDX-License-Identifier: MIT */
/* The moving window. The ring holds one row more than the window, so that sums can take out what leaves. */
#include "vision/window.h"

#include <string.h>

#include "vision/kernel_window.h"
#include "vision/row.h"

#define MAX_CHANNELS 3

struct window {
    struct image *img;
    const struct filter_options *options;
    const struct window_filter *filter;
    int planes, bytes;              /* bytes of an element: 1, or 2 for whole RGB565 pixels */
    bool direct;                    /* results go straight into the image's row: gray, no mask or threshold, and rows end where words do */
    int k, slots, left;             /* left: elements before the first pixel, so that it is aligned */
    size_t pitch;                   /* bytes from row to row */
    uint8_t *ring[MAX_CHANNELS];
    uint8_t *out[MAX_CHANNELS];
    const uint8_t **rows;
    uint32_t *bits;                 /* for threshold and mask */
    uint8_t *gray[2];               /* of the row before and after, for the threshold */
};

static int clamp(int v, int high)
{
    return v < 0 ? 0 : v > high ? high : v;
}

static uint8_t *slot(const struct window *win, int plane, int y)
{
    return win->ring[plane] + (size_t)(y % win->slots) * win->pitch + (size_t)(win->left * win->bytes);
}

int window_check(const struct image *img, const struct filter_options *options)
{
    const struct image *mask = options->mask;

    if (!pixformat_is_mutable(img->format) || (mask && !pixformat_is_mutable(mask->format))) {
        return VISION_E_FORMAT;
    }
    if (options->ksize < 0 || options->ksize > FILTER_MAX_KSIZE) {
        return VISION_E_ARGUMENT;
    }
    return mask && (mask->width < img->width || mask->height < img->height) ? VISION_E_SIZE : 0;
}

static int set_up(struct window *win, struct arena *arena)
{
    int w = win->img->width, h = win->img->height, k = win->k;

    win->slots = 2 * k + 2 < h ? 2 * k + 2 : h;
    win->left = (k + 3) & ~3;
    win->pitch = ((size_t)(win->left + w + k + 4) * (size_t)win->bytes + 3) & ~(size_t)3;
    for (int p = 0; p < win->planes; p++) {
        win->ring[p] = arena_alloc(arena, win->pitch * (size_t)win->slots);
        win->out[p] = arena_alloc(arena, (size_t)(w + 4) * (size_t)win->bytes);
        if (!win->ring[p] || !win->out[p]) {
            return VISION_E_MEMORY;
        }
    }
    win->rows = arena_alloc(arena, sizeof *win->rows * (size_t)(2 * k + 1));
    win->bits = arena_alloc(arena, (size_t)row_words(w) * 4);
    if (!win->rows || !win->bits) {
        return VISION_E_MEMORY;
    }
    if (win->options->threshold) {
        win->gray[0] = arena_alloc(arena, (size_t)w);
        win->gray[1] = arena_alloc(arena, (size_t)w);
        return win->gray[0] && win->gray[1] ? 0 : VISION_E_MEMORY;
    }
    return 0;
}

/* Continues a row to both sides. */
static void extend(const struct window *win, uint8_t *row)
{
    int w = win->img->width, right = win->k + 4;

    if (win->bytes == 2) {
        uint16_t *p = (uint16_t *)(void *)row;
        for (int i = 1; i <= win->k; i++) {
            p[-i] = p[0];
        }
        for (int i = 0; i < right; i++) {
            p[w + i] = p[w - 1];
        }
    } else {
        memset(row - win->k, row[0], (size_t)win->k);
        memset(row + w, row[w - 1], (size_t)right);
    }
}

static void load(const struct window *win, int y)
{
    const struct image *img = win->img;

    if (win->planes == 3) {
        kernel_unpack565((const uint16_t *)(const void *)image_row(img, y), img->width, slot(win, 0, y), slot(win, 1, y), slot(win, 2, y));
    } else if (win->bytes == 2) {
        kernel_copy(slot(win, 0, y), image_row(img, y), (size_t)img->width * 2);
    } else {
        row_load_gray(img, 0, y, img->width, slot(win, 0, y));
    }
    for (int p = 0; p < win->planes; p++) {
        extend(win, slot(win, p, y));
    }
}

static void filter_row(const struct window *win, int y)
{
    int last = win->img->height - 1, w = win->img->width;

    for (int p = 0; p < win->planes; p++) {
        for (int i = 0; i <= 2 * win->k; i++) {
            win->rows[i] = slot(win, p, clamp(y - win->k + i, last));
        }
        const uint8_t *leaving = y ? slot(win, p, clamp(y - 1 - win->k, last)) : NULL;
        if (win->bytes == 2) {
            win->filter->row565(win->filter->context, (const uint16_t *const *)(const void *)win->rows, (const uint16_t *)(const void *)leaving, w,
                                (uint16_t *)(void *)win->out[0]);
        } else {
            win->filter->row(win->filter->context, p, win->rows, leaving, w, win->direct ? image_row(win->img, y) : win->out[p]);
        }
    }
}

/* The row as it was before, in out's layout. */
static const uint8_t *before(const struct window *win, int plane, int y)
{
    return slot(win, plane, y);
}

static void merge(const struct window *win, int y)
{
    for (int p = 0; p < win->planes; p++) {
        if (win->bytes == 2) {
            kernel_select16(win->bits, win->img->width, (const uint16_t *)(const void *)before(win, p, y), (uint16_t *)(void *)win->out[p]);
        } else {
            kernel_select8(win->bits, win->img->width, before(win, p, y), win->out[p]);
        }
    }
}

static void gray_of(const struct window *win, const uint8_t *const plane[], uint8_t *gray)
{
    int w = win->img->width;

    if (win->planes == 3) {
        kernel_native_to_gray(plane[0], plane[1], plane[2], w, gray);
    } else if (win->bytes == 2) {
        kernel_rgb565_to_gray((const uint16_t *)(const void *)plane[0], w, gray);
    } else {
        memcpy(gray, plane[0], (size_t)w);
    }
}

static void store(const struct window *win, int y)
{
    const struct image *img = win->img;

    if (win->direct) {
        return;
    }
    if (win->planes == 3) {
        kernel_pack565(win->out[0], win->out[1], win->out[2], img->width, (uint16_t *)(void *)image_row(img, y));
    } else if (win->bytes == 2) {
        kernel_copy(image_row(img, y), win->out[0], (size_t)img->width * 2);
    } else {
        row_store_gray(img, 0, y, img->width, win->out[0]);
    }
}

/* White where the pixel is brighter than the filter's result by more than the offset. */
static void store_threshold(const struct window *win, int y)
{
    const struct image *img = win->img;
    const struct filter_options *o = win->options;
    const uint8_t *was[MAX_CHANNELS], *is[MAX_CHANNELS];
    uint32_t white[16];

    for (int p = 0; p < win->planes; p++) {
        was[p] = before(win, p, y);
        is[p] = win->out[p];
    }
    gray_of(win, was, win->gray[0]);
    gray_of(win, is, win->gray[1]);
    for (int x = 0; x < img->width; x += 512) {
        int n = img->width - x < 512 ? img->width - x : 512;
        memset(white, 0, sizeof white);
        for (int i = 0; i < n; i++) {
            bool set = (win->gray[0][x + i] - win->gray[1][x + i] > o->offset) != o->invert;
            white[i >> 5] |= (uint32_t)set << (i & 31);
        }
        if (o->mask) {
            uint32_t *mask = win->bits + x / 32;
            for (int i = 0; i < row_words(n); i++) {
                white[i] &= mask[i];
            }
            row_blend_bits(img, x, y, n, mask, 0);
            row_blend_bits(img, x, y, n, white, img->format == PIXFORMAT_RGB565 ? 0xFFFF : img->format == PIXFORMAT_GRAYSCALE ? 255 : 1);
        } else {
            row_store_bits(img, x, y, n, white);
        }
    }
}

int window_run(struct image *img, const struct filter_options *options, const struct window_filter *filter, struct arena *arena)
{
    struct window win = {.img = img, .options = options, .filter = filter, .planes = 1, .bytes = 1, .k = options->ksize};
    size_t mark = arena->used;
    int err = window_check(img, options);

    if (err) {
        return err;
    }
    if (img->format == PIXFORMAT_RGB565) {
        win.planes = filter->row565 ? 1 : 3;
        win.bytes = filter->row565 ? 2 : 1;
    }
    win.direct = img->format == PIXFORMAT_GRAYSCALE && !options->mask && !options->threshold && (((uintptr_t)img->data | (unsigned)img->width) & 3) == 0;
    err = set_up(&win, arena);
    for (int y = 0, loaded = 0; !err && y < img->height; y++) {
        for (; loaded <= y + win.k && loaded < img->height; loaded++) {
            load(&win, loaded);
        }
        filter_row(&win, y);
        if (options->mask) {
            row_load_bits(options->mask, 0, y, img->width, win.bits);
        }
        if (options->threshold) {
            store_threshold(&win, y);
            continue;
        }
        if (options->mask) {
            merge(&win, y);
        }
        store(&win, y);
    }
    arena->used = mark;
    return err;
}
