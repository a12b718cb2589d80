/* SPDX-License-Identifier: MIT */
/* Pictures of the benchmarks: a PNG, cut to 4:3 about its centre and averaged down (area) to WxH, as the raw bytes that the camera's
   formats have. Usage: pictures IN.png W H OUT, which writes OUT.rgb565 (little endian), OUT.gray and OUT.ppm. */
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    int width, height;
    uint8_t *rgb;
};

static void fail(const char *path, const char *what)
{
    fprintf(stderr, "pictures: %s: %s\n", path, what);
    exit(1);
}

static struct picture read_png(const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION};

    if (!png_image_begin_read_from_file(&image, path)) {
        fail(path, image.message);
    }
    image.format = PNG_FORMAT_RGB;
    struct picture p = {(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
    if (!p.rgb || !png_image_finish_read(&image, NULL, p.rgb, 0, NULL)) {
        fail(path, image.message);
    }
    return p;
}

/* The share of source pixel i in the interval [from, to). */
static double overlap(int i, double from, double to)
{
    double a = i > from ? i : from, b = i + 1 < to ? i + 1 : to;
    return b > a ? b - a : 0;
}

static uint8_t area_mean(const struct picture *p, int channel, double x0, double x1, double y0, double y1)
{
    double sum = 0, weight = 0;

    for (int y = (int)y0; y < p->height && y < y1; y++) {
        for (int x = (int)x0; x < p->width && x < x1; x++) {
            double w = overlap(x, x0, x1) * overlap(y, y0, y1);
            sum += w * p->rgb[(y * p->width + x) * 3 + channel];
            weight += w;
        }
    }
    return (uint8_t)(sum / weight + 0.5);
}

static struct picture fit(const struct picture *p, int width, int height)
{
    double w = p->width, h = p->height;

    if (w * height > h * width) {
        w = h * width / height;
    } else {
        h = w * height / width;
    }
    double left = (p->width - w) / 2, top = (p->height - h) / 2;
    struct picture out = {width, height, malloc((size_t)width * (size_t)height * 3)};
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < 3; c++) {
                out.rgb[(y * width + x) * 3 + c] =
                    area_mean(p, c, left + w * x / width, left + w * (x + 1) / width, top + h * y / height, top + h * (y + 1) / height);
            }
        }
    }
    return out;
}

static FILE *create(const char *stem, const char *ending)
{
    char path[4096];

    snprintf(path, sizeof path, "%s.%s", stem, ending);
    FILE *f = fopen(path, "wb");
    if (!f) {
        fail(path, "cannot be written");
    }
    return f;
}

int main(int argc, char **argv)
{
    int width = argc == 5 ? atoi(argv[2]) : 0, height = argc == 5 ? atoi(argv[3]) : 0;

    if (width < 1 || height < 1) {
        fprintf(stderr, "usage: pictures IN.png W H OUT\n");
        return 2;
    }
    struct picture in = read_png(argv[1]), out = fit(&in, width, height);
    FILE *color = create(argv[4], "rgb565"), *gray = create(argv[4], "gray"), *ppm = create(argv[4], "ppm");
    fprintf(ppm, "P6\n%d %d\n255\n", width, height);
    for (int i = 0; i < width * height; i++) {
        const uint8_t *p = &out.rgb[i * 3];
        unsigned packed = (p[0] & 0xF8u) << 8 | (p[1] & 0xFCu) << 3 | p[2] >> 3;
        fputc((int)(packed & 0xFF), color);
        fputc((int)(packed >> 8), color);
        fputc((38 * p[0] + 75 * p[1] + 15 * p[2]) >> 7, gray);
    }
    fwrite(out.rgb, 3, (size_t)(width * height), ppm);
    return fclose(color) | fclose(gray) | fclose(ppm) ? 1 : 0;
}
