/* SPDX-License-Identifier: MIT */
/* Image.draw_* and mask_*: arguments in, vision/draw.h does it. */
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/draw.h"
#include "vision/event.h"
#include "vision/flood.h"

#define ARG_COLOR(name) {MP_QSTR_##name, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(-1)}}
#define DEFINE_METHOD(name) MP_DEFINE_CONST_FUN_OBJ_KW(py_image_##name##_obj, 1, py_image_##name)

static mp_obj_t py_image_draw_line(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_l, ARG_color, ARG_thickness };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(l), ARG_COLOR(color), ARG_OPTIONAL_INT(thickness, 1)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[4];

    PARSE_NUMBERS(4, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_l].u_obj, 4, n);
    vision_check(draw_line(image, n[0], n[1], n[2], n[3], arg_color(image, v[ARG_color].u_obj), (int)v[ARG_thickness].u_int));
    return args[0];
}
DEFINE_METHOD(draw_line);

static mp_obj_t py_image_draw_rectangle(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_r, ARG_color, ARG_thickness, ARG_fill };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(r), ARG_COLOR(color), ARG_OPTIONAL_INT(thickness, 1), ARG_OPTIONAL_BOOL(fill, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_NUMBERS(4, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    vision_check(draw_rectangle(image, arg_rect(v[ARG_r].u_obj), arg_color(image, v[ARG_color].u_obj), (int)v[ARG_thickness].u_int,
                                v[ARG_fill].u_bool));
    return args[0];
}
DEFINE_METHOD(draw_rectangle);

static mp_obj_t py_image_draw_circle(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_c, ARG_color, ARG_thickness, ARG_fill };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(c), ARG_COLOR(color), ARG_OPTIONAL_INT(thickness, 1), ARG_OPTIONAL_BOOL(fill, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[3];

    PARSE_NUMBERS(3, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_c].u_obj, 3, n);
    vision_check(draw_circle(image, n[0], n[1], n[2], arg_color(image, v[ARG_color].u_obj), (int)v[ARG_thickness].u_int, v[ARG_fill].u_bool));
    return args[0];
}
DEFINE_METHOD(draw_circle);

static mp_obj_t py_image_draw_ellipse(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_e, ARG_color, ARG_thickness, ARG_fill };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(e), ARG_COLOR(color), ARG_OPTIONAL_INT(thickness, 1), ARG_OPTIONAL_BOOL(fill, false)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[5];

    PARSE_NUMBERS(5, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_e].u_obj, 5, n);
    vision_check(draw_ellipse(image, n[0], n[1], n[2], n[3], n[4], arg_color(image, v[ARG_color].u_obj), (int)v[ARG_thickness].u_int,
                              v[ARG_fill].u_bool));
    return args[0];
}
DEFINE_METHOD(draw_ellipse);

static mp_obj_t py_image_draw_cross(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_xy, ARG_color, ARG_size, ARG_thickness };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(xy), ARG_COLOR(color), ARG_OPTIONAL_INT(size, 5), ARG_OPTIONAL_INT(thickness, 1)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[2];

    PARSE_NUMBERS(2, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_xy].u_obj, 2, n);
    vision_check(draw_cross(image, n[0], n[1], arg_color(image, v[ARG_color].u_obj), (int)v[ARG_size].u_int, (int)v[ARG_thickness].u_int));
    return args[0];
}
DEFINE_METHOD(draw_cross);

static mp_obj_t py_image_draw_arrow(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_line, ARG_color, ARG_size, ARG_thickness };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(line), ARG_COLOR(color), ARG_OPTIONAL_INT(size, 10), ARG_OPTIONAL_INT(thickness, 1)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[4];

    PARSE_NUMBERS(4, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_line].u_obj, 4, n);
    vision_check(draw_arrow(image, n[0], n[1], n[2], n[3], arg_color(image, v[ARG_color].u_obj), (int)v[ARG_size].u_int,
                            (int)v[ARG_thickness].u_int));
    return args[0];
}
DEFINE_METHOD(draw_arrow);

