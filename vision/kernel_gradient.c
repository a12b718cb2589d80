/* SPDX-License-Identifier: MIT */
/* Sobel's gradients: plain C, and with the SIMD instructions of Armv7E-M. */
#include "vision/kernel_gradient.h"

void kernel_sobel_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient)
{
    for (int i = 0; i < n; i++) {
        int x = a[i + 1] + 2 * b[i + 1] + c[i + 1] - a[i - 1] - 2 * b[i - 1] - c[i - 1];
        int y = c[i - 1] + 2 * c[i] + c[i + 1] - a[i - 1] - 2 * a[i] - a[i + 1];
        gradient[i] = ((uint32_t)x & 0xFFFF) | (uint32_t)y << 16;
    }
}

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include "vision/kernel_dsp.h"

/* Of four columns: sums 1, 2, 1 down and differences, columns 0 and 2 in the halves of even, 1 and 3 in those of odd */
struct columns { uint32_t even_sum, odd_sum, even_difference, odd_difference; };

static inline __attribute__((always_inline)) struct columns columns_of(const uint8_t *a, const uint8_t *b, const uint8_t *c)
{
    uint32_t p = kernel_load32(a), q = kernel_load32(b), r = kernel_load32(c);
    uint32_t even_p = __uxtb16(p), even_r = __uxtb16(r), odd_p = kernel_odd_bytes(p), odd_r = kernel_odd_bytes(r);

    return (struct columns){even_p + even_r + (__uxtb16(q) << 1), odd_p + odd_r + (kernel_odd_bytes(q) << 1), __ssub16(even_r, even_p),
                            __ssub16(odd_r, odd_p)};
}

/* The upper half of a, the lower half of b */
static inline uint32_t across(uint32_t a, uint32_t b)
{
    return a >> 16 | b << 16;
}

/* As one instruction, which the compiler doesn't find here */
static inline void store2(uint32_t *out, uint32_t first, uint32_t second)
{
    __asm__("strd %1, %2, %0" : "=m"(*(uint32_t(*)[2])out) : "r"(first), "r"(second));
}

/* Gradients of pixels i .. i + 3 from the columns i - 1 .. i + 2 and i + 3 .. i + 6 */
static inline __attribute__((always_inline)) void four_gradients(const struct columns *left, const struct columns *right, uint32_t *out)
{
    uint32_t sum2 = across(left->even_sum, right->even_sum), sum3 = across(left->odd_sum, right->odd_sum);
    uint32_t even_x = __ssub16(sum2, left->even_sum), odd_x = __ssub16(sum3, left->odd_sum);
    uint32_t d2 = across(left->even_difference, right->even_difference), d3 = across(left->odd_difference, right->odd_difference);
    uint32_t middle = __sadd16(left->odd_difference, d2);
    uint32_t even_y = __sadd16(__sadd16(left->even_difference, left->odd_difference), middle), odd_y = __sadd16(middle, __sadd16(d2, d3));

    store2(out, kernel_low_halves(even_x, even_y), kernel_low_halves(odd_x, odd_y));
    store2(out + 2, kernel_high_halves(even_x, even_y), kernel_high_halves(odd_x, odd_y));
}

void kernel_sobel_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient)
{
    if (n > 3) {
        struct columns left = columns_of(a - 1, b - 1, c - 1), right;
        for (const uint8_t *end = a + n - 7; a < end;) {
            right = columns_of(a + 3, b + 3, c + 3);
            four_gradients(&left, &right, gradient);
            left = columns_of(a + 7, b + 7, c + 7);
            a += 8;
            b += 8;
            c += 8;
            four_gradients(&right, &left, gradient + 4);
            gradient += 8;
        }
        n %= 8;
        if (n > 3) {
            right = columns_of(a + 3, b + 3, c + 3);
            four_gradients(&left, &right, gradient);
            a += 4;
            b += 4;
            c += 4;
            gradient += 4;
            n -= 4;
        }
    }
    kernel_sobel_c(a, b, c, n, gradient);
}
#endif
