/* SPDX-License-Identifier: MIT */
/* Histograms, and what is read from them. */
#include "vision/histogram.h"

#include <math.h>
#include <string.h>

#include "vision/color.h"
#include "vision/kernel.h"
#include "vision/lab.h"
#include "vision/row.h"

/* Colours are counted before they are converted to Lab, in a cache of 4096 counters. A code times an odd number, modulo 2^16, is its key, which
   spreads like colours; the upper 12 bits of the key say which counter, the lower 4 are kept beside the count (count << 4 | low bits).
   When another code needs the place, the count moves to the bins. */
#define KEY_FACTOR  0x9E37u
#define KEY_INVERSE 0x7787u     /* KEY_FACTOR * KEY_INVERSE = 1 modulo 2^16 */
#define CACHE_SIZE  4096
#define CACHE_BYTES (CACHE_SIZE * 4)

struct lab_counter {
    uint32_t *cache;
    uint32_t *value[3];         /* counts per value of L (101), a and b (256 each) */
    struct lab_tables *tables;
};
enum { LAB_VALUES = 101 + 256 + 256 };

struct count_job {
    const struct image *img;
    const struct histogram_options *options;
    struct rect roi;
    struct threshold_set set;
    uint32_t *bits;             /* with thresholds: the row's pixels to count */
    uint16_t *line;             /* with thresholds or a difference: the row's pixels, gathered */
    uint32_t *value;            /* counts per value: gray 256, binary 2 of them */
    struct lab_counter lab;
    uint32_t total;
};

static void flush_entry(const struct lab_counter *c, uint32_t i)
{
    uint32_t count = c->cache[i] >> 4;

    if (count) {
        int l, a, b;
        lab_from_tables(c->tables, (i << 4 | (c->cache[i] & 15)) * KEY_INVERSE, &l, &a, &b);
        c->value[0][l] += count;
        c->value[1][a + 128] += count;
        c->value[2][b + 128] += count;
    }
}

static inline void count_key(const struct lab_counter *c, uint32_t *cache, uint32_t key)
{
    uint32_t at = key >> 4 & (CACHE_SIZE - 1), entry = cache[at];

    if ((entry ^ key) << 28) {
        flush_entry(c, at);
        entry = key & 15;
    }
    cache[at] = entry + 16;
}

static void count_rgb565(const struct lab_counter *c, const uint16_t *src, int n)
{
    const int factor = (int16_t)KEY_FACTOR;     /* only the low 16 bits of a key count: signed halves of a word are as good */
    uint32_t *cache = c->cache;

    for (; n >= 4; n -= 4, src += 4) {
        uint32_t a = kernel_load32(src), b = kernel_load32(src + 2);
        count_key(c, cache, (uint32_t)((int16_t)a * factor));
        count_key(c, cache, (uint32_t)((int16_t)(a >> 16) * factor));
        count_key(c, cache, (uint32_t)((int16_t)b * factor));
        count_key(c, cache, (uint32_t)((int16_t)(b >> 16) * factor));
    }
    for (; n > 0; n--) {
        count_key(c, cache, (uint32_t)((int16_t)*src++ * factor));
    }
}

/* |a - b| of each channel, in the row's own format. */
static void subtract_row(struct image *line, const struct image *a, const struct image *b, int x, int y, int w)
{
    if (a->format == PIXFORMAT_BINARY) {
        uint32_t *out = (uint32_t *)(void *)line->data, other[2];
        row_load_bits(a, x, y, w, out);
        for (int i = 0; i < w; i += 64) {
            int n = w - i < 64 ? w - i : 64;
            row_load_bits(b, x + i, y, n, other);
            for (int k = 0; k < row_words(n); k++) {
                out[i / 32 + k] ^= other[k];
            }
        }
    } else if (a->format == PIXFORMAT_GRAYSCALE) {
        const uint8_t *p = image_row(a, y) + x, *q = image_row(b, y) + x;
        for (int i = 0; i < w; i++) {
            line->data[i] = (uint8_t)(p[i] > q[i] ? p[i] - q[i] : q[i] - p[i]);
        }
    } else {
        const uint16_t *p = (const uint16_t *)(const void *)image_row(a, y) + x;
        const uint16_t *q = (const uint16_t *)(const void *)image_row(b, y) + x;
        uint16_t *out = (uint16_t *)(void *)line->data;
        for (int i = 0; i < w; i++) {
            int r = (p[i] >> 11) - (q[i] >> 11), g = (p[i] >> 5 & 63) - (q[i] >> 5 & 63), bl = (p[i] & 31) - (q[i] & 31);
            out[i] = (uint16_t)((r < 0 ? -r : r) << 11 | (g < 0 ? -g : g) << 5 | (bl < 0 ? -bl : bl));
        }
    }
}

