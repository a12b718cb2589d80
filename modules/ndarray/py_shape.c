/* SPDX-License-Identifier: MIT */
/* The same elements in another shape or order: reshape, transpose, flip, roll; their differences; where they aren't 0. */
#include "modules/ndarray/core/nd_row.h"
#include "modules/ndarray/py_ndarray.h"

/* The shape with its -1 replaced by what is left. */
static int shape_for(mp_obj_t object, size_t count, size_t shape[ND_DIMS])
{
    mp_obj_t *items, known[ND_DIMS];
    size_t n, rest = 1;
    int unknown = -1;

    if (mp_obj_is_int(object)) {
        items = &object;
        n = 1;
    } else {
        mp_obj_get_array(object, &n, &items);
    }
    for (size_t d = 0; d < n && d < ND_DIMS; d++) {
        known[d] = items[d];
        if (mp_obj_is_int(items[d]) && mp_obj_get_int(items[d]) == -1 && unknown < 0) {
            unknown = (int)d;
            known[d] = MP_OBJ_NEW_SMALL_INT(1);
        }
    }
    int ndim = arg_shape(mp_obj_new_tuple(n, n <= ND_DIMS ? known : items), shape);
    struct nd other;
    py_ndarray_check((int)nd_describe(&other, ND_BOOL, ndim, shape));
    rest = nd_count(&other);
    if (unknown >= 0) {
        shape[unknown] = rest && count % rest == 0 ? count / rest : 0;
    }
    return ndim;
}

static mp_obj_t py_nd_reshape(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_shape };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_REQUIRED_OBJ(shape)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    size_t shape[ND_DIMS];

    PARSE_ALL(allowed, v);
    const struct py_ndarray *self = arg_array(v[ARG_a].u_obj);
    struct nd a = self->array, dense = py_ndarray_dense(&a), view;
    int ndim = shape_for(v[ARG_shape].u_obj, nd_count(&a), shape);
    py_ndarray_check(nd_reshape(&view, &dense, ndim, shape));
    return dense.data == a.data ? py_ndarray_view(&view, self) : py_ndarray_over(&view, dense.data);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_reshape_obj, 0, py_nd_reshape);

/* transpose(a, axes=None): the axes the other way round, or in the order given. */
static mp_obj_t py_nd_transpose(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_axes };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_OBJ(axes)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_obj_t *items;
    size_t n;
    unsigned seen = 0;

    PARSE_ALL(allowed, v);
    const struct py_ndarray *self = arg_array(v[ARG_a].u_obj);
    struct nd view = self->array;
    if (v[ARG_axes].u_obj == mp_const_none) {
        nd_transpose(&view);
        return py_ndarray_view(&view, self);
    }
    mp_obj_get_array(v[ARG_axes].u_obj, &n, &items);
    if (n != (size_t)view.ndim) {
        mp_raise_ValueError(MP_ERROR_TEXT("axes must name every axis once"));
    }
    for (size_t d = 0; d < n; d++) {
        int from = arg_axis(items[d], &self->array);
        seen |= 1u << from;
        view.shape[d] = self->array.shape[from];
        view.strides[d] = self->array.strides[from];
    }
    if (seen != (1u << n) - 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("axes must name every axis once"));
    }
    return py_ndarray_view(&view, self);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_transpose_obj, 0, py_nd_transpose);

static void reverse(struct nd *view, int axis)
{
    size_t n = view->shape[axis];

    nd_slice(view, axis, n ? n - 1 : 0, -1, n);
}

/* A view. */
static mp_obj_t py_nd_flip(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_axis };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_OBJ(axis)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    const struct py_ndarray *self = arg_array(v[ARG_a].u_obj);
    struct nd view = self->array;
    if (v[ARG_axis].u_obj != mp_const_none) {
        reverse(&view, arg_axis(v[ARG_axis].u_obj, &view));
    } else {
        for (int d = 0; d < view.ndim; d++) {
            reverse(&view, d);
        }
    }
    return py_ndarray_view(&view, self);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_flip_obj, 0, py_nd_flip);

