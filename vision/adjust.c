/* SPDX-License-Identifier: MIT */
/* Pixels by their own value: tables per channel, and the colour matrix. */
#include "vision/adjust.h"

#include <math.h>

#include "vision/kernel.h"
#include "vision/row.h"

static size_t pixels(const struct image *img)
{
    return (size_t)img->width * (size_t)img->height;
}

/* ---- Negative ---- */

int adjust_negate(struct image *img)
{
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    kernel_invert(img->data, image_bytes(img));
    for (int y = 0; y < img->height && img->format == PIXFORMAT_BINARY; y++) {
        row_clear_padding(img, y);
    }
    return 0;
}

/* ---- Tables ---- */

/* Values of a channel by its value: 0 gray (or binary 0 and 1), or 0, 1, 2 red, green and blue in 5, 6 and 5 bits. */
struct tables {
    uint8_t channel[3][256];
};

static int top_of(const struct image *img, int channel)
{
    return img->format == PIXFORMAT_BINARY ? 1 : img->format == PIXFORMAT_GRAYSCALE ? 255 : channel == 1 ? 63 : 31;
}

/* Two look-ups a pixel: red and green together, and blue. */
static int apply_565(struct image *img, const struct tables *t, struct arena *arena)
{
    size_t mark = arena->used;
    uint16_t *red_green = arena_alloc(arena, 2048 * sizeof *red_green), *row = red_green;

    if (!red_green) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    for (int r = 0; r < 32; r++) {
        uint32_t red = (uint32_t)t->channel[0][r] << 11;
        for (int g = 0; g < 64; g++) {
            *row++ = (uint16_t)(red | (uint32_t)t->channel[1][g] << 5);
        }
    }
    kernel_lookup_565((uint16_t *)(void *)img->data, (int)pixels(img), red_green, t->channel[2]);
    arena->used = mark;
    return 0;
}

static int apply(struct image *img, const struct tables *t, struct arena *arena)
{
    if (img->format == PIXFORMAT_RGB565) {
        return apply_565(img, t, arena);
    }
    if (img->format == PIXFORMAT_GRAYSCALE) {
        kernel_lookup8(img->data, (int)pixels(img), t->channel[0], img->data);
        return 0;
    }
    for (size_t i = 0; i < image_bytes(img); i += 4) {      /* what 0 and what 1 become */
        uint32_t *bits = (uint32_t *)(void *)(img->data + i);
        *bits = (t->channel[0][0] ? ~*bits : 0) | (t->channel[0][1] ? *bits : 0);
    }
    for (int y = 0; y < img->height; y++) {
        row_clear_padding(img, y);
    }
    return 0;
}

enum { POWERS_ASKED = 16, MOST_EXPONENT = 8 };

/* power[v] = v^exponent, 0 .. top, with ten calls of powf: an even number's is a product. An odd one, v, is the root of v^2 - 1 and a little more:
   v^2 = (v - 1) (v + 1) (1 + x), x = 1 / (v^2 - 1); three terms of the binomial series leave less than 10^-6 from 17 on. */
static void powers(float exponent, int top, float power[256])
{
    float two = powf(2, exponent), half = exponent / 2, bend = half * (half - 1) / 2;

    for (int v = 0; v < POWERS_ASKED; v++) {
        power[v] = v && !(v & 1) ? two * power[v / 2] : powf((float)v, exponent);
    }
    power[1] = 1;
    for (int v = POWERS_ASKED; v < top; v += 2) {
        float even = two * power[v / 2], next = two * power[v / 2 + 1], x = 1 / (float)(v * (v + 2));
        power[v] = even;
        power[v + 1] = sqrtf(even * next) * (1 + (half + bend * x) * x);
    }
}

/* Tables of the channels. Exponents whose powers would be out of range need a call for each value. */
static void gamma_tables(const struct image *img, float exponent, float contrast, float brightness, float power[256], struct tables *t)
{
    int channels = img->format == PIXFORMAT_RGB565 ? 3 : 1;
    bool each = exponent > MOST_EXPONENT;

    if (!each) {
        powers(exponent, top_of(img, channels / 2), power);
    }
    for (int c = 0; c < channels; c++) {
        int top = top_of(img, c);
        float most = (float)top;
        for (int v = 0; v <= top && each; v++) {
            power[v] = powf((float)v / most, exponent);
        }
        float factor = contrast * most / power[top], bias = brightness * most + 0.5f;
        for (int v = 0; v <= top; v++) {
            float out = power[v] * factor + bias;
            t->channel[c][v] = (uint8_t)(out > 0 ? out < most ? (int)out : top : 0);
        }
    }
}

