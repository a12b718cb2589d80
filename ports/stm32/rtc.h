/* SPDX-License-Identifier: MIT */
/* Calendar clock in the backup domain, on LSI (these boards have no 32 kHz crystal): it survives a reset, not a power cut. */
#ifndef STM32_RTC_H
#define STM32_RTC_H

#include <stdbool.h>
#include <stdint.h>

struct rtc_time { uint16_t year; uint8_t month, day, weekday /* 0 = Monday */, hour, minute, second; uint32_t microsecond; };

/* Starts the clock; a clock that runs already keeps its time, else it starts at 2000-01-01. */
void rtc_init(void);
bool rtc_get(struct rtc_time *time);    /* false: the clock does not run */
bool rtc_set(const struct rtc_time *time);
uint64_t rtc_get_ns(void);              /* since 2000-01-01 */

/* 32-bit registers that survive a reset: 0-31. */
uint32_t rtc_get_backup(unsigned index);
void rtc_set_backup(unsigned index, uint32_t value);

#endif
