/* SPDX-License-Identifier: MIT */
/* Inner loops of sampling and combining with Helium. Empty on other cores. */
#include "vision/kernel_sample.h"

#if defined(__ARM_FEATURE_MVE)
/* Pointers that move on as they are written, or they are computed anew from n in every round. */
#pragma GCC optimize("no-ivopts")

#include "vision/kernel_mve.h"

static inline uint16x8_t mix(uint16x8_t a, uint16x8_t b, uint16_t first, uint16_t second)
{
    return vmlaq_n_u16(vmulq_n_u16(a, first), b, second);
}

void kernel_mix8_mve(const uint8_t *a, const uint8_t *b, int n, int weight, uint8_t *out)
{
    uint16_t second = (uint16_t)weight, first = (uint16_t)(32 - weight);

    for (; n > 0; n -= 8, a += 8, b += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        kernel_store8(out, vshrq_n_u16(mix(kernel_lanes8(a, some), kernel_lanes8(b, some), first, second), 5), some);
    }
}

void kernel_mix8_across_mve(const uint8_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint8_t *out)
{
    for (; n > 0; n -= 8, index += 8, fraction += 8, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t at = vldrhq_z_u16(index, some), a = vldrbq_gather_offset_z_u16(src, at, some), b = vldrbq_gather_offset_z_u16(src + 1, at, some);
        uint16x8_t rise = vmulq_u16(vsubq_u16(b, a), kernel_lanes8(fraction, some));
        kernel_store8(out, vshrq_n_u16(vaddq_u16(vshlq_n_u16(a, 5), rise), 5), some);
    }
}

void kernel_pick8_mve(const uint8_t *src, const uint16_t *index, int n, uint8_t *dst)
{
    for (; n > 0; n -= 8, index += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        kernel_store8(dst, vldrbq_gather_offset_z_u16(src, vldrhq_z_u16(index, some), some), some);
    }
}

void kernel_pick16_mve(const uint16_t *src, const uint16_t *index, int n, uint16_t *dst)
{
    for (; n > 0; n -= 8, index += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        vstrhq_p_u16(dst, vldrhq_gather_shifted_offset_z_u16(src, vldrhq_z_u16(index, some), some), some);
    }
}

/* RGB565 spread over words, four at once */

static inline uint32x4_t spread4(const uint16_t *row, uint32x4_t at, uint32x4_t mask, mve_pred16_t some)
{
    uint32x4_t p = vldrhq_gather_shifted_offset_z_u32(row, at, some);

    return vandq_u32(vsliq_n_u32(p, p, 16), mask);
}

static inline uint32x4_t down4(uint32x4_t a, uint32x4_t b, uint32_t first, uint32_t second, uint32x4_t mask)
{
    return vandq_u32(vshrq_n_u32(vmlaq_n_u32(vmulq_n_u32(a, first), b, second), 5), mask);
}

static inline void store_across4(uint32x4_t p, uint32x4_t q, uint32x4_t fraction, uint32x4_t mask, uint16_t *out, mve_pred16_t some)
{
    uint32x4_t v = vandq_u32(vshrq_n_u32(vaddq_u32(vshlq_n_u32(p, 5), vmulq_u32(vsubq_u32(q, p), fraction)), 5), mask);

    vstrhq_p_u32(out, vorrq_u32(v, vshrq_n_u32(v, 16)), some);
}

void kernel_mix_spread_mve(const uint32_t *a, const uint32_t *b, int n, int weight, uint32_t *out)
{
    const uint32x4_t mask = vdupq_n_u32(KERNEL_SPREAD);
    uint32_t second = (uint32_t)weight, first = 32 - second;

    for (; n > 0; n -= 4, a += 4, b += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        vstrwq_p_u32(out, down4(vldrwq_z_u32(a, some), vldrwq_z_u32(b, some), first, second, mask), some);
    }
}

void kernel_mix_spread_across_mve(const uint32_t *src, const uint16_t *index, const uint8_t *fraction, int n, uint16_t *out)
{
    const uint32x4_t mask = vdupq_n_u32(KERNEL_SPREAD);

    for (; n > 0; n -= 4, index += 4, fraction += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        uint32x4_t at = vldrhq_z_u32(index, some);
        store_across4(vldrwq_gather_shifted_offset_z_u32(src, at, some), vldrwq_gather_shifted_offset_z_u32(src + 1, at, some), vldrbq_z_u32(fraction, some),
                      mask, out, some);
    }
}

void kernel_mix565_mve(const uint16_t *a, const uint16_t *b, int weight, const uint16_t *index, const uint8_t *fraction, int n, int last, uint16_t *out)
{
    const uint32x4_t mask = vdupq_n_u32(KERNEL_SPREAD), most = vdupq_n_u32((uint32_t)last);
    uint32_t second = (uint32_t)weight, first = 32 - second;

    for (; n > 0; n -= 4, index += 4, fraction += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        uint32x4_t left = vldrhq_z_u32(index, some), right = vminq_u32(vaddq_n_u32(left, 1), most);
        uint32x4_t p = down4(spread4(a, left, mask, some), spread4(b, left, mask, some), first, second, mask);
        uint32x4_t q = down4(spread4(a, right, mask, some), spread4(b, right, mask, some), first, second, mask);
        store_across4(p, q, vldrbq_z_u32(fraction, some), mask, out, some);
    }
}

/* ---- Bicubic: four sums at once, in 32 bits ---- */

static inline int32x4_t bytes4(const uint8_t *p, mve_pred16_t some)
{
    return vreinterpretq_s32_u32(vldrbq_z_u32(p, some));
}

