/* SPDX-License-Identifier: MIT */
/* Streams of images: the file's records, and the ring's slots. */
#include "vision/imageio.h"

#include <string.h>

static const uint8_t magic[8] = {0x89, 'I', 'M', 'G', 'S', 'T', 'R', 'M'};
#define RECORD_MARK 0x4D415246u

/* ---- Bytes ---- */

static void put(uint8_t *p, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        p[i] = (uint8_t)(v >> 8 * i);
    }
}

static uint32_t get(const uint8_t *p, int bytes)
{
    uint32_t v = 0;

    for (int i = 0; i < bytes; i++) {
        v |= (uint32_t)p[i] << 8 * i;
    }
    return v;
}

static uint32_t checksum(const uint8_t *p, size_t n)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ p[i]) * 16777619u;
    }
    return hash;
}

/* Exactly `size` bytes at `position`. */
static int read_at(struct imageio_file *f, uint32_t position, void *data, uint32_t size)
{
    int err = f->stream->seek(f->stream->context, position);

    for (uint8_t *to = data; !err && size;) {
        int n = f->stream->read(f->stream->context, to, size < 1u << 20 ? size : 1u << 20);
        if (n <= 0) {
            return n ? n : VISION_E_DATA;
        }
        to += n;
        size -= (uint32_t)n;
    }
    return err;
}

static int write_at(struct imageio_file *f, uint32_t position, const void *data, size_t size)
{
    int err = f->stream->seek(f->stream->context, position);

    return err ? err : f->stream->write(f->stream->context, data, size);
}

/* ---- Pictures ---- */

static int describe(const struct image *img, uint32_t ms, struct imageio_frame *frame)
{
    if (!pixformat_is_known(img->format)) {
        return VISION_E_FORMAT;
    }
    if (img->width < 1 || img->height < 1 || img->width > IMAGE_MAX_SIDE || img->height > IMAGE_MAX_SIDE || !image_bytes(img)) {
        return VISION_E_SIZE;
    }
    if (image_bytes(img) > UINT32_MAX) {
        return VISION_E_SPACE;
    }
    *frame = (struct imageio_frame){img->width, img->height, img->format, (uint32_t)image_bytes(img), ms};
    return VISION_OK;
}

static bool is_sound(const struct imageio_frame *f)
{
    if (!pixformat_is_known(f->format) || f->width < 1 || f->height < 1 || f->width > IMAGE_MAX_SIDE || f->height > IMAGE_MAX_SIDE) {
        return false;
    }
    return pixformat_is_compressed(f->format) ? f->size > 0 : f->size == pixformat_image_bytes(f->format, f->width, f->height);
}

static void image_from(const struct imageio_frame *frame, struct image *img)
{
    *img = (struct image){frame->width, frame->height, frame->format, pixformat_is_compressed(frame->format) ? frame->size : 0, img->data};
}

/* ---- Writing ---- */

int imageio_mark(struct imageio_file *f)
{
    uint8_t head[IMAGEIO_HEAD] = {0};

    memcpy(head, magic, sizeof magic);
    put(head + 8, IMAGEIO_VERSION, 2);
    put(head + 10, IMAGEIO_HEAD, 2);
    put(head + 12, f->count, 4);
    put(head + 16, f->end, 4);
    put(head + 28, checksum(head, 28), 4);
    return write_at(f, 0, head, sizeof head);
}

int imageio_create(struct imageio_file *f, struct stream *stream)
{
    *f = (struct imageio_file){.stream = stream, .end = IMAGEIO_HEAD, .at = IMAGEIO_HEAD};
    return imageio_mark(f);
}

int imageio_append(struct imageio_file *f, const struct image *img, uint32_t ms)
{
    uint8_t record[IMAGEIO_RECORD] = {0};
    struct imageio_frame frame;
    int err = describe(img, ms, &frame);

    if (err) {
        return err;
    }
    if (frame.size > UINT32_MAX - IMAGEIO_RECORD || f->end > UINT32_MAX - IMAGEIO_RECORD - frame.size) {
        return VISION_E_SPACE;
    }
    put(record, RECORD_MARK, 4);
    put(record + 4, (uint32_t)frame.format, 4);
    put(record + 8, (uint32_t)frame.width, 2);
    put(record + 10, (uint32_t)frame.height, 2);
    put(record + 12, frame.size, 4);
    put(record + 16, ms, 4);
    put(record + 28, checksum(record, 28), 4);
    err = write_at(f, f->end, record, sizeof record);
    err = err ? err : f->stream->write(f->stream->context, img->data, frame.size);
    if (err) {
        return err;
    }
    f->end += IMAGEIO_RECORD + frame.size;
    f->count++;
    return VISION_OK;
}

/* ---- Reading ---- */

