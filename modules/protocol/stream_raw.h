/* SPDX-License-Identifier: MIT */
/* Raw frames for a host: a picture as it is, or made smaller to fit. No MicroPython, no chip: tested on any host. */
#ifndef MODULES_PROTOCOL_STREAM_RAW_H
#define MODULES_PROTOCOL_STREAM_RAW_H

#include "vision/image.h"

/*
 * Size of `image` inside width x height pixels and `bytes` bytes, aspect kept, never enlarged; sides even for Bayer and
 * YUV422. false when it is compressed or nothing fits.
 */
bool stream_raw_size(const struct image *image, int width, int height, size_t bytes, int *out_width, int *out_height);

/* Bytes of such a picture. */
size_t stream_raw_bytes(enum pixel_format format, int width, int height);

/* Copies `image` at that size by the nearest pixels. */
void stream_raw_copy(const struct image *image, int width, int height, uint8_t *out);

#endif
