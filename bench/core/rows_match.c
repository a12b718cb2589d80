/* SPDX-License-Identifier: MIT */
/* Lines through pixels, flood fill, and comparing pictures: with the reference's parameters where there are some. */
#include "core.h"
#include "vision/flood.h"
#include "vision/regression.h"

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

const struct row match_rows[] = {
    {"get_regression", "gray", NULL, regression},
    {"get_regression_robust", "gray", NULL, robust},
    {"flood_fill", "rgb565 gray", NULL, flood},
    {NULL, NULL, NULL, NULL},
};
