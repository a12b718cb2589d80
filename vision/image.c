/* SPDX-License-Identifier: MIT */
/* The image type: sizes, regions, single pixels, copies; the arena and the error texts. */
#include "vision/image.h"

#include <string.h>

const char *vision_strerror(int error)
{
    static const char *const text[] = {
        "no error",
        "argument out of range",
        "the image's pixel format does not fit the operation",
        "not enough memory for the operation",
        "the region does not meet the image",
        "the data is damaged",
        "the file is of a kind that is not supported",
        "the result does not fit in the buffer",
        "the image's size does not fit the operation",
        "stopped by a callback",
    };
    int i = error < 0 ? -error : 0;
    return i < (int)(sizeof text / sizeof *text) ? text[i] : "unknown error";
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    uintptr_t end = (uintptr_t)arena->base + arena->used;
    size_t pad = (size_t)(-end & 7);
    size_t left = arena->size - arena->used;

    if (pad > left || bytes > left - pad) {
        arena->missed = bytes < SIZE_MAX - arena->used - pad ? arena->used + pad + bytes : SIZE_MAX;
        return NULL;
    }
    arena->used += pad + bytes;
    if (arena->used > arena->peak) {
        arena->peak = arena->used;
    }
    return (void *)(end + pad);
}

size_t arena_available(const struct arena *arena)
{
    size_t pad = (size_t)(-((uintptr_t)arena->base + arena->used) & 7);
    size_t left = arena->size - arena->used;

    return left > pad ? left - pad : 0;
}

bool pixformat_is_known(enum pixel_format format)
{
    return pixformat_is_mutable(format) || pixformat_is_bayer(format) || pixformat_is_yuv(format) || pixformat_is_compressed(format);
}

bool pixformat_is_mutable(enum pixel_format format)
{
    return format == PIXFORMAT_BINARY || format == PIXFORMAT_GRAYSCALE || format == PIXFORMAT_RGB565;
}

bool pixformat_is_bayer(enum pixel_format format)
{
    return format == PIXFORMAT_BAYER_BGGR || format == PIXFORMAT_BAYER_GBRG || format == PIXFORMAT_BAYER_GRBG ||
           format == PIXFORMAT_BAYER_RGGB;
}

bool pixformat_is_yuv(enum pixel_format format)
{
    return format == PIXFORMAT_YUV422 || format == PIXFORMAT_YVU422;
}

bool pixformat_is_compressed(enum pixel_format format)
{
    return format == PIXFORMAT_JPEG || format == PIXFORMAT_PNG;
}

bool pixformat_has_color(enum pixel_format format)
{
    return format == PIXFORMAT_RGB565 || pixformat_is_bayer(format) || pixformat_is_yuv(format);
}

size_t pixformat_row_bytes(enum pixel_format format, int width)
{
    size_t w = (size_t)width;

    if (format == PIXFORMAT_BINARY) {
        return (w + 31) / 32 * 4;
    }
    if (format == PIXFORMAT_RGB565 || pixformat_is_yuv(format)) {
        return w * 2;
    }
    return format == PIXFORMAT_GRAYSCALE || pixformat_is_bayer(format) ? w : 0;
}

size_t pixformat_image_bytes(enum pixel_format format, int width, int height)
{
    if (width < 1 || width > IMAGE_MAX_SIDE || height < 1 || height > IMAGE_MAX_SIDE) {
        return 0;
    }
    return pixformat_row_bytes(format, width) * (size_t)height;
}

int image_init(struct image *img, int width, int height, enum pixel_format format, uint8_t *data, size_t capacity)
{
    if (width < 1 || width > IMAGE_MAX_SIDE || height < 1 || height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    if (pixformat_row_bytes(format, width) == 0) {
        return VISION_E_FORMAT;
    }
    if (pixformat_image_bytes(format, width, height) > capacity) {
        return VISION_E_SPACE;
    }
    *img = (struct image){.width = width, .height = height, .format = format, .data = data};
    return VISION_OK;
}

size_t image_bytes(const struct image *img)
{
    return pixformat_is_compressed(img->format) ? img->size : pixformat_row_bytes(img->format, img->width) * (size_t)img->height;
}

uint8_t *image_row(const struct image *img, int y)
{
    return img->data + pixformat_row_bytes(img->format, img->width) * (size_t)y;
}

struct rect rect_intersect(struct rect a, struct rect b)
{
    int64_t x0 = a.x > b.x ? a.x : b.x;
    int64_t y0 = a.y > b.y ? a.y : b.y;
    int64_t ax1 = (int64_t)a.x + a.w, bx1 = (int64_t)b.x + b.w;
    int64_t ay1 = (int64_t)a.y + a.h, by1 = (int64_t)b.y + b.h;
    int64_t x1 = ax1 < bx1 ? ax1 : bx1;
    int64_t y1 = ay1 < by1 ? ay1 : by1;

    if (x1 <= x0 || y1 <= y0) {
        return (struct rect){.x = (int)x0, .y = (int)y0};
    }
    return (struct rect){(int)x0, (int)y0, (int)(x1 - x0), (int)(y1 - y0)};
}

struct rect rect_unite(struct rect a, struct rect b)
{
    int x0 = a.x < b.x ? a.x : b.x;
    int y0 = a.y < b.y ? a.y : b.y;
    int x1 = a.x + a.w > b.x + b.w ? a.x + a.w : b.x + b.w;
    int y1 = a.y + a.h > b.y + b.h ? a.y + a.h : b.y + b.h;

    return (struct rect){x0, y0, x1 - x0, y1 - y0};
}

int image_clip(const struct image *img, const struct rect *roi, struct rect *out)
{
    struct rect all = {0, 0, img->width, img->height};

    *out = roi ? rect_intersect(*roi, all) : all;
    return out->w > 0 && out->h > 0 ? VISION_OK : VISION_E_ROI;
}

static int pixel_check(const struct image *img, int x, int y)
{
    if (pixformat_row_bytes(img->format, 1) == 0) {
        return VISION_E_FORMAT;
    }
    return x >= 0 && y >= 0 && x < img->width && y < img->height ? VISION_OK : VISION_E_ROI;
}

int image_get_pixel(const struct image *img, int x, int y, uint32_t *value)
{
    int err = pixel_check(img, x, y);
    if (err) {
        return err;
    }
    const uint8_t *row = image_row(img, y);
    if (img->format == PIXFORMAT_BINARY) {
        *value = ((const uint32_t *)(const void *)row)[x >> 5] >> (x & 31) & 1;
    } else if (pixformat_row_bytes(img->format, 1) == 2) {
        *value = ((const uint16_t *)(const void *)row)[x];
    } else {
        *value = row[x];
    }
    return VISION_OK;
}

int image_set_pixel(struct image *img, int x, int y, uint32_t value)
{
    int err = pixel_check(img, x, y);
    if (err) {
        return err;
    }
    uint8_t *row = image_row(img, y);
    if (img->format == PIXFORMAT_BINARY) {
        uint32_t *word = (uint32_t *)(void *)row + (x >> 5);
        uint32_t bit = 1u << (x & 31);
        *word = value ? *word | bit : *word & ~bit;
    } else if (pixformat_row_bytes(img->format, 1) == 2) {
        ((uint16_t *)(void *)row)[x] = (uint16_t)value;
    } else {
        row[x] = (uint8_t)value;
    }
    return VISION_OK;
}
