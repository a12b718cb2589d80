/* SPDX-License-Identifier: MIT */
/* machine.LED("LED_RED"), also by colour or number (1 red, 2 green, 3 blue, 4 infrared): on, off, toggle, value, whatever the active level is. */
#include <string.h>
#include "board.h"
#include "gpio.h"
#include "machine_port.h"
#include "py/runtime.h"

static const struct led { const char *name; pin_id pin; bool active; } leds[] = {
#define ROW(name, number, port, pin, level) { "LED_" #name, PIN(port, pin), level },
    BOARD_LEDS(ROW)
#undef ROW
};

typedef struct { mp_obj_base_t base; const struct led *led; } machine_led_obj_t;

static void led_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_led_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "LED(\"%s\")", self->led->name);
}

static mp_obj_t led_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    const struct led *found = NULL;
    for (unsigned i = 0; i < MP_ARRAY_SIZE(leds); i++) {
        if (mp_obj_is_int(args[0])) {
            found = mp_obj_get_int(args[0]) == (mp_int_t)i + 1 ? &leds[i] : found;
        } else {
            const char *name = mp_obj_str_get_str(args[0]);
            found = !strcmp(name, leds[i].name) || !strcmp(name, leds[i].name + 4) ? &leds[i] : found;
        }
    }
    if (!found) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("no such LED: %R"), args[0]);
    }
    machine_led_obj_t *self = mp_obj_malloc(machine_led_obj_t, &machine_led_type);
    self->led = found;
    if (gpio_get_mode(found->pin) != GPIO_MODE_OUTPUT) {
        gpio_output(found->pin, !found->active);
    }
    return MP_OBJ_FROM_PTR(self);
}

static bool led_lit(const struct led *led) { return gpio_read_output(led->pin) == led->active; }
static void led_set(const struct led *led, bool lit) { gpio_write(led->pin, lit == led->active); }

static mp_obj_t led_value(size_t n_args, const mp_obj_t *args)
{
    const struct led *led = ((machine_led_obj_t *)MP_OBJ_TO_PTR(args[0]))->led;
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(led_lit(led));
    }
    led_set(led, mp_obj_is_true(args[1]));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(led_value_obj, 1, 2, led_value);

static mp_obj_t led_on(mp_obj_t self)
{
    led_set(((machine_led_obj_t *)MP_OBJ_TO_PTR(self))->led, true);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(led_on_obj, led_on);

static mp_obj_t led_off(mp_obj_t self)
{
    led_set(((machine_led_obj_t *)MP_OBJ_TO_PTR(self))->led, false);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(led_off_obj, led_off);

static mp_obj_t led_toggle(mp_obj_t self)
{
    const struct led *led = ((machine_led_obj_t *)MP_OBJ_TO_PTR(self))->led;
    led_set(led, !led_lit(led));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(led_toggle_obj, led_toggle);

static const mp_rom_map_elem_t led_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&led_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&led_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&led_toggle_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&led_value_obj) },
};
static MP_DEFINE_CONST_DICT(led_locals, led_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(machine_led_type, MP_QSTR_LED, MP_TYPE_FLAG_NONE,
    make_new, led_make_new, print, led_print, locals_dict, &led_locals);
