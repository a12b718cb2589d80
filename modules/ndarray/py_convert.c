/* SPDX-License-Identifier: MIT */
/* Arguments of this module, and arrays out of what Python has: sequences, iterables, buffers, numbers. */
#include <string.h>

#include "modules/ndarray/core/nd_row.h"
#include "modules/ndarray/py_ndarray.h"

/* ---- Shapes and axes ---- */

/* Nothing but an int: what another object gives is computed by a script's code, which might change the list or the buffer that is being looked at. */
static mp_int_t whole(mp_obj_t object)
{
    if (!mp_obj_is_int(object)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("A whole number is expected, not '%s'"), mp_obj_get_type_str(object));
    }
    return mp_obj_get_int(object);
}

static size_t length_of(mp_obj_t object)
{
    mp_int_t length = whole(object);

    if (length < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("A dimension can't be negative"));
    }
    return (size_t)length;
}

int arg_shape(mp_obj_t object, size_t shape[ND_DIMS])
{
    mp_obj_t *items;
    size_t n;

    if (mp_obj_is_int(object)) {
        shape[0] = length_of(object);
        return 1;
    }
    mp_obj_get_array(object, &n, &items);
    if (n < 1 || n > ND_DIMS) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("A shape has 1 to %d dimensions"), ND_DIMS);
    }
    for (size_t d = 0; d < n; d++) {
        shape[d] = length_of(items[d]);
    }
    return (int)n;
}

int arg_axis(mp_obj_t object, const struct nd *a)
{
    mp_int_t axis = whole(object);

    if (axis < -a->ndim || axis >= a->ndim) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("There is no axis %d in an array of %d dimensions"), (int)axis, a->ndim);
    }
    return (int)(axis < 0 ? axis + a->ndim : axis);
}

/* ---- Numbers ---- */

static enum nd_type smallest(mp_int_t value, enum nd_type with)
{
    if (with == ND_FLOAT || (with != ND_BOOL && value >= nd_types[with].low && value <= nd_types[with].high)) {
        return with;
    }
    for (enum nd_type type = ND_UINT8; type < ND_FLOAT; type++) {
        if (value >= nd_types[type].low && value <= nd_types[type].high) {
            return type;
        }
    }
    return ND_FLOAT;
}

static bool number(mp_obj_t object, enum nd_type with, struct operand *out)
{
    mp_float_t value;

    if (mp_obj_is_bool(object)) {
        out->array.type = ND_BOOL;
        out->value[0] = object == mp_const_true;
        return true;
    }
    if (mp_obj_is_small_int(object)) {
        mp_int_t n = MP_OBJ_SMALL_INT_VALUE(object);
        out->array.type = smallest(n, with);
        if (out->array.type != ND_FLOAT) {
            nd_store_ints(out->value, 0, out->array.type, 1, &(int32_t){(int32_t)n});
            return true;
        }
    }
    if (!mp_obj_is_int(object) && !mp_obj_is_float(object)) {
        return false;
    }
    value = mp_obj_get_float(object);
    out->array.type = ND_FLOAT;
    nd_store_floats(out->value, 0, ND_FLOAT, 1, &(float){(float)value});
    return true;
}

bool arg_operand(mp_obj_t object, enum nd_type with, struct operand *out)
{
    if (py_ndarray_is(object)) {
        *out = (struct operand){.array = py_ndarray_get(object)->array};
        return true;
    }
    *out = (struct operand){.is_number = true};
    out->array.data = out->value;
    return number(object, with, out);
}

void arg_operand_like(mp_obj_t object, enum nd_type with, struct operand *out)
{
    if (!arg_operand(object, with, out)) {
        *out = (struct operand){.array = py_ndarray_from(object, ND_TYPES)->array};
    }
}

void arg_settle(mp_arg_val_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mp_obj_t object = values[i].u_obj;
        if (object != mp_const_none && !py_ndarray_is(object) && !mp_obj_is_int(object) && !mp_obj_is_float(object) && !mp_obj_is_bool(object)) {
            values[i].u_obj = MP_OBJ_FROM_PTR(py_ndarray_from(object, ND_TYPES));
        }
    }
}

struct py_ndarray *arg_array(mp_obj_t object)
{
    return py_ndarray_is(object) ? py_ndarray_get(object) : py_ndarray_from(object, ND_TYPES);
}

/* ---- Sequences ---- */

