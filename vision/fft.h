/* SPDX-License-Identifier: MIT */
/* Fourier transforms of rows and columns of complex numbers (pairs of floats: real, imaginary), in place. Radix 4, decimated in frequency there and in
   time back, so that nothing is put into order: the spectrum lies in bit-reversed order. Sizes are powers of two. */
#ifndef VISION_FFT_H
#define VISION_FFT_H

#include <stddef.h>

/* Factors e^(-2 pi i k / n), k < 3 n / 4: for transforms of n or fewer. FFT_FACTOR_FLOATS(n) floats. */
#define FFT_FACTOR_FLOATS(n) ((n) / 4 * 6 + 2)
struct fft {
    int n;
    float *factors;
};
void fft_open(struct fft *fft, int n, float *factors);

/* X[k] = sum x[j] e^(-2 pi i j k / n) of n <= fft->n numbers: place i holds X[bit-reversed i]. And back, times n. */
void fft_row(const struct fft *fft, float *x, int n);
void fft_row_back(const struct fft *fft, float *x, int n);

/* The same of `count` columns side by side; from row to row it is `pitch` complex numbers. */
void fft_columns(const struct fft *fft, float *x, int n, size_t pitch, int count);
void fft_columns_back(const struct fft *fft, float *x, int n, size_t pitch, int count);

/* Where the frequency -k lies when k lies at place i. */
static inline int fft_mirror(int i)
{
    return i ? i ^ ((1 << (31 - __builtin_clz((unsigned)i))) - 1) : 0;
}

#endif
