/* SPDX-License-Identifier: MIT */
/* Where a source comes to lie in the target, and row by row what becomes of both. */
#include "vision/compose.h"

#include <math.h>
#include <string.h>

#include "vision/compose_row.h"
#include "vision/kernel_sample.h"
#include "vision/row.h"
#include "vision/sample.h"
#include "vision/warp.h"

enum { STRIP = 16 };

struct composer {
    struct image *dst;
    const struct compose_options *o;
    enum compose_operation operation;
    struct sampler sampler;
    bool transpose;
    bool as_it_is;                  /* neither scaled nor mirrored across, and what is wanted: the source's rows themselves */
    int w, h;                       /* of the source as it is drawn */
    int bytes;                      /* of a pixel in the target's working type: gray 1 (binary too), RGB565 2 */
    int sampled;                    /* the same for what is sampled */
    uint8_t *strip;                 /* transposed: STRIP rows of the result, h samples each */
    int strip_at;
    uint8_t *samples, *source, *result; /* a row: as sampled; as the target's type; the target's own, when it can't be changed where it lies */
    uint8_t *gray;                  /* for the alpha palette */
    uint32_t *bits;                 /* of the mask */
};

/* ---- Sizes ---- */

static bool bad_scale(float scale)
{
    return !(scale > 0 || scale < 0) || isinf(scale);
}

static int scaled(int length, float scale)
{
    float v = floorf((float)length * fabsf(scale) + 1e-4f);

    return v < 1 ? 1 : v > IMAGE_MAX_SIDE ? 0 : (int)v;
}

/* The region, and the scales once the hints' aspect has been looked at. */
static int source_scales(const struct image *src, const struct compose_options *o, int limit_w, int limit_h, struct rect *roi, float *x_scale, float *y_scale)
{
    bool transpose = o->hint & COMPOSE_TRANSPOSE;
    int err = image_clip(src, o->roi, roi);

    if (err) {
        return err;
    }
    *x_scale = o->x_scale;
    *y_scale = o->y_scale;
    if (o->hint & (COMPOSE_ASPECT_KEEP | COMPOSE_ASPECT_EXPAND | COMPOSE_ASPECT_IGNORE)) {
        float x = (float)(transpose ? limit_h : limit_w) / (float)roi->w, y = (float)(transpose ? limit_w : limit_h) / (float)roi->h;
        if (!(o->hint & COMPOSE_ASPECT_IGNORE)) {
            x = y = o->hint & COMPOSE_ASPECT_KEEP ? fminf(x, y) : fmaxf(x, y);
        }
        *x_scale = o->x_scale < 0 ? -x : x;
        *y_scale = o->y_scale < 0 ? -y : y;
    }
    return bad_scale(*x_scale) || bad_scale(*y_scale) ? VISION_E_ARGUMENT : 0;
}

static int source_size(const struct image *src, const struct compose_options *o, int limit_w, int limit_h, struct rect *roi, int *w, int *h)
{
    float x_scale, y_scale;
    int err = source_scales(src, o, limit_w, limit_h, roi, &x_scale, &y_scale);

    if (err) {
        return err;
    }
    *w = scaled(roi->w, x_scale);
    *h = scaled(roi->h, y_scale);
    return *w && *h ? 0 : VISION_E_ARGUMENT;
}

static int centred(int at, int limit, int length)
{
    int64_t v = at + (int64_t)(limit - length) / 2;

    return v > INT32_MAX / 2 ? INT32_MAX / 2 : v < -INT32_MAX / 2 ? -INT32_MAX / 2 : (int)v;
}

