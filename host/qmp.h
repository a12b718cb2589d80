/* SPDX-License-Identifier: MIT */
/* Commands to a running QEMU over its QMP socket. */
#ifndef HOST_QMP_H
#define HOST_QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Runs one command (arguments may be NULL; taken over) on the socket and waits up to 5 s: 0; or 1 when QEMU refuses, 2
 * when it cannot be reached or does not answer. `message`, of `size` bytes, then says why; else it is the answer, when that is
 * a text.
 */
int qmp_command(const char *socket, const char *command, json_t *arguments, char *message, size_t size);

/* Reads a property of the machine that is a text, into `message`; as above. */
int qmp_get(const char *socket, const char *property, char *message, size_t size);

/* Sets a property of the machine; as above. */
int qmp_set(const char *socket, const char *property, json_t *value, char *message, size_t size);

#endif
