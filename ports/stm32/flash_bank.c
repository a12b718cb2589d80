/* SPDX-License-Identifier: MIT */
/* Internal flash, a bank at a time (RM0433 4.3). */
#include "flash_bank.h"
#include "board.h"
#include "fault.h"

#define BANK_SIZE 0x100000u
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu
#define PROGRAM_POLLS 1000000u /* 10 ms at the very least */

struct flash_bank_regs *flash_bank_of(uint32_t address)
{
    return FLASH_BANK((address - FLASH_INTERNAL_BASE) / BANK_SIZE);
}

void flash_bank_unlock(struct flash_bank_regs *bank)
{
    if (bank->CR & FLASH_CR_LOCK) {
        bank->KEYR = KEY1;
        bank->KEYR = KEY2;
    }
    bank->CCR = FLASH_SR_ERRORS | FLASH_SR_EOP;
}

void flash_bank_lock(struct flash_bank_regs *bank) { bank->CR = FLASH_CR_LOCK | FLASH_CR_PSIZE_64; /* the reset value */ }

RAMFUNC void flash_bank_begin_erase(struct flash_bank_regs *bank, uint32_t address)
{
    bank->CR = FLASH_CR_SER | FLASH_CR_PSIZE_64 | FIELD(FLASH_CR_SNB, address % BANK_SIZE / FLASH_SECTOR_SIZE);
    bank->CR |= FLASH_CR_START;
    __DSB();
}

RAMFUNC uint32_t flash_bank_end(struct flash_bank_regs *bank)
{
    bank->CR = 0;
    return bank->SR & FLASH_SR_WRITE_ERRORS;
}

RAMFUNC uint32_t flash_bank_program(struct flash_bank_regs *bank, uint32_t address, const void *word)
{
    volatile uint32_t *to = (volatile uint32_t *)address;
    const uint32_t *from = word;
    bank->CR = FLASH_CR_PG | FLASH_CR_PSIZE_64;
    __DSB();
    for (unsigned i = 0; i < FLASH_WORD / 4; i++) {
        to[i] = from[i];
    }
    __DSB();
    for (uint32_t polls = 0; bank->SR & FLASH_BUSY; polls++) {
        if (polls == PROGRAM_POLLS) {
            bank->CR = 0;
            return FLASH_SR_ERRORS;
        }
    }
    return flash_bank_end(bank);
}

bool flash_read(uint32_t address, void *data, size_t size)
{
    if (!size || size % 4 || address % 4 || address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE
        || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE) {
        return false;
    }
    struct flash_bank_regs *bank = flash_bank_of(address);
    bank->CCR = FLASH_SR_DBECCERR;
    bool good = fault_copy(data, (const void *)address, size) && !(bank->SR & FLASH_SR_DBECCERR);
    if (!good) {
        bank->CCR = FLASH_SR_DBECCERR;
        SCB_InvalidateDCache_by_Addr((void *)(address & ~31u), (int32_t)size + 32);
    }
    return good;
}
