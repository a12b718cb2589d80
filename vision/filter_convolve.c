/* SPDX-License-Identifier: MIT */
/* Convolutions: any kernel, and the binomial ones. A kernel that is an outer product goes down the columns, then across; the laplacian and
   the unsharp mask are the pixel times a weight minus such a product. */
#include "vision/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vision/kernel_window.h"
#include "vision/window.h"

#define MAX_WEIGHT (1 << 22)

/* Largest ksize of a binomial whose sums, twice 16^ksize times 255, 32 bits hold */
enum { NARROW = 5 };

struct convolution {
    int k;
    const int *kernel;              /* whole, when it is no outer product */
    int *down, *across;             /* else its vectors, 2 k + 1 each */
    int center, sign;               /* center * pixel + sign * the above */
    int divisor, bias;              /* > 0: (that + bias) / divisor; else that times mul plus add */
    int64_t wide_center, wide_divisor;  /* the same two where 32 bits do not hold the sums */
    float mul, add;
    int top[3];                     /* largest value, by channel */
    int32_t *sums;                  /* of columns, from pixel -k on */
    uint16_t *short_sums;           /* the same, for the small binomials */
    uint32_t *spread;
};

static inline uint8_t finish(const struct convolution *c, int32_t sum, int top)
{
    if (c->divisor) {
        sum += c->bias;
        int v = sum > 0 ? sum / c->divisor : 0;
        return (uint8_t)(v < top ? v : top);
    }
    float v = (float)sum * c->mul + c->add;
    return (uint8_t)(v > 0 ? v < (float)top ? (int)v : top : 0);
}

/* ---- Any kernel ---- */

static void whole_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;
    int side = 2 * c->k + 1, top = c->top[channel];

    (void)leaving;
    for (int x = 0; x < w; x++) {
        const int *weight = c->kernel;
        int32_t sum = 0;
        for (int j = 0; j < side; j++, weight += side) {
            const uint8_t *p = rows[j] + x - c->k;
            for (int i = 0; i < side; i++) {
                sum += weight[i] * p[i];
            }
        }
        out[x] = finish(c, sum, top);
    }
}

static void whole3_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;
    int top = c->top[channel];

    (void)leaving;
    if (c->divisor == 1) {
        kernel_convolve3_cut(rows[0], rows[1], rows[2], w, c->kernel, c->bias, top, out);
        return;
    }
    kernel_convolve3(rows[0], rows[1], rows[2], w, c->kernel, c->sums);
    for (int x = 0; x < w; x++) {
        out[x] = finish(c, c->sums[x], top);
    }
}

/* ---- Outer products ---- */

static void product_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;
    int side = 2 * c->k + 1, span = w + 2 * c->k, top = c->top[channel];
    const uint8_t *here = rows[c->k];

    (void)leaving;
    for (int x = 0; x < span; x++) {
        int32_t sum = 0;
        for (int j = 0; j < side; j++) {
            sum += c->down[j] * rows[j][x - c->k];
        }
        c->sums[x] = sum;
    }
    for (int x = 0; x < w; x++) {
        int32_t sum = 0;
        for (int i = 0; i < side; i++) {
            sum += c->across[i] * c->sums[x + i];
        }
        out[x] = finish(c, c->center * here[x] + c->sign * sum, top);
    }
}

/* ---- Large binomials ---- */

/* Columns add up to at most 255 * 4^ksize, which 32 bits hold without a sign; all of it to twice 255 * 16^ksize. */
static void wide_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;
    int side = 2 * c->k + 1, span = w + 2 * c->k, top = c->top[channel];
    uint32_t *sums = (uint32_t *)c->sums;
    const uint8_t *here = rows[c->k];

    (void)leaving;
    for (int x = 0; x < span; x++) {
        uint32_t sum = 0;
        for (int j = 0; j < side; j++) {
            sum += (uint32_t)c->down[j] * rows[j][x - c->k];
        }
        sums[x] = sum;
    }
    for (int x = 0; x < w; x++) {
        uint64_t sum = 0;
        for (int i = 0; i < side; i++) {
            sum += (uint64_t)(uint32_t)c->across[i] * sums[x + i];
        }
        int64_t all = c->wide_center * here[x] + c->sign * (int64_t)sum;
        float v = (float)all * c->mul + c->add;
        if (c->divisor) {           /* exactly */
            all = all > 0 ? all / c->wide_divisor : 0;
            out[x] = (uint8_t)(all < top ? all : top);
        } else {
            out[x] = (uint8_t)(v > 0 ? v < (float)top ? (int)v : top : 0);
        }
    }
}

