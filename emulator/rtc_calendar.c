/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calendar of an STM32 RTC (rtc_calendar.h). */
#include "qemu/osdep.h"

#include "qemu/bitops.h"
#include "rtc_calendar.h"

enum { DAY = 24 * 3600, PM = 1u << 22, MASK_SECONDS = 1u << 7, MASK_MINUTES = 1u << 15, MASK_HOURS = 1u << 23, WEEKDAY_CHOSEN = 1u << 30 };
#define MASK_DATE (1u << 31)

static unsigned from_bcd(uint32_t bcd)
{
    return (bcd >> 4) * 10 + (bcd & 15);
}

static uint32_t to_bcd(unsigned value)
{
    return value / 10 << 4 | value % 10;
}

static unsigned days_in_month(const RtcCalendar *c)
{
    static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return c->month == 2 && c->year % 4 == 0 ? 29 : days[(c->month - 1) % 12];
}

static void next_day(RtcCalendar *c)
{
    c->weekday = c->weekday % 7 + 1;
    if (++c->day <= days_in_month(c)) {
        return;
    }
    c->day = 1;
    if (++c->month > 12) {
        c->month = 1;
        c->year = (c->year + 1) % 100;
    }
}

static void previous_day(RtcCalendar *c)
{
    c->weekday = c->weekday > 1 ? c->weekday - 1 : 7;
    if (--c->day) {
        return;
    }
    if (!--c->month) {
        c->month = 12;
        c->year = (c->year + 99) % 100;
    }
    c->day = days_in_month(c);
}

void rtc_calendar_advance(RtcCalendar *c, int64_t seconds)
{
    seconds += (c->hour * 60 + c->minute) * 60 + c->second;
    if (seconds < 0) {
        previous_day(c);
        seconds += DAY;
    }
    for (; seconds >= DAY; seconds -= DAY) {
        next_day(c);
    }
    c->hour = seconds / 3600;
    c->minute = seconds / 60 % 60;
    c->second = seconds % 60;
}

uint32_t rtc_calendar_time(const RtcCalendar *c)
{
    return to_bcd(c->hour) << 16 | to_bcd(c->minute) << 8 | to_bcd(c->second);
}

uint32_t rtc_calendar_date(const RtcCalendar *c)
{
    return to_bcd(c->year) << 16 | c->weekday << 13 | to_bcd(c->month) << 8 | to_bcd(c->day);
}

void rtc_calendar_set_time(RtcCalendar *c, uint32_t tr)
{
    c->hour = (from_bcd(extract32(tr, 16, 6)) + (tr & PM ? 12 : 0)) % 24;
    c->minute = from_bcd(extract32(tr, 8, 7)) % 60;
    c->second = from_bcd(extract32(tr, 0, 7)) % 60;
}

void rtc_calendar_set_date(RtcCalendar *c, uint32_t dr)
{
    c->year = from_bcd(extract32(dr, 16, 8)) % 100;
    c->weekday = extract32(dr, 13, 3);
    c->month = CLAMP(from_bcd(extract32(dr, 8, 5)), 1u, 12u);
    c->day = CLAMP(from_bcd(extract32(dr, 0, 6)), 1u, 31u);
}

bool rtc_calendar_matches(const RtcCalendar *c, uint32_t alarm)
{
    unsigned day = alarm & WEEKDAY_CHOSEN ? extract32(alarm, 24, 4) : from_bcd(extract32(alarm, 24, 6));

    return ((alarm & MASK_SECONDS) || c->second == from_bcd(extract32(alarm, 0, 7))) &&
           ((alarm & MASK_MINUTES) || c->minute == from_bcd(extract32(alarm, 8, 7))) &&
           ((alarm & MASK_HOURS) || c->hour == from_bcd(extract32(alarm, 16, 6))) &&
           ((alarm & MASK_DATE) || day == (alarm & WEEKDAY_CHOSEN ? c->weekday : c->day));
}
