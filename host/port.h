/* SPDX-License-Identifier: MIT */
/* TCP ports of this machine, for servers that we start. */
#ifndef HOST_PORT_H
#define HOST_PORT_H

#include <stdbool.h>

/* Nobody listens there, so that a server may. */
bool port_is_free(unsigned port);

/* The first free port from `port` on, of the next 64; 0: none. */
unsigned port_next_free(unsigned port);

#endif
