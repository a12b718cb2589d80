/* SPDX-License-Identifier: MIT */
/* find_blobs against a flood fill of one pixel at a time. */
#include <math.h>

#include "vision_test.h"

#include "vision/blob.h"
#include "vision/row.h"

#define PI 3.14159265358979

static bool within(enum pixel_format format, uint32_t v, const struct threshold *t, bool invert)
{
    struct lab lab = color_rgb565_to_lab(v);
    bool in = (int)v >= t->l_min && (int)v <= t->l_max;

    if (format == PIXFORMAT_RGB565) {
        in = lab.l >= t->l_min && lab.l <= t->l_max && lab.a >= t->a_min && lab.a <= t->a_max && lab.b >= t->b_min && lab.b <= t->b_max;
    }
    return in != invert;
}

/* One region found the slow way. owner: its number per pixel of the roi, 0 = none. */
struct region { struct rect rect; uint32_t pixels, perimeter, code; int x_seed, y_seed; double mx, my, xx, xy, yy; };

static int *owner;
static int region_w, region_h;

static int owner_at(int x, int y)
{
    return x < 0 || y < 0 || x >= region_w || y >= region_h ? 0 : owner[y * region_w + x];
}

static void measure(struct region *g, int id)
{
    int x0 = region_w, y0 = region_h, x1 = -1, y1 = -1;
    double sx = 0, sy = 0;

    for (int i = 0; i < region_w * region_h; i++) {
        int x = i % region_w, y = i / region_w;
        if (owner[i] != id) {
            continue;
        }
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
        sx += x;
        sy += y;
        g->pixels++;
        g->perimeter += (uint32_t)((owner_at(x - 1, y) != id) + (owner_at(x + 1, y) != id) + (owner_at(x, y - 1) != id) +
                                   (owner_at(x, y + 1) != id));
    }
    g->rect = (struct rect){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
    g->mx = sx / g->pixels;
    g->my = sy / g->pixels;
    for (int i = 0; i < region_w * region_h; i++) {
        double dx = i % region_w - g->mx, dy = i / region_w - g->my;
        if (owner[i] == id) {
            g->xx += dx * dx;
            g->xy += dx * dy;
            g->yy += dy * dy;
        }
    }
}

/* All regions in the order of the contract. */
static int slow_find(const struct image *img, struct rect roi, const struct blob_options *o, struct region *out)
{
    int n = 0, *stack = malloc(sizeof *stack * (size_t)(roi.w * roi.h * 4 + 4));

    region_w = roi.w;
    region_h = roi.h;
    memset(owner, 0, sizeof *owner * (size_t)(roi.w * roi.h));
    for (size_t t = 0; t < o->count; t++) {
        for (int y = 0; y < roi.h; y += o->y_stride) {
            for (int x = y % o->x_stride; x < roi.w; x += o->x_stride) {
                int top = 0;
                stack[top++] = y * roi.w + x;
                struct region *g = &out[n];
                *g = (struct region){.code = 1u << t, .x_seed = x, .y_seed = y};
                bool any = false;
                while (top) {
                    int at = stack[--top], ax = at % roi.w, ay = at / roi.w;
                    if (owner[at] || !within(img->format, pixel(img, roi.x + ax, roi.y + ay), &o->thresholds[t], o->invert)) {
                        continue;
                    }
                    owner[at] = n + 1;
                    any = true;
                    if (ax > 0) {
                        stack[top++] = at - 1;
                    }
                    if (ax < roi.w - 1) {
                        stack[top++] = at + 1;
                    }
                    if (ay > 0) {
                        stack[top++] = at - roi.w;
                    }
                    if (ay < roi.h - 1) {
                        stack[top++] = at + roi.w;
                    }
                }
                n += any;
            }
        }
    }
    for (int i = 0; i < n; i++) {
        measure(&out[i], i + 1);
    }
    free(stack);
    return n;
}

/* Is (x, y) within the quadrilateral widened by `slack`? corners clockwise. */
static bool inside(const struct point c[4], double x, double y, double slack)
{
    for (int i = 0; i < 4; i++) {
        struct point a = c[i], b = c[(i + 1) & 3];
        double ex = b.x - a.x, ey = b.y - a.y, length = hypot(ex, ey);
        if (length > 0 && (ex * (y - a.y) - ey * (x - a.x)) / length < -slack) {
            return false;
        }
    }
    return true;
}

static void check_blob(const struct blob *b, const struct region *g, int id, struct rect roi)
{
    check(b->rect.x == roi.x + g->rect.x && b->rect.y == roi.y + g->rect.y && b->rect.w == g->rect.w && b->rect.h == g->rect.h,
          "blob %d: %d %d %d %d, expected %d %d %d %d", id, b->rect.x, b->rect.y, b->rect.w, b->rect.h, roi.x + g->rect.x, roi.y + g->rect.y,
          g->rect.w, g->rect.h);
    check_equal(b->pixels, g->pixels, "blob %d", id);
    check_equal(b->perimeter, g->perimeter, "blob %d", id);
    check_equal(b->code, g->code, "blob %d", id);
    check_equal(b->count, 1, "blob %d", id);
    check(fabs((double)b->cx - roi.x - g->mx) < 1e-3 && fabs((double)b->cy - roi.y - g->my) < 1e-3, "centre %f %f", (double)b->cx, (double)b->cy);
    double root = hypot(g->xx - g->yy, 2 * g->xy), most = g->xx + g->yy + root, least = g->xx + g->yy - root;
    double round = g->pixels == 1 ? 1 : least / most;
    check(fabs((double)b->roundness - round) < 1e-4, "blob %d: roundness %f, expected %f", id, (double)b->roundness, round);
    if (root > 1e-3 * most) {
        double angle = 0.5 * atan2(2 * g->xy, g->xx - g->yy), off = fmod(fabs((double)b->rotation - angle), PI);
        check(off < 2e-3 || PI - off < 2e-3, "blob %d: rotation %f, expected %f", id, (double)b->rotation, angle);
    }
    check(b->rotation >= 0 && b->rotation <= (float)PI, "rotation %f", (double)b->rotation);
    /* corners are pixels of the blob, and extreme; the small rectangle holds every pixel */
    int best[4] = {1 << 20, 1 << 20, 1 << 20, 1 << 20};
    for (int i = 0; i < region_w * region_h; i++) {
        int x = i % region_w, y = i / region_w;
        if (owner[i] == id) {
            const int along[4] = {x + y, y - x, -x - y, x - y};
            for (int k = 0; k < 4; k++) {
                best[k] = along[k] < best[k] ? along[k] : best[k];
            }
            check(inside(b->min_corners, roi.x + x, roi.y + y, 1.5), "pixel %d %d outside of min_corners %d,%d %d,%d %d,%d %d,%d", x, y,
                  b->min_corners[0].x - roi.x, b->min_corners[0].y - roi.y, b->min_corners[1].x - roi.x, b->min_corners[1].y - roi.y,
                  b->min_corners[2].x - roi.x, b->min_corners[2].y - roi.y, b->min_corners[3].x - roi.x, b->min_corners[3].y - roi.y);
        }
    }
    for (int k = 0; k < 4; k++) {
        int x = b->corners[k].x - roi.x, y = b->corners[k].y - roi.y;
        const int along[4] = {x + y, y - x, -x - y, x - y};
        check_equal(owner_at(x, y), id, "corner %d", k);
        check_equal(along[k], best[k], "corner %d", k);
    }
}

static void check_histograms(const struct blob *b, const struct blob_options *o, int id, struct rect roi)
{
    int x_bins = b->rect.w < o->x_hist_bins_max ? b->rect.w : o->x_hist_bins_max;
    int y_bins = b->rect.h < o->y_hist_bins_max ? b->rect.h : o->y_hist_bins_max;
    uint32_t columns[64] = {0}, rows[64] = {0};

    check_equal(b->x_bins, x_bins, " ");
    check_equal(b->y_bins, y_bins, " ");
    check((b->x_hist != NULL) == (x_bins > 0) && (b->y_hist != NULL) == (y_bins > 0), "bins are missing");
    for (int i = 0; i < region_w * region_h; i++) {
        if (owner[i] == id) {
            int x = i % region_w + roi.x - b->rect.x, y = i / region_w + roi.y - b->rect.y;
            columns[x_bins ? x * x_bins / b->rect.w : 0]++;
            rows[y_bins ? y * y_bins / b->rect.h : 0]++;
        }
    }
    for (int i = 0; i < x_bins; i++) {
        check_equal(b->x_hist[i], columns[i], "column bin %d of %d", i, x_bins);
    }
    for (int i = 0; i < y_bins; i++) {
        check_equal(b->y_hist[i], rows[i], "row bin %d of %d", i, y_bins);
    }
}

/* Few values, so that regions of all sizes occur. */
static struct image patchy_image(int w, int h)
{
    struct image img = image_new(w, h, formats[rnd(MUTABLE_FORMATS)], 0);
    int bias = between(1, 9), hold = between(0, 3);
    uint32_t v = 0;

    for (int i = 0; i < w * h; i++) {
        if (rnd(4) >= (uint32_t)hold) {
            v = rnd(10) < (uint32_t)bias ? 0 : 1 + rnd(2);
        }
        static const uint32_t gray[3] = {20, 120, 220}, color[3] = {0x0000, 0xF800, 0x07E0};
        image_set_pixel(&img, i % w, i / w, img.format == PIXFORMAT_BINARY ? v : img.format == PIXFORMAT_GRAYSCALE ? gray[v] : color[v]);
    }
    return img;
}

static void random_options(struct blob_options *o, struct threshold list[3], enum pixel_format format)
{
    *o = BLOB_DEFAULTS;
    o->thresholds = list;
    o->count = 1 + rnd(3);
    o->invert = rnd(4) == 0;
    o->x_stride = rnd(2) ? between(1, 2) : between(1, 9);
    o->y_stride = rnd(2) ? 1 : between(1, 9);
    o->pixels_threshold = rnd(2) ? 0 : rnd(20);
    o->area_threshold = rnd(2) ? 0 : rnd(20);
    o->x_hist_bins_max = rnd(2) ? 0 : between(0, 50);
    o->y_hist_bins_max = rnd(2) ? 0 : between(0, 50);
    for (int i = 0; i < 3; i++) {
        int low = between(0, format == PIXFORMAT_BINARY ? 1 : 230);
        list[i] = (struct threshold){low, low + between(0, 150), -128, 127, -128, 127};
        if (format == PIXFORMAT_RGB565) {
            static const struct threshold of[4] = {
                {0, 100, 20, 127, -128, 127}, {0, 100, -128, -20, -128, 127}, {0, 10, -128, 127, -128, 127}, {20, 100, -128, 127, -128, 127}};
            list[i] = of[rnd(4)];
        }
    }
}

/* The scratch that the contract states, without the results. */
static size_t stated_scratch(const struct image *img, struct rect roi, const struct blob_options *o)
{
    size_t h = (size_t)roi.h, bytes = 8 * (size_t)row_words(roi.w) * (h + 2) + 12 * h + 3072 + 64;

    if (o->x_hist_bins_max || o->y_hist_bins_max) {
        bytes += 4 * ((size_t)roi.w + 1 + h);
    }
    return bytes + (img->format == PIXFORMAT_RGB565 ? 8192 + 3584 : 32);
}

static void finds_what_is_there(void)
{
    struct image img = patchy_image(between(1, 40), between(1, 40)), before = image_duplicate(&img);
    struct rect roi = random_roi(&img), part;
    struct threshold list[3];
    struct blob_options o;
    struct region *want = malloc(sizeof *want * 1601);
    struct blob *got;

    owner = malloc(sizeof *owner * 1600);
    random_options(&o, list, img.format);
    o.roi = rnd(2) ? &roi : NULL;
    image_clip(&img, o.roi, &part);
    int n = slow_find(&img, part, &o, want), kept = 0;
    for (int i = 0; i < n; i++) {
        kept += want[i].pixels >= o.pixels_threshold && (uint32_t)(want[i].rect.w * want[i].rect.h) >= o.area_threshold;
    }
    size_t result = (size_t)kept * (sizeof(struct blob) + 4 * 40 * 2 + 8);
    struct arena arena = arena_new(stated_scratch(&img, part, &o) + result + (size_t)kept * sizeof(struct blob));
    check_equal(blob_find(&img, &o, &arena, &got), kept, "%d x %d, format %x, strides %d %d, %zu thresholds", part.w, part.h, img.format,
                o.x_stride, o.y_stride, o.count);
    check(arena.used <= result, "%zu bytes kept for %d blobs", arena.used, kept);
    for (int i = 0, k = 0; i < n; i++) {
        if (want[i].pixels >= o.pixels_threshold && (uint32_t)(want[i].rect.w * want[i].rect.h) >= o.area_threshold) {
            check_blob(&got[k], &want[i], i + 1, part);
            check_histograms(&got[k], &o, i + 1, part);
            k++;
        }
    }
    check(memcmp(img.data, before.data, image_bytes(&img)) == 0, "the image changed");
    for (size_t size = 0, need = arena.peak; size < need - 8; size += 1 + need / 31) {
        struct arena small = arena_new(size);
        check_equal(blob_find(&img, &o, &small, &got), VISION_E_MEMORY, "arena of %zu of %zu", size, need);
        check(small.used == 0 && got == NULL, "%zu bytes kept", small.used);
        free(small.base);
    }
    free(want);
    free(owner);
    free(arena.base);
    free(img.data);
    free(before.data);
}

/* ---- Merging ---- */

static bool rects_overlap(struct rect a, struct rect b, int margin)
{
    return a.x - margin < b.x + b.w && b.x < a.x + a.w + margin && a.y - margin < b.y + b.h && b.y < a.y + a.h + margin;
}

static void merges_all_that_overlap(void)
{
    struct image img = patchy_image(between(1, 40), between(1, 40));
    struct threshold list[3];
    struct blob_options o;
    struct arena arena = arena_new(2000000), single = arena_new(2000000);
    struct blob *got, *parts;
    uint64_t pixels = 0, merged_pixels = 0, count = 0;

    random_options(&o, list, img.format);
    int n = blob_find(&img, &o, &single, &parts);
    o.merge = true;
    o.margin = between(-2, 3);
    int m = blob_find(&img, &o, &arena, &got);
    check(m >= 0 && m <= n, "%d of %d", m, n);
    for (int i = 0; i < n; i++) {
        pixels += parts[i].pixels;
    }
    for (int i = 0; i < m; i++) {
        merged_pixels += got[i].pixels;
        count += got[i].count;
        uint64_t x_sum = 0, y_sum = 0;
        for (int k = 0; k < got[i].x_bins; k++) {
            x_sum += got[i].x_hist[k];
        }
        for (int k = 0; k < got[i].y_bins; k++) {
            y_sum += got[i].y_hist[k];
        }
        check(!got[i].x_bins || x_sum == got[i].pixels, "columns of %d", i);
        check(!got[i].y_bins || y_sum == got[i].pixels, "rows of %d", i);
        for (int k = 0; k < m; k++) {
            check(k == i || !rects_overlap(got[i].rect, got[k].rect, o.margin), "%d and %d still overlap", i, k);
        }
        for (int k = 0; k < 4; k++) {
            struct rect r = got[i].rect;
            check(got[i].corners[k].x >= r.x && got[i].corners[k].x < r.x + r.w && got[i].corners[k].y >= r.y &&
                      got[i].corners[k].y < r.y + r.h,
                  "corner %d of %d", k, i);
        }
    }
    check_equal(merged_pixels, pixels, " ");
    check_equal(count, n, " ");
    /* every part lies in one whole, whose centre is the mean of its parts' */
    for (int i = 0; i < m; i++) {
        double sx = 0, sum = 0;
        for (int k = 0; k < n; k++) {
            struct rect r = rect_intersect(parts[k].rect, got[i].rect);
            if (r.w == parts[k].rect.w && r.h == parts[k].rect.h) {
                sx += (double)parts[k].cx * parts[k].pixels;
                sum += parts[k].pixels;
            }
        }
        check(o.margin < 0 || (sum == got[i].pixels && fabs(sx / sum - (double)got[i].cx) < 1e-2), "whole %d: centre %f, expected %f", i,
              (double)got[i].cx, sx / sum);
    }
    free(arena.base);
    free(single.base);
    free(img.data);
}

/* ---- Regions that fill the stack ---- */

static void branching_needs_no_memory(void **state)
{
    (void)state;
    /* combs, meshes and spirals: all of one piece */
    for (int kind = 0; kind < 4; kind++) {
        struct image img = image_new(401, 301, PIXFORMAT_BINARY, 0);
        uint32_t pixels = 0;
        for (int y = 0; y < img.height; y++) {
            for (int x = 0; x < img.width; x++) {
                bool on = kind == 0   ? y % 2 == 0 || x % 2 == 0
                          : kind == 1 ? y == 0 || x % 2 == 0
                          : kind == 2 ? x == 0 || y % 2 == 0
                                      : (y % 4 == 0) || (x % 2 == 0 && y % 4 != 2) || (x % 64 == 0);
                image_set_pixel(&img, x, y, on);
                pixels += on;
            }
        }
        struct threshold t = {1, 1, 0, 0, 0, 0};
        struct blob_options o = BLOB_DEFAULTS;
        o.thresholds = &t;
        o.count = 1;
        struct rect all = {0, 0, img.width, img.height};
        struct arena arena = arena_new(stated_scratch(&img, all, &o) + sizeof(struct blob));
        struct blob *got;
        check_equal(blob_find(&img, &o, &arena, &got), 1, "kind %d", kind);
        check_equal(got[0].pixels, pixels, "kind %d", kind);
        check_equal(got[0].rect.w * got[0].rect.h, 401 * 301, "kind %d", kind);
        uint32_t edges = 0;
        for (int y = 0; y < img.height; y++) {
            for (int x = 0; x < img.width; x++) {
                if (pixel(&img, x, y)) {
                    edges += (x == 0 || !pixel(&img, x - 1, y)) + (x == 400 || !pixel(&img, x + 1, y)) + (y == 0 || !pixel(&img, x, y - 1)) +
                             (y == 300 || !pixel(&img, x, y + 1));
                }
            }
        }
        check_equal(got[0].perimeter, edges, "kind %d", kind);
        free(arena.base);
        free(img.data);
    }
}

/* ---- Callbacks, shapes, errors ---- */

struct calls { int thresholds, merges, answer; };

static int count_threshold(void *context, const struct blob *b)
{
    struct calls *c = context;

    check(b->pixels > 0 && b->count == 1, "%u", b->pixels);
    return c->thresholds++ % 2 ? 1 : c->answer;
}

static int refuse_merge(void *context, const struct blob *a, const struct blob *b)
{
    struct calls *c = context;

    check(rects_overlap(a->rect, b->rect, 0), "%d %d", a->rect.x, b->rect.x);
    c->merges++;
    return c->answer;
}

static void callbacks_decide(void **state)
{
    (void)state;
    struct image img = image_new(40, 5, PIXFORMAT_GRAYSCALE, 0);
    for (int i = 0; i < 10; i++) {
        image_set_pixel(&img, i * 4, 1, 255);
    }
    struct threshold t = {200, 255, 0, 0, 0, 0};
    struct calls calls = {0, 0, 0};
    struct blob_options o = BLOB_DEFAULTS;
    struct arena arena = arena_new(100000);
    struct blob *got;

    o.thresholds = &t;
    o.count = 1;
    o.x_stride = 1;
    o.area_threshold = o.pixels_threshold = 1;
    o.context = &calls;
    o.threshold_cb = count_threshold;
    check_equal(blob_find(&img, &o, &arena, &got), 5, " ");
    check_equal(calls.thresholds, 10, " ");
    calls = (struct calls){0, 0, -1};
    check_equal(blob_find(&img, &o, &arena, &got), VISION_E_CALLBACK, " ");
    check_equal(calls.thresholds, 1, " ");
    /* nested rectangles: a frame around a dot */
    o.threshold_cb = NULL;
    o.merge_cb = refuse_merge;
    o.merge = true;
    image_clear(&img, NULL);
    for (int x = 10; x < 20; x++) {
        image_set_pixel(&img, x, 0, 255);
        image_set_pixel(&img, x, 4, 255);
    }
    for (int y = 0; y < 5; y++) {
        image_set_pixel(&img, 10, y, 255);
        image_set_pixel(&img, 19, y, 255);
    }
    image_set_pixel(&img, 15, 2, 255);
    calls = (struct calls){0, 0, 0};
    check_equal(blob_find(&img, &o, &arena, &got), 2, " ");
    check_equal(calls.merges, 1, " ");
    calls = (struct calls){0, 0, 1};
    check_equal(blob_find(&img, &o, &arena, &got), 1, " ");
    check_equal(got[0].count, 2, " ");
    check_equal(got[0].pixels, 27, " ");
    calls = (struct calls){0, 0, -5};
    check_equal(blob_find(&img, &o, &arena, &got), VISION_E_CALLBACK, " ");
    free(arena.base);
    free(img.data);
}

static void shapes_have_known_fields(void **state)
{
    (void)state;
    struct image img = image_new(120, 100, PIXFORMAT_GRAYSCALE, 0);
    /* a bar of 60 x 8 turned by 30 degrees about (60, 50) */
    for (int y = 0; y < 100; y++) {
        for (int x = 0; x < 120; x++) {
            double u = (x - 60) * cos(PI / 6) + (y - 50) * sin(PI / 6), v = -(x - 60) * sin(PI / 6) + (y - 50) * cos(PI / 6);
            image_set_pixel(&img, x, y, fabs(u) <= 30 && fabs(v) <= 4 ? 255 : 0);
        }
    }
    struct threshold t = {200, 255, 0, 0, 0, 0};
    struct blob_options o = BLOB_DEFAULTS;
    struct arena arena = arena_new(100000);
    struct blob *b;
    o.thresholds = &t;
    o.count = 1;
    check_equal(blob_find(&img, &o, &arena, &b), 1, " ");
    check(fabs((double)b->cx - 60) < 0.2 && fabs((double)b->cy - 50) < 0.2, "%f %f", (double)b->cx, (double)b->cy);
    check(fabs((double)b->rotation - PI / 6) < 0.02, "%f", (double)b->rotation);
    check(fabs((double)b->roundness - 64.0 / 3600) < 0.005, "%f", (double)b->roundness);
    check(fabs((double)blob_elongation(b) + (double)b->roundness - 1) < 1e-6, " ");
    double sides[2];
    for (int i = 0; i < 2; i++) {
        struct point p = b->min_corners[i], q = b->min_corners[i + 1];
        sides[i] = hypot(p.x - q.x, p.y - q.y);
    }
    double longer = fmax(sides[0], sides[1]), shorter = fmin(sides[0], sides[1]);
    check(fabs(longer - 60) < 2 && fabs(shorter - 8) < 2, "min_corners %f x %f", longer, shorter);
    check_equal(blob_area(b), b->rect.w * b->rect.h, " ");
    check(fabs((double)blob_density(b) - (double)b->pixels / (b->rect.w * b->rect.h)) < 1e-6, " ");
    check(fabs((double)blob_compactness(b) - 4 * PI * b->pixels / ((double)b->perimeter * b->perimeter)) < 1e-6, " ");
    free(arena.base);
    free(img.data);
}

static void errors(void **state)
{
    (void)state;
    struct image img = image_new(4, 4, PIXFORMAT_GRAYSCALE, 0);
    struct threshold t = {200, 255, 0, 0, 0, 0};
    struct blob_options o = BLOB_DEFAULTS;
    struct arena arena = arena_new(100000);
    struct blob *b;
    struct rect outside = {5, 5, 1, 1};

    o.thresholds = &t;
    assert_int_equal(blob_find(&img, &o, &arena, &b), VISION_E_ARGUMENT);
    o.count = 33;
    assert_int_equal(blob_find(&img, &o, &arena, &b), VISION_E_ARGUMENT);
    o.count = 1;
    o.x_stride = 0;
    assert_int_equal(blob_find(&img, &o, &arena, &b), VISION_E_ARGUMENT);
    o.x_stride = INT32_MAX;
    o.y_stride = INT32_MAX;
    assert_int_equal(blob_find(&img, &o, &arena, &b), 0);
    o.roi = &outside;
    assert_int_equal(blob_find(&img, &o, &arena, &b), VISION_E_ROI);
    img.format = PIXFORMAT_BAYER_GBRG;
    assert_int_equal(blob_find(&img, &o, &arena, &b), VISION_E_FORMAT);
    free(arena.base);
    free(img.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(finds_what_is_there, 600)
PROPERTY(merges_all_that_overlap, 400)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_is_there), cmocka_unit_test(test_merges_all_that_overlap),
        cmocka_unit_test(branching_needs_no_memory), cmocka_unit_test(callbacks_decide),
        cmocka_unit_test(shapes_have_known_fields), cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
