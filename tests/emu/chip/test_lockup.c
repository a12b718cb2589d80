/* SPDX-License-Identifier: MIT */
/* A fault in the HardFault handler: the core locks up (ARMv7-M ARM B1.5.15), time goes on, and the watchdog resets the chip. */
#include "chip.h"

enum { STEP = RTC + 0x50 };

__attribute__((naked)) static void fault_again(void)
{
    __asm volatile("udf #0");
}

void guest_main(void)
{
    uint32_t flags = REG(RCC_RSR);

    REG(RCC_APB4ENR) |= 1u << 16;
    open_backup_domain();
    REG(RCC_RSR) = 1u << 16;
    if (REG(STEP) == 0) {
        REG(STEP) = 1;
        on_exception(3, fault_again);
        REG(IWDG) = 0xcccc;
        REG(IWDG) = 0x5555;
        REG(IWDG + 8) = 100;
        put_text("PASS a fault, and another one in its handler\n");
        while (!(REG(USART3 + 0x1c) & 1u << 6)) {
        }
        fault_again();
        put_text("FAIL lockup: expected none, got an instruction after it\n");
    }
    check_equal("the watchdog ended the lock-up", flags >> 26 & 1, 1);
    quit();
}
