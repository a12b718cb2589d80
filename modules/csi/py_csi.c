/* SPDX-License-Identifier: MIT */
/* The csi module: the CSI class over sensors/camera.h. Arguments are parsed here, the camera layer does the work. */
#include <math.h>
#include <string.h>

#include "py/gc.h"
#include "py/mphal.h"
#include "py/obj.h"
#include "py/runtime.h"

#include "modules/image/py_arguments.h"
#include "modules/image/py_scratch.h"
#include "runtime/framebuffer.h"
#include "runtime/lifecycle.h"
#include "runtime/pool.h"
#include "sensors/camera.h"
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

static void check(int error)
{
    if (error < 0) {
        mp_raise_msg_varg(&mp_type_RuntimeError, MP_ERROR_TEXT("%s"), camera_strerror(error));
    }
}

static int control(enum sensor_control which)
{
    int value;

    check(camera_get_control(which, &value));
    return value;
}

/* The frame that a script holds is the ring's: it goes before the ring is rebuilt. */
static void forget_frame(void)
{
    framebuffer_invalidate();
}

/* snapshot() turns the frames: rows become columns. */
static bool transposed;

/* The end of a script's world: the camera off, its frames and callbacks forgotten. */
static void csi_end(void)
{
    MP_STATE_PORT(csi_frame_callback) = MP_STATE_PORT(csi_vsync_callback) = MP_OBJ_NULL;
    camera_set_frame_hook(NULL);
    camera_set_vsync_hook(NULL);
    forget_frame();
    camera_shutdown();
}

static int reset(void)
{
    static struct lifecycle_hook hook = {csi_end, NULL};

    lifecycle_at_end(&hook);
    framebuffer_set_spare(camera_give_spare);
    transposed = false;
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
        check(reset());
    }
    if (values[ARG_cid].u_int >= 0 && values[ARG_cid].u_int != camera_sensor()->driver->chip_id) {
        check(CAMERA_E_NOT_DETECTED);
    }
    csi_obj_t *self = mp_obj_malloc(csi_obj_t, type);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t csi_reset(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    forget_frame();
    check(reset());
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_reset_obj, 1, csi_reset);

static mp_obj_t csi_shutdown(mp_obj_t self, mp_obj_t enable)
{
    forget_frame();
    if (mp_obj_is_true(enable)) {
        camera_shutdown();
    } else {
        check(reset());
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_shutdown_obj, csi_shutdown);

static mp_obj_t csi_sleep(mp_obj_t self, mp_obj_t enable)
{
    check(camera_sleep(mp_obj_is_true(enable)));
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
            check(CAMERA_E_PIXFORMAT);
        }
        return mp_obj_new_int_from_uint(camera_pixformat());
    }
    forget_frame();
    check(camera_set_pixformat((enum pixel_format)mp_obj_get_int_truncated(args[1])));
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
            check(CAMERA_E_FRAMESIZE);
        }
        return new_pair(width, height);
    }
    const mp_obj_t *size = arg_sequence_n(args[1], 2);
    width = mp_obj_get_int(size[0]);
    height = mp_obj_get_int(size[1]);
    forget_frame();
    check(camera_set_framesize(width, height));
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
    check(camera_set_window(window));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_window_obj, 1, 2, csi_window);

static mp_obj_t csi_framebuffers(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return MP_OBJ_NEW_SMALL_INT(camera_buffers());
    }
    forget_frame();
    check(camera_set_buffers(mp_obj_get_int(args[1])));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_framebuffers_obj, 1, 2, csi_framebuffers);

