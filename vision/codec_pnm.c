/* SPDX-License-Identifier: MIT */
/* Portable gray and pixel maps: P2, P3 (text), P5, P6 (binary). Read as grayscale and RGB565, written as P5 and P6. */
#include <stdio.h>
#include <string.h>

#include "vision/codec_reader.h"
#include "vision/color.h"
#include "vision/row.h"

struct header {
    int width, height;
    uint32_t greatest;          /* sample value that means full, 1..65535 */
    bool text, color;
};

static bool probe(const uint8_t *head, size_t size)
{
    return size >= 3 && head[0] == 'P' && (head[1] == '2' || head[1] == '3' || head[1] == '5' || head[1] == '6') &&
           (head[2] == ' ' || (head[2] >= '\t' && head[2] <= '\r') || head[2] == '#');
}

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next decimal number after white space and comments, at most 65535; takes the one character behind it. VISION_E_DATA. */
static int read_number(struct reader *r)
{
    int c = reader_byte(r), value = 0;

    while (is_space(c) || c == '#') {
        if (c == '#') {
            while (c >= 0 && c != '\n' && c != '\r') {
                c = reader_byte(r);
            }
        } else {
            c = reader_byte(r);
        }
    }
    if (c < '0' || c > '9') {
        return r->error ? r->error : VISION_E_DATA;
    }
    for (; c >= '0' && c <= '9'; c = reader_byte(r)) {
        value = value * 10 + c - '0';
        if (value > 65535) {
            return VISION_E_DATA;
        }
    }
    while (c == '#') {
        /* a comment ends the number; its line end is the separator */
        while (c >= 0 && c != '\n' && c != '\r') {
            c = reader_byte(r);
        }
    }
    return c < 0 || is_space(c) ? value : VISION_E_DATA;
}

static int read_header(struct reader *r, struct header *h)
{
    uint8_t magic[2];
    int err = reader_bytes(r, magic, 2);

    if (err) {
        return err;
    }
    h->text = magic[1] == '2' || magic[1] == '3';
    h->color = magic[1] == '3' || magic[1] == '6';
    h->width = read_number(r);
    h->height = h->width < 0 ? h->width : read_number(r);
    int greatest = h->height < 0 ? h->height : read_number(r);
    if (greatest < 0) {
        return greatest;
    }
    if (h->width < 1 || h->width > IMAGE_MAX_SIDE || h->height < 1 || h->height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    h->greatest = (uint32_t)greatest;
    return greatest > 0 ? VISION_OK : VISION_E_DATA;
}

static int read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    struct reader r;
    struct header h;
    int err = reader_open(&r, in, arena);

    if (!err) {
        err = read_header(&r, &h);
    }
    if (err) {
        return err;
    }
    info->width = h.width;
    info->height = h.height;
    info->format = h.color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
    info->bytes = pixformat_image_bytes(info->format, h.width, h.height);
    return VISION_OK;
}

/* One sample scaled to 0..255, or an error. */
static int read_sample(struct reader *r, const struct header *h)
{
    int v;

    if (h->text) {
        v = read_number(r);
    } else {
        v = reader_byte(r);
        if (v >= 0 && h->greatest > 255) {
            int low = reader_byte(r);
            v = low < 0 ? low : v << 8 | low;
        }
        v = v < 0 ? (r->error ? r->error : VISION_E_DATA) : v;
    }
    if (v < 0) {
        return v;
    }
    if ((uint32_t)v > h->greatest) {
        return VISION_E_DATA;
    }
    return h->greatest == 255 ? v : (int)(((uint32_t)v * 255 + h->greatest / 2) / h->greatest);
}

static int read_pixel(struct reader *r, const struct header *h, uint32_t *value)
{
    int v[3];

    for (int i = 0; i < (h->color ? 3 : 1); i++) {
        v[i] = read_sample(r, h);
        if (v[i] < 0) {
            return v[i];
        }
    }
    *value = h->color ? color_rgb_to_rgb565((struct rgb){(uint8_t)v[0], (uint8_t)v[1], (uint8_t)v[2]}) : (uint32_t)v[0];
    return VISION_OK;
}

/* A row of one byte per sample and 255 for full: as it is, or packed. */
static int read_plain_row(struct reader *r, const struct header *h, uint8_t *row)
{
    uint8_t rgb[3 * 32];

    if (!h->color) {
        return reader_bytes(r, row, (size_t)h->width);
    }
    for (int x = 0; x < h->width; x += 32) {
        int n = h->width - x < 32 ? h->width - x : 32;
        int err = reader_bytes(r, rgb, (size_t)n * 3);
        if (err) {
            return err;
        }
        for (int i = 0; i < n; i++) {
            ((uint16_t *)(void *)row)[x + i] = color_rgb_to_rgb565((struct rgb){rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]});
        }
    }
    return VISION_OK;
}

static int read_row(struct reader *r, const struct header *h, uint8_t *row)
{
    if (!h->text && h->greatest == 255) {
        return read_plain_row(r, h, row);
    }
    for (int x = 0; x < h->width; x++) {
        uint32_t value;
        int err = read_pixel(r, h, &value);
        if (err) {
            return err;
        }
        if (h->color) {
            ((uint16_t *)(void *)row)[x] = (uint16_t)value;
        } else {
            row[x] = (uint8_t)value;
        }
    }
    return VISION_OK;
}

static int read(struct stream *in, struct image *img, struct arena *arena)
{
    struct reader r;
    struct header h;
    int err = reader_open(&r, in, arena);

    if (!err) {
        err = read_header(&r, &h);
    }
    if (err) {
        return err;
    }
    if (h.width != img->width || h.height != img->height || (h.color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE) != img->format) {
        return VISION_E_DATA;
    }
    for (int y = 0; y < h.height && !err; y++) {
        err = read_row(&r, &h, image_row(img, y));
    }
    return err;
}

static int write(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena)
{
    struct rect roi;
    char head[40];

    if (!pixformat_is_known(img->format) || pixformat_is_compressed(img->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(img, options->roi, &roi);
    if (err) {
        return err;
    }
    bool color = pixformat_has_color(img->format);
    size_t w = (size_t)roi.w;
    uint8_t *line = arena_alloc(arena, w * (color ? 6 : 1));
    if (!line) {
        return VISION_E_MEMORY;
    }
    int n = snprintf(head, sizeof head, "P%d\n%d %d\n255\n", color ? 6 : 5, roi.w, roi.h);
    err = out->write(out->context, head, (size_t)n);
    for (int y = roi.y; y < roi.y + roi.h && !err; y++) {
        if (!color) {
            row_load_gray(img, roi.x, y, roi.w, line);
        } else {
            uint8_t *r = line + 3 * w, *g = r + w, *b = g + w;
            row_load_rgb(img, roi.x, y, roi.w, r, g, b);
            for (size_t x = 0; x < w; x++) {
                line[3 * x] = r[x];
                line[3 * x + 1] = g[x];
                line[3 * x + 2] = b[x];
            }
        }
        err = out->write(out->context, line, w * (color ? 3 : 1));
    }
    return err;
}

static const char *const extensions[] = {"pgm", "ppm", "pnm", NULL};
const struct codec codec_pnm = {"PNM", extensions, probe, read_info, read, write};
