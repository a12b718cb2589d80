/* SPDX-License-Identifier: MIT */
/* Line segments: drawn ones are found where they are; whatever the picture, results keep what was asked for. */
#include <math.h>

#include "vision_test.h"

#include "vision/draw.h"
#include "vision/stroke.h"

/* A bright polygon of a sheet: its sides are found, nothing else of length. */
static void known_segments(void)
{
    int w = between(90, 140), h = between(80, 120);
    struct image img = image_new(w, h, formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect r = {between(5, 20), between(5, 20), between(30, 60), between(30, 50)};
    struct arena arena = arena_new(100000);
    struct line *lines;
    int matched = 0;

    draw_rectangle(&img, r, 0xFFFF, 1, true);
    int n = stroke_find(&img, &STROKE_DEFAULTS, &arena, &lines);
    check(n >= 4, "%d found", n);
    check(arena.used <= (size_t)n * sizeof *lines + 8, "%zu bytes stay", arena.used);
    for (int i = 0; i < n; i++) {
        const struct line *l = &lines[i];
        bool flat = l->theta > 85 && l->theta < 95, steep = l->theta < 5 || l->theta > 175;
        int at = flat ? l->y1 : l->x1, near = flat ? r.y : r.x, far = flat ? r.y + r.h : r.x + r.w;
        check(l->length < 12 || flat || steep, "theta %d length %d", l->theta, l->length);
        if ((flat || steep) && (abs(at - near) <= 2 || abs(at - far) <= 2) && l->length >= (flat ? r.w : r.h) - 8) {
            matched++;
        }
    }
    check_equal(matched, 4, " ");
    free(arena.base);
    free(img.data);
}

static void any_picture(void)
{
    int w = between(1, 50), h = between(1, 50);
    struct image img = image_random(w, h, formats[rnd(ALL_FORMATS)], 0);
    struct rect roi = random_roi(&img), r = rect_intersect(roi, (struct rect){0, 0, w, h});
    struct stroke_options o = {.roi = &roi, .merge_distance = between(-1, 12), .max_theta_diff = between(0, 40), .threshold = between(-10, 400)};
    struct line *lines;
    int n = VISION_E_MEMORY;

    for (int i = between(0, 5); i > 0 && pixformat_is_mutable(img.format); i--) {
        draw_line(&img, between(0, w), between(0, h), between(0, w), between(0, h), rnd(65536), between(1, 5));
    }
    /* edge pixels are half of all at most; 8 of them make a segment */
    size_t bound = (size_t)((w + 33) / 32) * 8 * (size_t)(h + 2) + 10 * (size_t)(w + h) + (size_t)(w * h) / 2 + 25 * (size_t)w + 300 + 2 * (size_t)(w * h);
    for (size_t size = 0; n < 0; size += 8) {
        struct arena arena = arena_new(size);
        n = stroke_find(&img, &o, &arena, &lines);
        check(n >= 0 || (n == VISION_E_MEMORY && arena.used == 0 && size < bound), "with %zu bytes: %d", size, n);
        for (int i = 0; i < n; i++) {
            const struct line *l = &lines[i];
            struct line again = {0};
            line_between(&again, l->x1, l->y1, l->x2, l->y2);
            check(l->length >= STROKE_LENGTH && l->length == again.length && l->theta == again.theta && l->rho == again.rho, "line %d", i);
            check(l->x1 >= r.x && l->x1 < r.x + r.w && l->y1 >= r.y && l->y1 < r.y + r.h && l->x2 >= r.x && l->x2 < r.x + r.w && l->y2 >= r.y &&
                  l->y2 < r.y + r.h, "line %d leaves the region", i);
            check(l->magnitude >= o.threshold - 6, "magnitude %d", l->magnitude);
        }
        free(arena.base);
    }
    free(img.data);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), jpeg = {.width = 8, .height = 8, .format = PIXFORMAT_JPEG, .size = 1, .data = img.data};
    struct arena arena = arena_new(4000);
    struct rect outside = {0, -4, 4, 4};
    struct line *lines;

    assert_int_equal(stroke_find(&jpeg, &STROKE_DEFAULTS, &arena, &lines), VISION_E_FORMAT);
    assert_int_equal(stroke_find(&img, &(struct stroke_options){.roi = &outside}, &arena, &lines), VISION_E_ROI);
    assert_int_equal(stroke_find(&img, &STROKE_DEFAULTS, &arena, &lines), 0);
    free(arena.base);
    free(img.data);
}

static void all_segments(void **state)
{
    (void)state;
    for_seeds(known_segments, 100);
    for_seeds(any_picture, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_segments), cmocka_unit_test(bad_arguments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
