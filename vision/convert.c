/* SPDX-License-Identifier: MIT */
/* Conversions between pixel formats, row by row, also in place. */
#include "vision/convert.h"

#include <string.h>

#include "vision/color.h"
#include "vision/kernel.h"
#include "vision/row.h"
#include "vision/row_sensor.h"

#define CHUNK 64

/* One conversion. Sensor formats see the region as an image of its own. */
struct job {
    struct image src;
    struct rect roi;
    const struct convert_options *options;
    uint8_t *gray;              /* a row of the result */
    uint16_t *rgb565;
    uint8_t *planes;            /* three rows: red, green, blue */
    uint8_t *previous, *here;   /* copies of raw Bayer rows when the result overwrites them */
    int previous_y, here_y;     /* the rows that they hold, -1: none */
};

/* The pattern of a region that begins at (x, y). */
static enum pixel_format shifted(enum pixel_format format, int x, int y)
{
    static const enum pixel_format bayer[4] = {PIXFORMAT_BAYER_BGGR, PIXFORMAT_BAYER_GBRG, PIXFORMAT_BAYER_GRBG, PIXFORMAT_BAYER_RGGB};

    if (pixformat_is_yuv(format) && (x & 1)) {
        return format == PIXFORMAT_YUV422 ? PIXFORMAT_YVU422 : PIXFORMAT_YUV422;
    }
    if (pixformat_is_bayer(format)) {
        return bayer[((unsigned)format >> 8 & 3) ^ (unsigned)((x & 1) | (y & 1) << 1)];
    }
    return format;
}

