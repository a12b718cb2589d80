/* SPDX-License-Identifier: MIT */
/* No option, however silly, does harm: every operation with the greatest and least integers, with infinities and with what is no number. The sanitizers look on. */
#include <limits.h>
#include <math.h>

#include "vision_test.h"

#include "vision/adjust.h"
#include "vision/blob.h"
#include "vision/codec.h"
#include "vision/compose.h"
#include "vision/convert.h"
#include "vision/displacement.h"
#include "vision/draw.h"
#include "vision/edge.h"
#include "vision/event.h"
#include "vision/filter.h"
#include "vision/flood.h"
#include "vision/gif.h"
#include "vision/histogram.h"
#include "vision/hough.h"
#include "vision/jpeg.h"
#include "vision/min_rect.h"
#include "vision/morphology.h"
#include "vision/quad.h"
#include "vision/regression.h"
#include "vision/selective.h"
#include "vision/similarity.h"
#include "vision/stroke.h"
#include "vision/template.h"
#include "vision/warp.h"

/* low .. high, or now and then any number */
static int any(int low, int high)
{
    static const int extremes[] = {INT_MIN, INT_MIN + 1, -0x40000000, -32768, -1, 0, 1, 32767, 65536, 0x3FFFFFFF, INT_MAX - 1, INT_MAX};

    return rnd(3) ? between(low, high) : extremes[rnd(sizeof extremes / sizeof *extremes)];
}

static float any_float(float low, float high)
{
    const float extremes[] = {NAN, INFINITY, -INFINITY, 0, -0.0f, 1e-40f, 1e-30f, -1e-6f, 1e6f, 3e38f, -3e38f, 2147483648.0f};

    return rnd(3) ? low + (high - low) * (float)rnd(1001) / 1000 : extremes[rnd(sizeof extremes / sizeof *extremes)];
}

/* What the operations are tried on; the storage for what their options point to. */
struct trial {
    struct image img, other, mask;
    struct arena arena;
    struct rect region, region2;
    const struct rect *roi, *roi2;
    struct threshold thresholds[2];
    float matrix[12];
    struct point corners[4];
    uint16_t palette[256];
    uint8_t alphas[256];
};

static struct rect any_rect(void)
{
    return (struct rect){any(-5, 30), any(-5, 30), any(0, 40), any(0, 40)};
}

static struct compose_options any_compose(struct trial *t)
{
    return (struct compose_options){
        .x = any(-20, 40), .y = any(-20, 40), .x_scale = any_float(-3, 3), .y_scale = any_float(-3, 3), .roi = t->roi, .rgb_channel = rnd(2) ? -1 : any(-1, 2), .alpha = any(0, 255),
        .palette = rnd(3) ? NULL : t->palette, .alpha_palette = rnd(3) ? NULL : t->alphas, .hint = rnd(2) ? rnd(0x2000) : rnd(8), .transform = rnd(3) ? NULL : t->matrix,
        .mask = rnd(3) ? NULL : &t->mask,
    };
}

static struct filter_options any_filter(struct trial *t)
{
    return (struct filter_options){any(0, 5), rnd(2), any(-20, 20), rnd(2), rnd(3) ? NULL : &t->mask};
}

static struct image *seen(struct trial *t)
{
    return &t->img;
}

/* ---- By families ---- */

static void draw(struct trial *t)
{
    struct image *img = seen(t);
    int c = any(0, 255), th = any(0, 4), x = any(-10, 40), y = any(-10, 40), a = any(-10, 40), b = any(-10, 40);
    const struct draw_string_options string = {any_float(0, 3), any(-3, 3), any(-3, 3), rnd(2), any(0, 360), rnd(2), rnd(2), any(0, 360), rnd(2), rnd(2)};
    const struct draw_keypoint point = {x, y, any(0, 360)};
    const uint16_t events[2][EVENT_NUMBERS] = {{1, 0, 0, 0, 3, 65535}, {0, 0, 0, 0, 2, 1}};

    switch (rnd(14)) {
    case 0: draw_line(img, x, y, a, b, (uint32_t)c, th); break;
    case 1: draw_rectangle(img, (struct rect){x, y, a, b}, (uint32_t)c, th, rnd(2)); break;
    case 2: draw_circle(img, x, y, a, (uint32_t)c, th, rnd(2)); break;
    case 3: draw_ellipse(img, x, y, a, b, any(0, 360), (uint32_t)c, th, rnd(2)); break;
    case 4: draw_cross(img, x, y, (uint32_t)c, any(0, 20), th); break;
    case 5: draw_arrow(img, x, y, a, b, (uint32_t)c, any(0, 20), th); break;
    case 6: draw_edges(img, t->corners, (uint32_t)c, any(0, 20), th, rnd(2)); break;
    case 7: draw_keypoints(img, &point, 1, (uint32_t)c, any(0, 20), th, rnd(2)); break;
    case 8: draw_string(img, x, y, "Ab\n\xff", 4, (uint32_t)c, &string); break;
    case 9: draw_mask_rectangle(img, (struct rect){x, y, a, b}); break;
    case 10: draw_mask_circle(img, x, y, a); break;
    case 11: draw_mask_ellipse(img, x, y, a, b, any(0, 360)); break;
    case 12: event_draw_histogram(img, events, 2, &(struct event_options){rnd(2), any(0, 255), any(0, 255)}); break;
    default: flood_fill(img, x, y, &(struct flood_options){any_float(0, 1), any_float(0, 1), (uint32_t)c, rnd(2), rnd(2), rnd(3) ? NULL : &t->mask}, &t->arena); break;
    }
}

