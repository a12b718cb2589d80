/* SPDX-License-Identifier: MIT */
/* Image.find_blobs, and the named tuple of a blob. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_results.h"
#include "modules/image/py_scratch.h"
#include "vision/blob.h"
#include "vision/min_rect.h"

static mp_obj_t new_bins(const uint32_t *bins, int count)
{
    mp_obj_t list = mp_obj_new_list(0, NULL);

    for (int i = 0; bins && i < count; i++) {
        mp_obj_list_append(list, mp_obj_new_int_from_uint(bins[i]));
    }
    return list;
}

static mp_obj_t new_blob(const struct blob *blob)
{
    static const qstr fields[] = {
        MP_QSTR_x, MP_QSTR_y, MP_QSTR_w, MP_QSTR_h, MP_QSTR_cx, MP_QSTR_cy, MP_QSTR_pixels, MP_QSTR_rotation, MP_QSTR_code, MP_QSTR_count,
        MP_QSTR_perimeter, MP_QSTR_roundness, MP_QSTR_x_hist_bins, MP_QSTR_y_hist_bins, MP_QSTR_corners, MP_QSTR_min_corners, MP_QSTR_cxf,
        MP_QSTR_cyf, MP_QSTR_elongation, MP_QSTR_area, MP_QSTR_density, MP_QSTR_compactness, MP_QSTR_rect,
    };
    mp_obj_t items[MP_ARRAY_SIZE(fields)] = {
        MP_OBJ_NEW_SMALL_INT(blob->rect.x),
        MP_OBJ_NEW_SMALL_INT(blob->rect.y),
        MP_OBJ_NEW_SMALL_INT(blob->rect.w),
        MP_OBJ_NEW_SMALL_INT(blob->rect.h),
        MP_OBJ_NEW_SMALL_INT((int)(blob->cx + 0.5f)),
        MP_OBJ_NEW_SMALL_INT((int)(blob->cy + 0.5f)),
        mp_obj_new_int_from_uint(blob->pixels),
        mp_obj_new_float(blob->rotation),
        mp_obj_new_int_from_uint(blob->code),
        mp_obj_new_int_from_uint(blob->count),
        mp_obj_new_int_from_uint(blob->perimeter),
        mp_obj_new_float(blob->roundness),
        new_bins(blob->x_hist, blob->x_bins),
        new_bins(blob->y_hist, blob->y_bins),
        py_corners_new(blob->corners),
        py_corners_new(blob->min_corners),
        mp_obj_new_float(blob->cx),
        mp_obj_new_float(blob->cy),
        mp_obj_new_float(blob_elongation(blob)),
        mp_obj_new_int_from_uint(blob_area(blob)),
        mp_obj_new_float(blob_density(blob)),
        mp_obj_new_float(blob_compactness(blob)),
        py_rect_new(&blob->rect),
    };
    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

/* Scripts' callbacks. An exception stops the search; it goes on its way when the scratch has been given back. */
struct callbacks {
    mp_obj_t threshold_cb, merge_cb;
    mp_obj_t exception;             /* MP_OBJ_NULL: none */
};

static int call(struct callbacks *callbacks, mp_obj_t function, const struct blob *a, const struct blob *b)
{
    nlr_buf_t nlr;

    if (nlr_push(&nlr) == 0) {
        mp_obj_t args[2] = {new_blob(a), b ? new_blob(b) : mp_const_none};
        int answer = mp_obj_is_true(mp_call_function_n_kw(function, b ? 2 : 1, 0, args));
        nlr_pop();
        return answer;
    }
    callbacks->exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    return -1;
}

static int threshold_callback(void *context, const struct blob *blob)
{
    struct callbacks *callbacks = context;
    return call(callbacks, callbacks->threshold_cb, blob, NULL);
}

static int merge_callback(void *context, const struct blob *a, const struct blob *b)
{
    struct callbacks *callbacks = context;
    return call(callbacks, callbacks->merge_cb, a, b);
}

static mp_obj_t new_item(const void *results, int i)
{
    return new_blob((const struct blob *)results + i);
}

