/* SPDX-License-Identifier: MIT */
/* Baseline JPEG encoder: file structure and the walk over the MCUs. Pixels are read where they are, an MCU at a time. */
#include "vision/jpeg_internal.h"

#include "vision/row.h"

/* Bytes collected before they go to the stream, and the longest MCU that comes on top. */
#define CHUNK 512
#define MCU_BYTES (6 * JPEG_BLOCK_BYTES)

struct encoder {
    struct jpeg_huffman_encoder tables[2];
    int32_t multipliers[3][64];             /* Y, Cb, Cr */
    struct jpeg_mcu mcu;
    int16_t zigzag[2 + 66];                 /* see jpeg_huffman_encode */
    uint8_t corner[16 * 32];                /* an MCU that crosses the picture's edge, completed */
    uint8_t buffer[CHUNK + MCU_BYTES + 8];

    struct jpeg_source source;
    struct stream *out;
    struct jpeg_bit_writer writer;
    jpeg_sample_fn *sample;
    uint32_t scale[3];                      /* of what it gives for Y, Cb, Cr */
    int h, v;                               /* sampling factors of luma */
    int components;
    int quality;
    int restart_interval, restart_left, restart_count;
    int dc[3];

    const uint8_t *pixels;                  /* the whole picture, or NULL: then ... */
    uint8_t *band;                          /* ... the rows of a row of MCUs are fetched to here */
    size_t stride;
};

_Static_assert(sizeof(struct encoder) + 8 <= JPEG_ENCODE_SCRATCH, "JPEG_ENCODE_SCRATCH");

/* ---- The head of the file, T.81 annex B ------------------------------------------------------------------- */

static uint8_t *put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
    return p + 2;
}

static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t size)
{
    memcpy(p, bytes, size);
    return p + size;
}

static uint8_t *put_huffman(uint8_t *p, int id, const uint8_t *spec, size_t size)
{
    p = put16(p, 0xFF00 | JPEG_DHT);
    p = put16(p, (unsigned)(3 + size));
    *p++ = (uint8_t)id;
    return put_bytes(p, spec, size);
}

static uint8_t *put_tables(struct encoder *e, uint8_t *p, int which)
{
    p = put16(p, 0xFF00 | JPEG_DQT);
    p = put16(p, 67);
    *p++ = (uint8_t)which;
    jpeg_quantisers(which, e->quality, p);
    for (int i = which; i <= 2 * which; i++) {
        jpeg_forward_multipliers(p, e->scale[i], e->multipliers[i]);
    }
    p += 64;
    p = put_huffman(p, which, jpeg_dc_spec[which], sizeof jpeg_dc_spec[0]);
    p = put_huffman(p, 0x10 | which, jpeg_ac_spec[which], sizeof jpeg_ac_spec[0]);
    jpeg_huffman_prepare(&e->tables[which], which);
    return p;
}

static uint8_t *put_head(struct encoder *e, uint8_t *p)
{
    static const uint8_t jfif[] = {0xFF, JPEG_SOI, 0xFF, JPEG_APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 2, 0, 0, 1, 0, 1, 0, 0};

    p = put_bytes(p, jfif, sizeof jfif);
    p = put_tables(e, p, 0);
    if (e->components > 1) {
        p = put_tables(e, p, 1);
    }
    if (e->restart_interval) {
        p = put16(p, 0xFF00 | JPEG_DRI);
        p = put16(p, 4);
        p = put16(p, (unsigned)e->restart_interval);
    }
    p = put16(p, 0xFF00 | JPEG_SOF0);
    p = put16(p, (unsigned)(8 + 3 * e->components));
    *p++ = 8;
    p = put16(p, (unsigned)e->source.height);
    p = put16(p, (unsigned)e->source.width);
    *p++ = (uint8_t)e->components;
    for (int i = 0; i < e->components; i++) {
        *p++ = (uint8_t)(i + 1);
        *p++ = (uint8_t)(i ? 0x11 : e->h << 4 | e->v);
        *p++ = i != 0;
    }
    p = put16(p, 0xFF00 | JPEG_SOS);
    p = put16(p, (unsigned)(6 + 2 * e->components));
    *p++ = (uint8_t)e->components;
    for (int i = 0; i < e->components; i++) {
        *p++ = (uint8_t)(i + 1);
        *p++ = i ? 0x11 : 0;
    }
    return put_bytes(p, (const uint8_t[]){0, 63, 0}, 3);
}

