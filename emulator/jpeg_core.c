/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Baseline JPEG: transform, entropy coding both ways, header parsing (ITU-T T.81; section numbers are its). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg_core.h"

const uint8_t jpeg_core_zigzag[JPEG_BLOCK] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

void jpeg_core_bytes_add(struct jpeg_core_bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = 2 * (bytes->length + length) + 256;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (bytes->data == NULL) {
            abort();
        }
    }
    if (length) {                       /* there may be no buffer yet */
        memcpy(bytes->data + bytes->length, data, length);
    }
    bytes->length += length;
}

void jpeg_core_bytes_drop(struct jpeg_core_bytes *bytes, size_t length)
{
    memmove(bytes->data, bytes->data + length, bytes->length - length);
    bytes->length -= length;
}

void jpeg_core_bytes_free(struct jpeg_core_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct jpeg_core_bytes){0};
}

/* ---- transform (A.3.3) ---- */

/* basis[u][x] = C(u) / 2 * cos((2x + 1) u pi / 16) */
static const double (*dct_basis(void))[8]
{
    static double basis[8][8];

    if (basis[0][0] == 0) {
        for (int u = 7; u >= 0; u--) {
            for (int x = 0; x < 8; x++) {
                basis[u][x] = (u ? 0.5 : sqrt(0.125)) * cos((2 * x + 1) * u * 3.14159265358979323846 / 16);
            }
        }
    }
    return (const double(*)[8])basis;
}

void jpeg_core_forward(const uint8_t samples[JPEG_BLOCK], const uint8_t quant[JPEG_BLOCK], int16_t out[JPEG_BLOCK])
{
    const double(*basis)[8] = dct_basis();
    double rows[JPEG_BLOCK], all[JPEG_BLOCK];

    for (int y = 0; y < 8; y++) {
        for (int u = 0; u < 8; u++) {
            double sum = 0;

            for (int x = 0; x < 8; x++) {
                sum += basis[u][x] * (samples[8 * y + x] - 128);
            }
            rows[8 * y + u] = sum;
        }
    }
    for (int u = 0; u < 8; u++) {
        for (int v = 0; v < 8; v++) {
            double sum = 0;

            for (int y = 0; y < 8; y++) {
                sum += basis[v][y] * rows[8 * y + u];
            }
            all[8 * v + u] = sum;
        }
    }
    for (int k = 0; k < JPEG_BLOCK; k++) {
        out[k] = (int16_t)lrint(all[jpeg_core_zigzag[k]] / (quant[k] ? quant[k] : 1));
    }
}

static void inverse(const int16_t *block, const uint8_t *quant, uint8_t *samples)
{
    const double(*basis)[8] = dct_basis();
    double all[JPEG_BLOCK], rows[JPEG_BLOCK];

    for (int k = 0; k < JPEG_BLOCK; k++) {
        all[jpeg_core_zigzag[k]] = block[k] * quant[k];
    }
    for (int u = 0; u < 8; u++) {
        for (int y = 0; y < 8; y++) {
            double sum = 0;

            for (int v = 0; v < 8; v++) {
                sum += basis[v][y] * all[8 * v + u];
            }
            rows[8 * y + u] = sum;
        }
    }
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
            double sum = 128;

            for (int u = 0; u < 8; u++) {
                sum += basis[u][x] * rows[8 * y + u];
            }
            samples[8 * y + x] = (uint8_t)fmin(fmax(rint(sum), 0), 255);
        }
    }
}

/* ---- writing (F.1.2) ---- */

static void put_bits(struct jpeg_core_writer *w, unsigned value, unsigned count)
{
    while (count-- > 0) {
        w->bits = w->bits << 1 | (value >> count & 1);
        if (++w->count == 8) {
            uint8_t byte[2] = {(uint8_t)w->bits, 0};

            jpeg_core_bytes_add(w->out, byte, byte[0] == 0xff ? 2 : 1);      /* 0xFF is followed by a stuffed 0 */
            w->count = 0;
        }
    }
}

