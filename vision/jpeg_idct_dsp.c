/* SPDX-License-Identifier: MIT */
/* Inverse DCT for cores with Armv7E-M SIMD: two columns at a time in the lanes of a word, rows by dual multiply-accumulate. The same
   numbers as jpeg_idct.c; blocks whose higher frequencies are 0 take shorter ways to them. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"

/* Scheduling before register allocation costs this file a fifth of its speed in spills. */
#ifndef __clang__   /* which has no such pragma */
#pragma GCC optimize("no-schedule-insns")
#endif

enum { C0 = 1024, C1 = 1420, C2 = 1338, C3 = 1204, C5 = 805, C6 = 554, C7 = 283 };
#define BIAS ((128 << 16) + 0x8000)
/* Pairs of coefficients. */
typedef uint32_t __attribute__((may_alias)) lanes;

#define PAIR(low, high) (((uint32_t)(low) & 0xFFFF) | (uint32_t)(high) << 16)

#if defined(__ARM_FEATURE_MVE)
static bool columns(int16_t block[64], int count, uint32_t *w)
{
    (void)count;
    return jpeg_inverse_columns_mve(block, (int16_t *)(void *)w);
}
#else
static inline uint32_t scaled(uint32_t a, int32_t factor)
{
    return simd_pkhbt((uint32_t)simd_smulwb(factor, a), (uint32_t)simd_smulwt(factor, a));
}

/* The last step of a column pass: out[0], out[4] ... out[28] of two columns. */
#define COLUMNS_OUT(out) \
    do { \
        (out)[0] = simd_sadd16(t0, t7); \
        (out)[28] = simd_ssub16(t0, t7); \
        (out)[4] = simd_sadd16(t1, t6); \
        (out)[24] = simd_ssub16(t1, t6); \
        (out)[8] = simd_sadd16(t2, t5); \
        (out)[20] = simd_ssub16(t2, t5); \
        (out)[12] = simd_sadd16(t3, t4); \
        (out)[16] = simd_ssub16(t3, t4); \
    } while (0)

static __attribute__((noinline)) void columns_full(const lanes *in, uint32_t *out)
{
    uint32_t a0 = simd_sadd16(in[0], in[16]), a1 = simd_ssub16(in[0], in[16]);
    uint32_t a3 = simd_sadd16(in[8], in[24]), a2 = simd_ssub16(scaled(simd_ssub16(in[8], in[24]), 92682), a3);
    uint32_t t0 = simd_sadd16(a0, a3), t3 = simd_ssub16(a0, a3), t1 = simd_sadd16(a1, a2), t2 = simd_ssub16(a1, a2);
    uint32_t z13 = simd_sadd16(in[20], in[12]), z10 = simd_ssub16(in[20], in[12]);
    uint32_t z11 = simd_sadd16(in[4], in[28]), z12 = simd_ssub16(in[4], in[28]);
    uint32_t t7 = simd_sadd16(z11, z13), b = scaled(simd_ssub16(z11, z13), 92682);
    uint32_t z = simd_sadd16(z10, z12);
    int32_t z5l = simd_smulwb(121095, z), z5h = simd_smulwt(121095, z);
    uint32_t c = simd_pkhbt((uint32_t)simd_smlawb(-171254, z10, z5l), (uint32_t)simd_smlawt(-171254, z10, z5h));
    uint32_t d = simd_pkhbt((uint32_t)simd_smlawb(-70936, z12, z5l), (uint32_t)simd_smlawt(-70936, z12, z5h));
    uint32_t t6 = simd_ssub16(c, t7), t5 = simd_ssub16(b, t6), t4 = simd_ssub16(d, t5);

    COLUMNS_OUT(out);
}

