/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the system bootloader does with the memories: through the flash controller's registers, step by step in virtual time. */
#ifndef OPENMV_EMULATOR_STM32_ROM_FLASH_H
#define OPENMV_EMULATOR_STM32_ROM_FLASH_H

#include "qemu/osdep.h"

#include "qemu/timer.h"
#include "stm32h743_defs.h"

enum { ROM_FLASH_BASE = 0x08000000, ROM_FLASH_SIZE = 0x200000, ROM_SECTOR = 0x20000,
       ROM_OPTIONS = FLASH_BASE + FLASH_OPTSR_CUR, ROM_OPTIONS_SIZE = 128 };

typedef enum RomResult { ROM_BUSY, ROM_DONE, ROM_FAILED, ROM_PROTECTED } RomResult;

typedef struct RomFlash {
    QEMUTimer *timer;
    RomResult result;
    enum { ROM_ERASE, ROM_PROGRAM, ROM_OPTION_BYTES } job;
    uint32_t address, end;          /* what is left to do */
    uint32_t started;               /* address of the operation under way */
    uint8_t data[1024];
    int64_t until;                  /* about when it will be done, ns */
} RomFlash;

void rom_flash_init(RomFlash *flash);
void rom_flash_stop(RomFlash *flash);

/* True where `length` bytes at the address can be read, or written. */
bool rom_flash_readable(uint32_t address, uint32_t length);
bool rom_flash_writable(uint32_t address, uint32_t length);

bool rom_flash_read(uint32_t address, uint8_t *data, uint32_t length);     /* false: a bus fault (broken ECC) */

/* Each begins a job; `result` says how it goes. */
void rom_flash_erase(RomFlash *flash, uint32_t address, uint32_t length);  /* the sectors of these bytes */
void rom_flash_program(RomFlash *flash, uint32_t address, const uint8_t *data, uint32_t length);
void rom_flash_unprotect(RomFlash *flash);     /* read-out level 0; from level 1 everything is erased */

bool rom_flash_protected(void);                /* read-out protection is on */
unsigned rom_flash_ms_left(const RomFlash *flash);

#endif
