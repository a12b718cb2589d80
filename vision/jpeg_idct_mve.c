/* SPDX-License-Identifier: MIT */
/* The columns of the inverse DCT with Helium: eight at once, by the sums of jpeg_idct.c. Empty on other cores. */
#include "vision/jpeg_internal.h"

#if defined(__ARM_FEATURE_MVE)
#include "vision/kernel_mve.h"

/* (a * fraction) >> 16, rounded down; above 32767 fractions are taken less 1, and a is added. */
static inline int16x8_t part(int16x8_t a, int fraction)
{
    return vmulhq_s16(a, vdupq_n_s16((int16_t)(fraction > 32767 ? fraction - 65536 : fraction)));
}

bool jpeg_inverse_columns_mve(int16_t block[64], int16_t out[64])
{
    int16x8_t in0 = vld1q_s16(block), in1 = vld1q_s16(block + 8), in2 = vld1q_s16(block + 16), in3 = vld1q_s16(block + 24);
    int16x8_t in4 = vld1q_s16(block + 32), in5 = vld1q_s16(block + 40), in6 = vld1q_s16(block + 48), in7 = vld1q_s16(block + 56);
    int16x8_t any = vorrq_s16(vorrq_s16(vorrq_s16(in0, in1), vorrq_s16(in2, in3)), vorrq_s16(vorrq_s16(in4, in5), vorrq_s16(in6, in7)));
    bool full = vgetq_lane_s32(vreinterpretq_s32_s16(any), 3) != 0;

    int16x8_t a0 = vaddq_s16(in0, in4), a1 = vsubq_s16(in0, in4), a3 = vaddq_s16(in2, in6), d = vsubq_s16(in2, in6);
    int16x8_t a2 = vsubq_s16(vaddq_s16(d, part(d, 27146)), a3);
    int16x8_t t0 = vaddq_s16(a0, a3), t3 = vsubq_s16(a0, a3), t1 = vaddq_s16(a1, a2), t2 = vsubq_s16(a1, a2);
    int16x8_t z13 = vaddq_s16(in5, in3), z10 = vsubq_s16(in5, in3), z11 = vaddq_s16(in1, in7), z12 = vsubq_s16(in1, in7);
    int16x8_t t7 = vaddq_s16(z11, z13), e = vsubq_s16(z11, z13), z = vaddq_s16(z10, z12);
    int16x8_t z5 = vaddq_s16(vshlq_n_s16(z, 1), part(z, 55559));
    int16x8_t t6 = vsubq_s16(vaddq_s16(vsubq_s16(z5, vmulq_n_s16(z10, 3)), part(z10, 25354)), t7);
    int16x8_t t5 = vsubq_s16(vaddq_s16(e, part(e, 27146)), t6);
    int16x8_t t4 = vsubq_s16(vaddq_s16(vsubq_s16(z5, z12), part(z12, 60136)), t5);

    vst1q_s16(out, vaddq_s16(t0, t7));
    vst1q_s16(out + 56, vsubq_s16(t0, t7));
    vst1q_s16(out + 8, vaddq_s16(t1, t6));
    vst1q_s16(out + 48, vsubq_s16(t1, t6));
    vst1q_s16(out + 16, vaddq_s16(t2, t5));
    vst1q_s16(out + 40, vsubq_s16(t2, t5));
    vst1q_s16(out + 24, vaddq_s16(t3, t4));
    vst1q_s16(out + 32, vsubq_s16(t3, t4));
    for (int i = 0; i < 64; i += 8) {
        vst1q_s16(block + i, vdupq_n_s16(0));
    }
    return full;
}

#endif
