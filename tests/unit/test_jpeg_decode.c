/* SPDX-License-Identifier: MIT */
/* The JPEG decoder against libjpeg, on damaged files, and with too little memory. */
#include "jpeg_oracle.h"

/* Files that only libjpeg writes: any sampling, optimised tables, restarts, RGB, one scan for each component. */
static struct oracle_options any_options(void)
{
    static const uint8_t sampling[9][4] = {{1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {2, 2, 1, 1}, {4, 1, 1, 1},
                                           {2, 2, 2, 1}, {2, 2, 1, 2}, {1, 4, 1, 1}, {4, 2, 1, 1}};
    const uint8_t *s = sampling[rnd(9)];
    return (struct oracle_options){.quality = between(1, 100), .h = s[0], .v = s[1], .chroma_h = s[2], .chroma_v = s[3],
                                   .restart = rnd(3) ? 0 : between(1, 9), .space = rnd(6) ? JCS_YCbCr : JCS_RGB, .optimize = rnd(2)};
}

/* A sample of RGB565 that stands for any of `step` levels, against libjpeg's: a level or two of rounding in each of Y, Cb and Cr. */
static bool close_565(int got, int step, int expected)
{
    return got * step <= expected + 3 && (got + 1) * step > expected - 3;
}

static void compare(const struct bytes *file, int channels, bool rgb_file)
{
    struct picture p = oracle_decode(file, channels);
    struct image img;

    check(p.data != NULL, "libjpeg refuses its own file");
    check_equal(our_decode(file, 1, channels == 1 ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565, &img), 0, "%dx%d", p.width, p.height);
    check_equal(img.width, p.width, "width");
    check_equal(img.height, p.height, "height");
    for (int i = 0; i < p.width * p.height; i++) {
        if (channels == 1) {    /* one level; with other weights of red, green and blue two more */
            check(abs(img.data[i] - p.data[i]) <= (rgb_file ? 3 : 1), "%d,%d of %dx%d is %d, expected %d", i % p.width, i / p.width, p.width,
                  p.height, img.data[i], p.data[i]);
        } else {
            int v = ((uint16_t *)(void *)img.data)[i];
            const uint8_t *e = p.data + 3 * i;
            check(close_565(v >> 11, 8, e[0]) && close_565(v >> 5 & 63, 4, e[1]) && close_565(v & 31, 8, e[2]),
                  "%d,%d of %dx%d is %d %d %d, expected %d %d %d", i % p.width, i / p.width, p.width, p.height, v >> 11 << 3,
                  (v >> 5 & 63) << 2, (v & 31) << 3, e[0], e[1], e[2]);
        }
    }
    free(p.data);
    free(img.data);
}

/* Seeds are sizes up to 40, then larger ones. */
static void any_file(void)
{
    int w = current_seed < 1600 ? (int)current_seed % 40 + 1 : between(30, 200);
    int h = current_seed < 1600 ? (int)current_seed / 40 + 1 : between(30, 120);
    struct oracle_options o = any_options();
    struct picture p = picture_new(w, h, rnd(4) ? 3 : 1, rnd(2) ? 8 : 120);

    if (p.channels == 1) {
        o.h = o.v = 1;
    }
    struct bytes file = oracle_encode(&p, &o);
    compare(&file, 1, p.channels == 3 && o.space == JCS_RGB);
    if (p.channels == 3) {
        compare(&file, 3, false);
    }
    free(file.data);
    free(p.data);
}

/* One scan for each component: gray needs only the first. */
static void separate_scans(void)
{
    struct picture p = picture_new(between(1, 70), between(1, 50), 3, 10);
    struct oracle_options o = {.quality = between(30, 95), .h = between(1, 2), .v = between(1, 2), .space = JCS_YCbCr, .separate = true};
    struct bytes file = oracle_encode(&p, &o);
    struct image img;

    compare(&file, 1, false);
    check_equal(our_decode(&file, 1, PIXFORMAT_RGB565, &img), VISION_E_UNSUPPORTED, "colour of three scans");
    free(img.data);
    free(file.data);
    free(p.data);
}

/* Gray to RGB565 and binary, from the gray that has been compared. */
static void gray_to_others(void)
{
    struct picture p = picture_new(between(1, 60), between(1, 50), rnd(2) ? 1 : 3, 40);
    struct oracle_options o = {.quality = 90, .h = 1, .v = 1, .space = JCS_YCbCr};
    struct bytes file = oracle_encode(&p, &o);
    struct image gray, binary, color;

    check_equal(our_decode(&file, 1, PIXFORMAT_GRAYSCALE, &gray), 0, "gray");
    check_equal(our_decode(&file, 1, PIXFORMAT_BINARY, &binary), 0, "binary");
    check_equal(our_decode(&file, 1, PIXFORMAT_RGB565, &color), 0, "RGB565");
    struct memory_stream memory = {.data = file.data, .size = file.size};
    struct stream stream = memory_stream_open(&memory);
    struct arena arena = arena_new(1 << 20);
    memset(binary.data, 0xFF, image_bytes(&binary));    /* what pads a row becomes 0 */
    check_equal(jpeg_decode(&stream, &JPEG_DECODE_DEFAULTS, &binary, &arena), 0, "binary onto ones");
    free(arena.base);
    for (int y = 0; y < p.height; y++) {
        uint32_t last = ((const uint32_t *)(const void *)image_row(&binary, y))[(p.width - 1) >> 5];
        check_equal(p.width & 31 ? last >> (p.width & 31) : 0, 0, "the padding of row %d", y);
        for (int x = 0; x < p.width; x++) {
            check_equal(pixel(&binary, x, y), pixel(&gray, x, y) > 127, "binary at %d,%d", x, y);
            if (p.channels == 1) {
                check_equal(pixel(&color, x, y), color_gray_to_rgb565(pixel(&gray, x, y)), "RGB565 at %d,%d", x, y);
            }
        }
    }
    free(gray.data);
    free(binary.data);
    free(color.data);
    free(file.data);
    free(p.data);
}

/* Smaller: an eighth is the mean of 8x8 pixels within rounding; a half and a quarter differ from means of boxes by what the lower
   frequencies say of a box, little in smooth pictures. */
static void scaled(void)
{
    struct picture p = picture_new(between(8, 100), between(8, 70), 1, 3);
    struct oracle_options o = {.quality = between(50, 100), .h = 1, .v = 1, .space = JCS_YCbCr};
    struct bytes file = oracle_encode(&p, &o);
    struct image full, small;

    check_equal(our_decode(&file, 1, PIXFORMAT_GRAYSCALE, &full), 0, "full");
    for (int scale = 2; scale <= 8; scale *= 2) {
        double sum = 0;
        int n = 0;
        check_equal(our_decode(&file, scale, PIXFORMAT_GRAYSCALE, &small), 0, "scale %d", scale);
        for (int y = 0; y < p.height / scale; y++) {
            for (int x = 0; x < p.width / scale; x++, n++) {
                int box = 0;
                for (int i = 0; i < scale * scale; i++) {
                    box += full.data[(y * scale + i / scale) * p.width + x * scale + i % scale];
                }
                double d = fabs((double)box / (scale * scale) - small.data[y * small.width + x]);
                check(scale < 8 || d <= 1.6, "%d,%d is %f from the mean", x, y, d);
                sum += d;
            }
        }
        check(n == 0 || sum / n < 2, "scale %d of %dx%d: %f from the means", scale, p.width, p.height, sum / n);
        free(small.data);
    }
    free(full.data);
    free(file.data);
    free(p.data);
}

/* Colour files smaller: right size, and any sampling gives nearly the same picture as 4:4:4. */
static void scaled_color(void)
{
    struct picture p = picture_new(between(1, 60), between(1, 50), 3, 0);
    struct oracle_options o = any_options(), plain = {.quality = 95, .h = 1, .v = 1, .space = JCS_YCbCr};
    int scale = 1 << between(1, 3);
    struct image a, b;

    o.quality = 95;
    struct bytes file = oracle_encode(&p, &o), reference = oracle_encode(&p, &plain);
    check_equal(our_decode(&file, scale, PIXFORMAT_RGB565, &a), 0, "scale %d", scale);
    check_equal(our_decode(&reference, scale, PIXFORMAT_RGB565, &b), 0, "scale %d of 4:4:4", scale);
    double sum = 0;
    for (int i = 0; i < a.width * a.height; i++) {
        int d = ((uint16_t *)(void *)a.data)[i], e = ((uint16_t *)(void *)b.data)[i];
        sum += abs((d >> 5 & 63) - (e >> 5 & 63));
    }
    check(sum / (a.width * a.height) < 5, "%d%d/%d%d, scale %d: green differs by %f of 63", o.h, o.v, o.chroma_h, o.chroma_v, scale,
          sum / (a.width * a.height));
    free(a.data);
    free(b.data);
    free(file.data);
    free(reference.data);
    free(p.data);
}

static struct bytes small_file(int channels, int h, int v, int restart)
{
    random_state = 4711;
    struct picture p = picture_new(37, 43, channels, 12);
    struct bytes file = oracle_encode(&p, &(struct oracle_options){.quality = 60, .h = h, .v = v, .restart = restart, .space = JCS_YCbCr});

