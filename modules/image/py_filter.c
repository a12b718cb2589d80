/* SPDX-License-Identifier: MIT */
/* Image.mean, median, mode, midpoint, morph, gaussian, laplacian, bilateral, and erode to black_hat. All work in place and return the image. */
#include <math.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/filter.h"
#include "vision/morphology.h"

/* The arguments that all filters take come last in their tables. */
#define COMMON KW_BOOL(threshold, false), KW_INT(offset, 0), KW_BOOL(invert, false), KW_OBJ(mask)
enum { COMMON_COUNT = 4 };
#define KSIZE {MP_QSTR_ksize, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0}}

static struct filter_options common_options(mp_int_t ksize, const mp_arg_val_t *common)
{
    return (struct filter_options){
        .ksize = ksize < 0 || ksize > FILTER_MAX_KSIZE ? -1 : (int)ksize,
        .threshold = common[0].u_bool,
        .offset = (int)common[1].u_int,
        .invert = common[2].u_bool,
        .mask = arg_mask(common[3].u_obj),
    };
}

/* ---- Filters without parameters of their own ---- */

static mp_obj_t plain(size_t n_args, const mp_obj_t *args, mp_map_t *kw, int (*filter)(struct image *, const struct filter_options *, struct arena *))
{
    static const mp_arg_t allowed[] = {KSIZE, COMMON};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct filter_options options = common_options(v[0].u_int, v + 1);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, filter(&self->image, &options, &arena));
}

static mp_obj_t py_image_mean(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    return plain(n_args, args, kw, filter_mean);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_mean_obj, 1, py_image_mean);

static mp_obj_t py_image_mode(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    return plain(n_args, args, kw, filter_mode);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_mode_obj, 1, py_image_mode);

/* ---- One number ---- */

typedef int (*weighted_filter)(struct image *, const struct filter_options *, float, struct arena *);

static mp_obj_t weighted(size_t n_args, const mp_obj_t *args, mp_map_t *kw, const mp_arg_t *allowed, weighted_filter filter)
{
    mp_arg_val_t v[2 + COMMON_COUNT];

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(v), allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct filter_options options = common_options(v[0].u_int, v + 2);
    float weight = arg_float(v[1].u_obj, 0.5f);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, filter(&self->image, &options, weight, &arena));
}

static mp_obj_t py_image_median(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_OBJ(percentile), COMMON};

    return weighted(n_args, args, kw, allowed, filter_median);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_median_obj, 1, py_image_median);

static mp_obj_t py_image_midpoint(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_OBJ(bias), COMMON};

    return weighted(n_args, args, kw, allowed, filter_midpoint);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_midpoint_obj, 1, py_image_midpoint);

static mp_obj_t py_image_bilateral(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_OBJ(color_sigma), KW_OBJ(space_sigma), COMMON};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct filter_options options = common_options(v[0].u_int, v + 3);
    float color = arg_float(v[1].u_obj, 0.1f), space = arg_float(v[2].u_obj, 1);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, filter_bilateral(&self->image, &options, color, space, &arena));
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_bilateral_obj, 1, py_image_bilateral);

/* ---- Convolutions ---- */

typedef int (*binomial_filter)(struct image *, const struct filter_options *, bool, float, float, struct arena *);

static mp_obj_t binomial(size_t n_args, const mp_obj_t *args, mp_map_t *kw, const mp_arg_t *allowed, binomial_filter filter)
{
    mp_arg_val_t v[4 + COMMON_COUNT];

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(v), allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    if (v[0].u_int < 0 || v[0].u_int > FILTER_MAX_BINOMIAL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("ksize must be 0 to %d"), FILTER_MAX_BINOMIAL);
    }
    struct filter_options options = common_options(v[0].u_int, v + 4);
    float mul = arg_float(v[2].u_obj, NAN), add = arg_float(v[3].u_obj, 0);
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, filter(&self->image, &options, v[1].u_bool, mul, add, &arena));
}

static mp_obj_t py_image_gaussian(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_BOOL(unsharp, false), KW_OBJ(mul), KW_OBJ(add), COMMON};

    return binomial(n_args, args, kw, allowed, filter_gaussian);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_gaussian_obj, 1, py_image_gaussian);

static mp_obj_t py_image_laplacian(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_BOOL(sharpen, false), KW_OBJ(mul), KW_OBJ(add), COMMON};

    return binomial(n_args, args, kw, allowed, filter_laplacian);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_laplacian_obj, 1, py_image_laplacian);

/* Without mul the kernel is divided by its sum, if that isn't 0. */
static mp_obj_t py_image_morph(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KSIZE, ARG_REQUIRED_OBJ(kernel), KW_OBJ(mul), KW_OBJ(add), COMMON};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct filter_options options = common_options(v[0].u_int, v + 4);
    if (options.ksize < 0) {
        vision_check(VISION_E_ARGUMENT);
    }
    size_t count = (size_t)(2 * options.ksize + 1) * (size_t)(2 * options.ksize + 1);
    const mp_obj_t *items = arg_sequence_n(v[1].u_obj, count);
    int *kernel = m_new(int, count);
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        kernel[i] = arg_int(items[i]);
        sum += (float)kernel[i];
    }
    float mul = arg_float(v[2].u_obj, sum == 0 ? 1 : 1 / sum), add = arg_float(v[3].u_obj, 0);
    struct arena arena = scratch_open();
    int error = filter_morph(&self->image, &options, kernel, mul, add, &arena);
    m_del(int, kernel, count);
    return py_image_finish(args[0], &arena, error);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_morph_obj, 1, py_image_morph);

/* ---- Morphology ---- */

typedef int (*morphology)(struct image *, const struct morphology_options *, struct arena *);

static mp_obj_t morph(size_t n_args, const mp_obj_t *args, mp_map_t *kw, morphology operation)
{
    static const mp_arg_t allowed[] = {KSIZE, KW_INT(threshold, 0), KW_OBJ(mask)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    struct morphology_options options = {
        .ksize = v[0].u_int < 0 || v[0].u_int > MORPHOLOGY_MAX_KSIZE ? -1 : (int)v[0].u_int,
        .threshold = (int)v[1].u_int,
        .mask = arg_mask(v[2].u_obj),
    };
    struct arena arena = scratch_open();
    return py_image_finish(args[0], &arena, operation(&self->image, &options, &arena));
}

#define MORPHOLOGY(name)                                                                                                                   \
    static mp_obj_t py_image_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)                                                     \
    {                                                                                                                                      \
        return morph(n_args, args, kw, morphology_##name);                                                                                 \
    }                                                                                                                                      \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name);
MORPHOLOGY(erode)
MORPHOLOGY(dilate)
MORPHOLOGY(open)
MORPHOLOGY(close)
MORPHOLOGY(top_hat)
MORPHOLOGY(black_hat)
