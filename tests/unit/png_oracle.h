/* SPDX-License-Identifier: MIT */
/* What libpng and zlib make of a picture or a stream, for the tests of ours. */
#ifndef PNG_ORACLE_H
#define PNG_ORACLE_H

#include "vision_test.h"

#include <png.h>
#include <zlib.h>

#include "vision/png.h"

struct bytes { uint8_t *data; size_t size, capacity; };

static inline void bytes_add(struct bytes *b, const void *data, size_t n)
{
    if (b->size + n > b->capacity) {
        b->capacity = 2 * (b->size + n) + 64;
        b->data = realloc(b->data, b->capacity);
    }
    memcpy(b->data + b->size, data, n);
    b->size += n;
}

/* A block of exactly its size, so that the sanitizer sees each byte too many. */
static inline void bytes_fit(struct bytes *b)
{
    b->data = realloc(b->data, b->size ? b->size : 1);
    b->capacity = b->size;
}

/* A picture for libpng: rows as a file of this kind holds them, samples of 16 bits in network order. */
struct oracle_picture {
    int width, height, depth, color;
    size_t row;
    uint8_t *data;
};

struct oracle_options { int level, strategy, window_bits, filters; size_t chunk; bool interlaced, transparent, text; };

static inline int oracle_samples(int color)
{
    return color == PNG_COLOR_TYPE_RGB ? 3 : color == PNG_COLOR_TYPE_GRAY_ALPHA ? 2 : color == PNG_COLOR_TYPE_RGB_ALPHA ? 4 : 1;
}

static void oracle_sink(png_structp png, png_bytep data, size_t n)
{
    bytes_add(png_get_io_ptr(png), data, n);
}

static void oracle_flush(png_structp png)
{
    (void)png;
}

static void oracle_quiet(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* The file, written by libpng. */
static inline struct bytes oracle_encode(const struct oracle_picture *p, const struct oracle_options *o)
{
    struct bytes file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, oracle_quiet);
    png_infop info = png_create_info_struct(png);
    png_color palette[256];
    png_byte alpha[256];
    png_bytep *rows = malloc(sizeof *rows * (size_t)p->height);

    png_set_write_fn(png, &file, oracle_sink, oracle_flush);
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, p->depth, p->color, o->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (p->color == PNG_COLOR_TYPE_PALETTE) {
        for (int i = 0; i < 1 << p->depth; i++) {
            palette[i] = (png_color){(png_byte)rnd(256), (png_byte)rnd(256), (png_byte)rnd(256)};
            alpha[i] = (png_byte)rnd(256);
        }
        png_set_PLTE(png, info, palette, 1 << p->depth);
    }
    if (o->transparent && !(p->color & PNG_COLOR_MASK_ALPHA)) {
        png_color_16 key = {0};
        png_set_tRNS(png, info, alpha, p->color == PNG_COLOR_TYPE_PALETTE ? 1 << p->depth : 0, p->color == PNG_COLOR_TYPE_PALETTE ? NULL : &key);
    }
    if (o->text) {
        png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE, .key = (png_charp)(uintptr_t)"Comment", .text = (png_charp)(uintptr_t)"no part of the picture"};
        png_set_text(png, info, &text, 1);
    }
    png_set_filter(png, 0, o->filters);
    png_set_compression_level(png, o->level);
    png_set_compression_strategy(png, o->strategy);
    png_set_compression_window_bits(png, o->window_bits);
    png_set_compression_buffer_size(png, o->chunk);
    for (int y = 0; y < p->height; y++) {
        rows[y] = p->data + (size_t)y * p->row;
    }
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(rows);
    return file;
}

struct oracle_reader { const struct bytes *file; size_t at; };

static void oracle_source(png_structp png, png_bytep data, size_t n)
{
    struct oracle_reader *r = png_get_io_ptr(png);

    if (n > r->file->size - r->at) {
        png_error(png, "end");
    }
    memcpy(data, r->file->data + r->at, n);
    r->at += n;
}

/* Three bytes a pixel, or NULL when libpng refuses the file. */
static inline uint8_t *oracle_decode(const struct bytes *file, int *width, int *height)
{
    struct oracle_reader reader = {file, 0};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, oracle_quiet, oracle_quiet);
    png_infop info = png_create_info_struct(png);
    uint8_t *volatile rgb = NULL;
    png_bytep *volatile rows = NULL;

    if (setjmp(png_jmpbuf(png)) == 0) {
        png_set_read_fn(png, &reader, oracle_source);
        png_read_info(png, info);
        *width = (int)png_get_image_width(png, info);
        *height = (int)png_get_image_height(png, info);
        png_set_expand(png);
        png_set_scale_16(png);
        png_set_strip_alpha(png);
        png_set_gray_to_rgb(png);
        png_read_update_info(png, info);
        rgb = malloc((size_t)*width * (size_t)*height * 3);
        rows = malloc(sizeof *rows * (size_t)*height);
        for (int y = 0; y < *height; y++) {
            rows[y] = rgb + (size_t)y * (size_t)*width * 3;
        }
        png_read_image(png, rows);
        png_read_end(png, NULL);
    } else {
        free(rgb);
        rgb = NULL;
    }
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    return rgb;
}

/* The decoder's bound, of png.h */
static inline size_t decode_room(int width, int height, int bits, bool interlaced, size_t window)
{
    size_t row = ((size_t)width * (size_t)bits + 7) / 8, raw = (row + 1) * (size_t)height + (interlaced ? 8 * (size_t)(width + height) : 0);

    return PNG_DECODE_SCRATCH + 3 * row + (window < raw ? window : raw) + 384 + 2 * (size_t)width;
}

/* Ours, with `room` bytes of scratch; img->data is malloc'ed. */
static inline int our_decode(const struct bytes *file, enum pixel_format format, size_t room, struct image *img)
{
    struct memory_stream memory = {file->data, file->size, 0, 0};
    struct stream in = memory_stream_open(&memory);
    struct arena arena = arena_new(room);
    struct png_info info;
    int err = png_file_info(&in, &info);

    img->data = NULL;
    if (!err) {
        *img = image_new(info.width, info.height, format, 0);
        err = png_decode(&in, img, &arena);
        check_equal(arena.used, 0, "not given back");
    }
    free(arena.base);
    return err;
}

#endif
