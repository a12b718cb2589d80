/* SPDX-License-Identifier: MIT */
/* The PNG encoder: its files as libpng reads them, its streams as zlib does, their sizes beside libpng's; streams and memory that fail. */
#include "png_oracle.h"

#include "vision/deflate.h"
#include "vision/row.h"

/* ---- Deflate ---- */

static int sink(void *context, const uint8_t *data, size_t size)
{
    check(size <= DEFLATE_PIECE, "%zu bytes", size);
    bytes_add(context, data, size);
    return 0;
}

/* Pictures' rows, noise, runs, pieces that come again. */
static void fill_some(uint8_t *data, size_t n)
{
    int kind = (int)rnd(6);
    uint32_t letters = 1 + rnd(256);

    for (size_t i = 0; i < n;) {
        size_t length = 1 + rnd(kind == 1 ? 2000 : kind == 2 ? 3 : 40), back = kind >= 3 && i ? 1 + rnd((uint32_t)(i < 9000 ? i : 9000)) : 0;
        length = length < n - i ? length : n - i;
        uint8_t v = (uint8_t)rnd(letters);
        for (size_t k = 0; k < length; k++, i++) {
            data[i] = back && (back & 3) ? data[i - back] : kind == 1 ? v : (uint8_t)(rnd(letters) & rnd(letters));
        }
    }
}

static struct bytes our_deflate(const uint8_t *data, size_t size, size_t room)
{
    struct bytes out = {0};
    struct arena arena = arena_new(room);
    struct deflate *z = deflate_open(sink, &out, size, &arena);

    check(z != NULL, "%zu bytes of scratch for %zu", room, size);
    for (size_t at = 0; at < size;) {
        size_t part = 1 + rnd(5000);
        part = part < size - at ? part : size - at;
        check_equal(deflate_write(z, data + at, part), 0, " ");
        at += part;
    }
    check_equal(deflate_close(z), 0, " ");
    free(arena.base);
    return out;
}

static void zlib_reads_it(void)
{
    size_t size = rnd(4) ? rnd(3000) : rnd(200000);
    uint8_t *data = malloc(size + 1), *back = malloc(size + 1);
    uLongf n = size + 1;

    fill_some(data, size);
    struct bytes out = our_deflate(data, size, DEFLATE_SCRATCH - (size < 22528 ? 22528 - size : 0));
    check_equal(uncompress(back, &n, out.data, out.size), Z_OK, "%zu bytes", size);
    check(n == size && memcmp(back, data, size) == 0, "%zu bytes, got %lu", size, n);
    check(out.size <= size + 5 * (size / 4096 + 2) + 6, "%zu bytes became %zu", size, out.size);
    free(out.data);
    free(data);
    free(back);
}

/* Huffman's code is the shortest: by the two-queue method, on 64-bit sums. A cut code is a code, and not much longer. */
static uint64_t huffman_cost(const uint32_t *frequencies, int count)
{
    uint64_t nodes[600], sum = 0;
    int n = 0;

    for (int i = 0; i < count; i++) {
        if (frequencies[i]) {
            nodes[n++] = frequencies[i];
        }
    }
    if (n == 1) {
        return nodes[0];
    }
    while (n > 1) {
        for (int k = 0; k < 2; k++) {       /* the two least to the end */
            for (int i = 0; i < n - 1 - k; i++) {
                if (nodes[i] < nodes[n - 1 - k]) {
                    uint64_t t = nodes[i];
                    nodes[i] = nodes[n - 1 - k];
                    nodes[n - 1 - k] = t;
                }
            }
        }
        nodes[n - 2] += nodes[n - 1];
        sum += nodes[n - 2];
        n--;
    }
    return sum;
}

