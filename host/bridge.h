/* SPDX-License-Identifier: MIT */
/*
 * The serial port of an emulated camera: a pseudo-terminal that does what Linux's cdc_acm driver does with a real one. While
 * the camera has a CDC function, a link leads to the terminal. Opening it imports the device and raises DTR; a change of
 * speed or format becomes SET_LINE_CODING; closing it drops DTR and releases the device. When the camera goes, whoever
 * has the terminal open sees the end of the file, and the link goes too.
 *
 * What a pseudo-terminal cannot tell, the camera does not learn: breaks, parity, fewer than 8 bits, and DTR and RTS of a
 * program that sets them by itself. It begins raw and without echo, where cdc_acm's begins as a terminal for people.
 */
#ifndef HOST_BRIDGE_H
#define HOST_BRIDGE_H

#include <stdbool.h>

struct bridge;

/*
 * Starts it, in a thread of its own: the USB/IP server (an address as in usbip_client.h; it may come later), and the path of
 * the link. 0 or an errno.
 */
int bridge_start(struct bridge **bridge, const char *server, const char *link);

/* Ends it and removes the link; NULL is allowed. */
void bridge_stop(struct bridge *bridge);

/* Whether the link is there now; and whether any device is, with a CDC function or without, as a bootloader. */
bool bridge_is_up(const struct bridge *bridge);
bool bridge_has_device(const struct bridge *bridge);

#endif
