/* SPDX-License-Identifier: MIT */
/* The ndarray object, and how the files of this module, and other modules, share it. */
#ifndef MODULES_NDARRAY_PY_NDARRAY_H
#define MODULES_NDARRAY_PY_NDARRAY_H

#include "modules/arguments.h"
#include "modules/ndarray/core/nd.h"

struct py_ndarray {
    mp_obj_base_t base;
    struct nd array;
    void *owner;                /* what the collector must keep for the elements: their block, or the object whose buffer they are */
    bool foreign;               /* the latter: that buffer may be resized, or go with a frame */
};

extern const mp_obj_type_t py_ndarray_type, py_dtype_type;

/* A new array without gaps, its elements undefined. ValueError if it is too large, MemoryError. */
struct py_ndarray *py_ndarray_new(enum nd_type type, int ndim, const size_t *shape);

/* A new array over elements of a block that it keeps; over those of another object's buffer; over some of an array's. */
mp_obj_t py_ndarray_over(const struct nd *array, void *block);
mp_obj_t py_ndarray_over_buffer(const struct nd *array, mp_obj_t object);
mp_obj_t py_ndarray_view(const struct nd *array, const struct py_ndarray *of);

static inline bool py_ndarray_is(mp_obj_t object)
{
    return mp_obj_is_type(object, &py_ndarray_type);
}

/* The object behind `object`; TypeError, or RuntimeError when the buffer that it lies in is gone. Whatever runs a script's code, such as asking an object
   for its number, comes before. */
struct py_ndarray *py_ndarray_get(mp_obj_t object);

/* The element at `data` as a number. */
mp_obj_t py_ndarray_item(enum nd_type type, const uint8_t *data);

/* Raises for a negative error; returns the others. */
int py_ndarray_check(int error);

/* The same elements without gaps, copied if there are some. */
struct nd py_ndarray_dense(const struct nd *a);

/* The same, as floats. */
struct nd py_ndarray_floats(const struct nd *a);

/* out = a, also when they share elements. */
void py_ndarray_assign(const struct nd *out, const struct nd *a);

/* ---- Arguments ---- */

/* A type code (number or one character), or the dtype of an array. ValueError. */
enum nd_type arg_dtype(mp_obj_t object);

/* The same, or `missing` for None. */
enum nd_type arg_dtype_or(mp_obj_t object, enum nd_type missing);

/* A whole number or a tuple of them, as a shape. Returns its ndim. ValueError, TypeError. Runs no code of a script. */
int arg_shape(mp_obj_t object, size_t shape[ND_DIMS]);

/* An axis of `a`, counted from the end if negative. ValueError, TypeError. Runs no code of a script. */
int arg_axis(mp_obj_t object, const struct nd *a);

/* An array; a number; or what array() takes, as floats. */
struct operand {
    struct nd array;
    bool is_number;
    uint8_t value[4];
};

/* An array, or a number as the smallest type that holds it, but as `with` when that does. False for everything else. */
bool arg_operand(mp_obj_t object, enum nd_type with, struct operand *out);

/* The same, or anything that array() takes. TypeError. */
void arg_operand_like(mp_obj_t object, enum nd_type with, struct operand *out);

/* Of several objects those that array() takes become arrays; numbers, arrays and None stay. Comes before the first of them is looked at: the numbers in
   the others may be a script's code. */
void arg_settle(mp_arg_val_t *values, size_t n);

/* An array, or what array() takes, as floats. */
struct py_ndarray *arg_array(mp_obj_t object);

/* A new array of what a sequence, iterable, buffer or array holds. `type` ND_TYPES: an array's own, else float. */
struct py_ndarray *py_ndarray_from(mp_obj_t object, int type);

/* ---- What the files of this module give ---- */

mp_obj_t py_ndarray_unary_op(mp_unary_op_t op, mp_obj_t object);
mp_obj_t py_ndarray_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right);
mp_obj_t py_ndarray_subscript(mp_obj_t object, mp_obj_t index, mp_obj_t value);
void py_ndarray_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind);

/* a op b as a new array, or a number if both are. */
mp_obj_t py_ndarray_binary(enum nd_binary_op op, const struct operand *a, const struct operand *b);

/* Functions of the module, by the file that has them; most take keywords. */
#define PY_ND_CREATE(X) X(array) X(asarray) X(zeros) X(ones) X(full) X(empty) X(eye) X(arange) X(linspace) X(frombuffer) X(concatenate)
#define PY_ND_SHAPE(X) X(reshape) X(transpose) X(flip) X(roll) X(diff) X(nonzero)
#define PY_ND_REDUCE(X) X(sum) X(mean) X(var) X(std) X(min) X(max) X(argmin) X(argmax) X(all) X(any) X(sort) X(argsort) X(median) X(cumsum)
#define PY_ND_UFUNC(X) X(exp, EXP) X(expm1, EXPM1) X(log, LOG) X(log2, LOG2) X(log10, LOG10) X(sqrt, SQRT) X(sin, SIN) X(cos, COS) X(tan, TAN) \
    X(asin, ASIN) X(acos, ACOS) X(atan, ATAN) X(sinh, SINH) X(cosh, COSH) X(tanh, TANH) X(asinh, ASINH) X(acosh, ACOSH) X(atanh, ATANH)      \
    X(floor, FLOOR) X(ceil, CEIL) X(degrees, DEGREES) X(radians, RADIANS) X(isinf, ISINF) X(isfinite, ISFINITE) X(isnan, ISNAN)
#define PY_ND_BINARY(X) X(maximum, MAXIMUM) X(minimum, MINIMUM) X(arctan2, ARCTAN2) X(equal, EQUAL) X(not_equal, NOT_EQUAL)
#define PY_ND_CHOOSE(X) X(around) X(where) X(clip)
#define PY_ND_LINALG(X) X(dot) X(norm) X(inv) X(det) X(interp) X(polyval) X(polyfit)

#define PY_ND_DECLARE(name, ...) MP_DECLARE_CONST_FUN_OBJ_KW(py_nd_##name##_obj);
PY_ND_CREATE(PY_ND_DECLARE) PY_ND_SHAPE(PY_ND_DECLARE) PY_ND_REDUCE(PY_ND_DECLARE) PY_ND_UFUNC(PY_ND_DECLARE) PY_ND_BINARY(PY_ND_DECLARE)
PY_ND_CHOOSE(PY_ND_DECLARE) PY_ND_LINALG(PY_ND_DECLARE)

#endif
