/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A decoded picture and how to get one from a file or fit one to an image sensor. Plain C: knows neither QEMU nor devices. */
#ifndef SCENE_PICTURE_H
#define SCENE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

enum {
    SCENE_PIXELS_MAX = 64 * 1024 * 1024,  /* larger pictures are refused from their header, before any memory is taken */
    SCENE_ERROR_SIZE = 512,               /* room for any message written by these functions */
};

/* 8-bit R, G, B per pixel, rows of width * 3 bytes from the top. `rgb` is malloc'ed and owned by the struct. */
struct scene_picture {
    int width, height;
    uint8_t *rgb;
};

/*
 * Decode the PNG, JPEG, PPM or PGM file `path`, recognised by content, never by name. Transparent PNG is
 * laid on black; a JPEG that a turned camera took (Exif) is turned upright.
 * 0: *picture is filled, free it with scene_picture_free(). -1: *picture is untouched and `error` says what is wrong
 * with which file. A file with missing or damaged data is an error, not half a picture.
 */
int scene_picture_load(struct scene_picture *picture, const char *path, char error[SCENE_ERROR_SIZE]);

/* Check type and size of `path` from its header alone. 0 or -1 with `error` set. */
int scene_picture_probe(const char *path, char error[SCENE_ERROR_SIZE]);

void scene_picture_free(struct scene_picture *picture);

/* A part of a picture in its pixels; it may begin and end between pixels, and outside, where the edge goes on. */
struct scene_window {
    double left, top, width, height;
};

/*
 * Resample `window` of `picture` to width x height pixels: by area averaging where it shrinks, bilinearly where it grows.
 * `out` has width * height * 3 bytes. 0, or -1 when out of memory.
 */
int scene_picture_resample(const struct scene_picture *picture, const struct scene_window *window, uint8_t *out, int width, int height);

/*
 * Fit `picture` to a sensor of width x height pixels: the largest centred part with the sensor's aspect ratio is kept and
 * resampled. A picture of the sensor's size is copied unchanged. `out` and the result are as above.
 */
int scene_picture_fit(const struct scene_picture *picture, uint8_t *out, int width, int height);

/* The picture a camera without a scene looks at: colour bars, a grey ramp and six coloured discs on dark grey. */
void scene_picture_test_card(uint8_t *out, int width, int height);

#endif
