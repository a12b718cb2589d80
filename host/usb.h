/* SPDX-License-Identifier: MIT */
/*
 * USB devices as this program sees them: real ones (libusb) and emulated cameras' (USB/IP over the instance's socket),
 * behind one handle. Calls wait for their end; a handle is used by one thread at a time.
 */
#ifndef HOST_USB_H
#define HOST_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paths.h"

/* What functions return: 0 or a count, else one of these. */
enum usb_error {
    USB_OK = 0,
    USB_E_TIMEOUT = -1,
    USB_E_STALL = -2,     /* the device refused: the request is not supported, or the endpoint is halted */
    USB_E_GONE = -3,      /* unplugged, reset or re-enumerated: only usb_close is left */
    USB_E_BUSY = -4,      /* another program, or a kernel driver, has it */
    USB_E_ACCESS = -5,    /* no permission: udev rules */
    USB_E_IO = -6,        /* the bus or the system failed */
    USB_E_OVERFLOW = -7,  /* the device sent more than asked for */
    USB_E_NOT_FOUND = -8, /* no such device, interface, endpoint or descriptor */
    USB_E_MEMORY = -9,
};

/* In words, for "…: cannot …: WORDS". */
const char *usb_strerror(int error);

enum usb_speed { USB_SPEED_UNKNOWN, USB_SPEED_LOW, USB_SPEED_FULL, USB_SPEED_HIGH, USB_SPEED_SUPER };
const char *usb_speed_name(enum usb_speed speed);

#define USB_INTERFACES 16

/* A device that is plugged in now. */
struct usb_info {
    bool emulated;
    bool busy;   /* emulated: another program has it, it cannot be opened now */
    bool denied; /* real: no permission to open it; serial and product come from the system then, or are empty */
    uint16_t vid, pid, bcd_device;
    uint8_t class_code;
    enum usb_speed speed;
    char serial[64], product[64]; /* UTF-8; empty when the device has none */
    char name[64];                /* emulated: the instance's; real: where it is plugged in, as Linux writes it: "1-1.4" */
    char path[PATH_BYTES];        /* emulated: the USB/IP socket; real: /dev/bus/usb/BBB/DDD, which the rules are about */
    char bus_id[33];              /* emulated: on that socket */
    uint16_t bus, address;        /* the pair is another one after each enumeration */
    size_t interfaces;
    struct {
        uint8_t number, class_code, subclass, protocol;
    } interface[USB_INTERFACES]; /* of the active configuration; alternate settings are not listed */
};

/* All devices, emulated ones first, at most `most`: how many. Asks the system each time; takes some milliseconds. */
size_t usb_list(struct usb_info *infos, size_t most);

struct usb;

/*
 * Opens it. An emulated camera belongs to one program at a time, so a busy one is tried for some 2 s. Real devices: drivers
 * of the kernel are detached from an interface when it is claimed, and attached again when it is released.
 */
int usb_open(const struct usb_info *info, struct usb **usb);
void usb_close(struct usb *usb); /* releases what is claimed; NULL is allowed */

/*
 * A control transfer. `request_type` bit 7 is the direction; `data` is read or written accordingly. Bytes moved (fewer than
 * `length` when the device sent a short answer), or an error. timeout_ms 0: for ever.
 */
int usb_control(struct usb *usb, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                uint32_t timeout_ms);

/* Standard descriptors: bytes, or an error. The configuration is the active one, all of wTotalLength. */
#define USB_DESCRIPTOR_DEVICE        1
#define USB_DESCRIPTOR_CONFIGURATION 2
#define USB_DESCRIPTOR_STRING        3
#define USB_DESCRIPTOR_INTERFACE     4
#define USB_DESCRIPTOR_ENDPOINT      5
#define USB_DESCRIPTOR_BOS           15
int usb_descriptor(struct usb *usb, uint8_t type, uint8_t index, uint16_t language, void *data, uint16_t length);
int usb_configuration(struct usb *usb, void *data, uint16_t length);

/* A string descriptor in the device's first language as UTF-8: its bytes without the 0, or an error. Index 0: empty. */
int usb_string(struct usb *usb, uint8_t index, char *text, size_t size);

/* Claims an interface, or releases it. usb_alternate needs it claimed. 0 or an error. */
int usb_claim(struct usb *usb, uint8_t interface);
int usb_release(struct usb *usb, uint8_t interface);
int usb_alternate(struct usb *usb, uint8_t interface, uint8_t alternate);

/*
 * A bulk or interrupt transfer on a claimed interface's endpoint (0x80: IN). 0 or an error; *moved (may be NULL) tells the
 * bytes moved in both cases. An IN transfer ends with a short packet. timeout_ms 0: for ever.
 */
int usb_bulk(struct usb *usb, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms);
int usb_interrupt(struct usb *usb, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms);

int usb_clear_halt(struct usb *usb, uint8_t endpoint);

/* A reset of the port. USB_E_GONE when the device is another one afterwards (a bootloader that left, for instance). */
int usb_reset(struct usb *usb);

/*
 * ---- Backends: usb_libusb.c, usb_ip.c ----
 * The functions have the contracts above. `open` gives a handle whose first member is struct usb.
 */
struct usb_backend {
    size_t (*list)(struct usb_info *infos, size_t most);
    int (*open)(const struct usb_info *info, struct usb **usb);
    void (*close)(struct usb *usb);
    int (*control)(struct usb *usb, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   uint32_t timeout_ms);
    int (*claim)(struct usb *usb, uint8_t interface);
    int (*release)(struct usb *usb, uint8_t interface);
    int (*alternate)(struct usb *usb, uint8_t interface, uint8_t alternate);
    int (*transfer)(struct usb *usb, bool interrupt, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms);
    int (*clear_halt)(struct usb *usb, uint8_t endpoint);
    int (*reset)(struct usb *usb);
};
struct usb {
    const struct usb_backend *backend;
};
extern const struct usb_backend usb_ip_backend, usb_libusb_backend;

#endif
