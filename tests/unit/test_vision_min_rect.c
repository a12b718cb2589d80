/* SPDX-License-Identifier: MIT */
/* What the smallest rectangle says of a shape: rectangles of every size and angle, and corners that make none. */
#include <math.h>

#include "vision_test.h"

#include "vision/min_rect.h"

static void rectangles(void)
{
    double length = between(0, 400), width = rnd(3) ? rnd((uint32_t)length + 1) : 0, angle = between(-180, 180), t = angle * 3.14159265358979 / 180;
    double cx = between(-500, 500), cy = between(-500, 500), ux = cos(t), uy = sin(t);
    struct point c[4], line[2], center;
    int first = between(0, 3), turn = rnd(2) ? 1 : 3, radius, radii[2], rotation;
    static const int along[4] = {-1, 1, 1, -1}, across[4] = {-1, -1, 1, 1};

    for (int i = 0; i < 4; i++) {
        int k = (first + i * turn) % 4;
        double l = along[k] * length / 2, w = across[k] * width / 2;
        c[i] = (struct point){(int)lround(cx + l * ux - w * uy), (int)lround(cy + l * uy + w * ux)};
    }
    struct min_rect r = min_rect_from_corners(c);
    check(fabs(r.cx - cx) <= 0.6 && fabs(r.cy - cy) <= 0.6 && fabs(r.length - fmax(length, width)) < 1.5 && fabs(r.width - width) < 1.5, "%g x %g", r.length, r.width);
    check(r.length >= r.width && (r.dx > 0 || r.dy >= 0) && fabs(r.dx * r.dx + r.dy * r.dy - 1) < 1e-4, "%g %g", r.dx, r.dy);
    min_rect_major_axis(&r, line);
    check(fabs(hypot(line[1].x - line[0].x, line[1].y - line[0].y) - r.length) < 1.5, " ");
    min_rect_minor_axis(&r, line);
    check(fabs(hypot(line[1].x - line[0].x, line[1].y - line[0].y) - r.width) < 1.5, " ");
    min_rect_enclosing_circle(&r, &center, &radius);
    min_rect_enclosed_ellipse(&r, &center, radii, &rotation);
    for (int i = 0; i < 4; i++) {
        check(hypot(c[i].x - center.x, c[i].y - center.y) <= radius + 1.5, "corner %d, radius %d", i, radius);
    }
    check(rotation >= 0 && rotation < 180 && radii[0] >= radii[1] && radii[0] * 2 <= r.length && radii[1] * 2 <= r.width, "%d", rotation);
    if (length > width + 40) {
        double off = fmod(fabs(rotation - angle), 180);
        check(fmin(off, 180 - off) < 3, "%d, not %g", rotation, angle);
    }
    float s = min_rect_solidity(&r, rnd(200000)), v = min_rect_convexity(&r, rnd(2000));
    check(s >= 0 && s <= 1 && v >= 0 && v <= 1, "%g %g", s, v);
}

static void anything(void)
{
    struct point c[4], line[2], center;
    int radius, radii[2], rotation, far = rnd(2) ? 0x3FFFFFFF : 3;

    for (int i = 0; i < 4; i++) {
        c[i] = (struct point){between(-far, far), between(-far, far)};
    }
    struct min_rect r = min_rect_from_corners(c);
    min_rect_major_axis(&r, line);
    min_rect_minor_axis(&r, line);
    min_rect_enclosing_circle(&r, &center, &radius);
    min_rect_enclosed_ellipse(&r, &center, radii, &rotation);
    check(radius >= 0 && radii[0] >= radii[1] && rotation >= 0 && rotation < 180, "%d %d", radius, rotation);
}

static void plain(void **state)
{
    const struct point square[4] = {{3, 4}, {12, 4}, {12, 13}, {3, 13}}, dot[4] = {{5, 6}, {5, 6}, {5, 6}, {5, 6}};
    struct min_rect r = min_rect_from_corners(square);

    (void)state;
    assert_true(fabsf(min_rect_solidity(&r, 100) - 1) < 1e-6f && fabsf(min_rect_solidity(&r, 50) - 0.5f) < 1e-6f);
    assert_true(fabsf(min_rect_convexity(&r, 40) - 1) < 1e-6f && fabsf(min_rect_convexity(&r, 80) - 0.5f) < 1e-6f);
    r = min_rect_from_corners(dot);
    assert_true(min_rect_solidity(&r, 1) > 0.999f);
}

static void run_rectangles(void **state) { (void)state; for_seeds(rectangles, 2000); }
static void run_anything(void **state) { (void)state; for_seeds(anything, 2000); }

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run_rectangles), cmocka_unit_test(run_anything), cmocka_unit_test(plain)};
    return cmocka_run_group_tests_name("vision min_rect", tests, NULL, NULL);
}
