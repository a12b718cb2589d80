/* SPDX-License-Identifier: MIT */
/* Inner loops of the window filters with the SIMD instructions of Armv7E-M: four bytes per instruction. Empty on other cores. */
#include "vision/kernel_window.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"
#include "vision/kernel_median.h"

/* The halves' lower bytes: pixels 0 and 2; the others, 1 and 3 */
static inline uint32_t even_halves(uint32_t a, uint32_t b)
{
    return (a & 0xFFFF) | b << 16;
}

static inline uint32_t odd_halves(uint32_t a, uint32_t b)
{
    return a >> 16 | (b & 0xFFFF0000u);
}

void kernel_unpack565_dsp(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b)
{
    const uint32_t five = kernel_in_register(0x001F001Fu), six = kernel_in_register(0x003F003Fu);

    for (int i = 0; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(src + i), q = kernel_load32(src + i + 2), even = even_halves(p, q), odd = odd_halves(p, q);
        kernel_store32(r + i, (five & even >> 11) | (five & odd >> 11) << 8);
        kernel_store32(g + i, (six & even >> 5) | (six & odd >> 5) << 8);
        kernel_store32(b + i, (five & even) | (five & odd) << 8);
    }
    kernel_unpack565_c(src + (n & ~3), n & 3, r + (n & ~3), g + (n & ~3), b + (n & ~3));
}

void kernel_pack565_dsp(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst)
{
    for (int i = 0; i < n - 3; i += 4) {
        uint32_t red = kernel_load32(r + i), green = kernel_load32(g + i), blue = kernel_load32(b + i);
        uint32_t even = __uxtb16(red) << 11 | __uxtb16(green) << 5 | __uxtb16(blue);
        uint32_t odd = kernel_odd_bytes(red) << 11 | kernel_odd_bytes(green) << 5 | kernel_odd_bytes(blue);
        kernel_store32(dst + i, even_halves(even, odd));
        kernel_store32(dst + i + 2, odd_halves(even, odd));
    }
    kernel_pack565_c(r + (n & ~3), g + (n & ~3), b + (n & ~3), n & 3, dst + (n & ~3));
}

void kernel_column_slide_dsp(uint16_t *column, const uint8_t *in, const uint8_t *out, int n)
{
    for (int i = 0; i < n - 3; i += 4) {
        uint32_t a = kernel_load32(in + i), b = kernel_load32(out + i);
        uint32_t even = __ssub16(__uxtb16(a), __uxtb16(b)), odd = __ssub16(kernel_odd_bytes(a), kernel_odd_bytes(b));
        kernel_store32(column + i, __sadd16(kernel_load32(column + i), even_halves(even, odd)));
        kernel_store32(column + i + 2, __sadd16(kernel_load32(column + i + 2), odd_halves(even, odd)));
    }
    kernel_column_slide_c(column + (n & ~3), in + (n & ~3), out + (n & ~3), n & 3);
}

static inline uint32_t least4(uint32_t a, uint32_t b)
{
    (void)__usub8(a, b);
    return __sel(b, a);
}

static inline uint32_t most4(uint32_t a, uint32_t b)
{
    (void)__usub8(a, b);
    return __sel(a, b);
}

static inline uint32_t median4(uint32_t a, uint32_t b, uint32_t c)
{
    (void)__usub8(a, b);
    uint32_t high = __sel(a, b), low = __sel(b, a);
    return most4(low, least4(high, c));
}

void kernel_min8_dsp(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (int i = 0; i < n - 3; i += 4) {
        kernel_store32(dst + i, least4(kernel_load32(a + i), kernel_load32(b + i)));
    }
    kernel_min8_c(dst + (n & ~3), a + (n & ~3), b + (n & ~3), n & 3);
}

void kernel_max8_dsp(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (int i = 0; i < n - 3; i += 4) {
        kernel_store32(dst + i, most4(kernel_load32(a + i), kernel_load32(b + i)));
    }
    kernel_max8_c(dst + (n & ~3), a + (n & ~3), b + (n & ~3), n & 3);
}

void kernel_sort3_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t u = kernel_load32(a + i), v = kernel_load32(b + i), w = kernel_load32(c + i);
        (void)__usub8(u, v);
        uint32_t large = __sel(u, v), small = __sel(v, u);
        (void)__usub8(large, w);
        kernel_store32(high + i, __sel(large, w));
        uint32_t rest = __sel(w, large);
        (void)__usub8(small, rest);
        kernel_store32(middle + i, __sel(small, rest));
        kernel_store32(low + i, __sel(rest, small));
    }
    kernel_sort3_c(a + i, b + i, c + i, n - i, low + i, middle + i, high + i);
}

