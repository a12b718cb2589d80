/* SPDX-License-Identifier: MIT */
/* Segmentation and selective search against the definitions, done naively: sorted lists of edges, labels painted over, likenesses in double precision. */
#include <math.h>

#include "vision_test.h"

#include "vision/segment.h"
#include "vision/selective.h"

enum { MOST = 32 * 32 };

struct edge { int a, b, weight, order; };

static int by_weight(const void *p, const void *q)
{
    const struct edge *a = p, *b = q;
    return a->weight != b->weight ? a->weight - b->weight : a->order - b->order;
}

static int distance(const struct image *img, int p, int q)
{
    uint32_t a = pixel(img, p % img->width, p / img->width), b = pixel(img, q % img->width, q / img->width);

    if (img->format == PIXFORMAT_RGB565) {
        struct rgb u = color_rgb565_to_rgb(a), v = color_rgb565_to_rgb(b);
        return (int)lround(sqrt((u.r - v.r) * (u.r - v.r) + (u.g - v.g) * (u.g - v.g) + (u.b - v.b) * (u.b - v.b)));
    }
    return abs(gray_of(img, p % img->width, p / img->width) - gray_of(img, q % img->width, q / img->width));
}

/* Every pixel carries its region's number; regions are repainted when they are joined. */
static int segment(const struct image *img, int threshold, int min_size, int *label)
{
    static struct edge edges[2 * MOST];
    static int size[MOST], heaviest[MOST], number[MOST];
    int n = img->width * img->height, count = 0, regions = 0;

    for (int p = 0; p < n; p++) {
        label[p] = p;
        size[p] = 1;
        heaviest[p] = 0;
        if ((p + 1) % img->width) {
            edges[count] = (struct edge){p, p + 1, distance(img, p, p + 1), count};
            count++;
        }
        if (p + img->width < n) {
            edges[count] = (struct edge){p, p + img->width, distance(img, p, p + img->width), count};
            count++;
        }
    }
    qsort(edges, (size_t)count, sizeof *edges, by_weight);
    for (int i = 0; i < 2 * count; i++) {
        struct edge e = edges[i % count];
        int a = label[e.a], b = label[e.b];
        bool join = i < count ? e.weight <= heaviest[a] + (double)threshold / size[a] && e.weight <= heaviest[b] + (double)threshold / size[b]
                              : size[a] < min_size || size[b] < min_size;
        if (a == b || !join) {
            continue;
        }
        size[a] += size[b];
        heaviest[a] = e.weight;
        for (int p = 0; p < n; p++) {
            label[p] = label[p] == b ? a : label[p];
        }
    }
    for (int p = 0; p < n; p++) {
        number[p] = -1;
    }
    for (int p = 0; p < n; p++) {
        if (number[label[p]] < 0) {
            number[label[p]] = regions++;
        }
        label[p] = number[label[p]];
    }
    return regions;
}

static void segments_match(void)
{
    static int expected[MOST];
    static uint16_t got[MOST];
    struct image img = image_random(between(1, 32), between(1, 32), formats[rnd(MUTABLE_FORMATS)], 0);
    int threshold = (int)rnd(rnd(2) ? 100 : 3000), min_size = (int)rnd(30), n = img.width * img.height;
    size_t least = 4 * (size_t)n + 6 * (size_t)img.width + 3750;
    /* with room for all, some or none of the edges: the same */
    struct arena arena = arena_new(least + rnd(3) * rnd(2 * (uint32_t)n + 8));
    int regions = segment(&img, threshold, min_size, expected), count = segment_image(&img, threshold, min_size, got, &arena);

    check_equal(count, regions, "%dx%d %x threshold %d size %d", img.width, img.height, img.format, threshold, min_size);
    check_equal(arena.used, 0, " ");
    for (int p = 0; p < n; p++) {
        check_equal(got[p], expected[p], "%d, %d", p % img.width, p / img.width);
    }
    free(arena.base);
    free(img.data);
}