static unsigned category(int value)
{
    unsigned n = 0;

    for (value = abs(value); value; value >>= 1) {
        n++;
    }
    return n;
}

static bool put_value(struct jpeg_core_writer *w, const struct jpeg_core_codes *codes, unsigned run, int value)
{
    unsigned size = category(value), symbol = run << 4 | size;

    if (codes->length[symbol] == 0) {
        return false;
    }
    put_bits(w, codes->code[symbol], codes->length[symbol]);
    put_bits(w, (unsigned)(value < 0 ? value - 1 : value), size);
    return true;
}

bool jpeg_core_write_block(struct jpeg_core_writer *w, unsigned component, const int16_t block[JPEG_BLOCK],
                      const struct jpeg_core_codes *dc, const struct jpeg_core_codes *ac)
{
    bool ok = put_value(w, dc, 0, block[0] - w->dc[component]);
    unsigned run = 0;

    w->dc[component] = block[0];
    for (int k = 1; k < JPEG_BLOCK && ok; k++) {
        if (block[k] == 0) {
            run++;
            continue;
        }
        for (; run > 15 && ok; run -= 16) {
            ok = put_value(w, ac, 15, 0);
        }
        ok = ok && put_value(w, ac, run, block[k]);
        run = 0;
    }
    return ok && (run == 0 || put_value(w, ac, 0, 0));
}

void jpeg_core_write_end(struct jpeg_core_writer *w)
{
    if (w->count) {
        put_bits(w, 0xff, 8 - w->count);
    }
}

/* ---- reading the header (B.2) ---- */

static bool read_tables(struct jpeg_core_reader *r, const uint8_t *p, size_t n, uint8_t marker)
{
    while (n > 0) {
        unsigned id = p[0] & 15, class = p[0] >> 4;
        size_t used;

        if (marker == 0xdb) {                   /* DQT, 8-bit tables only */
            used = 1 + JPEG_BLOCK;
            if (class != 0 || id > 3 || n < used) {
                return false;
            }
            memcpy(r->frame.quant[id], p + 1, JPEG_BLOCK);
        } else {                                /* DHT */
            struct jpeg_core_huffman *table = class ? &r->ac[id & 1] : &r->dc[id & 1];
            unsigned symbols = 0;

            if (class > 1 || id > 1 || n < 17) {
                return false;
            }
            for (int i = 0; i < 16; i++) {
                symbols += p[1 + i];
            }
            used = 17 + symbols;
            if (symbols > 256 || n < used) {
                return false;
            }
            memcpy(table->counts, p + 1, 16);
            memcpy(table->symbols, p + 17, symbols);
            table->defined = true;
        }
        p += used;
        n -= used;
    }
    return true;
}

static bool read_frame(struct jpeg_core_reader *r, const uint8_t *p, size_t n)
{
    struct jpeg_core_frame *f = &r->frame;
    unsigned h = 1, v = 1, blocks = 0;

    if (n < 6 || p[0] != 8 || p[5] == 0 || p[5] > JPEG_COMPONENTS || n < 6 + 3u * p[5]) {
        return false;
    }
    f->height = (unsigned)(p[1] << 8 | p[2]);
    f->width = (unsigned)(p[3] << 8 | p[4]);
    f->components = p[5];
    for (unsigned i = 0; i < f->components; i++) {
        struct jpeg_core_component *c = &f->component[i];

        c->id = p[6 + 3 * i];
        c->h = p[7 + 3 * i] >> 4;
        c->v = p[7 + 3 * i] & 15;
        c->quant = p[8 + 3 * i];
        if (c->h == 0 || c->h > 4 || c->v == 0 || c->v > 4 || c->quant > 3) {
            return false;
        }
        h = c->h > h ? c->h : h;
        v = c->v > v ? c->v : v;
        blocks += c->h * c->v;
    }
    if (f->components == 1) {                   /* A.2.2: not interleaved, one block per MCU */
        f->component[0].h = f->component[0].v = 1;
        h = v = blocks = 1;
    }
    r->mcus = ((f->width + 8 * h - 1) / (8 * h)) * ((f->height + 8 * v - 1) / (8 * v));
    return blocks <= 10 && r->mcus > 0;
}

