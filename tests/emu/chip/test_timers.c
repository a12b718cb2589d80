/* SPDX-License-Identifier: MIT */
/* Timers, low-power timer, SysTick with WFI, EXTI, RTC (RM0433 sections 20, 38 to 43, 46). */
#include "chip.h"

static volatile unsigned ticks, edges, wakeups;

static void tim6_interrupt(void)
{
    REG(TIM6 + 0x10) = 0;
    ticks++;
}

static void exti3_interrupt(void)
{
    REG(EXTI + 0x88) = 8;
    edges++;
}

static void systick(void)
{
    ticks++;
}

static void wakeup_interrupt(void)
{
    REG(RTC + 0xc) = ~(1u << 10) & ~0x80u;
    REG(EXTI + 0x88) = 1u << 19;
    wakeups++;
}

static void test_update(void)
{
    REG(TIM6 + 0x28) = 63;                              /* 1 MHz */
    REG(TIM6 + 0x2c) = 999;
    REG(TIM6 + 0x14) = 1;
    check_equal("UG sets UIF", REG(TIM6 + 0x10), 1);
    REG(TIM6 + 0x10) = 0;
    on_interrupt(54, tim6_interrupt);
    REG(TIM6 + 0x0c) = 1;
    REG(TIM6) = 1;
    wait_us(10500);
    uint32_t count = REG(TIM6 + 0x24), seen = ticks, at_update, later;

    REG(TIM6 + 0x28) = 127;
    wait_us(600);
    at_update = ticks;
    wait_us(1000);
    later = ticks;
    wait_us(1000);
    check_equal("updates in 10.5 ms", seen, 10);
    check_near("the counter is half-way", (int32_t)count, 500, 5);
    check_equal("the prescaler's new value waited for the update", at_update, 11);
    check_equal("then a period takes twice as long", later, 11);
    check_equal("twice as long", ticks, 12);
    REG(TIM6) = 0;
    count = REG(TIM6 + 0x24);
    wait_us(100);
    check_equal("stopped, it stands still", REG(TIM6 + 0x24), count);
    REG(TIM6 + 0x24) = 0;
    REG(TIM6) = 1 | 8;
    wait_us(3000);
    check_equal("one pulse: CEN clears itself", REG(TIM6), 8);
}

static void test_compare(void)
{
    uint32_t first;

    REG(TIM2 + 0x28) = 63;
    REG(TIM2 + 0x34) = 300;
    REG(TIM2 + 0x38) = 700;
    REG(TIM2 + 0x14) = 1;
    REG(TIM2 + 0x10) = 0;
    REG(TIM2) = 1;
    wait_us(500);
    first = REG(TIM2 + 0x10);
    wait_us(300);
    check_equal("compare 1 matched, 2 not yet", first, 2);
    check_equal("both matched", REG(TIM2 + 0x10), 6);
    REG(TIM2 + 0x10) = ~2u;
    check_equal("writing 0 clears one flag", REG(TIM2 + 0x10), 4);
    REG(TIM2 + 0x24) = 0xfffffff0;
    wait_us(30);
    check_near("32 bits wrap", (int32_t)REG(TIM2 + 0x24), 14, 4);
    check_equal("and update", REG(TIM2 + 0x10) & 1, 1);
    REG(TIM1 + 0x30) = 2;
    REG(TIM1 + 0x28) = 63;
    REG(TIM1 + 0x2c) = 99;
    REG(TIM1 + 0x14) = 1;
    REG(TIM1 + 0x10) = 0;
    REG(TIM1) = 1;
    wait_us(250);
    first = REG(TIM1 + 0x10);
    wait_us(100);
    check_equal("repetition counter: no update yet", first & 1, 0);
    check_equal("repetition counter: update", REG(TIM1 + 0x10) & 1, 1);
}

static void test_lptim(void)
{
    REG(LPTIM1 + 0x0c) = 5u << 9;                       /* 64 MHz / 32 */
    REG(LPTIM1 + 0x10) = 1;
    REG(LPTIM1 + 0x18) = 1999;
    REG(LPTIM1 + 0x14) = 999;
    check_equal("LPTIM: ARROK, CMPOK", REG(LPTIM1), 0x18);
    REG(LPTIM1 + 0x10) = 1 | 2;
    wait_us(700);
    uint32_t half = REG(LPTIM1);

    wait_us(400);
    check_equal("LPTIM: compare", half & 3, 1);
    check_equal("LPTIM: reload", REG(LPTIM1) & 3, 3);
}

