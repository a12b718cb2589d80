/* SPDX-License-Identifier: MIT */
/* Reset button, power and a pin, pressed from outside while the guest waits; what flash and SRAM keep. */
#include "chip.h"

enum { STEP = RTC + 0x50, MARK = SRAM1 + 0x100, WORD = 0x08120000, TORN = 0x08120020, KEYR2 = FLASH_R + 0x104, CR2 = FLASH_R + 0x10c,
       SR2 = FLASH_R + 0x110, CCR2 = FLASH_R + 0x114 };

static void program(uint32_t address, uint32_t value)
{
    for (uint32_t i = 0; i < 8; i++) {
        REG(address + 4 * i) = value;
    }
}

/* Eight words of the sector that is erased when power goes. */
static void fill_sector(void)
{
    REG(CR2) = 0x32;
    for (uint32_t at = 0x08140000; at < 0x08140000 + 8 * 32; at += 32) {
        program(at, 0);
        wait_for(SR2, 5, 0, 1000);
    }
}

void guest_main(void)
{
    uint32_t flags = REG(RCC_RSR) & 0x5dfa0000;

    REG(PWR) |= 1u << 8;
    REG(RCC_AHB2ENR) |= 1u << 29;
    (void)REG(RCC_AHB2ENR);
    REG(RCC_RSR) = 1u << 16;
    if (REG(STEP) == 1) {
        REG(GPIOD) &= ~(3u << 24);
        REG(GPIOD + 0xc) |= 1u << 24;
        check_equal("PD12 is pulled up", REG(GPIOD + 0x10) >> 12 & 1, 1);
        for (int i = 0; i < 60000 && REG(GPIOD + 0x10) >> 12 & 1; i++) {
            sleep_ms(1);
        }
        check_equal("until it is driven low", REG(GPIOD + 0x10) >> 12 & 1, 0);
        check_equal("NRST flags", flags, 1u << 22 | 1u << 17);
        check_equal("SRAM1 survives NRST", REG(MARK), 0x5eaf00d);
        REG(STEP) = 2;
        REG(KEYR2) = 0x45670123;
        REG(KEYR2) = 0xcdef89ab;
        for (;;) {                                      /* power goes half a second into the first of these erases of 2 s */
            REG(CR2) = 4 | 2 << 8;
            REG(CR2) = 4 | 2 << 8 | 0x80;
            wait_for(SR2, 5, 0, 5000000);
            fill_sector();
        }
    }
    check_equal("power-on flags", flags, 0x00fa0000);
    if (REG(WORD) == 0xffffffff) {
        REG(KEYR2) = 0x45670123;
        REG(KEYR2) = 0xcdef89ab;
        REG(CR2) = 0x32;
        program(WORD, 0x600dda7a);
        wait_for(SR2, 5, 0, 1000);
        fill_sector();
        REG(CR2) = 0x31;
        open_backup_domain();
        REG(MARK) = 0x5eaf00d;
        REG(STEP) = 1;
        check_equal("flash programmed", REG(WORD), 0x600dda7a);
        for (;;) {
            sleep_ms(1000);
        }
    }
    check_equal("flash keeps what was programmed", REG(WORD), 0x600dda7a);
    check_equal("SRAM1 doesn't", REG(MARK) == 0x5eaf00d, false);
    check_equal("nor do the backup registers", REG(STEP), 0);
    check_equal("the sector being erased is neither old nor clean", read_faults(0x08140000 + 32), true);
    quit();
}
