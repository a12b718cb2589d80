/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's side of the USB/IP protocol 1.1.1 as bytes (Linux, Documentation/usb/usbip_protocol): a stream of them in, messages out.
 * Plain C without QEMU: tests/unit and tests/fuzz compile it as it is.
 */
#ifndef OPENMV_EMULATOR_USBIP_WIRE_H
#define OPENMV_EMULATOR_USBIP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    USBIP_VERSION = 0x0111, USBIP_OP_LENGTH = 8, USBIP_BUSID_LENGTH = 32, USBIP_HEADER_LENGTH = 48, USBIP_DEVICE_LENGTH = 312,
    USBIP_PACKET_LENGTH = 16,                   /* descriptor of one isochronous packet */
    USBIP_MAX_TRANSFER = 16 << 20,              /* bytes of one request; beyond it an OUT request ends the connection */
    USBIP_MAX_PACKETS = 1024,                   /* isochronous packets of one request */
};

/* Status in the answer to OP_REQ_IMPORT. */
enum { USBIP_ST_OK = 0, USBIP_ST_NA = 1, USBIP_ST_BUSY = 2, USBIP_ST_NO_DEVICE = 4 };

/* CMD_SUBMIT. */
typedef struct UsbipSubmit {
    uint32_t sequence;
    uint8_t endpoint;
    bool in;
    uint32_t flags, length;
    uint32_t packets;           /* isochronous endpoints only */
    uint8_t setup[8];
} UsbipSubmit;

/* What the stream's owner does. Each returns false to close the connection; nothing more is read then. */
typedef struct UsbipStreamOps {
    bool (*list)(void *owner);
    bool (*import)(void *owner, const char *busid);         /* true: the bytes that follow are commands */
    bool (*is_isochronous)(void *owner, unsigned endpoint, bool in);
    /* `data`: what goes to the device (NULL for IN and for no bytes), malloc'ed; the owner frees it. */
    bool (*submit)(void *owner, const UsbipSubmit *submit, uint8_t *data);
    bool (*unlink)(void *owner, uint32_t sequence, uint32_t victim);
} UsbipStreamOps;

typedef struct UsbipStream {
    const UsbipStreamOps *ops;
    void *owner;
    bool commands;              /* imported */
    bool closed;
    uint8_t head[USBIP_HEADER_LENGTH];
    size_t have;                /* bytes of head */
    UsbipSubmit submit;         /* whose payload is being read */
    bool in_payload;
    uint8_t *payload;
    uint32_t payload_have, payload_length, skip;            /* skip: isochronous descriptors behind it */
} UsbipStream;

void usbip_stream_init(UsbipStream *stream, const UsbipStreamOps *ops, void *owner);

/* Takes any number of bytes, in any pieces. False: the connection must be closed (a hostile or broken client, or the owner's wish). */
bool usbip_stream_feed(UsbipStream *stream, const uint8_t *bytes, size_t length);

/* Frees what an unfinished message holds. */
void usbip_stream_end(UsbipStream *stream);

/* --- answers; each writes its fixed length --- */

typedef struct UsbipDevice {
    const char *path, *busid;
    uint32_t bus, number;
    uint32_t speed;             /* Linux's: 2 full, 3 high */
    const uint8_t *descriptor;  /* 18 bytes */
    uint8_t configuration, interfaces;
} UsbipDevice;

void usbip_put_op(uint8_t out[USBIP_OP_LENGTH], uint16_t code, uint32_t status);        /* code: USBIP_REP_... */
enum { USBIP_REP_DEVLIST = 0x0005, USBIP_REP_IMPORT = 0x0003 };
void usbip_put_device(uint8_t out[USBIP_DEVICE_LENGTH], const UsbipDevice *device);
void usbip_put_ret_submit(uint8_t out[USBIP_HEADER_LENGTH], uint32_t sequence, int32_t status, uint32_t actual, uint32_t packets);
void usbip_put_ret_unlink(uint8_t out[USBIP_HEADER_LENGTH], uint32_t sequence, int32_t status);
void usbip_put_packet(uint8_t out[USBIP_PACKET_LENGTH], int32_t status);                /* an isochronous packet that wasn't sent */

void usbip_put_u32(uint8_t *out, uint32_t value);

#endif
