/* SPDX-License-Identifier: MIT */
/* An image sensor: what a driver implements, over the bus that a port provides. */
#ifndef SENSORS_SENSOR_H
#define SENSORS_SENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "vision/image.h"

/* Failures of the camera layer; the numbers are those that scripts see (RuntimeError's text comes from camera_strerror). */
enum camera_error {
    CAMERA_OK = 0,
    CAMERA_E_CONTROL_FAILED = -1,
    CAMERA_E_CONTROL_UNSUPPORTED = -2,
    CAMERA_E_NOT_DETECTED = -3,
    CAMERA_E_SENSOR_UNSUPPORTED = -4,
    CAMERA_E_SENSOR_INIT = -5,
    CAMERA_E_TIMER_INIT = -6,
    CAMERA_E_DMA_INIT = -7,
    CAMERA_E_INTERFACE_INIT = -8,
    CAMERA_E_IO = -9,
    CAMERA_E_CAPTURE = -10,
    CAMERA_E_TIMEOUT = -11,
    CAMERA_E_FRAMESIZE = -12,
    CAMERA_E_PIXFORMAT = -13,
    CAMERA_E_WINDOW = -14,
    CAMERA_E_FRAMERATE = -15,
    CAMERA_E_ARGUMENT = -16,
    CAMERA_E_PIXFORMAT_UNSUPPORTED = -17,
    CAMERA_E_FRAMEBUFFER = -18,
    CAMERA_E_OVERFLOW = -19,
    CAMERA_E_JPEG_OVERFLOW = -20,
    CAMERA_E_WOULD_BLOCK = -21,
};

/* One line of English for enum camera_error; never NULL. */
const char *camera_strerror(int error);

/* The control bus of a sensor (SCCB or I2C). The port fills it in; every function is 0 or CAMERA_E_IO. */
struct sensor_bus {
    void *port;                 /* the port's own */
    int (*write)(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count);
    /* Write `count` bytes, stop, then read: SCCB knows no repeated start. */
    int (*write_read)(const struct sensor_bus *bus, uint8_t address, const uint8_t *bytes, int count, uint8_t *answer, int answer_count);
    void (*delay_ms)(int ms);
};

/* What a script may turn. A driver answers CAMERA_E_CONTROL_UNSUPPORTED for what its sensor hasn't got. */
enum sensor_control {
    SENSOR_BRIGHTNESS,          /* -3..3, 0 = as it comes */
    SENSOR_CONTRAST,            /* -3..3 */
    SENSOR_SATURATION,          /* -3..3 */
    SENSOR_GAINCEILING,         /* 2, 4, 8 .. 128 */
    SENSOR_COLORBAR,            /* 0 or 1 */
    SENSOR_HMIRROR,             /* 0 or 1 */
    SENSOR_VFLIP,               /* 0 or 1 */
    SENSOR_AUTO_GAIN,           /* 0 or 1 */
    SENSOR_GAIN_MDB,            /* gain in thousandths of a dB; setting it turns the automatic gain off */
    SENSOR_AUTO_EXPOSURE,       /* 0 or 1 */
    SENSOR_EXPOSURE_US,         /* microseconds; setting it turns the automatic exposure off */
    SENSOR_AUTO_WHITEBAL,       /* 0 or 1 */
    SENSOR_SPECIAL_EFFECT,      /* 0 = normal, 1 = negative */
    SENSOR_RED_PERMILLE,        /* white balance: gain of a channel, 1000 = as it comes; setting one needs the automatic balance off */
    SENSOR_GREEN_PERMILLE,
    SENSOR_BLUE_PERMILLE,
    SENSOR_LENS_CORRECTION,     /* 0 or 1: darkness towards the corners is made up for */
    SENSOR_LENS_RADIUS,         /* 0..255: within this nothing is corrected */
    SENSOR_LENS_COEFFICIENT,    /* 0..255: how much is, beyond */
    SENSOR_CONTROLS
};

/* How the sensor puts a picture on its pins, so that the port can catch just the wanted bytes. */
struct sensor_output {
    int width, height;          /* pixels it delivers */
    int bytes_per_pixel;        /* on the pins */
    bool every_other_byte;      /* the port keeps bytes 0, 2, 4 ... only (luma of YUV) */
    bool swap_bytes;            /* 16-bit pixels come high byte first */
    bool vsync_active_high;     /* level of VSYNC while no valid line is sent */
    bool hsync_active_high;     /* level of HSYNC while no valid pixel is sent */
    bool pixclk_rising;         /* data are valid at the rising edge */
};

struct sensor;

struct sensor_driver {
    const char *name;
    uint16_t chip_id;           /* as the host protocol numbers sensors */
    uint8_t address;            /* 7-bit */
    uint32_t xclk_hz;           /* the clock it wants on its XCLK pin */
    int width, height;          /* the whole array */
    bool reset_active_high, power_down_active_high;
    /* Is this the chip that answers at `address`? true or false; leaves the chip as it was. */
    bool (*probe)(const struct sensor *sensor);
    /* Registers to their defaults; the chip streams afterwards. */
    int (*reset)(struct sensor *sensor);
    /* A picture of width x height pixels at least (at most the array), in `format`; says what comes out. */
    int (*configure)(struct sensor *sensor, enum pixel_format format, int width, int height, struct sensor_output *output);
    int (*set)(struct sensor *sensor, enum sensor_control control, int value);
    int (*get)(const struct sensor *sensor, enum sensor_control control, int *value);
};

struct sensor {
    const struct sensor_driver *driver;
    const struct sensor_bus *bus;
    uint32_t xclk_hz;           /* what the port really delivers */
};

/* One 8-bit register at an 8-bit address. 0..255 or CAMERA_E_IO. */
int sensor_read8(const struct sensor *sensor, uint8_t reg);
/* 0 or CAMERA_E_IO. */
int sensor_write8(const struct sensor *sensor, uint8_t reg, uint8_t value);
/* Replaces the bits of `mask`. 0 or CAMERA_E_IO. */
int sensor_update8(const struct sensor *sensor, uint8_t reg, uint8_t mask, uint8_t value);

extern const struct sensor_driver sensor_ov7725;

#endif