static void segmentation(void **state)
{
    (void)state;
    for_seeds(segments_match, 1200);
}

/* ---- Grouping ---- */

struct measure { int x0, y0, x1, y1, pixels; double bins[24]; };

static struct measure measure(const struct image *img, const int *label, int of)
{
    struct measure m = {99, 99, -1, -1, 0, {0}};

    for (int p = 0; p < img->width * img->height; p++) {
        int x = p % img->width, y = p / img->width;
        if (label[p] != of) {
            continue;
        }
        m.x0 = x < m.x0 ? x : m.x0;
        m.x1 = x > m.x1 ? x : m.x1;
        m.y0 = y < m.y0 ? y : m.y0;
        m.y1 = y > m.y1 ? y : m.y1;
        m.pixels++;
        if (img->format == PIXFORMAT_RGB565) {
            struct rgb c = color_rgb565_to_rgb(pixel(img, x, y));
            m.bins[c.r / 32]++;
            m.bins[8 + c.g / 32]++;
            m.bins[16 + c.b / 32]++;
        } else {
            m.bins[gray_of(img, x, y) * 24 / 256]++;
        }
    }
    return m;
}

static double alike(const struct image *img, const int *label, int a, int b, const struct selective_options *o)
{
    struct measure m = measure(img, label, a), n = measure(img, label, b);
    double color = 0, all = img->width * img->height, both = m.pixels + n.pixels;
    double w = fmax(m.x1, n.x1) - fmin(m.x0, n.x0) + 1, h = fmax(m.y1, n.y1) - fmin(m.y0, n.y0) + 1;

    for (int i = 0; i < 24; i++) {
        color += fmin(m.bins[i] / m.pixels, n.bins[i] / n.pixels) / (img->format == PIXFORMAT_RGB565 ? 3 : 1);
    }
    return (double)o->color * color + (double)o->area * (1 - both / all) + (double)o->fill * (1 - (w * h - both) / all);
}

static void check_rect(const struct image *img, const int *label, int of, struct rect got, int i)
{
    struct measure m = measure(img, label, of);

    check(got.x == m.x0 && got.y == m.y0 && got.w == m.x1 - m.x0 + 1 && got.h == m.y1 - m.y0 + 1, "rect %d: %d %d %d %d, expected %d %d .. %d %d", i, got.x, got.y,
          got.w, got.h, m.x0, m.y0, m.x1, m.y1);
}

static void searches_match(void)
{
    static int label[MOST];
    struct image img = image_random(between(1, 16), between(1, 16), formats[rnd(MUTABLE_FORMATS)], 0);
    struct selective_options o = {(int)rnd(1500), between(3, 20), (float)rnd(4), (float)rnd(4), (float)rnd(4)};
    struct arena arena = arena_new(120000);
    struct rect *rects;
    int n = img.width * img.height, regions = segment(&img, o.threshold, o.size, label), count = selective_search(&img, &o, &arena, &rects), left = regions;

    check_equal(count, 2 * regions - 1, " ");
    check_equal(arena.used, ((size_t)count * sizeof *rects + 7) & ~(size_t)7, " ");
    for (int i = 0; i < regions; i++) {
        check_rect(&img, label, i, rects[i], i);
    }
    for (int i = regions; i < count; i++) {
        double best = -1e9, second = -1e9;
        int a = 0, b = 0;
        for (int p = 0; p < n; p++) {
            for (int d = 0; d < 2; d++) {
                int q = d ? p + img.width : p + 1;
                if (q >= n || (!d && q % img.width == 0) || label[p] == label[q]) {
                    continue;
                }
                int u = label[p] < label[q] ? label[p] : label[q], v = label[p] < label[q] ? label[q] : label[p];
                double s = alike(&img, label, u, v, &o);
                if (s > best && !(u == a && v == b)) {
                    second = best;
                    best = s;
                    a = u;
                    b = v;
                } else if (s > second && !(u == a && v == b)) {
                    second = s;
                }
            }
        }
        if (best - second < 1e-4) {
            break;                  /* too close to call in single precision */
        }
        for (int p = 0; p < n; p++) {
            label[p] = label[p] == b ? a : label[p];
        }
        check_rect(&img, label, a, rects[i], i);
        left--;
    }
    struct rect last = rects[count - 1];
    check(last.x == 0 && last.y == 0 && last.w == img.width && last.h == img.height, "the last: %d %d %d %d", last.x, last.y, last.w, last.h);
    free(arena.base);
    free(img.data);
}

