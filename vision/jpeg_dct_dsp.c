/* SPDX-License-Identifier: MIT */
/* Forward DCT and quantisation for cores with Armv7E-M SIMD: two columns at a time in the lanes of a word, rows by dual
   multiply-accumulate. The same numbers as jpeg_dct.c. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"

/* Scheduling before register allocation costs this file a fifth of its speed in spills. */
#ifndef __clang__   /* which has no such pragma */
#pragma GCC optimize("no-schedule-insns")
#endif

enum { C1 = 4017, C2 = 3784, C3 = 3406, C4 = 2896, C5 = 2276, C6 = 1567, C7 = 799 };

/* Natural position -> zigzag position. */
static const uint8_t zigzag_of[64] = {
    0,  1,  5,  6,  14, 15, 27, 28, 2,  4,  7,  13, 16, 26, 29, 42, 3,  8,  12, 17, 25, 30, 41, 43, 9,  11, 18, 24, 31, 40, 44, 53,
    10, 19, 23, 32, 39, 45, 52, 54, 20, 22, 33, 38, 46, 51, 55, 60, 21, 34, 37, 47, 50, 56, 59, 61, 35, 36, 48, 49, 57, 58, 62, 63,
};

#if defined(__ARM_FEATURE_MVE)
static void forward_all_columns(uint32_t lanes[32])
{
    jpeg_forward_columns_mve((int16_t *)(void *)lanes);
}
#else
static inline uint32_t scaled(uint32_t a, int32_t factor)
{
    return simd_pkhbt((uint32_t)simd_smulwb(factor, a), (uint32_t)simd_smulwt(factor, a));
}

/* Two columns: v[0], v[4], v[8] ... of both in place. */
static inline __attribute__((always_inline)) void forward_columns(const uint32_t v[8], uint32_t *out)
{
    uint32_t t0 = simd_shadd16(v[0], v[7]), t7 = simd_shsub16(v[0], v[7]);
    uint32_t t1 = simd_shadd16(v[1], v[6]), t6 = simd_shsub16(v[1], v[6]);
    uint32_t t2 = simd_shadd16(v[2], v[5]), t5 = simd_shsub16(v[2], v[5]);
    uint32_t t3 = simd_shadd16(v[3], v[4]), t4 = simd_shsub16(v[3], v[4]);
    uint32_t a0 = simd_shadd16(t0, t3), a3 = simd_shsub16(t0, t3);
    uint32_t a1 = simd_shadd16(t1, t2), a2 = simd_shsub16(t1, t2);
    uint32_t z1 = scaled(simd_sadd16(a2, a3), 46341);

    out[0] = simd_shadd16(a0, a1);
    out[16] = simd_shsub16(a0, a1);
    out[8] = simd_shadd16(a3, z1);
    out[24] = simd_shsub16(a3, z1);

    uint32_t b0 = simd_sadd16(t4, t5), b1 = simd_sadd16(t5, t6), b2 = simd_sadd16(t6, t7);
    uint32_t d = simd_shsub16(b0, b2);
    int32_t z5l = simd_smulwb(25080, d), z5h = simd_smulwt(25080, d);
    uint32_t z2 = simd_pkhbt((uint32_t)simd_smlawb(17734, b0, z5l), (uint32_t)simd_smlawt(17734, b0, z5h));
    uint32_t z4 = simd_pkhbt((uint32_t)simd_smlawb(42813, b2, z5l), (uint32_t)simd_smlawt(42813, b2, z5h));
    uint32_t z3 = scaled(b1, 46341);
    uint32_t c0 = simd_shadd16(t7, z3), c1 = simd_shsub16(t7, z3);

    out[20] = simd_shadd16(c1, z2);
    out[12] = simd_shsub16(c1, z2);
    out[4] = simd_shadd16(c0, z4);
    out[28] = simd_shsub16(c0, z4);
}

