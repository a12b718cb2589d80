/* SPDX-License-Identifier: MIT */
/* Images as arrays of numbers and back, on boards with ndarray. */
#include <string.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "modules/ndarray/py_ndarray.h"
#include "vision/row.h"

enum { CHUNK = 64, CHANNELS = 3 };

/* CHUNK pixels of one row, a channel each; of gray only the first. */
struct pixels {
    uint8_t planes[CHANNELS][CHUNK];
    size_t y, x, n;
};

static bool first_pixels(struct pixels *p, const struct image *image)
{
    p->x = p->y = 0;
    p->n = image->width < CHUNK ? (size_t)image->width : CHUNK;
    return image->height > 0;
}

static bool next_pixels(struct pixels *p, const struct image *image)
{
    p->x += p->n;
    if (p->x == (size_t)image->width) {
        p->x = 0;
        p->y++;
    }
    p->n = (size_t)image->width - p->x < CHUNK ? (size_t)image->width - p->x : CHUNK;
    return p->y < (size_t)image->height;
}

/* Where the array (h, w) or (h, w, 3) has one channel of these pixels. */
static struct nd channel_of(const struct nd *array, const struct pixels *p, size_t channel)
{
    struct nd part = *array;

    nd_drop_axis(&part, 0, p->y);
    nd_slice(&part, 0, p->x, 1, p->n);
    if (part.ndim == 2) {
        nd_drop_axis(&part, 1, channel);
    }
    return part;
}

/* ---- Image.to_ndarray(dtype, *, buffer=None) ---- */

/* int8 is what models quantised around 0 take: 128 less. */
static void to_array(const struct nd *out, const struct image *image)
{
    size_t channels = image->format == PIXFORMAT_GRAYSCALE ? 1 : CHANNELS;
    struct pixels p;

    for (bool more = first_pixels(&p, image); more; more = next_pixels(&p, image)) {
        if (channels == 1) {
            row_load_gray(image, (int)p.x, (int)p.y, (int)p.n, p.planes[0]);
        } else {
            row_load_rgb(image, (int)p.x, (int)p.y, (int)p.n, p.planes[0], p.planes[1], p.planes[2]);
        }
        for (size_t c = 0; c < channels; c++) {
            struct nd part = channel_of(out, &p, c);
            struct nd row = {.data = p.planes[c], .type = ND_UINT8, .ndim = 1, .shape = {p.n}, .strides = {1}};
            if (out->type == ND_INT8) {
                for (size_t i = 0; i < p.n; i++) {
                    p.planes[c][i] ^= 0x80;
                }
                row.type = ND_INT8;
            }
            py_ndarray_check(nd_copy(&part, &row));
        }
    }
}

static mp_obj_t array_in(mp_obj_t buffer, enum nd_type type, int ndim, const size_t *shape)
{
    mp_buffer_info_t info;
    struct nd array;

    if (buffer == mp_const_none) {
        return MP_OBJ_FROM_PTR(py_ndarray_new(type, ndim, shape));
    }
    mp_get_buffer_raise(buffer, &info, MP_BUFFER_RW);
    size_t bytes = (size_t)py_ndarray_check((int)nd_describe(&array, type, ndim, shape));
    if (info.len < bytes) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The buffer is too small: %u bytes needed, %u given"), (unsigned)bytes, (unsigned)info.len);
    }
    array.data = info.buf;
    return py_ndarray_over_buffer(&array, buffer);
}

static mp_obj_t py_image_to_ndarray(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_dtype, ARG_buffer };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(dtype), KW_OBJ(buffer)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    const struct image *image = &py_image_get(args[0])->image;

    PARSE(allowed, v);
    enum nd_type type = arg_dtype(v[ARG_dtype].u_obj);
    if (type != ND_UINT8 && type != ND_INT8 && type != ND_FLOAT) {
        mp_raise_ValueError(MP_ERROR_TEXT("to_ndarray() makes 'B', 'b' or 'f'"));
    }
    if (image->format != PIXFORMAT_GRAYSCALE && image->format != PIXFORMAT_RGB565) {
        mp_raise_ValueError(MP_ERROR_TEXT("The image must be grayscale or RGB565: convert it first (to_grayscale(), to_rgb565())"));
    }
    size_t shape[3] = {(size_t)image->height, (size_t)image->width, CHANNELS};
    mp_obj_t array = array_in(v[ARG_buffer].u_obj, type, image->format == PIXFORMAT_GRAYSCALE ? 2 : 3, shape);
    to_array(&py_ndarray_get(array)->array, image);
    return array;
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_to_ndarray_obj, 1, py_image_to_ndarray);

/* ---- Image(ndarray) ---- */

/* To the nearest of 0..255; what is no number is 0. */
static uint8_t saturated(float value)
{
    return !(value > 0) ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

static void from_array(const struct image *image, const struct nd *array)
{
    size_t channels = image->format == PIXFORMAT_GRAYSCALE ? 1 : CHANNELS;
    float values[CHUNK];
    struct pixels p;

    for (bool more = first_pixels(&p, image); more; more = next_pixels(&p, image)) {
        struct nd row = {.data = (uint8_t *)values, .type = ND_FLOAT, .ndim = 1, .shape = {p.n}, .strides = {sizeof(float)}};
        for (size_t c = 0; c < channels; c++) {
            struct nd part = channel_of(array, &p, c);
            py_ndarray_check(nd_copy(&row, &part));
            for (size_t i = 0; i < p.n; i++) {
                p.planes[c][i] = saturated(values[i]);
            }
        }
        if (channels == 1) {
            row_store_gray(image, (int)p.x, (int)p.y, (int)p.n, p.planes[0]);
        } else {
            row_store_rgb(image, (int)p.x, (int)p.y, (int)p.n, p.planes[0], p.planes[1], p.planes[2]);
        }
    }
}

mp_obj_t py_image_from_array(mp_obj_t object, mp_obj_t buffer, bool copy_to_fb)
{
    mp_buffer_info_t info;

    if (!py_ndarray_is(object)) {
        return MP_OBJ_NULL;
    }
    const struct py_ndarray *source = py_ndarray_get(object);
    bool gray = source->array.ndim == 2;
    if (!gray && (source->array.ndim != 3 || source->array.shape[2] != CHANNELS)) {
        mp_raise_ValueError(MP_ERROR_TEXT("The array must have the shape (height, width) or (height, width, 3)"));
    }
    if (source->array.shape[0] > IMAGE_MAX_SIDE || source->array.shape[1] > IMAGE_MAX_SIDE) {
        vision_check(VISION_E_SIZE);
    }
    if (buffer != mp_const_none) {
        mp_get_buffer_raise(buffer, &info, MP_BUFFER_RW);
    }
    if (copy_to_fb && source->foreign) {    /* it may lie in the frame buffer */
        source = py_ndarray_from(object, ND_TYPES);
    }
    const struct nd array = source->array;
    mp_obj_t image = py_image_new_blank((int)array.shape[1], (int)array.shape[0], gray ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565, buffer, copy_to_fb);
    struct py_image *self = MP_OBJ_TO_PTR(image);
    from_array(&self->image, &array);
    py_image_changed(self);
    return image;
}
