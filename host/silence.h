/* SPDX-License-Identifier: MIT */
/* Why an emulated camera says nothing, although its emulator runs. */
#ifndef HOST_SILENCE_H
#define HOST_SILENCE_H

#include <stdbool.h>

#include "instance.h"

struct silence {
    const char *why;       /* "its power is off" */
    const char *next_step; /* "Switch it on: omv power on." */
};

/* Whether something outside of the firmware silences it, and what: the emulator is asked. `on_usb`: a cable that isn't plugged in counts. */
bool silence_reason(const struct instance *instance, bool on_usb, struct silence *silence);

#endif
