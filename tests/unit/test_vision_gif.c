/* SPDX-License-Identifier: MIT */
/* Animated GIFs, read by a decoder that knows only the format (GIF89a, appendix F for the code): gray exactly, colours near enough. */
#include "vision_test.h"

#include "vision/gif.h"
#include "vision/row.h"

/* ---- The decoder ---- */

struct decoder { const uint8_t *file; size_t size, at; int w, h; bool gray_palette, loop; };

static uint8_t next(struct decoder *d)
{
    check(d->at < d->size, "the file ends at %zu", d->at);
    return d->file[d->at++];
}

static int next2(struct decoder *d)
{
    int low = next(d);
    return low | next(d) << 8;
}

static void open_gif(struct decoder *d, const uint8_t *file, size_t size)
{
    *d = (struct decoder){.file = file, .size = size, .at = 6};
    check(size > 13 && memcmp(file, "GIF89a", 6) == 0, "%zu bytes", size);
    d->w = next2(d);
    d->h = next2(d);
    int packed = next(d);
    check(next(d) == 0 && next(d) == 0, "background, aspect");
    d->gray_palette = packed & 0x80;
    for (int i = 0; d->gray_palette && i < 3 << ((packed & 7) + 1); i++) {
        check_equal(next(d), i / 3, "gray palette");
    }
    if (d->file[d->at] == 0x21 && d->file[d->at + 1] == 0xFF) {
        check(memcmp(d->file + d->at + 2, "\13NETSCAPE2.0\3\1\0\0", 17) == 0, "loop");
        d->at += 19;
        d->loop = true;
    }
}

/* The pixels of the code at d->at: `count` values. */
static void decode(struct decoder *d, int count, uint8_t *out)
{
    static uint16_t prefix[4096];
    static uint8_t suffix[4096], string[4097];
    int literal = next(d), clear = 1 << literal, size = literal + 1, used = clear + 2, last = -1, done = 0, left = 0, bits = 0, code;
    uint32_t held = 0;
    bool ended = false;

    check(literal >= 2 && literal <= 8, "%d", literal);
    for (;;) {
        while (bits < size) {
            if (!left) {
                left = next(d);
                check(left > 0, "the picture ends after %d of %d pixels", done, count);
            }
            held |= (uint32_t)next(d) << bits;
            bits += 8;
            left--;
        }
        code = (int)(held & ((1u << size) - 1));
        held >>= size;
        bits -= size;
        if (code == clear + 1) {
            ended = true;
            break;
        }
        if (code == clear) {
            size = literal + 1;
            used = clear + 2;
            last = -1;
            continue;
        }
        check(code < used || (code == used && last >= 0), "code %d of %d", code, used);
        int n = 0, walk = code < used ? code : last;
        if (code == used) {
            n++;                    /* its last byte is its first, which is known only below */
        }
        for (; walk >= clear; walk = prefix[walk]) {
            string[n++] = suffix[walk];
        }
        string[n++] = (uint8_t)walk;
        if (code == used) {
            string[0] = (uint8_t)walk;
        }
        check(done + n <= count, "%d pixels too many", done + n - count);
        for (int i = 0; i < n; i++) {
            out[done++] = string[n - 1 - i];
        }
        if (last >= 0 && used < 4096) {
            prefix[used] = (uint16_t)last;
            suffix[used++] = (uint8_t)walk;
            size += used == 1 << size && size < 12;
        }
        last = code;
    }
    check(ended && done == count && left == 0 && bits < 8, "%d of %d pixels, %d bytes left", done, count, left);
    check_equal(next(d), 0, "the end of the blocks");
}

