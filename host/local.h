/* SPDX-License-Identifier: MIT */
/* An emulated camera for the length of one verb: `omv run --emu TARGET`. */
#ifndef HOST_LOCAL_H
#define HOST_LOCAL_H

#include "camera.h"

struct local {
    pid_t pid; /* of the `omv emu` that runs it; 0: none */
};

/* Starts it and waits until it is ready: 0 and a camera, or an exit code after an error message. It ends when we do. */
int local_start(struct local *local, const char *target, const char *scene, bool fast, struct camera *camera);
void local_stop(struct local *local);

#endif
