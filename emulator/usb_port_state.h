/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port's state, for its own files: usb_port.c, usb_transfer.c, usb_enumerate.c. */
#ifndef OPENMV_EMULATOR_USB_PORT_STATE_H
#define OPENMV_EMULATOR_USB_PORT_STATE_H

#include "qemu/timer.h"
#include "usb_port.h"

enum { USB_CONTROL, USB_ISOCHRONOUS, USB_BULK, USB_INTERRUPT };

typedef QTAILQ_HEAD(UsbUrbQueue, UsbUrb) UsbUrbQueue;

/* The host's half of an endpoint. */
typedef struct UsbHostEndpoint {
    UsbUrbQueue queue;
    bool present;               /* in the present configuration and alternate settings */
    uint8_t type, number;
    bool in;
    uint16_t max_packet;
    uint32_t period;            /* frames (high speed: microframes) between polls of an interrupt endpoint */
    uint64_t due;               /* frame of the next poll */
    bool toggle;                /* the next packet is DATA1 */
    bool waiting;               /* answered NAK; asked again when the device may have changed its mind, or in the next frame */
} UsbHostEndpoint;

typedef enum UsbPortState {
    PORT_EMPTY,                 /* nothing is pulled up, or no host */
    PORT_DEBOUNCE, PORT_RESET, PORT_RECOVERY,
    PORT_TALKING,               /* enumerating, or configured */
    PORT_GIVEN_UP,              /* the device can't be enumerated; it has to be unplugged */
} UsbPortState;

enum { USB_INTERFACES = 32 };

struct UsbPort {
    const UsbDeviceOps *ops;
    void *device;
    const UsbPortListener *client, *board;
    void *client_opaque, *board_opaque;

    UsbCable cable;
    UsbSpeed speed;             /* of the pull-up */
    UsbPortState state;
    bool suspended, resuming, suspend_wanted;
    QEMUTimer *state_timer, *frame_timer, *slot_timer, *idle_timer, *patience;

    uint64_t frame;             /* (micro)frames since the first */
    int64_t frame_start, frame_length;
    int64_t wire;               /* when it will be free */
    int64_t held_since;         /* when the device was last not busy */
    int64_t real_due, real_late;        /* of this machine's clock: the next frame; since when the host has read nothing of what is there */
    uint64_t read_then;                 /* bytes_in at real_late */
    unsigned control_slots;     /* control transactions in a row, so that bulk has its turn */
    unsigned next_bulk;         /* round robin */
    UsbHostEndpoint endpoint[2][USB_ENDPOINTS];     /* [in][number]; control is [0][0] */

    uint8_t address, last_address;
    uint8_t alternate[USB_INTERFACES];
    uint8_t configuration_value;
    uint8_t line_state;         /* of a serial port: bit 0 DTR */
    bool configured;            /* the client has been told */
    bool settled;               /* and nothing is being enumerated at the moment */
    UsbIdentity identity;

    /* usb_enumerate.c */
    UsbUrb request;             /* under way while request.done is set */
    void (*request_then)(UsbUrb *urb);
    uint8_t buffer[65536];
    unsigned step, attempts;
    bool remote_wakeup_armed;
    UsbIdentity before;         /* of the device that a port reset has to find again */
    void (*reset_done)(void *opaque, bool same_device);
    void *reset_opaque;

    UsbCounters counters;
};

/* --- usb_transfer.c --- */

/* One transaction, if anybody has one that fits into `room` ns; gives its time on the wire in ns, 0 when there is nothing to do. */
int64_t usb_transfer_slot(UsbPort *port, int64_t room, bool control_too);

/* The client has asked for nothing from an endpoint that has something for it. */
bool usb_transfer_unread(UsbPort *port);

/* Endpoints that were told NAK may be asked again. True when one has something to ask. */
bool usb_transfer_wake(UsbPort *port, unsigned in, unsigned out);

/* Every request ends with `status`. */
void usb_transfer_abort_all(UsbPort *port, int status);

/* Endpoints of the configuration that was read, with the port's alternate settings; an interface's toggles to DATA0, all of them for -1. */
void usb_transfer_configure(UsbPort *port, int interface);

/* --- usb_enumerate.c --- */

void usb_enumerate_start(UsbPort *port);        /* a bus reset is over */
void usb_enumerate_stop(UsbPort *port);         /* the device is gone or about to be reset */

/* A control request of the client is done: what it did to configuration, alternate settings and halted endpoints. */
void usb_enumerate_note(UsbPort *port, const UsbUrb *urb);

/* A request of the operating system itself; `done` as in UsbUrb. False while another one is under way. */
bool usb_enumerate_request(UsbPort *port, const uint8_t setup[8], void (*done)(UsbUrb *urb));

/* --- usb_port.c --- */

void usb_port_start_reset(UsbPort *port);
void usb_port_give_up(UsbPort *port);
void usb_port_start_over(UsbPort *port);        /* the device has become another one */
void usb_port_configured(UsbPort *port);        /* enumeration is complete */
void usb_port_schedule(UsbPort *port);          /* there is something to do on the wire */

#endif
