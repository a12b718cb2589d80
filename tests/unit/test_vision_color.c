/* SPDX-License-Identifier: MIT */
/* Colour of single pixels against the definitions, over all RGB565 codes. */
#include <math.h>

#include "vision_test.h"

#include "vision/lab.h"

static double linear(int v)
{
    double c = v / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double cie_f(double t)
{
    return t > 216.0 / 24389.0 ? cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
}

/* CIE Lab of an sRGB colour in real numbers, D65 */
static void real_lab(struct rgb c, double out[3])
{
    double r = linear(c.r), g = linear(c.g), b = linear(c.b);
    double x = cie_f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    double y = cie_f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
    double z = cie_f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);

    out[0] = 116.0 * y - 16.0;
    out[1] = 500.0 * (x - y);
    out[2] = 200.0 * (y - z);
}

static void lab_is_cie_lab_on_all_codes(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 65536; p++) {
        double want[3];
        struct lab got = color_rgb565_to_lab(p);
        real_lab(color_rgb565_to_rgb(p), want);
        check(got.l == lround(want[0]) && got.a == lround(want[1]) && got.b == lround(want[2]), "code %04x: got %d %d %d, expected %f %f %f",
              p, got.l, got.a, got.b, want[0], want[1], want[2]);
    }
}

/* What the Lab thresholds build on: with green rising, L and b never fall and a never rises; with red rising none of
   them falls; with blue rising L and a never fall and b never rises. */
static void lab_is_monotone(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 65536; p++) {
        struct lab here = color_rgb565_to_lab(p), greener = color_rgb565_to_lab(p + 32), redder = color_rgb565_to_lab(p + 2048);
        check((p >> 5 & 63) == 63 || (greener.l >= here.l && greener.a <= here.a && greener.b >= here.b), "code %04x", p);
        struct lab bluer = color_rgb565_to_lab(p + 1);
        check((p & 31) == 31 || (bluer.l >= here.l && bluer.a >= here.a && bluer.b <= here.b), "code %04x", p);
        check(p >> 11 == 31 || (redder.l >= here.l && redder.a >= here.a && redder.b >= here.b), "code %04x", p);
    }
}

static void lab_f_keeps_its_bound(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < 1u << 30; t += 997) {
        double off = lab_f(t) - 4194304.0 * cie_f(t / 1073741824.0);
        check(fabs(off) < LAB_F_ERROR, "t = %u: off by %f", t, off);
    }
}

static void lab_and_back(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 65536; p += 7) {
        struct lab lab = color_rgb565_to_lab(p);
        struct rgb back = color_lab_to_rgb(lab);
        double got[3];
        real_lab(back, got);
        /* the rounding of Lab may leave the sRGB cube, the rounding of RGB is worth up to one unit of Lab */
        check(fabs(got[0] - lab.l) <= 1.5 && fabs(got[1] - lab.a) <= 2.5 && fabs(got[2] - lab.b) <= 2.5,
              "%d %d %d became %d %d %d, which is %f %f %f", lab.l, lab.a, lab.b, back.r, back.g, back.b, got[0], got[1], got[2]);
    }
}

static void known_values(void **state)
{
    (void)state;
    struct rgb c = {120, 200, 120}, q = color_rgb565_to_rgb(color_rgb_to_rgb565(c));
    struct lab script = color_rgb_to_lab(c), exact = color_rgb565_to_lab(color_rgb_to_rgb565(c));

    check(q.r == 123 && q.g == 203 && q.b == 123, "%d %d %d", q.r, q.g, q.b);
    check_equal(color_rgb_to_gray(q), 169, " ");
    check(script.l == 75 && script.a == -40 && script.b == 34, "%d %d %d", script.l, script.a, script.b);
    check(exact.l == 75 && exact.a == -41 && exact.b == 32, "%d %d %d", exact.l, exact.a, exact.b);
    struct lab black = color_rgb565_to_lab(0), white = color_rgb565_to_lab(0xFFFF);
    check(black.l == 0 && black.a == 0 && black.b == 0, "%d %d %d", black.l, black.a, black.b);
    check(white.l == 100 && white.a == 0 && white.b == 0, "%d %d %d", white.l, white.a, white.b);
    check_equal(color_to_native(PIXFORMAT_RGB565, (struct rgb){255, 0, 0}), 0xF800, " ");
    check_equal(color_to_native(PIXFORMAT_GRAYSCALE, (struct rgb){255, 255, 255}), 255, " ");
    check_equal(color_to_native(PIXFORMAT_BINARY, (struct rgb){0, 255, 0}), 1, " ");
    check_equal(color_to_native(PIXFORMAT_BINARY, (struct rgb){0, 0, 255}), 0, " ");
}

