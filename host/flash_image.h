/* SPDX-License-Identifier: MIT */
/* The flash of an emulated camera: a file that keeps what the camera writes, with the newest build put in its partitions. */
#ifndef HOST_FLASH_IMAGE_H
#define HOST_FLASH_IMAGE_H

#include <stdbool.h>

#include "boards.h"

struct flash_image {
    int fd;          /* open and locked while the camera runs */
    bool bootloader; /* there is one: no boot address is needed */
    uint32_t app_address;
};

/*
 * Makes `path` ready for the board: created erased when missing (or fresh), and every partition that has an image in
 * build/<TARGET>/bin rewritten when its content differs. Partitions of the camera's own (file system) keep what they
 * hold. 0, or an exit code after an error message. flash_image_close lets it go.
 */
int flash_image_prepare(struct flash_image *image, const struct board *board, const char *path, bool fresh);

/*
 * The same with `count` files of somebody else's (program_file.h) instead of the build. Erase blocks that they do not touch keep
 * what the camera wrote there. What begins at the start of the flash is what starts; without it, what comes first.
 */
int flash_image_program(struct flash_image *image, const struct board *board, const char *path, const char *const *files, size_t count,
                        bool fresh);

/* Only opens and locks a file that is used as it is: its size must be that of the board's flash. */
int flash_image_adopt(struct flash_image *image, const struct board *board, const char *path);

void flash_image_close(struct flash_image *image);

#endif
