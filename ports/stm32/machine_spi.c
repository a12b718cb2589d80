/* SPDX-License-Identifier: MIT */
/* machine.SPI(id, baudrate=1000000, polarity=0, phase=0, bits=8, firstbit=MSB) on the board's pins of that bus; the select pin is the script's. */
#include "board.h"
#include "extmod/modmachine.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "spi.h"

typedef struct { mp_obj_base_t base; uint8_t id, mode; bool lsb_first; uint32_t hz; } machine_spi_obj_t;

static void machine_spi_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind)
{
    machine_spi_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "SPI(%u, baudrate=%u, polarity=%u, phase=%u, bits=8)", self->id, (unsigned)self->hz, self->mode >> 1, self->mode & 1);
}

static void machine_spi_init_helper(mp_obj_base_t *self_in, size_t n_args, const mp_obj_t *args, mp_map_t *kw_args)
{
    enum { ARG_baudrate, ARG_polarity, ARG_phase, ARG_bits, ARG_firstbit };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, { .u_int = 1000000 } },
        { MP_QSTR_polarity, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_phase, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 0 } },
        { MP_QSTR_bits, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = 8 } },
        { MP_QSTR_firstbit, MP_ARG_KW_ONLY | MP_ARG_INT, { .u_int = MICROPY_PY_MACHINE_SPI_MSB } },
    };
    machine_spi_obj_t *self = (machine_spi_obj_t *)self_in;
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, args, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    if (a[ARG_bits].u_int != 8) {
        mp_raise_ValueError(MP_ERROR_TEXT("bits must be 8"));
    }
    self->mode = (uint8_t)((a[ARG_polarity].u_int & 1) << 1 | (a[ARG_phase].u_int & 1));
    self->lsb_first = a[ARG_firstbit].u_int == MICROPY_PY_MACHINE_SPI_LSB;
    uint32_t wanted = a[ARG_baudrate].u_int < 0 ? 0 : (uint32_t)a[ARG_baudrate].u_int;
    self->hz = spi_configure_pins(self->id) ? spi_init(self->id, wanted, self->mode, self->lsb_first) : 0;
    if (!self->hz) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("SPI(%d): no such bus on this board, or baudrate too low"), self->id);
    }
}

static mp_obj_t machine_spi_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args)
{
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    machine_spi_obj_t *self = mp_obj_malloc(machine_spi_obj_t, &machine_spi_type);
    mp_int_t id = mp_obj_get_int(all_args[0]);
    self->id = id < 0 || id > 9 ? 0 : (uint8_t)id;
    mp_map_t kw;
    mp_map_init_fixed_table(&kw, n_kw, all_args + n_args);
    machine_spi_init_helper(&self->base, n_args - 1, all_args + 1, &kw);
    return MP_OBJ_FROM_PTR(self);
}

static void machine_spi_deinit(mp_obj_base_t *self) { spi_deinit(((machine_spi_obj_t *)self)->id); }

static void machine_spi_transfer(mp_obj_base_t *self, size_t length, const uint8_t *src, uint8_t *dest)
{
    int error = spi_transfer(((machine_spi_obj_t *)self)->id, src, dest, length);
    if (error) {
        mp_raise_OSError(-error);
    }
}

static const mp_machine_spi_p_t machine_spi_p = {
    .init = machine_spi_init_helper, .deinit = machine_spi_deinit, .transfer = machine_spi_transfer };

MP_DEFINE_CONST_OBJ_TYPE(machine_spi_type, MP_QSTR_SPI, MP_TYPE_FLAG_NONE, make_new, machine_spi_make_new, print, machine_spi_print,
    protocol, &machine_spi_p, locals_dict, &mp_machine_spi_locals_dict);
