/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash controller's state and registers, for its own two files: stm32h7_flash.c (memory), stm32h7_flash_option.c (option bytes). */
#ifndef OPENMV_EMULATOR_STM32H7_FLASH_DEVICE_H
#define OPENMV_EMULATOR_STM32H7_FLASH_DEVICE_H

#include "qemu/timer.h"
#include "stm32_periph.h"
#include "stm32h7_flash.h"
#include "stm32h743_defs.h"
#include "system/block-backend.h"

enum {
    FLASH_MEMORY = 0x08000000, FLASH_BANKS = 2, FLASH_SECTORS = 8, FLASH_SECTOR = 128 * 1024, FLASH_BANK = FLASH_SECTORS * FLASH_SECTOR,
    FLASH_WORD = 32, FLASH_WORDS = FLASH_SECTOR / FLASH_WORD,
    FLASH_SR_FLAGS = 0x1fef0000,        /* all that FLASH_CCR clears */
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32h7Flash, STM32H7_FLASH)

typedef enum FlashOperation { FLASH_IDLE, FLASH_PROGRAM, FLASH_ERASE_SECTOR, FLASH_ERASE_BANK } FlashOperation;

typedef struct FlashBank FlashBank;

typedef struct FlashSector {
    FlashBank *bank;
    unsigned number;
    MemoryRegion memory;
    uint8_t *bytes;
    bool broken[FLASH_WORDS];           /* words whose ECC is wrong */
    unsigned broken_count;
} FlashSector;

struct FlashBank {
    Stm32h7Flash *flash;
    unsigned number;
    FlashSector sector[FLASH_SECTORS];
    FlashOperation operation;           /* under way */
    uint32_t address;                   /* in the bank, of that operation */
    uint8_t data[FLASH_WORD];           /* write buffer, also what is being programmed */
    uint32_t filled;                    /* bit i: byte i of the buffer was written */
    uint32_t buffered;                  /* address in the bank of the flash word in the buffer */
    bool key_seen, key_failed;
    QEMUTimer timer;
};

/* Non-volatile option bytes: what they are, and what will be programmed. */
typedef struct FlashOptions {
    uint32_t status, boot, protection[FLASH_BANKS];
} FlashOptions;

struct Stm32h7Flash {
    Stm32Periph parent_obj;
    MemoryRegion window;
    BlockBackend *blk;
    int file;                       /* blk's file if it is a raw one, else -1 */
    qemu_irq irq;
    FlashBank bank[FLASH_BANKS];
    FlashOptions options;
    bool option_key_seen, option_key_failed;
    QEMUTimer option_timer;
};

void stm32h7_flash_option_init(Stm32h7Flash *s);
void stm32h7_flash_option_reset(Stm32h7Flash *s);

/* Erases both banks. */
void stm32h7_flash_erase_all(Stm32h7Flash *s);

/* A write to a register that isn't the memory side's; `offset` is bank 1's. */
void stm32h7_flash_option_write(Stm32h7Flash *s, uint32_t offset, FlashBank *bank, const RegWrite *w);

#endif