int adjust_gamma(struct image *img, float gamma, float contrast, float brightness, struct arena *arena)
{
    size_t mark = arena->used;
    struct tables *t = arena_alloc(arena, img->format == PIXFORMAT_RGB565 ? sizeof *t : sizeof t->channel[0]);
    size_t kept = arena->used;
    float *power = arena_alloc(arena, 256 * sizeof *power);
    int err = 0;

    if (!pixformat_is_mutable(img->format)) {
        err = VISION_E_FORMAT;
    } else if (!(gamma > 0) || !isfinite(gamma) || !isfinite(contrast) || !isfinite(brightness)) {
        err = VISION_E_ARGUMENT;
    } else if (!t || !power) {
        err = VISION_E_MEMORY;
    } else {
        gamma_tables(img, 1 / gamma, contrast, brightness, power, t);
    }
    arena->used = kept;
    err = err ? err : apply(img, t, arena);
    arena->used = mark;
    return err;
}

/* ---- White balance ---- */

/* Sums of the channels. Up to 32 pixels are added in one word: green at bit 21, red at 11, blue at 0. */
static void sum_channels(const uint16_t *p, size_t n, uint64_t total[3])
{
    while (n) {
        size_t some = n < 32 ? n : 32;
        uint32_t sum = 0;
        n -= some;
        for (; some; some--, p++) {
            sum += (*p | (uint32_t)*p << 16) & 0x07E0F81Fu;
        }
        total[0] += sum >> 11 & 0x3FF;
        total[1] += sum >> 21;
        total[2] += sum & 0x7FF;
    }
}

static void largest_channels(const uint16_t *p, size_t n, uint64_t largest[3])
{
    uint32_t r = 0, g = 0, b = 0;

    for (; n; n--, p++) {
        uint32_t red = *p & 0xF800u, green = *p & 0x07E0u, blue = *p & 0x001Fu;
        r = red > r ? red : r;
        g = green > g ? green : g;
        b = blue > b ? blue : b;
    }
    largest[0] = r >> 11;
    largest[1] = g >> 5;
    largest[2] = b;
}

int adjust_awb(struct image *img, bool max, struct arena *arena)
{
    size_t mark = arena->used, n = pixels(img);
    const uint16_t *p = (const uint16_t *)(const void *)img->data;
    uint64_t total[3] = {0};
    float level[3], most = 0;

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    if (img->format != PIXFORMAT_RGB565) {
        return 0;
    }
    struct tables *t = arena_alloc(arena, sizeof *t);
    if (!t) {
        return VISION_E_MEMORY;
    }
    if (max) {
        largest_channels(p, n, total);
    } else {
        sum_channels(p, n, total);
    }
    for (int c = 0; c < 3; c++) {
        level[c] = (float)total[c] / (float)(max ? 1 : n) / (float)top_of(img, c);
        most = level[c] > most ? level[c] : most;
    }
    for (int c = 0; c < 3; c++) {
        int top = top_of(img, c);
        float gain = level[c] > 0 ? most / level[c] : 1;
        for (int v = 0; v <= top; v++) {
            float out = (float)v * gain + 0.5f;
            t->channel[c][v] = (uint8_t)(out < (float)top ? (int)out : top);
        }
    }
    int err = apply(img, t, arena);
    arena->used = mark;
    return err;
}

/* ---- Colour matrix ---- */

enum { CCM_ONE = 1024, CCM_MOST = 31, CCM_OFFSET = 8192 };

static inline uint32_t cut(int32_t v)
{
    v >>= 10;
    return (uint32_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

int adjust_ccm(struct image *img, const float matrix[12])
{
    int32_t m[12];

    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    for (int i = 0; i < 12; i++) {
        float limit = i % 4 == 3 ? CCM_OFFSET : CCM_MOST;
        if (!(matrix[i] >= -limit && matrix[i] <= limit)) {
            return VISION_E_ARGUMENT;
        }
        m[i] = (int32_t)lrintf(matrix[i] * CCM_ONE) + (i % 4 == 3 ? CCM_ONE / 2 : 0);
    }
    if (img->format != PIXFORMAT_RGB565) {
        return 0;
    }
    uint16_t *p = (uint16_t *)(void *)img->data;
    for (size_t n = pixels(img); n; n--, p++) {
        int32_t v = *p, r = v >> 11, g = v >> 5 & 63, b = v & 31;
        r = r << 3 | r >> 2;
        g = g << 2 | g >> 4;
        b = b << 3 | b >> 2;
        uint32_t red = cut(m[0] * r + m[1] * g + m[2] * b + m[3]), green = cut(m[4] * r + m[5] * g + m[6] * b + m[7]);
        uint32_t blue = cut(m[8] * r + m[9] * g + m[10] * b + m[11]);
        *p = (uint16_t)((red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3);
    }
    return 0;
}