/* Controls that are one number or one switch: name() gives, name(value) sets. */
#define INT_CONTROL(name, which)                                                        \
    static mp_obj_t csi_##name(size_t n_args, const mp_obj_t *args)                     \
    {                                                                                   \
        if (n_args == 1) {                                                              \
            return MP_OBJ_NEW_SMALL_INT(control(which));                                \
        }                                                                               \
        check(camera_set_control(which, mp_obj_get_int(args[1])));                      \
        return mp_const_none;                                                           \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_##name##_obj, 1, 2, csi_##name)

#define BOOL_CONTROL(name, which)                                                       \
    static mp_obj_t csi_##name(size_t n_args, const mp_obj_t *args)                     \
    {                                                                                   \
        if (n_args == 1) {                                                              \
            return mp_obj_new_bool(control(which));                                     \
        }                                                                               \
        check(camera_set_control(which, mp_obj_is_true(args[1])));                      \
        return mp_const_none;                                                           \
    }                                                                                   \
    static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_##name##_obj, 1, 2, csi_##name)

INT_CONTROL(brightness, SENSOR_BRIGHTNESS);
INT_CONTROL(contrast, SENSOR_CONTRAST);
INT_CONTROL(saturation, SENSOR_SATURATION);
INT_CONTROL(gainceiling, SENSOR_GAINCEILING);
INT_CONTROL(special_effect, SENSOR_SPECIAL_EFFECT);
BOOL_CONTROL(colorbar, SENSOR_COLORBAR);
BOOL_CONTROL(hmirror, SENSOR_HMIRROR);
BOOL_CONTROL(vflip, SENSOR_VFLIP);

/* What the present sensors have not got says so, whatever the arguments. */
static mp_obj_t csi_unsupported(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    check(CAMERA_E_CONTROL_UNSUPPORTED);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_unsupported_obj, 1, csi_unsupported);

static mp_float_t decibel(int mdb)
{
    return (mp_float_t)mdb / MICROPY_FLOAT_CONST(1000.0);
}

static int millidecibel(mp_obj_t value)
{
    return (int)(mp_obj_get_float(value) * MICROPY_FLOAT_CONST(1000.0));
}

/* A ceiling in dB is the nearest factor of 2, 4 .. 128 (6 dB each) that is not above it. */
static void set_ceiling(mp_obj_t db)
{
    int factor = 2;

    for (int mdb = millidecibel(db); factor < 128 && mdb >= 2 * 6020; mdb -= 6020) {
        factor *= 2;
    }
    check(camera_set_control(SENSOR_GAINCEILING, factor));
}

static mp_obj_t csi_auto_gain(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_enable, ARG_gain_db, ARG_gain_db_ceiling };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_enable, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_gain_db, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_gain_db_ceiling, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(allowed), allowed, values);
    if (values[ARG_enable].u_obj == mp_const_none) {
        return mp_obj_new_bool(control(SENSOR_AUTO_GAIN));
    }
    if (values[ARG_gain_db_ceiling].u_obj != mp_const_none) {
        set_ceiling(values[ARG_gain_db_ceiling].u_obj);
    }
    check(camera_set_control(SENSOR_AUTO_GAIN, mp_obj_is_true(values[ARG_enable].u_obj)));
    if (values[ARG_gain_db].u_obj != mp_const_none && !mp_obj_is_true(values[ARG_enable].u_obj)) {
        check(camera_set_control(SENSOR_GAIN_MDB, millidecibel(values[ARG_gain_db].u_obj)));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_gain_obj, 1, csi_auto_gain);

static mp_obj_t csi_auto_exposure(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_enable, ARG_exposure_us };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_enable, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_exposure_us, MP_ARG_INT, {.u_int = -1}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(allowed), allowed, values);
    if (values[ARG_enable].u_obj == mp_const_none) {
        return mp_obj_new_bool(control(SENSOR_AUTO_EXPOSURE));
    }
    bool enable = mp_obj_is_true(values[ARG_enable].u_obj);
    check(camera_set_control(SENSOR_AUTO_EXPOSURE, enable));
    if (!enable && values[ARG_exposure_us].u_int >= 0) {
        check(camera_set_control(SENSOR_EXPOSURE_US, (int)values[ARG_exposure_us].u_int));
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_exposure_obj, 1, csi_auto_exposure);

static void set_rgb_gain(mp_obj_t decibels)
{
    const mp_obj_t *db = arg_sequence_n(decibels, 3);

    for (int i = 0; i < 3; i++) {
        mp_float_t permille = 1000 * MICROPY_FLOAT_C_FUN(pow)(10, mp_obj_get_float(db[i]) / 20);
        check(camera_set_control((enum sensor_control)(SENSOR_RED_PERMILLE + i), permille < 1e6f ? (int)permille : 1000000));
    }
}

static mp_obj_t csi_rgb_gain_db(mp_obj_t self)
{
    mp_obj_t db[3];

    for (int i = 0; i < 3; i++) {
        int permille = control((enum sensor_control)(SENSOR_RED_PERMILLE + i));
        db[i] = mp_obj_new_float(20 * MICROPY_FLOAT_C_FUN(log10)((mp_float_t)(permille < 1 ? 1 : permille) / 1000));
    }
    return mp_obj_new_tuple(3, db);
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_rgb_gain_db_obj, csi_rgb_gain_db);

