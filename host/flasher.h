/* SPDX-License-Identifier: MIT */
/* One vtable for the ways in which cameras take images: one file per protocol family, chosen by the LOADER of the board's description. */
#ifndef HOST_FLASHER_H
#define HOST_FLASHER_H

#include "boards.h"
#include "dfu_client.h"

/* One image for one partition. */
struct flash_part {
    const char *name; /* the partition's */
    unsigned alternate;
    uint32_t address;
    const uint8_t *bytes;
    size_t size;
    bool foreign; /* an image without a header for a firmware partition: it installs with a descriptor that names the board */
};

enum flash_phase { FLASH_ERASE, FLASH_WRITE, FLASH_VERIFY };

/* Told how far the present phase is; false stops it. */
typedef bool (*flash_progress)(void *context, enum flash_phase phase, const struct flash_part *part, uint32_t done, uint32_t all);

/* An open loader. */
struct flash_link {
    const struct flasher *flasher;
    const struct board *board;
    struct dfu_client client; /* its status and `at` tell about a failure */
    enum flash_phase phase;   /* in which it happened */
    bool touched;             /* the part's flash may have been changed; */
    bool changed;             /* anything may have been, since the loader was opened (kept by the caller) */
    flash_progress progress;
    void *context;
    const struct flash_part *part;
};

struct flasher {
    const char *loader; /* as boards name it; "rom": ST's ROM loader */
    /* Functions return 0 or an enum dfu_error. `open` writes nothing. */
    int (*open)(struct flash_link *link);
    /* Would `write` accept it? DFU_E_ALTERNATE: the loader has other partitions; DFU_E_CANNOT: it cannot be read back. */
    int (*check)(struct flash_link *link, const struct flash_part *part);
    int (*write)(struct flash_link *link, const struct flash_part *part);
    int (*verify)(struct flash_link *link, const struct flash_part *part);
    /* Leaves the loader: the camera starts. `address`: of what was written last. */
    int (*leave)(struct flash_link *link, uint32_t address);
};

extern const struct flasher flasher_openmv, flasher_arduino, flasher_rom;

/* The family of a loader, or NULL: other programs' work. */
const struct flasher *flasher_find(const char *loader);

/* Opens the loader behind the wire: 0 or an enum dfu_error. */
int flasher_open(struct flash_link *link, const struct flasher *flasher, const struct board *board, const struct dfu_wire *wire,
                 flash_progress progress, void *context);

#endif
