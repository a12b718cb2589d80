/* SPDX-License-Identifier: MIT */
/* The ndarray type: making one, its properties, methods, iteration, buffer; the dtype type. */
#include "modules/ndarray/py_ndarray.h"

#include <string.h>

#include "py/cstack.h"

#include "modules/ndarray/core/nd_row.h"

/* ---- Objects and errors ---- */

int py_ndarray_check(int error)
{
    switch (error) {
    case ND_E_SHAPE:
        mp_raise_ValueError(MP_ERROR_TEXT("The shapes don't fit together"));
    case ND_E_SIZE:
        mp_raise_ValueError(MP_ERROR_TEXT("The array is too large"));
    case ND_E_TYPE:
        mp_raise_TypeError(MP_ERROR_TEXT("Not for arrays of this dtype"));
    case ND_E_DIVISION:
        mp_raise_msg(&mp_type_ZeroDivisionError, MP_ERROR_TEXT("Integers divided by zero"));
    case ND_E_POWER:
        mp_raise_ValueError(MP_ERROR_TEXT("Integers have no negative powers: use dtype=float"));
    case ND_E_EMPTY:
        mp_raise_ValueError(MP_ERROR_TEXT("The array is empty"));
    case ND_E_SINGULAR:
        mp_raise_ValueError(MP_ERROR_TEXT("The matrix is singular"));
    case ND_E_DIMS:
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("An array has at most %d dimensions"), ND_DIMS);
    default:
        return error;
    }
}

struct py_ndarray *py_ndarray_new(enum nd_type type, int ndim, const size_t *shape)
{
    struct nd array = {0};
    size_t bytes = (size_t)py_ndarray_check((int)nd_describe(&array, type, ndim, shape));

    array.data = m_malloc(bytes ? bytes : 1);
    return MP_OBJ_TO_PTR(py_ndarray_over(&array, array.data));
}

static mp_obj_t new_object(const struct nd *array, void *owner, bool foreign)
{
    struct py_ndarray *self = mp_obj_malloc(struct py_ndarray, &py_ndarray_type);

    self->array = *array;
    self->owner = owner;
    self->foreign = foreign;
    return MP_OBJ_FROM_PTR(self);
}

mp_obj_t py_ndarray_over(const struct nd *array, void *block)
{
    return new_object(array, block, false);
}

mp_obj_t py_ndarray_over_buffer(const struct nd *array, mp_obj_t object)
{
    return py_ndarray_is(object) ? py_ndarray_view(array, MP_OBJ_TO_PTR(object)) : new_object(array, MP_OBJ_TO_PTR(object), true);
}

mp_obj_t py_ndarray_view(const struct nd *array, const struct py_ndarray *of)
{
    return new_object(array, of->owner, of->foreign);
}

struct py_ndarray *py_ndarray_get(mp_obj_t object)
{
    struct py_ndarray *self = MP_OBJ_TO_PTR(object);
    mp_buffer_info_t info;

    if (!py_ndarray_is(object)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("An ndarray is expected, not '%s'"), mp_obj_get_type_str(object));
    }
    if (self->foreign) {
        mp_cstack_check();          /* its owner may be an image that lies in an array, and so on */
        mp_get_buffer_raise(MP_OBJ_FROM_PTR(self->owner), &info, MP_BUFFER_RW);
        if (!nd_lies_in(&self->array, info.buf, info.len)) {
            mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("The buffer that this array lay in has been resized: make a new array of it"));
        }
    }
    return self;
}

mp_obj_t py_ndarray_item(enum nd_type type, const uint8_t *data)
{
    union nd_row room;

    if (type == ND_FLOAT) {
        return mp_obj_new_float((mp_float_t)*nd_load_floats(data, 0, type, 1, &room));
    }
    int32_t value = *nd_load_ints(data, 0, type, 1, &room);
    return type == ND_BOOL ? mp_obj_new_bool(value) : MP_OBJ_NEW_SMALL_INT(value);
}

static struct nd copy_as(const struct nd *a, enum nd_type type)
{
    struct nd copy = py_ndarray_new(type, a->ndim, a->shape)->array;

    py_ndarray_check(nd_copy(&copy, a));
    return copy;
}

