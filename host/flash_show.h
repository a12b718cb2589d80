/* SPDX-License-Identifier: MIT */
/* Progress of flashing: a bar on a terminal, a few lines elsewhere, events with --json. */
#ifndef HOST_FLASH_SHOW_H
#define HOST_FLASH_SHOW_H

#include "flasher.h"

/* As flash_progress; false when Ctrl-C was pressed. */
bool flash_show(void *context, enum flash_phase phase, const struct flash_part *part, uint32_t done, uint32_t all);

/* Ends a bar that is on the terminal, before anything else is printed. */
void flash_show_end(void);

#endif
