/* SPDX-License-Identifier: MIT */
/* Picture files: finding out what a stream holds, reading and writing it. One table of codecs: BMP, PPM/PGM, JPEG and PNG plug in. */
#ifndef VISION_CODEC_H
#define VISION_CODEC_H

#include "vision/image.h"

/* Bytes in or out; a file, memory, a socket. Each call returns < 0 when it fails (VISION_E_DATA is passed on). */
struct stream {
    int (*read)(void *context, void *data, size_t size);            /* bytes read; fewer than size only at the end */
    int (*write)(void *context, const void *data, size_t size);     /* 0 when everything was written */
    int (*seek)(void *context, uint32_t position);                  /* absolute; 0 when done */
    void *context;
};

/* A stream over memory: reads 0..size, writes up to capacity (VISION_E_SPACE past it, size follows). */
struct memory_stream { uint8_t *data; size_t size, capacity, position; };
struct stream memory_stream_open(struct memory_stream *memory);

/* What a file holds, known from its head. */
struct codec_info {
    const struct codec *codec;
    int width, height;
    enum pixel_format format;       /* what codec->read will produce: binary, grayscale, RGB565, or JPEG / PNG (the file itself) */
    size_t bytes;                   /* of the image's data */
};

struct codec_write_options {
    const struct rect *roi;         /* NULL: everything */
    int quality;                    /* 1..100, JPEG */
    int subsampling;                /* 0 automatic, 0x11, 0x21, 0x22, JPEG */
};
#define CODEC_WRITE_DEFAULTS ((struct codec_write_options){.quality = 50})

struct codec {
    const char *name;
    const char *const *extensions;  /* lower case, without dot, ends with NULL */
    bool (*probe)(const uint8_t *head, size_t size);    /* the first up to 16 bytes */
    int (*read_info)(struct stream *in, struct codec_info *info, struct arena *arena);
    int (*read)(struct stream *in, struct image *img, struct arena *arena);
    int (*write)(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena);
};
extern const struct codec codec_bmp, codec_jpeg, codec_pnm, codec_png;

/* What is in the stream (read from position 0). UNSUPPORTED: no codec knows it; DATA: damaged head. Scratch: 2 KiB. */
int codec_read_info(struct stream *in, struct codec_info *info, struct arena *arena);

/* Reads the picture described by `info` into img->data, which has room for info->bytes; sets the other fields of img.
   Truncated or damaged data: VISION_E_DATA, and the pixels read so far stay. Scratch: a row of the file + 2 KiB. */
int codec_read(struct stream *in, const struct codec_info *info, struct image *img, struct arena *arena);

/* The codec for a file name's extension, upper or lower case; NULL when there is none. */
const struct codec *codec_from_name(const char *name, size_t length);

/* Writes img (mutable formats; Bayer, YUV as RGB; compressed ones as they are, when the codec is theirs). */
int codec_write(struct stream *out, const struct codec *codec, const struct image *img, const struct codec_write_options *options,
                struct arena *arena);

#endif
