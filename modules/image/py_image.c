/* SPDX-License-Identifier: MIT */
/* The Image type: making one, its memory, pixels by index and by coordinate, and the table of its methods. */
#include "modules/image/py_image.h"

#include <string.h>

#include "py/binary.h"
#include "py/gc.h"
#include "py/objarray.h"
#include "py/runtime.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "runtime/framebuffer.h"
#include "runtime/lifecycle.h"
#include "runtime/pool.h"
#include "vision/color.h"

/* ---- Objects and their memory ---- */

static struct py_image *new_object(void)
{
    struct py_image *self = mp_obj_malloc_with_finaliser(struct py_image, &py_image_type);

    memset(&self->image, 0, sizeof(self->image));
    self->capacity = 0;
    self->generation = 0;
    self->owned = false;
    self->keep = MP_OBJ_NULL;
    return self;
}

static void release(struct py_image *self)
{
    if (self->owned) {
        pool_free(self->image.data);
        self->owned = false;
    }
    self->image.data = NULL;
    self->capacity = 0;
    self->keep = MP_OBJ_NULL;
}

/* The newest image that lies in the frame buffer: it outlives frames that were there before. */
MP_REGISTER_ROOT_POINTER(mp_obj_t image_in_frame);

static void forget_frame(void)
{
    MP_STATE_PORT(image_in_frame) = MP_OBJ_NULL;
}

static mp_obj_t remember_frame(struct py_image *self)
{
    static struct lifecycle_hook hook = {forget_frame, NULL};

    lifecycle_at_end(&hook);
    MP_STATE_PORT(image_in_frame) = MP_OBJ_FROM_PTR(self);
    return MP_OBJ_FROM_PTR(self);
}

bool py_image_give_spare(void)
{
    uint32_t generation = framebuffer_generation();

    if (!framebuffer_give_spare()) {
        return false;
    }
    framebuffer_renew();
    if (MP_STATE_PORT(image_in_frame) != MP_OBJ_NULL) {
        struct py_image *self = MP_OBJ_TO_PTR(MP_STATE_PORT(image_in_frame));
        if (self->generation == generation && framebuffer_owns(self->image.data)) {
            self->generation = framebuffer_generation();
        }
    }
    return true;
}

uint8_t *py_image_memory(size_t bytes)
{
    uint8_t *data = pool_alloc(bytes, POOL_PERSIST);

    if (!data) {
        gc_collect();               /* images that no variable names any more give their blocks back */
        data = pool_alloc(bytes, POOL_PERSIST);
    }
    if (!data && py_image_give_spare()) {
        data = pool_alloc(bytes, POOL_PERSIST);
    }
    if (!data) {
        mp_raise_msg_varg(&mp_type_MemoryError, MP_ERROR_TEXT("Out of frame buffer memory: the image needs %u bytes, the largest free block has %u"),
                          (unsigned)bytes, (unsigned)pool_largest(POOL_PERSIST));
    }
    return data;
}

struct py_image *py_image_allocate(size_t bytes)
{
    struct py_image *self = new_object();

    self->image.data = py_image_memory(bytes);
    self->capacity = bytes;
    self->owned = true;
    return self;
}

struct py_image *py_image_in_frame(size_t bytes, struct py_image *source)
{
    struct py_image *self = new_object();
    bool inside = source && source->generation && framebuffer_owns(source->image.data);
    bool moves = inside && framebuffer_is_own();    /* the camera's frames stay where they are */
    size_t capacity = framebuffer_reserve(bytes, inside);

    if (capacity < bytes && py_image_give_spare()) {
        capacity = framebuffer_reserve(bytes, inside);
    }
    if (moves) {
        source->image.data = framebuffer_data();
        source->capacity = capacity;
        source->generation = framebuffer_generation();
    }
    if (capacity < bytes) {
        mp_raise_msg_varg(&mp_type_MemoryError, MP_ERROR_TEXT("The image needs %u bytes, the frame buffer has %u"), (unsigned)bytes, (unsigned)capacity);
    }
    self->image.data = framebuffer_data();
    self->capacity = capacity;
    self->generation = framebuffer_generation();
    remember_frame(self);
    return self;
}