void kernel_median9_dsp(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t l = most4(most4(kernel_load32(low + i), kernel_load32(low + i + 1)), kernel_load32(low + i + 2));
        uint32_t h = least4(least4(kernel_load32(high + i), kernel_load32(high + i + 1)), kernel_load32(high + i + 2));
        uint32_t m = median4(kernel_load32(middle + i), kernel_load32(middle + i + 1), kernel_load32(middle + i + 2));
        kernel_store32(out + i, median4(l, m, h));
    }
    kernel_median9_c(low + i, middle + i, high + i, n - i, out + i);
}

#define SORT(a, b)                                                                                                                         \
    do {                                                                                                                                   \
        (void)__usub8(a, b);                                                                                                               \
        uint32_t high_ = __sel(a, b);                                                                                                      \
        a = __sel(b, a);                                                                                                                   \
        b = high_;                                                                                                                         \
    } while (0)

void kernel_sort5_dsp(const uint8_t *const *rows, int at, int n, uint8_t *const *column)
{
    const uint8_t *p = rows[0] + at, *q = rows[1] + at, *r = rows[2] + at, *s = rows[3] + at, *t = rows[4] + at;
    uint8_t *v = column[0], *w = column[1], *x = column[2], *y = column[3], *z = column[4];
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t a = kernel_load32(p + i), b = kernel_load32(q + i), c = kernel_load32(r + i), d = kernel_load32(s + i), e = kernel_load32(t + i);
        KERNEL_SORT5(SORT, a, b, c, d, e);
        kernel_store32(v + i, a);
        kernel_store32(w + i, b);
        kernel_store32(x + i, c);
        kernel_store32(y + i, d);
        kernel_store32(z + i, e);
    }
    uint8_t *const rest[5] = {v + i, w + i, x + i, y + i, z + i};
    kernel_sort5_c(rows, at + i, n - i, rest);
}

#define LOAD(row, x) kernel_load32(column[row] + i + (x))

void kernel_median25_dsp(uint8_t *const *column, int n, uint8_t *out)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t median;
        KERNEL_MEDIAN25(uint32_t, LOAD, least4, most4, SORT, median)
        kernel_store32(out + i, median);
    }
    uint8_t *const rest[5] = {column[0] + i, column[1] + i, column[2] + i, column[3] + i, column[4] + i};
    kernel_median25_c(rest, n - i, out + i);
}

void kernel_binomial3_down_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v)
{
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(a + i), q = kernel_load32(b + i), r = kernel_load32(c + i);
        uint32_t even = __uxtab16(__uxtb16(p), r) + (__uxtb16(q) << 1), odd = __uxtab16(kernel_odd_bytes(p), r >> 8) + (kernel_odd_bytes(q) << 1);
        kernel_store32(v + i, even_halves(even, odd));
        kernel_store32(v + i + 2, odd_halves(even, odd));
    }
    kernel_binomial3_down_c(a + i, b + i, c + i, n - i, v + i);
}

/* Sums of up to 255 * 16 fit the halves; after the shift each result is the lower byte of its half. */
void kernel_binomial3_across_dsp(const uint16_t *v, int n, uint8_t *out)
{
    const uint32_t lanes = kernel_in_register(KERNEL_EVEN);
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t first = kernel_load32(v + i), second = kernel_load32(v + i + 2), third = kernel_load32(v + i + 4);
        uint32_t s = first + second + 2 * (first >> 16 | second << 16), t = second + third + 2 * (second >> 16 | third << 16);
        kernel_store32(out + i, kernel_join4(lanes & s >> 4, lanes & t >> 4));
    }
    kernel_binomial3_across_c(v + i, n - i, out + i);
}

/* Halves up to 28 * 255 - 0 fit 13 bits; a twelfth by 5462 / 2^16 is exact below 2^13 (error 8 / 2^16 each). */
static inline uint32_t twelfth2(uint32_t halves)
{
    uint32_t positive = (uint32_t)__usat16((int16x2_t)halves, 13);
    int32_t low = __smlawb(5462, (int32_t)positive, 0), high = __smlawt(5462, (int32_t)positive, 0);
    return (uint32_t)low | (uint32_t)high << 16;
}

void kernel_minus_binomial3_dsp(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out)
{
    const uint32_t times = kernel_in_register((uint32_t)center), limit = kernel_in_register((uint32_t)top * 0x01010101u);
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t first = kernel_load32(v + i), second = kernel_load32(v + i + 2), third = kernel_load32(v + i + 4), p = kernel_load32(here + i);
        uint32_t s = first + second + 2 * (first >> 16 | second << 16), t = second + third + 2 * (second >> 16 | third << 16);
        uint32_t even = __uxtb16(p) * times, odd = kernel_odd_bytes(p) * times;
        s = twelfth2(__ssub16(even_halves(even, odd), s));
        t = twelfth2(__ssub16(odd_halves(even, odd), t));
        /* at most 595, so that a half may be more than a byte: cut before the bytes are joined */
        uint32_t four = kernel_join4((uint32_t)__usat16((int16x2_t)s, 8), (uint32_t)__usat16((int16x2_t)t, 8));
        kernel_store32(out + i, least4(four, limit));
    }
    kernel_minus_binomial3_c(here + i, v + i, n - i, center, top, out + i);
}

