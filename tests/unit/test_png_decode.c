/* SPDX-License-Identifier: MIT */
/* The PNG decoder against libpng, inflate against zlib, both on damaged data and with too little memory. */
#include "png_oracle.h"

#include "vision/inflate.h"
#include "vision/png_internal.h"

/* ---- Inflate ---- */

struct pipe { const uint8_t *data; size_t size, at; struct bytes out; int calls, fail_at; };

static int pipe_fill(void *context, uint8_t *data, size_t size)
{
    struct pipe *p = context;
    size_t n = p->size - p->at < size ? p->size - p->at : size;

    if (p->calls++ == p->fail_at) {
        return -77;
    }
    n = n > 1 ? 1 + rnd((uint32_t)n) : n;
    n = n < p->size - p->at ? n : p->size - p->at;
    memcpy(data, p->data + p->at, n);
    p->at += n;
    return (int)n;
}

static int pipe_take(void *context, const uint8_t *data, size_t size)
{
    struct pipe *p = context;

    bytes_add(&p->out, data, size);
    return p->calls++ == p->fail_at ? -78 : 0;
}

static int our_inflate(struct pipe *p, const uint8_t *data, size_t size, size_t largest, size_t room)
{
    struct arena arena = arena_new(room);
    const struct inflate_calls calls = {pipe_fill, pipe_take, p};
    int fail_at = p->fail_at;

    *p = (struct pipe){.data = data, .size = size, .fail_at = fail_at};
    int err = inflate_zlib(&calls, largest, &arena);
    check_equal(arena.used, 0, "not given back");
    free(arena.base);
    return err;
}

/* Noise, runs, text with few letters, or pieces that come again, near and far. */
static void fill_some(uint8_t *data, size_t n)
{
    int kind = (int)rnd(5);
    uint32_t letters = 1 + rnd(60);

    for (size_t i = 0; i < n;) {
        size_t length = 1 + rnd(kind == 1 ? 300 : 20), back = kind == 4 && i ? 1 + rnd((uint32_t)i) : 1 + rnd(5);
        length = length < n - i ? length : n - i;
        for (size_t k = 0; k < length; k++, i++) {
            data[i] = (uint8_t)(kind == 0 ? rnd(256) : kind == 1 && k ? data[i - 1] : kind >= 3 && i >= back && (length & 3) ? data[i - back] : rnd(letters) * 3);
        }
    }
}

static struct bytes deflated(const uint8_t *data, size_t size, int level, int window_bits, int strategy)
{
    struct bytes out = {0};
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, window_bits, (int)between(1, 9), strategy), Z_OK);
    out.capacity = deflateBound(&z, size) + 64;
    out.data = malloc(out.capacity);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = out.data;
    z.avail_out = (uInt)out.capacity;
    if (rnd(4) == 0 && size > 10) {      /* an empty stored block in the middle */
        z.avail_in = rnd((uint32_t)size);
        uInt part = z.avail_in;
        deflate(&z, rnd(2) ? Z_FULL_FLUSH : Z_PARTIAL_FLUSH);
        z.avail_in = (uInt)size - part;
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.size = z.total_out;
    deflateEnd(&z);
    bytes_fit(&out);
    return out;
}

