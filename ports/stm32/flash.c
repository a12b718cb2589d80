/* SPDX-License-Identifier: MIT */
/* Internal flash (RM0433 4). Erase and program run from RAM with interrupts off: a fetch from a bank that is busy stalls the processor. */
#include "flash.h"
#include <string.h>
#include "board.h"
#include "fault.h"
#include "irq.h"
#include "ramfunc.h"
#include "system.h"
#include "uart.h"

#define BANK_SIZE 0x100000u
#define SECTOR_SIZE 0x20000u
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu
#define FLASH_BUSY (FLASH_SR_QW | FLASH_SR_BSY | FLASH_SR_WBNE)
#define ERASE_TIMEOUT_MS 8000u   /* 4 s at most (DS12110 table 56) */
#define PROGRAM_POLLS 1000000u   /* 10 ms at the very least */

extern uint8_t _firmware_end[];

/* Input that arrives while interrupts are off. */
static uint8_t saved_input[512];

static bool protected_range(uint32_t address, size_t size)
{
    uint32_t end = (uint32_t)(uintptr_t)_firmware_end;
    return address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE
        || address < PART_FILESYSTEM_BASE || (address < end && address + size > BOARD_APP_ADDRESS);
}

/* What happens to the rest of the system while interrupts are off. */
struct missed { uint32_t ms; size_t input; };

/* Waits for the erase under way; counts the ticks that pass and saves the console's input. Returns SR's error bits. Sleeping stops
   the cycle counter, so time is counted in ticks; a pending interrupt, though masked, ends the sleep. */
RAMFUNC static uint32_t wait_for_erase(struct flash_regs *flash, struct missed *missed)
{
    while (flash->SR & FLASH_BUSY) {
        if (SCB->ICSR & SCB_ICSR_PENDSTSET_Msk) {
            SCB->ICSR = SCB_ICSR_PENDSTCLR_Msk;
            IWDG->KR = 0xAAAA; /* a script's watchdog may be shorter than an erase; no effect when it is not started */
            if (++missed->ms >= ERASE_TIMEOUT_MS) {
                return FLASH_SR_ERRORS;
            }
        }
        missed->input += uart_poll_receiver(BOARD_CONSOLE_UART, saved_input + missed->input, sizeof saved_input - missed->input);
        __DSB();
        __WFI();
    }
    return flash->SR & FLASH_SR_WRITE_ERRORS;
}

/* A word takes 0.1 ms: shorter than the console's receiver can hold bytes, and than a tick. */
RAMFUNC static uint32_t wait_for_program(struct flash_regs *flash)
{
    for (uint32_t polls = 0; flash->SR & FLASH_BUSY; polls++) {
        if (polls == PROGRAM_POLLS) {
            return FLASH_SR_ERRORS;
        }
    }
    return flash->SR & FLASH_SR_WRITE_ERRORS;
}

RAMFUNC static uint32_t flash_erase_sector(struct flash_regs *flash, unsigned sector, struct missed *missed)
{
    flash->CR = FLASH_CR_SER | FLASH_CR_PSIZE_64 | FLASH_CR_SNB(sector);
    flash->CR |= FLASH_CR_START;
    __DSB();
    uint32_t errors = wait_for_erase(flash, missed);
    flash->CR = 0;
    return errors;
}

RAMFUNC static uint32_t flash_program_word(struct flash_regs *flash, volatile uint32_t *to, const uint32_t *from)
{
    flash->CR = FLASH_CR_PG | FLASH_CR_PSIZE_64;
    __DSB();
    for (unsigned i = 0; i < FLASH_WORD / 4; i++) {
        to[i] = from[i];
    }
    __DSB();
    uint32_t errors = wait_for_program(flash);
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

/* An erase sleeps, and every pending interrupt would wake it, masked or not: only the tick and the console's receiver may. */
static void erase_sleeping(struct flash_regs *flash, unsigned sector, struct missed *missed, uint32_t *errors)
{
    uint32_t enabled[8];
    int console = uart_hold(BOARD_CONSOLE_UART);
    for (int i = 0; i < 8; i++) {
        enabled[i] = NVIC->ISER[i];
        NVIC->ICER[i] = enabled[i] & ~(console / 32 == i && console >= 0 ? BIT(console % 32) : 0);
    }
    *errors = flash_erase_sector(flash, sector, missed);
    for (int i = 0; i < 8; i++) {
        NVIC->ISER[i] = enabled[i];
    }
    uart_release(BOARD_CONSOLE_UART);
}

/* One operation with interrupts off, and afterwards what they would have done. `from` NULL: erase the sector at the address. */
static bool operate(uint32_t address, const uint32_t *from)
{
    uint32_t offset = address - FLASH_INTERNAL_BASE;
    struct flash_regs *flash = FLASH_BANK(offset / BANK_SIZE);
    struct missed missed = { 0, 0 };
    uint32_t state = irq_disable();
    unlock(flash);
    uint32_t errors;
    if (from) {
        errors = flash_program_word(flash, (volatile uint32_t *)address, from);
    } else {
        erase_sleeping(flash, offset % BANK_SIZE / SECTOR_SIZE, &missed, &errors);
    }
    flash->CR = FLASH_CR_LOCK;
    system_add_ms(missed.ms);
    if (missed.input) {
        uart_replay(BOARD_CONSOLE_UART, saved_input, missed.input);
    }
    irq_restore(state);
    cache_invalidate((void *)address, from ? FLASH_WORD : SECTOR_SIZE);
    return !errors;
}

bool flash_erase(uint32_t address, size_t size)
{
    if (address % SECTOR_SIZE || size % SECTOR_SIZE || protected_range(address, size)) {
        return false;
    }
    for (size_t done = 0; done < size; done += SECTOR_SIZE) {
        if (!operate(address + done, NULL)) {
            return false;
        }
    }
    return true;
}

bool flash_program(uint32_t address, const void *data, size_t size)
{
    if (address % FLASH_WORD || size % FLASH_WORD || protected_range(address, size)) {
        return false;
    }
    for (size_t done = 0; done < size; done += FLASH_WORD) {
        uint32_t word[FLASH_WORD / 4], back[FLASH_WORD / 4];
        memcpy(word, (const uint8_t *)data + done, FLASH_WORD);
        if (!operate(address + done, word) || !flash_read(address + done, back, sizeof back) || memcmp(back, word, sizeof word)) {
            return false;
        }
    }
    return true;
}

bool flash_read(uint32_t address, void *data, size_t size)
{
    if (!size || size % 4 || address % 4 || address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE
        || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE) {
        return false;
    }
    struct flash_regs *flash = FLASH_BANK((address - FLASH_INTERNAL_BASE) / BANK_SIZE);
    flash->CCR = FLASH_SR_DBECCERR;
    bool good = fault_copy(data, (const void *)address, size) && !(flash->SR & FLASH_SR_DBECCERR);
    if (!good) {
        flash->CCR = FLASH_SR_DBECCERR;
        cache_invalidate((void *)(address & ~31u), size + 32);
    }
    return good;
}
