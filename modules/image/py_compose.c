/* SPDX-License-Identifier: MIT */
/* Image.draw_image, and the arithmetic and logic with an image, a file or a colour. All work in place and return the image. */
#include "modules/image/py_compose.h"

#include <string.h>

#include "modules/image/py_scratch.h"
#include "vision/color.h"

/* ---- Options ---- */

static void alpha_palette(mp_obj_t object, uint8_t out[256])
{
    const struct image *image = &py_image_get(object)->image;

    if (image->format != PIXFORMAT_GRAYSCALE || image->width * image->height != 256) {
        mp_raise_ValueError(MP_ERROR_TEXT("An alpha palette is a grayscale image of 256 pixels"));
    }
    memcpy(out, image->data, 256);
}

void py_compose_parse(const mp_arg_val_t v[COMPOSE_ARGS], struct py_compose *out)
{
    struct compose_options *o = &out->options;
    mp_obj_t x_scale = v[COMPOSE_ARG_x_scale].u_obj, y_scale = v[COMPOSE_ARG_y_scale].u_obj;

    *o = COMPOSE_DEFAULTS;
    o->x_scale = arg_float(x_scale == mp_const_none ? y_scale : x_scale, 1);
    o->y_scale = arg_float(y_scale == mp_const_none ? x_scale : y_scale, 1);
    o->roi = arg_roi(v[COMPOSE_ARG_roi].u_obj, &out->roi);
    o->rgb_channel = (int)v[COMPOSE_ARG_rgb_channel].u_int;
    o->alpha = (int)v[COMPOSE_ARG_alpha].u_int;
    o->palette = arg_palette(v[COMPOSE_ARG_color_palette].u_obj, out->palette);
    if (v[COMPOSE_ARG_alpha_palette].u_obj != mp_const_none) {
        alpha_palette(v[COMPOSE_ARG_alpha_palette].u_obj, out->alpha_palette);
        o->alpha_palette = out->alpha_palette;
    }
    o->hint = (unsigned)mp_obj_get_int_truncated(v[COMPOSE_ARG_hint].u_obj);     /* BLACK_BACKGROUND is a promise that nothing here needs */
    if (v[COMPOSE_ARG_transform].u_obj != mp_const_none) {
        float rows[12];
        arg_matrix(v[COMPOSE_ARG_transform].u_obj, rows);
        for (int i = 0; i < 9; i++) {
            out->transform[i] = rows[i / 3 * 4 + i % 3];
        }
        o->transform = out->transform;
    }
}

bool py_compose_scales(const struct compose_options *o)
{
    return o->transform || o->alpha != 255 || o->alpha_palette || o->x_scale < 1 || o->x_scale > 1 || o->y_scale < 1 || o->y_scale > 1 ||
           (o->hint & (COMPOSE_HMIRROR | COMPOSE_VFLIP | COMPOSE_TRANSPOSE | COMPOSE_ASPECT_KEEP | COMPOSE_ASPECT_EXPAND | COMPOSE_ASPECT_IGNORE));
}

/* ---- Operands ---- */

struct py_image *py_compose_operand(mp_obj_t operand, struct compose_options *options)
{
    return py_image_pixels(py_image_get(mp_obj_is_str(operand) ? py_image_load(operand, false) : operand), options);
}

static mp_obj_t combine(size_t n_args, const mp_obj_t *args, mp_map_t *kw, enum compose_operation operation)
{
    enum { ARG_image, ARG_x, ARG_y, ARG_options, ARG_mask = ARG_options + COMPOSE_ARGS };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(image), ARG_OPTIONAL_OBJ(x), ARG_OPTIONAL_OBJ(y), COMPOSE_KEYWORDS, KW_OBJ(mask)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_obj_t operand;
    struct py_compose parsed;

    PARSE(allowed, v);
    operand = v[ARG_image].u_obj;
    py_compose_parse(v + ARG_options, &parsed);
    parsed.options.x = v[ARG_x].u_obj == mp_const_none ? 0 : arg_int(v[ARG_x].u_obj);
    parsed.options.y = v[ARG_y].u_obj == mp_const_none ? 0 : arg_int(v[ARG_y].u_obj);
    bool pixels = mp_obj_is_str(operand) || mp_obj_is_type(operand, &py_image_type);
    py_image_kept source = pixels ? py_compose_operand(operand, &parsed.options) : NULL;   /* first: a file may be a script's own */
    struct arena arena;
    int error;
    do {
        struct image *image = &py_image_get_mutable(args[0])->image;
        const struct image *other = pixels ? &py_image_get(MP_OBJ_FROM_PTR((struct py_image *)source))->image : NULL;
        uint32_t color = pixels ? 0 : arg_color(image, operand);
        parsed.options.mask = arg_mask(v[ARG_mask].u_obj);
        arena = scratch_open();
        error = pixels ? compose_image(image, other, operation, &parsed.options, &arena) : compose_color(image, color, operation, parsed.options.mask, &arena);
    } while (scratch_again(&arena, error));
    return py_image_finish(args[0], &arena, error);
}

#define COMBINATION(name, operation)                                                                                                       \
    static mp_obj_t py_image_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)                                                     \
    {                                                                                                                                      \
        return combine(n_args, args, kw, COMPOSE_##operation);                                                                             \
    }                                                                                                                                      \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name);
COMBINATION(draw_image, REPLACE)
COMBINATION(b_and, AND)
COMBINATION(b_nand, NAND)
COMBINATION(b_or, OR)
COMBINATION(b_nor, NOR)
COMBINATION(b_xor, XOR)
COMBINATION(b_xnor, XNOR)
COMBINATION(add, ADD)
COMBINATION(sub, SUB)
COMBINATION(rsub, RSUB)
COMBINATION(min, MIN)
COMBINATION(max, MAX)
COMBINATION(difference, DIFFERENCE)
