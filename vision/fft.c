/* SPDX-License-Identifier: MIT */
/* Fast Fourier transform: two steps of radix 2 at a time (Cooley and Tukey 1965; Gentleman and Sande 1966). */
#include "vision/fft.h"

#include <math.h>

struct complex { float r, i; };

void fft_open(struct fft *fft, int n, float *factors)
{
    fft->n = n;
    fft->factors = factors;
    for (int k = 0; k < FFT_FACTOR_FLOATS(n) / 2; k++) {
        float angle = 6.28318531f * (float)k / (float)n;
        factors[2 * k] = cosf(angle);
        factors[2 * k + 1] = -sinf(angle);
    }
}

static inline struct complex factor(const struct fft *fft, int k)
{
    return (struct complex){fft->factors[2 * k], fft->factors[2 * k + 1]};
}

static inline struct complex get(const float *p)
{
    return (struct complex){p[0], p[1]};
}

static inline void put(float *p, struct complex v)
{
    p[0] = v.r;
    p[1] = v.i;
}

static inline struct complex sum(struct complex a, struct complex b)
{
    return (struct complex){a.r + b.r, a.i + b.i};
}

static inline struct complex difference(struct complex a, struct complex b)
{
    return (struct complex){a.r - b.r, a.i - b.i};
}

static inline struct complex product(struct complex a, struct complex b)
{
    return (struct complex){a.r * b.r - a.i * b.i, a.r * b.i + a.i * b.r};
}

/* a times the conjugate of b */
static inline struct complex product_back(struct complex a, struct complex b)
{
    return (struct complex){a.r * b.r + a.i * b.i, a.i * b.r - a.r * b.i};
}

/* Of x[0], x[q], x[2 q], x[3 q] (q in floats) with factors w^j, w^2j, w^3j; `plain`: they are 1. */
static inline void forward4(float *x, size_t q, struct complex w1, struct complex w2, struct complex w3, int plain)
{
    struct complex a = get(x), b = get(x + q), c = get(x + 2 * q), d = get(x + 3 * q);
    struct complex ac = sum(a, c), bd = sum(b, d), a_c = difference(a, c), b_d = difference(b, d);
    struct complex second = difference(ac, bd), third = {a_c.r + b_d.i, a_c.i - b_d.r}, fourth = {a_c.r - b_d.i, a_c.i + b_d.r};

    put(x, sum(ac, bd));
    put(x + q, plain ? second : product(second, w2));
    put(x + 2 * q, plain ? third : product(third, w1));
    put(x + 3 * q, plain ? fourth : product(fourth, w3));
}

static inline void back4(float *x, size_t q, struct complex w1, struct complex w2, struct complex w3, int plain)
{
    struct complex a = get(x), b = get(x + q), c = get(x + 2 * q), d = get(x + 3 * q);

    if (!plain) {
        b = product_back(b, w2);
        c = product_back(c, w1);
        d = product_back(d, w3);
    }
    struct complex ac = sum(a, b), bd = difference(a, b), a_c = sum(c, d), cd = difference(c, d), b_d = {-cd.i, cd.r};
    put(x, sum(ac, a_c));
    put(x + q, sum(bd, b_d));
    put(x + 2 * q, difference(ac, a_c));
    put(x + 3 * q, difference(bd, b_d));
}

static inline void forward2(float *x, size_t half, struct complex w)
{
    struct complex a = get(x), b = get(x + half);

    put(x, sum(a, b));
    put(x + half, product(difference(a, b), w));
}

static inline void back2(float *x, size_t half, struct complex w)
{
    struct complex a = get(x), b = product_back(get(x + half), w);

    put(x, sum(a, b));
    put(x + half, difference(a, b));
}

static int is_odd_power(int n)
{
    return __builtin_ctz((unsigned)n) & 1;
}

/* ---- Rows: factors change from element to element ---- */

