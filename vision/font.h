/* SPDX-License-Identifier: MIT */
/* The bitmap font of draw_string. */
#ifndef VISION_FONT_H
#define VISION_FONT_H

#include <stdbool.h>
#include <stdint.h>

/* Is pixel (column, row) of the character's cell of DRAW_FONT_WIDTH x DRAW_FONT_HEIGHT ink? */
bool font_ink(uint8_t character, int column, int row);

/* First inked column and number of columns up to the last one; a space counts as three. */
void font_extent(uint8_t character, int *first, int *count);

#endif
