/* SPDX-License-Identifier: MIT */
/* Thresholds, binary() and histograms against one pixel at a time. */
#include <math.h>

#include "vision_test.h"

#include "vision/histogram.h"
#include "vision/row.h"

static struct threshold random_threshold(void)
{
    int v[6];
    struct threshold t;

    for (int i = 0; i < 6; i++) {
        v[i] = between(i < 2 ? -10 : -140, i < 2 ? 270 : 140);
        if (i < 2 && rnd(2)) {
            v[i] = between(0, 100);
        }
    }
    assert_int_equal(threshold_from_ints(&t, v, between(0, 6)), 0);
    return t;
}

/* Is a pixel within any threshold? */
static bool within(enum pixel_format format, uint32_t v, const struct threshold *t, size_t count, bool invert)
{
    struct lab lab = color_rgb565_to_lab(v);
    bool in = false;

    for (size_t i = 0; i < count; i++) {
        if (format == PIXFORMAT_RGB565) {
            in |= lab.l >= t[i].l_min && lab.l <= t[i].l_max && lab.a >= t[i].a_min && lab.a <= t[i].a_max && lab.b >= t[i].b_min &&
                  lab.b <= t[i].b_max;
        } else {
            in |= (int)v >= t[i].l_min && (int)v <= t[i].l_max;
        }
    }
    return in != invert;
}

static void from_ints(void **state)
{
    (void)state;
    struct threshold t;
    const int reversed[] = {200, 10, 50, -50, 300, -300};

    assert_int_equal(threshold_from_ints(&t, reversed, 6), 0);
    check(t.l_min == 10 && t.l_max == 200 && t.a_min == -50 && t.a_max == 50 && t.b_min == -128 && t.b_max == 127, "%d %d %d %d %d %d",
          t.l_min, t.l_max, t.a_min, t.a_max, t.b_min, t.b_max);
    assert_int_equal(threshold_from_ints(&t, reversed, 1), 0);
    check(t.l_min == 200 && t.l_max == 255 && t.a_min == -128 && t.b_max == 127, "%d %d", t.l_min, t.l_max);
    assert_int_equal(threshold_from_ints(&t, reversed, 0), 0);
    check(t.l_min == 0 && t.l_max == 255, "%d %d", t.l_min, t.l_max);
    assert_int_equal(threshold_from_ints(&t, reversed, 7), VISION_E_ARGUMENT);
    assert_int_equal(threshold_from_ints(&t, reversed, -1), VISION_E_ARGUMENT);
}

static void tables_hold_every_code(void)
{
    struct threshold list[3];
    size_t count = rnd(4);
    bool invert = rnd(2);
    enum pixel_format format = formats[rnd(MUTABLE_FORMATS)];
    struct arena arena = arena_new(format == PIXFORMAT_RGB565 ? 8192 + 3584 : 32);
    struct threshold_set set;

    for (int i = 0; i < 3; i++) {
        list[i] = random_threshold();
    }
    check_equal(threshold_prepare(&set, format, list, count, invert, &arena), 0, " ");
    for (uint32_t p = 0; p < (format == PIXFORMAT_RGB565 ? 65536 : format == PIXFORMAT_GRAYSCALE ? 256 : 2); p++) {
        check_equal(set.table[p >> 5] >> (p & 31) & 1, within(format, p, list, count, invert), "code %04x of %x", p, format);
    }
    check(arena.used <= (format == PIXFORMAT_RGB565 ? 8192 : 32), "kept %zu", arena.used);
    free(arena.base);
    for (size_t size = 0; size < (format == PIXFORMAT_RGB565 ? 8192 + 3000 : 32); size += size < 40 ? 1 : 501) {
        arena = arena_new(size);
        check_equal(threshold_prepare(&set, format, list, count, invert, &arena), VISION_E_MEMORY, "arena of %zu", size);
        check_equal(arena.used, 0, " ");
        free(arena.base);
    }
}

