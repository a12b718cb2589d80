/* SPDX-License-Identifier: MIT */
/* Types and shapes: sizes, views, broadcasting. */
#include "modules/ndarray/core/nd.h"

#include <string.h>

const struct nd_type_info nd_types[ND_TYPES] = {
    [ND_BOOL] = {'?', 1, 0, 1, "bool"},
    [ND_UINT8] = {'B', 1, 0, 255, "uint8"},
    [ND_INT8] = {'b', 1, -128, 127, "int8"},
    [ND_UINT16] = {'H', 2, 0, 65535, "uint16"},
    [ND_INT16] = {'h', 2, -32768, 32767, "int16"},
    [ND_FLOAT] = {'f', 4, 0, 0, "float32"},
};

int32_t nd_describe(struct nd *a, enum nd_type type, int ndim, const size_t *shape)
{
    size_t bytes = nd_types[type].size;
    bool empty = false;

    if (ndim > ND_DIMS) {
        return ND_E_DIMS;
    }
    a->type = type;
    a->ndim = ndim;
    for (int d = ndim - 1; d >= 0; d--) {
        a->shape[d] = shape[d];
        a->strides[d] = (ptrdiff_t)bytes;
        if (shape[d] > ND_MAX_BYTES / bytes) {
            return ND_E_SIZE;
        }
        empty |= shape[d] == 0;
        bytes *= shape[d] ? shape[d] : 1;
    }
    return empty ? 0 : (int32_t)bytes;
}

size_t nd_count(const struct nd *a)
{
    size_t n = 1;

    for (int d = 0; d < a->ndim; d++) {
        n *= a->shape[d];
    }
    return n;
}

bool nd_is_dense(const struct nd *a)
{
    ptrdiff_t stride = nd_types[a->type].size;

    for (int d = a->ndim - 1; d >= 0; d--) {
        if (a->shape[d] != 1 && a->strides[d] != stride) {
            return nd_count(a) == 0;
        }
        stride *= (ptrdiff_t)a->shape[d];
    }
    return true;
}

bool nd_same_shape(const struct nd *a, const struct nd *b)
{
    return a->ndim == b->ndim && !memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof(*a->shape));
}

int nd_broadcast(const struct nd *const arrays[], int n, size_t shape[ND_DIMS])
{
    int ndim = 0;

    for (int i = 0; i < n; i++) {
        ndim = arrays[i]->ndim > ndim ? arrays[i]->ndim : ndim;
    }
    for (int d = 0; d < ndim; d++) {
        shape[d] = 1;
        for (int i = 0; i < n; i++) {
            int at = d - (ndim - arrays[i]->ndim);
            size_t length = at < 0 ? 1 : arrays[i]->shape[at];
            if (length != 1) {
                if (shape[d] != 1 && shape[d] != length) {
                    return ND_E_SHAPE;
                }
                shape[d] = length;
            }
        }
    }
    return ndim;
}

int nd_expand(struct nd *view, const struct nd *a, int ndim, const size_t *shape)
{
    int more = ndim - a->ndim;
    struct nd wide = {.data = a->data, .type = a->type, .ndim = ndim};

    for (int d = 0; d < -more; d++) {   /* what is assigned may have more axes of length 1 in front */
        if (a->shape[d] != 1) {
            return ND_E_SHAPE;
        }
    }
    for (int d = 0; d < ndim; d++) {
        size_t length = d < more ? 1 : a->shape[d - more];
        if (length != shape[d] && length != 1) {
            return ND_E_SHAPE;
        }
        wide.shape[d] = shape[d];
        wide.strides[d] = length == 1 ? 0 : a->strides[d - more];
    }
    *view = wide;
    return ND_OK;
}

int nd_reshape(struct nd *view, const struct nd *a, int ndim, const size_t *shape)
{
    struct nd other = {.data = a->data};
    int32_t bytes = nd_describe(&other, a->type, ndim, shape);

    if (bytes < 0) {
        return bytes == ND_E_SIZE ? ND_E_SHAPE : (int)bytes;
    }
    if (nd_count(&other) != nd_count(a)) {
        return ND_E_SHAPE;
    }
    *view = other;
    return ND_OK;
}

void nd_slice(struct nd *view, int axis, size_t start, ptrdiff_t step, size_t count)
{
    if (count) {
        view->data += (ptrdiff_t)start * view->strides[axis];
    }
    view->shape[axis] = count;
    view->strides[axis] = count > 1 ? view->strides[axis] * step : view->strides[axis];
}

void nd_drop_axis(struct nd *view, int axis, size_t index)
{
    view->data += (ptrdiff_t)index * view->strides[axis];
    view->ndim--;
    for (int d = axis; d < view->ndim; d++) {
        view->shape[d] = view->shape[d + 1];
        view->strides[d] = view->strides[d + 1];
    }
}

int nd_insert_axis(struct nd *view, int axis)
{
    if (view->ndim == ND_DIMS) {
        return ND_E_DIMS;
    }
    for (int d = view->ndim++; d > axis; d--) {
        view->shape[d] = view->shape[d - 1];
        view->strides[d] = view->strides[d - 1];
    }
    view->shape[axis] = 1;
    view->strides[axis] = 0;
    return ND_OK;
}

void nd_transpose(struct nd *view)
{
    for (int d = 0, e = view->ndim - 1; d < e; d++, e--) {
        size_t length = view->shape[d];
        ptrdiff_t stride = view->strides[d];
        view->shape[d] = view->shape[e];
        view->strides[d] = view->strides[e];
        view->shape[e] = length;
        view->strides[e] = stride;
    }
}

/* The bytes from the lowest to behind the highest element. */
static void range(const struct nd *a, uintptr_t *low, uintptr_t *high)
{
    *low = *high = (uintptr_t)a->data;
    for (int d = 0; d < a->ndim; d++) {
        ptrdiff_t length = (ptrdiff_t)(a->shape[d] ? a->shape[d] - 1 : 0) * a->strides[d];
        *(length < 0 ? low : high) += (uintptr_t)length;
    }
    *high += nd_types[a->type].size;
}

bool nd_lies_in(const struct nd *a, const void *memory, size_t size)
{
    uintptr_t low, high;

    range(a, &low, &high);
    return nd_count(a) == 0 || (low >= (uintptr_t)memory && high <= (uintptr_t)memory + size);
}

bool nd_must_copy(const struct nd *to, const struct nd *from)
{
    uintptr_t low, high, from_low, from_high;

    if (!nd_count(to) || !nd_count(from)) {
        return false;
    }
    range(to, &low, &high);
    range(from, &from_low, &from_high);
    if (high <= from_low || from_high <= low) {
        return false;
    }
    return to->data != from->data || nd_types[to->type].size != nd_types[from->type].size || !nd_same_shape(to, from) ||
           memcmp(to->strides, from->strides, (size_t)to->ndim * sizeof(*to->strides));
}
