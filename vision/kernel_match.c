/* SPDX-License-Identifier: MIT */
/* Sums for comparing pictures, in plain C. */
#include "vision/kernel_match.h"

void kernel_patch_sums_c(const uint8_t *a, size_t pitch_a, const uint8_t *b, size_t pitch_b, int w, int h, struct patch_sums *sums)
{
    struct patch_sums s = {0};

    for (; h > 0; h--, a += pitch_a, b += pitch_b) {
        for (int i = 0; i < w; i++) {
            s.a += a[i];
            s.b += b[i];
            s.aa += (uint32_t)(a[i] * a[i]);
            s.bb += (uint32_t)(b[i] * b[i]);
            s.ab += (uint32_t)(a[i] * b[i]);
        }
    }
    *sums = s;
}

void kernel_correlate4_c(const uint8_t *p, size_t pitch, const uint8_t *t, int w, int h, int step, uint32_t sums[4])
{
    uint32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;

    for (; h > 0; h--, p += pitch, t += w) {
        for (int i = 0; i < w; i++) {
            s0 += (uint32_t)(t[i] * p[i]);
            s1 += (uint32_t)(t[i] * p[i + step]);
            s2 += (uint32_t)(t[i] * p[i + 2 * step]);
            s3 += (uint32_t)(t[i] * p[i + 3 * step]);
        }
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}
