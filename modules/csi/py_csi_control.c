/* SPDX-License-Identifier: MIT */
/* The CSI class: what is set at the sensor, exposure, gain, colours and the like. Without an argument a method gives, with one it sets. */
#include "modules/csi/py_csi.h"

#include <math.h>

#include "py/runtime.h"

#include "modules/image/py_arguments.h"

/* Controls that are one number or one switch: name() gives, name(value) sets. */
#define INT_CONTROL(name, which)                                                        \
    static mp_obj_t csi_##name(size_t n_args, const mp_obj_t *args)                     \
    {                                                                                   \
        if (n_args == 1) {                                                              \
            return MP_OBJ_NEW_SMALL_INT(csi_control(which));                                \
        }                                                                               \
        csi_check(camera_set_control(which, mp_obj_get_int(args[1])));                      \
        return mp_const_none;                                                           \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_##name##_obj, 1, 2, csi_##name)

#define BOOL_CONTROL(name, which)                                                       \
    static mp_obj_t csi_##name(size_t n_args, const mp_obj_t *args)                     \
    {                                                                                   \
        if (n_args == 1) {                                                              \
            return mp_obj_new_bool(csi_control(which));                                     \
        }                                                                               \
        csi_check(camera_set_control(which, mp_obj_is_true(args[1])));                      \
        return mp_const_none;                                                           \
    }                                                                                   \
    MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_##name##_obj, 1, 2, csi_##name)

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
    csi_check(CAMERA_E_CONTROL_UNSUPPORTED);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(csi_unsupported_obj, 1, csi_unsupported);

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
    csi_check(camera_set_control(SENSOR_GAINCEILING, factor));
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
        return mp_obj_new_bool(csi_control(SENSOR_AUTO_GAIN));
    }
    if (values[ARG_gain_db_ceiling].u_obj != mp_const_none) {
        set_ceiling(values[ARG_gain_db_ceiling].u_obj);
    }
    csi_check(camera_set_control(SENSOR_AUTO_GAIN, mp_obj_is_true(values[ARG_enable].u_obj)));
    if (values[ARG_gain_db].u_obj != mp_const_none && !mp_obj_is_true(values[ARG_enable].u_obj)) {
        csi_check(camera_set_control(SENSOR_GAIN_MDB, millidecibel(values[ARG_gain_db].u_obj)));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_gain_obj, 1, csi_auto_gain);

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
        return mp_obj_new_bool(csi_control(SENSOR_AUTO_EXPOSURE));
    }
    bool enable = mp_obj_is_true(values[ARG_enable].u_obj);
    csi_check(camera_set_control(SENSOR_AUTO_EXPOSURE, enable));
    if (!enable && values[ARG_exposure_us].u_int >= 0) {
        csi_check(camera_set_control(SENSOR_EXPOSURE_US, (int)values[ARG_exposure_us].u_int));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_exposure_obj, 1, csi_auto_exposure);

static void set_rgb_gain(mp_obj_t decibels)
{
    const mp_obj_t *db = arg_sequence_n(decibels, 3);

    for (int i = 0; i < 3; i++) {
        mp_float_t permille = 1000 * MICROPY_FLOAT_C_FUN(pow)(10, mp_obj_get_float(db[i]) / 20);
        csi_check(camera_set_control((enum sensor_control)(SENSOR_RED_PERMILLE + i), permille < 1e6f ? (int)permille : 1000000));
    }
}

