/* SPDX-License-Identifier: MIT */
/* Quadrilaterals: drawn ones are found where they are; whatever the picture, results keep what was asked for. */
#include <math.h>

#include "vision_test.h"

#include "vision/draw.h"
#include "vision/quad.h"
#include "vision/row.h"

/* How far (x, y) is inside the convex quadrilateral, clockwise on the screen. */
static double inside(const double px[4], const double py[4], double x, double y)
{
    double least = 1e9;

    for (int i = 0; i < 4; i++) {
        int j = (i + 1) % 4;
        double dx = px[j] - px[i], dy = py[j] - py[i], d = (dx * (y - py[i]) - dy * (x - px[i])) / hypot(dx, dy);
        least = d < least ? d : least;
    }
    return least;
}

/* A sheet seen at an angle, brighter or darker than what lies around it, with some noise. */
static void known_quads(void)
{
    int w = between(140, 220), h = between(120, 180), back = between(80, 150), contrast = between(50, 100) * (rnd(2) ? 1 : -1), noise = between(1, 10);
    double px[4], py[4], cx = w / 2.0, cy = h / 2.0, turn = between(0, 359) * 3.14159265 / 180;
    struct image img = image_new(w, h, formats[1 + rnd(2)], 0);
    struct arena arena = arena_new(60000);
    struct quad *quads;
    uint8_t row[256];

    for (int i = 0; i < 4; i++) {
        double u = (i == 0 || i == 3 ? -1 : 1) * between(18, 30), v = (i < 2 ? -1 : 1) * between(16, 26);
        px[i] = cx + u * cos(turn) - v * sin(turn);
        py[i] = cy + u * sin(turn) + v * cos(turn);
    }
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            double in = inside(px, py, x, y) + 0.5;
            row[x] = (uint8_t)(back + contrast * (in < 0 ? 0 : in > 1 ? 1 : in) + (int)rnd((uint32_t)noise));
        }
        row_store_gray(&img, 0, y, w, row);
    }
    int n = quad_find(&img, &QUAD_DEFAULTS, &arena, &quads);
    check(n >= 1, "%d found", n);
    check(arena.used <= (size_t)n * sizeof *quads + 8, "%zu bytes stay", arena.used);
    for (int i = 0; i < 4; i++) {
        double least = 1e9;
        for (int j = 0; j < 4; j++) {
            least = fmin(least, hypot(quads[0].corners[j].x - px[i], quads[0].corners[j].y - py[i]));
        }
        check(least <= 2.3, "corner %f, %f is %f off, contrast %d", px[i], py[i], least, contrast);
    }
    free(arena.base);
    free(img.data);
}

static struct image picture(int w, int h)
{
    struct image img = image_random(w, h, formats[rnd(ALL_FORMATS)], 0);

    if (pixformat_is_mutable(img.format) && rnd(3)) {
        for (int i = between(1, 5); i > 0; i--) {
            struct rect r = {between(-5, w), between(-5, h), between(1, w), between(1, h)};
            draw_rectangle(&img, r, rnd(65536), between(1, 4), rnd(2));
        }
    }
    return img;
}

static void any_picture(void)
{
    int w = between(1, 60), h = between(1, 60);
    struct image img = picture(w, h);
    struct rect roi = random_roi(&img);
    struct quad_options o = {.roi = rnd(2) ? &roi : NULL, .threshold = between(-10, 5000)};
    size_t bound = 8 * (size_t)row_words(w + 2) * (size_t)(h + 2) + 16 * (size_t)(w + h) + (size_t)(w + 7) * (size_t)(h + 7) / 32 + 4 * (size_t)w + 4000;
    struct quad *quads;
    int n = VISION_E_MEMORY;

    for (size_t size = 0; n < 0; size += 8) {
        struct arena arena = arena_new(size);
        n = quad_find(&img, &o, &arena, &quads);
        check(n >= 0 || (n == VISION_E_MEMORY && arena.used == 0 && size < bound), "with %zu bytes: %d", size, n);
        for (int i = 0; i < n; i++) {
            const struct quad *q = &quads[i];
            check(q->magnitude >= o.threshold && (!i || q->magnitude <= quads[i - 1].magnitude), "magnitude %d", q->magnitude);
            for (int j = 0; j < 4; j++) {
                const struct point *p = &q->corners[j], *r = &q->corners[(j + 1) % 4], *t = &q->corners[(j + 2) % 4];
                check((r->x - p->x) * (t->y - r->y) - (r->y - p->y) * (t->x - r->x) >= 0, "corner %d turns left", j);
                check(p->x >= q->rect.x && p->y >= q->rect.y && p->x < q->rect.x + q->rect.w && p->y < q->rect.y + q->rect.h, "corner %d", j);
                check(p->x + p->y >= q->corners[0].x + q->corners[0].y, "corner %d comes first", j);
            }
        }
        free(arena.base);
    }
    free(img.data);
}

