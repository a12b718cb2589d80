/* SPDX-License-Identifier: MIT */
/* Image.get_regression: what finds a line or compares pictures. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_line.h"
#include "modules/image/py_scratch.h"
#include "vision/regression.h"

/* ---- get_regression ---- */

static mp_obj_t py_image_get_regression(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_thresholds, ARG_invert, ARG_roi, ARG_x_stride, ARG_y_stride, ARG_area_threshold, ARG_pixels_threshold, ARG_target_size, ARG_robust };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(thresholds), KW_BOOL(invert, false), KW_OBJ(roi), KW_INT(x_stride, 2), KW_INT(y_stride, 1), KW_INT(area_threshold, 10),
        KW_INT(pixels_threshold, 10), KW_OBJ(target_size), KW_BOOL(robust, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    const struct image *image = &py_image_get_mutable(args[0])->image;
    struct threshold thresholds[THRESHOLDS_MAX];
    struct rect roi;
    struct line line;

    PARSE(allowed, v);
    struct regression_options o = {
        .thresholds = thresholds,
        .count = arg_thresholds(v[ARG_thresholds].u_obj, thresholds),
        .invert = v[ARG_invert].u_bool,
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .x_stride = (int)v[ARG_x_stride].u_int,
        .y_stride = (int)v[ARG_y_stride].u_int,
        .area_threshold = v[ARG_area_threshold].u_int < 0 ? 0 : (uint32_t)v[ARG_area_threshold].u_int,
        .pixels_threshold = v[ARG_pixels_threshold].u_int < 0 ? 0 : (uint32_t)v[ARG_pixels_threshold].u_int,
        .robust = v[ARG_robust].u_bool,
    };
    if (v[ARG_target_size].u_obj != mp_const_none) {
        struct point size = arg_point(v[ARG_target_size].u_obj);
        if (size.x < 1 || size.y < 1) {
            mp_raise_ValueError(MP_ERROR_TEXT("target_size is (width, height), both at least 1"));
        }
        o.target_w = size.x;
        o.target_h = size.y;
    }
    struct arena arena = scratch_open();
    int found = scratch_finish(&arena, regression_find(image, &o, &arena, &line));
    return found ? py_line_new(&line) : mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_regression_obj, 2, py_image_get_regression);