mp_obj_t py_image_new(const struct image *image)
{
    return py_image_assign(MP_OBJ_FROM_PTR(new_object()), image);
}

mp_obj_t py_image_assign(mp_obj_t object, const struct image *frame)
{
    if (!mp_obj_is_type(object, &py_image_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("An image is expected"));
    }
    struct py_image *self = MP_OBJ_TO_PTR(object);
    release(self);
    self->image = *frame;
    self->capacity = framebuffer_capacity();
    self->generation = framebuffer_generation();
    return remember_frame(self);
}

struct py_image *py_image_get(mp_obj_t object)
{
    if (!mp_obj_is_type(object, &py_image_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("An image is expected"));
    }
    struct py_image *self = MP_OBJ_TO_PTR(object);
    if (!self->image.data || (self->generation && self->generation != framebuffer_generation())) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("This image lay in a frame buffer that is gone: take a new snapshot, or keep a copy()"));
    }
    if (self->keep != MP_OBJ_NULL) {
        mp_buffer_info_t info;
        mp_get_buffer_raise(self->keep, &info, MP_BUFFER_RW);
        if (info.buf != self->image.data || info.len < self->capacity) {
            mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("The buffer that this image lay in has been resized: make a new image of it"));
        }
    }
    return self;
}

struct py_image *py_image_get_mutable(mp_obj_t object)
{
    struct py_image *self = py_image_get(object);

    if (!pixformat_is_mutable(self->image.format)) {
        mp_raise_ValueError(MP_ERROR_TEXT("The image must be binary, grayscale or RGB565: convert it first (to_grayscale(), to_rgb565() ...)"));
    }
    return self;
}

void py_image_check_room(const struct py_image *self, size_t bytes)
{
    if (bytes > self->capacity) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The image doesn't fit in its frame buffer in place (%u bytes, %u there): use copy=True"),
                          (unsigned)bytes, (unsigned)self->capacity);
    }
}

void py_image_changed(struct py_image *self)
{
    if (self->generation) {
        framebuffer_update(&self->image);
    }
}

mp_obj_t py_image_finish(mp_obj_t object, struct arena *arena, int error)
{
    scratch_finish(arena, error);
    py_image_changed(MP_OBJ_TO_PTR(object));
    return object;
}

static mp_obj_t py_image_del(mp_obj_t object)
{
    release(MP_OBJ_TO_PTR(object));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_del_obj, py_image_del);

/* ---- Image(path) / Image(ndarray) / Image(width, height, format) ---- */

static size_t blank_bytes(int width, int height, enum pixel_format format, const mp_buffer_info_t *buffer)
{
    if (!pixformat_is_known(format)) {
        mp_raise_ValueError(MP_ERROR_TEXT("Unknown pixel format"));
    }
    if (width < 1 || height < 1 || width > IMAGE_MAX_SIDE || height > IMAGE_MAX_SIDE) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("An image's sides are 1 to %d pixels"), IMAGE_MAX_SIDE);
    }
    if (pixformat_is_compressed(format)) {
        if (!buffer) {
            mp_raise_ValueError(MP_ERROR_TEXT("A compressed image needs buffer="));
        }
        return buffer->len;
    }
    size_t bytes = pixformat_image_bytes(format, width, height);
    if (buffer && buffer->len < bytes) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The buffer is too small: %u bytes needed, %u given"), (unsigned)bytes, (unsigned)buffer->len);
    }
    return bytes;
}