int image_copy(struct image *dst, const struct image *src, const struct rect *roi)
{
    struct rect part;

    if (pixformat_is_compressed(src->format)) {
        if (roi) {
            return VISION_E_FORMAT;
        }
        memmove(dst->data, src->data, src->size);
        *dst = (struct image){src->width, src->height, src->format, src->size, dst->data};
        return VISION_OK;
    }
    if (!pixformat_is_known(src->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(src, roi, &part);
    if (err) {
        return err;
    }
    struct image in = *src;
    *dst = (struct image){part.w, part.h, shifted(in.format, part.x, part.y), 0, dst->data};
    if (part.w == in.width) {
        kernel_copy(dst->data, image_row(&in, part.y), pixformat_row_bytes(in.format, part.w) * (size_t)part.h);
        return VISION_OK;
    }
    for (int y = 0; y < part.h; y++) {
        const uint8_t *from = image_row(&in, part.y + y);
        if (in.format == PIXFORMAT_BINARY) {
            /* word i is read before or after word i is written, never after a later one: in place is safe */
            row_load_bits(&in, part.x, part.y + y, part.w, (uint32_t *)(void *)image_row(dst, y));
        } else {
            size_t size = pixformat_row_bytes(in.format, 1);
            kernel_copy(image_row(dst, y), from + (size_t)part.x * size, (size_t)part.w * size);
        }
    }
    return VISION_OK;
}

int image_clear(struct image *img, const struct image *mask)
{
    if (!mask) {
        memset(img->data, 0, image_bytes(img));
        return VISION_OK;
    }
    if (!pixformat_is_mutable(img->format) || !pixformat_is_mutable(mask->format)) {
        return VISION_E_FORMAT;
    }
    if (mask->width < img->width || mask->height < img->height) {
        return VISION_E_SIZE;
    }
    for (int y = 0; y < img->height; y++) {
        uint32_t bits[CHUNK / 32];
        for (int x = 0; x < img->width; x += CHUNK) {
            int n = img->width - x < CHUNK ? img->width - x : CHUNK;
            row_load_bits(mask, x, y, n, bits);
            row_blend_bits(img, x, y, n, bits, 0);
        }
    }
    return VISION_OK;
}

/* Raw row y of the region, from a copy if it has been overwritten. */
static const uint8_t *bayer_row(const struct job *job, int y)
{
    if (y == job->previous_y) {
        return job->previous;
    }
    if (y == job->here_y) {
        return job->here;
    }
    return image_row(&job->src, job->roi.y + y) + job->roi.x;
}

/* The rows and the pattern that row y of a Bayer region is made from. */
struct bayer { const uint8_t *above, *here, *below; bool green_first, red_row; };

static struct bayer bayer_rows(const struct job *job, int y)
{
    const struct rect *roi = &job->roi;
    int up = y > 0 ? y - 1 : roi->h > 1 ? 1 : 0;
    int down = y < roi->h - 1 ? y + 1 : roi->h > 1 ? y - 1 : 0;
    struct bayer b = {bayer_row(job, up), bayer_row(job, y), bayer_row(job, down), false, false};

    row_bayer_pattern(shifted(job->src.format, roi->x, roi->y), y, &b.green_first, &b.red_row);
    return b;
}

static void load_planes(const struct job *job, int y, uint8_t *r, uint8_t *g, uint8_t *b)
{
    const struct rect *roi = &job->roi;
    enum pixel_format format = shifted(job->src.format, roi->x, roi->y);

    if (pixformat_is_bayer(format)) {
        struct bayer m = bayer_rows(job, y);
        row_debayer_rows(m.above, m.here, m.below, roi->w, m.green_first, m.red_row, 0, roi->w, r, g, b);
    } else if (pixformat_is_yuv(format)) {
        const uint16_t *row = (const uint16_t *)(const void *)image_row(&job->src, roi->y + y);
        row_yuv_to_rgb(row + roi->x, roi->w, format == PIXFORMAT_YVU422, 0, roi->w, r, g, b);
    } else {
        row_load_rgb(&job->src, roi->x, roi->y + y, roi->w, r, g, b);
    }
}

/* Loads row y by way of r, g, b planes; Bayer and YUV without them where they would only be joined again. */
static void load_by_planes(const struct job *job, int y, bool want_gray)
{
    int w = job->roi.w;
    uint8_t *r = job->planes, *g = r + w, *b = g + w;

    if (pixformat_is_yuv(job->src.format) && job->options->rgb_channel < 0) {
        const uint16_t *row = (const uint16_t *)(const void *)image_row(&job->src, job->roi.y + y) + job->roi.x;
        row_yuv_to_rgb565(row, w, shifted(job->src.format, job->roi.x, 0) == PIXFORMAT_YVU422, job->rgb565);
        return;
    }
    if (pixformat_is_bayer(job->src.format) && job->options->rgb_channel < 0) {
        struct bayer m = bayer_rows(job, y);
        if (want_gray) {
            row_debayer_gray(m.above, m.here, m.below, w, m.green_first, m.red_row, job->gray);
        } else {
            row_debayer_rgb565(m.above, m.here, m.below, w, m.green_first, m.red_row, job->rgb565);
        }
        return;
    }
    load_planes(job, y, r, g, b);
    if (job->options->rgb_channel >= 0) {
        memcpy(job->gray, job->planes + (size_t)job->options->rgb_channel * (size_t)w, (size_t)w);
    } else if (want_gray) {
        kernel_rgb_to_gray(r, g, b, w, job->gray);
    } else {
        kernel_rgb_to_rgb565(r, g, b, w, job->rgb565);
    }
}

static void convert_row(struct job *job, int y, const struct image *dst)
{
    const struct convert_options *o = job->options;
    int w = job->roi.w;
    bool want_gray = dst->format != PIXFORMAT_RGB565 || o->palette || o->rgb_channel >= 0;
    bool by_planes = pixformat_is_bayer(job->src.format) || (pixformat_is_yuv(job->src.format) && !want_gray) ||
                     (o->rgb_channel >= 0 && pixformat_has_color(job->src.format));
    /* a result in the row's own format is made where it belongs: rows that shrink are read before they are overwritten, and growing ones are
       made from their end; but bits that grow are not */
    bool direct = job->src.format != PIXFORMAT_BINARY;

    if (direct && dst->format == PIXFORMAT_GRAYSCALE && !o->palette) {
        job->gray = image_row(dst, y);
    } else if (direct && dst->format == PIXFORMAT_RGB565 && (o->palette || !want_gray)) {
        job->rgb565 = (uint16_t *)(void *)image_row(dst, y);
    } else {
        direct = false;
    }
    if (by_planes) {
        load_by_planes(job, y, want_gray);
    } else if (want_gray) {
        row_load_gray(&job->src, job->roi.x, job->roi.y + y, w, job->gray);
    } else {
        row_load_rgb565(&job->src, job->roi.x, job->roi.y + y, w, job->rgb565);
    }
    if (o->palette) {
        kernel_lookup_rgb565(job->gray, w, o->palette, job->rgb565);
    }
    if (direct) {
        return;
    }
    row_clear_padding(dst, y);
    if (o->palette || !want_gray) {
        row_store_rgb565(dst, 0, y, w, job->rgb565);
    } else {
        row_store_gray(dst, 0, y, w, job->gray);
    }
}

/* Before row y is overwritten by its result: keeps it for the row that comes next, and for the mirror image at the border. */
static void keep_row(struct job *job, int y)
{
    uint8_t *oldest = job->previous;

    job->previous = job->here;
    job->previous_y = job->here_y;
    job->here = oldest;
    kernel_copy(oldest, image_row(&job->src, job->roi.y + y) + job->roi.x, (size_t)job->roi.w);
    job->here_y = y;
}

static int run(struct job *job, struct image *dst, struct arena *arena)
{
    size_t w = (size_t)job->roi.w;
    bool in_place = dst->data == job->src.data;
    bool grows = pixformat_row_bytes(dst->format, job->roi.w) > pixformat_row_bytes(job->src.format, job->roi.w);
    bool keep = in_place && pixformat_is_bayer(job->src.format);

    job->rgb565 = arena_alloc(arena, w * 2);
    job->gray = arena_alloc(arena, w);
    job->planes = arena_alloc(arena, 3 * w);
    job->previous = keep ? arena_alloc(arena, w) : NULL;
    job->here = keep ? arena_alloc(arena, w) : NULL;
    if (!job->rgb565 || !job->gray || !job->planes || (keep && (!job->previous || !job->here))) {
        return VISION_E_MEMORY;
    }
    job->previous_y = job->here_y = -1;
    if (in_place && grows && (job->roi.w != job->src.width || job->roi.y != 0)) {
        image_copy(&job->src, &job->src, &job->roi);
        job->roi = (struct rect){0, 0, job->roi.w, job->roi.h};
    }
    dst->width = job->roi.w;
    dst->height = job->roi.h;
    dst->size = 0;
    for (int i = 0; i < job->roi.h; i++) {
        int y = grows ? job->roi.h - 1 - i : i;
        if (keep) {
            keep_row(job, y);
        }
        convert_row(job, y, dst);
    }
    return VISION_OK;
}

int convert_image(struct image *dst, const struct image *src, const struct convert_options *options, struct arena *arena)
{
    static const struct convert_options none = {.rgb_channel = -1};
    struct job job = {.src = *src, .options = options ? options : &none};
    bool plain = job.options->rgb_channel < 0 && !job.options->palette;

    if (plain && dst->format == src->format) {
        return image_copy(dst, src, job.options->roi);
    }
    if (job.options->rgb_channel < -1 || job.options->rgb_channel > 2) {
        return VISION_E_ARGUMENT;
    }
    if (!pixformat_is_mutable(dst->format) || !pixformat_is_known(src->format) || pixformat_is_compressed(src->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(src, job.options->roi, &job.roi);
    if (err) {
        return err;
    }
    size_t mark = arena->used;
    err = run(&job, dst, arena);
    arena->used = mark;
    return err;
}
