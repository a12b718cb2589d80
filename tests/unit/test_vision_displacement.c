/* SPDX-License-Identifier: MIT */
/* The Fourier transforms against their definition in double precision; displacements against the whole computation done by definition, and against
   pictures that were moved, turned and scaled by known amounts. */
#include <complex.h>
#include <math.h>

#include "vision_test.h"

#include "vision/displacement.h"
#include "vision/fft.h"

static int reversed(int i, int n)
{
    int r = 0;

    for (int bit = 1; bit < n; bit *= 2) {
        r = 2 * r + ((i & bit) != 0);
    }
    return r;
}

/* ---- Transforms ---- */

static void transforms_match(void)
{
    int n = 1 << between(0, 8), most = n << between(0, 2), columns = between(1, 5), pitch = columns + between(0, 3);
    float *factors = malloc(FFT_FACTOR_FLOATS((size_t)most) * sizeof(float)), *x = malloc((size_t)(2 * n * pitch) * sizeof(float)), *rows[1];
    double complex *in = malloc((size_t)(n * pitch) * sizeof *in);
    struct fft fft;

    fft_open(&fft, most, factors);
    for (int i = 0; i < n * pitch; i++) {
        x[2 * i] = (float)between(-1000, 1000) / 100;
        x[2 * i + 1] = (float)between(-1000, 1000) / 100;
        in[i] = (double)x[2 * i] + I * (double)x[2 * i + 1];
    }
    fft_columns(&fft, x, n, (size_t)pitch, columns);
    for (int c = 0; c < pitch; c++) {
        for (int i = 0; i < n; i++) {
            double complex sum = 0;
            for (int j = 0; j < n; j++) {
                sum += in[j * pitch + c] * cexp(-2 * M_PI * I * (double)((long)j * reversed(i, n) % n) / n);
            }
            sum = c < columns ? sum : in[i * pitch + c];
            double complex got = (double)x[2 * (i * pitch + c)] + I * (double)x[2 * (i * pitch + c) + 1];
            check(cabs(got - sum) < 2e-3, "column %d, %d of %d: %g %g, expected %g %g", c, i, n, creal(got), cimag(got), creal(sum), cimag(sum));
        }
    }
    fft_columns_back(&fft, x, n, (size_t)pitch, columns);
    for (int i = 0; i < n * columns; i++) {
        int at = i / columns * pitch + i % columns;
        double complex got = ((double)x[2 * at] + I * (double)x[2 * at + 1]) / n;
        check(cabs(got - in[at]) < 1e-4, "column back %d", i);
    }
    /* a row is a column of pitch 1 */
    float *copy = malloc((size_t)(2 * n) * sizeof(float));
    rows[0] = malloc((size_t)(2 * n) * sizeof(float));
    memcpy(copy, x, (size_t)(2 * n) * sizeof(float));
    memcpy(rows[0], x, (size_t)(2 * n) * sizeof(float));
    fft_row(&fft, rows[0], n);
    fft_columns(&fft, copy, n, 1, 1);
    for (int i = 0; i < 2 * n; i++) {
        check(fabsf(copy[i] - rows[0][i]) < 1e-3f, "row %d of %d", i, n);
    }
    fft_row_back(&fft, rows[0], n);
    for (int i = 0; i < 2 * n; i++) {
        check(fabsf(rows[0][i] / (float)n - x[i]) < 2e-5f * (float)n + 1e-4f, "row back %d of %d", i, n);
    }
    for (int i = 0; i < n; i++) {
        check_equal(reversed(fft_mirror(i), n), (n - reversed(i, n)) % n, " ");
    }
    free(rows[0]);
    free(copy);
    free(in);
    free(x);
    free(factors);
}

static void transforms(void **state)
{
    (void)state;
    for_seeds(transforms_match, 60);
}

/* ---- Displacements by definition ---- */

enum { MOST = 64 };

static void dft(double complex z[MOST][MOST], int nx, int ny, int sign)
{
    static double complex t[MOST][MOST];

    for (int pass = 0; pass < 2; pass++) {
        int n = pass ? ny : nx, lines = pass ? nx : ny;
        for (int l = 0; l < lines; l++) {
            for (int i = 0; i < n; i++) {
                double complex sum = 0;
                for (int j = 0; j < n; j++) {
                    sum += (pass ? z[j][l] : z[l][j]) * cexp(sign * 2 * M_PI * I * (i * j % n) / n);
                }
                *(pass ? &t[i][l] : &t[l][i]) = sum;
            }
        }
        memcpy(z, t, sizeof t);
    }
}

