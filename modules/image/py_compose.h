/* SPDX-License-Identifier: MIT */
/* The options of drawing, combining and scaling, as scripts give them. */
#ifndef MODULES_IMAGE_PY_COMPOSE_H
#define MODULES_IMAGE_PY_COMPOSE_H

#include "modules/image/py_arguments.h"
#include "vision/compose.h"

/* Parsed options and the memory they point to. */
struct py_compose {
    struct compose_options options;
    struct rect roi;
    uint16_t palette[256];
    uint8_t alpha_palette[256];
    float transform[9];
};

/* One parsed value each, in this order. */
enum { COMPOSE_ARG_x_scale, COMPOSE_ARG_y_scale, COMPOSE_ARG_roi, COMPOSE_ARG_rgb_channel, COMPOSE_ARG_alpha, COMPOSE_ARG_color_palette,
       COMPOSE_ARG_alpha_palette, COMPOSE_ARG_hint, COMPOSE_ARG_transform, COMPOSE_ARGS };
#define COMPOSE_KEYWORDS                                                                                                                   \
    KW_OBJ(x_scale), KW_OBJ(y_scale), KW_OBJ(roi), KW_INT(rgb_channel, -1), KW_INT(alpha, 255), KW_OBJ(color_palette), KW_OBJ(alpha_palette),  \
        {MP_QSTR_hint, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)}}, KW_OBJ(transform)

/* Fills *out; what it points to lies in *out. Raises. */
void py_compose_parse(const mp_arg_val_t v[COMPOSE_ARGS], struct py_compose *out);

/* An image of pixels: the operand itself, or what its file holds. Of a JPEG that is to be drawn at half its size or less only as many pixels
   as that needs, and `options` then scale these. Raises. */
struct py_image *py_compose_operand(mp_obj_t operand, struct compose_options *options);

/* The same of an image. */
struct py_image *py_image_pixels(struct py_image *image, struct compose_options *options);

/* Does a copy with these options need more than convert.h? */
bool py_compose_scales(const struct compose_options *options);

#endif