void kernel_binomial5_down_dsp(const uint8_t *const *rows, int at, int n, uint16_t *v)
{
    const uint8_t *a = rows[0] + at, *b = rows[1] + at, *c = rows[2] + at, *d = rows[3] + at, *e = rows[4] + at;
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(a + i), q = kernel_load32(b + i), r = kernel_load32(c + i), s = kernel_load32(d + i), t = kernel_load32(e + i);
        uint32_t even = __uxtab16(__uxtb16(p), t) + 4 * __uxtab16(__uxtb16(q), s) + 6 * __uxtb16(r);
        uint32_t odd = __uxtab16(kernel_odd_bytes(p), t >> 8) + 4 * __uxtab16(kernel_odd_bytes(q), s >> 8) + 6 * kernel_odd_bytes(r);
        kernel_store32(v + i, even_halves(even, odd));
        kernel_store32(v + i + 2, odd_halves(even, odd));
    }
    kernel_binomial5_down_c(rows, at + i, n - i, v + i);
}

/* Sums of up to 255 * 256 fit the halves: no carry from one to the other. The result is the upper byte of each. */
void kernel_binomial5_across_dsp(const uint16_t *v, int n, uint8_t *out)
{
    const uint32_t lanes = kernel_in_register(KERNEL_EVEN);
    int i = 0;

    for (; i < n - 3; i += 4) {
        uint32_t p = kernel_load32(v + i), q = kernel_load32(v + i + 2), r = kernel_load32(v + i + 4), u = kernel_load32(v + i + 6);
        uint32_t pq = p >> 16 | q << 16, qr = q >> 16 | r << 16, ru = r >> 16 | u << 16;
        uint32_t s = p + r + 4 * (pq + qr) + 6 * q, t = q + u + 4 * (qr + ru) + 6 * r;
        kernel_store32(out + i, kernel_join4(lanes & s >> 8, lanes & t >> 8));
    }
    kernel_binomial5_across_c(v + i, n - i, out + i);
}

/* Of four pixels 0..3 in a row, pixels 0, 2 and 1, 3 stand in halves: two neighbouring results take them with the outer weights each,
   and one pixel with the middle weight. */
#define CONVOLVE_ROW(p, outer, middle)                                                                                                     \
    do {                                                                                                                                   \
        uint32_t four = kernel_load32(p), even = __uxtb16(four), odd = kernel_odd_bytes(four);                                                \
        left = __smlad((int16x2_t)even, (int16x2_t)(outer), left);                                                                         \
        left = __smlabb((int32_t)odd, middle, left);                                                                                       \
        right = __smlad((int16x2_t)odd, (int16x2_t)(outer), right);                                                                        \
        right = __smlatb((int32_t)even, middle, right);                                                                                    \
    } while (0)

static inline uint32_t two_halves(int low, int high)
{
    return ((uint32_t)low & 0xFFFF) | (uint32_t)high << 16;
}

/* Sums of pixels i and i + 1, begun with `start` */
#define CONVOLVE_PAIR(start)                                                                                                               \
    int32_t left = start, right = start;                                                                                                   \
    CONVOLVE_ROW(a + i - 1, first, middle1);                                                                                               \
    CONVOLVE_ROW(b + i - 1, second, middle2);                                                                                              \
    CONVOLVE_ROW(c + i - 1, third, middle3)

void kernel_convolve3_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum)
{
    const uint32_t first = two_halves(weight[0], weight[2]), second = two_halves(weight[3], weight[5]), third = two_halves(weight[6], weight[8]);
    const int32_t middle1 = weight[1], middle2 = weight[4], middle3 = weight[7];
    int i = 0;

    for (; i < n - 1; i += 2) {
        CONVOLVE_PAIR(0);
        sum[i] = left;
        sum[i + 1] = right;
    }
    kernel_convolve3_c(a + i, b + i, c + i, n - i, weight, sum + i);
}

#define CONVOLVE_CUT(bits)                                                                                                                 \
    for (; i < n - 1; i += 2) {                                                                                                            \
        CONVOLVE_PAIR(bias);                                                                                                               \
        out[i] = (uint8_t)__usat(left, bits);                                                                                              \
        out[i + 1] = (uint8_t)__usat(right, bits);                                                                                         \
    }

void kernel_convolve3_cut_dsp(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out)
{
    const uint32_t first = two_halves(weight[0], weight[2]), second = two_halves(weight[3], weight[5]), third = two_halves(weight[6], weight[8]);
    const int32_t middle1 = weight[1], middle2 = weight[4], middle3 = weight[7];
    int i = 0;

    if (top == 255) {
        CONVOLVE_CUT(8)
    } else if (top == 63) {
        CONVOLVE_CUT(6)
    } else {
        CONVOLVE_CUT(5)
    }
    kernel_convolve3_cut_c(a + i, b + i, c + i, n - i, weight, bias, top, out + i);
}

#endif
