/* SPDX-License-Identifier: MIT */
/* Edges against their definitions, pixel by pixel, in every format, with every option. */
#include "vision_test.h"

#include "vision/edge.h"
#include "vision/row.h"

typedef int (*edge_function)(struct image *, const struct edge_options *, struct arena *);

/* ---- Definitions: planes of ints of the region, continued by their outermost pixels ---- */

static int at(const int *plane, struct rect r, int x, int y)
{
    x = x < 0 ? 0 : x >= r.w ? r.w - 1 : x;
    y = y < 0 ? 0 : y >= r.h ? r.h - 1 : y;
    return plane[y * r.w + x];
}

static void simple_definition(const int *gray, struct rect r, int low, int high, bool *white)
{
    for (int i = 0; i < r.w * r.h; i++) {
        int sum = 9 * gray[i];
        for (int j = 0; j < 9; j++) {
            sum -= at(gray, r, i % r.w + j % 3 - 1, i / r.w + j / 3 - 1);
        }
        sum = sum < 0 ? 0 : sum > 255 ? 255 : sum;
        white[i] = sum >= low && sum <= high;
    }
}

static int weighted(const int *plane, struct rect r, int x, int y, const int weight[9])
{
    int sum = 0;

    for (int j = 0; j < 9; j++) {
        sum += weight[j] * at(plane, r, x + j % 3 - 1, y + j / 3 - 1);
    }
    return sum;
}

static void canny_definition(const int *gray, struct rect r, int low, int high, bool *white)
{
    static const int soft[9] = {1, 2, 1, 2, 4, 2, 1, 2, 1}, across[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1}, down[9] = {-1, -2, -1, 0, 0, 0, 1, 2, 1};
    int n = r.w * r.h, *smooth = calloc((size_t)n, sizeof *smooth), *power = calloc((size_t)n, sizeof *power);
    bool *weak = calloc((size_t)n, 1), again = true;

    low = low < 0 ? 0 : low;
    high = high < 0 ? 0 : high;
    for (int i = 0; i < n; i++) {
        smooth[i] = weighted(gray, r, i % r.w, i / r.w, soft) / 16;
    }
    for (int i = 0; i < n; i++) {
        int x = weighted(smooth, r, i % r.w, i / r.w, across), y = weighted(smooth, r, i % r.w, i / r.w, down);
        power[i] = x * x + y * y;
    }
    for (int i = 0; i < n; i++) {
        int x = weighted(smooth, r, i % r.w, i / r.w, across), y = weighted(smooth, r, i % r.w, i / r.w, down), dx, dy, side[2];
        if (256 * abs(y) < 106 * abs(x)) {
            dx = -1, dy = 0;
        } else if (256 * abs(x) < 106 * abs(y)) {
            dx = 0, dy = -1;
        } else {
            dx = (x < 0) == (y < 0) ? -1 : 1, dy = -1;
        }
        for (int k = 0; k < 2; k++) {
            int u = i % r.w + (k ? -dx : dx), v = i / r.w + (k ? -dy : dy);
            side[k] = u < 0 || v < 0 || u >= r.w || v >= r.h ? 0 : power[v * r.w + u];
        }
        bool thin = power[i] > side[0] && power[i] >= side[1] && power[i] > 0;
        weak[i] = thin && power[i] >= (long long)low * low;
        white[i] = weak[i] && power[i] >= (long long)high * high;
    }
    while (again) {
        again = false;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < 9 && weak[i] && !white[i]; j++) {
                int u = i % r.w + j % 3 - 1, v = i / r.w + j / 3 - 1;
                white[i] = u >= 0 && v >= 0 && u < r.w && v < r.h && white[v * r.w + u];
                again |= white[i];
            }
        }
    }
    free(smooth);
    free(power);
    free(weak);
}

/* ---- Properties ---- */

/* Noise, or shapes with some noise, so that edges are long. */
static struct image picture(int w, int h, enum pixel_format format)
{
    struct image img = image_random(w, h, format, 0);

    if (rnd(3)) {
        int cx = between(0, w), cy = between(0, h), r = between(1, 20), step = between(0, 200), noise = between(1, 40);
        struct image gray = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                int in = (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r || (x / 7 + y / 5) % 3 == 0;
                gray.data[y * w + x] = (uint8_t)((in ? step : 20) + (int)rnd((uint32_t)noise));
            }
            row_store_gray(&img, 0, y, w, image_row(&gray, y));
        }
        free(gray.data);
    }
    return img;
}