static mp_obj_t csi_auto_whitebal(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    enum { ARG_enable, ARG_rgb_gain_db };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_enable, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_rgb_gain_db, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];

    mp_arg_parse_all(n_args - 1, args + 1, kw, MP_ARRAY_SIZE(allowed), allowed, values);
    if (values[ARG_enable].u_obj == mp_const_none) {
        return mp_obj_new_bool(control(SENSOR_AUTO_WHITEBAL));
    }
    bool enable = mp_obj_is_true(values[ARG_enable].u_obj);
    check(camera_set_control(SENSOR_AUTO_WHITEBAL, enable));
    if (!enable && values[ARG_rgb_gain_db].u_obj != mp_const_none) {
        set_rgb_gain(values[ARG_rgb_gain_db].u_obj);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_whitebal_obj, 1, csi_auto_whitebal);

static mp_obj_t csi_gain_db(mp_obj_t self)
{
    return mp_obj_new_float(decibel(control(SENSOR_GAIN_MDB)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_gain_db_obj, csi_gain_db);

static mp_obj_t csi_exposure_us(mp_obj_t self)
{
    return MP_OBJ_NEW_SMALL_INT(control(SENSOR_EXPOSURE_US));
}
static MP_DEFINE_CONST_FUN_OBJ_1(csi_exposure_us_obj, csi_exposure_us);

static mp_obj_t csi_framerate(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        if (!camera_framerate()) {
            check(CAMERA_E_FRAMERATE);
        }
        return MP_OBJ_NEW_SMALL_INT(camera_framerate());
    }
    check(camera_set_framerate(arg_int(args[1])));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_framerate_obj, 1, 2, csi_framerate);

static mp_obj_t csi_transpose(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return mp_obj_new_bool(transposed);
    }
    transposed = mp_obj_is_true(args[1]);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_transpose_obj, 1, 2, csi_transpose);

/* There is no motion sensor that would tell how the camera is held. */
static mp_obj_t csi_auto_rotation(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return mp_const_false;
    }
    check(mp_obj_is_true(args[1]) ? CAMERA_E_CONTROL_UNSUPPORTED : CAMERA_OK);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_auto_rotation_obj, 1, 2, csi_auto_rotation);

/* lens_correction(enable, radius, coefficient) */
static mp_obj_t csi_lens_correction(size_t n_args, const mp_obj_t *args)
{
    for (size_t i = 2; i < n_args; i++) {
        check(camera_set_control(i == 2 ? SENSOR_LENS_RADIUS : SENSOR_LENS_COEFFICIENT, arg_int(args[i])));
    }
    if (n_args == 1) {
        return mp_obj_new_bool(control(SENSOR_LENS_CORRECTION));
    }
    check(camera_set_control(SENSOR_LENS_CORRECTION, mp_obj_is_true(args[1])));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_lens_correction_obj, 1, 4, csi_lens_correction);

static mp_obj_t csi_read_reg(mp_obj_t self, mp_obj_t reg)
{
    check(camera_sensor() ? CAMERA_OK : CAMERA_E_NOT_DETECTED);
    int value = sensor_read8(camera_sensor(), (uint8_t)mp_obj_get_int(reg));
    check(value);
    return MP_OBJ_NEW_SMALL_INT(value);
}
static MP_DEFINE_CONST_FUN_OBJ_2(csi_read_reg_obj, csi_read_reg);

