/* SPDX-License-Identifier: MIT */
/* The JPEG transforms with SIMD instructions against plain C, bit for bit, on random blocks and extreme ones. */
#include "report.h"
#include "vision/jpeg_internal.h"

#if defined(__ARM_FEATURE_DSP)
/* Both lanes of luma (0..32767) or chroma (-16384..16383): noise, or nothing between black and white. */
static uint32_t lanes(bool chroma, bool extreme)
{
    uint32_t w = extreme ? 0x7FFF * (rnd() & 1) | 0x7FFF0000 * (rnd() & 1) : (rnd() & 0x7FFF) | (rnd() << 16 & 0x7FFF0000);

    return chroma ? ((w | 0x80008000) - 0x40004000) ^ 0x80008000 : w;
}

static int check_forward(int round)
{
    static uint32_t one[32], two[32];
    static int32_t multipliers[64];
    static int16_t a[64], b[64];
    uint8_t q[64];
    int32_t middle = round & 1 ? 0 : JPEG_MIDDLE;

    for (int i = 0; i < 64; i++) {
        q[i] = (uint8_t)(1 + rnd() % (uint32_t)(round % 250 + 1));
    }
    for (int i = 0; i < 32; i++) {
        one[i] = two[i] = lanes(middle == 0, round & 2);
    }
    jpeg_forward_multipliers(q, 65536, multipliers);
    jpeg_forward_plain(one, multipliers, middle, a);
    jpeg_forward_dsp(two, multipliers, middle, b);
    return memcmp(a, b, sizeof a) ? report("jpeg_forward", ", round ", round) : 0;
}

static int check_inverse(int round)
{
    static const uint8_t place[8] = {JPEG_COEFFICIENT_ORDER};
    static _Alignas(4) int16_t a[64], b[64];
    static uint8_t one[8 * 8], two[8 * 11];
    static uint32_t three[32], four[32];
    int count = round % 4 == 0 ? 1 : round % 4 == 1 ? 10 : round % 4 == 2 ? 64 : (int)(rnd() % 64) + 1, wrong = 0;
    uint32_t columns = round & 4 ? 0xFF : 0x5F;     /* 5 and 7 are often 0 */

    memset(a, 0, sizeof a);
    for (int i = 0; i < count; i++) {
        int n = jpeg_zigzag_order[i];
        if (i == 0 || (rnd() % 3 == 0 && columns >> (n & 7) & 1)) {
            a[(n & 56) | place[n & 7]] = (int16_t)(round & 8 ? (int)(rnd() & 0xFFFF) - 32768 : (int)(rnd() % 4000) - 2000);
        }
    }
    memcpy(b, a, sizeof a);
    jpeg_inverse_lanes_plain(a, count, three);
    memcpy(a, b, sizeof a);
    jpeg_inverse_lanes_dsp(b, count, four);
    memcpy(b, a, sizeof a);
    jpeg_inverse_plain(a, count, one, 8);
    jpeg_inverse_dsp(b, count, two, 11);
    wrong |= memcmp(three, four, sizeof three);
    for (int y = 0; y < 8; y++) {
        wrong |= memcmp(one + 8 * y, two + 11 * y, 8);
    }
    return wrong || memcmp(a, b, sizeof a) ? report("jpeg_inverse", ", round ", round) : 0;
}

/* The encoder's colours: all that there are, in turn. */
static int check_sampler(int round)
{
    static uint16_t pixels[64];
    static struct jpeg_mcu three, four;

    for (int i = 0; i < 64; i++) {
        pixels[i] = (uint16_t)(round * 64 + i);
    }
    jpeg_sample_rgb565_444_plain((const uint8_t *)pixels, 16, &three);
    jpeg_sample_rgb565_444((const uint8_t *)pixels, 16, &four);
    return memcmp(three.lanes, four.lanes, 3 * 32 * sizeof *three.lanes) ? report("jpeg_sample_rgb565_444", ", round ", round) : 0;
}

/* Colours of lanes beside those of bytes, and Helium's beside plain C's. */
static int check_colors(int round)
{
    static uint8_t samples[3][64], out[8 * 18];
    static uint16_t expected[64], pixels[64];
    static _Alignas(128) uint32_t w[3 * 32];
    int wrong = 0;

    for (int i = 0; i < 3 * 64; i++) {
        samples[i / 64][i % 64] = (uint8_t)(round & 1 ? rnd() & 0xFF : rnd() & 1 ? 0xFF : 0);
    }
    for (int c = 0; c < 3; c++) {
        jpeg_samples_to_lanes(samples[c], w + 32 * c);
    }
    jpeg_color_full_plain(samples[0], samples[1], samples[2], expected, 64);
    jpeg_color_lanes(w, out, 18);
    for (int y = 0; y < 8; y++) {
        wrong |= memcmp(out + 18 * y, expected + 8 * y, 16);
    }
    int n = round % 64 + 1, half = n > 32 ? 32 : n;
    jpeg_color_full(samples[0], samples[1], samples[2], pixels, n);
    wrong |= memcmp(pixels, expected, 2 * (size_t)n);
    jpeg_color_half_plain(samples[0], samples[1], samples[2], expected, n);
    jpeg_color_half(samples[0], samples[1], samples[2], pixels, n);
    wrong |= memcmp(pixels, expected, 2 * (size_t)n);
    jpeg_color_half_2_plain(samples[0], 32, samples[1], samples[2], expected, half);
    jpeg_color_half_2(samples[0], 32, samples[1], samples[2], pixels, half);
    wrong |= memcmp(pixels, expected, 4 * (size_t)half);
    return wrong ? report("jpeg_color", ", round ", round) : 0;
}

int check_jpeg(void)
{
    int wrong = 0;

    for (int round = 0; round < 2000 && wrong < 10; round++) {
        wrong += check_forward(round) + check_inverse(round) + check_colors(round) + check_sampler(round);
    }
    return wrong;
}
#else
int check_jpeg(void)
{
    return 0;
}
#endif
