/* SPDX-License-Identifier: MIT */
/* Blobs: each threshold's pixels become a bitmap, whose regions are followed run by run. */
#include "vision/blob.h"

#include <string.h>

#include "vision/blob_shape.h"
#include "vision/row.h"

/* A horizontal run of pixels that is taken, but whose neighbours have not been looked at. */
struct run { uint16_t y, left, right; };
#define STACK_RUNS 512

struct search {
    const struct blob_options *options;
    struct rect roi;
    int words;                      /* per row of the bitmaps */
    uint32_t *mask;                 /* pixels within the threshold that no earlier threshold's region holds */
    uint32_t *taken;                /* pixels of the regions found so far; both have an empty row more above and below */
    struct extent *extents;         /* per row; all empty between regions */
    struct vertex *hull;
    struct run *stack;
    int stacked;
    bool spilled;                   /* a run was left out because the stack was full */
    uint32_t *columns, *rows;       /* with histograms: pixels per column as differences, pixels per row */
    struct blob *blobs;             /* slots of slot_size bytes: the blob, then room for its bins */
    size_t slot_size;
    int found;
    struct arena *arena;
};

/* What one region adds up to. m = left + right of a run, twice its centre. */
struct sums {
    uint32_t pixels, perimeter;
    int top, bottom;
    uint64_t m, y, mm, cube, my, yy;
};

static struct blob *slot(const struct search *s, int i)
{
    return (struct blob *)(void *)((uint8_t *)s->blobs + (size_t)i * s->slot_size);
}

/* ---- Bits of a row ---- */

/* The last bit of the run of ones that x is in. `words` of the row; bits past its width are 0. */
static int run_right(const uint32_t *row, int x, int words)
{
    uint32_t v = ~row[x >> 5] >> (x & 31);
    if (v) {
        return x + __builtin_ctz(v) - 1;
    }
    int i = (x >> 5) + 1;
    while (i < words && row[i] == ~0u) {
        i++;
    }
    return i < words ? i * 32 + __builtin_ctz(~row[i]) - 1 : words * 32 - 1;
}

static int run_left(const uint32_t *row, int x)
{
    uint32_t v = ~row[x >> 5] << (31 - (x & 31));
    if (v) {
        return x - __builtin_clz(v) + 1;
    }
    int i = (x >> 5) - 1;
    while (i >= 0 && row[i] == ~0u) {
        i--;
    }
    return i >= 0 ? i * 32 + 32 - __builtin_clz(~row[i]) : 0;
}

static void set_run(uint32_t *row, int left, int right)
{
    uint32_t first = ~0u << (left & 31), last = ~0u >> (31 - (right & 31));
    int i = left >> 5, end = right >> 5;

    if (i == end) {
        row[i] |= first & last;
        return;
    }
    row[i] |= first;
    while (++i < end) {
        row[i] = ~0u;
    }
    row[end] |= last;
}

/* ---- Following a region ---- */

static inline bool push(struct search *s, int y, int left, int right)
{
    if (s->stacked == STACK_RUNS) {
        s->spilled = true;
        return false;
    }
    set_run(s->taken + y * s->words, left, right);
    s->stack[s->stacked++] = (struct run){(uint16_t)y, (uint16_t)left, (uint16_t)right};
    return true;
}