/* Upright ones, to the pixel. */
static void upright(void)
{
    struct image img = image_new(90, 70, formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect r = {between(2, 20), between(2, 20), between(12, 50), between(12, 40)};
    struct arena arena = arena_new(30000);
    struct quad *quads;

    draw_rectangle(&img, r, 0xFFFF, 1, true);
    check_equal(quad_find(&img, &QUAD_DEFAULTS, &arena, &quads), 1, " ");
    check(!memcmp(&quads[0].rect, &r, sizeof r), "%d %d %d %d, expected %d %d %d %d", quads[0].rect.x, quads[0].rect.y, quads[0].rect.w, quads[0].rect.h,
          r.x, r.y, r.w, r.h);
    check(quads[0].corners[0].x == r.x && quads[0].corners[0].y == r.y && quads[0].corners[2].x == r.x + r.w - 1 && quads[0].corners[1].y == r.y,
          "corners");
    free(arena.base);
    free(img.data);
}

/* Discs, hard or soft, bright or dark, are no quadrilaterals. */
static void no_quads(void)
{
    int w = between(60, 100), h = between(60, 100), low = between(0, 100), high = low + between(60, 150);
    double r = between(14, 50) / 2.0, cx = between((int)r + 4, w - (int)r - 5) + rnd(4) / 4.0, cy = between((int)r + 4, h - (int)r - 5) + rnd(4) / 4.0;
    bool soft = rnd(2), dark = rnd(2);
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(30000);
    struct quad *quads;

    for (int i = 0; i < w * h; i++) {
        double in = r + 0.5 - hypot(i % w - cx, i / w - cy);
        in = !soft && in > 0 ? 1 : in < 0 ? 0 : in > 1 ? 1 : in;
        img.data[i] = (uint8_t)(low + (high - low) * (dark ? 1 - in : in));
    }
    check_equal(quad_find(&img, &QUAD_DEFAULTS, &arena, &quads), 0, "radius %.1f at (%.2f, %.2f) of %d x %d", r, cx, cy, w, h);
    free(arena.base);
    free(img.data);
}

/* The way between the two corners farthest apart is a side, not a diagonal. */
static void long_side(void **state)
{
    (void)state;
    static const struct point corners[4] = {{42, 83}, {79, 61}, {85, 85}, {66, 98}};
    struct image img = image_new(150, 150, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(30000);
    struct quad *quads;

    for (int i = 0; i < 150 * 150; i++) {
        bool inside = true;
        for (int k = 0; k < 4; k++) {
            struct point p = corners[k], q = corners[(k + 1) & 3];
            inside &= (q.x - p.x) * (i / 150 - p.y) - (q.y - p.y) * (i % 150 - p.x) >= 0;
        }
        img.data[i] = inside ? 200 : 40;
    }
    assert_int_equal(quad_find(&img, &QUAD_DEFAULTS, &arena, &quads), 1);
    for (int k = 0; k < 4; k++) {
        const struct point *p = &quads[0].corners[k];
        check(abs(p->x - corners[k].x) <= 2 && abs(p->y - corners[k].y) <= 2, "corner %d: (%d, %d)", k, p->x, p->y);
    }
    free(arena.base);
    free(img.data);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), jpeg = {.width = 8, .height = 8, .format = PIXFORMAT_JPEG, .size = 1, .data = img.data};
    struct arena arena = arena_new(4000);
    struct rect outside = {0, -4, 4, 4};
    struct quad *quads;

    assert_int_equal(quad_find(&jpeg, &QUAD_DEFAULTS, &arena, &quads), VISION_E_FORMAT);
    assert_int_equal(quad_find(&img, &(struct quad_options){.roi = &outside}, &arena, &quads), VISION_E_ROI);
    assert_int_equal(quad_find(&img, &QUAD_DEFAULTS, &arena, &quads), 0);
    free(arena.base);
    free(img.data);
}

static void all_quads(void **state)
{
    (void)state;
    for_seeds(no_quads, 200);
    for_seeds(known_quads, 200);
    for_seeds(upright, 100);
    for_seeds(any_picture, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_quads), cmocka_unit_test(long_side), cmocka_unit_test(bad_arguments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
