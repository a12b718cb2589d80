/* SPDX-License-Identifier: MIT */
/* Images as arrays of numbers and back, on boards with ndarray. */
#include <string.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "modules/ndarray/py_ndarray.h"
#include "vision/row.h"

enum { CHUNK = 128, CHANNELS = 3 };

/* Up to CHUNK pixels of one row. */
struct piece {
    size_t y, x, n;
};

static bool first_piece(struct piece *p, const struct image *image)
{
    *p = (struct piece){.n = image->width < CHUNK ? (size_t)image->width : CHUNK};
    return image->height > 0;
}

static bool next_piece(struct piece *p, const struct image *image)
{
    p->x += p->n;
    if (p->x == (size_t)image->width) {
        p->x = 0;
        p->y++;
    }
    p->n = (size_t)image->width - p->x < CHUNK ? (size_t)image->width - p->x : CHUNK;
    return p->y < (size_t)image->height;
}

/* These pixels in an array (h, w) or (h, w, 3); and as they lie in memory without gaps. */
static struct nd part_of(const struct nd *array, const struct piece *p)
{
    struct nd part = *array;

    nd_drop_axis(&part, 0, p->y);
    nd_slice(&part, 0, p->x, 1, p->n);
    return part;
}

static struct nd row_of(void *data, enum nd_type type, const struct nd *part)
{
    struct nd row;

    py_ndarray_check((int)nd_describe(&row, type, part->ndim, part->shape));
    row.data = data;
    return row;
}

/* ---- Image.to_ndarray(dtype, *, buffer=None) ---- */

static void load_pixels(const struct image *image, const struct piece *p, uint8_t *out)
{
    uint8_t planes[CHANNELS][CHUNK];

    if (image->format == PIXFORMAT_GRAYSCALE) {
        row_load_gray(image, (int)p->x, (int)p->y, (int)p->n, out);
        return;
    }
    row_load_rgb(image, (int)p->x, (int)p->y, (int)p->n, planes[0], planes[1], planes[2]);
    for (size_t i = 0; i < p->n; i++, out += CHANNELS) {
        out[0] = planes[0][i];
        out[1] = planes[1][i];
        out[2] = planes[2][i];
    }
}

/* int8 is what models quantised around 0 take: 128 less. */
static void to_array(const struct nd *out, const struct image *image)
{
    uint8_t bytes[CHANNELS * CHUNK];
    struct piece p;

    for (bool more = first_piece(&p, image); more; more = next_piece(&p, image)) {
        struct nd part = part_of(out, &p), row = row_of(bytes, out->type == ND_INT8 ? ND_INT8 : ND_UINT8, &part);
        load_pixels(image, &p, bytes);
        if (out->type == ND_INT8) {
            for (size_t i = 0, n = nd_count(&row); i < n; i++) {
                bytes[i] ^= 0x80;
            }
        }
        py_ndarray_check(nd_copy(&part, &row));
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

static void store_pixels(const struct image *image, const struct piece *p, const uint8_t *bytes)
{
    uint8_t planes[CHANNELS][CHUNK];

    if (image->format == PIXFORMAT_GRAYSCALE) {
        row_store_gray(image, (int)p->x, (int)p->y, (int)p->n, bytes);
        return;
    }
    for (size_t i = 0; i < p->n; i++, bytes += CHANNELS) {
        planes[0][i] = bytes[0];
        planes[1][i] = bytes[1];
        planes[2][i] = bytes[2];
    }
    row_store_rgb(image, (int)p->x, (int)p->y, (int)p->n, planes[0], planes[1], planes[2]);
}

static void from_array(const struct image *image, const struct nd *array)
{
    uint8_t bytes[CHANNELS * CHUNK];
    float values[CHANNELS * CHUNK];
    bool ready = array->type == ND_UINT8;
    struct piece p;

    for (bool more = first_piece(&p, image); more; more = next_piece(&p, image)) {
        struct nd part = part_of(array, &p), row = ready ? row_of(bytes, ND_UINT8, &part) : row_of(values, ND_FLOAT, &part);
        py_ndarray_check(nd_copy(&row, &part));
        if (!ready) {
            for (size_t i = 0, n = nd_count(&row); i < n; i++) {
                bytes[i] = saturated(values[i]);
            }
        }
        store_pixels(image, &p, bytes);
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
