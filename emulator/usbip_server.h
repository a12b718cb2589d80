/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A USB/IP server that exports what is plugged into a port as bus id "1-1". */
#ifndef OPENMV_EMULATOR_USBIP_SERVER_H
#define OPENMV_EMULATOR_USBIP_SERVER_H

#include "usb_port.h"

typedef struct UsbipServer UsbipServer;

/* It becomes the port's client. */
UsbipServer *usbip_server_new(UsbPort *port);

/* Listens on a Unix socket at `path` (an old one is replaced), or on 127.0.0.1:`tcp_port`. False with an error when that can't be. */
bool usbip_server_listen_unix(UsbipServer *server, const char *path, Error **errp);
bool usbip_server_listen_tcp(UsbipServer *server, uint16_t tcp_port, Error **errp);

/* A client has the device. */
bool usbip_server_imported(const UsbipServer *server);

#endif
