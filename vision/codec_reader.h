/* SPDX-License-Identifier: MIT */
/* Buffered reading of a stream, for codecs that take bytes one by one. */
#ifndef VISION_CODEC_READER_H
#define VISION_CODEC_READER_H

#include "vision/codec.h"

enum { READER_BYTES = 512 };

struct reader {
    struct stream *in;
    uint8_t *buffer;            /* READER_BYTES */
    size_t size, position;
    int error;                  /* of the stream; reads then see its end */
};

/* Reads from position 0 of the stream. Takes READER_BYTES from the arena. */
int reader_open(struct reader *r, struct stream *in, struct arena *arena);

/* The next byte, or -1 at the end or after an error. */
int reader_byte(struct reader *r);

/* Exactly n bytes; VISION_E_DATA if the stream ends before, or its own error. */
int reader_bytes(struct reader *r, void *data, size_t n);

/* Passes over n bytes. */
int reader_skip(struct reader *r, uint32_t n);

#endif
