/* SPDX-License-Identifier: MIT */
/* Drawing images, scaled and blended, combining and warping them: with the reference's parameters. */
#include "core.h"
#include "vision/adjust.h"
#include "vision/compose.h"
#include "vision/warp.h"

/* An empty target of the picture's format, in c->work. */
static struct image target(const struct call *c, int w, int h)
{
    return (struct image){w, h, c->img.format, 0, c->work};
}

static void draw(struct call *c, bool up, unsigned hint)
{
    struct image dst = target(c, up ? c->img.width * 2 : c->img.width / 2, up ? c->img.height * 2 : c->img.height / 2);
    struct compose_options o = COMPOSE_DEFAULTS;

    o.x_scale = o.y_scale = up ? 2 : 0.5f;
    o.hint = hint;
    compose_image(&dst, &c->img, COMPOSE_REPLACE, &o, &c->arena);
}

static void combine(struct call *c, enum compose_operation operation, int alpha)
{
    struct compose_options o = COMPOSE_DEFAULTS;

    o.alpha = alpha;
    compose_image(&c->img, &c->source, operation, &o, &c->arena);
}

#define CALL(name, expression)                                                                                                             \
    static void name(struct call *c)                                                                                                       \
    {                                                                                                                                      \
        expression;                                                                                                                        \
    }

CALL(up_nearest, draw(c, true, 0))
CALL(up_bilinear, draw(c, true, COMPOSE_BILINEAR))
CALL(up_bicubic, draw(c, true, COMPOSE_BICUBIC))
CALL(down_nearest, draw(c, false, 0))
CALL(down_bilinear, draw(c, false, COMPOSE_BILINEAR))
CALL(down_area, draw(c, false, COMPOSE_AREA))
CALL(transpose, {
    struct image dst = target(c, c->img.height, c->img.width);
    struct compose_options o = COMPOSE_DEFAULTS;
    o.hint = COMPOSE_TRANSPOSE;
    compose_image(&dst, &c->img, COMPOSE_REPLACE, &o, &c->arena);
})
CALL(alpha128, combine(c, COMPOSE_REPLACE, 128))
CALL(negative, adjust_negate(&c->img))     /* so that the two images differ */
CALL(difference, combine(c, COMPOSE_DIFFERENCE, 255))
CALL(add, combine(c, COMPOSE_ADD, 255))
CALL(b_xor, combine(c, COMPOSE_XOR, 255))
CALL(lens, warp_lens(&c->img, 1.8f, 1, 0, 0, &c->arena))
CALL(rotate, {
    struct rotation r = ROTATION_DEFAULTS;
    r.x = r.y = r.z = 10;
    warp_rotation(&c->img, &r, &c->arena);
})

static void polar(struct call *c, bool logarithmic)
{
    warp_polar(&c->img, &(struct polar){(float)c->img.width / 2, (float)c->img.height / 2, logarithmic, false}, &c->arena);
}

CALL(linpolar, polar(c, false))
CALL(logpolar, polar(c, true))

#define ROW(name, run) {name, "rgb565 gray", NULL, run}
#define PAIR(name) {#name, "rgb565 gray", negative, name}
const struct row compose_rows[] = {
    ROW("draw_image_2x_up_nearest", up_nearest), ROW("draw_image_2x_up_bilinear", up_bilinear), ROW("draw_image_2x_up_bicubic", up_bicubic),
    ROW("draw_image_2x_down_nearest", down_nearest), ROW("draw_image_2x_down_bilinear", down_bilinear), ROW("draw_image_2x_down_area", down_area),
    ROW("draw_image_transpose", transpose), ROW("draw_image_1x_alpha128", alpha128), PAIR(difference), PAIR(add), PAIR(b_xor),
    ROW("lens_corr", lens), ROW("rotation_corr", rotate), ROW("linpolar", linpolar), ROW("logpolar", logpolar), {NULL, NULL, NULL, NULL},
};
