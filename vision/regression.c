/* SPDX-License-Identifier: MIT */
/* Regression: moments of the pixels' runs, and Theil and Sen's line through some of them. */
#include "vision/regression.h"

#include <math.h>

#include "vision/row.h"
#include "vision/sample.h"

enum { PAIRS = REGRESSION_SAMPLES * (REGRESSION_SAMPLES - 1) / 2, MOST_MAGNITUDE = 32767 };

/* Rows of the pixels that are looked at. Pixel (i, j) of them stands at (x0 + i dx, y0 + j dy) of the image. */
struct reader {
    const struct image *img;
    const struct regression_options *o;
    struct rect roi;
    int w, h;                       /* as it is read: the roi's size, or the target's */
    struct threshold_set set;
    struct sampler sampler;
    struct image row;               /* with a target size: a row of it in the image's format */
    uint8_t *samples;
    uint32_t *bits;
    int x_stride;
    float x0, y0, dx, dy;
};

struct sums {
    uint64_t n, x, y, xx, xy, yy;
    int left, right, top, bottom;
};

struct samples {
    float x[REGRESSION_SAMPLES], y[REGRESSION_SAMPLES];
    float slopes[PAIRS];
    uint64_t seen, next, step;
    int count;
};

/* ---- Reading ---- */

static int open_target(struct reader *r, struct arena *arena)
{
    const enum pixel_format format = r->img->format;
    const struct sample_options options = {
        .roi = r->roi, .width = r->w, .height = r->h, .method = SAMPLE_NEAREST, .type = format == PIXFORMAT_RGB565 ? SAMPLE_RGB565 : SAMPLE_GRAY, .rgb_channel = -1,
    };
    size_t bytes = pixformat_row_bytes(format, r->w);

    r->row = (struct image){r->w, 1, format, 0, arena_alloc(arena, bytes)};
    r->samples = format == PIXFORMAT_BINARY ? arena_alloc(arena, (size_t)r->w) : r->row.data;
    if (!r->row.data || !r->samples) {
        return VISION_E_MEMORY;
    }
    return sample_open(&r->sampler, r->img, &options, arena);
}

static int open_reader(struct reader *r, struct arena *arena)
{
    const struct regression_options *o = r->o;
    int err = image_clip(r->img, o->roi, &r->roi);

    if (err) {
        return err;
    }
    bool scaled = o->target_w > 0;
    r->w = scaled && o->target_w < r->roi.w ? o->target_w : r->roi.w;
    r->h = scaled && o->target_h < r->roi.h ? o->target_h : r->roi.h;
    float sx = (float)r->roi.w / (float)r->w, sy = (float)r->roi.h / (float)r->h;
    r->x_stride = o->x_stride < IMAGE_MAX_SIDE ? o->x_stride : IMAGE_MAX_SIDE;
    r->dx = sx * (float)o->x_stride;
    r->dy = sy * (float)o->y_stride;
    r->x0 = (float)r->roi.x + (sx - 1) / 2;
    r->y0 = (float)r->roi.y + (sy - 1) / 2;
    r->bits = arena_alloc(arena, (size_t)row_words(r->w) * 4);
    err = r->bits ? threshold_prepare(&r->set, r->img->format, o->thresholds, o->count, o->invert, arena) : VISION_E_MEMORY;
    if (!err && (r->w < r->roi.w || r->h < r->roi.h)) {
        return open_target(r, arena);
    }
    return err;
}

static void read_row(struct reader *r, int y)
{
    if (!r->samples) {
        threshold_row(&r->set, r->img, r->roi.x, r->roi.y + y, r->w, r->bits);
        return;
    }
    sample_row(&r->sampler, y, 0, r->w, r->samples);
    if (r->row.format == PIXFORMAT_BINARY) {
        row_store_gray(&r->row, 0, 0, r->w, r->samples);
    }
    threshold_row(&r->set, &r->row, 0, 0, r->w, r->bits);
}

/* ---- Moments ---- */

/* The runs of ones of a row; what passes from word to word comes in two. */
struct runs {
    const uint32_t *bits, *end;
    uint32_t word;
    int x;                          /* of the word's first bit */
};

static inline struct runs runs_of(const struct reader *r)
{
    return (struct runs){.bits = r->bits, .end = r->bits + row_words(r->w), .x = -32};
}

static inline bool next_run(struct runs *r, int *from, int *to)
{
    while (!r->word) {
        if (r->bits == r->end) {
            return false;
        }
        r->word = *r->bits++;
        r->x += 32;
    }
    int first = __builtin_ctz(r->word);
    uint32_t rest = ~(r->word >> first);
    int n = rest ? __builtin_ctz(rest) : 32;
    r->word = first + n < 32 ? r->word & ~0u << (first + n) : 0;
    *from = r->x + first;
    *to = *from + n - 1;
    return true;
}