/* Along one axis, or through all elements. */
static mp_obj_t py_nd_roll(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_shift, ARG_axis };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), {MP_QSTR_shift, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}}, ARG_OPTIONAL_OBJ(axis)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int axis = 0;

    PARSE_ALL(allowed, v);
    struct nd a = arg_array(v[ARG_a].u_obj)->array;
    struct py_ndarray *result = py_ndarray_new(a.type, a.ndim, a.shape);
    struct nd out = result->array;
    if (v[ARG_axis].u_obj != mp_const_none) {
        axis = arg_axis(v[ARG_axis].u_obj, &a);
    } else {
        size_t n = nd_count(&a);
        a = py_ndarray_dense(&a);
        py_ndarray_check(nd_reshape(&a, &a, 1, &n));
        py_ndarray_check(nd_reshape(&out, &out, 1, &n));
    }
    mp_int_t length = (mp_int_t)a.shape[axis], shift = length ? v[ARG_shift].u_int % length : 0;
    size_t moved = (size_t)(shift < 0 ? shift + length : shift), kept = (size_t)length - moved;
    struct nd to = out, from = a;
    nd_slice(&to, axis, moved, 1, kept);
    nd_slice(&from, axis, 0, 1, kept);
    py_ndarray_check(nd_copy(&to, &from));
    to = out;
    from = a;
    nd_slice(&to, axis, 0, 1, moved);
    nd_slice(&from, axis, kept, 1, moved);
    py_ndarray_check(nd_copy(&to, &from));
    return MP_OBJ_FROM_PTR(result);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_roll_obj, 0, py_nd_roll);

/* n times the difference of neighbours along an axis. */
static mp_obj_t py_nd_diff(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_n, ARG_axis };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_INT(n, 1), {MP_QSTR_axis, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}}};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct operand high, low;

    PARSE_ALL(allowed, v);
    mp_obj_t result = MP_OBJ_FROM_PTR(arg_array(v[ARG_a].u_obj));
    int axis = arg_axis(v[ARG_axis].u_obj, &py_ndarray_get(result)->array);
    if (v[ARG_n].u_int < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("n can't be negative"));
    }
    for (mp_int_t i = 0; i < v[ARG_n].u_int; i++) {
        arg_operand(result, ND_FLOAT, &high);
        size_t left = high.array.shape[axis] ? high.array.shape[axis] - 1 : 0;
        low = high;
        nd_slice(&high.array, axis, 1, 1, left);
        nd_slice(&low.array, axis, 0, 1, left);
        result = py_ndarray_binary(ND_SUBTRACT, &high, &low);
        if (left == 0) {
            break;
        }
    }
    return result;
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_diff_obj, 0, py_nd_diff);

/* A tuple of the positions along each axis of the elements that aren't 0, as uint16. */
static mp_obj_t py_nd_nonzero(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a)};
    mp_arg_val_t v[1];
    mp_obj_t result[ND_DIMS];
    struct nd_scalar trues;
    size_t index[ND_DIMS] = {0}, found = 0;
    union nd_row room;

    PARSE_ALL(allowed, v);
    struct nd a = arg_array(v[0].u_obj)->array;
    struct nd truth = py_ndarray_new(ND_BOOL, a.ndim, a.shape)->array;
    py_ndarray_check(nd_copy(&truth, &a));
    py_ndarray_check(nd_reduce(ND_SUM, &truth, 0, &trues));
    for (int d = 0; d < a.ndim; d++) {
        if (a.shape[d] > (size_t)nd_types[ND_UINT16].high + 1) {
            py_ndarray_check(ND_E_SIZE);
        }
        result[d] = MP_OBJ_FROM_PTR(py_ndarray_new(ND_UINT16, 1, &(size_t){(size_t)trues.i}));
    }
    for (size_t i = 0, n = nd_count(&truth); i < n; i++) {
        if (*nd_load_ints(truth.data + i, 0, ND_BOOL, 1, &room)) {
            for (int d = 0; d < a.ndim; d++) {
                const struct nd *positions = &((struct py_ndarray *)MP_OBJ_TO_PTR(result[d]))->array;
                nd_store_ints(positions->data + (ptrdiff_t)found * positions->strides[0], 0, ND_UINT16, 1, &(int32_t){(int32_t)index[d]});
            }
            found++;
        }
        for (int d = a.ndim - 1; d >= 0 && ++index[d] == a.shape[d]; d--) {
            index[d] = 0;
        }
    }
    return mp_obj_new_tuple((size_t)a.ndim, result);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_nonzero_obj, 0, py_nd_nonzero);
