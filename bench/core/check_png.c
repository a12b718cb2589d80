/* SPDX-License-Identifier: MIT */
/* PNG's filters and Adler-32 with SIMD instructions against their definitions, on random rows of every length and step. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "vision/inflate.h"
#include "vision/png_internal.h"

#if defined(__ARM_FEATURE_DSP)
enum { MOST = 60 };

static int predicted(int filter, int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

    return filter == 0 ? 0 : filter == 1 ? a : filter == 2 ? b : filter == 3 ? (a + b) / 2 : pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static int check_filter(int round)
{
    static const int steps[] = {1, 2, 3, 4, 6, 8};
    static uint8_t row[MOST + 16], prior[MOST + 16], out[MOST + 8], back[MOST + 8];
    int filter = round % PNG_FILTERS, step = steps[round / PNG_FILTERS % 6];
    size_t n = (rnd() % (MOST / (uint32_t)step) + 1) * (uint32_t)step;
    uint32_t mask = rnd() & 1 ? 255 : 3, sum = 0, wrong = 0;

    memset(row, 0, sizeof row);
    memset(prior, 0, sizeof prior);
    for (size_t i = 8; i < n + 8; i++) {
        row[i] = (uint8_t)(rnd() & mask);
        prior[i] = (uint8_t)(rnd() & mask);
    }
    uint32_t got = png_filter(filter, row + 8, prior + 8, out, n, step);
    for (size_t i = 8; i < n + 8; i++) {
        uint8_t v = (uint8_t)(row[i] - predicted(filter, row[i - (size_t)step], prior[i], prior[i - (size_t)step]));
        sum += v < 128 ? v : 256u - v;
        wrong += v != out[i - 8];
    }
    png_unfilter(filter, out, prior + 8, back, n, step);
    return (wrong || got != sum ? report("png_filter", ", round ", round) : 0) + (memcmp(back, row + 8, n) ? report("png_unfilter", ", round ", round) : 0);
}

static int check_adler(int round)
{
    static uint8_t data[6000];
    uint32_t n = rnd() % sizeof data, a = 1, b = 0;

    for (uint32_t i = 0; i < n; i++) {
        data[i] = round & 1 ? 255 : (uint8_t)rnd();
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return inflate_adler32(1, data, n) != (b << 16 | a) ? report("inflate_adler32", ", round ", round) : 0;
}

int check_png(void)
{
    int wrong = 0;

    for (int round = 0; round < 3000; round++) {
        wrong += check_filter(round);
    }
    for (int round = 0; round < 20; round++) {
        wrong += check_adler(round);
    }
    return wrong;
}
#else
int check_png(void)
{
    return 0;
}
#endif
