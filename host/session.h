/* SPDX-License-Identifier: MIT */
/* A protocol session with a chosen camera: link, client, and errors told to the user. */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include "camera.h"
#include "protocol/client.h"

struct session {
    struct camera camera;
    struct link link;
    struct client *client;
    char text[PATH_BYTES + 200]; /* the camera, for messages */
};

/* Opens the link and connects: 0, or an exit code after an error message. */
int session_open(struct session *session, const struct camera *camera, const struct camera_options *options);
void session_close(struct session *session);

/* Tells the user about an error of the client while doing something ("upload the script"): the exit code. */
int session_fail(const struct session *session, int error, const char *doing);

/*
 * Ctrl-C, SIGTERM and SIGHUP: from session_catch_signals on they only set a flag, and waiting in the link ends early.
 * session_interrupted returns the signal, 0 when there was none.
 */
void session_catch_signals(void);
int session_interrupted(void);

#endif
