/* SPDX-License-Identifier: MIT */
/* PNG (W3C Recommendation, second edition; ISO/IEC 15948): decoder of every kind, encoder. No allocation but from the caller's arena. */
#ifndef VISION_PNG_H
#define VISION_PNG_H

#include "vision/codec.h"
#include "vision/image.h"

enum png_color { PNG_GRAY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GRAY_ALPHA = 4, PNG_RGB_ALPHA = 6 };

/* What the head of a file says. */
struct png_info {
    int width, height;              /* 1..IMAGE_MAX_SIDE */
    int depth;                      /* bits per sample: 1, 2, 4, 8, 16 */
    enum png_color color;
    bool interlaced;                /* Adam7 */
};

/* Reads signature and head from position 0 of `in`. No scratch. DATA: not a PNG, or damaged; SIZE: a side beyond IMAGE_MAX_SIDE. */
int png_file_info(struct stream *in, struct png_info *info);

/* Scratch of the decoder besides rows and the window of its compressed data. */
#define PNG_DECODE_SCRATCH 11264

/* Decodes the file that begins at position 0 of `in` into dst->data, row by row. In: dst->format (binary, grayscale or RGB565), dst->data,
   and dst->width, height equal to the picture's. Samples of 16 bits are rounded to 8, fewer bits scaled to 0..255; colour becomes gray by
   (38 r + 75 g + 15 b) >> 7, and gray binary when above 127. Transparency is left out: alpha and tRNS do not change the colours.
   Scratch: PNG_DECODE_SCRATCH + 3 rows of the file + min(window, raw) + 384 + 2 w. Window: what the compressed data name, 32 KiB at
   most; raw: the bytes of the picture's rows and a byte for each. (The picture cannot serve as the window, which holds filtered bytes.)
   Checked: CRC-32 of every chunk that must be understood, Adler-32, IEND. Ancillary chunks are passed over, damaged or not.
   Errors: DATA (damaged or truncated: rows decoded so far stay), UNSUPPORTED (a critical chunk that the specification does not know),
   SIZE (dst's sides, or more than 4 GiB), FORMAT (dst's format), MEMORY, and whatever the stream returns. */
int png_decode(struct stream *in, struct image *dst, struct arena *arena);

/* Scratch of the encoder besides rows. */
#define PNG_ENCODE_SCRATCH 52224

/* Writes the region `roi` (NULL: everything) of `img`, a raw format, as a PNG file: binary with 1 bit per pixel, grayscale with 8, all
   others as RGB with 8 bits per channel. Filters are chosen row by row by the least sum of absolute differences (PNG, 12.8).
   Scratch: PNG_ENCODE_SCRATCH + 5 rows of the file.
   Errors: FORMAT (img is compressed), ROI, MEMORY, and whatever write returns. After an error the stream holds the beginning of a file. */
int png_encode(const struct image *img, const struct rect *roi, struct stream *out, struct arena *arena);

/* Writes the file into the arena, which keeps it: file->data, file->size. MEMORY when it has no room. */
int png_encode_scratch(const struct image *img, struct memory_stream *file, struct arena *arena);

#endif
