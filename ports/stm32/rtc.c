/* SPDX-License-Identifier: MIT */
/* Calendar clock (RM0433 46), clocked by LSI: 32 kHz / (127 + 1) / (249 + 1) = 1 Hz. */
#include "rtc.h"
#include "shared/timeutils/timeutils.h"
#include "system.h"

#define PREDIV_A 127u
#define PREDIV_S 249u

static bool running;

static uint32_t to_bcd(uint32_t value) { return value / 10 << 4 | value % 10; }
static uint32_t from_bcd(uint32_t value) { return (value >> 4) * 10 + (value & 15); }
#define BCD_OF(value, tens, units) from_bcd(((value) & (tens | units)) >> units##_Pos)

static bool wait_set(reg32 *reg, uint32_t mask, uint32_t us)
{
    struct deadline d = deadline_us(us);
    while (!(*reg & mask)) {
        if (deadline_passed(&d)) {
            return false;
        }
    }
    return true;
}

/* Opens the initialisation mode (46.3.7): unlock, stop the counter. */
static bool begin_init(void)
{
    RTC->WPR = 0xCA;
    RTC->WPR = 0x53;
    RTC->ISR = RTC_ISR_INIT;
    return wait_set(&RTC->ISR, RTC_ISR_INITF, 10000);
}

static void end_init(void)
{
    RTC->ISR = ~RTC_ISR_INIT;
    RTC->WPR = 0xFF;
}

void rtc_init(void)
{
    RCC->APB4ENR |= RCC_APB4ENR_RTCAPBEN;
    (void)RCC->APB4ENR;
    PWR->CR1 |= PWR_CR1_DBP;
    if (!wait_set(&PWR->CR1, PWR_CR1_DBP, 1000)) {
        return;
    }
    RCC->CSR |= RCC_CSR_LSION;
    if (!wait_set(&RCC->CSR, RCC_CSR_LSIRDY, 10000)) {
        return;
    }
    if ((RCC->BDCR & RCC_BDCR_RTCSEL) != RCC_BDCR_RTCSEL_LSI) {
        /* The source can be chosen once per backup domain reset (8.7.34). */
        RCC->BDCR |= RCC_BDCR_BDRST;
        RCC->BDCR &= ~RCC_BDCR_BDRST;
        RCC->BDCR = RCC_BDCR_RTCSEL_LSI;
    }
    RCC->BDCR |= RCC_BDCR_RTCEN;
    running = true;
    if (!(RTC->ISR & RTC_ISR_INITS)) {
        running = begin_init();
        RTC->PRER = PREDIV_S;
        RTC->PRER = PREDIV_A << 16 | PREDIV_S;
        RTC->CR |= RTC_CR_BYPSHAD; /* read the counters themselves: no shadow registers to wait for */
        end_init();
        rtc_set(&(struct rtc_time){ .year = 2000, .month = 1, .day = 1, .weekday = 5 });
    }
}

bool rtc_set(const struct rtc_time *t)
{
    if (!running || t->year < 2000 || t->year > 2099 || !begin_init()) {
        return false;
    }
    RTC->TR = FIELD(RTC_TR_HU, to_bcd(t->hour)) | FIELD(RTC_TR_MNU, to_bcd(t->minute)) | FIELD(RTC_TR_SU, to_bcd(t->second));
    RTC->DR = FIELD(RTC_DR_YU, to_bcd(t->year - 2000u)) | FIELD(RTC_DR_WDU, t->weekday + 1u) | FIELD(RTC_DR_MU, to_bcd(t->month))
        | FIELD(RTC_DR_DU, to_bcd(t->day));
    end_init();
    return true;
}

bool rtc_get(struct rtc_time *t)
{
    uint32_t ssr, tr, dr;
    if (!running) {
        *t = (struct rtc_time){ .year = 2000, .month = 1, .day = 1, .weekday = 5 };
        return false;
    }
    /* Without shadow registers the three may belong to different seconds: read until two rounds agree. */
    for (unsigned tries = 0; tries < 10; tries++) {
        ssr = RTC->SSR;
        tr = RTC->TR;
        dr = RTC->DR;
        if (ssr == RTC->SSR && tr == RTC->TR && dr == RTC->DR) {
            break;
        }
    }
    t->hour = (uint8_t)BCD_OF(tr, RTC_TR_HT, RTC_TR_HU);
    t->minute = (uint8_t)BCD_OF(tr, RTC_TR_MNT, RTC_TR_MNU);
    t->second = (uint8_t)BCD_OF(tr, RTC_TR_ST, RTC_TR_SU);
    t->year = (uint16_t)(2000 + BCD_OF(dr, RTC_DR_YT, RTC_DR_YU));
    t->month = (uint8_t)BCD_OF(dr, RTC_DR_MT, RTC_DR_MU);
    t->day = (uint8_t)BCD_OF(dr, RTC_DR_DT, RTC_DR_DU);
    t->weekday = (uint8_t)((FIELD_OF(dr, RTC_DR_WDU)) - 1);
    t->microsecond = ssr <= PREDIV_S ? (PREDIV_S - ssr) * (1000000u / (PREDIV_S + 1)) : 0;
    return true;
}

uint64_t rtc_get_ns(void)
{
    struct rtc_time t;
    rtc_get(&t);
    uint64_t seconds = timeutils_seconds_since_epoch(t.year, t.month, t.day, t.hour, t.minute, t.second);
    return seconds * 1000000000ULL + t.microsecond * 1000ULL;
}

uint32_t rtc_get_backup(unsigned index) { return RTC->BKPR[index & 31]; }
void rtc_set_backup(unsigned index, uint32_t value) { RTC->BKPR[index & 31] = value; }
