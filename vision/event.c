/* SPDX-License-Identifier: MIT */
/* What an event camera reports, as a picture. */
#include "vision/event.h"

#include <string.h>

int event_draw_histogram(struct image *img, const uint16_t (*events)[EVENT_NUMBERS], size_t count, const struct event_options *options)
{
    if (img->format != PIXFORMAT_GRAYSCALE) {
        return VISION_E_FORMAT;
    }
    if (options->brightness < 0 || options->brightness > 255 || options->contrast < 0 || options->contrast > 255) {
        return VISION_E_ARGUMENT;
    }
    if (options->clear) {
        memset(img->data, options->brightness, image_bytes(img));
    }
    for (const uint16_t(*e)[EVENT_NUMBERS] = events; e < events + count; e++) {
        int kind = (*e)[EVENT_KIND], x = (*e)[EVENT_X], y = (*e)[EVENT_Y];
        if (kind > EVENT_ON || x >= img->width || y >= img->height) {
            continue;
        }
        uint8_t *p = image_row(img, y) + x;
        int v = *p + (kind == EVENT_ON ? options->contrast : -options->contrast);
        *p = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
    return VISION_OK;
}