static void rows_match(void)
{
    struct image img = image_random(between(1, 140), 2, formats[rnd(MUTABLE_FORMATS)], 0);
    int x = between(0, img.width - 1), w = between(1, img.width - x);
    struct threshold list[2] = {random_threshold(), random_threshold()};
    size_t count = rnd(3);
    bool invert = rnd(2);
    struct arena arena = arena_new(20000);
    struct threshold_set set;
    uint32_t *bits = malloc((size_t)row_words(w) * 4);

    assert_int_equal(threshold_prepare(&set, img.format, list, count, invert, &arena), 0);
    threshold_row(&set, &img, x, 1, w, bits);
    for (int i = 0; i < w; i++) {
        check_equal(bits[i >> 5] >> (i & 31) & 1, within(img.format, pixel(&img, x + i, 1), list, count, invert), "pixel %d of %d", i, w);
    }
    check_equal(w & 31 ? bits[w >> 5] >> (w & 31) : 0, 0, "bits past the end");
    free(bits);
    free(arena.base);
    free(img.data);
}

static void binary_matches(void)
{
    struct image src = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 800), before = image_duplicate(&src);
    struct image mask = image_random(src.width + between(0, 2), src.height + between(0, 2), formats[rnd(MUTABLE_FORMATS)], 0);
    struct threshold list[2] = {random_threshold(), random_threshold()};
    struct binary_options o = {list, rnd(3), rnd(2), rnd(2), rnd(2) ? &mask : NULL};
    bool in_place = rnd(2);
    struct image dst = image_new(src.width, src.height, rnd(2) ? src.format : PIXFORMAT_BINARY, image_bytes(&src));
    struct arena arena = arena_new(8192 + 3584 + 2 * 8 * (size_t)row_words(src.width) + 32);
    enum pixel_format to = dst.format;

    if (in_place && image_bytes(&dst) <= (image_bytes(&src) > 800 ? image_bytes(&src) : 800)) {
        free(dst.data);
        dst.data = src.data;
    } else {
        in_place = false;
    }
    dst.width = dst.height = 0;
    for (size_t size = 0; size < 8192 && src.format == PIXFORMAT_RGB565; size += 1000) {
        struct arena small = arena_new(size);
        check_equal(binary_image(&dst, &src, &o, &small), VISION_E_MEMORY, "arena of %zu", size);
        check(memcmp(src.data, before.data, image_bytes(&src)) == 0 && dst.width == 0, "something was written");
        free(small.base);
    }
    check_equal(binary_image(&dst, &src, &o, &arena), 0, " ");
    check(dst.width == before.width && dst.height == before.height && arena.used == 0, "%d x %d", dst.width, dst.height);
    for (int i = 0; i < before.width * before.height; i++) {
        int x = i % before.width, y = i / before.width;
        uint32_t v = pixel(&before, x, y), stays = to == before.format ? v : (v != 0), want;
        uint32_t white = to == PIXFORMAT_BINARY ? 1 : to == PIXFORMAT_GRAYSCALE ? 255 : 65535;
        bool in = within(before.format, v, list, o.count, o.invert);
        want = o.zero ? (in ? 0 : stays) : in ? white : 0;
        want = o.mask && gray_of(&mask, x, y) <= 127 ? stays : want;
        check_equal(pixel(&dst, x, y), want, "%x to %x invert %d zero %d mask %d in place %d at %d %d", before.format, to, o.invert, o.zero,
                    o.mask != NULL, in_place, x, y);
    }
    if (to == PIXFORMAT_BINARY && (dst.width & 31)) {
        check_equal(((uint32_t *)(void *)dst.data)[dst.width >> 5] >> (dst.width & 31), 0, "padding");
    }
    mask.width = before.width - 1;
    o.mask = &mask;
    src.format = before.format;
    check_equal(binary_image(&dst, &before, &o, &arena), VISION_E_SIZE, " ");
    if (!in_place) {
        free(dst.data);
    }
    free(src.data);
    free(before.data);
    free(mask.data);
    free(arena.base);
}

/* ---- Histograms ---- */

static int value_of(enum pixel_format format, uint32_t v, int channel)
{
    struct lab lab = color_rgb565_to_lab(v);

    return format != PIXFORMAT_RGB565 ? (int)v : channel == 0 ? lab.l : channel == 1 ? lab.a : lab.b;
}

