/* SPDX-License-Identifier: MIT */
/* The board this is built for, from what boardc derives. */
#ifndef BOOT_BOARD_TABLE_H
#define BOOT_BOARD_TABLE_H

#include "boot/boot_port.h"

extern const struct boot_board boot_board;

#endif