/* ---- The scan ---------------------------------------------------------------------------------------------- */

/* What is not whole words stays here, so that a stream to memory copies from aligned to aligned. */
static int drain(struct encoder *e, bool all)
{
    size_t have = (size_t)(e->writer.out - e->buffer), size = all ? have : have & ~(size_t)3;
    int err = e->out->write(e->out->context, e->buffer, size);

    store32(e->buffer, load32(e->buffer + size));
    e->writer.out = e->buffer + (have - size);
    return err;
}

static void restart(struct encoder *e)
{
    if (e->restart_interval == 0) {
        return;
    }
    if (e->restart_left == 0) {
        jpeg_huffman_flush(&e->writer);
        e->writer.out = put16(e->writer.out, 0xFF00 | JPEG_RST0 | (unsigned)(e->restart_count++ & 7));
        e->restart_left = e->restart_interval;
        memset(e->dc, 0, sizeof e->dc);
    }
    e->restart_left--;
}

static void encode_block(struct encoder *e, uint32_t lanes[32], int component)
{
    int16_t *zigzag = e->zigzag + 2;

    jpeg_forward(lanes, e->multipliers[component], component ? 0 : JPEG_MIDDLE, zigzag);
    int dc = zigzag[0];
    zigzag[0] = (int16_t)(dc - e->dc[component]);
    e->dc[component] = dc;
    jpeg_huffman_encode(&e->writer, &e->tables[component != 0], zigzag);
}

static int encode_mcu(struct encoder *e, const uint8_t *pixels, size_t stride)
{
    int luma = e->h * e->v, i;

    restart(e);
    e->sample(pixels, stride, &e->mcu);
    for (i = 0; i < luma; i++) {
        encode_block(e, jpeg_mcu_block(&e->mcu, i), 0);
    }
    if (e->components > 1) {
        encode_block(e, jpeg_mcu_block(&e->mcu, i), 1);
        encode_block(e, jpeg_mcu_block(&e->mcu, i + 1), 2);
    }
    return e->writer.out - e->buffer >= CHUNK ? drain(e, false) : 0;
}

/* An MCU of which only w x h pixels exist: the last ones are repeated. YUV pixels share chroma and are repeated in pairs. */
static const uint8_t *complete(struct encoder *e, const uint8_t *pixels, int w, int h)
{
    size_t bpp = pixformat_row_bytes(e->source.format, 1);
    size_t have = (size_t)w * bpp, want = (size_t)(8 * e->h) * bpp, unit = pixformat_is_yuv(e->source.format) ? 4 : bpp;
    int rows = 8 * e->v;

    for (int y = 0; y < rows; y++) {
        uint8_t *to = e->corner + (size_t)y * want;
        size_t n = have;
        memcpy(to, pixels + (size_t)(y < h ? y : h - 1) * e->stride, have);
        if (n % unit) {     /* half a pair: its second half has the first's luma, and the missing chroma is gray or the last one's */
            to[n] = to[n - 2];
            to[n + 1] = n > 2 ? to[n - 3] : 128;
            n += 2;
        }
        for (; n < want; n++) {
            to[n] = to[n - unit];
        }
    }
    return e->corner;
}

static int encode_scan(struct encoder *e)
{
    int mcu_w = 8 * e->h, mcu_h = 8 * e->v;
    size_t step = pixformat_row_bytes(e->source.format, mcu_w), corner_stride = step;

    e->restart_left = e->restart_interval;
    for (int y = 0; y < e->source.height; y += mcu_h) {
        int rows = e->source.height - y < mcu_h ? e->source.height - y : mcu_h;
        const uint8_t *p = e->pixels ? e->pixels + (size_t)y * e->stride : e->band;
        if (!e->pixels) {
            int err = e->source.rows(e->source.context, y, rows, e->band);
            if (err < 0) {
                return err;
            }
        }
        for (int x = 0; x < e->source.width; x += mcu_w, p += step) {
            int columns = e->source.width - x, err;
            if (columns >= mcu_w && rows == mcu_h) {
                err = encode_mcu(e, p, e->stride);
            } else {
                err = encode_mcu(e, complete(e, p, columns < mcu_w ? columns : mcu_w, rows), corner_stride);
            }
            if (err < 0) {
                return err;
            }
        }
    }
    jpeg_huffman_flush(&e->writer);
    e->writer.out = put16(e->writer.out, 0xFF00 | JPEG_EOI);
    return drain(e, true);
}

