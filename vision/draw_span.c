/* SPDX-License-Identifier: MIT */
/* Spans, single pixels, rectangles. */
#include "vision/draw_span.h"

#include <string.h>

#include "vision/draw.h"

static void fill_bits(uint32_t *row, int x0, int x1, uint32_t color)
{
    for (int i = x0 >> 5; i <= x1 >> 5; i++) {
        uint32_t mask = ~0u;
        if (i == x0 >> 5) {
            mask &= ~0u << (x0 & 31);
        }
        if (i == x1 >> 5) {
            mask &= ~0u >> (31 - (x1 & 31));
        }
        row[i] = color ? row[i] | mask : row[i] & ~mask;
    }
}

static void fill_words(uint16_t *row, int x0, int x1, uint32_t color)
{
    uint32_t two = (color & 0xFFFF) | color << 16;

    for (; x0 < x1; x0 += 2) {
        memcpy(row + x0, &two, 4);
    }
    if (x0 == x1) {
        row[x0] = (uint16_t)color;
    }
}

void draw_span(struct image *img, int64_t x0, int64_t x1, int64_t y, uint32_t color)
{
    if (y < 0 || y >= img->height || x1 < 0 || x0 >= img->width || x0 > x1) {
        return;
    }
    int from = x0 < 0 ? 0 : (int)x0, to = x1 >= img->width ? img->width - 1 : (int)x1;
    uint8_t *row = image_row(img, (int)y);
    if (img->format == PIXFORMAT_GRAYSCALE) {
        memset(row + from, (int)(color & 255), (size_t)(to - from + 1));
    } else if (img->format == PIXFORMAT_RGB565) {
        fill_words((uint16_t *)(void *)row, from, to, color);
    } else {
        fill_bits((uint32_t *)(void *)row, from, to, color);
    }
}

void draw_span_with_hole(struct image *img, int64_t x0, int64_t x1, int64_t hole0, int64_t hole1, int64_t y, uint32_t color)
{
    if (hole0 > hole1) {
        draw_span(img, x0, x1, y, color);
        return;
    }
    draw_span(img, x0, hole0 - 1 < x1 ? hole0 - 1 : x1, y, color);
    draw_span(img, hole1 + 1 > x0 ? hole1 + 1 : x0, x1, y, color);
}

int draw_pixel(struct image *img, int x, int y, uint32_t color)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    draw_span(img, x, x, y, color);
    return VISION_OK;
}

/* Rows y0..y1 that the image has. */
static void fill_box(struct image *img, int64_t x0, int64_t y0, int64_t x1, int64_t y1, uint32_t color)
{
    int64_t first = y0 < 0 ? 0 : y0, last = y1 >= img->height ? img->height - 1 : y1;

    for (int64_t y = first; y <= last; y++) {
        draw_span(img, x0, x1, y, color);
    }
}

int draw_rectangle(struct image *img, struct rect r, uint32_t color, int thickness, bool fill)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (r.w <= 0 || r.h <= 0 || (thickness < 1 && !fill)) {
        return VISION_OK;
    }
    /* even thickness has its extra line outside */
    int64_t t = thickness < 1 ? 1 : thickness, out = t / 2, in = (t - 1) / 2;
    int64_t x0 = (int64_t)r.x - out, y0 = (int64_t)r.y - out;
    int64_t x1 = (int64_t)r.x + r.w - 1 + out, y1 = (int64_t)r.y + r.h - 1 + out;
    int64_t left = (int64_t)r.x + in, top = (int64_t)r.y + in;
    int64_t right = (int64_t)r.x + r.w - 1 - in, bottom = (int64_t)r.y + r.h - 1 - in;
    if (fill || left >= right - 1 || top >= bottom - 1) {
        fill_box(img, x0, y0, x1, y1, color);
        return VISION_OK;
    }
    fill_box(img, x0, y0, x1, top, color);
    fill_box(img, x0, top + 1, left, bottom - 1, color);
    fill_box(img, right, top + 1, x1, bottom - 1, color);
    fill_box(img, x0, bottom, x1, y1, color);
    return VISION_OK;
}

int draw_mask_rectangle(struct image *img, struct rect r)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    struct rect keep = rect_intersect(r, (struct rect){0, 0, img->width, img->height});
    for (int y = 0; y < img->height; y++) {
        bool inside = keep.w > 0 && y >= keep.y && y < keep.y + keep.h;
        draw_span_with_hole(img, 0, img->width - 1, inside ? keep.x : 1, inside ? keep.x + keep.w - 1 : 0, y, 0);
    }
    return VISION_OK;
}
