/* SPDX-License-Identifier: MIT */
/* Inside view of the Lab conversion, for the thresholds: X, Y, Z as sums of one number per channel, and Lab's function f. */
#ifndef VISION_LAB_H
#define VISION_LAB_H

#include <stdint.h>

/* X, Y or Z (which = 0, 1, 2; relative to white, 2^30 = 1.0) of an RGB565 code is r[] + g[] + b[], less than 3 too small. */
struct lab_sums { uint32_t r[32], g[64], b[32]; };
void lab_fill_sums(struct lab_sums *sums, int which);

/* f(t) of CIE 15 (a cube root, a line near 0), 2^30 -> 2^22, off by less than LAB_F_ERROR. L = 116 f(Y) - 16, a = 500 (f(X) - f(Y)),
   b = 200 (f(Y) - f(Z)). */
int32_t lab_f(uint32_t t);
#define LAB_F_ERROR 17
/* How far `scale` times a difference of two f may be off, at 2^22. */
#define LAB_UNSURE(scale) ((scale) * 2 * LAB_F_ERROR)

#endif
