/* SPDX-License-Identifier: MIT */
/* The CSI class over sensors/camera.h: the camera, its frames and its callbacks. Arguments are parsed here, the camera layer does the work. */
#include <string.h>

#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "modules/csi/py_csi.h"
#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "runtime/framebuffer.h"
#include "runtime/lifecycle.h"
#include "runtime/pool.h"
#include "vision/compose.h"

typedef struct {
    mp_obj_base_t base;
} csi_obj_t;

static void *frames_allocate(size_t bytes)
{
    return pool_alloc(bytes, POOL_PERSIST | POOL_CACHE);
}

/* Images that no variable names any more give their memory back first. */

static size_t frames_available(void)
{
    gc_collect();
    return pool_largest(POOL_PERSIST | POOL_CACHE);
}

static const struct camera_memory FRAMES = {frames_allocate, pool_free, frames_available};

void csi_check(int error)
{
    if (error < 0) {
        mp_raise_msg_varg(&mp_type_RuntimeError, MP_ERROR_TEXT("%s"), camera_strerror(error));
    }
}

int csi_control(enum sensor_control which)
{
    int value;

    csi_check(camera_get_control(which, &value));
    return value;
}

/* The frame that a script holds is the ring's: it goes before the ring is rebuilt. */
static void forget_frame(void)
{
    framebuffer_invalidate();
}

/* The end of a script's world: the camera off, its frames and callbacks forgotten. */
static void csi_end(void)
{
    MP_STATE_PORT(csi_frame_callback) = MP_STATE_PORT(csi_vsync_callback) = MP_OBJ_NULL;
    camera_set_frame_hook(NULL);
    camera_set_vsync_hook(NULL);
    forget_frame();
    camera_shutdown();
}

int csi_reset_camera(void)
{
    static struct lifecycle_hook hook = {csi_end, NULL};

    lifecycle_at_end(&hook);
    framebuffer_set_spare(camera_give_spare);
    csi_transposed = false;
    return camera_reset(&FRAMES);
}

static mp_obj_t csi_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    enum { ARG_cid, ARG_delays, ARG_fflush, ARG_stream };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_cid, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_delays, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_fflush, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_stream, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all_kw_array(n_args, n_kw, args, MP_ARRAY_SIZE(allowed), allowed, values);
    if (!camera_sensor()) {
        csi_check(csi_reset_camera());
    }
    if (values[ARG_cid].u_int >= 0 && values[ARG_cid].u_int != camera_sensor()->driver->chip_id) {
        csi_check(CAMERA_E_NOT_DETECTED);
    }
    csi_obj_t *self = mp_obj_malloc(csi_obj_t, type);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t csi_reset(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    forget_frame();
    csi_check(csi_reset_camera());
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_reset_obj, 1, csi_reset);

