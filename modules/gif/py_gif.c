/* SPDX-License-Identifier: MIT */
/* The gif module: Gif(path), an animation that grows picture by picture. */
#include "vision/gif.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "modules/image/py_stream.h"

typedef struct {
    mp_obj_base_t base;
    bool loop;
    struct py_file file;
    struct stream stream;           /* points to `file` */
    struct gif gif;
} py_gif_t;

static py_gif_t *get_open(mp_obj_t object)
{
    py_gif_t *self = MP_OBJ_TO_PTR(object);

    if (self->file.object == MP_OBJ_NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("The GIF is closed"));
    }
    return self;
}

static mp_obj_t py_gif_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    enum { ARG_path, ARG_width, ARG_height, ARG_color, ARG_loop };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(path), KW_INT(width, -1), KW_INT(height, -1), KW_INT(color, -1), KW_BOOL(loop, true)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all_kw_array(n_args, n_kw, args, MP_ARRAY_SIZE(allowed), allowed, v);
    const struct image *frame = arg_frame_size(&v[ARG_width], &v[ARG_height], v[ARG_color].u_int < 0);
    bool color = v[ARG_color].u_int < 0 ? pixformat_has_color(frame->format) || pixformat_is_compressed(frame->format) : v[ARG_color].u_int != 0;
    py_gif_t *self = mp_obj_malloc(py_gif_t, type);
    self->loop = v[ARG_loop].u_bool;
    self->stream = py_file_open(&self->file, v[ARG_path].u_obj, "wb");
    int error = gif_create(&self->gif, &self->stream, (int)v[ARG_width].u_int, (int)v[ARG_height].u_int, color, self->loop);
    if (py_file_failed(&self->file, error)) {
        py_file_close(&self->file);
        py_file_check(&self->file, error);
    }
    return MP_OBJ_FROM_PTR(self);
}

#define GETTER(name, value)                                                             \
    static mp_obj_t py_gif_##name(mp_obj_t object)                                      \
    {                                                                                   \
        const py_gif_t *self = MP_OBJ_TO_PTR(object);                                   \
        return value;                                                                   \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_1(py_gif_##name##_obj, py_gif_##name)

GETTER(width, MP_OBJ_NEW_SMALL_INT(self->gif.width));
GETTER(height, MP_OBJ_NEW_SMALL_INT(self->gif.height));
GETTER(format, MP_OBJ_NEW_SMALL_INT(self->gif.color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE));
GETTER(size, mp_obj_new_int_from_uint(self->gif.end));
GETTER(loop, mp_obj_new_bool(self->loop));

static void py_gif_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    const py_gif_t *self = MP_OBJ_TO_PTR(object);

    mp_printf(print, "{\"w\":%d, \"h\":%d, \"color\":%s, \"loop\":%s, \"size\":%u}", self->gif.width, self->gif.height,
              self->gif.color ? "true" : "false", self->loop ? "true" : "false", (unsigned)self->gif.end);
}

static mp_obj_t py_gif_add_frame(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_image, ARG_delay };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(image), KW_INT(delay, 10)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    py_gif_t *self = get_open(args[0]);

    PARSE(allowed, v);
    const struct image *image = &py_image_get(v[ARG_image].u_obj)->image;
    if (pixformat_is_compressed(image->format)) {
        mp_raise_ValueError(MP_ERROR_TEXT("A compressed image can't be added: convert it first (to_grayscale(), to_rgb565())"));
    }
    if (image->width != self->gif.width || image->height != self->gif.height) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The image is %d x %d, the GIF %d x %d: scale() it first"), image->width, image->height,
                          self->gif.width, self->gif.height);
    }
    struct arena arena = scratch_open();
    int error = gif_append(&self->gif, image, (int)v[ARG_delay].u_int, &arena);
    scratch_close(&arena);
    py_file_check(&self->file, error);
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_gif_add_frame_obj, 1, py_gif_add_frame);

static mp_obj_t py_gif_close(mp_obj_t object)
{
    py_gif_t *self = MP_OBJ_TO_PTR(object);

    if (self->file.object != MP_OBJ_NULL) {
        int error = gif_finish(&self->gif), closing = py_file_close(&self->file);
        py_file_check(&self->file, error ? error : closing);
    }
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_gif_close_obj, py_gif_close);

#define METHOD(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_gif_##name##_obj)},

static const mp_rom_map_elem_t py_gif_locals_table[] = {
    METHOD(width) METHOD(height) METHOD(format) METHOD(size) METHOD(loop) METHOD(add_frame) METHOD(close)
};
static MP_DEFINE_CONST_DICT(py_gif_locals, py_gif_locals_table);
static MP_DEFINE_CONST_OBJ_TYPE(py_gif_type, MP_QSTR_Gif, MP_TYPE_FLAG_NONE, make_new, py_gif_make_new, print, py_gif_print, locals_dict, &py_gif_locals);

static const mp_rom_map_elem_t gif_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_gif)},
    {MP_ROM_QSTR(MP_QSTR_Gif), MP_ROM_PTR(&py_gif_type)},
};
static MP_DEFINE_CONST_DICT(gif_globals, gif_globals_table);

const mp_obj_module_t gif_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&gif_globals,
};
MP_REGISTER_MODULE(MP_QSTR_gif, gif_module);
