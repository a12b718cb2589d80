/* SPDX-License-Identifier: MIT */
/* Another board's crystal: the machine's property "hse" is what the core runs at once it is switched to the HSE (RM0433 section 8.5.2). */
#include "chip.h"

enum { LPTIM1_CNT = LPTIM1 + 0x1c, MS = 32 };

void guest_main(void)
{
    open_backup_domain();                               /* the LSI, 32 kHz */
    REG(RCC + 0x54) |= 4u << 28;                        /* D2CCIP2R: it clocks LPTIM1 */
    REG(RCC_APB1LENR) |= 1u << 9 | 1;
    (void)REG(RCC_APB1LENR);
    REG(LPTIM1 + 0x10) = 1;
    REG(LPTIM1 + 0x18) = 0xffff;
    REG(LPTIM1 + 0x10) = 5;
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    REG(RCC) |= 1u << 16;
    check_equal("the HSE is ready", wait_for(RCC, 1u << 17, 1u << 17, 1000), true);
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    REG(RCC + 0x10) = 2;
    while ((REG(RCC + 0x10) >> 3 & 7) != 2) {
    }
    uint32_t from = REG(LPTIM1_CNT);

    REG(TIM2) = 1;
    while (REG(LPTIM1_CNT) - from < 20 * MS) {
    }
    uint32_t counts = REG(TIM2 + 0x24);

    REG(RCC + 0x10) = 0;                                /* the console's speed is the HSI's */
    while (REG(RCC + 0x10) >> 3 & 7) {
    }
    check_near("20 ms at 25 MHz", (int32_t)counts, 500000, 1000);
}
