/* SPDX-License-Identifier: MIT */
/* JPEG decoder: the walk over the scan, a row of MCUs at a time. Gray output is transformed straight into the picture, 4:4:4 goes there
   block by block, other colour through a band of component rows. */
#include "vision/jpeg_head.h"

#include "vision/jpeg_simd.h"
#include "vision/row.h"

struct plane {
    uint8_t *rows;
    size_t stride;
    int shift_x, shift_y;                   /* log2 of how much coarser than the picture */
};

/* One block of every MCU: T.81 allows ten. */
struct step {
    const struct jpeg_huffman_decoder *dc, *ac;
    const struct jpeg_place *places;        /* NULL: nobody looks at this component */
    int *predicted;                         /* its DC */
    uint8_t *base;                          /* rows of the component */
    size_t stride;
    uint8_t *to;                            /* where the present MCU's block goes */
    int x, y;                               /* of the block within its MCU, in samples */
    int advance;                            /* from one MCU to the next */
};

struct decoder {
    struct jpeg_head head;
    struct jpeg_input input;
    struct jpeg_bit_reader reader;
    uint8_t raw[512];
    struct jpeg_place places[3][JPEG_PLACES];
    int dc[3];
    _Alignas(4) int16_t block[66];          /* [64] takes what runs past the end */

    struct image *dst;
    int scale, size;                        /* 1, 2, 4, 8; side of a block after scaling: 8 / scale */
    struct step steps[10];
    int step_count;
    int columns, rows;                      /* of MCUs */
    int row_height;                         /* of an MCU, in samples of the result */
    bool single;                            /* the scan has one component: an MCU is a block */
    bool direct;                            /* gray, straight into dst */
    uint32_t *woven;                        /* not NULL: 4:4:4 to RGB565, straight into dst, MCU by MCU, through these lanes */
    int wanted;                             /* components that are looked at: the first so many */
    struct plane planes[3];
    uint8_t *wide[3];                       /* a row of each component at full width, where needed */
    int marker;                             /* that ended the present segment; 0: none yet, or end of file */
    int restart_left, restart_count;
    uint32_t lanes[3 * 32 + 31];            /* `woven`, from a multiple of 128 bytes on */
};

_Static_assert(sizeof(struct decoder) + 4 * (sizeof(struct jpeg_huffman_decoder) + 8) + 8 <= JPEG_DECODE_SCRATCH, "JPEG_DECODE_SCRATCH");

/* ---- Bits ---------------------------------------------------------------------------------------------------- */

/* Appends unstuffed bytes until the buffer is full or the segment ends (T.81 B.1.1.5). */
static size_t unstuff(struct decoder *d, size_t n)
{
    struct jpeg_input *in = &d->input;
    uint8_t *to = d->reader.bytes;

    while (n < JPEG_BITS_BYTES && jpeg_input_fill(in)) {
        size_t chunk = in->size - in->at;
        const uint8_t *from = in->buffer + in->at, *end;
        chunk = chunk < JPEG_BITS_BYTES - n ? chunk : JPEG_BITS_BYTES - n;
        end = from + chunk;
        for (; end - from >= 4; from += 4, n += 4) {
            uint32_t w = load32(from);
            if ((0xFEFEFEFEu - w) & w & 0x80808080u) {  /* perhaps a byte of ones */
                break;
            }
            store32(to + n, w);
        }
        while (from < end && *from != 0xFF) {
            to[n++] = *from++;
        }
        in->at = (size_t)(from - in->buffer);
        if (from == end) {
            continue;
        }
        int c;
        do {
            in->at++;
            c = jpeg_input_fill(in) ? in->buffer[in->at] : -1;
        } while (c == 0xFF);
        if (c != 0) {
            d->marker = c > 0 ? c : 0;
            in->at += c > 0;
            d->reader.last = true;
            return n;
        }
        in->at++;
        to[n++] = 0xFF;
    }
    d->reader.last = n < JPEG_BITS_BYTES;
    return n;
}

