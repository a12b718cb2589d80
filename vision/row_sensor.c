/* SPDX-License-Identifier: MIT */
/* Demosaicing and YUV422 rows. */
#include "vision/row_sensor.h"

#include "vision/kernel.h"

void row_bayer_pattern(enum pixel_format format, int y, bool *green_first, bool *red_row)
{
    bool odd = y & 1;
    bool green_at_origin = format == PIXFORMAT_BAYER_GBRG || format == PIXFORMAT_BAYER_GRBG;
    bool red_at_top = format == PIXFORMAT_BAYER_RGGB || format == PIXFORMAT_BAYER_GRBG;

    *green_first = green_at_origin != odd;
    *red_row = red_at_top != odd;
}

/* One pixel; l and r are the columns to the left and right after mirroring. own: channel of the row's coloured samples. */
static void debayer_pixel(const uint8_t *above, const uint8_t *here, const uint8_t *below, int l, int i, int r, bool green, uint8_t *own,
                          uint8_t *g, uint8_t *other)
{
    if (green) {
        *own = (uint8_t)((here[l] + here[r]) >> 1);
        *g = here[i];
        *other = (uint8_t)((above[i] + below[i]) >> 1);
    } else {
        *own = here[i];
        *g = (uint8_t)((above[i] + below[i] + here[l] + here[r]) >> 2);
        *other = (uint8_t)((above[l] + above[r] + below[l] + below[r]) >> 2);
    }
}

void row_debayer_rows(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row, int x,
                      int w, uint8_t *r, uint8_t *g, uint8_t *b)
{
    uint8_t *own = red_row ? r : b, *other = red_row ? b : r;
    int k = 0;

    while (k < w) {
        int i = x + k;
        /* from column 1 up to the last columns but two */
        int end = w < width - 2 - x ? w : width - 2 - x;
        if (i > 0 && end - k >= 4) {
            int n = (end - k) & ~3;
            kernel_debayer(above + i, here + i, below + i, n, (i & 1) != green_first, own + k, g + k, other + k);
            k += n;
            continue;
        }
        int left = i > 0 ? i - 1 : width > 1 ? 1 : 0;
        int right = i < width - 1 ? i + 1 : width > 1 ? width - 2 : 0;
        debayer_pixel(above, here, below, left, i, right, (i & 1) != green_first, own + k, g + k, other + k);
        k++;
    }
}

/* Columns from 1 on that the kernels take: each needs two more to its right. */
static int inner_columns(int width)
{
    return width > 3 ? (width - 3) & ~3 : 0;
}

enum { EDGE = 8 };  /* at least the columns outside of those, on either side */

void row_debayer_gray(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row,
                      uint8_t *gray)
{
    uint8_t plane[3][EDGE];
    int n = inner_columns(width), rest = width - 1 - n;

    kernel_debayer_gray(above + 1, here + 1, below + 1, n, !green_first, red_row, gray + 1);
    row_debayer_rows(above, here, below, width, green_first, red_row, 0, 1, plane[0], plane[1], plane[2]);
    kernel_rgb_to_gray(plane[0], plane[1], plane[2], 1, gray);
    row_debayer_rows(above, here, below, width, green_first, red_row, n + 1, rest, plane[0], plane[1], plane[2]);
    kernel_rgb_to_gray(plane[0], plane[1], plane[2], rest, gray + n + 1);
}

void row_debayer_rgb565(const uint8_t *above, const uint8_t *here, const uint8_t *below, int width, bool green_first, bool red_row,
                        uint16_t *rgb565)
{
    uint8_t plane[3][EDGE];
    int n = inner_columns(width), rest = width - 1 - n;

    kernel_debayer_rgb565(above + 1, here + 1, below + 1, n, !green_first, red_row, rgb565 + 1);
    row_debayer_rows(above, here, below, width, green_first, red_row, 0, 1, plane[0], plane[1], plane[2]);
    kernel_rgb_to_rgb565(plane[0], plane[1], plane[2], 1, rgb565);
    row_debayer_rows(above, here, below, width, green_first, red_row, n + 1, rest, plane[0], plane[1], plane[2]);
    kernel_rgb_to_rgb565(plane[0], plane[1], plane[2], rest, rgb565 + n + 1);
}

void row_debayer(const struct image *img, int x, int y, int w, uint8_t *r, uint8_t *g, uint8_t *b)
{
    int up = y > 0 ? y - 1 : img->height > 1 ? 1 : 0;
    int down = y < img->height - 1 ? y + 1 : img->height > 1 ? y - 1 : 0;
    bool green_first, red_row;

    row_bayer_pattern(img->format, y, &green_first, &red_row);
    row_debayer_rows(image_row(img, up), image_row(img, y), image_row(img, down), img->width, green_first, red_row, x, w, r, g, b);
}

static uint8_t cut(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

void row_yuv_to_rgb(const uint16_t *row, int width, bool v_first, int x, int w, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (int k = 0; k < w;) {
        /* the pixels of a pair share what chroma adds (color_yuv_to_rgb) */
        int first = (x + k) & ~1, second = first + 1 < width ? first + 1 : first;
        int c0 = (row[first] >> 8) - 128, c1 = (row[second] >> 8) - 128;
        int u = v_first ? c1 : c0, v = v_first ? c0 : c1;
        int red = 91881 * v + 32768, green = 32768 - 22554 * u - 46802 * v, blue = 116130 * u + 32768;
        for (int end = second + 1 - x < w ? second + 1 - x : w; k < end; k++) {
            int y = (row[x + k] & 255) << 16;
            r[k] = cut((y + red) >> 16);
            g[k] = cut((y + green) >> 16);
            b[k] = cut((y + blue) >> 16);
        }
    }
}
