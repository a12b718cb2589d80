/* SPDX-License-Identifier: MIT */
/* Lens and rotation correction, polar maps: each pixel against the transformation's own formula, give or take a pixel's place. */
#include <math.h>

#include "vision_test.h"

#include "vision/warp.h"

enum { LENS, ROTATION, POLAR };

struct trial {
    int kind;
    float strength, zoom, x_corr, y_corr;
    struct rotation rotation;
    struct point corners[4];
    struct polar polar;
};

static int call(const struct trial *t, struct image *img, struct arena *arena)
{
    return t->kind == LENS       ? warp_lens(img, t->strength, t->zoom, t->x_corr, t->y_corr, arena)
           : t->kind == ROTATION ? warp_rotation(img, &t->rotation, arena)
                                 : warp_polar(img, &t->polar, arena);
}

/* Where the plane's point is seen: turned about x, then y, then z, looked at from the distance at which it fills the view. */
static void seen(const struct rotation *r, int w, int h, double u, double v, double *x, double *y, double *depth)
{
    double px = (u - (w - 1) / 2.0) * (double)r->zoom, py = (v - (h - 1) / 2.0) * (double)r->zoom, pz = 0, q;
    double a = (double)r->x * M_PI / 180, b = (double)r->y * M_PI / 180, c = (double)r->z * M_PI / 180;
    double distance = fmax(w, h) / 2 / tan((double)r->fov * M_PI / 360);

    q = py * cos(a) - pz * sin(a);
    pz = py * sin(a) + pz * cos(a);
    py = q;
    q = px * cos(b) + pz * sin(b);
    pz = -px * sin(b) + pz * cos(b);
    px = q;
    q = px * cos(c) - py * sin(c);
    py = px * sin(c) + py * cos(c);
    px = q;
    *depth = 1 + pz / (double)r->zoom / distance;
    *x = (px + (double)r->x_translation) / *depth + (w - 1) / 2.0;
    *y = (py + (double)r->y_translation) / *depth + (h - 1) / 2.0;
}

/* Does the source pixel (sx, sy), moved forward, arrive at (x, y)? By Newton's way back from the pixel itself. */
static bool plane_point(const struct rotation *r, int w, int h, double x, double y, double *u, double *v)
{
    *u = x;
    *v = y;
    for (int i = 0; i < 60; i++) {
        double fx, fy, gx, gy, hx, hy, depth, unused;
        seen(r, w, h, *u, *v, &fx, &fy, &depth);
        seen(r, w, h, *u + 1e-3, *v, &gx, &gy, &unused);
        seen(r, w, h, *u, *v + 1e-3, &hx, &hy, &unused);
        double a = (gx - fx) * 1e3, b = (hx - fx) * 1e3, c = (gy - fy) * 1e3, d = (hy - fy) * 1e3, det = a * d - b * c;
        if (depth < 0.05 || fabs(det) < 1e-9) {
            return false;
        }
        *u -= (d * (fx - x) - b * (fy - y)) / det;
        *v -= (a * (fy - y) - c * (fx - x)) / det;
        if (fabs(fx - x) + fabs(fy - y) < 1e-9) {
            return true;
        }
    }
    return false;
}

static bool origin(const struct trial *t, int w, int h, int x, int y, double *sx, double *sy)
{
    if (t->kind == LENS) {
        double cx = (w - 1) / 2.0 + (double)t->x_corr * w, cy = (h - 1) / 2.0 + (double)t->y_corr * h, dx = x - cx, dy = y - cy;
        double r = sqrt(dx * dx + dy * dy) * (double)t->strength / sqrt((double)w * w + (double)h * h), f = r > 0 ? atan(r) / r : 1;
        *sx = cx + dx * f * (double)t->zoom;
        *sy = cy + dy * f * (double)t->zoom;
        return true;
    }
    if (t->kind == ROTATION) {
        return plane_point(&t->rotation, w, h, x, y, sx, sy);
    }
    const struct polar *p = &t->polar;
    double far_x = fmax(fabs((double)p->x), fabs(w - (double)p->x)), far_y = fmax(fabs((double)p->y), fabs(h - (double)p->y));
    double reach = fmax(1, hypot(far_x, far_y));
    if (!p->reverse) {
        double d = p->logarithmic ? exp(x / (double)w * log(reach + 1)) - 1 : x / (double)w * reach, a = y / (double)h * 2 * M_PI;
        *sx = (double)p->x + d * cos(a);
        *sy = (double)p->y + d * sin(a);
        return true;
    }
    double dx = x - (double)p->x, dy = y - (double)p->y, d = hypot(dx, dy), a = atan2(dy, dx);
    *sx = (p->logarithmic ? log(d + 1) / log(reach + 1) : d / reach) * w - 0.5;
    *sy = (a < 0 ? a + 2 * M_PI : a) / (2 * M_PI) * h;
    *sy = *sy + 0.5 >= h ? 0 : *sy;
    return true;
}

