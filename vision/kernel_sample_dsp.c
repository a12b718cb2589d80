/* SPDX-License-Identifier: MIT */
/* Inner loops of sampling and combining with the SIMD instructions of Armv7E-M. Empty on other cores. */
#include "vision/kernel_sample.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"

void kernel_mix8_dsp(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out)
{
    const uint32_t lanes = kernel_in_register(KERNEL_EVEN), second = (uint32_t)weight, first = 32 - second;
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(a + i), q = kernel_load32(b + i);
        uint32_t even = __uxtb16(p) * first + __uxtb16(q) * second, odd = kernel_odd_bytes(p) * first + kernel_odd_bytes(q) * second;
        kernel_store32(out + i, (lanes & even >> 5) | (lanes & odd >> 5) << 8);
    }
    kernel_mix8_c(a + i, b + i, n - i, weight, out + i);
}

void kernel_accumulate8_dsp(uint16_t *sum, const uint8_t *row, int n)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(row + i), even = __uxtb16(p), odd = kernel_odd_bytes(p);
        kernel_store32(sum + i, (uint32_t)__uadd16(kernel_load32(sum + i), (even & 0xFFFF) | odd << 16));
        kernel_store32(sum + i + 2, (uint32_t)__uadd16(kernel_load32(sum + i + 2), even >> 16 | (odd & 0xFFFF0000u)));
    }
    kernel_accumulate8_c(sum + i, row + i, n - i);
}

/* Four pixels of both rows are two sums in halves. */
static inline uint32_t half4(uint32_t p, uint32_t q)
{
    return __uxtab16(kernel_odd_bytes(p), p) + __uxtab16(kernel_odd_bytes(q), q);
}

void kernel_half8_dsp(const uint8_t *a, const uint8_t *b, int n, uint8_t *out)
{
    const uint32_t lanes = kernel_in_register(KERNEL_EVEN);
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t s = lanes & half4(kernel_load32(a + 2 * i), kernel_load32(b + 2 * i)) >> 2;
        uint32_t t = lanes & half4(kernel_load32(a + 2 * i + 4), kernel_load32(b + 2 * i + 4)) >> 2;
        kernel_store32(out + i, kernel_join4(s, t));
    }
    kernel_half8_c(a + 2 * i, b + 2 * i, n - i, out + i);
}

void kernel_blend_gray_dsp(const uint8_t *src, int n, int weight, uint8_t *dst)
{
    const uint32_t lanes = kernel_in_register(KERNEL_EVEN), first = (uint32_t)weight, second = 256 - first;
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(src + i), q = kernel_load32(dst + i);
        uint32_t even = __uxtb16(p) * first + __uxtb16(q) * second, odd = kernel_odd_bytes(p) * first + kernel_odd_bytes(q) * second;
        kernel_store32(dst + i, (lanes & even >> 8) | (odd & ~lanes));
    }
    kernel_blend_gray_c(src + i, n - i, weight, dst + i);
}

/* A pixel in both halves of a word, and there only its channels that the other half does not have: each has room for a product of five bits more */
void kernel_blend_rgb565_dsp(const uint16_t *src, int n, int weight, uint16_t *dst)
{
    const uint32_t spread = kernel_in_register(0x07E0F81Fu), first = (uint32_t)weight, second = 32 - first;
    int i = 0;

    for (; i < n - 1; i += 2) {
        uint32_t p = kernel_load32(src + i), q = kernel_load32(dst + i);
        uint32_t low = spread & ((spread & kernel_low_twice(p)) * first + (spread & kernel_low_twice(q)) * second) >> 5;
        uint32_t high = spread & ((spread & kernel_high_twice(p)) * first + (spread & kernel_high_twice(q)) * second) >> 5;
        kernel_store32(dst + i, kernel_join_halves(low | low >> 16, high | high << 16));
    }
    kernel_blend_rgb565_c(src + i, n - i, weight, dst + i);
}

/* The whole parts of both halves, as bytes, in one; the index in another */
static inline int32_t walk_index(uint32_t at, uint32_t weights)
{
    int32_t whole;

    __asm__("sxtb16 %0, %1, ror #8\n\tsmuad %0, %0, %2" : "=&r"(whole) : "r"(at), "r"(weights));
    return whole;
}

/* Eight pixels at once, of walks of at least eight */
#define WALK(src, dst)                                                                                                                     \
    const uint32_t weights = (uint32_t)stride << 16 | 1;                                                                                   \
    for (; n >= 1 << bits; n -= 1 << bits, walks++) {                                                                                      \
        uint32_t at = walks->at, step = walks->step;                                                                                       \
        __typeof__(src) from = src + walks->from;                                                                                          \
        for (int left = 1 << bits; left; left -= 8, dst += 8) {                                                                            \
            _Pragma("GCC unroll 8") for (int i = 0; i < 8; i++, at = __sadd16(at, step))                                                   \
            {                                                                                                                              \
                dst[i] = from[walk_index(at, weights)];                                                                                    \
            }                                                                                                                              \
        }                                                                                                                                  \
    }

void kernel_walk8_dsp(const uint8_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint8_t *dst)
{
    WALK(src, dst)
    kernel_walk8_c(src, stride, walks, bits, n, dst);
}

void kernel_walk16_dsp(const uint16_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint16_t *dst)
{
    WALK(src, dst)
    kernel_walk16_c(src, stride, walks, bits, n, dst);
}

#endif
