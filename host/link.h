/* SPDX-License-Identifier: MIT */
/* A two-way stream of bytes to a camera: a serial port, or the console socket of an emulated camera. */
#ifndef HOST_LINK_H
#define HOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link {
    int fd; /* -1: closed */
    bool serial;
};

/*
 * Open; 0 or an errno: EBUSY when another program has it. A serial port is locked, raw, with DTR on; cameras speak the
 * protocol on their USB port at LINK_PROTOCOL_BAUD, the REPL at any other rate.
 */
#define LINK_PROTOCOL_BAUD 921600u
#define LINK_REPL_BAUD     115200u
int link_open_serial(struct link *link, const char *path, unsigned baud);
int link_open_socket(struct link *link, const char *path);
int link_open_port(struct link *link, unsigned port); /* a TCP port of this machine */
void link_close(struct link *link);

/* Waits up to timeout_ms for bytes: how many, 0 when none came (or a signal did), -1 when the link is closed. */
int link_receive(struct link *link, void *out, size_t n, uint32_t timeout_ms);

/* Sends all within timeout_ms: 0, or -1 when the link is closed or the other end does not read. */
int link_send(struct link *link, const void *bytes, size_t n, uint32_t timeout_ms);

/* Milliseconds of a clock that never goes back. */
uint32_t link_now(void);

#endif