/* One of the pixels around the place, or black where one of them is outside. */
static void check_near(const struct image *before, const struct image *after, int x, int y, double sx, double sy, double slack)
{
    uint32_t got = pixel(after, x, y);

    for (int j = (int)floor(sy + 0.5 - slack); j <= (int)floor(sy + 0.5 + slack); j++) {
        for (int i = (int)floor(sx + 0.5 - slack); i <= (int)floor(sx + 0.5 + slack); i++) {
            bool inside = i >= 0 && j >= 0 && i < before->width && j < before->height;
            if (got == (inside ? pixel(before, i, j) : 0)) {
                return;
            }
        }
    }
    check(false, "%d, %d comes from %g, %g, got %x", x, y, sx, sy, got);
}

static struct trial random_trial(int w, int h)
{
    struct trial t = {.kind = (int)rnd(3), .strength = (float)between(1, 30) / 10, .zoom = (float)between(5, 20) / 10};

    t.x_corr = rnd(2) ? 0 : (float)between(-10, 10) / 40;
    t.y_corr = rnd(2) ? 0 : (float)between(-10, 10) / 40;
    t.rotation = ROTATION_DEFAULTS;
    if (rnd(8)) {
        t.rotation = (struct rotation){(float)between(-30, 30), (float)between(-30, 30), (float)between(-180, 180), (float)between(-9, 9),
                                       (float)between(-9, 9), (float)between(5, 20) / 10, (float)between(30, 90), NULL};
    }
    t.polar = (struct polar){(float)between(-8, w + 8), (float)between(-8, h + 8), rnd(2), rnd(2)};
    return t;
}