static mp_obj_t csi_shutdown(mp_obj_t self, mp_obj_t enable)
{
    forget_frame();
    if (mp_obj_is_true(enable)) {
        camera_shutdown();
    } else {
        csi_check(csi_reset_camera());
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_shutdown_obj, csi_shutdown);

static mp_obj_t csi_sleep(mp_obj_t self, mp_obj_t enable)
{
    csi_check(camera_sleep(mp_obj_is_true(enable)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_sleep_obj, csi_sleep);

static mp_obj_t csi_flush(mp_obj_t self)
{
    framebuffer_publish();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_flush_obj, csi_flush);

static mp_obj_t csi_cid(mp_obj_t self)
{
    return MP_OBJ_NEW_SMALL_INT(camera_sensor() ? camera_sensor()->driver->chip_id : 0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_cid_obj, csi_cid);

static mp_obj_t csi_readable(mp_obj_t self)
{
    return mp_obj_new_bool(camera_frame_ready());
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_readable_obj, csi_readable);

static mp_obj_t csi_width(mp_obj_t self)
{
    return MP_OBJ_NEW_SMALL_INT(camera_window().w);
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_width_obj, csi_width);

static mp_obj_t csi_height(mp_obj_t self)
{
    return MP_OBJ_NEW_SMALL_INT(camera_window().h);
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_height_obj, csi_height);

static mp_obj_t csi_pixformat(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        if (!camera_pixformat()) {
            csi_check(CAMERA_E_PIXFORMAT);
        }
        return mp_obj_new_int_from_uint(camera_pixformat());
    }
    forget_frame();
    csi_check(camera_set_pixformat((enum pixel_format)mp_obj_get_int_truncated(args[1])));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_pixformat_obj, 1, 2, csi_pixformat);

static mp_obj_t new_pair(int a, int b)
{
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(a), MP_OBJ_NEW_SMALL_INT(b)};
    return mp_obj_new_tuple(2, items);
}

static mp_obj_t csi_framesize(size_t n_args, const mp_obj_t *args)
{
    int width, height;

    if (n_args == 1) {
        camera_framesize(&width, &height);
        if (!width) {
            csi_check(CAMERA_E_FRAMESIZE);
        }
        return new_pair(width, height);
    }
    const mp_obj_t *size = arg_sequence_n(args[1], 2);
    width = mp_obj_get_int(size[0]);
    height = mp_obj_get_int(size[1]);
    forget_frame();
    csi_check(camera_set_framesize(width, height));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_framesize_obj, 1, 2, csi_framesize);

/* (w, h) is centred; (x, y, w, h) lies where it says. */
static mp_obj_t csi_window(size_t n_args, const mp_obj_t *args)
{
    struct rect window = camera_window();

    if (n_args == 1) {
        mp_obj_t items[4] = {MP_OBJ_NEW_SMALL_INT(window.x), MP_OBJ_NEW_SMALL_INT(window.y), MP_OBJ_NEW_SMALL_INT(window.w),
                             MP_OBJ_NEW_SMALL_INT(window.h)};
        return mp_obj_new_tuple(4, items);
    }
    mp_obj_t *items;
    size_t count;
    arg_sequence(args[1], &count, &items);
    if (count == 2) {
        int width, height;
        camera_framesize(&width, &height);
        window.w = mp_obj_get_int(items[0]);
        window.h = mp_obj_get_int(items[1]);
        window.x = (width - window.w) / 2;
        window.y = (height - window.h) / 2;
    } else if (count == 4) {
        window = (struct rect){mp_obj_get_int(items[0]), mp_obj_get_int(items[1]), mp_obj_get_int(items[2]), mp_obj_get_int(items[3])};
    } else {
        mp_raise_ValueError(MP_ERROR_TEXT("The window is (w, h) or (x, y, w, h)"));
    }
    forget_frame();
    csi_check(camera_set_window(window));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_window_obj, 1, 2, csi_window);

static mp_obj_t csi_framebuffers(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(camera_buffers());
    }
    forget_frame();
    csi_check(camera_set_buffers(mp_obj_get_int(args[1])));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_framebuffers_obj, 1, 2, csi_framebuffers);

/* ---- Callbacks ---- */

/* A script's function for the camera's interrupts, or MP_OBJ_NULL for None. */
static mp_obj_t callback_of(mp_obj_t callback)
{
    if (callback != mp_const_none && !mp_obj_is_callable(callback)) {
        mp_raise_TypeError(MP_ERROR_TEXT("The callback must be callable, or None"));
    }
    return callback == mp_const_none ? MP_OBJ_NULL : callback;
}

/* A frame has come: the function is called with nothing. */
static mp_obj_t frame_came(mp_obj_t callback)
{
    return mp_call_function_0(callback);
}
static MP_DEFINE_CONST_FUN_OBJ_1(frame_came_obj, frame_came);

static void frame_hook(void)
{
    mp_obj_t callback = MP_STATE_PORT(csi_frame_callback);

    if (callback != MP_OBJ_NULL) {
        mp_sched_schedule(MP_OBJ_FROM_PTR(&frame_came_obj), callback);
    }
}

static mp_obj_t csi_frame_callback(mp_obj_t self, mp_obj_t callback)
{
    MP_STATE_PORT(csi_frame_callback) = callback_of(callback);
    camera_set_frame_hook(callback == mp_const_none ? NULL : frame_hook);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_frame_callback_obj, csi_frame_callback);
MP_REGISTER_ROOT_POINTER(mp_obj_t csi_frame_callback);

/* VSYNC has changed: the function is called with its level. */
static void vsync_hook(bool level)
{
    mp_obj_t callback = MP_STATE_PORT(csi_vsync_callback);

    if (callback != MP_OBJ_NULL) {
        mp_sched_schedule(callback, mp_obj_new_bool(level));
    }
}

static mp_obj_t csi_vsync_callback(mp_obj_t self, mp_obj_t callback)
{
    MP_STATE_PORT(csi_vsync_callback) = callback_of(callback);
    camera_set_vsync_hook(callback == mp_const_none ? NULL : vsync_hook);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_vsync_callback_obj, csi_vsync_callback);
MP_REGISTER_ROOT_POINTER(mp_obj_t csi_vsync_callback);

/* ---- Taking pictures ---- */

/* Rows become columns, in the frame's own memory. */
static void transpose(struct image *image)
{
    const struct compose_options options = {.x_scale = 1, .y_scale = 1, .rgb_channel = -1, .alpha = 255, .hint = COMPOSE_TRANSPOSE};
    struct image turned = {.width = image->height, .height = image->width, .format = image->format};

    if (!pixformat_is_mutable(image->format)) {
        csi_check(CAMERA_E_PIXFORMAT_UNSUPPORTED);
    }
    struct arena arena = scratch_open();
    turned.data = arena_alloc(&arena, image_bytes(image));
    int error = turned.data ? compose_scaled(&turned, image, &options, &arena) : VISION_E_MEMORY;
    if (!error) {
        memcpy(image->data, turned.data, image_bytes(image));
        turned.data = image->data;
        *image = turned;
        framebuffer_set(image, camera_buffer_bytes());
    }
    scratch_finish(&arena, error);
}

/* One frame into `image`. Runs scripts' events while waiting; a callback that takes a frame meanwhile has taken it for this call, too. */
static bool take_frame(struct image *image, bool blocking)
{
    static uint32_t taken;
    uint32_t before = taken;
    int error;

    framebuffer_set(NULL, 0);
    csi_check(camera_snapshot_begin());
    while ((error = camera_snapshot_poll(image)) == CAMERA_E_WOULD_BLOCK) {
        if (!blocking) {
            return false;
        }
        mp_event_wait_ms(1);
        if (taken != before && framebuffer_image()) {
            *image = *framebuffer_image();
            return true;
        }
    }
    csi_check(error);
    taken++;
    framebuffer_set(image, camera_buffer_bytes());
    if (csi_transposed) {
        transpose(image);
    }
    return true;
}

static mp_obj_t csi_snapshot(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_time, ARG_frames, ARG_blocking, ARG_image };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_time, MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_frames, MP_ARG_INT, {.u_int = -1}},
        {MP_QSTR_blocking, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_image, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    struct image image;
    mp_uint_t start = mp_hal_ticks_ms();

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(allowed), allowed, values);
    framebuffer_publish();          /* the last frame, with what the script has drawn on it; skipped ones are nobody's */
    for (mp_int_t frames = 0;; frames++) {
        if (!take_frame(&image, values[ARG_blocking].u_bool)) {
            return mp_const_none;
        }
        bool more_frames = frames + 1 < values[ARG_frames].u_int;
        bool more_time = values[ARG_time].u_int > 0 && mp_hal_ticks_ms() - start < (mp_uint_t)values[ARG_time].u_int;
        if (!more_frames && !more_time) {
            break;
        }
    }
    if (values[ARG_image].u_obj != mp_const_none) {
        return py_image_assign(values[ARG_image].u_obj, &image);
    }
    return py_image_new(&image);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_snapshot_obj, 1, csi_snapshot);

