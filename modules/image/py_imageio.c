/* SPDX-License-Identifier: MIT */
/* image.ImageIO: images recorded to a file and played back, or kept in a ring in memory. The container is vision/imageio.h's. */
#include "vision/imageio.h"

#include <string.h>

#include "py/mphal.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "modules/image/py_stream.h"
#include "runtime/framebuffer.h"
#include "runtime/pool.h"

enum kind { READER, WRITER, RING };
enum { FILE_STREAM, MEMORY_STREAM };

typedef struct {
    mp_obj_base_t base;
    enum kind kind;
    bool closed;
    bool timed;                     /* there was a picture before, at */
    mp_uint_t ms;
    struct py_file file;
    struct stream stream;           /* points to `file` */
    struct imageio_file store;
    struct imageio_ring ring;
} py_imageio_t;

static void refuse_closed(void)
{
    mp_raise_ValueError(MP_ERROR_TEXT("The stream is closed"));
}

static py_imageio_t *get_open(mp_obj_t object)
{
    py_imageio_t *self = MP_OBJ_TO_PTR(object);

    if (self->closed) {
        refuse_closed();
    }
    return self;
}

/* Milliseconds since the picture before; the present one is now. */
static uint32_t elapsed(py_imageio_t *self)
{
    mp_uint_t now = mp_hal_ticks_ms();
    uint32_t ms = self->timed ? (uint32_t)(now - self->ms) : 0;

    self->timed = true;
    self->ms = now;
    return ms;
}

/* ---- ImageIO(path, mode) / ImageIO((width, height, format), count) ---- */

/* What imageio_open and imageio_create return, as an exception; the file is closed then. */
static void check_opened(py_imageio_t *self, int error)
{
    if (!py_file_failed(&self->file, error)) {
        self->closed = false;
        return;
    }
    py_file_close(&self->file);
    if (error == VISION_E_UNSUPPORTED) {
        mp_raise_ValueError(MP_ERROR_TEXT("The file is no stream of images, or one of a later version"));
    }
    py_file_check(&self->file, error);
}

static void open_file(py_imageio_t *self, mp_obj_t path, mp_obj_t mode)
{
    size_t length;
    const char *letter = mp_obj_str_get_data(mode, &length);
    char kind = (char)(length == 1 ? letter[0] | 0x20 : 0);
    uint32_t bytes;

    if (kind == 'r') {
        self->kind = READER;
        self->stream = py_file_open(&self->file, path, "rb");
        int error = py_file_length(&self->file, &bytes);
        check_opened(self, error ? error : imageio_open(&self->store, &self->stream, bytes));
    } else if (kind == 'w') {
        self->kind = WRITER;
        self->stream = py_file_open(&self->file, path, "wb");
        check_opened(self, imageio_create(&self->store, &self->stream));
    } else {
        mp_raise_ValueError(MP_ERROR_TEXT("The mode is 'r' or 'w'"));
    }
}

static void open_ring(py_imageio_t *self, mp_obj_t shape, mp_obj_t count)
{
    int n[2];
    const mp_obj_t *items = arg_sequence_n(shape, 3);
    enum pixel_format format = (enum pixel_format)mp_obj_get_int(items[2]);

    arg_numbers(shape, 2, n);
    if (!pixformat_is_known(format)) {
        mp_raise_ValueError(MP_ERROR_TEXT("Unknown pixel format"));
    }
    /* A compressed picture gets a byte a pixel. */
    size_t bytes = pixformat_image_bytes(pixformat_is_compressed(format) ? PIXFORMAT_GRAYSCALE : format, n[0], n[1]);
    if (!bytes) {
        vision_check(VISION_E_SIZE);
    }
    int slots = arg_int(count);
    if (slots < 1) {
        mp_raise_ValueError(MP_ERROR_TEXT("A stream in memory has room for at least one image"));
    }
    size_t total = imageio_ring_bytes((uint32_t)slots, bytes);
    self->kind = RING;
    imageio_ring_init(&self->ring, py_image_memory(total ? total : SIZE_MAX), (uint32_t)slots, bytes);
    self->closed = false;
}

static mp_obj_t py_imageio_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    py_imageio_t *self = mp_obj_malloc_with_finaliser(py_imageio_t, type);

    memset((uint8_t *)self + sizeof(self->base), 0, sizeof(*self) - sizeof(self->base));
    self->closed = true;
    if (mp_obj_is_str(args[0])) {
        open_file(self, args[0], args[1]);
    } else {
        open_ring(self, args[0], args[1]);
    }
    return MP_OBJ_FROM_PTR(self);
}

