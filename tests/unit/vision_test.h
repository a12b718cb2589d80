/* SPDX-License-Identifier: MIT */
/* Helpers of the vision tests: random images, pixels by definition, arenas that run out. A property is tried for many seeds; a failure
   prints the seed, and VISION_SEED=n PROGRAM tries only that one, VISION_SEED=m-n those. */
#ifndef VISION_TEST_H
#define VISION_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vision/color.h"
#include "vision/image.h"

static const enum pixel_format formats[] = {
    PIXFORMAT_BINARY,     PIXFORMAT_GRAYSCALE,  PIXFORMAT_RGB565,     PIXFORMAT_BAYER_BGGR, PIXFORMAT_BAYER_GBRG,
    PIXFORMAT_BAYER_GRBG, PIXFORMAT_BAYER_RGGB, PIXFORMAT_YUV422,     PIXFORMAT_YVU422,
};
enum { MUTABLE_FORMATS = 3, ALL_FORMATS = sizeof formats / sizeof *formats };

static uint64_t random_state;
static unsigned long current_seed;

static inline uint32_t rnd(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 33) * below) >> 31);
}

static inline int between(int low, int high)
{
    return low + (int)rnd((uint32_t)(high - low + 1));
}

/* Runs `property` for seeds 0 .. count - 1, or only for VISION_SEED. */
static inline void for_seeds(void (*property)(void), unsigned long count)
{
    const char *only = getenv("VISION_SEED"), *dash = only ? strchr(only, '-') : NULL;
    unsigned long first = only ? strtoul(only, NULL, 0) : 0, end = dash ? strtoul(dash + 1, NULL, 0) + 1 : only ? first + 1 : count;

    for (current_seed = first; current_seed < end; current_seed++) {
        random_state = current_seed * 7919 + 12345;
        rnd(2);
        property();
    }
}

#define check(condition, ...)                                                                                                              \
    do {                                                                                                                                   \
        if (!(condition)) {                                                                                                                \
            print_error("%s:%d: VISION_SEED=%lu: %s: ", __FILE__, __LINE__, current_seed, #condition);                                    \
            print_error(__VA_ARGS__);                                                                                                      \
            print_error("\n");                                                                                                             \
            fail();                                                                                                                        \
        }                                                                                                                                  \
    } while (0)

#define check_equal(got, expected, ...)                                                                                                    \
    do {                                                                                                                                   \
        long long got_ = (long long)(got), expected_ = (long long)(expected);                                                              \
        if (got_ != expected_) {                                                                                                           \
            print_error("%s:%d: VISION_SEED=%lu: %s is %lld, expected %lld: ", __FILE__, __LINE__, current_seed, #got, got_, expected_);   \
            print_error(__VA_ARGS__);                                                                                                      \
            print_error("\n");                                                                                                             \
            fail();                                                                                                                        \
        }                                                                                                                                  \
    } while (0)

/* Arenas of exactly `size` bytes on the heap, so that the sanitizer sees each byte too many. */
static inline struct arena arena_new(size_t size)
{
    return (struct arena){.base = malloc(size ? size : 1), .size = size};
}

/* Image with room for exactly its pixels (or `capacity`, if larger), zeroed. */
static inline struct image image_new(int w, int h, enum pixel_format format, size_t capacity)
{
    struct image img;
    size_t bytes = pixformat_image_bytes(format, w, h);

    bytes = bytes > capacity ? bytes : capacity;
    assert_int_equal(image_init(&img, w, h, format, calloc(1, bytes), bytes), 0);
    return img;
}

/* Fills with noise, or with few values in patches, so that both speckles and areas occur. Bits that pad a binary row stay 0. */
static inline void image_randomize(struct image *img)
{
    size_t bytes = image_bytes(img);
    bool calm = rnd(2);
    uint8_t value = (uint8_t)rnd(256);

    for (size_t i = 0; i < bytes; i++) {
        if (!calm || rnd(6) == 0) {
            value = (uint8_t)rnd(256);
        }
        img->data[i] = value;
    }
    if (img->format == PIXFORMAT_BINARY && (img->width & 31)) {
        for (int y = 0; y < img->height; y++) {
            ((uint32_t *)(void *)image_row(img, y))[img->width >> 5] &= (1u << (img->width & 31)) - 1;
        }
    }
}

static inline struct image image_random(int w, int h, enum pixel_format format, size_t capacity)
{
    struct image img = image_new(w, h, format, capacity);

    image_randomize(&img);
    return img;
}

static inline struct image image_duplicate(const struct image *img)
{
    struct image copy = *img;

    copy.data = malloc(image_bytes(img));
    memcpy(copy.data, img->data, image_bytes(img));
    return copy;
}

static inline uint32_t pixel(const struct image *img, int x, int y)
{
    uint32_t value = 0;

    assert_int_equal(image_get_pixel(img, x, y, &value), 0);
    return value;
}

/* A region that may begin anywhere, also partly outside; always meets the image. */
static inline struct rect random_roi(const struct image *img)
{
    struct rect r = {between(-3, img->width - 1), between(-3, img->height - 1), 0, 0};

    r.w = between(r.x < 0 ? 1 - r.x : 1, img->width + 4);
    r.h = between(r.y < 0 ? 1 - r.y : 1, img->height + 4);
    return r;
}

/* Gray of a pixel of a mutable format by definition. */
static inline int gray_of(const struct image *img, int x, int y)
{
    uint32_t v = pixel(img, x, y);
    int r = (int)(v >> 11 & 31), g = (int)(v >> 5 & 63), b = (int)(v & 31);

    if (img->format == PIXFORMAT_BINARY) {
        return v ? 255 : 0;
    }
    if (img->format == PIXFORMAT_GRAYSCALE) {
        return (int)v;
    }
    return (38 * (r << 3 | r >> 2) + 75 * (g << 2 | g >> 4) + 15 * (b << 3 | b >> 2)) >> 7;
}

#endif
