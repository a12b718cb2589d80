/* SPDX-License-Identifier: MIT */
/* libjpeg(-turbo) as the oracle of the JPEG tests: files to and from rows of bytes, smooth test pictures, distances. */
#ifndef JPEG_ORACLE_H
#define JPEG_ORACLE_H

#include "vision_test.h"

#include <math.h>

#include <jpeglib.h>

#include "vision/jpeg.h"

/* Bytes of a file or of pixels, on the heap. */
struct bytes {
    uint8_t *data;
    size_t size;
};

/* A picture as rows of 1 or 3 bytes a pixel. */
struct picture {
    int width, height, channels;
    uint8_t *data;
};

static jmp_buf oracle_failed;

static void oracle_exit(j_common_ptr info)
{
    (void)info;
    longjmp(oracle_failed, 1);
}

static void oracle_warn(j_common_ptr info, int level)
{
    if (level < 0) {
        info->err->num_warnings++;
    }
}

/* How the oracle encodes. */
struct oracle_options {
    int quality, h, v;              /* sampling factors of luma */
    int restart;                    /* MCUs */
    J_COLOR_SPACE space;            /* of the file: JCS_YCbCr, JCS_RGB, JCS_GRAYSCALE, JCS_CMYK */
    bool optimize, progressive, separate;   /* separate: one scan for each component */
    int chroma_h, chroma_v;         /* 0: 1 */
};

static inline struct bytes oracle_encode(const struct picture *p, const struct oracle_options *o)
{
    static const jpeg_scan_info scans[3] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;

    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = (JDIMENSION)p->width;
    info.image_height = (JDIMENSION)p->height;
    info.input_components = p->channels;
    info.in_color_space = p->channels == 1 ? JCS_GRAYSCALE : p->channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, p->channels == 1 ? JCS_GRAYSCALE : o->space);
    jpeg_set_quality(&info, o->quality, TRUE);
    for (int i = 0; i < info.num_components; i++) {
        info.comp_info[i].h_samp_factor = i == 0 || i == 3 ? o->h : o->chroma_h ? o->chroma_h : 1;
        info.comp_info[i].v_samp_factor = i == 0 || i == 3 ? o->v : o->chroma_v ? o->chroma_v : 1;
    }
    info.dct_method = JDCT_ISLOW;
    info.restart_interval = (unsigned)o->restart;
    info.optimize_coding = o->optimize;
    if (o->progressive) {
        jpeg_simple_progression(&info);
    } else if (o->separate) {
        info.scan_info = scans;
        info.num_scans = 3;
    }
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = p->data + (size_t)info.next_scanline * (size_t)(p->width * p->channels);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    struct bytes file = {malloc(size), size};
    memcpy(file.data, data, size);
    free(data);
    return file;
}

/* Decodes with the slow integer DCT and without interpolation of chroma. data is NULL when libjpeg refuses, or only warns. */
static inline struct picture oracle_decode(const struct bytes *file, int channels)
{
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct picture p = {0, 0, channels, NULL};

    info.err = jpeg_std_error(&errors);
    errors.error_exit = oracle_exit;
    errors.emit_message = oracle_warn;
    jpeg_create_decompress(&info);
    if (setjmp(oracle_failed)) {
        jpeg_destroy_decompress(&info);
        free(p.data);
        return (struct picture){0, 0, channels, NULL};
    }
    jpeg_mem_src(&info, file->data, file->size);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
    info.do_fancy_upsampling = FALSE;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    p.width = (int)info.output_width;
    p.height = (int)info.output_height;
    size_t stride = (size_t)p.width * (size_t)channels;
    p.data = malloc(stride * (size_t)p.height);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = p.data + (size_t)info.output_scanline * stride;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    if (errors.num_warnings) {
        longjmp(oracle_failed, 1);
    }
    jpeg_destroy_decompress(&info);
    return p;
}

