/* SPDX-License-Identifier: MIT */
/* What is done to each element by itself: copies, operators, functions. */
#include <string.h>

#include "modules/ndarray/core/nd_kernel.h"

static size_t piece(size_t length, size_t done)
{
    return length - done < ND_CHUNK ? length - done : ND_CHUNK;
}

/* The rows of all arrays, of these types, are floats without gaps: kernels work on them as they lie, and as long as they are. */
static bool is_direct(const struct nd_loop *loop, enum nd_type types)
{
    bool direct = types == ND_FLOAT;

    for (int i = 0; i < loop->arrays; i++) {
        direct &= loop->stride[i] == sizeof(float) && !((uintptr_t)loop->data[i] % sizeof(float));
    }
    return direct;
}

/* Arrays expanded to out's shape, out being the first: the loop over their rows. False when there is nothing to do; ND_E_SHAPE in *error. */
static bool start(struct nd_loop *loop, const struct nd *const arrays[], int n, int *error)
{
    struct nd views[ND_OPERANDS];
    const struct nd *expanded[ND_OPERANDS];

    for (int i = 0; i < n; i++) {
        *error = nd_expand(&views[i], arrays[i], arrays[0]->ndim, arrays[0]->shape);
        if (*error < 0) {
            return false;
        }
        expanded[i] = &views[i];
    }
    return nd_loop_start(loop, expanded, n);
}

#define COPY(size)                                                                  \
    for (size_t i = 0; i < n; i++, to += to_stride, from += from_stride) {          \
        memcpy(to, from, size);                                                     \
    }                                                                               \
    break

/* Elements of the same size that need no conversion. */
static void copy_row(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from, ptrdiff_t from_stride, size_t size, size_t n)
{
    if (to_stride == (ptrdiff_t)size && from_stride == (ptrdiff_t)size) {
        memmove(to, from, n * size);
        return;
    }
    switch (size) {                 /* constants become single loads and stores */
    case 1:
        COPY(1);
    case 2:
        COPY(2);
    default:
        COPY(4);
    }
}

int nd_copy(const struct nd *out, const struct nd *a)
{
    const struct nd *const arrays[] = {out, a};
    bool same = out->type == a->type;
    struct nd_loop loop;
    union nd_row room;
    int error = ND_OK;

    if (!start(&loop, arrays, 2, &error)) {
        return error;
    }
    do {
        uint8_t *to = loop.data[0], *from = loop.data[1];
        if (same) {
            copy_row(to, loop.stride[0], from, loop.stride[1], nd_types[a->type].size, loop.length);
            continue;
        }
        for (size_t done = 0, n; done < loop.length; done += n) {
            n = piece(loop.length, done);
            if (a->type == ND_FLOAT) {
                nd_store_floats(to, loop.stride[0], out->type, n, nd_load_floats(from, loop.stride[1], a->type, n, &room));
            } else {
                nd_store_ints(to, loop.stride[0], out->type, n, nd_load_ints(from, loop.stride[1], a->type, n, &room));
            }
            to += (ptrdiff_t)n * loop.stride[0];
            from += (ptrdiff_t)n * loop.stride[1];
        }
    } while (nd_loop_next(&loop));
    return ND_OK;
}

/* A row of inputs as the kernel takes them. */
static const void *load(const struct nd_loop *loop, int i, size_t done, size_t n, enum nd_type type, bool floats, union nd_row *room)
{
    const uint8_t *data = loop->data[i] + (ptrdiff_t)done * loop->stride[i];

    return floats ? (const void *)nd_load_floats(data, loop->stride[i], type, n, room) : (const void *)nd_load_ints(data, loop->stride[i], type, n, room);
}

/* Where the kernel's results go: straight into floats without gaps, else into room. */
static void *target(uint8_t *data, ptrdiff_t stride, enum nd_type type, bool floats, union nd_row *room)
{
    return floats && type == ND_FLOAT && stride == sizeof(float) && !((uintptr_t)data % sizeof(float)) ? (void *)data : room;
}

static void store(uint8_t *data, ptrdiff_t stride, enum nd_type type, bool floats, size_t n, const void *row)
{
    if (floats) {
        nd_store_floats(data, stride, type, n, row);
    } else {
        nd_store_ints(data, stride, type, n, row);
    }
}