/* Gathers the pixels whose bit is set at the front of the line. Returns their number. */
static int gather(uint16_t *line, const struct image *img, int x, int y, int w, const uint32_t *bits)
{
    const uint8_t *row = image_row(img, y);
    int n = 0;

    for (int i = 0; i < row_words(w); i++) {
        for (uint32_t v = bits[i]; v; v &= v - 1) {
            int at = x + i * 32 + __builtin_ctz(v);
            if (img->format == PIXFORMAT_RGB565) {
                line[n++] = ((const uint16_t *)(const void *)row)[at];
            } else {
                ((uint8_t *)line)[n++] = row[at];
            }
        }
    }
    return n;
}

static int count_ones(const uint32_t *bits, int words)
{
    int n = 0;

    for (int i = 0; i < words; i++) {
        n += __builtin_popcount(bits[i]);
    }
    return n;
}

/* Row y of `img`, pixels x .. x + w - 1. */
static void count_row(struct count_job *job, const struct image *img, int x, int y, int w)
{
    bool selected = job->options->count > 0;
    int n = w;
    const uint8_t *pixels;

    if (selected) {
        threshold_row(&job->set, img, x, y, w, job->bits);
    }
    if (img->format == PIXFORMAT_BINARY) {
        uint32_t *ones = (uint32_t *)(void *)job->line;
        row_load_bits(img, x, y, w, ones);
        if (selected) {
            n = count_ones(job->bits, row_words(w));
            for (int i = 0; i < row_words(w); i++) {
                ones[i] &= job->bits[i];
            }
        }
        int set = count_ones(ones, row_words(w));
        job->value[1] += (uint32_t)set;
        job->value[0] += (uint32_t)(n - set);
        job->total += (uint32_t)n;
        return;
    }
    if (selected) {
        n = gather(job->line, img, x, y, w, job->bits);
        pixels = (const uint8_t *)job->line;
    } else {
        pixels = image_row(img, y) + (size_t)x * pixformat_row_bytes(img->format, 1);
    }
    if (img->format == PIXFORMAT_RGB565) {
        count_rgb565(&job->lab, (const uint16_t *)(const void *)pixels, n);
    } else {
        kernel_count_gray(pixels, n, job->value);
    }
    job->total += (uint32_t)n;
}

static void count_all(struct count_job *job)
{
    const struct rect r = job->roi;
    const struct image *other = job->options->difference;

    for (int y = r.y; y < r.y + r.h; y++) {
        if (!other) {
            count_row(job, job->img, r.x, y, r.w);
            continue;
        }
        /* the difference fills the upper half of the line: its own pixels may be gathered to the front of the lower half */
        struct image line = {r.w, 1, job->img->format, 0, (uint8_t *)job->line + (size_t)row_words(r.w) * 64};
        subtract_row(&line, job->img, other, r.x, y, r.w);
        count_row(job, &line, 0, 0, r.w);
    }
    for (uint32_t i = 0; job->lab.cache && i < CACHE_SIZE; i++) {
        flush_entry(&job->lab, i);
    }
}

/* Values of a channel to its bins. */
static void fill_bins(const struct histogram_channel *c, const uint32_t *value)
{
    int range = c->max - c->min;

    memset(c->count, 0, (size_t)c->bins * 4);
    for (int v = 0; v <= range; v++) {
        c->count[v * (c->bins - 1) / range] += value[v];
    }
}

int histogram_shape(struct histogram *hist, enum pixel_format format, const int bins[3])
{
    static const int16_t lab_range[3][2] = {{LAB_L_MIN, LAB_L_MAX}, {LAB_A_MIN, LAB_A_MAX}, {LAB_B_MIN, LAB_B_MAX}};

    if (!pixformat_is_mutable(format)) {
        return VISION_E_FORMAT;
    }
    *hist = (struct histogram){.channels = format == PIXFORMAT_RGB565 ? 3 : 1};
    for (int i = 0; i < hist->channels; i++) {
        struct histogram_channel *c = &hist->channel[i];
        c->min = format == PIXFORMAT_RGB565 ? lab_range[i][0] : 0;
        c->max = format == PIXFORMAT_RGB565 ? lab_range[i][1] : format == PIXFORMAT_BINARY ? 1 : 255;
        c->bins = bins[i] ? bins[i] : c->max - c->min + 1;
        if (c->bins < 2 || c->bins > 4096) {
            return VISION_E_ARGUMENT;
        }
    }
    return VISION_OK;
}

/* Everything but the result's bins. */
static int allocate(struct count_job *job, struct arena *arena)
{
    const struct histogram_options *o = job->options;
    bool color = job->img->format == PIXFORMAT_RGB565;
    bool line = o->count || o->difference || job->img->format == PIXFORMAT_BINARY;
    size_t words = (size_t)row_words(job->roi.w);

    if (line) {
        job->line = arena_alloc(arena, words * 64 * (o->difference ? 2 : 1));
    }
    if (o->count) {
        job->bits = arena_alloc(arena, words * 4);
    }
    job->value = arena_alloc(arena, LAB_VALUES * 4);
    if (color) {
        job->lab.cache = arena_alloc(arena, CACHE_BYTES);
        job->lab.tables = arena_alloc(arena, sizeof *job->lab.tables);
    }
    if ((line && !job->line) || (o->count && !job->bits) || !job->value || (color && (!job->lab.cache || !job->lab.tables))) {
        return VISION_E_MEMORY;
    }
    memset(job->value, 0, LAB_VALUES * 4);
    if (color) {
        memset(job->lab.cache, 0, CACHE_BYTES);
        lab_fill_sums(&job->lab.tables->x, 0);
        lab_fill_sums(&job->lab.tables->y, 1);
        lab_fill_sums(&job->lab.tables->z, 2);
    }
    job->lab.value[0] = job->value;
    job->lab.value[1] = job->value + 101;
    job->lab.value[2] = job->value + 101 + 256;
    return o->count ? threshold_prepare(&job->set, job->img->format, o->thresholds, o->count, o->invert, arena) : VISION_OK;
}

