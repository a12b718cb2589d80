/* SPDX-License-Identifier: MIT */
/* On boards without ndarray: to_ndarray() says so, and no argument of Image() is one. */
#include "modules/image/py_image.h"
#include "modules/image/py_scratch.h"

static mp_obj_t py_image_to_ndarray(size_t n_args, const mp_obj_t *args, mp_map_t *kw)
{
    raise_unavailable();
}
MP_DEFINE_CONST_FUN_OBJ_KW(py_image_to_ndarray_obj, 0, py_image_to_ndarray);

mp_obj_t py_image_from_array(mp_obj_t object, mp_obj_t buffer, bool copy_to_fb)
{
    return MP_OBJ_NULL;
}