static mp_obj_t py_image_draw_edges(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_corners, ARG_color, ARG_size, ARG_thickness, ARG_fill };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(corners), ARG_COLOR(color), ARG_OPTIONAL_INT(size, 0), ARG_OPTIONAL_INT(thickness, 1), ARG_OPTIONAL_BOOL(fill, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct point corners[4];

    PARSE(allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_corners(v[ARG_corners].u_obj, corners);
    vision_check(draw_edges(image, corners, arg_color(image, v[ARG_color].u_obj), (int)v[ARG_size].u_int, (int)v[ARG_thickness].u_int,
                            v[ARG_fill].u_bool));
    return args[0];
}
DEFINE_METHOD(draw_edges);

static void string_at(struct image *image, int x, int y, mp_obj_t text, uint32_t color, const struct draw_string_options *options)
{
    size_t length;
    const char *string = mp_obj_str_get_data(text, &length);

    vision_check(draw_string(image, x, y, string, length, color, options));
}

static mp_obj_t py_image_draw_string(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum {
        ARG_xy, ARG_text, ARG_color, ARG_scale, ARG_x_spacing, ARG_y_spacing, ARG_mono_space, ARG_char_rotation, ARG_char_hmirror,
        ARG_char_vflip, ARG_string_rotation, ARG_string_hmirror, ARG_string_vflip,
    };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(xy), ARG_REQUIRED_OBJ(text), ARG_COLOR(color), {MP_QSTR_scale, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(1)}},
        ARG_OPTIONAL_INT(x_spacing, 0), ARG_OPTIONAL_INT(y_spacing, 0), ARG_OPTIONAL_BOOL(mono_space, true),
        ARG_OPTIONAL_INT(char_rotation, 0), ARG_OPTIONAL_BOOL(char_hmirror, false), ARG_OPTIONAL_BOOL(char_vflip, false),
        ARG_OPTIONAL_INT(string_rotation, 0), ARG_OPTIONAL_BOOL(string_hmirror, false), ARG_OPTIONAL_BOOL(string_vflip, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int n[2];

    PARSE_NUMBERS(2, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_xy].u_obj, 2, n);
    const struct draw_string_options options = {
        .scale = arg_number(v[ARG_scale].u_obj),
        .x_spacing = (int)v[ARG_x_spacing].u_int,
        .y_spacing = (int)v[ARG_y_spacing].u_int,
        .mono_space = v[ARG_mono_space].u_bool,
        .char_rotation = (int)v[ARG_char_rotation].u_int,
        .char_hmirror = v[ARG_char_hmirror].u_bool,
        .char_vflip = v[ARG_char_vflip].u_bool,
        .string_rotation = (int)v[ARG_string_rotation].u_int,
        .string_hmirror = v[ARG_string_hmirror].u_bool,
        .string_vflip = v[ARG_string_vflip].u_bool,
    };
    string_at(image, n[0], n[1], v[ARG_text].u_obj, arg_color(image, v[ARG_color].u_obj), &options);
    return args[0];
}
DEFINE_METHOD(draw_string);

/* tuple6 = (x, y, w, h, score, label index): the box in color1, crosses of `size` on its corners and the label in color2. */
static mp_obj_t py_image_draw_detection(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_detection, ARG_color1, ARG_color2, ARG_size, ARG_thickness, ARG_fill, ARG_label, ARG_label_offset };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(detection), ARG_COLOR(color1), ARG_OPTIONAL_OBJ(color2), ARG_OPTIONAL_INT(size, 5), ARG_OPTIONAL_INT(thickness, 1),
        ARG_OPTIONAL_BOOL(fill, false), ARG_OPTIONAL_OBJ(label), ARG_OPTIONAL_OBJ(label_offset),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    int offset[2] = {0, -DRAW_FONT_HEIGHT};

    PARSE(allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    struct rect r = arg_rect(v[ARG_detection].u_obj);
    uint32_t color1 = arg_color(image, v[ARG_color1].u_obj);
    uint32_t color2 = v[ARG_color2].u_obj == mp_const_none ? color1 : arg_color(image, v[ARG_color2].u_obj);
    if (v[ARG_label_offset].u_obj != mp_const_none) {
        arg_numbers(v[ARG_label_offset].u_obj, 2, offset);
    }
    vision_check(draw_rectangle(image, r, color1, (int)v[ARG_thickness].u_int, v[ARG_fill].u_bool));
    for (int i = 0; i < 4; i++) {
        vision_check(draw_cross(image, i & 1 ? r.x + r.w - 1 : r.x, i & 2 ? r.y + r.h - 1 : r.y, color2, (int)v[ARG_size].u_int,
                                (int)v[ARG_thickness].u_int));
    }
    if (v[ARG_label].u_obj != mp_const_none) {
        string_at(image, r.x + offset[0], r.y + offset[1], v[ARG_label].u_obj, color2, &DRAW_STRING_DEFAULTS);
    }
    return args[0];
}
DEFINE_METHOD(draw_detection);

static mp_obj_t py_image_draw_keypoints(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_keypoints, ARG_color, ARG_size, ARG_thickness, ARG_fill };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(keypoints), ARG_COLOR(color), ARG_OPTIONAL_INT(size, 10), ARG_OPTIONAL_INT(thickness, 1), ARG_OPTIONAL_BOOL(fill, false),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_obj_t *points;
    size_t count;

    PARSE(allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    uint32_t color = arg_color(image, v[ARG_color].u_obj);
    arg_sequence(v[ARG_keypoints].u_obj, &count, &points);
    for (size_t i = 0; i < count; i++) {
        int n[3];
        arg_numbers(points[i], 3, n);
        const struct draw_keypoint point = {n[0], n[1], n[2]};
        vision_check(draw_keypoints(image, &point, 1, color, (int)v[ARG_size].u_int, (int)v[ARG_thickness].u_int, v[ARG_fill].u_bool));
    }
    return args[0];
}
DEFINE_METHOD(draw_keypoints);

