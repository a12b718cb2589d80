/* SPDX-License-Identifier: MIT */
/* What the methods of Image take: colours, sequences of numbers, regions, masks, thresholds. */
#include "modules/image/py_arguments.h"

#include <math.h>
#include <string.h>

#include "modules/image/py_scratch.h"
#include "runtime/framebuffer.h"
#include "vision/color.h"

/* Far outside every image, and two of them add up to an int. */
enum { FAR = 0x3FFFFFFF };

float arg_number(mp_obj_t object)
{
    if (!mp_obj_is_float(object) && !mp_obj_is_int(object) && !mp_obj_is_bool(object)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("A number is expected, not %s"), mp_obj_get_type_str(object));
    }
    return mp_obj_get_float_to_f(object);
}

int arg_int(mp_obj_t object)
{
    float value = arg_number(object);

    if (!isfinite(value) && mp_obj_is_float(object)) {
        mp_raise_ValueError(MP_ERROR_TEXT("A number must be finite"));
    }
    return value > 1e9f ? FAR : value < -1e9f ? -FAR : mp_obj_is_float(object) ? (int)value : (int)mp_obj_get_int(object);
}

float arg_float(mp_obj_t object, float missing)
{
    return object == mp_const_none ? missing : arg_number(object);
}

void arg_parse_numbers(size_t count, size_t n_args, const mp_obj_t *args, mp_map_t *kw, size_t n_allowed, const mp_arg_t *allowed, mp_arg_val_t *values)
{
    mp_obj_t gathered[16];
    size_t n = n_args - 1;

    args++;
    if (n && (mp_obj_is_int(args[0]) || mp_obj_is_float(args[0]))) {
        if (n < count || n - count >= MP_ARRAY_SIZE(gathered)) {
            mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%d numbers expected, in one sequence"), (int)count);
        }
        gathered[0] = mp_obj_new_tuple(count, args);
        memcpy(gathered + 1, args + count, (n - count) * sizeof *args);
        args = gathered;
        n = n - count + 1;
    }
    mp_arg_parse_all(n, args, kw, n_allowed, allowed, values);
}

void arg_sequence(mp_obj_t sequence, size_t *length, mp_obj_t **items)
{
    if (mp_obj_is_tuple_compatible(sequence)) {
        mp_obj_tuple_get(sequence, length, items);
    } else {
        mp_obj_get_array(sequence, length, items);
    }
}

mp_obj_t *arg_sequence_n(mp_obj_t sequence, size_t length)
{
    mp_obj_t *items;
    size_t n;

    arg_sequence(sequence, &n, &items);
    if (n != length) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%d items expected, %d given"), (int)length, (int)n);
    }
    return items;
}

void arg_numbers(mp_obj_t sequence, int count, int *out)
{
    mp_obj_t *items;
    size_t length;

    arg_sequence(sequence, &length, &items);
    if (length < (size_t)count) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%d numbers expected, %d given"), count, (int)length);
    }
    for (int i = 0; i < count; i++) {
        out[i] = arg_int(items[i]);
    }
}

struct point arg_point(mp_obj_t sequence)
{
    mp_obj_t *items = arg_sequence_n(sequence, 2);

    return (struct point){arg_int(items[0]), arg_int(items[1])};
}

struct rect arg_rect(mp_obj_t sequence)
{
    int n[4];

    arg_numbers(sequence, 4, n);
    return (struct rect){n[0], n[1], n[2], n[3]};
}

const struct rect *arg_roi(mp_obj_t object, struct rect *storage)
{
    if (object == mp_const_none) {
        return NULL;
    }
    *storage = arg_rect(object);
    return storage;
}

