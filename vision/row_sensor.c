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
        if (i > 0) {
            /* from here up to the last pixels but two */
            int end = w < width - 2 - x ? w : width - 2 - x;
            int n = end > k ? (end - k) & ~3 : 0;
            kernel_debayer(above + i, here + i, below + i, n, (i & 1) != green_first, own + k, g + k, other + k);
            k += n;
            if (k == w) {
                break;
            }
            i = x + k;
        }
        int left = i > 0 ? i - 1 : width > 1 ? 1 : 0;
        int right = i < width - 1 ? i + 1 : width > 1 ? width - 2 : 0;
        debayer_pixel(above, here, below, left, i, right, (i & 1) != green_first, own + k, g + k, other + k);
        k++;
    }
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
