/* SPDX-License-Identifier: MIT */
/* Image.to_*, copy, crop: one path for all of them. */
#include <string.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/color.h"
#include "vision/convert.h"
#include "vision/jpeg.h"

/* What every conversion takes. */
struct options {
    struct rect roi_storage;
    const struct rect *roi;
    int rgb_channel;
    mp_obj_t palette;
    bool copy, copy_to_fb;
    int quality, subsampling;
};

static void unavailable_option(bool used, qstr name)
{
    if (used) {
        mp_raise_msg_varg(&mp_type_NotImplementedError, MP_ERROR_TEXT("The option %q is unavailable on your OpenMV Cam."), name);
    }
}

static bool is_one(mp_obj_t scale)
{
    return scale == mp_const_none || mp_obj_get_float(scale) == MICROPY_FLOAT_CONST(1.0);
}

static void parse_options(size_t n_args, const mp_obj_t *args, mp_map_t *kw, bool copy, struct options *out)
{
    enum {
        ARG_x_scale, ARG_y_scale, ARG_roi, ARG_rgb_channel, ARG_alpha, ARG_color_palette, ARG_alpha_palette, ARG_hint, ARG_transform, ARG_copy,
        ARG_copy_to_fb, ARG_quality, ARG_subsampling,
    };
    const mp_arg_t allowed[] = {
        KW_OBJ(x_scale), KW_OBJ(y_scale), KW_OBJ(roi), KW_INT(rgb_channel, -1), KW_INT(alpha, 255), KW_OBJ(color_palette), KW_OBJ(alpha_palette),
        KW_INT(hint, 0), KW_OBJ(transform), KW_BOOL(copy, copy), KW_BOOL(copy_to_fb, false), KW_INT(quality, 90), KW_INT(subsampling, 0),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    unavailable_option(!is_one(v[ARG_x_scale].u_obj), MP_QSTR_x_scale);
    unavailable_option(!is_one(v[ARG_y_scale].u_obj), MP_QSTR_y_scale);
    unavailable_option(v[ARG_alpha].u_int != 255, MP_QSTR_alpha);
    unavailable_option(v[ARG_alpha_palette].u_obj != mp_const_none, MP_QSTR_alpha_palette);
    unavailable_option(v[ARG_transform].u_obj != mp_const_none, MP_QSTR_transform);
    unavailable_option((v[ARG_hint].u_int & 0x70) != 0, MP_QSTR_hint); /* mirror, flip, transpose; interpolation hints mean nothing unscaled */
    out->roi = arg_roi(v[ARG_roi].u_obj, &out->roi_storage);
    out->rgb_channel = (int)v[ARG_rgb_channel].u_int;
    out->palette = v[ARG_color_palette].u_obj;
    out->copy = v[ARG_copy].u_bool;
    out->copy_to_fb = v[ARG_copy_to_fb].u_bool;
    out->quality = (int)v[ARG_quality].u_int;
    out->subsampling = (int)v[ARG_subsampling].u_int;
}

/* The palette of an option: one of ours, filled into `storage`, or a picture of 256 RGB565 pixels. */
static const uint16_t *get_palette(mp_obj_t palette, uint16_t storage[256])
{
    if (palette == mp_const_none) {
        return NULL;
    }
    if (mp_obj_is_int(palette)) {
        vision_check(color_fill_palette((enum palette)mp_obj_get_int(palette), storage));
        return storage;
    }
    const struct image *image = &py_image_get(palette)->image;
    if (image->format != PIXFORMAT_RGB565 || image->width * image->height != 256) {
        mp_raise_ValueError(MP_ERROR_TEXT("A palette is a constant of this module or an RGB565 image of 256 pixels"));
    }
    return (const uint16_t *)(const void *)image->data;
}

/* Where a result of `bytes` goes: into a new image, the frame buffer, or the image itself. */
static struct py_image *destination(struct py_image *self, const struct options *options, size_t bytes)
{
    if (options->copy_to_fb) {
        return py_image_in_frame(bytes);
    }
    if (options->copy) {
        return py_image_allocate(bytes);
    }
    if (bytes > self->capacity) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The image doesn't fit in its frame buffer in place (%u bytes, %u there): use copy=True"),
                          (unsigned)bytes, (unsigned)self->capacity);
    }
    return self;
}