static bool read_scan(struct jpeg_core_reader *r, const uint8_t *p, size_t n)
{
    if (n < 1 || p[0] == 0 || p[0] != r->frame.components || n < 4 + 2u * p[0]) {
        return false;
    }
    for (unsigned i = 0; i < p[0]; i++) {
        struct jpeg_core_component *c = &r->frame.component[i];

        c->dc = p[2 + 2 * i] >> 4;
        c->ac = p[2 + 2 * i] & 15;
        if (p[1 + 2 * i] != c->id || c->dc > 1 || c->ac > 1 || !r->dc[c->dc].defined || !r->ac[c->ac].defined) {
            return false;
        }
    }
    r->until_restart = r->restart;
    return true;
}

enum jpeg_core_result jpeg_core_read_header(struct jpeg_core_reader *r, struct jpeg_core_bytes *in)
{
    const uint8_t *p = in->data;
    size_t at = 2;

    memset(r, 0, sizeof(*r));
    if (in->length < 2) {
        return JPEG_MORE;
    }
    if (p[0] != 0xff || p[1] != 0xd8) {
        return JPEG_BAD;
    }
    for (;;) {
        size_t length;
        uint8_t marker;
        bool ok = true;

        if (in->length < at + 4) {
            return JPEG_MORE;
        }
        marker = p[at + 1];
        length = (size_t)(p[at + 2] << 8 | p[at + 3]);
        if (p[at] != 0xff || length < 2) {
            return JPEG_BAD;
        }
        if (marker == 0xff) {                   /* fill byte */
            at++;
            continue;
        }
        if (in->length < at + 2 + length) {
            return JPEG_MORE;
        }
        if (marker == 0xdb || marker == 0xc4) {
            ok = read_tables(r, p + at + 4, length - 2, marker);
        } else if (marker == 0xc0) {
            ok = read_frame(r, p + at + 4, length - 2);
        } else if (marker == 0xdd) {
            ok = length >= 4;
            r->restart = ok ? (unsigned)(p[at + 4] << 8 | p[at + 5]) : 0;
        } else if (marker == 0xda) {
            ok = read_scan(r, p + at + 4, length - 2);
        } else {
            ok = marker >= 0xe0;                /* APPn, COM; other frame types aren't baseline */
        }
        if (!ok) {
            return JPEG_BAD;
        }
        at += 2 + length;
        if (marker == 0xda) {
            jpeg_core_bytes_drop(in, at);
            return JPEG_OK;
        }
    }
}

/* ---- reading the data (F.2.2) ---- */

/* Next bit; -1: not there yet, -2: a marker is in the way. */
static int get_bit(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in)
{
    uint8_t byte;

    if (r->at >= in->length) {
        return -1;
    }
    byte = in->data[r->at];
    if (byte == 0xff) {
        if (r->at + 1 >= in->length) {
            return -1;
        }
        if (in->data[r->at + 1] != 0) {
            return -2;
        }
    }
    int bit = byte >> (7 - r->bit) & 1;

    if (++r->bit == 8) {
        r->bit = 0;
        r->at += byte == 0xff ? 2 : 1;
    }
    return bit;
}

static enum jpeg_core_result get_bits(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in, unsigned count, int *value)
{
    *value = 0;
    while (count-- > 0) {
        int bit = get_bit(r, in);

        if (bit < 0) {
            return bit == -1 ? JPEG_MORE : JPEG_BAD;
        }
        *value = *value << 1 | bit;
    }
    return JPEG_OK;
}

static enum jpeg_core_result get_symbol(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in, const struct jpeg_core_huffman *table,
                                        unsigned *symbol)
{
    unsigned code = 0, first = 0, index = 0;

    for (int length = 0; length < 16; length++) {
        int bit = get_bit(r, in);

        if (bit < 0) {
            return bit == -1 ? JPEG_MORE : JPEG_BAD;
        }
        code = code << 1 | (unsigned)bit;
        first <<= 1;
        if (code - first < table->counts[length]) {
            *symbol = table->symbols[(index + code - first) & 255];
            return JPEG_OK;
        }
        index += table->counts[length];
        first += table->counts[length];
    }
    return JPEG_BAD;
}

