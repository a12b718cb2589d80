/* SPDX-License-Identifier: MIT */
/* QEMU's microbit, a Cortex-M0 at 16 MHz with 256 KiB of flash and 16 KiB of RAM: a small picture, and what needs little memory. */
#define CODE_BASE 0x00000000
#define CODE_SIZE 256K
#define DATA_BASE 0x20000000
#define DATA_SIZE 4K
#define SMALL
#ifndef LINKER_SCRIPT
enum { IMAGE_BYTES = 48 * 36 * 2, WORK_BASE = 0x20001000, WORK_BYTES = IMAGE_BYTES + 48 * 36, ARENA_BASE = WORK_BASE + WORK_BYTES, ARENA_BYTES = 7 * 1024 };
enum { TICK_INSTRUCTIONS = 125, TICK_PARTS = 2 };
#endif
