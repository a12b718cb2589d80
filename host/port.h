/* SPDX-License-Identifier: MIT */
/* TCP ports of this machine, for servers that we start. */
#ifndef HOST_PORT_H
#define HOST_PORT_H

#include <stdbool.h>

/* Nobody listens there, so that a server may. */
bool port_is_free(unsigned port);

/*
 * Keeps other omv from choosing the port before its server listens there: a descriptor, which ends that when it is closed, or -1
 * when another omv has it.
 */
int port_reserve(unsigned port);

/* The first free port from `port` on, of the next 64; 0: none. */
unsigned port_next_free(unsigned port);

#endif