/* One number into an element; integers must fit, fractions are cut. */
static void store_number(enum nd_type type, uint8_t *data, mp_obj_t object)
{
    if (type == ND_BOOL) {
        *data = mp_obj_is_true(object);
        return;
    }
    if (type != ND_FLOAT && mp_obj_is_int(object)) {
        mp_int_t n = mp_obj_get_int(object);
        if (n < nd_types[type].low || n > nd_types[type].high) {
            mp_raise_msg_varg(&mp_type_OverflowError, MP_ERROR_TEXT("%d is no %s"), (int)n, nd_types[type].name);
        }
        nd_store_ints(data, 0, type, 1, &(int32_t){(int32_t)n});
        return;
    }
    nd_store_floats(data, 0, type, 1, &(float){(float)mp_obj_get_float(object)});
}

static bool is_sequence(mp_obj_t object)
{
    return mp_obj_is_type(object, &mp_type_list) || mp_obj_is_type(object, &mp_type_tuple);
}

/* The shape of nested sequences, as their first items have it: no deeper than ND_DIMS. */
static int shape_of(mp_obj_t object, size_t shape[ND_DIMS])
{
    int ndim = 0;

    for (;;) {
        if (py_ndarray_is(object)) {
            const struct nd *a = &((struct py_ndarray *)MP_OBJ_TO_PTR(object))->array;
            if (ndim + a->ndim > ND_DIMS) {
                py_ndarray_check(ND_E_DIMS);
            }
            memcpy(shape + ndim, a->shape, (size_t)a->ndim * sizeof(*shape));
            return ndim + a->ndim;
        }
        if (!is_sequence(object)) {
            return ndim;
        }
        if (ndim == ND_DIMS) {
            py_ndarray_check(ND_E_DIMS);
        }
        mp_obj_t *items;
        mp_obj_get_array(object, &shape[ndim++], &items);
        if (shape[ndim - 1] == 0) {
            return ndim;
        }
        object = items[0];
    }
}

/* Fills the array without gaps; as deep as it has dimensions. */
static void fill(const struct nd *a, mp_obj_t object)
{
    size_t length;
    mp_obj_t *items;

    if (py_ndarray_is(object)) {
        const struct nd *from = &py_ndarray_get(object)->array;
        if (!nd_same_shape(a, from)) {
            py_ndarray_check(ND_E_SHAPE);
        }
        py_ndarray_check(nd_copy(a, from));
        return;
    }
    if (a->ndim == 0) {
        store_number(a->type, a->data, object);
        return;
    }
    for (size_t i = 0; i < a->shape[0]; i++) {
        struct nd part = *a;
        mp_obj_get_array(object, &length, &items);      /* each time: a number's own code might have changed it */
        if (length != a->shape[0]) {
            mp_raise_ValueError(MP_ERROR_TEXT("The rows differ in length"));
        }
        nd_drop_axis(&part, 0, i);
        fill(&part, items[i]);
    }
}

/* A buffer of elements of a type that is known here: bytes, array.array, memoryview. */
static bool from_buffer(mp_obj_t object, struct nd *out)
{
    mp_buffer_info_t info;
    enum nd_type type = ND_UINT8;

    if (mp_obj_is_str(object) || !mp_get_buffer(object, &info, MP_BUFFER_READ)) {
        return false;
    }
    while (type < ND_TYPES && nd_types[type].code != (char)info.typecode) {
        type++;
    }
    if (type == ND_TYPES) {
        return false;
    }
    size_t n = info.len / nd_types[type].size;
    py_ndarray_check((int)nd_describe(out, type, 1, &n));
    out->data = info.buf;
    return true;
}

struct py_ndarray *py_ndarray_from(mp_obj_t object, int type)
{
    size_t shape[ND_DIMS];
    struct nd buffer;

    if (mp_obj_is_str(object) || mp_obj_is_int(object) || mp_obj_is_float(object)) {
        mp_raise_TypeError(MP_ERROR_TEXT("An array is made of a list, tuple, iterable, buffer or array"));
    }
    if (!is_sequence(object) && !py_ndarray_is(object)) {
        if (from_buffer(object, &buffer)) {
            struct py_ndarray *copy = py_ndarray_new(type == ND_TYPES ? ND_FLOAT : (enum nd_type)type, 1, buffer.shape);
            py_ndarray_check(nd_copy(&copy->array, &buffer));
            return copy;
        }
        object = mp_call_function_1(MP_OBJ_FROM_PTR(&mp_type_list), object);
    }
    int ndim = shape_of(object, shape);
    enum nd_type missing = py_ndarray_is(object) ? ((struct py_ndarray *)MP_OBJ_TO_PTR(object))->array.type : ND_FLOAT;
    struct py_ndarray *self = py_ndarray_new(type == ND_TYPES ? missing : (enum nd_type)type, ndim, shape);
    if (nd_count(&self->array)) {
        fill(&self->array, object);
    }
    return self;
}
