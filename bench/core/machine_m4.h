/* SPDX-License-Identifier: MIT */
/* QEMU's mps2-an386, a Cortex-M4 at 25 MHz. Memory for code and data; for the image under work and its result; for the arena. SysTick counts one for
   TICK_INSTRUCTIONS / TICK_PARTS instructions. */
#define CODE_BASE 0x00000000
#define CODE_SIZE 4M
#define DATA_BASE 0x20000000
#define DATA_SIZE 4M
#ifndef LINKER_SCRIPT
enum { WORK_BASE = 0x21000000, IMAGE_BYTES = 0x100000, WORK_BYTES = 0x200000, ARENA_BASE = 0x21200000, ARENA_BYTES = 0x400000 };
enum { TICK_INSTRUCTIONS = 40, TICK_PARTS = 1 };
#endif
