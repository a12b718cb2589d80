/* SPDX-License-Identifier: MIT */
/* What the SIMD kernels share: bytes of a word in the halves of two. Only for cores with the SIMD instructions of Armv7E-M. */
#ifndef VISION_KERNEL_DSP_H
#define VISION_KERNEL_DSP_H

#include <stdint.h>

#define KERNEL_EVEN 0x00FF00FFu

/* Bytes 1 and 3 to the halves: the rotation costs nothing, but the compiler doesn't know the instruction well enough to fold it in. */
static inline uint32_t kernel_odd_bytes(uint32_t four)
{
    uint32_t halves;

    __asm__("uxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(four));
    return halves;
}

/* The lower, or the upper, halves of two words as a word; the lower half of one and the upper of another; a half twice. The compiler makes two
   instructions of each. */
static inline uint32_t kernel_low_halves(uint32_t low, uint32_t high)
{
    uint32_t halves;

    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(halves) : "r"(low), "r"(high));
    return halves;
}

static inline uint32_t kernel_high_halves(uint32_t low, uint32_t high)
{
    uint32_t halves;

    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(halves) : "r"(high), "r"(low));
    return halves;
}

static inline uint32_t kernel_join_halves(uint32_t low, uint32_t high)
{
    uint32_t halves;

    __asm__("pkhbt %0, %1, %2" : "=r"(halves) : "r"(low), "r"(high));
    return halves;
}

static inline uint32_t kernel_low_twice(uint32_t two)
{
    return kernel_low_halves(two, two);
}

static inline uint32_t kernel_high_twice(uint32_t two)
{
    return kernel_high_halves(two, two);
}

/* Two results in the lower bytes of the halves of s, two in those of t, to bytes in order */
static inline uint32_t kernel_join4(uint32_t s, uint32_t t)
{
    return (s & 0xFF) | s >> 8 | t << 16 | (t & 0xFF0000u) << 8;
}

#endif
