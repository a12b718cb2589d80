/* SPDX-License-Identifier: MIT */
/* Image.to_*, copy, crop: one path for all of them. */
#include <math.h>
#include <string.h>

#include "modules/image/py_arguments.h"
#include "modules/image/py_compose.h"
#include "modules/image/py_scratch.h"
#include "vision/color.h"
#include "vision/convert.h"
#include "vision/jpeg.h"
#include "vision/png.h"

/* What every conversion takes. */
struct options {
    struct py_compose compose;      /* region, scales, channel, palette, hint */
    bool copy, copy_to_fb;
    int quality, subsampling;
};

static void parse_options(size_t n_args, const mp_obj_t *args, mp_map_t *kw, bool copy, struct options *out)
{
    enum { ARG_copy = COMPOSE_ARGS, ARG_copy_to_fb, ARG_quality, ARG_subsampling };
    const mp_arg_t allowed[] = {
        COMPOSE_KEYWORDS, KW_BOOL(copy, copy), KW_BOOL(copy_to_fb, false), KW_INT(quality, 90), KW_INT(subsampling, 0),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE(allowed, v);
    py_compose_parse(v, &out->compose);
    out->copy = v[ARG_copy].u_bool;
    out->copy_to_fb = v[ARG_copy_to_fb].u_bool;
    out->quality = (int)v[ARG_quality].u_int;
    out->subsampling = (int)v[ARG_subsampling].u_int;
}

/* Where a result of `bytes` goes: into a new image, the frame buffer, or the image itself. */
static struct py_image *destination(struct py_image *self, const struct options *options, size_t bytes)
{
    if (options->copy_to_fb) {
        return py_image_in_frame(bytes, self);
    }
    if (options->copy) {
        return py_image_allocate(bytes);
    }
    py_image_check_room(self, bytes);
    return self;
}

/* ---- From JPEG and PNG ---- */

/* What a compressed image holds. */
struct contents { int width, height; bool gray; };

static struct contents look_into(const struct image *image)
{
    struct memory_stream source = {.data = image->data, .size = image->size};
    struct stream stream = memory_stream_open(&source);

    if (image->format == PIXFORMAT_PNG) {
        struct png_info png;
        vision_check(png_file_info(&stream, &png));
        return (struct contents){png.width, png.height, png.color == PNG_GRAY || png.color == PNG_GRAY_ALPHA};
    }
    struct jpeg_info jpeg;
    vision_check(jpeg_read_info(&stream, &jpeg));
    if (jpeg.progressive) {
        mp_raise_ValueError(MP_ERROR_TEXT("Progressive JPEG files can't be read, they need memory for all of their coefficients: save it as baseline"));
    }
    return (struct contents){jpeg.width, jpeg.height, jpeg.components == 1};
}

/* Decodes self to `format`, a JPEG `reduce` times smaller, then cuts the region out. */
static struct py_image *decode(struct py_image *compressed, enum pixel_format format, int reduce, const struct options *options)
{
    py_image_kept self = compressed;
    struct contents in = look_into(&compressed->image);
    bool png = self->image.format == PIXFORMAT_PNG;
    int width = (in.width + reduce - 1) / reduce, height = (in.height + reduce - 1) / reduce;
    size_t bytes = pixformat_image_bytes(format, width, height);

    if (!bytes) {
        vision_check(VISION_E_SIZE);
    }
    struct py_image *result = destination(compressed, options, bytes);
    struct memory_stream source = {.data = self->image.data, .size = self->image.size};
    struct stream stream = memory_stream_open(&source);
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
    struct image image = {.width = width, .height = height, .format = format, .data = result->image.data};
    if (!error) {
        error = png ? png_decode(&stream, &image, &arena) : jpeg_decode(&stream, &(struct jpeg_decode_options){.scale = reduce}, &image, &arena);
    }
    if (!error && options->compose.options.roi) {
        error = image_copy(&image, &image, options->compose.options.roi);
    }
    scratch_finish(&arena, error);
    result->image = image;
    py_image_changed(result);
    return result;
}

/* By how much a JPEG can be decoded smaller, if not more than w x h of its pixels are wanted. */
static int reduction(const struct image *image, const struct compose_options *o, int w, int h)
{
    struct contents in = image->format == PIXFORMAT_JPEG && !o->roi ? look_into(image) : (struct contents){0};
    int reduce = 8;

    while (reduce > 1 && (w * reduce > in.width || h * reduce > in.height)) {
        reduce /= 2;
    }
    return reduce;
}

/* Size of the scaled copy of an image of any format, not transposed. */
static void scaled_size(const struct image *image, const struct compose_options *o, int *w, int *h)
{
    struct image full = {.width = image->width, .height = image->height, .format = PIXFORMAT_GRAYSCALE};
    struct compose_options upright = *o;

    if (pixformat_is_compressed(image->format)) {
        struct contents in = look_into(image);
        full.width = in.width;
        full.height = in.height;
    }
    upright.hint &= ~(unsigned)COMPOSE_TRANSPOSE;
    vision_check(compose_size(&full, &upright, full.width, full.height, w, h));
}

static const struct options everything = {.compose.options = COMPOSE_DEFAULTS, .copy = true};

struct py_image *py_image_pixels(struct py_image *self, struct compose_options *o)
{
    if (!pixformat_is_compressed(self->image.format)) {
        return self;
    }
    bool aspect = o->hint & (COMPOSE_ASPECT_KEEP | COMPOSE_ASPECT_EXPAND | COMPOSE_ASPECT_IGNORE);
    enum pixel_format format = o->rgb_channel < 0 && look_into(&self->image).gray ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565;
    int w, h, reduce = 1;
    if (!aspect) {
        scaled_size(&self->image, o, &w, &h);
        reduce = reduction(&self->image, o, w, h);
    }
    struct py_image *pixels = decode(self, format, reduce, &everything);
    if (reduce > 1) {               /* the same size as from all pixels; sizes are rounded down */
        o->x_scale = copysignf(((float)w + 0.5f) / (float)pixels->image.width, o->x_scale);
        o->y_scale = copysignf(((float)h + 0.5f) / (float)pixels->image.height, o->y_scale);
    }
    return pixels;
}

/* ---- To a raw format ---- */

/* Scaled, mirrored or transposed on the way, from `source` to w x h before it is transposed. */
static void scale(struct py_image *self, const struct image *source, int w, int h, enum pixel_format format, const struct options *options, struct py_image **result)
{
    bool transpose = options->compose.options.hint & COMPOSE_TRANSPOSE;
    struct image image = {.width = transpose ? h : w, .height = transpose ? w : h, .format = format};
    size_t bytes = pixformat_image_bytes(format, image.width, image.height);

    if (!pixformat_is_mutable(format)) {
        mp_raise_ValueError(MP_ERROR_TEXT("Bayer and YUV images can't be scaled: convert them on the way, by to_rgb565() or to_grayscale()"));
    }
    if (!bytes) {
        vision_check(VISION_E_SIZE);
    }
    *result = destination(self, options, bytes);
    image.data = (*result)->image.data;
    struct arena arena = scratch_open();
    scratch_finish(&arena, compose_scaled(&image, source, &options->compose.options, &arena));
    (*result)->image = image;
}

static void recolor(struct py_image *self, const struct image *source, enum pixel_format format, const struct options *options, struct py_image **result)
{
    const struct compose_options *o = &options->compose.options;
    const struct convert_options how = {.roi = o->roi, .rgb_channel = o->rgb_channel, .palette = o->palette};
    struct rect region;

    vision_check(image_clip(source, o->roi, &region));
    /* Bayer and YUV regions grow to whole patterns: two more pixels each way at most. */
    *result = destination(self, options, pixformat_image_bytes(format, region.w + (region.x & 1), region.h + (region.y & 1)));
    struct image image = {.format = format, .data = (*result)->image.data};
    struct arena arena = scratch_open();
    scratch_finish(&arena, convert_image(&image, source, &how, &arena));
    (*result)->image = image;
}

/* A JPEG that is only scaled, to a size that its decoder can make. */
static bool is_only_reduced(const struct image *image, const struct compose_options *o, int w, int h, int reduce)
{
    struct contents in = look_into(image);

    return !o->palette && !o->transform && o->alpha == 255 && !o->alpha_palette && o->rgb_channel < 0 && o->x_scale > 0 && o->y_scale > 0 && !(o->hint & (COMPOSE_HMIRROR | COMPOSE_VFLIP | COMPOSE_TRANSPOSE)) &&
           w == (in.width + reduce - 1) / reduce && h == (in.height + reduce - 1) / reduce;
}

static mp_obj_t convert(mp_obj_t object, enum pixel_format format, const struct options *options)
{
    struct py_image *self = py_image_get(object), *result;
    py_image_kept pixels = self;
    const struct compose_options *o = &options->compose.options;
    bool scales = py_compose_scales(o);
    int w = 0, h = 0;

    if (scales) {
        scaled_size(&self->image, o, &w, &h);
    }
    if (pixformat_is_compressed(self->image.format)) {
        int reduce = scales ? reduction(&self->image, o, w, h) : 1;
        format = pixformat_is_compressed(format) ? PIXFORMAT_RGB565 : format;
        if (scales ? reduce > 1 && is_only_reduced(&self->image, o, w, h, reduce) : !o->palette && o->rgb_channel < 0) {
            return MP_OBJ_FROM_PTR(decode(self, format, reduce, options));
        }
        pixels = decode(self, PIXFORMAT_RGB565, reduce, &everything);
    }
    if (scales) {
        scale(self, &pixels->image, w, h, format, options, &result);
    } else {
        recolor(self, &pixels->image, format, options, &result);
    }
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
        if (!options.compose.options.palette) {                                         \
            color_fill_palette(which, options.compose.palette);                         \
            options.compose.options.palette = options.compose.palette;                  \
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
    const struct compose_options *o = &options->compose.options;
    struct rect region;

    if (o->rgb_channel >= 0 || o->palette || py_compose_scales(o)) {
        return convert(object, o->palette ? PIXFORMAT_RGB565 : self->image.format, options);
    }
    if (pixformat_is_compressed(self->image.format)) {
        region = (struct rect){0, 0, 0, 0};
    } else {
        vision_check(image_clip(&self->image, o->roi, &region));
        region.w += region.x & 1;
        region.h += region.y & 1;
    }
    size_t bytes = region.w ? pixformat_image_bytes(self->image.format, region.w, region.h) : self->image.size;
    struct py_image *result = destination(self, options, bytes);
    struct image image = {.data = result->image.data};
    vision_check(image_copy(&image, &self->image, o->roi));
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

/* ---- To JPEG and PNG ---- */

/* The image, its region or a scaled copy as pixels that an encoder takes. */
static struct py_image *to_encode(mp_obj_t object, const struct options *options)
{
    struct py_image *self = py_image_get(object);
    const struct compose_options *o = &options->compose.options;
    struct options first = *options;

    first.copy = true;
    first.copy_to_fb = false;
    if (pixformat_is_compressed(self->image.format)) {
        bool gray = !o->palette && look_into(&self->image).gray;
        return MP_OBJ_TO_PTR(convert(object, gray ? PIXFORMAT_GRAYSCALE : PIXFORMAT_RGB565, &first));
    }
    bool changes = o->roi || o->rgb_channel >= 0 || o->palette || py_compose_scales(o);
    return changes ? MP_OBJ_TO_PTR(copy_or_crop(object, &first)) : self;
}

/* The file is made in scratch: its size is known only then, and in place it would overwrite its source. */
static mp_obj_t to_file(mp_obj_t object, enum pixel_format format, const struct options *options)
{
    py_image_kept self = py_image_get(object);
    const struct compose_options *o = &options->compose.options;

    if (self->image.format == format && !o->roi && o->rgb_channel < 0 && !o->palette && !py_compose_scales(o)) {
        return options->copy || options->copy_to_fb ? copy_or_crop(object, options) : object;
    }
    self = to_encode(object, options);
    const struct jpeg_encode_options how = {.quality = options->quality, .subsampling = options->subsampling};
    struct arena arena = scratch_open();
    struct memory_stream file;
    int error = format == PIXFORMAT_PNG ? png_encode_scratch(&self->image, &file, &arena) : jpeg_encode_scratch(&self->image, &how, &file, &arena);
    if (error < 0) {
        scratch_finish(&arena, error);
    }
    scratch_shrink(&arena, (size_t)(file.data - arena.base) + file.size);     /* the result wants room, too */
    struct py_image *result = NULL;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        result = destination(MP_OBJ_TO_PTR(object), options, file.size);
        nlr_pop();
    } else {
        scratch_close(&arena);
        nlr_jump(nlr.ret_val);
    }
    struct image image = {.width = self->image.width, .height = self->image.height, .format = format, .size = file.size, .data = result->image.data};
    memcpy(image.data, file.data, file.size);
    scratch_close(&arena);
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}

#define FILE_CONVERSION(name, format)                                                   \
    static mp_obj_t py_image_##name(size_t n_args, const mp_obj_t *args, mp_map_t *kw)  \
    {                                                                                   \
        struct options options;                                                         \
        parse_options(n_args, args, kw, false, &options);                               \
        return to_file(args[0], format, &options);                                      \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name)

FILE_CONVERSION(to_jpeg, PIXFORMAT_JPEG);
FILE_CONVERSION(to_png, PIXFORMAT_PNG);
