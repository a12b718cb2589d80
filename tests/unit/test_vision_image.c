/* SPDX-License-Identifier: MIT */
/* Images, rows and conversions, each pixel against its definition, in every format and many sizes. */
#include "vision_test.h"

#include "vision/convert.h"
#include "vision/row.h"

static void sizes(void **state)
{
    (void)state;
    struct image img;
    uint8_t data[64];

    assert_int_equal(pixformat_row_bytes(PIXFORMAT_BINARY, 33), 8);
    assert_int_equal(pixformat_row_bytes(PIXFORMAT_RGB565, 3), 6);
    assert_int_equal(pixformat_row_bytes(PIXFORMAT_JPEG, 3), 0);
    assert_int_equal(pixformat_image_bytes(PIXFORMAT_GRAYSCALE, 0, 5), 0);
    assert_int_equal(pixformat_image_bytes(PIXFORMAT_GRAYSCALE, IMAGE_MAX_SIDE + 1, 5), 0);
    assert_int_equal(image_init(&img, 8, 8, PIXFORMAT_GRAYSCALE, data, 64), 0);
    assert_int_equal(image_init(&img, 9, 8, PIXFORMAT_GRAYSCALE, data, 64), VISION_E_SPACE);
    assert_int_equal(image_init(&img, -1, 8, PIXFORMAT_GRAYSCALE, data, 64), VISION_E_SIZE);
    assert_int_equal(image_init(&img, 1, 1, PIXFORMAT_JPEG, data, 64), VISION_E_FORMAT);
    assert_int_equal(image_init(&img, 1, 1, (enum pixel_format)7, data, 64), VISION_E_FORMAT);
    for (int e = 1; e >= -20; e--) {
        assert_non_null(vision_strerror(e));
    }
}

static void rects_are_safe(void **state)
{
    (void)state;
    static const int edge[] = {INT32_MIN, INT32_MIN + 1, -5, -1, 0, 1, 5, INT32_MAX - 1, INT32_MAX};
    enum { N = sizeof edge / sizeof *edge };
    const struct rect box = {0, 0, 6, 6};

    for (int i = 0; i < N * N * N * N; i++) {
        struct rect r = {edge[i % N], edge[i / N % N], edge[i / N / N % N], edge[i / N / N / N]};
        struct rect got = rect_intersect(r, box);
        int columns = 0, rows = 0;
        for (int k = 0; k < 6; k++) {
            columns += k >= r.x && (int64_t)k < (int64_t)r.x + r.w;
            rows += k >= r.y && (int64_t)k < (int64_t)r.y + r.h;
        }
        bool none = columns == 0 || rows == 0;
        check(got.w == (none ? 0 : columns) && got.h == (none ? 0 : rows), "%d %d %d %d: got %d x %d", r.x, r.y, r.w, r.h, got.w, got.h);
    }
}

static void arena_gives_what_it_has(void **state)
{
    (void)state;
    for (size_t size = 0; size < 40; size++) {
        for (size_t offset = 0; offset < 8; offset++) {
            uint8_t *memory = malloc(48);
            struct arena a = {.base = memory + offset, .size = size};
            size_t available = arena_available(&a);
            assert_int_equal(a.missed, 0);
            assert_null(arena_alloc(&a, available + 1));
            assert_int_equal(a.used, 0);
            assert_true(a.missed > size);
            if (available) {
                uint8_t *p = arena_alloc(&a, available);
                assert_non_null(p);
                assert_int_equal((uintptr_t)p & 7, 0);
                assert_true(p + available <= memory + offset + size);
            }
            assert_null(arena_alloc(&a, SIZE_MAX));
            assert_true(a.missed == SIZE_MAX);
            free(memory);
        }
    }
}

static void pixels_come_back(void)
{
    struct image img = image_random(between(1, 40), between(1, 40), formats[rnd(ALL_FORMATS)], 0);
    struct image before = image_duplicate(&img);
    int x = between(0, img.width - 1), y = between(0, img.height - 1);
    uint32_t v = rnd(65536), mask = img.format == PIXFORMAT_BINARY ? 1 : pixformat_row_bytes(img.format, 1) == 1 ? 255 : 65535;

    check_equal(image_set_pixel(&img, x, y, v), 0, " ");
    check_equal(pixel(&img, x, y), img.format == PIXFORMAT_BINARY ? (v != 0) : (v & mask), "at %d %d", x, y);
    for (int i = 0; i < img.width * img.height; i++) {
        if (i != y * img.width + x) {
            check_equal(pixel(&img, i % img.width, i / img.width), pixel(&before, i % img.width, i / img.width), "neighbour %d", i);
        }
    }
    check_equal(image_set_pixel(&img, img.width, 0, 1), VISION_E_ROI, " ");
    check_equal(image_set_pixel(&img, 0, -1, 1), VISION_E_ROI, " ");
    check_equal(image_get_pixel(&img, INT32_MAX, INT32_MIN, &v), VISION_E_ROI, " ");
    free(img.data);
    free(before.data);
}

