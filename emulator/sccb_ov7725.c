/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OmniVision OV7725: VGA image sensor with an 8-bit parallel port, controlled over SCCB (datasheet 1.1).
 *
 * Only what its registers mean; frames are made by sensor.c. A register that is written counts from the next frame on.
 * The scene is taken as what a well exposed and white balanced camera would deliver, so automatic exposure, gain and white
 * balance leave it alone (and report what they "found"), and manual settings change it relative to that. Gamma, colour
 * matrix, edge enhancement, denoise and lens correction are stored and have no effect: the scene has been through a camera.
 */
#include "qemu/osdep.h"
#include <math.h>
#include "hw/i2c/i2c.h"
#include "hw/irq.h"
#include "hw/qdev-clock.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "regs.h"
#include "sensor.h"

#define TYPE_OV7725 "ov7725"
OBJECT_DECLARE_SIMPLE_TYPE(Ov7725, OV7725)

enum {
    GAIN = 0x00, BLUE = 0x01, RED = 0x02, GREEN = 0x03, BAVG = 0x05, GAVG = 0x06, RAVG = 0x07, AECH = 0x08, COM2 = 0x09,
    PID = 0x0a, VER = 0x0b, COM3 = 0x0c, COM4 = 0x0d, AEC = 0x10, CLKRC = 0x11, COM7 = 0x12, COM8 = 0x13, COM9 = 0x14,
    COM10 = 0x15, HSTART = 0x17, HSIZE = 0x18, VSTRT = 0x19, VSIZE = 0x1a, MIDH = 0x1c, MIDL = 0x1d, COM11 = 0x20,
    HOUTSIZE = 0x29, EXHCH = 0x2a, EXHCL = 0x2b, VOUTSIZE = 0x2c, ADVFL = 0x2d, ADVFH = 0x2e, YAVE = 0x2f, HREF = 0x32,
    DM_LNL = 0x33, DM_LNH = 0x34, UFIX = 0x60, VFIX = 0x61, DSP_CTRL2 = 0x65, DSP_CTRL3 = 0x66, BRIGHT = 0x9b, CNST = 0x9c,
    CNST_CTRL = 0x9d, SCAL0 = 0xa0, SCAL1 = 0xa1, SCAL2 = 0xa2, SDE = 0xa6, USAT = 0xa7, VSAT = 0xa8, SIGN = 0xab, DSPAUTO = 0xac,
};

enum { XCLK_MIN = 6000000, XCLK_MAX = 54000000 };       /* 10 to 48 MHz are specified */

enum { CORRECT_EXPOSURE_NS = 10000000 };                /* the scene is lit so that 10 ms at gain 1 are right */

struct Ov7725 {
    I2CSlave parent_obj;
    SensorCore core;
    Clock *xclk, *mco;
    uint8_t r[256];
    uint8_t address;            /* register that the next read or write is for */
    uint8_t phase;              /* bytes of this write transfer so far */
    bool in_transfer;
    bool reset_pin, power_pin;  /* levels: RSTB is active low, PWDN active high */
    uint32_t told;              /* what was complained about since the last reset */
};

/*
 * Table 6 of the datasheet; what isn't listed is reserved and 0 here. Registers 0x00 to 0x0b were compared with its text;
 * the later pages weren't at hand, their values come from what is commonly known of this sensor.
 */