    free(p.data);
    return file;
}

/* Cut off anywhere: DATA, and what was complete stays; only the end marker may be missing. */
static void test_truncated(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct bytes file = small_file(kind ? 3 : 1, kind == 2 ? 2 : 1, kind == 2 ? 2 : 1, kind == 1 ? 3 : 0);
        enum pixel_format format = kind ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
        struct image whole, part;
        size_t row = (kind ? 2 : 1) * 37;
        int rows = 0;
        assert_int_equal(our_decode(&file, 1, format, &whole), 0);
        for (size_t n = 0; n < file.size; n++) {
            struct bytes cut = {malloc(n ? n : 1), n};
            memcpy(cut.data, file.data, n);
            int err = our_decode(&cut, 1, format, &part), same = 0;
            if (n < file.size - 2) {
                check_equal(err, VISION_E_DATA, "%zu of %zu bytes", n, file.size);
            } else {
                check_equal(err, 0, "without the end marker");
            }
            while (part.data && same < 43 && memcmp(part.data + row * (size_t)same, whole.data + row * (size_t)same, row) == 0) {
                same++;
            }
            check(same >= rows, "%zu bytes give %d rows, %d before", n, same, rows);
            rows = same;
            free(part.data);
            free(cut.data);
        }
        assert_int_equal(rows, 43);
        free(whole.data);
        free(file.data);
    }
}

