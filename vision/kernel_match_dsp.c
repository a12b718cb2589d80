/* SPDX-License-Identifier: MIT */
/* Sums for comparing pictures with the SIMD instructions of Armv7E-M: two products per instruction. Empty on other cores. */
#include "vision/kernel_match.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"

static inline uint32_t even(uint32_t v)
{
    return __uxtb16(v);
}

/* acc + the products of four bytes; wraps modulo 2^32, as unsigned sums may. */
static inline uint32_t dot4(uint32_t a_even, uint32_t a_odd, uint32_t b_even, uint32_t b_odd, uint32_t acc)
{
    return (uint32_t)__smlad((int16x2_t)a_odd, (int16x2_t)b_odd, __smlad((int16x2_t)a_even, (int16x2_t)b_even, (int32_t)acc));
}

void kernel_patch_sums_dsp(const uint8_t *a, size_t pitch_a, const uint8_t *b, size_t pitch_b, int w, int h, struct patch_sums *sums)
{
    struct patch_sums s = {0}, rest;

    for (int y = 0; y < h; y++) {
        const uint8_t *p = a + (size_t)y * pitch_a, *q = b + (size_t)y * pitch_b, *end = p + (w & ~3);
        while (p < end) {
            uint32_t u = kernel_load32(p), v = kernel_load32(q), ue = even(u), uo = kernel_odd_bytes(u), ve = even(v), vo = kernel_odd_bytes(v);
            p += 4;
            q += 4;
            s.a = __usada8(u, 0, s.a);
            s.b = __usada8(v, 0, s.b);
            s.aa = dot4(ue, uo, ue, uo, s.aa);
            s.bb = dot4(ve, vo, ve, vo, s.bb);
            s.ab = dot4(ue, uo, ve, vo, s.ab);
        }
    }
    if (w & 3) {
        kernel_patch_sums_c(a + (w & ~3), pitch_a, b + (w & ~3), pitch_b, w & 3, h, &rest);
        s = (struct patch_sums){s.a + rest.a, s.b + rest.b, s.aa + rest.aa, s.bb + rest.bb, s.ab + rest.ab};
    }
    *sums = s;
}

/* One row's words. In a function of its own the inner loop has all registers for itself. */
__attribute__((noinline)) static void correlate_row(const uint8_t *p, const uint8_t *t, const uint8_t *end, ptrdiff_t step, uint32_t sums[4])
{
    const uint8_t *q = p + 2 * step;
    uint32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];

    while (t < end) {
        uint32_t v = kernel_load32(t), te = even(v), to = kernel_odd_bytes(v);
        v = kernel_load32(p);
        s0 = dot4(te, to, even(v), kernel_odd_bytes(v), s0);
        v = kernel_load32(p + step);
        s1 = dot4(te, to, even(v), kernel_odd_bytes(v), s1);
        v = kernel_load32(q);
        s2 = dot4(te, to, even(v), kernel_odd_bytes(v), s2);
        v = kernel_load32(q + step);
        s3 = dot4(te, to, even(v), kernel_odd_bytes(v), s3);
        t += 4;
        p += 4;
        q += 4;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

void kernel_correlate4_dsp(const uint8_t *p, size_t pitch, const uint8_t *t, int w, int h, int step, uint32_t sums[4])
{
    const int words = w & ~3;
    uint32_t rest[4] = {0};

    if (w & 3) {
        for (int y = 0; y < h; y++) {
            for (int i = words; i < w; i++) {
                const uint8_t *q = p + (size_t)y * pitch + i;
                uint32_t v = t[(size_t)y * (size_t)w + (size_t)i];
                rest[0] += v * q[0];
                rest[1] += v * q[step];
                rest[2] += v * q[2 * step];
                rest[3] += v * q[3 * step];
            }
        }
    }
    memcpy(sums, rest, sizeof rest);
    for (; h > 0 && words; h--, p += pitch, t += w) {
        correlate_row(p, t, t + words, step, sums);
    }
}

#endif