static void filter(struct trial *t)
{
    struct image *img = seen(t);
    struct filter_options o = any_filter(t);
    int kernel[25];

    for (int i = 0; i < 25; i++) {
        kernel[i] = rnd(20) ? between(-5, 5) : any(-5, 5);
    }
    switch (rnd(8)) {
    case 0: filter_mean(img, &o, &t->arena); break;
    case 1: filter_median(img, &o, any_float(0, 1), &t->arena); break;
    case 2: filter_mode(img, &o, &t->arena); break;
    case 3: filter_midpoint(img, &o, any_float(0, 1), &t->arena); break;
    case 4: o.ksize = (int)rnd(3); filter_morph(img, &o, kernel, any_float(-1, 1), any_float(-20, 20), &t->arena); break;
    case 5: filter_gaussian(img, &o, rnd(2), any_float(-1, 1), any_float(-20, 20), &t->arena); break;
    case 6: filter_laplacian(img, &o, rnd(2), any_float(-1, 1), any_float(-20, 20), &t->arena); break;
    default: filter_bilateral(img, &o, any_float(0, 1), any_float(0, 5), &t->arena); break;
    }
}

static void morph(struct trial *t)
{
    static int (*const operations[])(struct image *, const struct morphology_options *, struct arena *) = {morphology_erode, morphology_dilate,  morphology_open,
                                                                                                           morphology_close, morphology_top_hat, morphology_black_hat};
    const struct morphology_options o = {any(0, 5), any(0, 10), rnd(3) ? NULL : &t->mask};

    operations[rnd(6)](seen(t), &o, &t->arena);
}

static void adjust(struct trial *t)
{
    struct image *img = seen(t);

    switch (rnd(9)) {
    case 0: adjust_gamma(img, any_float(0, 3), any_float(-1, 2), any_float(-1, 1), &t->arena); break;
    case 1: adjust_awb(img, rnd(2), &t->arena); break;
    case 2: adjust_ccm(img, t->matrix); break;
    case 3: equalize_histogram(img, &(struct equalize_options){rnd(2), any_float(0, 10), rnd(3) ? NULL : &t->mask}, &t->arena); break;
    case 4: warp_lens(img, any_float(0, 3), any_float(0, 2), any_float(-1, 1), any_float(-1, 1), &t->arena); break;
    case 5: warp_projection(img, t->matrix, &t->arena); break;
    case 6: warp_polar(img, &(struct polar){any_float(-10, 40), any_float(-10, 40), rnd(2), rnd(2)}, &t->arena); break;
    case 7: (rnd(2) ? edge_canny : edge_simple)(img, &(struct edge_options){t->roi, any(0, 255), any(0, 255)}, &t->arena); break;
    default:
        warp_rotation(img, &(struct rotation){any_float(-180, 180), any_float(-180, 180), any_float(-180, 180), any_float(-9, 9), any_float(-9, 9), any_float(0, 2), any_float(1, 179),
                                              rnd(2) ? NULL : t->corners}, &t->arena);
        break;
    }
}

static void compose(struct trial *t)
{
    struct compose_options o = any_compose(t);
    struct image scaled = {.width = between(1, 50), .height = between(1, 50), .format = formats[rnd(MUTABLE_FORMATS)]};
    struct similarity s;

    switch (rnd(4)) {
    case 0: compose_image(seen(t), rnd(4) ? &t->other : &t->img, (enum compose_operation)rnd(COMPOSE_COUNT), &o, &t->arena); break;
    case 1: compose_color(seen(t), (uint32_t)any(0, 255), (enum compose_operation)rnd(COMPOSE_COUNT), o.mask, &t->arena); break;
    case 2: similarity_compare(&t->img, &t->other, &o, rnd(2), &t->arena, &s); break;
    default:
        scaled.data = calloc(1, pixformat_image_bytes(scaled.format, scaled.width, scaled.height));
        compose_scaled(&scaled, &t->other, &o, &t->arena);
        free(scaled.data);
        break;
    }
}

