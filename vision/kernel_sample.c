/* SPDX-License-Identifier: MIT */
/* Inner loops of sampling and combining in plain C. */
#include "vision/kernel_sample.h"

void kernel_mix8_c(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint8_t)((a[i] * (32 - weight) + b[i] * weight) >> 5);
    }
}

void kernel_mix8_across_c(const uint8_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint8_t *out)
{
    const uint8_t *next = src + 1;

    __asm__("" : "+r"(next));       /* in a register of its own, or the sum is made for each pixel */
    for (int i = 0; i < n; i++) {
        int a = src[index[i]], b = next[index[i]];
        out[i] = (uint8_t)(a + ((b - a) * fraction[i] >> 5));
    }
}

void kernel_pick8_c(const uint8_t *src, const uint16_t *index, int n, uint8_t *dst)
{
#pragma GCC unroll 8
    for (int i = 0; i < n; i++) {
        dst[i] = src[index[i]];
    }
}

void kernel_pick16_c(const uint16_t *src, const uint16_t *index, int n, uint16_t *dst)
{
#pragma GCC unroll 8
    for (int i = 0; i < n; i++) {
        dst[i] = src[index[i]];
    }
}

static inline uint32_t mix_spread(uint32_t a, uint32_t b, uint32_t weight)
{
    return (a * (32 - weight) + b * weight) >> 5 & KERNEL_SPREAD;
}

void kernel_mix_spread_c(const uint32_t *a, const uint32_t *b, int n, int weight, uint32_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = mix_spread(a[i], b[i], (uint32_t)weight);
    }
}

void kernel_mix_spread_across_c(const uint32_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint16_t *out)
{
    for (int i = 0; i < n; i++) {
        const uint32_t *at = src + index[i];
        out[i] = kernel_join565(mix_spread(at[0], at[1], fraction[i]));
    }
}

void kernel_mix565_c(const uint16_t *a, const uint16_t *b, int weight, const uint16_t *index, const uint8_t *fraction, int n, int last, uint16_t *out)
{
    for (int i = 0; i < n; i++) {
        int left = index[i], right = left < last ? left + 1 : last;
        uint32_t p = mix_spread(kernel_spread565(a[left]), kernel_spread565(b[left]), (uint32_t)weight);
        uint32_t q = mix_spread(kernel_spread565(a[right]), kernel_spread565(b[right]), (uint32_t)weight);
        out[i] = kernel_join565(mix_spread(p, q, fraction[i]));
    }
}

void kernel_cubic_down_c(const uint8_t *const rows[4], const int32_t weight[4], int n, int32_t *sum)
{
    for (int i = 0; i < n; i++) {
        sum[i] = rows[0][i] * weight[0] + rows[1][i] * weight[1] + rows[2][i] * weight[2] + rows[3][i] * weight[3];
    }
}

static inline int32_t cubic_at(const int32_t *sum, const int32_t weight[4], int32_t top)
{
    int32_t a = sum[-1], b = sum[0], c = sum[1], d = sum[2], v = (a * weight[0] + b * weight[1] + c * weight[2] + d * weight[3] + 8192) >> 14;

    if (__builtin_expect((uint32_t)v > (uint32_t)top, 0)) {
        v = v < 0 ? 0 : top;
    }
    return v;
}

void kernel_cubic8_c(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint8_t)cubic_at(sum + index[i], weights[fraction[i]], 255);
    }
}

void kernel_cubic565_c(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, int top, int shift, uint16_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint16_t)(out[i] | cubic_at(sum + index[i], weights[fraction[i]], top) << shift);
    }
}

void kernel_accumulate8_c(uint16_t *sum, const uint8_t *row, int n)
{
    for (int i = 0; i < n; i++) {
        sum[i] = (uint16_t)(sum[i] + row[i]);
    }
}

void kernel_half8_c(const uint8_t *a, const uint8_t *b, int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint8_t)((a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]) >> 2);
    }
}

void kernel_half565_c(const uint16_t *a, const uint16_t *b, int n, uint16_t *out)
{
    const uint32_t mask = kernel_in_register(KERNEL_SPREAD);

    for (int i = 0; i < n; i++) {
        uint32_t p = a[2 * i], q = a[2 * i + 1], r = b[2 * i], s = b[2 * i + 1];
        uint32_t sum = ((p | p << 16) & mask) + ((q | q << 16) & mask) + ((r | r << 16) & mask) + ((s | s << 16) & mask);
        sum = sum >> 2 & mask;
        out[i] = (uint16_t)(sum | sum >> 16);
    }
}

void kernel_blend_gray_c(const uint8_t *src, int n, int weight, uint8_t *dst)
{
    for (int i = 0; i < n; i++) {
        dst[i] = (uint8_t)((src[i] * weight + dst[i] * (256 - weight)) >> 8);
    }
}

void kernel_blend_rgb565_c(const uint16_t *src, int n, int weight, uint16_t *dst)
{
    const uint32_t mask = kernel_in_register(KERNEL_SPREAD), rest = 32 - (uint32_t)weight;

    for (int i = 0; i < n; i++) {
        uint32_t a = src[i], b = dst[i];
        a = (a | a << 16) & mask;
        b = (b | b << 16) & mask;
        a = (a * (uint32_t)weight + b * rest) >> 5 & mask;
        dst[i] = (uint16_t)(a | a >> 16);
    }
}

#define WALK(src, dst)                                                                                                                     \
    for (; n > 0; n -= 1 << bits, walks++) {                                                                                               \
        int x = (int16_t)walks->at, y = (int16_t)(walks->at >> 16), right = (int16_t)walks->step, down = (int16_t)(walks->step >> 16);    \
        for (int i = 0; i < n && i < 1 << bits; i++, x += right, y += down) {                                                              \
            *dst++ = src[walks->from + (y >> 8) * stride + (x >> 8)];                                                                      \
        }                                                                                                                                  \
    }

void kernel_walk8_c(const uint8_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint8_t *dst)
{
    WALK(src, dst)
}

void kernel_walk16_c(const uint16_t *src, int stride, const struct kernel_walk *walks, int bits, int n, uint16_t *dst)
{
    WALK(src, dst)
}