static void like_zlib(void)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    size_t size = rnd(3) ? rnd(3000) : rnd(120000);
    uint8_t *data = malloc(size + 1);
    int bits = between(9, 15);

    fill_some(data, size);
    struct bytes packed = deflated(data, size, between(0, 9), bits, strategies[rnd(5)]);
    struct pipe p = {.fail_at = -1};
    size_t window = (size_t)1 << (8 + (packed.data[0] >> 4)), ring = window < size ? window : size;
    check_equal(our_inflate(&p, packed.data, packed.size, size, INFLATE_SCRATCH + ring + 384), 0, "%zu bytes, window %zu", size, window);
    check_equal(p.out.size, size, "bytes");
    check(size == 0 || memcmp(p.out.data, data, size) == 0, "other bytes");
    free(p.out.data);
    if (size) {
        check_equal(our_inflate(&p, packed.data, packed.size, size - 1, INFLATE_SCRATCH + ring + 384), VISION_E_DATA, "one byte too many");
        free(p.out.data);
    }
    size_t cut = rnd((uint32_t)packed.size);
    check_equal(our_inflate(&p, packed.data, cut, size, INFLATE_SCRATCH + ring + 384), VISION_E_DATA, "%zu of %zu bytes", cut, packed.size);
    check(p.out.size <= size && (p.out.size <= INFLATE_GUESS || memcmp(p.out.data, data, p.out.size - INFLATE_GUESS) == 0), "other bytes before the cut");
    free(p.out.data);
    free(packed.data);
    free(data);
}

/* Damaged streams: what zlib takes, we take, with the same result, and nothing else. */
static void damaged_like_zlib(void)
{
    size_t size = 1 + rnd(2000);
    uint8_t *data = malloc(size), *expected = malloc(100000);

    fill_some(data, size);
    struct bytes packed = deflated(data, size, between(0, 9), 15, rnd(3) ? Z_DEFAULT_STRATEGY : Z_FIXED);
    for (int n = between(1, 3); n; n--) {
        packed.data[rnd(3) ? 2 + rnd((uint32_t)(packed.size < 60 ? packed.size - 2 : 58)) : rnd((uint32_t)packed.size)] ^= (uint8_t)(1u << rnd(8));
    }
    z_stream z = {.next_in = packed.data, .avail_in = (uInt)packed.size, .next_out = expected, .avail_out = 100000};
    inflateInit(&z);
    int result = inflate(&z, Z_FINISH);
    struct pipe p = {.fail_at = -1};
    int err = our_inflate(&p, packed.data, packed.size, 100000, INFLATE_SCRATCH + 33152);
    if (result == Z_STREAM_END) {
        check_equal(err, 0, "zlib reads it");
        check_equal(p.out.size, z.total_out, "bytes");
        check(memcmp(p.out.data, expected, p.out.size) == 0, "other bytes");
    } else {
        check_equal(err, VISION_E_DATA, "zlib: %d %s", result, z.msg ? z.msg : "");
    }
    inflateEnd(&z);
    free(p.out.data);
    free(packed.data);
    free(data);
    free(expected);
}

static void inflate_calls_may_fail(void **state)
{
    (void)state;
    uint8_t data[40000];

    fill_some(data, sizeof data);
    struct bytes packed = deflated(data, sizeof data, 6, 9, Z_DEFAULT_STRATEGY);
    for (int fail_at = 0;; fail_at++) {
        struct pipe p = {.fail_at = fail_at};
        int err = our_inflate(&p, packed.data, packed.size, sizeof data, 40000);
        free(p.out.data);
        if (p.calls <= fail_at) {
            check_equal(err, 0, "call %d", fail_at);
            break;
        }
        check(err == -77 || err == -78, "call %d: %d", fail_at, err);
    }
    for (size_t room = 0; room < INFLATE_SCRATCH + 512 + 384; room += 37) {
        struct pipe p = {.fail_at = -1};
        int err = our_inflate(&p, packed.data, packed.size, sizeof data, room);
        check(err == VISION_E_MEMORY || (err == 0 && room > 6000), "%zu bytes: %d", room, err);
        free(p.out.data);
    }
    free(packed.data);
}

static void adler(void)
{
    size_t n = rnd(20000), cut;
    uint8_t *data = malloc(n + 1);

    memset(data, 255, n);
    if (rnd(2)) {
        fill_some(data, n);
    }
    cut = n ? rnd((uint32_t)n) : 0;
    check_equal(inflate_adler32(inflate_adler32(1, data, cut), data + cut, n - cut), adler32(1, data, (uInt)n), "%zu bytes", n);
    uint32_t table[256];
    png_crc_init(table);
    check_equal(png_crc(table, png_crc(table, 0, data, cut), data + cut, n - cut), crc32(0, data, (uInt)n), "%zu bytes", n);
    free(data);
}

