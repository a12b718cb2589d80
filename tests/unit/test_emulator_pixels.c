/* SPDX-License-Identifier: MIT */
/* The emulator's pixel encoders byte by byte, and its JPEG codec against libjpeg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "emulator/jpeg_core.h"
#include "emulator/sensor_pixels.h"

static const uint8_t white_red[6] = {255, 255, 255, 255, 0, 0};

static void encodes(struct sensor_look look, const uint8_t *rgb, int width, int y, const uint8_t *expected, size_t size)
{
    uint8_t copy[64], out[64] = {0};

    memcpy(copy, rgb, (size_t)width * 3);
    sensor_encode_row(&look, copy, width, y, out);
    assert_int_equal(width * sensor_pixel_bytes(look.format), size);
    assert_memory_equal(out, expected, size);
}

#define ENCODES(rgb, width, y, bytes, ...) \
    encodes((struct sensor_look){__VA_ARGS__}, rgb, width, y, (const uint8_t *)bytes, sizeof(bytes) - 1)

static void test_yuv(void **state)
{
    (void)state;        /* white is Y 255 U 128 V 128; red is Y 76 U 85 V 255; the pair's chroma is their mean */
    ENCODES(white_red, 2, 0, "\x6b\xff\xc0\x4c", .format = SENSOR_YUV422);
    ENCODES(white_red, 2, 0, "\xff\x6b\x4c\xc0", .format = SENSOR_YUV422, .luma_first = true);
    ENCODES(white_red, 2, 0, "\xff\xc0\x4c\x6b", .format = SENSOR_YUV422, .luma_first = true, .v_first = true);
    ENCODES(white_red, 1, 0, "\xff\x80", .format = SENSOR_YUV422, .luma_first = true);
    ENCODES(white_red, 2, 0, "\xff\x80\x00\xff", .format = SENSOR_GBR422, .luma_first = true);
    ENCODES(white_red, 2, 0, "\xff\x4c", .format = SENSOR_GREY);
    ENCODES(white_red, 2, 0, "\xfe\x4c", .format = SENSOR_GREY, .limited = true);
}

static void test_rgb(void **state)
{
    static const uint8_t rgb[3] = {0x84, 0x82, 0x18};
    (void)state;

    ENCODES(rgb, 1, 0, "\x84\x03", .format = SENSOR_RGB565);
    ENCODES(rgb, 1, 0, "\x1c\x10", .format = SENSOR_RGB565, .swap_red_blue = true);
    ENCODES(rgb, 1, 0, "\x42\x03", .format = SENSOR_RGB555);
    ENCODES(rgb, 1, 0, "\x08\x81", .format = SENSOR_RGB444);
}

static void test_bayer(void **state)
{
    static const uint8_t rgb[12] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
    (void)state;

    ENCODES(rgb, 4, 0, "\3\2\3\2", .format = SENSOR_BAYER);
    ENCODES(rgb, 4, 1, "\2\1\2\1", .format = SENSOR_BAYER);
    ENCODES(rgb, 4, 0, "\2\3\2\3", .format = SENSOR_BAYER, .bayer_x = 1);
    ENCODES(rgb, 4, 0, "\2\1\2\1", .format = SENSOR_BAYER, .bayer_y = 1);
}

static void test_controls(void **state)
{
    static const uint8_t grey[6] = {100, 100, 100, 100, 100, 100};
    (void)state;

    ENCODES(grey, 2, 0, "\xc8\x80\xc8\x80", .format = SENSOR_YUV422, .luma_first = true, .gains = true, .gain = {512, 512, 512});
    ENCODES(grey, 2, 0, "\x62\x80\x62\x80", .format = SENSOR_YUV422, .luma_first = true, .effects = true, .levels = true,
            .contrast = 512, .centre = 112, .brightness = 10);
    ENCODES(grey, 2, 0, "\x9b\x20\x9b\x30", .format = SENSOR_YUV422, .luma_first = true, .effects = true, .negative = true,
            .u_fixed = true, .u_value = 0x20, .v_fixed = true, .v_value = 0x30);
    ENCODES(white_red, 2, 0, "\xff\x80\x4c\x80", .format = SENSOR_YUV422, .luma_first = true, .effects = true, .grey = true);
    ENCODES(white_red + 3, 1, 0, "\x4a\x69", .format = SENSOR_RGB565, .effects = true, .saturation = true, .u_gain = 0, .v_gain = 0);
}

