/* SPDX-License-Identifier: MIT */
/* Many elements to one: sums, extremes, positions, all and any. */
#include <math.h>
#include <string.h>

#include "modules/ndarray/core/nd_row.h"

/* What has been seen so far, in the order of the elements. Sums of integers are exact: 2^31 elements of 17 bits; sums of squares are floats. */
struct seen {
    size_t count;
    int64_t ints;
    double floats;
    double mean;                /* what squares are measured from */
    int32_t best_int;
    float best_float;
    size_t best;                /* its position */
    bool all, any;
};

struct reducer {
    void (*ints)(struct seen *s, const int32_t *row, size_t n);
    void (*floats)(struct seen *s, const float *row, size_t n);
};

/* Pieces of a row are summed as what they are: 128 integers of 17 bits fit; floats in four sums, so that errors don't pile up in one. */
static void sum_ints(struct seen *s, const int32_t *row, size_t n)
{
    int32_t sum = 0;

#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        sum += row[i];
    }
    s->ints += sum;
}

static void sum_floats(struct seen *s, const float *row, size_t n)
{
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        s0 += row[i];
        s1 += row[i + 1];
        s2 += row[i + 2];
        s3 += row[i + 3];
    }
    for (; i < n; i++) {
        s0 += row[i];
    }
    s->floats += (double)(s0 + s1) + (double)(s2 + s3);
}

static void squares_floats(struct seen *s, const float *row, size_t n)
{
    float mean = (float)s->mean, sum = 0;

    for (size_t i = 0; i < n; i++) {
        float difference = row[i] - mean;
        sum += difference * difference;
    }
    s->floats += (double)sum;
}

static void squares_ints(struct seen *s, const int32_t *row, size_t n)
{
    float mean = (float)s->mean, sum = 0;

    for (size_t i = 0; i < n; i++) {
        float difference = (float)row[i] - mean;
        sum += difference * difference;
    }
    s->floats += (double)sum;
}

/* The first of the best; of floats the first that is no number is best of all. */
#define BEST(name, beats)                                                       \
    static void name##_ints(struct seen *s, const int32_t *row, size_t n)       \
    {                                                                           \
        int32_t best = s->count ? s->best_int : row[0];                         \
        for (size_t i = 0; i < n; i++) {                                        \
            if (row[i] beats best) {                                            \
                best = row[i];                                                  \
                s->best = s->count + i;                                         \
            }                                                                   \
        }                                                                       \
        s->best_int = best;                                                     \
    }                                                                           \
    static void name##_floats(struct seen *s, const float *row, size_t n)       \
    {                                                                           \
        float best = s->count ? s->best_float : row[0];                         \
        for (size_t i = 0; i < n; i++) {                                        \
            if (row[i] beats best || (row[i] != row[i] && best == best)) {      \
                best = row[i];                                                  \
                s->best = s->count + i;                                         \
            }                                                                   \
        }                                                                       \
        s->best_float = best;                                                   \
    }

BEST(min, <)
BEST(max, >)

#define TRUTH(type, suffix)                                                     \
    static void truth_##suffix(struct seen *s, const type *row, size_t n)       \
    {                                                                           \
        for (size_t i = 0; i < n; i++) {                                        \
            s->all &= row[i] != 0;                                              \
            s->any |= row[i] != 0;                                              \
        }                                                                       \
    }

TRUTH(int32_t, ints)
TRUTH(float, floats)

enum { SUM, SQUARES, MIN, MAX, TRUTH, REDUCERS };

static const struct reducer reducers[REDUCERS] = {
    [SUM] = {sum_ints, sum_floats},
    [SQUARES] = {squares_ints, squares_floats},
    [MIN] = {min_ints, min_floats},
    [MAX] = {max_ints, max_floats},
    [TRUTH] = {truth_ints, truth_floats},
};

/* ---- What each reduction is made of ---- */

enum result { COUNTED, VALUE, POSITION, ALL, ANY };

static const struct {
    uint8_t reducer, result;
    bool needs_some;
} reductions[ND_REDUCTIONS] = {
    [ND_SUM] = {SUM, COUNTED, false},
    [ND_MEAN] = {SUM, COUNTED, false},
    [ND_VARIANCE] = {SUM, COUNTED, false},
    [ND_STD] = {SUM, COUNTED, false},
    [ND_MIN] = {MIN, VALUE, true},
    [ND_MAX] = {MAX, VALUE, true},
    [ND_ARGMIN] = {MIN, POSITION, true},
    [ND_ARGMAX] = {MAX, POSITION, true},
    [ND_ALL] = {TRUTH, ALL, false},
    [ND_ANY] = {TRUTH, ANY, false},
};

