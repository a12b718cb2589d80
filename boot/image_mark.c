/* SPDX-License-Identifier: MIT */
/* The image header in an application: the place, which the linker script puts at a multiple of 256 (.image_header). mkimage fills in
   length and CRCs when the image is linked. */
#include "boot/image.h"
#include "modules/omv/version.h"

#include "board.h"

extern const struct image_header image_mark;
__attribute__((section(".image_header"), used)) const struct image_header image_mark = {
    .magic = IMAGE_MAGIC,
    .format = IMAGE_FORMAT,
    .size = sizeof image_mark,
    .board = BOARD_TARGET,
    .address = BOARD_APP_ADDRESS,
    .version = {OMV_VERSION_MAJOR, OMV_VERSION_MINOR, OMV_VERSION_PATCH, 0},
};
