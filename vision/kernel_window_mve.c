/* SPDX-License-Identifier: MIT */
/* Inner loops of the window filters, and Sobel's gradients, with Helium. Empty on other cores. */
#include "vision/kernel_gradient.h"
#include "vision/kernel_window.h"

#if defined(__ARM_FEATURE_MVE)
/* Pointers that move on as they are written, or they are computed anew from n in every round. */
#pragma GCC optimize("no-ivopts")

#include "vision/kernel_median.h"
#include "vision/kernel_mve.h"

void kernel_unpack565_mve(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (; n > 0; n -= 8, src += 8, r += 8, g += 8, b += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t p = vldrhq_z_u16(src, some);
        kernel_store8(r, kernel_red5(p), some);
        kernel_store8(g, kernel_green6(p), some);
        kernel_store8(b, kernel_blue5(p), some);
    }
}

void kernel_pack565_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst)
{
    for (; n > 0; n -= 8, r += 8, g += 8, b += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        vstrhq_p_u16(dst, kernel_pack8(kernel_lanes8(r, some), kernel_lanes8(g, some), kernel_lanes8(b, some)), some);
    }
}

void kernel_native_to_gray_mve(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray)
{
    for (; n > 0; n -= 8, r += 8, g += 8, b += 8, gray += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t red = kernel_lanes8(r, some), green = kernel_lanes8(g, some), blue = kernel_lanes8(b, some);
        red = vsliq_n_u16(vshrq_n_u16(red, 2), red, 3);
        green = vsliq_n_u16(vshrq_n_u16(green, 4), green, 2);
        blue = vsliq_n_u16(vshrq_n_u16(blue, 2), blue, 3);
        kernel_store8(gray, kernel_gray8(red, green, blue), some);
    }
}

void kernel_select8_mve(const uint32_t *bits, int n, const uint8_t *src, uint8_t *dst)
{
    for (; n >= 32; n -= 32, src += 32, dst += 32) {
        uint32_t clear = ~*bits++;
        vstrbq_p_u8(dst, vld1q_u8(src), (mve_pred16_t)clear);
        vstrbq_p_u8(dst + 16, vld1q_u8(src + 16), (mve_pred16_t)(clear >> 16));
    }
    kernel_select8_c(bits, n, src, dst);
}

void kernel_select16_mve(const uint32_t *bits, int n, const uint16_t *src, uint16_t *dst)
{
    for (; n >= 32; n -= 32, src += 32, dst += 32) {
        uint32_t clear = ~*bits++;
        for (int i = 0; i < 32; i += 8, clear >>= 8) {
            vstrhq_p_u16(dst + i, vld1q_u16(src + i), kernel_lanes16(clear & 255));
        }
    }
    kernel_select16_c(bits, n, src, dst);
}

void kernel_column_slide_mve(uint16_t *column, const uint8_t *in, const uint8_t *out, int n)
{
    for (; n > 0; n -= 8, column += 8, in += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t sum = vaddq_u16(vldrhq_z_u16(column, some), kernel_lanes8(in, some));
        vstrhq_p_u16(column, vsubq_u16(sum, kernel_lanes8(out, some)), some);
    }
}

void kernel_min8_mve(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (; n > 0; n -= 16, dst += 16, a += 16, b += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        vstrbq_p_u8(dst, vminq_u8(vld1q_z_u8(a, some), vld1q_z_u8(b, some)), some);
    }
}

void kernel_max8_mve(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (; n > 0; n -= 16, dst += 16, a += 16, b += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        vstrbq_p_u8(dst, vmaxq_u8(vld1q_z_u8(a, some), vld1q_z_u8(b, some)), some);
    }
}

static inline uint8x16_t median3(uint8x16_t a, uint8x16_t b, uint8x16_t c)
{
    return vmaxq_u8(vminq_u8(a, b), vminq_u8(vmaxq_u8(a, b), c));
}