static uint32_t difference_of(enum pixel_format format, uint32_t a, uint32_t b)
{
    if (format != PIXFORMAT_RGB565) {
        return a > b ? a - b : b - a;
    }
    int r = abs((int)(a >> 11) - (int)(b >> 11)), g = abs((int)(a >> 5 & 63) - (int)(b >> 5 & 63)), l = abs((int)(a & 31) - (int)(b & 31));
    return (uint32_t)(r << 11 | g << 5 | l);
}

static void histograms_match(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0);
    struct image other = image_random(img.width, img.height, img.format, 0);
    struct rect roi = random_roi(&img), part;
    struct threshold list[2] = {random_threshold(), random_threshold()};
    struct histogram_options o = {rnd(2) ? &roi : NULL, {0, 0, 0}, list, rnd(2) ? 0 : 1 + rnd(2), rnd(2), rnd(3) ? NULL : &other};
    struct histogram hist;
    uint32_t count[3][4096] = {{0}}, total = 0;

    for (int i = 0; i < 3; i++) {
        o.bins[i] = rnd(2) ? 0 : between(2, rnd(2) ? 4096 : 300);
    }
    image_clip(&img, o.roi, &part);
    /* the bound of the contract */
    size_t bins = 0;
    assert_int_equal(histogram_shape(&hist, img.format, o.bins), 0);
    for (int i = 0; i < hist.channels; i++) {
        bins += (size_t)hist.channel[i].bins * 4 + 8;
    }
    size_t row = (size_t)row_words(part.w) * 64;
    struct arena arena = arena_new(bins + (img.format == PIXFORMAT_RGB565 ? 18432 : 0) + 2560 + 2 * row + row + 8192 + 3584 + 64);
    check_equal(histogram_compute(&hist, &img, &o, &arena), 0, " ");
    check(arena.used <= bins, "%zu bytes kept", arena.used);
    for (int i = 0; i < part.w * part.h; i++) {
        int x = part.x + i % part.w, y = part.y + i / part.w;
        uint32_t v = pixel(&img, x, y);
        v = o.difference ? difference_of(img.format, v, pixel(&other, x, y)) : v;
        if (o.count && !within(img.format, v, list, o.count, o.invert)) {
            continue;
        }
        total++;
        for (int c = 0; c < hist.channels; c++) {
            const struct histogram_channel *h = &hist.channel[c];
            count[c][(value_of(img.format, v, c) - h->min) * (h->bins - 1) / (h->max - h->min)]++;
        }
    }
    check_equal(hist.total, total, "format %x", img.format);
    for (int c = 0; c < hist.channels; c++) {
        for (int i = 0; i < hist.channel[c].bins; i++) {
            check_equal(hist.channel[c].count[i], count[c][i], "format %x channel %d bin %d of %d", img.format, c, i, hist.channel[c].bins);
        }
    }
    size_t need = arena.peak;
    for (size_t size = 0; size < need - 8; size += 1 + need / 23) {
        struct arena small = arena_new(size);
        check_equal(histogram_compute(&hist, &img, &o, &small), VISION_E_MEMORY, "arena of %zu of %zu", size, need);
        check_equal(small.used, 0, " ");
        free(small.base);
    }
    free(arena.base);
    free(img.data);
    free(other.data);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int at_fraction(const int *sorted, int n, double p)
{
    for (int i = 0; i < n; i++) {
        if (i == n - 1 || sorted[i] != sorted[i + 1]) {
            if (i + 1 >= p * n) {
                return sorted[i];
            }
        }
    }
    return 0;
}