static mp_obj_t csi_write_reg(mp_obj_t self, mp_obj_t reg, mp_obj_t value)
{
    check(camera_sensor() ? CAMERA_OK : CAMERA_E_NOT_DETECTED);
    check(sensor_write8(camera_sensor(), (uint8_t)mp_obj_get_int(reg), (uint8_t)mp_obj_get_int(value)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(csi_write_reg_obj, csi_write_reg);

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
        check(CAMERA_E_PIXFORMAT_UNSUPPORTED);
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
    check(camera_snapshot_begin());
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
    check(error);
    taken++;
    framebuffer_set(image, camera_buffer_bytes());
    if (transposed) {
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

static MP_DEFINE_CONST_OBJ_TYPE(csi_type, MP_QSTR_CSI, MP_TYPE_FLAG_NONE, make_new, csi_make_new, locals_dict, &csi_locals);

/* ---- The module ---- */

static mp_obj_t csi_devices(void)
{
    mp_obj_t list = mp_obj_new_list(0, NULL);

    if (!camera_sensor()) {
        int error = reset();
        if (error && error != CAMERA_E_NOT_DETECTED) {
            check(error);
        }
    }
    if (camera_sensor()) {
        mp_obj_list_append(list, MP_OBJ_NEW_SMALL_INT(camera_sensor()->driver->chip_id));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(csi_devices_obj, csi_devices);

/* A frame size is the pair itself, so that csi.QVGA == (320, 240) and framesize() gives back what was set. */
typedef struct {
    mp_obj_base_t base;
    size_t len;
    mp_rom_obj_t items[2];
} size_pair_t;

#define FRAME_SIZES(X)                                                                                                          \
    X(QQCIF, 88, 72) X(QCIF, 176, 144) X(CIF, 352, 288) X(QQSIF, 88, 60) X(QSIF, 176, 120) X(SIF, 352, 240)                     \
    X(QQQQVGA, 40, 30) X(QQQVGA, 80, 60) X(QQVGA, 160, 120) X(QVGA, 320, 240) X(VGA, 640, 480)                                  \
    X(HQQQQVGA, 30, 20) X(HQQQVGA, 60, 40) X(HQQVGA, 120, 80) X(HQVGA, 240, 160) X(HVGA, 480, 320)                              \
    X(LCD, 128, 160) X(QQVGA2, 128, 160) X(WVGA, 720, 480) X(WVGA2, 752, 480) X(SVGA, 800, 600) X(XGA, 1024, 768)               \
    X(WXGA, 1280, 768) X(SXGA, 1280, 1024) X(SXGAM, 1280, 960) X(UXGA, 1600, 1200) X(HD, 1280, 720) X(FHD, 1920, 1080)          \
    X(QHD, 2560, 1440) X(QXGA, 2048, 1536) X(WQXGA, 2560, 1600) X(WQXGA2, 2592, 1944)

#define SIZE_OBJECT(name, w, h) \
    static const size_pair_t size_##name = {{&mp_type_tuple}, 2, {MP_ROM_INT(w), MP_ROM_INT(h)}};
FRAME_SIZES(SIZE_OBJECT)

#define SIZE_ENTRY(name, w, h) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&size_##name)},

/* What scripts compare cid() with, whichever of them this firmware drives. */
#define SENSORS(X)                                                                                                              \
    X(OV2640, 0x26) X(OV5640, 0x56) X(OV7690, 0x76) X(OV7725, 0x77) X(OV9650, 0x96) X(MT9V022, 0x1311) X(MT9V032, 0x1313)       \
    X(MT9V024, 0x1324) X(MT9V034, 0x1324) X(MT9M114, 0x2481) X(BOSON, 0xAE32) X(LEPTON, 0x5415) X(HM01B0, 0xB0) X(HM0360, 0x60) \
    X(GC2145, 0x21) X(PAJ6100, 0x6100) X(FROGEYE2020, 0x2020) X(GENX320, 0x30501C01)

#define SENSOR_ENTRY(name, id) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(id)},

static const mp_rom_map_elem_t csi_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_csi)},
    {MP_ROM_QSTR(MP_QSTR_CSI), MP_ROM_PTR(&csi_type)},
    {MP_ROM_QSTR(MP_QSTR_devices), MP_ROM_PTR(&csi_devices_obj)},
    {MP_ROM_QSTR(MP_QSTR_BINARY), MP_ROM_INT(PIXFORMAT_BINARY)},
    {MP_ROM_QSTR(MP_QSTR_GRAYSCALE), MP_ROM_INT(PIXFORMAT_GRAYSCALE)},
    {MP_ROM_QSTR(MP_QSTR_RGB565), MP_ROM_INT(PIXFORMAT_RGB565)},
    {MP_ROM_QSTR(MP_QSTR_BAYER), MP_ROM_INT(PIXFORMAT_BAYER_BGGR)},
    {MP_ROM_QSTR(MP_QSTR_YUV422), MP_ROM_INT(PIXFORMAT_YUV422)},
    {MP_ROM_QSTR(MP_QSTR_JPEG), MP_ROM_INT(PIXFORMAT_JPEG)},
    {MP_ROM_QSTR(MP_QSTR_NORMAL), MP_ROM_INT(0)},
    {MP_ROM_QSTR(MP_QSTR_NEGATIVE), MP_ROM_INT(1)},
    SENSORS(SENSOR_ENTRY)
    FRAME_SIZES(SIZE_ENTRY)
};
static MP_DEFINE_CONST_DICT(csi_globals, csi_globals_table);

const mp_obj_module_t csi_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&csi_globals,
};
MP_REGISTER_MODULE(MP_QSTR_csi, csi_module);
