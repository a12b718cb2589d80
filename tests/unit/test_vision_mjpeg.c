/* SPDX-License-Identifier: MIT */
/* AVI files of motion JPEG, read by a checker that knows only the format: lists, sizes, the index; each picture is decoded by libjpeg. */
#include "vision_test.h"

#include <jpeglib.h>

#include "vision/jpeg.h"
#include "vision/mjpeg.h"

/* ---- The checker ---- */

struct avi { const uint8_t *file; size_t size; uint32_t us, total, flags, w, h, scale, rate, length; int frames, entries; uint32_t at[64], bytes[64]; };

static uint32_t word(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool is(const uint8_t *p, const char *name)
{
    return memcmp(p, name, 4) == 0;
}

/* The chunks of file[from, to), whatever they hold. */
static void walk(struct avi *a, size_t from, size_t to, const char *list)
{
    while (from < to) {
        const uint8_t *p = a->file + from;
        check(from + 8 <= to, "a chunk's head at %zu passes its list %s", from, list);
        uint32_t size = word(p + 4);
        check(size <= to - from - 8, "chunk %.4s of %u bytes at %zu passes its list %s", (const char *)p, (unsigned)size, from, list);
        if (is(p, "LIST")) {
            char name[5] = {(char)p[8], (char)p[9], (char)p[10], (char)p[11], 0};
            walk(a, from + 12, from + 8 + size, name);
        } else if (is(p, "avih")) {
            check(size == 56 && !strcmp(list, "hdrl"), "%u %s", (unsigned)size, list);
            a->us = word(p + 8), a->flags = word(p + 20), a->total = word(p + 24), a->w = word(p + 40), a->h = word(p + 44);
            check_equal(word(p + 32), 1, "streams");
        } else if (is(p, "strh")) {
            check(size == 56 && !strcmp(list, "strl") && is(p + 8, "vids") && is(p + 12, "MJPG"), "%u %s", (unsigned)size, list);
            a->scale = word(p + 28), a->rate = word(p + 32), a->length = word(p + 40);
        } else if (is(p, "strf")) {
            check(size == 40 && word(p + 8) == 40 && word(p + 12) == a->w && word(p + 16) == a->h && is(p + 24, "MJPG"), "%s", list);
            check_equal(word(p + 20), 1 | 24 << 16, "planes and bits");
        } else if (is(p, "00dc")) {
            check(!strcmp(list, "movi") && a->frames < 64, "%s", list);
            a->at[a->frames] = (uint32_t)from, a->bytes[a->frames++] = size;
        } else if (is(p, "idx1")) {
            check(size % 16 == 0 && !strcmp(list, "AVI "), "%s", list);
            a->entries = (int)(size / 16);
            for (int i = 0; i < a->entries; i++) {
                const uint8_t *e = p + 8 + 16 * i;
                check(is(e, "00dc") && word(e + 4) == 0x10, "entry %d", i);
                check(word(e + 8) + 220 == a->at[i] && word(e + 12) == a->bytes[i], "entry %d: %u", i, (unsigned)word(e + 8));
            }
        } else {
            check(false, "chunk %.4s at %zu", (const char *)p, from);
        }
        from += 8 + size + (size & 1);
        check(from <= to, "%s", list);
    }
}

static struct avi parse(const uint8_t *file, size_t size)
{
    struct avi a = {.file = file, .size = size};

    check(size >= 12 && is(file, "RIFF") && is(file + 8, "AVI "), "%zu bytes", size);
    check(word(file + 4) + 8 <= size, "%u of %zu bytes", (unsigned)word(file + 4), size);
    walk(&a, 12, word(file + 4) + 8, "AVI ");
    return a;
}

static void check_decodes(const uint8_t *jpeg, size_t size, int w, int h)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    JSAMPLE row[3 * 64], *rows = row;

    d.err = jpeg_std_error(&error); /* its exit is the test's failure */
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, jpeg, size);
    jpeg_read_header(&d, TRUE);
    check(d.image_width == (unsigned)w && d.image_height == (unsigned)h, "%u x %u", d.image_width, d.image_height);
    jpeg_start_decompress(&d);
    while (d.output_scanline < d.output_height) {
        jpeg_read_scanlines(&d, &rows, 1);
    }
    check_equal(error.num_warnings, 0, " ");
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

/* ---- Properties ---- */

static uint8_t arena_memory[1 << 16];

static uint32_t any_jpeg(int w, int h, uint8_t *out)
{
    struct image img = image_random(w, h, rnd(2) ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE, 0);
    struct arena arena = {.base = arena_memory, .size = sizeof arena_memory};
    struct memory_stream file;
    const struct jpeg_encode_options o = {.quality = between(1, 95)};

    check_equal(jpeg_encode_scratch(&img, &o, &file, &arena), 0, " ");
    memcpy(out, file.data, file.size);
    free(img.data);
    return (uint32_t)file.size;
}

