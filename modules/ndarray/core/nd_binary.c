/* SPDX-License-Identifier: MIT */
/* Operators between two arrays: which type they have, and their kernels. Integers are computed modulo 2^32, so that the cut when they are stored is
   right for every type here. */
#include <math.h>

#include "modules/ndarray/core/nd_kernel.h"

/* uint16 with a signed type has no integer here that holds both: float does. */
static const uint8_t promoted[ND_TYPES][ND_TYPES] = {
    [ND_BOOL] = {ND_BOOL, ND_UINT8, ND_INT8, ND_UINT16, ND_INT16, ND_FLOAT},
    [ND_UINT8] = {ND_UINT8, ND_UINT8, ND_INT16, ND_UINT16, ND_INT16, ND_FLOAT},
    [ND_INT8] = {ND_INT8, ND_INT16, ND_INT8, ND_FLOAT, ND_INT16, ND_FLOAT},
    [ND_UINT16] = {ND_UINT16, ND_UINT16, ND_FLOAT, ND_UINT16, ND_FLOAT, ND_FLOAT},
    [ND_INT16] = {ND_INT16, ND_INT16, ND_INT16, ND_FLOAT, ND_INT16, ND_FLOAT},
    [ND_FLOAT] = {ND_FLOAT, ND_FLOAT, ND_FLOAT, ND_FLOAT, ND_FLOAT, ND_FLOAT},
};

enum nd_type nd_promote(enum nd_type a, enum nd_type b)
{
    return promoted[a][b];
}

int nd_binary_type(enum nd_binary_op op, enum nd_type a, enum nd_type b)
{
    enum nd_type type = nd_promote(a, b);

    switch (nd_binary_kernels[op].kind) {
    case ND_KIND_COMPARE:
        return ND_BOOL;
    case ND_KIND_FLOAT:
        return ND_FLOAT;
    case ND_KIND_BITS:
        return type == ND_FLOAT ? (int)ND_E_TYPE : (int)type;
    default:
        return type == ND_BOOL && op != ND_MAXIMUM && op != ND_MINIMUM ? ND_UINT8 : type;
    }
}

/* ---- Kernels ---- */

#define INTS(name, expression)                                                                      \
    static int name##_ints(int32_t *out, const int32_t *a, const int32_t *b, size_t n)              \
    {                                                                                               \
        for (size_t i = 0; i < n; i++) {                                                            \
            uint32_t x = (uint32_t)a[i], y = (uint32_t)b[i];                                        \
            out[i] = (int32_t)(expression);                                                         \
        }                                                                                           \
        return ND_OK;                                                                               \
    }

#define FLOATS(name, result, expression)                                                            \
    static void name##_floats(void *out, const float *a, const float *b, size_t n)                  \
    {                                                                                               \
        result *to = out;                                                                           \
        for (size_t i = 0; i < n; i++) {                                                            \
            float x = a[i], y = b[i];                                                               \
            to[i] = (expression);                                                                   \
        }                                                                                           \
    }

#define BOTH(name, expression) INTS(name, expression) FLOATS(name, float, expression)
#define COMPARE(name, operator) INTS(name, (int32_t)x operator (int32_t)y) FLOATS(name, int32_t, x operator y)

BOTH(add, x + y)
BOTH(subtract, x - y)
BOTH(multiply, x * y)
FLOATS(true_divide, float, x / y)
INTS(maximum, (int32_t)x > (int32_t)y ? x : y)
INTS(minimum, (int32_t)x < (int32_t)y ? x : y)
/* Not-a-number wins. */
FLOATS(maximum, float, x > y || x != x ? x : y)
FLOATS(minimum, float, x < y || x != x ? x : y)
FLOATS(arctan2, float, atan2f(x, y))
FLOATS(power, float, powf(x, y))
INTS(and, x & y)
INTS(or, x | y)
INTS(xor, x ^ y)
INTS(left, y < 32 ? x << y : 0)
INTS(right, (int32_t)x >> (y < 31 ? y : 31))
COMPARE(less, <)
COMPARE(more, >)
COMPARE(less_equal, <=)
COMPARE(more_equal, >=)
COMPARE(equal, ==)
COMPARE(not_equal, !=)