static void warps_match(void)
{
    struct image img = image_random(rnd(9) ? between(1, 60) : between(80, 230), rnd(9) ? between(1, 60) : between(80, 230), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct trial t = random_trial(img.width, img.height);
    struct arena arena = arena_new(120000);

    check_equal(call(&t, &img, &arena), 0, "kind %d", t.kind);
    if (getenv("VISION_SEED")) {
        print_message("%dx%d %x kind %d lens %g %g %g %g rotation %g %g %g %g %g %g %g polar %g %g %d %d\n", img.width, img.height, img.format, t.kind,
                      (double)t.strength, (double)t.zoom, (double)t.x_corr, (double)t.y_corr, (double)t.rotation.x, (double)t.rotation.y, (double)t.rotation.z,
                      (double)t.rotation.x_translation, (double)t.rotation.y_translation, (double)t.rotation.zoom, (double)t.rotation.fov,
                      (double)t.polar.x, (double)t.polar.y, t.polar.logarithmic, t.polar.reverse);
    }
    check_equal(arena.used, 0, " ");
    for (int y = 0; y < img.height; y++) {
        for (int x = 0; x < img.width; x++) {
            double sx, sy;
            if (origin(&t, img.width, img.height, x, y, &sx, &sy)) {
                check_near(&before, &img, x, y, sx, sy, t.kind == POLAR ? 0.35 : 0.6);
            }
        }
    }
    free(arena.base);
    free(before.data);
    free(img.data);
}

static void identities(void **state)
{
    (void)state;
    for (int f = 0; f < MUTABLE_FORMATS; f++) {
        struct image img = image_random(37, 29, formats[f], 0), before = image_duplicate(&img);
        struct arena arena = arena_new(30000);
        struct rotation r = ROTATION_DEFAULTS;
        const struct point whole[4] = {{0, 0}, {36, 0}, {36, 28}, {0, 28}}, upper_left[4] = {{0, 0}, {18, 0}, {18, 14}, {0, 14}};
        assert_int_equal(warp_rotation(&img, &r, &arena), 0);
        assert_memory_equal(img.data, before.data, image_bytes(&img));
        assert_int_equal(warp_lens(&img, 1e-4f, 1, 0, 0, &arena), 0);
        assert_memory_equal(img.data, before.data, image_bytes(&img));
        assert_int_equal(warp_lens(&img, 1e-45f, 1, 0, 0, &arena), 0);     /* no lens is weaker */
        assert_memory_equal(img.data, before.data, image_bytes(&img));
        r.corners = whole;
        assert_int_equal(warp_rotation(&img, &r, &arena), 0);
        assert_memory_equal(img.data, before.data, image_bytes(&img));
        r.z = 180;
        r.corners = NULL;
        assert_int_equal(warp_rotation(&img, &r, &arena), 0);
        for (int i = 0; i < 37 * 29; i++) {
            assert_int_equal(pixel(&img, i % 37, i / 37), pixel(&before, 36 - i % 37, 28 - i / 37));
        }
        assert_int_equal(warp_rotation(&img, &r, &arena), 0);
        r.z = 0;
        r.corners = upper_left;
        assert_int_equal(warp_rotation(&img, &r, &arena), 0);
        for (int i = 0; i < 37 * 29; i += 2) {
            check_near(&before, &img, i % 37, i / 37, i % 37 / 2.0, i / 37 / 2.0, 0.1);
        }
        free(arena.base);
        free(before.data);
        free(img.data);
    }
}

/* Up to the last pixel of the longest sides */
static void longest_sides(void **state)
{
    (void)state;
    for (int upright = 0; upright < 2; upright++) {
        struct image img = image_random(upright ? 1 : IMAGE_MAX_SIDE, upright ? IMAGE_MAX_SIDE : 1, PIXFORMAT_GRAYSCALE, 0), before = image_duplicate(&img);
        struct arena arena = arena_new(400000);
        const float same[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
        assert_int_equal(warp_projection(&img, same, &arena), 0);
        assert_memory_equal(img.data, before.data, image_bytes(&img));
        free(arena.base);
        free(before.data);
        free(img.data);
    }
}

/* The lens' middle is the picture's: a mirrored picture gives the mirrored result, but where two pixels are equally near. */
static void lens_is_symmetrical(void **state)
{
    (void)state;
    for (int side = 5; side < 40; side++) {
        struct image img = image_new(side, side, PIXFORMAT_GRAYSCALE, 0), mirrored = image_duplicate(&img);
        struct arena arena = arena_new(20000);
        int different = 0;
        for (int i = 0; i < side * side; i++) {
            img.data[i] = (uint8_t)rnd(256);
            mirrored.data[i / side * side + side - 1 - i % side] = img.data[i];
        }
        assert_int_equal(warp_lens(&img, 1.8f, 1, 0, 0, &arena), 0);
        assert_int_equal(warp_lens(&mirrored, 1.8f, 1, 0, 0, &arena), 0);
        for (int i = 0; i < side * side; i++) {
            different += img.data[i] != mirrored.data[i / side * side + side - 1 - i % side];
        }
        assert_in_range(different, 0, side * side / 50);
        free(arena.base);
        free(mirrored.data);
        free(img.data);
    }
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(20, 16, PIXFORMAT_RGB565, 0), before = image_duplicate(&img), bayer = image_new(4, 4, PIXFORMAT_BAYER_BGGR, 0);
    struct arena arena = arena_new(10000);
    const struct point flat[4] = {{0, 0}, {5, 0}, {10, 0}, {15, 0}};

    for (int kind = 0; kind < 3; kind++) {
        struct trial t = {.kind = kind, .strength = 1, .zoom = 1, .rotation = ROTATION_DEFAULTS, .polar = {5, 5, false, false}};
        int err = VISION_E_MEMORY;
        for (size_t size = 0; err; size += 24) {
            struct arena small = arena_new(size);
            err = call(&t, &img, &small);
            check(err == 0 || (err == VISION_E_MEMORY && !memcmp(img.data, before.data, image_bytes(&img))), "kind %d, %zu bytes: %d", kind, size, err);
            check_equal(small.used, 0, " ");
            free(small.base);
        }
        memcpy(img.data, before.data, image_bytes(&img));
        assert_int_equal(call(&t, &bayer, &arena), VISION_E_FORMAT);
    }
    assert_int_equal(warp_lens(&img, 0, 1, 0, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(warp_lens(&img, NAN, 1, 0, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(warp_lens(&img, 1, -1, 0, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(warp_lens(&img, 1, 1, INFINITY, 0, &arena), VISION_E_ARGUMENT);
    for (int i = 0; i < 6; i++) {
        struct rotation r = ROTATION_DEFAULTS;
        float *fields[6] = {&r.x, &r.y, &r.z, &r.x_translation, &r.zoom, &r.fov};
        *fields[i] = NAN;
        assert_int_equal(warp_rotation(&img, &r, &arena), VISION_E_ARGUMENT);
        *fields[i] = INFINITY;
        assert_int_equal(warp_rotation(&img, &r, &arena), VISION_E_ARGUMENT);
    }
    struct rotation r = ROTATION_DEFAULTS;
    r.y = 90;                       /* seen from the side */
    assert_int_equal(warp_rotation(&img, &r, &arena), VISION_E_ARGUMENT);
    r.y = 0;
    r.corners = flat;
    assert_int_equal(warp_rotation(&img, &r, &arena), VISION_E_ARGUMENT);
    assert_int_equal(warp_polar(&img, &(struct polar){NAN, 0, false, false}, &arena), VISION_E_ARGUMENT);
    assert_memory_equal(img.data, before.data, image_bytes(&img));
    free(arena.base);
    free(bayer.data);
    free(before.data);
    free(img.data);
}

static void warping(void **state)
{
    (void)state;
    for_seeds(warps_match, 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warping),
        cmocka_unit_test(identities),
        cmocka_unit_test(longest_sides),
        cmocka_unit_test(lens_is_symmetrical),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