/* ---- Filters ---- */

static int by_definition(int filter, int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);

    return filter == 0 ? 0 : filter == 1 ? a : filter == 2 ? b : filter == 3 ? (a + b) / 2 : pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static void filters(void)
{
    static const int steps[] = {1, 2, 3, 4, 6, 8};
    int step = steps[rnd(6)], filter = (int)rnd(PNG_FILTERS);
    size_t n = (size_t)step * (1 + rnd(40));
    uint8_t *row = calloc(1, n + 16), *prior = calloc(1, n + 16), *out = malloc(n + 3), *raw = malloc(n + 3), *back = malloc(n + (step > 1 ? 3 : 0));
    uint32_t sum = 0, span = rnd(2) ? 256 : 4;

    for (size_t i = 0; i < n; i++) {
        row[8 + i] = (uint8_t)rnd(span);
        prior[8 + i] = (uint8_t)rnd(span);
    }
    uint32_t got = png_filter(filter, row + 8, prior + 8, out, n, step);
    for (size_t i = 0; i < n; i++) {
        uint8_t v = (uint8_t)(row[8 + i] - by_definition(filter, row[8 + i - (size_t)step], prior[8 + i], prior[8 + i - (size_t)step]));
        check_equal(out[i], v, "filter %d, step %d, byte %zu of %zu", filter, step, i, n);
        sum += v < 128 ? v : 256u - v;
    }
    check_equal(got, sum, "filter %d", filter);
    memcpy(raw, out, n);
    png_unfilter(filter, raw, prior + 8, back, n, step);
    check(memcmp(back, row + 8, n) == 0, "filter %d, step %d does not come back", filter, step);
    free(row);
    free(prior);
    free(out);
    free(raw);
    free(back);
}

/* ---- Files ---- */

static const struct { int color, depth; } kinds[] = {
    {0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1}, {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16},
};

static struct oracle_picture any_picture(int most)
{
    int k = (int)rnd(sizeof kinds / sizeof *kinds);
    struct oracle_picture p = {.width = between(1, most), .height = between(1, most), .depth = kinds[k].depth, .color = kinds[k].color};

    p.row = ((size_t)(p.width * p.depth * oracle_samples(p.color)) + 7) / 8;
    p.data = malloc(p.row * (size_t)p.height);
    fill_some(p.data, p.row * (size_t)p.height);
    return p;
}

static struct oracle_options any_options(void)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    return (struct oracle_options){.level = between(0, 9), .strategy = strategies[rnd(5)], .window_bits = between(9, 15), .interlaced = rnd(3) == 0,
                                   .filters = rnd(2) ? PNG_ALL_FILTERS : (int)(PNG_FILTER_NONE << rnd(5)), .chunk = 6 + rnd(rnd(2) ? 100 : 9000),
                                   .transparent = rnd(3) == 0, .text = rnd(3) == 0};
}

static uint32_t expected_native(enum pixel_format format, const uint8_t *rgb)
{
    int gray = (38 * rgb[0] + 75 * rgb[1] + 15 * rgb[2]) >> 7;

    return format == PIXFORMAT_BINARY ? gray > 127 : format == PIXFORMAT_GRAYSCALE ? (uint32_t)gray
                                                   : (uint32_t)(rgb[0] >> 3 << 11 | rgb[1] >> 2 << 5 | rgb[2] >> 3);
}

