/* SPDX-License-Identifier: MIT */
/* One bank of the internal flash: the operations below flash.c (the firmware) and boot_flash.c (the bootloader). What waits, and what happens
   meanwhile, is theirs. The functions that touch a busy bank run from RAM. */
#ifndef STM32_FLASH_BANK_H
#define STM32_FLASH_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ramfunc.h"
#include "stm32h743.h"

#define FLASH_WORD 32
#define FLASH_SECTOR_SIZE 0x20000u
#define FLASH_BUSY (FLASH_SR_QW | FLASH_SR_BSY | FLASH_SR_WBNE)
#define FLASH_ERASE_TIMEOUT_MS 8000u /* 4 s at most (DS12110 table 56) */

/* The bank that holds the address. */
struct flash_bank_regs *flash_bank_of(uint32_t address);

/* Before and after an operation; unlocking clears the flags of the last one. */
void flash_bank_unlock(struct flash_bank_regs *bank);
void flash_bank_lock(struct flash_bank_regs *bank);

/* Begins the erase of the sector that holds the address, in an unlocked bank: FLASH_BUSY in SR until it is done. */
RAMFUNC void flash_bank_begin_erase(struct flash_bank_regs *bank, uint32_t address);

/* The end of an operation: SR's error bits; 0 is good. */
RAMFUNC uint32_t flash_bank_end(struct flash_bank_regs *bank);

/* Programs one word (32 bytes, both aligned to 4) into erased flash of an unlocked bank, and waits: 0.1 ms. Returns SR's error bits. */
RAMFUNC uint32_t flash_bank_program(struct flash_bank_regs *bank, uint32_t address, const void *word);

/* Copies from flash; address, size and data are multiples of 4. A word whose programming was cut by a power failure has an uncorrectable ECC
   error, which is a bus fault on an ordinary read: here it gives false, and the data are undefined. */
bool flash_read(uint32_t address, void *data, size_t size);

#endif
