/* SPDX-License-Identifier: MIT */
/* PNG in the table of codecs: files are read as they are (PIXFORMAT_PNG) and written from any format. */
#include <string.h>

#include "vision/png_internal.h"

static bool probe(const uint8_t *head, size_t size)
{
    return size >= sizeof png_signature && memcmp(head, png_signature, sizeof png_signature) == 0;
}

static int read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    struct png_info png;
    uint8_t *buffer = arena_alloc(arena, 512);

    if (!buffer) {
        return VISION_E_MEMORY;
    }
    int n = png_file_info(in, &png);
    n = n ? n : in->seek(in->context, 0);
    if (n) {
        return n;
    }
    info->width = png.width;
    info->height = png.height;
    info->format = PIXFORMAT_PNG;
    info->bytes = 0;
    while ((n = in->read(in->context, buffer, 512)) > 0) {
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

int png_encode_scratch(const struct image *img, struct memory_stream *file, struct arena *arena)
{
    size_t reserve = PNG_ENCODE_SCRATCH + 15 * (size_t)img->width + 64;
    size_t room = arena_available(arena) > reserve ? arena_available(arena) - reserve : 0;

    *file = (struct memory_stream){.data = arena_alloc(arena, room), .capacity = room};
    struct stream out = memory_stream_open(file);
    int err = file->data ? png_encode(img, NULL, &out, arena) : VISION_E_MEMORY;
    return err == VISION_E_SPACE ? VISION_E_MEMORY : err;
}

static int write(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena)
{
    if (img->format == PIXFORMAT_PNG && !options->roi) {
        return out->write(out->context, img->data, img->size);
    }
    return png_encode(img, options->roi, out, arena);
}

static const char *const extensions[] = {"png", NULL};

const struct codec codec_png = {"PNG", extensions, probe, read_info, read, write};
