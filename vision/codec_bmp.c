/* SPDX-License-Identifier: MIT */
/* Windows bitmaps: read with 1, 4, 8 (palette), 16, 24, 32 bits per pixel, bit fields, either order of rows; no run-length coding.
   Written as 1 bit (binary), 8 bits with gray palette (grayscale) or 16 bits 5-6-5 (all others). */
#include <string.h>

#include "vision/codec_reader.h"
#include "vision/color.h"
#include "vision/kernel.h"
#include "vision/row.h"

enum { COMPRESSION_NONE = 0, COMPRESSION_BITFIELDS = 3, COMPRESSION_ALPHABITFIELDS = 6 };

/* Where a channel lies in a pixel. */
struct field { uint32_t mask; int shift, bits; };

struct header {
    int width, height;
    bool top_down;
    int depth;                  /* bits per pixel */
    struct field field[3];      /* red, green, blue; depth 16 and 32 */
    uint32_t palette_size;
    uint32_t pixels_at;         /* position in the file */
    uint32_t position;          /* of the reader */
    enum pixel_format format;
    struct rgb palette[256];
};

static uint32_t little32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t little16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v >> 8 * i);
    }
}

static bool probe(const uint8_t *head, size_t size)
{
    return size >= 2 && head[0] == 'B' && head[1] == 'M';
}

/* A mask must be one unbroken run of ones. */
static bool set_field(struct field *f, uint32_t mask, int depth)
{
    *f = (struct field){.mask = mask};
    if (mask == 0 || (depth == 16 && mask > 0xFFFF)) {
        return false;
    }
    f->shift = __builtin_ctz(mask);
    uint32_t ones = mask >> f->shift;
    f->bits = 32 - __builtin_clz(ones);
    return (ones & (ones + 1)) == 0;
}

static uint32_t file_row_bytes(const struct header *h)
{
    return ((uint32_t)h->width * (uint32_t)h->depth + 31) / 32 * 4;
}

/* ---- Head ---- */

static int parse_core(struct header *h, const uint8_t *dib)
{
    h->width = (int)little16(dib + 4);
    h->height = (int)little16(dib + 6);
    h->depth = (int)little16(dib + 10);
    h->palette_size = h->depth <= 8 ? 1u << h->depth : 0;
    return VISION_OK;
}