static const struct { uint8_t address, values[16]; } reset_values[] = {
    { 0x00, { 0x00, 0x80, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x77, 0x21, 0x10, 0x41, 0x01, 0x43 } },
    { 0x10, { 0x40, 0x80, 0x00, 0x8f, 0x4a, 0x00, 0x00, 0x23, 0xa0, 0x07, 0xf0, 0x40, 0x7f, 0xa2, 0x00, 0x00 } },
    { 0x20, { 0x10, 0x00, 0xff, 0x01, 0x75, 0x63, 0xd4, 0x00, 0x00, 0xa0, 0x00, 0x00, 0xf0, 0x00, 0x00, 0x00 } },
    { 0x30, { 0x80, 0x60, 0x00, 0x00, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xe2, 0x1f } },
    { 0x40, { 0xc0, 0x10, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00, 0x00, 0x50, 0x30, 0x50, 0x50, 0x00, 0xef, 0x10 } },
    { 0x50, { 0x60, 0x00, 0x00, 0x24, 0x7a, 0xfc } },
    { 0x60, { 0x80, 0x80, 0xff, 0xf0, 0x1f, 0x00, 0x10, 0x00, 0x00, 0x5c, 0x11, 0xa2, 0x01, 0x50, 0x80, 0x80 } },
    { 0x70, { 0x0f, 0x00, 0x00, 0x0f, 0x0f, 0xff, 0x00, 0x10, 0x10, 0x70, 0x70, 0xf0, 0xf0, 0xf0, 0x0e, 0x1a } },
    { 0x80, { 0x31, 0x5a, 0x69, 0x75, 0x7e, 0x88, 0x8f, 0x96, 0xa3, 0xaf, 0xc4, 0xd7, 0xe8, 0x20, 0x00, 0x00 } },
    { 0x90, { 0x08, 0x10, 0x1f, 0x01, 0x2c, 0x24, 0x08, 0x14, 0x24, 0x38, 0x9e, 0x00, 0x40, 0x80, 0x11, 0x02 } },
    { 0xa0, { 0x00, 0x40, 0x40, 0x06, 0x00, 0x00, 0x00, 0x40, 0x40, 0x80, 0x80, 0x06, 0xff } },
};

static void reset_registers(Ov7725 *s)
{
    memset(s->r, 0, sizeof(s->r));
    for (int i = 0; i < ARRAY_SIZE(reset_values); i++) {
        memcpy(s->r + reset_values[i].address, reset_values[i].values, sizeof(reset_values[i].values));
    }
    s->told = 0;
}

/* Once per reset and `what`. */
static void unimplemented(Ov7725 *s, unsigned what, const char *text)
{
    if (!(s->told & 1u << what)) {
        s->told |= 1u << what;
        guest_unimplemented("OV7725", "%s", text);
    }
}

static uint32_t clock_hz(Ov7725 *s)
{
    return clock_get_hz(sensor_core_clocked_by_mco(&s->core) ? s->mco : s->xclk);
}

static bool alive(Ov7725 *s)
{
    uint32_t hz = clock_hz(s);

    return s->reset_pin && !s->power_pin && sensor_core_clocked(&s->core) && hz >= XCLK_MIN && hz <= XCLK_MAX;
}

/* ---- timing ---- */

/* COM4[7:6] PLL, CLKRC[6] no prescaler, CLKRC[5:0] prescaler: f = XCLK * PLL / (2 * (CLKRC[5:0] + 1)). */
static uint64_t internal_hz(Ov7725 *s)
{
    static const uint8_t pll[4] = { 1, 4, 6, 8 };
    uint64_t hz = (uint64_t)clock_hz(s) * pll[s->r[COM4] >> 6];

    return s->r[CLKRC] & 0x40 ? hz : hz / (2 * ((s->r[CLKRC] & 0x3f) + 1));
}

static bool qvga(Ov7725 *s)
{
    return s->r[COM7] & 0x40;
}

/* 784 x 510 pixel times of two clocks in VGA, 576 x 278 in QVGA, and the dummy pixels and lines that registers add. */
static void timing_mode(Ov7725 *s, SensorMode *m)
{
    const uint8_t *r = s->r;
    uint32_t pixels = (qvga(s) ? 576 : 784) + ((r[EXHCH] >> 4) << 8 | r[EXHCL]);
    bool one_byte = sensor_pixel_bytes(m->look.format) == 1;

    m->pclk_hz = internal_hz(s) / (one_byte ? 2 : 1);
    m->line_clocks = pixels * (one_byte ? 1 : 2);
    m->frame_lines = (qvga(s) ? 278 : 510) + (r[ADVFH] << 8 | r[ADVFL]) + (r[DM_LNH] << 8 | r[DM_LNL]);
    m->vsync_lines = 4;
    m->first_line = 22;
    m->port.vsync_high = !(r[COM10] & 0x02);
    m->port.href_high = !(r[COM10] & 0x08);
    m->port.pclk_rising = !(r[COM10] & 0x10);
    m->port.pclk_gated = r[COM10] & 0x20;
}

