/* SPDX-License-Identifier: MIT */
/* Erosion and dilation on rows of bits, 32 pixels to a word: across by doubling (runs of 2, 4, 8 ... set pixels), then down. To erode is to dilate what
   isn't set. */
#include "vision/morphology.h"

#include <string.h>

#include "vision/row.h"

struct morphology {
    struct image *img;
    const struct morphology_options *options;
    bool erode;
    int k, words, lead;             /* words of a row with its continuation; words before its first pixel's */
    int slots;
    uint32_t *ring;                 /* rows of bits: combined across, or, with a threshold, as they are */
    uint32_t *center, *result, *wide;
    uint16_t *column;               /* with a threshold: set pixels by column */
};

static int clamp(int v, int high)
{
    return v < 0 ? 0 : v > high ? high : v;
}

static uint32_t *slot(const struct morphology *m, int y)
{
    return m->ring + (size_t)(clamp(y, m->img->height - 1) % m->slots) * (size_t)m->words;
}

static inline uint32_t bit(const uint32_t *bits, int i)
{
    return bits[i >> 5] >> (i & 31) & 1;
}

/* Row y as bits, the first pixel being bit 0 of word `lead`, continued to both sides. */
static void load_wide(const struct morphology *m, int y, uint32_t *bits)
{
    int w = m->img->width, last = w - 1;

    row_load_bits(m->img, 0, y, w, bits + m->lead);
    uint32_t left = 0 - bit(bits + m->lead, 0), right = 0 - bit(bits + m->lead, last);
    for (int i = 0; i < m->lead; i++) {
        bits[i] = left;
    }
    int end = m->lead + row_words(w);
    if (w & 31) {
        bits[end - 1] = (bits[end - 1] & ((1u << (w & 31)) - 1)) | right << (w & 31);
    }
    for (int i = end; i < m->words; i++) {
        bits[i] = right;
    }
}

/* bits[i] or bits[i + distance], in place from the left; beyond the end zeros. */
static void combine_shifted(uint32_t *bits, int words, int distance)
{
    int skip = distance >> 5, shift = distance & 31, n = words - skip;
    const uint32_t *from = bits + skip;

    if (n <= 0) {
        return;
    }
    if (!shift) {
        for (int i = 0; i < n; i++) {
            bits[i] |= from[i];
        }
        return;
    }
    uint32_t low = *from;
    for (; n > 1; n--) {
        uint32_t high = *++from;
        *bits++ |= low >> shift | high << (32 - shift);
        low = high;
    }
    *bits |= low >> shift;
}

/* Bit i becomes that of any of bits i .. i + 2 k. */
static void across(const struct morphology *m, uint32_t *bits)
{
    int side = 2 * m->k + 1, run = 1;

    for (int i = 0; i < m->words && m->erode; i++) {
        bits[i] = ~bits[i];
    }
    for (; run * 2 <= side; run *= 2) {
        combine_shifted(bits, m->words, run);
    }
    if (run < side) {
        combine_shifted(bits, m->words, side - run);
    }
}

/* out = bits from `from` on */
static void extract(const uint32_t *bits, int from, int words, uint32_t *out)
{
    int shift = from & 31;

    bits += from >> 5;
    if (!shift) {
        memcpy(out, bits, (size_t)words * 4);
        return;
    }
    for (uint32_t low = *bits; words > 0; words--) {
        uint32_t high = *++bits;
        *out++ = low >> shift | high << (32 - shift);
        low = high;
    }
}

static void standard_row(const struct morphology *m, int y)
{
    const uint32_t *sum = slot(m, y - m->k);

    for (int j = 1 - m->k; j <= m->k; j++) {
        const uint32_t *row = slot(m, y + j);
        uint32_t *wide = m->wide, *end = wide + m->words;
        while (wide < end) {
            *wide++ = *sum++ | *row++;
        }
        sum = m->wide;
    }
    extract(sum, m->lead * 32 - m->k, row_words(m->img->width), m->result);
}