/* ---- Small binomials ---- */

static void binomial3_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;

    (void)channel;
    (void)leaving;
    kernel_binomial3_down(rows[0] - 1, rows[1] - 1, rows[2] - 1, w + 2, c->short_sums);
    kernel_binomial3_across(c->short_sums, w, out);
}

static void minus_binomial3_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;

    (void)leaving;
    kernel_binomial3_down(rows[0] - 1, rows[1] - 1, rows[2] - 1, w + 2, c->short_sums);
    kernel_minus_binomial3(rows[1], c->short_sums, w, c->center, c->top[channel], out);
}

static void binomial5_row(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out)
{
    const struct convolution *c = context;

    (void)channel;
    (void)leaving;
    kernel_binomial5_down(rows, -2, w + 4, c->short_sums);
    kernel_binomial5_across(c->short_sums, w, out);
}

/* As in filter_mean.c: room for 32 times each channel; the weights' sum is 16. */
#define SPREAD 0x07E0F81Fu

static inline uint32_t spread(uint32_t pixel)
{
    return (pixel | pixel << 16) & SPREAD;
}

static void binomial3_row565(void *context, const uint16_t *const *rows, const uint16_t *leaving, int w, uint16_t *out)
{
    const struct convolution *c = context;
    uint32_t *v = c->spread;
    const uint16_t *above = rows[0] - 1, *here = rows[1] - 1, *below = rows[2] - 1;

    (void)leaving;
    for (int x = 0; x < w + 2; x++) {
        v[x] = spread(above[x]) + 2 * spread(here[x]) + spread(below[x]);
    }
    uint32_t left = v[0], middle = v[1];
    for (int x = 0; x < w; x++) {
        uint32_t right = v[x + 2], sum = (left + 2 * middle + right) >> 4 & SPREAD;
        out[x] = (uint16_t)(sum | sum >> 16);
        left = middle;
        middle = right;
    }
}

/* ---- Setting up ---- */

static int run(struct image *img, const struct filter_options *options, struct convolution *c, struct window_filter *filter, struct arena *arena)
{
    filter->context = c;
    for (int i = 0; i < window_channels(img); i++) {
        c->top[i] = window_top(img, i);
    }
    return window_run(img, options, filter, arena);
}

static int greatest_divisor(int a, int b)
{
    while (b) {
        int r = a % b;
        a = b;
        b = r;
    }
    return abs(a);
}

/* kernel[j][i] == down[j] * across[i] for whole numbers? Fills both in. */
static bool is_product(const int *kernel, int side, int *down, int *across)
{
    int pivot = 0, divisor = 0;

    while (pivot < side * side && !kernel[pivot]) {
        pivot++;
    }
    if (pivot == side * side) {
        memset(down, 0, sizeof *down * (size_t)side);
        memset(across, 0, sizeof *across * (size_t)side);
        return true;
    }
    const int *row = kernel + pivot / side * side;
    for (int i = 0; i < side; i++) {
        divisor = greatest_divisor(row[i], divisor);
    }
    for (int i = 0; i < side; i++) {
        across[i] = row[i] / divisor;
    }
    for (int j = 0; j < side; j++) {
        down[j] = kernel[j * side + pivot % side] / across[pivot % side];
        for (int i = 0; i < side; i++) {
            if ((int64_t)down[j] * across[i] != kernel[j * side + i]) {
                return false;
            }
        }
    }
    return true;
}

static int vectors(struct convolution *c, const struct image *img, struct arena *arena)
{
    size_t side = (size_t)(2 * c->k + 1), span = (size_t)(img->width + 2 * c->k);

    c->down = arena_alloc(arena, sizeof *c->down * side);
    c->across = arena_alloc(arena, sizeof *c->across * side);
    c->sums = arena_alloc(arena, sizeof *c->sums * span);
    return c->down && c->across && c->sums ? 0 : VISION_E_MEMORY;
}

/* A mul that is one over a small whole number, and a whole add, are exact in integers. */
static void in_integers(struct convolution *c, float mul, float add)
{
    int divisor = mul > 1e-4f && mul <= 1 ? (int)(1 / mul + 0.5f) : 0;

    if (divisor && divisor <= 4096 && mul == 1.0f / (float)divisor && fabsf(add) <= 4096 && add == (float)(int)add) {
        c->divisor = divisor;
        c->bias = (int)add * divisor;
    }
}

