/* SPDX-License-Identifier: MIT */
/* Frames of the stream channel: reading one, and turning it into a picture file. */
#ifndef HOST_FRAME_H
#define HOST_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "session.h"

struct frame {
    uint32_t width, height, format, bytes; /* as the camera says; bytes of pixels or of the file */
    float fps;
    uint8_t *rgb; /* width * height * 3, malloc'ed */
};

/*
 * Fetches the frame that the camera holds, if any: 1 and a frame (free it by frame_free), 0 when there is none, or a
 * client error; FRAME_E_DATA when it is not a picture, with the reason in *why.
 */
#define FRAME_E_DATA (-50)
int frame_fetch(struct session *session, struct frame *frame, const char **why);
void frame_free(struct frame *frame);

/* Name of a pixel format. */
const char *frame_format_name(uint32_t format);

/* Writes it as PNG, beside and then renamed: 0 or an errno. */
int frame_write_png(const struct frame *frame, const char *path);

#endif