static void code_lengths(void)
{
    static const int counts[] = {286, 30, 19, 2, 1};
    uint32_t frequencies[288] = {0}, work[288];
    int count = counts[rnd(5)], longest = count == 19 ? 7 : between(12, 15), skew = (int)rnd(20), used = 0;
    uint8_t lengths[288];
    uint64_t cost = 0, kraft = 0;

    for (int i = 0; i < count; i++) {
        frequencies[i] = rnd(3) ? 1 + (rnd(1u << 20) >> rnd((uint32_t)skew + 1)) : 0;
        used += frequencies[i] > 0;
    }
    deflate_code_lengths(frequencies, count, longest, lengths, work);
    for (int i = 0; i < count; i++) {
        check((lengths[i] > 0) == (frequencies[i] > 0) && lengths[i] <= longest, "symbol %d: %d times, %d bits", i, frequencies[i], lengths[i]);
        cost += (uint64_t)frequencies[i] * lengths[i];
        kraft += lengths[i] ? 1u << (15 - lengths[i]) : 0;
    }
    check(used < 2 || kraft == 1u << 15, "not a full code of %d symbols: %lld", used, (long long)kraft);
    uint64_t least = huffman_cost(frequencies, count);
    check(cost >= least && cost <= least + least / 8, "%lld bits, Huffman %lld", (long long)cost, (long long)least);
    deflate_code_lengths(frequencies, count, 30, lengths, work);
    cost = 0;
    for (int i = 0; i < count; i++) {
        cost += (uint64_t)frequencies[i] * lengths[i];
    }
    check_equal(cost, least, "without a limit it is Huffman's");
}

/* ---- Files ---- */

static size_t encode_room(int w, int bytes)
{
    return PNG_ENCODE_SCRATCH + 5 * (size_t)w * (size_t)bytes;
}

static int our_encode(const struct image *img, const struct rect *roi, size_t room, struct bytes *file)
{
    struct arena arena = arena_new(room);
    struct memory_stream memory = {.data = malloc(300000), .capacity = 300000};
    struct stream out = memory_stream_open(&memory);
    int err = png_encode(img, roi, &out, &arena);

    check_equal(arena.used, 0, "not given back");
    free(arena.base);
    *file = (struct bytes){memory.data, memory.size, 300000};
    bytes_fit(file);
    return err;
}

static void libpng_reads_it(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0), got;
    struct rect roi = random_roi(&img), part, *use = rnd(2) ? &roi : NULL;
    struct bytes file;
    int w = 0, h = 0;
    uint16_t row[48];

    image_clip(&img, use, &part);
    check_equal(our_encode(&img, use, encode_room(part.w, pixformat_has_color(img.format) ? 3 : 1), &file), 0, "%x", img.format);
    uint8_t *rgb = oracle_decode(&file, &w, &h);
    check(rgb && w == part.w && h == part.h, "%dx%d is %dx%d", part.w, part.h, w, h);
    enum pixel_format format = pixformat_has_color(img.format) ? PIXFORMAT_RGB565 : img.format;
    check_equal(our_decode(&file, format, decode_room(w, h, 24, false, 32768), &got), 0, " ");
    for (int i = 0; i < w * h; i++) {
        row_load_rgb565(&img, part.x, part.y + i / w, part.w, row);
        struct rgb c = color_rgb565_to_rgb(row[i % w]);
        uint8_t gray = (uint8_t)(format == PIXFORMAT_RGB565 ? 0 : gray_of(&img, part.x + i % w, part.y + i / w));
        c = format == PIXFORMAT_RGB565 ? c : (struct rgb){gray, gray, gray};
        check(rgb[3 * i] == c.r && rgb[3 * i + 1] == c.g && rgb[3 * i + 2] == c.b, "pixel %d of %dx%d, format %x", i, w, h, img.format);
        check_equal(pixel(&got, i % w, i / w), format == PIXFORMAT_RGB565 ? row[i % w] : pixel(&img, part.x + i % w, part.y + i / w), "pixel %d", i);
    }
    free(rgb);
    free(got.data);
    free(file.data);
    free(img.data);
}

/* A photograph's kind of picture: slopes, edges, grain; or a drawing. Interleaved bytes follow from it. */
static struct image make_picture(enum pixel_format format, bool drawing)
{
    struct image img = image_new(320, 240, format, 0);

