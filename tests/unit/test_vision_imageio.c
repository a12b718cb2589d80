/* SPDX-License-Identifier: MIT */
/* Streams of images: what is written is read again, in any order; files cut at every byte, full disks, damaged heads; the ring beside a plain list. */
#include "vision_test.h"

#include "vision/imageio.h"

enum { MOST = 6 };

/* A picture of any kind and size; of compressed ones any bytes. */
static struct image any_image(void)
{
    if (rnd(4)) {
        return image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0);
    }
    struct image img = {between(1, 40), between(1, 40), rnd(2) ? PIXFORMAT_JPEG : PIXFORMAT_PNG, (size_t)between(1, 300), NULL};
    img.data = malloc(img.size);
    memset(img.data, (int)rnd(256), img.size);
    return img;
}

static void check_same(const struct image *got, const struct image *want)
{
    check(got->width == want->width && got->height == want->height && got->format == want->format, "%d x %d, %x", got->width, got->height, got->format);
    check_equal(got->size, want->size, " ");
    check(memcmp(got->data, want->data, image_bytes(want)) == 0, "pixels of %x", want->format);
}

/* A file of `count` pictures in memory of exactly its size. */
struct written { uint8_t *file; size_t size, ends[MOST + 1]; struct image img[MOST]; int count, marked; };

static struct written write_some(void)
{
    struct written w = {.count = between(0, MOST), .marked = -1};
    size_t capacity = IMAGEIO_HEAD + MOST * (IMAGEIO_RECORD + 40 * 40 * 2 + 40 * 8);
    struct memory_stream memory = {malloc(capacity), 0, capacity, 0};
    struct stream out = memory_stream_open(&memory);
    struct imageio_file f;

    check_equal(imageio_create(&f, &out), 0, " ");
    w.ends[0] = IMAGEIO_HEAD;
    for (int i = 0; i < w.count; i++) {
        w.img[i] = any_image();
        check_equal(imageio_append(&f, &w.img[i], (uint32_t)i * 7), 0, "picture %d", i);
        w.ends[i + 1] = memory.size;
        if (rnd(3) == 0) {
            check_equal(imageio_mark(&f), 0, " ");
            w.marked = i + 1;
        }
    }
    check_equal(f.count, w.count, " ");
    check_equal(f.end, memory.size, " ");
    w.file = realloc(memory.data, memory.size);
    w.size = memory.size;
    return w;
}

static void free_written(struct written *w)
{
    for (int i = 0; i < w->count; i++) {
        free(w->img[i].data);
    }
    free(w->file);
}

/* Opens the first `size` bytes; gives the error. */
static int open_part(const struct written *w, size_t size, struct imageio_file *f, struct memory_stream *memory, struct stream *in)
{
    *memory = (struct memory_stream){w->file, size, 0, 0};
    *in = memory_stream_open(memory);
    return imageio_open(f, in, (uint32_t)size);
}

static void read_next(struct imageio_file *f, const struct written *w, int i)
{
    struct imageio_frame frame;
    struct image img;

    check_equal(imageio_peek(f, &frame), 1, "picture %d of %d", i, w->count);
    check_equal(frame.size, image_bytes(&w->img[i]), "picture %d", i);
    check_equal(frame.ms, i * 7, "picture %d", i);
    img.data = malloc(frame.size);
    check_equal(imageio_read(f, &frame, &img), 0, "picture %d", i);
    check_same(&img, &w->img[i]);
    free(img.data);
}

static void comes_back(void)
{
    struct written w = write_some();
    struct memory_stream memory;
    struct stream in;
    struct imageio_file f;
    struct imageio_frame frame;

    check_equal(open_part(&w, w.size, &f, &memory, &in), 0, " ");
    check_equal(f.count, w.count, " ");
    for (int i = 0; i < w.count; i++) {
        read_next(&f, &w, i);
    }
    check_equal(imageio_peek(&f, &frame), 0, "at the end");
    for (int n = 0; n < 10; n++) {
        int at = between(0, w.count);
        check_equal(imageio_seek(&f, (uint32_t)at), 0, "%d of %d", at, w.count);
        if (at < w.count) {
            read_next(&f, &w, at);
        }
    }
    check_equal(imageio_seek(&f, (uint32_t)w.count + 1), VISION_E_ARGUMENT, " ");
    free_written(&w);
}

