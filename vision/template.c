/* SPDX-License-Identifier: MIT */
/* Template matching: correlations of four positions at a time, sums of the windows by columns. */
#include "vision/template.h"

#include <math.h>
#include <string.h>

#include "vision/kernel_match.h"

enum { STARTS = 3 };

struct search {
    const struct image *img, *pattern;
    struct rect area;               /* of the positions of the template's corner; w, h: how many */
    int64_t n, sum;                 /* pixels of the template, and their sum */
    float scale;                    /* 1 / sqrt(n sum t^2 - (sum t)^2); 0: flat */
    uint32_t *column, *squares;     /* of the template's rows, by column of the roi */
    struct template_match best;
};

static float score(const struct search *s, uint64_t product, int64_t sum, uint64_t squares)
{
    int64_t variance = s->n * (int64_t)squares - sum * sum, covariance = s->n * (int64_t)product - sum * s->sum;

    return variance > 0 ? (float)covariance * s->scale / sqrtf((float)variance) : 0;
}

/* ---- Everywhere ---- */

/* Adds the row `in` to the columns' sums, and takes the row `out` from them (NULL: none). */
static void move_columns(struct search *s, const uint8_t *in, const uint8_t *out)
{
    const int w = s->area.w + s->pattern->width - 1;
    uint32_t *restrict column = s->column, *restrict squares = s->squares;

    for (int i = 0; i < w; i++) {
        int a = in[i], b = out ? out[i] : 0;
        column[i] += (uint32_t)(a - b);
        squares[i] += (uint32_t)((a - b) * (a + b));
    }
}

static const uint8_t *area_row(const struct search *s, int y)
{
    return image_row(s->img, y) + s->area.x;
}

/* The columns' sums for the template's row at y, after those for y - step (y: the first). */
static void sum_columns(struct search *s, int y, int step)
{
    int h = s->pattern->height;

    if (y == s->area.y || step >= h) {
        memset(s->column, 0, (size_t)(s->area.w + s->pattern->width - 1) * 4);
        memset(s->squares, 0, (size_t)(s->area.w + s->pattern->width - 1) * 4);
        for (int i = 0; i < h; i++) {
            move_columns(s, area_row(s, y + i), NULL);
        }
        return;
    }
    for (int i = 0; i < step; i++) {
        move_columns(s, area_row(s, y - step + h + i), area_row(s, y - step + i));
    }
}

static void correlate(const struct search *s, const uint8_t *p, int step, uint64_t products[4])
{
    const int w = s->pattern->width, h = s->pattern->height, rows = KERNEL_MATCH_MOST / w;
    const size_t pitch = (size_t)s->img->width;

    memset(products, 0, 4 * sizeof *products);
    for (int y = 0; y < h; y += rows) {
        uint32_t part[4];
        kernel_correlate4(p + (size_t)y * pitch, pitch, image_row(s->pattern, y), w, h - y < rows ? h - y : rows, step, part);
        for (int k = 0; k < 4; k++) {
            products[k] += part[k];
        }
    }
}

/* Sums of the template's window, moved along a row. */
struct window {
    int x;
    int64_t sum;
    uint64_t squares;
};

static void move_window(const struct search *s, struct window *v, int x)
{
    const int w = s->pattern->width;

    if (x - v->x >= w || x == 0) {
        v->sum = 0;
        v->squares = 0;
        for (int i = 0; i < w; i++) {
            v->sum += s->column[x + i];
            v->squares += s->squares[x + i];
        }
    } else {
        for (int i = v->x; i < x; i++) {
            v->sum += (int64_t)s->column[i + w] - s->column[i];
            v->squares += (uint64_t)s->squares[i + w] - s->squares[i];
        }
    }
    v->x = x;
}

static void try_row(struct search *s, int y, int step)
{
    const uint8_t *row = area_row(s, y);
    const int count = (s->area.w - 1) / step + 1;
    struct window v = {0};

    for (int i = 0; i < count; i += 4) {
        /* fewer than four are left: of a row of four or more the last four, else one and the same */
        int n = count - i < 4 ? count - i : 4, first = n == 4 || count < 4 ? i : count - 4;
        uint64_t products[4];
        if (count >= 4) {
            correlate(s, row + first * step, step, products);
        }
        for (int k = i; k < i + n; k++) {
            if (count < 4) {
                correlate(s, row + k * step, 0, products);
            }
            move_window(s, &v, k * step);
            float value = score(s, products[count < 4 ? 0 : k - first], v.sum, v.squares);
            if (value > s->best.score) {
                s->best = (struct template_match){{s->area.x + k * step, y, 0, 0}, value};
            }
        }
    }
}

static int try_everywhere(struct search *s, int step, struct arena *arena)
{
    size_t w = (size_t)(s->area.w + s->pattern->width - 1);

    s->column = arena_alloc(arena, w * 4);
    s->squares = arena_alloc(arena, w * 4);
    if (!s->column || !s->squares) {
        return VISION_E_MEMORY;
    }
    step = step < IMAGE_MAX_SIDE ? step : IMAGE_MAX_SIDE;
    for (int y = s->area.y; y < s->area.y + s->area.h; y += step) {
        sum_columns(s, y, step);
        try_row(s, y, step);
    }
    return 0;
}