int compose_place(const struct image *src, const struct compose_options *options, int limit_w, int limit_h, struct compose_options *placed, struct rect *where)
{
    struct rect roi;
    int err = compose_size(src, options, limit_w, limit_h, &where->w, &where->h);

    *placed = *options;
    if (!err && (options->hint & COMPOSE_CENTER)) {
        placed->x = centred(options->x, limit_w, where->w);
        placed->y = centred(options->y, limit_h, where->h);
    }
    where->x = placed->x;
    where->y = placed->y;
    err = err ? err : source_scales(src, options, limit_w, limit_h, &roi, &placed->x_scale, &placed->y_scale);
    placed->hint &= ~(unsigned)(COMPOSE_CENTER | COMPOSE_ASPECT_KEEP | COMPOSE_ASPECT_EXPAND | COMPOSE_ASPECT_IGNORE);
    return err;
}

int compose_size(const struct image *src, const struct compose_options *options, int limit_w, int limit_h, int *w, int *h)
{
    struct rect roi;
    int sw = 0, sh = 0, err = source_size(src, options, limit_w, limit_h, &roi, &sw, &sh);

    *w = options->hint & COMPOSE_TRANSPOSE ? sh : sw;
    *h = options->hint & COMPOSE_TRANSPOSE ? sw : sh;
    return err;
}

/* ---- The source's rows, in the target's type ---- */

static int open_source(struct composer *c, const struct image *src, const struct rect *roi, int w, int h, struct arena *arena)
{
    const struct compose_options *o = c->o;
    bool first = o->palette && (o->hint & COMPOSE_PALETTE_FIRST);
    bool color = o->rgb_channel < 0 && pixformat_has_color(src->format) && c->bytes == 2 && !o->palette;
    const struct sample_options options = {
        .roi = *roi,
        .width = w,
        .height = h,
        .hmirror = ((o->hint & COMPOSE_HMIRROR) != 0) != (o->x_scale < 0),
        .vflip = ((o->hint & COMPOSE_VFLIP) != 0) != (o->y_scale < 0),
        .method = o->hint & COMPOSE_BICUBIC    ? SAMPLE_BICUBIC
                  : o->hint & COMPOSE_BILINEAR ? SAMPLE_BILINEAR
                  : o->hint & COMPOSE_AREA     ? SAMPLE_AREA
                                               : SAMPLE_NEAREST,
        .type = color || first ? SAMPLE_RGB565 : SAMPLE_GRAY,
        .rgb_channel = o->rgb_channel,
        .palette = first ? o->palette : NULL,
    };

    c->sampled = options.type == SAMPLE_RGB565 ? 2 : 1;
    c->transpose = o->hint & COMPOSE_TRANSPOSE;
    c->w = c->transpose ? h : w;
    c->h = c->transpose ? w : h;
    c->strip_at = -1;
    size_t row = (size_t)c->w * 2;
    c->samples = arena_alloc(arena, row > STRIP * 2 ? row : STRIP * 2);
    c->source = arena_alloc(arena, row);
    c->strip = c->transpose ? arena_alloc(arena, row * STRIP) : c->samples;
    c->gray = o->alpha_palette ? arena_alloc(arena, (size_t)c->w) : c->samples;
    if (!c->samples || !c->source || !c->strip || !c->gray) {
        return VISION_E_MEMORY;
    }
    bool same = w == roi->w && h == roi->h && !options.hmirror && o->rgb_channel < 0 && !options.palette;
    c->as_it_is = same && src->format == (c->sampled == 2 ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE);
    return sample_open(&c->sampler, src, &options, arena);
}

/* Columns at .. at + STRIP - 1 of the scaled source, as rows. */
static void fill_strip(struct composer *c, int at)
{
    int n = c->h - at < STRIP ? c->h - at : STRIP;

    for (int i = 0; i < c->w; i++) {
        sample_row(&c->sampler, i, at, n, c->samples);
        for (int j = 0; j < n; j++) {
            if (c->sampled == 2) {
                ((uint16_t *)(void *)c->strip)[j * c->w + i] = ((uint16_t *)(void *)c->samples)[j];
            } else {
                c->strip[j * c->w + i] = c->samples[j];
            }
        }
    }
    c->strip_at = at;
}

