/* SPDX-License-Identifier: MIT */
/* The Image object, and how the files of this module share it. */
#ifndef MODULES_IMAGE_PY_IMAGE_H
#define MODULES_IMAGE_PY_IMAGE_H

#include "py/obj.h"

#include "vision/image.h"

struct py_image {
    mp_obj_base_t base;
    struct image image;
    size_t capacity;            /* bytes at image.data */
    uint32_t generation;        /* of the frame buffer the data lie in; 0: they don't */
    bool owned;                 /* data are a pool block that goes with the object */
    mp_obj_t keep;              /* the Python buffer that holds the data, or MP_OBJ_NULL */
};

extern const mp_obj_type_t py_image_type, py_imageio_type;

/* A new object for a picture in the frame buffer (runtime/framebuffer.h). */
mp_obj_t py_image_new(const struct image *image);

/* A new object with `bytes` of memory of its own; image.format, width and height are the caller's to set. Raises MemoryError. */
struct py_image *py_image_allocate(size_t bytes);

/* `bytes` of the pools that outlive the call, for an object's own use; the caller frees it (pool_free). Raises MemoryError. */
uint8_t *py_image_memory(size_t bytes);

/* Memory is short: gives back what the camera fills ahead. true: try again, with images asked for anew (py_image_get): those of older frames are gone. */
bool py_image_give_spare(void);

/* A new object for `bytes` in the frame buffer. Raises MemoryError naming the frame buffer. `source` (or NULL) is read afterwards: if it lies in the frame
   buffer and that has to grow, it moves along. */
struct py_image *py_image_in_frame(size_t bytes, struct py_image *source);

/* Makes an existing object stand for a picture in the frame buffer; its own memory is freed. TypeError if it is no image. */
mp_obj_t py_image_assign(mp_obj_t object, const struct image *frame);

/* The collector knows objects by their own addresses, not by those of what lies in them. Where nothing but C holds an object whose `image` is at work, a
   variable of this type does. */
typedef struct py_image *volatile py_image_kept;

/* The object behind `object`; TypeError, or RuntimeError when its frame buffer is gone. */
struct py_image *py_image_get(mp_obj_t object);

/* The same, for what draws or computes on pixels: ValueError unless it is binary, grayscale or RGB565. */
struct py_image *py_image_get_mutable(mp_obj_t object);

/* ValueError unless a result of `bytes` fits where the image lies. */
void py_image_check_room(const struct py_image *self, size_t bytes);

/* self->image was changed in place: the preview follows. */
void py_image_changed(struct py_image *self);

/* The end of a method that works in place: closes the scratch, raises for a negative error, else the preview follows. Returns `object`. */
mp_obj_t py_image_finish(mp_obj_t object, struct arena *arena, int error);

/* The methods, by file. */
#define PY_IMAGE_CONVERT_METHODS(X) X(to_bitmap) X(to_grayscale) X(to_rgb565) X(to_rainbow) X(to_ironbow) X(to_depth) X(to_evt_dark) \
    X(to_evt_light) X(to_jpeg) X(to_png) X(copy) X(crop)
#define PY_IMAGE_DRAW_METHODS(X) X(draw_line) X(draw_rectangle) X(draw_circle) X(draw_ellipse) X(draw_string) X(draw_cross) X(draw_arrow) \
    X(draw_edges) X(draw_detection) X(draw_keypoints) X(draw_event_histogram) X(mask_rectangle) X(mask_circle) X(mask_ellipse) X(flood_fill)
#define PY_IMAGE_OTHER_METHODS(X) X(binary) X(get_histogram) X(get_statistics) X(find_blobs) X(save) X(to_ndarray)
#define PY_IMAGE_FILTER_METHODS(X) X(mean) X(median) X(mode) X(midpoint) X(morph) X(gaussian) X(laplacian) X(bilateral) X(erode) X(dilate) X(open) \
    X(close) X(top_hat) X(black_hat)
#define PY_IMAGE_ADJUST_METHODS(X) X(negate) X(gamma) X(awb) X(ccm) X(histeq)
#define PY_IMAGE_COMPOSE_METHODS(X) X(draw_image) X(b_and) X(b_nand) X(b_or) X(b_nor) X(b_xor) X(b_xnor) X(add) X(sub) X(rsub) X(min) X(max) \
    X(difference)
#define PY_IMAGE_WARP_METHODS(X) X(lens_corr) X(rotation_corr) X(linpolar) X(logpolar)
#define PY_IMAGE_SHAPE_METHODS(X) X(find_edges) X(find_lines) X(find_circles) X(find_rects) X(find_line_segments)
#define PY_IMAGE_MATCH_METHODS(X) X(get_regression) X(get_similarity) X(find_template) X(find_displacement) X(selective_search)
/* Functions of the module on a blob. */
#define PY_IMAGE_BLOB_FUNCTIONS(X) X(get_solidity) X(get_convexity) X(get_major_axis_line) X(get_minor_axis_line) X(get_enclosing_circle) \
    X(get_enclosed_ellipse)
#define PY_IMAGE_DECLARE_1(name) MP_DECLARE_CONST_FUN_OBJ_1(py_image_##name##_obj);
PY_IMAGE_BLOB_FUNCTIONS(PY_IMAGE_DECLARE_1)

#define PY_IMAGE_DECLARE(name) MP_DECLARE_CONST_FUN_OBJ_KW(py_image_##name##_obj);
PY_IMAGE_CONVERT_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_DRAW_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_FILTER_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_ADJUST_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_COMPOSE_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_WARP_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_SHAPE_METHODS(PY_IMAGE_DECLARE) PY_IMAGE_MATCH_METHODS(PY_IMAGE_DECLARE)
PY_IMAGE_OTHER_METHODS(PY_IMAGE_DECLARE)

/* A blank image, or one in the memory of `buffer` unless that is None. ValueError, MemoryError. */
mp_obj_t py_image_new_blank(int width, int height, enum pixel_format format, mp_obj_t buffer, bool copy_to_fb);

/* An image of the numbers of an ndarray; MP_OBJ_NULL if the object is none. ValueError, MemoryError. */
mp_obj_t py_image_from_array(mp_obj_t object, mp_obj_t buffer, bool copy_to_fb);

/* Loads a picture file; raises OSError, ValueError, MemoryError. */
mp_obj_t py_image_load(mp_obj_t path, bool copy_to_fb);

#endif
