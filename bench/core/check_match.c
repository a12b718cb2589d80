/* SPDX-License-Identifier: MIT */
/* Sums for comparing pictures: SIMD against plain C, bit for bit, on random pictures of every width. */
#include "core.h"
#include "vision/kernel_match.h"

#if defined(__ARM_FEATURE_DSP)
int check_match(void)
{
    static uint8_t a[6 * 80], b[6 * 80];
    uint32_t state = 5;
    int wrong = 0;

    for (int w = 1; w <= 48; w++) {
        struct patch_sums plain, simd;
        uint32_t plain4[4], simd4[4];
        int h = w % 5 + 1, step = w % 4 + 1;
        for (size_t i = 0; i < sizeof a; i++) {
            state = state * 1664525u + 1013904223u;
            a[i] = (uint8_t)(w & 1 ? state >> 24 : 255);
            b[i] = (uint8_t)(w & 2 ? state >> 16 : 255);
        }
        kernel_patch_sums_c(a + w % 3, 71, b, 67, w, h, &plain);
        kernel_patch_sums_dsp(a + w % 3, 71, b, 67, w, h, &simd);
        kernel_correlate4_c(a + w % 3, 71, b, w, h, step, plain4);
        kernel_correlate4_dsp(a + w % 3, 71, b, w, h, step, simd4);
        if (memcmp(&plain, &simd, sizeof plain) || memcmp(plain4, simd4, sizeof plain4)) {
            put_text("DIFFERENT: kernel_patch_sums or kernel_correlate4, width ");
            put_number((uint32_t)w);
            put_text("\n");
            wrong++;
        }
    }
    return wrong;
}
#else
int check_match(void)
{
    return 0;
}
#endif