/* ---- From JPEG ---- */

/* Decodes self (a JPEG) to `format`, then cuts the region out. */
static struct py_image *decode(struct py_image *self, enum pixel_format format, const struct options *options)
{
    struct memory_stream source = {.data = self->image.data, .size = self->image.size};
    struct stream stream = memory_stream_open(&source);
    struct jpeg_info info;

    vision_check(jpeg_read_info(&stream, &info));
    size_t bytes = pixformat_image_bytes(format, info.width, info.height);
    if (!bytes) {
        vision_check(VISION_E_SIZE);
    }
    struct py_image *result = destination(self, options, bytes);
    struct arena arena = scratch_open();
    int error = VISION_OK;
    if (result->image.data == self->image.data) {   /* the pixels will lie where the file does */
        uint8_t *copy = arena_alloc(&arena, source.size);
        if (copy) {
            memcpy(copy, source.data, source.size);
            source.data = copy;
        } else {
            error = VISION_E_MEMORY;
        }
    }
    source.position = 0;
    struct image image = {.width = info.width, .height = info.height, .format = format, .data = result->image.data};
    if (!error) {
        error = jpeg_decode(&stream, &JPEG_DECODE_DEFAULTS, &image, &arena);
    }
    if (!error && options->roi) {
        error = image_copy(&image, &image, options->roi);
    }
    scratch_finish(&arena, error);
    result->image = image;
    py_image_changed(result);
    return result;
}

/* ---- To a raw format ---- */

static mp_obj_t convert(mp_obj_t object, enum pixel_format format, const struct options *options)
{
    struct py_image *self = py_image_get(object);
    uint16_t storage[256];
    const struct convert_options how = {.roi = options->roi, .rgb_channel = options->rgb_channel, .palette = get_palette(options->palette, storage)};
    struct rect region;

    if (self->image.format == PIXFORMAT_JPEG) {
        if (how.palette || how.rgb_channel >= 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("Convert the JPEG to pixels first, then use a palette or a channel"));
        }
        return MP_OBJ_FROM_PTR(decode(self, format, options));
    }
    vision_check(image_clip(&self->image, options->roi, &region));
    /* Bayer and YUV regions grow to whole patterns: two more pixels each way at most. */
    struct py_image *result = destination(self, options, pixformat_image_bytes(format, region.w + (region.x & 1), region.h + (region.y & 1)));
    struct image image = {.format = format, .data = result->image.data};
    struct arena arena = scratch_open();
    scratch_finish(&arena, convert_image(&image, &self->image, &how, &arena));
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}

#define CONVERSION(name, format)                                                        \
    static mp_obj_t py_image_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)  \
    {                                                                                   \
        struct options options;                                                         \
        parse_options(n_args, args, kw, false, &options);                               \
        return convert(args[0], format, &options);                                      \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name)

CONVERSION(to_bitmap, PIXFORMAT_BINARY);
CONVERSION(to_grayscale, PIXFORMAT_GRAYSCALE);
CONVERSION(to_rgb565, PIXFORMAT_RGB565);

#define PALETTE_CONVERSION(name, which)                                                 \
    static mp_obj_t py_image_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)  \
    {                                                                                   \
        struct options options;                                                         \
        parse_options(n_args, args, kw, false, &options);                               \
        if (options.palette == mp_const_none) {                                         \
            options.palette = MP_OBJ_NEW_SMALL_INT(which);                              \
        }                                                                               \
        return convert(args[0], PIXFORMAT_RGB565, &options);                            \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name)

