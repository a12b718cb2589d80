/* SPDX-License-Identifier: MIT */
/* Deflate: the compressor of zlib streams (RFC 1950, RFC 1951), with a window of 8 KiB, blocks of 14 KiB and more, and codes made for each. */
#ifndef VISION_DEFLATE_H
#define VISION_DEFLATE_H

#include "vision/image.h"

struct deflate;

/* Scratch: so many bytes; less for a stream shorter than 22 KiB, by the difference. */
#define DEFLATE_SCRATCH 50176

/* Begins a stream of `size` bytes in all. `write` gets it in pieces of up to DEFLATE_PIECE bytes, and returns < 0 to stop.
   NULL: the arena is too small. */
#define DEFLATE_PIECE 4096
struct deflate *deflate_open(int (*write)(void *context, const uint8_t *data, size_t size), void *context, size_t size, struct arena *arena);

/* The next bytes, `size` of deflate_open in all; and the end. Return what `write` did when it failed, else 0. */
int deflate_write(struct deflate *z, const uint8_t *data, size_t size);
int deflate_close(struct deflate *z);

/* Lengths of a prefix code for symbols of these frequencies, none longer than `longest` bits: that of Huffman, where it is no longer, else
   nearly so. Symbols that do not occur get 0; a single one gets 1. `work`: count words. count <= 288, frequencies below 2^23. */
void deflate_code_lengths(const uint32_t *frequencies, int count, int longest, uint8_t *lengths, uint32_t *work);

#endif