/* The same when rows 4 to 7 are 0. */
static __attribute__((noinline)) void columns_upper(const lanes *in, uint32_t *out)
{
    uint32_t a0 = in[0], z12 = in[4], a3 = in[8], z13 = in[12], z10 = simd_ssub16(0, z13);
    uint32_t a2 = simd_ssub16(scaled(a3, 92682), a3);
    uint32_t t0 = simd_sadd16(a0, a3), t3 = simd_ssub16(a0, a3), t1 = simd_sadd16(a0, a2), t2 = simd_ssub16(a0, a2);
    uint32_t t7 = simd_sadd16(z12, z13), z = simd_ssub16(z12, z13), b = scaled(z, 92682);
    int32_t z5l = simd_smulwb(121095, z), z5h = simd_smulwt(121095, z);
    uint32_t c = simd_pkhbt((uint32_t)simd_smlawb(-171254, z10, z5l), (uint32_t)simd_smlawt(-171254, z10, z5h));
    uint32_t d = simd_pkhbt((uint32_t)simd_smlawb(-70936, z12, z5l), (uint32_t)simd_smlawt(-70936, z12, z5h));
    uint32_t t6 = simd_ssub16(c, t7), t5 = simd_ssub16(b, t6), t4 = simd_ssub16(d, t5);

    COLUMNS_OUT(out);
}

/* Sets `bytes`, 64 or 128, to 0: eight registers at once where there are as many. */
static inline void clear(int16_t *block, size_t bytes)
{
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
    const int16_t *end = block + bytes / 2;

    __asm__ volatile("mov r3, #0\n\tmov r4, #0\n\tmov r5, #0\n\tmov r6, #0\n\tmov r8, #0\n\tmov r9, #0\n\tmov r10, #0\n\tmov r12, #0\n"
                     "1:\tstm %0!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\tstm %0!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\tcmp %0, %1\n\tbne 1b"
                     : "+r"(block)
                     : "r"(end)
                     : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "cc", "memory");
#else
    memset(block, 0, bytes);
#endif
}

/* The columns of a block to `w`; clears the block. False: columns 5 and 7 are 0. */
static bool columns(int16_t block[64], int count, uint32_t *w)
{
    lanes *in = (lanes *)(void *)block;
    bool full = false;

    if (count <= 10) {      /* the triangle of the first ten coefficients ends at row 3 and column 3 */
        for (int j = 0; j < 3; j++) {
            columns_upper(in + j, w + j);
        }
        clear(block, 64);
        return false;
    }
    if (count <= 15) {      /* the next diagonal: of the lower rows it has the first coefficient of row 4, of the later columns that of column 4 */
        columns_full(in, w);
        columns_upper(in + 1, w + 1);
        columns_upper(in + 2, w + 2);
    } else {
        for (int j = 0; j < 3; j++) {
            columns_full(in + j, w + j);
        }
        full = (in[3] | in[7] | in[11] | in[15] | in[19] | in[23] | in[27] | in[31]) != 0;
        if (full) {
            columns_full(in + 3, w + 3);
        }
    }
    clear(block, 128);
    return full;
}
#endif

/* The rows of a block from the results of its columns, in full, or when columns 5 and 7 are 0. `w` is aligned to 128 bytes. */
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
/* Written out: the compiler would load each constant for each row, and spill. There are 13 registers, and here they do; the end of `w`
   needs none. */
#define ROWS_HEAD \
    "1: ldm %[w]!, {r4, r5, r6, r8}\n"     /* columns 0 4, 2 6, 1 3, 5 7 */ \
    "   ldrd r9, r12, 2f\n"                /* C0 C0, bias */ \
    "   smlad r3, r4, r9, r12\n"           /* e0 */ \
    "   smlsd lr, r4, r9, r12\n"           /* e1 */ \
    "   ldr r12, 2f+8\n"                   /* C2 C6 */ \
    "   smlad r4, r5, r12, r3\n"           /* s0 */ \
    "   smlsdx r5, r5, r12, lr\n"          /* s1 */ \
    "   rsb r3, r4, r3, lsl #1\n"          /* s3 */ \
    "   rsb lr, r5, lr, lsl #1\n"          /* s2 */ \
    "   ldrd r9, r12, 2f+12\n"             /* C3 C7, C1 C5 */ \
    "   smlsd r11, r6, r9, r5\n"

