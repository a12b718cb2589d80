/* SPDX-License-Identifier: MIT */
/* Pictures in files: Image(path) and Image.save, over MicroPython's file systems. */
#include <string.h>

#include "py/stream.h"
#include "extmod/vfs.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "vision/codec.h"

/* A MicroPython file as a stream of vision/. What the file raises is kept until vision/ has returned. */
struct file {
    mp_obj_t object;
    int errcode;
    mp_obj_t exception;             /* MP_OBJ_NULL: none */
};

typedef int file_action(struct file *file, void *data, size_t size);

static int guarded(struct file *file, file_action *action, void *data, size_t size)
{
    nlr_buf_t nlr;

    if (nlr_push(&nlr) == 0) {
        int result = action(file, data, size);
        nlr_pop();
        return file->errcode ? VISION_E_DATA : result;
    }
    file->exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    return VISION_E_DATA;
}

static int do_read(struct file *file, void *data, size_t size)
{
    return (int)mp_stream_rw(file->object, data, size, &file->errcode, MP_STREAM_RW_READ);
}

static int do_write(struct file *file, void *data, size_t size)
{
    mp_uint_t written = mp_stream_rw(file->object, data, size, &file->errcode, MP_STREAM_RW_WRITE);

    if (!file->errcode && written < size) {
        file->errcode = MP_ENOSPC;
    }
    return 0;
}

static int do_seek(struct file *file, void *data, size_t position)
{
    mp_stream_seek(file->object, (mp_off_t)position, MP_SEEK_SET, &file->errcode);
    return 0;
}

static int file_read(void *context, void *data, size_t size)
{
    return guarded(context, do_read, data, size);
}

static int file_write(void *context, const void *data, size_t size)
{
    return guarded(context, do_write, (void *)(uintptr_t)data, size);
}

static int file_seek(void *context, uint32_t position)
{
    return guarded(context, do_seek, NULL, position);
}

static struct stream open_file(struct file *file, mp_obj_t path, qstr mode)
{
    mp_obj_t arguments[2] = {path, MP_OBJ_NEW_QSTR(mode)};

    *file = (struct file){.object = mp_vfs_open(2, arguments, (mp_map_t *)&mp_const_empty_map), .exception = MP_OBJ_NULL};
    return (struct stream){file_read, file_write, file_seek, file};
}

/* The file's own error says more than the codec's "damaged". */
static void check_file(const struct file *file, int error)
{
    if (file->exception != MP_OBJ_NULL) {
        nlr_raise(file->exception);
    }
    if (file->errcode) {
        mp_raise_OSError(file->errcode);
    }
    vision_check(error);
}

mp_obj_t py_image_load(mp_obj_t path, bool copy_to_fb)
{
    struct file file;
    struct stream stream = open_file(&file, path, MP_QSTR_rb);
    struct codec_info info;
    struct arena arena = scratch_open();
    int error = codec_read_info(&stream, &info, &arena);

    scratch_close(&arena);
    if (error) {
        mp_stream_close(file.object);
        check_file(&file, error);
    }
    struct py_image *self = copy_to_fb ? py_image_in_frame(info.bytes) : py_image_allocate(info.bytes);
    struct image image = {.data = self->image.data};
    arena = scratch_open();
    error = codec_read(&stream, &info, &image, &arena);
    scratch_close(&arena);
    mp_stream_close(file.object);
    check_file(&file, error);
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
    const struct image *image = &py_image_get(args[0])->image;
    struct rect roi;
    size_t length;

    PARSE(allowed, v);
    const char *name = mp_obj_str_get_data(v[ARG_path].u_obj, &length);
    const struct codec *codec = codec_from_name(name, length);
    if (!codec) {
        mp_raise_ValueError(MP_ERROR_TEXT("The file name must end in .bmp, .pgm, .ppm, .jpg or .jpeg"));
    }
    const struct codec_write_options options = {.roi = arg_roi(v[ARG_roi].u_obj, &roi), .quality = (int)v[ARG_quality].u_int};
    mp_obj_t beside = mp_binary_op(MP_BINARY_OP_ADD, v[ARG_path].u_obj, mp_obj_new_str("~", 1));
    struct file file;
    struct stream stream = open_file(&file, beside, MP_QSTR_wb);
    struct arena arena = scratch_open();
    int error = codec_write(&stream, codec, image, &options, &arena);
    scratch_close(&arena);

    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_stream_close(file.object);
        nlr_pop();
    } else if (file.exception == MP_OBJ_NULL) {
        file.exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    }
    if (error || file.errcode || file.exception != MP_OBJ_NULL) {
        if (nlr_push(&nlr) == 0) {
            mp_vfs_remove(beside);
            nlr_pop();
        }
        check_file(&file, error);
    }
    mp_vfs_rename(beside, v[ARG_path].u_obj);
    return args[0];
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_save_obj, 2, py_image_save);
