/* SPDX-License-Identifier: MIT */
/* Rows of elements as int32_t or float, and the loop over the rows of several arrays. */
#ifndef MODULES_NDARRAY_CORE_ND_ROW_H
#define MODULES_NDARRAY_CORE_ND_ROW_H

#include "modules/ndarray/core/nd.h"

enum { ND_CHUNK = 128, ND_OPERANDS = 4 };

/* A piece of a row, as it is computed with. */
union nd_row {
    int32_t ints[ND_CHUNK];
    float floats[ND_CHUNK];
};

/* n <= ND_CHUNK elements from `data` on, `stride` bytes apart, as integers (of a type that isn't float) or floats. Returns `room`, filled, or the
   elements where they lie if they are that already. */
const int32_t *nd_load_ints(const uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, union nd_row *room);
const float *nd_load_floats(const uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, union nd_row *room);

/* The other way. Integers are cut to the type's size; booleans are whether it isn't 0. */
void nd_store_ints(uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, const int32_t *row);
void nd_store_floats(uint8_t *data, ptrdiff_t stride, enum nd_type type, size_t n, const float *row);

/* Without fraction, beyond int32_t its limits, not-a-number 0. */
int32_t nd_float_to_int(float f);

/* All rows of up to ND_OPERANDS arrays of one shape. Axes that lie behind each other in every array are one. */
struct nd_loop {
    int arrays, ndim;
    size_t length;                          /* of a row */
    ptrdiff_t stride[ND_OPERANDS];          /* in a row */
    uint8_t *data[ND_OPERANDS];             /* where it begins */
    size_t shape[ND_DIMS], index[ND_DIMS];  /* the outer axes */
    ptrdiff_t strides[ND_OPERANDS][ND_DIMS];
};

/* At the first row; false if there is none. `shape`, `ndim` are those of every array. */
bool nd_loop_start(struct nd_loop *loop, const struct nd *const arrays[], int n);

/* To the next row; false after the last. */
bool nd_loop_next(struct nd_loop *loop);

#endif
