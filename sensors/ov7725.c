/* SPDX-License-Identifier: MIT */
/* OmniVision OV7725, VGA. Register numbers and meanings are those of the OV7725 data sheet, "Register Set". */
#include <stddef.h>

#include "sensors/sensor.h"

enum {
    GAIN = 0x00, BLUE = 0x01, RED = 0x02, GREEN = 0x03, COM3 = 0x0C, COM4 = 0x0D, PID = 0x0A, VER = 0x0B, AECH = 0x08, AEC = 0x10, CLKRC = 0x11, COM7 = 0x12, COM8 = 0x13,
    COM9 = 0x14, COM10 = 0x15, HSTART = 0x17, HSIZE = 0x18, VSTRT = 0x19, VSIZE = 0x1A, BDBASE = 0x22, HOUTSIZE = 0x29, EXHCH = 0x2A,
    VOUTSIZE = 0x2C, HREF = 0x32, LC_CTR = 0x46, LC_COEF = 0x49, LC_RADI = 0x4A, DSP_CTRL2 = 0x65, DSP_CTRL3 = 0x66, DSP_CTRL4 = 0x67, BRIGHT = 0x9B, CNST = 0x9C, SCAL0 = 0xA0,
    SDE = 0xA6, USAT = 0xA7, VSAT = 0xA8, SIGN = 0xAB,
};

enum {
    COM3_VFLIP = 0x80, COM3_MIRROR = 0x40, COM3_SWAP_YUV = 0x10,
    COM7_RESET = 0x80, COM7_QVGA = 0x40, COM7_RGB565 = 0x06, COM7_YUV = 0x00, COM7_PROCESSED_BAYER = 0x01,
    COM8_AGC = 0x04, COM8_AWB = 0x02, COM8_AEC = 0x01,
    COM9_CEILING = 0x70,
    DSP_CTRL2_DCW = 0x0C,           /* down-sampling, vertical and horizontal */
    DSP_CTRL3_COLOR_BAR = 0x20,
    DSP_CTRL4_FORMAT = 0x03, DSP_CTRL4_RAW8 = 0x02,
    SDE_NEGATIVE = 0x40, SDE_CONTRAST = 0x04, SDE_SATURATION = 0x02,
    SIGN_DARKER = 0x08,
    LC_ENABLE = 0x01,
    CHANNEL_AS_IT_COMES = 0x80,     /* BLUE and RED after a reset; GREEN is 0 then, which means the same */
};

static bool ov7725_probe(const struct sensor *sensor)
{
    return sensor_read8(sensor, PID) == 0x77 && (sensor_read8(sensor, VER) & 0xF0) == 0x20;
}

static int ov7725_reset(struct sensor *sensor)
{
    static const uint8_t values[][2] = {
        {COM4, 0x41},               /* PLL x4: 12 MHz in, 24 MHz pixel clock with CLKRC 0 */
        {CLKRC, 0x00},
        {COM3, COM3_SWAP_YUV},      /* luma before chroma; RGB565 comes high byte first whatever this bit says */
        {BDBASE, 0x7F},             /* 50 Hz banding at this clock */
        {COM8, 0xC0 | COM8_AGC | COM8_AWB | COM8_AEC},
    };

    if (sensor_write8(sensor, COM7, COM7_RESET)) {
        return CAMERA_E_IO;
    }
    sensor->bus->delay_ms(2);       /* data sheet: registers may be written 1 ms after a reset */
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (sensor_write8(sensor, values[i][0], values[i][1])) {
            return CAMERA_E_IO;
        }
    }
    return CAMERA_OK;
}

/* The smallest picture of the whole array that is not smaller than asked: VGA or QVGA, then halved up to three times. */
static int halvings(bool qvga, int width, int height)
{
    int n = 0;

    while (n < 3 && ((qvga ? 320 : 640) >> (n + 1)) >= width && ((qvga ? 240 : 480) >> (n + 1)) >= height) {
        n++;
    }
    return n;
}