static void spectrum(const struct image *img, struct rect roi, int nx, int ny, double complex z[MOST][MOST])
{
    double mean = 0;

    for (int i = 0; i < roi.w * roi.h; i++) {
        mean += gray_of(img, roi.x + i % roi.w, roi.y + i / roi.w) / (double)(roi.w * roi.h);
    }
    for (int y = 0; y < ny; y++) {
        for (int x = 0; x < nx; x++) {
            double f = pow(sin(M_PI * (x + 0.5) / roi.w), 2) * pow(sin(M_PI * (y + 0.5) / roi.h), 2);
            z[y][x] = x < roi.w && y < roi.h ? (gray_of(img, roi.x + x, roi.y + y) - mean) * f : 0;
        }
    }
    dft(z, nx, ny, -1);
}

static int pow2(int side)
{
    int n = 1;

    while (n < side) {
        n *= 2;
    }
    return n;
}

static void displacements_match(void)
{
    static double complex a[MOST][MOST], b[MOST][MOST];
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0), other;
    struct rect roi = random_roi(&img), ra;
    struct displacement_options o = {.roi = rnd(2) ? &roi : NULL};
    struct arena arena = arena_new(60000);
    struct displacement got;

    image_clip(&img, o.roi, &ra);
    other = image_random(ra.w + 3, ra.h + 2, formats[rnd(MUTABLE_FORMATS)], 0);
    struct rect rb = {between(0, 3), between(0, 2), ra.w, ra.h};
    o.pattern_roi = &rb;
    int nx = pow2(ra.w), ny = pow2(ra.h);
    assert_int_equal(displacement_find(&img, &other, &o, &arena, &got), 0);
    check_equal(arena.used, 0, " ");
    size_t most = (size_t)(nx > ny ? nx : ny);
    check(arena.peak <= (size_t)(8 * nx * ny) + 6 * most + 4 * (size_t)(nx + ny) + 2 * (size_t)ra.w + 200, "%zu bytes of scratch", arena.peak);
    spectrum(&img, ra, nx, ny, a);
    spectrum(&other, rb, nx, ny, b);
    double least = 1e300;
    for (int i = 0; i < nx * ny; i++) {
        double complex c = a[i / nx][i % nx] * conj(b[i / nx][i % nx]);
        least = i && cabs(c) < least ? cabs(c) : least;
        a[i / nx][i % nx] = i == 0 || cabs(c) < 1e-9 ? 0 : c / cabs(c);
    }
    dft(a, nx, ny, 1);
    double best = 0, second = 0;
    int at = 0;
    for (int i = 0; i < nx * ny; i++) {
        double v = creal(a[i / nx][i % nx]);
        if (v > best) {
            second = best;
            best = v;
            at = i;
        } else if (v > second) {
            second = v;
        }
    }
    if (least > 1e-1 && nx > 2 && ny > 2 && best > second * 1.01) { /* else rounding decides */
        int x = at % nx, y = at / nx;
        double fx = (double)got.x - (x > nx / 2 ? x - nx : x), fy = (double)got.y - (y > ny / 2 ? y - ny : y);
        double l = creal(a[y][(x + nx - 1) % nx]), r = creal(a[y][(x + 1) % nx]), u = creal(a[(y + ny - 1) % ny][x]), d = creal(a[(y + 1) % ny][x]);
        check(fabs(fx - (l - r) / (2 * (l - 2 * best + r))) < 0.02 && fabs(fy - (u - d) / (2 * (u - 2 * best + d))) < 0.02,
              "%g, %g, expected %d %+g, %d %+g", (double)got.x, (double)got.y, x, (l - r) / (2 * (l - 2 * best + r)), y, (u - d) / (2 * (u - 2 * best + d)));
        check(fabs((double)got.response - best / (nx * ny)) < 1e-3, "response %g, expected %g", (double)got.response, best / (nx * ny));
    }
    check(got.response >= 0 && got.response <= 1 && got.rotation == 0 && got.scale == 1, "response %g", (double)got.response);
    free(arena.base);
    free(other.data);
    free(img.data);
}

