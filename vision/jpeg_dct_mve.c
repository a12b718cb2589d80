/* SPDX-License-Identifier: MIT */
/* The encoder's colours and the columns of its DCT with Helium: the numbers of jpeg_sample.c and jpeg_dct.c, eight at once. Empty on other cores. */
#include "vision/jpeg_internal.h"

#if defined(__ARM_FEATURE_MVE)
#include "vision/kernel_mve.h"

void jpeg_sample_rgb565_444_mve(const uint8_t *pixels, size_t stride, struct jpeg_mcu *mcu)
{
    static const uint16_t order[8] = {JPEG_LANE_ORDER};
    const uint16x8_t places = vld1q_u16(order);
    uint16_t *out = (uint16_t *)(void *)mcu->lanes;

    for (int i = 0; i < 8; i++, pixels += stride, out += 8) {
        uint16x8_t p = vldrhq_gather_shifted_offset_u16((const uint16_t *)(const void *)pixels, places), r = kernel_red5(p), b = kernel_blue5(p);
        uint16x8_t y = vmlaq_n_u16(vmlaq_n_u16(vmulq_n_u16(r, JPEG_YR), kernel_green6(p), JPEG_YG), b, JPEG_YB);
        int16x8_t luma = vreinterpretq_s16_u16(y);
        vst1q_u16(out, y);
        vst1q_s16((int16_t *)out + 64, vhsubq_s16(vreinterpretq_s16_u16(vmulq_n_u16(b, JPEG_FULL)), luma));
        vst1q_s16((int16_t *)out + 128, vhsubq_s16(vreinterpretq_s16_u16(vmulq_n_u16(r, JPEG_FULL)), luma));
    }
}

/* (a * factor) >> 16, rounded down; above 32767 a factor is taken less 1, and a is added. */
static inline int16x8_t scaled(int16x8_t a, int factor)
{
    return factor > 32767 ? vaddq_s16(a, vmulhq_s16(a, vdupq_n_s16((int16_t)(factor - 65536)))) : vmulhq_s16(a, vdupq_n_s16((int16_t)factor));
}

void jpeg_forward_columns_mve(int16_t block[64])
{
    int16x8_t v0 = vld1q_s16(block), v7 = vld1q_s16(block + 56), v3 = vld1q_s16(block + 24), v4 = vld1q_s16(block + 32);
    int16x8_t t0 = vhaddq_s16(v0, v7), t7 = vhsubq_s16(v0, v7), t3 = vhaddq_s16(v3, v4), t4 = vhsubq_s16(v3, v4);
    int16x8_t v1 = vld1q_s16(block + 8), v6 = vld1q_s16(block + 48), v2 = vld1q_s16(block + 16), v5 = vld1q_s16(block + 40);
    int16x8_t t1 = vhaddq_s16(v1, v6), t6 = vhsubq_s16(v1, v6), t2 = vhaddq_s16(v2, v5), t5 = vhsubq_s16(v2, v5);
    int16x8_t a0 = vhaddq_s16(t0, t3), a3 = vhsubq_s16(t0, t3), a1 = vhaddq_s16(t1, t2), a2 = vhsubq_s16(t1, t2);
    int16x8_t z1 = scaled(vaddq_s16(a2, a3), 46341);

    vst1q_s16(block, vhaddq_s16(a0, a1));
    vst1q_s16(block + 32, vhsubq_s16(a0, a1));
    vst1q_s16(block + 16, vhaddq_s16(a3, z1));
    vst1q_s16(block + 48, vhsubq_s16(a3, z1));

    int16x8_t b0 = vaddq_s16(t4, t5), b1 = vaddq_s16(t5, t6), b2 = vaddq_s16(t6, t7);
    int16x8_t z5 = scaled(vhsubq_s16(b0, b2), 25080);
    int16x8_t z2 = vaddq_s16(scaled(b0, 17734), z5), z4 = vaddq_s16(scaled(b2, 42813), z5), z3 = scaled(b1, 46341);
    int16x8_t c0 = vhaddq_s16(t7, z3), c1 = vhsubq_s16(t7, z3);

    vst1q_s16(block + 40, vhaddq_s16(c1, z2));
    vst1q_s16(block + 24, vhsubq_s16(c1, z2));
    vst1q_s16(block + 8, vhaddq_s16(c0, z4));
    vst1q_s16(block + 56, vhsubq_s16(c0, z4));
}

#endif
