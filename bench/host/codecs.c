/* SPDX-License-Identifier: MIT */
/* libjpeg-turbo and libpng at their defaults, from and to memory, with the sampling and quality of our rows. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "host.h"

enum { MOST = 1 << 20 };
static uint8_t rgb[320 * 240 * 3], out[320 * 240 * 4], file[MOST];
static size_t file_size;
static int width, height, channels;

static void keep_gray(const uint8_t *picture, int w, int h)
{
    width = w, height = h, channels = 1;
    memcpy(rgb, picture, (size_t)(w * h));
}

static void keep_rgb(const uint8_t *picture, int w, int h)
{
    width = w, height = h, channels = 3;
    for (int i = 0; i < w * h; i++) {
        unsigned p = picture[2 * i] | (unsigned)picture[2 * i + 1] << 8;
        rgb[3 * i] = (uint8_t)(p >> 8 & 0xF8), rgb[3 * i + 1] = (uint8_t)(p >> 3 & 0xFC), rgb[3 * i + 2] = (uint8_t)(p << 3);
    }
}

static void jpeg_encode_any(int quality, int sampling)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *to = file;
    unsigned long size = MOST;

    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &to, &size);
    c.image_width = (JDIMENSION)width, c.image_height = (JDIMENSION)height;
    c.input_components = channels, c.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, quality, TRUE);
    c.comp_info[0].h_samp_factor = sampling >> 4, c.comp_info[0].v_samp_factor = sampling & 15;
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = rgb + (size_t)c.next_scanline * (size_t)(width * channels);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    file_size = size;
    jpeg_destroy_compress(&c);
}

static void jpeg_encode(void) { jpeg_encode_any(90, 0x11); }
static void jpeg_encode_420(void) { jpeg_encode_any(90, channels == 1 ? 0x11 : 0x22); }

static void jpeg_decode_any(void)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;

    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file, file_size);
    jpeg_read_header(&d, TRUE);
    if (channels == 3) {
        d.out_color_space = JCS_RGB565;     /* what ours gives */
        d.dither_mode = JDITHER_NONE;
    }
    jpeg_start_decompress(&d);
    while (d.output_scanline < d.output_height) {
        JSAMPROW row = out + (size_t)d.output_scanline * (size_t)(width * (channels == 3 ? 2 : 1));
        jpeg_read_scanlines(&d, &row, 1);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

static void jpeg_file_gray(const uint8_t *picture, int w, int h) { keep_gray(picture, w, h), jpeg_encode(); }
static void jpeg_file_rgb(const uint8_t *picture, int w, int h) { keep_rgb(picture, w, h), jpeg_encode(); }
static void jpeg_file_420(const uint8_t *picture, int w, int h) { keep_rgb(picture, w, h), jpeg_encode_420(); }

static png_image describe(void)
{
    return (png_image){.version = PNG_IMAGE_VERSION, .width = (png_uint_32)width, .height = (png_uint_32)height,
                       .format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
}

static void png_encode_any(void)
{
    png_image image = describe();
    png_alloc_size_t size = MOST;

    png_image_write_to_memory(&image, file, &size, 0, rgb, 0, NULL);
    file_size = size;
}

static void png_decode_any(void)
{
    png_image image = describe();

    png_image_begin_read_from_memory(&image, file, file_size);
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    png_image_finish_read(&image, NULL, out, 0, NULL);
}

static void png_file_gray(const uint8_t *picture, int w, int h) { keep_gray(picture, w, h), png_encode_any(); }
static void png_file_rgb(const uint8_t *picture, int w, int h) { keep_rgb(picture, w, h), png_encode_any(); }

const struct peer codec_peers[] = {
    {"jpeg_enc_q90", "gray", "libjpeg-turbo", keep_gray, jpeg_encode},
    {"jpeg_enc_q90", "rgb565", "libjpeg-turbo", keep_rgb, jpeg_encode},
    {"jpeg_enc_q90_420", "rgb565", "libjpeg-turbo", keep_rgb, jpeg_encode_420},
    {"jpeg_dec_q90", "gray", "libjpeg-turbo", jpeg_file_gray, jpeg_decode_any},
    {"jpeg_dec_q90", "rgb565", "libjpeg-turbo", jpeg_file_rgb, jpeg_decode_any},
    {"jpeg_dec_q90_420", "rgb565", "libjpeg-turbo", jpeg_file_420, jpeg_decode_any},
    {"png_enc", "gray", "libpng", keep_gray, png_encode_any},
    {"png_enc", "rgb565", "libpng", keep_rgb, png_encode_any},
    {"png_dec", "gray", "libpng", png_file_gray, png_decode_any},
    {"png_dec", "rgb565", "libpng", png_file_rgb, png_decode_any},
    {0},
};