struct nd py_ndarray_dense(const struct nd *a)
{
    return nd_is_dense(a) ? *a : copy_as(a, a->type);
}

struct nd py_ndarray_floats(const struct nd *a)
{
    bool ready = a->type == ND_FLOAT && nd_is_dense(a) && !((uintptr_t)a->data % sizeof(float));

    return ready ? *a : copy_as(a, ND_FLOAT);
}

void py_ndarray_assign(const struct nd *out, const struct nd *a)
{
    struct nd copy;

    if (nd_must_copy(out, a)) {
        copy = copy_as(a, a->type);
        a = &copy;
    }
    py_ndarray_check(nd_copy(out, a));
}

/* ---- dtype: a.dtype is one of six objects, equal to the module's constants; a.dtype() gives the constant ---- */

struct py_dtype {
    mp_obj_base_t base;
    uint8_t type;
};

#define DTYPE(nd) [nd] = {{&py_dtype_type}, nd}
static const struct py_dtype dtypes[ND_TYPES] = {DTYPE(ND_BOOL), DTYPE(ND_UINT8), DTYPE(ND_INT8), DTYPE(ND_UINT16), DTYPE(ND_INT16), DTYPE(ND_FLOAT)};

/* The type that an object names, ND_TYPES if none. */
static enum nd_type named_type(mp_obj_t object)
{
    mp_int_t code = -1;
    enum nd_type type = ND_BOOL;

    if (mp_obj_is_type(object, &py_dtype_type)) {
        return ((const struct py_dtype *)MP_OBJ_TO_PTR(object))->type;
    }
    if (mp_obj_is_str(object)) {
        size_t length;
        const char *text = mp_obj_str_get_data(object, &length);
        code = length == 1 ? text[0] : -1;
    } else if (mp_obj_is_small_int(object)) {
        code = MP_OBJ_SMALL_INT_VALUE(object);
    }
    while (type < ND_TYPES && nd_types[type].code != code) {
        type++;
    }
    return type;
}

enum nd_type arg_dtype(mp_obj_t object)
{
    enum nd_type type = named_type(object);

    if (type == ND_TYPES) {
        mp_raise_ValueError(MP_ERROR_TEXT("dtype must be bool, uint8, int8, uint16, int16 or float, of numpy"));
    }
    return type;
}

enum nd_type arg_dtype_or(mp_obj_t object, enum nd_type missing)
{
    return object == mp_const_none ? missing : arg_dtype(object);
}

static void py_dtype_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    mp_printf(print, kind == PRINT_REPR ? "dtype('%s')" : "%s", nd_types[named_type(object)].name);
}

static mp_obj_t py_dtype_unary_op(mp_unary_op_t op, mp_obj_t object)
{
    return op == MP_UNARY_OP_HASH || op == MP_UNARY_OP_INT_MAYBE ? MP_OBJ_NEW_SMALL_INT(nd_types[named_type(object)].code) : MP_OBJ_NULL;
}

static mp_obj_t py_dtype_binary_op(mp_binary_op_t op, mp_obj_t left, mp_obj_t right)
{
    return op == MP_BINARY_OP_EQUAL ? mp_obj_new_bool(named_type(left) == named_type(right)) : MP_OBJ_NULL;
}

static mp_obj_t py_dtype_call(mp_obj_t object, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    return MP_OBJ_NEW_SMALL_INT(nd_types[named_type(object)].code);
}

MP_DEFINE_CONST_OBJ_TYPE(py_dtype_type, MP_QSTR_dtype, MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE, print, py_dtype_print, unary_op, py_dtype_unary_op, binary_op,
                         py_dtype_binary_op, call, py_dtype_call);

/* ---- Properties ---- */

static mp_obj_t tuple_of(int n, const size_t *lengths, const ptrdiff_t *strides)
{
    mp_obj_t items[ND_DIMS];

    for (int d = 0; d < n; d++) {
        items[d] = mp_obj_new_int(lengths ? (mp_int_t)lengths[d] : (mp_int_t)strides[d]);
    }
    return mp_obj_new_tuple((size_t)n, items);
}

