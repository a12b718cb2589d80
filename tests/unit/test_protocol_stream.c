/* SPDX-License-Identifier: MIT */
/* Raw frames made smaller for the host, and packets taken out of a console's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Neither is in the library that unit tests link. */
#include "host/plain.c"
#include "modules/protocol/stream_raw.c"

static const enum pixel_format formats[] = {
    PIXFORMAT_BINARY, PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565, PIXFORMAT_BAYER_GRBG, PIXFORMAT_YUV422,
};

/* Whatever the sizes, the result fits, is not larger than the picture, and nothing is written behind it. */
static void every_size_fits(void **state)
{
    (void)state;
    srand(1);
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (int i = 0; i < 3000; i++) {
            struct image image = {.width = 1 + rand() % 70, .height = 1 + rand() % 50, .format = formats[f]};
            int w = 1 + rand() % 90, h = 1 + rand() % 90, ow = 0, oh = 0;
            size_t limit = (size_t)(rand() % 9000), bytes = stream_raw_bytes(image.format, image.width, image.height);

            if (is_yuv(image.format))
                image.width += image.width & 1;
            bytes = stream_raw_bytes(image.format, image.width, image.height);
            if (!stream_raw_size(&image, w, h, limit, &ow, &oh))
                continue;
            assert_true(ow >= 1 && ow <= w && ow <= image.width);
            assert_true(oh >= 1 && oh <= h && oh <= image.height);
            assert_true(stream_raw_bytes(image.format, ow, oh) <= limit);
            image.data = malloc(bytes);
            memset(image.data, i, bytes);
            uint8_t *out = malloc(stream_raw_bytes(image.format, ow, oh));
            stream_raw_copy(&image, ow, oh, out);
            free(out);
            free(image.data);
        }
}

static void same_size_is_a_copy(void **state)
{
    uint8_t data[64 * 48 * 2], out[sizeof data];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        struct image image = {.width = 64, .height = 48, .format = formats[f], .data = data};
        int w, h;
        assert_true(stream_raw_size(&image, 64, 48, sizeof out, &w, &h));
        assert_int_equal(w, 64);
        assert_int_equal(h, 48);
        stream_raw_copy(&image, w, h, out);
        assert_memory_equal(out, data, stream_raw_bytes(formats[f], 64, 48));
    }
}

/* A picture of one colour stays one of that colour: Bayer sites and U, V keep their places. */
static void colours_keep_their_places(void **state)
{
    uint8_t data[64 * 48 * 2], out[sizeof data];

    (void)state;
    for (int y = 0; y < 48; y++)
        for (int x = 0; x < 64; x++)
            data[y * 64 + x] = (uint8_t)(y % 2 * 2 + x % 2);
    struct image bayer = {.width = 64, .height = 48, .format = PIXFORMAT_BAYER_RGGB, .data = data};
    int w, h;
    assert_true(stream_raw_size(&bayer, 30, 30, sizeof out, &w, &h));
    stream_raw_copy(&bayer, w, h, out);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            assert_int_equal(out[y * w + x], y % 2 * 2 + x % 2);

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i % 4);
    struct image yuv = {.width = 64, .height = 48, .format = PIXFORMAT_YUV422, .data = data};
    assert_true(stream_raw_size(&yuv, 31, 31, sizeof out, &w, &h));
    stream_raw_copy(&yuv, w, h, out);
    for (size_t i = 0; i < stream_raw_bytes(PIXFORMAT_YUV422, w, h); i++)
        assert_int_equal(out[i], i % 4);
}

static void compressed_pictures_have_no_pixels(void **state)
{
    struct image image = {.width = 64, .height = 48, .format = PIXFORMAT_JPEG, .size = 100};
    int w, h;

    (void)state;
    assert_false(stream_raw_size(&image, 64, 48, 100000, &w, &h));
}

/* Text and packets mixed, in pieces of every size: the text comes through, but for what looks like a header to its end. */
static void packets_are_no_text(void **state)
{
    static const char text[] = "before \xAA in \xAA\xD5 it\r\nand after";
    uint8_t stream[200], out[200 + PACKET_HEADER];
    const struct packet event = {5, 2, PACKET_EVENT, CHANNEL_EVENT, 2, (const uint8_t *)"\xFF\xFF"}, ack = {.flags = PACKET_ACK};
    size_t n = 0;

    (void)state;
    n += packet_encode(stream, sizeof stream, &event);
    memcpy(stream + n, text, 20);
    n += 20;
    n += packet_encode(stream + n, sizeof stream - n, &ack);
    n += packet_encode(stream + n, sizeof stream - n, &event);
    memcpy(stream + n, text + 20, sizeof text - 21);
    n += sizeof text - 21;
    for (size_t step = 1; step <= n; step++) {
        struct plain plain = {.held_n = 0};
        size_t used = 0;
        for (size_t at = 0; at < n; at += step)
            used += plain_filter(&plain, stream + at, n - at < step ? n - at : step, out + used);
        assert_int_equal(used, sizeof text - 1);
        assert_memory_equal(out, text, used);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_fits),           cmocka_unit_test(same_size_is_a_copy),
        cmocka_unit_test(colours_keep_their_places), cmocka_unit_test(compressed_pictures_have_no_pixels),
        cmocka_unit_test(packets_are_no_text),
    };

    return cmocka_run_group_tests_name("protocol stream", tests, NULL, NULL);
}
