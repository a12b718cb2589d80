/* SPDX-License-Identifier: MIT */
/* find_template against the correlation coefficient in double precision at every position. */
#include <math.h>

#include "vision_test.h"

#include "vision/template.h"

static double coefficient(const struct image *img, const struct image *t, int x, int y)
{
    double ma = 0, mt = 0, va = 0, vt = 0, c = 0;
    int w = t->width, n = w * t->height;

    for (int i = 0; i < n; i++) {
        ma += pixel(img, x + i % w, y + i / w) / (double)n;
        mt += pixel(t, i % w, i / w) / (double)n;
    }
    for (int i = 0; i < n; i++) {
        double a = pixel(img, x + i % w, y + i / w) - ma, b = pixel(t, i % w, i / w) - mt;
        va += a * a;
        vt += b * b;
        c += a * b;
    }
    return va > 1e-7 && vt > 1e-7 ? c / sqrt(va * vt) : 0;
}

static struct image part(const struct image *img, int x, int y, int w, int h)
{
    struct image t = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);

    for (int i = 0; i < w * h; i++) {
        image_set_pixel(&t, i % w, i / w, pixel(img, x + i % w, y + i / w));
    }
    return t;
}

static void matches(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), PIXFORMAT_GRAYSCALE, 0), t;
    struct template_options o = {.step = between(1, 4), .threshold = (float)between(-10, 10) / 10};
    struct rect roi = random_roi(&img), clipped;
    struct template_match got;
    struct arena arena = arena_new(8 * 40 + 16);
    double best = -2;
    int first_x = 0, first_y = 0;

    o.roi = rnd(2) ? &roi : NULL;
    image_clip(&img, o.roi, &clipped);
    int w = between(1, clipped.w), h = between(1, clipped.h);
    t = rnd(2) ? part(&img, between(0, img.width - w), between(0, img.height - h), w, h) : image_random(w, h, PIXFORMAT_GRAYSCALE, 0);
    int found = template_find(&img, &t, &o, &arena, &got);
    check_equal(arena.used, 0, " ");
    for (int y = clipped.y; y + h <= clipped.y + clipped.h; y += o.step) {
        for (int x = clipped.x; x + w <= clipped.x + clipped.w; x += o.step) {
            double v = coefficient(&img, &t, x, y);
            if (v > best + 1e-6) {
                best = v;
                first_x = x;
                first_y = y;
            }
        }
    }
    check(fabs((double)got.score - best) < 2e-6, "score %.9g, expected %.9g", (double)got.score, best);
    check(fabs(coefficient(&img, &t, got.rect.x, got.rect.y) - best) < 2e-6, "at %d, %d; the best is %d, %d", got.rect.x, got.rect.y, first_x, first_y);
    check((got.rect.x - clipped.x) % o.step == 0 && (got.rect.y - clipped.y) % o.step == 0 && got.rect.w == w && got.rect.h == h, "%d, %d", got.rect.x, got.rect.y);
    check_equal(found, got.score >= o.threshold, " ");
    free(arena.base);
    free(t.data);
    free(img.data);
}

/* A smooth scene, where going uphill arrives: the diamond search finds what the exhaustive one does; and it never leaves the region. */
static void diamonds(void)
{
    int w = between(1, 90), h = between(1, 90), a = between(5, 30), b = between(5, 30);
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
    bool smooth = rnd(2);

    for (int i = 0; i < w * h; i++) {
        double v = 128 + 60 * sin(i % w * 6.28 / (2 * a)) * cos(i / w * 5.1 / b) + 60 * sin((i % w) * (i / w) / 900.0);
        image_set_pixel(&img, i % w, i / w, smooth ? (uint32_t)v : rnd(256));
    }
    struct rect roi = random_roi(&img), clipped;
    image_clip(&img, &roi, &clipped);
    int tw = between(clipped.w < 12 ? 1 : 12, clipped.w < 30 ? clipped.w : 30), th = between(clipped.h < 12 ? 1 : 12, clipped.h < 30 ? clipped.h : 30);
    struct image t = part(&img, between(clipped.x, clipped.x + clipped.w - tw), between(clipped.y, clipped.y + clipped.h - th), tw, th);
    struct template_options o = {.step = 1, .threshold = 0.8f, .roi = &roi, .search = TEMPLATE_DIAMOND};
    struct arena arena = arena_new(0);
    struct template_match got;
    int found = template_find(&img, &t, &o, &arena, &got);
    double v = coefficient(&img, &t, got.rect.x, got.rect.y);

    check(fabs(v - (double)got.score) < 2e-6, "%d, %d: %g, expected %g", got.rect.x, got.rect.y, (double)got.score, v);
    check_equal(found, got.score >= 0.8f, " ");
    check(got.rect.x >= clipped.x && got.rect.y >= clipped.y && got.rect.x + tw <= clipped.x + clipped.w && got.rect.y + th <= clipped.y + clipped.h, "%d, %d", got.rect.x, got.rect.y);
    check(!smooth || tw < 12 || th < 12 || found, "%g only, %dx%d of %dx%d", v, tw, th, w, h);
    free(arena.base);
    free(t.data);
    free(img.data);
}