static void test_bars(void **state)
{
    uint8_t rgb[16 * 2 * 3];
    (void)state;

    sensor_colour_bars(rgb, 16, 2);
    assert_memory_equal(rgb, "\xff\xff\xff\xff\xff\xff\xff\xff\x00", 9);
    assert_memory_equal(rgb + 31 * 3, "\0\0\0", 3);
}

/* ---- JPEG ---- */

enum { W = 48, H = 32 };

static void paint(uint8_t *rgb)
{
    for (int i = 0; i < W * H; i++) {
        rgb[i * 3] = (uint8_t)(i % W * 5);
        rgb[i * 3 + 1] = (uint8_t)(i / W * 7);
        rgb[i * 3 + 2] = (uint8_t)((i % W ^ i / W) * 4);
    }
}

/* A JPEG of the painted picture; sampling is the luma's h and v factor. */
static unsigned long compress(uint8_t **out, int components, int h, int v, unsigned restart)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t rgb[W * H * 3];
    unsigned long size = 0;

    *out = NULL;
    paint(rgb);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, out, &size);
    jpeg.image_width = W;
    jpeg.image_height = H;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, components == 1 ? JCS_GRAYSCALE : JCS_YCbCr);
    jpeg_set_quality(&jpeg, 90, TRUE);
    jpeg.comp_info[0].h_samp_factor = h;
    jpeg.comp_info[0].v_samp_factor = v;
    jpeg.restart_interval = restart;
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < H) {
        JSAMPROW row = rgb + jpeg.next_scanline * W * 3;

        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    return size;
}

/* Luma of a JPEG, by libjpeg. */
static void luma(const uint8_t *data, unsigned long size, uint8_t *out)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, data, size);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(&jpeg);
    assert_int_equal(jpeg.output_width, W);
    while (jpeg.output_scanline < H) {
        JSAMPROW row = out + jpeg.output_scanline * W;

        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    assert_int_equal(errors.num_warnings, 0);
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
}

static void decodes(int components, int h, int v, unsigned restart, size_t portion)
{
    struct jpeg_core_reader reader;
    struct jpeg_core_bytes in = {0};
    uint8_t *data, expected[W * H], mcu[10 * JPEG_BLOCK];
    unsigned long size = compress(&data, components, h, v, restart);
    enum jpeg_core_result result = JPEG_MORE;
    size_t fed = 0;
    bool header = false;

    luma(data, size, expected);
    while (!header || reader.mcu < reader.mcus) {
        result = header ? jpeg_core_read_mcu(&reader, &in, mcu) : jpeg_core_read_header(&reader, &in);
        if (result == JPEG_MORE) {
            size_t n = portion < size - fed ? portion : size - fed;

            assert_true(n > 0);
            jpeg_core_bytes_add(&in, data + fed, n);
            fed += n;
            continue;
        }
        assert_int_equal(result, JPEG_OK);
        if (!header) {
            header = true;
            assert_int_equal(reader.frame.components, components);
            continue;
        }
        unsigned across = W / (8 * (unsigned)h);
        unsigned x0 = (reader.mcu - 1) % across * 8 * (unsigned)h, y0 = (reader.mcu - 1) / across * 8 * (unsigned)v;

        for (int block = 0; block < h * v; block++) {
            for (int i = 0; i < 64; i++) {
                unsigned x = x0 + (unsigned)(block % h * 8 + i % 8), y = y0 + (unsigned)(block / h * 8 + i / 8);

                if (abs(mcu[block * 64 + i] - expected[y * W + x]) > 1) {
                    fail_msg("luma at %u,%u: expected %u, got %u", x, y, expected[y * W + x], mcu[block * 64 + i]);
                }
            }
        }
    }
    jpeg_core_bytes_free(&in);
    free(data);
}