    for (int y = 0; y < 240; y++) {
        for (int x = 0; x < 320; x++) {
            int cell = (x / 53 + y / 47 * 3) % 5, r, g, b;
            if (drawing) {
                bool ink = (x * 7 / 5 + y) % 37 < 2 || ((x / 4 * 5 + y / 9 * 3) % 11 == 0 && cell == 2);
                r = ink ? 0 : cell * 50;
                g = ink ? 0 : 200 - cell * 30;
                b = ink ? 255 : cell * 20;
            } else {
                r = x * (cell + 1) / 4 + y / 3 + between(-4, 4);
                g = y * (5 - cell) / 3 + x / 5 + between(-4, 4);
                b = (x + y) / (cell + 2) + between(-6, 6);
            }
            struct rgb c = {(uint8_t)(r & 255), (uint8_t)(g & 255), (uint8_t)(b & 255)};
            image_set_pixel(&img, x, y, color_to_native(format, c));
        }
    }
    return img;
}

/* Beside libpng at its level 6, filters as it chooses them by itself. */
static void sizes(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool color = i & 1, drawing = i & 2;
        struct image img = make_picture(color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE, drawing);
        struct oracle_picture p = {320, 240, 8, color ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, color ? 960 : 320, malloc(240 * 960)};
        for (int k = 0; k < 320 * 240; k++) {
            struct rgb c = color_from_native(img.format, pixel(&img, k % 320, k / 320));
            memcpy(p.data + k * (color ? 3 : 1), &c, color ? 3 : 1);
        }
        struct oracle_options o = {6, Z_FILTERED, 15, PNG_ALL_FILTERS, 8192, false, false, false};
        struct bytes theirs = oracle_encode(&p, &o), ours;
        check_equal(our_encode(&img, NULL, encode_room(320, 3), &ours), 0, " ");
        print_message("%s %s: %zu bytes, libpng %zu\n", color ? "RGB" : "gray", drawing ? "drawing" : "photograph", ours.size, theirs.size);
        check(ours.size * 100 <= theirs.size * (drawing ? 150 : 104), "%zu bytes, libpng %zu", ours.size, theirs.size);
        free(theirs.data);
        free(ours.data);
        free(p.data);
        free(img.data);
    }
}

/* ---- What may fail ---- */

struct failing { struct bytes file; int calls, fail_at; };

static int failing_write(void *context, const void *data, size_t size)
{
    struct failing *f = context;

    bytes_add(&f->file, data, size);
    return f->calls++ == f->fail_at ? -77 : 0;
}

static void failures(void **state)
{
    (void)state;
    struct image img = image_random(130, 90, PIXFORMAT_RGB565, 0);
    struct rect outside = {200, 0, 5, 5};
    struct bytes file;

    for (int fail_at = 0;; fail_at++) {
        struct failing f = {.fail_at = fail_at};
        struct stream out = {.write = failing_write, .context = &f};
        struct arena arena = arena_new(encode_room(130, 3));
        int err = png_encode(&img, NULL, &out, &arena);
        free(arena.base);
        free(f.file.data);
        if (f.calls <= fail_at) {
            check_equal(err, 0, " ");
            break;
        }
        check_equal(err, -77, "call %d of %d", fail_at, f.calls);
    }
    for (size_t room = 0; room < encode_room(130, 3); room += 311) {
        int err = our_encode(&img, NULL, room, &file);
        check(err == VISION_E_MEMORY || (err == 0 && room > 44000), "%zu bytes: %d", room, err);
        free(file.data);
    }
    check_equal(our_encode(&img, &outside, 60000, &file), VISION_E_ROI, " ");
    free(file.data);
    img.format = PIXFORMAT_JPEG;
    check_equal(our_encode(&img, NULL, 60000, &file), VISION_E_FORMAT, " ");
    free(file.data);
    free(img.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(zlib_reads_it, 400)
PROPERTY(code_lengths, 1000)
PROPERTY(libpng_reads_it, 600)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zlib_reads_it), cmocka_unit_test(test_code_lengths), cmocka_unit_test(test_libpng_reads_it),
        cmocka_unit_test(sizes),              cmocka_unit_test(failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