/* ---- Facts ---- */

static mp_obj_t py_imageio_type_(mp_obj_t object)
{
    py_imageio_t *self = MP_OBJ_TO_PTR(object);
    return MP_OBJ_NEW_SMALL_INT(self->kind == RING ? MEMORY_STREAM : FILE_STREAM);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_type_obj, py_imageio_type_);

static mp_obj_t py_imageio_is_closed(mp_obj_t object)
{
    return mp_obj_new_bool(((py_imageio_t *)MP_OBJ_TO_PTR(object))->closed);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_is_closed_obj, py_imageio_is_closed);

static mp_obj_t py_imageio_count(mp_obj_t object)
{
    py_imageio_t *self = get_open(object);
    return mp_obj_new_int_from_uint(self->kind == RING ? self->ring.count : self->store.count);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_count_obj, py_imageio_count);

/* The picture that is next. */
static mp_obj_t py_imageio_offset(mp_obj_t object)
{
    py_imageio_t *self = get_open(object);
    return mp_obj_new_int_from_uint(self->kind == RING ? self->ring.index : self->kind == WRITER ? self->store.count : self->store.index);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_offset_obj, py_imageio_offset);

static mp_obj_t py_imageio_version(mp_obj_t object)
{
    return get_open(object)->kind == RING ? mp_const_none : MP_OBJ_NEW_SMALL_INT(IMAGEIO_VERSION);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_version_obj, py_imageio_version);

/* Bytes for one picture in memory. */
static mp_obj_t py_imageio_buffer_size(mp_obj_t object)
{
    py_imageio_t *self = get_open(object);
    return self->kind == RING ? mp_obj_new_int_from_uint(self->ring.slot - sizeof(struct imageio_frame)) : mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_buffer_size_obj, py_imageio_buffer_size);

/* Bytes of the file, or of the memory. */
static mp_obj_t py_imageio_size(mp_obj_t object)
{
    py_imageio_t *self = get_open(object);
    return mp_obj_new_int_from_uint(self->kind == RING ? self->ring.slot * self->ring.slots : self->store.end);
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_size_obj, py_imageio_size);

static void py_imageio_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    py_imageio_t *self = MP_OBJ_TO_PTR(object);

    mp_printf(print, "{\"type\":\"%s\", \"closed\":%s, \"count\":%u}", self->kind == RING ? "memory" : "file", self->closed ? "true" : "false",
              (unsigned)(self->kind == RING ? self->ring.count : self->store.count));
}

/* ---- Writing ---- */

static mp_obj_t py_imageio_write(mp_obj_t object, mp_obj_t picture)
{
    py_imageio_t *self = get_open(object);
    const struct image *image = &py_image_get(picture)->image;
    int error;

    if (self->kind == READER) {
        mp_raise_ValueError(MP_ERROR_TEXT("The stream was opened for reading"));
    }
    if (self->kind == WRITER) {
        error = imageio_append(&self->store, image, elapsed(self));
        py_file_check(&self->file, error);
        return object;
    }
    size_t room = self->ring.slot - sizeof(struct imageio_frame);
    if (image_bytes(image) > room) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The image has %u bytes, the stream has room for %u of each"), (unsigned)image_bytes(image),
                          (unsigned)room);
    }
    vision_check(imageio_ring_write(&self->ring, image, elapsed(self)));
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_2(py_imageio_write_obj, py_imageio_write);

static mp_obj_t py_imageio_sync(mp_obj_t object)
{
    py_imageio_t *self = get_open(object);

    if (self->kind == WRITER) {
        int error = imageio_mark(&self->store);
        py_file_check(&self->file, error ? error : py_file_flush(&self->file));
    }
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_sync_obj, py_imageio_sync);

static mp_obj_t py_imageio_close(mp_obj_t object)
{
    py_imageio_t *self = MP_OBJ_TO_PTR(object);

    if (self->closed) {
        return object;
    }
    self->closed = true;
    if (self->kind == RING) {
        pool_free(self->ring.data);
        return object;
    }
    int error = self->kind == WRITER ? imageio_mark(&self->store) : 0, closing = py_file_close(&self->file);
    py_file_check(&self->file, error ? error : closing);
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_close_obj, py_imageio_close);

