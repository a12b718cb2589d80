/* SPDX-License-Identifier: MIT */
/* Image.binary. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"

static mp_obj_t py_image_binary(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_thresholds, ARG_invert, ARG_zero, ARG_mask, ARG_to_bitmap, ARG_copy };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(thresholds), KW_BOOL(invert, false), KW_BOOL(zero, false), KW_OBJ(mask), KW_BOOL(to_bitmap, false), KW_BOOL(copy, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct threshold thresholds[THRESHOLDS_MAX];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    const struct binary_options options = {
        .thresholds = thresholds,
        .count = arg_thresholds(v[ARG_thresholds].u_obj, thresholds),
        .invert = v[ARG_invert].u_bool,
        .zero = v[ARG_zero].u_bool,
        .mask = arg_mask(v[ARG_mask].u_obj),
    };
    enum pixel_format format = v[ARG_to_bitmap].u_bool ? PIXFORMAT_BINARY : self->image.format;
    size_t bytes = pixformat_image_bytes(format, self->image.width, self->image.height);
    if (!v[ARG_copy].u_bool) {
        py_image_check_room(self, bytes);   /* rows of bits are whole words: those of a narrow gray image are longer than its own */
    }
    struct py_image *result = v[ARG_copy].u_bool ? py_image_allocate(bytes) : self;
    struct image image = {.format = format, .data = result->image.data};
    struct arena arena = scratch_open();
    scratch_finish(&arena, binary_image(&image, &self->image, &options, &arena));
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_binary_obj, 1, py_image_binary);
