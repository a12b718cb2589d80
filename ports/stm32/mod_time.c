/* SPDX-License-Identifier: MIT */
/* The port's part of the time module; included by extmod/modtime.c. */
#include "ports/stm32/rtc.h"
#include "shared/timeutils/timeutils.h"

extern const mp_obj_type_t clock_type; /* modules/time/clock.c */

static mp_obj_t mp_time_localtime_get(void)
{
    struct rtc_time t;
    rtc_get(&t);
    mp_obj_t fields[8] = {
        mp_obj_new_int(t.year), mp_obj_new_int(t.month), mp_obj_new_int(t.day), mp_obj_new_int(t.hour), mp_obj_new_int(t.minute),
        mp_obj_new_int(t.second), mp_obj_new_int(t.weekday), mp_obj_new_int(timeutils_year_day(t.year, t.month, t.day)),
    };
    return mp_obj_new_tuple(8, fields);
}

static mp_obj_t mp_time_time_get(void) { return mp_obj_new_int_from_ull(rtc_get_ns() / 1000000000ULL); }