static void forward_all_columns(uint32_t lanes[32])
{
    for (int j = 0; j < 4; j++) {
        uint32_t v[8] = {lanes[j],      lanes[j + 4],  lanes[j + 8],  lanes[j + 12],
                         lanes[j + 16], lanes[j + 20], lanes[j + 24], lanes[j + 28]};
        forward_columns(v, lanes + j);
    }
}
#endif

#define PAIR(low, high) ((uint32_t)(low) | (uint32_t)(high) << 16)

/* A row of the columns' results -> coefficients, quantised, at their places. Even and odd ones in two turns, so that all constants
   of a turn stay in registers. */
#define FORWARD_EVEN(y) \
    do { \
        const uint8_t *to = zigzag_of + 8 * y; \
        uint32_t w0, w1, w2, w3, m0, m1, m2, m3; \
        SIMD_LOAD4(w, w0, w1, w2, w3); \
        uint32_t s02 = simd_shadd16(w0, w3), s31 = simd_shadd16(w1, w2); \
        uint32_t e = simd_shadd16(s02, s31), f = simd_shsub16(s02, s31); \
        SIMD_LOAD4(m, m0, m1, m2, m3); \
        zigzag[to[0]] = (int16_t)simd_smmulr(simd_smuad(e, PAIR(C4, C4)) - (y == 0 ? middle : 0), (int32_t)m0); \
        zigzag[to[4]] = (int16_t)simd_smmulr(simd_smusd(e, PAIR(C4, C4)), (int32_t)m1); \
        zigzag[to[2]] = (int16_t)simd_smmulr(simd_smusd(f, PAIR(C2, C6)), (int32_t)m2); \
        zigzag[to[6]] = (int16_t)simd_smmulr(simd_smuadx(f, PAIR(C2, C6)), (int32_t)m3); \
    } while (0)

#define FORWARD_ODD(y) \
    do { \
        const uint8_t *to = zigzag_of + 8 * y; \
        uint32_t w0, w1, w2, w3, m0, m1, m2, m3; \
        SIMD_LOAD4(w, w0, w1, w2, w3); \
        uint32_t d02 = simd_shsub16(w0, w3), d31 = simd_shsub16(w1, w2), n31 = simd_shsub16(w2, w1); \
        SIMD_LOAD4(m, m0, m1, m2, m3); \
        zigzag[to[1]] = (int16_t)simd_smmulr(simd_smladx(d31, PAIR(C3, C7), simd_smuad(d02, PAIR(C1, C5))), (int32_t)m0); \
        zigzag[to[3]] = (int16_t)simd_smmulr(simd_smlad(n31, PAIR(C5, C7), simd_smusd(d02, PAIR(C3, C1))), (int32_t)m1); \
        zigzag[to[5]] = (int16_t)simd_smmulr(simd_smlsd(d31, PAIR(C3, C1), simd_smuad(d02, PAIR(C5, C7))), (int32_t)m2); \
        zigzag[to[7]] = (int16_t)simd_smmulr(simd_smlad(n31, PAIR(C1, C5), simd_smuadx(d02, PAIR(C3, C7))), (int32_t)m3); \
    } while (0)

static __attribute__((noinline)) void forward_rows(const uint32_t columns[32], const int32_t m[64], int32_t middle, int16_t zigzag[64])
{
    const uint32_t *w = columns;

    FORWARD_EVEN(0);
    FORWARD_EVEN(1);
    FORWARD_EVEN(2);
    FORWARD_EVEN(3);
    FORWARD_EVEN(4);
    FORWARD_EVEN(5);
    FORWARD_EVEN(6);
    FORWARD_EVEN(7);
    w = columns;
    FORWARD_ODD(0);
    FORWARD_ODD(1);
    FORWARD_ODD(2);
    FORWARD_ODD(3);
    FORWARD_ODD(4);
    FORWARD_ODD(5);
    FORWARD_ODD(6);
    FORWARD_ODD(7);
}

void jpeg_forward_dsp(uint32_t lanes[32], const int32_t multipliers[64], int32_t middle, int16_t zigzag[64])
{
    forward_all_columns(lanes);
    forward_rows(lanes, multipliers, middle, zigzag);
}