static const void *sample(struct composer *c, int y, int x, int n)
{
    const struct image *src = c->sampler.src;

    if (!c->transpose && c->as_it_is) {
        int row = c->sampler.o.roi.y + (c->sampler.o.vflip ? c->h - 1 - y : y);
        return image_row(src, row) + (size_t)(c->sampler.o.roi.x + x) * (size_t)c->sampled;
    }
    if (!c->transpose) {
        sample_row(&c->sampler, y, x, n, c->samples);
        return c->samples;
    }
    if (c->strip_at < 0 || y < c->strip_at || y >= c->strip_at + STRIP) {
        fill_strip(c, y - y % STRIP);
    }
    return c->strip + ((size_t)(y - c->strip_at) * (size_t)c->w + (size_t)x) * (size_t)c->sampled;
}

/* Samples as gray bytes or RGB565, whichever the target works on. */
static const void *source_row(struct composer *c, int y, int x, int n)
{
    const void *row = sample(c, y, x, n);
    const uint8_t *gray = row;

    if (c->o->alpha_palette) {
        if (c->sampled == 2) {
            kernel_rgb565_to_gray(row, n, c->gray);
        } else {
            memcpy(c->gray, gray, (size_t)n);
        }
    }
    if (c->sampled == 1 && c->o->palette) {
        kernel_lookup_rgb565(gray, n, c->o->palette, (uint16_t *)(void *)c->source);
        if (c->bytes == 1) {
            c->sampler.last = NULL;
            kernel_rgb565_to_gray((const uint16_t *)(void *)c->source, n, c->samples);
            return c->samples;
        }
        return c->source;
    }
    if (c->sampled == c->bytes) {
        return row;
    }
    if (c->bytes == 2) {
        kernel_gray_to_rgb565(gray, n, (uint16_t *)(void *)c->source);
    } else {
        kernel_rgb565_to_gray(row, n, c->source);
    }
    return c->source;
}

/* ---- The target's rows ---- */

static void operate(const struct composer *c, const void *source, int n, void *row)
{
    if (c->bytes == 2) {
        compose_row565(c->operation, source, n, row);
    } else {
        compose_row8(c->operation, source, n, row);
    }
}

/* row = result where alpha and mask say so, pixel by pixel. */
static void mix(const struct composer *c, const void *result, int n, void *row)
{
    const uint8_t *table = c->o->alpha_palette;

    for (int i = 0; i < n; i++) {
        int alpha = table ? table[c->gray[i]] * c->o->alpha / 255 : c->o->alpha;
        if (c->o->mask && !(c->bits[i >> 5] >> (i & 31) & 1)) {
            continue;
        }
        if (c->bytes == 2) {
            kernel_blend_rgb565((const uint16_t *)result + i, 1, (alpha + 4) >> 3, (uint16_t *)row + i);
        } else {
            kernel_blend_gray_c((const uint8_t *)result + i, 1, alpha + (alpha >> 7), (uint8_t *)row + i);
        }
    }
}

static void blend(const struct composer *c, const void *result, int n, void *row)
{
    if (c->o->mask || c->o->alpha_palette) {
        mix(c, result, n, row);
    } else if (c->bytes == 2) {
        kernel_blend_rgb565(result, n, (c->o->alpha + 4) >> 3, row);
    } else {
        kernel_blend_gray(result, n, c->o->alpha + (c->o->alpha >> 7), row);
    }
}

static void compose_row(const struct composer *c, int y, int x, int n, const void *source)
{
    struct image *dst = c->dst;
    bool plain = !c->o->mask && !c->o->alpha_palette && c->o->alpha == 255;
    uint8_t *row = dst->format == PIXFORMAT_BINARY ? c->result + 2 * (size_t)n : image_row(dst, y) + (size_t)x * (size_t)c->bytes;

    if (dst->format == PIXFORMAT_BINARY) {
        row_load_gray(dst, x, y, n, row);
    }
    if (c->o->mask) {
        row_load_bits(c->o->mask, x, y, n, c->bits);
    }
    if (plain) {
        operate(c, source, n, row);
    } else if (c->operation == COMPOSE_REPLACE) {
        blend(c, source, n, row);
    } else {
        memcpy(c->result, row, (size_t)n * (size_t)c->bytes);
        operate(c, source, n, c->result);
        blend(c, c->result, n, row);
    }
    if (dst->format == PIXFORMAT_BINARY) {
        row_store_gray(dst, x, y, n, row);
    }
}

