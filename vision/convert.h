/* SPDX-License-Identifier: MIT */
/* Conversions between pixel formats: to bitmap, grayscale, RGB565, through palettes, from Bayer and YUV422. */
#ifndef VISION_CONVERT_H
#define VISION_CONVERT_H

#include "vision/image.h"

struct convert_options {
    const struct rect *roi;         /* region of the source; NULL: everything */
    int rgb_channel;                /* -1: none; 0, 1, 2: the gray value is that channel of the pixel */
    const uint16_t *palette;        /* NULL, or 256 RGB565 entries looked up by the gray value */
};
#define CONVERT_DEFAULTS ((struct convert_options){.rgb_channel = -1})

/* Converts `src` (any raw format) to dst->format (mutable; or, without channel and palette, src's own, which copies).
   In: dst->format, dst->data with room for the result. Out: dst->width, dst->height.
   dst->data may be src->data (then the buffer must have room for the larger of the two) and must not overlap it otherwise.
   Scratch: at most 8 * width + 64 bytes. On an error nothing has been written.
   Errors: ARGUMENT (channel), FORMAT (compressed; Bayer and YUV as target), ROI, MEMORY. */
int convert_image(struct image *dst, const struct image *src, const struct convert_options *options, struct arena *arena);

#endif
