/* SPDX-License-Identifier: MIT */
/*
 * The client's side of USB/IP 1.1.1 (Linux: Documentation/usb/usbip_protocol.rst) over a socket, Unix or TCP. Plain C and
 * POSIX, no locks: one thread at a time uses a connection. Used by omv's own USB, by the libusb of ours and by the serial port.
 *
 * An address is the path of a Unix socket (it has a '/') or HOST:PORT.
 */
#ifndef HOST_USBIP_CLIENT_H
#define HOST_USBIP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USBIP_INTERFACES   32
#define USBIP_MOST_DEVICES 64
#define USBIP_MOST_BYTES   (16u << 20) /* of one transfer */

struct usbip_device {
    char bus_id[33];
    uint32_t bus, address; /* the address is another one after every enumeration */
    uint32_t speed;        /* Linux's enum usb_device_speed: 1 low, 2 full, 3 high, 5 super, 0 unknown */
    uint16_t vid, pid, bcd_device;
    uint8_t class_code, subclass, protocol;
    uint8_t configuration, configurations, interfaces; /* the active configuration's value; how many there are */
    struct {
        uint8_t class_code, subclass, protocol;
    } interface[USBIP_INTERFACES]; /* only from usbip_list */
};

struct usbip; /* an imported device */

/* A transfer. The caller owns it and its data, which stay where they are until `done` has been called. */
struct usbip_urb {
    uint8_t endpoint; /* address, 0x80: IN; 0: control, whose direction is in the setup packet */
    uint8_t setup[8];
    uint8_t *data;
    uint32_t length;
    uint32_t flags; /* USBIP_* below */
    uint32_t interval;
    void (*done)(struct usbip_urb *urb); /* may submit again; may not close the connection */
    void *context;

    int status;      /* 0, or a negative errno of the device's side: -EPIPE stall, -ECONNRESET unlinked, -ESHUTDOWN gone */
    uint32_t actual; /* bytes moved, also when status is not 0 */

    uint32_t sequence, unlink_sequence; /* private */
    struct usbip_urb *next;
};
#define USBIP_SHORT_NOT_OK 0x01u /* a short packet is an error, -EREMOTEIO */
#define USBIP_ZERO_PACKET  0x40u /* an OUT transfer of full packets ends with an empty one */

/* The devices a server offers, at most `most`: how many, or a negative errno. */
int usbip_list(const char *address, struct usbip_device *devices, size_t most, uint32_t timeout_ms);

/*
 * Imports a device; `device` (may be NULL) is filled. 0, or a negative errno: -EBUSY when somebody has it, -ENODEV when it
 * is not there, -EPROTO when the server talks nonsense, or connect's own.
 */
int usbip_import(const char *address, const char *bus_id, struct usbip **usbip, struct usbip_device *device, uint32_t timeout_ms);

/* Releases the device. Transfers that are not done are forgotten: their `done` is not called. */
void usbip_close(struct usbip *usbip);

/* Queues a transfer: 0, -ENODEV when the device has gone, -EINVAL when it is too long, -ENOMEM. */
int usbip_submit(struct usbip *usbip, struct usbip_urb *urb);

/* Asks for the end of a transfer, which is then done in any case: with -ECONNRESET, or as it just ended by itself. */
void usbip_unlink(struct usbip *usbip, struct usbip_urb *urb);

/* Gives the connection up: all transfers are done with -ESHUTDOWN, and only usbip_close is left. */
void usbip_abandon(struct usbip *usbip);

/* For poll(): the socket, and whether there is something to send. */
int usbip_fd(const struct usbip *usbip);
bool usbip_sending(const struct usbip *usbip);

/*
 * Sends and receives what can be without waiting; calls `done` of the transfers that ended. false when the device has
 * gone or the server talked nonsense: all transfers are done with -ESHUTDOWN then, and only usbip_close is left.
 */
bool usbip_work(struct usbip *usbip);

/*
 * One transfer, waiting at most timeout_ms (0: for ever): its status, or -ETIMEDOUT after unlinking it. urb->actual tells
 * what was moved all the same. The other transfers go on meanwhile.
 */
int usbip_transfer(struct usbip *usbip, struct usbip_urb *urb, uint32_t timeout_ms);

/* A control transfer by usbip_transfer: bytes moved in the data stage, or a negative errno. */
int usbip_control(struct usbip *usbip, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                  uint32_t timeout_ms);

/* Milliseconds of a clock that never goes back. */
uint64_t usbip_now(void);

#endif
