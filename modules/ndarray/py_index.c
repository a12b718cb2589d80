/* SPDX-License-Identifier: MIT */
/* a[...]: whole numbers, slices, Ellipsis, None, and arrays of booleans or positions; reading, and writing with broadcasting. */
#include <string.h>

#include "modules/ndarray/core/nd_row.h"
#include "modules/ndarray/py_ndarray.h"

/* ---- Views ---- */

static void take_slice(struct nd *view, int axis, mp_obj_t slice)
{
    mp_bound_slice_t bound;
    size_t step, span, count;

    mp_obj_slice_indices(slice, (mp_int_t)view->shape[axis], &bound);
    if (bound.step > 0) {
        step = (size_t)bound.step;
        span = bound.stop > bound.start ? (size_t)(bound.stop - bound.start) : 0;
    } else {
        step = 0 - (size_t)bound.step;
        span = bound.start > bound.stop ? (size_t)(bound.start - bound.stop) : 0;
    }
    count = span ? (span - 1) / step + 1 : 0;
    nd_slice(view, axis, (size_t)bound.start, bound.step, count);
}

static size_t position(mp_int_t index, size_t length, int axis)
{
    if (index < 0) {
        index += (mp_int_t)length;
    }
    if (index < 0 || (size_t)index >= length) {
        mp_raise_msg_varg(&mp_type_IndexError, MP_ERROR_TEXT("Index out of range: axis %d has %u elements"), axis, (unsigned)length);
    }
    return (size_t)index;
}

/* The part of the array that numbers, slices, ... and None select. */
static struct nd select_view(const struct nd *a, const mp_obj_t *items, size_t n)
{
    struct nd view = *a;
    size_t takes = 0;
    int axis = 0;

    for (size_t i = 0; i < n; i++) {
        takes += items[i] != mp_const_none && items[i] != MP_OBJ_FROM_PTR(&mp_const_ellipsis_obj);
    }
    if (takes > (size_t)a->ndim) {
        mp_raise_msg_varg(&mp_type_IndexError, MP_ERROR_TEXT("Too many indices: the array has %d dimensions"), a->ndim);
    }
    size_t whole = (size_t)a->ndim - takes;         /* axes that ... stands for */
    for (size_t i = 0; i < n; i++) {
        if (mp_obj_is_type(items[i], &mp_type_slice)) {
            take_slice(&view, axis++, items[i]);
        } else if (items[i] == mp_const_none) {
            py_ndarray_check(nd_insert_axis(&view, axis++));
        } else if (items[i] == MP_OBJ_FROM_PTR(&mp_const_ellipsis_obj)) {
            axis += (int)whole;
            whole = 0;
        } else {
            mp_int_t index;
            if (!mp_obj_get_int_maybe(items[i], &index)) {
                mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("An index is a number, a slice, ..., None or an array, not '%s'"),
                                  mp_obj_get_type_str(items[i]));
            }
            nd_drop_axis(&view, axis, position(index, view.shape[axis], (int)i));
        }
    }
    return view;
}

/* ---- Selections: elements, or parts of an array, that another array names ---- */

struct selection {
    const struct nd *array, *index;
    struct nd part;             /* what one index selects, at array's beginning */
    size_t count;
};

static struct selection selection_of(const struct nd *a, const struct nd *index)
{
    bool mask = index->type == ND_BOOL;
    struct selection s = {.array = a, .index = index, .part = *a};
    struct nd_scalar trues = {0};
    int axes = mask ? index->ndim : 1;

    if (index->type == ND_FLOAT || (!mask && index->ndim != 1)) {
        mp_raise_msg(&mp_type_IndexError, MP_ERROR_TEXT("Arrays as indices are booleans, or positions in one dimension"));
    }
    if (axes > a->ndim || (mask && memcmp(index->shape, a->shape, (size_t)axes * sizeof(*a->shape)))) {
        mp_raise_msg(&mp_type_IndexError, MP_ERROR_TEXT("The booleans have another shape than the array"));
    }
    for (int d = 0; d < axes; d++) {
        s.part.ndim--;
        memmove(s.part.shape, s.part.shape + 1, (size_t)s.part.ndim * sizeof(*s.part.shape));
        memmove(s.part.strides, s.part.strides + 1, (size_t)s.part.ndim * sizeof(*s.part.strides));
    }
    if (mask) {
        py_ndarray_check(nd_reduce(ND_SUM, index, 0, &trues));
    }
    s.count = mask ? (size_t)trues.i : index->shape[0];
    return s;
}

/* One part to or from the other array, whose next it is. */
static void move_part(struct selection *s, struct nd *other, ptrdiff_t step, bool write)
{
    const struct nd *to = write ? &s->part : other, *from = write ? other : &s->part;

    if (s->part.ndim == 0 && to->type == from->type) {
        memcpy(to->data, from->data, nd_types[to->type].size);
    } else {
        py_ndarray_check(nd_copy(to, from));
    }
    other->data += step;
}

static void move_masked(struct selection *s, struct nd *other, ptrdiff_t step, bool write)
{
    struct nd heads = *s->array;
    const struct nd *const arrays[] = {s->index, &heads};
    struct nd_loop loop;

    heads.ndim = s->index->ndim;
    if (!nd_loop_start(&loop, arrays, 2)) {
        return;
    }
    do {
        for (size_t i = 0; i < loop.length; i++) {
            if (loop.data[0][(ptrdiff_t)i * loop.stride[0]]) {
                s->part.data = loop.data[1] + (ptrdiff_t)i * loop.stride[1];
                move_part(s, other, step, write);
            }
        }
    } while (nd_loop_next(&loop));
}

