/* SPDX-License-Identifier: MIT */
/* Inner loops of the window filters in plain C. */
#include "vision/kernel_median.h"
#include "vision/kernel_window.h"

void kernel_unpack565_c(const uint16_t *src, int n, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (int i = 0; i < n; i++) {
        uint32_t p = src[i];
        r[i] = (uint8_t)(p >> 11);
        g[i] = (uint8_t)(p >> 5 & 63);
        b[i] = (uint8_t)(p & 31);
    }
}

void kernel_pack565_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint16_t *dst)
{
    for (int i = 0; i < n; i++) {
        dst[i] = (uint16_t)(r[i] << 11 | g[i] << 5 | b[i]);
    }
}

void kernel_native_to_gray_c(const uint8_t *r, const uint8_t *g, const uint8_t *b, int n, uint8_t *gray)
{
    for (int i = 0; i < n; i++) {
        int red = r[i] << 3 | r[i] >> 2, green = g[i] << 2 | g[i] >> 4, blue = b[i] << 3 | b[i] >> 2;
        gray[i] = (uint8_t)((38 * red + 75 * green + 15 * blue) >> 7);
    }
}

void kernel_select8_c(const uint32_t *bits, int n, const uint8_t *src, uint8_t *dst)
{
    for (int i = 0; i < n; i++) {
        dst[i] = bits[i >> 5] >> (i & 31) & 1 ? dst[i] : src[i];
    }
}

void kernel_select16_c(const uint32_t *bits, int n, const uint16_t *src, uint16_t *dst)
{
    for (int i = 0; i < n; i++) {
        dst[i] = bits[i >> 5] >> (i & 31) & 1 ? dst[i] : src[i];
    }
}

void kernel_column_slide_c(uint16_t *column, const uint8_t *in, const uint8_t *out, int n)
{
    for (int i = 0; i < n; i++) {
        column[i] = (uint16_t)(column[i] + in[i] - out[i]);
    }
}

static inline uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static inline uint8_t most(uint8_t a, uint8_t b)
{
    return a < b ? b : a;
}

static inline uint8_t median3(uint8_t a, uint8_t b, uint8_t c)
{
    return most(least(a, b), least(most(a, b), c));
}

void kernel_min8_c(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (int i = 0; i < n; i++) {
        dst[i] = least(a[i], b[i]);
    }
}

void kernel_max8_c(uint8_t *dst, const uint8_t *a, const uint8_t *b, int n)
{
    for (int i = 0; i < n; i++) {
        dst[i] = most(a[i], b[i]);
    }
}

void kernel_sort3_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint8_t *low, uint8_t *middle, uint8_t *high)
{
    for (int i = 0; i < n; i++) {
        uint8_t u = least(a[i], b[i]), v = most(a[i], b[i]);
        low[i] = least(u, c[i]);
        middle[i] = median3(a[i], b[i], c[i]);
        high[i] = most(v, c[i]);
    }
}

void kernel_median9_c(const uint8_t *low, const uint8_t *middle, const uint8_t *high, int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        uint8_t l = most(most(low[i], low[i + 1]), low[i + 2]), h = least(least(high[i], high[i + 1]), high[i + 2]);
        out[i] = median3(l, median3(middle[i], middle[i + 1], middle[i + 2]), h);
    }
}

static inline void sort2(uint8_t *a, uint8_t *b)
{
    uint8_t low = least(*a, *b);

    *b = most(*a, *b);
    *a = low;
}

#define SORT(a, b) sort2(&(a), &(b))

void kernel_sort5_c(const uint8_t *const *rows, int at, int n, uint8_t *const *column)
{
    for (int i = 0, x = at; i < n; i++, x++) {
        uint8_t a = rows[0][x], b = rows[1][x], c = rows[2][x], d = rows[3][x], e = rows[4][x];
        KERNEL_SORT5(SORT, a, b, c, d, e);
        column[0][i] = a;
        column[1][i] = b;
        column[2][i] = c;
        column[3][i] = d;
        column[4][i] = e;
    }
}

#define LOAD(row, x) column[row][i + (x)]

void kernel_median25_c(uint8_t *const *column, int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        KERNEL_MEDIAN25(uint8_t, LOAD, least, most, SORT, out[i])
    }
}

void kernel_mean_across_c(const uint16_t *column, int n, int side, uint32_t reciprocal, int shift, uint8_t *out)
{
    const uint16_t *last = column + side - 1;
    uint32_t sum = 0, factor = reciprocal << (16 - shift);  /* ceil(2^32 / side^2), nearly: as exact */

    for (int i = 0; i < side - 1; i++) {
        sum += column[i];
    }
    for (int i = 0; i < n; i++) {
        sum += last[i];
        out[i] = (uint8_t)((uint64_t)sum * factor >> 32);
        sum -= column[i];
    }
}

void kernel_binomial3_down_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, uint16_t *v)
{
    for (int i = 0; i < n; i++) {
        v[i] = (uint16_t)(a[i] + 2 * b[i] + c[i]);
    }
}

void kernel_binomial3_across_c(const uint16_t *v, int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint8_t)((v[i] + 2 * v[i + 1] + v[i + 2]) >> 4);
    }
}

void kernel_minus_binomial3_c(const uint8_t *here, const uint16_t *v, int n, int center, int top, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        int sum = center * here[i] - v[i] - 2 * v[i + 1] - v[i + 2], twelfth = sum > 0 ? sum / 12 : 0;
        out[i] = (uint8_t)(twelfth < top ? twelfth : top);
    }
}

void kernel_binomial5_down_c(const uint8_t *const *rows, int at, int n, uint16_t *v)
{
    for (int i = 0, x = at; i < n; i++, x++) {
        v[i] = (uint16_t)(rows[0][x] + 4 * rows[1][x] + 6 * rows[2][x] + 4 * rows[3][x] + rows[4][x]);
    }
}

void kernel_binomial5_across_c(const uint16_t *v, int n, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        out[i] = (uint8_t)((v[i] + 4 * v[i + 1] + 6 * v[i + 2] + 4 * v[i + 3] + v[i + 4]) >> 8);
    }
}

void kernel_convolve3_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t *sum)
{
    for (int i = 0; i < n; i++) {
        sum[i] = weight[0] * a[i - 1] + weight[1] * a[i] + weight[2] * a[i + 1] + weight[3] * b[i - 1] + weight[4] * b[i] + weight[5] * b[i + 1] +
                 weight[6] * c[i - 1] + weight[7] * c[i] + weight[8] * c[i + 1];
    }
}

void kernel_convolve3_cut_c(const uint8_t *a, const uint8_t *b, const uint8_t *c, int n, const int weight[9], int32_t bias, int top, uint8_t *out)
{
    for (int i = 0; i < n; i++) {
        int32_t sum;
        kernel_convolve3_c(a + i, b + i, c + i, 1, weight, &sum);
        sum += bias;
        out[i] = (uint8_t)(sum < 0 ? 0 : sum > top ? top : sum);
    }
}
