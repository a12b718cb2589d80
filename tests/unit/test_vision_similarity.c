/* SPDX-License-Identifier: MIT */
/* get_similarity against the formula in double precision, on the whole picture drawn at once. */
#include <math.h>

#include "vision_test.h"

#include "vision/similarity.h"

static double ssim(const struct image *a, const struct image *b, int x, int y, int w, int h)
{
    double ma = 0, mb = 0, va = 0, vb = 0, c = 0, n = w * h, c1 = pow(0.01 * 255, 2), c2 = pow(0.03 * 255, 2);

    for (int i = 0; i < w * h; i++) {
        ma += gray_of(a, x + i % w, y + i / w) / n;
        mb += gray_of(b, x + i % w, y + i / w) / n;
    }
    for (int i = 0; i < w * h; i++) {
        double p = gray_of(a, x + i % w, y + i / w) - ma, q = gray_of(b, x + i % w, y + i / w) - mb;
        va += p * p / n;
        vb += q * q / n;
        c += p * q / n;
    }
    return (2 * ma * mb + c1) * (2 * c + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

static void compare(const struct image *img, const struct image *other, const struct compose_options *o, bool dssim)
{
    struct image a = image_new(img->width, img->height, PIXFORMAT_GRAYSCALE, 0), b = a;
    struct arena arena = arena_new(200000);
    struct similarity got = {0};
    double sum = 0, squares = 0, least = 2, most = -2, n = 0;
    int w, h;

    for (int i = 0; i < a.width * a.height; i++) {
        image_set_pixel(&a, i % a.width, i / a.width, (uint32_t)gray_of(img, i % a.width, i / a.width));
    }
    b = image_duplicate(&a);
    assert_int_equal(compose_image(&b, other, COMPOSE_REPLACE, o, &arena), 0);
    assert_int_equal(compose_size(other, o, img->width, img->height, &w, &h), 0);
    bool centre = o->hint & COMPOSE_CENTER;
    struct rect r = {o->x + (centre ? (a.width - w) / 2 : 0), o->y + (centre ? (a.height - h) / 2 : 0), w, h};
    r = rect_intersect(r, (struct rect){0, 0, a.width, a.height});
    int err = similarity_compare(img, other, o, dssim, &arena, &got);
    check_equal(arena.used, 0, " ");
    free(arena.base);
    check_equal(err, r.w > 0 ? 0 : VISION_E_ROI, "%dx%d", r.w, r.h);
    for (int y = 0; y < r.h; y += 8) {
        for (int x = 0; x < r.w; x += 8, n++) {
            double v = ssim(&a, &b, r.x + x, r.y + y, r.w - x < 8 ? r.w - x : 8, r.h - y < 8 ? r.h - y : 8);
            v = dssim ? (1 - v) / 2 : v;
            sum += v;
            squares += v * v;
            least = fmin(least, v);
            most = fmax(most, v);
        }
    }
    if (!err) {
        double stdev = sqrt(fmax(0, squares / n - sum / n * (sum / n)));
        check(fabs((double)got.mean - sum / n) < 1e-4 && fabs((double)got.min - least) < 1e-4 && fabs((double)got.max - most) < 1e-4 && fabs((double)got.stdev - stdev) < 1e-3,
              "mean %g stdev %g min %g max %g, expected %g %g %g %g", (double)got.mean, (double)got.stdev, (double)got.min, (double)got.max, sum / n, stdev, least, most);
    }
    free(a.data);
    free(b.data);
}

static void similarities_match(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0), other;
    struct compose_options o = COMPOSE_DEFAULTS;
    struct rect roi;

    other = rnd(3) ? image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0) : image_duplicate(&img);
    roi = random_roi(&other);
    if (rnd(2)) {
        o.roi = rnd(2) ? &roi : NULL;
        o.x = between(-40, 40);
        o.y = between(-40, 40);
        o.x_scale = (float)between(5, 30) / 10 * (rnd(3) ? 1 : -1);
        o.y_scale = (float)between(5, 30) / 10;
        o.alpha = rnd(3) ? 255 : (int)rnd(256);
        o.rgb_channel = rnd(4) ? -1 : (int)rnd(3);
        static const unsigned hints[] = {0, COMPOSE_AREA, COMPOSE_BILINEAR, COMPOSE_HMIRROR, COMPOSE_VFLIP, COMPOSE_TRANSPOSE, COMPOSE_CENTER, COMPOSE_ASPECT_KEEP,
                                         COMPOSE_ASPECT_EXPAND, COMPOSE_ASPECT_IGNORE};
        o.hint = hints[rnd(10)] | hints[rnd(10)] | hints[rnd(10)];
    }
    compare(&img, &other, &o, rnd(2));
    free(other.data);
    free(img.data);
}

static void similarity(void **state)
{
    (void)state;
    for_seeds(similarities_match, 3000);
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(33, 20, PIXFORMAT_RGB565, 0), jpeg = {4, 4, PIXFORMAT_JPEG, 4, img.data};
    struct compose_options o = COMPOSE_DEFAULTS;
    struct similarity s;
    struct arena arena = arena_new(10000);
    const struct rect outside = {40, 0, 5, 5};
    int err = VISION_E_MEMORY;

    for (size_t size = 0; err; size += 24) {
        struct arena small = arena_new(size);
        err = similarity_compare(&img, &img, &o, false, &small, &s);
        check(!err || err == VISION_E_MEMORY, "%zu bytes: %d", size, err);
        check_equal(small.used, 0, " ");
        free(small.base);
    }
    check(s.mean > 0.99999f && s.mean < 1.00001f && s.min > 0.99999f && s.stdev < 1e-3f, "with itself: %g", (double)s.mean);
    assert_int_equal(similarity_compare(&img, &jpeg, &o, false, &arena, &s), VISION_E_FORMAT);
    assert_int_equal(similarity_compare(&jpeg, &img, &o, false, &arena, &s), VISION_E_FORMAT);
    o.x = 33;
    assert_int_equal(similarity_compare(&img, &img, &o, false, &arena, &s), VISION_E_ROI);
    o = COMPOSE_DEFAULTS;
    o.x_scale = NAN;
    assert_int_equal(similarity_compare(&img, &img, &o, false, &arena, &s), VISION_E_ARGUMENT);
    o = COMPOSE_DEFAULTS;
    o.alpha = 256;
    assert_int_equal(similarity_compare(&img, &img, &o, false, &arena, &s), VISION_E_ARGUMENT);
    o = COMPOSE_DEFAULTS;
    o.roi = &outside;
    assert_int_equal(similarity_compare(&img, &img, &o, false, &arena, &s), VISION_E_ROI);
    free(arena.base);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(similarity),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
