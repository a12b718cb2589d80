/* SPDX-License-Identifier: MIT */
/* machine.Pin: every pin of the chip by its name ("PB10"), the header's by theirs ("P4"), the LEDs' ("LED_RED"). */
#include <string.h>
#include "board.h"
#include "extmod/virtpin.h"
#include "gpio.h"
#include "machine_port.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

enum { MODE_IN, MODE_OUT, MODE_OPEN_DRAIN, MODE_ALT, MODE_ALT_OPEN_DRAIN, MODE_ANALOG };

typedef struct { mp_obj_base_t base; pin_id id; } machine_pin_obj_t;

/* Interrupt handlers of pins, by EXTI line; traced by the collector. */
MP_REGISTER_ROOT_POINTER(mp_obj_t pin_irq_handlers[16]);
static uint16_t irq_hard;

static const struct { const char *name; pin_id id; } names[] = {
#define ROW(name, port, pin) { #name, PIN(port, pin) },
    BOARD_PIN_NAMES(ROW)
#undef ROW
#define ROW(name, number, port, pin, level) { "LED_" #name, PIN(port, pin) },
    BOARD_LEDS(ROW)
#undef ROW
};

/* ---- Names ------------------------------------------------------------------------------------------------ */

/* "PB10" or "B10" */
static bool parse_cpu_name(const char *s, pin_id *id)
{
    static const struct { char port; uint16_t bits; } ports[] = {
#define ROW(port, bits) { port, (uint16_t)(bits) },
        BOARD_CPU_PORTS(ROW)
#undef ROW
    };
    s += s[0] == 'P' && s[1] >= 'A' && s[1] <= 'Z';
    unsigned number = 0, digits = 0;
    for (const char *p = s + 1; *s && *p; p++, digits++) {
        if (*p < '0' || *p > '9' || digits == 2) {
            return false;
        }
        number = number * 10 + (unsigned)(*p - '0');
    }
    for (unsigned i = 0; digits && number < 16 && i < MP_ARRAY_SIZE(ports); i++) {
        if (ports[i].port == *s && (ports[i].bits >> number & 1)) {
            *id = PIN(*s, number);
            return true;
        }
    }
    return false;
}

uint32_t machine_pin_get_id(mp_obj_t pin)
{
    if (mp_obj_is_type(pin, &machine_pin_type)) {
        return ((machine_pin_obj_t *)MP_OBJ_TO_PTR(pin))->id;
    }
    if (mp_obj_is_str(pin)) {
        const char *s = mp_obj_str_get_str(pin);
        for (unsigned i = 0; i < MP_ARRAY_SIZE(names); i++) {
            if (!strcmp(s, names[i].name)) {
                gpio_clock(names[i].id);
                return names[i].id;
            }
        }
        pin_id id;
        if (parse_cpu_name(s, &id)) {
            gpio_clock(id);
            return id;
        }
    }
    mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("no such pin: %R"), pin);
}

qstr machine_pin_get_name(uint32_t pin)
{
    char name[] = { 'P', (char)('A' + (pin >> 4)), (char)('0' + (pin & 15)), 0, 0 };
    if ((pin & 15) > 9) {
        name[2] = '1';
        name[3] = (char)('0' + (pin & 15) - 10);
    }
    return qstr_from_str(name);
}

int machine_pin_find_alternate(pin_id pin, const char *function)
{
    static const struct { pin_id pin; uint8_t number; const char *function; } table[] = {
#define ROW(port, pin, function, number) { PIN(port, pin), number, #function },
        BOARD_AFS(ROW)
#undef ROW
    };
    for (unsigned i = 0; i < MP_ARRAY_SIZE(table); i++) {
        if (table[i].pin == pin && !strcmp(table[i].function, function)) {
            return table[i].number;
        }
    }
    return -1;
}

/* ---- The object ---------------------------------------------------------------------------------------------- */

