/* SPDX-License-Identifier: MIT */
/* PNG decoder: chunks, from which inflate takes its bytes, and rows, to which it gives them. */
#include "vision/png_internal.h"

#include "vision/codec_reader.h"
#include "vision/color.h"
#include "vision/inflate.h"
#include "vision/kernel.h"
#include "vision/row.h"

struct chunk {
    uint32_t name, left;
    uint32_t crc;                   /* of what has been read */
};

struct decoder {
    struct png_info info;
    struct reader reader;
    struct chunk chunk;             /* the present one */
    struct image *dst;
    int samples;                    /* of a pixel */
    int pass, last_pass;            /* of Adam7; 0: not interlaced */
    int width, rows;                /* of the pass; rows still to come */
    int y;                          /* row of the picture */
    int step;                       /* bytes from pixel to pixel, at least 1 */
    size_t row_bytes, filled;       /* of a row of the pass, without its filter; how much of it is known */
    uint8_t *line[2], *partial;     /* this row and the one above; a row, with its filter, that came in parts */
    const uint8_t *prior;
    uint8_t *gray;                  /* a row on its way to dst */
    uint16_t *rgb565;               /* the same memory */
    bool direct;                    /* rows are undone where they belong */
    uint16_t table[256];            /* what samples of up to 8 bits stand for: gray or RGB565 */
    uint32_t crc[256];
};
_Static_assert(sizeof(struct decoder) + READER_BYTES + 32 + INFLATE_SCRATCH <= PNG_DECODE_SCRATCH, "PNG_DECODE_SCRATCH");

