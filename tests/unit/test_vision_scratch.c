/* SPDX-License-Identifier: MIT */
/* What the finders take on the boards with 256 KiB of memory, and that vision/README.md says so. */
#include "vision_test.h"

#include "vision/blob.h"
#include "vision/displacement.h"
#include "vision/draw.h"
#include "vision/edge.h"
#include "vision/hough.h"
#include "vision/quad.h"
#include "vision/regression.h"
#include "vision/selective.h"
#include "vision/stroke.h"
#include "vision/template.h"

enum { W = 320, H = 240 };

/* The memory pool of OPENMV2 holds the frame; modules/image/py_scratch.c leaves 16 KiB to others; blocks have headers. */
enum { RESERVE = 16 * 1024, HEADERS = 128 };

static size_t pool_bytes(void)
{
    char line[200];
    unsigned long kib = 0;
    FILE *file = fopen("boards/OPENMV2/board_config.mk", "r");

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "PLACE += POOL SRAM1 %luK", &kib) == 1) {
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    check(kib > 0, "no POOL in boards/OPENMV2/board_config.mk: run this from the root");
    return kib * 1024;
}

static size_t budget(int w, int h)
{
    return pool_bytes() - (size_t)w * (size_t)h - RESERVE - HEADERS;
}

/* ---- Finders ---- */

static int blobs(struct image *img, struct arena *arena)
{
    const struct threshold threshold = {100, 255, -128, 127, -128, 127};
    struct blob_options o = {.thresholds = &threshold, .count = 1, .x_stride = 2, .y_stride = 1, .area_threshold = 10, .pixels_threshold = 10};
    struct blob *out;

    return blob_find(img, &o, arena, &out);
}

static int lines(struct image *img, struct arena *arena)
{
    struct line *out;

    return hough_find_lines(img, &HOUGH_LINE_DEFAULTS, arena, &out);
}

static int segments(struct image *img, struct arena *arena)
{
    struct line *out;

    return stroke_find(img, &STROKE_DEFAULTS, arena, &out);
}

static int circles(struct image *img, struct arena *arena)
{
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;
    struct circle *out;

    o.r_min = 10;
    o.r_max = 40;
    return hough_find_circles(img, &o, arena, &out);
}

static int rects(struct image *img, struct arena *arena)
{
    struct quad *out;

    return quad_find(img, &(struct quad_options){.threshold = 10000}, arena, &out);
}

static int edges(struct image *img, struct arena *arena)
{
    return edge_canny(img, &EDGE_DEFAULTS, arena);
}

static int regression(struct image *img, struct arena *arena)
{
    const struct threshold threshold = {100, 255, -128, 127, -128, 127};
    struct line out;

    return regression_find(img, &(struct regression_options){.thresholds = &threshold, .count = 1, .x_stride = 2, .y_stride = 1, .robust = true}, arena, &out);
}

static int template(struct image *img, struct arena *arena)
{
    struct image part = image_new(16, 16, PIXFORMAT_GRAYSCALE, 0);
    struct template_match out;

    image_copy(&part, img, &(struct rect){50, 60, 16, 16});
    int found = template_find(img, &part, &(struct template_options){.step = 2, .threshold = 0.7f}, arena, &out);
    free(part.data);
    return found;
}

static int displacement(struct image *img, struct arena *arena)
{
    const struct rect a = {20, 20, 128, 64}, b = {24, 23, 128, 64};
    struct displacement out;

    return displacement_find(img, img, &(struct displacement_options){.roi = &a, .pattern_roi = &b}, arena, &out);
}

static int selective(struct image *img, struct arena *arena)
{
    struct rect *out;

    return selective_search(img, &SELECTIVE_DEFAULTS, arena, &out);
}

/* w x h: the size of the image */
static const struct finder { const char *name; int w, h; int (*run)(struct image *, struct arena *); } finders[] = {
    {"blob_find", W, H, blobs},
    {"hough_find_lines", W, H, lines},
    {"stroke_find", W, H, segments},
    {"hough_find_circles", W, H, circles},
    {"quad_find", W, H, rects},
    {"edge_canny", W, H, edges},
    {"regression_find", W, H, regression},
    {"template_find", W, H, template},
    {"displacement_find", W, H, displacement},
    {"selective_search", W / 2, H / 2, selective},
};
enum { FINDERS = sizeof finders / sizeof *finders };

/* ---- Pictures ---- */

enum { SCENE, GRAIN, PICTURES };

/* A slope of light with things on it, slightly grained; or nothing but grain, which has the most edges. */
static struct image picture(int kind, int w, int h)
{
    struct image img = image_new(w, h, PIXFORMAT_GRAYSCALE, 0);