/* Any bytes: an answer, in time, within the memory given. */
static void flipped(void)
{
    struct bytes file = small_file(rnd(2) ? 3 : 1, 1, 1, rnd(2) ? 0 : 4);
    struct image img;

    random_state = current_seed * 104729 + 7;
    for (int i = between(1, 6); i > 0; i--) {
        file.data[rnd(3) ? rnd((uint32_t)file.size) : rnd(700) % file.size] = rnd(4) ? (uint8_t)rnd(256) : 0xFF;
    }
    struct memory_stream memory = {.data = file.data, .size = file.size};
    struct stream in = memory_stream_open(&memory);
    struct jpeg_info info;
    if (jpeg_read_info(&in, &info) == 0 && (int64_t)info.width * info.height < 1 << 20) {
        int err = our_decode(&file, 1 << rnd(4), formats[rnd(3)], &img);
        check(err == 0 || err == VISION_E_DATA || err == VISION_E_UNSUPPORTED || err == VISION_E_MEMORY || err == VISION_E_SIZE, "error %d",
              err);
        free(img.data);
    }
    free(file.data);
}

/* ---- Heads rewritten: segments copied one by one ---- */

enum rewriting { WIDE_QUANTISERS, NO_HUFFMAN, MORE_SEGMENTS, REWRITINGS };

static struct bytes rewrite(const struct bytes *file, enum rewriting how)
{
    struct bytes out = {malloc(file->size + 70000), 2};
    size_t at = 2;

    memcpy(out.data, file->data, 2);
    for (;;) {
        uint8_t marker = file->data[at + 1];
        size_t length = (size_t)file->data[at + 2] << 8 | file->data[at + 3];
        if (how == MORE_SEGMENTS) {     /* fill bytes, then an application segment and a comment, full of what is not a marker */
            static const uint8_t kinds[2] = {0xE1, 0xFE};
            for (int i = 0; i < 2; i++) {
                memcpy(out.data + out.size, (uint8_t[]){0xFF, 0xFF, 0xFF, kinds[i], 0x03, 0xE9}, 6);
                memset(out.data + out.size + 6, i ? 0xFF : 0xD9, 999);
                out.size += 6 + 999;
            }
        }
        if (how == WIDE_QUANTISERS && marker == 0xDB) {
            const uint8_t *from = file->data + at + 4;
            memcpy(out.data + out.size, (uint8_t[]){0xFF, 0xDB, 0, 131, (uint8_t)(0x10 | from[0])}, 5);
            for (int i = 0; i < 64; i++) {
                out.data[out.size + 5 + 2 * (size_t)i] = 0;
                out.data[out.size + 6 + 2 * (size_t)i] = from[1 + i];
            }
            out.size += 133;
        } else if (how != NO_HUFFMAN || marker != 0xC4) {
            memcpy(out.data + out.size, file->data + at, length + 2);
            out.size += length + 2;
        }
        at += length + 2;
        if (marker == 0xDA) {
            memcpy(out.data + out.size, file->data + at, file->size - at);
            out.size += file->size - at;
            return out;
        }
    }
}

