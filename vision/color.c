/* SPDX-License-Identifier: MIT */
/* RGB, YUV, gray, native values, and the palettes. */
#include "vision/color.h"

#include <math.h>

static uint8_t cut255(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static int8_t cut127(int v)
{
    return (int8_t)(v < -128 ? -128 : v > 127 ? 127 : v);
}

/* IEC 61966-2-1 encoding of a linear value */
static uint8_t encode(float v)
{
    if (!(v > 0.0f)) {
        return 0;
    }
    float s = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.0f / 2.4f) - 0.055f;
    return cut255((int)(s * 255.0f + 0.5f));
}

static float lab_inverse(float f)
{
    return f > 6.0f / 29.0f ? f * f * f : (116.0f * f - 16.0f) * (27.0f / 24389.0f);
}

struct rgb color_lab_to_rgb(struct lab c)
{
    float fy = ((float)c.l + 16.0f) / 116.0f;
    float x = 0.95047f * lab_inverse(fy + (float)c.a / 500.0f);
    float y = lab_inverse(fy);
    float z = 1.08883f * lab_inverse(fy - (float)c.b / 200.0f);

    return (struct rgb){
        encode(3.2404542f * x - 1.5371385f * y - 0.4985314f * z),
        encode(-0.9692660f * x + 1.8760108f * y + 0.0415560f * z),
        encode(0.0556434f * x - 0.2040259f * y + 1.0572252f * z),
    };
}

struct yuv color_rgb_to_yuv(struct rgb c)
{
    int r = c.r, g = c.g, b = c.b;

    return (struct yuv){
        cut127(((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) - 128),
        cut127(((-11059 * r - 21709 * g + 32768 * b + 32768 + (128 << 16)) >> 16) - 128),
        cut127(((32768 * r - 27439 * g - 5329 * b + 32768 + (128 << 16)) >> 16) - 128),
    };
}

struct rgb color_yuv_to_rgb(struct yuv c)
{
    int y = (c.y + 128) * 65536 + 32768;

    return (struct rgb){cut255((y + 91881 * c.v) >> 16), cut255((y - 22554 * c.u - 46802 * c.v) >> 16), cut255((y + 116130 * c.u) >> 16)};
}

uint32_t color_to_native(enum pixel_format format, struct rgb c)
{
    switch (format) {
    case PIXFORMAT_BINARY:
        return color_rgb_to_gray(c) > 127;
    case PIXFORMAT_RGB565:
        return color_rgb_to_rgb565(c);
    case PIXFORMAT_YUV422:
    case PIXFORMAT_YVU422:
        return color_rgb_to_gray(c) | 0x8000u;
    default:
        return color_rgb_to_gray(c);
    }
}

struct rgb color_from_native(enum pixel_format format, uint32_t value)
{
    uint8_t y = (uint8_t)value;

    if (format == PIXFORMAT_RGB565) {
        return color_rgb565_to_rgb(value);
    }
    if (format == PIXFORMAT_BINARY) {
        y = value ? 255 : 0;
    }
    return (struct rgb){y, y, y};
}

/* A palette is a polyline through the RGB cube. */
struct stop { uint8_t at, r, g, b; };

static const struct stop rainbow[] = {
    {0, 0, 0, 255}, {64, 0, 255, 255}, {128, 0, 255, 0}, {192, 255, 255, 0}, {255, 255, 0, 0},
};
static const struct stop ironbow[] = {
    {0, 0, 0, 0},       {32, 32, 0, 112},   {80, 136, 0, 152},   {128, 208, 48, 88},
    {176, 240, 128, 8}, {224, 255, 216, 64}, {255, 255, 255, 248},
};
static const struct stop depth[] = {
    {0, 48, 18, 59},    {40, 70, 107, 227},  {80, 40, 187, 236}, {112, 50, 242, 152}, {144, 164, 252, 60},
    {176, 238, 207, 58}, {208, 251, 126, 33}, {236, 209, 50, 5}, {255, 122, 4, 3},
};
static const struct stop event_dark[] = {{0, 0, 160, 255}, {128, 16, 20, 28}, {255, 255, 255, 255}};
static const struct stop event_light[] = {{0, 32, 64, 224}, {128, 255, 255, 255}, {255, 24, 24, 24}};

static const struct { const struct stop *stops; int count; } palettes[] = {
    [PALETTE_RAINBOW] = {rainbow, sizeof rainbow / sizeof *rainbow},
    [PALETTE_IRONBOW] = {ironbow, sizeof ironbow / sizeof *ironbow},
    [PALETTE_DEPTH] = {depth, sizeof depth / sizeof *depth},
    [PALETTE_EVT_DARK] = {event_dark, sizeof event_dark / sizeof *event_dark},
    [PALETTE_EVT_LIGHT] = {event_light, sizeof event_light / sizeof *event_light},
};

static uint8_t between(int a, int b, int step, int steps)
{
    return (uint8_t)((a * (steps - step) + b * step + steps / 2) / steps);
}

int color_fill_palette(enum palette which, uint16_t out[256])
{
    if ((unsigned)which >= sizeof palettes / sizeof *palettes) {
        return VISION_E_ARGUMENT;
    }
    const struct stop *s = palettes[which].stops;
    for (int i = 0; i < 256; i++) {
        while (i > s[1].at) {
            s++;
        }
        int step = i - s[0].at, steps = s[1].at - s[0].at;
        out[i] = color_rgb_to_rgb565((struct rgb){between(s[0].r, s[1].r, step, steps), between(s[0].g, s[1].g, step, steps),
                                                  between(s[0].b, s[1].b, step, steps)});
    }
    return VISION_OK;
}
