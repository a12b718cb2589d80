/* SPDX-License-Identifier: MIT */
/* JPEG (ITU-T T.81, JFIF 1.02): baseline encoder, sequential Huffman decoder. No allocation but from the caller's arena. */
#ifndef VISION_JPEG_H
#define VISION_JPEG_H

#include "vision/codec.h"
#include "vision/image.h"

/* Chroma subsampling as horizontal << 4 | vertical factor of luma. */
enum jpeg_subsampling {
    JPEG_SUBSAMPLING_AUTO = 0,      /* 4:4:4 from quality 60 on, 4:2:2 from 35 on, 4:2:0 below */
    JPEG_SUBSAMPLING_444 = 0x11,
    JPEG_SUBSAMPLING_422 = 0x21,
    JPEG_SUBSAMPLING_420 = 0x22,
};

struct jpeg_encode_options {
    int quality;                    /* 1..100: scales the tables of T.81 annex K as is customary (50 = as printed) */
    int subsampling;                /* enum jpeg_subsampling; without meaning for gray pictures */
    int restart_interval;           /* MCUs between restart markers, 0..65535; 0: none */
};
#define JPEG_ENCODE_DEFAULTS ((struct jpeg_encode_options){.quality = 90})

/* Scratch of the encoder besides rows: tables and output buffer. */
#define JPEG_ENCODE_SCRATCH 11008

/* Writes `img` as a JPEG file to out->write. Raw formats: binary and grayscale become gray files, all others YCbCr.
   Scratch: JPEG_ENCODE_SCRATCH bytes for grayscale, RGB565 and YUV422. Binary needs 8 rows of bytes more (8 * width), Bayer up to 16
   rows of RGB565 (32 * width).
   Errors: ARGUMENT (an option), FORMAT (img is compressed), SIZE (a side outside 1..IMAGE_MAX_SIDE), MEMORY, and whatever write
   returns (a memory_stream: SPACE). After an error the stream holds the beginning of a file. */
int jpeg_encode(const struct image *img, const struct jpeg_encode_options *options, struct stream *out, struct arena *arena);

/* The same into scratch, all of it if need be: file->data lies in the arena, file->size bytes of it are the file. MEMORY rather than SPACE. */
int jpeg_encode_scratch(const struct image *img, const struct jpeg_encode_options *options, struct memory_stream *file, struct arena *arena);

/* A picture that comes in bands, from the top down: for what is made while it is encoded. */
struct jpeg_source {
    int width, height;              /* 1..IMAGE_MAX_SIDE */
    enum pixel_format format;       /* of the rows: grayscale, RGB565, YUV422 or YVU422 */
    int (*rows)(void *context, int y, int count, uint8_t *pixels);  /* fills `count` whole rows from row y on; < 0 stops */
    void *context;
};

/* The same for such a source. Scratch: JPEG_ENCODE_SCRATCH + 16 rows at most. */
int jpeg_encode_rows(const struct jpeg_source *source, const struct jpeg_encode_options *options, struct stream *out,
                     struct arena *arena);

/* What the head of a file says. */
struct jpeg_info {
    int width, height;              /* up to 65535; height 0: not known from the head (not supported) */
    int components;                 /* 1 gray, 3 colour, 4 CMYK */
    int subsampling;                /* largest sampling factors, horizontal << 4 | vertical: 0x11, 0x21, 0x12, 0x22, 0x41 ... */
    bool supported;                 /* jpeg_decode reads this kind (not progressive, arithmetic, lossless, 12 bits, CMYK) */
    bool progressive;
};

/* Reads the head of a JPEG from `in`'s present position on. No scratch. DATA: not a JPEG, or damaged before its frame header. */
int jpeg_read_info(struct stream *in, struct jpeg_info *info);

struct jpeg_decode_options {
    int scale;                      /* 1, 2, 4 or 8: the picture is made that much smaller, sides rounded up */
};
#define JPEG_DECODE_DEFAULTS ((struct jpeg_decode_options){.scale = 1})

/* Scratch of the decoder besides its band of component rows, with the four Huffman tables of nearly all files; each further one: 2.5 KiB. */
#define JPEG_DECODE_SCRATCH 16384

/* Decodes the file at `in`'s present position into dst->data; reads somewhat beyond its end. In: dst->format (binary, grayscale or
   RGB565), dst->data, and dst->width, height equal to the picture's after scaling: (side + scale - 1) / scale. Chroma is repeated, not
   interpolated; samples are within 1 of what libjpeg's slow integer method gives.
   Scratch: JPEG_DECODE_SCRATCH, and, with w = width rounded up to whole MCUs and V the vertical sampling factor:
   grayscale, and RGB565 of 4:4:4 at scale 1, nothing more; RGB565 else a row of MCUs, 24 w / scale bytes for 4:4:4, 16 w for 4:2:2,
   24 w for 4:2:0, 8 V w (1 + what chroma has of it) in general, and 3 w for samplings other than these; binary and gray files to
   RGB565 8 V w / scale.
   Files with one scan for each component would take the memory of a whole picture and are refused (UNSUPPORTED), but for gray output,
   which needs only the first.
   Errors: DATA (damaged or truncated: rows decoded so far stay), UNSUPPORTED (see jpeg_info.supported), SIZE (dst's sides),
   FORMAT (dst's format), ARGUMENT (scale), MEMORY, and whatever read returns. */
int jpeg_decode(struct stream *in, const struct jpeg_decode_options *options, struct image *dst, struct arena *arena);

#endif
