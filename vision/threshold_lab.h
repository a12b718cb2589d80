/* SPDX-License-Identifier: MIT */
/* Which of the 65536 RGB565 codes lie within Lab thresholds. */
#ifndef VISION_THRESHOLD_LAB_H
#define VISION_THRESHOLD_LAB_H

#include "vision/threshold.h"

/* Sets bit p of the zeroed table of 2048 words for every code p whose Lab colour (color_rgb565_to_lab) is within any of the list.
   Scratch, released: 3584 bytes. VISION_E_MEMORY. */
int threshold_lab_table(uint32_t *table, const struct threshold *list, size_t count, struct arena *arena);

#endif
