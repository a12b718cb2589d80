/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all parallel image sensors have in common: a scene, the part of it that the registers select, and lines that go
 * out at the sensor's pace. A sensor's own file turns its registers into a SensorMode and does nothing else.
 */
#ifndef OPENMV_EMULATOR_SENSOR_H
#define OPENMV_EMULATOR_SENSOR_H

#include "qemu/osdep.h"
#include "hw/clock.h"
#include "hw/qdev-core.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "scene_core.h"
#include "sensor_pixels.h"
#include "stm32_pins.h"

/* ---- the other end of the camera's ribbon ---- */

/* How the sensor drives its lines; the receiver compares that with its own settings. */
typedef struct VideoPort {
    bool vsync_high;            /* VSYNC is high between frames, low during them */
    bool href_high;             /* HREF is high during a line's pixels */
    bool pclk_rising;           /* data is stable at the rising edge of PCLK */
    bool pclk_gated;            /* PCLK stands still while HREF is inactive */
    uint32_t pclk_hz;           /* filled in by sensor.c */
} VideoPort;

#define TYPE_VIDEO_SINK "video-sink"
typedef struct VideoSinkClass VideoSinkClass;
typedef struct VideoSink VideoSink;
DECLARE_CLASS_CHECKERS(VideoSinkClass, VIDEO_SINK, TYPE_VIDEO_SINK)
#define VIDEO_SINK(obj) INTERFACE_CHECK(VideoSink, (obj), TYPE_VIDEO_SINK)

struct VideoSinkClass {
    InterfaceClass parent_class;
    /* Would it notice the lines of a frame that begins now? */
    bool (*listens)(VideoSink *sink);
    /* The pulse between two frames begins (true) or ends (false). At its end: will the frame that follows be captured? */
    bool (*vsync)(VideoSink *sink, const VideoPort *port, bool begins);
    /* The pixels of one line, one byte per PCLK, at the moment when the last one is out. */
    void (*line)(VideoSink *sink, const VideoPort *port, const uint8_t *bytes, size_t length);
};

/* ---- what the registers of a sensor amount to ---- */

typedef enum SensorPattern {
    PATTERN_NONE,
    PATTERN_ARRAY_BARS,         /* colour bars instead of the scene: windowed, scaled and mirrored like it */
    PATTERN_OUTPUT_BARS,        /* colour bars across the output, whatever the window */
} SensorPattern;

/* Zeroed before it is filled: modes are compared by memcmp. */
typedef struct SensorMode {
    bool streaming;
    VideoPort port;
    struct sensor_look look;
    SensorPattern pattern;
    uint32_t width, height;             /* of the output */
    int32_t left, top;                  /* first pixel of the array, in 1/64 pixel; may lie outside by a few pixels */
    uint32_t step_x, step_y;            /* array pixels per output pixel, in 1/64: 64 is 1:1 */
    bool mirror, flip;
    uint64_t pclk_hz;
    uint32_t line_clocks;               /* PCLKs from one line to the next */
    uint32_t frame_lines;               /* line times from one frame to the next */
    uint32_t vsync_lines;               /* length of the VSYNC pulse */
    uint32_t first_line;                /* lines from the beginning of VSYNC to the first pixels */
} SensorMode;

typedef struct SensorCore SensorCore;

typedef struct SensorOps {
    int array_width, array_height;      /* of the pixel array that the scene is fitted to */
    void (*mode)(void *sensor, SensorMode *mode);
    /* A frame is about to go out; `mean` of R, G and B before the picture controls. */
    void (*frame)(void *sensor, const SensorMode *mode, const uint8_t mean[3]);
} SensorOps;

struct SensorCore {
    const SensorOps *ops;
    void *sensor;
    char *name;
    VideoSink *sink;            /* link property "dcmi" */
    struct scene *scene;
    uint32_t scene_period;      /* property "scene-period": ms per picture of a folder, 0 is one per captured frame */
    qemu_irq vsync_pin;         /* GPIO output "vsync" */
    Stm32Pin clock_pin;         /* sensor_set_clock_pin() */

    QEMUTimer *timer;
    SensorMode mode;            /* of the frame that goes out */
    int64_t frame_ns;           /* when it began */
    int64_t due_ns;             /* when the next event should be */
    uint32_t line;              /* next line of it */
    uint32_t state;
    uint32_t held;              /* times that the next line was held back for the CPU */
    int64_t cpu_ns;             /* what the CPU's thread had computed when the last line went out */
    bool watched;               /* somebody listens to this frame */
    bool captured;              /* and takes it */
    uint64_t frames;            /* captured since power-on */

    uint8_t *rgb, *bytes;       /* rendered frame: sensor_pixel_bytes() * width per line */
    SensorMode rendered;        /* what `bytes` holds */
    uint64_t rendered_scene, rendered_picture;
    uint8_t mean[3];
};

/* What a board may do with a sensor without knowing which it is. */
#define TYPE_IMAGE_SENSOR "image-sensor"
typedef struct ImageSensorClass {
    InterfaceClass parent_class;
    SensorCore *(*core)(Object *sensor);
} ImageSensorClass;
DECLARE_CLASS_CHECKERS(ImageSensorClass, IMAGE_SENSOR, TYPE_IMAGE_SENSOR)

/* In instance_init: timer, test card, GPIO output, the properties "scene" and "scene-period". `name` is used in messages. */
void sensor_core_init(SensorCore *core, DeviceState *sensor, const char *name, const SensorOps *ops);
void sensor_core_finalize(SensorCore *core);

/* Does the clock reach the sensor? From the timer, or from the chip's clock output, whose alternate function is 0. */
bool sensor_core_clocked(SensorCore *core);
bool sensor_core_clocked_by_mco(SensorCore *core);

/* Power, clock or a register that stops the stream changed: starts or stops frames. Other changes wait for the next frame. */
void sensor_core_update(SensorCore *core);

/* A device that embeds this calls sensor_core_update() in its post_load. */
extern const VMStateDescription sensor_core_vmstate;

#endif