    random_state = 4711;
    for (int i = 0; i < w * h; i++) {
        img.data[i] = (uint8_t)(40 + 80 * (i % w) / w + 40 * (i / w) / h);
    }
    for (int i = 0; i < 60; i++) {
        uint32_t light = rnd(256);
        int x = between(0, w), y = between(0, h);
        if (i % 3 == 0) {
            draw_rectangle(&img, (struct rect){x, y, between(4, 60), between(4, 60)}, light, between(1, 4), rnd(2));
        } else if (i % 3 == 1) {
            draw_circle(&img, x, y, between(3, 40), light, between(1, 4), rnd(2));
        } else {
            draw_line(&img, x, y, between(0, w), between(0, h), light, between(1, 5));
        }
    }
    for (int i = 0; i < w * h; i++) {
        int v = img.data[i] + between(-6, 6);
        img.data[i] = (uint8_t)(kind == GRAIN ? (int)rnd(256) : v < 0 ? 0 : v > 255 ? 255 : v);
    }
    return img;
}

/* ---- Tests ---- */

/* Bytes of a finder in the table of vision/README.md, within 1 %: | `name` | 320 x 240 | bytes | */
static size_t documented(const struct finder *f)
{
    char line[400], format[80];
    unsigned long bytes = 0;
    FILE *file = fopen("vision/README.md", "r");

    snprintf(format, sizeof format, "| `%s` | %d x %d | %%lu |", f->name, f->w, f->h);
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, format, &bytes) == 1) {
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return bytes;
}

static void fits_small_boards(void **state)
{
    bool table = true;

    (void)state;
    for (const struct finder *f = finders; f < finders + FINDERS; f++) {
        size_t most = 0, limit = budget(f->w, f->h);
        for (int kind = 0; kind < PICTURES; kind++) {
            struct image img = picture(kind, f->w, f->h), before = image_duplicate(&img);
            struct arena arena = arena_new(limit);
            int n = f->run(&img, &arena);
            check(n >= 0, "%s, picture %d: %d with %zu bytes, wanted %zu", f->name, kind, n, limit, arena.missed);
            check(f->run == edges || !memcmp(img.data, before.data, (size_t)f->w * (size_t)f->h), "%s writes to the image", f->name);
            most = arena.peak > most ? arena.peak : most;
            free(arena.base);
            free(before.data);
            free(img.data);
        }
        if (documented(f) < most - most / 100 || documented(f) > most + most / 100) {
            print_message("| `%s` | %d x %d | %zu |\n", f->name, f->w, f->h, most);
            table = false;
        }
    }
    check(table, "the table in vision/README.md is another");
}

/* What there is decides how long it takes, never what is found. */
static void same_results(void **state)
{
    struct image img = picture(SCENE, W, H);
    struct arena plenty = arena_new(400000), little = arena_new(budget(W, H));
    struct circle *c, *few_c;
    struct line *l, *few_l;
    struct hough_circle_options o = HOUGH_CIRCLE_DEFAULTS;

    (void)state;
    o.r_min = 10;
    o.r_max = 40;
    int n = hough_find_lines(&img, &HOUGH_LINE_DEFAULTS, &plenty, &l);
    check(n > 4, "%d lines", n);
    check_equal(hough_find_lines(&img, &HOUGH_LINE_DEFAULTS, &little, &few_l), n, " ");
    check(!memcmp(l, few_l, (size_t)n * sizeof *l), "other lines");
    plenty.used = little.used = 0;
    n = hough_find_circles(&img, &o, &plenty, &c);
    check(n > 2, "%d circles", n);
    check_equal(hough_find_circles(&img, &o, &little, &few_c), n, " ");
    check(!memcmp(c, few_c, (size_t)n * sizeof *c), "other circles");
    free(plenty.base);
    free(little.base);
    free(img.data);
}

/* Arenas of every size: a result, or MEMORY with nothing kept, the image as it was, and what was missing. */
static void every_size(void **state)
{
    struct image img = picture(SCENE, 24, 20), before = image_duplicate(&img);

    (void)state;
    for (const struct finder *f = finders; f < finders + FINDERS; f++) {
        if (f->run == template || f->run == displacement) {
            continue;               /* of a part of the large picture; test_vision_template.c and test_vision_displacement.c try these */
        }
        int n = VISION_E_MEMORY, most = 0;
        for (size_t size = 0; n < 0; size += 8) {
            struct arena arena = arena_new(size);
            n = f->run(&img, &arena);
            check(n >= 0 || (n == VISION_E_MEMORY && arena.used == 0), "%s with %zu bytes: %d, %zu kept", f->name, size, n, arena.used);
            check(n >= 0 || arena.missed > size, "%s with %zu bytes wanted only %zu", f->name, size, arena.missed);
            check(n >= 0 || !memcmp(img.data, before.data, 24 * 20), "%s with %zu bytes wrote to the image", f->name, size);
            free(arena.base);
        }
        struct arena plenty = arena_new(400000);
        memcpy(img.data, before.data, 24 * 20);
        most = f->run(&img, &plenty);
        check_equal(n, most, "%s", f->name);
        memcpy(img.data, before.data, 24 * 20);
        free(plenty.base);
    }
    free(before.data);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fits_small_boards), cmocka_unit_test(same_results), cmocka_unit_test(every_size)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
