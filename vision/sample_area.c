/* SPDX-License-Identifier: MIT */
/* Area samples: the mean of the source under each. Whole numbers of source pixels to a sample are summed as they are; else the pixels at the edges
   count by the part that is covered, in 1/256. */
#include "vision/sample.h"

#include <string.h>

#include "vision/kernel_sample.h"

enum { WHOLE = 256 };

/* ---- Whole numbers of pixels ---- */

static int whole_ratio(const struct sampler *s)
{
    int k = s->o.roi.w / s->o.width;

    return k * s->o.width == s->o.roi.w && k * s->o.height == s->o.roi.h && k <= (s->o.type == SAMPLE_GRAY ? 16 : 5) ? k : 0;
}

bool sample_halves(const struct sampler *s)
{
    return whole_ratio(s) == 2 && !s->o.hmirror;
}

static void whole_gray(struct sampler *s, int k, int y, int x, int n, uint8_t *out)
{
    uint16_t *sum = (uint16_t *)(void *)s->sums;
    uint32_t reciprocal = (0x1000000u + (uint32_t)(k * k) - 1) / (uint32_t)(k * k); /* error < 2^8, sums < 2^16 */
    int first = s->o.hmirror ? s->o.width - x - n : x;

    memset(sum, 0, (size_t)(n * k) * sizeof *sum);
    for (int j = 0; j < k; j++) {
        kernel_accumulate8(sum, (const uint8_t *)sample_source(s, y * k + j) + first * k, n * k);
    }
    for (int i = 0; i < n; i++, sum += k) {
        uint32_t total = sum[0];
        for (int j = 1; j < k; j++) {
            total += sum[j];
        }
        out[s->o.hmirror ? n - 1 - i : i] = (uint8_t)(((uint64_t)total * reciprocal) >> 24);
    }
}

static void whole_rgb565(struct sampler *s, int k, int y, int x, int n, uint16_t *out)
{
    uint32_t *sum = s->sums, reciprocal = (0x10000u + (uint32_t)(k * k) - 1) / (uint32_t)(k * k);
    int first = s->o.hmirror ? s->o.width - x - n : x;

    memset(sum, 0, (size_t)(n * k) * sizeof *sum);
    for (int j = 0; j < k; j++) {
        const uint32_t *row = (const uint32_t *)sample_source(s, y * k + j) + first * k;
        for (int i = 0; i < n * k; i++) {
            sum[i] += row[i];
        }
    }
    for (int i = 0; i < n; i++, sum += k) {
        uint32_t total = sum[0];
        for (int j = 1; j < k; j++) {
            total += sum[j];
        }
        uint32_t red = (total >> 11 & 0x3FF) * reciprocal >> 16, green = (total >> 21) * reciprocal >> 16, blue = (total & 0x7FF) * reciprocal >> 16;
        out[s->o.hmirror ? n - 1 - i : i] = (uint16_t)(red << 11 | green << 5 | blue);
    }
}

/* ---- Any size ---- */

/* The part of source pixel `at` that lies between from and to (1/2^16), in 1/256, rounded up: a sample much narrower than a pixel is not nothing. */
static uint32_t covered(uint64_t from, uint64_t to, int at)
{
    uint64_t begin = (uint64_t)(uint32_t)at << 16, end = begin + 0x10000;

    begin = begin < from ? from : begin;
    end = end > to ? to : end;
    return end > begin ? (uint32_t)((end - begin + 255) >> 8) : 0;
}

/* One plane's sums, weights included, of sample `at` over its width: the mean, rounded down. */
static uint32_t mean_across(const struct sampler *s, const uint32_t *sum, int at, uint32_t weight_down)
{
    uint64_t from = (uint64_t)s->step_x * (uint32_t)at, to = from + s->step_x, total = 0;
    uint32_t weights = 0;
    int last = s->o.roi.w - 1;

    for (int i = (int)(from >> 16); i <= last && (uint64_t)(uint32_t)i << 16 < to; i++) {
        uint32_t part = covered(from, to, i);
        total += (uint64_t)sum[i] * part;
        weights += part;
    }
    return weights ? (uint32_t)(total / ((uint64_t)weights * weight_down)) : 0;
}

static uint32_t add_rows(struct sampler *s, int y)
{
    size_t w = (size_t)s->o.roi.w;
    uint64_t from = (uint64_t)s->step_y * (uint32_t)y, to = from + s->step_y;
    uint32_t weights = 0;

    memset(s->sums, 0, w * sizeof *s->sums * (s->o.type == SAMPLE_GRAY ? 1 : 3));
    for (int j = (int)(from >> 16); j < s->o.roi.h && (uint64_t)(uint32_t)j << 16 < to; j++) {
        uint32_t part = covered(from, to, j);
        const void *row = sample_source(s, j);
        weights += part;
        for (size_t i = 0; i < w; i++) {
            if (s->o.type == SAMPLE_GRAY) {
                s->sums[i] += ((const uint8_t *)row)[i] * part;
            } else {
                uint32_t v = ((const uint32_t *)row)[i];
                s->sums[i] += (v >> 11 & 31) * part;
                s->sums[w + i] += (v >> 21) * part;
                s->sums[2 * w + i] += (v & 31) * part;
            }
        }
    }
    return weights ? weights : 1;
}

void sample_row_area(struct sampler *s, int y, int x, int n, void *out)
{
    int k = whole_ratio(s);
    size_t w = (size_t)s->o.roi.w;

    if (sample_halves(s) && s->o.type == SAMPLE_GRAY && s->direct) {
        kernel_half8((const uint8_t *)sample_source(s, 2 * y) + 2 * x, (const uint8_t *)sample_source(s, 2 * y + 1) + 2 * x, n, out);
        return;
    }
    if (s->direct && s->o.type == SAMPLE_RGB565) {
        kernel_half565((const uint16_t *)sample_source(s, 2 * y) + 2 * x, (const uint16_t *)sample_source(s, 2 * y + 1) + 2 * x, n, out);
        return;
    }
    if (k && s->o.type == SAMPLE_GRAY) {
        whole_gray(s, k, y, x, n, out);
        return;
    }
    if (k) {
        whole_rgb565(s, k, y, x, n, out);
        return;
    }
    uint32_t weights = add_rows(s, y);
    for (int i = 0; i < n; i++) {
        int at = s->o.hmirror ? s->o.width - 1 - x - i : x + i;
        if (s->o.type == SAMPLE_GRAY) {
            ((uint8_t *)out)[i] = (uint8_t)mean_across(s, s->sums, at, weights);
        } else {
            uint32_t red = mean_across(s, s->sums, at, weights), green = mean_across(s, s->sums + w, at, weights);
            ((uint16_t *)out)[i] = (uint16_t)(red << 11 | green << 5 | mean_across(s, s->sums + 2 * w, at, weights));
        }
    }
}
