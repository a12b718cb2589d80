/* SPDX-License-Identifier: MIT */
/* The only place that knows how elements lie in memory: rows to int32_t or float and back, and the loop over rows. */
#include "modules/ndarray/core/nd_row.h"

#include <string.h>

int32_t nd_float_to_int(float f)
{
    if (!(f > -2147483648.0f)) {
        return f != f ? 0 : INT32_MIN;
    }
    return f >= 2147483648.0f ? INT32_MAX : (int32_t)f;
}

/* memcpy: views of foreign buffers need not be aligned; on every core here it becomes one load. */
#define LOAD(memory, out, value)                                            \
    for (size_t i = 0; i < n; i++, data += stride) {                        \
        memory element;                                                     \
        memcpy(&element, data, sizeof(element));                            \
        (out)[i] = value(element);                                          \
    }                                                                       \
    break

/* Bytes without gaps, what pictures are made of: 2.5 instructions instead of 5 each. */
#define LOAD_BYTES(out, value)                                              \
    if (stride == 1) {                                                      \
        _Pragma("GCC unroll 4")                                             \
        for (size_t i = 0; i < n; i++) {                                    \
            (out)[i] = value(data[i]);                                      \
        }                                                                   \
        break;                                                              \
    }                                                                       \
    LOAD(uint8_t, out, value)

#define TO_INT(element) ((int32_t)(element))
#define TO_TRUTH(element) ((element) != 0)   /* a foreign buffer's bytes may be others than 0 and 1 */
#define TO_FLOAT(element) ((float)(element))
#define SAME(element) (element)

const int32_t *nd_load_ints(const uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, union nd_row *room)
{
    int32_t *out = room->ints;

    if (stride == 0 && n > 1) {
        int32_t value = *nd_load_ints(data, 1, type, 1, room);
        for (size_t i = 1; i < n; i++) {
            out[i] = value;
        }
        return out;
    }
    switch (type) {
    case ND_BOOL:
        LOAD_BYTES(out, TO_TRUTH);
    case ND_UINT8:
        LOAD_BYTES(out, TO_INT);
    case ND_INT8:
        LOAD(int8_t, out, TO_INT);
    case ND_UINT16:
        LOAD(uint16_t, out, TO_INT);
    case ND_INT16:
        LOAD(int16_t, out, TO_INT);
    default:
        LOAD(float, out, nd_float_to_int);
    }
    return out;
}

const float *nd_load_floats(const uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, union nd_row *room)
{
    float *out = room->floats;

    if (stride == 0 && n > 1) {
        float value = *nd_load_floats(data, 1, type, 1, room);
        for (size_t i = 0; i < n; i++) {
            out[i] = value;
        }
        return out;
    }
    switch (type) {
    case ND_BOOL:
        LOAD_BYTES(out, TO_TRUTH);
    case ND_UINT8:
        LOAD_BYTES(out, TO_FLOAT);
    case ND_INT8:
        LOAD(int8_t, out, TO_FLOAT);
    case ND_UINT16:
        LOAD(uint16_t, out, TO_FLOAT);
    case ND_INT16:
        LOAD(int16_t, out, TO_FLOAT);
    default:
        if (stride == sizeof(float) && !((uintptr_t)data % sizeof(float))) {
            return (const float *)(const void *)data;
        }
        LOAD(float, out, SAME);
    }
    return out;
}

#define STORE(memory, value)                                                \
    for (size_t i = 0; i < n; i++, data += stride) {                        \
        memory element = (memory)(value);                                   \
        memcpy(data, &element, sizeof(element));                            \
    }                                                                       \
    break

#define STORE_BYTES(value)                                                  \
    if (stride == 1) {                                                      \
        _Pragma("GCC unroll 4")                                             \
        for (size_t i = 0; i < n; i++) {                                    \
            data[i] = (uint8_t)(value);                                     \
        }                                                                   \
        break;                                                              \
    }                                                                       \
    STORE(uint8_t, value)

void nd_store_ints(uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, const int32_t *row)
{
    switch (type) {
    case ND_BOOL:
        STORE(uint8_t, row[i] != 0);
    case ND_UINT8:
    case ND_INT8:
        STORE_BYTES(row[i]);
    case ND_UINT16:
    case ND_INT16:
        STORE(uint16_t, row[i]);
    default:
        STORE(float, row[i]);
    }
}

void nd_store_floats(uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, const float *row)
{
    switch (type) {
    case ND_BOOL:
        STORE(uint8_t, row[i] != 0);
    case ND_UINT8:
    case ND_INT8:
        STORE_BYTES(nd_float_to_int(row[i]));
    case ND_UINT16:
    case ND_INT16:
        STORE(uint16_t, nd_float_to_int(row[i]));
    default:
        if (data == (const uint8_t *)row) {         /* computed in place */
            return;
        }
        STORE(float, row[i]);
    }
}

/* ---- The loop ---- */

/* Axis d of the loop, which is inside axis d - 1, can be one with it. */
static bool is_one(const struct nd_loop *loop, int d)
{
    for (int i = 0; i < loop->arrays; i++) {
        if (loop->strides[i][d - 1] != loop->strides[i][d] * (ptrdiff_t)loop->shape[d]) {
            return false;
        }
    }
    return true;
}

static void take_axis(struct nd_loop *loop, int to, int from)
{
    loop->shape[to] = loop->shape[from];
    for (int i = 0; i < loop->arrays; i++) {
        loop->strides[i][to] = loop->strides[i][from];
    }
}

bool nd_loop_start(struct nd_loop *loop, const struct nd *const arrays[], int n)
{
    *loop = (struct nd_loop){.arrays = n, .length = 1};
    for (int i = 0; i < n; i++) {
        loop->data[i] = arrays[i]->data;
    }
    for (int d = 0; d < arrays[0]->ndim; d++) {
        size_t length = arrays[0]->shape[d];
        if (length == 0) {
            return false;
        }
        if (length == 1) {
            continue;
        }
        loop->shape[loop->ndim] = length;
        for (int i = 0; i < n; i++) {
            loop->strides[i][loop->ndim] = arrays[i]->strides[d];
        }
        loop->ndim++;
        if (loop->ndim > 1 && is_one(loop, loop->ndim - 1)) {
            size_t outer = loop->shape[loop->ndim - 2];
            take_axis(loop, loop->ndim - 2, loop->ndim - 1);
            loop->ndim--;
            loop->shape[loop->ndim - 1] *= outer;
        }
    }
    if (loop->ndim) {
        loop->ndim--;
        loop->length = loop->shape[loop->ndim];
        for (int i = 0; i < n; i++) {
            loop->stride[i] = loop->strides[i][loop->ndim];
        }
    }
    return true;
}

bool nd_loop_next(struct nd_loop *loop)
{
    for (int d = loop->ndim - 1; d >= 0; d--) {
        bool more = ++loop->index[d] < loop->shape[d];
        for (int i = 0; i < loop->arrays; i++) {
            loop->data[i] += more ? loop->strides[i][d] : -loop->strides[i][d] * (ptrdiff_t)(loop->shape[d] - 1);
        }
        if (more) {
            return true;
        }
        loop->index[d] = 0;
    }
    return false;
}
