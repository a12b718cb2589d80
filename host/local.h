/* SPDX-License-Identifier: MIT */
/* An emulated camera for the length of one verb: `omv run --emu TARGET`. */
#ifndef HOST_LOCAL_H
#define HOST_LOCAL_H

#include <jansson.h>

#include "camera.h"

struct local {
    pid_t pid; /* of the `omv emu` that runs it; 0: none */
    int events; /* where its events come from, 0: nowhere */
    char text[8192];
    size_t used;
};

struct local_options {
    const char *target;
    const char *name;  /* NULL: one that nobody else has */
    const char *scene; /* NULL: the emulator's own */
    bool fast;         /* its time runs as fast as it can */
    bool boot;         /* it starts in its bootloader, if it has one; else in the firmware */
    bool halt;         /* it waits for a debugger before the first instruction */
    bool lasting;      /* it keeps its flash, as `omv emu` does; else the flash is its own, and goes with it */
};

/* What every verb that can start one accepts: --emu, --scene, --fast. A child of the verb's argp, with local_options as its input. */
extern const struct argp local_argp;

/* For the verb's ARGP_KEY_END: with --emu no other camera can be meant. */
void local_check_options(const struct local_options *local, const struct camera_options *camera, struct argp_state *state);

/* Starts it and waits until it is ready: 0 and a camera, or an exit code after an error message. It ends when we do. */
int local_start(struct local *local, const struct local_options *options, struct camera *camera);

/* Only starts it; camera->instance.name is set. It is ready when an event says so. */
int local_spawn(struct local *local, const struct local_options *options, struct camera *camera);

/* The next event that it has sent (report.h; the caller owns it): 1; 0 none has come; -1 none will. */
int local_event(struct local *local, json_t **event);

/* What the event means: that it is ready (camera then has its console); that it failed (an exit code, the error message is out), or 0. */
bool local_is_ready(const json_t *event, struct camera *camera);
int local_fail(const json_t *event);

/* Ends it. Harmless when there is none. */
void local_stop(struct local *local);

#endif
