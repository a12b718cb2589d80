/* SPDX-License-Identifier: MIT */
/* get_regression against least squares and Theil-Sen in double precision, pixel by pixel. */
#include <math.h>

#include "vision_test.h"

#include "vision/regression.h"

enum { MOST = 40 * 40 };

struct found { double x[MOST], y[MOST]; int n, area; };

/* The pixels that are looked at and lie within the threshold (all thresholds here are gray ones of binary and grayscale images, or L of 0..100). */
static void collect(const struct image *img, const struct regression_options *o, struct found *f)
{
    struct rect roi;
    int left = 99, right = -1, top = 99, bottom = -1;

    assert_int_equal(image_clip(img, o->roi, &roi), 0);
    int w = o->target_w && o->target_w < roi.w ? o->target_w : roi.w, h = o->target_w && o->target_h < roi.h ? o->target_h : roi.h;
    f->n = 0;
    for (int j = 0; j < h; j += o->y_stride) {
        for (int i = 0; i < w; i += o->x_stride) {
            uint32_t v = pixel(img, roi.x + (2 * i + 1) * roi.w / (2 * w), roi.y + (2 * j + 1) * roi.h / (2 * h));
            int l = img->format == PIXFORMAT_RGB565 ? color_rgb565_to_lab(v).l : (int)v;
            if ((l >= o->thresholds[0].l_min && l <= o->thresholds[0].l_max) == o->invert) {
                continue;
            }
            left = i < left ? i : left;
            right = i > right ? i : right;
            top = j < top ? j : top;
            bottom = j > bottom ? j : bottom;
            f->x[f->n] = roi.x + (i + 0.5) * roi.w / w - 0.5;
            f->y[f->n++] = roi.y + (j + 0.5) * roi.h / h - 0.5;
        }
    }
    f->area = f->n ? ((right - left) / o->x_stride + 1) * ((bottom - top) / o->y_stride + 1) : 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Slope of the dominant coordinate and a point. */
static void theil_sen(const struct found *f, bool steep, double *slope, double *through)
{
    static double u[REGRESSION_SAMPLES], v[REGRESSION_SAMPLES], s[REGRESSION_SAMPLES * REGRESSION_SAMPLES];
    int k = (f->n + REGRESSION_SAMPLES - 1) / REGRESSION_SAMPLES, count = 0, pairs = 0;

    for (int i = k / 2; i < f->n; i += k, count++) {
        u[count] = steep ? f->y[i] : f->x[i];
        v[count] = steep ? f->x[i] : f->y[i];
    }
    for (int i = 0; i < count; i++) {
        for (int j = i + 1; j < count; j++) {
            if (u[i] != u[j]) {
                s[pairs++] = (v[i] - v[j]) / (u[i] - u[j]);
            }
        }
    }
    qsort(s, (size_t)pairs, sizeof *s, ascending);
    *slope = pairs ? s[(pairs - 1) / 2] : NAN;
    for (int i = 0; i < count; i++) {
        s[i] = v[i] - *slope * u[i];
    }
    qsort(s, (size_t)count, sizeof *s, ascending);
    *through = s[(count - 1) / 2];
}

/* The end points lie on the line a x + b y = c give or take their rounding, and on the roi's border. */
static void check_line(const struct line *l, double a, double b, double c, struct rect roi)
{
    double e1 = fabs(a * l->x1 + b * l->y1 - c), e2 = fabs(a * l->x2 + b * l->y2 - c);
    double angle = atan2(b, a) * 180 / M_PI, turned = fmod(angle - l->theta + 540.0 + 90, 180.0) - 90;

    check(e1 < 0.75 && e2 < 0.75, "%d,%d %d,%d are %g, %g off %g %g %g", l->x1, l->y1, l->x2, l->y2, e1, e2, a, b, c);
    check(l->theta >= 0 && l->theta < 180 && fabs(turned) < 0.51, "theta %d, expected %g", l->theta, angle);
    double sign = cos((angle - l->theta) * M_PI / 180) < 0 ? -1 : 1;
    check(fabs(sign * c - l->rho) < 0.51, "rho %d, expected %g", l->rho, sign * c);
    check(l->x1 == roi.x || l->x1 == roi.x + roi.w - 1 || l->y1 == roi.y || l->y1 == roi.y + roi.h - 1, "first end %d, %d", l->x1, l->y1);
    check(l->x2 == roi.x || l->x2 == roi.x + roi.w - 1 || l->y2 == roi.y || l->y2 == roi.y + roi.h - 1, "second end %d, %d", l->x2, l->y2);
    check_equal(l->length, lround(hypot(l->x2 - l->x1, l->y2 - l->y1)), " ");
    check(l->theta >= 45 && l->theta <= 135 ? l->x1 <= l->x2 : l->y1 <= l->y2, "order %d,%d %d,%d theta %d", l->x1, l->y1, l->x2, l->y2, l->theta);
}

static void compare(const struct image *img, const struct regression_options *o)
{
    static struct found f;
    struct line line = {0};
    struct arena arena = arena_new(24000);
    struct rect roi;
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;

    int got = regression_find(img, o, &arena, &line);
    check_equal(arena.used, 0, " ");
    check(arena.peak <= (img->format == PIXFORMAT_RGB565 ? 11776u : 32u) + (o->robust ? 8600u : 0u) + 7u * 40 + 200, "%zu bytes of scratch", arena.peak);
    free(arena.base);
    collect(img, o, &f);
    image_clip(img, o->roi, &roi);
    if (!f.n || f.n < (int)o->pixels_threshold || f.area < (int)o->area_threshold) {
        check_equal(got, 0, "%d pixels, area %d", f.n, f.area);
        return;
    }
    check_equal(got, 1, "%d pixels, area %d", f.n, f.area);
    for (int i = 0; i < f.n; i++) {
        mx += f.x[i] / f.n;
        my += f.y[i] / f.n;
    }
    for (int i = 0; i < f.n; i++) {
        xx += (f.x[i] - mx) * (f.x[i] - mx) / f.n;
        xy += (f.x[i] - mx) * (f.y[i] - my) / f.n;
        yy += (f.y[i] - my) * (f.y[i] - my) / f.n;
    }
    double sx = o->target_w && o->target_w < roi.w ? roi.w / (double)o->target_w : 1, sy = o->target_w && o->target_h < roi.h ? roi.h / (double)o->target_h : 1;
    xx += sx * sx * o->x_stride * o->x_stride / 12;
    yy += sy * sy * o->y_stride * o->y_stride / 12;
    double root = hypot((xx - yy) / 2, xy), large = (xx + yy) / 2 + root, small = (xx + yy) / 2 - root, magnitude = sqrt(large / small) - 1;
    check(fabs(line.magnitude + 0.5 - magnitude) < 0.51 + magnitude * 1e-3, "magnitude %d, expected %g", line.magnitude, magnitude);
    if (o->robust) {
        bool steep = yy > xx;
        double slope, through;
        theil_sen(&f, steep, &slope, &through);
        if (isnan(slope) || fabs(xx - yy) < 1e-3) {
            return;
        }
        double norm = hypot(1, slope); /* v - slope u = through */
        check_line(&line, (steep ? 1 : -slope) / norm, (steep ? -slope : 1) / norm, through / norm, roi);
    } else if (root > 0.02 * large) { /* the axis of a round thing is no axis */
        double angle = atan2(2 * xy, xx - yy) / 2;
        check_line(&line, -sin(angle), cos(angle), -sin(angle) * mx + cos(angle) * my, roi);
    }
}

static void regressions_match(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0);
    struct regression_options o = REGRESSION_DEFAULTS;
    struct rect roi = random_roi(&img);
    const struct threshold thresholds[2] = {{rnd(2) ? 1 : 20, rnd(2) ? 60 : 255, -128, 127, -128, 127}, {100, 255, -128, 127, -128, 127}};

    if (rnd(2)) {                   /* a bar or a line rather than noise */
        int a = between(-9, 9), b = between(-9, 9), c = between(-90, 300), width = between(1, 30);
        for (int i = 0; i < img.width * img.height; i++) {
            bool on = abs(a * (i % img.width) + b * (i / img.width) - c) < width || rnd(40) == 0;
            image_set_pixel(&img, i % img.width, i / img.width, on ? 0xFFFF : 0);
        }
    }
    o.thresholds = rnd(2) && img.format != PIXFORMAT_RGB565 ? thresholds + (img.format == PIXFORMAT_GRAYSCALE) : thresholds;
    o.count = 1;
    o.invert = rnd(4) == 0;
    o.roi = rnd(2) ? &roi : NULL;
    o.x_stride = between(1, 3);
    o.y_stride = between(1, 3);
    o.robust = rnd(2);
    o.area_threshold = rnd(2) ? 0 : 10;
    o.pixels_threshold = rnd(2) ? 0 : 10;
    if (rnd(3) == 0) {
        o.target_w = between(1, 45);
        o.target_h = between(1, 45);
    }
    compare(&img, &o);
    free(img.data);
}

