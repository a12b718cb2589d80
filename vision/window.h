/* SPDX-License-Identifier: MIT */
/* The moving window below the neighbourhood filters: keeps the last rows of an image that is filtered in place, continued beyond its
   edges, and stores what a row function makes of them. Includes filter.h's options, knows no filter. */
#ifndef VISION_WINDOW_H
#define VISION_WINDOW_H

#include "vision/filter.h"

/* One row of one channel. rows[0] .. rows[2 ksize] are the window's rows from top to bottom, each readable from -ksize to w + ksize + 3;
   leaving is the row that was rows[0] for the last output row, NULL for the first. out holds w, and may be written up to w + 3. */
typedef void (*window_row)(void *context, int channel, const uint8_t *const *rows, const uint8_t *leaving, int w, uint8_t *out);

/* The same on whole RGB565 pixels. */
typedef void (*window_row565)(void *context, const uint16_t *const *rows, const uint16_t *leaving, int w, uint16_t *out);

struct window_filter {
    window_row row;
    window_row565 row565;       /* NULL: RGB565 is taken apart into channels of 5, 6 and 5 bits */
    void *context;
};

/* Runs it over the image. Errors and scratch: filter.h. */
int window_run(struct image *img, const struct filter_options *options, const struct window_filter *filter, struct arena *arena);

/* The options' errors, before a filter takes scratch of its own. */
int window_check(const struct image *img, const struct filter_options *options);

/* Channels that a row function sees (0: gray, or 0, 1, 2: red, green, blue), and the largest value in each. */
static inline int window_channels(const struct image *img)
{
    return img->format == PIXFORMAT_RGB565 ? 3 : 1;
}

static inline int window_top(const struct image *img, int channel)
{
    return img->format != PIXFORMAT_RGB565 ? 255 : channel == 1 ? 63 : 31;
}

#endif
