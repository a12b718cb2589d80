/* SPDX-License-Identifier: MIT */
/* Negative, gamma, white balance, colour matrix and equalised histograms against their definitions. */
#include <math.h>

#include "vision_test.h"

#include "vision/adjust.h"
#include "vision/row.h"

static int channels_of(const struct image *img)
{
    return img->format == PIXFORMAT_RGB565 ? 3 : 1;
}

static int top_of(const struct image *img, int c)
{
    return img->format == PIXFORMAT_BINARY ? 1 : img->format == PIXFORMAT_GRAYSCALE ? 255 : c == 1 ? 63 : 31;
}

static int channel(const struct image *img, int x, int y, int c)
{
    uint32_t v = pixel(img, x, y);

    return (int)(img->format != PIXFORMAT_RGB565 ? v : c == 0 ? v >> 11 : c == 1 ? v >> 5 & 63 : v & 31);
}

static struct image random_mutable(void)
{
    return image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0);
}

static void negate_matches(void)
{
    struct image img = random_mutable(), before = image_duplicate(&img);

    check_equal(adjust_negate(&img), 0, " ");
    for (int i = 0; i < img.width * img.height; i++) {
        for (int c = 0; c < channels_of(&img); c++) {
            int x = i % img.width, y = i / img.width;
            check_equal(channel(&img, x, y, c), top_of(&img, c) - channel(&before, x, y, c), "format %x at %d, %d", img.format, x, y);
        }
    }
    check_equal(adjust_negate(&img), 0, " ");
    check_equal(memcmp(img.data, before.data, image_bytes(&img)), 0, "twice is not once");
    free(before.data);
    free(img.data);
}

static void gamma_matches(void)
{
    struct image img = random_mutable(), before = image_duplicate(&img);
    float gamma = (float)between(1, 40) / 10, contrast = (float)between(0, 30) / 10, brightness = (float)between(-10, 10) / 10;
    struct arena arena = arena_new(5200);

    check_equal(adjust_gamma(&img, gamma, contrast, brightness, &arena), 0, " ");
    check_equal(arena.used, 0, " ");
    for (int i = 0; i < img.width * img.height; i++) {
        for (int c = 0; c < channels_of(&img); c++) {
            int x = i % img.width, y = i / img.width, top = top_of(&img, c);
            double v = (contrast * pow((double)channel(&before, x, y, c) / top, 1 / (double)gamma) + brightness) * top;
            double expected = v < 0 ? 0 : v > top ? top : v;
            check(fabs(channel(&img, x, y, c) - expected) <= 0.5 + 1e-3, "%g %g %g: %d became %d, expected %g", (double)gamma, (double)contrast,
                  (double)brightness, channel(&before, x, y, c), channel(&img, x, y, c), expected);
        }
    }
    free(arena.base);
    free(before.data);
    free(img.data);
}

static void white_balance_matches(void)
{
    struct image img = random_mutable(), before = image_duplicate(&img);
    struct arena arena = arena_new(5200);
    bool max = rnd(2);
    double level[3] = {0}, most = 0;
    int n = img.width * img.height;

    check_equal(adjust_awb(&img, max, &arena), 0, " ");
    if (img.format != PIXFORMAT_RGB565) {
        check_equal(memcmp(img.data, before.data, image_bytes(&img)), 0, "format %x changed", img.format);
        goto out;
    }
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < n; i++) {
            double v = (double)channel(&before, i % img.width, i / img.width, c) / top_of(&img, c);
            level[c] = !max ? level[c] + v / n : v > level[c] ? v : level[c];
        }
        most = fmax(most, level[c]);
    }
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < 3; c++) {
            int x = i % img.width, y = i / img.width;
            double expected = fmin(channel(&before, x, y, c) * (level[c] > 0 ? most / level[c] : 1), top_of(&img, c));
            check(fabs(channel(&img, x, y, c) - expected) <= 0.51, "channel %d: %d became %d, expected %g", c, channel(&before, x, y, c),
                  channel(&img, x, y, c), expected);
        }
    }
out:
    free(arena.base);
    free(before.data);
    free(img.data);
}

static void matrix_matches(void)
{
    struct image img = random_mutable(), before = image_duplicate(&img);
    float m[12];

    for (int i = 0; i < 12; i++) {
        m[i] = (float)between(-2048, 2048) / 1024 * (i % 4 == 3 ? 50 : 1);
    }
    check_equal(adjust_ccm(&img, m), 0, " ");
    for (int i = 0; i < img.width * img.height && img.format == PIXFORMAT_RGB565; i++) {
        int x = i % img.width, y = i / img.width;
        struct rgb in = color_rgb565_to_rgb(pixel(&before, x, y)), out = color_rgb565_to_rgb(pixel(&img, x, y));
        const int got[3] = {out.r, out.g, out.b};
        for (int c = 0; c < 3; c++) {
            const float *row = m + 4 * c;
            double v = row[0] * (double)in.r + row[1] * (double)in.g + row[2] * (double)in.b + row[3];
            int low = (int)fmax(0, fmin(255, floor(v + 0.5 - 0.05))), high = (int)fmax(0, fmin(255, floor(v + 0.5 + 0.05)));
            int drop = c == 1 ? 2 : 3;
            check(got[c] >> drop == low >> drop || got[c] >> drop == high >> drop, "channel %d: %d, expected %g", c, got[c], v);
        }
    }
    check(img.format == PIXFORMAT_RGB565 || memcmp(img.data, before.data, image_bytes(&img)) == 0, "format %x changed", img.format);
    free(before.data);
    free(img.data);
}

