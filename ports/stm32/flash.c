/* SPDX-License-Identifier: MIT */
/* Internal flash (RM0433 4). Erase and program run from RAM with interrupts off: a fetch from a bank that is busy stalls the processor. */
#include "flash.h"
#include <string.h>
#include "board.h"
#include "irq.h"
#include "system.h"
#include "uart.h"
#include "usb_device.h"

extern uint8_t _firmware_end[];

static bool protected_range(uint32_t address, size_t size)
{
    uint32_t end = (uint32_t)(uintptr_t)_firmware_end;
    return address < FLASH_INTERNAL_BASE || size > FLASH_INTERNAL_SIZE || address + size > FLASH_INTERNAL_BASE + FLASH_INTERNAL_SIZE
        || address < PART_FILESYSTEM_BASE || (address < end && address + size > BOARD_APP_ADDRESS);
}

/* What happens to the rest of the system while interrupts are off: time, the console's input, a reset of the USB bus. */
struct missed { uint32_t ms; size_t input; bool usb_left; uint8_t text[512]; };

/* Erases the sector that holds the address; counts the ticks that pass, saves the console's input, evades a reset of the USB bus. Returns
   SR's error bits. Sleeping stops the cycle counter, so time is counted in ticks; a pending interrupt, though masked, ends the sleep. */
RAMFUNC static uint32_t flash_erase_sector(struct flash_bank_regs *flash, uint32_t address, struct missed *missed)
{
    flash_bank_begin_erase(flash, address);
    while (flash->SR & FLASH_BUSY) {
        if (SCB->ICSR & SCB_ICSR_PENDSTSET_Msk) {
            SCB->ICSR = SCB_ICSR_PENDSTCLR_Msk;
            IWDG->KR = 0xAAAA; /* a script's watchdog may be shorter than an erase; no effect when it is not started */
            if (++missed->ms >= FLASH_ERASE_TIMEOUT_MS) {
                flash_bank_end(flash);
                return FLASH_SR_ERRORS;
            }
        }
        missed->input += uart_poll_receiver(BOARD_CONSOLE_UART, missed->text + missed->input, sizeof missed->text - missed->input);
        missed->usb_left |= usb_device_evade_reset();
        __DSB();
        __WFI();
    }
    return flash_bank_end(flash);
}

/* An erase sleeps, and every pending interrupt would wake it, masked or not: only the tick and the console's receiver may. */
static void erase_sleeping(struct flash_bank_regs *flash, uint32_t address, struct missed *missed, uint32_t *errors)
{
    uint32_t enabled[8];
    int console = uart_hold(BOARD_CONSOLE_UART);
    for (int i = 0; i < 8; i++) {
        enabled[i] = NVIC->ISER[i];
        NVIC->ICER[i] = enabled[i] & ~(console / 32 == i && console >= 0 ? BIT(console % 32) : 0);
    }
    *errors = flash_erase_sector(flash, address, missed);
    for (int i = 0; i < 8; i++) {
        NVIC->ISER[i] = enabled[i];
    }
    uart_release(BOARD_CONSOLE_UART);
}

/* One operation with interrupts off, and afterwards what they would have done. `from` NULL: erase the sector at the address. */
static bool operate(uint32_t address, const uint32_t *from)
{
    struct flash_bank_regs *flash = flash_bank_of(address);
    struct missed missed;
    missed.ms = 0;
    missed.input = 0;
    missed.usb_left = false;
    uint32_t state = irq_disable();
    flash_bank_unlock(flash);
    uint32_t errors;
    if (from) {
        errors = flash_bank_program(flash, address, from);
    } else {
        erase_sleeping(flash, address, &missed, &errors);
    }
    flash_bank_lock(flash);
    system_add_ms(missed.ms);
    if (missed.input) {
        uart_replay(BOARD_CONSOLE_UART, missed.text, missed.input);
    }
    irq_restore(state);
    cache_invalidate((void *)address, from ? FLASH_WORD : FLASH_SECTOR_SIZE);
    if (missed.usb_left) {
        usb_device_return();
    }
    return !errors;
}

bool flash_erase(uint32_t address, size_t size)
{
    if (address % FLASH_SECTOR_SIZE || size % FLASH_SECTOR_SIZE || protected_range(address, size)) {
        return false;
    }
    for (size_t done = 0; done < size; done += FLASH_SECTOR_SIZE) {
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
