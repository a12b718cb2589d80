/* SPDX-License-Identifier: MIT */
/* Straight lines in normal form and by their end points. */
#include "vision/line.h"

#include <math.h>

static const uint16_t sines[91] = {
    0, 286, 572, 857, 1143, 1428, 1713, 1997, 2280, 2563, 2845, 3126, 3406, 3686, 3964, 4240,
    4516, 4790, 5063, 5334, 5604, 5872, 6138, 6402, 6664, 6924, 7182, 7438, 7692, 7943, 8192, 8438,
    8682, 8923, 9162, 9397, 9630, 9860, 10087, 10311, 10531, 10749, 10963, 11174, 11381, 11585, 11786, 11982,
    12176, 12365, 12551, 12733, 12911, 13085, 13255, 13421, 13583, 13741, 13894, 14044, 14189, 14330, 14466, 14598,
    14726, 14849, 14968, 15082, 15191, 15296, 15396, 15491, 15582, 15668, 15749, 15826, 15897, 15964, 16026, 16083,
    16135, 16182, 16225, 16262, 16294, 16322, 16344, 16362, 16374, 16382, 16384,
};

int line_sine(int degrees)
{
    return sines[degrees <= 90 ? degrees : 180 - degrees];
}

int line_cosine(int degrees)
{
    return degrees <= 90 ? sines[90 - degrees] : -(int)sines[degrees - 90];
}

static int rounded(float v)
{
    return (int)floorf(v + 0.5f);
}

static void set_length(struct line *line)
{
    float dx = (float)(line->x2 - line->x1), dy = (float)(line->y2 - line->y1);

    line->length = rounded(sqrtf(dx * dx + dy * dy));
}

/* The line a u + b v = rho, |b| >= |a|, for u0 <= u <= u1 and v0 <= v <= v1: u from low to high. */
static bool clip(float a, float b, float rho, float u0, float u1, float v0, float v1, int out[4])
{
    if (a != 0) {                   /* where it passes v0 - 1/2 and v1 + 1/2: pixels reach that far */
        float p = (rho - b * (v0 - 0.5f)) / a, q = (rho - b * (v1 + 0.5f)) / a, low = p < q ? p : q, high = p < q ? q : p;
        u0 = low > u0 ? ceilf(low) : u0;
        u1 = high < u1 ? floorf(high) : u1;
    }
    if (u0 > u1) {
        return false;
    }
    float from = (rho - a * u0) / b, to = (rho - a * u1) / b;
    if (from < v0 - 0.5f || from > v1 + 0.5f) {
        return false;
    }
    out[0] = (int)u0;
    out[1] = rounded(from < v0 ? v0 : from > v1 ? v1 : from);
    out[2] = (int)u1;
    out[3] = rounded(to < v0 ? v0 : to > v1 ? v1 : to);
    return true;
}

bool line_across(struct line *out, int theta, int rho, struct rect rect)
{
    float c = (float)line_cosine(theta) / LINE_SINE_ONE, s = (float)line_sine(theta) / LINE_SINE_ONE;
    float x0 = (float)rect.x, x1 = (float)(rect.x + rect.w - 1), y0 = (float)rect.y, y1 = (float)(rect.y + rect.h - 1);
    int uv[4];

    if (theta >= 45 && theta <= 135) {
        if (!clip(c, s, (float)rho, x0, x1, y0, y1, uv)) {
            return false;
        }
        *out = (struct line){.x1 = uv[0], .y1 = uv[1], .x2 = uv[2], .y2 = uv[3], .magnitude = out->magnitude};
    } else {
        if (!clip(s, c, (float)rho, y0, y1, x0, x1, uv)) {
            return false;
        }
        *out = (struct line){.x1 = uv[1], .y1 = uv[0], .x2 = uv[3], .y2 = uv[2], .magnitude = out->magnitude};
    }
    out->theta = theta;
    out->rho = rho;
    set_length(out);
    return true;
}

void line_between(struct line *out, int x1, int y1, int x2, int y2)
{
    /* the normal is the direction turned by a quarter */
    float angle = x1 == x2 && y1 == y2 ? 0 : atan2f((float)(x2 - x1), (float)(y1 - y2)) * 57.29578f;
    int theta = rounded(angle < 0 ? angle + 180 : angle);

    theta = theta >= 180 ? theta - 180 : theta;
    *out = (struct line){.x1 = x1, .y1 = y1, .x2 = x2, .y2 = y2, .magnitude = out->magnitude, .theta = theta};
    out->rho = rounded(((float)(x1 + x2) * (float)line_cosine(theta) + (float)(y1 + y2) * (float)line_sine(theta)) / (2 * LINE_SINE_ONE));
    set_length(out);
}
