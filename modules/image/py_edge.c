/* SPDX-License-Identifier: MIT */
/* Image.find_edges. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/edge.h"

enum { EDGE_CANNY, EDGE_SIMPLE };   /* as in py_module.c */

static mp_obj_t py_image_find_edges(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_type, ARG_roi, ARG_threshold };
    static const mp_arg_t allowed[] = {{MP_QSTR_type, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}}, KW_OBJ(roi), KW_OBJ(threshold)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct edge_options options = EDGE_DEFAULTS;
    struct rect roi;

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    mp_int_t type = v[ARG_type].u_int;
    if (type != EDGE_CANNY && type != EDGE_SIMPLE) {
        mp_raise_ValueError(MP_ERROR_TEXT("The type is EDGE_CANNY or EDGE_SIMPLE"));
    }
    options.roi = arg_roi(v[ARG_roi].u_obj, &roi);
    if (v[ARG_threshold].u_obj != mp_const_none) {
        const mp_obj_t *limits = arg_sequence_n(v[ARG_threshold].u_obj, 2);
        options.low = arg_int(limits[0]);
        options.high = arg_int(limits[1]);
    }
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, (type == EDGE_CANNY ? edge_canny : edge_simple)(&self->image, &options, &arena));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_find_edges_obj, 1, py_image_find_edges);