/* A channel of a Bayer image by definition: the mean of the nearest samples of that colour, borders mirrored. */
static int sample(const struct image *img, struct rect view, int x, int y)
{
    x = x < 0 ? -x : x >= view.w ? 2 * view.w - 2 - x : x;
    y = y < 0 ? -y : y >= view.h ? 2 * view.h - 2 - y : y;
    x = view.w == 1 ? 0 : x;
    y = view.h == 1 ? 0 : y;
    return image_row(img, view.y + y)[view.x + x];
}

/* The colour of a sample at (x, y) of the image: 0 red, 1 green, 2 blue. */
static int bayer_color(enum pixel_format format, int x, int y)
{
    static const char *const order[4] = {"BGGR", "GBRG", "GRBG", "RGGB"};
    char c = order[(unsigned)format >> 8 & 3][(y & 1) * 2 + (x & 1)];
    return c == 'R' ? 0 : c == 'G' ? 1 : 2;
}

static int bayer_channel(const struct image *img, struct rect view, int x, int y, int channel)
{
    static const int near4[4][2] = {{0, -1}, {0, 1}, {-1, 0}, {1, 0}}, diagonal[4][2] = {{-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
    int here = bayer_color(img->format, view.x + x, view.y + y), sum = 0, n = 0;

    if (here == channel) {
        return sample(img, view, x, y);
    }
    for (int i = 0; i < 4; i++) {
        const int *d = here != 1 && channel != 1 ? diagonal[i] : near4[i];
        if (bayer_color(img->format, view.x + x + d[0] + 2, view.y + y + d[1] + 2) == channel) {
            sum += sample(img, view, x + d[0], y + d[1]);
            n++;
        }
    }
    return sum / n;
}

/* Expanded colour of pixel (x, y) of a region, by definition. */
static struct rgb rgb_of(const struct image *img, struct rect view, int x, int y)
{
    if (pixformat_is_bayer(img->format)) {
        return (struct rgb){(uint8_t)bayer_channel(img, view, x, y, 0), (uint8_t)bayer_channel(img, view, x, y, 1),
                            (uint8_t)bayer_channel(img, view, x, y, 2)};
    }
    uint32_t v = pixel(img, view.x + x, view.y + y);
    if (pixformat_is_yuv(img->format)) {
        int first = x & ~1, second = first + 1 < view.w ? first + 1 : first;
        int c0 = (int)(pixel(img, view.x + first, view.y + y) >> 8) - 128, c1 = (int)(pixel(img, view.x + second, view.y + y) >> 8) - 128;
        bool u_first = (img->format == PIXFORMAT_YUV422) == !(view.x & 1);
        struct yuv c = {(int8_t)((v & 255) - 128), (int8_t)(u_first ? c0 : c1), (int8_t)(u_first ? c1 : c0)};
        return color_yuv_to_rgb(c);
    }
    if (img->format == PIXFORMAT_RGB565) {
        return color_rgb565_to_rgb(v);
    }
    uint8_t y8 = (uint8_t)gray_of(img, view.x + x, view.y + y);
    return (struct rgb){y8, y8, y8};
}

static int gray_by_definition(const struct image *img, struct rect view, int x, int y)
{
    if (pixformat_is_yuv(img->format)) {
        return (int)(pixel(img, view.x + x, view.y + y) & 255);
    }
    if (img->format == PIXFORMAT_BINARY || img->format == PIXFORMAT_GRAYSCALE) {
        return gray_of(img, view.x + x, view.y + y);
    }
    struct rgb c = rgb_of(img, view, x, y);
    return (38 * c.r + 75 * c.g + 15 * c.b) >> 7;
}

/* What a conversion makes of pixel (x, y) of the region. */
static uint32_t expected_pixel(const struct image *src, struct rect view, int x, int y, const struct convert_options *o,
                               enum pixel_format to)
{
    struct rgb c = rgb_of(src, view, x, y);
    int gray = gray_by_definition(src, view, x, y);

    if (o->rgb_channel >= 0 && pixformat_has_color(src->format)) {
        gray = o->rgb_channel == 0 ? c.r : o->rgb_channel == 1 ? c.g : c.b;
    }
    if (o->rgb_channel >= 0) {
        c = (struct rgb){(uint8_t)gray, (uint8_t)gray, (uint8_t)gray};
    }
    if (o->palette) {
        uint32_t p = o->palette[gray];
        return to == PIXFORMAT_RGB565 ? p : to == PIXFORMAT_GRAYSCALE ? color_rgb565_to_gray(p) : color_rgb565_to_gray(p) > 127;
    }
    if (to == PIXFORMAT_RGB565) {
        return color_rgb_to_rgb565(c);
    }
    return to == PIXFORMAT_GRAYSCALE ? (uint32_t)gray : (uint32_t)(gray > 127);
}

static void rows_load(void)
{
    struct image img = image_random(between(1, 80), between(1, 5), formats[rnd(ALL_FORMATS)], 0);
    int x = between(0, img.width - 1), y = between(0, img.height - 1), w = between(1, img.width - x);
    struct rect all = {0, 0, img.width, img.height};
    uint8_t *gray = malloc((size_t)w), *plane[3];
    uint16_t *rgb565 = malloc((size_t)w * 2);
    uint32_t *bits = malloc((size_t)row_words(w) * 4);

    for (int i = 0; i < 3; i++) {
        plane[i] = malloc((size_t)w);
    }
    row_load_gray(&img, x, y, w, gray);
    row_load_rgb565(&img, x, y, w, rgb565);
    row_load_rgb(&img, x, y, w, plane[0], plane[1], plane[2]);
    row_load_bits(&img, x, y, w, bits);
    for (int i = 0; i < w; i++) {
        struct rgb c = rgb_of(&img, all, x + i, y);
        int want = gray_by_definition(&img, all, x + i, y);
        check_equal(gray[i], want, "format %x pixel %d of %d from %d", img.format, i, w, x);
        check_equal(rgb565[i], color_rgb_to_rgb565(c), "format %x pixel %d of %d from %d", img.format, i, w, x);
        check(plane[0][i] == c.r && plane[1][i] == c.g && plane[2][i] == c.b, "format %x pixel %d of %d from %d", img.format, i, w, x);
        check_equal(bits[i >> 5] >> (i & 31) & 1, want > 127, "format %x pixel %d of %d from %d", img.format, i, w, x);
    }
    check_equal(w & 31 ? bits[w >> 5] >> (w & 31) : 0, 0, "bits past the end");
    free(gray);
    free(rgb565);
    free(bits);
    for (int i = 0; i < 3; i++) {
        free(plane[i]);
    }
    free(img.data);
}

static void rows_store(void)
{
    struct image img = image_random(between(1, 80), 3, formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    int x = between(0, img.width - 1), w = between(1, img.width - x), kind = between(0, 4);
    struct image gray = image_random(w, 1, PIXFORMAT_GRAYSCALE, 0), color = image_random(w, 1, PIXFORMAT_RGB565, 0);
    struct image bits = image_random(w, 1, PIXFORMAT_BINARY, 0);
    uint8_t *planes = malloc((size_t)w * 3);
    uint32_t native = rnd(2) ? 0 : 0xA5A5;

    row_load_rgb(&color, 0, 0, w, planes, planes + w, planes + 2 * w);
    if (kind == 0) {
        row_store_gray(&img, x, 1, w, gray.data);
    } else if (kind == 1) {
        row_store_rgb565(&img, x, 1, w, (uint16_t *)(void *)color.data);
    } else if (kind == 2) {
        row_store_rgb(&img, x, 1, w, planes, planes + w, planes + 2 * w);
    } else if (kind == 3) {
        row_store_bits(&img, x, 1, w, (uint32_t *)(void *)bits.data);
    } else {
        row_blend_bits(&img, x, 1, w, (uint32_t *)(void *)bits.data, native);
    }
    for (int i = 0; i < img.width * 3; i++) {
        int px = i % img.width, k = px - x;
        uint32_t want = pixel(&before, px, i / img.width);
        if (i / img.width == 1 && k >= 0 && k < w) {
            bool bit = pixel(&bits, k, 0);
            uint8_t y = (uint8_t)(kind == 0 ? pixel(&gray, k, 0) : kind == 3 ? (bit ? 255u : 0) : (uint32_t)gray_of(&color, k, 0));
            if (kind == 4) {
                uint32_t cut = img.format == PIXFORMAT_BINARY ? (native != 0) : img.format == PIXFORMAT_GRAYSCALE ? (native & 255) : native;
                want = bit ? cut : want;
            } else if (img.format == PIXFORMAT_RGB565 && (kind == 1 || kind == 2)) {
                want = pixel(&color, k, 0);
            } else {
                want = color_to_native(img.format, (struct rgb){y, y, y});
            }
        }
        check_equal(pixel(&img, px, i / img.width), want, "kind %d format %x pixel %d, row part %d + %d", kind, img.format, i, x, w);
    }
    free(img.data);
    free(before.data);
    free(gray.data);
    free(color.data);
    free(bits.data);
    free(planes);
}

static void conversions(void)
{
    enum pixel_format from = formats[rnd(ALL_FORMATS)], to = formats[rnd(MUTABLE_FORMATS)];
    int w = between(1, 40), h = between(1, 40);
    struct image src = image_random(w, h, from, pixformat_image_bytes(to, w, h));
    struct rect roi = random_roi(&src), part;
    uint16_t palette[256];
    struct convert_options o = {.roi = rnd(2) ? &roi : NULL, .rgb_channel = rnd(3) ? -1 : between(0, 2), .palette = rnd(3) ? NULL : palette};

    for (int i = 0; i < 256; i++) {
        palette[i] = (uint16_t)rnd(65536);
    }
    assert_int_equal(image_clip(&src, o.roi, &part), 0);
    bool copies = from == to && o.rgb_channel < 0 && !o.palette;
    struct image dst = image_new(part.w, part.h, to, 0);
    dst.width = dst.height = -1;
    size_t bound = 8 * (size_t)part.w + 64;
    struct arena arena = arena_new(bound);
    check_equal(convert_image(&dst, &src, &o, &arena), 0, "from %x to %x", from, to);
    check(dst.width == part.w && dst.height == part.h && arena.used == 0, "%d x %d", dst.width, dst.height);
    for (int i = 0; i < part.w * part.h; i++) {
        int x = i % part.w, y = i / part.w;
        uint32_t want = copies ? pixel(&src, part.x + x, part.y + y) : expected_pixel(&src, part, x, y, &o, to);
        check_equal(pixel(&dst, x, y), want, "from %x to %x channel %d palette %d at %d %d of %d x %d", from, to, o.rgb_channel,
                    o.palette != NULL, x, y, part.w, part.h);
    }
    /* each lack of memory is reported and leaves everything as it was */
    struct image before = image_duplicate(&src);
    for (size_t size = 0; size < arena.peak; size += 3) {
        struct arena small = arena_new(size);
        struct image out = {.format = to, .data = dst.data};
        check_equal(convert_image(&out, &src, &o, &small), VISION_E_MEMORY, "arena of %zu of %zu", size, arena.peak);
        free(small.base);
    }
    check(memcmp(before.data, src.data, image_bytes(&src)) == 0, "source changed");
    /* in place gives the same */
    struct image same = {.format = to, .data = src.data};
    check_equal(convert_image(&same, &src, &o, &arena), 0, " ");
    check(same.width == part.w && same.height == part.h, "%d x %d", same.width, same.height);
    for (int i = 0; i < part.w * part.h; i++) {
        check_equal(pixel(&same, i % part.w, i / part.w), pixel(&dst, i % part.w, i / part.w), "in place from %x to %x at %d %d of %d x %d",
                    from, to, i % part.w, i / part.w, part.w, part.h);
    }
    free(arena.base);
    free(src.data);
    free(before.data);
    free(dst.data);
}

/* In place a part of a gray row may lie where its own RGB565 comes, in a row that is no longer than the image's. */
static void part_grows_in_place(void **state)
{
    (void)state;
    for (int x = 0; x <= 50; x++) {
        struct image img = image_new(100, 3, PIXFORMAT_GRAYSCALE, 0), out = image_new(50, 2, PIXFORMAT_RGB565, 0), same = {.format = PIXFORMAT_RGB565, .data = img.data};
        struct rect roi = {x, 1, 50, 2};
        struct convert_options o = {.roi = &roi, .rgb_channel = -1};
        struct arena arena = arena_new(1000);
        for (int i = 0; i < 300; i++) {
            img.data[i] = (uint8_t)(i * 7);
        }
        assert_int_equal(convert_image(&out, &img, &o, &arena), 0);
        roi.y = 0;                  /* the first rows, where they are */
        memmove(img.data, img.data + 100, 200);
        assert_int_equal(convert_image(&same, &img, &o, &arena), 0);
        assert_memory_equal(same.data, out.data, image_bytes(&out));
        free(arena.base);
        free(out.data);
        free(img.data);
    }
}

static void copies(void)
{
    struct image src = image_random(between(1, 70), between(1, 20), formats[rnd(ALL_FORMATS)], 0);
    struct rect roi = random_roi(&src), part;
    image_clip(&src, &roi, &part);
    struct image dst = image_new(part.w, part.h, src.format, 0);

    check_equal(image_copy(&dst, &src, &roi), 0, " ");
    struct rect view = {0, 0, part.w, part.h};
    for (int i = 0; i < part.w * part.h; i++) {
        int x = i % part.w, y = i / part.w;
        check_equal(pixel(&dst, x, y), pixel(&src, part.x + x, part.y + y), "format %x at %d %d", src.format, x, y);
        struct rgb a = rgb_of(&dst, view, x, y), b = rgb_of(&src, part, x, y);
        check(a.r == b.r && a.g == b.g && a.b == b.b, "the copy's pattern, format %x -> %x at %d %d", src.format, dst.format, x, y);
    }
    check_equal(image_copy(&src, &src, &roi), 0, " ");
    for (int i = 0; i < part.w * part.h; i++) {
        check_equal(pixel(&src, i % part.w, i / part.w), pixel(&dst, i % part.w, i / part.w), "in place, pixel %d", i);
    }
    free(src.data);
    free(dst.data);
}

static void clears(void)
{
    struct image img = image_random(between(1, 70), between(1, 20), formats[rnd(MUTABLE_FORMATS)], 0), before = image_duplicate(&img);
    struct image mask = image_random(img.width + between(0, 3), img.height + between(0, 3), formats[rnd(MUTABLE_FORMATS)], 0);

    check_equal(image_clear(&img, &mask), 0, " ");
    for (int i = 0; i < img.width * img.height; i++) {
        int x = i % img.width, y = i / img.width;
        check_equal(pixel(&img, x, y), gray_of(&mask, x, y) > 127 ? 0 : pixel(&before, x, y), "at %d %d", x, y);
    }
    mask.width = img.width - 1;
    check_equal(mask.width ? image_clear(&img, &mask) : VISION_E_SIZE, VISION_E_SIZE, " ");
    check_equal(image_clear(&img, NULL), 0, " ");
    check_equal(pixel(&img, img.width - 1, img.height - 1), 0, " ");
    free(img.data);
    free(before.data);
    free(mask.data);
}

static void conversion_errors(void **state)
{
    (void)state;
    struct image src = image_new(4, 4, PIXFORMAT_GRAYSCALE, 64), dst = {.format = PIXFORMAT_RGB565, .data = src.data};
    struct arena arena = arena_new(1000);
    struct convert_options o = CONVERT_DEFAULTS;
    struct rect outside = {4, 0, 5, 5};

    o.rgb_channel = 3;
    assert_int_equal(convert_image(&dst, &src, &o, &arena), VISION_E_ARGUMENT);
    o.rgb_channel = -1;
    o.roi = &outside;
    assert_int_equal(convert_image(&dst, &src, &o, &arena), VISION_E_ROI);
    dst.format = PIXFORMAT_YUV422;
    assert_int_equal(convert_image(&dst, &src, NULL, &arena), VISION_E_FORMAT);
    dst.format = PIXFORMAT_RGB565;
    src.format = PIXFORMAT_JPEG;
    assert_int_equal(convert_image(&dst, &src, NULL, &arena), VISION_E_FORMAT);
    free(arena.base);
    free(src.data);
}

#define PROPERTY(name, seeds)                                                                                                              \
    static void test_##name(void **state)                                                                                                  \
    {                                                                                                                                      \
        (void)state;                                                                                                                       \
        for_seeds(name, seeds);                                                                                                            \
    }
PROPERTY(pixels_come_back, 300)
PROPERTY(rows_load, 2000)
PROPERTY(rows_store, 2000)
PROPERTY(conversions, 2500)
PROPERTY(copies, 800)
PROPERTY(clears, 300)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),          cmocka_unit_test(rects_are_safe),  cmocka_unit_test(arena_gives_what_it_has),
        cmocka_unit_test(test_pixels_come_back), cmocka_unit_test(test_rows_load), cmocka_unit_test(test_rows_store),
        cmocka_unit_test(test_conversions), cmocka_unit_test(part_grows_in_place), cmocka_unit_test(test_copies), cmocka_unit_test(test_clears),
        cmocka_unit_test(conversion_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
