/* SPDX-License-Identifier: MIT */
/* The emulator's scene without the emulator: picture files good and bad, folders, fitting. Built with ASan and UBSan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#include "emulator/scene_core.h"

enum { W = 64, H = 48 };

static char dir[] = "/tmp/scene-test-XXXXXX";
static char error[SCENE_ERROR_SIZE];

/* ---- making files ---- */

static const char *in_dir(const char *name)
{
    static char path[4][600];
    static int turn;
    char *p = path[turn = (turn + 1) % 4];

    snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
    return p;
}

static const char *make_file(const char *name, const void *data, size_t size)
{
    const char *path = in_dir(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
    return path;
}

static void paint(uint8_t *rgb, int width, int height)
{
    for (int i = 0; i < width * height; i++) {
        rgb[i * 3] = (uint8_t)(i % width * 4);
        rgb[i * 3 + 1] = (uint8_t)(i / width * 5);
        rgb[i * 3 + 2] = 77;
    }
}

static const char *make_png(const char *name, int width, int height)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)width, .height = (png_uint_32)height, .format = PNG_FORMAT_RGB};
    uint8_t *rgb = malloc((size_t)(width * height * 3));
    const char *path = in_dir(name);

    paint(rgb, width, height);
    assert_true(png_image_write_to_file(&image, path, 0, rgb, 0, NULL));
    free(rgb);
    return path;
}

static const char *make_jpeg(const char *name, int width, int height, bool ink)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t *row = calloc((size_t)width, 4);
    const char *path = in_dir(name);
    FILE *file = fopen(path, "wb");

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = ink ? 4 : 3;
    jpeg.in_color_space = ink ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        for (int x = 0; x < width; x++) {
            uint8_t *p = row + x * (ink ? 4 : 3);

            p[0] = 200, p[1] = 100, p[2] = 50;
            if (ink) {
                p[3] = 255;     /* Adobe's inverted ink: no black */
            }
        }
        jpeg_write_scanlines(&jpeg, (JSAMPARRAY)&row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    free(row);
    fclose(file);
    return path;
}

static const char *make_part(const char *name, const char *whole, double share, int flip)
{
    static uint8_t data[1 << 16];
    FILE *file = fopen(whole, "rb");
    size_t n = fread(data, 1, sizeof(data), file);

    fclose(file);
    if (flip != 0) {
        data[n / 2] ^= (uint8_t)flip;
    }
    return make_file(name, data, (size_t)((double)n * share));
}

/* ---- checking ---- */

static void refused(const char *path, const char *why)
{
    struct scene *scene = scene_new();
    struct scene_picture picture = {.width = -7};
    const char *good = make_png("good.png", W, H);
    uint64_t before;

    if (scene_picture_load(&picture, path, error) != -1) {
        fail_msg("%s was accepted", path);
    }
    assert_int_equal(picture.width, -7);
    assert_non_null(strstr(error, path));
    if (strstr(error, why) == NULL) {
        fail_msg("expected \"%s\" in the message, got \"%s\"", why, error);
    }
    assert_int_equal(scene_open(scene, good, error), 0);
    before = scene_generation(scene);
    assert_int_equal(scene_open(scene, path, error), -1);
    assert_string_equal(scene_path(scene), good);
    assert_int_equal(scene_generation(scene), before);
    assert_non_null(scene_frame(scene, 0, W, H, error));
    scene_free(scene);
}

static void near_rgb(const uint8_t *p, int r, int g, int b)
{
    if (abs(p[0] - r) > 2 || abs(p[1] - g) > 2 || abs(p[2] - b) > 2) {
        fail_msg("expected %d,%d,%d got %d,%d,%d", r, g, b, p[0], p[1], p[2]);
    }
}