static void compare(const struct oracle_picture *p, const struct oracle_options *o)
{
    struct bytes file = oracle_encode(p, o);
    int w = 0, h = 0;
    struct image img;
    enum pixel_format format = formats[rnd(MUTABLE_FORMATS)];

    bytes_fit(&file);
    uint8_t *rgb = oracle_decode(&file, &w, &h);
    check(rgb && w == p->width && h == p->height, "libpng refuses its own file");
    size_t room = decode_room(w, h, p->depth * oracle_samples(p->color), o->interlaced, (size_t)1 << o->window_bits);
    check_equal(our_decode(&file, format, room, &img), 0, "%dx%d, colour %d, depth %d", w, h, p->color, p->depth);
    for (int i = 0; i < w * h; i++) {
        check_equal(pixel(&img, i % w, i / w), expected_native(format, rgb + 3 * i), "pixel %d of %dx%d, colour %d, depth %d, interlaced %d", i, w, h,
                    p->color, p->depth, o->interlaced);
    }
    if (format == PIXFORMAT_BINARY && (w & 31)) {
        check_equal(((uint32_t *)(void *)image_row(&img, h - 1))[w >> 5] >> (w & 31), 0, "padding");
    }
    free(img.data);
    free(rgb);
    free(file.data);
}

static void any_file(void)
{
    struct oracle_picture p = any_picture(40);
    struct oracle_options o = any_options();

    compare(&p, &o);
    free(p.data);
}

static void large_file(void)
{
    struct oracle_picture p = any_picture(400);
    struct oracle_options o = any_options();

    compare(&p, &o);
    free(p.data);
}

/* Cut anywhere, one bit anywhere: an error, never a picture. */
static void damaged(void)
{
    struct oracle_picture p = any_picture(12);
    struct oracle_options o = any_options();
    struct image img;

    o.text = o.transparent = false;
    struct bytes file = oracle_encode(&p, &o);
    bytes_fit(&file);
    size_t n = rnd((uint32_t)file.size);
    struct bytes cut = {malloc(n ? n : 1), n, n};
    memcpy(cut.data, file.data, n);
    check_equal(our_decode(&cut, PIXFORMAT_RGB565, 100000, &img), VISION_E_DATA, "%zu of %zu bytes", n, file.size);
    free(img.data);
    free(cut.data);
    size_t at = rnd((uint32_t)file.size);
    if (at < 16 || at > 19 + 4) {        /* not the sides: that is another, perhaps huge picture */
        file.data[at] ^= (uint8_t)(1u << rnd(8));
        int err = our_decode(&file, PIXFORMAT_RGB565, 100000, &img);
        check(err == VISION_E_DATA || err == VISION_E_UNSUPPORTED, "byte %zu of %zu: %d", at, file.size, err);
        free(img.data);
    }
    free(file.data);
    free(p.data);
}

static void too_little_memory(void)
{
    struct oracle_picture p = any_picture(30);
    struct oracle_options o = any_options();
    struct bytes file = oracle_encode(&p, &o);
    size_t most = decode_room(p.width, p.height, p.depth * oracle_samples(p.color), o.interlaced, 32768);
    struct image img;

    for (size_t room = 0; room < most; room += 1 + rnd(600)) {
        int err = our_decode(&file, PIXFORMAT_GRAYSCALE, room, &img);
        check(err == VISION_E_MEMORY || (err == 0 && room > 8000), "%zu of %zu bytes: %d", room, most, err);
        free(img.data);
    }
    free(file.data);
    free(p.data);
}

/* ---- Hand-made files ---- */

static void add_chunk(struct bytes *file, const char *name, const void *data, size_t n, bool wrong)
{
    uint8_t word[4];

    png_store_big(word, (uint32_t)n);
    bytes_add(file, word, 4);
    bytes_add(file, name, 4);
    bytes_add(file, data, n);
    png_store_big(word, (uint32_t)crc32(crc32(0, (const Bytef *)name, 4), data, (uInt)n) ^ (wrong ? 1 : 0));
    if (n == 0) {
        png_store_big(word, (uint32_t)crc32(0, (const Bytef *)name, 4) ^ (wrong ? 1 : 0));
    }
    bytes_add(file, word, 4);
}

