/* SPDX-License-Identifier: MIT */
/* Structural similarity: eight rows of both pictures in gray at a time, sums of patches in integers. */
#include "vision/similarity.h"

#include <math.h>
#include <string.h>

#include "vision/kernel_match.h"
#include "vision/row.h"

enum { PATCH = 8 };

/* The formula with every mean and moment multiplied by n or n^2: exact up to here, for n <= 64. */
static float patch_ssim(const struct patch_sums *s, uint32_t n)
{
    const float c1 = 0.01f * 255 * 0.01f * 255, c2 = 0.03f * 255 * 0.03f * 255, nn = (float)(n * n);
    uint32_t both = s->a * s->b, squares = s->a * s->a + s->b * s->b;
    int32_t covariance = (int32_t)(n * s->ab - both), variances = (int32_t)(n * (s->aa + s->bb) - squares);

    return (2 * (float)both + nn * c1) * (2 * (float)covariance + nn * c2) / (((float)squares + nn * c1) * ((float)variances + nn * c2));
}

struct comparison {
    const struct image *img, *other;
    struct compose_options options;
    struct rect where;              /* compared, within img */
    struct image a, b;              /* rows of it */
    double sum, squares;
    uint32_t count;
};

static int load_rows(struct comparison *c, int y, struct arena *arena)
{
    struct compose_options o = c->options;

    for (int i = 0; i < c->a.height; i++) {
        row_load_gray(c->img, c->where.x, y + i, c->where.w, image_row(&c->a, i));
    }
    memcpy(c->b.data, c->a.data, image_bytes(&c->a));
    o.x -= c->where.x;
    o.y -= y;
    return compose_image(&c->b, c->other, COMPOSE_REPLACE, &o, arena);
}

static void compare_rows(struct comparison *c, bool dssim, struct similarity *out)
{
    size_t w = (size_t)c->a.width;

    for (int x = 0; x < c->a.width; x += PATCH) {
        int n = c->a.width - x < PATCH ? c->a.width - x : PATCH;
        struct patch_sums sums;
        kernel_patch_sums(c->a.data + x, w, c->b.data + x, w, n, c->a.height, &sums);
        float v = patch_ssim(&sums, (uint32_t)(n * c->a.height));
        v = dssim ? (1 - v) / 2 : v;
        c->sum += (double)v;
        c->squares += (double)v * (double)v;
        out->min = c->count && out->min < v ? out->min : v;
        out->max = c->count && out->max > v ? out->max : v;
        c->count++;
    }
}

int similarity_compare(const struct image *img, const struct image *other, const struct compose_options *options, bool dssim, struct arena *arena,
                       struct similarity *out)
{
    struct comparison c = {.img = img, .other = other};
    size_t mark = arena->used;

    if (pixformat_is_compressed(img->format) || pixformat_is_compressed(other->format)) {
        return VISION_E_FORMAT;
    }
    int err = compose_place(other, options, img->width, img->height, &c.options, &c.where);
    if (err) {
        return err;
    }
    c.options.mask = NULL;
    c.where = rect_intersect(c.where, (struct rect){0, 0, img->width, img->height});
    if (c.where.w <= 0) {
        return VISION_E_ROI;
    }
    c.a = c.b = (struct image){c.where.w, PATCH, PIXFORMAT_GRAYSCALE, 0, NULL};
    c.a.data = arena_alloc(arena, image_bytes(&c.a));
    c.b.data = arena_alloc(arena, image_bytes(&c.b));
    err = c.a.data && c.b.data ? 0 : VISION_E_MEMORY;
    for (int y = 0; y < c.where.h && !err; y += PATCH) {
        c.a.height = c.b.height = c.where.h - y < PATCH ? c.where.h - y : PATCH;
        err = load_rows(&c, c.where.y + y, arena);
        if (!err) {
            compare_rows(&c, dssim, out);
        }
    }
    if (!err) {
        out->mean = (float)(c.sum / c.count);
        double variance = c.squares / c.count - c.sum / c.count * (c.sum / c.count);
        out->stdev = variance > 0 ? sqrtf((float)variance) : 0;
    }
    arena->used = mark;
    return err;
}
