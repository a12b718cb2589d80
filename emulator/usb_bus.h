/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One USB cable's worth of bus: what a device answers to each token, and what it hears about the line (USB 2.0 chapters 7, 8). */
#ifndef OPENMV_EMULATOR_USB_BUS_H
#define OPENMV_EMULATOR_USB_BUS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum UsbSpeed { USB_NOT_CONNECTED, USB_FULL_SPEED, USB_HIGH_SPEED } UsbSpeed;

/* Handshake of a transaction. USB_SILENT: no answer, the host counts an error. For an IN that gives data: USB_ACK. */
typedef enum UsbReply { USB_ACK, USB_NAK, USB_STALL, USB_SILENT } UsbReply;

enum { USB_MAX_PACKET = 1024, USB_ENDPOINTS = 16 };

typedef struct UsbPacket {
    uint8_t address;            /* of the device the token is for */
    uint8_t endpoint;           /* 0..15 */
    bool data1;                 /* DATA1 instead of DATA0 */
    uint16_t length;            /* bytes in data */
    uint8_t data[USB_MAX_PACKET];
} UsbPacket;

/*
 * A device at the end of the cable. Every call comes from a timer of virtual time or the monitor, with QEMU's big lock held.
 * setup, out: `packet` is what the host sends. in: the device fills data1, length and data; the host always acknowledges.
 */
typedef struct UsbDeviceOps {
    bool instant;                               /* it has dealt with a packet when the call returns */
    void (*vbus)(void *device, bool on);
    void (*reset)(void *device, bool begin);    /* SE0 for long enough; begin is false when it ends: connection_speed is right then */
    void (*start_of_frame)(void *device, unsigned frame, unsigned microframe);
    void (*suspend)(void *device);              /* the bus has been idle for 3 ms */
    void (*resume)(void *device);
    UsbReply (*setup)(void *device, const UsbPacket *packet);
    UsbReply (*out)(void *device, const UsbPacket *packet);
    UsbReply (*in)(void *device, UsbPacket *packet);
    bool (*busy)(void *device);                 /* its firmware hasn't seen yet what happened; NULL: never */
    unsigned (*offers)(void *device);           /* endpoints (bit n) with a packet for the host; NULL: it doesn't tell */
} UsbDeviceOps;

#endif
