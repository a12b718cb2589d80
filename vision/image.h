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
};

/* `bytes` of scratch aligned to 8, or NULL when the arena is exhausted. Contents are undefined. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* What is left, and returning to an earlier state: mark = arena->used; ... arena->used = mark; */
size_t arena_available(const struct arena *arena);

#endif
