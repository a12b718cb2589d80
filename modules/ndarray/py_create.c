/* SPDX-License-Identifier: MIT */
/* Functions that make arrays. */
#include <math.h>
#include <string.h>

#include "modules/ndarray/core/nd_row.h"
#include "modules/ndarray/py_ndarray.h"

static mp_obj_t py_nd_array(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_object, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(object), ARG_OPTIONAL_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    return MP_OBJ_FROM_PTR(py_ndarray_from(v[ARG_object].u_obj, (int)arg_dtype_or(v[ARG_dtype].u_obj, ND_TYPES)));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_array_obj, 0, py_nd_array);

/* The array itself when it is one of this type. */
static mp_obj_t py_nd_asarray(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_object, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(object), ARG_OPTIONAL_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    mp_obj_t object = v[ARG_object].u_obj;
    enum nd_type type = arg_dtype_or(v[ARG_dtype].u_obj, ND_TYPES);
    if (py_ndarray_is(object) && (type == ND_TYPES || type == py_ndarray_get(object)->array.type)) {
        return object;
    }
    return MP_OBJ_FROM_PTR(py_ndarray_from(object, (int)type));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_asarray_obj, 0, py_nd_asarray);

/* ---- Of one value ---- */

static mp_obj_t filled(mp_obj_t shape_object, enum nd_type type, mp_obj_t value)
{
    size_t shape[ND_DIMS], one = 1;
    int ndim = arg_shape(shape_object, shape);
    struct py_ndarray *self = py_ndarray_new(type, ndim, shape);
    struct nd first = *(&self->array);

    if (value == MP_OBJ_NEW_SMALL_INT(0)) {
        memset(first.data, 0, nd_count(&first) * nd_types[type].size);
    } else {
        mp_obj_t list = mp_obj_new_list(1, &value);
        struct nd element = py_ndarray_from(list, (int)type)->array;
        py_ndarray_check(nd_reshape(&element, &element, 1, &one));
        py_ndarray_check(nd_copy(&self->array, &element));
    }
    return MP_OBJ_FROM_PTR(self);
}

#define OF_SHAPE(name, value)                                                           \
    static mp_obj_t py_nd_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)     \
    {                                                                                   \
        static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(shape), ARG_OPTIONAL_OBJ(dtype)}; \
        mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];                                         \
        PARSE_ALL(allowed, v);                                                          \
        return filled(v[0].u_obj, arg_dtype_or(v[1].u_obj, ND_FLOAT), MP_OBJ_NEW_SMALL_INT(value)); \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_##name##_obj, 0, py_nd_##name);

OF_SHAPE(zeros, 0)
OF_SHAPE(empty, 0)
OF_SHAPE(ones, 1)

static mp_obj_t py_nd_full(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_shape, ARG_fill_value, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(shape), ARG_REQUIRED_OBJ(fill_value), ARG_OPTIONAL_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    return filled(v[ARG_shape].u_obj, arg_dtype_or(v[ARG_dtype].u_obj, ND_FLOAT), v[ARG_fill_value].u_obj);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_full_obj, 0, py_nd_full);

static mp_obj_t py_nd_eye(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_N, ARG_M, ARG_k, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(N), ARG_OPTIONAL_OBJ(M), ARG_OPTIONAL_INT(k, 0), ARG_OPTIONAL_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    mp_obj_t sides[2] = {v[ARG_N].u_obj, v[ARG_M].u_obj == mp_const_none ? v[ARG_N].u_obj : v[ARG_M].u_obj};
    mp_obj_t result = filled(mp_obj_new_tuple(2, sides), arg_dtype_or(v[ARG_dtype].u_obj, ND_FLOAT), MP_OBJ_NEW_SMALL_INT(0));
    const struct nd *a = &py_ndarray_get(result)->array;
    for (size_t row = 0; row < a->shape[0]; row++) {
        size_t column = row + (size_t)v[ARG_k].u_int;   /* of a negative k as well: what is left of column 0 is very large */
        if (column < a->shape[1]) {
            uint8_t *at = a->data + (ptrdiff_t)row * a->strides[0] + (ptrdiff_t)column * a->strides[1];
            nd_store_ints(at, 0, a->type, 1, &(int32_t){1});
        }
    }
    return result;
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_eye_obj, 0, py_nd_eye);

/* ---- Ranges ---- */

/* n numbers from start on; of integers the last decides which type holds them, unless it is given. */
static mp_obj_t range(double start, double step, size_t n, enum nd_type type)
{
    struct nd a = py_ndarray_new(type, 1, &n)->array;

    for (size_t i = 0; i < n; i++) {
        float value = (float)(start + (double)i * step);
        nd_store_floats(a.data + (ptrdiff_t)i * a.strides[0], 0, type, 1, &value);
    }
    return py_ndarray_over(&a, a.data);
}

static bool fits(enum nd_type type, double value)
{
    return value >= (double)nd_types[type].low && value <= (double)nd_types[type].high;
}

