/* SPDX-License-Identifier: MIT */
/* All that the bootloader's core needs of the world: what a port does for it (struct boot_port), and the board's facts (struct boot_board). */
#ifndef BOOT_PORT_H
#define BOOT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The unit of a transfer (wTransferSize): block n of a download lies at n * BOOT_BLOCK in its partition. */
#define BOOT_BLOCK 4096u

/* ---- Facts of the board: constant tables, see board_table.c ---- */

/* A run of equal erase blocks. */
struct boot_blocks {
    uint32_t count, size;
};

struct boot_flash {
    uint32_t base;                /* address of its first byte, as partitions count */
    uint32_t program;             /* bytes of a program operation, a power of two, at most BOOT_BLOCK */
    const struct boot_blocks *blocks; /* runs in address order. Erase blocks of `program` bytes: it overwrites, no erase is needed (MRAM) */
    unsigned runs;
};

/* What a partition is for. Only the first three mean something to the core. */
enum boot_role {
    BOOT_ROLE_bootloader,
    BOOT_ROLE_firmware,           /* holds an image that can be started: see image.h for what is accepted */
    BOOT_ROLE_recovery,           /* not storage: the key written to it calls boot_port.recover */
    BOOT_ROLE_disk,
    BOOT_ROLE_romfs,
    BOOT_ROLE_toc,
    BOOT_ROLE_window,
    BOOT_ROLE_unused,
};

/* One alternate setting. */
struct boot_partition {
    const char *name;             /* ASCII, at most 30 characters */
    uint32_t base, size;          /* base at the beginning of an erase block, size a whole number of them and of BOOT_BLOCK */
    bool writable;
    enum boot_role role;
    const struct boot_flash *flash;
};

struct boot_board {
    const char *target;           /* the board id that images carry, at most 31 characters */
    uint16_t vid, pid;            /* of the camera in DFU mode */
    uint32_t application;         /* address of the application's vector table: the base of a `firmware` partition */
    bool high_speed;              /* USB high speed: device qualifier and other-speed descriptors exist */
    const struct boot_partition *partitions; /* by alternate setting */
    unsigned count;               /* 1 to 255 */
};

/* ---- What a port does. Functions that return int: 0, or a negative number of the port's own; the core only asks which ---- */

struct boot_port {
    void *context;                /* given to every function */

    /* Copies from flash, any address and size inside one partition. An error for what can't be read (a word whose programming a power
       cut tore has an uncorrectable ECC error): never a fault. */
    int (*read)(void *context, uint32_t address, void *data, size_t size);

    /* Erases the erase block of `size` bytes that begins at address. May take seconds, in which the USB stack may go on (see dfu_setup), but not
       boot_turn. Not called where no erase is needed. */
    int (*erase)(void *context, uint32_t address, uint32_t size);

    /* Programs erased flash: address and size are multiples of the flash's program unit, data is 4-byte aligned and may not lie in that
       flash. Programming what isn't erased may be refused. Need not read back. */
    int (*program)(void *context, uint32_t address, const void *data, size_t size);

    /* bwPollTimeout of a block that erases first: how long the host leaves us alone, and how often it asks while it is answered during the
       erase. 0: it asks at once and waits for the answer. */
    uint16_t erase_poll_ms;

    /* Milliseconds since some instant; wraps. */
    uint32_t (*time_ms)(void *context);

    /* The bootloader's LED. */
    void (*led)(void *context, bool on);

    /* The RAM word by which the application asks for DFU: true when it holds the magic value. The word is cleared whatever it was. */
    bool (*take_request)(void *context);

    /* Connects to the host, or disconnects from it: the pull-up. */
    void (*usb_pull)(void *context, bool up);

    /* A turn of the USB stack: events, control transfers (by dfu_setup and dfu_received). True while the device is configured. */
    bool (*usb_poll)(void *context);

    /* True between the SETUP and the end of the status stage of a control transfer: no flash work then. */
    bool (*usb_busy)(void *context);

    /* Undoes all the port has set up and starts the application whose vector table is at the address. Doesn't return. */
    void (*start)(void *context, uint32_t address);

    /* The chip-specific repair behind a `recovery` partition; may take minutes. NULL: there is none. */
    int (*recover)(void *context);
};

#endif
