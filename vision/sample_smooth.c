/* SPDX-License-Identifier: MIT */
/* Interpolated samples: first down the columns of the source, at its width, then across. */
#include "vision/sample.h"

#include <string.h>

#include "vision/kernel_sample.h"

/* ---- Bilinear ---- */

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
    } else if (s->direct) {     /* for samples that are fewer than the source's pixels */
        kernel_mix565(above, below, (int)down, index, fraction, n, w - 1, out);
    } else {
        uint32_t *mixed = s->sums;
        kernel_mix_spread((const uint32_t *)above + first, (const uint32_t *)below + first, last - first + 1, (int)down, mixed + first);
        mixed[last + 1] = mixed[last];
        kernel_mix_spread_across(mixed, index, fraction, n, out);
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

    kernel_cubic_down(rows, down, w, sum);
    sum[-1] = sum[0];
    sum[w] = sum[w + 1] = sum[w - 1];
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
    const int32_t *sum = (const int32_t *)s->sums + 1, (*weights)[4] = (const int32_t (*)[4])s->weights;
    if (s->o.type == SAMPLE_GRAY) {
        cubic_down(s, source, down);
        kernel_cubic8(sum, s->index + x, s->fraction + x, weights, n, out);
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
        kernel_cubic565(sum, s->index + x, s->fraction + x, weights, n, top, shift, dst);
    }
}
