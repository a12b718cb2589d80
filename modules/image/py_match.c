/* SPDX-License-Identifier: MIT */
/* Image.get_regression, get_similarity, find_template, find_displacement, selective_search: lines, comparing pictures, what may be objects. */
#include "py/objtuple.h"

#include "modules/image/py_compose.h"
#include "modules/image/py_results.h"
#include "modules/image/py_scratch.h"
#include "vision/displacement.h"
#include "vision/regression.h"
#include "vision/selective.h"
#include "vision/similarity.h"
#include "vision/template.h"

/* ---- get_regression ---- */

static mp_obj_t py_image_get_regression(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_thresholds, ARG_invert, ARG_roi, ARG_x_stride, ARG_y_stride, ARG_area_threshold, ARG_pixels_threshold, ARG_target_size, ARG_robust };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(thresholds), KW_BOOL(invert, false), KW_OBJ(roi), KW_INT(x_stride, 2), KW_INT(y_stride, 1), KW_INT(area_threshold, 10),
        KW_INT(pixels_threshold, 10), KW_OBJ(target_size), KW_BOOL(robust, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct threshold thresholds[THRESHOLDS_MAX];
    struct rect roi;
    struct line line;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    struct regression_options o = {
        .thresholds = thresholds,
        .count = arg_thresholds(v[ARG_thresholds].u_obj, thresholds),
        .invert = v[ARG_invert].u_bool,
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .x_stride = (int)v[ARG_x_stride].u_int,
        .y_stride = (int)v[ARG_y_stride].u_int,
        .area_threshold = arg_least(&v[ARG_area_threshold]),
        .pixels_threshold = arg_least(&v[ARG_pixels_threshold]),
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
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_regression_obj, 1, py_image_get_regression);

/* ---- get_similarity ---- */

static mp_obj_t py_image_get_similarity(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_image, ARG_x, ARG_y, ARG_options, ARG_dssim = ARG_options + COMPOSE_ARGS };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(image), ARG_OPTIONAL_INT(x, 0), ARG_OPTIONAL_INT(y, 0), COMPOSE_KEYWORDS, KW_BOOL(dssim, false)};
    static const qstr fields[] = {MP_QSTR_mean, MP_QSTR_stdev, MP_QSTR_min, MP_QSTR_max};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct py_compose parsed;
    struct similarity s;

    PARSE(allowed, v);
    py_compose_parse(v + ARG_options, &parsed);
    parsed.options.x = (int)v[ARG_x].u_int;
    parsed.options.y = (int)v[ARG_y].u_int;
    py_image_kept other = py_compose_operand(v[ARG_image].u_obj, &parsed.options);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    struct arena arena = scratch_open();
    scratch_finish(&arena, similarity_compare(image, &other->image, &parsed.options, v[ARG_dssim].u_bool, &arena, &s));
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {mp_obj_new_float(s.mean), mp_obj_new_float(s.stdev), mp_obj_new_float(s.min), mp_obj_new_float(s.max)};
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_similarity_obj, 1, py_image_get_similarity);

/* ---- find_template ---- */

static const struct image *gray_image(mp_obj_t object)
{
    const struct image *image = &py_image_get(object)->image;

    if (image->format != PIXFORMAT_GRAYSCALE) {
        mp_raise_ValueError(MP_ERROR_TEXT("Both images must be grayscale: convert them first (to_grayscale())"));
    }
    return image;
}

static mp_obj_t py_image_find_template(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_template, ARG_threshold, ARG_roi, ARG_step, ARG_search };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(template), ARG_REQUIRED_OBJ(threshold), KW_OBJ(roi), KW_INT(step, 2), KW_INT(search, TEMPLATE_EXHAUSTIVE)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct template_match match;
    struct rect roi;

    PARSE(allowed, v);
    const struct image *image = gray_image(args[0]);
    const struct image *pattern = gray_image(v[ARG_template].u_obj);
    const struct template_options o = {
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .step = (int)v[ARG_step].u_int,
        .search = (enum template_search)v[ARG_search].u_int,
        .threshold = arg_number(v[ARG_threshold].u_obj),
    };
    if (v[ARG_search].u_int != TEMPLATE_EXHAUSTIVE && v[ARG_search].u_int != TEMPLATE_DIAMOND) {
        mp_raise_ValueError(MP_ERROR_TEXT("search is SEARCH_EX or SEARCH_DS"));
    }
    struct arena arena = scratch_open();
    if (!scratch_finish(&arena, template_find(image, pattern, &o, &arena, &match))) {
        return mp_const_none;
    }
    return py_rect_new(&match.rect);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_template_obj, 1, py_image_find_template);

/* ---- find_displacement ---- */

static mp_obj_t py_image_find_displacement(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_template, ARG_roi, ARG_template_roi, ARG_logpolar, ARG_fix_rotation_scale };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(template), KW_OBJ(roi), KW_OBJ(template_roi), KW_BOOL(logpolar, false), KW_BOOL(fix_rotation_scale, false)};
    static const qstr fields[] = {MP_QSTR_x_translation, MP_QSTR_y_translation, MP_QSTR_rotation, MP_QSTR_scale, MP_QSTR_response};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct displacement d;
    struct rect roi, pattern_roi;

    PARSE(allowed, v);
    const struct image *image = &py_image_get(args[0])->image;
    const struct image *pattern = &py_image_get(v[ARG_template].u_obj)->image;
    const struct displacement_options o = {
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .pattern_roi = arg_roi(v[ARG_template_roi].u_obj, &pattern_roi),
        .logpolar = v[ARG_logpolar].u_bool,
        .fix_rotation_scale = v[ARG_fix_rotation_scale].u_bool,
    };
    struct arena arena = scratch_open();
    scratch_finish(&arena, displacement_find(image, pattern, &o, &arena, &d));
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {mp_obj_new_float(d.x), mp_obj_new_float(d.y), mp_obj_new_float(d.rotation), mp_obj_new_float(d.scale),
                                                   mp_obj_new_float(d.response)};
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_displacement_obj, 1, py_image_find_displacement);

/* ---- selective_search ---- */

static mp_obj_t new_rect(const void *results, int i)
{
    return py_rect_new((const struct rect *)results + i);
}

static mp_obj_t py_image_selective_search(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_threshold, ARG_size, ARG_a1, ARG_a2, ARG_a3 };
    static const mp_arg_t allowed[] = {KW_INT(threshold, 500), KW_INT(size, 20), KW_OBJ(a1), KW_OBJ(a2), KW_OBJ(a3)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect *rects;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    const struct selective_options o = {
        .threshold = (int)v[ARG_threshold].u_int,
        .size = (int)v[ARG_size].u_int,
        .color = arg_float(v[ARG_a1].u_obj, 1),
        .area = arg_float(v[ARG_a2].u_obj, 1),
        .fill = arg_float(v[ARG_a3].u_obj, 1),
    };
    struct arena arena = scratch_open();
    int count = selective_search(image, &o, &arena, &rects);
    return py_results_list(&arena, rects, count, new_rect);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_selective_search_obj, 1, py_image_selective_search);
