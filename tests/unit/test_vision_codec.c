/* SPDX-License-Identifier: MIT */
/* BMP and PNM: what is written is read again; files as others write them; files cut short at every byte; streams that fail. */
#include "vision_test.h"

#include "vision/codec.h"

/* Reads a file from memory; the result's data is malloc'ed. Gives info's error or read's. */
static int load(const uint8_t *file, size_t size, struct image *img)
{
    struct memory_stream memory = {(uint8_t *)(uintptr_t)file, size, 0, 0};
    struct stream in = memory_stream_open(&memory);
    struct arena arena = arena_new(2048);
    struct codec_info info;
    int err = codec_read_info(&in, &info, &arena);

    img->data = NULL;
    check_equal(arena.used, 0, " ");
    free(arena.base);
    if (err) {
        return err;
    }
    img->data = calloc(1, info.bytes);
    arena = arena_new(2048 + (size_t)info.width * 4 + 16);
    err = codec_read(&in, &info, img, &arena);
    free(arena.base);
    return err;
}

static size_t store(const struct image *img, const char *name, const struct rect *roi, uint8_t *file, size_t capacity)
{
    struct memory_stream memory = {file, 0, capacity, 0};
    struct stream out = memory_stream_open(&memory);
    struct arena arena = arena_new((size_t)img->width * 6 + 16);
    struct codec_write_options o = CODEC_WRITE_DEFAULTS;

    o.roi = roi;
    check_equal(codec_write(&out, codec_from_name(name, strlen(name)), img, &o, &arena), 0, "%s", name);
    check_equal(arena.used, 0, " ");
    free(arena.base);
    return memory.size;
}

static void comes_back(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0), got;
    struct rect roi = random_roi(&img), part, *use = rnd(2) ? &roi : NULL;
    bool bmp = rnd(2);
    const char *name = bmp ? "/a/b.BMP" : rnd(2) ? "x.ppm" : "x.pGm";
    size_t capacity = 64 * 64 * 8;
    uint8_t *file = malloc(capacity);
    size_t size = store(&img, name, use, file, capacity);

    file = realloc(file, size);
    image_clip(&img, use, &part);
    check_equal(load(file, size, &got), 0, "%s of %x", name, img.format);
    check(got.width == part.w && got.height == part.h, "%d x %d", got.width, got.height);
    if (pixformat_is_mutable(img.format)) {
        check_equal(got.format, img.format == PIXFORMAT_BINARY && !bmp ? PIXFORMAT_GRAYSCALE : img.format, "%s", name);
        for (int i = 0; i < part.w * part.h; i++) {
            uint32_t want = pixel(&img, part.x + i % part.w, part.y + i / part.w);
            want = img.format == PIXFORMAT_BINARY && !bmp ? want * 255 : want;
            check_equal(pixel(&got, i % part.w, i / part.w), want, "%s pixel %d of %x", name, i, img.format);
        }
    } else {
        check_equal(got.format, PIXFORMAT_RGB565, "%s", name);
    }
    free(got.data);
    /* cut short anywhere: an error, no harm */
    for (size_t n = 0; n < size; n += n < 200 ? 1 : 37) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, file, n);
        int err = load(cut, n, &got);
        check(err == VISION_E_DATA || err == VISION_E_UNSUPPORTED, "%zu of %zu bytes of %s: %d", n, size, name, err);
        free(got.data);
        free(cut);
    }
    free(file);
    free(img.data);
}

static void put(uint8_t *p, uint32_t v, int n)
{
    for (int i = 0; i < n; i++) {
        p[i] = (uint8_t)(v >> 8 * i);
    }
}