void kernel_sort3_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high)
{
    for (; n > 0; n -= 16, a += 16, b += 16, c += 16, low += 16, middle += 16, high += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        uint8x16_t p = vld1q_z_u8(a, some), q = vld1q_z_u8(b, some), r = vld1q_z_u8(c, some), least = vminq_u8(p, q), most = vmaxq_u8(p, q);
        vstrbq_p_u8(low, vminq_u8(least, r), some);
        vstrbq_p_u8(middle, vmaxq_u8(least, vminq_u8(most, r)), some);
        vstrbq_p_u8(high, vmaxq_u8(most, r), some);
    }
}

void kernel_median9_mve(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out)
{
    for (; n > 0; n -= 16, low += 16, middle += 16, high += 16, out += 16) {
        mve_pred16_t some = vctp8q((uint32_t)n);
        uint8x16_t l = vmaxq_u8(vmaxq_u8(vld1q_z_u8(low, some), vld1q_z_u8(low + 1, some)), vld1q_z_u8(low + 2, some));
        uint8x16_t h = vminq_u8(vminq_u8(vld1q_z_u8(high, some), vld1q_z_u8(high + 1, some)), vld1q_z_u8(high + 2, some));
        uint8x16_t m = median3(vld1q_z_u8(middle, some), vld1q_z_u8(middle + 1, some), vld1q_z_u8(middle + 2, some));
        vstrbq_p_u8(out, median3(l, m, h), some);
    }
}

#define SORT(a, b)                                                                                                                         \
    do {                                                                                                                                   \
        uint8x16_t low_ = vminq_u8(a, b);                                                                                                  \
        b = vmaxq_u8(a, b);                                                                                                                \
        a = low_;                                                                                                                          \
    } while (0)

void kernel_sort5_mve(const uint8_t *const *rows, int at, int n, uint8_t *const *column)
{
    for (int i = 0, x = at; i < n; i += 16, x += 16) {
        mve_pred16_t some = vctp8q((uint32_t)(n - i));
        uint8x16_t a = vld1q_z_u8(rows[0] + x, some), b = vld1q_z_u8(rows[1] + x, some), c = vld1q_z_u8(rows[2] + x, some);
        uint8x16_t d = vld1q_z_u8(rows[3] + x, some), e = vld1q_z_u8(rows[4] + x, some);
        KERNEL_SORT5(SORT, a, b, c, d, e);
        vstrbq_p_u8(column[0] + i, a, some);
        vstrbq_p_u8(column[1] + i, b, some);
        vstrbq_p_u8(column[2] + i, c, some);
        vstrbq_p_u8(column[3] + i, d, some);
        vstrbq_p_u8(column[4] + i, e, some);
    }
}

#define LOAD(row, x) vld1q_z_u8(column[row] + i + (x), some)

void kernel_median25_mve(uint8_t *const *column, int n, uint8_t *out)
{
    for (int i = 0; i < n; i += 16) {
        mve_pred16_t some = vctp8q((uint32_t)(n - i));
        uint8x16_t median;
        KERNEL_MEDIAN25(uint8x16_t, LOAD, vminq_u8, vmaxq_u8, SORT, median)
        vstrbq_p_u8(out + i, median, some);
    }
}

/* ---- Sums of bytes in 16-bit lanes ---- */

static inline uint16x8_t twice_plus(uint16x8_t sum, uint16x8_t v)
{
    return vaddq_u16(sum, vshlq_n_u16(v, 1));
}

void kernel_binomial3_down_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v)
{
    for (; n > 0; n -= 8, a += 8, b += 8, c += 8, v += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        vstrhq_p_u16(v, twice_plus(vaddq_u16(kernel_lanes8(a, some), kernel_lanes8(c, some)), kernel_lanes8(b, some)), some);
    }
}

