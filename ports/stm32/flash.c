/* SPDX-License-Identifier: MIT */
/* Internal flash (RM0433 4). Erase and program run from RAM with interrupts off: a fetch from a bank that is busy stalls the processor. */
#include "flash.h"
#include <string.h>
#include "board.h"
#include "irq.h"
#include "ramfunc.h"
#include "system.h"
#include "uart.h"

#define BANK_SIZE 0x100000u
#define SECTOR_SIZE 0x20000u
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu

extern uint8_t _firmware_end[];

/* Input that arrives while interrupts are off. */
static uint8_t saved_input[512];

static bool protected_range(uint32_t address, size_t size)
{
    uint32_t end = (uint32_t)(uintptr_t)_firmware_end;
    return address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE
        || address < PART_FILESYSTEM_BASE || (address < end && address + size > BOARD_APP_ADDRESS);
}

/* Starts the operation that CR holds (erase), or nothing (program: the 32-byte store started it), and waits. Returns SR's error bits. */
RAMFUNC static uint32_t flash_wait(struct flash_regs *flash, uint32_t timeout_cycles, size_t *saved)
{
    uint32_t start = DWT->CYCCNT;
    while (flash->SR & (FLASH_SR_QW | FLASH_SR_BSY | FLASH_SR_WBNE)) {
        if (DWT->CYCCNT - start > timeout_cycles) {
            return FLASH_SR_ERRORS;
        }
        *saved += uart_poll_receiver(BOARD_CONSOLE_UART, saved_input + *saved, sizeof saved_input - *saved);
    }
    return flash->SR & FLASH_SR_WRITE_ERRORS;
}

RAMFUNC static uint32_t flash_erase_sector(struct flash_regs *flash, unsigned sector, uint32_t timeout_cycles, size_t *saved)
{
    flash->CR = FLASH_CR_SER | FLASH_CR_PSIZE_64 | FLASH_CR_SNB(sector);
    flash->CR |= FLASH_CR_START;
    __DSB();
    uint32_t errors = flash_wait(flash, timeout_cycles, saved);
    flash->CR = 0;
    return errors;
}

RAMFUNC static uint32_t flash_program_word(struct flash_regs *flash, volatile uint32_t *to, const uint32_t *from, uint32_t timeout_cycles, size_t *saved)
{
    flash->CR = FLASH_CR_PG | FLASH_CR_PSIZE_64;
    __DSB();
    for (unsigned i = 0; i < FLASH_WORD / 4; i++) {
        to[i] = from[i];
    }
    __DSB();
    uint32_t errors = flash_wait(flash, timeout_cycles, saved);
    flash->CR = 0;
    return errors;
}

static void unlock(struct flash_regs *flash)
{
    if (flash->CR & FLASH_CR_LOCK) {
        flash->KEYR = KEY1;
        flash->KEYR = KEY2;
    }
    flash->CCR = FLASH_SR_ERRORS | FLASH_SR_EOP;
}

/* What interrupts would have done in the meantime. */
static void catch_up(uint32_t start_cycles, size_t saved)
{
    /* One tick is pending anyway when at least one passed. */
    uint32_t ms = (DWT->CYCCNT - start_cycles) / (system_core_mhz * 1000);
    if (ms > 1) {
        system_add_ms(ms - 1);
    }
    if (saved) {
        uart_replay(BOARD_CONSOLE_UART, saved_input, saved);
    }
}

bool flash_erase(uint32_t address, size_t size)
{
    if (address % SECTOR_SIZE || size % SECTOR_SIZE || protected_range(address, size)) {
        return false;
    }
    uint32_t errors = 0;
    for (size_t done = 0; done < size && !errors; done += SECTOR_SIZE) {
        uint32_t offset = address + done - FLASH_INTERNAL_BASE;
        struct flash_regs *flash = FLASH_BANK(offset / BANK_SIZE);
        uint32_t state = irq_disable();
        uint32_t start = DWT->CYCCNT;
        size_t saved = 0;
        unlock(flash);
        errors = flash_erase_sector(flash, offset % BANK_SIZE / SECTOR_SIZE, system_core_mhz * 8000000u, &saved);
        flash->CR = FLASH_CR_LOCK;
        catch_up(start, saved);
        irq_restore(state);
        cache_invalidate((void *)(address + done), SECTOR_SIZE);
    }
    return !errors;
}

bool flash_program(uint32_t address, const void *data, size_t size)
{
    if (address % FLASH_WORD || size % FLASH_WORD || protected_range(address, size)) {
        return false;
    }
    for (size_t done = 0; done < size; done += FLASH_WORD) {
        uint32_t word[FLASH_WORD / 4];
        memcpy(word, (const uint8_t *)data + done, FLASH_WORD);
        struct flash_regs *flash = FLASH_BANK((address + done - FLASH_INTERNAL_BASE) / BANK_SIZE);
        uint32_t state = irq_disable();
        size_t saved = 0;
        unlock(flash);
        uint32_t errors = flash_program_word(flash, (volatile uint32_t *)(address + done), word, system_core_mhz * 10000u, &saved);
        flash->CR = FLASH_CR_LOCK;
        if (saved) {
            uart_replay(BOARD_CONSOLE_UART, saved_input, saved);
        }
        irq_restore(state);
        cache_invalidate((void *)(address + done), FLASH_WORD);
        if (errors || memcmp((const void *)(address + done), word, FLASH_WORD)) {
            return false;
        }
    }
    return true;
}

bool flash_read(uint32_t address, void *data, size_t size)
{
    if (address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE) {
        return false;
    }
    /* With FAULTMASK and BFHFNMIGN a bus error of a data access is ignored (Armv7-M ARM B1.4.3); the flash reports it in SR. */
    struct flash_regs *flash = FLASH_BANK((address - FLASH_INTERNAL_BASE) / BANK_SIZE);
    uint32_t mask = __get_FAULTMASK();
    __set_FAULTMASK(1);
    SCB->CCR |= SCB_CCR_BFHFNMIGN_Msk;
    flash->CCR = FLASH_SR_DBECCERR;
    __DSB();
    __ISB();
    memcpy(data, (const void *)address, size);
    __DSB();
    bool good = !(flash->SR & FLASH_SR_DBECCERR);
    flash->CCR = FLASH_SR_DBECCERR;
    SCB->CCR &= ~SCB_CCR_BFHFNMIGN_Msk;
    SCB->CFSR = SCB->CFSR & 0xFF00; /* the bus fault that was ignored */
    __set_FAULTMASK(mask);
    if (!good) {
        cache_invalidate((void *)(address & ~31u), size + 32);
    }
    return good;
}
