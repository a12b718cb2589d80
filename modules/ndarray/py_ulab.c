/* SPDX-License-Identifier: MIT */
/* The modules ulab, ulab.numpy and ulab.numpy.linalg: their tables of names. */
#include "modules/ndarray/py_ndarray.h"

#define FUNCTION(name, ...) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_nd_##name##_obj)},
#define DTYPE(name, code) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(code)},

static const mp_rom_map_elem_t linalg_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_linalg)},
    FUNCTION(norm) FUNCTION(inv) FUNCTION(det)
};
static MP_DEFINE_CONST_DICT(linalg_globals, linalg_globals_table);
static const mp_obj_module_t linalg_module = {{&mp_type_module}, (mp_obj_dict_t *)&linalg_globals};

static const mp_rom_map_elem_t numpy_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_numpy)},
    {MP_ROM_QSTR(MP_QSTR_ndarray), MP_ROM_PTR(&py_ndarray_type)},
    {MP_ROM_QSTR(MP_QSTR_linalg), MP_ROM_PTR(&linalg_module)},
    DTYPE(bool, '?') DTYPE(uint8, 'B') DTYPE(int8, 'b') DTYPE(uint16, 'H') DTYPE(int16, 'h') DTYPE(float, 'f')
    {MP_ROM_QSTR(MP_QSTR_pi), mp_const_float_pi}, {MP_ROM_QSTR(MP_QSTR_e), mp_const_float_e}, {MP_ROM_QSTR(MP_QSTR_inf), mp_const_float_inf},
    {MP_ROM_QSTR(MP_QSTR_nan), mp_const_float_nan}, {MP_ROM_QSTR(MP_QSTR_newaxis), MP_ROM_NONE},
    PY_ND_CREATE(FUNCTION) PY_ND_SHAPE(FUNCTION) PY_ND_REDUCE(FUNCTION) PY_ND_UFUNC(FUNCTION) PY_ND_BINARY(FUNCTION) PY_ND_CHOOSE(FUNCTION)
    FUNCTION(dot) FUNCTION(interp) FUNCTION(polyval) FUNCTION(polyfit)
};
static MP_DEFINE_CONST_DICT(numpy_globals, numpy_globals_table);
static const mp_obj_module_t numpy_module = {{&mp_type_module}, (mp_obj_dict_t *)&numpy_globals};

static const mp_rom_map_elem_t ulab_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_ulab)},
    {MP_ROM_QSTR(MP_QSTR_numpy), MP_ROM_PTR(&numpy_module)},
};
static MP_DEFINE_CONST_DICT(ulab_globals, ulab_globals_table);

const mp_obj_module_t ulab_module = {{&mp_type_module}, (mp_obj_dict_t *)&ulab_globals};
MP_REGISTER_MODULE(MP_QSTR_ulab, ulab_module);