static int ov7725_configure(struct sensor *sensor, enum pixel_format format, int width, int height, struct sensor_output *output)
{
    bool qvga = width <= 320 && height <= 240;
    bool bayer = format == PIXFORMAT_BAYER_BGGR;
    int n = bayer ? 0 : halvings(qvga, width, height);      /* halving a mosaic would mix its colours */
    int w = (qvga ? 320 : 640) >> n, h = (qvga ? 240 : 480) >> n;
    uint8_t com7 = qvga ? COM7_QVGA : 0;

    if (width < 1 || height < 1 || width > 640 || height > 480) {
        return CAMERA_E_FRAMESIZE;
    }
    switch (format) {
    case PIXFORMAT_GRAYSCALE:
    case PIXFORMAT_YUV422:
        com7 |= COM7_YUV;
        break;
    case PIXFORMAT_RGB565:
        com7 |= COM7_RGB565;
        break;
    case PIXFORMAT_BAYER_BGGR:
        com7 |= COM7_PROCESSED_BAYER;
        break;
    default:
        return CAMERA_E_PIXFORMAT_UNSUPPORTED;
    }
    const uint8_t values[][2] = {
        {COM7, com7},
        {HSTART, qvga ? 0x3F : 0x22},
        {HSIZE, qvga ? 0x50 : 0xA4},
        {VSTRT, qvga ? 0x03 : 0x07},
        {VSIZE, qvga ? 0x78 : 0xF0},
        {HREF, 0x00},
        {HOUTSIZE, (uint8_t)(w >> 2)},
        {VOUTSIZE, (uint8_t)(h >> 1)},
        {EXHCH, (uint8_t)((w & 3) | (h & 1) << 2)},
        {SCAL0, (uint8_t)(n << 2 | n)},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (sensor_write8(sensor, values[i][0], values[i][1])) {
            return CAMERA_E_IO;
        }
    }
    if (sensor_update8(sensor, DSP_CTRL2, DSP_CTRL2_DCW, n ? DSP_CTRL2_DCW : 0) ||
        sensor_update8(sensor, DSP_CTRL4, DSP_CTRL4_FORMAT, bayer ? DSP_CTRL4_RAW8 : 0)) {
        return CAMERA_E_IO;
    }
    *output = (struct sensor_output){
        .width = w,
        .height = h,
        .bytes_per_pixel = bayer ? 1 : 2,
        .every_other_byte = format == PIXFORMAT_GRAYSCALE,
        .swap_bytes = format == PIXFORMAT_RGB565,
        .vsync_active_high = true,      /* COM10 = 0: VSYNC is high between frames, HREF high during a line, data valid at PCLK's rise */
        .hsync_active_high = false,
        .pixclk_rising = true,
    };
    return CAMERA_OK;
}

/* Nanoseconds of one line, the unit of the exposure registers: 784 (VGA) or 576 (QVGA) pixels of two clocks each. */
static int64_t line_ns(const struct sensor *sensor)
{
    static const int pll[] = {1, 4, 6, 8};
    int com4 = sensor_read8(sensor, COM4), clkrc = sensor_read8(sensor, CLKRC), com7 = sensor_read8(sensor, COM7);

    if (com4 < 0 || clkrc < 0 || com7 < 0 || !sensor->xclk_hz) {
        return CAMERA_E_IO;
    }
    int64_t clock = (int64_t)sensor->xclk_hz * pll[com4 >> 6];
    int divider = clkrc & 0x40 ? 1 : ((clkrc & 0x3F) + 1) * 2;

    return (com7 & COM7_QVGA ? 576 : 784) * 2LL * 1000000000 * divider / clock;
}

static int set_exposure_us(struct sensor *sensor, int us)
{
    int64_t ns = line_ns(sensor);

    if (ns < 0) {
        return (int)ns;
    }
    int64_t lines = us * 1000LL / ns;
    lines = lines < 1 ? 1 : lines > 0xFFFF ? 0xFFFF : lines;
    if (sensor_update8(sensor, COM8, COM8_AEC, 0) || sensor_write8(sensor, AEC, (uint8_t)lines) ||
        sensor_write8(sensor, AECH, (uint8_t)(lines >> 8))) {
        return CAMERA_E_IO;
    }
    return CAMERA_OK;
}

/* GAIN: bits 7-4 double the gain each, bits 3-0 add sixteenths. 6.0206 dB double; within one doubling the factor is nearly linear. */
static const int16_t SIXTEENTH_MDB[16] = {0, 527, 1023, 1492, 1938, 2362, 2766, 3153, 3522, 3876, 4217, 4544, 4859, 5163, 5457, 5740};

