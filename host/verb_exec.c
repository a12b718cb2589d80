/* SPDX-License-Identifier: MIT */
/* omv exec: a program that sees the emulated cameras' USB as if they were plugged in. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instance.h"
#include "report.h"
#include "verbs.h"

#define LIBRARY "libusb-1.0.so.0"

static error_t parse(int key, char *argument, struct argp_state *state)
{
    char ***command = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        /* Its own options begin here. */
        (void)argument;
        *command = &state->argv[state->next - 1];
        state->next = state->argc;
        return 0;
    case ARGP_KEY_END:
        if (!*command)
            argp_error(state, "which command? For instance: omv exec -- dfu-util -l");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Puts text before (or behind) what the variable has, with a colon between. */
static bool extend(const char *variable, const char *text, bool before)
{
    const char *old = getenv(variable);
    size_t size = strlen(text) + (old ? strlen(old) : 0) + 2;
    char *value = malloc(size);

    if (!value)
        return false;
    if (!old || !*old)
        snprintf(value, size, "%s", text);
    else
        snprintf(value, size, "%s:%s", before ? text : old, before ? old : text);
    bool set = setenv(variable, value, 1) == 0;
    free(value);
    return set;
}

int verb_exec(int argc, char **argv)
{
    static const struct argp argp = {
        NULL,
        parse,
        "COMMAND [ARGUMENT...]",
        "Runs a command with the USB of the emulated cameras instead of the machine's: any program that uses libusb-1.0 (dfu-util, "
        "picotool, openocd ...) finds them. The SDK's programs are found when the machine does not have them.\v"
        "Example: omv exec -- dfu-util -w -d ,37C5:9204 -a 2 -D firmware.bin\n\n"
        "The exit status is the command's. $OMV_USBIP, when set, names the USB/IP servers to show instead: paths of sockets or "
        "HOST:PORT, with commas between.",
        NULL,
        NULL,
        NULL,
    };
    struct instance running;
    char folder[PATH_BYTES], library[PATH_BYTES], programs[PATH_BYTES], **command = NULL;

    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &command);
    path_format(folder, "%s/build/host/lib", path_top());
    path_format(library, "%s/%s", folder, LIBRARY);
    path_format(programs, "%s/bin", path_sdk());
    if (access(library, R_OK))
        return fail(EXIT_CODE_NOT_BUILT, "Build it: make host", "the library is not built (%s)", library);
    if (!getenv("OMV_USBIP") && !instance_list(&running, 1))
        report_progress("omv: no emulated camera is running. Start one: omv emu OPENMV4 --headless &");
    /* The SDK's programs have a library path of their own, which only a preloaded library of the same name precedes. */
    if (!extend("LD_PRELOAD", library, true) || !extend("LD_LIBRARY_PATH", folder, true) || !extend("PATH", programs, false))
        return fail(EXIT_CODE_SYSTEM, NULL, "out of memory");
    signal(SIGPIPE, SIG_DFL);
    execvp(command[0], command);
    int error = errno;
    return fail(EXIT_CODE_INPUT, error == ENOENT ? "Is it installed? The SDK has dfu-util and openocd." : NULL, "%s cannot be run: %s",
                command[0], strerror(error));
}
