/* SPDX-License-Identifier: MIT */
/* The image module: its type, its functions on colours, its constants. */
#include "py/objint.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/color.h"
#include "vision/jpeg.h"

/* ---- X_to_Y: one colour from one space to another, by way of RGB ---- */

enum space { BINARY, GRAYSCALE, RGB, LAB, YUV };

static struct rgb parse_color(enum space space, mp_obj_t object)
{
    int n[3];

    switch (space) {
    case BINARY:
        n[0] = mp_obj_is_true(object) ? 255 : 0;
        return (struct rgb){(uint8_t)n[0], (uint8_t)n[0], (uint8_t)n[0]};
    case GRAYSCALE:
        n[0] = arg_int(object) & 0xFF;
        return (struct rgb){(uint8_t)n[0], (uint8_t)n[0], (uint8_t)n[0]};
    default:
        break;
    }
    arg_sequence_n(object, 3);
    arg_numbers(object, 3, n);
    switch (space) {
    case LAB:
        return color_lab_to_rgb((struct lab){(int8_t)n[0], (int8_t)n[1], (int8_t)n[2]});
    case YUV:
        return color_yuv_to_rgb((struct yuv){(int8_t)n[0], (int8_t)n[1], (int8_t)n[2]});
    default:
        return color_from_native(PIXFORMAT_RGB565, color_rgb_to_rgb565((struct rgb){(uint8_t)n[0], (uint8_t)n[1], (uint8_t)n[2]}));
    }
}

static mp_obj_t new_triple(int a, int b, int c)
{
    mp_obj_t items[3] = {MP_OBJ_NEW_SMALL_INT(a), MP_OBJ_NEW_SMALL_INT(b), MP_OBJ_NEW_SMALL_INT(c)};
    return mp_obj_new_tuple(3, items);
}

static mp_obj_t new_color(enum space space, struct rgb c)
{
    switch (space) {
    case BINARY:
        return MP_OBJ_NEW_SMALL_INT(color_to_native(PIXFORMAT_BINARY, c));
    case GRAYSCALE:
        return MP_OBJ_NEW_SMALL_INT(color_rgb_to_gray(c));
    case LAB: {
        struct lab lab = color_rgb_to_lab(c);
        return new_triple(lab.l, lab.a, lab.b);
    }
    case YUV: {
        struct yuv yuv = color_rgb_to_yuv(c);
        return new_triple(yuv.y, yuv.u, yuv.v);
    }
    default:
        return new_triple(c.r, c.g, c.b);
    }
}

