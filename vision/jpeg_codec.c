/* SPDX-License-Identifier: MIT */
/* JPEG in the table of codecs: files are read as they are (PIXFORMAT_JPEG) and written from any format. */
#include <string.h>

#include "vision/jpeg.h"
#include "vision/row.h"

static bool probe(const uint8_t *head, size_t size)
{
    return size >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF;
}

static int read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    struct jpeg_info jpeg;
    uint8_t *buffer = arena_alloc(arena, 512);
    int n = in->seek(in->context, 0);

    if (!buffer) {
        return VISION_E_MEMORY;
    }
    n = n ? n : jpeg_read_info(in, &jpeg);
    n = n ? n : in->seek(in->context, 0);
    if (n) {
        return n;
    }
    if (jpeg.width < 1 || jpeg.width > IMAGE_MAX_SIDE || jpeg.height < 1 || jpeg.height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    info->width = jpeg.width;
    info->height = jpeg.height;
    info->format = PIXFORMAT_JPEG;
    info->bytes = 0;
    while ((n = in->read(in->context, buffer, 512)) > 0) {
        info->bytes += (size_t)n;
    }
    return n;
}

static int read(struct stream *in, struct image *img, struct arena *arena)
{
    int n = in->seek(in->context, 0);

    (void)arena;
    for (size_t done = 0; !n && done < img->size;) {
        size_t part = img->size - done < 4096 ? img->size - done : 4096;
        int got = in->read(in->context, img->data + done, part);
        n = got > 0 ? 0 : got < 0 ? got : VISION_E_DATA;
        done += n ? 0 : (size_t)got;
    }
    return n;
}

int jpeg_encode_scratch(const struct image *img, const struct jpeg_encode_options *options, struct memory_stream *file, struct arena *arena)
{
    size_t reserve = JPEG_ENCODE_SCRATCH + 32 * (size_t)img->width + 64;
    size_t room = arena_available(arena) > reserve ? arena_available(arena) - reserve : 0;

    *file = (struct memory_stream){.data = arena_alloc(arena, room), .capacity = room};
    struct stream out = memory_stream_open(file);
    int err = file->data ? jpeg_encode(img, options, &out, arena) : VISION_E_MEMORY;
    return err == VISION_E_SPACE ? VISION_E_MEMORY : err;
}

/* A region of an image as a source of rows. */
struct region {
    const struct image *img;
    struct rect roi;
};

static int load_gray(void *context, int y, int count, uint8_t *pixels)
{
    const struct region *r = context;

    for (int i = 0; i < count; i++, pixels += r->roi.w) {
        row_load_gray(r->img, r->roi.x, r->roi.y + y + i, r->roi.w, pixels);
    }
    return 0;
}

static int load_rgb565(void *context, int y, int count, uint8_t *pixels)
{
    const struct region *r = context;

    for (int i = 0; i < count; i++, pixels += 2 * r->roi.w) {
        row_load_rgb565(r->img, r->roi.x, r->roi.y + y + i, r->roi.w, (uint16_t *)(void *)pixels);
    }
    return 0;
}

static int write(struct stream *out, const struct image *img, const struct codec_write_options *options, struct arena *arena)
{
    const struct jpeg_encode_options how = {.quality = options->quality, .subsampling = options->subsampling};
    struct region region = {.img = img};

    if (img->format == PIXFORMAT_JPEG && !options->roi) {
        return out->write(out->context, img->data, img->size);
    }
    if (pixformat_is_compressed(img->format)) {
        return VISION_E_FORMAT;
    }
    if (!options->roi) {
        return jpeg_encode(img, &how, out, arena);
    }
    int err = image_clip(img, options->roi, &region.roi);
    if (err) {
        return err;
    }
    bool color = pixformat_has_color(img->format);
    const struct jpeg_source source = {
        .width = region.roi.w,
        .height = region.roi.h,
        .format = color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE,
        .rows = color ? load_rgb565 : load_gray,
        .context = &region,
    };
    return jpeg_encode_rows(&source, &how, out, arena);
}

static const char *const extensions[] = {"jpg", "jpeg", NULL};

const struct codec codec_jpeg = {"JPEG", extensions, probe, read_info, read, write};