int filter_morph(struct image *img, const struct filter_options *options, const int *kernel, float mul, float add, struct arena *arena)
{
    size_t mark = arena->used;
    int err = window_check(img, options), side = err ? 0 : 2 * options->ksize + 1;
    struct convolution c = {.k = options->ksize, .kernel = kernel, .sign = 1, .mul = mul, .add = add};
    struct window_filter filter = {.row = whole_row};
    int64_t weight = 0, largest = 0;

    if (err) {
        return err;
    }
    for (int i = 0; i < side * side; i++) {
        int64_t size = llabs((long long)kernel[i]);
        weight += size;
        largest = size > largest ? size : largest;
    }
    if (!isfinite(mul) || !isfinite(add) || weight > MAX_WEIGHT) {
        return VISION_E_ARGUMENT;
    }
    in_integers(&c, mul, add);
    err = vectors(&c, img, arena);
    if (!err) {
        if (side == 3 && largest < 32768) {
            filter.row = whole3_row;
        } else if (is_product(kernel, side, c.down, c.across)) {
            filter.row = product_row;
        }
        err = run(img, options, &c, &filter, arena);
    }
    arena->used = mark;
    return err;
}

/* Row 2 k of Pascal's triangle; every product is whole. */
static void binomial(int k, int *out)
{
    out[0] = 1;
    for (int i = 1; i <= 2 * k; i++) {
        out[i] = (int)((int64_t)out[i - 1] * (2 * k - i + 1) / i);
    }
}

/* center * pixel + sign * (binomial weights), divided by `divisor`, or by mul and add when they are given. */
static int run_binomial(struct image *img, const struct filter_options *options, struct convolution *c, struct arena *arena)
{
    size_t mark = arena->used, span = (size_t)img->width + 12;
    struct window_filter filter = {.row = c->k > NARROW ? wide_row : product_row};
    int err = vectors(c, img, arena);

    if (!err) {
        binomial(c->k, c->down);
        binomial(c->k, c->across);
    }
    if (!err && c->divisor && (c->k == 1 || (c->k == 2 && c->sign > 0))) {
        c->short_sums = arena_alloc(arena, span * sizeof *c->short_sums);
        err = c->short_sums ? 0 : VISION_E_MEMORY;
        filter.row = c->k == 2 ? binomial5_row : c->sign > 0 ? binomial3_row : c->divisor == 12 ? minus_binomial3_row : product_row;
        filter.row565 = KERNEL_SPREAD_PAYS && c->k == 1 && c->sign > 0 ? binomial3_row565 : NULL;
        c->spread = (uint32_t *)c->sums;
    }
    err = err ? err : run(img, options, c, &filter, arena);
    arena->used = mark;
    return err;
}

static int check_binomial(const struct image *img, const struct filter_options *options, float mul, float add)
{
    int err = window_check(img, options);

    if (err) {
        return err;
    }
    return options->ksize > FILTER_MAX_BINOMIAL || isinf(mul) || !isfinite(add) ? VISION_E_ARGUMENT : 0;
}

/* center * pixel + sign * (binomial weights), times mul, NAN: 1 / divisor, plus add */
static struct convolution binomial_of(int k, int64_t center, int sign, int64_t divisor, float mul, float add)
{
    bool plain = isnan(mul) && add == 0, narrow = k <= NARROW;

    return (struct convolution){.k = k, .sign = sign, .center = narrow ? (int)center : 0, .divisor = !plain ? 0 : narrow ? (int)divisor : 1,
                                .wide_center = center, .wide_divisor = divisor, .mul = isnan(mul) ? 1.0f / (float)divisor : mul, .add = add};
}

int filter_gaussian(struct image *img, const struct filter_options *options, bool unsharp, float mul, float add, struct arena *arena)
{
    int err = check_binomial(img, options, mul, add), k = options->ksize;

    if (err) {
        return err;
    }
    int64_t sum = (int64_t)1 << 4 * k;
    struct convolution c = binomial_of(k, unsharp ? 2 * sum : 0, unsharp ? -1 : 1, sum, mul, add);

    return run_binomial(img, options, &c, arena);
}

int filter_laplacian(struct image *img, const struct filter_options *options, bool sharpen, float mul, float add, struct arena *arena)
{
    int err = check_binomial(img, options, mul, add), k = options->ksize;
    int64_t middle = 1;

    if (err) {
        return err;
    }
    for (int i = 1; i <= k; i++) {
        middle = middle * (k + i) / i;
    }
    int64_t sum = (int64_t)1 << 4 * k, weight = sum - middle * middle;
    if (weight == 0) {
        weight = 1;                 /* one pixel: no neighbours, no edges */
    }
    struct convolution c = binomial_of(k, sum + (sharpen ? weight : 0), -1, weight, mul, add);

    return run_binomial(img, options, &c, arena);
}