/* No variable names the stream any more: its file closes itself, its memory is given back. */
static mp_obj_t py_imageio_del(mp_obj_t object)
{
    py_imageio_t *self = MP_OBJ_TO_PTR(object);

    if (!self->closed && self->kind == RING) {
        pool_free(self->ring.data);
    }
    self->closed = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(py_imageio_del_obj, py_imageio_del);

/* ---- Reading ---- */

static void seek(py_imageio_t *self, uint32_t index)
{
    if (index > (self->kind == RING ? self->ring.count : self->store.count)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("The stream has %u images"),
                          (unsigned)(self->kind == RING ? self->ring.count : self->store.count));
    }
    if (self->kind == RING) {
        self->ring.index = index;
        return;
    }
    py_file_check(&self->file, imageio_seek(&self->store, index));
}

static mp_obj_t py_imageio_seek(mp_obj_t object, mp_obj_t index)
{
    py_imageio_t *self = get_open(object);
    int n = arg_int(index);

    if (self->kind == WRITER) {
        mp_raise_ValueError(MP_ERROR_TEXT("The stream was opened for writing"));
    }
    seek(self, (uint32_t)(n < 0 ? -1 : n));
    self->timed = false;
    return object;
}
static MP_DEFINE_CONST_FUN_OBJ_2(py_imageio_seek_obj, py_imageio_seek);

static int peek(py_imageio_t *self, struct imageio_frame *frame, const uint8_t **pixels)
{
    if (self->kind == RING) {
        return imageio_ring_peek(&self->ring, frame, pixels);
    }
    int got = imageio_peek(&self->store, frame);
    py_file_check(&self->file, got);
    return got;
}

static void fetch(py_imageio_t *self, const struct imageio_frame *frame, const uint8_t *pixels, struct image *image)
{
    if (self->kind != RING) {
        py_file_check(&self->file, imageio_read(&self->store, frame, image));
        return;
    }
    memcpy(image->data, pixels, frame->size);
    *image = (struct image){frame->width, frame->height, frame->format, pixformat_is_compressed(frame->format) ? frame->size : 0, image->data};
    self->ring.index++;
}

static mp_obj_t py_imageio_read(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_copy_to_fb, ARG_loop, ARG_pause };
    static const mp_arg_t allowed[] = {ARG_OPTIONAL_BOOL(copy_to_fb, true), KW_BOOL(loop, true), KW_BOOL(pause, true)};
    mp_arg_val_t v[MP_ARRAY_SIZE(allowed)];
    py_imageio_t *self = get_open(args[0]);
    struct imageio_frame frame;
    const uint8_t *pixels = NULL;

    PARSE(allowed, v);
    if (self->kind == WRITER) {
        mp_raise_ValueError(MP_ERROR_TEXT("The stream was opened for writing"));
    }
    if (!peek(self, &frame, &pixels)) {
        if (!v[ARG_loop].u_bool) {
            return mp_const_none;
        }
        seek(self, 0);
        if (!peek(self, &frame, &pixels)) {
            mp_raise_ValueError(MP_ERROR_TEXT("The stream has no images"));
        }
    }
    if (v[ARG_copy_to_fb].u_bool) {
        framebuffer_publish();      /* the picture before, with what the script has drawn on it */
    }
    if (v[ARG_pause].u_bool && self->timed) {
        mp_uint_t passed = mp_hal_ticks_ms() - self->ms;
        if (passed < frame.ms) {
            mp_hal_delay_ms(frame.ms - passed);
            if (self->closed) {     /* by a callback */
                refuse_closed();
            }
        }
    }
    elapsed(self);
    struct py_image *result = v[ARG_copy_to_fb].u_bool ? py_image_in_frame(frame.size, NULL) : py_image_allocate(frame.size);
    struct image image = {.data = result->image.data};
    fetch(self, &frame, pixels, &image);
    result->image = image;
    py_image_changed(result);
    return MP_OBJ_FROM_PTR(result);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(py_imageio_read_obj, 1, py_imageio_read);

/* ---- The table ---- */

#define METHOD(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&py_imageio_##name##_obj)},

static const mp_rom_map_elem_t py_imageio_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&py_imageio_del_obj)},
    METHOD(type) METHOD(is_closed) METHOD(count) METHOD(offset) METHOD(version) METHOD(buffer_size) METHOD(size) METHOD(write) METHOD(read) METHOD(seek)
    METHOD(sync) METHOD(close)
    {MP_ROM_QSTR(MP_QSTR_FILE_STREAM), MP_ROM_INT(FILE_STREAM)},
    {MP_ROM_QSTR(MP_QSTR_MEMORY_STREAM), MP_ROM_INT(MEMORY_STREAM)},
};
static MP_DEFINE_CONST_DICT(py_imageio_locals, py_imageio_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(py_imageio_type, MP_QSTR_ImageIO, MP_TYPE_FLAG_NONE, make_new, py_imageio_make_new, print, py_imageio_print, locals_dict,
                         &py_imageio_locals);