/* Pixels of a buffer: in it, if they may be written there, else copied. */
static struct py_image *new_from_buffer(mp_obj_t buffer, mp_buffer_info_t *info, size_t bytes, bool copy_to_fb)
{
    if (!info->len) {
        mp_raise_ValueError(MP_ERROR_TEXT("The buffer is empty"));
    }
    if (!copy_to_fb && !((uintptr_t)info->buf & 3) && mp_get_buffer(buffer, info, MP_BUFFER_RW)) {
        struct py_image *self = new_object();
        self->image.data = info->buf;
        self->capacity = info->len;
        self->keep = buffer;
        return self;
    }
    struct py_image there = {.image.data = framebuffer_data(), .generation = framebuffer_generation()};    /* the buffer may lie in it */
    size_t offset = (size_t)((const uint8_t *)info->buf - there.image.data);
    bool inside = offset < framebuffer_capacity();
    struct py_image *self = copy_to_fb ? py_image_in_frame(bytes, inside ? &there : NULL) : py_image_allocate(bytes);
    memmove(self->image.data, inside ? there.image.data + offset : info->buf, bytes);
    return self;
}

mp_obj_t py_image_new_blank(int width, int height, enum pixel_format format, mp_obj_t buffer, bool copy_to_fb)
{
    mp_buffer_info_t info;
    bool given = buffer != mp_const_none;

    if (given) {
        mp_get_buffer_raise(buffer, &info, MP_BUFFER_READ);
    }
    size_t bytes = blank_bytes(width, height, format, given ? &info : NULL);
    struct py_image *self;
    if (given) {
        self = new_from_buffer(buffer, &info, bytes, copy_to_fb);
    } else {
        self = copy_to_fb ? py_image_in_frame(bytes, NULL) : py_image_allocate(bytes);
        memset(self->image.data, 0, bytes);
    }
    self->image.width = width;
    self->image.height = height;
    self->image.format = format;
    self->image.size = pixformat_is_compressed(format) ? bytes : 0;
    py_image_changed(self);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t py_image_make_new(const mp_obj_type_t *type, size_t n, size_t n_kw, const mp_obj_t *items)
{
    enum { ARG_arg, ARG_height, ARG_pixformat, ARG_buffer, ARG_copy_to_fb };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(arg), ARG_OPTIONAL_INT(height, -1), ARG_OPTIONAL_INT(pixformat, -1), KW_OBJ(buffer), KW_BOOL(copy_to_fb, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all_kw_array(n, n_kw, items, MP_ARRAY_SIZE(allowed), allowed, v);
    if (mp_obj_is_str(v[ARG_arg].u_obj)) {
        return py_image_load(v[ARG_arg].u_obj, v[ARG_copy_to_fb].u_bool);
    }
    mp_obj_t from_array = py_image_from_array(v[ARG_arg].u_obj, v[ARG_buffer].u_obj, v[ARG_copy_to_fb].u_bool);
    if (from_array != MP_OBJ_NULL) {
        return from_array;
    }
    if (!mp_obj_is_int(v[ARG_arg].u_obj)) {
        mp_raise_TypeError(MP_ERROR_TEXT("Image(path), Image(ndarray) or Image(width, height, pixformat)"));
    }
    return py_image_new_blank(arg_int(v[ARG_arg].u_obj), (int)v[ARG_height].u_int, (enum pixel_format)v[ARG_pixformat].u_int, v[ARG_buffer].u_obj,
                              v[ARG_copy_to_fb].u_bool);
}

/* ---- Printing, len(), the buffer ---- */

static const char *format_name(enum pixel_format format)
{
    return format == PIXFORMAT_BINARY      ? "binary"
           : format == PIXFORMAT_GRAYSCALE ? "grayscale"
           : format == PIXFORMAT_RGB565    ? "rgb565"
           : format == PIXFORMAT_JPEG      ? "jpeg"
           : format == PIXFORMAT_PNG       ? "png"
           : pixformat_is_bayer(format)    ? "bayer"
                                           : "yuv422";
}

static void py_image_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    struct py_image *self = MP_OBJ_TO_PTR(object);

    mp_printf(print, "{\"w\":%d, \"h\":%d, \"type\":\"%s\", \"size\":%u}", self->image.width, self->image.height,
              format_name(self->image.format), (unsigned)image_bytes(&self->image));
}

static size_t length(const struct image *image)
{
    return pixformat_is_compressed(image->format) ? image->size : (size_t)image->width * (size_t)image->height;
}

static mp_obj_t py_image_unary_op(mp_unary_op_t op, mp_obj_t object)
{
    struct py_image *self = py_image_get(object);

    switch (op) {
    case MP_UNARY_OP_LEN:
        return MP_OBJ_NEW_SMALL_INT(length(&self->image));
    case MP_UNARY_OP_BOOL:
        return mp_const_true;
    default:
        return MP_OBJ_NULL;
    }
}

static mp_int_t py_image_get_buffer(mp_obj_t object, mp_buffer_info_t *info, mp_uint_t flags)
{
    struct py_image *self = py_image_get(object);

    info->buf = self->image.data;
    info->len = image_bytes(&self->image);
    info->typecode = 'B';
    return 0;
}

/* ---- Pixels ---- */

static mp_obj_t rgb_tuple(struct rgb c)
{
    mp_obj_t items[3] = {MP_OBJ_NEW_SMALL_INT(c.r), MP_OBJ_NEW_SMALL_INT(c.g), MP_OBJ_NEW_SMALL_INT(c.b)};
    return mp_obj_new_tuple(3, items);
}

/* Pixel `index` as indexing gives it: a number, (r, g, b) of RGB565, (luma, chroma) of YUV, a byte of a compressed file. */
static mp_obj_t item(const struct image *image, size_t index)
{
    uint32_t value;

    if (pixformat_is_compressed(image->format)) {
        return MP_OBJ_NEW_SMALL_INT(image->data[index]);
    }
    vision_check(image_get_pixel(image, (int)(index % (size_t)image->width), (int)(index / (size_t)image->width), &value));
    if (image->format == PIXFORMAT_RGB565) {
        return rgb_tuple(color_rgb565_to_rgb(value));
    }
    if (pixformat_is_yuv(image->format)) {
        mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(value & 0xFF), MP_OBJ_NEW_SMALL_INT(value >> 8)};
        return mp_obj_new_tuple(2, items);
    }
    return MP_OBJ_NEW_SMALL_INT(value);
}