/* ---- geometry ---- */

/* One axis of the scaler: down sampling by a power of two, then by coefficient / 64 (DSP_CTRL2, SCAL0-2, DSPAUTO). */
static uint32_t scale_step(Ov7725 *s, uint32_t in, uint32_t out, bool vertical)
{
    const uint8_t *r = s->r;
    unsigned down = 0, coefficient = 64;

    if (out == 0) {
        return 64;
    }
    if (r[DSP_CTRL2] & (vertical ? 0x08 : 0x04)) {
        down = r[SCAL0] >> (vertical ? 2 : 0) & 3;
        if (r[DSPAUTO] & 0x08) {
            for (down = 0; down < 3 && in >> (down + 1) >= out; down++) {
            }
        }
    }
    if (r[DSP_CTRL2] & (vertical ? 0x02 : 0x01)) {
        coefficient = r[vertical ? SCAL2 : SCAL1] & 0x7f;
        if (r[DSPAUTO] & 0x04) {
            coefficient = ((uint64_t)in * 64 >> down) / out;
        }
        coefficient = MIN(MAX(coefficient, 64), 127);
    }
    return coefficient << down;
}

/* Window, scaling and output size of one axis. `in` pixels from `start` on; what the scaler doesn't use is cut off on both sides. */
static void axis(Ov7725 *s, int start, uint32_t in, uint32_t *out, bool vertical, int32_t *first, uint32_t *step)
{
    uint32_t unit = qvga(s) ? 2 : 1, scale = scale_step(s, in, *out, vertical);

    *out = MIN(*out, in * 64 / scale);
    *step = scale * unit;
    *first = (start * 64 + (int32_t)(in * 64 - *out * scale) / 2) * (int32_t)unit;
}

static void geometry_mode(Ov7725 *s, SensorMode *m)
{
    const uint8_t *r = s->r;
    int x = (r[HSTART] << 2 | (r[HREF] >> 4 & 3)) - (qvga(s) ? 252 : 140);      /* of the first active column */
    int y = (r[VSTRT] << 1 | (r[HREF] >> 6 & 1)) - (qvga(s) ? 6 : 14);          /* of the first active row */

    m->width = r[HOUTSIZE] << 2 | (r[EXHCH] & 3);
    m->height = r[VOUTSIZE] << 1 | (r[EXHCH] >> 2 & 1);
    axis(s, x, r[HSIZE] << 2 | (r[HREF] & 3), &m->width, false, &m->left, &m->step_x);
    axis(s, y, r[VSIZE] << 1 | (r[HREF] >> 2 & 1), &m->height, true, &m->top, &m->step_y);
    m->mirror = r[COM3] & 0x40;
    m->flip = r[COM3] & 0x80;
    m->height = MIN(m->height, 488);
    m->width = MIN(m->width, 656);
}

/* ---- exposure, gain and white balance ---- */

/* GAIN: each of the four upper bits doubles, the lower four are sixteenths (datasheet, register 0x00). */
static double gain_of(uint8_t value)
{
    return (1 + (value >> 4 & 1)) * (1 + (value >> 5 & 1)) * (1 + (value >> 6 & 1)) * (1 + (value >> 7 & 1)) * (1 + (value & 15) / 16.0);
}

static uint8_t gain_register(double gain)
{
    uint8_t doubled = 0;

    for (int bit = 4; bit < 8 && gain >= 2; bit++, gain /= 2) {
        doubled |= 1 << bit;
    }
    return doubled | MIN((int)((gain - 1) * 16 + 0.5), 15);
}

