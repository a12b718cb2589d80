/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resampling of a picture to a sensor's pixels, and the test card. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene_picture.h"

/* Which source pixels make one target pixel, along one axis. The weights of a target pixel add up to 1. */
struct taps {
    int *first, *count;
    float *weight;          /* `most` per target pixel */
    int most;
};

static void free_taps(struct taps *t)
{
    free(t->first);
    free(t->count);
    free(t->weight);
}

/*
 * Map `target` pixels onto the source interval [start, start + length). Shrinking: the share of each source pixel that
 * the target pixel covers. Growing: linear interpolation between pixel centres, the edge repeated.
 */
static int make_taps(struct taps *t, double start, double length, int source, int target)
{
    double step = length / target;

    t->most = (int)ceil(step) + 2;
    t->first = calloc((size_t)target, sizeof(int));
    t->count = calloc((size_t)target, sizeof(int));
    t->weight = calloc((size_t)target * (size_t)t->most, sizeof(float));
    if (t->first == NULL || t->count == NULL || t->weight == NULL) {
        free_taps(t);
        return -1;
    }
    for (int i = 0; i < target; i++) {
        float *weight = t->weight + (size_t)i * (size_t)t->most;

        if (step >= 1) {
            double from = start + i * step, to = from + step;
            int last = (int)ceil(to - 1e-9) - 1;

            t->first[i] = (int)floor(from + 1e-9);
            last = last < source ? last : source - 1;
            t->count[i] = last - t->first[i] + 1;
            for (int k = 0; k < t->count[i]; k++) {
                double a = fmax(from, t->first[i] + k), b = fmin(to, t->first[i] + k + 1);

                weight[k] = (float)(fmax(0, b - a) / step);
            }
        } else {
            double at = fmin(fmax(start + (i + 0.5) * step - 0.5, 0), source - 1);
            int left = (int)at;

            t->first[i] = left;
            t->count[i] = left + 1 < source ? 2 : 1;
            weight[0] = t->count[i] == 2 ? (float)(1 - (at - left)) : 1;
            weight[1] = (float)(at - left);
        }
    }
    return 0;
}

/* One source row to `width` RGB pixels in float. */
static void resample_row(const uint8_t *source, const struct taps *t, float *out, int width)
{
    for (int x = 0; x < width; x++) {
        const uint8_t *p = source + (size_t)t->first[x] * 3;
        const float *weight = t->weight + (size_t)x * (size_t)t->most;
        float r = 0, g = 0, b = 0;

        for (int k = 0; k < t->count[x]; k++, p += 3) {
            r += weight[k] * p[0];
            g += weight[k] * p[1];
            b += weight[k] * p[2];
        }
        out[x * 3] = r;
        out[x * 3 + 1] = g;
        out[x * 3 + 2] = b;
    }
}

int scene_picture_fit(const struct scene_picture *picture, uint8_t *out, int width, int height)
{
    double scale = fmin((double)picture->width / width, (double)picture->height / height);
    double crop_w = scale * width, crop_h = scale * height;
    size_t n = (size_t)width * 3, stride = (size_t)picture->width * 3;
    struct taps across = {0}, down = {0};
    float *row = NULL, *sum = NULL;
    int result = -1;

    if (picture->width == width && picture->height == height) {
        memcpy(out, picture->rgb, n * (size_t)height);
        return 0;
    }
    if (make_taps(&across, (picture->width - crop_w) / 2, crop_w, picture->width, width) < 0) {
        return -1;
    }
    if (make_taps(&down, (picture->height - crop_h) / 2, crop_h, picture->height, height) < 0) {
        free_taps(&across);
        return -1;
    }
    row = malloc(n * sizeof(float));
    sum = malloc(n * sizeof(float));
    if (row != NULL && sum != NULL) {
        for (int y = 0; y < height; y++) {
            memset(sum, 0, n * sizeof(float));
            for (int k = 0; k < down.count[y]; k++) {
                float weight = down.weight[(size_t)y * (size_t)down.most + (size_t)k];

                resample_row(picture->rgb + (size_t)(down.first[y] + k) * stride, &across, row, width);
                for (size_t i = 0; i < n; i++) {
                    sum[i] += weight * row[i];
                }
            }
            for (size_t i = 0; i < n; i++) {
                out[(size_t)y * n + i] = (uint8_t)(sum[i] + 0.5f);
            }
        }
        result = 0;
    }
    free(row);
    free(sum);
    free_taps(&across);
    free_taps(&down);
    return result;
}

/* ---- the test card ---- */

static const uint8_t bar_colours[8][3] = {      /* the order of every test card since the fifties: falling luminance */
    {235, 235, 235}, {235, 235, 16}, {16, 235, 235}, {16, 235, 16}, {235, 16, 235}, {235, 16, 16}, {16, 16, 235}, {16, 16, 16},
};
static const uint8_t disc_colours[6][3] = {
    {220, 30, 30}, {30, 200, 40}, {40, 60, 220}, {230, 210, 40}, {40, 200, 210}, {200, 50, 200},
};

void scene_picture_test_card(uint8_t *out, int width, int height)
{
    int bars = height / 3, ramp = bars + height / 8, centre = (ramp + height) / 2, radius = (height - ramp) / 4;

    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = out + ((size_t)y * (size_t)width + (size_t)x) * 3;
            int cell = x * 6 / width, dx = x - (2 * cell + 1) * width / 12, dy = y - centre;

            if (y < bars) {
                memcpy(p, bar_colours[x * 8 / width], 3);
            } else if (y < ramp) {
                memset(p, x * 255 / (width > 1 ? width - 1 : 1), 3);
            } else if (dx * dx + dy * dy <= radius * radius) {
                memcpy(p, disc_colours[cell], 3);
            } else {
                memset(p, 48, 3);
            }
        }
    }
}
