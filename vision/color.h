/* SPDX-License-Identifier: MIT */
/* Colour of one pixel: RGB, Lab, YUV, gray, RGB565, native values. All integer, the same result on every machine. */
#ifndef VISION_COLOR_H
#define VISION_COLOR_H

#include "vision/image.h"

struct rgb { uint8_t r, g, b; };
struct lab { int8_t l, a, b; };     /* CIE Lab, D65: l 0..100, a and b -128..127 */
struct yuv { int8_t y, u, v; };     /* full range BT.601, every one minus 128 */

/* Ranges of Lab as thresholds and histograms use them. */
enum { LAB_L_MIN = 0, LAB_L_MAX = 100, LAB_A_MIN = -128, LAB_A_MAX = 127, LAB_B_MIN = -128, LAB_B_MAX = 127 };

/* 5- and 6-bit channels widen by repeating their top bits; packing truncates. */
static inline struct rgb color_rgb565_to_rgb(uint32_t p)
{
    unsigned r = p >> 11 & 31, g = p >> 5 & 63, b = p & 31;
    return (struct rgb){(uint8_t)(r << 3 | r >> 2), (uint8_t)(g << 2 | g >> 4), (uint8_t)(b << 3 | b >> 2)};
}

static inline uint16_t color_rgb_to_rgb565(struct rgb c)
{
    return (uint16_t)((c.r & 0xF8) << 8 | (c.g & 0xFC) << 3 | c.b >> 3);
}

/* (38 r + 75 g + 15 b) >> 7 */
static inline uint8_t color_rgb_to_gray(struct rgb c)
{
    return (uint8_t)((38u * c.r + 75u * c.g + 15u * c.b) >> 7);
}

static inline uint8_t color_rgb565_to_gray(uint32_t p)
{
    return color_rgb_to_gray(color_rgb565_to_rgb(p));
}

static inline uint16_t color_gray_to_rgb565(uint32_t y)
{
    return (uint16_t)((y & 0xF8) << 8 | (y & 0xFC) << 3 | y >> 3);
}

/* CIE Lab of the colour after its quantisation to RGB565, rounded to integers: equal to the real-number definition (IEC 61966-2-1,
   CIE 15) on all 65536 codes. */
struct lab color_rgb565_to_lab(uint32_t rgb565);

/* Lab of a colour given to a script function, which answers with the values known from there: (120, 200, 120) -> (75, -40, 34). It
   differs from the above by the steps of blue (four bits) and by up to one unit where a or b is negative. */
struct lab color_rgb_to_lab(struct rgb c);

/* Nearest RGB of a Lab colour, cut to 0..255. */
struct rgb color_lab_to_rgb(struct lab c);

/* BT.601 full range in 16-bit fixed point, rounded. */
struct yuv color_rgb_to_yuv(struct rgb c);
struct rgb color_yuv_to_rgb(struct yuv c);

/* The native value (image_set_pixel) of a colour in a mutable format. Binary: 1 when its gray is above 127. */
uint32_t color_to_native(enum pixel_format format, struct rgb c);

/* And back: binary 0/1 -> black/white, gray and Bayer r = g = b, RGB565 expanded, YUV the gray of its luma. */
struct rgb color_from_native(enum pixel_format format, uint32_t value);

/* 256-entry RGB565 palettes, filled by formula into `out`. */
enum palette { PALETTE_RAINBOW, PALETTE_IRONBOW, PALETTE_DEPTH, PALETTE_EVT_DARK, PALETTE_EVT_LIGHT };
int color_fill_palette(enum palette which, uint16_t out[256]);

#endif