/* What the automatic functions settle on goes into their registers; the result is how bright the picture is, 1 being right. */
static double expose(Ov7725 *s, const SensorMode *m)
{
    uint8_t *r = s->r;
    double line = m->pclk_hz ? 1e9 * m->line_clocks / m->pclk_hz : 1;
    double gain = r[COM8] & 0x04 ? 1 : gain_of(r[GAIN]);
    double lines = r[AECH] << 8 | r[AEC], light;

    if (r[COM8] & 0x01) {
        lines = MIN(MAX(round(CORRECT_EXPOSURE_NS / line / gain), 1), m->frame_lines - 2);
        r[AEC] = (uint16_t)lines & 0xff;
        r[AECH] = (uint16_t)lines >> 8;
    }
    if (r[COM8] & 0x04) {
        double ceiling = MIN(2 << (r[COM9] >> 4 & 7), 31);

        r[GAIN] = gain_register(MIN(MAX(CORRECT_EXPOSURE_NS / (MAX(lines, 1) * line), 1), ceiling));
        gain = gain_of(r[GAIN]);
    }
    light = MAX(lines, 0.25) * line * gain / CORRECT_EXPOSURE_NS;
    return light > 0.93 && light < 1.07 ? 1 : light;        /* the steps of the registers are no change of brightness */
}

static void exposure_mode(Ov7725 *s, SensorMode *m)
{
    uint8_t *r = s->r;
    double light = expose(s, m);
    double factor = pow(light, 1 / 2.2);                    /* light is linear, pixels have gamma */

    if (r[COM8] & 0x02) {
        r[RED] = r[GREEN] = r[BLUE] = 0x80;
    }
    m->look.gain[0] = MIN(256 * factor * r[RED] / 0x80, 65535);
    m->look.gain[1] = MIN(256 * factor * (r[GREEN] ? r[GREEN] : 0x80) / 0x80, 65535);
    m->look.gain[2] = MIN(256 * factor * r[BLUE] / 0x80, 65535);
    m->look.gains = m->look.gain[0] != 256 || m->look.gain[1] != 256 || m->look.gain[2] != 256;
    if (!m->look.gains || m->pattern != PATTERN_NONE) {
        m->look.gains = false;
        memset(m->look.gain, 0, sizeof(m->look.gain));
    }
}

/* SDE and what it switches on: contrast 0x20 is 1, saturation 0x40 is 1, SIGN[3] makes the brightness negative. */
static void effects_mode(Ov7725 *s, SensorMode *m)
{
    const uint8_t *r = s->r;
    struct sensor_look *look = &m->look;

    if (r[SDE] & 0x01) {
        unimplemented(s, 0, "hue control (SDE bit 0)");
    }
    look->effects = r[SDE] & 0x7e;
    if (!look->effects) {
        return;
    }
    look->saturation = r[SDE] & 0x02;
    look->u_gain = r[USAT] * 4;
    look->v_gain = r[VSAT] * 4;
    look->levels = r[SDE] & 0x04;
    look->contrast = r[CNST] * 8;
    look->centre = r[CNST_CTRL];
    look->brightness = r[SIGN] & 0x08 ? -r[BRIGHT] : r[BRIGHT];
    look->u_fixed = r[SDE] & 0x08;
    look->v_fixed = r[SDE] & 0x10;
    look->u_value = r[UFIX];
    look->v_value = r[VFIX];
    look->grey = r[SDE] & 0x20;
    look->negative = r[SDE] & 0x40;
}

/* ---- format ---- */

static void format_mode(Ov7725 *s, SensorMode *m)
{
    static const enum sensor_format rgb[4] = { SENSOR_GBR422, SENSOR_RGB565, SENSOR_RGB555, SENSOR_RGB444 };
    const uint8_t *r = s->r;
    struct sensor_look *look = &m->look;

    switch (r[COM7] & 3) {
    case 0:
        look->format = SENSOR_YUV422;
        break;
    case 2:
        look->format = rgb[r[COM7] >> 2 & 3];
        break;
    default:                                    /* 1: Bayer made from the processed picture, 3: the array's own */
        look->format = SENSOR_BAYER;
        break;
    }
    look->luma_first = r[COM3] & 0x10;          /* in YUV mode only: RGB565 is always high byte first */
    look->v_first = r[DSP_CTRL3] & 0x80;
    look->swap_red_blue = r[COM3] & 0x20;
    look->limited = r[COM10] & 0x01;
    if (r[COM3] & 0x01) {
        m->pattern = PATTERN_ARRAY_BARS;
    }
    if (r[DSP_CTRL3] & 0x20) {
        m->pattern = PATTERN_OUTPUT_BARS;
    }
    if (r[COM7] & 0x20) {
        unimplemented(s, 1, "BT.656 output (COM7 bit 5)");
    }
    if (r[COM3] & 0x08) {
        unimplemented(s, 2, "data pins in reverse order (COM3 bit 3)");
    }
    if (r[COM10] & 0xc0) {
        unimplemented(s, 3, "HSYNC instead of HREF, or negative data (COM10 bits 7:6)");
    }
    if (r[COM11] & 0x03) {
        unimplemented(s, 4, "single frame mode (COM11 bits 1:0)");
    }
}