static struct bytes begin_file(uint32_t w, uint32_t h, int depth, int color, int method, int filter, int interlace)
{
    struct bytes file = {0};
    uint8_t head[13] = {0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)depth, (uint8_t)color, (uint8_t)method, (uint8_t)filter, (uint8_t)interlace};

    png_store_big(head, w);
    png_store_big(head + 4, h);
    bytes_add(&file, png_signature, 8);
    add_chunk(&file, "IHDR", head, sizeof head, false);
    return file;
}

static void expect_file(struct bytes *file, int err, const char *what)
{
    struct image img;

    bytes_fit(file);
    check_equal(our_decode(file, PIXFORMAT_GRAYSCALE, 100000, &img), err, "%s", what);
    free(img.data);
    free(file->data);
}

static void heads(void **state)
{
    (void)state;
    static const struct { uint32_t w, h; int depth, color, method, filter, interlace, err; } bad[] = {
        {0, 1, 8, 0, 0, 0, 0, VISION_E_DATA}, {1, 0, 8, 0, 0, 0, 0, VISION_E_DATA}, {0x80000000, 1, 8, 0, 0, 0, 0, VISION_E_DATA},
        {32768, 1, 8, 0, 0, 0, 0, VISION_E_SIZE}, {1, 0x7FFFFFFF, 8, 0, 0, 0, 0, VISION_E_SIZE}, {1, 1, 0, 0, 0, 0, 0, VISION_E_DATA},
        {1, 1, 3, 0, 0, 0, 0, VISION_E_DATA}, {1, 1, 32, 0, 0, 0, 0, VISION_E_DATA}, {1, 1, 4, 2, 0, 0, 0, VISION_E_DATA},
        {1, 1, 16, 3, 0, 0, 0, VISION_E_DATA}, {1, 1, 8, 1, 0, 0, 0, VISION_E_DATA}, {1, 1, 8, 5, 0, 0, 0, VISION_E_DATA},
        {1, 1, 8, 7, 0, 0, 0, VISION_E_DATA}, {1, 1, 8, 0, 1, 0, 0, VISION_E_DATA}, {1, 1, 8, 0, 0, 1, 0, VISION_E_DATA},
        {1, 1, 8, 0, 0, 0, 2, VISION_E_DATA},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bytes file = begin_file(bad[i].w, bad[i].h, bad[i].depth, bad[i].color, bad[i].method, bad[i].filter, bad[i].interlace);
        expect_file(&file, bad[i].err, "head");
    }
}

/* A 2 x 2 gray picture of these raw bytes. */
static struct bytes packed_rows(const char *raw, size_t n)
{
    struct bytes out = {malloc(100), 100, 100};
    uLongf size = 100;

    compress(out.data, &size, (const Bytef *)raw, (uLong)n);
    out.size = size;
    return out;
}

