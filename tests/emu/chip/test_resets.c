/* SPDX-License-Identifier: MIT */
/* What each kind of reset leaves: flags of RCC_RSR, SRAM, backup domain (RM0433 sections 8.4, 44, 45). */
#include "chip.h"

enum { STEP = RTC + 0x50, MARK = SRAM1 + 0x100, FLAGS = 0x5dfa0000 };

static void soft_reset(void)
{
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    REG(0xe000ed0c) = 0x05fa0004;
    for (;;) {
    }
}

static void wait_for_reset(void)
{
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    for (;;) {
        sleep_ms(1);
    }
}

static void check_kept(const char *ram)
{
    REG(RCC_AHB2ENR) |= 1u << 29;
    (void)REG(RCC_AHB2ENR);
    check_equal(ram, REG(MARK), 0x5eaf00d);
    check_equal("RTC clock still runs", REG(RCC_BDCR) & 0x8300, 0x8200);
}

void guest_main(void)
{
    uint32_t flags = REG(RCC_RSR) & FLAGS;

    REG(PWR) |= 1u << 8;
    REG(RCC_AHB2ENR) |= 1u << 29;
    (void)REG(RCC_AHB2ENR);
    switch (REG(STEP)) {
    case 0:
        check_equal("power-on flags", flags, 0x00fa0000);
        REG(RCC_RSR) = 1u << 16;
        check_equal("RMVF clears them", REG(RCC_RSR) & FLAGS, 0);
        open_backup_domain();
        REG(MARK) = 0x5eaf00d;
        REG(STEP) = 1;
        soft_reset();
        break;
    case 1:
        check_equal("software reset flags", flags, 1u << 24 | 1u << 22 | 1u << 17);
        check_kept("SRAM1 survives a software reset");
        check_equal("the backup domain is protected again", REG(PWR) & 0xff, 0);
        REG(STEP) = 2;
        REG(IWDG) = 0x5555;
        REG(IWDG + 4) = 0;
        REG(IWDG + 8) = 80;
        check_equal("IWDG: RVU, PVU", REG(IWDG + 0xc) != 0, true);
        REG(IWDG) = 0xcccc;
        for (int i = 0; i < 5; i++) {
            sleep_ms(5);
            REG(IWDG) = 0xaaaa;
        }
        check_equal("fed, it waits", true, true);
        wait_for_reset();
        break;
    case 2:
        check_equal("flags add up until they are cleared", flags, 1u << 26 | 1u << 24 | 1u << 22 | 1u << 17);
        check_kept("SRAM1 survives the watchdog");
        REG(RCC_RSR) = 1u << 16;
        REG(STEP) = 3;
        REG(RCC_APB3ENR) |= 1u << 6;
        REG(RCC + 0xa0) = 1;                            /* GCR.WW1RSC */
        REG(WWDG + 4) = 3u << 11 | 0x50;
        REG(WWDG) = 0xff;
        wait_for_reset();
        break;
    case 3:
        check_equal("window watchdog flags", flags, 1u << 28 | 1u << 22 | 1u << 17);
        REG(RCC_RSR) = 1u << 16;
        REG(STEP) = 4;
        REG(RCC_APB3ENR) |= 1u << 6;
        REG(WWDG + 4) = 3u << 11 | 0x50;
        REG(WWDG) = 0xff;
        REG(WWDG) = 0xff;                               /* before the window opens */
        wait_for_reset();
        break;
    case 4:
        check_equal("refreshed too early", flags, 1u << 28 | 1u << 22 | 1u << 17);
        REG(RCC_BDCR) = 1u << 16;
        check_equal("backup domain reset clears the backup registers", REG(STEP), 0);
        quit();
    }
}
