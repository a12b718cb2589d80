/* SPDX-License-Identifier: MIT */
/* The named tuple of a line. */
#include "modules/image/py_line.h"

#include "py/runtime.h"

mp_obj_t py_line_new(const struct line *line)
{
    static const qstr fields[] = {MP_QSTR_x1, MP_QSTR_y1, MP_QSTR_x2, MP_QSTR_y2, MP_QSTR_length, MP_QSTR_magnitude, MP_QSTR_theta, MP_QSTR_rho};
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {
        MP_OBJ_NEW_SMALL_INT(line->x1),     MP_OBJ_NEW_SMALL_INT(line->y1),        MP_OBJ_NEW_SMALL_INT(line->x2),    MP_OBJ_NEW_SMALL_INT(line->y2),
        MP_OBJ_NEW_SMALL_INT(line->length), mp_obj_new_int(line->magnitude), MP_OBJ_NEW_SMALL_INT(line->theta), MP_OBJ_NEW_SMALL_INT(line->rho),
    };

    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}
