/* SPDX-License-Identifier: MIT */
/* machine.I2C(id, freq=400000, timeout=50000) on the board's pins of that bus. */
#include "board.h"
#include "console_port.h"
#include "extmod/modmachine.h"
#include "i2c.h"
#include "py/mperrno.h"
#include "py/runtime.h"

typedef struct { mp_obj_base_t base; uint8_t id; uint32_t hz; } machine_i2c_obj_t;

static void machine_i2c_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_i2c_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "I2C(%u, freq=%u)", self->id, (unsigned)self->hz);
}

static void machine_i2c_open(machine_i2c_obj_t *self, mp_int_t hz, mp_int_t timeout_us)
{
#if defined(BOARD_CSI_I2C_ID)
    if (self->id == BOARD_CSI_I2C_ID && hz != BOARD_CSI_I2C_HZ) {
        hz = BOARD_CSI_I2C_HZ; /* the camera's bus keeps the camera's speed */
    }
#endif
#define ROW(number, scl_port, scl_pin, ...) \
    if (self->id == number && !console_yield_pin(PIN(scl_port, scl_pin))) { \
        mp_raise_msg_varg(&mp_type_OSError, MP_ERROR_TEXT("I2C(%d): the console is in use on its pins"), self->id); \
    }
    BOARD_I2CS(ROW)
#undef ROW
    int error = i2c_init(self->id, hz < 0 ? 0 : (uint32_t)hz);
    if (error) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("I2C(%d): no such bus on this board, or freq not in 20000 ... 1000000"), self->id);
    }
    i2c_set_timeout(self->id, timeout_us < 100 ? 100 : (uint32_t)timeout_us);
    self->hz = (uint32_t)hz;
}

static const mp_arg_t init_args[] = {
    { MP_QSTR_freq, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 400000 } },
    { MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 50000 } },
};

static mp_obj_t machine_i2c_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args)
{
    mp_arg_check_num(n_args, n_kw, 1, 1, true);
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, all_args + n_args);
    mp_arg_val_t a[MP_ARRAY_SIZE(init_args)];
    mp_arg_parse_all(0, NULL, &kw, MP_ARRAY_SIZE(init_args), init_args, a);
    machine_i2c_obj_t *self = mp_obj_malloc(machine_i2c_obj_t, &machine_i2c_type);
    mp_int_t id = mp_obj_get_int(all_args[0]);
    self->id = id < 0 || id > 9 ? 0 : (uint8_t)id;
    machine_i2c_open(self, a[0].u_int, a[1].u_int);
    return MP_OBJ_FROM_PTR(self);
}

static void machine_i2c_reinit(mp_obj_base_t *self_in, size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    mp_arg_val_t a[MP_ARRAY_SIZE(init_args)];
    mp_arg_parse_all(n_args, args, kw_args, MP_ARRAY_SIZE(init_args), init_args, a);
    machine_i2c_open((machine_i2c_obj_t *)self_in, a[0].u_int, a[1].u_int);
}

static int machine_i2c_transfer(mp_obj_base_t *self_in, uint16_t address, size_t length, uint8_t *buffer, unsigned int flags)
{
    machine_i2c_obj_t *self = (machine_i2c_obj_t *)self_in;
    unsigned hold = flags & MP_MACHINE_I2C_FLAG_STOP ? 0 : I2C_NO_STOP;
    int error;
    if (flags & MP_MACHINE_I2C_FLAG_READ) {
        error = i2c_read(self->id, address, buffer, length, hold);
        return error ? error : (int)length;
    }
    error = i2c_write(self->id, address, buffer, length, hold);
    /* A data byte that is not acknowledged is no error here: the caller sees how many were. */
    return error == I2C_E_IO && i2c_written(self->id) < length ? (int)i2c_written(self->id) : error ? error : (int)length;
}

static const mp_machine_i2c_p_t machine_i2c_p = {
    .init = machine_i2c_reinit,
    .transfer = mp_machine_i2c_transfer_adaptor,
    .transfer_single = machine_i2c_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(machine_i2c_type, MP_QSTR_I2C, MP_TYPE_FLAG_NONE, make_new, machine_i2c_make_new, print, machine_i2c_print,
    protocol, &machine_i2c_p, locals_dict, &mp_machine_i2c_locals_dict);
