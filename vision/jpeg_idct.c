/* SPDX-License-Identifier: MIT */
/* Inverse DCT of an 8x8 block, plain C: the oracle of jpeg_idct_dsp.c, which is equal bit for bit; and the reduced sizes.

   Columns: the flow graph of Arai, Agui and Nakajima backwards, in 16-bit numbers with 3 fractional bits. Rows: sums of products from
   the definition, in 32 bits, of which the upper 16 are the sample. */
#include "vision/jpeg_internal.h"

/* sqrt 2 * cos(k pi / 16) in 1/1024; for 0 and 4: 1. */
enum { C0 = 1024, C1 = 1420, C2 = 1338, C3 = 1204, C5 = 805, C6 = 554, C7 = 283 };

/* Level shift and rounding of a sample. */
#define BIAS ((128 << 16) + 0x8000)

/* Sums and differences stay 16 bits wide; what leaves them wraps, as in the lanes of the other version. */
static inline int lane(int a)
{
    return (int16_t)(uint16_t)(unsigned)a;
}

/* a * (whole + fraction / 65536), rounded down; a is a lane. */
static inline int scaled(int a, int whole, int fraction)
{
    return whole * a + ((a * fraction) >> 16);
}

static void inverse_column(const int16_t in[57], int16_t out[57])
{
    int a0 = lane(in[0] + in[32]), a1 = lane(in[0] - in[32]);
    int a3 = lane(in[16] + in[48]), a2 = lane(scaled(lane(in[16] - in[48]), 1, 27146) - a3);
    int t0 = a0 + a3, t3 = a0 - a3, t1 = a1 + a2, t2 = a1 - a2;
    int z13 = lane(in[40] + in[24]), z10 = lane(in[40] - in[24]);
    int z11 = lane(in[8] + in[56]), z12 = lane(in[8] - in[56]);
    int t7 = lane(z11 + z13), b = lane(scaled(lane(z11 - z13), 1, 27146));
    int z5 = scaled(lane(z10 + z12), 1, 55559);
    int t6 = z5 - 3 * z10 + scaled(z10, 0, 25354) - t7;     /* 2.6131 = 3 - 25354 / 65536 */
    int t5 = b - t6;
    int t4 = z5 - 2 * z12 + scaled(z12, 0, 60136) - t5;     /* 1.0824 = 2 - 60136 / 65536 */

    out[0] = (int16_t)lane(t0 + t7);
    out[56] = (int16_t)lane(t0 - t7);
    out[8] = (int16_t)lane(t1 + t6);
    out[48] = (int16_t)lane(t1 - t6);
    out[16] = (int16_t)lane(t2 + t5);
    out[40] = (int16_t)lane(t2 - t5);
    out[24] = (int16_t)lane(t3 + t4);
    out[32] = (int16_t)lane(t3 - t4);
}

static inline uint8_t sample(int32_t sum)
{
    int s = sum >> 16;
    return (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
}

static void inverse_row(const int16_t y[8], uint8_t out[8])
{
    static const uint8_t place[8] = {JPEG_COEFFICIENT_ORDER};
    int y0 = y[place[0]], y1 = y[place[1]], y2 = y[place[2]], y3 = y[place[3]];
    int y4 = y[place[4]], y5 = y[place[5]], y6 = y[place[6]], y7 = y[place[7]];
    int32_t e0 = BIAS + (y0 + y4) * C0, e1 = BIAS + (y0 - y4) * C0;
    int32_t u0 = y2 * C2 + y6 * C6, u1 = y2 * C6 - y6 * C2;
    int32_t s0 = e0 + u0, s3 = e0 - u0, s1 = e1 + u1, s2 = e1 - u1;
    int32_t d0 = y1 * C1 + y3 * C3 + y5 * C5 + y7 * C7;
    int32_t d1 = y1 * C3 - y3 * C7 - y5 * C1 - y7 * C5;
    int32_t d2 = y1 * C5 - y3 * C1 + y5 * C7 + y7 * C3;
    int32_t d3 = y1 * C7 - y3 * C5 + y5 * C3 - y7 * C1;

    out[0] = sample(s0 + d0);
    out[7] = sample(s0 - d0);
    out[1] = sample(s1 + d1);
    out[6] = sample(s1 - d1);
    out[2] = sample(s2 + d2);
    out[5] = sample(s2 - d2);
    out[3] = sample(s3 + d3);
    out[4] = sample(s3 - d3);
}

void jpeg_inverse_plain(int16_t block[64], int count, uint8_t *out, size_t stride)
{
    int16_t in[64], columns[64];

    (void)count;
    memcpy(in, block, sizeof in);
    memset(block, 0, sizeof in);
    for (int x = 0; x < 8; x++) {
        inverse_column(in + x, columns + x);
    }
    for (int y = 0; y < 8; y++) {
        inverse_row(columns + 8 * y, out + (size_t)y * stride);
    }
}

void jpeg_inverse_lanes_plain(int16_t block[64], int count, uint32_t out[32])
{
    uint8_t samples[64];

    jpeg_inverse_plain(block, count, samples, 8);
    jpeg_samples_to_lanes(samples, out);
}

/* ---- Reduced sizes: the N lowest frequencies through a DCT of N points, so that averages stay what they were ---- */

/* Four points; sqrt 2 * cos(pi / 8) and sqrt 2 * cos(3 pi / 8) in 1/1024. */
static void inverse_4(const int16_t *in, int step, int32_t out[4])
{
    int32_t e0 = (in[0] + in[2 * step]) * 1024, e1 = (in[0] - in[2 * step]) * 1024;
    int32_t d0 = in[step] * 1338 + in[3 * step] * 554, d1 = in[step] * 554 - in[3 * step] * 1338;

    out[0] = e0 + d0;
    out[3] = e0 - d0;
    out[1] = e1 + d1;
    out[2] = e1 - d1;
}

static void inverse_half(int16_t block[64], uint8_t *out, size_t stride)
{
    int16_t columns[16];
    int32_t s[4];

    for (int x = 0; x < 4; x++) {
        inverse_4(block + x, 8, s);
        for (int y = 0; y < 4; y++) {
            columns[4 * y + x] = (int16_t)lane(s[y] >> 10);
        }
    }
    for (int y = 0; y < 4; y++) {
        inverse_4(columns + 4 * y, 1, s);
        for (int x = 0; x < 4; x++) {
            out[(size_t)y * stride + (size_t)x] = sample(s[x] + BIAS);
        }
    }
}

static void inverse_quarter(const int16_t b[64], uint8_t *out, size_t stride)
{
    out[0] = sample((b[0] + b[1] + b[8] + b[9]) * 1024 + BIAS);
    out[1] = sample((b[0] - b[1] + b[8] - b[9]) * 1024 + BIAS);
    out[stride] = sample((b[0] + b[1] - b[8] - b[9]) * 1024 + BIAS);
    out[stride + 1] = sample((b[0] - b[1] - b[8] + b[9]) * 1024 + BIAS);
}

void jpeg_inverse_scaled(int16_t block[64], int scale, uint8_t *out, size_t stride)
{
    if (scale == 2) {
        inverse_half(block, out, stride);
    } else if (scale == 4) {
        inverse_quarter(block, out, stride);
    } else {
        out[0] = sample(block[0] * 1024 + BIAS);
    }
    memset(block, 0, 64 * sizeof *block);
}
