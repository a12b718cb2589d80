/* SPDX-License-Identifier: MIT */
/* Numeric arrays of up to four dimensions: what they are, and every operation on them. Pure C11 over the caller's memory: no MicroPython, no malloc,
   no globals. Includes nothing but itself and the C library. A function returns >= 0, or an enum nd_error.
   An element is computed as an int32_t or a float: a row of the array is loaded as one of them, goes through a kernel, and is stored as what the result
   is (nd_row.h). Source of all definitions: NumPy's reference manual; where a type is missing here, modules/ndarray/README.md says what happens. */
#ifndef MODULES_NDARRAY_CORE_ND_H
#define MODULES_NDARRAY_CORE_ND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ND_DIMS = 4,                /* most dimensions */
    ND_MAX_BYTES = 0x7FFFFFFF,  /* largest array */
};

enum nd_error {
    ND_OK = 0,
    ND_E_SHAPE = -1,            /* shapes don't fit together */
    ND_E_SIZE = -2,             /* more elements than an array can have */
    ND_E_TYPE = -3,             /* the operation isn't defined for this type */
    ND_E_DIVISION = -4,         /* integers divided by zero */
    ND_E_POWER = -5,            /* an integer to a negative power */
    ND_E_EMPTY = -6,            /* of no elements there is no such thing */
    ND_E_SINGULAR = -7,         /* the matrix has no inverse */
    ND_E_DIMS = -8,             /* more than ND_DIMS dimensions */
};

/* In the order of what holds what; booleans are bytes 0 and 1. */
enum nd_type { ND_BOOL, ND_UINT8, ND_INT8, ND_UINT16, ND_INT16, ND_FLOAT, ND_TYPES };

struct nd_type_info {
    char code;                  /* of Python's array and struct modules */
    uint8_t size;               /* bytes */
    int32_t low, high;          /* of the integers */
    const char *name;
};
extern const struct nd_type_info nd_types[ND_TYPES];

/* The array, or a view of another's elements. Element (i, j, ...) lies at data + i strides[0] + j strides[1] ...; elements are aligned to their size
   unless their memory came from outside, so only nd_row.c touches them. A dimension may be 0 long. ndim 0: one element. */
struct nd {
    uint8_t *data;
    enum nd_type type;
    int ndim;
    size_t shape[ND_DIMS];
    ptrdiff_t strides[ND_DIMS]; /* in bytes; negative: backwards, 0: the same element again */
};

/* ---- Shapes: nd_shape.c. None of these touches elements. ---- */

/* Type, shape and the strides of an array without gaps, last dimension fastest. Returns its bytes; ND_E_SIZE, ND_E_DIMS. data is left alone. */
int32_t nd_describe(struct nd *a, enum nd_type type, int ndim, const size_t *shape);

size_t nd_count(const struct nd *a);
bool nd_is_dense(const struct nd *a);
bool nd_same_shape(const struct nd *a, const struct nd *b);

/* The shape that n arrays have together: aligned at the last dimension, a length of 1 repeats. Returns its ndim; ND_E_SHAPE. */
int nd_broadcast(const struct nd *const arrays[], int n, size_t shape[ND_DIMS]);

/* A view of `a` in a shape that it broadcasts to. ND_E_SHAPE. */
int nd_expand(struct nd *view, const struct nd *a, int ndim, const size_t *shape);

/* The elements of an array without gaps in another shape of as many. ND_E_SHAPE, ND_E_DIMS. */
int nd_reshape(struct nd *view, const struct nd *a, int ndim, const size_t *shape);

/* Part of one axis, in place: every step-th of `count` elements from `start` on, which lie inside. */
void nd_slice(struct nd *view, int axis, size_t start, ptrdiff_t step, size_t count);

/* Takes an axis away, at `index` of it. */
void nd_drop_axis(struct nd *view, int axis, size_t index);

/* Puts one of length 1 in. ND_E_DIMS. */
int nd_insert_axis(struct nd *view, int axis);

/* The axes the other way round. */
void nd_transpose(struct nd *view);

/* No element lies outside of `size` bytes at `memory`. */
bool nd_lies_in(const struct nd *a, const void *memory, size_t size);

/* Writing `to` before `from` is read would lose something: they share bytes, and not each element with its own. */
bool nd_must_copy(const struct nd *to, const struct nd *from);

/* ---- Element by element: nd_map.c, with the kernels of nd_binary.c and nd_unary.c. `out` has its shape already; inputs are expanded to it. ---- */

/* out = a, as C converts; floats beyond int32_t to its limits, then modulo the type's size. ND_E_SHAPE. */
int nd_copy(const struct nd *out, const struct nd *a);

enum nd_binary_op {
    ND_ADD, ND_SUBTRACT, ND_MULTIPLY, ND_TRUE_DIVIDE, ND_FLOOR_DIVIDE, ND_MODULO, ND_POWER, ND_MAXIMUM, ND_MINIMUM, ND_ARCTAN2,
    ND_AND, ND_OR, ND_XOR, ND_LEFT, ND_RIGHT, ND_LESS, ND_MORE, ND_LESS_EQUAL, ND_MORE_EQUAL, ND_EQUAL, ND_NOT_EQUAL, ND_BINARY_OPS
};

