/* SPDX-License-Identifier: MIT */
/* Functions given by a few numbers: straight lines between points, polynomials, and the polynomial nearest to points. */
#include <math.h>
#include <stddef.h>

#include "modules/ndarray/core/nd.h"

void nd_interpolate(float *x, size_t n, const float *xp, const float *fp, size_t points)
{
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = points - 1;
        if (x[i] != x[i]) {
            continue;
        }
        if (x[i] <= xp[low] || x[i] >= xp[high]) {
            x[i] = x[i] >= xp[high] ? fp[high] : fp[low];
            continue;
        }
        while (high - low > 1) {            /* xp[low] <= x < xp[high] */
            size_t middle = low + (high - low) / 2;
            if (x[i] >= xp[middle]) {
                low = middle;
            } else {
                high = middle;
            }
        }
        x[i] = fp[low] + (fp[high] - fp[low]) * (x[i] - xp[low]) / (xp[high] - xp[low]);
    }
}

void nd_polynomial(float *x, size_t n, const float *coefficients, size_t count)
{
    for (size_t i = 0; i < n; i++) {
        float value = 0;
        for (size_t k = 0; k < count; k++) {
            value = value * x[i] + coefficients[k];
        }
        x[i] = value;
    }
}

enum { ORDER = ND_MAX_DEGREE + 1 };

/* Solves a z = z in place by Gauss with partial pivoting. False: singular. */
static bool solve(double a[ORDER][ORDER], double z[ORDER], size_t n)
{
    for (size_t c = 0; c < n; c++) {
        size_t best = c;
        for (size_t r = c + 1; r < n; r++) {
            best = fabs(a[r][c]) > fabs(a[best][c]) ? r : best;
        }
        if (!(fabs(a[best][c]) > 1e-13)) {
            return false;
        }
        for (size_t k = 0; k < n; k++) {
            double t = a[c][k];
            a[c][k] = a[best][k];
            a[best][k] = t;
        }
        double t = z[c];
        z[c] = z[best];
        z[best] = t;
        for (size_t r = 0; r < n; r++) {
            double factor = r == c ? 0 : a[r][c] / a[c][c];
            for (size_t k = c; k < n; k++) {
                a[r][k] -= factor * a[c][k];
            }
            z[r] -= factor * z[c];
        }
    }
    for (size_t c = 0; c < n; c++) {
        z[c] /= a[c][c];
    }
    return true;
}

/* Coefficients in (x - center) / scale, lowest power first, to those in x: Horner, on polynomials. */
static void unscale(float *out, const double *z, size_t count, double center, double scale)
{
    double p[ORDER] = {0};

    for (size_t k = count; k-- > 0;) {
        for (size_t i = count; i-- > 0;) {
            p[i] = (i ? p[i - 1] : 0) / scale - p[i] * center / scale;
        }
        p[0] += z[k];
    }
    for (size_t k = 0; k < count; k++) {
        out[count - 1 - k] = (float)p[k];
    }
}

int nd_fit(float *coefficients, size_t count, const float *x, const float *y, size_t n)
{
    double low = (double)x[0], high = low, powers[2 * ORDER] = {0}, a[ORDER][ORDER], z[ORDER] = {0};

    for (size_t i = 1; i < n; i++) {
        low = (double)x[i] < low ? (double)x[i] : low;
        high = (double)x[i] > high ? (double)x[i] : high;
    }
    double center = (low + high) / 2, scale = high > low ? (high - low) / 2 : 1;
    for (size_t i = 0; i < n; i++) {
        double t = ((double)x[i] - center) / scale, power = 1;
        for (size_t k = 0; k < 2 * count - 1; k++, power *= t) {
            powers[k] += power / (double)n;
            if (k < count) {
                z[k] += power * (double)y[i] / (double)n;
            }
        }
    }
    for (size_t r = 0; r < count; r++) {
        for (size_t c = 0; c < count; c++) {
            a[r][c] = powers[r + c];
        }
    }
    if (!solve(a, z, count)) {
        return ND_E_SINGULAR;
    }
    unscale(coefficients, z, count, center, scale);
    return ND_OK;
}
