/* SPDX-License-Identifier: MIT */
/* Inner loop of the gradient finders. Rules as in kernel.h. A gradient is a word: across in the lower half, down in the upper, signed. */
#ifndef VISION_KERNEL_GRADIENT_H
#define VISION_KERNEL_GRADIENT_H

#include "vision/kernel.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>
#endif

/* Sobel's 3 x 3 gradients (weights 1, 2, 1 and -1, 0, 1) of b[0] .. b[n - 1] among the rows a, b, c from top to bottom; reads -1 .. n + 2 */
void kernel_sobel_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient);
void kernel_sobel_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient);
void kernel_sobel_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient);

/* The best there is for this core */
#define kernel_sobel KERNEL_ALL(sobel)

static inline int gradient_x(uint32_t gradient)
{
    return (int16_t)gradient;
}

static inline int gradient_y(uint32_t gradient)
{
    return (int32_t)gradient >> 16;
}

/* Sum of the products of the lower and of the upper halves, and what is added */
static inline int32_t gradient_dot(uint32_t a, uint32_t b, int32_t add)
{
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
    return __smlad((int16x2_t)a, (int16x2_t)b, add);
#else
    return gradient_x(a) * gradient_x(b) + gradient_y(a) * gradient_y(b) + add;
#endif
}

/* The sum of two gradients */
static inline uint32_t gradient_add(uint32_t a, uint32_t b)
{
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
    return (uint32_t)__sadd16((int16x2_t)a, (int16x2_t)b);
#else
    return ((a + b) & 0xFFFF) | ((a & 0xFFFF0000u) + (b & 0xFFFF0000u));
#endif
}

/* The square of its length, at most 2 * 1020^2 */
static inline uint32_t gradient_power(uint32_t gradient)
{
    return (uint32_t)gradient_dot(gradient, gradient, 0);
}

#endif