static void gray_and_packing(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 65536; p++) {
        int r = (int)(p >> 11), g = (int)(p >> 5 & 63), b = (int)(p & 31);
        int y = (38 * (r * 8 + r / 4) + 75 * (g * 4 + g / 16) + 15 * (b * 8 + b / 4)) / 128;
        check_equal(color_rgb565_to_gray(p), y, "code %04x", p);
        check_equal(color_rgb_to_rgb565(color_rgb565_to_rgb(p)), p, "code %04x", p);
    }
    for (uint32_t y = 0; y < 256; y++) {
        check_equal(color_gray_to_rgb565(y), color_rgb_to_rgb565((struct rgb){(uint8_t)y, (uint8_t)y, (uint8_t)y}), "gray %u", y);
    }
}

static int cut(double v, int low, int high)
{
    v = floor(v + 0.5);
    return v < low ? low : v > high ? high : (int)v;
}

static void yuv_is_bt601(void **state)
{
    (void)state;
    for (int r = 0; r < 256; r += 5) {
        for (int g = 0; g < 256; g += 3) {
            for (int b = 0; b < 256; b += 5) {
                struct yuv got = color_rgb_to_yuv((struct rgb){(uint8_t)r, (uint8_t)g, (uint8_t)b});
                double y = 0.299 * r + 0.587 * g + 0.114 * b;
                check(abs(got.y - cut(y - 128, -128, 127)) <= 1 && abs(got.u - cut(0.5 * (b - y) / 0.886, -128, 127)) <= 1 &&
                          abs(got.v - cut(0.5 * (r - y) / 0.701, -128, 127)) <= 1,
                      "%d %d %d: got %d %d %d", r, g, b, got.y, got.u, got.v);
                struct rgb back = color_yuv_to_rgb(got);
                check(abs(back.r - r) <= 2 && abs(back.g - g) <= 2 && abs(back.b - b) <= 2, "%d %d %d became %d %d %d", r, g, b, back.r,
                      back.g, back.b);
            }
        }
    }
}

static void palettes_are_smooth(void **state)
{
    (void)state;
    uint16_t p[256];

    for (int which = PALETTE_RAINBOW; which <= PALETTE_EVT_LIGHT; which++) {
        assert_int_equal(color_fill_palette((enum palette)which, p), 0);
        for (int i = 1; i < 256; i++) {
            struct rgb a = color_rgb565_to_rgb(p[i - 1]), b = color_rgb565_to_rgb(p[i]);
            check(abs(a.r - b.r) <= 17 && abs(a.g - b.g) <= 17 && abs(a.b - b.b) <= 17, "palette %d at %d", which, i);
        }
    }
    assert_int_equal(color_fill_palette((enum palette)99, p), VISION_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lab_is_cie_lab_on_all_codes), cmocka_unit_test(lab_is_monotone), cmocka_unit_test(lab_f_keeps_its_bound),
        cmocka_unit_test(lab_and_back), cmocka_unit_test(known_values), cmocka_unit_test(gray_and_packing), cmocka_unit_test(yuv_is_bt601),
        cmocka_unit_test(palettes_are_smooth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
