/* SPDX-License-Identifier: MIT */
/* Operators of Python on arrays, and the functions that are operators by another name. */
#include "modules/ndarray/py_ndarray.h"

#include "modules/ndarray/core/nd_row.h"

/* ---- Two operands ---- */

static MP_NORETURN void raise_shapes(const struct nd *a, const struct nd *b)
{
    const struct nd *const both[] = {a, b};
    vstr_t text;
    mp_print_t print;

    vstr_init_print(&text, 64, &print);
    mp_print_str(&print, "The shapes don't fit together: ");
    for (int i = 0; i < 2; i++) {
        mp_print_str(&print, i ? ", (" : "(");
        for (int d = 0; d < both[i]->ndim; d++) {
            mp_printf(&print, d ? ", %u" : "%u", (unsigned)both[i]->shape[d]);
        }
        mp_print_str(&print, ")");
    }
    mp_obj_t argument = mp_obj_new_str_from_vstr(&text);
    nlr_raise(mp_obj_new_exception_args(&mp_type_ValueError, 1, &argument));
}

mp_obj_t py_ndarray_binary(enum nd_binary_op op, const struct operand *a, const struct operand *b)
{
    const struct nd *const both[] = {&a->array, &b->array};
    enum nd_type type = (enum nd_type)py_ndarray_check(nd_binary_type(op, a->array.type, b->array.type));
    size_t shape[ND_DIMS];
    int ndim = nd_broadcast(both, 2, shape);

    if (ndim < 0) {
        raise_shapes(&a->array, &b->array);
    }
    if (ndim == 0) {
        uint8_t room[4];
        struct nd one = {.data = room, .type = type};
        py_ndarray_check(nd_binary(op, &one, &a->array, &b->array));
        return py_ndarray_item(type, room);
    }
    struct py_ndarray *out = py_ndarray_new(type, ndim, shape);
    py_ndarray_check(nd_binary(op, &out->array, &a->array, &b->array));
    return MP_OBJ_FROM_PTR(out);
}

/* a op= b: the result is cut to a's type, but never from float to integers. */
static mp_obj_t in_place(enum nd_binary_op op, mp_obj_t left, const struct operand *b)
{
    const struct nd *a = &((struct py_ndarray *)MP_OBJ_TO_PTR(left))->array;
    int type = py_ndarray_check(nd_binary_type(op, a->type, b->array.type));
    struct nd expanded, from = b->array;

    if (nd_expand(&expanded, &b->array, a->ndim, a->shape) < 0 || b->array.ndim > a->ndim) {
        raise_shapes(a, &b->array);
    }
    if (type == ND_FLOAT && a->type != ND_FLOAT) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("The result is float, the array %s: write a = a ... instead"), nd_types[a->type].name);
    }
    if (nd_must_copy(a, &expanded)) {
        from = py_ndarray_new(from.type, from.ndim, from.shape)->array;
        py_ndarray_check(nd_copy(&from, &b->array));
    }
    py_ndarray_check(nd_binary(op, a, a, &from));
    return left;
}

/* Python's operators in the order of mp_binary_op_t, from MP_BINARY_OP_OR on; the matrix product is none of ours. */
enum { NONE = ND_BINARY_OPS };
static const uint8_t arithmetic[] = {
    ND_OR, ND_XOR, ND_AND, ND_LEFT, ND_RIGHT, ND_ADD, ND_SUBTRACT, ND_MULTIPLY, NONE, ND_FLOOR_DIVIDE, ND_TRUE_DIVIDE, ND_MODULO, ND_POWER,
};
static const uint8_t comparisons[] = {ND_LESS, ND_MORE, ND_EQUAL, ND_LESS_EQUAL, ND_MORE_EQUAL, ND_NOT_EQUAL};

