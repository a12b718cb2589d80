/* SPDX-License-Identifier: MIT */
/* Module umalloc: what the memory pools hold. */
#include "py/runtime.h"
#include "runtime/pool.h"
#include "runtime/pool_stats.h"

/* The pools exist from power-on; init() makes them empty of what is not persistent, and forgets the peak. */
static mp_obj_t umalloc_init(void)
{
    pool_collect();
    pool_reset_peak();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(umalloc_init_obj, umalloc_init);

static mp_obj_t umalloc_collect(void)
{
    pool_collect();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(umalloc_collect_obj, umalloc_collect);

static mp_obj_t umalloc_stats(size_t n_args, const mp_obj_t *args)
{
    struct pool_stats s;
    if (!pool_get_stats(n_args ? (int)mp_obj_get_int(args[0]) : -1, &s)) {
        mp_raise_ValueError(MP_ERROR_TEXT("no such pool"));
    }
    const size_t values[7] = { s.used_blocks, s.free_blocks, s.persist_blocks, s.used, s.free, s.persist, s.peak };
    mp_obj_t items[7];
    for (unsigned i = 0; i < 7; i++) {
        items[i] = mp_obj_new_int_from_uint(values[i]);
    }
    return mp_obj_new_tuple(7, items);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(umalloc_stats_obj, 0, 1, umalloc_stats);

static mp_obj_t umalloc_print_stats(void)
{
    mp_printf(&mp_plat_print, "pool address    flags    total     used     free  persist     peak  blocks\n");
    struct pool_stats s;
    for (int i = 0; pool_get_stats(i, &s); i++) {
        const struct pool_region *r = pool_region((size_t)i);
        mp_printf(&mp_plat_print, "%4d 0x%08x %5u %8u %8u %8u %8u %8u  %u+%u\n", i, (unsigned)(uintptr_t)r->base, (unsigned)r->flags,
                  (unsigned)s.total, (unsigned)s.used, (unsigned)s.free, (unsigned)s.persist, (unsigned)s.peak, (unsigned)s.used_blocks,
                  (unsigned)s.persist_blocks);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(umalloc_print_stats_obj, umalloc_print_stats);

#if FB_ALLOC_STATS
/* failures(): [(address of the code that asked, how often, largest request, flags, largest free block then)] */
static mp_obj_t umalloc_failures(void)
{
    mp_obj_t list = mp_obj_new_list(0, NULL);
    const struct pool_failure *f;
    for (unsigned i = 0; (f = pool_stats_failure(i)); i++) {
        mp_obj_t items[5] = { mp_obj_new_int_from_uint((uintptr_t)f->site), mp_obj_new_int_from_uint(f->count), mp_obj_new_int_from_uint(f->size),
                              mp_obj_new_int_from_uint(f->flags), mp_obj_new_int_from_uint(f->largest) };
        mp_obj_list_append(list, mp_obj_new_tuple(5, items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(umalloc_failures_obj, umalloc_failures);

/* frames(): (frames, requests of the last one, most requests, [(peak of the last one, largest peak) for each pool]) */
static mp_obj_t umalloc_frames(void)
{
    const struct pool_frames *f = pool_stats_frames();
    mp_obj_t pools = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < pool_count(); i++) {
        mp_obj_t pair[2] = { mp_obj_new_int_from_uint(f->peak[i]), mp_obj_new_int_from_uint(f->most_peak[i]) };
        mp_obj_list_append(pools, mp_obj_new_tuple(2, pair));
    }
    mp_obj_t items[4] = { mp_obj_new_int_from_uint(f->frames), mp_obj_new_int_from_uint(f->requests), mp_obj_new_int_from_uint(f->most_requests), pools };
    return mp_obj_new_tuple(4, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(umalloc_frames_obj, umalloc_frames);
#endif

static const mp_rom_map_elem_t umalloc_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_umalloc) },
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&umalloc_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_collect), MP_ROM_PTR(&umalloc_collect_obj) },
    { MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&umalloc_stats_obj) },
    { MP_ROM_QSTR(MP_QSTR_print_stats), MP_ROM_PTR(&umalloc_print_stats_obj) },
    #if FB_ALLOC_STATS
    { MP_ROM_QSTR(MP_QSTR_failures), MP_ROM_PTR(&umalloc_failures_obj) },
    { MP_ROM_QSTR(MP_QSTR_frames), MP_ROM_PTR(&umalloc_frames_obj) },
    #endif
};
static MP_DEFINE_CONST_DICT(umalloc_globals, umalloc_globals_table);

const mp_obj_module_t umalloc_module = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&umalloc_globals };
MP_REGISTER_MODULE(MP_QSTR_umalloc, umalloc_module);
