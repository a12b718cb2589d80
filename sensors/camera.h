/* SPDX-License-Identifier: MIT */
/* The camera: one image sensor, a capture port, and a ring of frame buffers. */
#ifndef SENSORS_CAMERA_H
#define SENSORS_CAMERA_H

#include "sensors/capture.h"

enum { CAMERA_BUFFERS_MAX = 4 };

/* Memory of the frame buffers; the caller owns the pool behind it. NULL = none left. */
struct camera_memory {
    void *(*allocate)(size_t bytes);
    void (*release)(void *memory);
    size_t (*available)(void);  /* the largest block that could be allocated now */
};

/*
 * Detects the sensor, resets it, and forgets every setting. The port's clock and pins are driven as each known driver wants
 * until one answers. 0, CAMERA_E_NOT_DETECTED, CAMERA_E_SENSOR_UNSUPPORTED (something answered, but nothing we know), CAMERA_E_IO.
 */
int camera_reset(const struct camera_memory *memory);

/* Stops, gives the memory back, and powers the sensor down. Harmless at any time. */
void camera_shutdown(void);

/* The driver found by camera_reset, or NULL. */
const struct sensor *camera_sensor(void);

/* Each of these stops capturing and drops frames already caught. CAMERA_E_PIXFORMAT_UNSUPPORTED, CAMERA_E_FRAMESIZE, CAMERA_E_WINDOW ... */
int camera_set_pixformat(enum pixel_format format);         /* GRAYSCALE, RGB565, YUV422, BAYER_* */
int camera_set_framesize(int width, int height);            /* pixels; resets the window */
int camera_set_window(struct rect window);                  /* within the frame size */
int camera_set_buffers(int count);                          /* 1..CAMERA_BUFFERS_MAX, or 0: as many as are sensible */
int camera_set_control(enum sensor_control control, int value);
int camera_get_control(enum sensor_control control, int *value);

/* At most so many frames a second: what comes earlier is thrown away. 1..1000, or 0: whatever the sensor delivers. CAMERA_E_FRAMERATE */
int camera_set_framerate(int hz);
int camera_framerate(void);                                 /* as set; 0 when it was not */

enum pixel_format camera_pixformat(void);                   /* 0 when none is set */
struct rect camera_window(void);                            /* what a frame shows; w = 0 when no frame size is set */
void camera_framesize(int *width, int *height);
int camera_buffers(void);
size_t camera_buffer_bytes(void);                           /* of one buffer; 0 when there is none yet */

/* Gives the memory of a buffer back that only saves time, if how many there are was left to the camera. false: there is none. From then on there is one
   buffer, until the next setting. The picture that a script holds stays. */
bool camera_give_spare(void);

/*
 * Taking a picture. camera_snapshot_begin gives the previous picture's buffer back and starts capturing if nothing is under way.
 * Then camera_snapshot_poll: CAMERA_E_WOULD_BLOCK until a frame is there, then CAMERA_OK with the image (its data stay valid until the next
 * begin), or an error (CAMERA_E_TIMEOUT after 3 s without a frame). The newest complete frame is given.
 */
int camera_snapshot_begin(void);
int camera_snapshot_poll(struct image *image);

/* Would camera_snapshot_poll give a frame now? */
bool camera_frame_ready(void);

/* Called from the interrupt after each complete frame; NULL: nobody. */
void camera_set_frame_hook(void (*hook)(void));

/* Called from an interrupt at each change of VSYNC with its level; NULL: nobody. */
void camera_set_vsync_hook(void (*hook)(bool level));

/* Sleeping stops the sensor's clock; registers survive. */
int camera_sleep(bool enable);

#endif