static void set_item(struct image *image, size_t index, mp_obj_t value)
{
    uint32_t native;

    if (pixformat_is_compressed(image->format)) {
        image->data[index] = (uint8_t)arg_int(value);
        return;
    }
    if (pixformat_is_yuv(image->format) && !mp_obj_is_int(value)) {
        int pair[2];
        arg_numbers(value, 2, pair);
        native = (uint32_t)(pair[0] & 0xFF) | (uint32_t)(pair[1] & 0xFF) << 8;
    } else {
        native = arg_color(image, value);
    }
    vision_check(image_set_pixel(image, (int)(index % (size_t)image->width), (int)(index / (size_t)image->width), native));
}

static mp_obj_t subscript_slice(struct image *image, mp_bound_slice_t slice, mp_obj_t value)
{
    size_t count = slice.stop > slice.start ? (size_t)(slice.stop - slice.start) : 0;

    if (value != MP_OBJ_SENTINEL) {
        const mp_obj_t *items = arg_sequence_n(value, count);
        for (size_t i = 0; i < count; i++) {
            set_item(image, (size_t)slice.start + i, items[i]);
        }
        return mp_const_none;
    }
    if (pixformat_is_compressed(image->format)) {
        return mp_obj_new_bytes(image->data + slice.start, count);
    }
    mp_obj_t list = mp_obj_new_list(count, NULL);
    for (size_t i = 0; i < count; i++) {
        mp_obj_list_store(list, MP_OBJ_NEW_SMALL_INT(i), item(image, (size_t)slice.start + i));
    }
    return list;
}