/* The pictures that are whole are there, wherever the file ends, except in the head. */
static void cut(void)
{
    struct written w = write_some();
    struct memory_stream memory;
    struct stream in;
    struct imageio_file f;

    for (size_t n = 0; n <= w.size; n += n < 200 ? 1 : (size_t)between(1, 60)) {
        int err = open_part(&w, n, &f, &memory, &in), whole = 0;
        check_equal(err, n < 8 ? VISION_E_UNSUPPORTED : n < IMAGEIO_HEAD ? VISION_E_DATA : 0, "%zu of %zu bytes", n, w.size);
        while (!err && whole < w.count && w.ends[whole + 1] <= n) {
            whole++;
        }
        for (int i = 0; i < whole && !err; i++) {
            read_next(&f, &w, i);
        }
        check_equal(err ? 0 : (int)f.count, whole, "%zu of %zu bytes", n, w.size);
    }
    free_written(&w);
}

/* One byte wrong anywhere: an error, or what lies before; never another picture than a whole one. */
static void damaged(void)
{
    struct written w = write_some();
    struct memory_stream memory;
    struct stream in;
    struct imageio_file f;
    struct imageio_frame frame;
    uint8_t pixels[40 * 40 * 2 + 400];

    for (int n = 0; n < 40; n++) {
        size_t at = rnd(2) && w.size > 80 ? rnd(80) : rnd((uint32_t)w.size);
        uint8_t was = w.file[at];
        w.file[at] = (uint8_t)rnd(256);
        int err = open_part(&w, w.size, &f, &memory, &in), got = 0;
        while (!err && (got = imageio_peek(&f, &frame)) == 1) {
            struct image img = {.data = pixels};
            check(frame.size <= sizeof pixels, "%u bytes", (unsigned)frame.size);
            check_equal(imageio_read(&f, &frame, &img), 0, "byte %zu", at);
        }
        check(err || got == 0 || got == VISION_E_DATA, "byte %zu: %d", at, got);
        check(f.count <= (uint32_t)w.count, "byte %zu: %u pictures", at, (unsigned)f.count);
        w.file[at] = was;
    }
    free_written(&w);
}

/* The disk fills up in the middle of a picture: what was there stays, and a smaller picture still fits. */
static void full(void)
{
    struct image large = image_random(40, 40, PIXFORMAT_RGB565, 0), small = image_random(4, 4, PIXFORMAT_GRAYSCALE, 0);
    size_t capacity = IMAGEIO_HEAD + 3 * IMAGEIO_RECORD + 3200 + 16 + 16 + (size_t)between(0, 3100);
    struct memory_stream memory = {malloc(capacity), 0, capacity, 0};
    struct stream out = memory_stream_open(&memory), in;
    struct imageio_file f;
    struct imageio_frame frame;

    check_equal(imageio_create(&f, &out), 0, " ");
    check_equal(imageio_append(&f, &large, 0), 0, " ");
    check_equal(imageio_append(&f, &large, 0), VISION_E_SPACE, "%zu bytes", capacity);
    check_equal(f.count, 1, " ");
    check_equal(imageio_append(&f, &small, 5), 0, " ");
    check_equal(imageio_append(&f, &small, 5), 0, " ");
    if (rnd(2)) {
        check_equal(imageio_mark(&f), 0, " ");
    }
    memory.position = 0;
    in = memory_stream_open(&memory);
    check_equal(imageio_open(&f, &in, (uint32_t)memory.size), 0, " ");
    check_equal(f.count, 3, "what lies behind the last picture is none");
    check_equal(imageio_seek(&f, 2), 0, " ");
    check_equal(imageio_peek(&f, &frame), 1, " ");
    check_equal(frame.size, 16, " ");
    free(memory.data);
    free(large.data);
    free(small.data);
}

