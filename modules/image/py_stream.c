/* SPDX-License-Identifier: MIT */
/* A MicroPython file as a stream of vision/. */
#include "modules/image/py_stream.h"

#include <string.h>

#include "extmod/vfs.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "modules/image/py_scratch.h"

typedef int file_action(struct py_file *file, void *data, size_t size);

static int guarded(struct py_file *file, file_action *action, void *data, size_t size)
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

static int do_read(struct py_file *file, void *data, size_t size)
{
    return (int)mp_stream_rw(file->object, data, size, &file->errcode, MP_STREAM_RW_READ);
}

static int do_write(struct py_file *file, void *data, size_t size)
{
    mp_uint_t written = mp_stream_rw(file->object, data, size, &file->errcode, MP_STREAM_RW_WRITE);

    if (!file->errcode && written < size) {
        file->errcode = MP_ENOSPC;
    }
    return 0;
}

static int do_seek(struct py_file *file, void *data, size_t position)
{
    mp_stream_seek(file->object, (mp_off_t)position, MP_SEEK_SET, &file->errcode);
    return 0;
}

static int do_length(struct py_file *file, void *data, size_t size)
{
    *(uint32_t *)data = (uint32_t)mp_stream_seek(file->object, 0, MP_SEEK_END, &file->errcode);
    return 0;
}

static int do_flush(struct py_file *file, void *data, size_t size)
{
    const mp_stream_p_t *stream = mp_get_stream_raise(file->object, MP_STREAM_OP_IOCTL);

    stream->ioctl(file->object, MP_STREAM_FLUSH, 0, &file->errcode);
    return 0;
}

static int do_close(struct py_file *file, void *data, size_t size)
{
    mp_obj_t object = file->object;

    file->object = MP_OBJ_NULL;
    mp_stream_close(object);
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

struct stream py_file_open(struct py_file *file, mp_obj_t path, const char *mode)
{
    mp_obj_t arguments[2] = {path, mp_obj_new_str(mode, strlen(mode))};

    *file = (struct py_file){.object = MP_OBJ_NULL, .exception = MP_OBJ_NULL};
    file->object = mp_vfs_open(2, arguments, (mp_map_t *)&mp_const_empty_map);
    return (struct stream){file_read, file_write, file_seek, file};
}

int py_file_length(struct py_file *file, uint32_t *length)
{
    return guarded(file, do_length, length, 0);
}

int py_file_flush(struct py_file *file)
{
    return guarded(file, do_flush, NULL, 0);
}

int py_file_close(struct py_file *file)
{
    return file->object == MP_OBJ_NULL ? 0 : guarded(file, do_close, NULL, 0);
}

bool py_file_failed(const struct py_file *file, int error)
{
    return error < 0 || file->errcode || file->exception != MP_OBJ_NULL;
}

void py_file_check(struct py_file *file, int error)
{
    mp_obj_t exception = file->exception;
    int errcode = file->errcode;

    file->exception = MP_OBJ_NULL;
    file->errcode = 0;
    if (exception != MP_OBJ_NULL) {
        nlr_raise(exception);
    }
    if (errcode == MP_ENOSPC) {
        mp_obj_t arguments[2] = {MP_OBJ_NEW_SMALL_INT(errcode), mp_obj_new_str("The disk is full", 16)};
        nlr_raise(mp_obj_exception_make_new(&mp_type_OSError, 2, 0, arguments));
    }
    if (errcode) {
        mp_raise_OSError(errcode);
    }
    vision_check(error);
}
