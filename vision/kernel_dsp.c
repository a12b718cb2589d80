/* SPDX-License-Identifier: MIT */
/* Row kernels with the SIMD instructions of Armv7E-M: four bytes per instruction. Empty on other cores. */
#include "vision/kernel.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

/* Four bits: byte i of v, minus that of low, is no greater than that of span. The sum of the selected bytes 1, 2, 4, 8 is the nibble. */
static inline uint32_t in_range4(uint32_t v, uint32_t low4, uint32_t span4)
{
    (void)__usub8(span4, __usub8(v, low4));
    return __usad8(__sel(0x08040201u, 0), 0);
}

void kernel_gray_range_bits_dsp(const uint8_t *src, int n, uint32_t low4, uint32_t span4, uint32_t *bits)
{
    for (; n >= 32; n -= 32, src += 32) {
        uint32_t word = in_range4(kernel_load32(src), low4, span4);
        word |= in_range4(kernel_load32(src + 4), low4, span4) << 4;
        word |= in_range4(kernel_load32(src + 8), low4, span4) << 8;
        word |= in_range4(kernel_load32(src + 12), low4, span4) << 12;
        word |= in_range4(kernel_load32(src + 16), low4, span4) << 16;
        word |= in_range4(kernel_load32(src + 20), low4, span4) << 20;
        word |= in_range4(kernel_load32(src + 24), low4, span4) << 24;
        word |= in_range4(kernel_load32(src + 28), low4, span4) << 28;
        *bits++ = word;
    }
    kernel_gray_range_bits_c(src, n, low4, span4, bits);
}

/* Two bits become two bytes by the carry of an addition: the bit, moved to bit 7 of its byte, decides what SEL takes. */
void kernel_bits_to_gray_dsp(const uint32_t *bits, int n, uint8_t *dst)
{
    for (; n >= 32; n -= 32, dst += 32) {
        uint32_t word = *bits++;
        for (int i = 0; i < 32; i += 4, word >>= 4) {
            uint32_t b = (word & 15) * 0x00204081u & 0x01010101u;
            kernel_store32(dst + i, __usub8(0, b));
        }
    }
    kernel_bits_to_gray_c(bits, n, dst);
}

#endif
