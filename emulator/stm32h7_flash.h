/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash memory of an STM32H7 and its controller, as the chip and other devices see them (RM0433 section 4). */
#ifndef OPENMV_EMULATOR_STM32H7_FLASH_H
#define OPENMV_EMULATOR_STM32H7_FLASH_H

#include "stm32_periph.h"

#define TYPE_STM32H7_FLASH "stm32h7-flash"

/* Programmed wait states, and those needed for AXI at `hclk` with a voltage scale (table 17). */
unsigned stm32h7_flash_latency(Stm32Periph *flash);
unsigned stm32h7_flash_wait_states(unsigned scale, uint32_t hclk);

/* The memory itself, 2 MiB at 0x08000000. */
MemoryRegion *stm32h7_flash_memory(Stm32Periph *flash);

/* Option bytes in force: boot addresses (BOOT_ADD0, BOOT_ADD1: bits 31:16), read-out level, BOR level, bank swap. */
uint16_t stm32h7_flash_boot_address(Stm32Periph *flash, unsigned which);
uint32_t stm32h7_flash_option_status(Stm32Periph *flash);

/* Option bytes from the command line, before the first reset. */
void stm32h7_flash_set_boot_address(Stm32Periph *flash, unsigned which, uint16_t address);

/* Power goes now: an operation under way stays half done. */
void stm32h7_flash_power_cut(Stm32Periph *flash);

#endif