/* Of Adam7's seven passes (PNG, 8.2), and of a picture that has only one */
static const struct pass { uint8_t x, y, dx, dy; } passes[8] = {
    {0, 0, 1, 1}, {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
};

/* ---- Chunks ---- */

static int get(struct decoder *d, uint8_t *bytes, uint32_t n)
{
    int err = n > d->chunk.left ? VISION_E_DATA : reader_bytes(&d->reader, bytes, n);

    if (!err) {
        d->chunk.left -= n;
        d->chunk.crc = png_crc(d->crc, d->chunk.crc, bytes, n);
    }
    return err;
}

static int begin_chunk(struct decoder *d)
{
    uint8_t head[8];
    int err = reader_bytes(&d->reader, head, sizeof head);

    if (err) {
        return err;
    }
    d->chunk = (struct chunk){.name = png_load_big(head + 4), .left = png_load_big(head), .crc = png_crc(d->crc, 0, head + 4, 4)};
    return d->chunk.left > INT32_MAX ? VISION_E_DATA : 0;
}

/* What is left of a chunk; its CRC must be right unless it is ancillary. */
static int end_chunk(struct decoder *d)
{
    uint8_t bytes[32];
    int err = 0;

    if (d->chunk.name & PNG_ANCILLARY) {
        err = reader_skip(&d->reader, d->chunk.left);
        return err ? err : reader_skip(&d->reader, 4);
    }
    while (!err && d->chunk.left) {
        err = get(d, bytes, d->chunk.left < sizeof bytes ? d->chunk.left : sizeof bytes);
    }
    err = err ? err : reader_bytes(&d->reader, bytes, 4);
    return err ? err : png_load_big(bytes) == d->chunk.crc ? 0 : VISION_E_DATA;
}

/* The body of IHDR (PNG, 11.2.2). */
static int parse_head(struct png_info *info, const uint8_t body[13])
{
    static const uint8_t depths[7] = {1 | 2 | 4 | 8 | 16, 0, 8 | 16, 1 | 2 | 4 | 8, 8 | 16, 0, 8 | 16};    /* by colour; each is a bit */
    uint32_t width = png_load_big(body), height = png_load_big(body + 4);
    unsigned depth = body[8], color = body[9];

    if (color > 6 || !(depths[color] & depth) || (depth & (depth - 1)) || body[10] || body[11] || body[12] > 1 || width - 1 > INT32_MAX - 1u ||
        height - 1 > INT32_MAX - 1u) {
        return VISION_E_DATA;
    }
    if (width > IMAGE_MAX_SIDE || height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    *info = (struct png_info){(int)width, (int)height, (int)depth, (enum png_color)color, body[12] == 1};
    return 0;
}

static int check_start(const uint8_t *head)
{
    return memcmp(head, png_signature, 8) || png_load_big(head + 8) != 13 || png_load_big(head + 12) != PNG_IHDR ? VISION_E_DATA : 0;
}

int png_file_info(struct stream *in, struct png_info *info)
{
    uint8_t head[29];
    int err = in->seek(in->context, 0), done = 0;

    while (!err && done < (int)sizeof head) {
        int n = in->read(in->context, head + done, sizeof head - (size_t)done);
        err = n > 0 ? 0 : n < 0 ? n : VISION_E_DATA;
        done += n;
    }
    err = err ? err : check_start(head);
    return err ? err : parse_head(info, head + 16);
}

static int read_head(struct decoder *d)
{
    uint8_t start[8], body[13];
    int err = reader_bytes(&d->reader, start, sizeof start);

    err = err ? err : memcmp(start, png_signature, sizeof start) ? VISION_E_DATA : begin_chunk(d);
    err = err ? err : d->chunk.name != PNG_IHDR || d->chunk.left != sizeof body ? VISION_E_DATA : get(d, body, sizeof body);
    err = err ? err : end_chunk(d);
    return err ? err : parse_head(&d->info, body);
}

/* ---- What samples stand for ---- */

static void set_entry(struct decoder *d, int i, struct rgb c)
{
    d->table[i] = d->dst->format == PIXFORMAT_RGB565 ? color_rgb_to_rgb565(c) : color_rgb_to_gray(c);
}

static int read_palette(struct decoder *d)
{
    uint8_t rgb[3];

    if (d->chunk.left == 0 || d->chunk.left % 3 || d->chunk.left > 768) {
        return VISION_E_DATA;
    }
    for (int i = 0; d->chunk.left; i++) {
        int err = get(d, rgb, 3);
        if (err) {
            return err;
        }
        if (d->info.color == PNG_PALETTE) {     /* in others it is a suggestion */
            set_entry(d, i, (struct rgb){rgb[0], rgb[1], rgb[2]});
        }
    }
    return 0;
}

static void gray_table(struct decoder *d)
{
    int full = d->info.depth <= 8 ? (1 << d->info.depth) - 1 : 255;

    for (int i = 0; i <= full; i++) {
        uint8_t v = (uint8_t)(i * 255 / full);
        d->table[i] = d->dst->format == PIXFORMAT_RGB565 ? color_gray_to_rgb565(v) : v;
    }
}

/* Chunks up to the first IDAT. */
static int read_before_data(struct decoder *d)
{
    bool palette = false;

    if (d->info.color == PNG_GRAY || d->info.color == PNG_GRAY_ALPHA) {
        gray_table(d);
    }
    for (;;) {
        int err = begin_chunk(d);
        if (!err && d->chunk.name == PNG_IDAT) {
            return d->info.color == PNG_PALETTE && !palette ? VISION_E_DATA : 0;
        }
        if (!err && d->chunk.name == PNG_PLTE) {
            err = palette ? VISION_E_DATA : read_palette(d);
            palette = true;
        } else if (!err && (d->chunk.name == PNG_IHDR || d->chunk.name == PNG_IEND)) {
            err = VISION_E_DATA;
        } else if (!err && !(d->chunk.name & PNG_ANCILLARY)) {
            err = VISION_E_UNSUPPORTED;
        }
        err = err ? err : end_chunk(d);
        if (err) {
            return err;
        }
    }
}

/* From the chunk at which the picture's data ended on, up to IEND. */
static int read_after_data(struct decoder *d)
{
    while (d->chunk.name != PNG_IEND) {
        int err = d->chunk.name & PNG_ANCILLARY || d->chunk.name == PNG_IDAT ? end_chunk(d) : VISION_E_DATA;
        err = err ? err : begin_chunk(d);
        if (err) {
            return err;
        }
    }
    return end_chunk(d);
}

/* inflate_calls.fill: IDAT after IDAT. */
static int fill(void *context, uint8_t *data, size_t size)
{
    struct decoder *d = context;

    while (d->chunk.left == 0) {
        if (d->chunk.name != PNG_IDAT) {
            return 0;
        }
        int err = end_chunk(d);
        err = err ? err : begin_chunk(d);
        if (err || d->chunk.name != PNG_IDAT) {
            return err;
        }
    }
    if (d->chunk.name != PNG_IDAT) {
        return 0;
    }
    uint32_t n = size < d->chunk.left ? (uint32_t)size : d->chunk.left;
    int err = get(d, data, n);
    return err ? err : (int)n;
}

/* ---- Rows to pixels ---- */

static inline unsigned sample16(const uint8_t *p)
{
    return ((unsigned)(p[0] << 8 | p[1]) * 255 + 32895) >> 16;
}

/* The red, green and blue, or three times the gray, of the pixel at p. */
static inline struct rgb color_at(const struct decoder *d, const uint8_t *p)
{
    bool gray = d->samples < 3;

    if (d->info.depth == 16) {
        unsigned r = sample16(p), g = gray ? r : sample16(p + 2), b = gray ? r : sample16(p + 4);
        return (struct rgb){(uint8_t)r, (uint8_t)g, (uint8_t)b};
    }
    return (struct rgb){p[0], p[gray ? 0 : 1], p[gray ? 0 : 2]};
}

static unsigned packed_sample(const uint8_t *line, int x, int depth)
{
    int bit = x * depth;

    return line[bit >> 3] >> (8 - depth - (bit & 7)) & ((1u << depth) - 1);
}

/* Three or four bytes a pixel. */
static void rgb_to_rgb565(const uint8_t *line, uint16_t *out, int n, int step)
{
    for (; n > 0; n--, line += step) {
        uint32_t w = kernel_load32(line);
        *out++ = (uint16_t)((w & 0xF8) << 8 | (w >> 10 & 0x3F) << 5 | (w >> 19 & 0x1F));
    }
}

static void to_rgb565(const struct decoder *d, const uint8_t *line, uint16_t *out)
{
    int n = d->width, depth = d->info.depth, step = d->step;

    if (d->samples >= 3 && depth == 8) {
        rgb_to_rgb565(line, out, n, step);
    } else if (depth == 8) {
        for (int x = 0; x < n; x++) {
            out[x] = d->table[line[x * step]];
        }
    } else if (depth == 16) {
        for (int x = 0; x < n; x++) {
            out[x] = color_rgb_to_rgb565(color_at(d, line + x * step));
        }
    } else {
        for (int x = 0; x < n; x++) {
            out[x] = d->table[packed_sample(line, x, depth)];
        }
    }
}

static void to_gray(const struct decoder *d, const uint8_t *line, uint8_t *out)
{
    int n = d->width, depth = d->info.depth, step = d->step;

    for (int x = 0; x < n; x++) {
        if (depth < 8) {
            out[x] = (uint8_t)d->table[packed_sample(line, x, depth)];
        } else if (d->info.color == PNG_PALETTE) {
            out[x] = (uint8_t)d->table[line[x]];
        } else if (d->samples < 3) {
            out[x] = depth == 8 ? line[x * step] : (uint8_t)sample16(line + x * step);
        } else {
            out[x] = color_rgb_to_gray(color_at(d, line + x * step));
        }
    }
}

/* One finished row of the picture or of a pass. */
static void store_row(struct decoder *d, const uint8_t *line)
{
    struct pass p = passes[d->pass];
    bool color = d->dst->format == PIXFORMAT_RGB565;

    if (color) {
        to_rgb565(d, line, d->pass ? d->rgb565 : (uint16_t *)(void *)image_row(d->dst, d->y));
    } else {
        to_gray(d, line, d->gray);
        if (!d->pass) {
            row_store_gray(d->dst, 0, d->y, d->width, d->gray);
            row_clear_padding(d->dst, d->y);
        }
    }
    for (int i = 0, x = p.x; d->pass && i < d->width; i++, x += p.dx) {
        image_set_pixel(d->dst, x, d->y, color ? d->rgb565[i] : d->dst->format == PIXFORMAT_BINARY ? d->gray[i] > 127 : d->gray[i]);
    }
}

/* ---- Bytes to rows ---- */

static size_t row_bytes(const struct decoder *d, int width)
{
    return ((size_t)width * (size_t)(d->samples * d->info.depth) + 7) / 8;
}

/* Pixels of a pass along a side. */
static int pass_side(int side, int first, int distance)
{
    return side > first ? (side - first + distance - 1) / distance : 0;
}

/* The next pass that has pixels, or none: rows = 0. */
static void begin_pass(struct decoder *d)
{
    for (d->rows = 0; d->pass <= d->last_pass; d->pass++) {
        struct pass p = passes[d->pass];
        d->width = pass_side(d->info.width, p.x, p.dx);
        d->rows = pass_side(d->info.height, p.y, p.dy);
        if (d->width && d->rows) {
            d->y = p.y;
            d->row_bytes = row_bytes(d, d->width);
            memset(d->line[1], 0, d->row_bytes + PNG_ROW_SLACK);
            d->prior = d->line[1];
            return;
        }
        d->rows = 0;
    }
}

static uint64_t raw_bytes(const struct decoder *d)
{
    uint64_t sum = 0;

    for (int i = d->pass; i <= d->last_pass; i++) {
        int w = pass_side(d->info.width, passes[i].x, passes[i].dx), h = pass_side(d->info.height, passes[i].y, passes[i].dy);
        sum += w ? (uint64_t)h * (row_bytes(d, w) + 1) : 0;
    }
    return sum;
}

static int finish_row(struct decoder *d, const uint8_t *raw)
{
    if (raw[0] >= PNG_FILTERS || d->rows == 0) {
        return VISION_E_DATA;
    }
    uint8_t *out = d->direct ? image_row(d->dst, d->y) : d->prior == d->line[0] ? d->line[1] : d->line[0];
    png_unfilter(raw[0], raw + 1, d->prior, out, d->row_bytes, d->step);
    if (!d->direct) {
        store_row(d, out);
    }
    d->prior = out;
    d->y += passes[d->pass].dy;
    if (--d->rows == 0) {
        d->pass++;
        begin_pass(d);
    }
    return 0;
}

/* inflate_calls.take: rows where they lie, or put together from parts. */
static int take(void *context, const uint8_t *data, size_t size)
{
    struct decoder *d = context;

    while (size) {
        size_t need = d->row_bytes + 1 - d->filled, n = need < size ? need : size;
        const uint8_t *raw = data;
        if (n < d->row_bytes + 1) {
            memcpy(d->partial + d->filled, data, n);
            d->filled += n;
            raw = d->partial;
        }
        data += n;
        size -= n;
        if (n == need) {
            int err = finish_row(d, raw);
            if (err) {
                return err;
            }
            d->filled = 0;
        }
    }
    return 0;
}

/* ---- The file ---- */

static int prepare(struct decoder *d, struct arena *arena)
{
    static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
    const struct image *dst = d->dst;

    if (dst->width != d->info.width || dst->height != d->info.height) {
        return VISION_E_SIZE;
    }
    d->samples = samples[d->info.color];
    d->step = d->samples * d->info.depth >= 8 ? d->samples * d->info.depth / 8 : 1;
    d->pass = d->info.interlaced;
    d->last_pass = d->info.interlaced ? 7 : 0;
    d->direct = d->info.color == PNG_GRAY && d->info.depth == 8 && dst->format == PIXFORMAT_GRAYSCALE && !d->info.interlaced;
    size_t bytes = row_bytes(d, d->info.width) + PNG_ROW_SLACK;
    d->line[0] = arena_alloc(arena, bytes);
    d->line[1] = arena_alloc(arena, bytes);
    d->partial = arena_alloc(arena, bytes + 1);
    d->gray = arena_alloc(arena, 2 * (size_t)d->info.width);
    if (!d->line[0] || !d->line[1] || !d->partial || !d->gray) {
        return VISION_E_MEMORY;
    }
    d->rgb565 = (uint16_t *)(void *)d->gray;
    return raw_bytes(d) > UINT32_MAX ? VISION_E_SIZE : 0;
}

static int decode(struct stream *in, struct image *dst, struct arena *arena)
{
    if (!pixformat_is_mutable(dst->format)) {
        return VISION_E_FORMAT;
    }
    struct decoder *d = arena_alloc(arena, sizeof *d);
    if (!d) {
        return VISION_E_MEMORY;
    }
    memset(d, 0, sizeof *d);
    d->dst = dst;
    png_crc_init(d->crc);
    int err = reader_open(&d->reader, in, arena);
    err = err ? err : read_head(d);
    err = err ? err : prepare(d, arena);
    err = err ? err : read_before_data(d);
    if (err) {
        return err;
    }
    const struct inflate_calls calls = {fill, take, d};
    size_t raw = (size_t)raw_bytes(d);
    begin_pass(d);
    err = inflate_zlib(&calls, raw, arena);
    err = err ? err : d->rows ? VISION_E_DATA : 0;
    return err ? err : read_after_data(d);
}

int png_decode(struct stream *in, struct image *dst, struct arena *arena)
{
    size_t mark = arena->used;
    int err = decode(in, dst, arena);

    arena->used = mark;
    return err;
}