static void regression(void **state)
{
    (void)state;
    for_seeds(regressions_match, 6000);
}

/* A thin line and a third of the pixels elsewhere: least squares is drawn away, Theil and Sen's is not. */
static void outliers(void **state)
{
    (void)state;
    struct image img = image_new(300, 200, PIXFORMAT_GRAYSCALE, 0);
    const struct threshold white = {200, 255, 0, 0, 0, 0};
    struct regression_options o = REGRESSION_DEFAULTS;
    struct arena arena = arena_new(20000);
    struct line line;

    for (int x = 0; x < 300; x++) {
        image_set_pixel(&img, x, 50 + x / 4, 255);
    }
    for (int i = 0; i < 60; i++) {
        image_set_pixel(&img, 2 * (i % 10), 190 + i / 10, 255);
    }
    o.thresholds = &white;
    o.count = 1;
    assert_int_equal(regression_find(&img, &o, &arena, &line), 1);
    check(abs(line.y1 - 50) > 20, "least squares begins at %d", line.y1);
    o.robust = true;
    assert_int_equal(regression_find(&img, &o, &arena, &line), 1);
    check(line.x1 == 0 && abs(line.y1 - 50) <= 2 && line.x2 == 299 && abs(line.y2 - 124) <= 2, "robust: %d,%d %d,%d", line.x1, line.y1, line.x2, line.y2);
    free(arena.base);
    free(img.data);
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image bayer = image_new(4, 4, PIXFORMAT_BAYER_BGGR, 0), whole = image_new(255, 255, PIXFORMAT_GRAYSCALE, 0);
    const struct threshold all = {0, 255, -128, 127, -128, 127};
    const struct rect outside = {300, 0, 5, 5};
    struct arena arena = arena_new(24000);
    struct line line;

    for (int f = 0; f < MUTABLE_FORMATS; f++) {
        struct image img = image_random(33, 20, formats[f], 0);
        struct regression_options o = REGRESSION_DEFAULTS;
        int got = VISION_E_MEMORY;
        o.thresholds = &all;
        o.count = 1;
        o.robust = true;
        o.target_w = o.target_h = 12;
        for (size_t size = 0; got < 0; size += 24) {
            struct arena small = arena_new(size);
            got = regression_find(&img, &o, &small, &line);
            check(got == 1 || got == VISION_E_MEMORY, "%zu bytes: %d", size, got);
            check_equal(small.used, 0, " ");
            free(small.base);
        }
        for (int i = 0; i < 4; i++) {
            struct regression_options bad = o;
            *(int *[]){&bad.x_stride, &bad.y_stride, &bad.target_w, &bad.target_h}[i] = i < 2 ? 0 : -(i & 1);
            assert_int_equal(regression_find(&img, &bad, &arena, &line), VISION_E_ARGUMENT);
        }
        o.x_stride = o.y_stride = 0x7FFFFFFF;
        assert_int_equal(regression_find(&img, &o, &arena, &line), 0);
        o.roi = &outside;
        assert_int_equal(regression_find(&img, &o, &arena, &line), VISION_E_ROI);
        free(img.data);
    }
    struct regression_options o = REGRESSION_DEFAULTS;
    o.thresholds = &all;
    o.count = 1;
    assert_int_equal(regression_find(&bayer, &o, &arena, &line), VISION_E_FORMAT);
    o.x_stride = 1;
    assert_int_equal(regression_find(&whole, &o, &arena, &line), 1); /* as wide as high */
    assert_int_equal(line.magnitude, 0);
    whole.height = 15;
    assert_int_equal(regression_find(&whole, &o, &arena, &line), 1); /* 17 times as wide as high */
    check(line.magnitude >= 15 && line.magnitude <= 16, "magnitude %d", line.magnitude);
    assert_int_equal(line.theta, 90);
    assert_int_equal(line.rho, 7);
    free(arena.base);
    free(whole.data);
    free(bayer.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression),
        cmocka_unit_test(outliers),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
