/* SPDX-License-Identifier: MIT */
/* time.clock(): frames per second. tick() starts a frame; fps() and avg() (milliseconds) are means over all frames since reset(). */
#include "py/mphal.h"
#include "py/runtime.h"

typedef struct {
    mp_obj_base_t base;
    uint32_t start_us;      /* of the present frame */
    uint32_t frames;
    uint64_t total_us;      /* of the finished frames */
} clock_obj_t;

extern const mp_obj_type_t clock_type;

static mp_obj_t clock_reset(mp_obj_t self_in)
{
    clock_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->start_us = (uint32_t)mp_hal_ticks_us();
    self->frames = 0;
    self->total_us = 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(clock_reset_obj, clock_reset);

static mp_obj_t clock_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args)
{
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    clock_obj_t *self = mp_obj_malloc(clock_obj_t, &clock_type);
    clock_reset(MP_OBJ_FROM_PTR(self));
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t clock_tick(mp_obj_t self_in)
{
    clock_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->start_us = (uint32_t)mp_hal_ticks_us();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(clock_tick_obj, clock_tick);

/* Mean duration of a frame in microseconds; the present one ends here. */
static mp_float_t clock_finish(clock_obj_t *self)
{
    self->total_us += (uint32_t)mp_hal_ticks_us() - self->start_us;
    self->frames++;
    return (mp_float_t)self->total_us / (mp_float_t)self->frames;
}

static mp_obj_t clock_fps(mp_obj_t self_in)
{
    mp_float_t us = clock_finish(MP_OBJ_TO_PTR(self_in));
    return mp_obj_new_float(us > 0 ? MICROPY_FLOAT_CONST(1000000.0) / us : 0);
}
static MP_DEFINE_CONST_FUN_OBJ_1(clock_fps_obj, clock_fps);

static mp_obj_t clock_avg(mp_obj_t self_in)
{
    return mp_obj_new_float(clock_finish(MP_OBJ_TO_PTR(self_in)) / MICROPY_FLOAT_CONST(1000.0));
}
static MP_DEFINE_CONST_FUN_OBJ_1(clock_avg_obj, clock_avg);

static const mp_rom_map_elem_t clock_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_tick), MP_ROM_PTR(&clock_tick_obj) },
    { MP_ROM_QSTR(MP_QSTR_fps), MP_ROM_PTR(&clock_fps_obj) },
    { MP_ROM_QSTR(MP_QSTR_avg), MP_ROM_PTR(&clock_avg_obj) },
    { MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&clock_reset_obj) },
};
static MP_DEFINE_CONST_DICT(clock_locals, clock_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(clock_type, MP_QSTR_clock, MP_TYPE_FLAG_NONE, make_new, clock_make_new, locals_dict, &clock_locals);