static void test_heads(void **state)
{
    struct bytes file = small_file(3, 2, 1, 0);
    struct image whole, img;
    (void)state;

    assert_int_equal(our_decode(&file, 1, PIXFORMAT_RGB565, &whole), 0);
    for (int how = 0; how < REWRITINGS; how++) {
        struct bytes other = rewrite(&file, (enum rewriting)how);
        assert_int_equal(our_decode(&other, 1, PIXFORMAT_RGB565, &img), 0);
        assert_memory_equal(img.data, whole.data, image_bytes(&whole));
        free(img.data);
        free(other.data);
    }
    free(whole.data);
    free(file.data);
}

/* Progressive, CMYK, and what is no JPEG at all. */
static void test_unsupported(void **state)
{
    struct picture p = picture_new(20, 20, 3, 5), ink = picture_new(20, 20, 4, 5);
    struct bytes files[2] = {
        oracle_encode(&p, &(struct oracle_options){.quality = 80, .h = 1, .v = 1, .space = JCS_YCbCr, .progressive = true}),
        oracle_encode(&ink, &(struct oracle_options){.quality = 80, .h = 1, .v = 1, .space = JCS_CMYK}),
    };
    (void)state;

    for (int i = 0; i < 2; i++) {
        struct memory_stream memory = {.data = files[i].data, .size = files[i].size};
        struct stream in = memory_stream_open(&memory);
        struct jpeg_info info;
        struct image img;
        assert_int_equal(jpeg_read_info(&in, &info), 0);
        assert_int_equal(info.width, 20);
        assert_int_equal(info.components, i ? 4 : 3);
        assert_false(info.supported);
        assert_int_equal(info.progressive, i == 0);
        assert_int_equal(our_decode(&files[i], 1, PIXFORMAT_RGB565, &img), VISION_E_UNSUPPORTED);
        free(img.data);
        files[i].data[0] = 'P';
        assert_int_equal(our_decode(&files[i], 1, PIXFORMAT_RGB565, &img), VISION_E_DATA);
        free(files[i].data);
    }
    free(p.data);
    free(ink.data);
}

static int failing_read(void *context, void *data, size_t size)
{
    int *left = context;

    memset(data, 0xFF, size);
    return --*left < 0 ? -1234 : (int)size;
}

/* Arguments; memory that ends after any number of bytes; a stream that fails. */
static void test_errors(void **state)
{
    struct bytes file = small_file(3, 2, 2, 0);
    struct memory_stream memory = {.data = file.data, .size = file.size};
    struct stream in = memory_stream_open(&memory);
    struct image img = image_new(37, 43, PIXFORMAT_RGB565, 0), bayer = image_new(37, 43, PIXFORMAT_BAYER_BGGR, 0);
    struct image other = image_new(38, 43, PIXFORMAT_RGB565, 0);
    struct arena arena = arena_new(JPEG_DECODE_SCRATCH + 8000);
    (void)state;

    assert_int_equal(jpeg_decode(&in, &(struct jpeg_decode_options){.scale = 3}, &img, &arena), VISION_E_ARGUMENT);
    assert_int_equal(jpeg_decode(&in, &JPEG_DECODE_DEFAULTS, &bayer, &arena), VISION_E_FORMAT);
    assert_int_equal(jpeg_decode(&in, &JPEG_DECODE_DEFAULTS, &other, &arena), VISION_E_SIZE);
    free(arena.base);
    int err = VISION_E_MEMORY;
    for (size_t size = 0; err == VISION_E_MEMORY; size += 40) {
        arena = arena_new(size);
        memory.position = 0;
        err = jpeg_decode(&in, &JPEG_DECODE_DEFAULTS, &img, &arena);
        assert_int_equal(arena.used, 0);
        assert_true(size <= JPEG_DECODE_SCRATCH + 3 * 16 * 48);
        free(arena.base);
    }
    assert_int_equal(err, 0);
    for (int reads = 0; reads < 3; reads++) {
        int left = reads;
        struct stream broken = {.read = failing_read, .context = &left};
        arena = arena_new(JPEG_DECODE_SCRATCH);
        assert_true(jpeg_decode(&broken, &JPEG_DECODE_DEFAULTS, &img, &arena) == (reads ? VISION_E_DATA : -1234));
        free(arena.base);
    }
    free(file.data);
    free(img.data);
    free(bayer.data);
    free(other.data);
}

