/* SPDX-License-Identifier: MIT */
/* machine.RTC: datetime() as (year, month, day, weekday, hours, minutes, seconds, microseconds), weekday 0 = Monday. */
#include "machine_port.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "rtc.h"
#include "shared/timeutils/timeutils.h"

static const mp_obj_base_t rtc_object = { &machine_rtc_type };

static mp_obj_t rtc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    return MP_OBJ_FROM_PTR(&rtc_object);
}

static mp_obj_t rtc_datetime(size_t n_args, const mp_obj_t *args)
{
    struct rtc_time t;
    if (n_args == 1) {
        rtc_get(&t);
        mp_obj_t fields[8] = {
            mp_obj_new_int(t.year), mp_obj_new_int(t.month), mp_obj_new_int(t.day), mp_obj_new_int(t.weekday), mp_obj_new_int(t.hour),
            mp_obj_new_int(t.minute), mp_obj_new_int(t.second), mp_obj_new_int_from_uint(t.microsecond),
        };
        return mp_obj_new_tuple(8, fields);
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(args[1], 8, &items);
    mp_int_t v[8];
    for (unsigned i = 0; i < 8; i++) {
        v[i] = mp_obj_get_int(items[i]);
    }
    if (v[0] < 2000 || v[0] > 2099 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > (mp_int_t)timeutils_days_in_month((mp_uint_t)v[0], (mp_uint_t)v[1])
        || v[4] < 0 || v[4] > 23 || v[5] < 0 || v[5] > 59 || v[6] < 0 || v[6] > 59) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid date or time"));
    }
    /* The weekday follows from the date; what the caller says is not asked for. */
    uint32_t days = (uint32_t)(timeutils_seconds_since_epoch((mp_uint_t)v[0], (mp_uint_t)v[1], (mp_uint_t)v[2], 0, 0, 0) / 86400);
    t = (struct rtc_time){ (uint16_t)v[0], (uint8_t)v[1], (uint8_t)v[2], (uint8_t)((days + 5) % 7), (uint8_t)v[4], (uint8_t)v[5], (uint8_t)v[6], 0 };
    if (!rtc_set(&t)) {
        mp_raise_OSError(MP_EIO);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(rtc_datetime_obj, 1, 2, rtc_datetime);

static const mp_rom_map_elem_t rtc_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&rtc_datetime_obj) },
};
static MP_DEFINE_CONST_DICT(rtc_locals, rtc_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_rtc_type, MP_QSTR_RTC, MP_TYPE_FLAG_NONE, make_new, rtc_make_new, locals_dict, &rtc_locals);