static void test_systick(void)
{
    uint32_t start;

    on_exception(15, systick);
    REG(0xe000e014) = 63999;
    REG(0xe000e018) = 0;
    REG(0xe000e010) = 7;                                /* the core's clock, with interrupt */
    start = cycles();
    for (int i = 0; i < 10; i++) {
        __asm volatile("wfi");
    }
    check_near("ten WFI with SysTick, us", (int32_t)((cycles() - start) / 64), 10000, 200);
    REG(0xe000e010) = 1;
    REG(0xe000e014) = 7999;
    REG(0xe000e018) = 0;
    (void)REG(0xe000e010);
    start = cycles();
    while (!(REG(0xe000e010) & 1u << 16)) {
    }
    check_near("SysTick from its reference, us", (int32_t)((cycles() - start) / 64), 1000, 20);
    REG(0xe000e010) = 0;
}

static void test_exti(void)
{
    REG(RCC_APB4ENR) |= 2;
    (void)REG(RCC_APB4ENR);
    REG(SYSCFG + 8) = 4u << 12;                         /* line 3 from port E */
    pin_output(GPIOE, 3, false);
    REG(EXTI) = 8;
    REG(EXTI + 0x80) |= 8;
    on_interrupt(9, exti3_interrupt);
    REG(GPIOE + 0x18) = 8;
    check_equal("rising edge", edges, 1);
    REG(GPIOE + 0x18) = 8u << 16;
    check_equal("falling edge isn't asked for", edges, 1);
    REG(EXTI + 4) = 8;
    REG(GPIOE + 0x18) = 8;
    REG(GPIOE + 0x18) = 8u << 16;
    check_equal("both edges", edges, 3);
    REG(SYSCFG + 8) = 0;
    REG(GPIOE + 0x18) = 8;
    check_equal("another port's pin", edges, 3);
    REG(EXTI + 8) = 8;
    check_equal("software", edges, 4);
}

static void test_rtc(void)
{
    check_equal("BDCR is protected", (REG(RCC_BDCR) = 1u << 15, REG(RCC_BDCR)), 0);
    REG(RTC + 0x50) = 1;
    check_equal("so are the backup registers", REG(RTC + 0x50), 0);
    open_backup_domain();
    REG(RTC + 0x50) = 0xcafe;
    check_equal("backup register", REG(RTC + 0x50), 0xcafe);
    REG(RTC) = 0x123456;
    check_equal("the calendar is protected by WPR", REG(RTC) & 0xffff00, 0);
    REG(RTC + 0x24) = 0xca;
    REG(RTC + 0x24) = 0x53;
    REG(RTC + 0xc) = 0x80;
    check_equal("init mode takes two clocks", REG(RTC + 0xc) & 0x40, 0);
    check_equal("INITF", wait_for(RTC + 0xc, 0x40, 0x40, 100), true);
    REG(RTC + 0x10) = 0x7f << 16 | 249;                 /* 32000 Hz */
    REG(RTC) = 0x235958;
    REG(RTC + 4) = 0x24u << 16 | 3u << 13 | 0x228;      /* 28 February 2024 */
    REG(RTC + 0xc) = 0;
    sleep_ms(3100);
    check_equal("three seconds later", REG(RTC), 0x000001);
    check_equal("the leap day", REG(RTC + 4), 0x24u << 16 | 4u << 13 | 0x229);
    check_equal("INITS", REG(RTC + 0xc) & 0x10, 0x10);
    REG(EXTI) |= 1u << 19;
    REG(EXTI + 0x80) |= 1u << 19;
    on_interrupt(3, wakeup_interrupt);
    REG(RTC + 0x14) = 199;                              /* 200 * 16 / 32000: 100 ms */
    REG(RTC + 8) = 1u << 14 | 1u << 10;
    sleep_ms(350);
    check_equal("wake-up timer", wakeups, 3);
    REG(RTC + 8) = 0;
    REG(RTC + 0x1c) = 1u << 31 | 1u << 23 | 1u << 15 | 0x03;
    REG(RTC + 8) = 1u << 8;
    sleep_ms(4000);
    check_equal("alarm A", REG(RTC + 0xc) & 1u << 8, 1u << 8);
}

void guest_main(void)
{
    REG(RCC_APB1LENR) |= 0x201 | 1u << 4;
    REG(RCC_APB2ENR) |= 1;
    (void)REG(RCC_APB2ENR);
    test_update();
    test_compare();
    test_lptim();
    test_systick();
    test_exti();
    test_rtc();
}
