/* SPDX-License-Identifier: MIT */
/* Functions of one array, element by element: their types and kernels. */
#include <math.h>

#include "modules/ndarray/core/nd_kernel.h"

int nd_unary_type(enum nd_unary_op op, enum nd_type a)
{
    const struct nd_unary_kernels *k = &nd_unary_kernels[op];

    if (k->is_question) {
        return ND_BOOL;
    }
    if (op == ND_INVERT && a == ND_FLOAT) {
        return ND_E_TYPE;
    }
    if (op == ND_NEGATIVE && a == ND_BOOL) {
        return ND_UINT8;
    }
    return k->ints ? a : ND_FLOAT;
}

void nd_apply(float *out, const float *a, size_t n, float (*function)(float))
{
    for (size_t i = 0; i < n; i++) {
        out[i] = function(a[i]);
    }
}

static void negative_ints(int32_t *out, const int32_t *a, size_t n, enum nd_type type)
{
    (void)type;
    for (size_t i = 0; i < n; i++) {
        out[i] = -a[i];
    }
}

static void abs_ints(int32_t *out, const int32_t *a, size_t n, enum nd_type type)
{
    (void)type;
    for (size_t i = 0; i < n; i++) {
        out[i] = a[i] < 0 ? -a[i] : a[i];
    }
}

/* Of booleans their opposite, else all bits. */
static void invert_ints(int32_t *out, const int32_t *a, size_t n, enum nd_type type)
{
    int32_t bits = type == ND_BOOL ? 1 : -1;

    for (size_t i = 0; i < n; i++) {
        out[i] = a[i] ^ bits;
    }
}

#define FLOATS(name, result, expression)                            \
    static void name##_floats(void *out, const float *a, size_t n)  \
    {                                                               \
        result *to = out;                                           \
        for (size_t i = 0; i < n; i++) {                            \
            float x = a[i];                                         \
            to[i] = (expression);                                   \
        }                                                           \
    }

FLOATS(negative, float, -x)
FLOATS(abs, float, fabsf(x))
FLOATS(sqrt, float, sqrtf(x))
FLOATS(degrees, float, x * 57.29577951308232f)
FLOATS(radians, float, x * 0.017453292519943295f)
FLOATS(isinf, int32_t, isinf(x) != 0)
FLOATS(isfinite, int32_t, isfinite(x) != 0)
FLOATS(isnan, int32_t, x != x)

const struct nd_unary_kernels nd_unary_kernels[ND_UNARY_OPS] = {
    [ND_NEGATIVE] = {.floats = negative_floats, .ints = negative_ints},
    [ND_ABS] = {.floats = abs_floats, .ints = abs_ints},
    [ND_INVERT] = {.ints = invert_ints},
    [ND_EXP] = {.function = expf},
    [ND_EXPM1] = {.function = expm1f},
    [ND_LOG] = {.function = logf},
    [ND_LOG2] = {.function = log2f},
    [ND_LOG10] = {.function = log10f},
    [ND_SQRT] = {.floats = sqrt_floats},
    [ND_SIN] = {.function = sinf},
    [ND_COS] = {.function = cosf},
    [ND_TAN] = {.function = tanf},
    [ND_ASIN] = {.function = asinf},
    [ND_ACOS] = {.function = acosf},
    [ND_ATAN] = {.function = atanf},
    [ND_SINH] = {.function = sinhf},
    [ND_COSH] = {.function = coshf},
    [ND_TANH] = {.function = tanhf},
    [ND_ASINH] = {.function = asinhf},
    [ND_ACOSH] = {.function = acoshf},
    [ND_ATANH] = {.function = atanhf},
    [ND_FLOOR] = {.function = floorf},
    [ND_CEIL] = {.function = ceilf},
    [ND_RINT] = {.function = rintf},
    [ND_DEGREES] = {.floats = degrees_floats},
    [ND_RADIANS] = {.floats = radians_floats},
    [ND_ISINF] = {.floats = isinf_floats, .is_question = true},
    [ND_ISFINITE] = {.floats = isfinite_floats, .is_question = true},
    [ND_ISNAN] = {.floats = isnan_floats, .is_question = true},
};