static void pin_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    static const char *const modes[] = { "IN", "OUT", "ALT", "ANALOG" };
    pin_id id = ((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id;
    mp_printf(print, "Pin(Pin.%q, mode=Pin.%s)", machine_pin_get_name(id), modes[gpio_get_mode(id)]);
}

static void pin_init(pin_id id, size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    enum { ARG_mode, ARG_pull, ARG_value, ARG_drive, ARG_alt };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_mode, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_pull, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_drive, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = GPIO_SPEED_LOW } },
        { MP_QSTR_alt, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 0 } },
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, args, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    mp_int_t mode = a[ARG_mode].u_obj == mp_const_none ? -1 : mp_obj_get_int(a[ARG_mode].u_obj);
    mp_int_t pull = a[ARG_pull].u_obj == mp_const_none ? GPIO_PULL_NONE : mp_obj_get_int(a[ARG_pull].u_obj);
    if (mode < -1 || mode > MODE_ANALOG || pull < GPIO_PULL_NONE || pull > GPIO_PULL_DOWN || a[ARG_drive].u_int < 0
        || a[ARG_drive].u_int > GPIO_SPEED_VERY_HIGH || a[ARG_alt].u_int < 0 || a[ARG_alt].u_int > 15) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin mode, pull, drive or alt"));
    }
    /* The level first: an output never shows the wrong one. */
    if (a[ARG_value].u_obj != mp_const_none) {
        gpio_write(id, mp_obj_is_true(a[ARG_value].u_obj));
    }
    if (mode < 0) {
        return;
    }
    static const uint8_t modes[] = { GPIO_MODE_INPUT, GPIO_MODE_OUTPUT, GPIO_MODE_OUTPUT, GPIO_MODE_ALTERNATE, GPIO_MODE_ALTERNATE, GPIO_MODE_ANALOG };
    gpio_configure(id, &(struct gpio_config){
        .mode = modes[mode], .pull = (uint8_t)pull, .speed = (uint8_t)a[ARG_drive].u_int,
        .open_drain = mode == MODE_OPEN_DRAIN || mode == MODE_ALT_OPEN_DRAIN, .alternate = (uint8_t)a[ARG_alt].u_int });
}

