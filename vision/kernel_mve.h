/* SPDX-License-Identifier: MIT */
/* What the Helium kernels share. Only for cores with the integer vectors of Armv8.1-M. Loops count n down by the lanes of a vector and begin
   with `vctp`: the compiler makes tail-predicated hardware loops of them, so that no row has a remainder and nothing is read behind its end. */
#ifndef VISION_KERNEL_MVE_H
#define VISION_KERNEL_MVE_H

#include <arm_mve.h>
#include <stdint.h>

/* Keeps the compiler from computing p anew from where it was. */
#define KERNEL_HERE(p) __asm__("" : "+r"(p))

/* Pixels to 16-bit lanes and back */
static inline uint16x8_t kernel_lanes8(const uint8_t *p, mve_pred16_t some)
{
    return vldrbq_z_u16(p, some);
}

static inline void kernel_store8(uint8_t *p, uint16x8_t v, mve_pred16_t some)
{
    vstrbq_p_u16(p, v, some);
}

/* Channels of RGB565 in their own bits, and back */
static inline uint16x8_t kernel_red5(uint16x8_t p)
{
    return vshrq_n_u16(p, 11);
}

static inline uint16x8_t kernel_green6(uint16x8_t p)
{
    return vandq_u16(vshrq_n_u16(p, 5), vdupq_n_u16(63));
}

static inline uint16x8_t kernel_blue5(uint16x8_t p)
{
    return vandq_u16(p, vdupq_n_u16(31));
}

static inline uint16x8_t kernel_pack8(uint16x8_t r, uint16x8_t g, uint16x8_t b)
{
    return vsliq_n_u16(vsliq_n_u16(b, g, 5), r, 11);
}

/* Expanded to eight bits: the channel at the top of the lane, moved down, and its upper bits once more below */
static inline uint16x8_t kernel_red8(uint16x8_t p)
{
    return vsriq_n_u16(vshrq_n_u16(p, 8), p, 13);
}

static inline uint16x8_t kernel_green8(uint16x8_t p)
{
    uint16x8_t top = vshlq_n_u16(p, 5);

    return vsriq_n_u16(vshrq_n_u16(top, 8), top, 14);
}

static inline uint16x8_t kernel_blue8(uint16x8_t p)
{
    return kernel_red8(vshlq_n_u16(p, 11));
}

static inline uint16x8_t kernel_gray8(uint16x8_t r, uint16x8_t g, uint16x8_t b)
{
    return vshrq_n_u16(vmlaq_n_u16(vmlaq_n_u16(vmulq_n_u16(r, 38), g, 75), b, 15), 7);
}

/* The bits of eight 16-bit lanes from the low eight of `bits`: each twice */
static inline mve_pred16_t kernel_lanes16(uint32_t bits)
{
    bits = (bits | bits << 4) & 0x0F0F;
    bits = (bits | bits << 2) & 0x3333;
    return (mve_pred16_t)(((bits | bits << 1) & 0x5555) * 3);
}

#endif
