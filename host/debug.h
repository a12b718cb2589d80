/* SPDX-License-Identifier: MIT */
/* A debug session: a gdb server for the camera, and gdb. verb_debug.c reads the options, the rest is here. */
#ifndef HOST_DEBUG_H
#define HOST_DEBUG_H

#include "local.h"

enum debug_kind { DEBUG_EMU, DEBUG_OPENOCD, DEBUG_JLINK };

struct debug_options {
    const struct board *board;
    enum debug_kind kind;
    bool attach;           /* to what runs; else: reset, program, run to main() */
    bool batch;            /* gdb ends after its commands */
    const char *elf;       /* NULL: the build's */
    bool boot;             /* the ELF is the bootloader's: from the reset vector, which an emulated camera then starts at */
    const char *name;      /* an emulated camera: of this name; with OpenOCD: through its debug port */
    const char *script;    /* run on the (new, emulated) camera when it is up; or NULL */
    const char *scene;     /* what that camera sees */
    bool fast;             /* its time runs as fast as it can */
    const char *device;    /* J-Link's name of the chip; NULL: the board's */
    const char *interface; /* OpenOCD's configuration of the probe; NULL: ST-Link */
    unsigned port;         /* of the server; 0: the first free one */
    const char *commands[256]; /* for gdb, after those of the session */
    size_t command_count;
};

struct debug_server {
    const struct debug_options *options;
    struct local local;      /* an emulated camera of ours */
    pid_t pid;               /* OpenOCD or J-Link; 0: none */
    struct camera camera;    /* emulated */
    char target[PATH_BYTES]; /* where gdb connects to */
    char log[PATH_BYTES];    /* what the server says; empty: nowhere */
};

/* Finds the emulated camera that the options mean, among those that run: 0, or an exit code after an error message. */
int debug_find_running(struct debug_server *server);

/* Instead of a session: prints what the firmware says over RTT, until Ctrl-C. An exit code. */
int debug_rtt(const struct debug_options *options);

/* Starts the server and waits until it answers: 0, or an exit code after an error message. */
int debug_server_start(struct debug_server *server, const struct debug_options *options);

/* Ends what was started; a camera that was attached to goes on. */
void debug_server_stop(struct debug_server *server);

/* The ELF file to debug: 0, or an exit code after an error message. Warns about an optimised build. */
int debug_find_elf(const struct debug_options *options, char path[PATH_BYTES]);

/* Runs gdb until it ends: its exit status, or an exit code after an error message. */
int debug_run_gdb(struct debug_server *server, const char *elf);

#endif
