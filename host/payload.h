/* SPDX-License-Identifier: MIT */
/* A file that somebody wants to put on a camera: what it is, and whether it may go there. Everything that can be wrong is found here,
   before the first write. */
#ifndef HOST_PAYLOAD_H
#define HOST_PAYLOAD_H

#include "boards.h"
#include "boot/image.h"
#include "paths.h"

enum payload_kind {
    PAYLOAD_FIRMWARE,   /* an image with a header (boot/image.h): whole, and of a board that is known */
    PAYLOAD_ROMFS,      /* a ROM file system, whole */
    PAYLOAD_BOOTLOADER, /* begins with a bootloader of this family */
    PAYLOAD_FOREIGN,    /* anything else that is not recognised as something wrong */
    PAYLOAD_MISSING,    /* a dry run only needs the name */
};

struct payload {
    char path[PATH_BYTES];
    uint8_t *file;        /* malloc'ed */
    const uint8_t *bytes; /* of it: what is written ... */
    size_t size;
    enum payload_kind kind;
    struct image_header header;   /* of firmware */
    const struct board *made_for; /* the header's; NULL: not known */
    struct board_usb usb;         /* a .dfu file's; vid 0: none */
    bool addressed;               /* a DfuSe file says where it goes: */
    uint32_t address;
    int partition; /* index as in board->partitions, once placed */
};

/*
 * Reads and recognises it: 0, or an exit code after an error message. With missing_ok a file that is not there becomes
 * PAYLOAD_MISSING. payload_free in any case.
 */
int payload_load(struct payload *payload, const char *path, bool missing_ok);
void payload_free(struct payload *payload);

/*
 * Finds the partition of the board it goes to and checks that it may: `to` is a partition's name or alternate setting, or
 * NULL: as the file itself says, or its name. `force` lets a foreign image into a firmware partition. `restore` accepts a
 * bootloader, and only into its partition. 0, or an exit code after an error message.
 */
int payload_place(struct payload *payload, const struct board *board, const char *to, bool force, bool restore);

#endif
