/* SPDX-License-Identifier: MIT */
/* struct boot_board out of board.h and dfu_alternates.h: needs -I of the board's gen folder. */
#include "boot/board_table.h"

#include "board.h"
#include "dfu_alternates.h"

#define BLOCKS(count, size) {count, size},
#define FLASH_BLOCKS(name)  static const struct boot_blocks blocks_##name[] = {FLASH_##name##_BLOCKS(BLOCKS)};
#define FLASH(name)                                                                                                                        \
    static const struct boot_flash flash_##name = {FLASH_##name##_BASE, FLASH_##name##_PROGRAM, blocks_##name,                             \
                                                   sizeof blocks_##name / sizeof *blocks_##name};
DFU_FLASHES(FLASH_BLOCKS)
DFU_FLASHES(FLASH)

#define PARTITION(alternate, name, base, size, writable, erase, role, flash) {name, base, size, writable, BOOT_ROLE_##role, &flash_##flash},
static const struct boot_partition partitions[] = {DFU_ALTERNATES(PARTITION)};

const struct boot_board boot_board = {
    .target = BOARD_TARGET,
    .vid = BOARD_USB_DFU_VID,
    .pid = BOARD_USB_DFU_PID,
    .application = BOARD_APP_ADDRESS,
    .high_speed = BOARD_CAP_USB_HS,
    .partitions = partitions,
    .count = DFU_ALTERNATE_COUNT,
};
#define WHOLE(alternate, name, base, size, writable, erase, role, flash)                                                                   \
    _Static_assert((size) % BOOT_BLOCK == 0, name " is not a whole number of transfers");
DFU_ALTERNATES(WHOLE)
_Static_assert(sizeof partitions / sizeof *partitions == DFU_ALTERNATE_COUNT, "the alternates are counted wrong");
_Static_assert(sizeof BOARD_TARGET <= 32, "the board id doesn't fit an image header");