static int check(const struct image *dst, const struct compose_options *o)
{
    if (!pixformat_is_mutable(dst->format) || (o->mask && !pixformat_is_mutable(o->mask->format))) {
        return VISION_E_FORMAT;
    }
    if (o->mask && (o->mask->width < dst->width || o->mask->height < dst->height)) {
        return VISION_E_SIZE;
    }
    return o->alpha < 0 || o->alpha > 255 ? VISION_E_ARGUMENT : 0;
}

static int open_target(struct composer *c, struct arena *arena)
{
    size_t w = (size_t)c->dst->width;

    c->bytes = c->dst->format == PIXFORMAT_RGB565 ? 2 : 1;
    c->result = arena_alloc(arena, 3 * w);
    c->bits = arena_alloc(arena, (size_t)row_words((int)w) * 4);
    return c->result && c->bits ? 0 : VISION_E_MEMORY;
}

/* A copy of the region in scratch, when the source would be overwritten while it is read; of all of a Bayer or YUV image, whose pixels depend
   on their neighbours. */
static int set_aside(struct image *copy, const struct image *src, struct rect *roi, struct arena *arena)
{
    bool part = pixformat_is_mutable(src->format);

    *copy = (struct image){.data = arena_alloc(arena, pixformat_image_bytes(src->format, part ? roi->w : src->width, part ? roi->h : src->height))};
    if (!copy->data) {
        return VISION_E_MEMORY;
    }
    int err = image_copy(copy, src, part ? roi : NULL);
    if (part) {
        roi->x = roi->y = 0;
    }
    return err;
}

static bool overlaps(const struct image *a, const struct image *b)
{
    return a->data < b->data + image_bytes(b) && b->data < a->data + image_bytes(a);
}

/* A mask of dst's size: where the source comes through the transform, and the options' own mask is set. */
static int transform_mask(struct image *mask, const struct compose_options *o, const struct image *source, int64_t left, int64_t top, struct arena *arena)
{
    struct image seen = {source->width, source->height, PIXFORMAT_GRAYSCALE, 0, arena_alloc(arena, (size_t)source->width * (size_t)source->height)};
    uint32_t *bits = arena_alloc(arena, (size_t)row_words(mask->width) * 4), *own = arena_alloc(arena, (size_t)row_words(mask->width) * 4);
    int64_t x0 = left > 0 ? left : 0, x1 = left + seen.width < mask->width ? left + seen.width : mask->width;
    int64_t y0 = top > 0 ? top : 0, y1 = top + seen.height < mask->height ? top + seen.height : mask->height;

    if (!seen.data || !bits || !own) {
        return VISION_E_MEMORY;
    }
    memset(mask->data, 0, image_bytes(mask));
    memset(seen.data, 255, image_bytes(&seen));
    int err = warp_projection(&seen, o->transform, arena);
    for (int64_t y = y0; y < y1 && x0 < x1 && !err; y++) {
        int n = (int)(x1 - x0);
        row_load_nonzero(&seen, (int)(x0 - left), (int)(y - top), n, bits);
        if (o->mask) {
            row_load_bits(o->mask, (int)x0, (int)y, n, own);
            for (int i = 0; i < row_words(n); i++) {
                bits[i] &= own[i];
            }
        }
        row_blend_bits(mask, (int)x0, (int)y, n, bits, 1);
    }
    return err;
}

