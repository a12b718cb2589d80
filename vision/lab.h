/* SPDX-License-Identifier: MIT */
/* Inside view of the Lab conversion, for the thresholds: X, Y, Z as sums of one number per channel, and Lab's function f. */
#ifndef VISION_LAB_H
#define VISION_LAB_H

#include <stdint.h>

#include "vision/color.h"

/* X, Y or Z (which = 0, 1, 2; relative to white, 2^30 = 1.0) of an RGB565 code is r[] + g[] + b[], less than 3 too small. */
struct lab_sums { uint32_t r[32], g[64], b[32]; };
void lab_fill_sums(struct lab_sums *sums, int which);

/* cbrt(t), 2^22 = 1.0, at t = 2^(e - 7) * (1 + s / 64) for e = 0..6, s = 0..63, then 1, raised by half the error of linear interpolation */
extern const uint32_t lab_cube_root[450];

/* f(t) of CIE 15 (a cube root, a line near 0), 2^30 -> 2^22, t <= 2^30 + 2^10, off by less than LAB_F_ERROR.
   L = 116 f(Y) - 16, a = 500 (f(X) - f(Y)), b = 200 (f(Y) - f(Z)). */
static inline int32_t lab_f(uint32_t t)
{
    /* below (6/29)^3, 2^30: the slope 24389/3132, here / 2^8 at 2^32, and the intercept 16/116 at 2^22 */
    if (t < 9509170u) {
        return (int32_t)((uint64_t)t * 130644242u >> 32) + 578525;
    }
    int zeros = __builtin_clz(t);
    uint32_t m = t << zeros;
    const uint32_t *entry = lab_cube_root + (8 - zeros) * 64 + (m >> 25 & 63);
    return (int32_t)(entry[0] + ((entry[1] - entry[0]) * (m >> 9 & 0xFFFF) >> 16));
}
#define LAB_F_ERROR 17
/* How far `scale` times a difference of two f may be off, at 2^22. */
#define LAB_UNSURE(scale) ((scale) * 2 * LAB_F_ERROR)

/* `value`, at 2^22 and off by less than `unsure`, rounded; false when that could be one of two integers. */
static inline bool lab_round(int32_t value, int32_t unsure, int *out)
{
    int32_t low = value - unsure + (1 << 21);

    *out = low >> 22;
    return (uint32_t)(low & ((1 << 22) - 1)) < (uint32_t)((1 << 22) - 2 * unsure);
}

/* The same colour as color_rgb565_to_lab, for those who convert many. */
struct lab_tables { struct lab_sums x, y, z; };

static inline void lab_from_tables(const struct lab_tables *t, uint32_t rgb565, int *l, int *a, int *b)
{
    uint32_t red = rgb565 >> 11 & 31, green = rgb565 >> 5 & 63, blue = rgb565 & 31;
    int32_t fx = lab_f(t->x.r[red] + t->x.g[green] + t->x.b[blue]);
    int32_t fy = lab_f(t->y.r[red] + t->y.g[green] + t->y.b[blue]);
    int32_t fz = lab_f(t->z.r[red] + t->z.g[green] + t->z.b[blue]);

    if (!lab_round(116 * fy - (16 << 22), LAB_UNSURE(116), l) || !lab_round(500 * (fx - fy), LAB_UNSURE(500), a) ||
        !lab_round(200 * (fy - fz), LAB_UNSURE(200), b)) {
        struct lab exact = color_rgb565_to_lab(rgb565);
        *l = exact.l;
        *a = exact.a;
        *b = exact.b;
    }
}

#endif
