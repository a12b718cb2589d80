/* SPDX-License-Identifier: MIT */
/* machine.PWM(pin, freq=1000, duty_u16=... or duty_ns=...); included by extmod/machine_pwm.c. The pin's timer is found in the chip's table. */
#include <stdio.h>
#include "board.h"
#include "machine_port.h"
#include "timer.h"

struct _machine_pwm_obj_t {
    mp_obj_base_t base;
    pin_id pin;
    uint8_t timer, channel;
    uint32_t hz, duty_u16;
};

static void mp_machine_pwm_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "PWM(%q, timer=%u, channel=%u, freq=%u, duty_u16=%u)", machine_pin_get_name(self->pin), self->timer, self->channel,
              (unsigned)self->hz, (unsigned)self->duty_u16);
}

static void apply(machine_pwm_obj_t *self)
{
    uint32_t got = timer_pwm_start(self->timer, self->channel, self->hz, self->duty_u16);
    if (!got) {
        mp_raise_ValueError(MP_ERROR_TEXT("freq out of range"));
    }
    self->hz = got;
}

static void mp_machine_pwm_init_helper(machine_pwm_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args)
{
    enum { ARG_freq, ARG_duty_u16, ARG_duty_ns };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_freq, MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_duty_u16, MP_ARG_INT, { .u_int = -1 } },
        { MP_QSTR_duty_ns, MP_ARG_INT, { .u_int = -1 } },
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    if (a[ARG_freq].u_int >= 0) {
        self->hz = (uint32_t)a[ARG_freq].u_int;
    }
    if (a[ARG_duty_u16].u_int >= 0) {
        self->duty_u16 = (uint32_t)a[ARG_duty_u16].u_int;
    }
    apply(self);
    if (a[ARG_duty_ns].u_int >= 0) {
        mp_machine_pwm_duty_set_ns(self, a[ARG_duty_ns].u_int);
    }
}

/* The first timer output that the pin has, leaving out the camera's clock. */
static bool find_output(machine_pwm_obj_t *self)
{
    static const uint8_t ids[] = { 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 1, 8 };
    for (unsigned i = 0; i < sizeof ids; i++) {
        for (unsigned channel = 1; channel <= 4; channel++) {
            char name[16];
            snprintf(name, sizeof name, "TIM%u_CH%u", ids[i], channel);
            int alternate = machine_pin_find_alternate(self->pin, name);
#if defined(BOARD_CSI_XCLK_TIMER)
            if (ids[i] == BOARD_CSI_XCLK_TIMER) {
                continue;
            }
#endif
            if (alternate >= 0) {
                self->timer = ids[i];
                self->channel = (uint8_t)channel;
                gpio_alternate(self->pin, (unsigned)alternate, GPIO_PULL_NONE, false);
                return true;
            }
        }
    }
    return false;
}

static mp_obj_t mp_machine_pwm_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    machine_pwm_obj_t *self = mp_obj_malloc(machine_pwm_obj_t, &machine_pwm_type);
    self->pin = (pin_id)machine_pin_get_id(args[0]);
    self->hz = 1000;
    self->duty_u16 = 0;
    if (!find_output(self)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%q has no timer output"), machine_pin_get_name(self->pin));
    }
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, args + n_args);
    mp_machine_pwm_init_helper(self, n_args - 1, args + 1, &kw);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_pwm_deinit(machine_pwm_obj_t *self)
{
    timer_pwm_stop(self->timer, self->channel);
    gpio_input(self->pin, GPIO_PULL_NONE);
}

static mp_obj_t mp_machine_pwm_freq_get(machine_pwm_obj_t *self) { return mp_obj_new_int_from_uint(self->hz); }

static void mp_machine_pwm_freq_set(machine_pwm_obj_t *self, mp_int_t hz)
{
    self->hz = hz < 0 ? 0 : (uint32_t)hz;
    apply(self);
}

static mp_obj_t mp_machine_pwm_duty_get_u16(machine_pwm_obj_t *self) { return mp_obj_new_int_from_uint(self->duty_u16); }

static void mp_machine_pwm_duty_set_u16(machine_pwm_obj_t *self, mp_int_t duty)
{
    self->duty_u16 = duty < 0 ? 0 : duty > 65535 ? 65535 : (uint32_t)duty;
    apply(self);
}

static mp_obj_t mp_machine_pwm_duty_get_ns(machine_pwm_obj_t *self)
{
    return mp_obj_new_int_from_ull((uint64_t)self->duty_u16 * 1000000000u / 65536 / self->hz);
}

static void mp_machine_pwm_duty_set_ns(machine_pwm_obj_t *self, mp_int_t ns)
{
    uint64_t duty = ns < 0 ? 0 : (uint64_t)ns * self->hz * 65536 / 1000000000u;
    mp_machine_pwm_duty_set_u16(self, duty > 65535 ? 65535 : (mp_int_t)duty);
}