/* With a threshold the ring holds the rows' own bits. */
static void counted_row(const struct morphology *m, int y)
{
    int k = m->k, w = m->img->width, first = m->lead * 32 - k, threshold = m->options->threshold;
    const uint32_t *in = slot(m, y + k), *out = slot(m, y - 1 - k), *here = slot(m, y);
    int sum = 0;

    if (y == 0) {
        memset(m->column, 0, (size_t)(w + 2 * k) * sizeof *m->column);
        for (int j = -k; j <= k; j++) {
            for (int i = 0; i < w + 2 * k; i++) {
                m->column[i] = (uint16_t)(m->column[i] + bit(slot(m, j), first + i));
            }
        }
    } else {
        for (int i = 0; i < w + 2 * k; i++) {
            m->column[i] = (uint16_t)(m->column[i] + bit(in, first + i) - bit(out, first + i));
        }
    }
    memset(m->result, 0, (size_t)row_words(w) * 4);
    for (int i = 0; i < 2 * k; i++) {
        sum += m->column[i];
    }
    for (int x = 0; x < w; x++) {
        sum += m->column[x + 2 * k];
        int self = (int)bit(here, m->lead * 32 + x), neighbours = sum - self;
        bool set = m->erode ? self && neighbours >= threshold : self || neighbours > threshold;
        m->result[x >> 5] |= (uint32_t)set << (x & 31);
        sum -= m->column[x];
    }
}

static void store(const struct morphology *m, int y)
{
    struct image *img = m->img;
    uint32_t *bits = m->result, white = img->format == PIXFORMAT_RGB565 ? 0xFFFF : img->format == PIXFORMAT_GRAYSCALE ? 255 : 1;
    int n = row_words(img->width);

    for (int i = 0; i < n && m->erode && m->options->threshold; i++) {
        bits[i] = ~bits[i];         /* else it is what is to be cleared already */
    }
    if (img->width & 31) {
        bits[n - 1] &= (1u << (img->width & 31)) - 1;
    }
    if (m->options->mask) {
        row_load_bits(m->options->mask, 0, y, img->width, m->wide);
        for (int i = 0; i < n; i++) {
            bits[i] &= m->wide[i];
        }
    }
    row_blend_bits(img, 0, y, img->width, bits, m->erode ? 0 : white);
}

static int check(const struct image *img, const struct morphology_options *o)
{
    const struct image *mask = o->mask;

    if (!pixformat_is_mutable(img->format) || (mask && !pixformat_is_mutable(mask->format))) {
        return VISION_E_FORMAT;
    }
    if (o->ksize < 0 || o->ksize > MORPHOLOGY_MAX_KSIZE || o->threshold < 0 || o->threshold >= (2 * o->ksize + 1) * (2 * o->ksize + 1)) {
        return VISION_E_ARGUMENT;
    }
    return mask && (mask->width < img->width || mask->height < img->height) ? VISION_E_SIZE : 0;
}

static int run(struct image *img, const struct morphology_options *o, bool erode, struct arena *arena)
{
    int err = check(img, o), k = err ? 0 : o->ksize, h = img->height;
    struct morphology m = {.img = img, .options = o, .erode = erode, .k = k, .lead = row_words(k), .slots = 2 * k + 2 < h ? 2 * k + 2 : h};
    size_t mark = arena->used;

    if (err) {
        return err;
    }
    m.words = m.lead + row_words(img->width + k) + 1;
    size_t bytes = (size_t)m.words * 4;
    m.ring = arena_alloc(arena, bytes * (size_t)m.slots);
    m.result = arena_alloc(arena, bytes);
    m.wide = arena_alloc(arena, bytes);
    m.column = o->threshold ? arena_alloc(arena, (size_t)(img->width + 2 * k) * sizeof *m.column) : NULL;
    if (!m.ring || !m.result || !m.wide || (o->threshold && !m.column)) {
        arena->used = mark;
        return VISION_E_MEMORY;
    }
    for (int y = 0, loaded = 0; y < h; y++) {
        for (; loaded <= y + k && loaded < h; loaded++) {
            load_wide(&m, loaded, slot(&m, loaded));
            if (!o->threshold) {
                across(&m, slot(&m, loaded));
            }
        }
        if (o->threshold) {
            counted_row(&m, y);
        } else {
            standard_row(&m, y);
        }
        store(&m, y);
    }
    arena->used = mark;
    return 0;
}

