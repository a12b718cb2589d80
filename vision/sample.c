/* SPDX-License-Identifier: MIT */
/* Setting a sampler up, its ring of source rows, and the nearest sample. */
#include "vision/sample.h"

#include <string.h>

#include "vision/kernel_sample.h"
#include "vision/kernel_window.h"
#include "vision/row.h"

uint32_t sample_position(uint32_t step, int at, int length)
{
    int64_t p = (int64_t)step * at + step / 2 - 32768, last = (int64_t)(length - 1) << 16;

    return (uint32_t)(p < 0 ? 0 : p > last ? last : p);
}

/* ---- Rows of the source ---- */

static void load_gray(const struct sampler *s, int y, uint8_t *gray)
{
    const struct rect *r = &s->o.roi;

    if (s->o.rgb_channel < 0) {
        row_load_gray(s->src, r->x, y, r->w, gray);
        return;
    }
    uint8_t chunk[3][64];
    for (int x = 0; x < r->w; x += 64) {
        int n = r->w - x < 64 ? r->w - x : 64;
        row_load_rgb(s->src, r->x + x, y, n, chunk[0], chunk[1], chunk[2]);
        memcpy(gray + x, chunk[s->o.rgb_channel], (size_t)n);
    }
}

static void load_rgb565(const struct sampler *s, int y, uint16_t *pixels)
{
    const struct rect *r = &s->o.roi;

    if (s->o.palette) {
        load_gray(s, y, s->raw + 2 * (size_t)r->w);
        kernel_lookup_rgb565(s->raw + 2 * (size_t)r->w, r->w, s->o.palette, pixels);
    } else if (s->o.rgb_channel >= 0) {
        load_gray(s, y, s->raw + 2 * (size_t)r->w);
        kernel_gray_to_rgb565(s->raw + 2 * (size_t)r->w, r->w, pixels);
    } else {
        row_load_rgb565(s->src, r->x, y, r->w, pixels);
    }
}

/* In a ring: gray bytes, whole pixels, spread pixels, or three planes of channels' own bits. */
static void load(const struct sampler *s, int y, uint8_t *slot)
{
    int w = s->o.roi.w;
    uint16_t *raw = (uint16_t *)(void *)s->raw;

    if (s->o.type == SAMPLE_GRAY) {
        load_gray(s, y, slot);
    } else if (s->o.method == SAMPLE_NEAREST) {
        load_rgb565(s, y, (uint16_t *)(void *)slot);
    } else if (s->o.method == SAMPLE_BICUBIC) {
        size_t plane = s->pitch / 3;
        load_rgb565(s, y, raw);
        kernel_unpack565(raw, w, slot, slot + plane, slot + 2 * plane);
    } else {
        uint32_t *spread = (uint32_t *)(void *)slot;
        load_rgb565(s, y, raw);
        for (int i = 0; i < w; i++) {
            spread[i] = kernel_spread565(raw[i]);
        }
    }
}

const void *sample_source(struct sampler *s, int y)
{
    int last = s->o.roi.h - 1, row = y < 0 ? 0 : y > last ? last : y, slot = row % s->slots;
    uint8_t *at = s->ring + (size_t)slot * s->pitch;

    if (s->direct) {
        return image_row(s->src, s->o.roi.y + row) + (size_t)s->o.roi.x * (s->o.type == SAMPLE_GRAY ? 1 : 2);
    }
    if (s->cached[slot] != row) {
        load(s, s->o.roi.y + row, at);
        s->cached[slot] = row;
    }
    return at;
}

/* ---- Nearest ---- */

/* Of `length` source pixels the one under the middle of sample `at` of n: exact, and within 32 bits. */
static int nearest(int at, int n, int length)
{
    return (int)((2 * (uint32_t)at + 1) * (uint32_t)length / (2 * (uint32_t)n));
}

static void nearest_row(struct sampler *s, int y, int x, int n, void *out)
{
    int at = nearest(y, s->o.height, s->o.roi.h);
    const void *row = sample_source(s, at);
    const uint16_t *index = s->index + x;

    if (s->last == out && s->last_row == at && s->last_x == x && s->last_n == n) {
        return;
    }
    s->last = out;
    s->last_row = at;
    s->last_x = x;
    s->last_n = n;
    if (s->o.type == SAMPLE_GRAY) {
        kernel_pick8(row, index, n, out);
    } else {
        kernel_pick16(row, index, n, out);
    }
}

/* Not scaled across, not mirrored: rows are the source's. */
static void plain_row(struct sampler *s, int y, int x, int n, void *out)
{
    const uint8_t *row = sample_source(s, nearest(y, s->o.height, s->o.roi.h));
    size_t bytes = s->o.type == SAMPLE_GRAY ? 1 : 2;

    kernel_copy(out, row + (size_t)x * bytes, (size_t)n * bytes);
}

/* Nor scaled down the rows, and nothing to look up: straight from the image. */
static void direct_row(struct sampler *s, int y, int x, int n, void *out)
{
    const struct rect *r = &s->o.roi;

    if (s->o.type == SAMPLE_GRAY) {
        row_load_gray(s->src, r->x + x, r->y + y, n, out);
    } else {
        row_load_rgb565(s->src, r->x + x, r->y + y, n, out);
    }
}