static int floor_divide_ints(int32_t *out, const int32_t *a, const int32_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (b[i] == 0) {
            return ND_E_DIVISION;
        }
        int32_t quotient = a[i] / b[i];
        out[i] = quotient - (a[i] % b[i] != 0 && (a[i] < 0) != (b[i] < 0));
    }
    return ND_OK;
}

static int modulo_ints(int32_t *out, const int32_t *a, const int32_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (b[i] == 0) {
            return ND_E_DIVISION;
        }
        int32_t divisor = b[i], rest = a[i] % divisor;
        out[i] = rest && (rest < 0) != (divisor < 0) ? rest + divisor : rest;
    }
    return ND_OK;
}

static int power_ints(int32_t *out, const int32_t *a, const int32_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t base = (uint32_t)a[i], result = 1;
        if (b[i] < 0) {
            return ND_E_POWER;
        }
        for (int32_t exponent = b[i]; exponent; exponent >>= 1, base *= base) {
            result *= exponent & 1 ? base : 1;
        }
        out[i] = (int32_t)result;
    }
    return ND_OK;
}

/* The remainder with the divisor's sign, as Python has it. */
static float modulo_float(float x, float y)
{
    float rest = fmodf(x, y);

    if (rest == 0) {
        return y == 0 ? rest : copysignf(0, y);
    }
    return (rest < 0) != (y < 0) ? rest + y : rest;
}

static float floor_divide_float(float x, float y)
{
    if (y == 0) {
        return x / y;
    }
    /* One less where the signs differ, afterwards: a divisor that is infinite has no finite remainder of its sign. */
    float rest = fmodf(x, y), quotient = (x - rest) / y - ((rest < 0) != (y < 0) && rest != 0), whole = floorf(quotient);
    if (quotient == 0) {
        return copysignf(0, x / y);
    }
    return quotient - whole > 0.5f ? whole + 1 : whole;
}

FLOATS(floor_divide, float, floor_divide_float(x, y))
FLOATS(modulo, float, modulo_float(x, y))

#define ROW(kind, name) {ND_KIND_##kind, name##_ints, name##_floats}
const struct nd_binary_kernels nd_binary_kernels[ND_BINARY_OPS] = {
    [ND_ADD] = ROW(ARITHMETIC, add),
    [ND_SUBTRACT] = ROW(ARITHMETIC, subtract),
    [ND_MULTIPLY] = ROW(ARITHMETIC, multiply),
    [ND_TRUE_DIVIDE] = {ND_KIND_FLOAT, NULL, true_divide_floats},
    [ND_FLOOR_DIVIDE] = ROW(ARITHMETIC, floor_divide),
    [ND_MODULO] = ROW(ARITHMETIC, modulo),
    [ND_POWER] = ROW(ARITHMETIC, power),
    [ND_MAXIMUM] = ROW(ARITHMETIC, maximum),
    [ND_MINIMUM] = ROW(ARITHMETIC, minimum),
    [ND_ARCTAN2] = {ND_KIND_FLOAT, NULL, arctan2_floats},
    [ND_AND] = {ND_KIND_BITS, and_ints, NULL},
    [ND_OR] = {ND_KIND_BITS, or_ints, NULL},
    [ND_XOR] = {ND_KIND_BITS, xor_ints, NULL},
    [ND_LEFT] = {ND_KIND_BITS, left_ints, NULL},
    [ND_RIGHT] = {ND_KIND_BITS, right_ints, NULL},
    [ND_LESS] = ROW(COMPARE, less),
    [ND_MORE] = ROW(COMPARE, more),
    [ND_LESS_EQUAL] = ROW(COMPARE, less_equal),
    [ND_MORE_EQUAL] = ROW(COMPARE, more_equal),
    [ND_EQUAL] = ROW(COMPARE, equal),
    [ND_NOT_EQUAL] = ROW(COMPARE, not_equal),
};
