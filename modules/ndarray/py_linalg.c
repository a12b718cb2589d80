/* SPDX-License-Identifier: MIT */
/* Vectors, matrices and functions given by a few numbers, in floats: dot, norm, inv, det, interp, polyval, polyfit. */
#include <math.h>

#include "modules/ndarray/py_ndarray.h"

/* dot(a, b): of two vectors a number; of matrices, or a matrix and a vector, their product. */
static mp_obj_t py_nd_dot(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_REQUIRED_OBJ(b)};
    mp_arg_val_t v[2];
    size_t shape[2];
    int n = 0;

    PARSE_ALL(allowed, v);
    arg_settle(v, 2);
    struct nd a = arg_array(v[0].u_obj)->array, b = arg_array(v[1].u_obj)->array;
    if (a.ndim > 2 || b.ndim > 2) {
        mp_raise_ValueError(MP_ERROR_TEXT("dot() is for one and two dimensions"));
    }
    size_t rows = a.ndim == 2 ? a.shape[0] : 1, inner = a.shape[a.ndim - 1], columns = b.ndim == 2 ? b.shape[1] : 1;
    if (b.shape[0] != inner) {
        py_ndarray_check(ND_E_SHAPE);
    }
    a = py_ndarray_floats(&a);
    b = py_ndarray_floats(&b);
    if (a.ndim == 1 && b.ndim == 1) {
        float result;
        nd_matmul(&result, (const float *)(void *)a.data, (const float *)(void *)b.data, 1, inner, 1);
        return mp_obj_new_float((mp_float_t)result);
    }
    if (a.ndim == 2) {
        shape[n++] = rows;
    }
    if (b.ndim == 2) {
        shape[n++] = columns;
    }
    struct py_ndarray *out = py_ndarray_new(ND_FLOAT, n, shape);
    nd_matmul((float *)(void *)out->array.data, (const float *)(void *)a.data, (const float *)(void *)b.data, rows, inner, columns);
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_dot_obj, 0, py_nd_dot);

/* norm(x, axis=None): the root of the sum of squares. */
static mp_obj_t py_nd_norm(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_x, ARG_axis };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(x), ARG_OPTIONAL_OBJ(axis)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct operand x;

    PARSE_ALL(allowed, v);
    arg_operand_like(v[ARG_x].u_obj, ND_FLOAT, &x);
    if (!x.is_number) {
        x.array = py_ndarray_floats(&x.array);
    }
    mp_obj_t sum[2] = {py_ndarray_binary(ND_MULTIPLY, &x, &x), v[ARG_axis].u_obj};
    mp_obj_t squared = x.is_number ? sum[0] : mp_call_function_n_kw(MP_OBJ_FROM_PTR(&py_nd_sum_obj), 2, 0, sum);
    return mp_call_function_n_kw(MP_OBJ_FROM_PTR(&py_nd_sqrt_obj), 1, 0, &squared);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_norm_obj, 0, py_nd_norm);

/* A square matrix of floats that may be overwritten. */
static struct nd square(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a)};
    mp_arg_val_t v[1];

    PARSE_ALL(allowed, v);
    struct nd a = arg_array(v[0].u_obj)->array;
    if (a.ndim != 2 || a.shape[0] != a.shape[1]) {
        mp_raise_ValueError(MP_ERROR_TEXT("A square matrix is expected"));
    }
    struct nd copy = py_ndarray_new(ND_FLOAT, 2, a.shape)->array;
    py_ndarray_check(nd_copy(&copy, &a));
    return copy;
}

static mp_obj_t py_nd_inv(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct nd a = square(n_args, args, kw);
    struct py_ndarray *out = py_ndarray_new(ND_FLOAT, 2, a.shape);

    py_ndarray_check(nd_invert((float *)(void *)out->array.data, (float *)(void *)a.data, a.shape[0]));
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_inv_obj, 0, py_nd_inv);