static void test_jpeg_decode(void **state)
{
    (void)state;
    decodes(1, 1, 1, 0, 4);
    decodes(3, 1, 1, 0, 4);
    decodes(3, 2, 1, 0, 7);
    decodes(3, 2, 2, 0, 1000000);
    decodes(3, 2, 2, 1, 4);
    decodes(1, 1, 1, 5, 64);
}

static void test_jpeg_damaged(void **state)
{
    uint8_t *data, mcu[10 * JPEG_BLOCK];
    unsigned long size = compress(&data, 3, 2, 2, 0);
    (void)state;

    for (unsigned long at = 0; at < size; at++) {           /* every byte wrong in turn: no crash, no endless loop */
        struct jpeg_core_reader reader;
        struct jpeg_core_bytes in = {0};

        data[at] ^= 0x5a;
        jpeg_core_bytes_add(&in, data, size);
        data[at] ^= 0x5a;
        if (jpeg_core_read_header(&reader, &in) == JPEG_OK) {
            while (reader.mcu < reader.mcus && jpeg_core_mcu_bytes(&reader.frame) <= sizeof(mcu) &&
                   jpeg_core_read_mcu(&reader, &in, mcu) == JPEG_OK) {
            }
        }
        jpeg_core_bytes_free(&in);
    }
    free(data);
}

/* Encode grey blocks with tables and header taken from libjpeg's file, and let libjpeg decode that. */
static void test_jpeg_encode(void **state)
{
    struct jpeg_core_codes dc, ac;
    struct jpeg_core_reader reader;
    struct jpeg_core_bytes in = {0}, out = {0};
    struct jpeg_core_writer writer = {.out = &out};
    uint8_t *data, expected[W * H], got[W * H], samples[JPEG_BLOCK];
    unsigned long size = compress(&data, 1, 1, 1, 0);
    (void)state;

    memset(&dc, 0, sizeof(dc));
    memset(&ac, 0, sizeof(ac));
    jpeg_core_bytes_add(&in, data, size);
    assert_int_equal(jpeg_core_read_header(&reader, &in), JPEG_OK);
    jpeg_core_bytes_add(&out, data, size - in.length);           /* the header as it is */
    for (int t = 0; t < 2; t++) {
        const struct jpeg_core_huffman *table = t ? &reader.ac[0] : &reader.dc[0];
        struct jpeg_core_codes *codes = t ? &ac : &dc;
        unsigned code = 0, n = 0;

        for (uint8_t length = 1; length <= 16; length++, code <<= 1) {
            for (int i = 0; i < table->counts[length - 1]; i++) {
                codes->code[table->symbols[n]] = (uint16_t)code++;
                codes->length[table->symbols[n++]] = length;
            }
        }
    }
    luma(data, size, expected);
    for (int block = 0; block < W / 8 * (H / 8); block++) {
        int16_t coefficients[JPEG_BLOCK];

        for (int i = 0; i < 64; i++) {
            samples[i] = expected[(block / (W / 8) * 8 + i / 8) * W + block % (W / 8) * 8 + i % 8];
        }
        jpeg_core_forward(samples, reader.frame.quant[0], coefficients);
        assert_true(jpeg_core_write_block(&writer, 0, coefficients, &dc, &ac));
    }
    jpeg_core_write_end(&writer);
    jpeg_core_bytes_add(&out, "\xff\xd9", 2);
    luma(out.data, out.length, got);
    for (int i = 0; i < W * H; i++) {
        if (abs(got[i] - expected[i]) > 4) {
            fail_msg("at %d,%d: expected about %d, got %d", i % W, i / W, expected[i], got[i]);
        }
    }
    jpeg_core_bytes_free(&in);
    jpeg_core_bytes_free(&out);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yuv), cmocka_unit_test(test_rgb), cmocka_unit_test(test_bayer), cmocka_unit_test(test_controls),
        cmocka_unit_test(test_bars), cmocka_unit_test(test_jpeg_decode),
        cmocka_unit_test(test_jpeg_damaged), cmocka_unit_test(test_jpeg_encode),
    };

    return cmocka_run_group_tests_name("emulator pixels", tests, NULL, NULL);
}