static uint32_t count_ones(uint32_t v)
{
    v -= v >> 1 & 0x55555555u;
    v = (v & 0x33333333u) + (v >> 2 & 0x33333333u);
    return ((v + (v >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}

/* Takes the runs of row y that begin at, or for the first column `left` of the run beside them hold, the bits v of word i. A run that began
   further left, but for that column, would have been taken with the word before. */
static inline void take_runs(struct search *s, int y, const uint32_t *mask, const uint32_t *taken, int i, uint32_t v, int left)
{
    while (v) {
        int x = i * 32 + __builtin_ctz(v);
        if (!push(s, y, x == left ? run_left(mask, x) : x, run_right(mask, x, s->words))) {
            return;
        }
        v &= ~taken[i];
    }
}

/* Takes the untaken runs that touch columns left..right of row y from above or below. Returns how many of those columns touch the row below
   (the bitmaps have an empty row above the first and below the last). */
static inline uint32_t take_neighbours(struct search *s, int y, int left, int right)
{
    const int words = s->words;
    const uint32_t *mask = s->mask + y * words, *taken = s->taken + y * words;
    const uint32_t *above = mask - words, *below = mask + words, *taken_above = taken - words, *taken_below = taken + words;
    uint32_t touching = 0, range = ~0u << (left & 31);

    for (int i = left >> 5, end = right >> 5; i <= end; i++, range = ~0u) {
        if (i == end) {
            range &= ~0u >> (31 - (right & 31));
        }
        uint32_t up = above[i] & range & ~taken_above[i], down = below[i] & range;
        if (up) {
            take_runs(s, y - 1, above, taken_above, i, up, left);
        }
        if (down) {
            touching += count_ones(down);
            take_runs(s, y + 1, below, taken_below, i, down & ~taken_below[i], left);
        }
    }
    return touching;
}

static void add_run(struct search *s, struct sums *sums, struct run run)
{
    uint32_t y = run.y, n = (uint32_t)(run.right - run.left + 1), m = (uint32_t)(run.left + run.right);
    struct extent *e = &s->extents[y];

    sums->pixels += n;
    sums->m += n * m;
    sums->mm += (uint64_t)(n * m) * m;
    sums->my += (uint64_t)(n * m) * y;
    sums->y += n * y;
    sums->yy += (uint64_t)(n * y) * y;
    sums->cube += (uint64_t)n * (n * n - 1);
    if (run.left < e->left) {
        e->left = run.left;
    }
    if (run.right > e->right) {
        e->right = run.right;
    }
    if (run.y < sums->top) {
        sums->top = run.y;
    }
    if (run.y > sums->bottom) {
        sums->bottom = run.y;
    }
    if (s->columns) {
        s->columns[run.left]++;
        s->columns[run.right + 1]--;
        s->rows[y] += n;
    }
    /* each pair of pixels one above the other hides an edge of both */
    sums->perimeter += 2 + 2 * n - 2 * take_neighbours(s, run.y, run.left, run.right);
}

/* After the stack was full: the runs that touch a taken run of this threshold from above or below belong to this region, since the
   regions before it were completed. Pushes those that fit. */
static void take_spilled(struct search *s, int top, int bottom)
{
    int first = top > 0 ? top - 1 : 0, last = bottom + 1 < s->roi.h ? bottom + 1 : bottom;

    s->spilled = false;
    for (int y = first; y <= last && !s->spilled; y++) {
        const uint32_t *mask = s->mask + y * s->words, *taken = s->taken + y * s->words;
        for (int i = 0; i < s->words && !s->spilled; i++) {
            uint32_t beside = (mask[i - s->words] & taken[i - s->words]) | (mask[i + s->words] & taken[i + s->words]);
            while (!s->spilled && (beside &= mask[i] & ~taken[i]) != 0) {
                int x = i * 32 + __builtin_ctz(beside);
                push(s, y, run_left(mask, x), run_right(mask, x, s->words));
            }
        }
    }
}

static void follow(struct search *s, int x, int y, struct sums *sums)
{
    const uint32_t *mask = s->mask + y * s->words;

    *sums = (struct sums){.top = y, .bottom = y};
    push(s, y, run_left(mask, x), run_right(mask, x, s->words));
    do {
        while (s->stacked > 0) {
            add_run(s, sums, s->stack[--s->stacked]);
        }
        if (s->spilled) {
            take_spilled(s, sums->top, sums->bottom);
        }
    } while (s->stacked > 0);
}

/* ---- From a region to a blob ---- */

static void fold_bins(const uint32_t *values, int count, uint32_t *bins, int bin_count)
{
    memset(bins, 0, (size_t)bin_count * 4);
    for (int i = 0; i < count; i++) {
        bins[i * bin_count / count] += values[i];
    }
}

static void fill_histograms(const struct search *s, struct blob *b)
{
    int x0 = b->rect.x - s->roi.x, y0 = b->rect.y - s->roi.y;
    int x_max = s->options->x_hist_bins_max, y_max = s->options->y_hist_bins_max;

    for (int x = 1; x < b->rect.w; x++) {
        s->columns[x0 + x] += s->columns[x0 + x - 1];
    }
    b->x_bins = b->rect.w < x_max ? b->rect.w : x_max;
    b->y_bins = b->rect.h < y_max ? b->rect.h : y_max;
    b->x_hist = b->x_bins ? (uint32_t *)(void *)(b + 1) : NULL;
    b->y_hist = b->y_bins ? (uint32_t *)(void *)(b + 1) + b->x_bins : NULL;
    if (b->x_hist) {
        fold_bins(s->columns + x0, b->rect.w, b->x_hist, b->x_bins);
    }
    if (b->y_hist) {
        fold_bins(s->rows + y0, b->rect.h, b->y_hist, b->y_bins);
    }
}

/* Horizontal bounds of the region's rows. */
static struct extent bounds(const struct search *s, const struct sums *sums)
{
    struct extent all = s->extents[sums->top];

    for (int y = sums->top + 1; y <= sums->bottom; y++) {
        struct extent e = s->extents[y];
        all.left = e.left < all.left ? e.left : all.left;
        all.right = e.right > all.right ? e.right : all.right;
    }
    return all;
}

/* Appends the region to the blobs if it meets the options. 0 or an error. */
static int report(struct search *s, const struct sums *sums, struct extent all, uint32_t code)
{
    const struct blob_options *o = s->options;
    struct rect rect = {s->roi.x + all.left, s->roi.y + sums->top, all.right - all.left + 1, sums->bottom - sums->top + 1};

    if (sums->pixels < o->pixels_threshold || (uint32_t)rect.w * (uint32_t)rect.h < o->area_threshold) {
        return VISION_OK;
    }
    size_t mark = s->arena->used;
    struct blob *b = arena_alloc(s->arena, s->slot_size);
    if (!b) {
        return VISION_E_MEMORY;
    }
    *b = (struct blob){.rect = rect, .pixels = sums->pixels, .perimeter = sums->perimeter, .code = code, .count = 1};
    b->sum_x = sums->m / 2;
    b->sum_y = sums->y;
    b->sum_xx = (sums->mm + sums->cube / 3) / 4;    /* of a run: n m^2 / 4 + n (n^2 - 1) / 12 */
    b->sum_xy = sums->my / 2;
    b->sum_yy = sums->yy;
    blob_fill_corners(b, s->extents, sums->top, sums->bottom, s->roi.x, s->roi.y, s->hull);
    blob_fill_moments(b, s->roi.x, s->roi.y);
    if (s->columns) {
        fill_histograms(s, b);
    }
    int verdict = o->threshold_cb ? o->threshold_cb(o->context, b) : 1;
    if (verdict <= 0) {
        s->arena->used = mark;
        return verdict < 0 ? VISION_E_CALLBACK : VISION_OK;
    }
    if (s->found++ == 0) {
        s->blobs = b;
    }
    return VISION_OK;
}

static void clear_rows(struct search *s, const struct sums *sums, struct extent all)
{
    size_t rows = (size_t)(sums->bottom - sums->top + 1);

    for (int y = sums->top; y <= sums->bottom; y++) {
        s->extents[y] = (struct extent){UINT16_MAX, 0};
    }
    if (s->columns) {
        memset(s->columns + all.left, 0, (size_t)(all.right - all.left + 2) * 4);
        memset(s->rows + sums->top, 0, rows * 4);
    }
}

/* ---- The search ---- */

/* Bits of word i of a row that are tried as seeds: every stride-th from `offset`. */
static uint32_t seed_bits(int i, int offset, int stride)
{
    if (stride == 1) {
        return ~0u;
    }
    if (stride == 2) {
        return 0x55555555u << offset;
    }
    uint32_t bits = 0;
    int first = (offset - i * 32 % stride + stride) % stride;
    for (int x = first; x < 32; x += stride) {
        bits |= 1u << x;
    }
    return bits;
}

static int search_bitmap(struct search *s, uint32_t code)
{
    const struct blob_options *o = s->options;
    int stride = o->x_stride < IMAGE_MAX_SIDE ? o->x_stride : IMAGE_MAX_SIDE;

    for (int64_t row = 0; row < s->roi.h; row += o->y_stride) {
        int y = (int)row, offset = y % stride;
        const uint32_t *mask = s->mask + y * s->words, *taken = s->taken + y * s->words;
        for (int i = 0; i < s->words; i++) {
            if (!(mask[i] & ~taken[i])) {
                continue;
            }
            uint32_t seeds = mask[i] & seed_bits(i, offset, stride);
            while ((seeds &= ~taken[i]) != 0) {
                struct sums sums;
                follow(s, i * 32 + __builtin_ctz(seeds), y, &sums);
                struct extent all = bounds(s, &sums);
                int err = report(s, &sums, all, code);
                clear_rows(s, &sums, all);
                if (err) {
                    return err;
                }
            }
        }
    }
    return VISION_OK;
}

static int search_threshold(struct search *s, const struct image *img, size_t i)
{
    size_t mark = s->arena->used;
    struct threshold_set set;
    int err = threshold_prepare(&set, img->format, s->options->thresholds + i, 1, s->options->invert, s->arena);

    if (err) {
        return err;
    }
    for (int y = 0; y < s->roi.h; y++) {
        uint32_t *mask = s->mask + y * s->words;
        threshold_row(&set, img, s->roi.x, s->roi.y + y, s->roi.w, mask);
        for (int k = 0; i > 0 && k < s->words; k++) {
            mask[k] &= ~s->taken[y * s->words + k];
        }
    }
    s->arena->used = mark;
    return search_bitmap(s, 1u << i);
}

/* ---- Merging ---- */

/* New bins over the united rect: each old bin goes where its centre lies. */
static void merge_bins(uint32_t *work, int start, int side, int bins, const struct blob *b, bool vertical)
{
    const uint32_t *old = vertical ? b->y_hist : b->x_hist;
    int count = vertical ? b->y_bins : b->x_bins;
    int b_start = vertical ? b->rect.y : b->rect.x, b_side = vertical ? b->rect.h : b->rect.w;

    for (int i = 0; i < count; i++) {
        int at = b_start - start + (int)(((int64_t)2 * i + 1) * b_side / (2 * count));
        work[(int64_t)at * bins / side] += old[i];
    }
}

static void merge_histograms(const struct search *s, struct blob *a, const struct blob *b, struct rect both)
{
    const struct blob_options *o = s->options;
    int x_bins = both.w < o->x_hist_bins_max ? both.w : o->x_hist_bins_max;
    int y_bins = both.h < o->y_hist_bins_max ? both.h : o->y_hist_bins_max;
    uint32_t *bins = (uint32_t *)(void *)(a + 1);

    memset(s->columns, 0, (size_t)x_bins * 4);
    memset(s->rows, 0, (size_t)y_bins * 4);
    merge_bins(s->columns, both.x, both.w, x_bins, a, false);
    merge_bins(s->columns, both.x, both.w, x_bins, b, false);
    merge_bins(s->rows, both.y, both.h, y_bins, a, true);
    merge_bins(s->rows, both.y, both.h, y_bins, b, true);
    memcpy(bins, s->columns, (size_t)x_bins * 4);
    memcpy(bins + x_bins, s->rows, (size_t)y_bins * 4);
    a->x_bins = x_bins;
    a->y_bins = y_bins;
    a->x_hist = x_bins ? bins : NULL;
    a->y_hist = y_bins ? bins + x_bins : NULL;
}

static bool overlap(struct rect a, struct rect b, int margin)
{
    int64_t m = margin;

    return a.x - m < (int64_t)b.x + b.w && b.x < a.x + a.w + m && a.y - m < (int64_t)b.y + b.h && b.y < a.y + a.h + m;
}

/* Unites blob j into blob i if they may be; 1 if so. pixels = 0 marks a blob that is gone. */
static int try_merge(struct search *s, struct blob *a, struct blob *b)
{
    const struct blob_options *o = s->options;

    if (!b->pixels || !overlap(a->rect, b->rect, o->margin)) {
        return 0;
    }
    int verdict = o->merge_cb ? o->merge_cb(o->context, a, b) : 1;
    if (verdict <= 0) {
        return verdict < 0 ? VISION_E_CALLBACK : 0;
    }
    if (s->columns) {
        merge_histograms(s, a, b, rect_unite(a->rect, b->rect));
    }
    blob_unite(a, b);
    b->pixels = 0;
    return 1;
}

static int merge_all(struct search *s)
{
    bool again = s->options->merge;

    while (again) {
        again = false;
        for (int i = 0; i < s->found; i++) {
            struct blob *a = slot(s, i);
            for (int j = i + 1; a->pixels && j < s->found; j++) {
                int err = try_merge(s, a, slot(s, j));
                if (err < 0) {
                    return err;
                }
                again |= err > 0;
            }
        }
    }
    int kept = 0;
    for (int i = 0; i < s->found; i++) {
        struct blob *b = slot(s, i), *to = slot(s, kept);
        if (!b->pixels) {
            continue;
        }
        ptrdiff_t moved = (uint8_t *)to - (uint8_t *)b;
        memmove(to, b, s->slot_size);
        to->x_hist = to->x_hist ? (uint32_t *)(void *)((uint8_t *)to->x_hist + moved) : NULL;
        to->y_hist = to->y_hist ? (uint32_t *)(void *)((uint8_t *)to->y_hist + moved) : NULL;
        if (to->count > 1) {
            blob_fill_moments(to, s->roi.x, s->roi.y);
        }
        kept++;
    }
    s->found = kept;
    return VISION_OK;
}

/* Moves the blobs, then their bins, to where the arena stood at the start. */
static int settle(struct search *s, size_t mark, struct blob **out)
{
    s->arena->used = mark;
    *out = arena_alloc(s->arena, 0);
    if (s->found == 0) {
        return 0;
    }
    if (!s->columns) {
        memmove(*out, s->blobs, (size_t)s->found * sizeof(struct blob));
        s->arena->used = (size_t)((uint8_t *)(*out + s->found) - s->arena->base);
        return s->found;
    }
    /* with bins: the blobs wait above while the bins move down */
    uint8_t *end = (uint8_t *)slot(s, s->found);
    s->arena->used = (size_t)(end - s->arena->base);
    struct blob *wait = arena_alloc(s->arena, (size_t)s->found * sizeof(struct blob));
    if (!wait) {
        return VISION_E_MEMORY;
    }
    for (int i = 0; i < s->found; i++) {
        wait[i] = *slot(s, i);
    }
    uint32_t *packed = (uint32_t *)(void *)s->blobs, *bins = (uint32_t *)(void *)(*out + s->found);
    size_t total = 0;
    for (int i = 0; i < s->found; i++) {
        size_t count = (size_t)(wait[i].x_bins + wait[i].y_bins);
        memmove(packed + total, slot(s, i) + 1, count * 4);
        total += count;
    }
    memmove(bins, packed, total * 4);
    for (int i = 0; i < s->found; i++) {
        struct blob *b = &(*out)[i];
        *b = wait[i];
        b->x_hist = b->x_bins ? bins : NULL;
        b->y_hist = b->y_bins ? bins + b->x_bins : NULL;
        bins += b->x_bins + b->y_bins;
    }
    s->arena->used = (size_t)((uint8_t *)bins - s->arena->base);
    return s->found;
}

static int allocate(struct search *s)
{
    const struct blob_options *o = s->options;
    size_t w = (size_t)s->roi.w, h = (size_t)s->roi.h, row = (size_t)s->words * 4, bitmap = row * (h + 2);
    bool bins = o->x_hist_bins_max > 0 || o->y_hist_bins_max > 0;
    size_t x_bins = (size_t)(o->x_hist_bins_max < s->roi.w ? o->x_hist_bins_max : s->roi.w);
    size_t y_bins = (size_t)(o->y_hist_bins_max < s->roi.h ? o->y_hist_bins_max : s->roi.h);

    s->mask = arena_alloc(s->arena, bitmap);
    s->taken = arena_alloc(s->arena, bitmap);
    s->extents = arena_alloc(s->arena, h * sizeof *s->extents);
    s->hull = arena_alloc(s->arena, 2 * h * sizeof *s->hull);
    s->stack = arena_alloc(s->arena, STACK_RUNS * sizeof *s->stack);
    s->columns = bins ? arena_alloc(s->arena, (w + 1) * 4) : NULL;
    s->rows = bins ? arena_alloc(s->arena, h * 4) : NULL;
    if (!s->mask || !s->taken || !s->extents || !s->hull || !s->stack || (bins && (!s->columns || !s->rows))) {
        return VISION_E_MEMORY;
    }
    memset(s->taken, 0, bitmap);
    memset(s->mask, 0, row);
    memset((uint8_t *)s->mask + bitmap - row, 0, row);
    s->mask += s->words;
    s->taken += s->words;
    for (size_t y = 0; y < h; y++) {
        s->extents[y] = (struct extent){UINT16_MAX, 0};
    }
    if (bins) {
        memset(s->columns, 0, (w + 1) * 4);
        memset(s->rows, 0, h * 4);
    }
    s->slot_size = (sizeof(struct blob) + (x_bins + y_bins) * 4 + 7) & ~(size_t)7;
    return VISION_OK;
}

int blob_find(const struct image *img, const struct blob_options *options, struct arena *arena, struct blob **out)
{
    struct search s = {.options = options, .arena = arena};
    size_t mark = arena->used;

    *out = NULL;
    if (options->count < 1 || options->count > 32 || options->x_stride < 1 || options->y_stride < 1 || options->x_hist_bins_max < 0 ||
        options->y_hist_bins_max < 0) {
        return VISION_E_ARGUMENT;
    }
    if (!pixformat_is_mutable(img->format)) {
        return VISION_E_FORMAT;
    }
    int err = image_clip(img, options->roi, &s.roi);
    if (err) {
        return err;
    }
    s.words = row_words(s.roi.w);
    err = allocate(&s);
    for (size_t i = 0; !err && i < options->count; i++) {
        err = search_threshold(&s, img, i);
    }
    if (!err) {
        err = merge_all(&s);
    }
    if (!err) {
        err = settle(&s, mark, out);
    }
    if (err < 0) {
        *out = NULL;
        arena->used = mark;
    }
    return err;
}

/* For who looks for the Python method in a debugger: break vision_find_blobs. */
extern __typeof__(blob_find) vision_find_blobs __attribute__((alias("blob_find")));

float blob_elongation(const struct blob *blob)
{
    return 1.0f - blob->roundness;
}

uint32_t blob_area(const struct blob *blob)
{
    return (uint32_t)blob->rect.w * (uint32_t)blob->rect.h;
}

float blob_density(const struct blob *blob)
{
    return (float)blob->pixels / (float)blob_area(blob);
}

float blob_compactness(const struct blob *blob)
{
    float perimeter = (float)blob->perimeter;

    return 12.56637061f * (float)blob->pixels / (perimeter * perimeter);
}
