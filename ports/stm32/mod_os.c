/* SPDX-License-Identifier: MIT */
/* The port's part of the os module; included by extmod/modos.c. */
#include "ports/stm32/rng.h"

static mp_obj_t mp_os_urandom(mp_obj_t count)
{
    mp_int_t n = mp_obj_get_int(count);
    if (n < 0) {
        mp_raise_ValueError(NULL);
    }
    vstr_t vstr;
    vstr_init_len(&vstr, (size_t)n);
    for (mp_int_t i = 0; i < n; i++) {
        vstr.buf[i] = (char)rng_get();
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
