/* SPDX-License-Identifier: MIT */
/* The mjpeg module: Mjpeg(path), a film in an AVI file, shown at the mean rate at which its pictures were added. */
#include "vision/mjpeg.h"

#include <string.h>

#include "py/mphal.h"

#include "modules/image/py_compose.h"
#include "modules/image/py_scratch.h"
#include "modules/image/py_stream.h"
#include "vision/jpeg.h"

typedef struct {
    mp_obj_base_t base;
    uint64_t span;                  /* microseconds from the first picture to the last */
    mp_uint_t last;                 /* when that was */
    struct py_file file;
    struct stream stream;           /* points to `file` */
    struct mjpeg film;
} py_mjpeg_t;

static py_mjpeg_t *get_open(mp_obj_t object)
{
    py_mjpeg_t *self = MP_OBJ_TO_PTR(object);

    if (self->file.object == MP_OBJ_NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("The MJPEG is closed"));
    }
    return self;
}

static uint32_t us_per_frame(const py_mjpeg_t *self)
{
    uint64_t us = self->film.frames > 1 ? self->span / (self->film.frames - 1) : 0;

    return us > 1000000000 ? 1000000000 : (uint32_t)us;
}

static mp_obj_t py_mjpeg_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    enum { ARG_path, ARG_width, ARG_height };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(path), ARG_OPTIONAL_INT(width, -1), ARG_OPTIONAL_INT(height, -1)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all_kw_array(n_args, n_kw, args, MP_ARRAY_SIZE(allowed), allowed, v);
    arg_frame_size(&v[ARG_width], &v[ARG_height], false);
    py_mjpeg_t *self = mp_obj_malloc(py_mjpeg_t, type);
    self->span = 0;
    self->stream = py_file_open(&self->file, v[ARG_path].u_obj, "wb+");
    int error = mjpeg_create(&self->film, &self->stream, (int)v[ARG_width].u_int, (int)v[ARG_height].u_int);
    if (py_file_failed(&self->file, error)) {
        py_file_close(&self->file);
        py_file_check(&self->file, error);
    }
    return MP_OBJ_FROM_PTR(self);
}

#define GETTER(name, value)                                                             \
    static mp_obj_t py_mjpeg_##name(mp_obj_t object)                                    \
    {                                                                                   \
        const py_mjpeg_t *self = MP_OBJ_TO_PTR(object);                                 \
        return value;                                                                   \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_1(py_mjpeg_##name##_obj, py_mjpeg_##name)

GETTER(is_closed, mp_obj_new_bool(self->file.object == MP_OBJ_NULL));
GETTER(width, MP_OBJ_NEW_SMALL_INT(self->film.width));
GETTER(height, MP_OBJ_NEW_SMALL_INT(self->film.height));
GETTER(count, mp_obj_new_int_from_uint(self->film.frames));
GETTER(size, mp_obj_new_int_from_uint(self->film.end));

static void py_mjpeg_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    const py_mjpeg_t *self = MP_OBJ_TO_PTR(object);

    mp_printf(print, "{\"closed\":%s, \"w\":%d, \"h\":%d, \"count\":%u, \"size\":%u}", self->file.object == MP_OBJ_NULL ? "true" : "false",
              self->film.width, self->film.height, (unsigned)self->film.frames, (unsigned)self->film.end);
}

/* ---- Pictures ---- */

/* Is the image, seen through the options, what the film shows? Then it needs no picture of its own. Of a PNG one is made. */
static bool fits(const struct mjpeg *film, const struct image *image, const struct compose_options *o)
{
    return image->format != PIXFORMAT_PNG && image->width == film->width && image->height == film->height && !o->roi && o->rgb_channel < 0 && !o->palette && !py_compose_scales(o);
}

/* The image on black, as large as the film is. */
static int paint(const struct mjpeg *film, const struct image *image, const struct compose_options *options, struct image *picture, struct arena *arena)
{
    bool color = options->palette || (options->rgb_channel < 0 && pixformat_has_color(image->format));
    enum pixel_format format = color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
    size_t bytes = pixformat_image_bytes(format, film->width, film->height);
    int error = image_init(picture, film->width, film->height, format, arena_alloc(arena, bytes), bytes);

    if (error || !picture->data) {
        return error ? error : VISION_E_MEMORY;
    }
    memset(picture->data, 0, bytes);
    return compose_image(picture, image, COMPOSE_REPLACE, options, arena);
}

static int append(struct mjpeg *film, const struct image *image, const struct compose_options *options, int quality, struct arena *arena)
{
    const struct jpeg_encode_options how = {.quality = quality};
    struct memory_stream jpeg;
    struct image picture;
    int error = 0;

    if (!fits(film, image, options)) {
        error = paint(film, image, options, &picture, arena);
        image = &picture;
    } else if (image->format == PIXFORMAT_JPEG) {
        return image->size <= UINT32_MAX ? mjpeg_append(film, image->data, (uint32_t)image->size) : VISION_E_SPACE;
    }
    error = error ? error : jpeg_encode_scratch(image, &how, &jpeg, arena);
    return error < 0 ? error : mjpeg_append(film, jpeg.data, (uint32_t)jpeg.size);
}

static mp_obj_t py_mjpeg_add_frame(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_image, ARG_options, ARG_quality = ARG_options + COMPOSE_ARGS };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(image), COMPOSE_KEYWORDS, KW_INT(quality, 90)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    py_mjpeg_t *self = get_open(args[0]);
    struct py_compose parsed;
    struct compose_options *o = &parsed.options;

    PARSE(allowed, v);
    py_compose_parse(v + ARG_options, &parsed);
    py_image_kept image = py_image_get(v[ARG_image].u_obj);
    if (!fits(&self->film, &image->image, o)) {
        image = py_compose_operand(v[ARG_image].u_obj, o);
        bool free_scale = v[ARG_options + COMPOSE_ARG_x_scale].u_obj == mp_const_none && v[ARG_options + COMPOSE_ARG_y_scale].u_obj == mp_const_none;
        if (free_scale && !(o->hint & (COMPOSE_ASPECT_EXPAND | COMPOSE_ASPECT_IGNORE))) {
            o->hint |= COMPOSE_ASPECT_KEEP;
        }
        o->hint |= COMPOSE_CENTER;
    }
    struct arena arena = scratch_open();
    int error = append(&self->film, &image->image, o, (int)v[ARG_quality].u_int, &arena);
    scratch_close(&arena);
    py_file_check(&self->file, error);
    mp_uint_t now = mp_hal_ticks_us();
    self->span += self->film.frames > 1 ? (uint32_t)(now - self->last) : 0;
    self->last = now;
    return args[0];
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_mjpeg_add_frame_obj, 1, py_mjpeg_add_frame);