static mp_obj_t py_image_subscript(mp_obj_t object, mp_obj_t index, mp_obj_t value)
{
    struct py_image *self = py_image_get(object);

    if (value == MP_OBJ_NULL) {
        return MP_OBJ_NULL;         /* pixels can't be deleted */
    }
    if (mp_obj_is_type(index, &mp_type_slice)) {
        mp_bound_slice_t slice;
        if (!mp_seq_get_fast_slice_indexes(length(&self->image), index, &slice)) {
            mp_raise_NotImplementedError(MP_ERROR_TEXT("Only slices with step 1 are supported"));
        }
        size_t now = length(&py_image_get(object)->image);      /* a bound's __int__ may have changed it */
        slice.stop = slice.stop < (mp_int_t)now ? slice.stop : (mp_int_t)now;
        return subscript_slice(&self->image, slice, value);
    }
    if (!mp_obj_is_int(index)) {
        mp_raise_TypeError(MP_ERROR_TEXT("A pixel's index is an integer, or a slice: get_pixel((x, y)) takes coordinates"));
    }
    size_t i = mp_get_index(self->base.type, length(&self->image), index, false);
    if (value == MP_OBJ_SENTINEL) {
        return item(&self->image, i);
    }
    set_item(&self->image, i, value);
    return mp_const_none;
}

/* for pixel in image: the pixels as indexing gives them. */
typedef struct {
    mp_obj_base_t base;
    mp_fun_1_t iternext;
    mp_obj_t image;
    size_t index;
} image_iter_t;

static mp_obj_t image_next(mp_obj_t object)
{
    image_iter_t *self = MP_OBJ_TO_PTR(object);
    const struct image *image = &py_image_get(self->image)->image;

    return self->index < length(image) ? item(image, self->index++) : MP_OBJ_STOP_ITERATION;
}

static mp_obj_t py_image_getiter(mp_obj_t object, mp_obj_iter_buf_t *buffer)
{
    _Static_assert(sizeof(image_iter_t) <= sizeof(mp_obj_iter_buf_t), "an iterator has four words");
    image_iter_t *self = (image_iter_t *)(void *)buffer;

    *self = (image_iter_t){{&mp_type_polymorph_iter}, image_next, object, 0};
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t py_image_get_pixel(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_xy, ARG_rgbtuple };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(xy), KW_OBJ(rgbtuple)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    uint32_t value;

    PARSE_NUMBERS(2, allowed, v);
    const struct image *image = &py_image_get(args[0])->image;
    struct point p = arg_point(v[ARG_xy].u_obj);
    int error = image_get_pixel(image, p.x, p.y, &value);
    if (error == VISION_E_ROI) {
        return mp_const_none;
    }
    vision_check(error);
    bool tuple = v[ARG_rgbtuple].u_obj == mp_const_none ? image->format == PIXFORMAT_RGB565 : mp_obj_is_true(v[ARG_rgbtuple].u_obj);
    return tuple ? rgb_tuple(color_from_native(image->format, value)) : MP_OBJ_NEW_SMALL_INT(value);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_image_get_pixel_obj, 1, py_image_get_pixel);

static mp_obj_t py_image_set_pixel(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_xy, ARG_color };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(xy), {MP_QSTR_color, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}}};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_NUMBERS(2, allowed, v);
    struct image *image = &py_image_get(args[0])->image;
    struct point p = arg_point(v[ARG_xy].u_obj);
    int error = image_set_pixel(image, p.x, p.y, arg_color(image, v[ARG_color].u_obj));
    vision_check(error == VISION_E_ROI ? 0 : error);
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_image_set_pixel_obj, 1, py_image_set_pixel);

/* ---- Small methods ---- */

static mp_obj_t py_image_width(mp_obj_t object)
{
    return MP_OBJ_NEW_SMALL_INT(py_image_get(object)->image.width);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_width_obj, py_image_width);

static mp_obj_t py_image_height(mp_obj_t object)
{
    return MP_OBJ_NEW_SMALL_INT(py_image_get(object)->image.height);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_height_obj, py_image_height);

static mp_obj_t py_image_format(mp_obj_t object)
{
    return MP_OBJ_NEW_SMALL_INT(py_image_get(object)->image.format);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_format_obj, py_image_format);

static mp_obj_t py_image_size(mp_obj_t object)
{
    return MP_OBJ_NEW_SMALL_INT(image_bytes(&py_image_get(object)->image));
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_size_obj, py_image_size);

