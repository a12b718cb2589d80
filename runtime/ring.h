/* SPDX-License-Identifier: MIT */
/* A ring of bytes in memory of the caller. Not guarded: who shares one between contexts masks interrupts around each call. */
#ifndef RUNTIME_RING_H
#define RUNTIME_RING_H

#include <stdint.h>
#include <string.h>

struct ring { uint8_t *data; size_t size, first, used; };

static inline size_t ring_room(const struct ring *r) { return r->size - r->used; }
static inline void ring_clear(struct ring *r) { r->first = r->used = 0; }

/* As much as there is room for; returns how much. */
static inline size_t ring_put(struct ring *r, const void *bytes, size_t n)
{
    n = n < ring_room(r) ? n : ring_room(r);
    size_t at = (r->first + r->used) % r->size, piece = n < r->size - at ? n : r->size - at;
    memcpy(r->data + at, bytes, piece);
    memcpy(r->data, (const uint8_t *)bytes + piece, n - piece);
    r->used += n;
    return n;
}

/* The oldest bytes that lie in one piece: their number, and in *bytes where. ring_drop() takes them out. */
static inline size_t ring_peek(const struct ring *r, const uint8_t **bytes)
{
    *bytes = r->data + r->first;
    return r->used < r->size - r->first ? r->used : r->size - r->first;
}

static inline void ring_drop(struct ring *r, size_t n)
{
    n = n < r->used ? n : r->used;
    r->first = (r->first + n) % r->size;
    r->used -= n;
}

/* All of it; what was there longest makes room, and so does the beginning of more than a ringful. */
static inline void ring_force(struct ring *r, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    if (n > r->size) {
        p += n - r->size;
        n = r->size;
    }
    ring_drop(r, n > ring_room(r) ? n - ring_room(r) : 0);
    ring_put(r, p, n);
}

static inline size_t ring_get(struct ring *r, void *out, size_t n)
{
    size_t done = 0, piece;
    const uint8_t *bytes;
    while (done < n && (piece = ring_peek(r, &bytes)) != 0) {
        piece = piece < n - done ? piece : n - done;
        memcpy((uint8_t *)out + done, bytes, piece);
        ring_drop(r, piece);
        done += piece;
    }
    return done;
}

#endif