static void refill(struct decoder *d)
{
    struct jpeg_bit_reader *r = &d->reader;
    size_t done = r->position >> 3, n = (r->end >> 3) - done;

    memmove(r->bytes, r->bytes + done, n);
    n = unstuff(d, n);
    if (r->last) {
        memset(r->bytes + n, 0, sizeof r->bytes - n);
    }
    r->position &= 7;
    r->end = (uint32_t)n << 3;
}

/* A whole block is ahead afterwards: of data, or, at the end, of zeros. */
static inline void need_block(struct decoder *d)
{
    if (!d->reader.last && d->reader.end - d->reader.position < JPEG_BLOCK_BITS) {
        refill(d);
    }
}

static void begin_segment(struct decoder *d)
{
    d->reader.position = d->reader.end = 0;
    d->reader.last = false;
    d->marker = 0;
    memset(d->dc, 0, sizeof d->dc);
    d->restart_left = d->head.restart_interval;
}

/* Before an MCU: a restart marker where one is due, and in order. */
static int restart(struct decoder *d)
{
    if (d->head.restart_interval == 0) {
        return 0;
    }
    if (d->restart_left == 0) {
        while (!d->reader.last) {
            d->reader.position = d->reader.end;
            refill(d);
        }
        if (d->marker != (JPEG_RST0 | (d->restart_count++ & 7))) {
            return VISION_E_DATA;
        }
        begin_segment(d);
    }
    d->restart_left--;
    return 0;
}

/* ---- Blocks ---------------------------------------------------------------------------------------------------- */

static inline void inverse(struct decoder *d, int count, uint8_t *out, size_t stride)
{
    if (d->scale == 1) {
        jpeg_inverse(d->block, count, out, stride);
    } else {
        jpeg_inverse_scaled(d->block, d->scale, out, stride);
    }
}

/* A block that crosses the picture's edge, at (x, y): the part inside is copied. */
static __attribute__((noinline)) void inverse_clipped(struct decoder *d, int count, int x, int y)
{
    uint8_t samples[64];
    int w = d->dst->width - x < d->size ? d->dst->width - x : d->size;
    int h = d->dst->height - y < d->size ? d->dst->height - y : d->size;

    inverse(d, count, samples, 8);
    for (int i = 0; i < h && w > 0; i++) {
        memcpy(image_row(d->dst, y + i) + x, samples + 8 * i, (size_t)w);
    }
}

/* The same with the colours of a 4:4:4 MCU, which is one block of each component. */
static void store_woven(const struct decoder *d, int x, int y, bool edge)
{
    uint8_t *out = image_row(d->dst, y) + 2 * x;
    size_t stride = 2 * (size_t)d->dst->width;
    uint16_t pixels[64];

    if (!edge) {
        jpeg_color_lanes(d->woven, out, stride);
        return;
    }
    int w = d->dst->width - x < 8 ? d->dst->width - x : 8, h = d->dst->height - y < 8 ? d->dst->height - y : 8;
    jpeg_color_lanes(d->woven, (uint8_t *)pixels, 16);
    for (int i = 0; i < h; i++, out += stride) {
        memcpy(out, pixels + 8 * i, 2 * (size_t)w);
    }
}

/* Decodes one MCU. `edge`: it may reach beyond dst, where it is written directly. */
static int decode_mcu(struct decoder *d, int column, int row, bool edge)
{
    int err = restart(d);
    if (err) {
        return err;
    }
    const bool whole = !edge && d->scale == 1;
    for (struct step *s = d->steps, *end = s + d->step_count; s < end; s++) {
        int difference, count;
        need_block(d);
        count = s->places ? jpeg_huffman_decode(&d->reader, s->dc, s->ac, s->places, &difference, d->block)
                          : jpeg_huffman_skip(&d->reader, s->dc, s->ac);
        if (count < 0 || d->reader.position > d->reader.end) {  /* before the next block: the zeros behind the end are not many */
            return VISION_E_DATA;
        }
        if (!s->places) {
            continue;
        }
        *s->predicted = (int16_t)(*s->predicted + difference);
        d->block[0] = (int16_t)simd_smulwb(s->places[0].factor, (uint32_t)*s->predicted);
        if (d->woven) {
            jpeg_inverse_lanes(d->block, count, (uint32_t *)(void *)s->base);
            continue;
        }
        if (whole) {
            jpeg_inverse(d->block, count, s->to, s->stride);
        } else if (edge) {
            inverse_clipped(d, count, column * s->advance + s->x, row * d->row_height + s->y);
        } else {
            jpeg_inverse_scaled(d->block, d->scale, s->to, s->stride);
        }
        s->to += s->advance;
    }
    if (d->woven) {
        store_woven(d, column * 8, row * 8, edge);
    }
    return 0;
}