/* A bytearray over the image's own bytes, which holds the image as long as it lives. */
struct view {
    mp_obj_array_t array;
    mp_obj_t image;
};

static mp_obj_t py_image_bytearray(mp_obj_t object)
{
    struct py_image *self = py_image_get(object);
    struct view *view = m_new_obj(struct view);

    *view = (struct view){{{&mp_type_bytearray}, BYTEARRAY_TYPECODE, 0, image_bytes(&self->image), self->image.data}, object};
    return MP_OBJ_FROM_PTR(view);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_bytearray_obj, py_image_bytearray);

static mp_obj_t py_image_flush(mp_obj_t object)
{
    py_image_get(object);
    framebuffer_publish();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_image_flush_obj, py_image_flush);

static mp_obj_t py_image_clear(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    static const mp_arg_t allowed[] = {KW_OBJ(mask)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    vision_check(image_clear(&self->image, arg_mask(v[0].u_obj)));
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_image_clear_obj, 1, py_image_clear);

static mp_obj_t py_image_unavailable(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    raise_unavailable();
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_image_unavailable_obj, 0, py_image_unavailable);

/* ---- The table ---- */

#define METHOD(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_image_##name##_obj)},
#define UNAVAILABLE(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_image_unavailable_obj)},
#define ALIAS(name, of) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_image_##of##_obj)},

static const mp_rom_map_elem_t py_image_methods[] = {
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&py_image_del_obj)},
    METHOD(width) METHOD(height) METHOD(format) METHOD(size) METHOD(bytearray) METHOD(flush) METHOD(clear) METHOD(get_pixel) METHOD(set_pixel)
    PY_IMAGE_CONVERT_METHODS(METHOD) ALIAS(compress, to_jpeg) ALIAS(scale, crop)
    PY_IMAGE_DRAW_METHODS(METHOD)
    PY_IMAGE_FILTER_METHODS(METHOD) ALIAS(blur, gaussian) ALIAS(gaussian_blur, gaussian)
    PY_IMAGE_ADJUST_METHODS(METHOD) ALIAS(invert, negate) ALIAS(gamma_corr, gamma)
    PY_IMAGE_COMPOSE_METHODS(METHOD) ALIAS(assign, draw_image) ALIAS(replace, draw_image) ALIAS(set, draw_image) ALIAS(blend, draw_image)
    ALIAS(and, b_and) ALIAS(nand, b_nand) ALIAS(or, b_or) ALIAS(nor, b_nor) ALIAS(xor, b_xor) ALIAS(xnor, b_xnor)
    PY_IMAGE_WARP_METHODS(METHOD)
    PY_IMAGE_SHAPE_METHODS(METHOD) PY_IMAGE_MATCH_METHODS(METHOD)
    PY_IMAGE_OTHER_METHODS(METHOD)
    ALIAS(histogram, get_histogram) ALIAS(get_hist, get_histogram) ALIAS(statistics, get_statistics) ALIAS(get_stats, get_statistics)
    /* Methods of the interface that this firmware does not have say so. */
    UNAVAILABLE(stereo_disparity) 
    UNAVAILABLE(find_qrcodes) UNAVAILABLE(find_apriltags) UNAVAILABLE(find_datamatrices)
    UNAVAILABLE(find_barcodes) UNAVAILABLE(find_features) UNAVAILABLE(find_eye) UNAVAILABLE(find_lbp) UNAVAILABLE(find_keypoints)
    UNAVAILABLE(find_hog)
};
static MP_DEFINE_CONST_DICT(py_image_locals, py_image_methods);

MP_DEFINE_CONST_OBJ_TYPE(py_image_type, MP_QSTR_Image, MP_TYPE_FLAG_ITER_IS_GETITER, make_new, py_image_make_new, iter, py_image_getiter, print, py_image_print, unary_op,
                         py_image_unary_op, subscr, py_image_subscript, buffer, py_image_get_buffer, locals_dict, &py_image_locals);
