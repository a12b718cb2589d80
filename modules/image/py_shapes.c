/* SPDX-License-Identifier: MIT */
/* Image.find_lines, find_line_segments, find_circles and find_rects. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_results.h"
#include "modules/image/py_scratch.h"
#include "vision/hough.h"
#include "vision/quad.h"
#include "vision/stroke.h"

static mp_obj_t new_line(const void *results, int i)
{
    return py_line_new((const struct line *)results + i);
}

static mp_obj_t py_image_find_lines(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_roi, ARG_x_stride, ARG_y_stride, ARG_threshold, ARG_theta_margin, ARG_rho_margin };
    static const mp_arg_t allowed[] = {KW_OBJ(roi),           KW_INT(x_stride, 2),      KW_INT(y_stride, 1),
                                       KW_INT(threshold, 1000), KW_INT(theta_margin, 25), KW_INT(rho_margin, 25)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect roi;
    struct line *lines;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    const struct hough_line_options options = {
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .x_stride = (int)v[ARG_x_stride].u_int,
        .y_stride = (int)v[ARG_y_stride].u_int,
        .threshold = (int)v[ARG_threshold].u_int,
        .theta_margin = (int)v[ARG_theta_margin].u_int,
        .rho_margin = (int)v[ARG_rho_margin].u_int,
    };
    struct arena arena = scratch_open();
    int count = hough_find_lines(image, &options, &arena, &lines);
    return py_results_list(&arena, lines, count, new_line);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_lines_obj, 1, py_image_find_lines);

static mp_obj_t new_circle(const void *results, int i)
{
    static const qstr fields[] = {MP_QSTR_x, MP_QSTR_y, MP_QSTR_r, MP_QSTR_magnitude};
    const struct circle *circle = (const struct circle *)results + i;
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {MP_OBJ_NEW_SMALL_INT(circle->x), MP_OBJ_NEW_SMALL_INT(circle->y), MP_OBJ_NEW_SMALL_INT(circle->r),
                                                   mp_obj_new_int(circle->magnitude)};

    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

static mp_obj_t py_image_find_circles(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_roi, ARG_x_stride, ARG_y_stride, ARG_threshold, ARG_x_margin, ARG_y_margin, ARG_r_margin, ARG_r_min, ARG_r_max, ARG_r_step };
    static const mp_arg_t allowed[] = {
        KW_OBJ(roi), KW_INT(x_stride, 2), KW_INT(y_stride, 1), KW_INT(threshold, 2000), KW_INT(x_margin, 10), KW_INT(y_margin, 10), KW_INT(r_margin, 10),
        KW_INT(r_min, 2), KW_OBJ(r_max), KW_INT(r_step, 2),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect roi;
    struct circle *circles;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    const struct hough_circle_options options = {
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .x_stride = (int)v[ARG_x_stride].u_int,
        .y_stride = (int)v[ARG_y_stride].u_int,
        .threshold = (int)v[ARG_threshold].u_int,
        .x_margin = (int)v[ARG_x_margin].u_int,
        .y_margin = (int)v[ARG_y_margin].u_int,
        .r_margin = (int)v[ARG_r_margin].u_int,
        .r_min = (int)v[ARG_r_min].u_int,
        .r_max = v[ARG_r_max].u_obj == mp_const_none ? 0 : arg_int(v[ARG_r_max].u_obj),
        .r_step = (int)v[ARG_r_step].u_int,
    };
    struct arena arena = scratch_open();
    int count = hough_find_circles(image, &options, &arena, &circles);
    return py_results_list(&arena, circles, count, new_circle);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_circles_obj, 1, py_image_find_circles);

static mp_obj_t new_rect(const void *results, int i)
{
    static const qstr fields[] = {MP_QSTR_x, MP_QSTR_y, MP_QSTR_w, MP_QSTR_h, MP_QSTR_magnitude, MP_QSTR_corners};
    const struct quad *quad = (const struct quad *)results + i;
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {
        MP_OBJ_NEW_SMALL_INT(quad->rect.x), MP_OBJ_NEW_SMALL_INT(quad->rect.y),    MP_OBJ_NEW_SMALL_INT(quad->rect.w),
        MP_OBJ_NEW_SMALL_INT(quad->rect.h), mp_obj_new_int(quad->magnitude), py_corners_new(quad->corners),
    };
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

static mp_obj_t py_image_find_rects(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_OBJ(roi), KW_INT(threshold, 1000)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect roi;
    struct quad *quads;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    const struct quad_options options = {.roi = arg_roi(v[0].u_obj, &roi), .threshold = (int)v[1].u_int};
    struct arena arena = scratch_open();
    int count = quad_find(image, &options, &arena, &quads);
    return py_results_list(&arena, quads, count, new_rect);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_rects_obj, 1, py_image_find_rects);

static mp_obj_t py_image_find_line_segments(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_OBJ(roi), KW_INT(merge_distance, 0), KW_INT(max_theta_diff, 15), KW_INT(threshold, 50)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect roi;
    struct line *lines;

    PARSE(allowed, v);
    const struct image *image = &py_image_get_mutable(args[0])->image;
    const struct stroke_options options = {
        .roi = arg_roi(v[0].u_obj, &roi),
        .merge_distance = (int)v[1].u_int,
        .max_theta_diff = (int)v[2].u_int,
        .threshold = (int)v[3].u_int,
    };
    struct arena arena = scratch_open();
    int count = stroke_find(image, &options, &arena, &lines);
    return py_results_list(&arena, lines, count, new_line);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_line_segments_obj, 1, py_image_find_line_segments);