static void move_listed(struct selection *s, struct nd *other, ptrdiff_t step, bool write)
{
    const struct nd *index = s->index;
    union nd_row room;

    for (size_t i = 0; i < s->count; i++) {
        int32_t at = *nd_load_ints(index->data + (ptrdiff_t)i * index->strides[0], 0, index->type, 1, &room);
        s->part.data = s->array->data + (ptrdiff_t)position(at, s->array->shape[0], 0) * s->array->strides[0];
        move_part(s, other, step, write);
    }
}

/* `other`: an array of s->count parts. */
static void move(struct selection *s, const struct nd *other, bool write)
{
    struct nd next = *other;
    ptrdiff_t step = other->strides[0];

    nd_drop_axis(&next, 0, 0);
    (s->index->type == ND_BOOL ? move_masked : move_listed)(s, &next, step, write);
}

static int parts_shape(const struct selection *s, size_t shape[ND_DIMS])
{
    shape[0] = s->count;
    memcpy(shape + 1, s->part.shape, (size_t)s->part.ndim * sizeof(*shape));
    return s->part.ndim + 1;
}

static mp_obj_t read_selection(const struct nd *a, const struct nd *index)
{
    struct selection s = selection_of(a, index);
    size_t shape[ND_DIMS];
    int ndim = parts_shape(&s, shape);
    struct py_ndarray *out = py_ndarray_new(a->type, ndim, shape);

    move(&s, &out->array, false);
    return MP_OBJ_FROM_PTR(out);
}

static void write_selection(const struct nd *a, const struct nd *index, const struct nd *value)
{
    struct nd copies[2], expanded;
    size_t shape[ND_DIMS];

    if (nd_must_copy(a, index) || a->data == index->data) {
        copies[0] = py_ndarray_new(index->type, index->ndim, index->shape)->array;
        py_ndarray_check(nd_copy(&copies[0], index));
        index = &copies[0];
    }
    if (nd_must_copy(a, value) || a->data == value->data) {
        copies[1] = py_ndarray_new(value->type, value->ndim, value->shape)->array;
        py_ndarray_check(nd_copy(&copies[1], value));
        value = &copies[1];
    }
    struct selection s = selection_of(a, index);
    int ndim = parts_shape(&s, shape);
    py_ndarray_check(nd_expand(&expanded, value, ndim, shape));
    move(&s, &expanded, true);
}

/* ---- a[index], a[index] = value ---- */

/* What is written: an array, a number that fits, or a sequence. */
static struct nd value_of(mp_obj_t value, enum nd_type type)
{
    if (py_ndarray_is(value)) {
        return py_ndarray_get(value)->array;
    }
    if (mp_obj_is_int(value) || mp_obj_is_float(value) || mp_obj_is_bool(value)) {
        value = mp_obj_new_tuple(1, &value);    /* with the checks of a sequence */
    }
    return py_ndarray_from(value, (int)type)->array;
}

/* Whether the index is an array, or a list, which counts as positions or booleans. A copy: the collector must see where the elements are. */
static bool is_selection(mp_obj_t index, struct nd *out)
{
    mp_obj_t *items;
    size_t n;

    if (py_ndarray_is(index)) {
        *out = py_ndarray_get(index)->array;
        return true;
    }
    if (!mp_obj_is_type(index, &mp_type_list)) {
        return false;
    }
    mp_obj_get_array(index, &n, &items);
    *out = py_ndarray_from(index, n && mp_obj_is_bool(items[0]) ? ND_BOOL : ND_INT16)->array;
    return true;
}

/* The numbers of an index may be a script's code, which has resized what the array, or that which is written to it, lay in. RuntimeError. */
static void still_there(mp_obj_t object, mp_obj_t value)
{
    py_ndarray_get(object);
    if (value != MP_OBJ_SENTINEL && py_ndarray_is(value)) {
        py_ndarray_get(value);
    }
}

mp_obj_t py_ndarray_subscript(mp_obj_t object, mp_obj_t index, mp_obj_t value)
{
    const struct py_ndarray *self = MP_OBJ_TO_PTR(object);
    struct nd selected, from = {0};
    mp_obj_t *items = &index;
    size_t n = 1;

    if (value == MP_OBJ_NULL) {
        return MP_OBJ_NULL;                 /* elements can't be deleted */
    }
    bool write = value != MP_OBJ_SENTINEL;
    if (write) {
        from = value_of(value, self->array.type);
    }
    if (is_selection(index, &selected)) {
        still_there(object, value);
        if (!write) {
            return read_selection(&self->array, &selected);
        }
        write_selection(&self->array, &selected, &from);
        return mp_const_none;
    }
    if (mp_obj_is_type(index, &mp_type_tuple)) {
        mp_obj_get_array(index, &n, &items);
    }
    struct nd view = select_view(&self->array, items, n);
    still_there(object, value);
    if (write) {
        py_ndarray_assign(&view, &from);
        return mp_const_none;
    }
    return view.ndim ? py_ndarray_view(&view, self) : py_ndarray_item(view.type, view.data);
}