PALETTE_CONVERSION(to_rainbow, PALETTE_RAINBOW);
PALETTE_CONVERSION(to_ironbow, PALETTE_IRONBOW);
PALETTE_CONVERSION(to_depth, PALETTE_DEPTH);
PALETTE_CONVERSION(to_evt_dark, PALETTE_EVT_DARK);
PALETTE_CONVERSION(to_evt_light, PALETTE_EVT_LIGHT);

/* ---- copy, crop ---- */

static mp_obj_t copy_or_crop(mp_obj_t object, const struct options *options)
{
    struct py_image *self = py_image_get(object);
    struct rect region;

    if (options->rgb_channel >= 0 || options->palette != mp_const_none) {
        enum pixel_format format = options->palette != mp_const_none ? PIXFORMAT_RGB565 : self->image.format;
        return convert(object, format, options);
    }
    if (pixformat_is_compressed(self->image.format)) {
        region = (struct rect){0, 0, 0, 0};
    } else {
        vision_check(image_clip(&self->image, options->roi, &region));
        region.w += region.x & 1;
        region.h += region.y & 1;
    }
    size_t bytes = region.w ? pixformat_image_bytes(self->image.format, region.w, region.h) : self->image.size;
    struct py_image *result = destination(self, options, bytes);
    struct image image = {.data = result->image.data};
    vision_check(image_copy(&image, &self->image, options->roi));
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}

static mp_obj_t py_image_copy(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct options options;

    parse_options(n_args, args, kw, true, &options);
    return copy_or_crop(args[0], &options);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_copy_obj, 1, py_image_copy);

static mp_obj_t py_image_crop(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct options options;

    parse_options(n_args, args, kw, false, &options);
    return copy_or_crop(args[0], &options);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_crop_obj, 1, py_image_crop);

/* ---- To JPEG ---- */

/* The file is made in scratch: its size is known only then, and in place it would overwrite its source. */
static mp_obj_t py_image_to_jpeg(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct options options;
    struct py_image *self = py_image_get(args[0]);

    parse_options(n_args, args, kw, false, &options);
    if (pixformat_is_compressed(self->image.format)) {
        return options.copy || options.copy_to_fb ? copy_or_crop(args[0], &options) : args[0];
    }
    if (options.roi || options.rgb_channel >= 0 || options.palette != mp_const_none) {
        struct options first = options;
        first.copy = true;
        first.copy_to_fb = false;
        self = MP_OBJ_TO_PTR(copy_or_crop(args[0], &first));
    }
    const struct jpeg_encode_options how = {.quality = options.quality, .subsampling = options.subsampling};
    struct arena arena = scratch_open();
    size_t reserve = JPEG_ENCODE_SCRATCH + 32 * (size_t)self->image.width + 64;
    size_t room = arena_available(&arena) > reserve ? arena_available(&arena) - reserve : 0;
    struct memory_stream file = {.data = arena_alloc(&arena, room), .capacity = room};
    struct stream stream = memory_stream_open(&file);
    int error = file.data ? jpeg_encode(&self->image, &how, &stream, &arena) : VISION_E_MEMORY;
    if (error < 0) {
        scratch_finish(&arena, error == VISION_E_SPACE ? VISION_E_MEMORY : error);
    }
    /* Shrinking the scratch to the file before the result is allocated would need a second exception frame; the frame or self is in place. */
    struct py_image *result = NULL;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        result = destination(MP_OBJ_TO_PTR(args[0]), &options, file.size);
        nlr_pop();
    } else {
        scratch_close(&arena);
        nlr_jump(nlr.ret_val);
    }
    struct image image = {.width = self->image.width, .height = self->image.height, .format = PIXFORMAT_JPEG, .size = file.size, .data = result->image.data};
    memcpy(image.data, file.data, file.size);
    scratch_close(&arena);
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_to_jpeg_obj, 1, py_image_to_jpeg);
