/* SPDX-License-Identifier: MIT */
/* The Armv7E-M SIMD instructions that the JPEG codec uses: the core's own, or, elsewhere, the same in C, so that what is written
   with them can be tested on any machine. Operands are words of two 16-bit lanes. */
#ifndef VISION_JPEG_SIMD_H
#define VISION_JPEG_SIMD_H

#include <stdint.h>

/* A value of which the compiler knows nothing: it stays in a register, and nothing is made of what is done with it. */
static inline uint32_t simd_keep(uint32_t value)
{
    __asm__("" : "+r"(value));
    return value;
}

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>

#include "vision/kernel_dsp.h"

#define SIMD_WRAP2(name, type) \
    static inline type simd_##name(uint32_t a, uint32_t b) \
    { \
        return (type)__##name(a, b); \
    }
#define SIMD_WRAP3(name) \
    static inline int32_t simd_##name(uint32_t a, uint32_t b, int32_t c) \
    { \
        return __##name((int16x2_t)a, (int16x2_t)b, c); \
    }

static inline int32_t simd_smmulr(int32_t a, int32_t b)
{
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

static inline int32_t simd_smulwb(int32_t a, uint32_t b)
{
    int32_t r;
    __asm__("smulwb %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

static inline int32_t simd_smulwt(int32_t a, uint32_t b)
{
    int32_t r;
    __asm__("smulwt %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

static inline int32_t simd_smlawb(int32_t a, uint32_t b, int32_t c)
{
    return __smlawb(a, (int32_t)b, c);
}

static inline int32_t simd_smlawt(int32_t a, uint32_t b, int32_t c)
{
    return __smlawt(a, (int32_t)b, c);
}

static inline uint32_t simd_pkhbt(uint32_t low, uint32_t high)
{
    return kernel_low_halves(low, high);
}

/* The high lanes of both. */
static inline uint32_t simd_pkhtb(uint32_t low, uint32_t high)
{
    return kernel_high_halves(low, high);
}

/* Four words at `p`, which moves on: one instruction. */
#define SIMD_LOAD4(p, a, b, c, d) \
    do { \
        register uint32_t load_r4 __asm__("r4"), load_r5 __asm__("r5"), load_r6 __asm__("r6"), load_r8 __asm__("r8"); \
        __asm__("ldm %0!, {%1, %2, %3, %4}" \
                : "+r"(p), "=r"(load_r4), "=r"(load_r5), "=r"(load_r6), "=r"(load_r8) \
                : "m"(*(const uint32_t(*)[4])(p))); \
        (a) = load_r4; \
        (b) = load_r5; \
        (c) = load_r6; \
        (d) = load_r8; \
    } while (0)

/* Bytes 1 and 3 as lanes. */
static inline uint32_t simd_uxtb16_8(uint32_t a)
{
    return kernel_odd_bytes(a);
}

/* The two words before `p`. */
#define SIMD_LOAD2_BEFORE(p, a, b) __asm__("ldrd %0, %1, [%2, #-8]" : "=&r"(a), "=r"(b) : "r"(p), "m"((p)[-1]))

/* a plus byte 0 of e; p plus byte 1 of e; w shifted up by byte 0 of e, less than 32. */
static inline uint32_t simd_add_byte_0(uint32_t a, uint32_t e)
{
    uint32_t r;
    __asm__("uxtab %0, %1, %2" : "=r"(r) : "r"(a), "r"(e));
    return r;
}

static inline const void *simd_add_byte_1(const void *p, uint32_t e)
{
    const void *r;
    __asm__("uxtab %0, %1, %2, ror #8" : "=r"(r) : "r"(p), "r"(e));
    return r;
}

static inline uint32_t simd_shift_byte_0(uint32_t w, uint32_t e)
{
    uint32_t r;
    __asm__("lsl %0, %1, %2" : "=r"(r) : "r"(w), "r"(e));
    return r;
}

/* Both signed lanes limited to 0 .. 2^14 - 1 or 0 .. 255. */
static inline uint32_t simd_usat16_14(uint32_t a)
{
    return (uint32_t)__usat16((int16x2_t)a, 14);
}

static inline uint32_t simd_usat16_8(uint32_t a)
{
    return (uint32_t)__usat16((int16x2_t)a, 8);
}
#else

static inline int32_t simd_low(uint32_t a)
{
    return (int16_t)(uint16_t)a;
}

static inline int32_t simd_high(uint32_t a)
{
    return (int16_t)(uint16_t)(a >> 16);
}

static inline uint32_t simd_lanes(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xFFFF) | (uint32_t)high << 16;
}

#define SIMD_WRAP2(name, type) \
    static inline type simd_##name(uint32_t a, uint32_t b) \
    { \
        int32_t al = simd_low(a), ah = simd_high(a), bl = simd_low(b), bh = simd_high(b); \
        return (type)SIMD_##name; \
    }
#define SIMD_WRAP3(name) \
    static inline int32_t simd_##name(uint32_t a, uint32_t b, int32_t c) \
    { \
        int32_t al = simd_low(a), ah = simd_high(a), bl = simd_low(b), bh = simd_high(b); \
        return SIMD_##name; \
    }
#define SIMD_shadd16 simd_lanes((al + bl) >> 1, (ah + bh) >> 1)
#define SIMD_shsub16 simd_lanes((al - bl) >> 1, (ah - bh) >> 1)
#define SIMD_uhsub16 simd_lanes(((al & 0xFFFF) - (bl & 0xFFFF)) >> 1, ((ah & 0xFFFF) - (bh & 0xFFFF)) >> 1)
#define SIMD_sadd16 simd_lanes(al + bl, ah + bh)
#define SIMD_ssub16 simd_lanes(al - bl, ah - bh)
#define SIMD_smuad (al * bl + ah * bh)
#define SIMD_smuadx (al * bh + ah * bl)
#define SIMD_smusd (al * bl - ah * bh)
#define SIMD_smusdx (al * bh - ah * bl)
#define SIMD_smlad (int32_t)((uint32_t)c + (uint32_t)al * (uint32_t)bl + (uint32_t)ah * (uint32_t)bh)
#define SIMD_smladx (int32_t)((uint32_t)c + (uint32_t)al * (uint32_t)bh + (uint32_t)ah * (uint32_t)bl)
#define SIMD_smlsd (int32_t)((uint32_t)c + (uint32_t)al * (uint32_t)bl - (uint32_t)ah * (uint32_t)bh)
#define SIMD_smlsdx (int32_t)((uint32_t)c + (uint32_t)al * (uint32_t)bh - (uint32_t)ah * (uint32_t)bl)

static inline int32_t simd_smmulr(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + INT64_C(0x80000000)) >> 32);
}

static inline int32_t simd_smulwb(int32_t a, uint32_t b)
{
    return (int32_t)(((int64_t)a * simd_low(b)) >> 16);
}

static inline int32_t simd_smulwt(int32_t a, uint32_t b)
{
    return (int32_t)(((int64_t)a * simd_high(b)) >> 16);
}

static inline int32_t simd_smlawb(int32_t a, uint32_t b, int32_t c)
{
    return simd_smulwb(a, b) + c;
}

static inline int32_t simd_smlawt(int32_t a, uint32_t b, int32_t c)
{
    return simd_smulwt(a, b) + c;
}

static inline uint32_t simd_pkhbt(uint32_t low, uint32_t high)
{
    return simd_lanes((int32_t)low, (int32_t)high);
}

static inline uint32_t simd_pkhtb(uint32_t low, uint32_t high)
{
    return low >> 16 | (high & 0xFFFF0000);
}

static inline uint32_t simd_uxtb16_8(uint32_t a)
{
    return a >> 8 & 0x00FF00FF;
}

#define SIMD_LOAD2_BEFORE(p, a, b) ((a) = load32((const uint8_t *)(p) - 8), (b) = load32((const uint8_t *)(p) - 4))

static inline uint32_t simd_add_byte_0(uint32_t a, uint32_t e)
{
    return a + (e & 0xFF);
}

static inline const void *simd_add_byte_1(const void *p, uint32_t e)
{
    return (const uint8_t *)p + (e >> 8 & 0xFF);
}

static inline uint32_t simd_shift_byte_0(uint32_t w, uint32_t e)
{
    return w << (e & 0xFF);
}

#define SIMD_LOAD4(p, a, b, c, d) \
    ((a) = (uint32_t)(p)[0], (b) = (uint32_t)(p)[1], (c) = (uint32_t)(p)[2], (d) = (uint32_t)(p)[3], (p) += 4)

static inline uint32_t simd_usat16(uint32_t a, int32_t max)
{
    int32_t l = simd_low(a), h = simd_high(a);
    return simd_lanes(l < 0 ? 0 : l > max ? max : l, h < 0 ? 0 : h > max ? max : h);
}

static inline uint32_t simd_usat16_14(uint32_t a)
{
    return simd_usat16(a, 16383);
}

static inline uint32_t simd_usat16_8(uint32_t a)
{
    return simd_usat16(a, 255);
}
#endif

SIMD_WRAP2(shadd16, uint32_t)
SIMD_WRAP2(shsub16, uint32_t)
SIMD_WRAP2(uhsub16, uint32_t)
SIMD_WRAP2(sadd16, uint32_t)
SIMD_WRAP2(ssub16, uint32_t)
SIMD_WRAP2(smuad, int32_t)
SIMD_WRAP2(smuadx, int32_t)
SIMD_WRAP2(smusd, int32_t)
SIMD_WRAP2(smusdx, int32_t)
SIMD_WRAP3(smlad)
SIMD_WRAP3(smladx)
SIMD_WRAP3(smlsd)
SIMD_WRAP3(smlsdx)

#endif
