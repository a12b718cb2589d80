/* SPDX-License-Identifier: MIT */
/* The crash record (protocol/crash_record.h): the port writes it, the console and the host read it. */
#ifndef RUNTIME_CRASH_H
#define RUNTIME_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/crash_record.h"

/* By the port. The record of the last crash, or NULL; crash_clear forgets it, crash_set_shown notes that the user knows. */
const struct crash_record *crash_record(void);
void crash_clear(void);
void crash_set_shown(void);

/* How often the camera has started since it was without power. */
uint32_t crash_starts(void);

/* The record in one line of at most `size` characters; "" when there is none. */
void crash_describe(char *text, size_t size);

/* Prints that line on the console, unless that was done before. Main context, interpreter initialised. */
void crash_report(void);

/*
 * Which line of which script was being run: the innermost frame of the interpreter between `stack` and `end` fills script, block and
 * line of the record. Reads only what `readable` says can be read, so that it can be called in a fault handler.
 */
void crash_find_script(struct crash_record *record, const uint32_t *stack, const uint32_t *end, bool (*readable)(const void *p, size_t n));

#endif
