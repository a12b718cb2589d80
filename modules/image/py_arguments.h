/* SPDX-License-Identifier: MIT */
/* What the methods of Image take: colours, sequences of numbers, regions, masks, thresholds. All raise on nonsense. */
#ifndef MODULES_IMAGE_PY_ARGUMENTS_H
#define MODULES_IMAGE_PY_ARGUMENTS_H

#include "modules/arguments.h"
#include "modules/image/py_image.h"
#include "vision/threshold.h"

/* Of all that is here only PARSE, which asks objects for numbers and truth, may run a script's code (__int__, __bool__); and that may change or free any
   image. A method therefore parses first and then asks for images. */

/* An integer, or a float cut to one; what is beyond +-(2^30 - 1) becomes that. */
int arg_int(mp_obj_t object);

/* A number; arg_float: or `missing` for None. */
float arg_number(mp_obj_t object);
float arg_float(mp_obj_t object, float missing);

/* The items of a tuple, list or named tuple. */
void arg_sequence(mp_obj_t sequence, size_t *length, mp_obj_t **items);

/* The same with exactly `length` items. */
mp_obj_t *arg_sequence_n(mp_obj_t sequence, size_t length);

/* PARSE for a method whose first argument is a sequence of at least `count` numbers. Scripts for firmware before version 5 gave those one by one
   (draw_line(x0, y0, x1, y1, color)): they are taken so, too. */
void arg_parse_numbers(size_t count, size_t n_args, const mp_obj_t *args, mp_map_t *kw, size_t n_allowed, const mp_arg_t *allowed, mp_arg_val_t *values);

#define PARSE_NUMBERS(count, allowed, values) arg_parse_numbers(count, n_args, args, kw, MP_ARRAY_SIZE(allowed), allowed, values)

/* At least `count` numbers of a sequence (a Blob or Rect is longer than a rectangle needs). */
void arg_numbers(mp_obj_t sequence, int count, int *out);

/* Exactly two. */
struct point arg_point(mp_obj_t sequence);
struct rect arg_rect(mp_obj_t sequence);

/* roi = (x, y, w, h) or None, which gives NULL. */
const struct rect *arg_roi(mp_obj_t object, struct rect *storage);

/* Native value for `image` of an int or a sequence (r, g, b), cut to 0..255 each and then to RGB565. */
uint32_t arg_color(const struct image *image, mp_obj_t object);

/* A palette constant or an RGB565 image of 256 pixels, in `storage`; None gives NULL. */
const uint16_t *arg_palette(mp_obj_t object, uint16_t storage[256]);

/* An image, or None, which gives NULL. */
const struct image *arg_mask(mp_obj_t object);

enum { THRESHOLDS_MAX = 32 };

/* A list of tuples of up to six ints into `out`, which holds THRESHOLDS_MAX. Returns how many. */
size_t arg_thresholds(mp_obj_t object, struct threshold *out);

/* Nine or twelve numbers, or three rows of three or four: 3 x 4, by rows; a missing column is 0. */
void arg_matrix(mp_obj_t object, float matrix[12]);

/* A least area or number as parsed: one below 0 asks for nothing. */
static inline uint32_t arg_least(const mp_arg_val_t *value)
{
    return value->u_int < 0 ? 0 : (uint32_t)value->u_int;
}

/* Four points. */
void arg_corners(mp_obj_t object, struct point out[4]);

/* width= and height= of what is recorded, as parsed: -1 becomes the frame buffer's. Returns its picture, or NULL; ValueError when one is wanted (by
   them, or `needed`) and there is none. */
const struct image *arg_frame_size(mp_arg_val_t *width, mp_arg_val_t *height, bool needed);

#endif
