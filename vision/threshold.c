/* SPDX-License-Identifier: MIT */
/* Thresholds on rows of pixels: a table of one bit per pixel value, and binary(). */
#include "vision/threshold.h"

#include <string.h>

#include "vision/color.h"
#include "vision/kernel.h"
#include "vision/row.h"
#include "vision/threshold_lab.h"

int threshold_from_ints(struct threshold *out, const int *values, int count)
{
    static const int full[6] = {0, 255, -128, 127, -128, 127};
    int v[6];

    if (count < 0 || count > 6) {
        return VISION_E_ARGUMENT;
    }
    for (int i = 0; i < 6; i++) {
        int low = full[i & ~1], high = full[i | 1];
        v[i] = i >= count ? full[i] : values[i] < low ? low : values[i] > high ? high : values[i];
    }
    for (int i = 0; i < 6; i += 2) {
        if (v[i] > v[i + 1]) {
            int swap = v[i];
            v[i] = v[i + 1];
            v[i + 1] = swap;
        }
    }
    *out = (struct threshold){v[0], v[1], v[2], v[3], v[4], v[5]};
    return VISION_OK;
}

/* Sets bits low..high, cut to 0..values - 1. */
static void set_range(uint32_t *table, int low, int high, int values)
{
    low = low < 0 ? 0 : low;
    high = high >= values ? values - 1 : high;
    for (int v = low; v <= high; v++) {
        table[v >> 5] |= 1u << (v & 31);
    }
}

static bool table_has(const uint32_t *table, int v)
{
    return table[v >> 5] >> (v & 31) & 1;
}

/* Recognises a table whose ones are one range (or, modulo 256, wrap around), which needs no look-up per pixel. */
static void find_one_range(struct threshold_set *set)
{
    int edges = 0, low = 0, ones = 0;

    for (int v = 0; v < 256; v++) {
        bool here = table_has(set->table, v);
        ones += here;
        if (here && !table_has(set->table, (v - 1) & 255)) {
            low = v;
            edges++;
        }
    }
    set->one_range = ones > 0 && edges <= 1;
    set->low4 = (uint32_t)low * 0x01010101u;
    set->span4 = (uint32_t)(ones - 1) * 0x01010101u;
}

int threshold_prepare(struct threshold_set *set, enum pixel_format format, const struct threshold *list, size_t count, bool invert,
                      struct arena *arena)
{
    if (!pixformat_is_mutable(format)) {
        return VISION_E_FORMAT;
    }
    size_t words = format == PIXFORMAT_RGB565 ? 2048 : 8;
    size_t mark = arena->used;
    *set = (struct threshold_set){.format = format, .table = arena_alloc(arena, words * 4)};
    if (!set->table) {
        return VISION_E_MEMORY;
    }
    memset(set->table, 0, words * 4);
    if (format == PIXFORMAT_RGB565) {
        int err = threshold_lab_table(set->table, list, count, arena);
        if (err) {
            arena->used = mark;
            return err;
        }
    } else {
        int values = format == PIXFORMAT_BINARY ? 2 : 256;
        for (size_t i = 0; i < count; i++) {
            set_range(set->table, list[i].l_min, list[i].l_max, values);
        }
    }
    for (size_t i = 0; invert && i < words; i++) {
        set->table[i] = ~set->table[i];
    }
    if (format == PIXFORMAT_GRAYSCALE) {
        find_one_range(set);
    }
    return VISION_OK;
}

void threshold_row(const struct threshold_set *set, const struct image *img, int x, int y, int w, uint32_t *bits)
{
    if (set->format == PIXFORMAT_RGB565) {
        kernel_rgb565_table_bits((const uint16_t *)(const void *)image_row(img, y) + x, w, set->table, bits);
    } else if (set->format == PIXFORMAT_GRAYSCALE) {
        if (set->one_range) {
            kernel_gray_range_bits(image_row(img, y) + x, w, set->low4, set->span4, bits);
        } else {
            kernel_gray_table_bits(image_row(img, y) + x, w, set->table, bits);
        }
    } else {
        uint32_t zero = 0u - (set->table[0] & 1), one = 0u - (set->table[0] >> 1 & 1);
        row_load_bits(img, x, y, w, bits);
        for (int i = 0; i < row_words(w); i++) {
            bits[i] = (bits[i] & one) | (~bits[i] & zero);
        }
        if (w & 31) {
            bits[w >> 5] &= (1u << (w & 31)) - 1;
        }
    }
}

