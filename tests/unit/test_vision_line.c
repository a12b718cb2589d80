/* SPDX-License-Identifier: MIT */
/* Lines in normal form and by their end points, against the definitions in double precision. */
#include <math.h>

#include "vision_test.h"

#include "vision/line.h"

#define PI 3.14159265358979

static void sines_match(void **state)
{
    (void)state;
    for (int d = 0; d <= 180; d++) {
        assert_int_equal(line_sine(d), lround(sin(d * PI / 180) * 16384));
        assert_int_equal(line_cosine(d), lround(cos(d * PI / 180) * 16384));
    }
}

/* Every pixel centre of the rect that the line passes within half a pixel along the minor axis lies between the ends. */
static void across_matches(void)
{
    struct rect rect = {between(-50, 300), between(-50, 300), between(1, 60), between(1, 60)};
    int theta = between(0, 179), low = 1 << 30, high = -(1 << 30);
    double c = cos(theta * PI / 180), s = sin(theta * PI / 180);
    int rho = (int)lround((rect.x + between(-5, rect.w + 4)) * c + (rect.y + between(-5, rect.h + 4)) * s);
    bool flat = theta >= 45 && theta <= 135;
    struct line line = {.magnitude = 77};

    for (int u = flat ? rect.x : rect.y; u < (flat ? rect.x + rect.w : rect.y + rect.h); u++) {
        double v = flat ? (rho - u * c) / s : (rho - u * s) / c;
        double first = flat ? rect.y : rect.x, last = first + (flat ? rect.h : rect.w) - 1;
        if (v > first - 0.49 && v < last + 0.49) {
            low = u < low ? u : low;
            high = u > high ? u : high;
        }
    }
    bool found = line_across(&line, theta, rho, rect);
    if (!found) {
        check(low > high, "theta %d rho %d misses %d %d %d %d", theta, rho, rect.x, rect.y, rect.w, rect.h);
        return;
    }
    check_equal(line.theta, theta, " ");
    check_equal(line.rho, rho, " ");
    check_equal(line.magnitude, 77, " ");
    check_equal(line.length, lround(hypot(line.x2 - line.x1, line.y2 - line.y1)), " ");
    int from = flat ? line.x1 : line.y1, to = flat ? line.x2 : line.y2;
    check(from <= to && (low > high || (from <= low && to >= high)), "theta %d rho %d: %d..%d, expected %d..%d", theta, rho, from, to, low, high);
    for (int i = 0; i < 2; i++) {
        int x = i ? line.x2 : line.x1, y = i ? line.y2 : line.y1;
        check(x >= rect.x && x < rect.x + rect.w && y >= rect.y && y < rect.y + rect.h, "end %d, %d", x, y);
        double off = fabs(x * c + y * s - rho);
        check(off < 0.75, "end %d, %d is %f off theta %d rho %d", x, y, off, theta, rho);
    }
}

static void between_matches(void)
{
    int x1 = between(-400, 400), y1 = between(-400, 400), x2 = between(-400, 400), y2 = between(-400, 400);
    struct line line = {.magnitude = 5};

    line_between(&line, x1, y1, x2, y2);
    check(line.theta >= 0 && line.theta < 180, "theta %d", line.theta);
    check_equal(line.length, lround(hypot(x2 - x1, y2 - y1)), " ");
    if (x1 == x2 && y1 == y2) {
        return;
    }
    double angle = atan2(x2 - x1, -(y2 - y1)) * 180 / PI, off = fmod(fabs(line.theta - angle), 180);
    check(fmin(off, 180 - off) < 0.51, "theta %d, expected %f", line.theta, angle);
    double rho = ((x1 + x2) * cos(line.theta * PI / 180) + (y1 + y2) * sin(line.theta * PI / 180)) / 2;
    check(fabs(line.rho - rho) < 0.55, "rho %d, expected %f", line.rho, rho);
}

static void all_lines(void **state)
{
    (void)state;
    for_seeds(across_matches, 20000);
    for_seeds(between_matches, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sines_match), cmocka_unit_test(all_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
