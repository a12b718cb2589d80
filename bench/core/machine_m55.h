/* SPDX-License-Identifier: MIT */
/* QEMU's mps3-an547, a Cortex-M55 at 32 MHz; the secure aliases of its memories. Memory for code and data; for the image under work and its result; for the arena. SysTick counts one for
   TICK_INSTRUCTIONS / TICK_PARTS instructions. */
#define CODE_BASE 0x10000000
#define CODE_SIZE 512K
#define PICTURES_BASE 0x70800000     /* the pictures do not fit beside the code */
#define PICTURES_SIZE 8M
#define DATA_BASE 0x30000000
#define DATA_SIZE 512K
#ifndef LINKER_SCRIPT
enum { WORK_BASE = 0x70000000, IMAGE_BYTES = 0x100000, WORK_BYTES = 0x200000, ARENA_BASE = 0x70200000, ARENA_BYTES = 0x400000 };
enum { TICK_INSTRUCTIONS = 125, TICK_PARTS = 4 };
#endif