static mp_obj_t py_nd_det(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct nd a = square(n_args, args, kw);

    return mp_obj_new_float((mp_float_t)nd_determinant((float *)(void *)a.data, a.shape[0]));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_det_obj, 0, py_nd_det);

/* ---- Functions of one variable ---- */

/* A line of at least one float. */
static struct nd float_line(mp_obj_t object)
{
    struct nd a = arg_array(object)->array;

    if (a.ndim != 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("One dimension is expected"));
    }
    if (a.shape[0] == 0) {
        py_ndarray_check(ND_E_EMPTY);
    }
    return py_ndarray_floats(&a);
}

/* x as floats that a function may replace by its values. */
static struct nd arguments(mp_obj_t object)
{
    struct operand x;

    arg_operand_like(object, ND_FLOAT, &x);
    struct nd copy = {.type = ND_FLOAT};
    copy.data = py_ndarray_new(ND_FLOAT, x.is_number ? 1 : x.array.ndim, x.is_number ? &(size_t){1} : x.array.shape)->array.data;
    py_ndarray_check((int)nd_describe(&copy, ND_FLOAT, x.array.ndim, x.array.shape));
    py_ndarray_check(nd_copy(&copy, &x.array));
    return copy;
}

static mp_obj_t values(const struct nd *a)
{
    return a->ndim ? py_ndarray_over(a, a->data) : py_ndarray_item(ND_FLOAT, a->data);
}

/* interp(x, xp, fp): between the points (xp, fp), xp growing, straight lines; outside of them the first and last fp. */
static mp_obj_t py_nd_interp(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_x, ARG_xp, ARG_fp };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(x), ARG_REQUIRED_OBJ(xp), ARG_REQUIRED_OBJ(fp)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    arg_settle(v, MP_ARRAY_SIZE(v));
    struct nd x = arguments(v[ARG_x].u_obj), xp = float_line(v[ARG_xp].u_obj), fp = float_line(v[ARG_fp].u_obj);
    if (xp.shape[0] != fp.shape[0]) {
        py_ndarray_check(ND_E_SHAPE);
    }
    nd_interpolate((float *)(void *)x.data, nd_count(&x), (const float *)(void *)xp.data, (const float *)(void *)fp.data, xp.shape[0]);
    return values(&x);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_interp_obj, 0, py_nd_interp);

/* polyval(p, x): the polynomial with these coefficients, the highest power first. */
static mp_obj_t py_nd_polyval(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_p, ARG_x };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(p), ARG_REQUIRED_OBJ(x)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    arg_settle(v, MP_ARRAY_SIZE(v));
    struct nd p = float_line(v[ARG_p].u_obj), x = arguments(v[ARG_x].u_obj);
    nd_polynomial((float *)(void *)x.data, nd_count(&x), (const float *)(void *)p.data, p.shape[0]);
    return values(&x);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_polyval_obj, 0, py_nd_polyval);

/* polyfit(x, y, deg): the polynomial nearest to the points in the sense of least squares. */
static mp_obj_t py_nd_polyfit(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_x, ARG_y, ARG_deg };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(x), ARG_REQUIRED_OBJ(y), {MP_QSTR_deg, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}}};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_ALL(allowed, v);
    arg_settle(v, ARG_deg);
    struct nd x = float_line(v[ARG_x].u_obj), y = float_line(v[ARG_y].u_obj);
    if (v[ARG_deg].u_int < 0 || v[ARG_deg].u_int > ND_MAX_DEGREE) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("deg is 0 to %d"), ND_MAX_DEGREE);
    }
    if (x.shape[0] != y.shape[0]) {
        py_ndarray_check(ND_E_SHAPE);
    }
    size_t n = (size_t)v[ARG_deg].u_int + 1;
    struct py_ndarray *out = py_ndarray_new(ND_FLOAT, 1, &n);
    py_ndarray_check(nd_fit((float *)(void *)out->array.data, n, (const float *)(void *)x.data, (const float *)(void *)y.data, x.shape[0]));
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_polyfit_obj, 0, py_nd_polyfit);
