/* SPDX-License-Identifier: MIT */
/* The table of codecs, streams over memory, and buffered reading. */
#include "vision/codec.h"

#include <string.h>

#include "vision/codec_reader.h"

static const struct codec *const codecs[] = {&codec_bmp, &codec_pnm, &codec_jpeg, &codec_png};

#define CODEC_COUNT (sizeof codecs / sizeof *codecs)

/* ---- Memory as a stream ---- */

static int memory_read(void *context, void *data, size_t size)
{
    struct memory_stream *m = context;
    size_t left = m->position < m->size ? m->size - m->position : 0;
    size_t n = size < left ? size : left;

    n = n < INT32_MAX ? n : INT32_MAX;
    if (n) {
        memcpy(data, m->data + m->position, n);
    }
    m->position += n;
    return (int)n;
}

static int memory_write(void *context, const void *data, size_t size)
{
    struct memory_stream *m = context;

    if (m->position > m->capacity || size > m->capacity - m->position) {
        return VISION_E_SPACE;
    }
    if (size) {
        memcpy(m->data + m->position, data, size);
    }
    m->position += size;
    m->size = m->position > m->size ? m->position : m->size;
    return 0;
}

static int memory_seek(void *context, uint32_t position)
{
    ((struct memory_stream *)context)->position = position;
    return 0;
}

struct stream memory_stream_open(struct memory_stream *memory)
{
    return (struct stream){memory_read, memory_write, memory_seek, memory};
}

/* ---- Buffered reading ---- */

int reader_open(struct reader *r, struct stream *in, struct arena *arena)
{
    *r = (struct reader){.in = in, .buffer = arena_alloc(arena, READER_BYTES)};

    return r->buffer ? in->seek(in->context, 0) : VISION_E_MEMORY;
}

static bool refill(struct reader *r)
{
    if (r->error) {
        return false;
    }
    int n = r->in->read(r->in->context, r->buffer, READER_BYTES);
    r->error = n < 0 ? n : 0;
    r->size = n > 0 ? (size_t)n : 0;
    r->position = 0;
    return n > 0;
}

int reader_byte(struct reader *r)
{
    if (r->position == r->size && !refill(r)) {
        return -1;
    }
    return r->buffer[r->position++];
}

int reader_bytes(struct reader *r, void *data, size_t n)
{
    uint8_t *to = data;

    while (n > 0) {
        if (r->position == r->size && !refill(r)) {
            return r->error ? r->error : VISION_E_DATA;
        }
        size_t part = r->size - r->position < n ? r->size - r->position : n;
        memcpy(to, r->buffer + r->position, part);
        r->position += part;
        to += part;
        n -= part;
    }
    return VISION_OK;
}

int reader_skip(struct reader *r, uint32_t n)
{
    while (n > 0) {
        if (r->position == r->size && !refill(r)) {
            return r->error ? r->error : VISION_E_DATA;
        }
        size_t left = r->size - r->position, part = left < n ? left : n;
        r->position += part;
        n -= (uint32_t)part;
    }
    return VISION_OK;
}

/* ---- Finding the codec ---- */

int codec_read_info(struct stream *in, struct codec_info *info, struct arena *arena)
{
    uint8_t head[16];
    int err = in->seek(in->context, 0);
    int size = err ? err : in->read(in->context, head, sizeof head);

    if (size < 0) {
        return size;
    }
    size_t mark = arena->used;
    for (size_t i = 0; i < CODEC_COUNT; i++) {
        if (codecs[i]->probe(head, (size_t)size)) {
            *info = (struct codec_info){.codec = codecs[i]};
            err = codecs[i]->read_info(in, info, arena);
            arena->used = mark;
            return err;
        }
    }
    return VISION_E_UNSUPPORTED;
}

int codec_read(struct stream *in, const struct codec_info *info, struct image *img, struct arena *arena)
{
    size_t mark = arena->used;

    *img = (struct image){info->width, info->height, info->format, pixformat_is_compressed(info->format) ? info->bytes : 0, img->data};
    int err = info->codec->read(in, img, arena);
    arena->used = mark;
    return err;
}

const struct codec *codec_from_name(const char *name, size_t length)
{
    for (size_t i = 0; i < CODEC_COUNT; i++) {
        for (const char *const *e = codecs[i]->extensions; *e; e++) {
            size_t n = strlen(*e), k = 0;
            if (length <= n || name[length - n - 1] != '.') {
                continue;
            }
            while (k < n && (name[length - n + k] | ('A' <= name[length - n + k] && name[length - n + k] <= 'Z' ? 32 : 0)) == (*e)[k]) {
                k++;
            }
            if (k == n) {
                return codecs[i];
            }
        }
    }
    return NULL;
}

int codec_write(struct stream *out, const struct codec *codec, const struct image *img, const struct codec_write_options *options,
                struct arena *arena)
{
    static const struct codec_write_options defaults = {.quality = 50};
    size_t mark = arena->used;
    int err = codec->write(out, img, options ? options : &defaults, arena);

    arena->used = mark;
    return err;
}
