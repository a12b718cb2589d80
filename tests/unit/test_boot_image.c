/* SPDX-License-Identifier: MIT */
/* Image headers: what may be started, and what not, for every place of the header, every length, every damaged bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/image.h"

enum { PLACE = 64 * 1024 };
#define APP 0x08040000u

static uint8_t flash[PLACE];
static long broken_at; /* first byte that can't be read; < 0: none */
static const struct image_place place = {"OPENMV4", APP, PLACE};

static int read_flash(void *context, uint32_t offset, void *data, size_t size)
{
    (void)context;
    assert_true(offset <= PLACE && size <= PLACE - offset);
    memcpy(data, flash + offset, size);
    return broken_at >= offset && broken_at < (long)(offset + size) ? -5 : 0;
}

static const struct image_reader reader = {read_flash, NULL};

static void fill(void)
{
    broken_at = -1;
    for (size_t i = 0; i < PLACE; i++) {
        flash[i] = (uint8_t)(i * 31 + (i >> 8));
    }
}

static void put_header(uint32_t at, uint32_t length, const char *board, uint32_t address)
{
    struct image_header header = {.address = address, .version = {1, 2, 3, 0}};
    snprintf(header.board, sizeof header.board, "%s", board);
    memcpy(flash + at, &header, sizeof header);
    image_seal(flash, length, at);
}

static int verify(struct image_header *header)
{
    return image_verify(&reader, &place, header);
}

