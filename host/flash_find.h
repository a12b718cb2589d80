/* SPDX-License-Identifier: MIT */
/* Which cameras can be flashed now, and in what mode each of them is: running its application, in its bootloader, or in the chip's ROM
 * loader. */
#ifndef HOST_FLASH_FIND_H
#define HOST_FLASH_FIND_H

#include "camera.h"
#include "dfu_client.h"
#include "usb.h"

enum flash_mode { MODE_APPLICATION = 1, MODE_LOADER = 2, MODE_ROM = 4, MODE_ANY = 7 };

struct flash_device {
    enum flash_mode mode;
    const struct board *board; /* MODE_ROM: NULL, the chip does not tell */
    bool usb;                  /* its USB device is seen: */
    struct usb_info info;
    bool port; /* it has a serial port (or an emulated one's console): */
    struct camera camera;
    bool entered; /* its loader was entered by flash_enter */
};

/* What is looked for. Zeros match everything. */
struct flash_filter {
    unsigned modes;                  /* bits of flash_mode */
    const struct board *board;       /* a ROM loader matches the boards whose chip has it */
    const char *name;                /* emulated camera's */
    const char *port;                /* serial port */
    const char *serial;              /* USB serial number */
    const struct flash_device *same; /* the one this was, before it re-enumerated in another mode */
};

/* All that match, at most `most`: how many. */
size_t flash_find(const struct flash_filter *filter, struct flash_device *devices, size_t most);

/* Waits until exactly one matches, up to timeout_ms (0: looks once). How many there are then; -1: Ctrl-C. */
int flash_wait(const struct flash_filter *filter, struct flash_device *device, uint32_t timeout_ms);

/* One line about it. */
void flash_describe(const struct flash_device *device, char *text, size_t size);

/* Opens the loader's DFU interface. 0 and a wire to it, or an enum dfu_error. flash_wire_close in any case. */
struct flash_wire {
    struct usb *usb;
    struct dfu_wire wire;
    unsigned interface;
};
int flash_wire_open(struct flash_wire *wire, const struct flash_device *device);
void flash_wire_close(struct flash_wire *wire);

#endif
