/* SPDX-License-Identifier: MIT */
/* Kernels on one piece of a row, and the tables that name them. In and out may be the same memory. */
#ifndef MODULES_NDARRAY_CORE_ND_KERNEL_H
#define MODULES_NDARRAY_CORE_ND_KERNEL_H

#include "modules/ndarray/core/nd_row.h"

enum nd_kind {
    ND_KIND_ARITHMETIC,         /* in the operands' common type */
    ND_KIND_FLOAT,              /* in floats, whatever the operands are */
    ND_KIND_COMPARE,            /* booleans */
    ND_KIND_BITS,               /* in the operands' common type, which isn't float */
};

struct nd_binary_kernels {
    enum nd_kind kind;
    int (*ints)(int32_t *out, const int32_t *a, const int32_t *b, size_t n);    /* ND_OK, ND_E_DIVISION, ND_E_POWER */
    void (*floats)(void *out, const float *a, const float *b, size_t n);        /* comparisons: int32_t out, else float */
};
extern const struct nd_binary_kernels nd_binary_kernels[ND_BINARY_OPS];

/* One of: a function of one float; rows of floats (questions: int32_t out), with or without rows of integers. */
struct nd_unary_kernels {
    float (*function)(float);
    void (*floats)(void *out, const float *a, size_t n);
    void (*ints)(int32_t *out, const int32_t *a, size_t n, enum nd_type type);
    bool is_question;           /* the result is boolean */
};
extern const struct nd_unary_kernels nd_unary_kernels[ND_UNARY_OPS];

void nd_apply(float *out, const float *a, size_t n, float (*function)(float));

#endif