static void crc_is_zlibs(void **state)
{
    (void)state;
    assert_int_equal(image_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(image_crc32(image_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
    assert_int_equal(image_crc32(0, "", 0), 0);
}

static void header_is_found_on_the_grid_only(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 8192; at += 32) {
        struct image_header header;
        fill();
        put_header(at, 9000, "OPENMV4", APP);
        bool there = at % 256 == 0 && at < 4096;
        assert_int_equal(verify(&header), there ? IMAGE_OK : IMAGE_E_NONE);
        assert_int_equal(image_find(flash, PLACE, &header), there ? (int)at : IMAGE_E_NONE);
        if (there) {
            assert_int_equal(header.length, 9000);
            assert_int_equal(header.version[1], 2);
            assert_int_equal(image_find(flash, at + 63, &header), IMAGE_E_NONE);
        }
    }
}

static void every_bit_counts(void **state)
{
    (void)state;
    const uint32_t length = 2000, at = 0x300;
    fill();
    put_header(at, length, "OPENMV4", APP);
    for (uint32_t bit = 0; bit < length * 8; bit++) {
        flash[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(verify(NULL), IMAGE_OK);
        flash[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    flash[length] ^= 1; /* behind it nothing does */
    assert_int_equal(verify(NULL), IMAGE_OK);
}

static void lengths_from_the_header_to_the_end_of_the_place(void **state)
{
    (void)state;
    const uint32_t lengths[] = {0x340, 0x341, 511, 512, 513, 4096, PLACE - 1, PLACE};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (lengths[i] >= 0x340) {
            fill();
            put_header(0x300, lengths[i], "OPENMV4", APP);
            assert_int_equal(verify(NULL), IMAGE_OK);
            struct image_header header;
            image_find(flash, PLACE, &header);
            const struct image_place smaller = {"OPENMV4", APP, lengths[i] - 1};
            assert_int_equal(image_fits(&header, &smaller), IMAGE_E_LENGTH);
        }
    }
    /* A header whose length doesn't reach its own end. */
    fill();
    put_header(0x300, 0x340, "OPENMV4", APP);
    struct image_header header;
    memcpy(&header, flash + 0x300, sizeof header);
    for (uint32_t length = 0; length < 0x340; length++) {
        header.length = length;
        header.header_crc = image_crc32(0, &header, offsetof(struct image_header, header_crc));
        memcpy(flash + 0x300, &header, sizeof header);
        assert_int_equal(verify(NULL), length ? IMAGE_E_CRC : IMAGE_E_LENGTH);
    }
}

static void wrong_board_place_and_format_are_told_apart(void **state)
{
    (void)state;
    struct image_header header;
    fill();
    put_header(0x300, 5000, "OPENMV4P", APP);
    assert_int_equal(verify(&header), IMAGE_E_BOARD);
    assert_string_equal(header.board, "OPENMV4P");
    put_header(0x300, 5000, "OPENMV", APP);
    assert_int_equal(verify(NULL), IMAGE_E_BOARD);
    put_header(0x300, 5000, "OPENMV4", APP + 0x20000);
    assert_int_equal(verify(NULL), IMAGE_E_ADDRESS);
    put_header(0x300, 5000, "OPENMV4", APP);
    memcpy(&header, flash + 0x300, sizeof header);
    header.format = 2;
    header.header_crc = image_crc32(0, &header, offsetof(struct image_header, header_crc));
    memcpy(flash + 0x300, &header, sizeof header);
    assert_int_equal(verify(NULL), IMAGE_E_FORMAT);
    header.length = UINT32_MAX;
    header.format = IMAGE_FORMAT;
    assert_int_equal(image_fits(&header, &place), IMAGE_E_LENGTH);
    header.magic = IMAGE_FOREIGN_MAGIC;
    assert_int_equal(image_fits(&header, &place), IMAGE_E_LENGTH);
}

static void put_foreign(uint32_t length)
{
    struct image_header descriptor;
    image_describe(&descriptor, flash, length, "OPENMV4", APP);
    memcpy(flash + image_descriptor_offset(length), &descriptor, sizeof descriptor);
}

static void foreign_images_of_every_length_around_a_boundary(void **state)
{
    (void)state;
    for (uint32_t length = 1; length <= PLACE - 4096; length = length % 4096 == 1 ? length + 4093 : length + 1) {
        struct image_header header;
        fill();
        put_foreign(length);
        assert_int_equal(verify(&header), IMAGE_OK);
        assert_int_equal(header.length, length);
        flash[length - 1] ^= 0x80;
        assert_int_equal(verify(NULL), IMAGE_E_CRC);
    }
}

static void stale_descriptors_are_passed_over(void **state)
{
    (void)state;
    struct image_header header;
    fill();
    put_foreign(50000);
    put_foreign(30000); /* inside the longer one: that is no longer whole */
    flash[10] ^= 1;
    put_foreign(9000);
    assert_int_equal(verify(&header), IMAGE_OK);
    assert_int_equal(header.length, 9000);
    flash[8999] ^= 1;
    assert_int_equal(verify(NULL), IMAGE_E_CRC);
    put_foreign(55000); /* the later one, over all the stale ones */
    assert_int_equal(verify(&header), IMAGE_OK);
    assert_int_equal(header.length, 55000);
}

static void a_descriptor_counts_only_behind_its_image(void **state)
{
    (void)state;
    struct image_header descriptor;
    fill();
    image_describe(&descriptor, flash, 4096, "OPENMV4", APP);
    descriptor.length = 100; /* the CRC is that of all that lies before the block it stands behind */
    descriptor.header_crc = image_crc32(0, &descriptor, offsetof(struct image_header, header_crc));
    memcpy(flash + 8192, &descriptor, sizeof descriptor);
    assert_int_equal(verify(NULL), IMAGE_E_NONE);
}

static void unreadable_flash_is_no_image(void **state)
{
    (void)state;
    fill();
    put_header(0x300, 9000, "OPENMV4", APP);
    for (broken_at = 0; broken_at < 9100; broken_at += 7) {
        assert_int_equal(verify(NULL), broken_at >= 9000 ? IMAGE_OK : IMAGE_E_READ);
    }
    fill();
    put_foreign(9000);
    for (broken_at = 0; broken_at < 14000; broken_at += 7) {
        bool in_image = broken_at < 9000, in_descriptor = broken_at >= 12288 && broken_at < 12288 + 64;
        assert_int_equal(verify(NULL) == IMAGE_OK, !in_image && !in_descriptor);
    }
}

static void empty_flash_is_no_image(void **state)
{
    (void)state;
    broken_at = -1;
    memset(flash, 0xFF, sizeof flash);
    assert_int_equal(verify(NULL), IMAGE_E_NONE);
    memset(flash, 0, sizeof flash);
    assert_int_equal(verify(NULL), IMAGE_E_NONE);
    const struct image_place tiny = {"OPENMV4", APP, 32};
    assert_int_equal(image_verify(&reader, &tiny, NULL), IMAGE_E_NONE);
}

static void every_error_has_its_text(void **state)
{
    (void)state;
    for (int error = IMAGE_E_READ; error <= 0; error++) {
        for (int other = IMAGE_E_READ; other < error; other++) {
            assert_string_not_equal(image_strerror(error), image_strerror(other));
        }
    }
    assert_string_equal(image_strerror(-99), "unknown error");
    assert_string_equal(image_strerror(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_is_zlibs),
        cmocka_unit_test(header_is_found_on_the_grid_only),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(lengths_from_the_header_to_the_end_of_the_place),
        cmocka_unit_test(wrong_board_place_and_format_are_told_apart),
        cmocka_unit_test(foreign_images_of_every_length_around_a_boundary),
        cmocka_unit_test(stale_descriptors_are_passed_over),
        cmocka_unit_test(a_descriptor_counts_only_behind_its_image),
        cmocka_unit_test(unreadable_flash_is_no_image),
        cmocka_unit_test(empty_flash_is_no_image),
        cmocka_unit_test(every_error_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
