/* SPDX-License-Identifier: MIT */
/* Writing the crash record, from a fault handler: begin, fill in registers, add the stack, end. */
#ifndef STM32_CRASH_H
#define STM32_CRASH_H

#include <stdint.h>
#include "protocol/crash_record.h"

/* With the reset cause known, before the first tick: writes the record of a watchdog reset. */
void crash_init(void);

/* A new record in the place of the old one; not valid before crash_end. */
struct crash_record *crash_begin(enum crash_kind kind, const char *message);

/* Words of the stack from here up, and the script's line. */
void crash_add_stack(struct crash_record *record, const uint32_t *stack);

void crash_end(struct crash_record *record);

/* Each millisecond: what the tick has interrupted. */
void crash_tick(uint32_t pc, uint32_t lr);

#endif
