/* SPDX-License-Identifier: MIT */
/* Internal flash: 32-byte words, 128 KiB sectors, two banks. */
#ifndef STM32_FLASH_H
#define STM32_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "flash_bank.h"

/* Erases the sectors that hold [address, address + size); address and size are multiples of the sector. Interrupts are off while it
   runs (1-2 s per sector on hardware) because the firmware itself lies in both banks; the clock is corrected and the console's
   input kept. Addresses inside the running firmware are refused. */
bool flash_erase(uint32_t address, size_t size);

/* Programs whole 32-byte words into erased flash. false: refused, or the flash reports an error, or it reads back differently. */
bool flash_program(uint32_t address, const void *data, size_t size);

#endif
