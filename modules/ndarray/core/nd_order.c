/* SPDX-License-Identifier: MIT */
/* Lines of elements in order: sorted, the positions that sort them, their median; and sums up to each. */
#include <math.h>
#include <string.h>

#include "modules/ndarray/core/nd_row.h"

/* A float as an integer in the same order: the bits of a positive one grow with it, those of a negative one fall. What is no number comes last. */
static int32_t key_of(float f)
{
    int32_t bits;

    if (f != f) {
        return INT32_MAX;
    }
    memcpy(&bits, &f, sizeof(bits));
    return bits < 0 ? bits ^ INT32_MAX : bits;
}

static float float_of(int32_t key)
{
    float f;

    if (key == INT32_MAX) {
        return NAN;
    }
    key = key < 0 ? key ^ INT32_MAX : key;
    memcpy(&f, &key, sizeof(f));
    return f;
}

/* Heap sort: no recursion, never slower than n log n. An item is its key and, in argsort, its position, which orders equal ones. */
struct item {
    int32_t key;
    uint32_t position;
};

static bool before(const struct item *a, const struct item *b)
{
    return a->key != b->key ? a->key < b->key : a->position < b->position;
}

#define HEAP_SORT(name, type, less)                                 \
    static void name##_sink(type *items, size_t i, size_t n)        \
    {                                                               \
        type moved = items[i];                                      \
        for (size_t child; (child = 2 * i + 1) < n; i = child) {    \
            if (child + 1 < n && less(items[child], items[child + 1])) { \
                child++;                                            \
            }                                                       \
            if (!(less(moved, items[child]))) {                     \
                break;                                              \
            }                                                       \
            items[i] = items[child];                                \
        }                                                           \
        items[i] = moved;                                           \
    }                                                               \
    static void name##_sort(type *items, size_t n)                  \
    {                                                               \
        for (size_t i = n / 2; i-- > 0;) {                          \
            name##_sink(items, i, n);                               \
        }                                                           \
        for (size_t last = n; last-- > 1;) {                        \
            type largest = items[0];                                \
            items[0] = items[last];                                 \
            items[last] = largest;                                  \
            name##_sink(items, 0, last);                            \
        }                                                           \
    }

#define KEY_LESS(a, b) ((a) < (b))
#define ITEM_LESS(a, b) before(&(a), &(b))
HEAP_SORT(keys, int32_t, KEY_LESS)
HEAP_SORT(items, struct item, ITEM_LESS)

/* ---- One line ---- */

struct line {
    uint8_t *out;
    const uint8_t *in;
    ptrdiff_t out_stride, in_stride;
    enum nd_type out_type, in_type;
    size_t n;
    void *scratch;
};

/* Keys of the line into every `step`-th word of the scratch. */
static void load_keys(const struct line *l, size_t step)
{
    int32_t *keys = l->scratch;
    union nd_row room;

    for (size_t done = 0, n; done < l->n; done += n) {
        const uint8_t *in = l->in + (ptrdiff_t)done * l->in_stride;
        n = l->n - done < ND_CHUNK ? l->n - done : ND_CHUNK;
        if (l->in_type == ND_FLOAT) {
            const float *row = nd_load_floats(in, l->in_stride, l->in_type, n, &room);
            for (size_t i = 0; i < n; i++) {
                keys[(done + i) * step] = key_of(step == 2 ? row[i] + 0.0f : row[i]);   /* -0 and 0 are equal */
            }
        } else {
            const int32_t *row = nd_load_ints(in, l->in_stride, l->in_type, n, &room);
            for (size_t i = 0; i < n; i++) {
                keys[(done + i) * step] = row[i];
            }
        }
    }
}

static float key_value(const struct line *l, int32_t key)
{
    return l->in_type == ND_FLOAT ? float_of(key) : (float)key;
}

static void sort(const struct line *l)
{
    int32_t *keys = l->scratch;

    load_keys(l, 1);
    keys_sort(keys, l->n);
    for (size_t i = 0; i < l->n; i++) {
        uint8_t *to = l->out + (ptrdiff_t)i * l->out_stride;
        if (l->in_type == ND_FLOAT) {
            float f = float_of(keys[i]);
            nd_store_floats(to, 0, l->out_type, 1, &f);
        } else {
            nd_store_ints(to, 0, l->out_type, 1, &keys[i]);
        }
    }
}

static void argsort(const struct line *l)
{
    struct item *items = l->scratch;

    load_keys(l, 2);
    for (size_t i = 0; i < l->n; i++) {
        items[i].position = (uint32_t)i;
    }
    items_sort(items, l->n);
    for (size_t i = 0; i < l->n; i++) {
        int32_t position = (int32_t)items[i].position;
        nd_store_ints(l->out + (ptrdiff_t)i * l->out_stride, 0, l->out_type, 1, &position);
    }
}

/* Not-a-number if there is one: it is last then. */
static void median(const struct line *l)
{
    int32_t *keys = l->scratch;
    float result = NAN;

    load_keys(l, 1);
    keys_sort(keys, l->n);
    if (l->n) {
        float last = key_value(l, keys[l->n - 1]), high = key_value(l, keys[l->n / 2]), low = key_value(l, keys[(l->n - 1) / 2]);
        result = last != last ? last : low == high ? low : low / 2 + high / 2;
    }
    nd_store_floats(l->out, 0, l->out_type, 1, &result);
}

static void cumsum(const struct line *l)
{
    union nd_row room;
    double sum = 0;

    for (size_t i = 0; i < l->n; i++) {
        sum += (double)*nd_load_floats(l->in + (ptrdiff_t)i * l->in_stride, 0, l->in_type, 1, &room);
        float so_far = (float)sum;
        nd_store_floats(l->out + (ptrdiff_t)i * l->out_stride, 0, l->out_type, 1, &so_far);
    }
}

static void (*const line_functions[])(const struct line *) = {
    [ND_SORT] = sort, [ND_ARGSORT] = argsort, [ND_MEDIAN] = median, [ND_CUMSUM] = cumsum,
};

int32_t nd_line_scratch(size_t n)
{
    return n > ND_MAX_BYTES / sizeof(struct item) ? (int32_t)ND_E_SIZE : (int32_t)((n ? n : 1) * sizeof(struct item));
}

int nd_lines(enum nd_line_op op, const struct nd *out, const struct nd *a, int axis, void *scratch)
{
    struct nd in = *a, to = *out;
    const struct nd *const arrays[] = {&to, &in};
    struct nd_loop loop;

    if (op == ND_ARGSORT && a->shape[axis] > (size_t)nd_types[ND_UINT16].high + 1) {
        return ND_E_SIZE;
    }
    nd_drop_axis(&in, axis, 0);
    if (op != ND_MEDIAN) {
        nd_drop_axis(&to, axis, 0);
    }
    if (!nd_loop_start(&loop, arrays, 2)) {
        return ND_OK;
    }
    struct line line = {.out_stride = op == ND_MEDIAN ? 0 : out->strides[axis], .in_stride = a->strides[axis], .out_type = out->type, .in_type = a->type,
                        .n = a->shape[axis], .scratch = scratch};
    do {
        for (size_t i = 0; i < loop.length; i++) {
            line.out = loop.data[0] + (ptrdiff_t)i * loop.stride[0];
            line.in = loop.data[1] + (ptrdiff_t)i * loop.stride[1];
            line_functions[op](&line);
        }
    } while (nd_loop_next(&loop));
    return ND_OK;
}
