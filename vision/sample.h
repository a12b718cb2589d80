/* SPDX-License-Identifier: MIT */
/* Reading an image scaled: rows of the source as if it had another size, mirrored if asked, nearest or interpolated. What draws, copies
   and combines images takes its pixels from here. */
#ifndef VISION_SAMPLE_H
#define VISION_SAMPLE_H

#include "vision/image.h"

/* A row's pixels: gray bytes, or RGB565. */
enum sample_type { SAMPLE_GRAY, SAMPLE_RGB565 };

/* Pixels lie on the middle of their squares: sample x of w stands at (x + 1/2) roi.w / w - 1/2. */
enum sample_method {
    SAMPLE_NEAREST,
    SAMPLE_BILINEAR,                /* weights in 1/32 */
    SAMPLE_BICUBIC,                 /* Catmull-Rom (Keys 1981, a = -1/2), weights in 1/128 */
    SAMPLE_AREA,                    /* mean of the source's area under the sample, edges in 1/256; enlarging it is SAMPLE_NEAREST */
};

struct sample_options {
    struct rect roi;                /* of the source, within it */
    int width, height;              /* of the scaled image, 1 .. IMAGE_MAX_SIDE */
    bool hmirror, vflip;
    enum sample_method method;
    enum sample_type type;
    int rgb_channel;                /* -1: none; 0, 1, 2: gray is that channel of the source */
    const uint16_t *palette;        /* NULL, or 256 colours by gray value, put in before scaling; then the type is RGB565 */
};

struct sampler {
    const struct image *src;
    struct sample_options o;
    uint32_t step_x, step_y;        /* source pixels from sample to sample, in 1/2^16 */
    uint16_t *index;                /* by sample: the source column left of it */
    uint8_t *fraction;              /* and how far beyond, in the method's steps */
    int slots, cached[4];           /* rows of the source that are kept, and which */
    bool direct;                    /* none: the source's rows are already what is wanted */
    const void *last;               /* nearest: where the last row went, and */
    int last_row, last_x, last_n;   /* which it was: the next may be the same */
    size_t pitch;
    uint8_t *ring, *raw;
    uint32_t *sums;
    int32_t (*weights)[4];          /* bicubic: by fraction */
    void (*row)(struct sampler *s, int y, int x, int n, void *out);
};

/* Scratch, with s = roi.w and w = width: nearest 2 w + 4 s; bilinear 3 w + 14 s; bicubic 3 w + 27 s + 2 Ki; area 3 w + 20 s; + 100. Any raw format.
   FORMAT: compressed; ARGUMENT: a size or channel out of range; MEMORY. */
int sample_open(struct sampler *s, const struct image *src, const struct sample_options *options, struct arena *arena);

/* Samples x .. x + n - 1 of row y into out: bytes or uint16_t. What was put there is not put again when it is the same: set s->last to NULL
   when out has been changed meanwhile. */
static inline void sample_row(struct sampler *s, int y, int x, int n, void *out)
{
    s->row(s, s->o.vflip ? s->o.height - 1 - y : y, x, n, out);
}

/* Of sample.c, for the methods. Row y of the region in the form that the method wants, from its ring; any y is cut to the region. */
const void *sample_source(struct sampler *s, int y);
/* Source position of a sample in 1/2^16, from the middle of the first pixel, cut to 0 .. length - 1. */
uint32_t sample_position(uint32_t step, int at, int length);
/* An area sampler of 2 x 2 pixels? It takes RGB565 as it is. */
bool sample_halves(const struct sampler *s);
/* Catmull-Rom weights of four neighbours at fraction f / 128, in 1/128; their sum is 128. */
void sample_cubic_weights(int f, int32_t weight[4]);
void sample_row_linear(struct sampler *s, int y, int x, int n, void *out);
void sample_row_cubic(struct sampler *s, int y, int x, int n, void *out);
void sample_row_area(struct sampler *s, int y, int x, int n, void *out);

#endif
