/* SPDX-License-Identifier: MIT */
/* Inflate: the decompressor of zlib streams (RFC 1950, RFC 1951), through a ring of the last bytes. */
#ifndef VISION_INFLATE_H
#define VISION_INFLATE_H

#include "vision/image.h"

/* Where the compressed bytes come from and where the others go. Both return < 0 to stop, which inflate_zlib passes on. */
struct inflate_calls {
    int (*fill)(void *context, uint8_t *data, size_t size);         /* bytes given, 1..size; 0: there are no more */
    int (*take)(void *context, const uint8_t *data, size_t size);   /* the next bytes of the result, in order */
    void *context;
};

/* Scratch besides the ring, which is min(window, largest) + 384 bytes; the stream's head names its window, 256 bytes to 32 KiB. */
#define INFLATE_SCRATCH 8192

#define INFLATE_GUESS 262

/* Decompresses one whole stream. `largest`: bytes of the result; a stream that gives more is damaged, and stops there.
   Compressed bytes behind the stream's end are not asked for, but the last ones asked for may lie behind it.
   Errors: DATA (damaged, truncated, wrong Adler-32, wants a dictionary; what was decompressed before has been taken, and, at the end of a
   truncated stream, up to INFLATE_GUESS bytes without meaning), MEMORY, and what the calls return. Time and memory are bounded by the bytes of the stream and by `largest`. */
int inflate_zlib(const struct inflate_calls *calls, size_t largest, struct arena *arena);

/* Adler-32 (RFC 1950, 8.2) of `size` more bytes; begin with 1. */
uint32_t inflate_adler32(uint32_t adler, const uint8_t *data, size_t size);

#endif
