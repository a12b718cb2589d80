/* SPDX-License-Identifier: MIT */
/* The vision library without its codecs. The parameters are those of the reference's table (facts of bench/reference.txt). */
#include <string.h>

#include "core.h"
#include "vision/blob.h"
#include "vision/color.h"
#include "vision/convert.h"
#include "vision/draw.h"
#include "vision/histogram.h"

static const struct threshold color_thresholds[3] = {
    {30, 100, 15, 127, 15, 127}, {30, 100, -64, -8, -32, 32}, {0, 30, 0, 64, -128, 0},
};
static const struct threshold gray_one[1] = {{200, 255, -128, 127, -128, 127}};
static const struct threshold gray_three[3] = {
    {0, 60, -128, 127, -128, 127}, {100, 150, -128, 127, -128, 127}, {200, 255, -128, 127, -128, 127},
};

static void blobs(struct call *c, size_t count, bool merge)
{
    struct blob_options o = BLOB_DEFAULTS;
    bool gray = c->img.format == PIXFORMAT_GRAYSCALE;
    struct blob *out;

    o.thresholds = !gray ? color_thresholds : count == 1 ? gray_one : gray_three;
    o.count = count;
    o.area_threshold = o.pixels_threshold = 200;
    o.merge = merge;
    blob_find(&c->img, &o, &c->arena, &out);
}

static void blobs_1(struct call *c)
{
    blobs(c, 1, false);
}

static void blobs_3(struct call *c)
{
    blobs(c, 3, false);
}

static void blobs_3_merge(struct call *c)
{
    blobs(c, 3, true);
}

static void binary(struct call *c)
{
    struct binary_options o = {.thresholds = c->img.format == PIXFORMAT_GRAYSCALE ? gray_one : color_thresholds, .count = 1};

    binary_image(&c->img, &c->img, &o, &c->arena);
}

static void histogram(struct call *c)
{
    struct histogram_options o = {0};
    struct histogram hist;

    histogram_compute(&hist, &c->img, &o, &c->arena);
}

static void statistics(struct call *c)
{
    struct histogram_options o = {0};
    struct histogram hist;
    struct statistics s;

    histogram_compute(&hist, &c->img, &o, &c->arena);
    for (int i = 0; i < hist.channels; i++) {
        histogram_statistics(&hist.channel[i], &s);
    }
}

static void convert(struct call *c, enum pixel_format from, enum pixel_format to, bool in_place, const uint16_t *palette)
{
    struct convert_options o = CONVERT_DEFAULTS;
    struct image dst = {.format = to, .data = in_place ? c->img.data : c->work};

    o.palette = palette;
    c->img.format = from;
    convert_image(&dst, &c->img, &o, &c->arena);
}

static void to_grayscale(struct call *c)
{
    convert(c, PIXFORMAT_RGB565, PIXFORMAT_GRAYSCALE, true, NULL);
}

static void to_rgb565(struct call *c)
{
    convert(c, PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565, true, NULL);
}

static void to_bitmap(struct call *c)
{
    convert(c, c->img.format, PIXFORMAT_BINARY, true, NULL);
}

static void to_rainbow(struct call *c)
{
    static uint16_t palette[256];

    color_fill_palette(PALETTE_RAINBOW, palette);
    convert(c, c->img.format, PIXFORMAT_RGB565, true, palette);
}

static void debayer_gray(struct call *c)
{
    convert(c, PIXFORMAT_BAYER_BGGR, PIXFORMAT_GRAYSCALE, true, NULL);
}

static void debayer_rgb565(struct call *c)
{
    convert(c, PIXFORMAT_BAYER_BGGR, PIXFORMAT_RGB565, true, NULL);
}

static void yuv_to_rgb565(struct call *c)
{
    convert(c, PIXFORMAT_YUV422, PIXFORMAT_RGB565, true, NULL);
}

static void yuv_to_grayscale(struct call *c)
{
    convert(c, PIXFORMAT_YUV422, PIXFORMAT_GRAYSCALE, true, NULL);
}

static void copy(struct call *c)
{
    struct image dst = {.data = c->work};

    image_copy(&dst, &c->img, NULL);
}

/* ---- Drawing: instructions of one call, the figure per pixel means nothing ---- */

static void repeat_100(struct call *c)
{
    c->repeat = 100;
}

static void line(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_line(&c->img, 10, 20, 300, 200, 0xFFFF, 1);
    }
}

static void line_thick(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_line(&c->img, 10, 20, 300, 200, 0xFFFF, 5);
    }
}

static void rectangle(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_rectangle(&c->img, (struct rect){20, 20, 200, 150}, 0xFFFF, 1, false);
    }
}

static void rectangle_filled(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_rectangle(&c->img, (struct rect){20, 20, 200, 150}, 0xFFFF, 1, true);
    }
}

static void circle(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_circle(&c->img, 160, 120, 80, 0xFFFF, 1, false);
    }
}

static void ellipse(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_ellipse(&c->img, 160, 120, 100, 40, 30, 0xFFFF, 1, true);
    }
}

static void string(struct call *c)
{
    for (int i = 0; i < c->repeat; i++) {
        draw_string(&c->img, 10, 10, "Hello, world! 0123", 18, 0xFFFF, NULL);
    }
}

const struct row vision_rows[] = {
    {"find_blobs_1thr", "rgb565 gray", NULL, blobs_1},
    {"find_blobs_3thr", "rgb565 gray", NULL, blobs_3},
    {"find_blobs_3thr_merge", "rgb565 gray", NULL, blobs_3_merge},
    {"binary", "rgb565 gray", NULL, binary},
    {"get_histogram", "rgb565 gray", NULL, histogram},
    {"get_statistics", "rgb565 gray", NULL, statistics},
    {"to_grayscale", "rgb565", NULL, to_grayscale},
    {"to_rgb565", "gray", NULL, to_rgb565},
    {"to_bitmap", "rgb565 gray", NULL, to_bitmap},
    {"to_rainbow", "rgb565 gray", NULL, to_rainbow},
    {"copy", "rgb565 gray", NULL, copy},
    {"debayer_inplace_to_grayscale", "bayer", NULL, debayer_gray},
    {"debayer_inplace_to_rgb565", "bayer", NULL, debayer_rgb565},
    {"yuv422_inplace_to_grayscale", "yuv422", NULL, yuv_to_grayscale},
    {"yuv422_inplace_to_rgb565", "yuv422", NULL, yuv_to_rgb565},
    {"draw_line", "rgb565 gray", repeat_100, line},
    {"draw_line_thickness5", "rgb565 gray", repeat_100, line_thick},
    {"draw_rectangle", "rgb565 gray", repeat_100, rectangle},
    {"draw_rectangle_filled", "rgb565 gray", repeat_100, rectangle_filled},
    {"draw_circle", "rgb565 gray", repeat_100, circle},
    {"draw_ellipse_filled", "rgb565 gray", repeat_100, ellipse},
    {"draw_string", "rgb565 gray", repeat_100, string},
    {NULL, NULL, NULL, NULL},
};