static mp_obj_t py_image_find_blobs(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum {
        ARG_thresholds, ARG_invert, ARG_roi, ARG_x_stride, ARG_y_stride, ARG_area_threshold, ARG_pixels_threshold, ARG_merge, ARG_margin,
        ARG_threshold_cb, ARG_merge_cb, ARG_x_hist_bins_max, ARG_y_hist_bins_max,
    };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(thresholds), KW_BOOL(invert, false), KW_OBJ(roi), KW_INT(x_stride, 2), KW_INT(y_stride, 1), KW_INT(area_threshold, 10),
        KW_INT(pixels_threshold, 10), KW_BOOL(merge, false), KW_INT(margin, 0), KW_OBJ(threshold_cb), KW_OBJ(merge_cb),
        KW_INT(x_hist_bins_max, 0), KW_INT(y_hist_bins_max, 0),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct threshold thresholds[THRESHOLDS_MAX];
    struct rect roi;
    struct blob *blobs;

    PARSE(allowed, v);
    const struct image image = py_image_get_mutable(args[0])->image;    /* a copy: a callback may do to the image what it likes */
    struct callbacks callbacks = {v[ARG_threshold_cb].u_obj, v[ARG_merge_cb].u_obj, MP_OBJ_NULL};
    const struct blob_options options = {
        .thresholds = thresholds,
        .count = arg_thresholds(v[ARG_thresholds].u_obj, thresholds),
        .invert = v[ARG_invert].u_bool,
        .roi = arg_roi(v[ARG_roi].u_obj, &roi),
        .x_stride = (int)v[ARG_x_stride].u_int,
        .y_stride = (int)v[ARG_y_stride].u_int,
        .area_threshold = arg_least(&v[ARG_area_threshold]),
        .pixels_threshold = arg_least(&v[ARG_pixels_threshold]),
        .merge = v[ARG_merge].u_bool,
        .margin = arg_int(MP_OBJ_NEW_SMALL_INT(v[ARG_margin].u_int)),
        .threshold_cb = callbacks.threshold_cb == mp_const_none ? NULL : threshold_callback,
        .merge_cb = callbacks.merge_cb == mp_const_none ? NULL : merge_callback,
        .context = &callbacks,
        .x_hist_bins_max = (int)v[ARG_x_hist_bins_max].u_int,
        .y_hist_bins_max = (int)v[ARG_y_hist_bins_max].u_int,
    };
    if (!options.count) {
        return mp_obj_new_list(0, NULL);
    }
    struct arena arena = scratch_open();
    int count = blob_find(&image, &options, &arena, &blobs);
    if (callbacks.exception != MP_OBJ_NULL) {
        scratch_close(&arena);
        nlr_raise(callbacks.exception);
    }
    return py_results_list(&arena, blobs, count, new_item);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_blobs_obj, 1, py_image_find_blobs);

/* ---- Functions of the module on a blob: its smallest rotated rectangle and what follows from it ---- */

static struct min_rect min_rect(mp_obj_t blob)
{
    struct point corners[4];

    arg_corners(mp_load_attr(blob, MP_QSTR_min_corners), corners);
    return min_rect_from_corners(corners);
}

static uint32_t count(mp_obj_t blob, qstr field)
{
    int n = arg_int(mp_load_attr(blob, field));

    return n > 0 ? (uint32_t)n : 0;
}

static mp_obj_t get_solidity(mp_obj_t blob)
{
    struct min_rect r = min_rect(blob);
    return mp_obj_new_float(min_rect_solidity(&r, count(blob, MP_QSTR_pixels)));
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_solidity_obj, get_solidity);

static mp_obj_t get_convexity(mp_obj_t blob)
{
    struct min_rect r = min_rect(blob);
    return mp_obj_new_float(min_rect_convexity(&r, count(blob, MP_QSTR_perimeter)));
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_convexity_obj, get_convexity);

static mp_obj_t axis_line(mp_obj_t blob, void (*axis)(const struct min_rect *r, struct point line[2]))
{
    struct min_rect r = min_rect(blob);
    struct point line[2];

    axis(&r, line);
    return py_numbers_new(4, (const int[]){line[0].x, line[0].y, line[1].x, line[1].y});
}

static mp_obj_t get_major_axis_line(mp_obj_t blob)
{
    return axis_line(blob, min_rect_major_axis);
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_major_axis_line_obj, get_major_axis_line);

static mp_obj_t get_minor_axis_line(mp_obj_t blob)
{
    return axis_line(blob, min_rect_minor_axis);
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_minor_axis_line_obj, get_minor_axis_line);

static mp_obj_t get_enclosing_circle(mp_obj_t blob)
{
    struct min_rect r = min_rect(blob);
    struct point center;
    int radius;

    min_rect_enclosing_circle(&r, &center, &radius);
    return py_numbers_new(3, (const int[]){center.x, center.y, radius});
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_enclosing_circle_obj, get_enclosing_circle);

static mp_obj_t get_enclosed_ellipse(mp_obj_t blob)
{
    struct min_rect r = min_rect(blob);
    struct point center;
    int radii[2], rotation;

    min_rect_enclosed_ellipse(&r, &center, radii, &rotation);
    return py_numbers_new(5, (const int[]){center.x, center.y, radii[0], radii[1], rotation});
}
MP_DEFINE_CONST_FUN_OBJ_1(py_image_get_enclosed_ellipse_obj, get_enclosed_ellipse);
