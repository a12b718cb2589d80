/* SPDX-License-Identifier: MIT */
/* The serial port of a USB/IP server, without an emulator: bridge_main SERVER LINK, until it is killed. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host/bridge.h"

int main(int argc, char **argv)
{
    struct bridge *bridge;
    sigset_t ends;
    int signal;

    if (argc != 3)
        return 2;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    int error = bridge_start(&bridge, argv[1], argv[2]);
    if (error) {
        fprintf(stderr, "bridge: %s\n", strerror(error));
        return 1;
    }
    sigwait(&ends, &signal);
    bridge_stop(bridge);
    return 0;
}