static void chunks(void **state)
{
    (void)state;
    static const struct { const char *order; int color, err; } tries[] = {
        {"D.", 0, 0}, {"taD.", 0, 0}, {"Dt.", 0, 0}, {"XD.", 0, VISION_E_UNSUPPORTED}, {"D", 0, VISION_E_DATA}, {".", 0, VISION_E_DATA},
        {"HD.", 0, VISION_E_DATA}, {"DX.", 0, VISION_E_DATA}, {"PD.", 0, 0}, {"D.", 3, VISION_E_DATA}, {"PD.", 3, 0}, {"PPD.", 3, VISION_E_DATA},
        {"QD.", 3, VISION_E_DATA}, {"ED.", 3, VISION_E_DATA}, {"wD.", 0, 0}, {"W.", 0, VISION_E_DATA}, {"PTD.", 3, 0}, {"12.", 0, 0},
        {"1t2.", 0, VISION_E_DATA}, {"1e2.", 0, 0}, {"F.", 0, VISION_E_DATA}, {"S.", 0, VISION_E_DATA}, {"L.", 0, VISION_E_DATA}, {"DD.", 0, 0},
    };
    struct bytes rows = packed_rows("\0\0\1\2\1\1", 6), wrong = packed_rows("\5\0\1\2\1\1", 6), less = packed_rows("\0\0\1", 3),
                 more = packed_rows("\0\0\1\2\1\1\0", 7);

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct bytes file = begin_file(2, 2, 8, tries[i].color, 0, 0, 0);
        for (const char *c = tries[i].order; *c; c++) {
            switch (*c) {
            case 'D': add_chunk(&file, "IDAT", rows.data, rows.size, false); break;
            case '1': add_chunk(&file, "IDAT", rows.data, 3, false); break;
            case '2': add_chunk(&file, "IDAT", rows.data + 3, rows.size - 3, false); break;
            case 'e': add_chunk(&file, "IDAT", "", 0, false); break;
            case 'W': add_chunk(&file, "IDAT", rows.data, rows.size, true); break;
            case 'F': add_chunk(&file, "IDAT", wrong.data, wrong.size, false); break;
            case 'S': add_chunk(&file, "IDAT", less.data, less.size, false); break;
            case 'L': add_chunk(&file, "IDAT", more.data, more.size, false); break;
            case 't': add_chunk(&file, "tEXt", "a\0b", 3, false); break;
            case 'w': add_chunk(&file, "tEXt", "a\0b", 3, true); break;
            case 'a': add_chunk(&file, "prIV", rows.data, rows.size, false); break;
            case 'X': add_chunk(&file, "XXXX", "", 0, false); break;
            case 'H': add_chunk(&file, "IHDR", "\0\0\0\2\0\0\0\2\10\0\0\0", 13, false); break;
            case 'P': add_chunk(&file, "PLTE", "abcdef", 6, false); break;
            case 'Q': add_chunk(&file, "PLTE", "abcde", 5, false); break;
            case 'E': add_chunk(&file, "PLTE", "", 0, false); break;
            case 'T': add_chunk(&file, "tRNS", "\0", 1, false); break;
            default: add_chunk(&file, "IEND", "", 0, false); break;
            }
        }
        expect_file(&file, tries[i].err, tries[i].order);
    }
    free(rows.data);
    free(wrong.data);
    free(less.data);
    free(more.data);
}

/* A few bytes that claim to be the largest picture: what is not the caller's size is refused before anything is allocated for it. */
static void bomb(void **state)
{
    (void)state;
    struct bytes file = begin_file(32767, 32767, 16, 6, 0, 0, 0);
    struct memory_stream memory = {file.data, file.size, 0, 0};
    struct stream in = memory_stream_open(&memory);
    struct arena arena = arena_new(PNG_DECODE_SCRATCH);
    struct image img = image_new(20, 20, PIXFORMAT_RGB565, 0);
    struct png_info info;

    check_equal(png_file_info(&in, &info), 0, " ");
    check_equal(png_decode(&in, &img, &arena), VISION_E_SIZE, " ");
    img.format = PIXFORMAT_YUV422;
    check_equal(png_decode(&in, &img, &arena), VISION_E_FORMAT, " ");
    free(arena.base);
    free(img.data);
    free(file.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(like_zlib, 600)
PROPERTY(damaged_like_zlib, 4000)
PROPERTY(adler, 100)
PROPERTY(filters, 2000)
PROPERTY(any_file, 1500)
PROPERTY(large_file, 40)
PROPERTY(damaged, 3000)
PROPERTY(too_little_memory, 30)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_zlib), cmocka_unit_test(test_damaged_like_zlib), cmocka_unit_test(inflate_calls_may_fail),
        cmocka_unit_test(test_adler),     cmocka_unit_test(test_filters),           cmocka_unit_test(test_any_file),
        cmocka_unit_test(test_large_file), cmocka_unit_test(test_damaged),          cmocka_unit_test(test_too_little_memory),
        cmocka_unit_test(heads),          cmocka_unit_test(chunks),                 cmocka_unit_test(bomb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