/* ---- Setting up ---- */

static int check(const struct image *src, const struct sample_options *o)
{
    if (pixformat_is_compressed(src->format) || !pixformat_is_known(src->format)) {
        return VISION_E_FORMAT;
    }
    if (o->width < 1 || o->height < 1 || o->width > IMAGE_MAX_SIDE || o->height > IMAGE_MAX_SIDE || o->rgb_channel < -1 || o->rgb_channel > 2) {
        return VISION_E_ARGUMENT;
    }
    return 0;
}

static void fill_tables(struct sampler *s)
{
    int w = s->o.roi.w, steps = s->o.method == SAMPLE_BILINEAR ? 5 : 7;

    for (int i = 0; i < s->o.width; i++) {
        int at = s->o.hmirror ? s->o.width - 1 - i : i;
        if (s->o.method == SAMPLE_NEAREST) {
            s->index[i] = (uint16_t)nearest(at, s->o.width, w);
        } else {
            uint32_t p = sample_position(s->step_x, at, w);
            s->index[i] = (uint16_t)(p >> 16);
            s->fraction[i] = (uint8_t)((p & 0xFFFF) >> (16 - steps));
        }
    }
}

static size_t element(const struct sampler *s)
{
    if (s->o.type == SAMPLE_GRAY) {
        return 1;
    }
    return s->o.method == SAMPLE_NEAREST ? 2 : s->o.method == SAMPLE_BICUBIC ? 3 : 4;
}

static int allocate(struct sampler *s, struct arena *arena)
{
    size_t w = (size_t)s->o.roi.w + 4, sums = s->o.method == SAMPLE_NEAREST ? 0 : s->o.method == SAMPLE_BICUBIC ? 3 : s->o.type == SAMPLE_GRAY ? 1 : 3;

    s->pitch = (w * element(s) + 11) / 12 * 12;
    s->ring = arena_alloc(arena, s->direct ? 0 : s->pitch * (size_t)s->slots);
    s->raw = arena_alloc(arena, 3 * w);
    s->index = arena_alloc(arena, (size_t)s->o.width * sizeof *s->index);
    s->fraction = s->o.method == SAMPLE_NEAREST ? s->raw : arena_alloc(arena, (size_t)s->o.width);
    s->sums = sums ? arena_alloc(arena, sums * w * sizeof *s->sums) : (uint32_t *)(void *)s->raw;
    if (s->o.method == SAMPLE_BICUBIC) {
        s->weights = arena_alloc(arena, 128 * sizeof *s->weights);
        for (int f = 0; s->weights && f < 128; f++) {
            sample_cubic_weights(f, s->weights[f]);
        }
        if (!s->weights) {
            return VISION_E_MEMORY;
        }
    }
    return s->ring && s->raw && s->index && s->fraction && s->sums ? 0 : VISION_E_MEMORY;
}

int sample_open(struct sampler *s, const struct image *src, const struct sample_options *options, struct arena *arena)
{
    int err = check(src, options);

    if (err) {
        return err;
    }
    *s = (struct sampler){.src = src, .o = *options, .cached = {-1, -1, -1, -1}, .row = nearest_row};
    const struct rect *r = &s->o.roi;
    bool same_width = r->w == s->o.width, same_height = r->h == s->o.height;
    if ((same_width && same_height) || (s->o.method == SAMPLE_AREA && r->w <= s->o.width && r->h <= s->o.height)) {
        s->o.method = SAMPLE_NEAREST;
    }
    s->step_x = (uint32_t)(((uint64_t)r->w << 16) / (uint32_t)s->o.width);
    s->step_y = (uint32_t)(((uint64_t)r->h << 16) / (uint32_t)s->o.height);
    s->slots = s->o.method == SAMPLE_BICUBIC ? 4 : s->o.method == SAMPLE_BILINEAR ? 2 : 1;
    if (s->o.method == SAMPLE_NEAREST && same_width && !s->o.hmirror) {
        s->row = same_height && s->o.rgb_channel < 0 && !s->o.palette ? direct_row : plain_row;
    } else if (s->o.method != SAMPLE_NEAREST) {
        s->row = s->o.method == SAMPLE_BILINEAR ? sample_row_linear : s->o.method == SAMPLE_BICUBIC ? sample_row_cubic : sample_row_area;
    }
    if (s->row == direct_row) {
        return 0;
    }
    bool plain = s->o.rgb_channel < 0 && !s->o.palette;
    s->direct = s->o.type == SAMPLE_GRAY ? plain && src->format == PIXFORMAT_GRAYSCALE
                                         : plain && src->format == PIXFORMAT_RGB565 && s->row != sample_row_cubic &&
                                               (s->row != sample_row_linear || s->o.width <= r->w) && (s->row != sample_row_area || sample_halves(s));
    err = allocate(s, arena);
    if (!err) {
        fill_tables(s);
    }
    return err;
}