/* The nearest last, from where the pointer moves on. */
static inline uint16x8_t binomial3(const uint16_t *v, mve_pred16_t some)
{
    uint16x8_t right = vldrhq_z_u16(v + 2, some), middle = vldrhq_z_u16(v + 1, some);

    __asm__("" : "+t"(right), "+t"(middle));
    return twice_plus(vaddq_u16(vldrhq_z_u16(v, some), right), middle);
}

void kernel_binomial3_across_mve(const uint16_t *v, int n, uint8_t *out)
{
    for (; n > 0; n -= 8, v += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        kernel_store8(out, vshrq_n_u16(binomial3(v, some), 4), some);
    }
}

/* 43691 / 2^19 is a twelfth, exact below 2^16. */
void kernel_minus_binomial3_mve(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out)
{
    uint16x8_t most = vdupq_n_u16((uint16_t)top), twelfth = vdupq_n_u16(43691);

    for (; n > 0; n -= 8, here += 8, v += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t sum = vqsubq_u16(vmulq_n_u16(kernel_lanes8(here, some), (uint16_t)center), binomial3(v, some));
        kernel_store8(out, vminq_u16(vshrq_n_u16(vmulhq_u16(sum, twelfth), 3), most), some);
    }
}

static inline uint16x8_t weigh5(uint16x8_t a, uint16x8_t b, uint16x8_t c, uint16x8_t d, uint16x8_t e)
{
    return vmlaq_n_u16(vmlaq_n_u16(vaddq_u16(a, e), vaddq_u16(b, d), 4), c, 6);
}

void kernel_binomial5_down_mve(const uint8_t *const *rows, int at, int n, uint16_t *v)
{
    const uint8_t *a = rows[0] + at, *b = rows[1] + at, *c = rows[2] + at, *d = rows[3] + at, *e = rows[4] + at;

    for (; n > 0; n -= 8, a += 8, b += 8, c += 8, d += 8, e += 8, v += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t sum = weigh5(kernel_lanes8(a, some), kernel_lanes8(b, some), kernel_lanes8(c, some), kernel_lanes8(d, some), kernel_lanes8(e, some));
        vstrhq_p_u16(v, sum, some);
    }
}

void kernel_binomial5_across_mve(const uint16_t *v, int n, uint8_t *out)
{
    for (; n > 0; n -= 8, v += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t sum = weigh5(vldrhq_z_u16(v, some), vldrhq_z_u16(v + 1, some), vldrhq_z_u16(v + 2, some), vldrhq_z_u16(v + 3, some), vldrhq_z_u16(v + 4, some));
        kernel_store8(out, vshrq_n_u16(sum, 8), some);
    }
}

/* ---- 32-bit lanes ---- */

static inline int32x4_t lanes4(const uint8_t *p, mve_pred16_t some)
{
    return vreinterpretq_s32_u32(vldrbq_z_u32(p, some));
}

static inline int32x4_t convolve_row(int32x4_t sum, const uint8_t *p, const int weight[3], mve_pred16_t some)
{
    return vmlaq_n_s32(vmlaq_n_s32(vmlaq_n_s32(sum, lanes4(p - 1, some), weight[0]), lanes4(p, some), weight[1]), lanes4(p + 1, some), weight[2]);
}

void kernel_convolve3_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum)
{
    for (; n > 0; n -= 4, a += 4, b += 4, c += 4, sum += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        int32x4_t s = convolve_row(vdupq_n_s32(0), a, weight, some);
        vstrwq_p_s32(sum, convolve_row(convolve_row(s, b, weight + 3, some), c, weight + 6, some), some);
    }
}

static inline int16x8_t convolve_row8(int16x8_t sum, const uint8_t *p, const int weight[3], mve_pred16_t some)
{
    int16x8_t left = vreinterpretq_s16_u16(kernel_lanes8(p - 1, some)), right = vreinterpretq_s16_u16(kernel_lanes8(p + 1, some));

    __asm__("" : "+t"(left), "+t"(right));
    sum = vmlaq_n_s16(vmlaq_n_s16(sum, left, (int16_t)weight[0]), right, (int16_t)weight[2]);
    return vmlaq_n_s16(sum, vreinterpretq_s16_u16(kernel_lanes8(p, some)), (int16_t)weight[1]);
}