/* Of the pixels from, to of a run, those that are looked at: numbers *from .. *to of them. */
static inline bool in_strides(int stride, int *from, int *to)
{
    *from = (int)((uint32_t)(*from + stride - 1) / (uint32_t)stride);
    *to = (int)((uint32_t)*to / (uint32_t)stride);
    return *from <= *to;
}

static void add_row(const struct reader *r, int j, struct sums *s)
{
    struct runs runs = runs_of(r);
    uint32_t count = 0, x = 0, cubes = 0, y = (uint32_t)j;
    uint64_t squares = 0;
    int first = 0, last = 0;

    /* A run of n pixels whose ends add up to m: sum x = n m / 2, sum x^2 = n m^2 / 4 + (n^3 - n) / 12. */
    while (next_run(&runs, &first, &last)) {
        if (in_strides(r->x_stride, &first, &last)) {
            uint32_t n = (uint32_t)(last - first + 1), m = (uint32_t)(first + last);
            s->left = first < s->left ? first : s->left;
            s->right = last > s->right ? last : s->right;
            count += n;
            x += n * m;
            squares += (uint64_t)(n * m) * m;
            cubes += n * n * n - n;
        }
    }
    if (count) {
        s->n += count;
        s->x += x / 2;
        s->xx += (3 * squares + cubes) / 12;
        s->xy += (uint64_t)(x / 2) * y;
        s->y += (uint64_t)count * y;
        s->yy += (uint64_t)count * y * y;
        s->top = j < s->top ? j : s->top;
        s->bottom = j;
    }
}

static void take_samples(const struct reader *r, int j, struct samples *t)
{
    struct runs runs = runs_of(r);
    int first, last;

    while (next_run(&runs, &first, &last)) {
        if (!in_strides(r->x_stride, &first, &last)) {
            continue;
        }
        uint64_t end = t->seen + (uint64_t)(last - first + 1);
        for (; t->next < end && t->count < REGRESSION_SAMPLES; t->next += t->step, t->count++) {
            t->x[t->count] = r->x0 + r->dx * (float)(first + (int)(t->next - t->seen));
            t->y[t->count] = r->y0 + r->dy * (float)j;
        }
        t->seen = end;
    }
}

/* Every row that is looked at, to the sums or the samples. */
static void visit(struct reader *r, struct sums *sums, struct samples *samples)
{
    for (int64_t y = 0; y < r->h; y += r->o->y_stride) {
        int j = (int)(y / r->o->y_stride);
        read_row(r, (int)y);
        if (sums) {
            add_row(r, j, sums);
        } else {
            take_samples(r, j, samples);
        }
    }
}

/* sum of a b about the means, of n pairs: the integer parts of the means are taken off exactly. */
static float central(uint64_t n, uint64_t a, uint64_t b, uint64_t ab)
{
    uint64_t ma = a / n, mb = b / n, ra = a - n * ma, rb = b - n * mb;

    return (float)((double)(int64_t)(ab - ma * b - mb * a + n * ma * mb) - (double)ra * (double)rb / (double)n);
}

/* ---- The line ---- */

/* The k-th smallest (Hoare's selection). */
static float select_nth(float *v, int count, int k)
{
    int low = 0, high = count - 1;

    while (low < high) {
        float pivot = v[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i <= j) {
                float swap = v[i];
                v[i++] = v[j];
                v[j--] = swap;
            }
        }
        if (k <= j) {
            high = j;
        } else if (k >= i) {
            low = i;
        } else {
            break;
        }
    }
    return v[k];
}

/* A point of the line and its direction in p[0..1], p[2..3], replaced by Theil and Sen's when the samples have one. */
static void theil_sen(struct samples *s, bool steep, float p[4])
{
    const float *u = steep ? s->y : s->x, *v = steep ? s->x : s->y;
    int n = 0;

    for (int i = 0; i < s->count; i++) {
        for (int k = i + 1; k < s->count; k++) {
            if (u[i] < u[k] || u[i] > u[k]) {
                s->slopes[n++] = (v[k] - v[i]) / (u[k] - u[i]);
            }
        }
    }
    if (!n) {
        return;
    }
    float slope = select_nth(s->slopes, n, (n - 1) / 2), middle = p[steep];
    for (int i = 0; i < s->count; i++) {
        s->slopes[i] = v[i] - slope * (u[i] - middle);
    }
    p[!steep] = select_nth(s->slopes, s->count, (s->count - 1) / 2);
    p[2 + steep] = 1;
    p[2 + !steep] = slope;
}

