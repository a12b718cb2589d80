/* SPDX-License-Identifier: MIT */
/* Images onto images: drawing one into another, scaled, mirrored, transposed, blended; the same with arithmetic and logic; and scaled copies. */
#ifndef VISION_COMPOSE_H
#define VISION_COMPOSE_H

#include "vision/image.h"

/* What a pixel of the target becomes, of itself (d) and the source's (s), channel by channel in RGB565's own bits; binary counts as 0 and 255. */
#define COMPOSE_OPERATIONS(X)                                                                                                              \
    X(REPLACE) /* s */                                                                                                                     \
    X(AND) X(NAND) X(OR) X(NOR) X(XOR) X(XNOR)                                                                                             \
    X(ADD)        /* cut to the top of the range */                                                                                        \
    X(SUB)        /* d - s, cut to 0 */                                                                                                    \
    X(RSUB)       /* s - d, cut to 0 */                                                                                                    \
    X(MIN) X(MAX)                                                                                                                          \
    X(DIFFERENCE) /* |d - s| */

enum compose_operation {
#define COMPOSE_ENUM(name) COMPOSE_##name,
    COMPOSE_OPERATIONS(COMPOSE_ENUM)
#undef COMPOSE_ENUM
    COMPOSE_COUNT
};

/* The source is scaled, then mirrored, then transposed. */
enum compose_hint {
    COMPOSE_AREA = 1, COMPOSE_BILINEAR = 2, COMPOSE_BICUBIC = 4,    /* else nearest; the last of them wins */
    COMPOSE_HMIRROR = 0x10, COMPOSE_VFLIP = 0x20, COMPOSE_TRANSPOSE = 0x40,
    COMPOSE_CENTER = 0x80,                                          /* x, y move the source's middle away from the target's */
    COMPOSE_PALETTE_FIRST = 0x200,                                  /* colours are looked up before scaling */
    COMPOSE_ASPECT_KEEP = 0x400,                                    /* as large as fits the target, */
    COMPOSE_ASPECT_EXPAND = 0x800,                                  /* as small as covers it, */
    COMPOSE_ASPECT_IGNORE = 0x1000,                                 /* or stretched to it; the scales are not looked at */
};

struct compose_options {
    int x, y;                       /* where the source's top left corner comes */
    float x_scale, y_scale;         /* sizes are rounded down, at least 1; negative mirrors */
    const struct rect *roi;         /* of the source; NULL: everything */
    int rgb_channel;                /* -1: none; 0, 1, 2: the source is gray, of that channel */
    int alpha;                      /* 0 (nothing happens) .. 255 (no blending) */
    const uint16_t *palette;        /* NULL, or 256 colours for the source's gray values */
    const uint8_t *alpha_palette;   /* NULL, or 256 alphas by the source's gray values, times `alpha` */
    unsigned hint;                  /* enum compose_hint */
    const float *transform;         /* NULL, or 3 x 3 by rows: where (x, y) of the source as it would be drawn otherwise is, at (x', y') of that is fetched, the
                                       nearest pixel: (x' d, y' d, d) = transform (x, y, 1). Nothing comes from outside or where d changes its sign. */
    const struct image *mask;       /* only where set: a pixel of the mask for each of the target; mutable, at least as large; NULL: everywhere */
};
#define COMPOSE_DEFAULTS ((struct compose_options){.x_scale = 1, .y_scale = 1, .rgb_channel = -1, .alpha = 255})

/* Draws src (any raw format) into dst (mutable). What lies outside is left out; nothing at all inside is no error. src may be dst.
   Scratch: sample_open's and 8 bytes by pixel of the width; transposed 16 rows of the height more; src in dst: src once more; with a transform the source as drawn,
   its gray and that once more, and a bit for each pixel of dst.
   ARGUMENT (a scale that is 0, NaN or makes a side longer than IMAGE_MAX_SIDE; alpha; channel), FORMAT, ROI (empty), SIZE (mask), MEMORY. */
int compose_image(struct image *dst, const struct image *src, enum compose_operation operation, const struct compose_options *options,
                  struct arena *arena);

/* The same with a colour, a native value of dst, everywhere (or where the mask is). Scratch: 8 bytes by pixel of the width. */
int compose_color(struct image *dst, uint32_t color, enum compose_operation operation, const struct image *mask, struct arena *arena);

/* Size of a scaled copy: the hint's aspect, if any, within limit_w x limit_h. */
int compose_size(const struct image *src, const struct compose_options *options, int limit_w, int limit_h, int *w, int *h);

/* Options that draw the same without looking at the target's size (limit_w x limit_h): the hints of aspect and centre have become x, y and scales.
   where: what is drawn over, perhaps partly outside. Errors as compose_image's. */
int compose_place(const struct image *src, const struct compose_options *options, int limit_w, int limit_h, struct compose_options *placed, struct rect *where);

/* A scaled copy of src into dst, whose size (from compose_size, or any) and mutable format are set and whose data have room. x, y and
   mask are not looked at; alpha blends with black, of the scales only the signs. With a transform, what comes from outside is black. dst->data may be src->data: then src is kept in scratch, unless rows only ever move up. */
int compose_scaled(struct image *dst, const struct image *src, const struct compose_options *options, struct arena *arena);

#endif
