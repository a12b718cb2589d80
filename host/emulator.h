/* SPDX-License-Identifier: MIT */
/* An emulated camera as a child process that cannot outlive us. */
#ifndef HOST_EMULATOR_H
#define HOST_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "boards.h"
#include "bridge.h"
#include "flash_image.h"
#include "instance.h"

/* USBIP_TCP_FREE: at USBIP_PORT, or the next one that is free. */
enum usbip_tcp { USBIP_TCP_FREE, USBIP_TCP_GIVEN, USBIP_TCP_NONE };
#define USBIP_PORT 3240u

enum { EMULATOR_IMAGES = 8 };

struct emulator_options {
    const char *target;
    const char *name;  /* NULL: the target's */
    const char *scene; /* NULL: the emulator's own */
    const char *flash; /* NULL: composed from the build */
    const char *images[EMULATOR_IMAGES]; /* files of another program instead of the build (program_file.h) */
    size_t image_count;
    const char *gdb;     /* port number, or NULL */
    unsigned crystal_hz; /* 0: the board's */
    bool strict, fast, fresh, halt;
    bool no_boot;             /* starts the firmware, without the bootloader */
    bool boot0;               /* the strap that starts the chip's own bootloader */
    enum usbip_tcp usbip_tcp; /* whether others may import its USB by TCP, */
    unsigned usbip_port;      /* and where */
    bool temporary;           /* its flash is erased before and removed after */
};

struct emulator {
    const struct board *board;
    struct instance instance;
    struct flash_image flash;
    char flash_path[PATH_BYTES];
    bool temporary;
    unsigned usbip_port;   /* at 127.0.0.1; 0: none */
    int port_held;         /* keeps others from choosing it; -1: none */
    struct bridge *bridge; /* its serial port */
    pid_t pid;             /* 0: not running */
    int console;           /* the camera's console UART, both ways */
    int messages;          /* what QEMU prints */
    char half[1024];       /* a line whose end has not come yet */
    char said[1024];       /* the last line of it, */
    uint32_t said_at;      /* when, */
    bool shown;            /* and whether the user has seen it */
};

/* Starts it: 0, or an exit code after an error message. */
int emulator_start(struct emulator *emulator, const struct emulator_options *options);

/* Reads QEMU's messages; false at their end. */
bool emulator_read_messages(struct emulator *emulator);

/* Shows the user a message that was not QEMU's last. Call it now and then. */
void emulator_show_messages(struct emulator *emulator);

/* It has ended by itself: says why; an exit code. */
int emulator_died(struct emulator *emulator, const struct emulator_options *options);

/* Ends it and removes its files. Harmless when it has ended, or not been started. */
void emulator_stop(struct emulator *emulator);

/* An existing picture or folder as an absolute path: 0, or an exit code after an error message. */
int emulator_scene_path(const char *scene, char path[4096]);

#endif