/* The source is drawn into scratch and seen through the transform there; the result is drawn where it came from. */
static int compose_transformed(struct image *dst, const struct image *src, enum compose_operation operation, const struct compose_options *options,
                               struct arena *arena)
{
    struct compose_options how = *options, then = COMPOSE_DEFAULTS;
    struct image source = {0}, mask = {dst->width, dst->height, PIXFORMAT_BINARY, 0, NULL};
    bool first = options->palette && (options->hint & COMPOSE_PALETTE_FIRST);
    bool color = dst->format == PIXFORMAT_RGB565 && options->rgb_channel < 0 && pixformat_has_color(src->format) && !options->palette;
    int err = check(dst, options);

    how.alpha = 255;
    how.alpha_palette = NULL;
    how.palette = first ? options->palette : NULL;
    then.palette = first ? NULL : options->palette;
    then.alpha = options->alpha;
    then.alpha_palette = options->alpha_palette;
    then.mask = &mask;
    source.format = color || first ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
    err = err ? err : compose_size(src, options, dst->width, dst->height, &source.width, &source.height);
    if (err) {
        return err;
    }
    mask.data = arena_alloc(arena, image_bytes(&mask));
    source.data = arena_alloc(arena, image_bytes(&source));
    if (!mask.data || !source.data) {
        return VISION_E_MEMORY;
    }
    err = compose_scaled(&source, src, &how, arena);
    int64_t left = options->x, top = options->y;
    if (options->hint & COMPOSE_CENTER) {
        left += (dst->width - source.width) / 2;
        top += (dst->height - source.height) / 2;
    }
    size_t mark = arena->used;
    err = err ? err : transform_mask(&mask, options, &source, left, top, arena);
    arena->used = mark;
    then.x = (int)left;
    then.y = (int)top;
    return err || left != then.x || top != then.y ? err : compose_image(dst, &source, operation, &then, arena);
}

/* Are n pixels of a row all of it, in both images, and needs nothing else its own row? Then rows that follow one another are one long row. */
static bool whole_rows(const struct composer *c, int n)
{
    const struct compose_options *o = c->o;
    bool as_it_is = c->as_it_is && c->sampled == c->bytes && !c->transpose && !c->sampler.o.vflip && c->dst->format != PIXFORMAT_BINARY;

    return as_it_is && n == c->dst->width && n == c->sampler.src->width && !o->palette && !o->mask && !o->alpha_palette &&
           (o->alpha == 255 || c->operation == COMPOSE_REPLACE);
}

int compose_image(struct image *dst, const struct image *src, enum compose_operation operation, const struct compose_options *options,
                  struct arena *arena)
{
    struct composer c = {.dst = dst, .o = options, .operation = operation};
    struct image copy;
    struct rect roi;
    size_t mark = arena->used;
    int w, h, err = check(dst, options);

    if (options->transform && !err) {
        err = pixformat_is_compressed(src->format) ? VISION_E_FORMAT : compose_transformed(dst, src, operation, options, arena);
        arena->used = mark;
        return err;
    }
    err = err ? err : pixformat_is_compressed(src->format) ? VISION_E_FORMAT : source_size(src, options, dst->width, dst->height, &roi, &w, &h);
    if (!err && overlaps(dst, src)) {
        err = set_aside(&copy, src, &roi, arena);
        src = &copy;
    }
    err = err ? err : open_target(&c, arena);
    err = err ? err : open_source(&c, src, &roi, w, h, arena);
    if (err || options->alpha == 0) {
        arena->used = mark;
        return err;
    }
    int64_t left = options->x, top = options->y;
    if (options->hint & COMPOSE_CENTER) {
        left += (dst->width - c.w) / 2;
        top += (dst->height - c.h) / 2;
    }
    int64_t x0 = left > 0 ? left : 0, x1 = left + c.w < dst->width ? left + c.w : dst->width;
    int64_t y0 = top > 0 ? top : 0, y1 = top + c.h < dst->height ? top + c.h : dst->height;
    int n = x0 < x1 && y0 < y1 ? (int)(x1 - x0) : 0, rows = whole_rows(&c, n) ? (int)(y1 - y0) : 1;
    for (int64_t y = y0; y < y1 && n; y += rows) {
        compose_row(&c, (int)y, (int)x0, n * rows, source_row(&c, (int)(y - top), (int)(x0 - left), n));
    }
    arena->used = mark;
    return 0;
}