static void definition(void **state)
{
    (void)state;
    for_seeds(displacements_match, 150);
}

/* ---- A scene moved by known amounts ---- */

static double scene(double x, double y)
{
    double v = 0;

    for (int i = 1; i <= 12; i++) {  /* waves of many directions and lengths, and spots */
        v += sin(x * 0.9 * cos(i * 2.1) / (1 + i * 0.17) + y * 0.9 * sin(i * 2.1) / (1 + i * 0.17) + i * i);
        double dx = x - 60 * sin(i * 12.9), dy = y - 60 * sin(i * 78.2);
        v += 5 * exp(-(dx * dx + dy * dy) / (6 + 5 * i));
    }
    return fmin(255, fmax(0, 110 + 14 * v));
}

/* The scene about the middle of w x h, turned by `rotation`, grown by `scale`, moved by (x, y). */
static struct image view(int w, int h, double x, double y, double rotation, double scale)
{
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);

    for (int i = 0; i < w * h; i++) {
        double dx = (i % w - (w - 1) / 2.0 - x) / scale, dy = (i / w - (h - 1) / 2.0 - y) / scale;
        image_set_pixel(&img, i % w, i / w, (uint32_t)lround(scene(dx * cos(rotation) + dy * sin(rotation), -dx * sin(rotation) + dy * cos(rotation))));
    }
    return img;
}

static struct displacement between_views(int w, int h, double x, double y, double rotation, double scale, bool logpolar, bool fix)
{
    struct image a = view(w, h, x, y, rotation, scale), b = view(w, h, 0, 0, 0, 1);
    const struct displacement_options o = {.logpolar = logpolar, .fix_rotation_scale = fix};
    struct arena arena = arena_new(12 * 256 * 128 + 40000);
    struct displacement got = {0};

    assert_int_equal(displacement_find(&a, &b, &o, &arena, &got), 0);
    free(arena.base);
    free(a.data);
    free(b.data);
    return got;
}

static void moved(void **state)
{
    (void)state;
    static const double moves[][2] = {{0, 0}, {3, -2}, {-7, 5}, {0.5, 0}, {2.25, -3.75}, {-11, -9}};
    static const int sizes[][2] = {{64, 64}, {80, 60}, {160, 120}, {128, 32}};

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
            struct displacement d = between_views(sizes[s][0], sizes[s][1], moves[i][0], moves[i][1], 0, 1, false, false);
            check(fabs((double)d.x - moves[i][0]) < 0.3 && fabs((double)d.y - moves[i][1]) < 0.3, "%dx%d: %g, %g, expected %g, %g (response %g)", sizes[s][0],
                  sizes[s][1], (double)d.x, (double)d.y, moves[i][0], moves[i][1], (double)d.response);
        }
    }
}

static void turned(void **state)
{
    (void)state;
    static const double turns[][2] = {{0, 1}, {20, 1}, {-35, 1}, {0, 1.2}, {0, 0.8}, {15, 1.1}, {120, 1}, {-170, 0.9}};

    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        struct displacement d = between_views(128, 120, 0, 0, turns[i][0] * M_PI / 180, turns[i][1], true, false);
        check(fabs((double)d.rotation * 180 / M_PI - turns[i][0]) < 2 && fabs((double)d.scale - turns[i][1]) < 0.03, "%g degrees, scale %g, expected %g, %g (response %g)",
              (double)d.rotation * 180 / M_PI, (double)d.scale, turns[i][0], turns[i][1], (double)d.response);
        check(d.x == 0 && d.y == 0, "%g, %g", (double)d.x, (double)d.y);
    }
}