static int set_gain(struct sensor *sensor, int mdb)
{
    uint8_t doubled = 0;
    int fraction = 15;

    mdb = mdb < 0 ? 0 : mdb;
    for (int bit = 4; bit < 8 && mdb >= 6021; bit++) {
        doubled |= (uint8_t)(1 << bit);
        mdb -= 6021;
    }
    while (fraction > 0 && SIXTEENTH_MDB[fraction] > mdb) {
        fraction--;
    }
    if (sensor_update8(sensor, COM8, COM8_AGC, 0)) {
        return CAMERA_E_IO;
    }
    return sensor_write8(sensor, GAIN, (uint8_t)(doubled | fraction));
}

static int set_level(struct sensor *sensor, enum sensor_control control, int value)
{
    if (value < -3 || value > 3) {
        return CAMERA_E_ARGUMENT;
    }
    switch (control) {
    case SENSOR_BRIGHTNESS:
        return sensor_update8(sensor, SDE, SDE_CONTRAST, SDE_CONTRAST) ||
                       sensor_write8(sensor, BRIGHT, (uint8_t)((value < 0 ? -value : value) * 0x10)) ||
                       sensor_update8(sensor, SIGN, SIGN_DARKER, value < 0 ? SIGN_DARKER : 0)
                   ? CAMERA_E_IO
                   : CAMERA_OK;
    case SENSOR_CONTRAST:
        return sensor_update8(sensor, SDE, SDE_CONTRAST, SDE_CONTRAST) || sensor_write8(sensor, CNST, (uint8_t)(0x20 + value * 4))
                   ? CAMERA_E_IO
                   : CAMERA_OK;
    default:
        return sensor_update8(sensor, SDE, SDE_SATURATION, SDE_SATURATION) || sensor_write8(sensor, USAT, (uint8_t)(0x40 + value * 0x10)) ||
                       sensor_write8(sensor, VSAT, (uint8_t)(0x40 + value * 0x10))
                   ? CAMERA_E_IO
                   : CAMERA_OK;
    }
}

/* Controls that are one bit of one register. */
static const struct {
    uint8_t reg, mask;
} BITS[SENSOR_CONTROLS] = {
    [SENSOR_COLORBAR] = {DSP_CTRL3, DSP_CTRL3_COLOR_BAR},
    [SENSOR_HMIRROR] = {COM3, COM3_MIRROR},
    [SENSOR_VFLIP] = {COM3, COM3_VFLIP},
    [SENSOR_AUTO_GAIN] = {COM8, COM8_AGC},
    [SENSOR_AUTO_EXPOSURE] = {COM8, COM8_AEC},
    [SENSOR_AUTO_WHITEBAL] = {COM8, COM8_AWB},
    [SENSOR_SPECIAL_EFFECT] = {SDE, SDE_NEGATIVE},
    [SENSOR_LENS_CORRECTION] = {LC_CTR, LC_ENABLE},
};

/* A channel's gain register: 0x80 is 1. */
static int set_channel(struct sensor *sensor, uint8_t reg, int permille)
{
    int value = permille < 0 ? 0 : permille > 1992 ? 0xFF : (permille * CHANNEL_AS_IT_COMES + 500) / 1000;

    return sensor_write8(sensor, reg, (uint8_t)(value ? value : 1));    /* 0 would be 1 for GREEN */
}

static int ov7725_set(struct sensor *sensor, enum sensor_control control, int value)
{
    if (BITS[control].mask) {
        return sensor_update8(sensor, BITS[control].reg, BITS[control].mask, value ? BITS[control].mask : 0);
    }
    switch (control) {
    case SENSOR_BRIGHTNESS:
    case SENSOR_CONTRAST:
    case SENSOR_SATURATION:
        return set_level(sensor, control, value);
    case SENSOR_GAINCEILING:
        for (int i = 0; i < 7; i++) {
            if (value == 2 << i) {
                return sensor_update8(sensor, COM9, COM9_CEILING, (uint8_t)(i << 4));
            }
        }
        return CAMERA_E_ARGUMENT;
    case SENSOR_GAIN_MDB:
        return set_gain(sensor, value);
    case SENSOR_EXPOSURE_US:
        return set_exposure_us(sensor, value);
    case SENSOR_RED_PERMILLE:
        return set_channel(sensor, RED, value);
    case SENSOR_GREEN_PERMILLE:
        return set_channel(sensor, GREEN, value);
    case SENSOR_BLUE_PERMILLE:
        return set_channel(sensor, BLUE, value);
    case SENSOR_LENS_RADIUS:
    case SENSOR_LENS_COEFFICIENT:
        if (value < 0 || value > 255) {
            return CAMERA_E_ARGUMENT;
        }
        return sensor_write8(sensor, control == SENSOR_LENS_RADIUS ? LC_RADI : LC_COEF, (uint8_t)value);
    default:
        return CAMERA_E_CONTROL_UNSUPPORTED;
    }
}

