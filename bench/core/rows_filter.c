/* SPDX-License-Identifier: MIT */
/* Neighbourhood filters, morphology and adjustments, with the reference's parameters. */
#include <math.h>

#include "core.h"
#include "vision/adjust.h"
#include "vision/filter.h"
#include "vision/morphology.h"

static const struct filter_options side3 = {.ksize = 1}, side5 = {.ksize = 2};
static const struct morphology_options near = {.ksize = 1};

#define CALL(name, expression)                                                                                                             \
    static void name(struct call *c)                                                                                                       \
    {                                                                                                                                      \
        expression;                                                                                                                        \
    }

static const float warm[12] = {1.2f, -0.1f, -0.1f, 0, -0.1f, 1.1f, 0, 0, 0, -0.1f, 0.9f, 0};
static const int emboss[9] = {-2, -1, 0, -1, 1, 1, 0, 1, 2};

CALL(mean1, filter_mean(&c->img, &side3, &c->arena))
CALL(mean2, filter_mean(&c->img, &side5, &c->arena))
CALL(median1, filter_median(&c->img, &side3, 0.5f, &c->arena))
CALL(median2, filter_median(&c->img, &side5, 0.5f, &c->arena))
CALL(mode1, filter_mode(&c->img, &side3, &c->arena))
CALL(midpoint1, filter_midpoint(&c->img, &side3, 0.5f, &c->arena))
CALL(morph3x3, filter_morph(&c->img, &side3, emboss, 1, 0, &c->arena))
CALL(gaussian1, filter_gaussian(&c->img, &side3, false, NAN, 0, &c->arena))
CALL(gaussian2, filter_gaussian(&c->img, &side5, false, NAN, 0, &c->arena))
CALL(laplacian1, filter_laplacian(&c->img, &side3, false, NAN, 0, &c->arena))
CALL(bilateral1, filter_bilateral(&c->img, &side3, 0.1f, 1, &c->arena))
CALL(erode1, morphology_erode(&c->img, &near, &c->arena))
CALL(dilate1, morphology_dilate(&c->img, &near, &c->arena))
CALL(open1, morphology_open(&c->img, &near, &c->arena))
CALL(negate, adjust_negate(&c->img))
CALL(gamma_lut, adjust_gamma(&c->img, 1.5f, 1.2f, 0.1f, &c->arena))
CALL(awb, adjust_awb(&c->img, false, &c->arena))
CALL(ccm, adjust_ccm(&c->img, warm))
CALL(histeq, equalize_histogram(&c->img, &(struct equalize_options){0}, &c->arena))
CALL(clahe, equalize_histogram(&c->img, &(struct equalize_options){.adaptive = true, .clip_limit = 3}, &c->arena))

#define ROW(name) {#name, "rgb565 gray", NULL, name}
const struct row filter_rows[] = {
    ROW(mean1), ROW(mean2), ROW(median1), ROW(median2), ROW(mode1), ROW(midpoint1), ROW(morph3x3), ROW(gaussian1), ROW(gaussian2), ROW(laplacian1),
    ROW(bilateral1), ROW(erode1), ROW(dilate1), ROW(open1), ROW(negate), {"gamma", "rgb565 gray", NULL, gamma_lut},
    {"awb", "rgb565", NULL, awb}, {"ccm", "rgb565", NULL, ccm}, ROW(histeq), ROW(clahe), {NULL, NULL, NULL, NULL},
};
