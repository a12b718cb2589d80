/* SPDX-License-Identifier: MIT */
/* A MicroPython file as a stream of vision/. What the file raises is kept until vision/ has returned, and raised then. */
#ifndef MODULES_IMAGE_PY_STREAM_H
#define MODULES_IMAGE_PY_STREAM_H

#include "py/obj.h"

#include "vision/codec.h"

struct py_file {
    mp_obj_t object;                /* MP_OBJ_NULL: closed */
    int errcode;
    mp_obj_t exception;             /* MP_OBJ_NULL: none */
};

/* Opens `path`; raises OSError. The stream points to *file, which must stay where it is. */
struct stream py_file_open(struct py_file *file, mp_obj_t path, const char *mode);

/* Bytes of the file, flushing and closing it. None of them raises; an error is VISION_E_DATA, and py_file_check knows more. Closing twice is harmless. */
int py_file_length(struct py_file *file, uint32_t *length);
int py_file_flush(struct py_file *file);
int py_file_close(struct py_file *file);

/* Has anything failed? Raises what the file said (it says more than a codec's "damaged"), or else what `error` stands for; the file may be used again. */
bool py_file_failed(const struct py_file *file, int error);
void py_file_check(struct py_file *file, int error);

#endif
