/* SPDX-License-Identifier: MIT */
/* Forward DCT and quantisation of an 8x8 block, plain C: the oracle of jpeg_dct_dsp.c, which is equal bit for bit.

   Columns: the flow graph of Arai, Agui and Nakajima (1988), 5 multiplications; its outputs are jpeg_aan_scale too large, which the
   quantiser undoes. Rows: sums of products straight from the definition after one (odd) or two (even) butterflies. Numbers are 16-bit
   lanes throughout, halved where they would grow, so that what remains after the columns has 4 fractional bits. */
#include "vision/jpeg_internal.h"

static const uint8_t lane_order[8] = {JPEG_LANE_ORDER};

/* cos(k pi / 16) in 1/4096. */
enum { C1 = 4017, C2 = 3784, C3 = 3406, C4 = 2896, C5 = 2276, C6 = 1567, C7 = 799 };

/* Where the multipliers of a column begin. */
static const uint8_t multiplier_of[8] = {0, 32, 2, 33, 1, 34, 3, 35};

void jpeg_forward_multipliers(const uint8_t q[64], uint32_t scale, int32_t multipliers[64])
{
    for (int i = 0; i < 64; i++) {
        int n = jpeg_zigzag_order[i];
        /* 2^32 / (4096 * 1/4 * 2 * 16 * sqrt 8): scales of the cosines, halvings, rows, columns, and 1-D orthonormality. */
        uint32_t one = (uint32_t)((uint64_t)scale * (n & 1 ? 94906266 : 189812531) >> 16);
        uint32_t divisor = (uint32_t)jpeg_aan_scale[n >> 3] * q[i];
        multipliers[(n >> 3) * 4 + multiplier_of[n & 7]] = (int32_t)((one + divisor / 2) / divisor);
    }
}

static int half_sum(int a, int b)
{
    return (a + b) >> 1;
}

static int half_difference(int a, int b)
{
    return (a - b) >> 1;
}

static int scaled(int a, int factor)    /* factor in 1/65536 */
{
    return (a * factor) >> 16;
}

static void forward_column(const int v[8], int16_t *out)
{
    int t0 = half_sum(v[0], v[7]), t7 = half_difference(v[0], v[7]);
    int t1 = half_sum(v[1], v[6]), t6 = half_difference(v[1], v[6]);
    int t2 = half_sum(v[2], v[5]), t5 = half_difference(v[2], v[5]);
    int t3 = half_sum(v[3], v[4]), t4 = half_difference(v[3], v[4]);
    int a0 = half_sum(t0, t3), a3 = half_difference(t0, t3);
    int a1 = half_sum(t1, t2), a2 = half_difference(t1, t2);
    int z1 = scaled(a2 + a3, 46341);

    out[0] = (int16_t)half_sum(a0, a1);
    out[32] = (int16_t)half_difference(a0, a1);
    out[16] = (int16_t)half_sum(a3, z1);
    out[48] = (int16_t)half_difference(a3, z1);

    int b0 = t4 + t5, b1 = t5 + t6, b2 = t6 + t7;
    int z5 = scaled(half_difference(b0, b2), 25080);
    int z2 = scaled(b0, 17734) + z5;
    int z4 = scaled(b2, 42813) + z5;
    int z3 = scaled(b1, 46341);
    int c0 = half_sum(t7, z3), c1 = half_difference(t7, z3);

    out[40] = (int16_t)half_sum(c1, z2);
    out[24] = (int16_t)half_difference(c1, z2);
    out[8] = (int16_t)half_sum(c0, z4);
    out[56] = (int16_t)half_difference(c0, z4);
}

static int16_t divided(int32_t value, int32_t multiplier)
{
    return (int16_t)(((int64_t)value * multiplier + INT64_C(0x80000000)) >> 32);
}

static void forward_row(const int16_t x[8], const int32_t *m, int32_t middle, int16_t out[8])
{
    int s0 = half_sum(x[0], x[7]), d0 = half_difference(x[0], x[7]);
    int s1 = half_sum(x[1], x[6]), d1 = half_difference(x[1], x[6]), n1 = half_difference(x[6], x[1]);
    int s2 = half_sum(x[2], x[5]), d2 = half_difference(x[2], x[5]);
    int s3 = half_sum(x[3], x[4]), d3 = half_difference(x[3], x[4]), n3 = half_difference(x[4], x[3]);
    int e0 = half_sum(s0, s3), e1 = half_sum(s1, s2), f0 = half_difference(s0, s3), f1 = half_difference(s2, s1);

    out[0] = divided((e0 + e1) * C4 - middle, m[0]);
    out[4] = divided((e0 - e1) * C4, m[1]);
    out[2] = divided(f0 * C2 - f1 * C6, m[2]);
    out[6] = divided(f0 * C6 + f1 * C2, m[3]);
    out[1] = divided(d0 * C1 + d1 * C3 + d2 * C5 + d3 * C7, m[32]);
    out[3] = divided(d0 * C3 - d2 * C1 + n1 * C7 + n3 * C5, m[33]);
    out[5] = divided(d0 * C5 - d1 * C1 + d2 * C7 + d3 * C3, m[34]);
    out[7] = divided(d0 * C7 + d2 * C3 + n1 * C5 + n3 * C1, m[35]);
}

static void forward_rows(const int16_t columns[64], const int32_t multipliers[64], int32_t middle, int16_t zigzag[64])
{
    int16_t natural[64];

    for (int y = 0; y < 8; y++) {
        forward_row(columns + 8 * y, multipliers + 4 * y, y == 0 ? middle : 0, natural + 8 * y);
    }
    for (int i = 0; i < 64; i++) {
        zigzag[i] = natural[jpeg_zigzag_order[i]];
    }
}

void jpeg_forward_plain(uint32_t lanes[32], const int32_t multipliers[64], int32_t middle, int16_t zigzag[64])
{
    int16_t columns[64];

    for (int i = 0; i < 8; i++) {
        int v[8];
        for (int y = 0; y < 8; y++) {
            v[y] = (int16_t)(uint16_t)(lanes[4 * y + i / 2] >> (i & 1) * 16);
        }
        forward_column(v, columns + lane_order[i]);
    }
    forward_rows(columns, multipliers, middle, zigzag);
}