/* ---- The band ---------------------------------------------------------------------------------------------------- */

/* Row y of the band, component c, at the picture's width. */
static const uint8_t *band_row(const struct decoder *d, int c, int y)
{
    const struct plane *p = &d->planes[c];
    const uint8_t *row = p->rows + (size_t)(y >> p->shift_y) * p->stride;

    if (p->shift_x == 0) {
        return row;
    }
    for (int x = 0; x < d->dst->width; x++) {
        d->wide[c][x] = row[x >> p->shift_x];
    }
    return d->wide[c];
}

static void rgb_row(const uint8_t *const p[3], uint16_t *out, int n)
{
    for (int x = 0; x < n; x++) {
        out[x] = (uint16_t)((p[0][x] & 0xF8) << 8 | (p[1][x] & 0xFC) << 3 | p[2][x] >> 3);
    }
}

static void gray_row(const uint8_t *y, uint16_t *out, int n)
{
    for (int x = 0; x < n; x++) {
        out[x] = (uint16_t)((y[x] & 0xF8) << 8 | (y[x] & 0xFC) << 3 | y[x] >> 3);
    }
}

/* Chroma is at half the width, luma at the full one: the usual files, and the fast way. */
static bool is_half(const struct decoder *d)
{
    return !d->head.rgb && d->wanted == 3 && d->planes[0].shift_x == 0 && d->planes[1].shift_x == 1 && d->planes[2].shift_x == 1;
}

/* Row y of the band, and as many more as share its chroma, to row `at` of the picture. Returns how many. */
static int store_rgb565_rows(struct decoder *d, int y, int at)
{
    int n = d->dst->width;
    uint16_t *out = (uint16_t *)(void *)image_row(d->dst, at);
    const struct plane *p = d->planes;

    if (d->wanted == 1) {
        gray_row(band_row(d, 0, y), out, n);
        return 1;
    }
    if (is_half(d)) {
        const uint8_t *luma = p[0].rows + (size_t)(y >> p[0].shift_y) * p[0].stride;
        const uint8_t *cb = p[1].rows + (size_t)(y >> p[1].shift_y) * p[1].stride;
        const uint8_t *cr = p[2].rows + (size_t)(y >> p[2].shift_y) * p[2].stride;
        if (p[0].shift_y == 0 && p[1].shift_y && p[2].shift_y && (y & 1) == 0 && at + 1 < d->dst->height) {
            jpeg_color_half_2(luma, p[0].stride, cb, cr, out, n);
            return 2;
        }
        jpeg_color_half(luma, cb, cr, out, n);
        return 1;
    }
    const uint8_t *rows[3] = {band_row(d, 0, y), band_row(d, 1, y), band_row(d, 2, y)};
    if (d->head.rgb) {
        rgb_row(rows, out, n);
    } else {
        jpeg_color_full(rows[0], rows[1], rows[2], out, n);
    }
    return 1;
}

static void store_gray_row(struct decoder *d, int y, int at)
{
    const uint8_t *gray = band_row(d, 0, y);

    if (d->wanted == 3) {       /* a file of red, green and blue */
        const uint8_t *g = band_row(d, 1, y), *b = band_row(d, 2, y);
        uint8_t *out = d->wide[0];
        for (int x = 0; x < d->dst->width; x++) {
            out[x] = (uint8_t)((38u * gray[x] + 75u * g[x] + 15u * b[x]) >> 7);
        }
        gray = out;
    }
    row_store_gray(d->dst, 0, at, d->dst->width, gray);
    row_clear_padding(d->dst, at);
}