void fft_row(const struct fft *fft, float *x, int n)
{
    int length = n;

    if (is_odd_power(n)) {
        for (int j = 0, step = fft->n / n; j < n / 2; j++) {
            forward2(x + 2 * j, (size_t)n, factor(fft, j * step));
        }
        length = n / 2;
    }
    for (; length > 4; length /= 4) {
        const int q = length / 4, step = 2 * (fft->n / length);
        for (float *block = x; block < x + 2 * n; block += 2 * length) {
            const float *w1 = fft->factors, *w2 = w1, *w3 = w1;
            for (float *p = block; p < block + 2 * q; p += 2, w1 += step, w2 += 2 * step, w3 += 3 * step) {
                forward4(p, 2 * (size_t)q, get(w1), get(w2), get(w3), 0);
            }
        }
    }
    for (float *p = x; length == 4 && p < x + 2 * n; p += 8) {
        forward4(p, 2, (struct complex){1, 0}, (struct complex){1, 0}, (struct complex){1, 0}, 1);
    }
}

void fft_row_back(const struct fft *fft, float *x, int n)
{
    int odd = is_odd_power(n), length = 4;

    for (float *p = x; n >= 4 && p < x + 2 * n; p += 8) {
        back4(p, 2, (struct complex){1, 0}, (struct complex){1, 0}, (struct complex){1, 0}, 1);
    }
    for (length = 16; length <= n; length *= 4) {
        const int q = length / 4, step = 2 * (fft->n / length);
        for (float *block = x; block < x + 2 * n; block += 2 * length) {
            const float *w1 = fft->factors, *w2 = w1, *w3 = w1;
            for (float *p = block; p < block + 2 * q; p += 2, w1 += step, w2 += 2 * step, w3 += 3 * step) {
                back4(p, 2 * (size_t)q, get(w1), get(w2), get(w3), 0);
            }
        }
    }
    for (int j = 0, step = fft->n / n; odd && j < n / 2; j++) {
        back2(x + 2 * j, (size_t)n, factor(fft, j * step));
    }
}

/* ---- Columns: one factor for a whole row of them ---- */

static void columns4(const struct fft *fft, float *x, int n, int length, size_t pitch, int count, int back)
{
    const int q = length / 4, step = fft->n / length;
    const size_t quarter = 2 * pitch * (size_t)q;

    for (int block = 0; block < n; block += length) {
        for (int j = 0; j < q; j++) {
            struct complex w1 = factor(fft, j * step), w2 = factor(fft, 2 * j * step), w3 = factor(fft, 3 * j * step);
            float *p = x + 2 * pitch * (size_t)(block + j), *end = p + 2 * count;
            for (; p < end && back && j; p += 2) {
                back4(p, quarter, w1, w2, w3, 0);
            }
            for (; p < end && back; p += 2) {
                back4(p, quarter, w1, w2, w3, 1);
            }
            for (; p < end && j; p += 2) {
                forward4(p, quarter, w1, w2, w3, 0);
            }
            for (; p < end; p += 2) {
                forward4(p, quarter, w1, w2, w3, 1);
            }
        }
    }
}

static void columns2(const struct fft *fft, float *x, int n, size_t pitch, int count, int back)
{
    for (int j = 0; j < n / 2; j++) {
        struct complex w = factor(fft, j * (fft->n / n));
        float *p = x + 2 * pitch * (size_t)j;
        for (int i = 0; i < count; i++, p += 2) {
            if (back) {
                back2(p, pitch * (size_t)n, w);
            } else {
                forward2(p, pitch * (size_t)n, w);
            }
        }
    }
}

void fft_columns(const struct fft *fft, float *x, int n, size_t pitch, int count)
{
    int odd = is_odd_power(n);

    if (odd) {
        columns2(fft, x, n, pitch, count, 0);
    }
    for (int length = odd ? n / 2 : n; length >= 4; length /= 4) {
        columns4(fft, x, n, length, pitch, count, 0);
    }
}

void fft_columns_back(const struct fft *fft, float *x, int n, size_t pitch, int count)
{
    for (int length = 4; length <= n; length *= 4) {
        columns4(fft, x, n, length, pitch, count, 1);
    }
    if (is_odd_power(n)) {
        columns2(fft, x, n, pitch, count, 1);
    }
}