/* The next picture as r, g, b; its delay. */
static int next_picture(struct decoder *d, struct rgb *out)
{
    struct rgb palette[256];
    uint8_t *pixels = malloc((size_t)d->w * (size_t)d->h);

    check(next(d) == 0x21 && next(d) == 0xF9 && next(d) == 4 && next(d) == 4, "control extension at %zu", d->at);
    int delay = next2(d);
    check(next(d) == 0 && next(d) == 0 && next(d) == 0x2C, "descriptor at %zu", d->at);
    check(next2(d) == 0 && next2(d) == 0 && next2(d) == d->w && next2(d) == d->h, "place at %zu", d->at);
    int packed = next(d), colors = packed & 0x80 ? 2 << (packed & 7) : 256;
    check((packed & 0x78) == 0 && d->gray_palette != (bool)(packed & 0x80), "%x", (unsigned)packed);
    for (int i = 0; i < colors; i++) {
        palette[i] = (struct rgb){(uint8_t)i, (uint8_t)i, (uint8_t)i};
        if (packed & 0x80) {
            palette[i].r = next(d), palette[i].g = next(d), palette[i].b = next(d);
        }
    }
    decode(d, d->w * d->h, pixels);
    for (int i = 0; i < d->w * d->h; i++) {
        check(pixels[i] < colors, "pixel %d", i);
        out[i] = palette[pixels[i]];
    }
    free(pixels);
    return delay;
}

/* ---- Properties ---- */

enum { SCRATCH = 36 * 1024 + 48, COLOR_SCRATCH = 65536 };

static int add(struct gif *g, const struct image *img, int delay, size_t size)
{
    struct arena arena = arena_new(size);
    int err = gif_append(g, img, delay, &arena);

    check_equal(arena.used, 0, " ");
    free(arena.base);
    return err;
}

static size_t scratch(const struct image *img, bool color)
{
    return SCRATCH + 2 * (size_t)img->width + (color ? COLOR_SCRATCH : 0);
}

/* Few colours: within what 5 bits a channel can tell. */
static bool few_colors(const struct image *img)
{
    static bool seen[GIF_CELLS];
    uint16_t row[64];
    int n = 0;

    memset(seen, 0, sizeof seen);
    for (int y = 0; y < img->height; y++) {
        row_load_rgb565(img, 0, y, img->width, row);
        for (int x = 0; x < img->width; x++) {
            n += !seen[gif_cell(row[x])];
            seen[gif_cell(row[x])] = true;
        }
    }
    return n <= 256;
}

static void films(void)
{
    int w = between(1, 40), h = between(1, 40), count = between(0, 4);
    bool color = rnd(2), loop = rnd(2);
    struct memory_stream memory = {malloc(1 << 18), 0, 1 << 18, 0};
    struct stream stream = memory_stream_open(&memory);
    struct image img[4];
    struct rgb *got = malloc(sizeof *got * 1600);
    struct decoder d;
    struct gif g;

    check_equal(gif_create(&g, &stream, w, h, color, loop), 0, " ");
    for (int i = 0; i < count; i++) {
        img[i] = image_random(w, h, formats[rnd(ALL_FORMATS)], 0);
        check_equal(add(&g, &img[i], i * 300, scratch(&img[i], color)), 0, "picture %d", i);
    }
    check_equal(gif_finish(&g), 0, " ");
    check_equal(g.end, memory.size, " ");
    open_gif(&d, memory.data, memory.size);
    check(d.w == w && d.h == h && d.loop == loop && d.gray_palette == !color, "%d x %d", d.w, d.h);
    for (int i = 0; i < count; i++) {
        check_equal(next_picture(&d, got), i * 300, "picture %d", i);
        bool exact = !color || few_colors(&img[i]);
        for (int y = 0; y < h && exact; y++) {
            uint8_t gray[64];
            uint16_t wide[64];
            row_load_gray(&img[i], 0, y, w, gray);
            row_load_rgb565(&img[i], 0, y, w, wide);
            for (int x = 0; x < w; x++) {
                struct rgb c = got[y * w + x], want = color_rgb565_to_rgb(wide[x]);
                if (!color) {
                    check_equal(c.g, gray[x], "pixel %d, %d of %x", x, y, img[i].format);
                } else {
                    check(abs(c.r - want.r) <= 1 && abs(c.g - want.g) <= 5 && abs(c.b - want.b) <= 1, "pixel %d, %d: %d %d %d", x, y, c.r, c.g, c.b);
                }
            }
        }
        free(img[i].data);
    }
    check(next(&d) == ';' && d.at == d.size, "the end");
    free(got);
    free(memory.data);
}