/* The type in which both can be written. */
enum nd_type nd_promote(enum nd_type a, enum nd_type b);

/* The type of `a op b`, or ND_E_TYPE. */
int nd_binary_type(enum nd_binary_op op, enum nd_type a, enum nd_type b);

/* ND_E_SHAPE, ND_E_TYPE, ND_E_DIVISION, ND_E_POWER; what was computed until then stays in out. */
int nd_binary(enum nd_binary_op op, const struct nd *out, const struct nd *a, const struct nd *b);

enum nd_unary_op {
    ND_NEGATIVE, ND_ABS, ND_INVERT,
    ND_EXP, ND_EXPM1, ND_LOG, ND_LOG2, ND_LOG10, ND_SQRT, ND_SIN, ND_COS, ND_TAN, ND_ASIN, ND_ACOS, ND_ATAN, ND_SINH, ND_COSH, ND_TANH, ND_ASINH,
    ND_ACOSH, ND_ATANH, ND_FLOOR, ND_CEIL, ND_RINT, ND_DEGREES, ND_RADIANS, ND_ISINF, ND_ISFINITE, ND_ISNAN, ND_UNARY_OPS
};

int nd_unary_type(enum nd_unary_op op, enum nd_type a);
int nd_unary(enum nd_unary_op op, const struct nd *out, const struct nd *a);

/* out = condition ? a : b. */
int nd_where(const struct nd *out, const struct nd *condition, const struct nd *a, const struct nd *b);

/* ---- Along an axis: nd_reduce.c, nd_order.c ---- */

enum nd_reduction { ND_SUM, ND_MEAN, ND_VARIANCE, ND_STD, ND_MIN, ND_MAX, ND_ARGMIN, ND_ARGMAX, ND_ALL, ND_ANY, ND_REDUCTIONS };

/* A result that has no array around it. */
struct nd_scalar {
    bool is_float;
    float f;
    int64_t i;
};

/* The type of such a result in an array. Sums of integers are floats: there is no integer here that holds them. */
enum nd_type nd_reduction_type(enum nd_reduction op, enum nd_type a);

/* Of all elements, in the order of their indices. Sums of integers are exact; floats are added in double precision by rows. `ddof`: what is taken from
   the number of elements in ND_VARIANCE and ND_STD. ND_E_EMPTY. */
int nd_reduce(enum nd_reduction op, const struct nd *a, int ddof, struct nd_scalar *result);

/* Of each line along `axis`; `out` has a's shape without it. ND_E_EMPTY; ND_E_SIZE: positions don't fit in out's type. */
int nd_reduce_axis(enum nd_reduction op, const struct nd *a, int axis, int ddof, const struct nd *out);

enum nd_line_op { ND_SORT, ND_ARGSORT, ND_MEDIAN, ND_CUMSUM };

/* Bytes of scratch, aligned to 4, for lines of n elements. ND_E_SIZE. */
int32_t nd_line_scratch(size_t n);

/* Each line along `axis` sorted (not-a-number last), as the positions that sort it (uint16, equal ones in their order), summed up so far, or as its
   median (float; out without the axis). out may be a itself, unless its shape is another. ND_E_EMPTY, ND_E_SIZE. */
int nd_lines(enum nd_line_op op, const struct nd *out, const struct nd *a, int axis, void *scratch);

/* ---- Matrices of floats without gaps: nd_linalg.c ---- */

/* out (rows x columns) = a (rows x inner) b (inner x columns); out is neither of them. */
void nd_matmul(float *out, const float *a, const float *b, size_t rows, size_t inner, size_t columns);

/* The determinant of an n x n matrix, which is overwritten. Gauss with partial pivoting. */
float nd_determinant(float *a, size_t n);

/* The inverse, likewise. ND_E_SINGULAR. */
int nd_invert(float *inverse, float *a, size_t n);

/* ---- Functions given by a few numbers: nd_curve.c ---- */

enum { ND_MAX_DEGREE = 9 };

/* Each of n numbers x becomes the value at x of the straight lines between `points` points, whose xp don't fall. */
void nd_interpolate(float *x, size_t n, const float *xp, const float *fp, size_t points);

/* Each of n numbers x becomes the polynomial's value at x; highest power first. */
void nd_polynomial(float *x, size_t n, const float *coefficients, size_t count);

/* The polynomial of count <= ND_MAX_DEGREE + 1 coefficients with the least sum of squared distances from n points. Normal equations in double precision,
   for x scaled to -1..1. ND_E_SINGULAR: the points have fewer different x than it has coefficients, or are no numbers. */
int nd_fit(float *coefficients, size_t count, const float *x, const float *y, size_t n);

#endif
