/* SPDX-License-Identifier: MIT */
/* Image.negate, gamma, awb, ccm, histeq. All work in place and return the image. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/adjust.h"

static mp_obj_t changed(mp_obj_t object)
{
    py_image_changed(MP_OBJ_TO_PTR(object));
    return object;
}

static mp_obj_t py_image_negate(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    mp_arg_check_num(n_args, kw->used, 1, 1, false);
    vision_check(adjust_negate(&py_image_get_mutable(args[0])->image));
    return changed(args[0]);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_negate_obj, 1, py_image_negate);

static mp_obj_t py_image_gamma(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_OBJ(gamma), KW_OBJ(contrast), KW_OBJ(brightness)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    float gamma = arg_float(v[0].u_obj, 1), contrast = arg_float(v[1].u_obj, 1), brightness = arg_float(v[2].u_obj, 0);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, adjust_gamma(&self->image, gamma, contrast, brightness, &arena));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_gamma_obj, 1, py_image_gamma);

static mp_obj_t py_image_awb(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_BOOL(max, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, adjust_awb(&self->image, v[0].u_bool, &arena));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_awb_obj, 1, py_image_awb);

static mp_obj_t py_image_ccm(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(matrix)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    float matrix[12];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    arg_matrix(v[0].u_obj, matrix);
    vision_check(adjust_ccm(&self->image, matrix));
    return changed(args[0]);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_ccm_obj, 1, py_image_ccm);

static mp_obj_t py_image_histeq(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_BOOL(adaptive, false), KW_OBJ(clip_limit), KW_OBJ(mask)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    const struct equalize_options options = {v[0].u_bool, arg_float(v[1].u_obj, -1), arg_mask(v[2].u_obj)};
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, equalize_histogram(&self->image, &options, &arena));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_histeq_obj, 1, py_image_histeq);
