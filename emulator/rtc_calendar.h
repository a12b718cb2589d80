/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calendar of an STM32 RTC: BCD registers to a date and back, and counting on. Years are 2000 to 2099. */
#ifndef OPENMV_EMULATOR_RTC_CALENDAR_H
#define OPENMV_EMULATOR_RTC_CALENDAR_H

#include "qemu/osdep.h"

typedef struct RtcCalendar {
    unsigned year;              /* 0..99 */
    unsigned month, day;        /* 1..12, 1..31 */
    unsigned weekday;           /* 1 Monday .. 7 Sunday: counts by itself, as in the chip */
    unsigned hour, minute, second;
} RtcCalendar;

/* Adds seconds; negative ones step back, at most one day. */
void rtc_calendar_advance(RtcCalendar *c, int64_t seconds);

/* Layouts of RTC_TR, RTC_DR and RTC_ALRMAR (RM0433 section 46.6). */
uint32_t rtc_calendar_time(const RtcCalendar *c);
uint32_t rtc_calendar_date(const RtcCalendar *c);
void rtc_calendar_set_time(RtcCalendar *c, uint32_t tr);
void rtc_calendar_set_date(RtcCalendar *c, uint32_t dr);
bool rtc_calendar_matches(const RtcCalendar *c, uint32_t alarm);

#endif
