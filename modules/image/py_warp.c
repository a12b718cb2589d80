/* SPDX-License-Identifier: MIT */
/* Image.lens_corr, rotation_corr, linpolar, logpolar. All work in place and return the image. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/warp.h"

static mp_obj_t py_image_lens_corr(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_OPTIONAL_OBJ(strength), KW_OBJ(zoom), KW_OBJ(x_corr), KW_OBJ(y_corr)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    float strength = arg_float(v[0].u_obj, 1.8f), zoom = arg_float(v[1].u_obj, 1), x = arg_float(v[2].u_obj, 0), y = arg_float(v[3].u_obj, 0);
    struct arena arena;
    int error;
    do {
        struct py_image *self = py_image_get_mutable(args[0]);
        arena = scratch_open();
        error = warp_lens(&self->image, strength, zoom, x, y, &arena);
    } while (scratch_again(&arena, error));
    return py_image_finish(args[0], &arena, error);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_lens_corr_obj, 1, py_image_lens_corr);

static mp_obj_t py_image_rotation_corr(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_x_rotation, ARG_y_rotation, ARG_z_rotation, ARG_x_translation, ARG_y_translation, ARG_zoom, ARG_fov, ARG_corners };
    static const mp_arg_t allowed[] = {
        KW_OBJ(x_rotation), KW_OBJ(y_rotation), KW_OBJ(z_rotation), KW_OBJ(x_translation), KW_OBJ(y_translation), KW_OBJ(zoom), KW_OBJ(fov), KW_OBJ(corners),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rotation r = ROTATION_DEFAULTS;
    struct point corners[4];

    PARSE(allowed, v);
    float *const fields[] = {&r.x, &r.y, &r.z, &r.x_translation, &r.y_translation, &r.zoom, &r.fov};
    for (size_t i = 0; i < MP_ARRAY_SIZE(fields); i++) {
        *fields[i] = arg_float(v[i].u_obj, *fields[i]);
    }
    if (v[ARG_corners].u_obj != mp_const_none) {
        arg_corners(v[ARG_corners].u_obj, corners);
        r.corners = corners;
    }
    struct arena arena;
    int error;
    do {
        struct py_image *self = py_image_get_mutable(args[0]);
        arena = scratch_open();
        error = warp_rotation(&self->image, &r, &arena);
    } while (scratch_again(&arena, error));
    return py_image_finish(args[0], &arena, error);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_rotation_corr_obj, 1, py_image_rotation_corr);

static mp_obj_t polar(size_t n_args, const mp_obj_t *args, mp_map_t *kw, bool logarithmic)
{
    static const mp_arg_t allowed[] = {KW_OBJ(x), KW_OBJ(y), KW_BOOL(reverse, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct arena arena;
    int error;
    do {
        struct py_image *self = py_image_get_mutable(args[0]);
        const struct polar options = {
            arg_float(v[0].u_obj, (float)self->image.width / 2), arg_float(v[1].u_obj, (float)self->image.height / 2), logarithmic, v[2].u_bool,
        };
        arena = scratch_open();
        error = warp_polar(&self->image, &options, &arena);
    } while (scratch_again(&arena, error));
    return py_image_finish(args[0], &arena, error);
}

static mp_obj_t py_image_linpolar(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    return polar(n_args, args, kw, false);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_linpolar_obj, 1, py_image_linpolar);

static mp_obj_t py_image_logpolar(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    return polar(n_args, args, kw, true);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_logpolar_obj, 1, py_image_logpolar);
