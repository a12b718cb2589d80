/* SPDX-License-Identifier: MIT */
/* PNG files kept as they are (PIXFORMAT_PNG): their size, reading, writing. */
#include <string.h>

#include "vision/codec_reader.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static bool probe(const uint8_t *head, size_t size)
{
    return size >= sizeof signature && memcmp(head, signature, sizeof signature) == 0;
}

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The first chunk is IHDR (PNG specification, 11.2.2). */
static int read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    struct reader r;
    uint8_t head[24];
    int err = reader_open(&r, in, arena);

    if (!err) {
        err = reader_bytes(&r, head, sizeof head);
    }
    if (err) {
        return err;
    }
    uint32_t width = big32(head + 16), height = big32(head + 20);
    if (memcmp(head + 12, "IHDR", 4) != 0) {
        return VISION_E_DATA;
    }
    if (width < 1 || width > IMAGE_MAX_SIDE || height < 1 || height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    info->width = (int)width;
    info->height = (int)height;
    info->format = PIXFORMAT_PNG;
    info->bytes = sizeof head + (r.size - r.position);
    int n;
    while ((n = in->read(in->context, r.buffer, READER_BYTES)) > 0) {
        info->bytes += (size_t)n;
    }
    return n;
}

static int read(struct stream *in, struct image *img, struct arena *arena)
{
    (void)arena;
    size_t done = 0;
    int n = in->seek(in->context, 0);

    while (!n && done < img->size) {
        size_t part = img->size - done < 4096 ? img->size - done : 4096;
        n = in->read(in->context, img->data + done, part);
        if (n <= 0) {
            return n < 0 ? n : VISION_E_DATA;
        }
        done += (size_t)n;
        n = 0;
    }
    return n;
}

static int write(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena)
{
    (void)arena;
    if (img->format != PIXFORMAT_PNG || options->roi) {
        return VISION_E_FORMAT;
    }
    return out->write(out->context, img->data, img->size);
}

static const char *const extensions[] = {"png", NULL};
const struct codec codec_png = {"PNG", extensions, probe, read_info, read, write};