static void films(void)
{
    int w = between(1, 40), h = between(1, 40), count = rnd(4) ? between(0, 8) : between(30, 60), marked = 0;
    struct memory_stream memory = {malloc(1 << 20), 0, 1 << 20, 0};
    struct stream stream = memory_stream_open(&memory);
    uint8_t jpeg[16384];
    size_t marked_size = MJPEG_HEAD;
    uint32_t us = rnd(2) ? (uint32_t)between(1, 1000000) : 0, shown = us ? us : 33333;
    struct mjpeg m;

    check_equal(mjpeg_create(&m, &stream, w, h), 0, " ");
    for (int i = 0; i < count; i++) {
        check_equal(mjpeg_append(&m, jpeg, any_jpeg(w, h, jpeg)), 0, "picture %d", i);
        if (rnd(3) == 0) {
            check_equal(mjpeg_mark(&m, us), 0, " ");
            marked = i + 1;
            marked_size = memory.size;
        }
    }
    /* What a power cut leaves: everything up to the last mark, and perhaps something behind it. */
    struct avi a = parse(memory.data, marked_size + rnd((uint32_t)(memory.size - marked_size) + 1));
    check(a.frames == marked && (int)a.total == marked && (int)a.length == marked && a.flags == 0, "%d of %d pictures", a.frames, marked);
    check_equal(mjpeg_finish(&m, us), 0, " ");
    a = parse(memory.data, memory.size);
    check_equal(word(memory.data + 4) + 8, memory.size, "nothing behind the end");
    check(a.frames == count && (int)a.total == count && (int)a.length == count && a.entries == count && a.flags == 0x10, "%d of %d", a.frames, count);
    check(a.us == shown && a.scale == shown && a.rate == 1000000 && a.w == (unsigned)w && a.h == (unsigned)h, "%u us", (unsigned)a.us);
    for (int i = 0; i < count; i++) {
        check_decodes(memory.data + a.at[i] + 8, a.bytes[i], w, h);
    }
    free(memory.data);
}

/* A disk that fills up anywhere: the pictures that were added are in the film, if the index still fits. */
static void full(void)
{
    int w = between(1, 20), h = between(1, 20), added = 0, err = 0;
    size_t capacity = (size_t)between(0, 8000);
    struct memory_stream memory = {malloc(capacity + 1), 0, capacity, 0};
    struct stream stream = memory_stream_open(&memory);
    uint8_t jpeg[16384];
    struct mjpeg m;

    if (mjpeg_create(&m, &stream, w, h) == 0) {
        while ((err = mjpeg_append(&m, jpeg, any_jpeg(w, h, jpeg))) == 0) {
            added++;
        }
        check_equal(err, VISION_E_SPACE, " ");
        check_equal(mjpeg_mark(&m, 0), 0, "the head has its place");
        check_equal(parse(memory.data, memory.size).frames, added, " ");
        err = mjpeg_finish(&m, 0);
        check(err == 0 || err == VISION_E_SPACE, "%d", err);
        struct avi a = parse(memory.data, memory.size);
        check(a.frames == added && (err || a.entries == added), "%d of %d", a.frames, added);
    } else {
        check(capacity < MJPEG_HEAD, "%zu", capacity);
    }
    free(memory.data);
}

static void limits(void **state)
{
    uint8_t bytes[MJPEG_HEAD];
    struct memory_stream memory = {bytes, 0, sizeof bytes, 0};
    struct stream stream = memory_stream_open(&memory);
    struct mjpeg m;

    (void)state;
    assert_int_equal(mjpeg_create(&m, &stream, 0, 5), VISION_E_SIZE);
    assert_int_equal(mjpeg_create(&m, &stream, 5, 40000), VISION_E_SIZE);
    assert_int_equal(mjpeg_create(&m, &stream, 5, 5), 0);
    m.end = 0x7FFFFFF0;
    assert_int_equal(mjpeg_append(&m, bytes, 1), VISION_E_SPACE);
    m.end = MJPEG_HEAD;
    assert_int_equal(mjpeg_append(&m, bytes, 0x7FFFFFFF), VISION_E_SPACE);
    assert_int_equal(mjpeg_append(&m, bytes, UINT32_MAX), VISION_E_SPACE);
}

static void run_films(void **state) { (void)state; for_seeds(films, 60); }
static void run_full(void **state) { (void)state; for_seeds(full, 60); }

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run_films), cmocka_unit_test(run_full), cmocka_unit_test(limits)};
    return cmocka_run_group_tests_name("vision mjpeg", tests, NULL, NULL);
}