/* Something like a photograph: shades, an edge, some grain; no colours so strong that coding cuts them off. */
static inline struct picture picture_new(int width, int height, int channels, int grain)
{
    struct picture p = {width, height, channels, malloc((size_t)width * (size_t)height * (size_t)channels)};
    int ax = between(-4, 4), ay = between(-4, 4), cx = between(0, width), cy = between(0, height), r = between(2, 30);

    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            bool inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r;
            for (int c = 0; c < channels; c++) {
                int v = 128 + (ax * x * (c + 1) + ay * y * (3 - c)) / 5 + (inside ? 40 - 20 * c : 0) + between(-grain, grain);
                p.data[((size_t)y * (size_t)width + (size_t)x) * (size_t)channels + (size_t)c] = (uint8_t)(v < 45 ? 45 : v > 210 ? 210 : v);
            }
        }
    }
    return p;
}

/* The picture as an image of ours; a picture for RGB565 keeps only the bits that survive. */
static inline struct image picture_image(struct picture *p)
{
    struct image img = image_new(p->width, p->height, p->channels == 1 ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565, 0);
    size_t n = (size_t)p->width * (size_t)p->height;

    if (p->channels == 1) {
        memcpy(img.data, p->data, n);
        return img;
    }
    for (size_t i = 0; i < n; i++) {
        struct rgb c = {p->data[3 * i], p->data[3 * i + 1], p->data[3 * i + 2]};
        uint16_t native = color_rgb_to_rgb565(c);
        ((uint16_t *)(void *)img.data)[i] = native;
        c = color_rgb565_to_rgb(native);
        p->data[3 * i] = c.r;
        p->data[3 * i + 1] = c.g;
        p->data[3 * i + 2] = c.b;
    }
    return img;
}

/* Mean squared difference of two pictures of the same size. */
static inline double mse(const struct picture *a, const struct picture *b)
{
    size_t n = (size_t)a->width * (size_t)a->height * (size_t)a->channels;
    double sum = 0;

    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    for (size_t i = 0; i < n; i++) {
        double d = (double)a->data[i] - b->data[i];
        sum += d * d;
    }
    return sum / (double)n;
}

static inline double decibels(double mean_square)
{
    return 10 * log10(255.0 * 255.0 / (mean_square > 1e-3 ? mean_square : 1e-3));
}

/* Our encoder into memory. */
static inline int our_encode(const struct image *img, const struct jpeg_encode_options *o, struct bytes *file, size_t capacity)
{
    struct memory_stream memory = {.data = malloc(capacity ? capacity : 1), .capacity = capacity};
    struct stream out = memory_stream_open(&memory);
    struct arena arena = arena_new(JPEG_ENCODE_SCRATCH + 40 * (size_t)img->width);
    int err = jpeg_encode(img, o, &out, &arena);

    assert_int_equal(arena.used, 0);
    free(arena.base);
    *file = (struct bytes){memory.data, memory.size};
    return err;
}

/* Our decoder into a new image of the file's size. Returns its error; an image even then, if the head was good. */
static inline int our_decode(const struct bytes *file, int scale, enum pixel_format format, struct image *img)
{
    struct memory_stream memory = {.data = file->data, .size = file->size};
    struct stream in = memory_stream_open(&memory);
    struct jpeg_info info;
    int err = jpeg_read_info(&in, &info);

    img->data = NULL;
    if (err || info.height == 0) {
        return err ? err : VISION_E_UNSUPPORTED;
    }
    *img = image_new((info.width + scale - 1) / scale, (info.height + scale - 1) / scale, format, 0);
    struct arena arena = arena_new(JPEG_DECODE_SCRATCH + 4 * 2500 + 110 * ((size_t)info.width + 64));
    memory.position = 0;
    err = jpeg_decode(&in, &(struct jpeg_decode_options){.scale = scale}, img, &arena);
    assert_int_equal(arena.used, 0);
    free(arena.base);
    return err;
}

#endif
