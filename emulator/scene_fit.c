/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resampling of a picture to a sensor's pixels, and the test card. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene_picture.h"

/* Which source pixels make one target pixel, along one axis: `most` entries per target pixel, weights adding up to 1. */
struct taps {
    int *index;
    float *weight;
    int *count;
    int most;
};

static void free_taps(struct taps *t)
{
    free(t->index);
    free(t->weight);
    free(t->count);
}

static int clamp(int value, int size)
{
    return value < 0 ? 0 : value < size ? value : size - 1;
}

/*
 * Map `target` pixels onto the source interval [start, start + length). Shrinking: the share of each source pixel that
 * the target pixel covers. Growing: linear interpolation between pixel centres. Beyond the source its edge goes on.
 */
static int make_taps(struct taps *t, double start, double length, int source, int target)
{
    double step = length / target;

    t->most = (int)ceil(step) + 2;
    t->index = calloc((size_t)target * (size_t)t->most, sizeof(int));
    t->weight = calloc((size_t)target * (size_t)t->most, sizeof(float));
    t->count = calloc((size_t)target, sizeof(int));
    if (t->index == NULL || t->weight == NULL || t->count == NULL) {
        free_taps(t);
        return -1;
    }
    for (int i = 0; i < target; i++) {
        float *weight = t->weight + (size_t)i * (size_t)t->most;
        int *index = t->index + (size_t)i * (size_t)t->most;
        double from = start + i * step, to = from + step;

        if (step < 1) {                     /* the two neighbours of the centre */
            from = (from + to) / 2 - 0.5;
            to = from + 1;
        }
        int first = (int)floor(from + 1e-9), last = (int)ceil(to - 1e-9) - 1;

        t->count[i] = last - first + 1;
        for (int k = 0; k <= last - first; k++) {
            double covered = fmin(to, first + k + 1) - fmax(from, first + k);

            index[k] = clamp(first + k, source);
            weight[k] = (float)(fmax(0, covered) / (to - from));
        }
    }
    return 0;
}

/* One source row to `width` RGB pixels in float. */
static void resample_row(const uint8_t *source, const struct taps *t, float *out, int width)
{
    for (int x = 0; x < width; x++) {
        const int *index = t->index + (size_t)x * (size_t)t->most;
        const float *weight = t->weight + (size_t)x * (size_t)t->most;
        float r = 0, g = 0, b = 0;

        for (int k = 0; k < t->count[x]; k++) {
            const uint8_t *p = source + (size_t)index[k] * 3;

            r += weight[k] * p[0];
            g += weight[k] * p[1];
            b += weight[k] * p[2];
        }
        out[x * 3] = r;
        out[x * 3 + 1] = g;
        out[x * 3 + 2] = b;
    }
}

static int resample(const struct scene_picture *picture, const struct taps *across, const struct taps *down, uint8_t *out,
                    int width, int height)
{
    size_t n = (size_t)width * 3, stride = (size_t)picture->width * 3;
    float *row = malloc(n * sizeof(float)), *sum = malloc(n * sizeof(float));
    int result = -1;

    if (row != NULL && sum != NULL) {
        for (int y = 0; y < height; y++) {
            memset(sum, 0, n * sizeof(float));
            for (int k = 0; k < down->count[y]; k++) {
                size_t tap = (size_t)y * (size_t)down->most + (size_t)k;

                resample_row(picture->rgb + (size_t)down->index[tap] * stride, across, row, width);
                for (size_t i = 0; i < n; i++) {
                    sum[i] += down->weight[tap] * row[i];
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
    return result;
}

int scene_picture_resample(const struct scene_picture *picture, const struct scene_window *window, uint8_t *out, int width, int height)
{
    struct taps across = {0}, down = {0};
    int result;

    if (make_taps(&across, window->left, window->width, picture->width, width) < 0) {
        return -1;
    }
    if (make_taps(&down, window->top, window->height, picture->height, height) < 0) {
        free_taps(&across);
        return -1;
    }
    result = resample(picture, &across, &down, out, width, height);
    free_taps(&across);
    free_taps(&down);
    return result;
}

int scene_picture_fit(const struct scene_picture *picture, uint8_t *out, int width, int height)
{
    double scale = fmin((double)picture->width / width, (double)picture->height / height);
    double w = scale * width, h = scale * height;
    struct scene_window centre = {(picture->width - w) / 2, (picture->height - h) / 2, w, h};

    if (picture->width == width && picture->height == height) {
        memcpy(out, picture->rgb, (size_t)width * (size_t)height * 3);
        return 0;
    }
    return scene_picture_resample(picture, &centre, out, width, height);
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
