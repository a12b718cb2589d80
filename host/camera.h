/* SPDX-License-Identifier: MIT */
/* Cameras that can be reached now: running emulated ones, and serial ports whose USB ids are a camera's. */
#ifndef HOST_CAMERA_H
#define HOST_CAMERA_H

#include <argp.h>

#include "boards.h"
#include "instance.h"
#include "link.h"

struct camera {
    bool emulated;
    const struct board *board; /* NULL: unknown (a port named by the user) */
    struct instance instance;  /* emulated */
    char port[PATH_BYTES];     /* else: the serial port */
    char serial[64];           /* USB serial number, or empty */
};

/* The board of a TARGET, or NULL. */
const struct board *board_find(const char *target);

/* The same of a TARGET that the user gave: 0, or an exit code after an error message, which lists those there are. */
int board_choose(const char *target, const struct board **board);

/* All cameras, emulated ones first, at most `most`. */
size_t camera_list(struct camera *cameras, size_t most);

/* One line about a camera: name of the board, where it is. */
void camera_describe(const struct camera *camera, char *text, size_t size);

/* What every verb that talks to a camera accepts: --port, --name, --baud, --json. A child of the verb's argp, with this as its input. */
struct camera_options {
    const char *port, *name;
    unsigned baud;
    bool uart; /* an emulated camera by its console UART, not by USB */
    bool patient; /* a debugger may stop the camera for any time */
};
extern const struct argp camera_argp;

/* The camera the options mean, the only one when they name none: 0, or an exit code after an error message. */
int camera_choose(const struct camera_options *options, struct camera *camera);

/* The running emulated camera of this board and name (NULL: the only one): 0, or an exit code after an error message. */
int camera_find_emulated(const struct board *board, const char *name, struct instance *instance);

/* Opens its link for the protocol or for the REPL: 0, or an exit code after an error message. */
int camera_open(const struct camera *camera, const struct camera_options *options, bool protocol, struct link *link);

#endif
