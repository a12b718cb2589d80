/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pixel encoders of image sensors, and the picture controls that sit before them. */
#include <string.h>

#include "sensor_pixels.h"

static int clip(int value)
{
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* The full-range conversion of ITU-R BT.601: U = 0.564 (B - Y), V = 0.713 (R - Y). */
static void to_yuv(const uint8_t *rgb, int *yuv)
{
    int r = rgb[0], g = rgb[1], b = rgb[2];

    yuv[0] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
    yuv[1] = clip(((-11059 * r - 21709 * g + 32768 * b + 32768) >> 16) + 128);
    yuv[2] = clip(((32768 * r - 27439 * g - 5329 * b + 32768) >> 16) + 128);
}

static void from_yuv(const int *yuv, uint8_t *rgb)
{
    int y = yuv[0], u = yuv[1] - 128, v = yuv[2] - 128;

    rgb[0] = (uint8_t)clip(y + ((91881 * v + 32768) >> 16));
    rgb[1] = (uint8_t)clip(y + ((-22554 * u - 46802 * v + 32768) >> 16));
    rgb[2] = (uint8_t)clip(y + ((116130 * u + 32768) >> 16));
}

static void apply_gains(const struct sensor_look *look, uint8_t *rgb, int width)
{
    for (int i = 0; i < width * 3; i++) {
        rgb[i] = (uint8_t)clip((rgb[i] * look->gain[i % 3] + 128) >> 8);
    }
}

static void apply_effects(const struct sensor_look *look, int *yuv)
{
    if (look->levels) {
        yuv[0] = clip((yuv[0] - look->centre) * look->contrast / 256 + look->centre + look->brightness);
    }
    if (look->saturation) {
        yuv[1] = clip((yuv[1] - 128) * look->u_gain / 256 + 128);
        yuv[2] = clip((yuv[2] - 128) * look->v_gain / 256 + 128);
    }
    if (look->grey) {
        yuv[1] = yuv[2] = 128;
    }
    if (look->negative) {
        yuv[0] = 255 - yuv[0];
        yuv[1] = 255 - yuv[1];
        yuv[2] = 255 - yuv[2];
    }
    if (look->u_fixed) {
        yuv[1] = look->u_value;
    }
    if (look->v_fixed) {
        yuv[2] = look->v_value;
    }
}

/* What comes out as (luma, first chroma, second chroma) in the two 4:2:2 formats. */
static void components(const struct sensor_look *look, const uint8_t *rgb, int *c)
{
    if (look->format == SENSOR_GBR422) {
        c[0] = rgb[1];
        c[1] = rgb[2];
        c[2] = rgb[0];
        return;
    }
    to_yuv(rgb, c);
    if (look->effects) {
        apply_effects(look, c);
    }
}

static void encode_422(const struct sensor_look *look, const uint8_t *rgb, int width, uint8_t *out)
{
    int luma = look->luma_first ? 0 : 1, first = look->v_first ? 2 : 1;

    for (int x = 0; x < width; x += 2, rgb += 6, out += 4) {
        int a[3], b[3];

        components(look, rgb, a);
        if (x + 1 == width) {
            out[luma] = (uint8_t)a[0];
            out[1 - luma] = (uint8_t)a[first];
            return;
        }
        components(look, rgb + 3, b);
        out[luma] = (uint8_t)a[0];
        out[luma + 2] = (uint8_t)b[0];
        out[1 - luma] = (uint8_t)((a[first] + b[first] + 1) / 2);
        out[3 - luma] = (uint8_t)((a[3 - first] + b[3 - first] + 1) / 2);
    }
}

static void encode_rgb(const struct sensor_look *look, const uint8_t *rgb, int width, uint8_t *out)
{
    for (int x = 0; x < width; x++, rgb += 3, out += 2) {
        int r = rgb[look->swap_red_blue ? 2 : 0], g = rgb[1], b = rgb[look->swap_red_blue ? 0 : 2];
        int word = look->format == SENSOR_RGB565 ? (r >> 3) << 11 | (g >> 2) << 5 | b >> 3
                   : look->format == SENSOR_RGB555 ? (r >> 3) << 10 | (g >> 3) << 5 | b >> 3
                                                   : (r >> 4) << 8 | (g >> 4) << 4 | b >> 4;

        out[0] = (uint8_t)(word >> 8);
        out[1] = (uint8_t)word;
    }
}

static void encode_bytes(const struct sensor_look *look, const uint8_t *rgb, int width, int y, uint8_t *out)
{
    for (int x = 0; x < width; x++, rgb += 3) {
        int yuv[3];

        if (look->format == SENSOR_BAYER) {     /* even row B G, odd row G R: R, G, B is 0, 1, 2 */
            out[x] = rgb[2 - ((x + look->bayer_x) & 1) - ((y + look->bayer_y) & 1)];
        } else {
            to_yuv(rgb, yuv);
            out[x] = (uint8_t)yuv[0];
        }
    }
}

int sensor_pixel_bytes(enum sensor_format format)
{
    return format == SENSOR_BAYER || format == SENSOR_GREY ? 1 : 2;
}

void sensor_encode_row(const struct sensor_look *look, uint8_t *rgb, int width, int y, uint8_t *out)
{
    bool yuv_out = look->format == SENSOR_YUV422, raw = look->format == SENSOR_BAYER;

    if (look->gains) {
        apply_gains(look, rgb, width);
    }
    if (look->effects && !yuv_out && !raw) {
        for (int x = 0; x < width; x++) {
            int yuv[3];

            to_yuv(rgb + x * 3, yuv);
            apply_effects(look, yuv);
            from_yuv(yuv, rgb + x * 3);
        }
    }
    if (yuv_out || look->format == SENSOR_GBR422) {
        encode_422(look, rgb, width, out);
    } else if (raw || look->format == SENSOR_GREY) {
        encode_bytes(look, rgb, width, y, out);
    } else {
        encode_rgb(look, rgb, width, out);
    }
    for (int i = 0; look->limited && i < width * sensor_pixel_bytes(look->format); i++) {
        out[i] = out[i] == 0 ? 1 : out[i] == 255 ? 254 : out[i];
    }
}

void sensor_colour_bars(uint8_t *rgb, int width, int height)
{
    for (int i = 0; i < width * height; i++, rgb += 3) {
        int bar = 7 - i % width * 8 / width;    /* bit 2 green, bit 1 red, bit 0 blue */

        rgb[0] = bar & 2 ? 255 : 0;
        rgb[1] = bar & 4 ? 255 : 0;
        rgb[2] = bar & 1 ? 255 : 0;
    }
}
