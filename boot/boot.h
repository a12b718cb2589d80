/* SPDX-License-Identifier: MIT */
/* The bootloader: when it waits, when it starts the application, what the LED says.

   | while                                                | how long                                    | LED toggles every |
   |------------------------------------------------------|---------------------------------------------|-------------------|
   | no host has configured the device                    | 1000 ms, even when DFU was asked for        | 100 ms            |
   | configured, nothing transferred, DFU not asked for   | 1500 ms                                     | 100 ms            |
   | configured, nothing transferred, DFU asked for       | without limit                               | 100 ms            |
   | configured, a transfer has begun                     | without limit                               | 200 ms            |
   | DETACH, once answered; unplugged; bus reset          | leaves at once                              |                   |
   | the application can't be started                     | without limit, whatever of the above        | 500 ms            |
   | boot_fatal                                           | for ever                                    | 50 ms             |

   Leaving means: the image is whole (image.h), so it is started. An image is read in full at the first start, and again when flash was written. */
#ifndef BOOT_H
#define BOOT_H

#include "boot/dfu.h"

enum { BOOT_CONNECT_MS = 1000, BOOT_WINDOW_MS = 1500, BOOT_LED_WAIT_MS = 100, BOOT_LED_TRANSFER_MS = 200, BOOT_LED_BAD_MS = 500,
       BOOT_LED_FATAL_MS = 50 };

/* All of the bootloader's memory. */
struct boot {
    struct dfu dfu;
    bool forced;            /* the application asked for DFU */
    bool configured;        /* as of the last turn */
    bool led;
    int image;              /* enum image_error of the application */
    uint32_t since;         /* when waiting began: start, or configuration */
    uint32_t led_since;
};

/* Looks at the request word and the application's image. Flash is only read. */
void boot_init(struct boot *boot, const struct boot_board *board, const struct boot_port *port);

/* One turn: flash work that is due, the LED, the decision. True: go on; false: the application is whole and to be started now. */
bool boot_turn(struct boot *boot, bool configured);

/* boot_init, then turns until the application is started. Returns only when the port's start does. */
void boot_run(struct boot *boot, const struct boot_board *board, const struct boot_port *port);

/* For what leaves nothing else to do, such as a flash chip that doesn't answer. */
_Noreturn void boot_fatal(const struct boot_port *port);

#endif