static void ov7725_mode(void *opaque, SensorMode *m)
{
    Ov7725 *s = opaque;

    format_mode(s, m);
    geometry_mode(s, m);
    timing_mode(s, m);
    if ((s->r[COM7] & 3) == 3) {                /* the window's first pixel decides what the first colour is */
        m->look.bayer_x = (m->left >> 6 & 1) ^ (m->mirror ? 1 : 0);
        m->look.bayer_y = (m->top >> 6 & 1) ^ (m->flip ? 1 : 0);
    }
    m->streaming = alive(s) && !(s->r[COM2] & 0x10) && m->width && m->height && m->pclk_hz;
    m->frame_lines = MAX(m->frame_lines, m->first_line + m->height + 1);
    m->line_clocks = MAX(m->line_clocks, m->width * sensor_pixel_bytes(m->look.format) + 1);
    exposure_mode(s, m);
    effects_mode(s, m);
}

static void ov7725_frame(void *opaque, const SensorMode *m, const uint8_t mean[3])
{
    Ov7725 *s = opaque;
    uint32_t width = s->r[HOUTSIZE] << 2 | (s->r[EXHCH] & 3), height = s->r[VOUTSIZE] << 1 | (s->r[EXHCH] >> 2 & 1);

    if ((m->width != width || m->height != height) && !(s->told & 1u << 31)) {
        s->told |= 1u << 31;            /* not an error in itself: settings are written one by one while frames go on */
        qemu_log_mask(LOG_GUEST_ERROR, "OV7725: the output size %ux%u is larger than the window, frames are %ux%u\n",
                      width, height, m->width, m->height);
    }
    s->r[RAVG] = mean[0];
    s->r[GAVG] = mean[1];
    s->r[BAVG] = mean[2];
    s->r[YAVE] = (77 * mean[0] + 150 * mean[1] + 29 * mean[2]) >> 8;
}

static const SensorOps ov7725_ops = {
    .array_width = 640,
    .array_height = 480,
    .mode = ov7725_mode,
    .frame = ov7725_frame,
};

/* ---- SCCB: register address, then one byte in or, after a stop and a new start, one byte out ---- */

static int ov7725_event(I2CSlave *i2c, enum i2c_event event)
{
    Ov7725 *s = OV7725(i2c);

    switch (event) {
    case I2C_START_SEND:
    case I2C_START_RECV:
        if (!alive(s)) {
            return 1;
        }
        if (s->in_transfer) {
            guest_error("OV7725", "repeated start: SCCB wants a stop between the register address and the read");
        }
        s->in_transfer = true;
        s->phase = 0;
        break;
    case I2C_FINISH:
        s->in_transfer = false;
        break;
    default:
        break;
    }
    return 0;
}

static int ov7725_send(I2CSlave *i2c, uint8_t data)
{
    Ov7725 *s = OV7725(i2c);

    if (s->phase == 0) {
        s->address = data;
    } else if (s->phase == 1) {
        if (s->address == COM7 && (data & 0x80)) {
            reset_registers(s);
        } else if (s->address != PID && s->address != VER && s->address != MIDH && s->address != MIDL) {
            s->r[s->address] = data;
        }
        sensor_core_update(&s->core);
    } else if (s->phase == 2) {
        guest_error("OV7725", "more than one byte written after register address 0x%02x", s->address);
    }
    s->phase = MIN(s->phase + 1, 3);
    return 0;
}

static uint8_t ov7725_recv(I2CSlave *i2c)
{
    Ov7725 *s = OV7725(i2c);

    return s->r[s->address];
}

