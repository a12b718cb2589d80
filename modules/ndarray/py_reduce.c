/* SPDX-License-Identifier: MIT */
/* Along an axis, or of all elements: sums, extremes, positions, order. */
#include "modules/ndarray/py_ndarray.h"

static mp_obj_t scalar(const struct nd_scalar *s, enum nd_type type)
{
    if (s->is_float) {
        return mp_obj_new_float((mp_float_t)s->f);
    }
    return type == ND_BOOL ? mp_obj_new_bool(s->i != 0) : mp_obj_new_int_from_ll(s->i);
}

static void store(const struct nd *out, const struct nd_scalar *s)
{
    uint8_t *data = out->data;
    struct nd one = {.data = data, .type = out->type}, from;
    struct operand value;

    arg_operand(scalar(s, out->type), out->type, &value);
    from = value.array;
    py_ndarray_check(nd_copy(&one, &from));
}

/* With keepdims the axis stays, 1 long. */
static mp_obj_t reduce(enum nd_reduction op, const struct nd *a, mp_obj_t axis_object, int ddof, bool keepdims)
{
    enum nd_type type = nd_reduction_type(op, a->type);
    size_t shape[ND_DIMS];
    struct nd_scalar result;

    if (axis_object == mp_const_none || a->ndim == 1) {
        if (axis_object != mp_const_none) {
            arg_axis(axis_object, a);
        }
        py_ndarray_check(nd_reduce(op, a, ddof, &result));
        if (!keepdims) {
            return scalar(&result, type);
        }
        if (!result.is_float && type != ND_FLOAT && result.i > nd_types[type].high) {
            py_ndarray_check(ND_E_SIZE);
        }
        for (int d = 0; d < a->ndim; d++) {
            shape[d] = 1;
        }
        struct py_ndarray *kept = py_ndarray_new(type, a->ndim, shape);
        store(&kept->array, &result);
        return MP_OBJ_FROM_PTR(kept);
    }
    int axis = arg_axis(axis_object, a), n = 0;
    for (int d = 0; d < a->ndim; d++) {
        if (d != axis) {
            shape[n++] = a->shape[d];
        }
    }
    struct py_ndarray *out = py_ndarray_new(type, n, shape);
    py_ndarray_check(nd_reduce_axis(op, a, axis, ddof, &out->array));
    if (keepdims) {
        py_ndarray_check(nd_insert_axis(&out->array, axis));
    }
    return MP_OBJ_FROM_PTR(out);
}

static mp_obj_t reduction(enum nd_reduction op, size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_axis, ARG_ddof, ARG_keepdims };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_OBJ(axis), KW_INT(ddof, 0), KW_BOOL(keepdims, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    struct nd a = arg_array(v[ARG_a].u_obj)->array;
    return reduce(op, &a, v[ARG_axis].u_obj, (int)v[ARG_ddof].u_int, v[ARG_keepdims].u_bool);
}

#define REDUCTION(name, op)                                                             \
    static mp_obj_t py_nd_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)     \
    {                                                                                   \
        return reduction(op, n_args, args, kw);                                         \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_##name##_obj, 0, py_nd_##name);

REDUCTION(sum, ND_SUM)
REDUCTION(mean, ND_MEAN)
REDUCTION(var, ND_VARIANCE)
REDUCTION(std, ND_STD)
REDUCTION(min, ND_MIN)
REDUCTION(max, ND_MAX)
REDUCTION(argmin, ND_ARGMIN)
REDUCTION(argmax, ND_ARGMAX)
REDUCTION(all, ND_ALL)
REDUCTION(any, ND_ANY)

/* ---- Order ---- */

/* The array, or all its elements in one line when axis is None. */
static struct nd lines_of(mp_obj_t object, mp_obj_t axis_object, int *axis)
{
    struct nd a = arg_array(object)->array;
    size_t n = nd_count(&a);

    *axis = 0;
    if (axis_object == mp_const_none) {
        a = py_ndarray_dense(&a);
        py_ndarray_check(nd_reshape(&a, &a, 1, &n));
    } else {
        *axis = arg_axis(axis_object, &a);
    }
    return a;
}

static void lines(enum nd_line_op op, const struct nd *out, const struct nd *a, int axis)
{
    size_t bytes = (size_t)py_ndarray_check((int)nd_line_scratch(a->shape[axis]));
    void *scratch = m_malloc(bytes);

    py_ndarray_check(nd_lines(op, out, a, axis, scratch));
    m_del(uint8_t, scratch, bytes);
}

static mp_obj_t line_function(enum nd_line_op op, const mp_arg_t *allowed, size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_axis, ARGS };
    mp_arg_val_t v[ARGS];
    int axis;

    mp_arg_parse_all(n_args, args, kw, ARGS, allowed, v);
    struct nd a = lines_of(v[ARG_a].u_obj, v[ARG_axis].u_obj, &axis);
    enum nd_type type = op == ND_SORT ? a.type : op == ND_ARGSORT ? ND_UINT16 : ND_FLOAT;
    struct py_ndarray *out = py_ndarray_new(type, a.ndim, a.shape);
    lines(op, &out->array, &a, axis);
    return MP_OBJ_FROM_PTR(out);
}

static const mp_arg_t last_axis[] = {ARG_REQUIRED_OBJ(a), {MP_QSTR_axis, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}}};
static const mp_arg_t no_axis[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_OBJ(axis)};

#define LINE_FUNCTION(name, op, allowed)                                                \
    static mp_obj_t py_nd_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)     \
    {                                                                                   \
        return line_function(op, allowed, n_args, args, kw);                            \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_##name##_obj, 0, py_nd_##name);

LINE_FUNCTION(sort, ND_SORT, last_axis)
LINE_FUNCTION(argsort, ND_ARGSORT, last_axis)
LINE_FUNCTION(cumsum, ND_CUMSUM, no_axis)

static mp_obj_t py_nd_median(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    mp_arg_val_t v[MP_ARRAY_SIZE(no_axis)];
    size_t shape[ND_DIMS];
    float only;
    int axis, n = 0;

    PARSE_ALL(no_axis, v);
    struct nd a = lines_of(v[0].u_obj, v[1].u_obj, &axis);
    if (a.ndim == 1) {
        struct nd one = {.data = (uint8_t *)&only, .type = ND_FLOAT};
        lines(ND_MEDIAN, &one, &a, axis);
        return mp_obj_new_float((mp_float_t)only);
    }
    for (int d = 0; d < a.ndim; d++) {
        if (d != axis) {
            shape[n++] = a.shape[d];
        }
    }
    struct py_ndarray *out = py_ndarray_new(ND_FLOAT, n, shape);
    lines(ND_MEDIAN, &out->array, &a, axis);
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_median_obj, 0, py_nd_median);