static void edges_match(void)
{
    int w = between(1, rnd(3) ? 40 : 140), h = between(1, 40), canny = (int)rnd(2);
    struct image img = picture(w, h, formats[rnd(MUTABLE_FORMATS)]), before = image_duplicate(&img);
    struct rect roi = random_roi(&img), r = rect_intersect(roi, (struct rect){0, 0, w, h});
    struct edge_options o = {.roi = rnd(2) ? &roi : NULL, .low = between(-20, canny ? 500 : 260), .high = between(-20, canny ? 900 : 300)};
    struct arena arena = arena_new(20000);
    int low = o.low < o.high ? o.low : o.high, high = o.low < o.high ? o.high : o.low;
    uint32_t on = img.format == PIXFORMAT_RGB565 ? 0xFFFF : img.format == PIXFORMAT_GRAYSCALE ? 255 : 1;

    r = o.roi ? r : (struct rect){0, 0, w, h};
    int *gray = calloc((size_t)(r.w * r.h), sizeof *gray);
    bool *white = calloc((size_t)(r.w * r.h), 1);
    for (int i = 0; i < r.w * r.h; i++) {
        gray[i] = gray_of(&img, r.x + i % r.w, r.y + i / r.w);
    }
    (canny ? canny_definition : simple_definition)(gray, r, low, high, white);
    check_equal((canny ? edge_canny : edge_simple)(&img, &o, &arena), 0, " ");
    check_equal(arena.used, 0, " ");
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            bool in = x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
            uint32_t expected = !in ? pixel(&before, x, y) : white[(y - r.y) * r.w + x - r.x] ? on : 0;
            check_equal(pixel(&img, x, y), expected, "canny %d low %d high %d at %d, %d of %dx%d", canny, o.low, o.high, x, y, w, h);
        }
    }
    free(gray);
    free(white);
    free(arena.base);
    free(before.data);
    free(img.data);
}

static void memory_runs_out(void)
{
    int w = between(1, 70), h = between(1, 40), canny = (int)rnd(2);
    struct image img = picture(w, h, formats[rnd(MUTABLE_FORMATS)]), before = image_duplicate(&img);
    size_t bound = canny ? 24 * (size_t)w + 240 + 64 + 8 * (size_t)row_words(w) * (size_t)(h + 1) : 8 * (size_t)w + 128;
    bool done = false;

    for (size_t size = 0; !done; size += 8) {
        struct arena arena = arena_new(size);
        int err = (canny ? edge_canny : edge_simple)(&img, &EDGE_DEFAULTS, &arena);
        check(err == 0 || err == VISION_E_MEMORY, "with %zu bytes: %d", size, err);
        check_equal(arena.used, 0, " ");
        done = err == 0;
        check(done || memcmp(img.data, before.data, image_bytes(&img)) == 0, "wrote with %zu bytes", size);
        check(done || size < bound, "canny %d of %dx%d wants more than %zu", canny, w, h, size);
        free(arena.base);
    }
    free(before.data);
    free(img.data);
}

/* A weak line that winds through the whole image hangs on one strong pixel at its end. */
static void long_chain(void **state)
{
    (void)state;
    enum { W = 95, H = 99 };
    struct image img = image_new(W, H, PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = arena_new(20000);
    int count = 0;

    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            bool link = y / 12 % 2 ? x < 12 : x >= W - 12;
            bool wall = x >= 5 && x < W - 5 && y >= 6 && y < H - 6 && (y % 12 >= 6 || link);
            img.data[y * W + x] = wall ? 100 : 60;
        }
    }
    for (int y = H - 6; y < H; y++) {
        memset(image_row(&img, y) + 40, 0, 20);
    }
    int *gray = calloc(W * H, sizeof *gray);
    bool *white = calloc(W * H, 1);
    for (int i = 0; i < W * H; i++) {
        gray[i] = img.data[i];
    }
    canny_definition(gray, (struct rect){0, 0, W, H}, 60, 250, white);
    assert_int_equal(edge_canny(&img, &(struct edge_options){.low = 60, .high = 250}, &arena), 0);
    for (int i = 0; i < W * H; i++) {
        check_equal(img.data[i], white[i] ? 255 : 0, "at %d, %d", i % W, i / W);
        count += white[i];
    }
    assert_true(count > 1000);
    free(gray);
    free(white);
    free(arena.base);
    free(img.data);
}

static void bad_arguments(void **state)
{
    (void)state;
    struct image img = image_new(8, 8, PIXFORMAT_GRAYSCALE, 0), bayer = image_new(8, 8, PIXFORMAT_BAYER_BGGR, 0);
    struct arena arena = arena_new(4000);
    struct rect outside = {8, 0, 4, 4};

    assert_int_equal(edge_canny(&bayer, &EDGE_DEFAULTS, &arena), VISION_E_FORMAT);
    assert_int_equal(edge_simple(&bayer, &EDGE_DEFAULTS, &arena), VISION_E_FORMAT);
    assert_int_equal(edge_canny(&img, &(struct edge_options){.roi = &outside}, &arena), VISION_E_ROI);
    assert_int_equal(edge_simple(&img, &(struct edge_options){.roi = &outside}, &arena), VISION_E_ROI);
    free(arena.base);
    free(bayer.data);
    free(img.data);
}

static void all_edges(void **state)
{
    (void)state;
    for_seeds(edges_match, 3000);
}

static void all_memory(void **state)
{
    (void)state;
    for_seeds(memory_runs_out, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_edges),
        cmocka_unit_test(all_memory),
        cmocka_unit_test(long_chain),
        cmocka_unit_test(bad_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
