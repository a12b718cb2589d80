/* SPDX-License-Identifier: MIT */
/* PNG encoder: rows, the filter that suits each best, and chunks. */
#include "vision/png_internal.h"

#include "vision/color.h"
#include "vision/deflate.h"
#include "vision/kernel.h"
#include "vision/row.h"

struct encoder {
    struct stream *out;
    uint32_t crc[256];
};
_Static_assert(sizeof(struct encoder) + DEFLATE_SCRATCH + 8 * 8 * PNG_ROW_SLACK <= PNG_ENCODE_SCRATCH, "PNG_ENCODE_SCRATCH");

/* ---- Chunks ---- */

static int put_chunk(struct encoder *e, uint32_t name, const uint8_t *data, size_t n)
{
    uint8_t head[8], tail[4];

    png_store_big(head, (uint32_t)n);
    png_store_big(head + 4, name);
    png_store_big(tail, png_crc(e->crc, png_crc(e->crc, 0, head + 4, 4), data, n));
    int err = e->out->write(e->out->context, head, sizeof head);
    err = err || n == 0 ? err : e->out->write(e->out->context, data, n);
    return err ? err : e->out->write(e->out->context, tail, sizeof tail);
}

static int put_data(void *context, const uint8_t *data, size_t size)
{
    return put_chunk(context, PNG_IDAT, data, size);
}

/* ---- Rows ---- */

static uint8_t reversed(uint8_t v)
{
    v = (uint8_t)((v & 0x55) << 1 | (v >> 1 & 0x55));
    v = (uint8_t)((v & 0x33) << 2 | (v >> 2 & 0x33));
    return (uint8_t)(v << 4 | v >> 4);
}

/* RGB565 to three bytes a pixel, in place: the pixels lie at the end of where the bytes go. */
static void widen(const uint16_t *pixels, uint8_t *out, int n)
{
    for (; n > 0; n--, out += 3) {
        struct rgb c = color_rgb565_to_rgb(*pixels++);
        out[0] = c.r;
        out[1] = c.g;
        out[2] = c.b;
    }
}

/* Row y of the region as the file holds it. */
static void load_row(const struct image *img, struct rect roi, int y, uint8_t *row)
{
    if (img->format == PIXFORMAT_BINARY) {
        row_load_bits(img, roi.x, y, roi.w, (uint32_t *)(void *)row);
        for (int i = 0; i < (roi.w + 7) / 8; i++) {
            row[i] = reversed(row[i]);
        }
    } else if (img->format == PIXFORMAT_GRAYSCALE) {
        row_load_gray(img, roi.x, y, roi.w, row);
    } else {
        uint16_t *pixels = (uint16_t *)(void *)(row + roi.w + (roi.w & 1));
        row_load_rgb565(img, roi.x, y, roi.w, pixels);
        widen(pixels, row, roi.w);
    }
}

/* Rows in memory: this one and the one above, and two results of filters, each with its filter in the byte before. */
struct rows { uint8_t *row, *prior, *best, *other; };

static int allocate(struct rows *r, size_t bytes, struct arena *arena)
{
    uint8_t **all[4] = {&r->row, &r->prior, &r->best, &r->other};

    for (int i = 0; i < 4; i++) {
        uint8_t *p = arena_alloc(arena, bytes + 2 * PNG_ROW_SLACK);
        if (!p) {
            return VISION_E_MEMORY;
        }
        memset(p, 0, bytes + 2 * PNG_ROW_SLACK);
        *all[i] = p + PNG_ROW_SLACK;
    }
    return 0;
}

static void swap(uint8_t **a, uint8_t **b)
{
    uint8_t *p = *a;

    *a = *b;
    *b = p;
}

/* Leaves the row, filtered, in r->best. Rows of bits are not filtered (PNG, 12.8). */
static void choose(struct rows *r, size_t bytes, int step, bool bits)
{
    uint32_t least = png_filter(PNG_NONE, r->row, r->prior, r->best, bytes, step);

    r->best[-1] = PNG_NONE;
    for (int filter = PNG_SUB; filter < PNG_FILTERS && !bits; filter++) {
        uint32_t sum = png_filter(filter, r->row, r->prior, r->other, bytes, step);
        if (sum < least) {
            least = sum;
            r->other[-1] = (uint8_t)filter;
            swap(&r->best, &r->other);
        }
    }
}

/* ---- The file ---- */

static int put_head(struct encoder *e, struct rect roi, int depth, enum png_color color)
{
    uint8_t head[13] = {[8] = (uint8_t)depth, [9] = (uint8_t)color};
    int err = e->out->write(e->out->context, png_signature, sizeof png_signature);

    png_store_big(head, (uint32_t)roi.w);
    png_store_big(head + 4, (uint32_t)roi.h);
    return err ? err : put_chunk(e, PNG_IHDR, head, sizeof head);
}

static int encode(const struct image *img, const struct rect *region, struct stream *out, struct arena *arena)
{
    struct rect roi;
    struct rows rows;

    if (!pixformat_is_known(img->format) || pixformat_is_compressed(img->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(img, region, &roi);
    if (err) {
        return err;
    }
    bool bits = img->format == PIXFORMAT_BINARY, color = pixformat_has_color(img->format);
    size_t bytes = bits ? ((size_t)roi.w + 7) / 8 : color ? 3 * (size_t)roi.w : (size_t)roi.w;
    struct encoder *e = arena_alloc(arena, sizeof *e);
    struct deflate *z = deflate_open(put_data, e, (bytes + 1) * (size_t)roi.h, arena);
    if (!e || !z || allocate(&rows, bytes + 8, arena)) {
        return VISION_E_MEMORY;
    }
    e->out = out;
    png_crc_init(e->crc);
    err = put_head(e, roi, bits ? 1 : 8, color ? PNG_RGB : PNG_GRAY);
    for (int y = roi.y; y < roi.y + roi.h && !err; y++) {
        load_row(img, roi, y, rows.row);
        choose(&rows, bytes, color ? 3 : 1, bits);
        err = deflate_write(z, rows.best - 1, bytes + 1);
        swap(&rows.row, &rows.prior);
    }
    err = err ? err : deflate_close(z);
    return err ? err : put_chunk(e, PNG_IEND, png_signature, 0);
}

int png_encode(const struct image *img, const struct rect *roi, struct stream *out, struct arena *arena)
{
    size_t mark = arena->used;
    int err = encode(img, roi, out, arena);

    arena->used = mark;
    return err;
}
