/* SPDX-License-Identifier: MIT */
/* Stop and Standby (RM0433 sections 6.7.3 to 6.7.10): what stands still, what goes on, what wakes the chip, what is left then. */
#include "chip.h"

enum {
    STEP = RTC + 0x50, MARK = SRAM1 + 0x100, CPUCR = PWR + 0x10, WKUPCR = PWR + 0x20, WKUPFR = PWR + 0x24, WKUPEPR = PWR + 0x28,
    LPTIM1_CNT = LPTIM1 + 0x1c, SCR = 0xe000ed10, SLEEPDEEP = 4, STOPF = 1 << 5, SBF = 7 << 6, CSSF = 1 << 9, LINE_19 = 1 << 19,
};

static volatile uint32_t ticks, wakeups;

static void tick(void)
{
    ticks++;
}

static void clear_wakeup(void)
{
    REG(RTC + 0x0c) = ~(1u << 10) & ~(1u << 7);         /* WUTF, and INIT stays 0 */
    REG(EXTI + 0x88) = LINE_19;
}

static void woken(void)
{
    wakeups++;
    clear_wakeup();
}

/* The RTC's wake-up timer, at 2 kHz (LSI / 16). */
static void wake_after(uint32_t half_ms)
{
    REG(RTC + 0x24) = 0xca;
    REG(RTC + 0x24) = 0x53;
    REG(RTC + 0x08) = 0;
    wait_for(RTC + 0x0c, 4, 4, 10000);                  /* WUTWF */
    REG(RTC + 0x14) = half_ms - 1;
    clear_wakeup();
    REG(RTC + 0x08) = 1u << 10 | 1u << 14;
}

static void wait_for_interrupt(void)
{
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    __asm volatile("dsb \n wfi \n isb");
}

static void test_stop(void)
{
    REG(RCC + 0x54) |= 4u << 28;                        /* the LSI clocks LPTIM1 */
    REG(RCC_APB1LENR) |= 1u << 9 | 1;
    (void)REG(RCC_APB1LENR);
    REG(LPTIM1 + 0x10) = 1;
    REG(LPTIM1 + 0x18) = 0xffff;
    REG(LPTIM1 + 0x10) = 5;
    REG(TIM2) = 1;
    REG(EXTI) |= LINE_19;
    REG(EXTI + 0x80) |= LINE_19;
    on_interrupt(3, woken);
    on_exception(15, tick);
    REG(0xe000e014) = CPU_HZ / 1000 - 1;
    REG(0xe000e018) = 0;
    wake_after(200);
    REG(RCC) |= 1u << 16;
    wait_for(RCC, 1u << 17, 1u << 17, 1000);
    uint32_t low_power = REG(LPTIM1_CNT), timer = REG(TIM2 + 0x24);

    REG(0xe000e010) = 7;
    REG(SCR) |= SLEEPDEEP;
    wait_for_interrupt();
    REG(0xe000e010) = 0;
    REG(SCR) &= ~(uint32_t)SLEEPDEEP;
    low_power = REG(LPTIM1_CNT) - low_power;
    timer = REG(TIM2 + 0x24) - timer;
    check_equal("Stop: the RTC's wake-up ended it", wakeups, 1);
    check_near("LPTIM on the LSI went on for 100 ms", (int32_t)low_power, 3200, 40);
    check_equal("TIM2 stood still", timer < CPU_HZ / 100, true);
    check_equal("and SysTick", ticks < 3, true);
    check_equal("STOPF", REG(CPUCR) & (STOPF | SBF), STOPF);
    check_equal("the HSE is off", REG(RCC) & 3u << 16, 0);
    check_equal("the core runs on the HSI", REG(RCC + 0x10) & 0x3f, 0);
    REG(CPUCR) |= CSSF;
    check_equal("CSSF clears STOPF", REG(CPUCR) & STOPF, 0);
    wake_after(20);
    timer = REG(TIM2 + 0x24);
    wait_for_interrupt();
    timer = REG(TIM2 + 0x24) - timer;
    check_near("Sleep, without SLEEPDEEP: TIM2 goes on", (int32_t)timer, CPU_HZ / 100, CPU_HZ / 1000);
}

static void enter_standby(uint32_t step)
{
    REG(STEP) = step;
    REG(MARK) = 0x5eaf00d;
    REG(BACKUP_SRAM) = 0xbac00d;
    REG(CPUCR) |= CSSF;
    REG(CPUCR) |= 7;
    REG(SCR) |= SLEEPDEEP;
    wait_for_interrupt();
    put_text("FAIL Standby: expected none, got an instruction after it\n");
}

void guest_main(void)
{
    uint32_t flags = REG(RCC_RSR) & 0x5dfa0000, lsi = REG(RCC_CSR);

    REG(PWR) |= 1u << 8;
    REG(RCC_RSR) = 1u << 16;
    REG(RCC_APB4ENR) |= 1u << 16;
    REG(RCC_AHB4ENR) |= 1u << 28 | 1;
    REG(RCC_AHB2ENR) |= 1u << 29;
    (void)REG(RCC_AHB2ENR);
    switch (REG(STEP)) {
    case 0:
        open_backup_domain();
        REG(PWR + 8) |= 1;
        check_equal("the backup regulator is ready", wait_for(PWR + 8, 1u << 16, 1u << 16, 1000), true);
        test_stop();
        wake_after(100);
        enter_standby(1);
        break;
    case 1:
        check_equal("Standby: the RTC ended it", REG(RTC + 0x0c) >> 10 & 1, 1);
        check_equal("SBF", REG(CPUCR) & (STOPF | SBF), SBF);
        check_equal("reset flags", flags, 1u << 20 | 1u << 19 | 1u << 17);
        check_equal("the LSI has run", lsi & 3, 3);
        check_equal("SRAM1 is lost", REG(MARK) == 0x5eaf00d, false);
        check_equal("the backup SRAM is not", REG(BACKUP_SRAM), 0xbac00d);
        REG(RTC + 0x24) = 0xca;
        REG(RTC + 0x24) = 0x53;
        REG(RTC + 0x08) = 0;
        clear_wakeup();
        REG(WKUPEPR) = 1 | 2u << 16;                    /* WKUP1, PA0: rising, pulled down */
        REG(WKUPCR) = 0x3f;
        check_equal("no wake-up flag is up", REG(WKUPFR), 0);
        put_text("PASS Standby until PA0 rises\n");
        enter_standby(2);
        break;
    default:
        check_equal("PA0 ended it", REG(WKUPFR), 1);
        check_equal("WKUPEPR is kept", REG(WKUPEPR), 1 | 2u << 16);
        check_equal("SBF again", REG(CPUCR) & SBF, SBF);
        REG(WKUPCR) = 1;
        check_equal("the flag clears", REG(WKUPFR), 0);
        quit();
    }
}
