/* SPDX-License-Identifier: MIT */
/* Streams of images: a file that grows picture by picture, and a ring of slots in memory. Any format, each picture of its own size. */
#ifndef VISION_IMAGEIO_H
#define VISION_IMAGEIO_H

#include "vision/codec.h"

/* The file. All numbers are little endian; pixels are as in memory (image.h).

     head     0  "\x89IMGSTRM" (8 bytes)
              8  version, 1 (u16)
             10  bytes of this head, 32 (u16)
             12  whole pictures as of the last imageio_mark (u32)
             16  and the byte behind them (u32)
             20  zero
             28  FNV-1a, 32 bits, of the bytes 0 .. 27 (u32)
     record   0  0x4D415246, "FRAM" (u32)
              4  pixel format, enum pixel_format (u32)
              8  width, height (u16 each)
             12  bytes of the picture (u32)
             16  milliseconds since the picture before, 0 for the first (u32)
             20  zero
             28  FNV-1a, 32 bits, of the bytes 0 .. 27 (u32)
             32  the picture

   Only the head is ever written twice, and what it counts is a lower bound: pictures behind it are found by walking on, up to the first record
   that isn't whole. So a file whose end is missing (power cut, full disk) reads as the pictures that came to the disk. */
#define IMAGEIO_VERSION 1
enum { IMAGEIO_HEAD = 32, IMAGEIO_RECORD = 32 };

/* What is known of a picture before its pixels are read. */
struct imageio_frame {
    int width, height;
    enum pixel_format format;
    uint32_t size;                  /* bytes */
    uint32_t ms;                    /* since the picture before */
};

struct imageio_file {
    struct stream *stream;
    uint32_t count, end;            /* whole pictures, and the byte behind the last */
    uint32_t index, at;             /* the next one to be read, and where its record begins */
    uint32_t length;                /* reading: of the file */
};

/* A new file: writes the head. Errors here and below: whatever the stream returns, and those named. */
int imageio_create(struct imageio_file *file, struct stream *stream);

/* Adds a picture. SIZE: sides; FORMAT: unknown; SPACE: the file would pass 4 GiB. After an error it is as if the call hadn't been. */
int imageio_append(struct imageio_file *file, const struct image *img, uint32_t ms);

/* Brings the head up to date; the caller then flushes the stream. */
int imageio_mark(struct imageio_file *file);

/* An existing file of `length` bytes: head, and how many pictures are whole. UNSUPPORTED: another kind of file, or a later version; DATA: cut
   within the head. */
int imageio_open(struct imageio_file *file, struct stream *stream, uint32_t length);

/* The next picture's size and format: 1, or 0 at the end. DATA: damaged; the position stays. */
int imageio_peek(struct imageio_file *file, struct imageio_frame *frame);

/* The picture that imageio_peek has just described, into img->data, which has room for frame->size bytes; sets the other fields and moves on. */
int imageio_read(struct imageio_file *file, const struct imageio_frame *frame, struct image *img);

/* Makes picture `index` the next; 0 .. count (the end). ARGUMENT, DATA. */
int imageio_seek(struct imageio_file *file, uint32_t index);

/* ---- The ring ---- */

struct imageio_ring {
    uint8_t *data;
    size_t slot;                    /* bytes of one */
    uint32_t slots, count, index;   /* count: in use; index: the next to be read or written, 0 .. count */
};

/* Bytes of a ring for `slots` pictures of up to `bytes` each; 0 when that doesn't fit a size_t. */
size_t imageio_ring_bytes(uint32_t slots, size_t bytes);

/* In that memory, 4-byte aligned. */
void imageio_ring_init(struct imageio_ring *ring, uint8_t *memory, uint32_t slots, size_t bytes);

/* Into the next slot, after the last the first. SPACE: larger than a slot. */
int imageio_ring_write(struct imageio_ring *ring, const struct image *img, uint32_t ms);

/* As above; the pixels stay in the ring's memory, behind `pixels`. */
int imageio_ring_peek(const struct imageio_ring *ring, struct imageio_frame *frame, const uint8_t **pixels);

#endif
