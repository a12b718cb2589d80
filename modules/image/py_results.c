/* SPDX-License-Identifier: MIT */
/* What methods give back. */
#include "modules/image/py_results.h"

#include "py/runtime.h"

#include "modules/image/py_scratch.h"

mp_obj_t py_numbers_new(size_t count, const int *numbers)
{
    mp_obj_t items[5];

    for (size_t i = 0; i < count; i++) {
        items[i] = MP_OBJ_NEW_SMALL_INT(numbers[i]);
    }
    return mp_obj_new_tuple(count, items);
}

mp_obj_t py_rect_new(const struct rect *rect)
{
    return py_numbers_new(4, (const int[]){rect->x, rect->y, rect->w, rect->h});
}

mp_obj_t py_corners_new(const struct point corners[4])
{
    mp_obj_t items[4];

    for (int i = 0; i < 4; i++) {
        items[i] = py_numbers_new(2, (const int[]){corners[i].x, corners[i].y});
    }
    return mp_obj_new_tuple(4, items);
}

mp_obj_t py_line_new(const struct line *line)
{
    static const qstr fields[] = {MP_QSTR_x1, MP_QSTR_y1, MP_QSTR_x2, MP_QSTR_y2, MP_QSTR_length, MP_QSTR_magnitude, MP_QSTR_theta, MP_QSTR_rho};
    const mp_obj_t items[MP_ARRAY_SIZE(fields)] = {
        MP_OBJ_NEW_SMALL_INT(line->x1),     MP_OBJ_NEW_SMALL_INT(line->y1),        MP_OBJ_NEW_SMALL_INT(line->x2),    MP_OBJ_NEW_SMALL_INT(line->y2),
        MP_OBJ_NEW_SMALL_INT(line->length), mp_obj_new_int(line->magnitude), MP_OBJ_NEW_SMALL_INT(line->theta), MP_OBJ_NEW_SMALL_INT(line->rho),
    };

    return mp_obj_new_attrtuple(fields, MP_ARRAY_SIZE(fields), items);
}

mp_obj_t py_results_list(struct arena *arena, const void *results, int count, py_result_new item)
{
    nlr_buf_t nlr;

    if (count < 0) {
        scratch_finish(arena, count);
    }
    if (nlr_push(&nlr) == 0) {
        mp_obj_t list = mp_obj_new_list(0, NULL);
        for (int i = 0; i < count; i++) {
            mp_obj_list_append(list, item(results, i));
        }
        nlr_pop();
        scratch_close(arena);
        return list;
    }
    scratch_close(arena);
    nlr_jump(nlr.ret_val);
}