int histogram_compute(struct histogram *hist, const struct image *img, const struct histogram_options *options, struct arena *arena)
{
    struct count_job job = {.img = img, .options = options};
    const struct image *other = options->difference;
    size_t mark = arena->used;

    int err = histogram_shape(hist, img->format, options->bins);
    if (err) {
        return err;
    }
    if (other && other->format != img->format) {
        return VISION_E_FORMAT;
    }
    if (other && (other->width != img->width || other->height != img->height)) {
        return VISION_E_SIZE;
    }
    err = image_clip(img, options->roi, &job.roi);
    if (err) {
        return err;
    }
    for (int i = 0; i < hist->channels; i++) {
        hist->channel[i].count = arena_alloc(arena, (size_t)hist->channel[i].bins * 4);
        if (!hist->channel[i].count) {
            arena->used = mark;
            return VISION_E_MEMORY;
        }
    }
    size_t results = arena->used;
    err = allocate(&job, arena);
    if (err) {
        arena->used = mark;
        return err;
    }
    count_all(&job);
    hist->total = job.total;
    for (int i = 0; i < hist->channels; i++) {
        fill_bins(&hist->channel[i], job.lab.value[i]);
    }
    arena->used = results;
    return VISION_OK;
}

static int bin_value(const struct histogram_channel *c, int bin)
{
    return c->min + (bin * (c->max - c->min) + (c->bins - 1) / 2) / (c->bins - 1);
}

static uint32_t channel_total(const struct histogram_channel *c)
{
    uint32_t total = 0;

    for (int i = 0; i < c->bins; i++) {
        total += c->count[i];
    }
    return total;
}

int histogram_percentile(const struct histogram_channel *channel, float p)
{
    double want = (double)channel_total(channel) * (p > 0.0f ? p < 1.0f ? (double)p : 1.0 : 0.0);
    uint32_t seen = 0;
    int value = 0;

    for (int i = 0; i < channel->bins; i++) {
        if (channel->count[i] == 0) {
            continue;
        }
        seen += channel->count[i];
        value = bin_value(channel, i);
        if ((double)seen >= want) {
            break;
        }
    }
    return value;
}

/* floor(value + 1/2) */
static int round_to_int(double value)
{
    return (int)floor(value + 0.5);
}

void histogram_statistics(const struct histogram_channel *channel, struct statistics *out)
{
    uint32_t total = channel_total(channel), most = 0;
    int64_t sum = 0, squares = 0;

    *out = (struct statistics){0};
    if (total == 0) {
        return;
    }
    out->min = out->max = histogram_percentile(channel, 0.0f);
    for (int i = 0; i < channel->bins; i++) {
        uint32_t n = channel->count[i];
        int v = bin_value(channel, i);
        if (n == 0) {
            continue;
        }
        sum += (int64_t)n * v;
        squares += (int64_t)n * v * v;
        out->max = v;
        if (n > most) {
            most = n;
            out->mode = v;
        }
    }
    double mean = (double)sum / total;
    double variance = (double)squares / total - mean * mean;
    out->mean = round_to_int(mean);
    out->stdev = round_to_int(sqrt(variance > 0 ? variance : 0));
    out->lq = histogram_percentile(channel, 0.25f);
    out->median = histogram_percentile(channel, 0.5f);
    out->uq = histogram_percentile(channel, 0.75f);
}

/* Between-class variance, but for a constant factor: (s1 n2 - s2 n1)^2 / (n1 n2). */
int histogram_otsu(const struct histogram_channel *channel)
{
    int64_t total = channel_total(channel), all = 0, n = 0, sum = 0;
    double best = -1;
    int value = 0;

    for (int i = 0; i < channel->bins; i++) {
        all += (int64_t)channel->count[i] * bin_value(channel, i);
    }
    for (int i = 0; i < channel->bins; i++) {
        if (channel->count[i] == 0) {
            continue;
        }
        n += channel->count[i];
        sum += (int64_t)channel->count[i] * bin_value(channel, i);
        if (best < 0) {
            value = bin_value(channel, i);      /* of one class only: that value */
            best = 0;
        }
        if (n == total) {
            break;
        }
        double d = (double)sum * (double)(total - n) - (double)(all - sum) * (double)n;
        double variance = d * d / ((double)n * (double)(total - n));
        if (variance > best) {
            best = variance;
            value = bin_value(channel, i);
        }
    }
    return value;
}