void kernel_cubic_down_mve(const uint8_t *const rows[4], const int32_t weight[4], int n, int32_t *sum)
{
    const uint8_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3];

    for (; n > 0; n -= 4, a += 4, b += 4, c += 4, d += 4, sum += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        int32x4_t v = vmlaq_n_s32(vmulq_n_s32(bytes4(a, some), weight[0]), bytes4(b, some), weight[1]);
        vstrwq_p_s32(sum, vmlaq_n_s32(vmlaq_n_s32(v, bytes4(c, some), weight[2]), bytes4(d, some), weight[3]), some);
    }
}

static inline int32x4_t product4(const int32_t *sum, uint32x4_t at, const int32_t *weight, uint32x4_t which, mve_pred16_t some)
{
    return vmulq_s32(vldrwq_gather_shifted_offset_z_s32(sum, at, some), vldrwq_gather_shifted_offset_z_s32(weight, which, some));
}

static inline uint32x4_t cubic4(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t *weights, int32x4_t top, mve_pred16_t some)
{
    uint32x4_t at = vldrhq_z_u32(index, some), which = vshlq_n_u32(vldrbq_z_u32(fraction, some), 2);
    int32x4_t v = vaddq_s32(product4(sum - 1, at, weights, which, some), product4(sum, at, weights + 1, which, some));

    v = vaddq_s32(v, vaddq_s32(product4(sum + 1, at, weights + 2, which, some), product4(sum + 2, at, weights + 3, which, some)));
    v = vshrq_n_s32(vaddq_n_s32(v, 8192), 14);
    return vreinterpretq_u32_s32(vminq_s32(vmaxq_s32(v, vdupq_n_s32(0)), top));
}

void kernel_cubic8_mve(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, uint8_t *out)
{
    const int32x4_t top = vdupq_n_s32(255);

    for (; n > 0; n -= 4, index += 4, fraction += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        vstrbq_p_u32(out, cubic4(sum, index, fraction, weights[0], top, some), some);
    }
}

void kernel_cubic565_mve(const int32_t *sum, const uint16_t *index, const uint8_t *fraction, const int32_t (*weights)[4], int n, int top, int shift, uint16_t *out)
{
    const int32x4_t most = vdupq_n_s32(top);

    for (; n > 0; n -= 4, index += 4, fraction += 4, out += 4) {
        mve_pred16_t some = vctp32q((uint32_t)n);
        uint32x4_t v = vshlq_r_u32(cubic4(sum, index, fraction, weights[0], most, some), shift);
        vstrhq_p_u32(out, vorrq_u32(vldrhq_z_u32(out, some), v), some);
    }
}

void kernel_accumulate8_mve(uint16_t *sum, const uint8_t *row, int n)
{
    for (; n > 0; n -= 8, sum += 8, row += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        vstrhq_p_u16(sum, vaddq_u16(vldrhq_z_u16(sum, some), kernel_lanes8(row, some)), some);
    }
}

/* Neighbours are the two bytes of a lane. */
void kernel_half8_mve(const uint8_t *a, const uint8_t *b, int n, uint8_t *out)
{
    for (; n > 0; n -= 8, a += 16, b += 16, out += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint8x16_t p = vreinterpretq_u8_u16(vldrhq_z_u16((const uint16_t *)(const void *)a, some)), q = vreinterpretq_u8_u16(vldrhq_z_u16((const uint16_t *)(const void *)b, some));
        uint16x8_t sum = vaddq_u16(vaddq_u16(vmovlbq_u8(p), vmovltq_u8(p)), vaddq_u16(vmovlbq_u8(q), vmovltq_u8(q)));
        kernel_store8(out, vshrq_n_u16(sum, 2), some);
    }
}

void kernel_half565_mve(const uint16_t *a, const uint16_t *b, int n, uint16_t *out)
{
    int i = 0;

    for (; i < n - 7; i += 8) {
        uint16x8x2_t p = vld2q_u16(a + 2 * i), q = vld2q_u16(b + 2 * i);
#define SUM4(channel) \
    vshrq_n_u16(vaddq_u16(vaddq_u16(channel(p.val[0]), channel(p.val[1])), vaddq_u16(channel(q.val[0]), channel(q.val[1]))), 2)
        vst1q_u16(out + i, kernel_pack8(SUM4(kernel_red5), SUM4(kernel_green6), SUM4(kernel_blue5)));
#undef SUM4
    }
    kernel_half565_c(a + 2 * i, b + 2 * i, n - i, out + i);
}

void kernel_blend_gray_mve(const uint8_t *src, int n, int weight, uint8_t *dst)
{
    uint16_t first = (uint16_t)weight, second = (uint16_t)(256 - weight);

    for (; n > 0; n -= 8, src += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        kernel_store8(dst, vshrq_n_u16(mix(kernel_lanes8(src, some), kernel_lanes8(dst, some), first, second), 8), some);
    }
}

void kernel_blend_rgb565_mve(const uint16_t *src, int n, int weight, uint16_t *dst)
{
    uint16_t first = (uint16_t)weight, second = (uint16_t)(32 - weight);

    for (; n > 0; n -= 8, src += 8, dst += 8) {
        mve_pred16_t some = vctp16q((uint32_t)n);
        uint16x8_t p = vldrhq_z_u16(src, some), q = vldrhq_z_u16(dst, some);
        uint16x8_t r = vshrq_n_u16(mix(kernel_red5(p), kernel_red5(q), first, second), 5);
        uint16x8_t g = vshrq_n_u16(mix(kernel_green6(p), kernel_green6(q), first, second), 5);
        uint16x8_t b = vshrq_n_u16(mix(kernel_blue5(p), kernel_blue5(q), first, second), 5);
        vstrhq_p_u16(dst, kernel_pack8(r, g, b), some);
    }
}

#endif
