/* SPDX-License-Identifier: MIT */
/* Inner loops of comparing pictures. Rules as in kernel.h: _c is plain C and the oracle, _dsp the SIMD of Armv7E-M. */
#ifndef VISION_KERNEL_MATCH_H
#define VISION_KERNEL_MATCH_H

#include "vision/kernel.h"

/* Sums over w x h pixels of two pictures: of a, b, a^2, b^2, a b. w h <= KERNEL_MATCH_MOST. */
#define KERNEL_MATCH_MOST 65536
struct patch_sums { uint32_t a, b, aa, bb, ab; };
void kernel_patch_sums_c(const uint8_t *a, size_t pitch_a, const uint8_t *b, size_t pitch_b, int w, int h, struct patch_sums *sums);
void kernel_patch_sums_dsp(const uint8_t *a, size_t pitch_a, const uint8_t *b, size_t pitch_b, int w, int h, struct patch_sums *sums);

/* sums[k] = sum over w x h pixels of t with the picture that begins at p + k step. t has no gaps between its rows. w h <= KERNEL_MATCH_MOST. */
void kernel_correlate4_c(const uint8_t *p, size_t pitch, const uint8_t *t, int w, int h, int step, uint32_t sums[4]);
void kernel_correlate4_dsp(const uint8_t *p, size_t pitch, const uint8_t *t, int w, int h, int step, uint32_t sums[4]);

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#define kernel_patch_sums kernel_patch_sums_dsp
#define kernel_correlate4 kernel_correlate4_dsp
#else
#define kernel_patch_sums kernel_patch_sums_c
#define kernel_correlate4 kernel_correlate4_c
#endif

#endif