/* The second half of odd parts, from x0..x3 on: x0 in r9, x1 in r11, x2 in r10, x3 in r12. */
#define ROWS_ODD_8 \
    "   smladx r10, r8, r9, lr\n" \
    "   smlsdx r10, r6, r12, r10\n"       /* x2 */ \
    "   smuad r9, r8, r12\n" \
    "   sub r11, r11, r9\n"               /* x1 */ \
    "   ldrd r9, r12, 2f+20\n"            /* C1 C3, C5 C7 */ \
    "   smlad r9, r6, r9, r4\n" \
    "   smlad r9, r8, r12, r9\n"          /* x0 */ \
    "   smlsdx r12, r6, r12, r3\n" \
    "   ldr r6, 2f+28\n"                  /* C3 C1 */ \
    "   smlsd r12, r8, r6, r12\n"         /* x3 */

#define ROWS_ODD_6 \
    "   smlsdx r10, r6, r12, lr\n" \
    "   ldrd r9, r12, 2f+20\n" \
    "   smlad r9, r6, r9, r4\n" \
    "   smlsdx r12, r6, r12, r3\n"

/* Samples 0 2, 1 3, 4 6, 5 7 in r6, r9, r10, r11. */
#define ROWS_PACK \
    "   rsb r4, r9, r4, lsl #1\n"          /* x7 */ \
    "   rsb r5, r11, r5, lsl #1\n"         /* x6 */ \
    "   rsb lr, r10, lr, lsl #1\n"         /* x5 */ \
    "   rsb r3, r12, r3, lsl #1\n"         /* x4 */ \
    "   pkhtb r6, r10, r9, asr #16\n" \
    "   pkhtb r9, r12, r11, asr #16\n" \
    "   pkhtb r10, r5, r3, asr #16\n" \
    "   pkhtb r11, r4, lr, asr #16\n" \
    "   usat16 r6, #8, r6\n" \
    "   usat16 r9, #8, r9\n" \
    "   usat16 r10, #8, r10\n" \
    "   usat16 r11, #8, r11\n"

#define ROWS_BYTES \
    "   orr r6, r6, r9, lsl #8\n" \
    "   orr r10, r10, r11, lsl #8\n" \
    "   str r6, [%[out]]\n" \
    "   str r10, [%[out], #4]\n" \
    "   add %[out], %[stride]\n"

#define ROWS_LANES \
    "   stm %[out]!, {r6, r9, r10, r11}\n"

#define ROWS_END \
    "   tst %[w], #127\n" \
    "   bne 1b\n" \
    "   b 3f\n" \
    "   .align 2\n" \
    "2: .word %c[c00], %c[bias], %c[c26], %c[c37], %c[c15], %c[c13], %c[c57], %c[c31]\n" \
    "3:" \
    : [w] "+r"(w), [out] "+r"(out) \
    : [stride] "r"(stride), [c00] "i"(PAIR(C0, C0)), [bias] "i"(BIAS), [c26] "i"(PAIR(C2, C6)), [c37] "i"(PAIR(C3, C7)), \
      [c15] "i"(PAIR(C1, C5)), [c13] "i"(PAIR(C1, C3)), [c57] "i"(PAIR(C5, C7)), [c31] "i"(PAIR(C3, C1)) \
    : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory"

static void rows_full(const uint32_t *w, uint8_t *out, size_t stride)
{
    __asm__ volatile(ROWS_HEAD ROWS_ODD_8 ROWS_PACK ROWS_BYTES ROWS_END);
}

static void rows_six(const uint32_t *w, uint8_t *out, size_t stride)
{
    __asm__ volatile(ROWS_HEAD ROWS_ODD_6 ROWS_PACK ROWS_BYTES ROWS_END);
}

static void lane_rows_full(const uint32_t *w, uint32_t *out)
{
    const size_t stride = 0;    /* of no use */
    __asm__ volatile(ROWS_HEAD ROWS_ODD_8 ROWS_PACK ROWS_LANES ROWS_END);
}

static void lane_rows_six(const uint32_t *w, uint32_t *out)
{
    const size_t stride = 0;
    __asm__ volatile(ROWS_HEAD ROWS_ODD_6 ROWS_PACK ROWS_LANES ROWS_END);
}
#else
/* The samples of a row from the even part's sums s0..s3 and the symmetric results x0..x3 they were added up to. */
static inline void row_out(uint8_t *out, const int32_t s[4], const int32_t x[4])
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)simd_usat16_8((uint32_t)x[i] >> 16);
        out[7 - i] = (uint8_t)simd_usat16_8((uint32_t)(2 * s[i] - x[i]) >> 16);
    }
}

