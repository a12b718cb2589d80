/* SPDX-License-Identifier: MIT */
/* Printing as NumPy does: str() the numbers, repr() what makes the array again, both shortened when there are many. */
#include "modules/ndarray/py_ndarray.h"

enum { SHORTEN = 1000, EDGE = 3 };  /* more elements than this: so many at each end of each axis */

struct style {
    const mp_print_t *print;
    mp_obj_t object;
    bool repr, shorten;
    int ndim;
};

static void separator(const struct style *s, int depth)
{
    int lines = s->ndim - depth - 1;

    mp_print_str(s->print, s->repr ? "," : "");
    if (lines == 0) {
        mp_print_str(s->print, " ");
        return;
    }
    for (int i = 0; i < lines; i++) {
        mp_print_str(s->print, "\n");
    }
    for (int i = -1; i < depth + (s->repr ? 6 : 0); i++) {
        mp_print_str(s->print, " ");
    }
}

/* As deep as the array has dimensions, which is ND_DIMS at most. */
static void print_axis(const struct style *s, const struct nd *a, int depth)
{
    size_t n = a->shape[0];

    if (a->ndim == 0) {
        py_ndarray_get(s->object);          /* each time: what is printed to may be a script's code, and resize the buffer */
        mp_obj_print_helper(s->print, py_ndarray_item(a->type, a->data), PRINT_REPR);
        return;
    }
    mp_print_str(s->print, "[");
    for (size_t i = 0; i < n; i++) {
        if (i) {
            separator(s, depth);
        }
        if ((s->shorten || n > SHORTEN) && n > 2 * EDGE && i == EDGE) {
            mp_print_str(s->print, "...");
            i = n - EDGE;
            separator(s, depth);
        }
        struct nd part = *a;
        nd_drop_axis(&part, 0, i);
        print_axis(s, &part, depth + 1);
    }
    mp_print_str(s->print, "]");
}

void py_ndarray_print(const mp_print_t *print, mp_obj_t object, mp_print_kind_t kind)
{
    const struct nd *a = &py_ndarray_get(object)->array;
    const struct style style = {print, object, kind == PRINT_REPR, nd_count(a) > SHORTEN, a->ndim};

    if (style.repr) {
        mp_print_str(print, "array(");
    }
    print_axis(&style, a, 0);
    if (style.repr) {
        mp_printf(print, ", dtype=%s)", nd_types[a->type].name);
    }
}
