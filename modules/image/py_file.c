/* SPDX-License-Identifier: MIT */
/* Pictures in files: Image(path) and Image.save, over MicroPython's file systems. */
#include "extmod/vfs.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "modules/image/py_stream.h"

mp_obj_t py_image_load(mp_obj_t path, bool copy_to_fb)
{
    struct py_file file;
    struct stream stream = py_file_open(&file, path, "rb");
    struct codec_info info;
    struct arena arena = scratch_open();
    int error = codec_read_info(&stream, &info, &arena);

    scratch_close(&arena);
    if (error) {
        py_file_close(&file);
        py_file_check(&file, error);
    }
    struct py_image *self = copy_to_fb ? py_image_in_frame(info.bytes, NULL) : py_image_allocate(info.bytes);
    struct image image = {.data = self->image.data};
    arena = scratch_open();
    error = codec_read(&stream, &info, &image, &arena);
    scratch_close(&arena);
    py_file_close(&file);
    py_file_check(&file, error);
    self->image = image;
    py_image_changed(self);
    return MP_OBJ_FROM_PTR(self);
}

/* Writes beside, then renames: a full disk or a power cut leaves the file that was there. */
static mp_obj_t py_image_save(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_path, ARG_roi, ARG_quality };
    static const mp_arg_t allowed[] = {ARG_REQUIRED_OBJ(path), KW_OBJ(roi), KW_INT(quality, 50)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    struct rect roi;
    size_t length;

    PARSE(allowed, v);
    const struct image *image = &py_image_get(args[0])->image;
    const char *name = mp_obj_str_get_data(v[ARG_path].u_obj, &length);
    const struct codec *codec = codec_from_name(name, length);
    if (!codec) {
        mp_raise_ValueError(MP_ERROR_TEXT("The file name must end in .bmp, .pgm, .ppm, .png, .jpg or .jpeg"));
    }
    const struct codec_write_options options = {.roi = arg_roi(v[ARG_roi].u_obj, &roi), .quality = (int)v[ARG_quality].u_int};
    mp_obj_t beside = mp_binary_op(MP_BINARY_OP_ADD, v[ARG_path].u_obj, mp_obj_new_str("~", 1));
    struct py_file file;
    struct stream stream = py_file_open(&file, beside, "wb");
    struct arena arena = scratch_open();
    int error = codec_write(&stream, codec, image, &options, &arena);
    scratch_close(&arena);
    py_file_close(&file);
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        py_file_check(&file, error);
        mp_vfs_rename(beside, v[ARG_path].u_obj);
        nlr_pop();
        return args[0];
    }
    mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    if (nlr_push(&nlr) == 0) {
        mp_vfs_remove(beside);
        nlr_pop();
    }
    nlr_raise(exception);
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_save_obj, 1, py_image_save);
