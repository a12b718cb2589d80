/* SPDX-License-Identifier: MIT */
/* Histograms, and what is read from them: statistics, percentiles, Otsu's threshold. */
#ifndef VISION_HISTOGRAM_H
#define VISION_HISTOGRAM_H

#include "vision/threshold.h"

/* Counts per bin. Value v of a channel of range min..max lies in bin (v - min) * (bins - 1) / (max - min), rounded down; bin i stands
   for the value min + (i * (max - min) + (bins - 1) / 2) / (bins - 1). */
struct histogram_channel {
    uint32_t *count;                /* `bins` counters, whose sum is histogram.total */
    int bins;
    int min, max;                   /* 0..255, 0..1 (binary), 0..100 (L), -128..127 (A, B) */
};
struct histogram {
    int channels;                   /* 1: binary and grayscale; 3: L, A, B of an RGB565 image */
    uint32_t total;                 /* pixels counted */
    struct histogram_channel channel[3];
};

struct histogram_options {
    const struct rect *roi;         /* NULL: everything */
    int bins[3];                    /* 0: one bin per value (256 gray, 2 binary, 101/256/256 Lab); else 2..4096 */
    const struct threshold *thresholds; /* count pixels within any of them only; count 0: all pixels */
    size_t count;
    bool invert;
    const struct image *difference; /* NULL, or: take |img - difference| per channel first; same size and format as img */
};

/* hist->channel[].count is allocated from the arena and stays there (4 bytes per bin); the rest of the scratch is released:
   2.5 KiB; RGB565 18 KiB more; with thresholds threshold_prepare's, with those or a difference rows of 2 and 4 bytes per pixel.
   Errors: ARGUMENT (bins), ROI, FORMAT (mutable formats only), SIZE (difference), MEMORY. */
int histogram_compute(struct histogram *hist, const struct image *img, const struct histogram_options *options, struct arena *arena);

/* Same shape without counting: bins for 0..2 of `hist` with count = NULL, so that a caller may own the memory. */
int histogram_shape(struct histogram *hist, enum pixel_format format, const int bins[3]);

struct statistics { int mean, median, mode, stdev, min, max, lq, uq; };    /* mean and stdev rounded to nearest; all 0 for an empty channel */
void histogram_statistics(const struct histogram_channel *channel, struct statistics *out);

/* The least value whose cumulated count reaches fraction p (0..1, cut; NaN = 0) of the total, of values that occur; 0 when empty. */
int histogram_percentile(const struct histogram_channel *channel, float p);

/* Otsu's threshold: the value that maximises the variance between the classes <= value and > value (the least one of equals). */
int histogram_otsu(const struct histogram_channel *channel);

#endif