static void convert(struct trial *t)
{
    size_t room = ((size_t)t->img.width + 32) * (size_t)t->img.height + ((size_t)t->other.width + 32) * (size_t)t->other.height;
    struct image result = {.format = rnd(4) ? formats[rnd(ALL_FORMATS)] : (enum pixel_format)any(0, 1), .data = calloc(2, room)};
    const struct convert_options o = {t->roi, rnd(2) ? -1 : any(-1, 2), rnd(2) ? NULL : t->palette};
    const struct binary_options b = {t->thresholds, rnd(3), rnd(2), rnd(2), rnd(3) ? NULL : &t->mask};

    if (rnd(2)) {
        convert_image(&result, &t->other, &o, &t->arena);
    } else {
        result.format = rnd(2) ? PIXFORMAT_BINARY : t->img.format;
        binary_image(&result, &t->img, &b, &t->arena);
    }
    free(result.data);
}

static int choose(void *context, const struct blob *blob)
{
    (void)context;
    (void)blob;
    return (int)rnd(12) - 1;
}

static int choose_both(void *context, const struct blob *a, const struct blob *b)
{
    (void)b;
    return choose(context, a);
}

static void shape_of(const struct blob *b)
{
    struct point corners[4], line[2], center;
    int radii[2], rotation;

    for (int i = 0; i < 4; i++) {
        corners[i] = rnd(3) ? b->min_corners[i] : (struct point){any(0, 30), any(0, 30)};
        corners[i].x = corners[i].x > 0x3FFFFFFF ? 0x3FFFFFFF : corners[i].x < -0x3FFFFFFF ? -0x3FFFFFFF : corners[i].x;   /* as the bindings cut */
        corners[i].y = corners[i].y > 0x3FFFFFFF ? 0x3FFFFFFF : corners[i].y < -0x3FFFFFFF ? -0x3FFFFFFF : corners[i].y;
    }
    struct min_rect r = min_rect_from_corners(corners);
    min_rect_solidity(&r, (uint32_t)any(0, 100));
    min_rect_convexity(&r, (uint32_t)any(0, 100));
    min_rect_major_axis(&r, line);
    min_rect_minor_axis(&r, line);
    min_rect_enclosing_circle(&r, &center, radii);
    min_rect_enclosed_ellipse(&r, &center, radii, &rotation);
}

static void find(struct trial *t)
{
    struct image *img = seen(t);
    struct line line, *lines;
    struct circle *circles;
    struct quad *quads;
    struct blob *blobs;
    struct rect *rects;
    struct histogram hist;
    struct statistics statistics;
    struct displacement displacement;
    struct template_match match;

    switch (rnd(11)) {
    case 0: {
        const struct blob_options o = {t->thresholds, rnd(3), rnd(2), t->roi, any(1, 3), any(1, 3), (uint32_t)any(0, 9), (uint32_t)any(0, 9), rnd(2), any(-3, 9), rnd(3) ? NULL : choose,
                                       rnd(3) ? NULL : choose_both, NULL, any(0, 9), any(0, 9)};
        if (blob_find(img, &o, &t->arena, &blobs) > 0) {
            shape_of(blobs);
        }
        break;
    }
    case 1: hough_find_lines(img, &(struct hough_line_options){t->roi, any(1, 3), any(1, 3), any(0, 500), any(0, 50), any(0, 50)}, &t->arena, &lines); break;
    case 2: hough_find_circles(img, &(struct hough_circle_options){t->roi, any(1, 3), any(1, 3), any(0, 500), any(0, 20), any(0, 20), any(0, 20), any(1, 9), any(0, 20), any(1, 3)}, &t->arena, &circles); break;
    case 3: quad_find(img, &(struct quad_options){t->roi, any(0, 1000)}, &t->arena, &quads); break;
    case 4: stroke_find(img, &(struct stroke_options){t->roi, any(0, 30), any(0, 30), any(0, 300)}, &t->arena, &lines); break;
    case 5: selective_search(img, &(struct selective_options){any(0, 500), any(0, 50), any_float(0, 1), any_float(0, 1), any_float(0, 1)}, &t->arena, &rects); break;
    case 6: regression_find(img, &(struct regression_options){t->thresholds, rnd(3), rnd(2), t->roi, any(1, 3), any(1, 3), (uint32_t)any(0, 9), (uint32_t)any(0, 9), any(0, 30), any(0, 30), rnd(2)}, &t->arena, &line); break;
    case 7: displacement_find(img, &t->other, &(struct displacement_options){.roi = t->roi, .pattern_roi = t->roi2, .logpolar = rnd(2), .fix_rotation_scale = rnd(2)}, &t->arena, &displacement); break;
    case 8: template_find(img, &t->other, &(struct template_options){t->roi, any(1, 3), rnd(2) ? TEMPLATE_DIAMOND : TEMPLATE_EXHAUSTIVE, any_float(-1, 1)}, &t->arena, &match); break;
    default: {
        const struct histogram_options o = {t->roi, {rnd(2) ? 0 : any(2, 300), rnd(2) ? 0 : any(2, 300), rnd(2) ? 0 : any(2, 300)}, t->thresholds, rnd(3), rnd(2), rnd(2) ? NULL : &t->other};
        if (!histogram_compute(&hist, img, &o, &t->arena)) {
            histogram_statistics(&hist.channel[0], &statistics);
            histogram_percentile(&hist.channel[0], any_float(0, 1));
            histogram_otsu(&hist.channel[0]);
        }
        break;
    }
    }
}

