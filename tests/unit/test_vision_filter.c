/* SPDX-License-Identifier: MIT */
/* Neighbourhood filters and morphology against their definitions, window by window, in every format, with every option. */
#include <limits.h>
#include <math.h>

#include "vision_test.h"

#include "vision/filter.h"
#include "vision/kernel_window.h"
#include "vision/morphology.h"
#include "vision/row.h"

enum { MAX_SIDE = 2 * FILTER_MAX_BINOMIAL + 1 };

enum operation { MEAN, MEDIAN, MODE, MIDPOINT, MORPH, GAUSSIAN, LAPLACIAN, BILATERAL, OPERATIONS };
static const char *const names[] = {"mean", "median", "mode", "midpoint", "morph", "gaussian", "laplacian", "bilateral"};

/* One call and its parameters. */
struct trial {
    enum operation operation;
    struct filter_options options;
    int kernel[MAX_SIDE * MAX_SIDE];
    float first, second;            /* percentile; bias; mul, add; sigmas */
    bool flag;                      /* unsharp, sharpen */
};

/* ---- Definitions ---- */

/* Channels by definition: binary and gray one of 0..255; RGB565 three of their own bits. */
static int channels_of(const struct image *img)
{
    return img->format == PIXFORMAT_RGB565 ? 3 : 1;
}

