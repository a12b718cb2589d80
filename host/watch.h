/* SPDX-License-Identifier: MIT */
/* Following a camera: what a script prints, the frames it shows, how it ends. */
#ifndef HOST_WATCH_H
#define HOST_WATCH_H

#include <stdbool.h>

#include "session.h"

struct watch_options {
    bool script;          /* a script has been started: print its output, end when it ends */
    /* Set by watch_start_script: scripts run before it (WATCH_NO_RUNS: unknown), starts of the camera (0: unknown). */
    uint32_t runs_before, starts_before;
    bool frames;          /* fetch frames */
    const char *save;     /* folder for them, or NULL */
    unsigned most_frames; /* end after so many; 0: no end */
    uint32_t timeout_ms;  /* 0: none */
    bool patient;         /* the camera may stand still in a debugger */
};

#define WATCH_NO_RUNS UINT32_MAX

/* Has the camera prepare frames; what waits is forgotten. Before the script starts, so that none of its frames is missed. */
int watch_stream(struct session *session, bool on);

/* Puts a script into the camera and starts it: 0, or an exit code after an error message. */
int watch_start_script(struct session *session, const char *text, size_t n, struct watch_options *options);

/* Follows until the end: an exit code, after an error message or an event. Ctrl-C and the timeout stop the script. */
int watch(struct session *session, const struct watch_options *options);

#endif