/* A code table that fills up several times, and one that only just doesn't; a picture of one value, whose strings get as long as can be. */
static void large(void)
{
    int w = between(200, 400), h = between(200, 400), kind = between(0, 2);
    bool color = rnd(2);
    struct memory_stream memory = {malloc(1 << 19), 0, 1 << 19, 0};
    struct stream stream = memory_stream_open(&memory);
    struct image img = image_new(w, h, color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE, 0);
    struct rgb *got = malloc(sizeof *got * (size_t)(w * h));
    double error = 0;
    struct decoder d;
    struct gif g;

    for (int i = 0; i < w * h; i++) {
        int x = i % w * 255 / w, y = i / w * 255 / h;
        uint32_t smooth = color ? color_rgb_to_rgb565((struct rgb){(uint8_t)x, (uint8_t)y, (uint8_t)((x + y) / 2)}) : (uint32_t)((x + y) / 2);
        image_set_pixel(&img, i % w, i / w, kind == 0 ? 7 : kind == 1 ? smooth : rnd(color ? 65536 : 256));
    }
    check_equal(gif_create(&g, &stream, w, h, color, true), 0, " ");
    check_equal(add(&g, &img, 0, scratch(&img, color)), 0, " ");
    open_gif(&d, memory.data, memory.size);
    next_picture(&d, got);
    check_equal(d.at, d.size, " ");
    for (int i = 0; i < w * h; i++) {
        struct rgb want = color_from_native(img.format, pixel(&img, i % w, i / w));
        int r = got[i].r - want.r, gr = got[i].g - want.g, b = got[i].b - want.b;
        error += r * r + gr * gr + b * b;
    }
    error /= 3.0 * w * h;
    /* A smooth surface of colours in 256 of them: 33 dB; noise all over the cube, 24. */
    check(error <= (!color ? 0 : kind == 0 ? 12 : kind == 1 ? 32 : 260), "mean squared error %g of kind %d", error, kind);
    free(got);
    free(img.data);
    free(memory.data);
}

/* Too little scratch, and a disk that fills up: an error, and the next picture is as good as ever. */
static void failing(void)
{
    int w = between(1, 20), h = between(1, 20);
    bool color = rnd(2);
    size_t capacity = 813 + (size_t)between(0, 3000);
    struct memory_stream memory = {malloc(capacity), 0, capacity, 0};
    struct stream stream = memory_stream_open(&memory);
    struct image img = image_random(w, h, formats[rnd(ALL_FORMATS)], 0), other = image_new(w + 1, h, PIXFORMAT_GRAYSCALE, 0);
    struct rgb got[400];
    struct decoder d;
    struct gif g;
    int err, added = 0;

    check_equal(gif_create(&g, &stream, w, h, color, true), 0, " ");
    for (size_t room = 0; room < scratch(&img, color); room += scratch(&img, color) / 23 + 1) {
        err = add(&g, &img, 0, room);
        check(err == VISION_E_MEMORY || room + 64 > scratch(&img, color), "%zu bytes: %d", room, err);
        added += !err;
    }
    check_equal(add(&g, &other, 0, 1 << 17), VISION_E_SIZE, " ");
    check_equal(add(&g, &img, -1, 1 << 17), VISION_E_ARGUMENT, " ");
    check_equal(add(&g, &img, 65536, 1 << 17), VISION_E_ARGUMENT, " ");
    while ((err = add(&g, &img, added, 1 << 17)) == 0) {
        added++;
    }
    check_equal(err, VISION_E_SPACE, " ");
    open_gif(&d, memory.data, g.end);
    for (int i = 0; i < added; i++) {
        next_picture(&d, got);
    }
    check_equal(d.at, d.size, "%d pictures", added);
    free(other.data);
    free(img.data);
    free(memory.data);
}

static void run_films(void **state) { (void)state; for_seeds(films, 200); }
static void run_large(void **state) { (void)state; for_seeds(large, 24); }
static void run_failing(void **state) { (void)state; for_seeds(failing, 40); }

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run_films), cmocka_unit_test(run_large), cmocka_unit_test(run_failing)};
    return cmocka_run_group_tests_name("vision gif", tests, NULL, NULL);
}
