/* SPDX-License-Identifier: MIT */
/* The port's part of the machine module; included by extmod/modmachine.c. */
#include <string.h>
#include "clock.h"
#include "extmod/vfs.h"
#include "machine_port.h"
#include "runtime/console.h"
#include "storage.h"
#include "system.h"
#include "usb.h"

MP_DECLARE_CONST_FUN_OBJ_0(machine_romfs_obj);

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_LED), MP_ROM_PTR(&machine_led_type) }, \
    { MP_ROM_QSTR(MP_QSTR_RTC), MP_ROM_PTR(&machine_rtc_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&port_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Flash), MP_ROM_PTR(&machine_flash_type) }, \
    { MP_ROM_QSTR(MP_QSTR_romfs), MP_ROM_PTR(&machine_romfs_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(SYSTEM_RESET_POWER_ON) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(SYSTEM_RESET_PIN) }, \
    { MP_ROM_QSTR(MP_QSTR_WDT_RESET), MP_ROM_INT(SYSTEM_RESET_WATCHDOG) }, \
    { MP_ROM_QSTR(MP_QSTR_DEEPSLEEP_RESET), MP_ROM_INT(SYSTEM_RESET_DEEPSLEEP) }, \
    { MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(SYSTEM_RESET_SOFTWARE) },

/* Timer(id, ...): MicroPython's soft timer has no numbers; scripts that name one (1-17) get a soft timer, too. Resolution: 1 ms. */
static mp_obj_t timer_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, MP_OBJ_FUN_ARGS_MAX, true);
    if (n_args == 0) {
        return MP_OBJ_TYPE_GET_SLOT(&machine_timer_type, make_new)(&machine_timer_type, n_args, n_kw, args);
    }
    mp_int_t id = mp_obj_get_int(args[0]);
    if (id < -1 || id > 17) {
        mp_raise_ValueError(MP_ERROR_TEXT("Timer: id must be -1 ... 17"));
    }
    mp_obj_t soft[8] = { MP_OBJ_NEW_SMALL_INT(-1) };
    if (n_args + 2 * n_kw > MP_ARRAY_SIZE(soft)) {
        mp_raise_TypeError(MP_ERROR_TEXT("Timer: too many arguments"));
    }
    memcpy(soft + 1, args + 1, (n_args + 2 * n_kw - 1) * sizeof soft[0]);
    return MP_OBJ_TYPE_GET_SLOT(&machine_timer_type, make_new)(&machine_timer_type, n_args, n_kw, soft);
}

/* Constants and methods are those of the soft timer. */
static MP_DEFINE_CONST_OBJ_TYPE(port_timer_type, MP_QSTR_Timer, MP_TYPE_FLAG_NONE, make_new, timer_make_new, parent, &machine_timer_type);

/* What was written is on the disk, what was printed has left, and hosts know, before the machine goes. */
static void settle(void)
{
    storage_sync();
    console_flush(200);
    usb_leave(0);
}

MP_NORETURN void mp_machine_bootloader(size_t n_args, const mp_obj_t *args)
{
    settle();
    system_enter_bootloader();
}

MP_NORETURN static void mp_machine_reset(void)
{
    settle();
    system_reset();
}

static mp_int_t mp_machine_reset_cause(void) { return (mp_int_t)system_reset_cause(); }

static mp_obj_t mp_machine_unique_id(void)
{
    return mp_obj_new_bytes((const byte *)system_unique_id(), BOARD_UID_WORDS * 4);
}

static mp_obj_t mp_machine_get_freq(void) { return mp_obj_new_int_from_uint(clock_core_hz()); }

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args)
{
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the clock is fixed by the board"));
}

static void mp_machine_idle(void) { mp_event_wait_indefinite(); }

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args)
{
    if (n_args) {
        mp_hal_delay_ms((mp_uint_t)mp_obj_get_int(args[0]));
    } else {
        system_wait_interrupt();
    }
}

MP_NORETURN static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args)
{
    /* Waking from deep sleep is a reset; without a time only the reset button (or Ctrl-C) ends it. */
    settle();
    if (n_args) {
        mp_hal_delay_ms((mp_uint_t)mp_obj_get_int(args[0]));
        system_reset();
    }
    for (;;) {
        mp_event_wait_indefinite();
    }
}
