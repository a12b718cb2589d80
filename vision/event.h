/* SPDX-License-Identifier: MIT */
/* What an event camera reports, as a picture. */
#ifndef VISION_EVENT_H
#define VISION_EVENT_H

#include "vision/image.h"

/* An event as such cameras hand it to scripts: a row of six numbers. */
enum { EVENT_KIND, EVENT_SECONDS, EVENT_MILLISECONDS, EVENT_MICROSECONDS, EVENT_X, EVENT_Y, EVENT_NUMBERS };
enum { EVENT_OFF, EVENT_ON };       /* kinds; all others are no pixel's */

struct event_options {
    bool clear;                     /* every pixel becomes `brightness` first */
    int brightness;                 /* 0 .. 255 */
    int contrast;                   /* 0 .. 255: what an event that gets brighter adds and one that gets darker takes away, cut to 0 .. 255 */
};

/* Adds `count` events to a grayscale image; those outside are left out. FORMAT, ARGUMENT. No scratch. */
int event_draw_histogram(struct image *img, const uint16_t (*events)[EVENT_NUMBERS], size_t count, const struct event_options *options);

#endif