int nd_binary(enum nd_binary_op op, const struct nd *out, const struct nd *a, const struct nd *b)
{
    const struct nd_binary_kernels *k = &nd_binary_kernels[op];
    int type = nd_binary_type(op, a->type, b->type);
    bool floats = k->kind == ND_KIND_COMPARE ? a->type == ND_FLOAT || b->type == ND_FLOAT : type == ND_FLOAT;
    bool float_result = floats && k->kind != ND_KIND_COMPARE;
    const struct nd *const arrays[] = {out, a, b};
    struct nd_loop loop;
    union nd_row room_a, room_b, room_out;
    int error = ND_OK;

    if (type < 0) {
        return type;
    }
    if (!start(&loop, arrays, 3, &error)) {
        return error;
    }
    do {
        bool direct = float_result && is_direct(&loop, a->type == ND_FLOAT && b->type == ND_FLOAT ? out->type : ND_BOOL);
        for (size_t done = 0, n; done < loop.length && !error; done += n) {
            n = direct ? loop.length : piece(loop.length, done);
            uint8_t *to = loop.data[0] + (ptrdiff_t)done * loop.stride[0];
            void *row = target(to, loop.stride[0], out->type, float_result, &room_out);
            const void *row_a = load(&loop, 1, done, n, a->type, floats, &room_a), *row_b = load(&loop, 2, done, n, b->type, floats, &room_b);
            if (floats) {
                k->floats(row, row_a, row_b, n);
            } else {
                error = k->ints(row, row_a, row_b, n);
            }
            if (!error) {
                store(to, loop.stride[0], out->type, float_result, n, row);
            }
        }
    } while (!error && nd_loop_next(&loop));
    return error;
}

int nd_unary(enum nd_unary_op op, const struct nd *out, const struct nd *a)
{
    const struct nd_unary_kernels *k = &nd_unary_kernels[op];
    int type = nd_unary_type(op, a->type);
    bool floats = a->type == ND_FLOAT || !k->ints, float_result = floats && type != ND_BOOL;
    const struct nd *const arrays[] = {out, a};
    struct nd_loop loop;
    union nd_row room, room_out;
    int error = ND_OK;

    if (type < 0) {
        return type;
    }
    if (!start(&loop, arrays, 2, &error)) {
        return error;
    }
    do {
        for (size_t done = 0, n; done < loop.length; done += n) {
            n = piece(loop.length, done);
            uint8_t *to = loop.data[0] + (ptrdiff_t)done * loop.stride[0];
            void *row = target(to, loop.stride[0], out->type, float_result, &room_out);
            const void *in = load(&loop, 1, done, n, a->type, floats, &room);
            if (k->function) {
                nd_apply(row, in, n, k->function);
            } else if (floats) {
                k->floats(row, in, n);
            } else {
                k->ints(row, in, n, a->type);
            }
            store(to, loop.stride[0], out->type, float_result, n, row);
        }
    } while (nd_loop_next(&loop));
    return ND_OK;
}

int nd_where(const struct nd *out, const struct nd *condition, const struct nd *a, const struct nd *b)
{
    const struct nd *const arrays[] = {out, condition, a, b};
    struct nd_loop loop;
    union nd_row room_c, room_a, room_b, room_out;
    int error = ND_OK;

    if (!start(&loop, arrays, 4, &error)) {
        return error;
    }
    do {
        for (size_t done = 0, n; done < loop.length; done += n) {
            n = piece(loop.length, done);
            const float *if_true = load(&loop, 2, done, n, a->type, true, &room_a), *if_false = load(&loop, 3, done, n, b->type, true, &room_b);
            const float *c = load(&loop, 1, done, n, condition->type, true, &room_c);
            for (size_t i = 0; i < n; i++) {
                room_out.floats[i] = c[i] != 0 ? if_true[i] : if_false[i];
            }
            nd_store_floats(loop.data[0] + (ptrdiff_t)done * loop.stride[0], loop.stride[0], out->type, n, room_out.floats);
        }
    } while (nd_loop_next(&loop));
    return ND_OK;
}