/* A value of `size` bits (F.2.2.1, EXTEND). */
static enum jpeg_core_result get_value(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in, unsigned size, int *value)
{
    enum jpeg_core_result result = get_bits(r, in, size, value);

    if (result == JPEG_OK && size > 0 && *value < 1 << (size - 1)) {
        *value -= (1 << size) - 1;
    }
    return result;
}

static enum jpeg_core_result read_block(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in, unsigned component, int16_t *block)
{
    const struct jpeg_core_component *c = &r->frame.component[component];
    enum jpeg_core_result result;
    unsigned symbol = 0;
    int value;

    memset(block, 0, JPEG_BLOCK * sizeof(*block));
    result = get_symbol(r, in, &r->dc[c->dc], &symbol);
    if (result == JPEG_OK) {
        result = symbol > 11 ? JPEG_BAD : get_value(r, in, symbol, &value);
    }
    if (result != JPEG_OK) {
        return result;
    }
    r->pred[component] += value;
    block[0] = (int16_t)r->pred[component];
    for (unsigned k = 1; k < JPEG_BLOCK; k++) {
        result = get_symbol(r, in, &r->ac[c->ac], &symbol);
        if (result != JPEG_OK) {
            return result;
        }
        if (symbol == 0) {
            break;
        }
        k += symbol >> 4;
        if (symbol == 0xf0) {
            continue;
        }
        if (k >= JPEG_BLOCK) {
            return JPEG_BAD;
        }
        result = get_value(r, in, symbol & 15, &value);
        if (result != JPEG_OK) {
            return result;
        }
        block[k] = (int16_t)value;
    }
    return JPEG_OK;
}

/* Skip to behind a restart marker and start afresh. */
static enum jpeg_core_result read_restart(struct jpeg_core_reader *r, const struct jpeg_core_bytes *in)
{
    if (r->bit) {
        r->at += in->data[r->at] == 0xff ? 2 : 1;
        r->bit = 0;
    }
    if (r->at + 2 > in->length) {
        return JPEG_MORE;
    }
    if (in->data[r->at] != 0xff || (in->data[r->at + 1] & 0xf8) != 0xd0) {
        return JPEG_BAD;
    }
    r->at += 2;
    memset(r->pred, 0, sizeof(r->pred));
    r->until_restart = r->restart;
    return JPEG_OK;
}

size_t jpeg_core_mcu_bytes(const struct jpeg_core_frame *frame)
{
    size_t blocks = 0;

    for (unsigned i = 0; i < frame->components; i++) {
        blocks += frame->component[i].h * frame->component[i].v;
    }
    return blocks * JPEG_BLOCK;
}

enum jpeg_core_result jpeg_core_read_mcu(struct jpeg_core_reader *r, struct jpeg_core_bytes *in, uint8_t *out)
{
    struct jpeg_core_reader before = *r;
    enum jpeg_core_result result = JPEG_OK;
    int16_t block[JPEG_BLOCK];

    if (r->restart && r->until_restart == 0) {
        result = read_restart(r, in);
    }
    for (unsigned i = 0; i < r->frame.components; i++) {
        const struct jpeg_core_component *c = &r->frame.component[i];

        for (int n = c->h * c->v; n > 0 && result == JPEG_OK; n--, out += JPEG_BLOCK) {
            result = read_block(r, in, i, block);
            if (result == JPEG_OK) {
                inverse(block, r->frame.quant[c->quant], out);
            }
        }
    }
    if (result != JPEG_OK) {
        *r = before;
        return result;
    }
    r->mcu++;
    r->until_restart -= r->restart ? 1 : 0;
    jpeg_core_bytes_drop(in, r->at);
    r->at = 0;
    return JPEG_OK;
}