static void store_band(struct decoder *d, int top, int rows)
{
    for (int y = 0; y < rows && top + y < d->dst->height;) {
        if (d->dst->format == PIXFORMAT_RGB565) {
            y += store_rgb565_rows(d, y, top + y);
        } else {
            store_gray_row(d, y, top + y);
            y++;
        }
    }
}

static int log2_of(int ratio)
{
    return ratio == 4 ? 2 : ratio - 1;
}

static int allocate_band(struct decoder *d, struct arena *arena)
{
    const struct jpeg_head *head = &d->head;
    bool coarse = head->rgb;        /* some row has to be widened, or a row of RGB turned gray */

    for (int c = 0; c < d->wanted; c++) {
        const struct jpeg_component *component = &head->components[c];
        struct plane *p = &d->planes[c];
        int h = d->single ? 1 : component->h, v = d->single ? 1 : component->v;
        p->shift_x = log2_of(head->h_max / component->h);
        p->shift_y = log2_of(head->v_max / component->v);
        p->stride = ((size_t)(d->columns * h * d->size) + 7) & ~(size_t)7;
        p->rows = arena_alloc(arena, p->stride * (size_t)(v * d->size));
        if (!p->rows) {
            return VISION_E_MEMORY;
        }
        coarse = coarse || p->shift_x != 0;
    }
    for (int c = 0; c < d->wanted && coarse && !is_half(d); c++) {
        size_t width = (size_t)(d->columns * (d->single ? 1 : head->h_max) * d->size);
        d->wide[c] = arena_alloc(arena, (width + 7) & ~(size_t)7);
        if (!d->wide[c]) {
            return VISION_E_MEMORY;
        }
    }
    return 0;
}

/* ---- The scan ---------------------------------------------------------------------------------------------------- */

/* Factors and places of a component's coefficients. */
static void prepare_places(struct decoder *d, int c)
{
    static const uint8_t place[8] = {JPEG_COEFFICIENT_ORDER};
    const uint16_t *q = d->head.quantisers[d->head.components[c].quantiser];
    struct jpeg_place *p = d->places[c];

    for (int i = 0; i < 64; i++) {
        unsigned n = jpeg_zigzag_order[i];
        int64_t factor = (int64_t)q[i] << 19;   /* 3 fractional bits, 1/65536 */
        p[i].index = n;
        if (d->scale == 1) {
            factor = factor * jpeg_aan_scale[n >> 3] >> 12;
            p[i].index = (n & 56) | place[n & 7];
        }
        p[i].factor = factor > INT32_MAX ? INT32_MAX : (int32_t)factor;
    }
    for (int i = 64; i < JPEG_PLACES; i++) {
        p[i] = (struct jpeg_place){0, 64};
    }
}

/* The blocks of an MCU, in order. */
static void prepare_steps(struct decoder *d)
{
    for (int c = 0; c < d->head.info.components; c++) {
        const struct jpeg_component *component = &d->head.components[c];
        int h = d->single ? 1 : component->h, v = d->single ? 1 : component->v;
        for (int i = 0; i < h * v && component->in_scan; i++) {
            struct step *s = &d->steps[d->step_count++];
            *s = (struct step){.dc = d->head.dc[component->dc], .ac = d->head.ac[component->ac], .predicted = &d->dc[c],
                               .x = i % h * d->size, .y = i / h * d->size, .advance = h * d->size};
            if (c < d->wanted) {
                s->places = d->places[c];
                s->base = d->direct ? d->dst->data : d->woven ? (uint8_t *)(d->woven + 32 * c) : d->planes[c].rows;
                s->stride = d->direct ? (size_t)d->dst->width : d->planes[c].stride;
            }
        }
    }
}

