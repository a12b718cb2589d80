/* SPDX-License-Identifier: MIT */
/* What a port provides so that a camera can catch frames: power, clock, and a DMA engine that fills memory. */
#ifndef SENSORS_CAPTURE_H
#define SENSORS_CAPTURE_H

#include "sensors/sensor.h"

/* One frame to catch. Offsets and sizes count bytes on the sensor's pins and lines. */
struct capture_frame {
    struct sensor_output output;
    int x, width;               /* first byte of each line and how many; both even */
    int y, height;              /* first line and how many */
    uint8_t *data;              /* where the frame goes; cache-line aligned, DMA can reach it */
    size_t bytes;               /* of the frame in memory: what the kept bytes sum up to; a multiple of 4 */
};

struct capture_port {
    /* Control bus of the sensor. */
    const struct sensor_bus *bus;
    /* Clock of the sensor in Hz (0 = off); returns the true frequency, or CAMERA_E_TIMER_INIT. */
    int (*xclk)(uint32_t hz);
    /* Levels of the sensor's RESET and POWER-DOWN pins. */
    void (*reset_pin)(bool level);
    void (*power_down_pin)(bool level);
    /* Begin with the next whole frame. `done` is called from an interrupt once: CAMERA_OK, CAMERA_E_OVERFLOW or CAMERA_E_CAPTURE. 0, or an error. */
    int (*start)(const struct capture_frame *frame, void (*done)(int error));
    /* Stop now; `done` will not be called any more. */
    void (*stop)(void);
    /* Makes what DMA has written visible to the processor. */
    void (*invalidate)(const void *data, size_t bytes);
    uint32_t (*millis)(void);
    /* Calls `changed` from an interrupt with the level of the VSYNC pin whenever it has changed; NULL: no more. */
    void (*vsync)(void (*changed)(bool level));
    /* Keeps `done` from being called between lock and unlock, which takes what lock gave. */
    uint32_t (*lock)(void);
    void (*unlock)(uint32_t state);
};

/* The port's only instance. */
extern const struct capture_port capture_port;

#endif