/* ---- Entry ------------------------------------------------------------------------------------------------- */

static int subsampling_for(const struct jpeg_encode_options *o)
{
    return o->subsampling        ? o->subsampling
           : o->quality >= 60    ? JPEG_SUBSAMPLING_444
           : o->quality >= 35    ? JPEG_SUBSAMPLING_422
                                 : JPEG_SUBSAMPLING_420;
}

static int check(const struct jpeg_source *s, const struct jpeg_encode_options *o)
{
    if (o->quality < 1 || o->quality > 100 || o->restart_interval < 0 || o->restart_interval > 65535 ||
        (o->subsampling != JPEG_SUBSAMPLING_AUTO && o->subsampling != JPEG_SUBSAMPLING_444 &&
         o->subsampling != JPEG_SUBSAMPLING_422 && o->subsampling != JPEG_SUBSAMPLING_420)) {
        return VISION_E_ARGUMENT;
    }
    if (s->width < 1 || s->width > IMAGE_MAX_SIDE || s->height < 1 || s->height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    return s->format == PIXFORMAT_GRAYSCALE || s->format == PIXFORMAT_RGB565 || pixformat_is_yuv(s->format) ? 0 : VISION_E_FORMAT;
}

/* Encodes from `pixels`, or, when NULL, from bands that source->rows fills. */
static int encode(const struct jpeg_source *source, const uint8_t *pixels, const struct jpeg_encode_options *options, struct stream *out,
                  struct arena *arena)
{
    int err = check(source, options);
    if (err) {
        return err;
    }
    struct encoder *e = arena_alloc(arena, sizeof *e);
    if (!e) {
        return VISION_E_MEMORY;
    }
    bool gray = source->format == PIXFORMAT_GRAYSCALE;
    int subsampling = gray ? JPEG_SUBSAMPLING_444 : subsampling_for(options);

    memset(e, 0, sizeof *e);
    e->source = *source;
    e->out = out;
    e->quality = options->quality;
    e->components = gray ? 1 : 3;
    e->h = subsampling >> 4;
    e->v = subsampling & 15;
    e->sample = jpeg_sampler(source->format, subsampling, e->scale);
    e->restart_interval = options->restart_interval;
    e->stride = pixformat_row_bytes(source->format, source->width);
    e->pixels = pixels;
    if (!pixels) {
        e->band = arena_alloc(arena, e->stride * (size_t)(8 * e->v));
        if (!e->band) {
            return VISION_E_MEMORY;
        }
    }
    e->writer = (struct jpeg_bit_writer){.free = 32, .out = put_head(e, e->buffer)};
    return encode_scan(e);
}

int jpeg_encode_rows(const struct jpeg_source *source, const struct jpeg_encode_options *options, struct stream *out,
                     struct arena *arena)
{
    size_t mark = arena->used;
    int err = encode(source, NULL, options, out, arena);

    arena->used = mark;
    return err;
}

static int load_gray(void *context, int y, int count, uint8_t *pixels)
{
    const struct image *img = context;

    for (int i = 0; i < count; i++) {
        row_load_gray(img, 0, y + i, img->width, pixels + (size_t)i * (size_t)img->width);
    }
    return 0;
}

static int load_rgb565(void *context, int y, int count, uint8_t *pixels)
{
    const struct image *img = context;

    for (int i = 0; i < count; i++) {
        row_load_rgb565(img, 0, y + i, img->width, (uint16_t *)(void *)pixels + (size_t)i * (size_t)img->width);
    }
    return 0;
}

int jpeg_encode(const struct image *img, const struct jpeg_encode_options *options, struct stream *out, struct arena *arena)
{
    struct jpeg_source source = {.width = img->width, .height = img->height, .format = img->format, .context = (void *)(uintptr_t)img};
    const uint8_t *pixels = img->data;
    size_t mark = arena->used;

    if (img->format == PIXFORMAT_BINARY) {
        source.format = PIXFORMAT_GRAYSCALE;
        source.rows = load_gray;
        pixels = NULL;
    } else if (pixformat_is_bayer(img->format)) {
        source.format = PIXFORMAT_RGB565;
        source.rows = load_rgb565;
        pixels = NULL;
    }
    int err = encode(&source, pixels, options, out, arena);
    arena->used = mark;
    return err;
}