static void test_formats(void **state)
{
    struct scene_picture p;
    (void)state;

    assert_int_equal(scene_picture_load(&p, make_png("a.png", W, H), error), 0);
    near_rgb(p.rgb + (3 * W + 5) * 3, 20, 15, 77);
    scene_picture_free(&p);
    assert_int_equal(scene_picture_load(&p, make_jpeg("a.jpg", W, H, false), error), 0);
    assert_int_equal(p.width, W);
    near_rgb(p.rgb, 200, 100, 50);
    scene_picture_free(&p);
    assert_int_equal(scene_picture_load(&p, make_jpeg("ink.jpg", W, H, true), error), 0);
    near_rgb(p.rgb, 200, 100, 50);
    scene_picture_free(&p);
    assert_int_equal(scene_picture_load(&p, make_file("a.ppm", "P6 # x\n2 1\n255\n\x01\x02\x03\xff\xfe\xfd", 21), error), 0);
    near_rgb(p.rgb + 3, 255, 254, 253);
    scene_picture_free(&p);
    assert_int_equal(scene_picture_load(&p, make_file("b.ppm", "P3 1 1 100 0 50 100", 19), error), 0);
    near_rgb(p.rgb, 0, 128, 255);
    scene_picture_free(&p);
    assert_int_equal(scene_picture_load(&p, make_file("a.pgm", "P5\n1 1\n65535\n\x80\x00", 15), error), 0);
    near_rgb(p.rgb, 128, 128, 128);
    scene_picture_free(&p);
}

/* Eight files that all show the same upright picture: red above left, dark elsewhere, 16 wide and 8 high. */
static void test_orientation(void **state)
{
    uint8_t exif[] = "Exif\0\0II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\1\0\0\0\0\0\0\0";
    (void)state;

    for (int orientation = 1; orientation <= 8; orientation++) {
        bool swap = orientation >= 5;
        int w = swap ? 8 : 16, h = swap ? 16 : 8;
        bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        bool low = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        const char *path = in_dir("turned.jpg");
        struct jpeg_compress_struct jpeg;
        struct jpeg_error_mgr errors;
        struct scene_picture picture;
        uint8_t row[16 * 3];
        JSAMPROW rows = row;
        FILE *file = fopen(path, "wb");

        exif[24] = (uint8_t)orientation;
        jpeg.err = jpeg_std_error(&errors);
        jpeg_create_compress(&jpeg);
        jpeg_stdio_dest(&jpeg, file);
        jpeg.image_width = (JDIMENSION)w;
        jpeg.image_height = (JDIMENSION)h;
        jpeg.input_components = 3;
        jpeg.in_color_space = JCS_RGB;
        jpeg_set_defaults(&jpeg);
        jpeg_set_quality(&jpeg, 100, TRUE);
        jpeg_start_compress(&jpeg, TRUE);
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof(exif) - 1);
        for (int y = 0; y < h; y++) {
            memset(row, 0, sizeof(row));
            for (int x = 0; x < w; x++) {
                row[x * 3] = (x < w / 2) != right && (y < h / 2) != low ? 255 : 0;
            }
            jpeg_write_scanlines(&jpeg, &rows, 1);
        }
        jpeg_finish_compress(&jpeg);
        jpeg_destroy_compress(&jpeg);
        fclose(file);
        assert_int_equal(scene_picture_load(&picture, path, error), 0);
        assert_int_equal(picture.width, 16);
        assert_int_equal(picture.height, 8);
        if (picture.rgb[0] < 200 || picture.rgb[15 * 3] > 50 || picture.rgb[7 * 16 * 3] > 50) {
            fail_msg("orientation %d isn't upright", orientation);
        }
        scene_picture_free(&picture);
    }
}

static void test_no_pictures(void **state)
{
    (void)state;
    refused(in_dir("nowhere.png"), "No such file");
    refused(make_file("empty.png", "", 0), "not a picture");
    refused(make_file("text.jpg", "once upon a time", 16), "not a picture");
    refused("/dev/zero", "not a file");
    mkfifo(in_dir("pipe.png"), 0600);
    refused(in_dir("pipe.png"), "not a file");
}