enum nd_type nd_reduction_type(enum nd_reduction op, enum nd_type a)
{
    switch (reductions[op].result) {
    case COUNTED:
        return ND_FLOAT;
    case VALUE:
        return a;
    case POSITION:
        return ND_UINT16;
    default:
        return ND_BOOL;
    }
}

/* All elements of the view through one reducer. */
static void reduce(struct seen *s, const struct reducer *r, const struct nd *a)
{
    const struct nd *const arrays[] = {a};
    struct nd_loop loop;
    union nd_row room;

    if (!nd_loop_start(&loop, arrays, 1)) {
        return;
    }
    do {
        for (size_t done = 0, n; done < loop.length; done += n) {
            const uint8_t *data = loop.data[0] + (ptrdiff_t)done * loop.stride[0];
            n = loop.length - done < ND_CHUNK ? loop.length - done : ND_CHUNK;
            if (a->type == ND_FLOAT) {
                r->floats(s, nd_load_floats(data, loop.stride[0], a->type, n, &room), n);
            } else {
                r->ints(s, nd_load_ints(data, loop.stride[0], a->type, n, &room), n);
            }
            s->count += n;
        }
    } while (nd_loop_next(&loop));
}

static double mean(const struct seen *s, enum nd_type type)
{
    double sum = type == ND_FLOAT ? s->floats : (double)s->ints;

    return s->count ? sum / (double)s->count : (double)NAN;
}

/* The variance needs a second look. */
static double variance(const struct nd *a, double center, int ddof)
{
    struct seen s = {.mean = center};

    reduce(&s, &reducers[SQUARES], a);
    return (int64_t)s.count > ddof ? s.floats / (double)((int64_t)s.count - ddof) : (double)NAN;
}

int nd_reduce(enum nd_reduction op, const struct nd *a, int ddof, struct nd_scalar *result)
{
    struct seen s = {.all = true};
    bool floats = a->type == ND_FLOAT;

    if (reductions[op].needs_some && nd_count(a) == 0) {
        return ND_E_EMPTY;
    }
    reduce(&s, &reducers[reductions[op].reducer], a);
    switch (reductions[op].result) {
    case VALUE:
        *result = (struct nd_scalar){.is_float = floats, .f = s.best_float, .i = s.best_int};
        break;
    case POSITION:
        *result = (struct nd_scalar){.i = (int64_t)s.best};
        break;
    case ALL:
        *result = (struct nd_scalar){.i = s.all};
        break;
    case ANY:
        *result = (struct nd_scalar){.i = s.any};
        break;
    default:
        if (op == ND_SUM) {
            *result = (struct nd_scalar){.is_float = floats, .f = (float)s.floats, .i = s.ints};
        } else if (op == ND_MEAN) {
            *result = (struct nd_scalar){.is_float = true, .f = (float)mean(&s, a->type)};
        } else {
            double v = variance(a, mean(&s, a->type), ddof);
            *result = (struct nd_scalar){.is_float = true, .f = (float)(op == ND_STD ? sqrt(v) : v)};
        }
        break;
    }
    return ND_OK;
}

int nd_reduce_axis(enum nd_reduction op, const struct nd *a, int axis, int ddof, const struct nd *out)
{
    struct nd line = {.type = a->type, .ndim = 1, .shape = {a->shape[axis]}, .strides = {a->strides[axis]}}, rest = *a;
    const struct nd *const arrays[] = {out, &rest};
    struct nd_loop loop;

    if (reductions[op].needs_some && a->shape[axis] == 0) {
        return ND_E_EMPTY;
    }
    if (reductions[op].result == POSITION && a->shape[axis] > (size_t)nd_types[out->type].high + 1) {
        return ND_E_SIZE;
    }
    nd_drop_axis(&rest, axis, 0);
    if (!nd_loop_start(&loop, arrays, 2)) {
        return ND_OK;
    }
    do {
        for (size_t i = 0; i < loop.length; i++) {
            uint8_t *to = loop.data[0] + (ptrdiff_t)i * loop.stride[0];
            struct nd_scalar result;
            line.data = loop.data[1] + (ptrdiff_t)i * loop.stride[1];
            int error = nd_reduce(op, &line, ddof, &result);
            if (error < 0) {
                return error;
            }
            if (out->type == ND_FLOAT) {
                float f = result.is_float ? result.f : (float)result.i;
                nd_store_floats(to, 0, out->type, 1, &f);
            } else {
                int32_t n = (int32_t)result.i;
                nd_store_ints(to, 0, out->type, 1, &n);
            }
        }
    } while (nd_loop_next(&loop));
    return ND_OK;
}
