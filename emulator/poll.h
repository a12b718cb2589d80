/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware that waits in a loop: the core sleeps until something can have happened, instead of reading for ever. */
#ifndef OPENMV_EMULATOR_POLL_H
#define OPENMV_EMULATOR_POLL_H

#include "qemu/osdep.h"

/*
 * A register was read and gave `value`; `source` tells registers apart. When the same one has given the same value many times
 * and nothing else was touched meanwhile, the core stands still until the next event of virtual time, 100 us at most.
 * Only with -icount: there a read costs the host a thousand instructions, and waiting for an erased sector took minutes.
 */
void poll_status(const void *source, uint32_t value);

/* The same for a counter that runs with time: what is skipped stays below 0.5 % of what has been waited already. */
void poll_counter(const void *source);

/* Something else was touched. */
void poll_ended(void);

#endif