static void test_truncated(void **state)
{
    char name[32];
    (void)state;

    make_png("whole.png", W, H);
    make_jpeg("whole.jpg", W, H, false);
    for (int share = 5; share < 100; share += 5) {
        if (share <= 90) {      /* beyond that only the end marker is missing: the picture is complete */
            snprintf(name, sizeof(name), "cut%d.png", share);
            refused(make_part(name, in_dir("whole.png"), share / 100., 0), "");
        }
        snprintf(name, sizeof(name), "cut%d.jpg", share);
        refused(make_part(name, in_dir("whole.jpg"), share / 100., 0), "");
    }
    refused(make_part("bit.png", in_dir("whole.png"), 1, 0x10), "damaged PNG");
    refused(make_file("cut.ppm", "P6 2 2 255 abcdefg", 18), "ends early");
    refused(make_file("over.pgm", "P2 1 1 15 16", 12), "exceeds its maximum");
    refused(make_file("head.ppm", "P6 2", 4), "header");
    refused(make_file("wide.ppm", "P6 99999999999 2 255 ", 21), "header");
    refused(make_file("zero.ppm", "P6 0 2 255 ", 11), "is empty");
}

/* A PNG of 1200 bytes may stand for 1.2 GB. It is refused from its header: an address space of 256 MB is plenty. */
static void test_too_large(void **state)
{
    static uint8_t data[1 << 16];
    uint8_t header[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02";
    uint8_t *sof;
    size_t n;
    FILE *file;
    (void)state;

    uint32_t crc = 0xffffffff;
    for (int i = 12; i < 29; i++) {
        crc ^= header[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    crc = ~crc;
    for (int i = 0; i < 4; i++) {
        header[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
    memcpy(data, header, sizeof(header));
    memcpy(data + sizeof(header), "\0\0\0\1IDAT\0\x78", 9);      /* libpng reads on to the first IDAT */
    refused(make_file("huge.png", data, sizeof(header) + 16), "20000x20000 is too large");
    refused(make_file("huge.ppm", "P6 20000 20000 255 ", 19), "20000x20000 is too large");

    file = fopen(make_jpeg("huge.jpg", W, H, false), "rb");
    n = fread(data, 1, sizeof(data), file);
    fclose(file);
    sof = memmem(data, n, "\xff\xc0", 2);
    assert_non_null(sof);
    memcpy(sof + 5, "\x4e\x20\x4e\x20", 4);
    refused(make_file("huge.jpg", data, n), "20000x20000 is too large");
}

static void test_fit(void **state)
{
    uint8_t *rgb = malloc(640 * 480 * 3), out[W * H * 3];
    struct scene_picture same = {W, H, rgb}, wide = {200, 48, rgb}, big = {640, 480, rgb}, tall = {48, 400, rgb}, one = {1, 1, rgb};
    (void)state;

    paint(rgb, W, H);
    assert_int_equal(scene_picture_fit(&same, out, W, H), 0);
    assert_memory_equal(out, rgb, sizeof(out));
    paint(rgb, 200, 48);                    /* (200 - 64) / 2 = 68 columns go on either side */
    assert_int_equal(scene_picture_fit(&wide, out, W, H), 0);
    near_rgb(out, (68 * 4) & 255, 0, 77);
    for (int i = 0; i < 640 * 480; i++) {   /* each 10x10 block averages to 100 */
        memset(rgb + i * 3, (i % 640 + i / 640) % 2 ? 50 : 150, 3);
    }
    assert_int_equal(scene_picture_fit(&big, out, W, H), 0);
    for (int i = 0; i < W * H; i++) {
        near_rgb(out + i * 3, 100, 100, 100);
    }
    memset(rgb, 9, 48 * 400 * 3);
    assert_int_equal(scene_picture_fit(&tall, out, W, H), 0);
    assert_int_equal(scene_picture_fit(&one, out, W, H), 0);
    near_rgb(out + sizeof(out) - 3, 9, 9, 9);
    rgb[0] = 0, rgb[1] = 0, rgb[2] = 0, rgb[3] = 64, rgb[4] = 64, rgb[5] = 64;
    struct scene_picture two = {2, 1, rgb};
    assert_int_equal(scene_picture_fit(&two, out, 8, 4), 0);    /* bilinear between the two centres */
    near_rgb(out, 0, 0, 0);
    near_rgb(out + 4 * 3, 40, 40, 40);
    near_rgb(out + 7 * 3, 64, 64, 64);
    free(rgb);
}

static void test_folder(void **state)
{
    struct scene *scene = scene_new();
    char folder[600], one[700];
    (void)state;

    snprintf(folder, sizeof(folder), "%s", in_dir("folder"));
    assert_int_equal(mkdir(folder, 0700), 0);
    refused(folder, "not a file");
    assert_int_equal(scene_open(scene, folder, error), -1);
    assert_non_null(strstr(error, "no PNG, JPEG, PPM or PGM file"));
    make_file("folder/2.pgm", "P5 1 1 255 \x02", 12);
    make_file("folder/1.PGM", "P5 1 1 255 \x01", 12);
    make_file("folder/3.pgm", "P5 1 1 255 \x03", 12);
    make_file("folder/notes.txt", "hello", 5);
    assert_int_equal(scene_open(scene, folder, error), 0);
    assert_int_equal(scene_count(scene), 3);
    for (uint64_t i = 0; i < 7; i++) {
        assert_int_equal(scene_frame(scene, i, W, H, error)[0], i % 3 + 1);
        assert_string_equal(error, "");
    }
    make_file("folder/4.pgm", "P5 1 1 255", 10);               /* the header is good, the pixel is missing */
    assert_int_equal(scene_open(scene, folder, error), 0);
    assert_int_equal(scene_frame(scene, 2, W, H, error)[0], 3);
    assert_int_equal(scene_frame(scene, 3, W, H, error)[0], 3);
    assert_non_null(strstr(error, "4.pgm"));
    assert_int_equal(scene_frame(scene, 3, W, H, error)[0], 3);
    assert_string_equal(error, "");                            /* said once */
    make_file("folder/5.pgm", "oops", 4);
    assert_int_equal(scene_open(scene, folder, error), -1);
    assert_non_null(strstr(error, "5.pgm"));
    assert_int_equal(scene_frame(scene, 0, W, H, error)[0], 1);
    unlink(in_dir("folder/5.pgm"));
    unlink(in_dir("folder/4.pgm"));
    for (int i = 10; i < 60; i++) {                            /* more than are kept */
        snprintf(one, sizeof(one), "folder/%d.pgm", i);
        make_file(one, (char[]){'P', '5', ' ', '1', ' ', '1', ' ', '2', '5', '5', ' ', (char)i}, 12);
    }
    assert_int_equal(scene_open(scene, folder, error), 0);
    for (uint64_t i = 0; i < 120; i++) {
        assert_non_null(scene_frame(scene, i, W, H, error));
    }
    assert_int_equal(scene_frame(scene, 0, 10, 10, error)[0], 1);
    scene_free(scene);
}

static void test_card(void **state)
{
    struct scene *scene = scene_new();
    const uint8_t *p = scene_frame(scene, 0, 640, 480, error);
    (void)state;

    near_rgb(p, 235, 235, 235);
    near_rgb(p + 639 * 3, 16, 16, 16);
    near_rgb(p + (350 * 640 + 53) * 3, 220, 30, 30);
    assert_int_equal(scene_open(scene, make_png("x.png", W, H), error), 0);
    assert_int_equal(scene_open(scene, "", error), 0);
    near_rgb(scene_frame(scene, 0, 640, 480, error), 235, 235, 235);
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_no_pictures), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_too_large), cmocka_unit_test(test_fit), cmocka_unit_test(test_folder), cmocka_unit_test(test_card),
    };
    char command[64];
    int failures;

    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 1;
    }
    failures = cmocka_run_group_tests_name("scene", tests, NULL, NULL);
    snprintf(command, sizeof(command), "rm -rf %s", dir);
    return system(command) != 0 || failures;
}