/* Ours through ours: every format and subsampling comes back as what it was, nearly. */
static void round_trip(void)
{
    static const int subsamplings[4] = {0, 0x11, 0x21, 0x22};
    struct picture p = picture_new(between(1, 80), between(1, 60), rnd(2) ? 3 : 1, 0);
    struct image img = picture_image(&p), back;
    struct jpeg_encode_options o = {.quality = between(85, 100), .subsampling = subsamplings[rnd(4)], .restart_interval = (int)rnd(5)};
    struct bytes file;
    double sum = 0;

    check_equal(our_encode(&img, &o, &file, 1 << 16), 0, "encode");
    check_equal(our_decode(&file, 1, img.format, &back), 0, "decode");
    for (int i = 0; i < p.width * p.height; i++) {
        sum += p.channels == 1 ? abs(img.data[i] - back.data[i])
                               : 4 * abs((((uint16_t *)(void *)img.data)[i] >> 5 & 63) - (((uint16_t *)(void *)back.data)[i] >> 5 & 63));
    }
    check(sum / (p.width * p.height) < 6, "quality %d, subsampling %x: %f from the original", o.quality, o.subsampling,
          sum / (p.width * p.height));
    free(file.data);
    free(img.data);
    free(back.data);
    free(p.data);
}

/* As a codec: files are kept as they are; a region is written as its copy would be. */
static void as_codec(void)
{
    struct image img = image_random(between(1, 60), between(1, 60), formats[rnd(MUTABLE_FORMATS)], 0), region = image_duplicate(&img), kept;
    struct rect roi = random_roi(&img);
    struct codec_write_options o = {.roi = &roi, .quality = between(1, 100), .subsampling = rnd(2) ? 0 : 0x22};
    struct memory_stream memory = {.data = malloc(1 << 16), .capacity = 1 << 16};
    struct stream stream = memory_stream_open(&memory);
    struct arena arena = arena_new(JPEG_ENCODE_SCRATCH + 2048);
    const struct codec *codec = codec_from_name("a/b.JPEG", 8);
    struct codec_info info;
    struct bytes file;

    check(codec == &codec_jpeg && codec_from_name("x.jpg", 5) == codec, "found by name");
    check_equal(codec_write(&stream, codec, &img, &o, &arena), 0, "write");
    check_equal(image_copy(&region, &img, &roi), 0, "copy");
    check_equal(our_encode(&region, &(struct jpeg_encode_options){.quality = o.quality, .subsampling = o.subsampling}, &file, 1 << 16), 0,
                "encode");
    check_equal(memory.size, file.size, "size");
    assert_memory_equal(memory.data, file.data, file.size);

    check_equal(codec_read_info(&stream, &info, &arena), 0, "info");
    check(info.codec == codec && info.format == PIXFORMAT_JPEG, "kind");
    check_equal(info.width, region.width, "width");
    check_equal(info.height, region.height, "height");
    check_equal(info.bytes, file.size, "bytes");
    kept.data = malloc(info.bytes);
    check_equal(codec_read(&stream, &info, &kept, &arena), 0, "read");
    check_equal(kept.size, file.size, "bytes read");
    assert_memory_equal(kept.data, file.data, file.size);
    memory.position = memory.size = 0;
    check_equal(codec_write(&stream, codec, &kept, NULL, &arena), 0, "write the file itself");
    assert_memory_equal(memory.data, file.data, file.size);
    check_equal(arena.used, 0, "arena");
    free(kept.data);
    free(memory.data);
    free(arena.base);
    free(file.data);
    free(region.data);
    free(img.data);
}

#define PROPERTY(name, count)          \
    static void test_##name(void **s)  \
    {                                  \
        (void)s;                       \
        for_seeds(name, count);        \
    }
PROPERTY(any_file, 1750)
PROPERTY(separate_scans, 60)
PROPERTY(gray_to_others, 100)
PROPERTY(scaled, 100)
PROPERTY(scaled_color, 150)
PROPERTY(flipped, 4000)
PROPERTY(round_trip, 150)
PROPERTY(as_codec, 100)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_file),     cmocka_unit_test(test_separate_scans), cmocka_unit_test(test_gray_to_others),
        cmocka_unit_test(test_scaled),       cmocka_unit_test(test_scaled_color),   cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped),      cmocka_unit_test(test_heads),          cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_errors),       cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_as_codec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