mp_obj_t py_ndarray_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right)
{
    const struct py_ndarray *self = MP_OBJ_TO_PTR(left);
    struct operand a, b;

    arg_operand(left, ND_BOOL, &a);
    if (op == MP_BINARY_OP_MAT_MULTIPLY && py_ndarray_is(right)) {
        mp_obj_t both[2] = {left, right};
        return mp_call_function_n_kw(MP_OBJ_FROM_PTR(&py_nd_dot_obj), 2, 0, both);
    }
    if (!arg_operand(right, self->array.type, &b)) {
        return MP_OBJ_NULL;
    }
    if (op <= MP_BINARY_OP_NOT_EQUAL) {
        return py_ndarray_binary((enum nd_binary_op)comparisons[op], &a, &b);
    }
    if (op >= MP_BINARY_OP_INPLACE_OR && op <= MP_BINARY_OP_INPLACE_POWER) {
        unsigned which = arithmetic[op - MP_BINARY_OP_INPLACE_OR];
        return which == NONE ? MP_OBJ_NULL : in_place((enum nd_binary_op)which, left, &b);
    }
    if (op >= MP_BINARY_OP_OR && op <= MP_BINARY_OP_POWER) {
        unsigned which = arithmetic[op - MP_BINARY_OP_OR];
        return which == NONE ? MP_OBJ_NULL : py_ndarray_binary((enum nd_binary_op)which, &a, &b);
    }
    if (op >= MP_BINARY_OP_REVERSE_OR && op <= MP_BINARY_OP_REVERSE_POWER) {
        unsigned which = arithmetic[op - MP_BINARY_OP_REVERSE_OR];
        return which == NONE ? MP_OBJ_NULL : py_ndarray_binary((enum nd_binary_op)which, &b, &a);
    }
    return MP_OBJ_NULL;
}

static mp_obj_t binary_function(enum nd_binary_op op, size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(x1), ARG_REQUIRED_OBJ(x2)};
    mp_arg_val_t v[2];
    struct operand a, b;

    PARSE_ALL(allowed, v);
    arg_settle(v, 2);
    arg_operand_like(v[0].u_obj, ND_BOOL, &a);
    arg_operand_like(v[1].u_obj, a.array.type, &b);
    if (a.is_number && !b.is_number) {
        arg_operand(v[0].u_obj, b.array.type, &a);
    }
    return py_ndarray_binary(op, &a, &b);
}

#define BINARY_FUNCTION(name, op)                                                       \
    static mp_obj_t py_nd_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)     \
    {                                                                                   \
        return binary_function(ND_##op, n_args, args, kw);                              \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_##name##_obj, 0, py_nd_##name);
PY_ND_BINARY(BINARY_FUNCTION)

/* ---- One operand ---- */

static mp_obj_t unary(enum nd_unary_op op, const struct operand *a)
{
    enum nd_type type = (enum nd_type)py_ndarray_check(nd_unary_type(op, a->array.type));

    if (a->array.ndim == 0) {
        uint8_t room[4];
        struct nd one = {.data = room, .type = type};
        py_ndarray_check(nd_unary(op, &one, &a->array));
        return py_ndarray_item(type, room);
    }
    struct py_ndarray *out = py_ndarray_new(type, a->array.ndim, a->array.shape);
    py_ndarray_check(nd_unary(op, &out->array, &a->array));
    return MP_OBJ_FROM_PTR(out);
}

/* What an array of one element is. (It is no number by itself: 2.5 * a would take it for one.) */
static bool truth(const struct nd *a)
{
    if (nd_count(a) != 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("An array of more or less than one element is neither true nor false: use any() or all()"));
    }
    return mp_obj_is_true(py_ndarray_item(a->type, a->data));
}

mp_obj_t py_ndarray_unary_op(mp_unary_op_t op, mp_obj_t object)
{
    struct operand a;

    arg_operand(object, ND_BOOL, &a);
    switch (op) {
    case MP_UNARY_OP_LEN:
        return mp_obj_new_int_from_uint(a.array.shape[0]);
    case MP_UNARY_OP_BOOL:
        return mp_obj_new_bool(truth(&a.array));
    case MP_UNARY_OP_POSITIVE:
        return MP_OBJ_FROM_PTR(py_ndarray_from(object, ND_TYPES));
    case MP_UNARY_OP_NEGATIVE:
        return unary(ND_NEGATIVE, &a);
    case MP_UNARY_OP_INVERT:
        return unary(ND_INVERT, &a);
    case MP_UNARY_OP_ABS:
        return unary(ND_ABS, &a);
    default:
        return MP_OBJ_NULL;
    }
}

static mp_obj_t unary_function(enum nd_unary_op op, size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(x)};
    mp_arg_val_t v[1];
    struct operand a;

    PARSE_ALL(allowed, v);
    arg_operand_like(v[0].u_obj, ND_FLOAT, &a);
    return unary(op, &a);
}

