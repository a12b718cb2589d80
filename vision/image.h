/* SPDX-License-Identifier: MIT */
/* The image: size, pixel format, data. Everything in vision/ works on this one type. */
#ifndef VISION_IMAGE_H
#define VISION_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pixel formats. The values are the codes of the host protocol (flags | id << 16 | sub << 8 | bytes per pixel). */
enum pixel_format {
    PIXFORMAT_BINARY = 0x08010000,      /* 1 bit per pixel, rows padded to 32-bit words, bit 0 of a word = leftmost pixel */
    PIXFORMAT_GRAYSCALE = 0x08020001,   /* 1 byte per pixel */
    PIXFORMAT_RGB565 = 0x0C030002,      /* uint16_t in host byte order: red in bits 15-11, green 10-5, blue 4-0 */
    PIXFORMAT_BAYER_BGGR = 0x05040001,  /* 1 byte per pixel; the first row reads B G B G */
    PIXFORMAT_BAYER_GBRG = 0x05040101,
    PIXFORMAT_BAYER_GRBG = 0x05040201,
    PIXFORMAT_BAYER_RGGB = 0x05040301,
    PIXFORMAT_YUV422 = 0x14050002,      /* Y0 U Y1 V */
    PIXFORMAT_YVU422 = 0x14050102,      /* Y0 V Y1 U */
    PIXFORMAT_JPEG = 0x06060000,        /* a whole file, image.size bytes */
    PIXFORMAT_PNG = 0x06070000,
};

/* Why a vision function failed. 0 and positive numbers are success (often a count). */
enum vision_error {
    VISION_OK = 0,
    VISION_E_ARGUMENT = -1,     /* an option is out of its documented range */
    VISION_E_FORMAT = -2,       /* the operation does not take this pixel format */
    VISION_E_MEMORY = -3,       /* the arena is too small */
    VISION_E_ROI = -4,          /* the region of interest does not meet the image */
    VISION_E_DATA = -5,         /* the file or stream is not valid */
    VISION_E_UNSUPPORTED = -6,  /* the file is valid, but of a kind we do not read (progressive JPEG ...) */
    VISION_E_SPACE = -7,        /* the output does not fit in the buffer given */
    VISION_E_SIZE = -8,         /* the image's size does not fit the operation */
    VISION_E_CALLBACK = -9,     /* a caller's callback asked to stop */
};

/* One line of English for an error of enum vision_error; never NULL. */
const char *vision_strerror(int error);

/* An image does not own its data. Rows follow each other without padding (binary: see above). */
struct image {
    int width, height;          /* pixels, both > 0 */
    enum pixel_format format;
    size_t size;                /* bytes of a JPEG or PNG; 0 for raw formats */
    uint8_t *data;              /* 4-byte aligned */
};

struct point { int x, y; };
struct rect { int x, y, w, h; };

/* Scratch memory of one call: a stack that the caller provides. Nothing in vision/ allocates in any other way. */
struct arena {
    uint8_t *base;
    size_t size;
    size_t used;
    size_t peak;                /* highest `used` so far: what the call really needed */
    size_t missed;              /* what `used` would be if the last request that failed had been granted: at least that was needed; 0: none failed */
};

/* `bytes` of scratch aligned to 8, or NULL when the arena is exhausted. Contents are undefined. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* What is left, and returning to an earlier state: mark = arena->used; ... arena->used = mark; */
size_t arena_available(const struct arena *arena);

/* Longest side of an image: keeps every offset, squared distance and packed coordinate of the library within its type. */
#define IMAGE_MAX_SIDE 32767

/* Families of formats. "mutable" = drawing and most algorithms take it; others are converted first. */
bool pixformat_is_known(enum pixel_format format);
bool pixformat_is_mutable(enum pixel_format format);    /* binary, grayscale, RGB565 */
bool pixformat_is_bayer(enum pixel_format format);
bool pixformat_is_yuv(enum pixel_format format);
bool pixformat_is_compressed(enum pixel_format format); /* JPEG, PNG */
bool pixformat_has_color(enum pixel_format format);     /* RGB565, Bayer, YUV */

/* Bytes of one row of `width` pixels; 0 for compressed formats. */
size_t pixformat_row_bytes(enum pixel_format format, int width);

/* Bytes of the data of such an image; 0 if the format is compressed or a side is not within 1..IMAGE_MAX_SIDE. */
size_t pixformat_image_bytes(enum pixel_format format, int width, int height);

/* Fills `img` to describe `data`, which must have room for `capacity` bytes. VISION_E_SIZE: bad sides; VISION_E_FORMAT: not a raw
   format; VISION_E_SPACE: capacity too small. The pixels are left as they are. */
int image_init(struct image *img, int width, int height, enum pixel_format format, uint8_t *data, size_t capacity);

/* Bytes of img->data: of the pixels, or of the file when compressed. */
size_t image_bytes(const struct image *img);

/* First byte of row y, 0 <= y < height, of a raw image. */
uint8_t *image_row(const struct image *img, int y);

/* The part of `a` within `b`; w = h = 0 when there is none. Any int values are safe. */
struct rect rect_intersect(struct rect a, struct rect b);

/* Smallest rect that holds both. */
struct rect rect_unite(struct rect a, struct rect b);

/* `roi` (NULL: everything) clipped to the image, into `out`. VISION_E_ROI when nothing is left. */
int image_clip(const struct image *img, const struct rect *roi, struct rect *out);

/* Native value of a pixel: binary 0/1, gray and Bayer 0..255, RGB565 the 16 bits, YUV422 luma | chroma << 8.
   VISION_E_ROI outside the image, VISION_E_FORMAT when compressed. */
int image_get_pixel(const struct image *img, int x, int y, uint32_t *value);

/* Writes a native value, cut to the format's bits (binary: anything but 0 sets). Same errors as above. */
int image_set_pixel(struct image *img, int x, int y, uint32_t value);

/* Copies the region `roi` (NULL: everything) of `src`, any raw format, to `dst`, whose width and height are set to the region's and
   whose format and size are src's (compressed formats take no roi: VISION_E_FORMAT). dst->data must hold the result; it may be src->data.
   A Bayer or YUV region with an odd corner takes the format of the pattern that it shows (BGGR from x = 1: GBRG; YUV422: YVU422). */
int image_copy(struct image *dst, const struct image *src, const struct rect *roi);

/* Sets every pixel (where `mask` is set, if not NULL) to 0. mask: any mutable format, at least as large as img. */
int image_clear(struct image *img, const struct image *mask);

#endif