static mp_obj_t transposed(const struct py_ndarray *self)
{
    struct nd view = self->array;

    nd_transpose(&view);
    return py_ndarray_view(&view, self);
}

static void py_ndarray_attr(mp_obj_t object, qstr attr, mp_obj_t *dest)
{
    const struct py_ndarray *self = MP_OBJ_TO_PTR(object);
    const struct nd *a = &self->array;

    if (dest[0] != MP_OBJ_NULL) {
        return;                     /* they can't be set */
    }
    switch (attr) {
    case MP_QSTR_shape:
        dest[0] = tuple_of(a->ndim, a->shape, NULL);
        break;
    case MP_QSTR_strides:
        dest[0] = tuple_of(a->ndim, NULL, a->strides);
        break;
    case MP_QSTR_ndim:
        dest[0] = MP_OBJ_NEW_SMALL_INT(a->ndim);
        break;
    case MP_QSTR_size:
        dest[0] = mp_obj_new_int_from_uint(nd_count(a));
        break;
    case MP_QSTR_itemsize:
        dest[0] = MP_OBJ_NEW_SMALL_INT(nd_types[a->type].size);
        break;
    case MP_QSTR_dtype:
        dest[0] = MP_OBJ_FROM_PTR(&dtypes[a->type]);
        break;
    case MP_QSTR_T:
        dest[0] = transposed(self);
        break;
    default:
        dest[1] = MP_OBJ_SENTINEL;  /* the methods */
        break;
    }
}

/* ---- Methods ---- */

static mp_obj_t py_ndarray_copy(mp_obj_t object)
{
    struct nd copy = copy_as(&py_ndarray_get(object)->array, py_ndarray_get(object)->array.type);

    return py_ndarray_over(&copy, copy.data);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_ndarray_copy_obj, py_ndarray_copy);

static mp_obj_t py_ndarray_astype(mp_obj_t object, mp_obj_t type)
{
    struct nd copy = copy_as(&py_ndarray_get(object)->array, arg_dtype(type));

    return py_ndarray_over(&copy, copy.data);
}
static MP_DEFINE_CONST_FUN_OBJ_2(py_ndarray_astype_obj, py_ndarray_astype);

static mp_obj_t py_ndarray_flatten(mp_obj_t object)
{
    const struct nd *a = &py_ndarray_get(object)->array;
    struct nd copy = copy_as(a, a->type);
    size_t n = nd_count(a);

    py_ndarray_check(nd_reshape(&copy, &copy, 1, &n));
    return py_ndarray_over(&copy, copy.data);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_ndarray_flatten_obj, py_ndarray_flatten);

static mp_obj_t py_ndarray_tobytes(mp_obj_t object)
{
    struct nd dense = py_ndarray_dense(&py_ndarray_get(object)->array);

    return mp_obj_new_bytes(dense.data, nd_count(&dense) * nd_types[dense.type].size);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_ndarray_tobytes_obj, py_ndarray_tobytes);

/* As deep as the array has dimensions, which is ND_DIMS at most. */
static mp_obj_t list_of(const struct nd *a)
{
    if (a->ndim == 0) {
        return py_ndarray_item(a->type, a->data);
    }
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < a->shape[0]; i++) {
        struct nd part = *a;
        nd_drop_axis(&part, 0, i);
        mp_obj_list_append(list, list_of(&part));
    }
    return list;
}

static mp_obj_t py_ndarray_tolist(mp_obj_t object)
{
    return list_of(&py_ndarray_get(object)->array);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_ndarray_tolist_obj, py_ndarray_tolist);

/* a.sort() sorts in place; numpy.sort(a) returns another. */
static mp_obj_t py_ndarray_sort(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {{MP_QSTR_axis, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}}};
    mp_arg_val_t v[1];

    PARSE(allowed, v);
    const struct nd *a = &py_ndarray_get(args[0])->array;
    int axis = arg_axis(v[0].u_obj, a);
    size_t scratch = (size_t)py_ndarray_check((int)nd_line_scratch(a->shape[axis]));
    void *room = m_malloc(scratch);
    py_ndarray_check(nd_lines(ND_SORT, a, a, axis, room));
    m_del(uint8_t, room, scratch);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_ndarray_sort_obj, 1, py_ndarray_sort);

