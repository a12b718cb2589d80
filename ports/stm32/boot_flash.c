/* SPDX-License-Identifier: MIT */
/* The bootloader's flash: reads that never fault, an erase in which the host is served, words that are only programmed when they are erased. */
#include <string.h>
#include "board.h"
#include "boot_stm32.h"
#include "flash_bank.h"

static bool ours(uint32_t address, size_t size)
{
    return address >= FLASH_INTERNAL_BASE && size <= FLASH_INTERNAL_SIZE && address - FLASH_INTERNAL_BASE <= FLASH_INTERNAL_SIZE - size &&
           (address >= PART_BOOTLOADER_BASE + PART_BOOTLOADER_SIZE || address + size <= PART_BOOTLOADER_BASE);
}

int boot_flash_read(void *context, uint32_t address, void *data, size_t size)
{
    uint8_t *to = data;
    (void)context;
    boot_feed_watchdog();
    if ((address | (uintptr_t)data) % 4 == 0 && size >= 4) {
        size_t words = size & ~(size_t)3;
        if (!flash_read(address, to, words)) {
            return -1;
        }
        address += words;
        to += words;
        size -= words;
    }
    while (size) {
        uint32_t word[FLASH_WORD / 4], offset = address % FLASH_WORD;
        size_t n = size < FLASH_WORD - offset ? size : FLASH_WORD - offset;
        if (!flash_read(address - offset, word, sizeof word)) {
            return -1;
        }
        memcpy(to, (const uint8_t *)word + offset, n);
        address += n;
        to += n;
        size -= n;
    }
    return 0;
}

static bool always(void) { return true; }

int boot_flash_erase(void *context, uint32_t address, uint32_t size)
{
    (void)context;
    if (size != FLASH_SECTOR_SIZE || address % FLASH_SECTOR_SIZE || !ours(address, size)) {
        return -1;
    }
    struct flash_bank_regs *bank = flash_bank_of(address);
    uint32_t start = boot_time_ms(NULL);
    flash_bank_unlock(bank);
    flash_bank_begin_erase(bank, address);
    while ((bank->SR & FLASH_BUSY) && boot_time_ms(NULL) - start < FLASH_ERASE_TIMEOUT_MS) {
        boot_feed_watchdog();
        boot_usb_serve();
        boot_sleep_if(always);
    }
    bool done = !(bank->SR & FLASH_BUSY);
    uint32_t errors = flash_bank_end(bank);
    flash_bank_lock(bank);
    return done && !errors ? 0 : -1;
}

/* A second write to a word leaves it unreadable: what isn't erased is refused, and stays as it is. */
static bool erased(uint32_t address)
{
    uint32_t word[FLASH_WORD / 4], all = UINT32_MAX;
    if (!flash_read(address, word, sizeof word)) {
        return false;
    }
    for (unsigned i = 0; i < FLASH_WORD / 4; i++) {
        all &= word[i];
    }
    return all == UINT32_MAX;
}

int boot_flash_program(void *context, uint32_t address, const void *data, size_t size)
{
    (void)context;
    if (address % FLASH_WORD || size % FLASH_WORD || !ours(address, size)) {
        return -1;
    }
    for (size_t done = 0; done < size; done += FLASH_WORD) {
        boot_feed_watchdog();
        if (!erased(address + done)) {
            return -1;
        }
        struct flash_bank_regs *bank = flash_bank_of(address + done);
        flash_bank_unlock(bank);
        uint32_t errors = flash_bank_program(bank, address + done, (const uint8_t *)data + done);
        flash_bank_lock(bank);
        if (errors) {
            return -1;
        }
    }
    return 0;
}
