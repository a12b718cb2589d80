/* SPDX-License-Identifier: MIT */
/* What the files of the csi module share. */
#ifndef MODULES_CSI_PY_CSI_H
#define MODULES_CSI_PY_CSI_H

#include "py/obj.h"

#include "sensors/camera.h"

extern const mp_obj_type_t csi_type;

/* Raises what a negative result of the camera layer means. */
void csi_check(int error);

/* The value of a control; raises. */
int csi_control(enum sensor_control which);

/* Looks for the sensor and sets everything to its defaults. A result of the camera layer. */
int csi_reset_camera(void);

/* snapshot() turns the frames: rows become columns. */
extern bool csi_transposed;

/* Methods of py_csi_control.c. */
extern const mp_obj_fun_builtin_var_t csi_brightness_obj, csi_contrast_obj, csi_saturation_obj, csi_gainceiling_obj, csi_special_effect_obj,
    csi_colorbar_obj, csi_hmirror_obj, csi_vflip_obj, csi_unsupported_obj, csi_auto_gain_obj, csi_auto_exposure_obj, csi_auto_whitebal_obj,
    csi_framerate_obj, csi_transpose_obj, csi_auto_rotation_obj, csi_lens_correction_obj;
extern const mp_obj_fun_builtin_fixed_t csi_rgb_gain_db_obj, csi_gain_db_obj, csi_exposure_us_obj, csi_read_reg_obj, csi_write_reg_obj;

#endif
