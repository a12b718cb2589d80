/* SPDX-License-Identifier: MIT */
/* Module crc: the check sums of the host protocol, polynomials 0xF94F and 0xFA567D89, not reflected; `value` continues an earlier sum. */
#include "py/runtime.h"

/* `poly` in the upper bits of a word, so that one loop serves both widths. */
static uint32_t crc_update(uint32_t crc, uint32_t poly, const uint8_t *data, size_t size)
{
    while (size--) {
        crc ^= (uint32_t)*data++ << 24;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc << 1 ^ (crc >> 31 ? poly : 0);
        }
    }
    return crc;
}

static mp_obj_t crc(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args, bool wide)
{
    static const mp_arg_t allowed[] = {
        { MP_QSTR_data, MP_ARG_REQUIRED | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
    };
    mp_arg_val_t a[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, args, kw_args, MP_ARRAY_SIZE(allowed), allowed, a);
    mp_buffer_info_t data;
    mp_get_buffer_raise(a[0].u_obj, &data, MP_BUFFER_READ);
    uint32_t value = a[1].u_obj == mp_const_none ? UINT32_MAX : (uint32_t)mp_obj_get_int_truncated(a[1].u_obj);
    return mp_obj_new_int_from_uint(wide ? crc_update(value, 0xFA567D89, data.buf, data.len)
                                         : crc_update(value << 16, 0xF94F0000, data.buf, data.len) >> 16);
}

static mp_obj_t crc_crc16(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) { return crc(n_args, args, kw_args, false); }
static MP_DEFINE_CONST_FUN_OBJ_KW(crc_crc16_obj, 1, crc_crc16);
static mp_obj_t crc_crc32(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) { return crc(n_args, args, kw_args, true); }
static MP_DEFINE_CONST_FUN_OBJ_KW(crc_crc32_obj, 1, crc_crc32);

static const mp_rom_map_elem_t crc_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_crc) },
    { MP_ROM_QSTR(MP_QSTR_crc16), MP_ROM_PTR(&crc_crc16_obj) },
    { MP_ROM_QSTR(MP_QSTR_crc32), MP_ROM_PTR(&crc_crc32_obj) },
};
static MP_DEFINE_CONST_DICT(crc_globals, crc_globals_table);

const mp_obj_module_t crc_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&crc_globals };
MP_REGISTER_MODULE(MP_QSTR_crc, crc_module);