static void statistics_match(void)
{
    struct image img = image_random(between(1, 30), between(1, 30), rnd(2) ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565, 0);
    struct histogram_options o = {0};
    struct histogram hist;
    struct arena arena = arena_new(40000);
    int n = img.width * img.height, *values = malloc((size_t)n * sizeof *values);

    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), 0);
    for (int c = 0; c < hist.channels; c++) {
        struct statistics s;
        double sum = 0, squares = 0, best = -1;
        int otsu = 0, mode = 0, most = 0;
        for (int i = 0; i < n; i++) {
            values[i] = value_of(img.format, pixel(&img, i % img.width, i / img.width), c);
            sum += values[i];
        }
        qsort(values, (size_t)n, sizeof *values, compare);
        for (int i = 0; i < n; i++) {
            squares += (values[i] - sum / n) * (values[i] - sum / n);
        }
        double left = 0;
        for (int i = 0, run = 0; i < n; i++) {
            left += values[i];
            run = i && values[i] == values[i - 1] ? run + 1 : 1;
            if (run > most) {
                most = run;
                mode = values[i];
            }
            if (i == n - 1 || values[i] != values[i + 1]) {
                double a = i + 1, b = n - a, d = b > 0 ? left / a - (sum - left) / b : 0, variance = a * b * d * d;
                if (variance > best * (1 + 1e-9) + 1e-9) {
                    best = variance;
                    otsu = values[i];
                }
            }
        }
        histogram_statistics(&hist.channel[c], &s);
        check_equal(s.min, values[0], " ");
        check_equal(s.max, values[n - 1], " ");
        check_equal(s.mode, mode, " ");
        check(fabs(s.mean - sum / n) <= 0.5 + 1e-9, "mean %d of %f", s.mean, sum / n);
        check(fabs(s.stdev - sqrt(squares / n)) <= 0.5 + 1e-6, "stdev %d of %f", s.stdev, sqrt(squares / n));
        check_equal(s.median, at_fraction(values, n, 0.5), " ");
        check_equal(s.lq, at_fraction(values, n, 0.25), " ");
        check_equal(s.uq, at_fraction(values, n, 0.75), " ");
        float p = (float)rnd(1001) / 1000.0f;
        check_equal(histogram_percentile(&hist.channel[c], p), at_fraction(values, n, (double)p), "p = %f", (double)p);
        check_equal(histogram_percentile(&hist.channel[c], NAN), values[0], " ");
        check_equal(histogram_percentile(&hist.channel[c], 7.0f), values[n - 1], " ");
        check_equal(histogram_otsu(&hist.channel[c]), best > 0 ? otsu : values[0], "channel %d of %d pixels", c, n);
    }
    free(values);
    free(arena.base);
    free(img.data);
}

static void histogram_errors(void **state)
{
    (void)state;
    struct image img = image_new(4, 4, PIXFORMAT_GRAYSCALE, 0), other = image_new(4, 5, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(30000);
    struct histogram_options o = {.bins = {1, 0, 0}};
    struct histogram hist;
    struct rect outside = {0, 9, 3, 3};

    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), VISION_E_ARGUMENT);
    o.bins[0] = 4097;
    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), VISION_E_ARGUMENT);
    o.bins[0] = 0;
    o.difference = &other;
    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), VISION_E_SIZE);
    o.difference = NULL;
    o.roi = &outside;
    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), VISION_E_ROI);
    img.format = PIXFORMAT_BAYER_BGGR;
    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), VISION_E_FORMAT);
    /* nothing counted */
    struct threshold none = {300, 300, 0, 0, 0, 0};
    struct statistics s;
    img.format = PIXFORMAT_GRAYSCALE;
    o = (struct histogram_options){.thresholds = &none, .count = 1};
    assert_int_equal(histogram_compute(&hist, &img, &o, &arena), 0);
    histogram_statistics(&hist.channel[0], &s);
    assert_int_equal(hist.total + (uint32_t)(s.mean | s.max | s.min), 0);
    assert_int_equal(histogram_percentile(&hist.channel[0], 0.5f), 0);
    assert_int_equal(histogram_otsu(&hist.channel[0]), 0);
    free(arena.base);
    free(img.data);
    free(other.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(tables_hold_every_code, 40)
PROPERTY(rows_match, 600)
PROPERTY(binary_matches, 800)
PROPERTY(histograms_match, 400)
PROPERTY(statistics_match, 300)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_ints),           cmocka_unit_test(test_tables_hold_every_code), cmocka_unit_test(test_rows_match),
        cmocka_unit_test(test_binary_matches), cmocka_unit_test(test_histograms_match),       cmocka_unit_test(test_statistics_match),
        cmocka_unit_test(histogram_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
