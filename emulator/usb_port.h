/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A USB host's root port, its controller and the operating system behind it: the socket of a board is plugged into it.
 *
 * usb_port.c      cable, bus reset, frames, suspend; who may talk on the wire when
 * usb_transfer.c  requests (URBs) cut into transactions
 * usb_enumerate.c what the operating system does with a new device, up to SET_CONFIGURATION
 * All of it runs in virtual time, with the wire's own timing.
 */
#ifndef OPENMV_EMULATOR_USB_PORT_H
#define OPENMV_EMULATOR_USB_PORT_H

#include "qemu/osdep.h"
#include "qemu/queue.h"
#include "usb_bus.h"

typedef struct UsbPort UsbPort;
typedef struct UsbUrb UsbUrb;

typedef enum UsbCable { USB_CABLE_NONE, USB_CABLE_POWER, USB_CABLE_HOST } UsbCable;

/* Status of a finished request: the numbers of Linux, which are also USB/IP's, on any host. */
enum {
    URB_OK = 0, URB_NO_MEMORY = -12, URB_STALLED = -32, URB_PROTOCOL = -71, URB_OVERFLOW = -75, URB_UNLINKED = -104,
    URB_SHUT_DOWN = -108, URB_SHORT = -121, URB_CROSS_DEVICE = -18,
};
/* Flags, also Linux's. */
enum { URB_SHORT_NOT_OK = 0x0001, URB_ZERO_PACKET = 0x0040 };

/* One request. The one who submits it owns it; `done` is called once, from within the port, and may free and submit. */
struct UsbUrb {
    QTAILQ_ENTRY(UsbUrb) next;
    uint8_t endpoint;           /* 0..15 */
    bool in;                    /* to the host; a control request's direction is in `setup` */
    uint8_t setup[8];           /* endpoint 0 only */
    uint8_t *data;
    uint32_t length, actual;
    uint32_t flags;
    int status;
    void (*done)(UsbUrb *urb);
    void *owner;

    uint8_t stage;              /* the port's: SETUP, data, status */
    uint8_t errors;             /* without an answer, in a row */
    bool last_zero;             /* the zero-length packet at the end is still to come */
};

/* What is plugged in, as the host has read it. */
typedef struct UsbIdentity {
    uint8_t device[18], *configuration;
    uint16_t configuration_length;
    char *serial, *product;
} UsbIdentity;

/* What the port tells. `present`: a device is configured and can be used, or is gone; all its requests are finished by then. */
typedef struct UsbPortListener {
    void (*present)(void *opaque, bool present);
    void (*power)(void *opaque, bool vbus);
} UsbPortListener;

typedef struct UsbCounters {
    uint64_t frames, transactions, naks, stalls, errors, bytes_in, bytes_out, requests, resets;
} UsbCounters;

UsbPort *usb_port_new(void);

/* Who uses the device (USB/IP), and who watches the power (the board). Either may be NULL. */
void usb_port_set_client(UsbPort *port, const UsbPortListener *listener, void *opaque);
void usb_port_set_board(UsbPort *port, const UsbPortListener *listener, void *opaque);

/* The device at the other end; NULL: nothing. It is told about VBUS at once. */
void usb_port_attach(UsbPort *port, const UsbDeviceOps *ops, void *device);

/* --- the device's side --- */

/* Its pull-up: connected with this speed (high: after the chirp of a reset), or not. From another device than the attached one it does nothing. */
void usb_port_pull_up(UsbPort *port, void *device, UsbSpeed speed);

/* Something changed that may turn a NAK into an answer, at the endpoints of these masks (bit n: endpoint n). */
enum { USB_EVERY_ENDPOINT = 0xffff };
void usb_port_ready(UsbPort *port, unsigned in, unsigned out);

/* Drives resume (K) on the suspended bus, or stops doing so. */
void usb_port_remote_wakeup(UsbPort *port, void *device, bool on);

bool usb_port_vbus(const UsbPort *port);

/* A charger: data lines joined, nobody answers. */
bool usb_port_is_charger(const UsbPort *port);

/* --- the host's side --- */

void usb_port_set_cable(UsbPort *port, UsbCable cable);
UsbCable usb_port_cable(const UsbPort *port);

void usb_port_set_suspend(UsbPort *port, bool suspend);
bool usb_port_suspended(const UsbPort *port);

/* The configured device, or NULL. Valid until it is gone. */
const UsbIdentity *usb_port_identity(const UsbPort *port);
UsbSpeed usb_port_speed(const UsbPort *port);
unsigned usb_port_address(const UsbPort *port);
uint8_t usb_port_configuration(const UsbPort *port);       /* value of the configuration in force, 0 none */
const UsbCounters *usb_port_counters(const UsbPort *port);

/* True for an isochronous endpoint of the present configuration: those requests are refused. */
bool usb_port_is_isochronous(const UsbPort *port, unsigned endpoint, bool in);

/* Puts a request behind the others of its endpoint. It may be done before this returns. */
void usb_port_submit(UsbPort *port, UsbUrb *urb);

/* Takes back a request that isn't done; `done` isn't called. */
void usb_port_cancel(UsbPort *port, UsbUrb *urb);

/* Bus reset and everything up to SET_CONFIGURATION again; requests under way end with URB_SHUT_DOWN. `done` may be NULL. */
void usb_port_reset(UsbPort *port, void (*done)(void *opaque, bool same_device), void *opaque);

/* The one who asked for the reset with this `opaque` won't hear of it. */
void usb_port_reset_abandon(UsbPort *port, void *opaque);

/* The user has gone: interfaces with another alternate setting are put back to 0, as a kernel does. */
void usb_port_release(UsbPort *port);

/* One line for people: "37C5:1204 full configured serial=... product="..."", "" when nothing is enumerated. Caller frees. */
char *usb_port_describe(const UsbPort *port);

#endif