static void rows_full(const uint32_t *w, uint8_t *out, size_t stride)
{
    for (const uint32_t *end = w + 32; w < end; w += 4, out += stride) {
        int32_t e0 = simd_smlad(w[0], PAIR(C0, C0), BIAS), e1 = simd_smlsd(w[0], PAIR(C0, C0), BIAS);
        int32_t s0 = simd_smlad(w[1], PAIR(C2, C6), e0), s1 = simd_smlsdx(w[1], PAIR(C2, C6), e1);
        int32_t s[4] = {s0, s1, 2 * e1 - s1, 2 * e0 - s0};
        int32_t x[4] = {simd_smlad(w[3], PAIR(C5, C7), simd_smlad(w[2], PAIR(C1, C3), s[0])),
                        simd_smlsd(w[2], PAIR(C3, C7), s[1]) - simd_smuad(w[3], PAIR(C1, C5)),
                        simd_smlsdx(w[2], PAIR(C1, C5), simd_smladx(w[3], PAIR(C3, C7), s[2])),
                        simd_smlsd(w[3], PAIR(C3, C1), simd_smlsdx(w[2], PAIR(C5, C7), s[3]))};
        row_out(out, s, x);
    }
}

static void rows_six(const uint32_t *w, uint8_t *out, size_t stride)
{
    for (const uint32_t *end = w + 32; w < end; w += 4, out += stride) {
        int32_t e0 = simd_smlad(w[0], PAIR(C0, C0), BIAS), e1 = simd_smlsd(w[0], PAIR(C0, C0), BIAS);
        int32_t s0 = simd_smlad(w[1], PAIR(C2, C6), e0), s1 = simd_smlsdx(w[1], PAIR(C2, C6), e1);
        int32_t s[4] = {s0, s1, 2 * e1 - s1, 2 * e0 - s0};
        int32_t x[4] = {simd_smlad(w[2], PAIR(C1, C3), s[0]), simd_smlsd(w[2], PAIR(C3, C7), s[1]),
                        simd_smlsdx(w[2], PAIR(C1, C5), s[2]), simd_smlsdx(w[2], PAIR(C5, C7), s[3])};
        row_out(out, s, x);
    }
}

static void lane_rows_full(const uint32_t *w, uint32_t *out)
{
    uint8_t samples[64];

    rows_full(w, samples, 8);
    jpeg_samples_to_lanes(samples, out);
}

static void lane_rows_six(const uint32_t *w, uint32_t *out)
{
    uint8_t samples[64];

    rows_six(w, samples, 8);
    jpeg_samples_to_lanes(samples, out);
}
#endif

/* The only sample of a block that has nothing but DC; clears the block. */
static uint32_t flat(int16_t block[64])
{
    uint32_t sample = simd_usat16_8((uint32_t)((block[0] * C0 + BIAS) >> 16) & 0xFFFF);

    block[0] = 0;
    return sample;
}

/* Space for the columns, as the rows want it. */
#define COLUMNS_SPACE(w) uint32_t w##_space[32 + 31], *w = (uint32_t *)(((uintptr_t)w##_space + 127) & ~(uintptr_t)127)

void jpeg_inverse_dsp(int16_t block[64], int count, uint8_t *out, size_t stride)
{
    COLUMNS_SPACE(w);

    if (count <= 1) {
        uint32_t samples = flat(block) * 0x01010101u;
        for (int y = 0; y < 8; y++, out += stride) {
            store32(out, samples);
            store32(out + 4, samples);
        }
    } else if (columns(block, count, w)) {
        rows_full(w, out, stride);
    } else {
        rows_six(w, out, stride);
    }
}

void jpeg_inverse_lanes_dsp(int16_t block[64], int count, uint32_t out[32])
{
    COLUMNS_SPACE(w);

    if (count <= 1) {
        uint32_t samples = flat(block) * 0x00010001u;
        for (int i = 0; i < 32; i += 8, out += 8) {
            out[0] = out[1] = out[2] = out[3] = out[4] = out[5] = out[6] = out[7] = samples;
        }
    } else if (columns(block, count, w)) {
        lane_rows_full(w, out);
    } else {
        lane_rows_six(w, out);
    }
}
