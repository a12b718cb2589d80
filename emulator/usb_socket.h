/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board's USB socket: the port that it is plugged into, the USB/IP server, and the machine's properties for both. */
#ifndef OPENMV_EMULATOR_USB_SOCKET_H
#define OPENMV_EMULATOR_USB_SOCKET_H

#include "qom/object.h"
#include "stm32_pins.h"
#include "usb_port.h"
#include "usbip_server.h"

typedef struct UsbSocket {
    UsbPort *port;
    UsbipServer *server;
    Stm32Periph *vbus_gpio;         /* the pin that measures VBUS; NULL: none */
    unsigned vbus_pin;
    char *path;
    uint16_t tcp_port;
    bool started;
} UsbSocket;

/*
 * Adds to the machine:  usbip (path of a Unix socket), usbip-port (TCP port at 127.0.0.1, 0: none): where the server listens
 *                       usb-cable (host, power, none), usb-suspend: also while it runs
 *                       usb-device, usb-imported, usb-counters: read-only
 */
void usb_socket_init(UsbSocket *socket, Object *machine);

/* Joins VBUS to a pin; the port has its device by now. */
void usb_socket_set_vbus(UsbSocket *socket, Stm32Periph *gpio, unsigned pin);

/* Opens what the command line asked for; ends the emulator with one message when that fails. */
void usb_socket_start(UsbSocket *socket);

#endif
