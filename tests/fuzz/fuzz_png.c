/* SPDX-License-Identifier: MIT */
/* Any bytes as a PNG file. The first byte chooses the format and what is mended, so that more than the checks is reached: nothing; the CRC
   of each chunk; or also the compression, IDAT being the rows themselves. The second chooses the memory. Whatever decodes is encoded again, which
   must succeed and decode to the same picture. */
#include <stdlib.h>
#include <string.h>

#include "vision/deflate.h"
#include "vision/png.h"
#include "vision/png_internal.h"

enum { LARGEST = 1 << 14, FILE_BYTES = 1 << 18 };   /* pixels */

static void expect(int condition)
{
    if (!condition) {
        abort();
    }
}

struct file { uint8_t data[FILE_BYTES]; size_t size; uint32_t crc[256]; };

static void add(struct file *f, const void *data, size_t n)
{
    if (n <= FILE_BYTES - f->size) {
        memcpy(f->data + f->size, data, n);
        f->size += n;
    }
}

static void add_chunk(struct file *f, const uint8_t name[4], const uint8_t *data, size_t n)
{
    uint8_t word[4];

    png_store_big(word, (uint32_t)n);
    add(f, word, 4);
    add(f, name, 4);
    add(f, data, n);
    png_store_big(word, png_crc(f->crc, png_crc(f->crc, 0, name, 4), data, n));
    add(f, word, 4);
}

static int add_data(void *context, const uint8_t *data, size_t n)
{
    add_chunk(context, (const uint8_t *)"IDAT", data, n);
    return 0;
}

static void add_rows(struct file *f, const uint8_t *data, size_t n)
{
    struct arena arena = {.base = malloc(DEFLATE_SCRATCH), .size = DEFLATE_SCRATCH};
    struct deflate *z = deflate_open(add_data, f, n, &arena);

    expect(z && deflate_write(z, data, n) == 0 && deflate_close(z) == 0);
    free(arena.base);
}

/* The input's chunks with right CRCs. */
static void mend(struct file *f, const uint8_t *data, size_t n, int pack)
{
    size_t at = 8;

    png_crc_init(f->crc);
    add(f, data, n < 8 ? n : 8);
    while (at < n && n - at >= 8) {
        size_t length = png_load_big(data + at), left = n - at - 8;
        length = length < left ? length : left;
        if (pack && png_load_big(data + at + 4) == PNG_IDAT) {
            add_rows(f, data + at + 8, length);
        } else {
            add_chunk(f, data + at + 4, data + at + 8, length);
        }
        at += 8 + length + 4;
    }
}

static void encode_again(const struct image *img)
{
    static uint8_t file[8 * LARGEST + 65536];
    struct memory_stream memory = {.data = file, .capacity = sizeof file};
    struct stream stream = memory_stream_open(&memory);
    size_t room = PNG_ENCODE_SCRATCH + 15 * (size_t)img->width, bytes = image_bytes(img);
    struct arena arena = {.base = malloc(room), .size = room};
    struct image again = {img->width, img->height, img->format, 0, calloc(1, bytes)};

    expect(png_encode(img, NULL, &stream, &arena) == 0);
    expect(png_decode(&stream, &again, &arena) == 0 && memcmp(again.data, img->data, bytes) == 0);
    free(again.data);
    free(arena.base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum pixel_format formats[3] = {PIXFORMAT_BINARY, PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565};
    static struct file mended;
    struct png_info info;

    if (n < 10) {
        return 0;
    }
    struct memory_stream memory = {.data = (uint8_t *)(uintptr_t)data + 2, .size = n - 2};
    if (data[0] & 3) {
        mended.size = 0;
        mend(&mended, data + 2, n - 2, data[0] & 2);
        memory = (struct memory_stream){.data = mended.data, .size = mended.size};
    }
    struct stream stream = memory_stream_open(&memory);
    if (png_file_info(&stream, &info) != 0 || (int64_t)info.width * info.height > LARGEST) {
        return 0;
    }
    struct image img = {.width = info.width, .height = info.height, .format = formats[(data[0] >> 2) % 3]};
    size_t row = (size_t)info.width * 8, raw = (row + 1) * (size_t)info.height + 8 * (size_t)(info.width + info.height);
    size_t room = PNG_DECODE_SCRATCH + 3 * row + (raw < 32768 ? raw : 32768) + 384 + 2 * (size_t)info.width;

    room = data[1] < 16 ? room * data[1] / 16 : room;
    struct arena arena = {.base = malloc(room ? room : 1), .size = room};
    img.data = calloc(1, image_bytes(&img));
    int err = png_decode(&stream, &img, &arena);
    expect(err == 0 || err == VISION_E_DATA || err == VISION_E_UNSUPPORTED || (err == VISION_E_MEMORY && data[1] < 16));
    expect(arena.used == 0 && arena.peak <= arena.size);
    if (err == 0) {
        encode_again(&img);
    }
    free(arena.base);
    free(img.data);
    return 0;
}
