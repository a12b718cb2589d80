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

static inline int cut(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* What the chroma of a pair adds to each channel, with the half to round (color_yuv_to_rgb), at 2^16. */
struct chroma { int red, green, blue; };

static inline struct chroma pair_chroma(int c0, int c1, bool v_first)
{
    int u = (v_first ? c1 : c0) - 128, v = (v_first ? c0 : c1) - 128;

    return (struct chroma){91881 * v + 32768, 32768 - 22554 * u - 46802 * v, 116130 * u + 32768};
}

void row_yuv_to_rgb(const uint16_t *row, int width, bool v_first, int x, int w, uint8_t *r, uint8_t *g, uint8_t *b)
{
    for (int k = 0; k < w;) {
        int first = (x + k) & ~1, second = first + 1 < width ? first + 1 : first;
        struct chroma c = pair_chroma(row[first] >> 8, row[second] >> 8, v_first);
        for (int end = second + 1 - x < w ? second + 1 - x : w; k < end; k++) {
            int y = (row[x + k] & 255) << 16;
            r[k] = (uint8_t)cut((y + c.red) >> 16);
            g[k] = (uint8_t)cut((y + c.green) >> 16);
            b[k] = (uint8_t)cut((y + c.blue) >> 16);
        }
    }
}

static inline uint32_t pack(int y, const struct chroma *c)
{
    uint32_t r = (uint32_t)cut((y + c->red) >> 16), g = (uint32_t)cut((y + c->green) >> 16), b = (uint32_t)cut((y + c->blue) >> 16);

    return (r >> 3) << 11 | (g >> 2) << 5 | b >> 3;
}

void row_yuv_to_rgb565(const uint16_t *row, int width, bool v_first, uint16_t *rgb565)
{
    for (; width >= 2; width -= 2, row += 2, rgb565 += 2) {
        uint32_t pair = kernel_load32(row);
        struct chroma c = pair_chroma((int)(pair >> 8 & 255), (int)(pair >> 24), v_first);
        kernel_store32(rgb565, pack((int)(pair & 255) << 16, &c) | pack((int)(pair & 0xFF0000), &c) << 16);
    }
    if (width > 0) {
        struct chroma c = pair_chroma(*row >> 8, *row >> 8, v_first);
        *rgb565 = (uint16_t)pack((*row & 255) << 16, &c);
    }
}