/* reshape(2, 3) and reshape((2, 3)) */
static mp_obj_t py_ndarray_reshape(size_t n_args, const mp_obj_t *args)
{
    mp_obj_t both[2] = {args[0], n_args == 2 ? args[1] : mp_obj_new_tuple(n_args - 1, args + 1)};

    return mp_call_function_n_kw(MP_OBJ_FROM_PTR(&py_nd_reshape_obj), 2, 0, both);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(py_ndarray_reshape_obj, 2, py_ndarray_reshape);

#define METHOD(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_ndarray_##name##_obj)},
#define FUNCTION(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_nd_##name##_obj)},
static const mp_rom_map_elem_t py_ndarray_methods[] = {
    METHOD(copy) METHOD(astype) METHOD(flatten) METHOD(tobytes) METHOD(tolist) METHOD(sort) METHOD(reshape) FUNCTION(transpose)
    FUNCTION(sum) FUNCTION(mean) FUNCTION(var) FUNCTION(std) FUNCTION(min) FUNCTION(max) FUNCTION(argmin) FUNCTION(argmax) FUNCTION(all) FUNCTION(any)
    FUNCTION(argsort) FUNCTION(cumsum) FUNCTION(dot) FUNCTION(clip)
};
static MP_DEFINE_CONST_DICT(py_ndarray_locals, py_ndarray_methods);

/* ---- Iteration, the buffer ---- */

typedef struct {
    mp_obj_base_t base;
    mp_fun_1_t iternext;
    mp_obj_t array;
    size_t index;
} ndarray_iter_t;

static mp_obj_t ndarray_next(mp_obj_t object)
{
    ndarray_iter_t *self = MP_OBJ_TO_PTR(object);
    const struct py_ndarray *of = py_ndarray_get(self->array);
    struct nd part = of->array;

    if (self->index >= part.shape[0]) {
        return MP_OBJ_STOP_ITERATION;
    }
    nd_drop_axis(&part, 0, self->index++);
    return part.ndim ? py_ndarray_view(&part, of) : py_ndarray_item(part.type, part.data);
}

static mp_obj_t py_ndarray_getiter(mp_obj_t object, mp_obj_iter_buf_t *buffer)
{
    _Static_assert(sizeof(ndarray_iter_t) <= sizeof(mp_obj_iter_buf_t), "an iterator has four words");
    ndarray_iter_t *self = (ndarray_iter_t *)(void *)buffer;

    *self = (ndarray_iter_t){{&mp_type_polymorph_iter}, ndarray_next, object, 0};
    return MP_OBJ_FROM_PTR(self);
}

static mp_int_t py_ndarray_get_buffer(mp_obj_t object, mp_buffer_info_t *info, mp_uint_t flags)
{
    const struct nd *a = &py_ndarray_get(object)->array;

    if (!nd_is_dense(a)) {
        mp_raise_ValueError(MP_ERROR_TEXT("The elements have gaps between them: use copy()"));
    }
    info->buf = a->data;
    info->len = nd_count(a) * nd_types[a->type].size;
    info->typecode = a->type == ND_BOOL ? 'B' : nd_types[a->type].code;
    return 0;
}

static mp_obj_t py_ndarray_make_new(const mp_obj_type_t *type, size_t n, size_t n_kw, const mp_obj_t *args)
{
    return mp_call_function_n_kw(MP_OBJ_FROM_PTR(&py_nd_array_obj), n, n_kw, args);
}

MP_DEFINE_CONST_OBJ_TYPE(py_ndarray_type, MP_QSTR_ndarray,
                         MP_TYPE_FLAG_EQ_NOT_REFLEXIVE | MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE | MP_TYPE_FLAG_EQ_HAS_NEQ_TEST | MP_TYPE_FLAG_ITER_IS_GETITER,
                         make_new, py_ndarray_make_new, print, py_ndarray_print, unary_op, py_ndarray_unary_op, binary_op, py_ndarray_binary_op, attr,
                         py_ndarray_attr, subscr, py_ndarray_subscript, iter, py_ndarray_getiter, buffer, py_ndarray_get_buffer, locals_dict,
                         &py_ndarray_locals);