static void grouping(void **state)
{
    (void)state;
    for_seeds(searches_match, 800);
}

/* Every size and option. */
static void any_search(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(MUTABLE_FORMATS)], 0);
    struct selective_options o = {(int)rnd(2000), (int)rnd(40), (float)rnd(3), (float)rnd(3), (float)rnd(3)};
    size_t n = (size_t)(img.width * img.height), regions;
    struct arena arena = arena_new(2 * n + 260 * n + 20000);
    struct rect *rects;
    int count = selective_search(&img, &o, &arena, &rects);

    check(count > 0, "%d", count);
    regions = ((size_t)count + 1) / 2;
    size_t first = 4 * n + 6 * (size_t)img.width + 3750 + 2 * n, second = regions * 224 + 64 + 3 * (size_t)img.width + 64;
    check(arena.peak <= 2 * n + (first > second ? first : second) + 64, "%zu bytes of scratch for %zu pixels, %zu regions", arena.peak, n, regions);
    free(arena.base);
    free(img.data);
}

static void memory_and_arguments(void **state)
{
    (void)state;
    struct image img = image_random(23, 20, PIXFORMAT_RGB565, 0), bayer = image_new(4, 4, PIXFORMAT_BAYER_BGGR, 0), noise = image_new(300, 300, PIXFORMAT_GRAYSCALE, 0);
    struct selective_options o = SELECTIVE_DEFAULTS;
    struct arena arena = arena_new(900000);
    struct rect *rects;
    int got = VISION_E_MEMORY;

    for_seeds(any_search, 500);
    for (size_t size = 0; got < 0; size += 136) {
        struct arena small = arena_new(size);
        got = selective_search(&img, &o, &small, &rects);
        check(got > 0 || got == VISION_E_MEMORY, "%zu bytes: %d", size, got);
        check(got > 0 || small.used == 0, "%zu", small.used);
        free(small.base);
    }
    assert_int_equal(selective_search(&bayer, &o, &arena, &rects), VISION_E_FORMAT);
    o.threshold = -1;
    assert_int_equal(selective_search(&img, &o, &arena, &rects), VISION_E_ARGUMENT);
    o = SELECTIVE_DEFAULTS;
    o.size = -1;
    assert_int_equal(selective_search(&img, &o, &arena, &rects), VISION_E_ARGUMENT);
    for (int i = 0; i < 3; i++) {
        o = SELECTIVE_DEFAULTS;
        *(float *[]){&o.color, &o.area, &o.fill}[i] = NAN;
        assert_int_equal(selective_search(&img, &o, &arena, &rects), VISION_E_ARGUMENT);
    }
    for (int i = 0; i < 300 * 300; i++) {
        noise.data[i] = (uint8_t)(i % 2 * 100 + i / 300 % 2 * 50);
    }
    o = (struct selective_options){0, 0, 1, 1, 1};
    assert_int_equal(selective_search(&noise, &o, &arena, &rects), VISION_E_SIZE);
    assert_int_equal(arena.used, 0);
    free(arena.base);
    free(noise.data);
    free(bayer.data);
    free(img.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segmentation),
        cmocka_unit_test(grouping),
        cmocka_unit_test(memory_and_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
