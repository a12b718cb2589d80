/* SPDX-License-Identifier: MIT */
/* The bootloader's mark, 4096 bytes behind its beginning (the linker script's .boot_mark): where the application reads its version. */
#include "boot/boot_port.h"
#include "boot/descriptors.h"

#include "board.h"

struct boot_mark {
    uint32_t magic;
    uint8_t major, minor, patch, zeros[25];
};
_Static_assert(sizeof(struct boot_mark) == 32, "the mark is 32 bytes");

extern const struct boot_mark boot_mark;
__attribute__((section(".boot_mark"), used)) const struct boot_mark boot_mark = {
    BOARD_BOOT_MAGIC, BOOT_VERSION_MAJOR, BOOT_VERSION_MINOR, BOOT_VERSION_PATCH, {0},
};