static mp_obj_t csi_rgb_gain_db(mp_obj_t self)
{
    mp_obj_t db[3];

    for (int i = 0; i < 3; i++) {
        int permille = csi_control((enum sensor_control)(SENSOR_RED_PERMILLE + i));
        db[i] = mp_obj_new_float(20 * MICROPY_FLOAT_C_FUN(log10)((mp_float_t)(permille < 1 ? 1 : permille) / 1000));
    }
    return mp_obj_new_tuple(3, db);
}
MP_DEFINE_CONST_FUN_OBJ_1(csi_rgb_gain_db_obj, csi_rgb_gain_db);

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
        return mp_obj_new_bool(csi_control(SENSOR_AUTO_WHITEBAL));
    }
    bool enable = mp_obj_is_true(values[ARG_enable].u_obj);
    csi_check(camera_set_control(SENSOR_AUTO_WHITEBAL, enable));
    if (!enable && values[ARG_rgb_gain_db].u_obj != mp_const_none) {
        set_rgb_gain(values[ARG_rgb_gain_db].u_obj);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_KW(csi_auto_whitebal_obj, 1, csi_auto_whitebal);

static mp_obj_t csi_gain_db(mp_obj_t self)
{
    return mp_obj_new_float(decibel(csi_control(SENSOR_GAIN_MDB)));
}
MP_DEFINE_CONST_FUN_OBJ_1(csi_gain_db_obj, csi_gain_db);

static mp_obj_t csi_exposure_us(mp_obj_t self)
{
    return MP_OBJ_NEW_SMALL_INT(csi_control(SENSOR_EXPOSURE_US));
}
MP_DEFINE_CONST_FUN_OBJ_1(csi_exposure_us_obj, csi_exposure_us);

static mp_obj_t csi_framerate(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        if (!camera_framerate()) {
            csi_check(CAMERA_E_FRAMERATE);
        }
        return MP_OBJ_NEW_SMALL_INT(camera_framerate());
    }
    csi_check(camera_set_framerate(arg_int(args[1])));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_framerate_obj, 1, 2, csi_framerate);

bool csi_transposed;

static mp_obj_t csi_transpose(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return mp_obj_new_bool(csi_transposed);
    }
    csi_transposed = mp_obj_is_true(args[1]);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_transpose_obj, 1, 2, csi_transpose);

/* There is no motion sensor that would tell how the camera is held. */
static mp_obj_t csi_auto_rotation(size_t n_args, const mp_obj_t *args)
{
    if (n_args == 1) {
        return mp_const_false;
    }
    csi_check(mp_obj_is_true(args[1]) ? CAMERA_E_CONTROL_UNSUPPORTED : CAMERA_OK);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_auto_rotation_obj, 1, 2, csi_auto_rotation);

/* lens_correction(enable, radius, coefficient) */
static mp_obj_t csi_lens_correction(size_t n_args, const mp_obj_t *args)
{
    for (size_t i = 2; i < n_args; i++) {
        csi_check(camera_set_control(i == 2 ? SENSOR_LENS_RADIUS : SENSOR_LENS_COEFFICIENT, arg_int(args[i])));
    }
    if (n_args == 1) {
        return mp_obj_new_bool(csi_control(SENSOR_LENS_CORRECTION));
    }
    csi_check(camera_set_control(SENSOR_LENS_CORRECTION, mp_obj_is_true(args[1])));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(csi_lens_correction_obj, 1, 4, csi_lens_correction);

static mp_obj_t csi_read_reg(mp_obj_t self, mp_obj_t reg)
{
    csi_check(camera_sensor() ? CAMERA_OK : CAMERA_E_NOT_DETECTED);
    int value = sensor_read8(camera_sensor(), (uint8_t)mp_obj_get_int(reg));
    csi_check(value);
    return MP_OBJ_NEW_SMALL_INT(value);
}
MP_DEFINE_CONST_FUN_OBJ_2(csi_read_reg_obj, csi_read_reg);

static mp_obj_t csi_write_reg(mp_obj_t self, mp_obj_t reg, mp_obj_t value)
{
    csi_check(camera_sensor() ? CAMERA_OK : CAMERA_E_NOT_DETECTED);
    csi_check(sensor_write8(camera_sensor(), (uint8_t)mp_obj_get_int(reg), (uint8_t)mp_obj_get_int(value)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(csi_write_reg_obj, csi_write_reg);