/* What the scan holds and which way it goes to dst. */
static int prepare(struct decoder *d, struct arena *arena)
{
    const struct jpeg_head *head = &d->head;
    const struct jpeg_info *info = &head->info;
    const struct jpeg_component *luma = &head->components[0];
    bool color = d->dst->format == PIXFORMAT_RGB565;
    bool full_luma = luma->h == head->h_max && luma->v == head->v_max;

    d->size = 8 / d->scale;
    d->single = head->scan_components == 1;
    d->wanted = info->components == 3 && (color || head->rgb) ? 3 : 1;
    if (head->scan_components != info->components && (d->wanted == 3 || !luma->in_scan || !full_luma || !d->single)) {
        return VISION_E_UNSUPPORTED;
    }
    int mcu_w = d->single ? 8 : 8 * head->h_max, mcu_h = d->single ? 8 : 8 * head->v_max;
    d->columns = (info->width + mcu_w - 1) / mcu_w;
    d->rows = (info->height + mcu_h - 1) / mcu_h;
    d->direct = d->dst->format == PIXFORMAT_GRAYSCALE && d->wanted == 1 && full_luma;
    for (int c = 0; c < d->wanted; c++) {
        prepare_places(d, c);
    }
    d->row_height = mcu_h / d->scale;
    if (color && d->wanted == 3 && !head->rgb && d->scale == 1 && info->subsampling == 0x11 && full_luma) {
        d->woven = (uint32_t *)(((uintptr_t)d->lanes + 127) & ~(uintptr_t)127);
    }
    int err = d->direct || d->woven ? 0 : allocate_band(d, arena);
    prepare_steps(d);
    return err;
}

static int decode_row(struct decoder *d, int row)
{
    int width = d->steps[0].advance, height = d->row_height;
    bool last = (row + 1) * height > d->dst->height, in_place = d->direct || d->woven;

    for (int i = 0; i < d->step_count; i++) {
        struct step *s = &d->steps[i];
        if (s->places) {
            s->to = s->base + (size_t)(s->y + (d->direct ? row * height : 0)) * s->stride + (size_t)s->x;
        }
    }
    for (int column = 0; column < d->columns; column++) {
        bool edge = in_place && (last || (column + 1) * width > d->dst->width);
        int err = decode_mcu(d, column, row, edge);
        if (err) {
            return d->input.error < 0 ? d->input.error : err;
        }
    }
    if (!in_place) {
        store_band(d, row * height, height);
    }
    return 0;
}

static int decode_scan(struct decoder *d)
{
    int err = 0;

    begin_segment(d);
    for (int row = 0; row < d->rows && !err; row++) {
        err = decode_row(d, row);
    }
    return err;
}

static int decode(struct stream *in, const struct jpeg_decode_options *options, struct image *dst, struct arena *arena)
{
    if (options->scale != 1 && options->scale != 2 && options->scale != 4 && options->scale != 8) {
        return VISION_E_ARGUMENT;
    }
    if (!pixformat_is_mutable(dst->format)) {
        return VISION_E_FORMAT;
    }
    struct decoder *d = arena_alloc(arena, sizeof *d);
    if (!d) {
        return VISION_E_MEMORY;
    }
    memset(d, 0, sizeof *d);
    d->head.arena = arena;
    d->input = (struct jpeg_input){.in = in, .buffer = d->raw, .capacity = sizeof d->raw};
    d->dst = dst;
    d->scale = options->scale;
    int err = jpeg_head_read(&d->input, &d->head);
    if (!err && (dst->width != (d->head.info.width + d->scale - 1) / d->scale ||
                 dst->height != (d->head.info.height + d->scale - 1) / d->scale)) {
        err = VISION_E_SIZE;
    }
    err = err ? err : prepare(d, arena);
    return err ? err : decode_scan(d);
}

int jpeg_decode(struct stream *in, const struct jpeg_decode_options *options, struct image *dst, struct arena *arena)
{
    size_t mark = arena->used;
    int err = decode(in, options, dst, arena);

    arena->used = mark;
    return err;
}
