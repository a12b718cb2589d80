/* SPDX-License-Identifier: MIT */
/* Rows for compose.c: a row of the target and one of the source, by operation. */
#ifndef VISION_COMPOSE_ROW_H
#define VISION_COMPOSE_ROW_H

#include "vision/compose.h"

/* dst[i] = operation(dst[i], src[i]) */
void compose_row8(enum compose_operation operation, const uint8_t *src, int n, uint8_t *dst);
void compose_row565(enum compose_operation operation, const uint16_t *src, int n, uint16_t *dst);

#endif
