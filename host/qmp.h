/* SPDX-License-Identifier: MIT */
/* Commands to a running QEMU over its QMP socket. */
#ifndef HOST_QMP_H
#define HOST_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "exit_code.h"
#include "instance.h"

/*
 * Runs one command (arguments may be NULL; taken over) on the socket and waits up to 5 s: 0; or 1 when QEMU refuses, 2
 * when it cannot be reached or does not answer. `message`, of `size` bytes, then says why; else it is the answer, when that is
 * a text or a boolean.
 */
int qmp_command(const char *socket, const char *command, json_t *arguments, char *message, size_t size);

/* Reads a property of the machine that is a text or a boolean, into `message`; as above. */
int qmp_get(const char *socket, const char *property, char *message, size_t size);

/* Sets a property of the machine; as above. */
int qmp_set(const char *socket, const char *property, json_t *value, char *message, size_t size);

/* Whether a gdb is connected to its gdb server. */
bool qmp_has_gdb(const char *socket);

/* Whether a debugger has stopped it, be it connected or gone without a word; and lets it go on when it is gone. */
bool qmp_is_stopped(const char *socket);
void qmp_let_go_on(const char *socket);

/*
 * The error message after a command that ended with `result` 1 or 2: the exit code `refused` and the next step when the emulator refuses; else
 * what is true of the socket: another program has it, or nobody answers. Returns the exit code.
 */
int qmp_fail(const struct instance *instance, int result, enum exit_code refused, const char *next_step, const char *message);

#endif