static mp_obj_t py_nd_arange(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_start, ARG_stop, ARG_step, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(start), ARG_OPTIONAL_OBJ(stop), {MP_QSTR_step, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(1)}},
                                       ARG_OPTIONAL_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    bool ints = true;

    PARSE_ALL(allowed, v);
    if (v[ARG_stop].u_obj == mp_const_none) {
        v[ARG_stop].u_obj = v[ARG_start].u_obj;
        v[ARG_start].u_obj = MP_OBJ_NEW_SMALL_INT(0);
    }
    for (int i = ARG_start; i <= ARG_step; i++) {
        ints &= mp_obj_is_int(v[i].u_obj);
    }
    double start = (double)mp_obj_get_float(v[ARG_start].u_obj), stop = (double)mp_obj_get_float(v[ARG_stop].u_obj);
    double step = (double)mp_obj_get_float(v[ARG_step].u_obj), count = ceil((stop - start) / step);
    if (!(count <= (double)ND_MAX_BYTES)) {             /* a step of 0, no numbers, or too many */
        mp_raise_ValueError(MP_ERROR_TEXT("arange() of these numbers has no end"));
    }
    size_t n = count > 0 ? (size_t)count : 0;
    double last = start + (double)(n ? n - 1 : 0) * step;
    enum nd_type type = ints && fits(ND_INT16, start) && fits(ND_INT16, last)     ? ND_INT16
                        : ints && fits(ND_UINT16, start) && fits(ND_UINT16, last) ? ND_UINT16
                                                                                  : ND_FLOAT;
    return range(start, step, n, arg_dtype_or(v[ARG_dtype].u_obj, type));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_arange_obj, 0, py_nd_arange);

static mp_obj_t py_nd_linspace(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_start, ARG_stop, ARG_num, ARG_endpoint, ARG_dtype };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(start), ARG_REQUIRED_OBJ(stop), ARG_OPTIONAL_INT(num, 50), KW_BOOL(endpoint, true), KW_OBJ(dtype)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    double start = (double)mp_obj_get_float(v[ARG_start].u_obj), stop = (double)mp_obj_get_float(v[ARG_stop].u_obj);
    mp_int_t n = v[ARG_num].u_int, steps = v[ARG_endpoint].u_bool ? n - 1 : n;
    if (n < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("num can't be negative"));
    }
    return range(start, steps > 0 ? (stop - start) / (double)steps : 0, (size_t)n, arg_dtype_or(v[ARG_dtype].u_obj, ND_FLOAT));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_linspace_obj, 0, py_nd_linspace);

/* ---- Of what is there ---- */

/* A view of a buffer's bytes, which it keeps; a copy of bytes that can't be written, which may lie in flash. */
static mp_obj_t py_nd_frombuffer(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_buffer, ARG_dtype, ARG_count, ARG_offset };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(buffer), ARG_OPTIONAL_OBJ(dtype), ARG_OPTIONAL_INT(count, -1), ARG_OPTIONAL_INT(offset, 0)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_buffer_info_t info;
    struct nd a;

    PARSE_ALL(allowed, v);
    enum nd_type type = arg_dtype_or(v[ARG_dtype].u_obj, ND_FLOAT);
    size_t size = nd_types[type].size, offset = (size_t)v[ARG_offset].u_int;
    bool writable = mp_get_buffer(v[ARG_buffer].u_obj, &info, MP_BUFFER_RW);
    if (!writable) {
        mp_get_buffer_raise(v[ARG_buffer].u_obj, &info, MP_BUFFER_READ);
    }
    if (v[ARG_offset].u_int < 0 || offset > info.len) {
        mp_raise_ValueError(MP_ERROR_TEXT("offset lies outside of the buffer"));
    }
    size_t there = (info.len - offset) / size, n = v[ARG_count].u_int < 0 ? there : (size_t)v[ARG_count].u_int;
    if (n > there) {
        mp_raise_ValueError(MP_ERROR_TEXT("The buffer is smaller than that"));
    }
    if (v[ARG_count].u_int < 0 && (info.len - offset) % size) {
        mp_raise_ValueError(MP_ERROR_TEXT("The buffer isn't a whole number of elements"));
    }
    py_ndarray_check((int)nd_describe(&a, type, 1, &n));
    a.data = (uint8_t *)info.buf + offset;
    if (!writable) {
        struct py_ndarray *copy = py_ndarray_new(type, 1, &n);
        py_ndarray_check(nd_copy(&copy->array, &a));
        return MP_OBJ_FROM_PTR(copy);
    }
    return py_ndarray_over_buffer(&a, v[ARG_buffer].u_obj);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_frombuffer_obj, 0, py_nd_frombuffer);

static mp_obj_t py_nd_concatenate(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_arrays, ARG_axis };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(arrays), {MP_QSTR_axis, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)}}};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_obj_t *items;
    size_t n, total = 0, at = 0;

    PARSE_ALL(allowed, v);
    mp_obj_get_array(v[ARG_arrays].u_obj, &n, &items);
    if (n == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("There is nothing to concatenate"));
    }
    struct nd first = py_ndarray_get(items[0])->array;
    enum nd_type type = first.type;
    int axis = arg_axis(v[ARG_axis].u_obj, &first);
    for (size_t i = 0; i < n; i++) {
        struct nd a = py_ndarray_get(items[i])->array;
        if (a.ndim != first.ndim) {
            py_ndarray_check(ND_E_SHAPE);
        }
        total += a.shape[axis];
        if (total > ND_MAX_BYTES) {
            py_ndarray_check(ND_E_SIZE);
        }
        a.shape[axis] = first.shape[axis];
        if (!nd_same_shape(&a, &first)) {
            py_ndarray_check(ND_E_SHAPE);
        }
        type = nd_promote(type, a.type);
    }
    first.shape[axis] = total;
    struct py_ndarray *out = py_ndarray_new(type, first.ndim, first.shape);
    for (size_t i = 0; i < n; i++) {
        const struct nd *a = &py_ndarray_get(items[i])->array;
        struct nd part = out->array;
        nd_slice(&part, axis, at, 1, a->shape[axis]);
        py_ndarray_check(nd_copy(&part, a));
        at += a->shape[axis];
    }
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_concatenate_obj, 0, py_nd_concatenate);