int compose_color(struct image *dst, uint32_t color, enum compose_operation operation, const struct image *mask, struct arena *arena)
{
    struct compose_options o = COMPOSE_DEFAULTS;
    struct composer c = {.dst = dst, .o = &o, .operation = operation};
    size_t mark = arena->used;

    o.mask = mask;
    int err = check(dst, &o);
    err = err ? err : open_target(&c, arena);
    uint8_t *source = arena_alloc(arena, (size_t)dst->width * 2);
    if (err || !source) {
        arena->used = mark;
        return err ? err : VISION_E_MEMORY;
    }
    for (int i = 0; i < dst->width; i++) {
        if (c.bytes == 2) {
            ((uint16_t *)(void *)source)[i] = (uint16_t)color;
        } else {
            source[i] = (uint8_t)(dst->format == PIXFORMAT_BINARY ? (color ? 255 : 0) : color);
        }
    }
    for (int y = 0; y < dst->height; y++) {
        compose_row(&c, y, 0, dst->width, source);
    }
    arena->used = mark;
    return 0;
}

/* Does every row of the result end before the source rows that are still to be read? */
static bool moves_up(const struct image *dst, const struct image *src, const struct composer *c, const struct rect *roi, const struct sample_options *s)
{
    return dst->data == src->data && !c->transpose && !s->vflip && s->method != SAMPLE_BICUBIC && c->h <= roi->h && !pixformat_is_bayer(src->format) &&
           pixformat_row_bytes(dst->format, dst->width) <= pixformat_row_bytes(src->format, src->width);
}

int compose_scaled(struct image *dst, const struct image *src, const struct compose_options *options, struct arena *arena)
{
    struct compose_options o = *options;
    struct image copy, target = *dst;
    struct rect roi;
    size_t mark = arena->used;
    int w = options->hint & COMPOSE_TRANSPOSE ? dst->height : dst->width, h = options->hint & COMPOSE_TRANSPOSE ? dst->width : dst->height;

    o.mask = NULL;
    struct composer c = {.dst = &target, .o = &o, .operation = COMPOSE_REPLACE};
    int err = check(dst, &o);
    err = err ? err : pixformat_is_compressed(src->format) ? VISION_E_FORMAT : image_clip(src, options->roi, &roi);
    err = err ? err : open_target(&c, arena);
    err = err ? err : open_source(&c, src, &roi, w, h, arena);
    if (!err && overlaps(dst, src) && !moves_up(dst, src, &c, &roi, &c.sampler.o)) {
        arena->used = mark;
        err = set_aside(&copy, src, &roi, arena);
        err = err ? err : open_target(&c, arena);
        err = err ? err : open_source(&c, &copy, &roi, w, h, arena);
    }
    for (int y = 0; !err && y < c.h; y++) {
        const void *row = source_row(&c, y, 0, c.w);
        if (o.alpha != 255 || o.alpha_palette) {
            memset(c.result, 0, (size_t)c.w * (size_t)c.bytes);
            blend(&c, row, c.w, c.result);
            row = c.result;
        }
        if (dst->format == PIXFORMAT_BINARY) {
            row_store_gray(dst, 0, y, c.w, row);
            row_clear_padding(dst, y);
        } else {
            kernel_copy(image_row(dst, y), row, (size_t)c.w * (size_t)c.bytes);
        }
    }
    arena->used = mark;
    err = err || !options->transform ? err : warp_projection(dst, options->transform, arena);
    arena->used = mark;
    return err;
}
