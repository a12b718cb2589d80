/* SPDX-License-Identifier: MIT */
/* Any bytes through the JPEG decoder: the first one chooses format and scale, the second the memory; the rest is the file. Whatever
   decodes is encoded again, which must succeed and decode to a picture of the same size. */
#include <stdlib.h>

#include "vision/jpeg.h"

#define LARGEST (1 << 18)   /* pixels */

static void expect(int condition)
{
    if (!condition) {
        abort();
    }
}

static void encode_again(const struct image *img, const uint8_t *choice)
{
    static const int subsamplings[4] = {0, 0x11, 0x21, 0x22};
    const struct jpeg_encode_options options = {
        .quality = choice[1] % 100 + 1, .subsampling = subsamplings[choice[0] >> 6], .restart_interval = choice[1] >> 5};
    size_t capacity = 2000 + 8 * ((size_t)img->width + 16) * ((size_t)img->height + 16);
    struct arena arena = {.size = JPEG_ENCODE_SCRATCH + 16 * (size_t)img->width};
    struct memory_stream memory = {.data = malloc(capacity), .capacity = capacity};
    struct stream stream = memory_stream_open(&memory);
    struct jpeg_info info;

    arena.base = malloc(arena.size);
    expect(jpeg_encode(img, &options, &stream, &arena) == 0);
    memory.position = 0;
    expect(jpeg_read_info(&stream, &info) == 0 && info.width == img->width && info.height == img->height && info.supported);
    free(arena.base);
    free(memory.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum pixel_format formats[3] = {PIXFORMAT_BINARY, PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565};
    struct jpeg_info info;

    if (n < 2) {
        return 0;
    }
    struct memory_stream memory = {.data = (uint8_t *)(uintptr_t)data + 2, .size = n - 2};
    struct stream stream = memory_stream_open(&memory);
    if (jpeg_read_info(&stream, &info) != 0 || (int64_t)info.width * info.height > LARGEST || info.height == 0) {
        return 0;
    }
    int scale = 1 << (data[0] & 3);
    struct image img = {.width = (info.width + scale - 1) / scale, .height = (info.height + scale - 1) / scale,
                        .format = formats[(data[0] >> 2) % 3]};
    size_t bytes = pixformat_image_bytes(img.format, img.width, img.height);
    struct arena arena = {.size = JPEG_DECODE_SCRATCH + 10000 + 110 * ((size_t)info.width + 64)};

    arena.size = data[1] < 16 ? arena.size * data[1] / 16 : arena.size;
    if (bytes == 0) {
        return 0;
    }
    img.data = calloc(1, bytes);
    arena.base = malloc(arena.size ? arena.size : 1);
    memory.position = 0;
    int err = jpeg_decode(&stream, &(struct jpeg_decode_options){.scale = scale}, &img, &arena);
    expect(err == 0 || err == VISION_E_DATA || err == VISION_E_UNSUPPORTED || (err == VISION_E_MEMORY && data[1] < 16));
    expect(arena.used == 0 && arena.peak <= arena.size);
    if (err == 0) {
        encode_again(&img, data);
    }
    free(arena.base);
    free(img.data);
    return 0;
}