/* What is there is a film that can be shown, whatever happens next. */
static mp_obj_t py_mjpeg_sync(mp_obj_t object)
{
    py_mjpeg_t *self = get_open(object);
    int error = mjpeg_mark(&self->film, us_per_frame(self));

    py_file_check(&self->file, error ? error : py_file_flush(&self->file));
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_mjpeg_sync_obj, py_mjpeg_sync);

/* Without room for the index it is a film without one. */
static mp_obj_t py_mjpeg_close(mp_obj_t object)
{
    py_mjpeg_t *self = MP_OBJ_TO_PTR(object);

    if (self->file.object == MP_OBJ_NULL) {
        return object;
    }
    int error = mjpeg_finish(&self->film, us_per_frame(self));
    if (py_file_failed(&self->file, error)) {
        struct py_file first = self->file;
        self->file.errcode = 0;
        self->file.exception = MP_OBJ_NULL;
        mjpeg_mark(&self->film, us_per_frame(self));
        py_file_close(&self->file);
        self->file.errcode = first.errcode;
        self->file.exception = first.exception;
    }
    py_file_close(&self->file);
    py_file_check(&self->file, error);
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_mjpeg_close_obj, py_mjpeg_close);

/* ---- The table ---- */

#define METHOD(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_mjpeg_##name##_obj)},

static const mp_rom_map_elem_t py_mjpeg_locals_table[] = {
    METHOD(is_closed) METHOD(width) METHOD(height) METHOD(count) METHOD(size) METHOD(add_frame) METHOD(sync) METHOD(close)
    {MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&py_mjpeg_add_frame_obj)},
};
static MP_DEFINE_CONST_DICT(py_mjpeg_locals, py_mjpeg_locals_table);
static MP_DEFINE_CONST_OBJ_TYPE(py_mjpeg_type, MP_QSTR_Mjpeg, MP_TYPE_FLAG_NONE, make_new, py_mjpeg_make_new, print, py_mjpeg_print, locals_dict,
                                &py_mjpeg_locals);

static const mp_rom_map_elem_t mjpeg_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_mjpeg)},
    {MP_ROM_QSTR(MP_QSTR_Mjpeg), MP_ROM_PTR(&py_mjpeg_type)},
};
static MP_DEFINE_CONST_DICT(mjpeg_globals, mjpeg_globals_table);

const mp_obj_module_t mjpeg_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&mjpeg_globals,
};
MP_REGISTER_MODULE(MP_QSTR_mjpeg, mjpeg_module);
