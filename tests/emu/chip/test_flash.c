/* SPDX-License-Identifier: MIT */
/* Flash: unlocking, erasing, programming words of 256 bits, every error flag, option bytes (RM0433 section 4). */
#include "chip.h"

enum {
    SECTOR = 0x08120000, WRITTEN = 0x080e0000,          /* bank 2 sector 1, bank 1 sector 7 */
    KEYR = FLASH_R + 4, CR = FLASH_R + 0xc, SR = FLASH_R + 0x10, CCR = FLASH_R + 0x14, BANK2 = 0x100,
    EOP = 1u << 16, WRPERR = 1u << 17, PGSERR = 1u << 18, STRBERR = 1u << 19, INCERR = 1u << 21, DBECCERR = 1u << 26, ALL = 0x0fef0000,
};

static void unlock(uint32_t bank)
{
    REG(KEYR + bank) = 0x45670123;
    REG(KEYR + bank) = 0xcdef89ab;
}

static bool wait_ms(uint32_t address, uint32_t mask, uint32_t ms)
{
    for (; ms && (REG(address) & mask); ms -= 10) {
        sleep_ms(10);
    }
    return !(REG(address) & mask);
}

static void erase(uint32_t bank, unsigned sector)
{
    REG(CR + bank) = 0x30 | 4 | sector << 8;
    REG(CR + bank) = 0x30 | 4 | sector << 8 | 0x80;
    check_equal("erase: busy", REG(SR + bank) & 5, 5);
    check_equal("erase: ends", wait_ms(SR + bank, 5, 3000), true);
    check_equal("erase: EOP", REG(SR + bank) & ALL, EOP);
    REG(CCR + bank) = ALL;
    REG(CR + bank) = 0x30;
}

static void program(uint32_t address, uint32_t seed)
{
    for (uint32_t i = 0; i < 8; i++) {
        REG(address + 4 * i) = seed + i;
    }
}

static void test_program(void)
{
    uint32_t start;

    REG(SECTOR) = 0;
    check_equal("write while locked: PGSERR", REG(SR + BANK2) & ALL, PGSERR);
    REG(CCR + BANK2) = ALL;
    REG(CR + BANK2) = 2;
    check_equal("CR2 is locked", REG(CR + BANK2), 0x31);
    unlock(BANK2);
    check_equal("CR2 unlocks", REG(CR + BANK2), 0x30);
    erase(BANK2, 1);
    REG(CR + BANK2) = 0x32;
    REG(SECTOR) = 0x11223344;
    check_equal("buffer not empty: WBNE", REG(SR + BANK2) & 7, 2);
    check_equal("not programmed yet", REG(SECTOR), 0xffffffff);
    for (uint32_t i = 1; i < 8; i++) {
        REG(SECTOR + 4 * i) = i;
    }
    start = cycles();
    uint32_t status = REG(SR + BANK2), duration;
    bool ended = wait_for(SR + BANK2, 5, 0, 1000);

    duration = (cycles() - start) / 64;
    check_equal("the eighth word starts it: QW", status & 4, 4);
    check_equal("programming ends", ended, true);
    check_near("a flash word takes, us", (int32_t)duration, 100, 10);
    check_equal("EOP", REG(SR + BANK2) & ALL, EOP);
    REG(CCR + BANK2) = EOP;
    check_equal("programmed", REG(SECTOR), 0x11223344);
    check_equal("programmed, last word", REG(SECTOR + 28), 7);
    REG8(SECTOR + 32) = 0x5a;
    REG16(SECTOR + 34) = 0x1234;
    REG(CR + BANK2) = 0x32 | 0x40;                      /* FW */
    wait_for(SR + BANK2, 5, 0, 1000);
    check_equal("forced write of a part", REG(SECTOR + 32), 0x1234ff5a);
    REG(CCR + BANK2) = ALL;
    REG(CR + BANK2) = 0x32;
}

static void test_errors(void)
{
    REG(SECTOR + 64) = 1;
    REG(SECTOR + 96) = 1;
    check_equal("another word before this one is full: INCERR", REG(SR + BANK2) & ALL, INCERR);
    REG(CCR + BANK2) = ALL;
    REG(SECTOR + 64) = 1;
    REG(SECTOR + 64) = 1;
    check_equal("the same bytes twice: STRBERR", REG(SR + BANK2) & ALL, STRBERR);
    REG(CCR + BANK2) = ALL;
    check_equal("after an error nothing was programmed", REG(SECTOR + 64), 0xffffffff);
    program(SECTOR, 0x0f0f0f00);
    wait_for(SR + BANK2, 5, 0, 1000);
    check_equal("a word programmed twice faults when read", read_faults(SECTOR), true);
    check_equal("and sets DBECCERR", REG(SR + BANK2) & DBECCERR, DBECCERR);
    check_equal("its neighbour is as it was", REG(SECTOR + 32), 0x1234ff5a);
    REG(CCR + BANK2) = ALL;
    REG(CR + BANK2) = 0x30;
    erase(BANK2, 1);
    check_equal("erasing heals it", REG(SECTOR), 0xffffffff);
    REG(CR + BANK2) = 0x30 | 1;
    check_equal("LOCK", REG(CR + BANK2) & 1, 1);
    REG(KEYR + BANK2) = 1;
    unlock(BANK2);
    check_equal("after a wrong key it stays locked", REG(CR + BANK2) & 1, 1);
}

static void test_options(void)
{
    REG(FLASH_R + 0x44) = 0x1ff00804;
    check_equal("option registers are locked", REG(FLASH_R + 0x44), 0x1ff00800);
    REG(FLASH_R + 8) = 0x08192a3b;
    REG(FLASH_R + 8) = 0x4c5d6e7f;
    check_equal("OPTCR unlocks", REG(FLASH_R + 0x18) & 1, 0);
    REG(FLASH_R + 0x44) = 0x1ff00804;
    REG(FLASH_R + 0x3c) = 0x7f;                         /* WPSN_PRG1: sector 7 of bank 1 protected */
    REG(FLASH_R + 0x18) |= 2;
    check_equal("OPT_BUSY", REG(FLASH_R + 0x1c) & 1, 1);
    check_equal("option bytes programmed", wait_ms(FLASH_R + 0x1c, 1, 500), true);
    check_equal("BOOT_CUR", REG(FLASH_R + 0x40), 0x1ff00804);
    unlock(0);
    REG(CR) = 0x34 | 7 << 8;
    REG(CR) = 0x34 | 7 << 8 | 0x80;
    check_equal("erase of a protected sector: WRPERR", REG(SR) & ALL, WRPERR);
    REG(CCR) = ALL;
    REG(CR) = 0x32;
    program(WRITTEN, 0);
    check_equal("write to a protected sector: WRPERR", REG(SR) & WRPERR, WRPERR);
}

void guest_main(void)
{
    test_program();
    test_errors();
    test_options();
}