/* ---- From the best of a grid uphill ---- */

/* The score of every stride-th row of the template at (x, y). */
static float score_at(const struct search *s, int x, int y, int stride)
{
    const int w = s->pattern->width, h = (s->pattern->height - 1) / stride + 1, rows = KERNEL_MATCH_MOST / w;
    const size_t pitch = (size_t)s->img->width;
    int64_t n = (int64_t)w * h, a = 0, b = 0, aa = 0, bb = 0, ab = 0;

    for (int i = 0; i < h; i += rows) {
        struct patch_sums part;
        kernel_patch_sums(image_row(s->img, y + i * stride) + x, pitch * (size_t)stride, image_row(s->pattern, i * stride), (size_t)(w * stride), w,
                          h - i < rows ? h - i : rows, &part);
        a += part.a;
        b += part.b;
        aa += part.aa;
        bb += part.bb;
        ab += part.ab;
    }
    int64_t variance = n * aa - a * a, other = n * bb - b * b;
    return variance > 0 && other > 0 ? (float)(n * ab - a * b) / (sqrtf((float)variance) * sqrtf((float)other)) : 0;
}

static void climb(const struct search *s, struct template_match *at)
{
    static const int8_t diamond[8][2] = {{0, -2}, {1, -1}, {2, 0}, {1, 1}, {0, 2}, {-1, 1}, {-2, 0}, {-1, -1}};
    const struct image *t = s->pattern;
    int radius = (t->width < t->height ? t->width : t->height) / 8;

    for (radius = radius > 1 ? radius : 1; radius;) {
        struct template_match middle = *at;
        for (int i = 0; i < 8; i++) {
            int x = middle.rect.x + diamond[i][0] * radius / 2, y = middle.rect.y + diamond[i][1] * radius / 2;
            bool corner = i & 1;
            if ((corner && radius < 2) || x < s->area.x || y < s->area.y || x >= s->area.x + s->area.w || y >= s->area.y + s->area.h) {
                continue;
            }
            float value = score_at(s, x, y, 1);
            if (value > at->score) {
                *at = (struct template_match){{x, y, 0, 0}, value};
            }
        }
        if (at->rect.x == middle.rect.x && at->rect.y == middle.rect.y) {
            radius /= 2;
        }
    }
}

/* Positions a quarter of the template apart, by eight of its rows. */
static void try_diamonds(struct search *s)
{
    struct template_match starts[STARTS];
    const int w = s->pattern->width, h = s->pattern->height, dx = w > 4 ? w / 4 : 1, dy = h > 4 ? h / 4 : 1, stride = h > 8 ? h / 8 : 1;
    int count = 0;

    for (int j = 0; j < s->area.h + dy - 1; j += dy) {
        for (int i = 0; i < s->area.w + dx - 1; i += dx) {
            int x = s->area.x + (i < s->area.w ? i : s->area.w - 1), y = s->area.y + (j < s->area.h ? j : s->area.h - 1);
            struct template_match at = {{x, y, 0, 0}, score_at(s, x, y, stride)};
            int k = count < STARTS ? count++ : STARTS;
            for (; k > 0 && at.score > starts[k - 1].score; k--) {
                if (k < STARTS) {
                    starts[k] = starts[k - 1];
                }
            }
            if (k < STARTS) {
                starts[k] = at;
            }
        }
    }
    for (int k = 0; k < count; k++) {
        starts[k].score = score_at(s, starts[k].rect.x, starts[k].rect.y, 1);
        climb(s, &starts[k]);
        if (starts[k].score > s->best.score) {
            s->best = starts[k];
        }
    }
}

int template_find(const struct image *img, const struct image *pattern, const struct template_options *options, struct arena *arena,
                  struct template_match *out)
{
    struct search s = {.img = img, .pattern = pattern, .n = (int64_t)pattern->width * pattern->height, .best.score = -2};
    struct rect roi;
    size_t mark = arena->used;
    uint64_t squares = 0;

    if (img->format != PIXFORMAT_GRAYSCALE || pattern->format != PIXFORMAT_GRAYSCALE) {
        return VISION_E_FORMAT;
    }
    if (options->step < 1 || isnan(options->threshold)) {
        return VISION_E_ARGUMENT;
    }
    int err = image_clip(img, options->roi, &roi);
    if (err) {
        return err;
    }
    if (pattern->width > roi.w || pattern->height > roi.h || s.n > TEMPLATE_MOST) {
        return VISION_E_SIZE;
    }
    s.area = (struct rect){roi.x, roi.y, roi.w - pattern->width + 1, roi.h - pattern->height + 1};
    for (int64_t i = 0; i < s.n; i++) {
        s.sum += pattern->data[i];
        squares += (uint32_t)(pattern->data[i] * pattern->data[i]);
    }
    int64_t variance = s.n * (int64_t)squares - s.sum * s.sum;
    s.scale = variance > 0 ? 1 / sqrtf((float)variance) : 0;
    if (options->search == TEMPLATE_DIAMOND) {
        try_diamonds(&s);
    } else {
        err = try_everywhere(&s, options->step, arena);
    }
    arena->used = mark;
    *out = s.best;
    out->rect.w = pattern->width;
    out->rect.h = pattern->height;
    return err ? err : s.best.score >= options->threshold;
}
