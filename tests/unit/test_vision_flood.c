/* SPDX-License-Identifier: MIT */
/* Flood fill against a region grown one pixel at a time from the definition. */
#include <math.h>

#include "vision_test.h"

#include "vision/flood.h"

static bool near_by(const struct image *img, uint32_t a, uint32_t b, float threshold)
{
    const int shift[3] = {11, 5, 0}, top[3] = {31, 63, 31};
    bool color = img->format == PIXFORMAT_RGB565;

    for (int i = 0; i < (color ? 3 : 1); i++) {
        int limit = color ? top[i] : img->format == PIXFORMAT_BINARY ? 1 : 255, s = color ? shift[i] : 0;
        if (abs((int)(a >> s & (uint32_t)limit) - (int)(b >> s & (uint32_t)limit)) > (int)lroundf(threshold * (float)limit)) {
            return false;
        }
    }
    return true;
}

static bool *region(const struct image *img, int x, int y, const struct flood_options *o)
{
    int w = img->width, n = w * img->height, count = 0;
    bool *in = calloc((size_t)n, sizeof *in);
    int *queue = malloc((size_t)n * sizeof *queue);

    if (!o->mask || gray_of(o->mask, x, y) > 127) {
        in[queue[count++] = y * w + x] = true;
    }
    for (int i = 0; i < count; i++) {
        for (int d = 0; d < 4; d++) {
            int ax = queue[i] % w, ay = queue[i] / w, bx = ax + (int[]){1, -1, 0, 0}[d], by = ay + (int[]){0, 0, 1, -1}[d];
            if (bx < 0 || by < 0 || bx >= w || by >= img->height || in[by * w + bx] || (o->mask && gray_of(o->mask, bx, by) <= 127)) {
                continue;
            }
            if (near_by(img, pixel(img, ax, ay), pixel(img, bx, by), o->floating_threshold) && near_by(img, pixel(img, x, y), pixel(img, bx, by), o->seed_threshold)) {
                in[queue[count++] = by * w + bx] = true;
            }
        }
    }
    free(queue);
    return in;
}

static void compare(struct image *img, int x, int y, const struct flood_options *o)
{
    struct image before = image_duplicate(img);
    size_t words = (size_t)(img->width + 31) / 32 * 4;
    struct arena arena = arena_new((words + 8) * (size_t)(img->height + 1) + 4200);
    bool *in = region(img, x, y, o);
    uint32_t color = img->format == PIXFORMAT_BINARY ? o->color != 0 : img->format == PIXFORMAT_GRAYSCALE ? o->color & 0xFF : o->color & 0xFFFF;

    check_equal(flood_fill(img, x, y, o, &arena), 0, "%dx%d", img->width, img->height);
    check_equal(arena.used, 0, " ");
    for (int i = 0; i < img->width * img->height; i++) {
        uint32_t expected = in[i] != o->invert ? color : o->clear_background ? 0 : pixel(&before, i % img->width, i / img->width);
        check_equal(pixel(img, i % img->width, i / img->width), expected, "%d, %d of %dx%d %x", i % img->width, i / img->width, img->width, img->height, img->format);
    }
    free(in);
    free(arena.base);
    free(before.data);
}

static void fills_match(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0), mask = {0};
    struct flood_options o = {.seed_threshold = (float)rnd(101) / 100, .floating_threshold = (float)rnd(101) / 100, .color = rnd(3) ? rnd(65536) : ~0u,
                              .invert = rnd(4) == 0, .clear_background = rnd(4) == 0};

    if (rnd(3) == 0) {
        mask = image_random(img.width + between(0, 5), img.height + between(0, 5), formats[rnd(MUTABLE_FORMATS)], 0);
        o.mask = &mask;
    }
    compare(&img, between(0, img.width - 1), between(0, img.height - 1), &o);
    free(mask.data);
    free(img.data);
}

static void filling(void **state)
{
    (void)state;
    for_seeds(fills_match, 3000);
}

/* More branches than the stack holds: combs, with and without a mask. */
static void branches(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        struct image img = image_new(2400, 21, turn & 1 ? PIXFORMAT_GRAYSCALE : PIXFORMAT_BINARY, 0), all = image_new(2400, 21, PIXFORMAT_BINARY, 0);
        struct flood_options o = FLOOD_DEFAULTS;
        for (int x = 0; x < 2400; x++) {
            for (int y = 0; y < 21; y++) {
                image_set_pixel(&img, x, y, y == 10 || (x % 3 == 0 && (y + x) % 12 != 11) ? 255 : 0);
                image_set_pixel(&all, x, y, y != 3 || x % 2);
            }
        }
        o.mask = turn & 2 ? &all : NULL;
        o.color = 0;
        compare(&img, 7, 10, &o);
        free(all.data);
        free(img.data);
    }
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(33, 9, PIXFORMAT_RGB565, 0), before = image_duplicate(&img), bayer = image_new(4, 4, PIXFORMAT_BAYER_BGGR, 0), tiny = image_new(4, 4, PIXFORMAT_BINARY, 0);
    struct flood_options o = FLOOD_DEFAULTS;
    struct arena arena = arena_new(6000);
    int err = VISION_E_MEMORY;

    for (size_t size = 0; err; size += 8) {
        struct arena small = arena_new(size);
        err = flood_fill(&img, 3, 3, &o, &small);
        check(!err || (err == VISION_E_MEMORY && !memcmp(img.data, before.data, image_bytes(&img))), "%zu bytes: %d", size, err);
        check_equal(small.used, 0, " ");
        free(small.base);
    }
    memcpy(img.data, before.data, image_bytes(&img));
    assert_int_equal(flood_fill(&img, -1, 3, &o, &arena), 0);
    assert_int_equal(flood_fill(&img, 3, 9, &o, &arena), 0);
    for (int i = 0; i < 6; i++) {
        struct flood_options bad = o;
        *(i & 1 ? &bad.seed_threshold : &bad.floating_threshold) = (float[]){NAN, -0.1f, 1.1f}[i / 2];
        assert_int_equal(flood_fill(&img, 3, 3, &bad, &arena), VISION_E_ARGUMENT);
    }
    o.mask = &tiny;
    assert_int_equal(flood_fill(&img, 3, 3, &o, &arena), VISION_E_SIZE);
    o.mask = &bayer;
    assert_int_equal(flood_fill(&img, 3, 3, &o, &arena), VISION_E_FORMAT);
    o.mask = NULL;
    assert_int_equal(flood_fill(&bayer, 3, 3, &o, &arena), VISION_E_FORMAT);
    assert_memory_equal(img.data, before.data, image_bytes(&img));
    free(arena.base);
    free(tiny.data);
    free(bayer.data);
    free(before.data);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filling),
        cmocka_unit_test(branches),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