/* ---- Equalising ---- */

/* Map of the pixels of a rectangle, with the clipping of CLAHE. */
static void map_of(const struct image *img, const struct image *mask, struct rect r, double limit, double map[256])
{
    uint32_t count[256] = {0}, total = 0, excess = 0, sum = 0;

    for (int y = r.y; y < r.y + r.h; y++) {
        for (int x = r.x; x < r.x + r.w; x++) {
            if (!mask || gray_of(mask, x, y) > 127) {
                count[gray_of(img, x, y)]++;
                total++;
            }
        }
    }
    uint32_t most = (uint32_t)fmaxf(1, (float)limit * (float)total / 256);
    for (int v = 0; v < 256 && limit > 0 && (float)limit * (float)total / 256 < (float)total; v++) {
        excess += count[v] > most ? count[v] - most : 0;
        count[v] = count[v] > most ? most : count[v];
    }
    for (uint32_t v = 0; v < 256; v++) {
        count[v] += excess / 256 + ((v + 1) * (excess % 256) / 256 - v * (excess % 256) / 256);
        sum += count[v];
        map[v] = total ? floor(sum * 255.0 / total) : v;
    }
}

static int cut(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* Is the pixel moved from gray `was` to `to` (give or take `slack`)? */
static void check_moved(const struct image *before, const struct image *after, int x, int y, double to, double slack)
{
    int was = gray_of(before, x, y), low = (int)ceil(to - slack), high = (int)floor(to + slack);

    if (before->format == PIXFORMAT_RGB565) {
        struct rgb in = color_rgb565_to_rgb(pixel(before, x, y));
        bool found = false;
        for (int v = low; v <= high; v++) {
            struct rgb out = {(uint8_t)cut(in.r + v - was), (uint8_t)cut(in.g + v - was), (uint8_t)cut(in.b + v - was)};
            found |= color_rgb_to_rgb565(out) == pixel(after, x, y);
        }
        check(found, "at %d, %d: %04x became %04x, gray %d to %g", x, y, pixel(before, x, y), pixel(after, x, y), was, to);
    } else if (before->format == PIXFORMAT_GRAYSCALE) {
        check((int)pixel(after, x, y) >= low && (int)pixel(after, x, y) <= high, "at %d, %d: %d, expected %g", x, y, (int)pixel(after, x, y), to);
    } else {
        check(pixel(after, x, y) == (low > 127) || pixel(after, x, y) == (high > 127), "at %d, %d: %d, expected %g", x, y, (int)pixel(after, x, y), to);
    }
}

static void histogram_equalised(void)
{
    struct image img = random_mutable(), before = image_duplicate(&img);
    struct image mask = image_random(img.width + between(0, 2), img.height + between(0, 2), formats[rnd(MUTABLE_FORMATS)], 0);
    struct equalize_options o = {.mask = rnd(2) ? &mask : NULL};
    struct arena arena = arena_new(1400 + 6 * 40);
    double map[256];

    map_of(&img, o.mask, (struct rect){0, 0, img.width, img.height}, 0, map);
    check_equal(equalize_histogram(&img, &o, &arena), 0, " ");
    check_equal(arena.used, 0, " ");
    for (int i = 0; i < img.width * img.height; i++) {
        int x = i % img.width, y = i / img.width;
        if (o.mask && gray_of(&mask, x, y) <= 127) {
            check_equal(pixel(&img, x, y), pixel(&before, x, y), "outside the mask at %d, %d", x, y);
        } else {
            check_moved(&before, &img, x, y, map[gray_of(&before, x, y)], 0);
        }
    }
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(img.data);
}

static double between_tiles(double a, double b, int at, int from, int to)
{
    return to > from ? a + (b - a) * (at - from) / (to - from) : a;
}

static void tiles_equalised(void)
{
    struct image img = image_random(between(8, 60), between(8, 60), formats[1 + rnd(2)], 0), before = image_duplicate(&img);
    struct image mask = image_random(img.width, img.height, PIXFORMAT_BINARY, 0);
    struct equalize_options o = {.adaptive = true, .clip_limit = (float)between(-1, 5), .mask = rnd(2) ? &mask : NULL};
    struct arena arena = arena_new(8400 + 6 * 60);
    static double map[8][8][256];
    int w = img.width, h = img.height;
#define EDGE(length, i)   ((length) * (i) / 8)
#define CENTER(length, i) (EDGE(length, i) + EDGE(length, (i) + 1) - 1)

    for (int i = 0; i < 64; i++) {
        int x = EDGE(w, i % 8), y = EDGE(h, i / 8);
        map_of(&img, o.mask, (struct rect){x, y, EDGE(w, i % 8 + 1) - x, EDGE(h, i / 8 + 1) - y}, (double)o.clip_limit, map[i / 8][i % 8]);
    }
    check_equal(equalize_histogram(&img, &o, &arena), 0, " ");
    for (int i = 0; i < w * h; i++) {
        int x = i % w, y = i / w, column = 0, row = 0, v = gray_of(&before, x, y);
        if (o.mask && gray_of(&mask, x, y) <= 127) {
            check_equal(pixel(&img, x, y), pixel(&before, x, y), "outside the mask at %d, %d", x, y);
            continue;
        }
        while (column < 8 && CENTER(w, column) <= 2 * x) {
            column++;
        }
        while (row < 8 && CENTER(h, row) <= 2 * y) {
            row++;
        }
        int left = column ? column - 1 : 0, right = column < 8 ? column : 7, up = row ? row - 1 : 0, down = row < 8 ? row : 7;
        double above = between_tiles(map[up][left][v], map[up][right][v], 2 * x, CENTER(w, left), CENTER(w, right));
        double below = between_tiles(map[down][left][v], map[down][right][v], 2 * x, CENTER(w, left), CENTER(w, right));
        check_moved(&before, &img, x, y, between_tiles(above, below, 2 * y, CENTER(h, up), CENTER(h, down)), 0.9);    /* rounded, and weights in 1/512 */
    }
    free(arena.base);
    free(mask.data);
    free(before.data);
    free(img.data);
}

static void memory_runs_out(void **state)
{
    (void)state;
    for (int which = 0; which < 4; which++) {
        for (int f = 0; f < MUTABLE_FORMATS; f++) {
            struct image img = image_random(20, 16, formats[f], 0), before = image_duplicate(&img);
            bool done = false;
            for (size_t size = 0; !done; size += 32) {
                struct arena arena = arena_new(size);
                struct equalize_options o = {.adaptive = which == 3, .clip_limit = 3};
                int err = which == 0   ? adjust_gamma(&img, 2, 1, 0, &arena)
                          : which == 1 ? adjust_awb(&img, false, &arena)
                                       : equalize_histogram(&img, &o, &arena);
                done = err == 0;
                check(done || err == VISION_E_MEMORY, "%d: %d with %zu bytes", which, err, size);
                check_equal(arena.used, 0, " ");
                check(done || memcmp(img.data, before.data, image_bytes(&img)) == 0, "%d wrote with %zu bytes", which, size);
                free(arena.base);
            }
            free(before.data);
            free(img.data);
        }
    }
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_RGB565, 0), bayer = image_new(8, 8, PIXFORMAT_BAYER_BGGR, 0), small = image_new(7, 8, PIXFORMAT_BINARY, 0);
    struct arena arena = arena_new(12000);
    float m[12] = {0};

    assert_int_equal(adjust_negate(&bayer), VISION_E_FORMAT);
    assert_int_equal(adjust_gamma(&bayer, 1, 1, 0, &arena), VISION_E_FORMAT);
    assert_int_equal(adjust_awb(&bayer, false, &arena), VISION_E_FORMAT);
    assert_int_equal(adjust_ccm(&bayer, m), VISION_E_FORMAT);
    assert_int_equal(adjust_gamma(&img, 0, 1, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(adjust_gamma(&img, NAN, 1, 0, &arena), VISION_E_ARGUMENT);
    assert_int_equal(adjust_gamma(&img, 1, INFINITY, 0, &arena), VISION_E_ARGUMENT);
    m[5] = 31.5f;
    assert_int_equal(adjust_ccm(&img, m), VISION_E_ARGUMENT);
    m[5] = NAN;
    assert_int_equal(adjust_ccm(&img, m), VISION_E_ARGUMENT);
    assert_int_equal(equalize_histogram(&bayer, &(struct equalize_options){0}, &arena), VISION_E_FORMAT);
    assert_int_equal(equalize_histogram(&img, &(struct equalize_options){.mask = &small}, &arena), VISION_E_SIZE);
    assert_int_equal(equalize_histogram(&small, &(struct equalize_options){.adaptive = true}, &arena), VISION_E_SIZE);
    assert_int_equal(equalize_histogram(&img, &(struct equalize_options){.clip_limit = NAN}, &arena), VISION_E_ARGUMENT);
    free(arena.base);
    free(small.data);
    free(bayer.data);
    free(img.data);
}

static void adjustments(void **state)
{
    (void)state;
    for_seeds(negate_matches, 300);
    for_seeds(gamma_matches, 500);
    for_seeds(white_balance_matches, 300);
    for_seeds(matrix_matches, 500);
}

static void equalising(void **state)
{
    (void)state;
    for_seeds(histogram_equalised, 500);
    for_seeds(tiles_equalised, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjustments),
        cmocka_unit_test(equalising),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(bad_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
