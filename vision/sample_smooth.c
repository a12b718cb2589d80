/* SPDX-License-Identifier: MIT */
/* Interpolated samples: first down the columns of the source, at its width, then across. */
#include "vision/sample.h"

#include <string.h>

#include "vision/kernel_sample.h"

/* ---- Bilinear ---- */

/* Straight from two rows of the source, for samples that are fewer than its pixels. */
static void linear565(const uint16_t *a, const uint16_t *b, uint32_t down, const uint16_t *index, const uint8_t *fraction, int n, int w, uint16_t *out)
{
    for (int i = 0; i < n; i++) {
        int left = index[i], right = left + 1 < w ? left + 1 : left;
        uint32_t f = fraction[i];
        uint32_t p = (sample_spread(a[left]) * (32 - down) + sample_spread(b[left]) * down) >> 5 & SAMPLE_SPREAD;
        uint32_t q = (sample_spread(a[right]) * (32 - down) + sample_spread(b[right]) * down) >> 5 & SAMPLE_SPREAD;
        out[i] = sample_join((p * (32 - f) + q * f) >> 5 & SAMPLE_SPREAD);
    }
}

void sample_row_linear(struct sampler *s, int y, int x, int n, void *out)
{
    uint32_t p = sample_position(s->step_y, y, s->o.roi.h), down = (p & 0xFFFF) >> 11;
    const void *above = sample_source(s, (int)(p >> 16)), *below = sample_source(s, (int)(p >> 16) + 1);
    const uint16_t *index = s->index + x;
    const uint8_t *fraction = s->fraction + x;
    int first = index[0] < index[n - 1] ? index[0] : index[n - 1], last = (index[0] < index[n - 1] ? index[n - 1] : index[0]) + 1, w = s->o.roi.w;

    last = last < w ? last : w - 1;
    if (s->o.type == SAMPLE_GRAY) {
        uint8_t *mixed = (uint8_t *)s->sums;
        kernel_mix8((const uint8_t *)above + first, (const uint8_t *)below + first, last - first + 1, (int)down, mixed + first);
        mixed[last + 1] = mixed[last];
        kernel_mix8_across(mixed, index, fraction, n, out);
    } else if (s->direct) {
        linear565(above, below, down, index, fraction, n, w, out);
    } else {
        uint32_t *mixed = s->sums;
        const uint32_t *a = above, *b = below;
        for (int i = first; i <= last; i++) {
            mixed[i] = (a[i] * (32 - down) + b[i] * down) >> 5 & SAMPLE_SPREAD;
        }
        mixed[last + 1] = mixed[last];
        uint16_t *dst = out;
        for (int i = 0; i < n; i++) {
            const uint32_t *at = mixed + index[i];
            dst[i] = sample_join((at[0] * (32u - fraction[i]) + at[1] * fraction[i]) >> 5 & SAMPLE_SPREAD);
        }
    }
}

/* ---- Bicubic ---- */

void sample_cubic_weights(int f, int32_t weight[4])
{
    int32_t t = f, t2 = f * f, t3 = f * f * f;     /* in 1/2^7, 1/2^14, 1/2^21 */

    weight[0] = (-(t << 14) + (t2 << 8) - t3) / (1 << 15);
    weight[2] = ((t << 14) + (t2 << 9) - 3 * t3) / (1 << 15);
    weight[3] = (-(t2 << 7) + t3) / (1 << 15);
    weight[1] = 128 - weight[0] - weight[2] - weight[3];
}

/* Down the columns of one plane, with a pixel more on either side. */
static void cubic_down(struct sampler *s, const uint8_t *const rows[4], const int32_t down[4])
{
    int w = s->o.roi.w;
    int32_t *sum = (int32_t *)s->sums + 1;

    for (int i = 0; i < w; i++) {
        sum[i] = rows[0][i] * down[0] + rows[1][i] * down[1] + rows[2][i] * down[2] + rows[3][i] * down[3];
    }
    sum[-1] = sum[0];
    sum[w] = sum[w + 1] = sum[w - 1];
}

static inline int32_t cubic_at(const int32_t *sum, const int32_t weight[4], int top)
{
    int32_t v = (sum[-1] * weight[0] + sum[0] * weight[1] + sum[1] * weight[2] + sum[2] * weight[3] + 8192) >> 14;

    return v < 0 ? 0 : v > top ? top : v;
}

void sample_row_cubic(struct sampler *s, int y, int x, int n, void *out)
{
    uint32_t p = sample_position(s->step_y, y, s->o.roi.h);
    int row = (int)(p >> 16);
    const uint8_t *rows[4], *source[4];
    int32_t down[4];

    sample_cubic_weights((int)((p & 0xFFFF) >> 9), down);
    for (int i = 0; i < 4; i++) {
        source[i] = sample_source(s, row - 1 + i);
    }
    const int32_t *sum = (const int32_t *)s->sums + 1;
    if (s->o.type == SAMPLE_GRAY) {
        uint8_t *dst = out;
        cubic_down(s, source, down);
        for (int i = 0; i < n; i++) {
            dst[i] = (uint8_t)cubic_at(sum + s->index[x + i], s->weights[s->fraction[x + i]], 255);
        }
        return;
    }
    uint16_t *dst = out;
    memset(dst, 0, (size_t)n * sizeof *dst);
    for (int c = 0; c < 3; c++) {
        int shift = c == 0 ? 11 : c == 1 ? 5 : 0, top = c == 1 ? 63 : 31;
        for (int i = 0; i < 4; i++) {
            rows[i] = source[i] + (size_t)c * (s->pitch / 3);
        }
        cubic_down(s, rows, down);
        for (int i = 0; i < n; i++) {
            dst[i] = (uint16_t)(dst[i] | cubic_at(sum + s->index[x + i], s->weights[s->fraction[x + i]], top) << shift);
        }
    }
}