static const mp_rom_map_elem_t csi_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&csi_reset_obj)},
    {MP_ROM_QSTR(MP_QSTR_shutdown), MP_ROM_PTR(&csi_shutdown_obj)},
    {MP_ROM_QSTR(MP_QSTR_sleep), MP_ROM_PTR(&csi_sleep_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&csi_flush_obj)},
    {MP_ROM_QSTR(MP_QSTR_snapshot), MP_ROM_PTR(&csi_snapshot_obj)},
    {MP_ROM_QSTR(MP_QSTR_width), MP_ROM_PTR(&csi_width_obj)},
    {MP_ROM_QSTR(MP_QSTR_height), MP_ROM_PTR(&csi_height_obj)},
    {MP_ROM_QSTR(MP_QSTR_cid), MP_ROM_PTR(&csi_cid_obj)},
    {MP_ROM_QSTR(MP_QSTR_readable), MP_ROM_PTR(&csi_readable_obj)},
    {MP_ROM_QSTR(MP_QSTR_pixformat), MP_ROM_PTR(&csi_pixformat_obj)},
    {MP_ROM_QSTR(MP_QSTR_framesize), MP_ROM_PTR(&csi_framesize_obj)},
    {MP_ROM_QSTR(MP_QSTR_window), MP_ROM_PTR(&csi_window_obj)},
    {MP_ROM_QSTR(MP_QSTR_framebuffers), MP_ROM_PTR(&csi_framebuffers_obj)},
    {MP_ROM_QSTR(MP_QSTR_brightness), MP_ROM_PTR(&csi_brightness_obj)},
    {MP_ROM_QSTR(MP_QSTR_contrast), MP_ROM_PTR(&csi_contrast_obj)},
    {MP_ROM_QSTR(MP_QSTR_saturation), MP_ROM_PTR(&csi_saturation_obj)},
    {MP_ROM_QSTR(MP_QSTR_gainceiling), MP_ROM_PTR(&csi_gainceiling_obj)},
    {MP_ROM_QSTR(MP_QSTR_special_effect), MP_ROM_PTR(&csi_special_effect_obj)},
    {MP_ROM_QSTR(MP_QSTR_colorbar), MP_ROM_PTR(&csi_colorbar_obj)},
    {MP_ROM_QSTR(MP_QSTR_hmirror), MP_ROM_PTR(&csi_hmirror_obj)},
    {MP_ROM_QSTR(MP_QSTR_vflip), MP_ROM_PTR(&csi_vflip_obj)},
    {MP_ROM_QSTR(MP_QSTR_auto_gain), MP_ROM_PTR(&csi_auto_gain_obj)},
    {MP_ROM_QSTR(MP_QSTR_gain_db), MP_ROM_PTR(&csi_gain_db_obj)},
    {MP_ROM_QSTR(MP_QSTR_auto_exposure), MP_ROM_PTR(&csi_auto_exposure_obj)},
    {MP_ROM_QSTR(MP_QSTR_exposure_us), MP_ROM_PTR(&csi_exposure_us_obj)},
    {MP_ROM_QSTR(MP_QSTR_auto_whitebal), MP_ROM_PTR(&csi_auto_whitebal_obj)},
    {MP_ROM_QSTR(MP_QSTR_frame_callback), MP_ROM_PTR(&csi_frame_callback_obj)},
    {MP_ROM_QSTR(MP_QSTR___read_reg), MP_ROM_PTR(&csi_read_reg_obj)},
    {MP_ROM_QSTR(MP_QSTR___write_reg), MP_ROM_PTR(&csi_write_reg_obj)},
    {MP_ROM_QSTR(MP_QSTR_framerate), MP_ROM_PTR(&csi_framerate_obj)},
    {MP_ROM_QSTR(MP_QSTR_quality), MP_ROM_PTR(&csi_unsupported_obj)},
    {MP_ROM_QSTR(MP_QSTR_transpose), MP_ROM_PTR(&csi_transpose_obj)},
    {MP_ROM_QSTR(MP_QSTR_auto_rotation), MP_ROM_PTR(&csi_auto_rotation_obj)},
    {MP_ROM_QSTR(MP_QSTR_lens_correction), MP_ROM_PTR(&csi_lens_correction_obj)},
    {MP_ROM_QSTR(MP_QSTR_color_palette), MP_ROM_PTR(&csi_unsupported_obj)},
    {MP_ROM_QSTR(MP_QSTR_rgb_gain_db), MP_ROM_PTR(&csi_rgb_gain_db_obj)},
    {MP_ROM_QSTR(MP_QSTR_auto_blc), MP_ROM_PTR(&csi_unsupported_obj)},
    {MP_ROM_QSTR(MP_QSTR_blc_regs), MP_ROM_PTR(&csi_unsupported_obj)},
    {MP_ROM_QSTR(MP_QSTR_vsync_callback), MP_ROM_PTR(&csi_vsync_callback_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&csi_unsupported_obj)},
};
static MP_DEFINE_CONST_DICT(csi_locals, csi_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(csi_type, MP_QSTR_CSI, MP_TYPE_FLAG_NONE, make_new, csi_make_new, locals_dict, &csi_locals);