static void turned_and_moved(void **state)
{
    (void)state;
    static const double moves[][4] = {{0, 0, 0, 1}, {5, -3, 0, 1}, {4, 6, 12, 1}, {-6, 2, -25, 1}, {3, 3, 0, 1.15}, {-4, 5, 8, 0.9}, {2, -3, 170, 1}};

    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        struct displacement d = between_views(128, 128, moves[i][0], moves[i][1], moves[i][2] * M_PI / 180, moves[i][3], false, true);
        double off = fabs(remainder((double)d.rotation * 180 / M_PI - moves[i][2], 360));
        check(off < 2 && fabs((double)d.scale - moves[i][3]) < 0.04 && fabs((double)d.x - moves[i][0]) < 1 && fabs((double)d.y - moves[i][1]) < 1,
              "%g degrees, scale %g, %g, %g, expected %g, %g, %g, %g (response %g)", (double)d.rotation * 180 / M_PI, (double)d.scale, (double)d.x, (double)d.y,
              moves[i][2], moves[i][3], moves[i][0], moves[i][1], (double)d.response);
    }
}

/* Every size and format, flat pictures too: no value that is none. */
static void any_size(void)
{
    enum pixel_format f = formats[rnd(ALL_FORMATS)];
    int w = between(1, 40), h = between(1, 40);
    struct image a = rnd(5) ? image_random(w, h, f, 0) : image_new(w, h, f, 0), b = rnd(5) ? image_random(w, h, formats[rnd(ALL_FORMATS)], 0) : image_duplicate(&a);
    const struct displacement_options o = {.logpolar = rnd(2), .fix_rotation_scale = rnd(2)};
    struct arena arena = arena_new(80000);
    struct displacement d;

    assert_int_equal(displacement_find(&a, &b, &o, &arena, &d), 0);
    check_equal(arena.used, 0, " ");
    check(d.response >= 0 && d.response <= 1 && isfinite(d.x) && isfinite(d.y) && isfinite(d.rotation) && d.scale > 0 && isfinite(d.scale) &&
              fabsf(d.x) <= 32.5f && fabsf(d.y) <= 32.5f && fabsf(d.rotation) < 3.6f,
          "%g %g %g %g %g", (double)d.x, (double)d.y, (double)d.rotation, (double)d.scale, (double)d.response);
    free(arena.base);
    free(a.data);
    free(b.data);
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(33, 20, PIXFORMAT_GRAYSCALE, 0), jpeg = {4, 4, PIXFORMAT_JPEG, 4, img.data};
    struct arena arena = arena_new(60000);
    struct displacement d;
    const struct rect outside = {33, 0, 5, 5}, part = {1, 1, 20, 19};

    for_seeds(any_size, 400);
    for (int flags = 0; flags < 3; flags++) {
        const struct displacement_options o = {.logpolar = flags == 1, .fix_rotation_scale = flags == 2};
        int err = VISION_E_MEMORY;
        for (size_t size = 0; err; size += 72) {
            struct arena small = arena_new(size);
            err = displacement_find(&img, &img, &o, &small, &d);
            check(err == 0 || err == VISION_E_MEMORY, "%zu bytes: %d", size, err);
            check_equal(small.used, 0, " ");
            free(small.base);
        }
        check(fabsf(d.x) < 0.01f && fabsf(d.y) < 0.01f && fabsf(d.rotation) < 0.01f && fabsf(d.scale - 1) < 0.01f, "with itself: %g %g %g %g", (double)d.x, (double)d.y,
              (double)d.rotation, (double)d.scale);
    }
    struct displacement_options o = {0};
    assert_int_equal(displacement_find(&img, &jpeg, &o, &arena, &d), VISION_E_FORMAT);
    assert_int_equal(displacement_find(&jpeg, &img, &o, &arena, &d), VISION_E_FORMAT);
    o.roi = &outside;
    assert_int_equal(displacement_find(&img, &img, &o, &arena, &d), VISION_E_ROI);
    o.roi = &part;
    assert_int_equal(displacement_find(&img, &img, &o, &arena, &d), VISION_E_SIZE);
    o.pattern_roi = &outside;
    assert_int_equal(displacement_find(&img, &img, &o, &arena, &d), VISION_E_ROI);
    struct image huge = {32767, 32767, PIXFORMAT_GRAYSCALE, 0, img.data};
    o.roi = o.pattern_roi = NULL;
    assert_int_equal(displacement_find(&huge, &huge, &o, &arena, &d), VISION_E_SIZE);
    free(arena.base);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms), cmocka_unit_test(definition),           cmocka_unit_test(moved),
        cmocka_unit_test(turned),     cmocka_unit_test(turned_and_moved), cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
