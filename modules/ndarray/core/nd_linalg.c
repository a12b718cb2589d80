/* SPDX-License-Identifier: MIT */
/* Matrices of floats: product, determinant, inverse. Elimination with partial pivoting: Golub and Van Loan, Matrix Computations, 3.4. */
#include <math.h>
#include <string.h>

#include "modules/ndarray/core/nd.h"

static float dot(const float *a, const float *b, size_t n)
{
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++) {
        s0 += a[i] * b[i];
    }
    return (s0 + s1) + (s2 + s3);
}

/* Four rows of b at a time, so that a row of the result is read and written a quarter as often. */
void nd_matmul(float *out, const float *a, const float *b, size_t rows, size_t inner, size_t columns)
{
    for (size_t r = 0; r < rows; r++, a += inner, out += columns) {
        size_t k = 0;
        if (columns == 1) {
            *out = dot(a, b, inner);
            continue;
        }
        memset(out, 0, columns * sizeof(*out));
        for (; k + 4 <= inner; k += 4) {
            const float *b0 = b + k * columns, *b1 = b0 + columns, *b2 = b1 + columns, *b3 = b2 + columns;
            float a0 = a[k], a1 = a[k + 1], a2 = a[k + 2], a3 = a[k + 3];
            for (size_t c = 0; c < columns; c++) {
                out[c] += a0 * b0[c] + a1 * b1[c] + a2 * b2[c] + a3 * b3[c];
            }
        }
        for (; k < inner; k++) {
            const float *row = b + k * columns;
            float factor = a[k];
            for (size_t c = 0; c < columns; c++) {
                out[c] += factor * row[c];
            }
        }
    }
}

static void swap_rows(float *a, size_t n, size_t i, size_t j)
{
    for (size_t c = 0; c < n; c++) {
        float t = a[i * n + c];
        a[i * n + c] = a[j * n + c];
        a[j * n + c] = t;
    }
}

/* The row from `column` on whose element there is largest. */
static size_t pivot(const float *a, size_t n, size_t column)
{
    size_t best = column;

    for (size_t r = column + 1; r < n; r++) {
        if (fabsf(a[r * n + column]) > fabsf(a[best * n + column])) {
            best = r;
        }
    }
    return best;
}

static void subtract_row(float *a, size_t n, size_t from, size_t row, float factor, size_t first)
{
    for (size_t c = first; c < n; c++) {
        a[from * n + c] -= factor * a[row * n + c];
    }
}

float nd_determinant(float *a, size_t n)
{
    float determinant = 1;

    for (size_t column = 0; column < n; column++) {
        size_t best = pivot(a, n, column);
        if (a[best * n + column] == 0) {
            return 0;
        }
        if (best != column) {
            swap_rows(a, n, best, column);
            determinant = -determinant;
        }
        float diagonal = a[column * n + column];
        determinant *= diagonal;
        for (size_t r = column + 1; r < n; r++) {
            subtract_row(a, n, r, column, a[r * n + column] / diagonal, column);
        }
    }
    return determinant;
}

int nd_invert(float *inverse, float *a, size_t n)
{
    memset(inverse, 0, n * n * sizeof(*inverse));
    for (size_t i = 0; i < n; i++) {
        inverse[i * n + i] = 1;
    }
    for (size_t column = 0; column < n; column++) {
        size_t best = pivot(a, n, column);
        float diagonal = a[best * n + column];
        if (!(fabsf(diagonal) > 0)) {
            return ND_E_SINGULAR;
        }
        if (best != column) {
            swap_rows(a, n, best, column);
            swap_rows(inverse, n, best, column);
        }
        for (size_t c = 0; c < n; c++) {
            a[column * n + c] /= diagonal;
            inverse[column * n + c] /= diagonal;
        }
        for (size_t r = 0; r < n; r++) {
            float factor = a[r * n + column];
            if (r != column && factor != 0) {
                subtract_row(a, n, r, column, factor, column);
                subtract_row(inverse, n, r, column, factor, 0);
            }
        }
    }
    return ND_OK;
}