static void encode(struct trial *t)
{
    static uint8_t bytes[65536];
    struct memory_stream memory = {.data = bytes, .capacity = sizeof bytes};
    struct stream out = memory_stream_open(&memory);
    static const char *const names[] = {".bmp", ".ppm", ".png", ".jpg"};
    const char *name = names[rnd(4)];
    const struct codec_write_options o = {t->roi, any(1, 100), rnd(2) ? 0 : any(0, 40)};
    struct gif gif;

    if (rnd(3)) {
        codec_write(&out, codec_from_name(name, 4), &t->other, &o, &t->arena);
    } else if (!gif_create(&gif, &out, rnd(2) ? t->other.width : any(1, 40), rnd(2) ? t->other.height : any(1, 40), rnd(2), rnd(2))) {
        gif_append(&gif, &t->other, any(0, 100), &t->arena);
    }
}

static void fill(struct trial *t)
{
    bool longest = rnd(100) == 0, upright = rnd(2);     /* as long as images may be */
    int w = longest && !upright ? between(IMAGE_MAX_SIDE - 40, IMAGE_MAX_SIDE) : between(1, longest ? 3 : 40);
    int h = longest && upright ? between(IMAGE_MAX_SIDE - 40, IMAGE_MAX_SIDE) : between(1, longest ? 3 : 40);

    t->img = image_random(w, h, formats[rnd(8) ? rnd(MUTABLE_FORMATS) : rnd(ALL_FORMATS)], 0);
    t->other = rnd(3) ? image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0) : image_random(t->img.width, t->img.height, t->img.format, 0);
    t->mask = image_random(rnd(4) ? t->img.width : between(1, 40), rnd(4) ? t->img.height : between(1, 40), formats[rnd(8) ? rnd(MUTABLE_FORMATS) : rnd(ALL_FORMATS)], 0);
    t->arena = arena_new(rnd(8) ? (longest ? 8000000 : 400000) : rnd(30000));
    t->region = any_rect();
    t->region2 = any_rect();
    t->roi = rnd(2) ? NULL : &t->region;
    t->roi2 = rnd(2) ? NULL : &t->region2;
    for (int i = 0; i < 2; i++) {
        int values[6];
        for (int j = 0; j < 6; j++) {
            values[j] = any(-130, 260);
        }
        threshold_from_ints(&t->thresholds[i], values, any(0, 6));
    }
    for (int i = 0; i < 12; i++) {
        t->matrix[i] = rnd(4) ? (float)(i % 4 == 0) : any_float(-2, 2);
    }
    for (int i = 0; i < 4; i++) {
        t->corners[i] = (struct point){any(-5, 40), any(-5, 40)};
    }
    for (int i = 0; i < 256; i++) {
        t->palette[i] = (uint16_t)rnd(65536);
        t->alphas[i] = (uint8_t)rnd(256);
    }
}

static void property(void)
{
    static void (*const families[])(struct trial *) = {draw, filter, morph, adjust, compose, convert, find, find, encode};
    static struct trial t;

    fill(&t);
    struct image before = t.img;
    families[rnd(sizeof families / sizeof *families)](&t);
    check(memcmp(&before, &t.img, sizeof before) == 0, "an image's head has changed");
    check(t.arena.used <= t.arena.size && t.arena.peak <= t.arena.size, "the arena is overfull");
    free(t.img.data);
    free(t.other.data);
    free(t.mask.data);
    free(t.arena.base);
}

static void test_extremes(void **state)
{
    (void)state;
    for_seeds(property, 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_extremes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