/* When no sum can leave 16 bits: eight pixels at once */
static void convolve3_cut8(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out)
{
    int16x8_t start = vdupq_n_s16((int16_t)bias), least = vdupq_n_s16(0), most = vdupq_n_s16((int16_t)top);

    for (; n > 0; n -= 8, a += 8, b += 8, c += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        int16x8_t s = convolve_row8(convolve_row8(convolve_row8(start, a, weight, some), b, weight + 3, some), c, weight + 6, some);
        kernel_store8(out, vreinterpretq_u16_s16(vminq_s16(vmaxq_s16(s, least), most)), some);
    }
}

void kernel_convolve3_cut_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out)
{
    int64_t reach = bias < 0 ? -(int64_t)bias : bias;

    for (int i = 0; i < 9; i++) {
        reach += 255 * (int64_t)(weight[i] < 0 ? -weight[i] : weight[i]);
    }
    if (reach <= INT16_MAX) {
        convolve3_cut8(a, b, c, n, weight, bias, top, out);
        return;
    }
    int32x4_t start = vdupq_n_s32(bias), least = vdupq_n_s32(0), most = vdupq_n_s32(top);

    for (; n > 0; n -= 4, a += 4, b += 4, c += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        int32x4_t s = convolve_row(convolve_row(convolve_row(start, a, weight, some), b, weight + 3, some), c, weight + 6, some);
        vstrbq_p_u32(out, vreinterpretq_u32_s32(vminq_s32(vmaxq_s32(s, least), most)), some);
    }
}

/* Across and down are the halves of a word: two vectors stored by turns. */
void kernel_sobel_mve(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint32_t *gradient)
{
    for (; n >= 8; n -= 8, a += 8, b += 8, c += 8, gradient += 8) {
        uint16x8_t al = vldrbq_u16(a - 1), ar = vldrbq_u16(a + 1), cl = vldrbq_u16(c - 1), cr = vldrbq_u16(c + 1);
        uint16x8_t x = vaddq_u16(vsubq_u16(ar, al), vsubq_u16(cr, cl)), y = vaddq_u16(vsubq_u16(cl, al), vsubq_u16(cr, ar));
        x = twice_plus(x, vsubq_u16(vldrbq_u16(b + 1), vldrbq_u16(b - 1)));
        y = twice_plus(y, vsubq_u16(vldrbq_u16(c), vldrbq_u16(a)));
        vst2q_u16((uint16_t *)gradient, ((uint16x8x2_t){{x, y}}));
    }
    kernel_sobel_c(a, b, c, n, gradient);
}

/* (sum * reciprocal >> 16) >> shift of `side` neighbouring sums; side is a constant where that pays. */
static inline __attribute__((always_inline)) void mean_across(const uint16_t *column, int n, int side, uint16x8_t factor, int shift, uint8_t *out)
{
    for (; n > 0; n -= 8, column += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t sum = vldrhq_z_u16(column + 1, some);
        for (int i = 2; i < side; i++) {
            sum = vaddq_u16(sum, vldrhq_z_u16(column + i, some));
        }
        __asm__("" : "+t"(sum));
        sum = vmulhq_u16(vaddq_u16(sum, vldrhq_z_u16(column, some)), factor);
        kernel_store8(out, vshlq_r_u16(sum, -shift), some);
    }
}

void kernel_mean_across_mve(const uint16_t *column, int n, int side, uint32_t reciprocal, int shift, uint8_t *out)
{
    const uint16x8_t factor = vdupq_n_u16((uint16_t)reciprocal);

    if (side == 3) {
        mean_across(column, n, 3, factor, shift, out);
    } else if (side == 5) {
        mean_across(column, n, 5, factor, shift, out);
    } else {
        mean_across(column, n, side, factor, shift, out);
    }
}

#endif
