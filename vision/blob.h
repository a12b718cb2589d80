/* SPDX-License-Identifier: MIT */
/* Blobs: connected regions of pixels within colour thresholds. */
#ifndef VISION_BLOB_H
#define VISION_BLOB_H

#include "vision/threshold.h"

struct blob {
    struct rect rect;               /* bounding box, image coordinates */
    uint32_t pixels;
    uint32_t perimeter;             /* pixel edges between the blob and anything else, the border of the roi included */
    uint32_t code;                  /* bit i: threshold i */
    uint32_t count;                 /* blobs merged into this one, 1 if none */
    uint64_t sum_x, sum_y, sum_xx, sum_xy, sum_yy; /* moments of the pixel coordinates about the roi's origin */
    float cx, cy;                   /* centroid */
    float rotation;                 /* radians 0..pi, direction of the major axis, clockwise on the screen from the x axis */
    float roundness;                /* 0..1, least by greatest second moment; 1 for a disc, 0 for a line */
    struct point corners[4];        /* extreme points: top left, top right, bottom right, bottom left (least x + y, most x - y ...) */
    struct point min_corners[4];    /* least-area rectangle around the blob, rounded to pixels, same order */
    uint32_t *x_hist, *y_hist;      /* pixels per column / row, x_bins / y_bins of them across the rect; NULL without */
    int x_bins, y_bins;
};

/* Derived: elongation = 1 - roundness, area = rect.w * rect.h, density = pixels / area, compactness = 4 pi pixels / perimeter^2. */
float blob_elongation(const struct blob *blob);
uint32_t blob_area(const struct blob *blob);
float blob_density(const struct blob *blob);
float blob_compactness(const struct blob *blob);

struct blob_options {
    const struct threshold *thresholds;
    size_t count;                   /* 1..32 */
    bool invert;
    const struct rect *roi;         /* NULL: everything */
    int x_stride, y_stride;         /* >= 1: distance of the pixels that are tried as seeds; a region is then followed pixel by pixel */
    uint32_t area_threshold;        /* least rect area and pixel count of a blob */
    uint32_t pixels_threshold;
    bool merge;                     /* unite blobs while the rect of one, widened by `margin` on each side, overlaps another's */
    int margin;                     /* may be negative */
    /* Called once per blob that meets the thresholds, then once per pair about to be united. 0: refuse; positive: accept; negative: stop,
       blob_find returns VISION_E_CALLBACK. NULL: accept. */
    int (*threshold_cb)(void *context, const struct blob *blob);
    int (*merge_cb)(void *context, const struct blob *a, const struct blob *b);
    void *context;
    int x_hist_bins_max, y_hist_bins_max;   /* 0: no histogram; else min(that, side of the rect) bins */
};
#define BLOB_DEFAULTS ((struct blob_options){.x_stride = 2, .y_stride = 1, .area_threshold = 10, .pixels_threshold = 10})

/* Finds the blobs of a mutable image. Returns their number; *out points to them in the arena, where they remain (everything else is
   released). Regions are 4-connected. For each threshold in turn rows are tried from top to bottom, pixels from left to right, every
   y_stride-th row and every x_stride-th pixel, beginning at x = y mod x_stride of the roi; a pixel that belongs to a region found before,
   whether reported or not, is taken. Blobs come in that order; a merged blob takes the place of its first part.
   Scratch for a roi of w x h: 8 * ceil(w / 32) * (h + 2) bytes of bitmaps, 12 h of extents and hull, 3 KiB of stack, threshold_prepare's,
   4 * (w + 1 + h) with histograms; plus sizeof(struct blob) (twice with histograms) and 4 bytes per bin for each result.
   A region too branched for the stack costs time, not memory.
   Errors: ARGUMENT, FORMAT, ROI, MEMORY, CALLBACK. */
int blob_find(const struct image *img, const struct blob_options *options, struct arena *arena, struct blob **out);

#endif
