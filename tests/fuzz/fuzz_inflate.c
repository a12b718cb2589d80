/* SPDX-License-Identifier: MIT */
/* Any bytes as a zlib stream: the first two choose how much may come of it and the pieces it arrives in. Whatever comes is compressed again,
   which must succeed and come back the same. */
#include <stdlib.h>
#include <string.h>

#include "vision/deflate.h"
#include "vision/inflate.h"

enum { LARGEST = 1 << 16, PACKED = LARGEST + LARGEST / 8 + 1024 };

struct pipe { const uint8_t *data; size_t size, at, piece; uint8_t *out; size_t made, room; };

static void expect(int condition)
{
    if (!condition) {
        abort();
    }
}

static int fill(void *context, uint8_t *data, size_t size)
{
    struct pipe *p = context;
    size_t n = p->size - p->at < p->piece ? p->size - p->at : p->piece;

    n = n < size ? n : size;
    memcpy(data, p->data + p->at, n);
    p->at += n;
    return (int)n;
}

static int keep(void *context, const uint8_t *data, size_t size)
{
    struct pipe *p = context;

    expect(size <= p->room - p->made);
    memcpy(p->out + p->made, data, size);
    p->made += size;
    return 0;
}

static int unpack(struct pipe *p, size_t room)
{
    const struct inflate_calls calls = {fill, keep, p};
    struct arena arena = {.base = malloc(room), .size = room};
    int err = inflate_zlib(&calls, p->room, &arena);

    expect(arena.used == 0);
    free(arena.base);
    return err;
}

static void pack_again(const struct pipe *p)
{
    static uint8_t packed[PACKED];
    struct pipe out = {.out = packed, .room = PACKED};
    size_t n = p->made, room = DEFLATE_SCRATCH - (n < 22528 ? 22528 - n : 0);
    struct arena arena = {.base = malloc(room), .size = room};
    struct deflate *z = deflate_open(keep, &out, n, &arena);

    expect(z != NULL && deflate_write(z, p->out, n) == 0 && deflate_close(z) == 0);
    free(arena.base);
    struct pipe in = {.data = packed, .size = out.made, .piece = 512, .out = malloc(n + 1), .room = n};
    expect(unpack(&in, INFLATE_SCRATCH + (n < 8192 ? n : 8192) + 384) == 0 && in.made == n && memcmp(in.out, p->out, n) == 0);
    free(in.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2) {
        return 0;
    }
    size_t largest = data[0] & 1 ? LARGEST : (size_t)data[0] * 8, ring = largest < 32768 ? largest : 32768;
    struct pipe p = {.data = data + 2, .size = n - 2, .piece = data[1] + 1u, .out = malloc(largest + 1), .room = largest};
    int err = unpack(&p, INFLATE_SCRATCH + ring + 384);

    expect(err == 0 || err == VISION_E_DATA);
    if (err == 0) {
        pack_again(&p);
    }
    free(p.out);
    return 0;
}