static int get_exposure_us(const struct sensor *sensor, int *value)
{
    int high = sensor_read8(sensor, AECH), low = sensor_read8(sensor, AEC);
    int64_t ns = line_ns(sensor);

    if (high < 0 || low < 0 || ns < 0) {
        return CAMERA_E_IO;
    }
    *value = (int)((high << 8 | low) * ns / 1000);
    return CAMERA_OK;
}

static int ov7725_get(const struct sensor *sensor, enum sensor_control control, int *value)
{
    static const uint8_t registers[SENSOR_CONTROLS] = {
        [SENSOR_BRIGHTNESS] = BRIGHT, [SENSOR_CONTRAST] = CNST, [SENSOR_SATURATION] = USAT, [SENSOR_GAINCEILING] = COM9, [SENSOR_GAIN_MDB] = GAIN,
        [SENSOR_RED_PERMILLE] = RED, [SENSOR_GREEN_PERMILLE] = GREEN, [SENSOR_BLUE_PERMILLE] = BLUE,
        [SENSOR_LENS_RADIUS] = LC_RADI, [SENSOR_LENS_COEFFICIENT] = LC_COEF,
    };

    if (control == SENSOR_EXPOSURE_US) {
        return get_exposure_us(sensor, value);
    }
    int reg = sensor_read8(sensor, BITS[control].mask ? BITS[control].reg : registers[control]);
    if (reg < 0) {
        return reg;
    }
    switch (control) {
    case SENSOR_BRIGHTNESS: {
        int sign = sensor_read8(sensor, SIGN);
        if (sign < 0) {
            return sign;
        }
        *value = sign & SIGN_DARKER ? -(reg / 0x10) : reg / 0x10;
        return CAMERA_OK;
    }
    case SENSOR_CONTRAST:
        *value = (reg - 0x20) / 4;
        return CAMERA_OK;
    case SENSOR_SATURATION:
        *value = (reg - 0x40) / 0x10;
        return CAMERA_OK;
    case SENSOR_GAINCEILING:
        *value = 2 << ((reg & COM9_CEILING) >> 4);
        return CAMERA_OK;
    case SENSOR_GAIN_MDB:
        *value = SIXTEENTH_MDB[reg & 15];
        for (int bit = 4; bit < 8; bit++) {
            *value += reg & 1 << bit ? 6021 : 0;
        }
        return CAMERA_OK;
    case SENSOR_RED_PERMILLE:
    case SENSOR_GREEN_PERMILLE:
    case SENSOR_BLUE_PERMILLE:
        *value = (reg ? reg : CHANNEL_AS_IT_COMES) * 1000 / CHANNEL_AS_IT_COMES;
        return CAMERA_OK;
    case SENSOR_LENS_RADIUS:
    case SENSOR_LENS_COEFFICIENT:
        *value = reg;
        return CAMERA_OK;
    default:
        *value = (reg & BITS[control].mask) != 0;
        return BITS[control].mask ? CAMERA_OK : CAMERA_E_CONTROL_UNSUPPORTED;
    }
}

const struct sensor_driver sensor_ov7725 = {
    .name = "OV7725",
    .chip_id = 0x77,
    .address = 0x21,
    .xclk_hz = 12000000,
    .width = 640,
    .height = 480,
    .reset_active_high = false,
    .power_down_active_high = true,
    .probe = ov7725_probe,
    .reset = ov7725_reset,
    .configure = ov7725_configure,
    .set = ov7725_set,
    .get = ov7725_get,
};