/* BITMAPINFOHEADER and what extends it; masks: of a 40-byte head they follow it, of longer ones they are part of it */
static int parse_info(struct header *h, const uint8_t *dib, uint32_t size, struct reader *r)
{
    int32_t width = (int32_t)little32(dib + 4), height = (int32_t)little32(dib + 8);
    uint32_t compression = little32(dib + 16), used = little32(dib + 32);
    uint32_t masks[3] = {0x7C00, 0x03E0, 0x001F};

    h->top_down = height < 0;
    if (width < 1 || width > IMAGE_MAX_SIDE || height == 0 || height > IMAGE_MAX_SIDE || height < -IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    h->width = width;
    h->height = height < 0 ? -height : height;
    h->depth = (int)little16(dib + 14);
    if (h->depth == 32) {
        masks[0] = 0xFF0000;
        masks[1] = 0xFF00;
        masks[2] = 0xFF;
    }
    if (compression == COMPRESSION_BITFIELDS || compression == COMPRESSION_ALPHABITFIELDS) {
        uint8_t after[16];
        uint32_t more = size >= 52 ? 0 : compression == COMPRESSION_BITFIELDS ? 12 : 16;
        if (h->depth != 16 && h->depth != 32) {
            return VISION_E_DATA;
        }
        int err = more ? reader_bytes(r, after, more) : VISION_OK;
        if (err) {
            return err;
        }
        h->position += more;
        for (int i = 0; i < 3; i++) {
            masks[i] = little32((more ? after : dib + 40) + 4 * i);
        }
    } else if (compression != COMPRESSION_NONE) {
        return VISION_E_UNSUPPORTED;
    }
    for (int i = 0; i < 3 && (h->depth == 16 || h->depth == 32); i++) {
        if (!set_field(&h->field[i], masks[i], h->depth)) {
            return VISION_E_DATA;
        }
    }
    if (h->depth <= 8) {
        h->palette_size = used ? used : 1u << (h->depth & 15);
    }
    return VISION_OK;
}

static int read_palette(struct header *h, struct reader *r, size_t entry)
{
    if (h->palette_size > 1u << h->depth) {
        return VISION_E_DATA;
    }
    memset(h->palette, 0, sizeof h->palette);
    for (uint32_t i = 0; i < h->palette_size; i++) {
        uint8_t bgr[4];
        int err = reader_bytes(r, bgr, entry);
        if (err) {
            return err;
        }
        h->palette[i] = (struct rgb){bgr[2], bgr[1], bgr[0]};
        h->position += (uint32_t)entry;
    }
    return VISION_OK;
}

/* Binary if the palette is black, white; grayscale if it has only grays. */
static enum pixel_format format_of(const struct header *h)
{
    if (h->depth > 8) {
        return PIXFORMAT_RGB565;
    }
    for (uint32_t i = 0; i < h->palette_size; i++) {
        struct rgb c = h->palette[i];
        if (c.r != c.g || c.g != c.b) {
            return PIXFORMAT_RGB565;
        }
    }
    bool bits = h->depth == 1 && h->palette_size == 2 && h->palette[0].r == 0 && h->palette[1].r == 255;
    return bits ? PIXFORMAT_BINARY : PIXFORMAT_GRAYSCALE;
}

/* Reads all up to the pixels. */
static int read_header(struct reader *r, struct header *h)
{
    uint8_t file[14], dib[124];
    int err = reader_bytes(r, file, sizeof file);

    if (!err) {
        err = reader_bytes(r, dib, 4);
    }
    if (err) {
        return err;
    }
    uint32_t size = little32(dib);
    if (size != 12 && (size < 40 || size > sizeof dib)) {
        return VISION_E_UNSUPPORTED;
    }
    err = reader_bytes(r, dib + 4, size - 4);
    if (err) {
        return err;
    }
    *h = (struct header){.pixels_at = little32(file + 10), .position = 14 + size};
    err = size == 12 ? parse_core(h, dib) : parse_info(h, dib, size, r);
    if (err) {
        return err;
    }
    if (h->width < 1 || h->width > IMAGE_MAX_SIDE || h->height < 1 || h->height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    if (h->depth != 1 && h->depth != 4 && h->depth != 8 && h->depth != 24 && !(h->field[0].mask && size != 12)) {
        return VISION_E_UNSUPPORTED;
    }
    err = h->depth <= 8 ? read_palette(h, r, size == 12 ? 3 : 4) : VISION_OK;
    if (err) {
        return err;
    }
    h->format = format_of(h);
    return h->pixels_at < h->position ? VISION_E_DATA : reader_skip(r, h->pixels_at - h->position);
}

/* The header with its palette is too large for a small stack. */
static int open_file(struct stream *in, struct reader *r, struct header **h, struct arena *arena)
{
    *h = arena_alloc(arena, sizeof **h);
    if (!*h) {
        return VISION_E_MEMORY;
    }
    int err = reader_open(r, in, arena);
    return err ? err : read_header(r, *h);
}

static int read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    struct reader r;
    struct header *h;
    int err = open_file(in, &r, &h, arena);

    if (err) {
        return err;
    }
    info->width = h->width;
    info->height = h->height;
    info->format = h->format;
    info->bytes = pixformat_image_bytes(h->format, h->width, h->height);
    return VISION_OK;
}

/* ---- Pixels ---- */

/* A channel widened to 8 bits by repeating its top bits, or cut. */
static uint8_t channel(const struct field *f, uint32_t pixel)
{
    uint32_t v = (pixel & f->mask) >> f->shift;

    if (f->bits >= 8) {
        return (uint8_t)(v >> (f->bits - 8));
    }
    uint32_t wide = v << (8 - f->bits);
    for (int have = f->bits; have < 8; have *= 2) {
        wide |= wide >> have;
    }
    return (uint8_t)wide;
}

static uint8_t reversed(uint8_t v)
{
    v = (uint8_t)((v & 0x55) << 1 | (v >> 1 & 0x55));
    v = (uint8_t)((v & 0x33) << 2 | (v >> 2 & 0x33));
    return (uint8_t)(v << 4 | v >> 4);
}

static struct rgb file_pixel(const struct header *h, const uint8_t *line, int x)
{
    uint32_t v;

    switch (h->depth) {
    case 1:
        return h->palette[line[x >> 3] >> (7 - (x & 7)) & 1];
    case 4:
        return h->palette[line[x >> 1] >> (x & 1 ? 0 : 4) & 15];
    case 8:
        return h->palette[line[x]];
    case 24:
        return (struct rgb){line[3 * x + 2], line[3 * x + 1], line[3 * x]};
    case 16:
        v = little16(line + 2 * x);
        break;
    default:
        v = little32(line + 4 * x);
        break;
    }
    return (struct rgb){channel(&h->field[0], v), channel(&h->field[1], v), channel(&h->field[2], v)};
}

static void store_line(const struct header *h, const uint8_t *line, uint8_t *row)
{
    if (h->format == PIXFORMAT_BINARY) {
        uint32_t *words = (uint32_t *)(void *)row;
        for (int i = 0; i < row_words(h->width); i++) {
            const uint8_t *p = line + 4 * i;
            uint32_t v = (uint32_t)reversed(p[0]) | (uint32_t)reversed(p[1]) << 8 | (uint32_t)reversed(p[2]) << 16 |
                         (uint32_t)reversed(p[3]) << 24;
            int left = h->width - 32 * i;
            words[i] = left < 32 ? v & ((1u << left) - 1) : v;
        }
        return;
    }
    if (h->depth == 16 && h->field[0].mask == 0xF800 && h->field[1].mask == 0x07E0 && h->field[2].mask == 0x001F) {
        memcpy(row, line, (size_t)h->width * 2);    /* both are little endian */
        return;
    }
    if (h->depth == 8 && h->format == PIXFORMAT_GRAYSCALE) {
        for (int x = 0; x < h->width; x++) {
            row[x] = h->palette[line[x]].r;
        }
        return;
    }
    for (int x = 0; x < h->width; x++) {
        struct rgb c = file_pixel(h, line, x);
        if (h->format == PIXFORMAT_GRAYSCALE) {
            row[x] = c.r;
        } else {
            ((uint16_t *)(void *)row)[x] = color_rgb_to_rgb565(c);
        }
    }
}

static int read(struct stream *in, struct image *img, struct arena *arena)
{
    struct reader r;
    struct header *h;
    int err = open_file(in, &r, &h, arena);

    if (err) {
        return err;
    }
    if (h->width != img->width || h->height != img->height || h->format != img->format) {
        return VISION_E_DATA;
    }
    uint32_t bytes = file_row_bytes(h);
    uint8_t *line = arena_alloc(arena, bytes);
    if (!line) {
        return VISION_E_MEMORY;
    }
    for (int i = 0; i < h->height && !err; i++) {
        err = reader_bytes(&r, line, bytes);
        if (!err) {
            store_line(h, line, image_row(img, h->top_down ? i : h->height - 1 - i));
        }
    }
    return err;
}

/* ---- Writing ---- */

enum { FILE_HEAD = 14, INFO_HEAD = 40 };

static int write_head(struct stream *out, struct rect roi, int depth, uint32_t row_bytes)
{
    uint8_t head[FILE_HEAD + INFO_HEAD] = {'B', 'M'};
    uint32_t after = depth == 16 ? 12 : 4u << depth;    /* masks or palette */
    uint32_t at = sizeof head + after, size = row_bytes * (uint32_t)roi.h;

    put32(head + 2, at + size);
    put32(head + 10, at);
    put32(head + 14, INFO_HEAD);
    put32(head + 18, (uint32_t)roi.w);
    put32(head + 22, (uint32_t)roi.h);
    head[26] = 1;
    head[28] = (uint8_t)depth;
    head[30] = depth == 16 ? COMPRESSION_BITFIELDS : COMPRESSION_NONE;
    put32(head + 34, size);
    put32(head + 38, 2835);     /* 72 dots per inch */
    put32(head + 42, 2835);
    put32(head + 46, depth == 16 ? 0 : 1u << depth);
    int err = out->write(out->context, head, sizeof head);
    if (depth == 16) {
        uint8_t masks[12];
        put32(masks, 0xF800);
        put32(masks + 4, 0x07E0);
        put32(masks + 8, 0x001F);
        return err ? err : out->write(out->context, masks, sizeof masks);
    }
    for (uint32_t i = 0; i < 1u << depth && !err; i++) {
        uint8_t entry[4];
        put32(entry, (depth == 1 ? i * 255 : i) * 0x010101u);
        err = out->write(out->context, entry, sizeof entry);
    }
    return err;
}

static void load_line(const struct image *img, struct rect roi, int y, int depth, uint8_t *line)
{
    if (depth == 16) {
        row_load_rgb565(img, roi.x, y, roi.w, (uint16_t *)(void *)line);
        return;
    }
    if (depth == 8) {
        row_load_gray(img, roi.x, y, roi.w, line);
        return;
    }
    row_load_bits(img, roi.x, y, roi.w, (uint32_t *)(void *)line);
    for (int i = 0; i < row_words(roi.w) * 4; i++) {
        line[i] = reversed(line[i]);
    }
}

static int write(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena)
{
    struct rect roi;

    if (!pixformat_is_known(img->format) || pixformat_is_compressed(img->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(img, options->roi, &roi);
    if (err) {
        return err;
    }
    int depth = img->format == PIXFORMAT_BINARY ? 1 : img->format == PIXFORMAT_GRAYSCALE ? 8 : 16;
    uint32_t row_bytes = ((uint32_t)roi.w * (uint32_t)depth + 31) / 32 * 4;
    uint8_t *line = arena_alloc(arena, row_bytes);
    if (!line) {
        return VISION_E_MEMORY;
    }
    memset(line, 0, row_bytes);
    err = write_head(out, roi, depth, row_bytes);
    for (int y = roi.y + roi.h - 1; y >= roi.y && !err; y--) {
        load_line(img, roi, y, depth, line);
        err = out->write(out->context, line, row_bytes);
    }
    return err;
}

static const char *const extensions[] = {"bmp", NULL};
const struct codec codec_bmp = {"BMP", extensions, probe, read_info, read, write};