#define COLOR_FUNCTION(from, to, FROM, TO)                                              \
    static mp_obj_t from##_to_##to(mp_obj_t color)                                      \
    {                                                                                   \
        return new_color(TO, parse_color(FROM, color));                                 \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_1(from##_to_##to##_obj, from##_to_##to);

#define COLOR_FUNCTIONS(X)                                                                                                             \
    X(binary, grayscale, BINARY, GRAYSCALE) X(binary, rgb, BINARY, RGB) X(binary, lab, BINARY, LAB) X(binary, yuv, BINARY, YUV)        \
    X(grayscale, binary, GRAYSCALE, BINARY) X(grayscale, rgb, GRAYSCALE, RGB) X(grayscale, lab, GRAYSCALE, LAB)                        \
    X(grayscale, yuv, GRAYSCALE, YUV) X(rgb, binary, RGB, BINARY) X(rgb, grayscale, RGB, GRAYSCALE) X(rgb, lab, RGB, LAB)              \
    X(rgb, yuv, RGB, YUV) X(lab, binary, LAB, BINARY) X(lab, grayscale, LAB, GRAYSCALE) X(lab, rgb, LAB, RGB) X(lab, yuv, LAB, YUV)    \
    X(yuv, binary, YUV, BINARY) X(yuv, grayscale, YUV, GRAYSCALE) X(yuv, rgb, YUV, RGB) X(yuv, lab, YUV, LAB)

COLOR_FUNCTIONS(COLOR_FUNCTION)

static mp_obj_t unavailable(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    raise_unavailable();
}
static MP_DEFINE_CONST_FUN_OBJ_KW(unavailable_obj, 0, unavailable);

/* 0x80000000, more than a small int holds. */
static const mpz_dig_t black_background_digits[] = {0, 0x8000};
static const mp_obj_int_t black_background = {
    {&mp_type_int}, {.fixed_dig = 1, .alloc = 2, .len = 2, .dig = (mpz_dig_t *)(uintptr_t)black_background_digits},
};
_Static_assert(MPZ_DIG_SIZE == 16, "the digits above");

/* ---- The table ---- */

#define COLOR_ENTRY(from, to, FROM, TO) {MP_ROM_QSTR(MP_QSTR_##from##_to_##to), MP_ROM_PTR(&from##_to_##to##_obj)},
#define BLOB_ENTRY(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_image_##name##_obj)},
#define UNAVAILABLE(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&unavailable_obj)},
#define CONSTANT(name, value) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(value)},

static const mp_rom_map_elem_t image_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_image)},
    {MP_ROM_QSTR(MP_QSTR_Image), MP_ROM_PTR(&py_image_type)},
    {MP_ROM_QSTR(MP_QSTR_ImageIO), MP_ROM_PTR(&py_imageio_type)},
    COLOR_FUNCTIONS(COLOR_ENTRY)
    UNAVAILABLE(HaarCascade) UNAVAILABLE(load_descriptor) UNAVAILABLE(save_descriptor) UNAVAILABLE(match_descriptor)
    PY_IMAGE_BLOB_FUNCTIONS(BLOB_ENTRY)

    CONSTANT(BINARY, PIXFORMAT_BINARY) CONSTANT(GRAYSCALE, PIXFORMAT_GRAYSCALE) CONSTANT(RGB565, PIXFORMAT_RGB565)
    CONSTANT(BAYER, PIXFORMAT_BAYER_BGGR) CONSTANT(YUV422, PIXFORMAT_YUV422) CONSTANT(JPEG, PIXFORMAT_JPEG) CONSTANT(PNG, PIXFORMAT_PNG)
    CONSTANT(PALETTE_RAINBOW, PALETTE_RAINBOW) CONSTANT(PALETTE_IRONBOW, PALETTE_IRONBOW) CONSTANT(PALETTE_DEPTH, PALETTE_DEPTH)
    CONSTANT(PALETTE_EVT_DARK, PALETTE_EVT_DARK) CONSTANT(PALETTE_EVT_LIGHT, PALETTE_EVT_LIGHT)
    CONSTANT(AREA, 1) CONSTANT(BILINEAR, 2) CONSTANT(BICUBIC, 4) CONSTANT(HMIRROR, 0x10) CONSTANT(VFLIP, 0x20) CONSTANT(TRANSPOSE, 0x40)
    CONSTANT(CENTER, 0x80) CONSTANT(EXTRACT_RGB_CHANNEL_FIRST, 0x100) CONSTANT(APPLY_COLOR_PALETTE_FIRST, 0x200)
    CONSTANT(SCALE_ASPECT_KEEP, 0x400) CONSTANT(SCALE_ASPECT_EXPAND, 0x800) CONSTANT(SCALE_ASPECT_IGNORE, 0x1000)
    {MP_ROM_QSTR(MP_QSTR_BLACK_BACKGROUND), MP_ROM_PTR(&black_background)}, CONSTANT(ROTATE_90, 0x60) CONSTANT(ROTATE_180, 0x30) CONSTANT(ROTATE_270, 0x50)
    CONSTANT(JPEG_SUBSAMPLING_AUTO, JPEG_SUBSAMPLING_AUTO) CONSTANT(JPEG_SUBSAMPLING_444, JPEG_SUBSAMPLING_444)
    CONSTANT(JPEG_SUBSAMPLING_422, JPEG_SUBSAMPLING_422) CONSTANT(JPEG_SUBSAMPLING_420, JPEG_SUBSAMPLING_420)
    CONSTANT(SEARCH_EX, 0) CONSTANT(SEARCH_DS, 1) CONSTANT(EDGE_CANNY, 0) CONSTANT(EDGE_SIMPLE, 1) CONSTANT(CORNER_FAST, 0) CONSTANT(CORNER_AGAST, 1)
    CONSTANT(TAG16H5, 1) CONSTANT(TAG25H9, 2) CONSTANT(TAG36H10, 4) CONSTANT(TAG36H11, 8) CONSTANT(TAGCIRCLE21H7, 16)
    CONSTANT(TAGCIRCLE49H12, 32) CONSTANT(TAGCUSTOM48H12, 64) CONSTANT(TAGSTANDARD41H12, 128) CONSTANT(TAGSTANDARD52H13, 256)
    CONSTANT(EAN2, 0) CONSTANT(EAN5, 1) CONSTANT(EAN8, 2) CONSTANT(UPCE, 3) CONSTANT(ISBN10, 4) CONSTANT(UPCA, 5) CONSTANT(EAN13, 6)
    CONSTANT(ISBN13, 7) CONSTANT(I25, 8) CONSTANT(DATABAR, 9) CONSTANT(DATABAR_EXP, 10) CONSTANT(CODABAR, 11) CONSTANT(CODE39, 12)
    CONSTANT(PDF417, 13) CONSTANT(CODE93, 14) CONSTANT(CODE128, 15)
};
static MP_DEFINE_CONST_DICT(image_globals, image_globals_table);

const mp_obj_module_t image_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&image_globals,
};
MP_REGISTER_MODULE(MP_QSTR_image, image_module);
