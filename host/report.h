/* SPDX-License-Identifier: MIT */
/* What the user sees: lines of text, or with --json one event per line. */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "exit_code.h"

/* From now on every event is a line of JSON on the standard output, and errors too. */
void report_use_json(void);
bool report_json(void);

/*
 * An event: `values` (may be NULL; taken over) as JSON, or the formatted text, as a line on the standard output. No line
 * of text when format is NULL.
 */
void report_event(const char *event, json_t *values, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Progress on the standard error, when not in JSON. */
void report_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An error: what happened to what, and the next step (may be NULL). Returns the code, for `return fail(...)`. */
int fail(enum exit_code code, const char *next_step, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* At the end of the program: the exit code, or another one when the output was lost on its way, to a disk that is full for instance. */
int report_finish(int code);

#endif
