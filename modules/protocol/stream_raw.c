/* SPDX-License-Identifier: MIT */
/* Nearest-pixel reduction of each raw format. */
#include "modules/protocol/stream_raw.h"

#include <string.h>

static unsigned format_id(enum pixel_format format)
{
    return (unsigned)format >> 16 & 0xFF;
}

static bool is_bayer(enum pixel_format format)
{
    return format_id(format) == format_id(PIXFORMAT_BAYER_BGGR);
}
static bool is_yuv(enum pixel_format format)
{
    return format_id(format) == format_id(PIXFORMAT_YUV422);
}

size_t stream_raw_bytes(enum pixel_format format, int width, int height)
{
    if (format == PIXFORMAT_BINARY) {
        return (size_t)(width + 31) / 32 * 4 * (size_t)height;
    }
    return (size_t)width * (size_t)height * ((unsigned)format & 0xFF);
}

bool stream_raw_size(const struct image *image, int width, int height, size_t bytes, int *out_width, int *out_height)
{
    bool pairs = is_bayer(image->format) || is_yuv(image->format);
    int w = image->width, h = image->height;

    if (image->format == PIXFORMAT_JPEG || image->format == PIXFORMAT_PNG || width < 1 || height < 1) {
        return false;
    }
    /* Exactly the picture, or the larger of the two reductions that make a side fit. */
    if (w > width || h > height) {
        if ((int64_t)w * height > (int64_t)h * width) {
            h = (int)((int64_t)h * width / w);
            w = width;
        } else {
            w = (int)((int64_t)w * height / h);
            h = height;
        }
    }
    while (w > 1 && h > 1 && stream_raw_bytes(image->format, w, h) > bytes) {
        w = w * 15 / 16;
        h = (int)((int64_t)image->height * w / image->width);
    }
    if (pairs && (w != image->width || h != image->height)) {
        w &= ~1;
        h &= ~1;
    }
    *out_width = w;
    *out_height = h;
    return w > 0 && h > 0 && stream_raw_bytes(image->format, w, h) <= bytes;
}

/* Where pixel `at` of `size` comes from in `whole`. In pairs: the same place of its pair, so that colours keep their order. */
static int source(int at, int size, int whole, bool pairs)
{
    if (pairs) {
        return (int)((int64_t)(at / 2) * (whole / 2) / (size / 2)) * 2 + at % 2;
    }
    return (int)((int64_t)at * whole / size);
}

static void copy_binary_row(const uint32_t *from, int whole, uint32_t *to, int width)
{
    memset(to, 0, (size_t)(width + 31) / 32 * 4);
    for (int x = 0; x < width; x++) {
        int sx = source(x, width, whole, false);
        to[x / 32] |= (from[sx / 32] >> (sx % 32) & 1u) << (x % 32);
    }
}

void stream_raw_copy(const struct image *image, int width, int height, uint8_t *out)
{
    bool bayer = is_bayer(image->format), pairs = bayer || is_yuv(image->format);
    size_t from_stride = stream_raw_bytes(image->format, image->width, 1), to_stride = stream_raw_bytes(image->format, width, 1);
    unsigned depth = (unsigned)image->format & 0xFF;

    if (width == image->width && height == image->height) {
        memcpy(out, image->data, from_stride * (size_t)height);
        return;
    }
    for (int y = 0; y < height; y++) {
        const uint8_t *from = image->data + from_stride * (size_t)source(y, height, image->height, bayer);
        uint8_t *to = out + to_stride * (size_t)y;
        if (image->format == PIXFORMAT_BINARY) {
            copy_binary_row((const uint32_t *)(const void *)from, image->width, (uint32_t *)(void *)to, width);
            continue;
        }
        for (int x = 0; x < width; x++) {
            memcpy(to + (size_t)x * depth, from + (size_t)source(x, width, image->width, pairs) * depth, depth);
        }
    }
}