static int channel(const struct image *img, int x, int y, int c)
{
    uint32_t v;

    x = x < 0 ? 0 : x >= img->width ? img->width - 1 : x;
    y = y < 0 ? 0 : y >= img->height ? img->height - 1 : y;
    v = pixel(img, x, y);
    if (img->format == PIXFORMAT_RGB565) {
        return (int)(c == 0 ? v >> 11 : c == 1 ? v >> 5 & 63 : v & 31);
    }
    return (int)(img->format == PIXFORMAT_BINARY ? v * 255 : v);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int most_frequent(const int *sorted, int n)
{
    int best = sorted[0], most = 0;

    for (int i = 0, run = 0; i < n; i++) {
        run = i && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        if (run > most) {
            most = run;
            best = sorted[i];
        }
    }
    return best;
}

static long double choose(int n, int k)
{
    long double v = 1;

    for (int i = 1; i <= k; i++) {
        v = v * (n - k + i) / i;
    }
    return v;
}

/* Sum over the window, and what it is divided by when mul isn't given. Whole numbers below 2^58, exact in 64 bits of mantissa. */
static long double convolve(const struct trial *t, const int *window, long double *divisor)
{
    int k = t->options.ksize, side = 2 * k + 1;
    long double sum = 0, center = window[side * side / 2], total = powl(16, k), middle = choose(2 * k, k) * choose(2 * k, k);

    for (int j = 0; j < side; j++) {
        for (int i = 0; i < side; i++) {
            long double weight = t->operation == MORPH ? t->kernel[j * side + i] : choose(2 * k, i) * choose(2 * k, j);
            sum += weight * window[j * side + i];
        }
    }
    *divisor = 1;
    if (t->operation == GAUSSIAN) {
        *divisor = total;
        return t->flag ? 2 * total * center - sum : sum;
    }
    if (t->operation == LAPLACIAN) {
        *divisor = total - middle > 0 ? total - middle : 1;
        return (total + (t->flag ? *divisor : 0)) * center - sum;
    }
    return sum;
}

static double bilateral(const struct trial *t, const int *window, int top)
{
    int k = t->options.ksize, side = 2 * k + 1;
    double sum = 0, weights = 0, here = window[side * side / 2];

    for (int j = -k; j <= k; j++) {
        for (int i = -k; i <= k; i++) {
            int v = window[(j + k) * side + i + k];
            double c = (v - here) / (top * t->first), w = exp(-(i * i + j * j) / (2 * t->second * t->second) - c * c / 2);
            sum += w * v;
            weights += w;
        }
    }
    return sum / weights;
}

/* The filter's result for one channel, as a range: what rounding leaves open is one level. */
static void definition(const struct trial *t, const struct image *img, int x, int y, int c, int *low, int *high)
{
    int k = t->options.ksize, n = 0, top = img->format != PIXFORMAT_RGB565 ? 255 : c == 1 ? 63 : 31;
    int window[MAX_SIDE * MAX_SIDE];
    long double sum = 0, divisor, value;

    for (int j = -k; j <= k; j++) {
        for (int i = -k; i <= k; i++) {
            window[n] = channel(img, x + i, y + j, c);
            sum += window[n++];
        }
    }
    switch (t->operation) {
    case MEAN:
        *low = *high = (int)sum / n;
        return;
    case MORPH:
    case GAUSSIAN:
    case LAPLACIAN:
        sum = convolve(t, window, &divisor);
        value = isnan(t->first) && t->second == 0 ? sum / divisor : sum * (isnan(t->first) ? 1 / divisor : t->first) + t->second;
        value = value < 0 ? 0 : value > top ? top : value;
        *low = (int)(isnan(t->first) && t->second == 0 ? value : value - 1e-3 < 0 ? 0 : value - 1e-3);
        *high = (int)(isnan(t->first) && t->second == 0 ? value : value + 1e-3);
        return;
    case BILATERAL:
        value = bilateral(t, window, top);
        *low = (int)fmaxl(0, floorl(value - 0.75L));    /* weights are whole 1024ths */
        *high = (int)fminl(top, floorl(value + 0.75L));
        return;
    default:
        break;
    }
    qsort(window, (size_t)n, sizeof *window, compare);
    if (t->operation == MEDIAN) {
        *low = *high = window[(int)(t->first * (float)(n - 1))];
    } else if (t->operation == MODE) {
        *low = *high = most_frequent(window, n);
    } else {
        value = window[0] + (window[n - 1] - window[0]) * (double)t->first;
        *low = (int)floorl(value - 1.0L / 256 < 0 ? 0 : value - 1.0L / 256);
        *high = (int)floorl(value);
    }
}

static int call(const struct trial *t, struct image *img, struct arena *arena)
{
    switch (t->operation) {
    case MEAN:
        return filter_mean(img, &t->options, arena);
    case MEDIAN:
        return filter_median(img, &t->options, t->first, arena);
    case MODE:
        return filter_mode(img, &t->options, arena);
    case MIDPOINT:
        return filter_midpoint(img, &t->options, t->first, arena);
    case MORPH:
        return filter_morph(img, &t->options, t->kernel, t->first, t->second, arena);
    case GAUSSIAN:
        return filter_gaussian(img, &t->options, t->flag, t->first, t->second, arena);
    case LAPLACIAN:
        return filter_laplacian(img, &t->options, t->flag, t->first, t->second, arena);
    default:
        return filter_bilateral(img, &t->options, t->first, t->second, arena);
    }
}

/* ---- Properties ---- */

static void random_kernel(struct trial *t)
{
    int side = 2 * t->options.ksize + 1;
    bool product = rnd(2);
    int down[MAX_SIDE], across[MAX_SIDE];

    for (int i = 0; i < side; i++) {
        down[i] = between(-4, 4);
        across[i] = between(-4, 4);
    }
    for (int i = 0; i < side * side; i++) {
        t->kernel[i] = product ? down[i / side] * across[i % side] : between(-9, 9);
    }
}

static struct trial random_trial(const struct image *img, const struct image *mask)
{
    struct trial t = {.operation = (enum operation)rnd(OPERATIONS), .flag = rnd(2)};
    static const float percentiles[] = {0, 0.25f, 0.5f, 0.5f, 0.9f, 1};

    t.options = (struct filter_options){.ksize = between(0, t.operation == GAUSSIAN || t.operation == LAPLACIAN ? rnd(3) ? 3 : FILTER_MAX_BINOMIAL : rnd(3) ? 2 : 6), .mask = mask};
    if (rnd(4) == 0) {
        t.options.threshold = true;
        t.options.offset = between(-20, 20);
        t.options.invert = rnd(2);
    }
    (void)img;
    random_kernel(&t);
    switch (t.operation) {
    case MEDIAN:
        t.first = percentiles[rnd(6)];
        break;
    case MIDPOINT:
        t.first = (float)rnd(5) / 4;
        break;
    case MORPH:
        t.first = (float)between(1, 40) / 64;
        t.second = (float)between(-20, 60);
        break;
    case GAUSSIAN:
    case LAPLACIAN:
        t.first = rnd(3) ? NAN : (float)between(1, 40) / 256;
        t.second = rnd(3) ? 0 : (float)between(-20, 60);
        break;
    default:
        t.first = (float)between(1, 100) / 100;
        t.second = (float)between(1, 30) / 10;
    }
    return t;
}

static int luma(const int *v)
{
    return (38 * (v[0] << 3 | v[0] >> 2) + 75 * (v[1] << 2 | v[1] >> 4) + 15 * (v[2] << 3 | v[2] >> 2)) >> 7;
}

/* With the adaptive threshold: is white right, wrong, or open because of rounding? */
static void check_threshold(const struct trial *t, const struct image *before, const struct image *after, int x, int y)
{
    int low[3], high[3], dark, bright, was = gray_of(before, x, y), offset = t->options.offset;

    for (int c = 0; c < channels_of(before); c++) {
        definition(t, before, x, y, c, &low[c], &high[c]);
    }
    dark = channels_of(before) == 3 ? luma(low) : low[0];
    bright = channels_of(before) == 3 ? luma(high) : high[0];
    if ((was - dark > offset) == (was - bright > offset)) {
        bool white = (was - dark > offset) != t->options.invert;
        check_equal(gray_of(after, x, y), white ? 255 : 0, "%s threshold at %d, %d", names[t->operation], x, y);
    }
}

static void check_pixel(const struct trial *t, const struct image *before, const struct image *after, int x, int y)
{
    for (int c = 0; c < channels_of(before); c++) {
        int low, high, got = channel(after, x, y, c);
        definition(t, before, x, y, c, &low, &high);
        if (before->format == PIXFORMAT_BINARY) {
            check(got == (low > 127 ? 255 : 0) || got == (high > 127 ? 255 : 0), "%s k %d at %d, %d: %d, expected %d..%d", names[t->operation],
                  t->options.ksize, x, y, got, low, high);
        } else {
            check(got >= low && got <= high, "%s k %d format %x, %dx%d, channel %d at %d, %d: %d, expected %d..%d", names[t->operation], t->options.ksize,
                  before->format, before->width, before->height, c, x, y, got, low, high);
        }
    }
}

static void filters_match(void)
{
    int w = between(1, 40), h = between(1, 40);
    struct image img = image_random(w, h, formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct image mask = image_random(w + between(0, 2), h + between(0, 2), formats[rnd(MUTABLE_FORMATS)], 0);
    struct trial t = random_trial(&img, rnd(2) ? &mask : NULL);
    struct arena arena = arena_new(400000);

    check_equal(call(&t, &img, &arena), 0, "%s", names[t.operation]);
    check_equal(arena.used, 0, "%s", names[t.operation]);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            if (t.options.mask && gray_of(&mask, x, y) <= 127) {
                check_equal(pixel(&img, x, y), pixel(&before, x, y), "%s: outside the mask at %d, %d", names[t.operation], x, y);
            } else if (t.options.threshold) {
                check_threshold(&t, &before, &img, x, y);
            } else {
                check_pixel(&t, &before, &img, x, y);
            }
        }
    }
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(img.data);
}