/* The events: 16-bit numbers, six for each (vision/event.h), as an array of 'H'. */
static mp_obj_t py_image_draw_event_histogram(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_array, ARG_clear, ARG_brightness, ARG_contrast };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(array), KW_BOOL(clear, true), KW_INT(brightness, 128), KW_INT(contrast, 16)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    mp_buffer_info_t info;

    PARSE(allowed, v);
    struct py_image *self = py_image_get_mutable(args[0]);
    mp_get_buffer_raise(v[ARG_array].u_obj, &info, MP_BUFFER_READ);
    if (info.typecode != 'H' || ((uintptr_t)info.buf & 1) || info.len % (EVENT_NUMBERS * sizeof(uint16_t))) {
        mp_raise_ValueError(MP_ERROR_TEXT("The events are an array of type 'H' with 6 numbers each: kind, seconds, ms, us, x, y"));
    }
    const struct event_options options = {v[ARG_clear].u_bool, (int)v[ARG_brightness].u_int, (int)v[ARG_contrast].u_int};
    vision_check(event_draw_histogram(&self->image, info.buf, info.len / (EVENT_NUMBERS * sizeof(uint16_t)), &options));
    return args[0];
}
DEFINE_METHOD(draw_event_histogram);

/* mask_*(shape): without a shape, the largest one in the middle of the image. */
static bool shape(size_t n_args, const mp_obj_t *args, mp_map_t *kw, int count, int *out)
{
    static const mp_arg_t allowed[] = {ARG_OPTIONAL_OBJ(shape)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];

    PARSE_NUMBERS((size_t)count, allowed, v);
    if (v[0].u_obj == mp_const_none) {
        return false;
    }
    arg_numbers(v[0].u_obj, count, out);
    return true;
}

static mp_obj_t py_image_mask_rectangle(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct image *image = &py_image_get_mutable(args[0])->image;
    int n[4] = {image->width / 4, image->height / 4, image->width / 2, image->height / 2};

    shape(n_args, args, kw, 4, n);
    vision_check(draw_mask_rectangle(image, (struct rect){n[0], n[1], n[2], n[3]}));
    return args[0];
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_mask_rectangle_obj, 1, py_image_mask_rectangle);

static mp_obj_t py_image_mask_circle(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct image *image = &py_image_get_mutable(args[0])->image;
    int n[3] = {image->width / 2, image->height / 2, (image->width < image->height ? image->width : image->height) / 2};

    shape(n_args, args, kw, 3, n);
    vision_check(draw_mask_circle(image, n[0], n[1], n[2]));
    return args[0];
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_mask_circle_obj, 1, py_image_mask_circle);

static mp_obj_t py_image_mask_ellipse(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    struct image *image = &py_image_get_mutable(args[0])->image;
    int n[5] = {image->width / 2, image->height / 2, image->width / 2, image->height / 2, 0};

    shape(n_args, args, kw, 5, n);
    vision_check(draw_mask_ellipse(image, n[0], n[1], n[2], n[3], n[4]));
    return args[0];
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_mask_ellipse_obj, 1, py_image_mask_ellipse);

static mp_obj_t py_image_flood_fill(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_xy, ARG_seed_threshold, ARG_floating_threshold, ARG_color, ARG_invert, ARG_clear_background, ARG_mask };
    static const mp_arg_t allowed[] = {
        ARG_REQUIRED_OBJ(xy), ARG_OPTIONAL_OBJ(seed_threshold), ARG_OPTIONAL_OBJ(floating_threshold), ARG_COLOR(color), ARG_OPTIONAL_BOOL(invert, false),
        ARG_OPTIONAL_BOOL(clear_background, false), ARG_OPTIONAL_OBJ(mask),
    };
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct flood_options o = FLOOD_DEFAULTS;
    int n[2];

    PARSE_NUMBERS(2, allowed, v);
    struct image *image = &py_image_get_mutable(args[0])->image;
    arg_numbers(v[ARG_xy].u_obj, 2, n);
    o.seed_threshold = arg_float(v[ARG_seed_threshold].u_obj, o.seed_threshold);
    o.floating_threshold = arg_float(v[ARG_floating_threshold].u_obj, o.floating_threshold);
    o.color = arg_color(image, v[ARG_color].u_obj);
    o.invert = v[ARG_invert].u_bool;
    o.clear_background = v[ARG_clear_background].u_bool;
    o.mask = arg_mask(v[ARG_mask].u_obj);
    struct arena arena = scratch_open();
    int error = flood_fill(image, n[0], n[1], &o, &arena);
    return py_image_finish(args[0], &arena, error);
}
DEFINE_METHOD(flood_fill);