/* One row of binary(): `in` holds the pixels inside the thresholds, `where` the mask (NULL: everywhere). */
static void binary_row(const struct image *dst, const struct image *src, int y, bool zero, uint32_t *in, const uint32_t *where)
{
    int w = src->width, words = row_words(w);

    if (!zero && !where) {
        row_clear_padding(dst, y);
        row_store_bits(dst, 0, y, w, in);
        return;
    }
    if (dst->format == PIXFORMAT_BINARY && src->format != PIXFORMAT_BINARY) {
        /* the kept pixels are still to be made bits */
        uint32_t kept[2];
        for (int x = 0; x < w; x += 64) {
            int n = w - x < 64 ? w - x : 64;
            row_load_nonzero(src, x, y, n, kept);
            for (int i = 0; i < row_words(n); i++) {
                uint32_t change = zero ? in[x / 32 + i] : ~0u, to = zero ? 0 : in[x / 32 + i];
                change &= where ? where[x / 32 + i] : ~0u;
                in[x / 32 + i] = (kept[i] & ~change) | (to & change);
            }
        }
        row_clear_padding(dst, y);
        row_store_bits(dst, 0, y, w, in);
        return;
    }
    if (dst->data != src->data) {
        memcpy(image_row(dst, y), image_row(src, y), pixformat_row_bytes(src->format, w));
    }
    if (!zero) {
        for (int x = 0; x < w; x += 32) {
            uint32_t off = where[x / 32] & ~in[x / 32], on = where[x / 32] & in[x / 32];
            int n = w - x < 32 ? w - x : 32;
            row_blend_bits(dst, x, y, n, &off, 0);
            row_blend_bits(dst, x, y, n, &on, 0xFFFF);
        }
        return;
    }
    for (int i = 0; where && i < words; i++) {
        in[i] &= where[i];
    }
    row_blend_bits(dst, 0, y, w, in, 0);
}

int binary_image(struct image *dst, const struct image *src, const struct binary_options *options, struct arena *arena)
{
    const struct image *mask = options->mask;
    struct image in = *src;
    struct threshold_set set;

    if (!pixformat_is_mutable(in.format) || (dst->format != in.format && dst->format != PIXFORMAT_BINARY) ||
        (mask && !pixformat_is_mutable(mask->format))) {
        return VISION_E_FORMAT;
    }
    if (mask && (mask->width < in.width || mask->height < in.height)) {
        return VISION_E_SIZE;
    }
    size_t mark = arena->used, row_bytes = (size_t)row_words(in.width) * 4;
    uint32_t *bits = arena_alloc(arena, row_bytes), *where = mask ? arena_alloc(arena, row_bytes) : NULL;
    int err = VISION_E_MEMORY;
    if (bits && (where || !mask)) {
        err = threshold_prepare(&set, in.format, options->thresholds, options->count, options->invert, arena);
    }
    if (err) {
        arena->used = mark;
        return err;
    }
    dst->width = in.width;
    dst->height = in.height;
    dst->size = 0;
    /* in place, rows of bits longer than the pixels' are made from the last one on */
    bool grows = pixformat_row_bytes(dst->format, in.width) > pixformat_row_bytes(in.format, in.width);
    for (int i = 0; i < in.height; i++) {
        int y = grows ? in.height - 1 - i : i;
        threshold_row(&set, &in, 0, y, in.width, bits);
        if (mask) {
            row_load_bits(mask, 0, y, in.width, where);
        }
        binary_row(dst, &in, y, options->zero, bits, where);
    }
    arena->used = mark;
    return VISION_OK;
}