/* ---- pins ---- */

static void ov7725_reset_pin(void *opaque, int n, int level)
{
    Ov7725 *s = opaque;

    s->reset_pin = level;
    if (!level) {
        reset_registers(s);
    }
    sensor_core_update(&s->core);
}

static void ov7725_power_pin(void *opaque, int n, int level)
{
    Ov7725 *s = opaque;

    s->power_pin = level;
    sensor_core_update(&s->core);
}

static void ov7725_clock(void *opaque, ClockEvent event)
{
    Ov7725 *s = opaque;

    sensor_core_update(&s->core);
}

static void ov7725_reset(Object *obj, ResetType type)
{
    Ov7725 *s = OV7725(obj);

    reset_registers(s);
    s->address = s->phase = 0;
    s->in_transfer = false;
    sensor_core_update(&s->core);
}

static void ov7725_init(Object *obj)
{
    Ov7725 *s = OV7725(obj);
    DeviceState *dev = DEVICE(obj);

    s->reset_pin = true;                        /* RSTB has a pull-up, PWDN a pull-down */
    s->xclk = qdev_init_clock_in(dev, "xclk", ov7725_clock, s, ClockUpdate);
    s->mco = qdev_init_clock_in(dev, "mco", ov7725_clock, s, ClockUpdate);
    qdev_init_gpio_in_named(dev, ov7725_reset_pin, "reset", 1);
    qdev_init_gpio_in_named(dev, ov7725_power_pin, "power", 1);
    sensor_core_init(&s->core, dev, "OV7725", &ov7725_ops);
    reset_registers(s);
}

static void ov7725_finalize(Object *obj)
{
    sensor_core_finalize(&OV7725(obj)->core);
}

static int ov7725_post_load(void *opaque, int version)
{
    sensor_core_update(&OV7725(opaque)->core);
    return 0;
}

static const VMStateDescription ov7725_vmstate = {
    .name = TYPE_OV7725,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = ov7725_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_I2C_SLAVE(parent_obj, Ov7725),
        VMSTATE_STRUCT(core, Ov7725, 1, sensor_core_vmstate, SensorCore),
        VMSTATE_CLOCK(xclk, Ov7725),
        VMSTATE_UINT8_ARRAY(r, Ov7725, 256),
        VMSTATE_UINT8(address, Ov7725),
        VMSTATE_UINT8(phase, Ov7725),
        VMSTATE_BOOL(in_transfer, Ov7725),
        VMSTATE_BOOL(reset_pin, Ov7725),
        VMSTATE_BOOL(power_pin, Ov7725),
        VMSTATE_END_OF_LIST()
    }
};

static const Property ov7725_properties[] = {
    DEFINE_PROP_LINK("dcmi", Ov7725, core.sink, TYPE_VIDEO_SINK, VideoSink *),
};

static SensorCore *ov7725_core(Object *sensor)
{
    return &OV7725(sensor)->core;
}

static void ov7725_class_init(ObjectClass *klass, void *data)
{
    I2CSlaveClass *i2c = I2C_SLAVE_CLASS(klass);
    DeviceClass *dc = DEVICE_CLASS(klass);

    i2c->event = ov7725_event;
    i2c->send = ov7725_send;
    i2c->recv = ov7725_recv;
    IMAGE_SENSOR_CLASS(klass)->core = ov7725_core;
    dc->desc = "OmniVision OV7725 image sensor";
    dc->vmsd = &ov7725_vmstate;
    device_class_set_props(dc, ov7725_properties);
    RESETTABLE_CLASS(klass)->phases.hold = ov7725_reset;
}

static const TypeInfo ov7725_info = {
    .name = TYPE_OV7725,
    .parent = TYPE_I2C_SLAVE,
    .instance_size = sizeof(Ov7725),
    .instance_init = ov7725_init,
    .instance_finalize = ov7725_finalize,
    .class_init = ov7725_class_init,
    .interfaces = (InterfaceInfo[]) { { TYPE_IMAGE_SENSOR }, { } },
};

static void ov7725_register(void)
{
    type_register_static(&ov7725_info);
}
type_init(ov7725_register)