/* Arenas of every size up to the first that is enough: always MEMORY, never a changed pixel; and the documented bound is enough. */
static size_t bound(const struct trial *t, const struct image *img)
{
    size_t w = (size_t)img->width, k = (size_t)t->options.ksize, s = 2 * k + 1, c = (size_t)channels_of(img), range = c == 3 ? 96 : 256;
    size_t own[] = {2 * c * (w + 2 * k + 8), 3 * (w + 8) + 1024, 1024, 2 * c * (s + 2) * (w + 2 * k + 16), 4 * (w + 2 * k + 8) + 8 * s + 2 * (w + 8),
                    4 * (w + 2 * k + 8) + 8 * s + 2 * (w + 8), 4 * (w + 2 * k + 8) + 8 * s + 2 * (w + 8), 2 * (k + 1) * (k + 2) / 2 * range};

    return c * (s + 2) * (w + 2 * k + 16) + own[t->operation] + 8 * s + w / 8 + 2 * w + 256;
}

static void memory_runs_out(void)
{
    int w = between(1, 30), h = between(1, 12);
    struct image img = image_random(w, h, formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct trial t = random_trial(&img, NULL);
    bool done = false;

    for (size_t size = 0; !done; size += size < 64 ? 8 : 56) {
        struct arena arena = arena_new(size);
        int err = call(&t, &img, &arena);
        check(err == 0 || err == VISION_E_MEMORY, "%s with %zu bytes: %d", names[t.operation], size, err);
        check_equal(arena.used, 0, "%s with %zu bytes", names[t.operation], size);
        done = err == 0;
        if (!done) {
            check_equal(memcmp(img.data, before.data, image_bytes(&img)), 0, "%s wrote with %zu bytes", names[t.operation], size);
            check(size <= bound(&t, &img), "%s k %d %dx%d wants more than %zu bytes", names[t.operation], t.options.ksize, w, h, size);
        }
        free(arena.base);
    }
    free(before.data);
    free(img.data);
}

/* The network for 25 values, of columns of 0 and 1 with every number of zeros: right for them is right for all (the zero-one principle). */
static void median_network(void **state)
{
    uint8_t value[5][5], *const rows[5] = {value[0], value[1], value[2], value[3], value[4]}, median;

    (void)state;
    for (int n = 0; n < 6 * 6 * 6 * 6 * 6; n++) {
        int zeros = 0, rest = n;
        for (int x = 0; x < 5; x++, rest /= 6) {
            zeros += rest % 6;
            for (int y = 0; y < 5; y++) {
                value[y][x] = y >= rest % 6;
            }
        }
        kernel_median25(rows, 1, &median);
        assert_int_equal(median, zeros <= 12);
    }
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), small = image_new(7, 8, PIXFORMAT_BINARY, 0), bayer = image_new(8, 8, PIXFORMAT_BAYER_BGGR, 0);
    struct arena arena = arena_new(60000);
    struct filter_options o = {.ksize = 1};
    const int kernel[9] = {0}, heavy[9] = {1 << 22, 1};

    for (int k = -1; k <= 128; k += 129) {
        struct filter_options wrong = {.ksize = k};
        assert_int_equal(filter_mean(&img, &wrong, &arena), VISION_E_ARGUMENT);
        assert_int_equal(filter_gaussian(&img, &wrong, false, NAN, 0, &arena), VISION_E_ARGUMENT);
    }
    o.ksize = INT_MAX;
    assert_int_equal(filter_median(&img, &o, 0.5f, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_mode(&img, &o, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_midpoint(&img, &o, 0.5f, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_morph(&img, &o, kernel, 1, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_bilateral(&img, &o, 1, 1, &arena), VISION_E_ARGUMENT);
    o.ksize = FILTER_MAX_BINOMIAL + 1;
    assert_int_equal(filter_gaussian(&img, &o, false, NAN, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_laplacian(&img, &o, false, NAN, 0, &arena), VISION_E_ARGUMENT);
    o.ksize = 1;
    assert_int_equal(filter_median(&img, &o, NAN, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_median(&img, &o, 1.01f, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_midpoint(&img, &o, -0.01f, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_morph(&img, &o, kernel, INFINITY, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_morph(&img, &o, kernel, 1, NAN, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_morph(&img, &o, heavy, 1, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_gaussian(&img, &o, false, INFINITY, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_bilateral(&img, &o, 0, 1, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_bilateral(&img, &o, 1, NAN, &arena), VISION_E_ARGUMENT);
    assert_int_equal(filter_mean(&bayer, &o, &arena), VISION_E_FORMAT);
    o.mask = &small;
    assert_int_equal(filter_mean(&img, &o, &arena), VISION_E_SIZE);
    o.mask = &bayer;
    assert_int_equal(filter_mode(&img, &o, &arena), VISION_E_FORMAT);
    free(arena.base);
    free(small.data);
    free(bayer.data);
    free(img.data);
}

/* ---- Morphology ---- */

enum morphology { ERODE, DILATE, OPEN, CLOSE, TOP_HAT, BLACK_HAT };
static int (*const morphologies[])(struct image *, const struct morphology_options *, struct arena *) = {
    morphology_erode, morphology_dilate, morphology_open, morphology_close, morphology_top_hat, morphology_black_hat,
};

/* Set pixels of the window at the edge-continued place, the centre left out. */
static int neighbours(const bool *set, int w, int h, int x, int y, int k)
{
    int n = 0;

    for (int j = y - k; j <= y + k; j++) {
        for (int i = x - k; i <= x + k; i++) {
            int cx = i < 0 ? 0 : i >= w ? w - 1 : i, cy = j < 0 ? 0 : j >= h ? h - 1 : j;
            n += (i != x || j != y) && set[cy * w + cx];
        }
    }
    return n;
}

static void step(const bool *set, bool *out, int w, int h, const struct morphology_options *o, bool erode)
{
    int all = (2 * o->ksize + 1) * (2 * o->ksize + 1) - 1;

    for (int i = 0; i < w * h; i++) {
        int n = neighbours(set, w, h, i % w, i / w, o->ksize);
        out[i] = erode ? set[i] && n >= (o->threshold ? o->threshold : all) : set[i] || n > o->threshold;
    }
}

static uint32_t white_of(enum pixel_format format)
{
    return format == PIXFORMAT_RGB565 ? 0xFFFF : format == PIXFORMAT_GRAYSCALE ? 255 : 1;
}

static void morphology_matches(void)
{
    int w = between(1, 80), h = between(1, 24), which = (int)rnd(6);
    struct image img = image_random(w, h, formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct image mask = image_random(w + between(0, 2), h, formats[rnd(MUTABLE_FORMATS)], 0);
    struct morphology_options o = {.ksize = between(0, rnd(4) ? 2 : 20), .mask = rnd(2) ? &mask : NULL};
    struct arena arena = arena_new(60000);
    bool *set = calloc((size_t)(w * h), 1), *first = calloc((size_t)(w * h), 1), *last = calloc((size_t)(w * h), 1);
    uint32_t white = white_of(img.format);

    o.threshold = rnd(2) ? 0 : between(0, (2 * o.ksize + 1) * (2 * o.ksize + 1) - 1);
    for (int i = 0; i < w * h; i++) {
        set[i] = gray_of(&img, i % w, i / w) > 127;
    }
    bool erode_first = which == ERODE || which == OPEN || which == TOP_HAT;
    step(set, first, w, h, &o, erode_first);
    step(first, last, w, h, &o, !erode_first);
    check_equal(morphologies[which](&img, &o, &arena), 0, "operation %d k %d threshold %d", which, o.ksize, o.threshold);
    check_equal(arena.used, 0, "operation %d", which);
    for (int i = 0; i < w * h; i++) {
        uint32_t was = pixel(&before, i % w, i / w), expected;
        switch (which) {
        case ERODE:
            expected = first[i] ? was : 0;
            break;
        case DILATE:
            expected = first[i] ? white : was;
            break;
        case OPEN:
        case CLOSE:
            expected = last[i] ? white : 0;
            break;
        default:
            expected = last[i] ? white - was : was;
        }
        if (o.mask && gray_of(&mask, i % w, i / w) <= 127) {
            expected = was;
        }
        check_equal(pixel(&img, i % w, i / w), expected, "operation %d k %d threshold %d format %x at %d, %d of %dx%d", which, o.ksize, o.threshold,
                    img.format, i % w, i / w, w, h);
    }
    free(set);
    free(first);
    free(last);
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(img.data);
}

static void morphology_memory(void)
{
    int w = between(1, 70), which = (int)rnd(6);
    struct image img = image_random(w, between(1, 10), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct morphology_options o = {.ksize = between(0, 4)};
    size_t s = 2 * (size_t)o.ksize + 1, row = ((size_t)w + 2 * (size_t)o.ksize + 64) / 8 + 8;
    bool done = false;

    o.threshold = between(0, (int)(s * s) - 1);
    for (size_t size = 0; !done; size += 8) {
        struct arena arena = arena_new(size);
        int err = morphologies[which](&img, &o, &arena);
        check(err == 0 || err == VISION_E_MEMORY, "operation %d with %zu bytes: %d", which, size, err);
        check_equal(arena.used, 0, " ");
        done = err == 0;
        check(done || memcmp(img.data, before.data, image_bytes(&img)) == 0, "operation %d wrote with %zu bytes", which, size);
        check(done || size < (s + 8) * row + 2 * ((size_t)w + s) + row * (size_t)img.height + 64, "operation %d wants more than %zu", which, size);
        free(arena.base);
    }
    free(before.data);
    free(img.data);
}

static void morphology_bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), small = image_new(8, 7, PIXFORMAT_BINARY, 0), yuv = image_new(8, 8, PIXFORMAT_YUV422, 0);
    struct arena arena = arena_new(6000);

    for (int i = 0; i < 6; i++) {
        assert_int_equal(morphologies[i](&img, &(struct morphology_options){.ksize = -1}, &arena), VISION_E_ARGUMENT);
        assert_int_equal(morphologies[i](&img, &(struct morphology_options){.ksize = 128}, &arena), VISION_E_ARGUMENT);
        assert_int_equal(morphologies[i](&img, &(struct morphology_options){.ksize = 1, .threshold = 9}, &arena), VISION_E_ARGUMENT);
        assert_int_equal(morphologies[i](&img, &(struct morphology_options){.ksize = 1, .threshold = -1}, &arena), VISION_E_ARGUMENT);
        assert_int_equal(morphologies[i](&img, &(struct morphology_options){.ksize = 1, .mask = &small}, &arena), VISION_E_SIZE);
        assert_int_equal(morphologies[i](&yuv, &(struct morphology_options){.ksize = 1}, &arena), VISION_E_FORMAT);
    }
    free(arena.base);
    free(small.data);
    free(yuv.data);
    free(img.data);
}

static void all_filters(void **state)
{
    (void)state;
    for_seeds(filters_match, 3000);
}

static void all_memory(void **state)
{
    (void)state;
    for_seeds(memory_runs_out, 300);
}

static void all_morphology(void **state)
{
    (void)state;
    for_seeds(morphology_matches, 2000);
    for_seeds(morphology_memory, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_filters),
        cmocka_unit_test(all_memory),
        cmocka_unit_test(median_network), cmocka_unit_test(bad_arguments),
        cmocka_unit_test(all_morphology),
        cmocka_unit_test(morphology_bad_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