/* A bitmap as other programs write them, of a random kind. Returns its size and what its pixels are. */
static size_t foreign_bitmap(uint8_t *f, int w, int h, struct rgb *want)
{
    static const uint32_t masks[3][3] = {{0x7C00, 0x3E0, 0x1F}, {0xF800, 0x7E0, 0x1F}, {0x0F00, 0x00F0, 0x000F}};
    static const uint32_t masks32[3][3] = {{0xFF0000, 0xFF00, 0xFF}, {0xFF, 0xFF00, 0xFF0000}, {0x3FF00000, 0xFFC00, 0x3FF}};
    static const int depths[] = {1, 4, 8, 16, 24, 32};
    int depth = depths[rnd(6)], kind = between(0, 2);
    bool core = depth != 16 && depth != 32 && rnd(4) == 0, top_down = !core && rnd(2);
    bool long_head = !core && rnd(2), fields = (depth == 16 || depth == 32) && kind > 0;
    uint32_t head = core ? 12 : long_head ? 108 : 40, at = 14 + head;
    struct rgb palette[256];

    memset(f, 0, 4096);
    f[0] = 'B';
    f[1] = 'M';
    put(f + 14, head, 4);
    if (core) {
        put(f + 18, (uint32_t)w, 2);
        put(f + 20, (uint32_t)h, 2);
        put(f + 22, 1, 2);
        put(f + 24, (uint32_t)depth, 2);
    } else {
        put(f + 18, (uint32_t)w, 4);
        put(f + 22, (uint32_t)(top_down ? -h : h), 4);
        put(f + 26, 1, 2);
        put(f + 28, (uint32_t)depth, 2);
        put(f + 30, fields ? 3 : 0, 4);
    }
    const uint32_t *m = depth == 16 ? masks[kind] : masks32[kind];
    if (fields) {
        for (int i = 0; i < 3; i++) {
            put(f + 54 + 4 * i, m[i], 4);
        }
        at += long_head ? 0 : 12;
    }
    if (depth <= 8) {
        bool gray = rnd(2), bits = rnd(2);
        int colors = core || rnd(2) ? 1 << depth : between(1, 1 << depth);
        put(f + 46, core ? 0 : colors == 1 << depth ? 0 : (uint32_t)colors, core ? 0 : 4);
        for (int i = 0; i < 256; i++) {
            uint8_t v = (uint8_t)rnd(256);
            palette[i] = gray ? (struct rgb){v, v, v} : (struct rgb){(uint8_t)rnd(256), (uint8_t)rnd(256), (uint8_t)rnd(256)};
            if (depth == 1 && bits) {
                palette[i] = i ? (struct rgb){255, 255, 255} : (struct rgb){0, 0, 0};
            }
            if (i >= colors) {
                palette[i] = (struct rgb){0, 0, 0};
                continue;
            }
            f[at] = palette[i].b;
            f[at + 1] = palette[i].g;
            f[at + 2] = palette[i].r;
            at += core ? 3 : 4;
        }
    }
    at += rnd(3);
    put(f + 10, at, 4);
    size_t row = ((size_t)w * (size_t)depth + 31) / 32 * 4;
    for (int y = 0; y < h; y++) {
        uint8_t *line = f + at + row * (size_t)(top_down ? y : h - 1 - y);
        for (int x = 0; x < w; x++) {
            uint32_t v = rnd(1u << (depth > 16 ? 16 : depth)) | (depth > 16 ? rnd(65536) << 16 : 0);
            struct rgb *c = &want[y * w + x];
            if (depth <= 8) {
                line[x * depth / 8] |= (uint8_t)(v << (8 - depth - x * depth % 8));
                *c = palette[v];
            } else if (depth == 24) {
                put(line + 3 * x, v & 0xFFFFFF, 3);
                *c = (struct rgb){(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
            } else {
                put(line + x * depth / 8, v, depth / 8);
                uint8_t out[3];
                for (int i = 0; i < 3; i++) {
                    uint32_t mask = fields ? m[i] : depth == 16 ? masks[0][i] : masks32[0][i], top = mask, value = v & mask;
                    while (!(top & 1)) {
                        top >>= 1;
                        value >>= 1;
                    }
                    /* the top bits of each channel are what RGB565 keeps */
                    out[i] = (uint8_t)(top > 255 ? value >> 2 : top < 255 ? (value * 255 + top / 2) / top : value);
                }
                *c = (struct rgb){out[0], out[1], out[2]};
            }
        }
    }
    return at + row * (size_t)h;
}

static void foreign_bitmaps(void)
{
    int w = between(1, 20), h = between(1, 12);
    struct rgb *want = malloc(sizeof *want * (size_t)(w * h));
    uint8_t *file = malloc(8192);
    size_t size = foreign_bitmap(file, w, h, want);
    struct image got;

    file = realloc(file, size);
    check_equal(load(file, size, &got), 0, "depth %d, head %d", file[28], file[14]);
    check(got.width == w && got.height == h, "%d x %d", got.width, got.height);
    for (int i = 0; i < w * h; i++) {
        uint32_t v = pixel(&got, i % w, i / w);
        struct rgb c = want[i];
        uint32_t expected = got.format == PIXFORMAT_RGB565 ? color_rgb_to_rgb565(c) : got.format == PIXFORMAT_GRAYSCALE ? c.r : c.r > 127;
        check_equal(v, expected, "pixel %d, depth %d, head %d, format %x: %d %d %d", i, file[28], file[14], got.format, c.r, c.g, c.b);
    }
    free(got.data);
    free(file);
    free(want);
}

static void expect_pnm(const char *text, size_t size, int err, const int *values, int count)
{
    struct image got;

    check_equal(load((const uint8_t *)text, size, &got), err, "%s", text);
    for (int i = 0; i < count; i++) {
        check_equal(pixel(&got, i % got.width, i / got.width), values[i], "%s pixel %d", text, i);
    }
    free(got.data);
}

static void pnm_files(void **state)
{
    (void)state;
    const int ramp[] = {0, 128, 255}, half[] = {0, 255, 127}, color[] = {0xF800, 0x07E0};
#define FILE_(text) text, sizeof text - 1
    expect_pnm(FILE_("P2\n# a comment\n3 1\n255\n0 128 255\n"), 0, ramp, 3);
    expect_pnm(FILE_("P2 3#w\n1 255 0\n128\t255"), 0, ramp, 3);
    expect_pnm(FILE_("P5 3 1 255\n\0\200\377"), 0, ramp, 3);
    expect_pnm(FILE_("P5\n#x\n3\n#y\n1\n#z\n65535\n\0\0\377\377\177\377"), 0, half, 3);
    expect_pnm(FILE_("P3 2 1 15 15 0 0 0 15 0"), 0, color, 2);
    expect_pnm(FILE_("P6 2 1 255 \377\0\0\0\377\0"), 0, color, 2);
    expect_pnm(FILE_("P6 2 1 255 \377\0\0\0\377"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P5 3 1 100\n\0\200\377"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P5 0 1 255\n"), VISION_E_SIZE, NULL, 0);
    expect_pnm(FILE_("P5 40000 40000 255\n"), VISION_E_SIZE, NULL, 0);
    expect_pnm(FILE_("P5 99999999999 1 255\n"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P5 1 1 0\n\0"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P2 1 1 255 -1"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P2 1 1 255 1x"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P5 1 #"), VISION_E_DATA, NULL, 0);
    expect_pnm(FILE_("P4 1 1 \0"), VISION_E_UNSUPPORTED, NULL, 0);
    expect_pnm(FILE_("GIF89a"), VISION_E_UNSUPPORTED, NULL, 0);
    expect_pnm(FILE_(""), VISION_E_UNSUPPORTED, NULL, 0);
}

static void bad_bitmaps(void **state)
{
    (void)state;
    struct rgb want[64];
    uint8_t *file = malloc(8192);
    struct image got;
    static const struct { int at; uint32_t value; int bytes, err; } damage[] = {
        {14, 13, 4, VISION_E_UNSUPPORTED}, {14, 0xFFFFFFFF, 4, VISION_E_UNSUPPORTED}, {18, 0, 4, VISION_E_SIZE},
        {18, 0x80000000, 4, VISION_E_SIZE}, {22, 0x80000000, 4, VISION_E_SIZE}, {22, 32768, 4, VISION_E_SIZE},
        {28, 3, 2, VISION_E_UNSUPPORTED}, {28, 0, 2, VISION_E_UNSUPPORTED}, {30, 1, 4, VISION_E_UNSUPPORTED},
        {30, 3, 4, VISION_E_DATA}, {46, 0x10000, 4, VISION_E_DATA}, {46, 0xFFFFFFFF, 4, VISION_E_DATA},
        {10, 0, 4, VISION_E_DATA}, {10, 0xFFFFFFFF, 4, VISION_E_DATA},
    };

    /* some seed gives 8 bits with the 40-byte head */
    size_t size;
    do {
        size = foreign_bitmap(file, 8, 8, want);
    } while (file[28] != 8 || file[14] != 40);
    check_equal(load(file, size, &got), 0, " ");
    free(got.data);
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        uint8_t saved[4];
        memcpy(saved, file + damage[i].at, 4);
        put(file + damage[i].at, damage[i].value, damage[i].bytes);
        check_equal(load(file, size, &got), damage[i].err, "%u at %d", damage[i].value, damage[i].at);
        free(got.data);
        memcpy(file + damage[i].at, saved, 4);
    }
    free(file);
}

static void png_is_kept(void **state)
{
    (void)state;
    static const uint8_t file[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\1\x40\0\0\0\xF0\x08\2\0\0\0 and the rest";
    struct image got;
    uint8_t again[100];

    check_equal(load(file, sizeof file, &got), 0, " ");
    check(got.width == 320 && got.height == 240 && got.format == PIXFORMAT_PNG && got.size == sizeof file, "%d %d", got.width, got.height);
    check(memcmp(got.data, file, sizeof file) == 0, "other bytes");
    check_equal(store(&got, "x.png", NULL, again, sizeof again), sizeof file, " ");
    check(memcmp(again, file, sizeof file) == 0, "other bytes");
    free(got.data);
}

/* A stream whose n-th call fails. */
struct failing { struct memory_stream memory; int calls, fail_at; };

static int failing_read(void *context, void *data, size_t size)
{
    struct failing *f = context;
    struct stream s = memory_stream_open(&f->memory);
    return f->calls++ == f->fail_at ? -77 : s.read(s.context, data, size);
}

static int failing_write(void *context, const void *data, size_t size)
{
    struct failing *f = context;
    struct stream s = memory_stream_open(&f->memory);
    return f->calls++ == f->fail_at ? -77 : s.write(s.context, data, size);
}

static int failing_seek(void *context, uint32_t position)
{
    struct failing *f = context;
    f->memory.position = position;
    return f->calls++ == f->fail_at ? -77 : 0;
}

static void streams_may_fail(void **state)
{
    (void)state;
    static const char *const names[] = {"a.bmp", "a.ppm"};
    uint8_t file[40 * 40 * 4], memory[8192];
    struct image img = image_random(37, 31, PIXFORMAT_RGB565, 0), got = image_new(37, 31, PIXFORMAT_RGB565, 0);

    for (int n = 0; n < 2; n++) {
        for (int fail_at = 0;; fail_at++) {
            struct failing f = {{file, 0, sizeof file, 0}, 0, fail_at};
            struct stream s = {failing_read, failing_write, failing_seek, &f};
            struct arena arena = {.base = memory, .size = sizeof memory};
            int err = codec_write(&s, codec_from_name(names[n], 5), &img, NULL, &arena);
            check(err == (f.calls > fail_at ? -77 : 0), "%s write %d: %d", names[n], fail_at, err);
            if (!err) {
                break;
            }
        }
        size_t size = store(&img, names[n], NULL, file, sizeof file);
        for (int fail_at = 0;; fail_at++) {
            struct failing f = {{file, size, 0, 0}, 0, fail_at};
            struct stream s = {failing_read, failing_write, failing_seek, &f};
            struct arena arena = {.base = memory, .size = sizeof memory};
            struct codec_info info;
            int err = codec_read_info(&s, &info, &arena);
            err = err ? err : codec_read(&s, &info, &got, &arena);
            check(err == (f.calls > fail_at ? -77 : 0), "%s read %d: %d", names[n], fail_at, err);
            if (!err) {
                break;
            }
        }
        for (size_t room = 0; room < 1400; room += 7) {
            struct memory_stream m = {file, size, 0, 0};
            struct stream s = memory_stream_open(&m);
            struct arena arena = {.base = memory, .size = sizeof memory}, small = {.base = memory, .size = room};
            struct codec_info info;
            int err = codec_read_info(&s, &info, &small);
            check(err == 0 || err == VISION_E_MEMORY, "%d", err);
            check_equal(codec_read_info(&s, &info, &arena), 0, " ");
            err = codec_read(&s, &info, &got, &small);
            check(err == 0 || err == VISION_E_MEMORY, "%d", err);
        }
    }
    free(img.data);
    free(got.data);
}

static void names(void **state)
{
    (void)state;
    assert_ptr_equal(codec_from_name("a.bmp", 5), &codec_bmp);
    assert_ptr_equal(codec_from_name("a.PGM", 5), &codec_pnm);
    assert_ptr_equal(codec_from_name("a.png", 5), &codec_png);
    assert_null(codec_from_name("bmp", 3));
    assert_null(codec_from_name(".bm", 3));
    assert_null(codec_from_name("", 0));
    assert_null(codec_from_name("a.bmpx", 6));
    assert_ptr_equal(codec_from_name("a.bmpx", 5), &codec_bmp);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(comes_back, 150)
PROPERTY(foreign_bitmaps, 1500)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_back), cmocka_unit_test(test_foreign_bitmaps), cmocka_unit_test(pnm_files), cmocka_unit_test(bad_bitmaps),
        cmocka_unit_test(png_is_kept),     cmocka_unit_test(streams_may_fail),     cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
