/* SPDX-License-Identifier: MIT */
/* Carries the console of an emulated camera between QEMU, the terminal, and one other omv at a time. */
#ifndef HOST_RELAY_H
#define HOST_RELAY_H

#include "emulator.h"

struct relay_options {
    bool headless;                                  /* no terminal: only "ready", once */
    void (*ready)(const struct emulator *emulator); /* the camera can be reached; may be NULL */
};

/* Runs until the user leaves (0), a signal comes, or the emulator ends: an exit code. */
int relay_run(struct emulator *emulator, const struct emulator_options *options, const struct relay_options *relay);

#endif
