/* SPDX-License-Identifier: MIT */
/* Sobel's gradients: SIMD against plain C, bit for bit, on random rows of every length. */
#include "core.h"
#include "vision/kernel_gradient.h"

#if defined(__ARM_FEATURE_DSP)
enum { MOST = 50, ROOM = MOST + 12 };

int check_gradient(void)
{
    static uint8_t rows[3][ROOM];
    static uint32_t plain[ROOM], simd[ROOM];
    uint32_t state = 11;
    int wrong = 0;

    for (int n = 0; n <= MOST; n++) {
        for (int i = 0; i < 3 * ROOM; i++) {
            state = state * 1664525u + 1013904223u;
            rows[i / ROOM][i % ROOM] = (uint8_t)(n & 1 ? state >> 24 : state >> 31 ? 255 : 0);
        }
        memset(plain, 0x5A, sizeof plain);
        memset(simd, 0x5A, sizeof simd);
        kernel_sobel_c(rows[0] + 1 + n % 4, rows[1] + 1 + n % 3, rows[2] + 4, n, plain);
        kernel_sobel_dsp(rows[0] + 1 + n % 4, rows[1] + 1 + n % 3, rows[2] + 4, n, simd);
        if (memcmp(plain, simd, sizeof plain)) {
            put_text("DIFFERENT: kernel_sobel, length ");
            put_number((uint32_t)n);
            put_text("\n");
            wrong++;
        }
    }
    return wrong;
}
#else
int check_gradient(void)
{
    return 0;
}
#endif
