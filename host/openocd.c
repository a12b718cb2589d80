/* SPDX-License-Identifier: MIT */
/* OpenOCD's command line, and its complaints. */
#include "openocd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "report.h"

int openocd_command(struct command *command, const struct board *board, const char *interface, const struct instance *emulated)
{
    char program[PATH_BYTES];

    if (!board->openocd)
        return fail(EXIT_CODE_USAGE, "Use a J-Link (DEBUGGER=JLINK, omv debug --jlink).", "there is no OpenOCD configuration for the %s",
                    board->name);
    path_format(program, "%s/bin/openocd", path_sdk());
    if (access(program, X_OK))
        return fail(EXIT_CODE_NOT_BUILT, "Run 'make sdk' to install it.", "OpenOCD is not in the SDK (%s)", program);
    command_add(command, "%s", program);
    command_add(command, "-c");
    if (emulated)
        command_add(command, "set INTERFACE {%s/chips/openocd_emulated.cfg}; set SOCKET {%s}", path_top(), emulated->swj);
    else if (interface)
        command_add(command, "set INTERFACE {%s}", interface);
    else
        command_add(command, "set INTERFACE interface/stlink.cfg");
    command_add(command, "-f");
    command_add(command, "%s/chips/%s", path_top(), board->openocd);
    command_add(command, "-c");
    command_add(command, "telnet_port disabled; tcl_port disabled; gdb_port disabled");
    return 0;
}

void openocd_complaint(const char *log, char *text, size_t size)
{
    char *all = path_read_file(log, 1 << 20, NULL);

    *text = 0;
    for (char *line = all ? strtok(all, "\n") : NULL; line; line = strtok(NULL, "\n")) {
        if (!strncasecmp(line, "error: ", 7) && !*text)
            snprintf(text, size, "%s", line + 7);
    }
    free(all);
}
