/* SPDX-License-Identifier: MIT */
/* Motion JPEG in an AVI file (Microsoft's RIFF with an index "idx1", one stream "MJPG"): pictures are added, the head is brought up to date at
   any time, the index is written at the end. After mjpeg_mark the file is a valid AVI without index as it stands; pictures added later lie behind what
   its head describes. The stream must read what it has written (the index is made by walking the file) and seek. */
#ifndef VISION_MJPEG_H
#define VISION_MJPEG_H

#include "vision/codec.h"

struct mjpeg {
    struct stream *stream;
    int width, height;
    uint32_t frames;
    uint32_t end;                   /* the byte behind the last picture */
    uint32_t largest;               /* bytes of the largest */
};

enum { MJPEG_HEAD = 224 };          /* bytes before the first picture */

/* A new file, with the head of one without pictures. Errors here and below: whatever the stream returns, and those named. SIZE: sides. */
int mjpeg_create(struct mjpeg *m, struct stream *stream, int width, int height);

/* Adds a JPEG of width x height. SPACE: the file would pass 2 GiB. After an error it is as if the call hadn't been. */
int mjpeg_append(struct mjpeg *m, const uint8_t *jpeg, uint32_t size);

/* The head for the pictures so far, shown us_per_frame microseconds each (0: 1/30 s). The caller then flushes the stream. */
int mjpeg_mark(struct mjpeg *m, uint32_t us_per_frame);

/* The index, and the head that says so. Nothing is added afterwards. */
int mjpeg_finish(struct mjpeg *m, uint32_t us_per_frame);

#endif
