/* SPDX-License-Identifier: MIT */
/* The SDK's OpenOCD with a board's configuration, for a probe or for the debug port of an emulated camera. */
#ifndef HOST_OPENOCD_H
#define HOST_OPENOCD_H

#include "boards.h"
#include "child.h"
#include "instance.h"

/*
 * The beginning of its command line: program, configuration, no servers but those asked for later (`gdb_port` ...). `interface`: its
 * configuration of the probe, NULL: ST-Link; or `emulated`, not NULL: the camera whose debug port is used. 0, or an exit code after an
 * error message.
 */
int openocd_command(struct command *command, const struct board *board, const char *interface, const struct instance *emulated);

/* What it said last about an error in `log`; a line of text, empty when it said nothing. */
void openocd_complaint(const char *log, char *text, size_t size);

#endif