int morphology_erode(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run(img, options, true, arena);
}

int morphology_dilate(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run(img, options, false, arena);
}

/* ---- Both, one after the other, on a bitmap ---- */

static void difference_row(const struct image *img, int y, const uint32_t *white, const uint32_t *mask)
{
    for (int x = 0; x < img->width; x++) {
        if (mask && !bit(mask, x)) {
            continue;
        }
        if (img->format == PIXFORMAT_RGB565) {
            uint16_t *p = (uint16_t *)(void *)image_row(img, y) + x;
            *p = (uint16_t)(bit(white, x) ? ~*p : *p);      /* 31 - r, 63 - g, 31 - b */
        } else {
            uint8_t *p = image_row(img, y) + x;
            *p = (uint8_t)(bit(white, x) ? 255 - *p : *p);
        }
    }
}

static void difference_bits(const struct image *img, int y, uint32_t *white, const uint32_t *mask, uint32_t *own)
{
    row_load_bits(img, 0, y, img->width, own);
    for (int i = 0; i < row_words(img->width); i++) {
        uint32_t changed = white[i] & (mask ? mask[i] : ~0u);
        own[i] ^= changed;
    }
    row_store_bits(img, 0, y, img->width, own);
}

static void combine_row(const struct image *img, int y, uint32_t *white, const uint32_t *mask, uint32_t *own, bool difference)
{
    if (difference && img->format == PIXFORMAT_BINARY) {
        difference_bits(img, y, white, mask, own);
    } else if (difference) {
        difference_row(img, y, white, mask);
    } else if (!mask) {
        row_store_bits(img, 0, y, img->width, white);
    } else {
        for (int i = 0; i < row_words(img->width); i++) {
            white[i] &= mask[i];
        }
        row_blend_bits(img, 0, y, img->width, mask, 0);
        row_blend_bits(img, 0, y, img->width, white, img->format == PIXFORMAT_RGB565 ? 0xFFFF : img->format == PIXFORMAT_GRAYSCALE ? 255 : 1);
    }
}

static int run_both(struct image *img, const struct morphology_options *o, bool erode_first, bool difference, struct arena *arena)
{
    int err = check(img, o);
    size_t mark = arena->used, row = (size_t)row_words(img->width) * 4;

    if (err) {
        return err;
    }
    struct image bitmap = {img->width, img->height, PIXFORMAT_BINARY, 0, arena_alloc(arena, pixformat_image_bytes(PIXFORMAT_BINARY, img->width, img->height))};
    uint32_t *bits = arena_alloc(arena, row), *mask = arena_alloc(arena, row), *own = arena_alloc(arena, row);
    const struct morphology_options unmasked = {.ksize = o->ksize, .threshold = o->threshold};
    if (!bitmap.data || !bits || !mask || !own) {
        err = VISION_E_MEMORY;
    }
    for (int y = 0; !err && y < img->height; y++) {
        row_load_bits(img, 0, y, img->width, bits);
        row_store_bits(&bitmap, 0, y, img->width, bits);
        row_clear_padding(&bitmap, y);
    }
    err = err ? err : run(&bitmap, &unmasked, erode_first, arena);
    err = err ? err : run(&bitmap, &unmasked, !erode_first, arena);
    for (int y = 0; !err && y < img->height; y++) {
        row_load_bits(&bitmap, 0, y, img->width, bits);
        if (o->mask) {
            row_load_bits(o->mask, 0, y, img->width, mask);
        }
        combine_row(img, y, bits, o->mask ? mask : NULL, own, difference);
    }
    arena->used = mark;
    return err;
}

int morphology_open(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run_both(img, options, true, false, arena);
}

int morphology_close(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run_both(img, options, false, false, arena);
}

int morphology_top_hat(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run_both(img, options, true, true, arena);
}

int morphology_black_hat(struct image *img, const struct morphology_options *options, struct arena *arena)
{
    return run_both(img, options, false, true, arena);
}