#define UNARY_FUNCTION(name, op)                                                        \
    static mp_obj_t py_nd_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)     \
    {                                                                                   \
        return unary_function(ND_##op, n_args, args, kw);                               \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_##name##_obj, 0, py_nd_##name);
PY_ND_UFUNC(UNARY_FUNCTION)

/* ---- More than that ---- */

/* around(a, decimals=0): to even, as floats. */
static mp_obj_t py_nd_around(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_decimals };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_OPTIONAL_INT(decimals, 0)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct operand a, scale;

    PARSE_ALL(allowed, v);
    arg_operand_like(v[ARG_a].u_obj, ND_FLOAT, &a);
    if (v[ARG_decimals].u_int == 0) {
        return unary(ND_RINT, &a);
    }
    int decimals = (int)(v[ARG_decimals].u_int > 38 ? 38 : v[ARG_decimals].u_int < -38 ? -38 : v[ARG_decimals].u_int);
    float power = 1;
    for (int i = 0; i < (decimals < 0 ? -decimals : decimals); i++) {
        power *= 10;
    }
    arg_operand(mp_obj_new_float((mp_float_t)power), ND_FLOAT, &scale);
    mp_obj_t scaled = py_ndarray_binary(decimals < 0 ? ND_TRUE_DIVIDE : ND_MULTIPLY, &a, &scale);
    arg_operand(scaled, ND_FLOAT, &a);
    mp_obj_t whole = unary(ND_RINT, &a);
    arg_operand(whole, ND_FLOAT, &a);
    return py_ndarray_binary(decimals < 0 ? ND_MULTIPLY : ND_TRUE_DIVIDE, &a, &scale);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_around_obj, 0, py_nd_around);

static mp_obj_t py_nd_where(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_condition, ARG_x, ARG_y };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(condition), ARG_REQUIRED_OBJ(x), ARG_REQUIRED_OBJ(y)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct operand o[3];
    const struct nd *const arrays[] = {&o[0].array, &o[1].array, &o[2].array};
    size_t shape[ND_DIMS];

    PARSE_ALL(allowed, v);
    arg_settle(v, MP_ARRAY_SIZE(v));
    arg_operand_like(v[ARG_condition].u_obj, ND_BOOL, &o[0]);
    arg_operand_like(v[ARG_x].u_obj, ND_BOOL, &o[1]);
    arg_operand_like(v[ARG_y].u_obj, o[1].array.type, &o[2]);
    if (o[1].is_number && !o[2].is_number) {
        arg_operand(v[ARG_x].u_obj, o[2].array.type, &o[1]);
    }
    int ndim = py_ndarray_check(nd_broadcast(arrays, 3, shape));
    enum nd_type type = nd_promote(o[1].array.type, o[2].array.type);
    if (ndim == 0) {
        return mp_obj_is_true(v[ARG_condition].u_obj) ? v[ARG_x].u_obj : v[ARG_y].u_obj;
    }
    struct py_ndarray *out = py_ndarray_new(type, ndim, shape);
    py_ndarray_check(nd_where(&out->array, arrays[0], arrays[1], arrays[2]));
    return MP_OBJ_FROM_PTR(out);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_where_obj, 0, py_nd_where);

/* clip(a, a_min, a_max): minimum(maximum(a, a_min), a_max); None: no limit. */
static mp_obj_t py_nd_clip(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_a, ARG_a_min, ARG_a_max };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(a), ARG_REQUIRED_OBJ(a_min), ARG_REQUIRED_OBJ(a_max)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct operand a, limit;

    PARSE_ALL(allowed, v);
    arg_settle(v, MP_ARRAY_SIZE(v));
    mp_obj_t result = v[ARG_a].u_obj;
    for (int i = ARG_a_min; i <= ARG_a_max; i++) {
        if (v[i].u_obj != mp_const_none) {
            arg_operand_like(result, ND_FLOAT, &a);
            arg_operand_like(v[i].u_obj, a.array.type, &limit);
            result = py_ndarray_binary(i == ARG_a_min ? ND_MAXIMUM : ND_MINIMUM, &a, &limit);
        }
    }
    return result;
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_nd_clip_obj, 0, py_nd_clip);