/* The record at `at`. DATA: none that is whole. */
static int read_record(struct imageio_file *f, uint32_t at, struct imageio_frame *frame)
{
    uint8_t record[IMAGEIO_RECORD];

    if (at > f->length || f->length - at < IMAGEIO_RECORD) {
        return VISION_E_DATA;
    }
    int err = read_at(f, at, record, sizeof record);
    if (err) {
        return err;
    }
    *frame = (struct imageio_frame){(int)get(record + 8, 2), (int)get(record + 10, 2), (enum pixel_format)get(record + 4, 4), get(record + 12, 4),
                                    get(record + 16, 4)};
    bool whole = get(record, 4) == RECORD_MARK && get(record + 28, 4) == checksum(record, 28) && is_sound(frame) &&
                 frame->size <= f->length - at - IMAGEIO_RECORD;
    return whole ? VISION_OK : VISION_E_DATA;
}

int imageio_open(struct imageio_file *f, struct stream *stream, uint32_t length)
{
    uint8_t head[IMAGEIO_HEAD] = {0};
    struct imageio_frame frame;

    *f = (struct imageio_file){.stream = stream, .length = length, .at = IMAGEIO_HEAD};
    int err = length < sizeof magic ? VISION_E_UNSUPPORTED : read_at(f, 0, head, length < sizeof head ? length : sizeof head);
    if (err) {
        return err;
    }
    if (memcmp(head, magic, sizeof magic) != 0) {
        return VISION_E_UNSUPPORTED;
    }
    if (length < IMAGEIO_HEAD) {
        return VISION_E_DATA;
    }
    if (get(head + 8, 2) != IMAGEIO_VERSION || get(head + 10, 2) != IMAGEIO_HEAD) {
        return VISION_E_UNSUPPORTED;
    }
    f->count = get(head + 12, 4);
    f->end = get(head + 16, 4);
    /* A damaged head, or one that says more than the file holds, is believed in nothing. */
    if (get(head + 28, 4) != checksum(head, 28) || f->end < IMAGEIO_HEAD || f->end > length || f->count > (f->end - IMAGEIO_HEAD) / (IMAGEIO_RECORD + 1)) {
        f->count = 0;
        f->end = IMAGEIO_HEAD;
    }
    while ((err = read_record(f, f->end, &frame)) == VISION_OK) {
        f->end += IMAGEIO_RECORD + frame.size;
        f->count++;
    }
    return err == VISION_E_DATA ? VISION_OK : err;
}

int imageio_peek(struct imageio_file *f, struct imageio_frame *frame)
{
    if (f->index >= f->count) {
        return 0;
    }
    int err = read_record(f, f->at, frame);
    return err ? err : 1;
}

int imageio_read(struct imageio_file *f, const struct imageio_frame *frame, struct image *img)
{
    int err = read_at(f, f->at + IMAGEIO_RECORD, img->data, frame->size);

    if (err) {
        return err;
    }
    image_from(frame, img);
    f->at += IMAGEIO_RECORD + frame->size;
    f->index++;
    return VISION_OK;
}

int imageio_seek(struct imageio_file *f, uint32_t index)
{
    struct imageio_frame frame;
    uint32_t at = f->at, i = f->index;

    if (index > f->count) {
        return VISION_E_ARGUMENT;
    }
    if (index < i) {
        at = IMAGEIO_HEAD;
        i = 0;
    }
    for (; i < index; i++) {
        int err = read_record(f, at, &frame);
        if (err) {
            return err;
        }
        at += IMAGEIO_RECORD + frame.size;
    }
    f->at = at;
    f->index = index;
    return VISION_OK;
}

/* ---- The ring: slots of a struct imageio_frame and the pixels behind it ---- */

static size_t slot_bytes(size_t bytes)
{
    return (sizeof(struct imageio_frame) + bytes + 3) & ~(size_t)3;
}

size_t imageio_ring_bytes(uint32_t slots, size_t bytes)
{
    size_t slot = bytes <= SIZE_MAX - sizeof(struct imageio_frame) - 3 ? slot_bytes(bytes) : 0;

    return slot && slots <= SIZE_MAX / slot ? slot * slots : 0;
}

void imageio_ring_init(struct imageio_ring *ring, uint8_t *memory, uint32_t slots, size_t bytes)
{
    *ring = (struct imageio_ring){.data = memory, .slot = slot_bytes(bytes), .slots = slots};
}

int imageio_ring_write(struct imageio_ring *ring, const struct image *img, uint32_t ms)
{
    struct imageio_frame frame;
    int err = describe(img, ms, &frame);

    if (err || frame.size > ring->slot - sizeof frame) {
        return err ? err : VISION_E_SPACE;
    }
    ring->index = ring->index < ring->slots ? ring->index : 0;
    uint8_t *slot = ring->data + ring->slot * ring->index;
    memcpy(slot, &frame, sizeof frame);
    memcpy(slot + sizeof frame, img->data, frame.size);
    ring->index++;
    ring->count = ring->index > ring->count ? ring->index : ring->count;
    return VISION_OK;
}

int imageio_ring_peek(const struct imageio_ring *ring, struct imageio_frame *frame, const uint8_t **pixels)
{
    if (ring->index >= ring->count) {
        return 0;
    }
    const uint8_t *slot = ring->data + ring->slot * ring->index;
    memcpy(frame, slot, sizeof *frame);
    *pixels = slot + sizeof *frame;
    return 1;
}