static mp_obj_t pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    pin_id id = (pin_id)machine_pin_get_id(args[0]);
    machine_pin_obj_t *self = mp_obj_malloc(machine_pin_obj_t, &machine_pin_type);
    self->id = id;
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, args + n_args);
    pin_init(id, n_args - 1, args + 1, &kw);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    pin_id id = ((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id;
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(gpio_read(id));
    }
    gpio_write(id, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t pin_init_method(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    pin_init(((machine_pin_obj_t *)MP_OBJ_TO_PTR(args[0]))->id, n_args - 1, args + 1, kw_args);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init_method);

static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) { return pin_call(args[0], n_args - 1, 0, args + 1); }
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_on(mp_obj_t self_in)
{
    gpio_write(((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id, true);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static mp_obj_t pin_off(mp_obj_t self_in)
{
    gpio_write(((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id, false);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

static mp_obj_t pin_toggle(mp_obj_t self_in)
{
    pin_id id = ((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id;
    gpio_write(id, !gpio_read_output(id));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_toggle_obj, pin_toggle);

static mp_obj_t pin_name(mp_obj_t self_in)
{
    return MP_OBJ_NEW_QSTR(machine_pin_get_name(((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id));
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_name_obj, pin_name);

/* ---- Interrupts ------------------------------------------------------------------------------------------------ */

static void pin_interrupt(pin_id pin, void *context)
{
    machine_pin_obj_t *self = context;
    mp_obj_t handler = MP_STATE_PORT(pin_irq_handlers)[pin & 15];
    if (irq_hard >> (pin & 15) & 1) {
        mp_sched_lock();
        gc_lock();
        nlr_buf_t nlr;
        if (nlr_push(&nlr) == 0) {
            mp_call_function_1(handler, MP_OBJ_FROM_PTR(self));
            nlr_pop();
        } else {
            gpio_set_interrupt(pin, GPIO_EDGE_NONE, NULL, NULL);
            mp_printf(MICROPY_ERROR_PRINTER, "uncaught exception in a pin's interrupt handler: it is switched off\n");
            mp_obj_print_exception(MICROPY_ERROR_PRINTER, MP_OBJ_FROM_PTR(nlr.ret_val));
        }
        gc_unlock();
        mp_sched_unlock();
    } else {
        mp_sched_schedule(handler, MP_OBJ_FROM_PTR(self));
    }
}

/* The Pin that a handler is called with must outlive the script's reference. */
MP_REGISTER_ROOT_POINTER(mp_obj_t pin_irq_pins[16]);

void machine_pin_init(void)
{
    memset(MP_STATE_PORT(pin_irq_handlers), 0, sizeof MP_STATE_PORT(pin_irq_handlers));
    memset(MP_STATE_PORT(pin_irq_pins), 0, sizeof MP_STATE_PORT(pin_irq_pins));
}

static mp_obj_t pin_irq(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    enum { ARG_handler, ARG_trigger, ARG_hard };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_handler, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_trigger, MP_ARG_INT, { .u_int = GPIO_EDGE_BOTH } },
        { MP_QSTR_hard, MP_ARG_BOOL, { .u_bool = false } },
    };
    machine_pin_obj_t *self = MP_OBJ_TO_PTR(args[0]);
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args - 1, args + 1, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    unsigned line = self->id & 15;
    gpio_set_interrupt(self->id, GPIO_EDGE_NONE, NULL, NULL);
    MP_STATE_PORT(pin_irq_handlers)[line] = a[ARG_handler].u_obj;
    MP_STATE_PORT(pin_irq_pins)[line] = args[0];
    irq_hard = (uint16_t)((irq_hard & ~(1u << line)) | (unsigned)a[ARG_hard].u_bool << line);
    if (a[ARG_handler].u_obj != mp_const_none) {
        gpio_set_interrupt(self->id, (enum gpio_edge)(a[ARG_trigger].u_int & GPIO_EDGE_BOTH), pin_interrupt, self);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);

static mp_uint_t pin_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t argument, int *error)
{
    pin_id id = ((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->id;
    if (request == MP_PIN_READ) {
        return gpio_read(id);
    }
    if (request == MP_PIN_WRITE) {
        gpio_write(id, argument);
        return 0;
    }
    return (mp_uint_t)-1;
}

static const mp_rom_map_elem_t pin_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_high), MP_ROM_PTR(&pin_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_low), MP_ROM_PTR(&pin_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&pin_toggle_obj) },
    { MP_ROM_QSTR(MP_QSTR_name), MP_ROM_PTR(&pin_name_obj) },
    { MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(MODE_IN) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(MODE_OUT) },
    { MP_ROM_QSTR(MP_QSTR_OUT_PP), MP_ROM_INT(MODE_OUT) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(MODE_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_OUT_OD), MP_ROM_INT(MODE_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_ALT), MP_ROM_INT(MODE_ALT) },
    { MP_ROM_QSTR(MP_QSTR_ALT_OPEN_DRAIN), MP_ROM_INT(MODE_ALT_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_ANALOG), MP_ROM_INT(MODE_ANALOG) },
    { MP_ROM_QSTR(MP_QSTR_PULL_NONE), MP_ROM_INT(GPIO_PULL_NONE) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(GPIO_PULL_UP) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(GPIO_PULL_DOWN) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(GPIO_EDGE_RISING) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(GPIO_EDGE_FALLING) },
    { MP_ROM_QSTR(MP_QSTR_DRIVE_0), MP_ROM_INT(GPIO_SPEED_LOW) },
    { MP_ROM_QSTR(MP_QSTR_DRIVE_1), MP_ROM_INT(GPIO_SPEED_MEDIUM) },
    { MP_ROM_QSTR(MP_QSTR_DRIVE_2), MP_ROM_INT(GPIO_SPEED_HIGH) },
    { MP_ROM_QSTR(MP_QSTR_DRIVE_3), MP_ROM_INT(GPIO_SPEED_VERY_HIGH) },
};
static MP_DEFINE_CONST_DICT(pin_locals, pin_locals_table);

static const mp_pin_p_t pin_protocol = { .ioctl = pin_ioctl };

MP_DEFINE_CONST_OBJ_TYPE(machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE,
    make_new, pin_make_new, print, pin_print, call, pin_call, protocol, &pin_protocol, locals_dict, &pin_locals);