static void refused(void **state)
{
    uint8_t byte = 0, memory[256];
    struct memory_stream stream = {memory, 0, sizeof memory, 0};
    struct stream out = memory_stream_open(&stream);
    struct imageio_file f;
    struct image img = {1, 1, (enum pixel_format)1234, 0, &byte};

    (void)state;
    assert_int_equal(imageio_create(&f, &out), 0);
    assert_int_equal(imageio_append(&f, &img, 0), VISION_E_FORMAT);
    img.format = PIXFORMAT_JPEG;
    assert_int_equal(imageio_append(&f, &img, 0), VISION_E_SIZE);
    img = (struct image){0, 1, PIXFORMAT_GRAYSCALE, 0, &byte};
    assert_int_equal(imageio_append(&f, &img, 0), VISION_E_SIZE);
    img.width = 1;
    f.end = UINT32_MAX - IMAGEIO_RECORD;
    assert_int_equal(imageio_append(&f, &img, 0), VISION_E_SPACE);
    memory[8] = 2; /* a version to come */
    assert_int_equal(imageio_open(&f, &out, IMAGEIO_HEAD), VISION_E_UNSUPPORTED);
    assert_int_equal(imageio_ring_bytes(2, SIZE_MAX), 0);
    assert_int_equal(imageio_ring_bytes(3, SIZE_MAX / 2), 0);
}

/* Each slot holds what was last written there; reading and writing share one position. */
static void ring(void)
{
    uint32_t slots = (uint32_t)between(1, 5), index = 0, count = 0;
    size_t bytes = (size_t)between(1, 900);
    uint8_t *memory = malloc(imageio_ring_bytes(slots, bytes));
    struct image held[5] = {{.data = NULL}};
    struct imageio_ring r;

    imageio_ring_init(&r, memory, slots, bytes);
    for (int n = 0; n < 40; n++) {
        struct imageio_frame frame;
        const uint8_t *pixels;
        if (rnd(2)) {
            struct image img = any_image();
            int err = imageio_ring_write(&r, &img, (uint32_t)n);
            check(err == 0 || (err == VISION_E_SPACE && image_bytes(&img) > bytes), "%zu bytes into slots of %zu: %d", image_bytes(&img), bytes, err);
            if (err) {
                free(img.data);
                continue;
            }
            index = index < slots ? index : 0;
            free(held[index].data);
            held[index++] = img;
            count = index > count ? index : count;
        } else if (imageio_ring_peek(&r, &frame, &pixels)) {
            check(index < count, "%u of %u", (unsigned)index, (unsigned)count);
            check_equal(frame.size, image_bytes(&held[index]), "slot %u", (unsigned)index);
            check(memcmp(pixels, held[index].data, frame.size) == 0, "slot %u", (unsigned)index);
            r.index = ++index;
        } else {
            check(index >= count, "%u of %u", (unsigned)index, (unsigned)count);
            r.index = index = rnd(count + 1);
        }
        check_equal(r.index, index, " ");
        check_equal(r.count, count, " ");
    }
    for (uint32_t i = 0; i < 5; i++) {
        free(held[i].data);
    }
    free(memory);
}

static void run_comes_back(void **state) { (void)state; for_seeds(comes_back, 300); }
static void run_cut(void **state) { (void)state; for_seeds(cut, 60); }
static void run_damaged(void **state) { (void)state; for_seeds(damaged, 300); }
static void run_full(void **state) { (void)state; for_seeds(full, 100); }
static void run_ring(void **state) { (void)state; for_seeds(ring, 300); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_comes_back), cmocka_unit_test(run_cut), cmocka_unit_test(run_damaged),
        cmocka_unit_test(run_full), cmocka_unit_test(refused), cmocka_unit_test(run_ring),
    };
    return cmocka_run_group_tests_name("vision imageio", tests, NULL, NULL);
}
