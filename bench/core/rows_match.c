/* SPDX-License-Identifier: MIT */
/* Lines through pixels, flood fill, and comparing pictures: with the reference's parameters where there are some. */
#include "core.h"
#include "vision/displacement.h"
#include "vision/flood.h"
#include "vision/regression.h"
#include "vision/selective.h"
#include "vision/similarity.h"
#include "vision/template.h"

static void regress(struct call *c, bool robust)
{
    static const struct threshold one = {200, 255, -128, 127, -128, 127};
    struct regression_options o = REGRESSION_DEFAULTS;
    struct line line;

    o.thresholds = &one;
    o.count = 1;
    o.robust = robust;
    regression_find(&c->img, &o, &c->arena, &line);
}

static void regression(struct call *c)
{
    regress(c, false);
}

static void robust(struct call *c)
{
    regress(c, true);
}

static void flood(struct call *c)
{
    struct flood_options o = FLOOD_DEFAULTS;

    o.seed_threshold = 0.3f;
    flood_fill(&c->img, 4, 4, &o, &c->arena);
}

static void similarity(struct call *c)
{
    struct compose_options o = COMPOSE_DEFAULTS;
    struct similarity s;

    similarity_compare(&c->img, &c->source, &o, false, &c->arena, &s);
}

/* A template of 32 x 32 pixels from the picture, with its corner at odd coordinates. */
static struct image pattern;

static void cut_pattern(struct call *c)
{
    static const struct rect at = {201, 101, 32, 32};

    pattern.data = c->work;
    image_copy(&pattern, &c->source, &at);
}

static void search(struct call *c, enum template_search kind)
{
    const struct template_options o = {.step = 2, .search = kind, .threshold = 0.7f};
    struct template_match match;

    template_find(&c->img, &pattern, &o, &c->arena, &match);
}

static void exhaustive(struct call *c)
{
    search(c, TEMPLATE_EXHAUSTIVE);
}

static void diamond(struct call *c)
{
    search(c, TEMPLATE_DIAMOND);
}

/* Two regions of w x h, three pixels beside each other and two above. */
static void displace(struct call *c, int w, int h, bool logpolar, bool fix)
{
    const struct rect a = {100, 60, w, h}, b = {103, 58, w, h};
    const struct displacement_options o = {.roi = &a, .pattern_roi = &b, .logpolar = logpolar, .fix_rotation_scale = fix};
    struct displacement d;

    displacement_find(&c->img, &c->source, &o, &c->arena, &d);
}

static void displace_64(struct call *c)
{
    displace(c, 64, 64, false, false);
}

static void displace_128(struct call *c)
{
    displace(c, 128, 128, false, false);
}

static void displace_160(struct call *c)
{
    displace(c, 160, 120, false, false);
}

static void displace_polar(struct call *c)
{
    displace(c, 64, 64, true, false);
}

static void displace_fixed(struct call *c)
{
    displace(c, 64, 64, false, true);
}

static void selective(struct call *c)
{
    const struct selective_options o = SELECTIVE_DEFAULTS;
    struct rect *rects;

    selective_search(&c->img, &o, &c->arena, &rects);
}

const struct row match_rows[] = {
    {"get_regression", "gray", NULL, regression},
    {"get_regression_robust", "gray", NULL, robust},
    {"flood_fill", "rgb565 gray", NULL, flood},
    {"get_similarity", "rgb565 gray", NULL, similarity},
    {"find_template_EX_step2", "gray", cut_pattern, exhaustive},
    {"find_template_DS_step2", "gray", cut_pattern, diamond},
    {"find_displacement_64x64", "gray", NULL, displace_64},
    {"find_displacement_128x128", "gray", NULL, displace_128},
    {"find_displacement_160x120", "gray", NULL, displace_160},
    {"find_displacement_64x64_logpolar", "gray", NULL, displace_polar},
    {"find_displacement_64x64_fixed", "gray", NULL, displace_fixed},
    {"selective_search", "rgb565 gray", NULL, selective},
    {NULL, NULL, NULL, NULL},
};
