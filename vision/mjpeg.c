/* SPDX-License-Identifier: MIT */
/* Motion JPEG in an AVI file. Field names are those of Microsoft's "AVI RIFF File Reference". */
#include "vision/mjpeg.h"

#include <string.h>

enum {
    LIST_MOVI = 212, MOVI = 220,    /* the list of pictures, and its name, from which the index counts */
    AVIF_HASINDEX = 0x10, AVIIF_KEYFRAME = 0x10,
    ENTRY = 16, BATCH = 32,         /* the index: bytes of an entry, and how many at once */
};
#define MOST 0x7FFFFFFFu            /* many readers take sizes for signed */

static uint8_t *put4(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        *p++ = (uint8_t)(v >> 8 * i);
    }
    return p;
}

static uint8_t *put_name(uint8_t *p, const char name[4])
{
    memcpy(p, name, 4);
    return p + 4;
}

static uint8_t *put_chunk(uint8_t *p, const char name[4], uint32_t size)
{
    return put4(put_name(p, name), size);
}

static uint8_t *put_list(uint8_t *p, const char name[4], uint32_t size)
{
    return put_name(put_chunk(p, "LIST", size), name);
}

/* Whole words of a structure, in its order. */
static uint8_t *put_words(uint8_t *p, const uint32_t *words, int count)
{
    for (int i = 0; i < count; i++) {
        p = put4(p, words[i]);
    }
    return p;
}

static int write_at(struct mjpeg *m, uint32_t position, const void *data, size_t size)
{
    int err = m->stream->seek(m->stream->context, position);

    return err ? err : m->stream->write(m->stream->context, data, size);
}

/* The head of a file of `total` bytes. */
static int write_head(struct mjpeg *m, uint32_t us, bool index, uint32_t total)
{
    uint8_t head[MJPEG_HEAD], *p = head;
    uint32_t w = (uint32_t)m->width, h = (uint32_t)m->height;
    us = us ? us : 33333;
    uint32_t per_second = (uint32_t)((uint64_t)m->largest * 1000000 / us > MOST ? MOST : (uint64_t)m->largest * 1000000 / us);
    const uint32_t avih[14] = {us, per_second, 0, index ? AVIF_HASINDEX : 0, m->frames, 0, 1, m->largest, w, h};
    /* flags; priority, language; initial frames; scale, rate; start, length; buffer, quality (default), sample size; the frame's right and bottom edge */
    const uint32_t strh[12] = {0, 0, 0, us, 1000000, 0, m->frames, m->largest, UINT32_MAX, 0, 0, w | h << 16};
    const uint32_t strf[4] = {40, w, h, 1 | 24 << 16};
    const uint32_t rest[5] = {w * h * 3};

    p = put_name(put_chunk(p, "RIFF", total - 8), "AVI ");
    p = put_list(p, "hdrl", 192);
    p = put_words(put_chunk(p, "avih", 56), avih, 14);
    p = put_list(p, "strl", 116);
    p = put_words(put_name(put_name(put_chunk(p, "strh", 56), "vids"), "MJPG"), strh, 12);
    p = put_words(put_name(put_words(put_chunk(p, "strf", 40), strf, 4), "MJPG"), rest, 5);
    put_list(p, "movi", m->end - MOVI);
    return write_at(m, 0, head, sizeof head);
}

int mjpeg_create(struct mjpeg *m, struct stream *stream, int width, int height)
{
    *m = (struct mjpeg){.stream = stream, .width = width, .height = height, .end = MJPEG_HEAD};
    if (width < 1 || height < 1 || width > IMAGE_MAX_SIDE || height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    return mjpeg_mark(m, 0);
}

int mjpeg_append(struct mjpeg *m, const uint8_t *jpeg, uint32_t size)
{
    uint8_t head[8];
    uint64_t total = (uint64_t)m->end + 8 + size + 1 + 8 + ((uint64_t)m->frames + 1) * ENTRY;

    if (total > MOST) {
        return VISION_E_SPACE;
    }
    put_chunk(head, "00dc", size);
    int err = write_at(m, m->end, head, sizeof head);
    err = err ? err : m->stream->write(m->stream->context, jpeg, size);
    err = err || !(size & 1) ? err : m->stream->write(m->stream->context, "", 1);
    if (err) {
        return err;
    }
    m->end += 8 + size + (size & 1);
    m->frames++;
    m->largest = size > m->largest ? size : m->largest;
    return VISION_OK;
}

int mjpeg_mark(struct mjpeg *m, uint32_t us_per_frame)
{
    return write_head(m, us_per_frame, false, m->end);
}

/* Up to BATCH entries for the pictures from *at on; moves *at behind them. */
static int read_entries(struct mjpeg *m, uint32_t *at, int count, uint8_t *entries)
{
    for (int i = 0; i < count; i++) {
        uint8_t head[8];
        int err = m->stream->seek(m->stream->context, *at);
        int n = err ? err : m->stream->read(m->stream->context, head, sizeof head);
        if (n != sizeof head) {
            return n < 0 ? n : VISION_E_DATA;
        }
        uint32_t size = head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24;
        entries = put4(put4(put4(put_name(entries, "00dc"), AVIIF_KEYFRAME), *at - MOVI), size);
        *at += 8 + size + (size & 1);
    }
    return VISION_OK;
}

int mjpeg_finish(struct mjpeg *m, uint32_t us_per_frame)
{
    uint8_t batch[BATCH * ENTRY];
    uint32_t at = MJPEG_HEAD, to = m->end;

    put_chunk(batch, "idx1", m->frames * ENTRY);
    int err = write_at(m, to, batch, 8);
    to += 8;
    for (uint32_t done = 0; done < m->frames && !err;) {
        int count = (int)(m->frames - done < BATCH ? m->frames - done : BATCH);
        err = read_entries(m, &at, count, batch);
        err = err ? err : write_at(m, to, batch, (size_t)count * ENTRY);
        to += (uint32_t)count * ENTRY;
        done += (uint32_t)count;
    }
    return err ? err : write_head(m, us_per_frame, true, to);
}