static uint8_t channel(mp_obj_t object)
{
    int value = arg_int(object);
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

uint32_t arg_color(const struct image *image, mp_obj_t object)
{
    if (mp_obj_is_int(object)) {
        return (uint32_t)mp_obj_get_int_truncated(object);
    }
    const mp_obj_t *items = arg_sequence_n(object, 3);
    uint16_t rgb565 = color_rgb_to_rgb565((struct rgb){channel(items[0]), channel(items[1]), channel(items[2])});
    return color_to_native(image->format, color_rgb565_to_rgb(rgb565));
}

const uint16_t *arg_palette(mp_obj_t object, uint16_t storage[256])
{
    if (object == mp_const_none) {
        return NULL;
    }
    if (mp_obj_is_int(object)) {
        vision_check(color_fill_palette((enum palette)mp_obj_get_int(object), storage));
        return storage;
    }
    const struct image *image = &py_image_get(object)->image;
    if (image->format != PIXFORMAT_RGB565 || image->width * image->height != 256) {
        mp_raise_ValueError(MP_ERROR_TEXT("A palette is a constant of this module or an RGB565 image of 256 pixels"));
    }
    memcpy(storage, image->data, 256 * sizeof *storage);    /* the image may be what is written to, or go with the frame buffer */
    return storage;
}

const struct image *arg_mask(mp_obj_t object)
{
    return object == mp_const_none ? NULL : &py_image_get_mutable(object)->image;
}

size_t arg_thresholds(mp_obj_t object, struct threshold *out)
{
    mp_obj_t *items;
    size_t count;

    arg_sequence(object, &count, &items);
    if (count > THRESHOLDS_MAX) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("At most %d thresholds, %d given"), THRESHOLDS_MAX, (int)count);
    }
    for (size_t i = 0; i < count; i++) {
        int values[6];
        mp_obj_t *numbers;
        size_t length;

        arg_sequence(items[i], &length, &numbers);
        if (length < 1 || length > 6) {
            mp_raise_ValueError(MP_ERROR_TEXT("A threshold is a tuple of 1 to 6 numbers: L min, L max, A min, A max, B min, B max"));
        }
        for (size_t j = 0; j < length; j++) {
            values[j] = arg_int(numbers[j]);
        }
        threshold_from_ints(&out[i], values, (int)length);
    }
    return count;
}

void arg_matrix(mp_obj_t object, float matrix[12])
{
    mp_obj_t *items, *row;
    size_t count, columns;

    arg_sequence(object, &count, &items);
    for (size_t i = 0; i < 12; i++) {
        matrix[i] = 0;
    }
    if (count == 3) {
        for (size_t r = 0; r < 3; r++) {
            arg_sequence(items[r], &columns, &row);
            if (columns != 3 && columns != 4) {
                mp_raise_ValueError(MP_ERROR_TEXT("A row of the matrix has three or four numbers"));
            }
            for (size_t c = 0; c < columns; c++) {
                matrix[4 * r + c] = arg_number(row[c]);
            }
        }
        return;
    }
    if (count != 9 && count != 12) {
        mp_raise_ValueError(MP_ERROR_TEXT("The matrix has 3 x 3 or 3 x 4 numbers"));
    }
    columns = count / 3;
    for (size_t i = 0; i < count; i++) {
        matrix[i / columns * 4 + i % columns] = arg_number(items[i]);
    }
}

void arg_corners(mp_obj_t object, struct point out[4])
{
    const mp_obj_t *items = arg_sequence_n(object, 4);

    for (int i = 0; i < 4; i++) {
        out[i] = arg_point(items[i]);
    }
}

const struct image *arg_frame_size(mp_arg_val_t *width, mp_arg_val_t *height, bool needed)
{
    const struct image *frame = framebuffer_image();

    if (!frame && (needed || width->u_int < 0 || height->u_int < 0)) {
        mp_raise_ValueError(MP_ERROR_TEXT("There is no frame yet: take a snapshot first, or give width, height and (of a GIF) color"));
    }
    width->u_int = width->u_int < 0 ? frame->width : width->u_int;
    height->u_int = height->u_int < 0 ? frame->height : height->u_int;
    return frame;
}
