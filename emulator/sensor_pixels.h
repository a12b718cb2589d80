/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From RGB to the bytes an image sensor puts on its data pins. Plain C: knows neither QEMU nor a sensor's registers. */
#ifndef SENSOR_PIXELS_H
#define SENSOR_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sensor_format {
    SENSOR_YUV422,      /* two bytes a pixel: luma, and U or V of the pixel pair in turn */
    SENSOR_GBR422,      /* the same with G as luma, B and R as chroma */
    SENSOR_RGB565,      /* high byte first */
    SENSOR_RGB555,      /* 0RRRRRGG GGGBBBBB */
    SENSOR_RGB444,      /* 0000RRRR GGGGBBBB */
    SENSOR_BAYER,       /* one byte a pixel, B G / G R before `bayer_x` and `bayer_y` */
    SENSOR_GREY,        /* one byte a pixel, luma */
};

/* Everything between a lit pixel and the data pins. All zero is YUV as U Y V Y, nothing else changed. */
struct sensor_look {
    enum sensor_format format;
    bool luma_first;            /* Y U Y V instead of U Y V Y */
    bool v_first;               /* V in the place of U */
    bool swap_red_blue;         /* in the RGB formats */
    uint8_t bayer_x, bayer_y;   /* 1: the pattern begins one column (row) later */
    bool limited;               /* 0 and 255 never appear, they are 1 and 254 */

    bool gains;                 /* `gain` is used */
    uint16_t gain[3];           /* of R, G, B in 1/256 */

    bool effects;               /* what follows is used, in this order, on Y, U and V */
    bool levels;                /* Y = (Y - centre) * contrast / 256 + centre + brightness */
    int16_t contrast, brightness;
    uint8_t centre;
    bool saturation;            /* U and V around 128 in 1/256 */
    uint16_t u_gain, v_gain;
    bool grey, negative, u_fixed, v_fixed;
    uint8_t u_value, v_value;
};

/* Bytes that a pixel of this format takes on the bus. */
int sensor_pixel_bytes(enum sensor_format format);

/* Row `y`, `width` RGB pixels, to bytes; `out` has width * sensor_pixel_bytes(). `rgb` is changed when gains or effects are on. */
void sensor_encode_row(const struct sensor_look *look, uint8_t *rgb, int width, int y, uint8_t *out);

/* Eight vertical bars: white, yellow, cyan, green, magenta, red, blue, black. */
void sensor_colour_bars(uint8_t *rgb, int width, int height);

#endif