static void exhaustive(void **state)
{
    (void)state;
    for_seeds(matches, 3000);
}

static void diamond(void **state)
{
    (void)state;
    for_seeds(diamonds, 1500);
}

/* More pixels than 32 bits of sums hold. */
static void large(void **state)
{
    (void)state;
    struct image img = image_new(420, 402, PIXFORMAT_GRAYSCALE, 0), t;
    struct arena arena = arena_new(8 * 420 + 16);
    struct template_options o = {.step = 3, .threshold = 0.99f};
    struct template_match got;

    for (int i = 0; i < 420 * 402; i++) {
        img.data[i] = rnd(9) ? 255 : (uint8_t)rnd(255);
    }
    t = part(&img, 15, 3, 400, 398);
    for (int search = 0; search < 2; search++) {
        o.search = (enum template_search)search;
        int found = template_find(&img, &t, &o, &arena, &got);
        if (search == TEMPLATE_EXHAUSTIVE) {
            assert_int_equal(found, 1);
            assert_int_equal(got.rect.x, 15);
            assert_int_equal(got.rect.y, 3);
        }
        check(fabs((double)got.score - coefficient(&img, &t, got.rect.x, got.rect.y)) < 1e-5, "%g", (double)got.score);
    }
    free(arena.base);
    free(t.data);
    free(img.data);
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(33, 20, PIXFORMAT_GRAYSCALE, 0), t = part(&img, 3, 4, 9, 8), rgb = image_new(5, 5, PIXFORMAT_RGB565, 0);
    struct template_options o = {.step = 1};
    struct arena arena = arena_new(1000);
    struct template_match got;
    const struct rect small_roi = {5, 5, 8, 8}, outside = {33, 0, 9, 9};
    int found = VISION_E_MEMORY;

    for (size_t size = 0; found < 0; size += 24) {
        struct arena small = arena_new(size);
        found = template_find(&img, &t, &o, &small, &got);
        check(found == 1 || found == VISION_E_MEMORY, "%zu bytes: %d", size, found);
        check_equal(small.used, 0, " ");
        free(small.base);
    }
    check(got.rect.x == 3 && got.rect.y == 4 && got.score > 0.99999f, "%d, %d: %g", got.rect.x, got.rect.y, (double)got.score);
    assert_int_equal(template_find(&img, &rgb, &o, &arena, &got), VISION_E_FORMAT);
    assert_int_equal(template_find(&rgb, &t, &o, &arena, &got), VISION_E_FORMAT);
    assert_int_equal(template_find(&t, &img, &o, &arena, &got), VISION_E_SIZE);
    o.roi = &small_roi;
    assert_int_equal(template_find(&img, &t, &o, &arena, &got), VISION_E_SIZE);
    o.roi = &outside;
    assert_int_equal(template_find(&img, &t, &o, &arena, &got), VISION_E_ROI);
    o = (struct template_options){.step = 0};
    assert_int_equal(template_find(&img, &t, &o, &arena, &got), VISION_E_ARGUMENT);
    o = (struct template_options){.step = 1, .threshold = NAN};
    assert_int_equal(template_find(&img, &t, &o, &arena, &got), VISION_E_ARGUMENT);
    o = (struct template_options){.step = 0x7FFFFFFF, .threshold = -1};
    assert_int_equal(template_find(&img, &t, &o, &arena, &got), 1); /* the corner is the only position */
    assert_int_equal(got.rect.x + got.rect.y, 0);
    free(arena.base);
    free(rgb.data);
    free(t.data);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhaustive),
        cmocka_unit_test(diamond),
        cmocka_unit_test(large),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