static int rounded(float v)
{
    return (int)floorf(v + 0.5f);
}

/* The line's part within lo .. hi of one coordinate, as multiples of the direction (Liang and Barsky 1984). */
static void clip(float at, float direction, float lo, float hi, float *from, float *to)
{
    if (fabsf(direction) > 1e-6f) {
        float a = (lo - at) / direction, b = (hi - at) / direction;
        *from = fmaxf(*from, fminf(a, b));
        *to = fminf(*to, fmaxf(a, b));
    }
}

static int within(float v, int from, int count)
{
    int i = rounded(v);

    return i < from ? from : i > from + count - 1 ? from + count - 1 : i;
}

static void fill_line(const struct rect *roi, const float p[4], struct line *out)
{
    float length = sqrtf(p[2] * p[2] + p[3] * p[3]), c = p[2] / length, s = p[3] / length, from = -1e9f, to = 1e9f;
    float nx = c < 0 ? s : -s, ny = fabsf(c); /* the normal is the direction turned by a quarter, its angle within 0..180 */
    float rho = nx * p[0] + ny * p[1];
    int theta = rounded(atan2f(ny, nx) * 57.29578f);
    bool down = fabsf(s) > fabsf(c);

    if (down ? s < 0 : c < 0) {
        c = -c;
        s = -s;
    }
    clip(p[0], c, (float)roi->x, (float)(roi->x + roi->w - 1), &from, &to);
    clip(p[1], s, (float)roi->y, (float)(roi->y + roi->h - 1), &from, &to);
    line_between(out, within(p[0] + from * c, roi->x, roi->w), within(p[1] + from * s, roi->y, roi->h), within(p[0] + to * c, roi->x, roi->w),
                 within(p[1] + to * s, roi->y, roi->h));
    out->rho = rounded(theta < 180 ? rho : -rho);
    out->theta = theta < 180 ? theta : 0;
}

static int fit(struct reader *r, const struct sums *sums, struct arena *arena, struct line *out)
{
    float n = (float)sums->n, xx = central(sums->n, sums->x, sums->x, sums->xx) / n, xy = central(sums->n, sums->x, sums->y, sums->xy) / n;
    float yy = central(sums->n, sums->y, sums->y, sums->yy) / n, square = 1.0f / 12;
    float p[4] = {r->x0 + r->dx * (float)((double)sums->x / (double)sums->n), r->y0 + r->dy * (float)((double)sums->y / (double)sums->n), 0, 0};

    xx = (xx + square) * r->dx * r->dx; /* each stands for dx x dy pixels */
    yy = (yy + square) * r->dy * r->dy;
    xy *= r->dx * r->dy;
    float half = (xx - yy) / 2, root = sqrtf(half * half + xy * xy), middle = (xx + yy) / 2, angle = atan2f(2 * xy, xx - yy) / 2;
    float least = (xx * yy - xy * xy) / (middle + root), ratio = sqrtf((middle + root) / fmaxf(least, 1e-9f)) - 1;
    p[2] = cosf(angle);
    p[3] = sinf(angle);
    if (r->o->robust) {
        struct samples *samples = arena_alloc(arena, sizeof *samples);
        if (!samples) {
            return VISION_E_MEMORY;
        }
        *samples = (struct samples){.step = (sums->n + REGRESSION_SAMPLES - 1) / REGRESSION_SAMPLES};
        samples->next = samples->step / 2;
        visit(r, NULL, samples);
        theil_sen(samples, yy > xx, p);
    }
    fill_line(&r->roi, p, out);
    out->magnitude = ratio < MOST_MAGNITUDE ? (int)ratio : MOST_MAGNITUDE;
    return 1;
}

int regression_find(const struct image *img, const struct regression_options *options, struct arena *arena, struct line *out)
{
    struct reader r = {.img = img, .o = options};
    struct sums sums = {.left = IMAGE_MAX_SIDE, .top = IMAGE_MAX_SIDE, .right = -1, .bottom = -1};
    size_t mark = arena->used;

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (options->x_stride < 1 || options->y_stride < 1 || options->target_w < 0 || options->target_h < 0 || !options->target_w != !options->target_h) {
        return VISION_E_ARGUMENT;
    }
    int err = open_reader(&r, arena);
    if (!err) {
        visit(&r, &sums, NULL);
        uint32_t area = sums.n ? (uint32_t)(sums.right - sums.left + 1) * (uint32_t)(sums.bottom - sums.top + 1) : 0;
        bool enough = sums.n && sums.n >= options->pixels_threshold && area >= options->area_threshold;
        err = enough ? fit(&r, &sums, arena, out) : 0;
    }
    arena->used = mark;
    return err;
}
