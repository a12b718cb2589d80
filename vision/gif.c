/* SPDX-License-Identifier: MIT */
/* GIF89a: blocks, and the variable-length Lempel-Ziv-Welch code of its appendix F. */
#include "vision/gif.h"

#include <string.h>

#include "vision/row.h"

enum { CODES = 4096, SLOTS = 8192, EMPTY = -1, BLOCKS = 16, BLOCK = 256 };

/* A string of the code is another one and a byte: a slot holds both (20 bits) above the string's code. Code 4095 never has a string of itself, so
   that all ones stand for an empty slot. */
struct lzw {
    uint32_t *slots;                /* SLOTS */
    uint8_t *blocks;                /* BLOCKS of a length and up to 255 bytes */
    size_t used;                    /* of them, bytes */
    uint32_t bits;
    int count;                      /* of bits */
    int literal, size, next;        /* bits of a pixel; of the next code; the next new code */
    int32_t prefix;                 /* the string so far, or EMPTY */
    struct gif *g;
    int error;
};

/* ---- Output ---- */

static void write_out(struct gif *g, const void *data, size_t size, int *error)
{
    if (!*error && size > UINT32_MAX - g->end) {
        *error = VISION_E_SPACE;
    }
    if (!*error) {
        *error = g->stream->write(g->stream->context, data, size);
        g->end += (uint32_t)size;
    }
}

static void flush_blocks(struct lzw *z)
{
    for (size_t at = 0; at < z->used; at += BLOCK) {
        size_t left = z->used - at;
        z->blocks[at] = (uint8_t)((left < BLOCK ? left : BLOCK) - 1);
    }
    write_out(z->g, z->blocks, z->used, &z->error);
    z->used = 0;
}

static void put_byte(struct lzw *z, uint8_t byte)
{
    if (z->used == BLOCKS * BLOCK) {
        flush_blocks(z);
    }
    if (z->used % BLOCK == 0) {
        z->used++;                  /* the length, later */
    }
    z->blocks[z->used++] = byte;
}

static void put_code(struct lzw *z, int code)
{
    z->bits |= (uint32_t)code << z->count;
    z->count += z->size;
    while (z->count >= 8) {
        put_byte(z, (uint8_t)z->bits);
        z->bits >>= 8;
        z->count -= 8;
    }
}

/* ---- The code ---- */

static void reset(struct lzw *z)
{
    put_code(z, 1 << z->literal);
    memset(z->slots, 0xFF, SLOTS * sizeof *z->slots);
    z->size = z->literal + 1;
    z->next = (1 << z->literal) + 2;
}

static void put_row(struct lzw *z, const uint8_t *pixels, int n)
{
    int32_t prefix = z->prefix;
    int i = 0;

    if (prefix == EMPTY) {
        prefix = pixels[i++];
    }
    for (; i < n; i++) {
        uint32_t key = (uint32_t)prefix << 8 | pixels[i], slot = key * 2654435761u >> 19;
        while (z->slots[slot] >> 12 != key && z->slots[slot] != UINT32_MAX) {
            slot = (slot + 1) % SLOTS;
        }
        if (z->slots[slot] != UINT32_MAX) {
            prefix = (int32_t)(z->slots[slot] & 0xFFF);
            continue;
        }
        put_code(z, prefix);
        prefix = pixels[i];
        if (z->next == CODES) {
            reset(z);
            continue;
        }
        z->slots[slot] = key << 12 | (uint32_t)z->next;
        z->size += z->next == 1 << z->size;
        z->next++;
    }
    z->prefix = prefix;
}

static void finish(struct lzw *z)
{
    put_code(z, z->prefix);
    z->size += z->next == 1 << z->size && z->size < 12;
    put_code(z, (1 << z->literal) + 1);
    if (z->count) {
        put_byte(z, (uint8_t)z->bits);
    }
    flush_blocks(z);
    write_out(z->g, "", 1, &z->error);
}

/* ---- Blocks ---- */

static void put2(uint8_t *p, int v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

int gif_create(struct gif *g, struct stream *stream, int width, int height, bool color, bool loop)
{
    uint8_t head[13] = "GIF89a", palette[768];
    static const uint8_t again[19] = {0x21, 0xFF, 11, 'N', 'E', 'T', 'S', 'C', 'A', 'P', 'E', '2', '.', '0', 3, 1, 0, 0, 0};
    int error = 0;

    *g = (struct gif){.stream = stream, .width = width, .height = height, .color = color};
    if (width < 1 || height < 1 || width > IMAGE_MAX_SIDE || height > IMAGE_MAX_SIDE) {
        return VISION_E_SIZE;
    }
    put2(head + 6, width);
    put2(head + 8, height);
    head[10] = color ? 0x70 : 0xF7; /* 8 bits a channel; a palette of 256 for all pictures */
    head[11] = head[12] = 0;
    write_out(g, head, sizeof head, &error);
    for (int i = 0; i < 768; i++) {
        palette[i] = (uint8_t)(i / 3);
    }
    write_out(g, palette, color ? 0 : sizeof palette, &error);
    write_out(g, again, loop ? sizeof again : 0, &error);
    return error;
}

/* Everything of a picture before its code: how long it is shown, where it lies, its palette. */
static void put_descriptor(struct lzw *z, int delay, uint8_t *palette, int colors)
{
    struct gif *g = z->g;
    uint8_t head[18] = {0x21, 0xF9, 4, 1 << 2, 0, 0, 0, 0, 0x2C};  /* it stays until the next one covers it */
    int bits = 1;

    while (1 << bits < colors) {
        bits++;
    }
    put2(head + 4, delay);
    put2(head + 13, g->width);
    put2(head + 15, g->height);
    head[17] = (uint8_t)(g->color ? 0x80 | (bits - 1) : 0);
    write_out(g, head, sizeof head, &z->error);
    write_out(g, palette, g->color ? (size_t)3 << bits : 0, &z->error);
    z->literal = g->color ? (bits < 2 ? 2 : bits) : 8;
    z->size = z->literal + 1;
    const uint8_t literal = (uint8_t)z->literal;
    write_out(g, &literal, 1, &z->error);
}

static void put_pixels(struct lzw *z, const struct image *img, const uint16_t *map, uint8_t *row)
{
    uint16_t *wide = (uint16_t *)(void *)row;

    reset(z);
    for (int y = 0; y < img->height && !z->error; y++) {
        if (map) {
            row_load_rgb565(img, 0, y, img->width, wide);
            for (int x = 0; x < img->width; x++) {
                row[x] = (uint8_t)map[gif_cell(wide[x])];
            }
        } else {
            row_load_gray(img, 0, y, img->width, row);
        }
        put_row(z, row, img->width);
    }
    finish(z);
}

int gif_append(struct gif *g, const struct image *img, int delay, struct arena *arena)
{
    size_t mark = arena->used;
    uint32_t end = g->end;
    struct lzw z = {.g = g, .prefix = EMPTY};
    uint8_t palette[768] = {0};
    uint16_t *map = NULL;
    int colors = 256;

    if (!pixformat_row_bytes(img->format, 1)) {
        return VISION_E_FORMAT;
    }
    if (img->width != g->width || img->height != g->height) {
        return VISION_E_SIZE;
    }
    if (delay < 0 || delay > 65535) {
        return VISION_E_ARGUMENT;
    }
    if (g->color) {
        map = arena_alloc(arena, GIF_CELLS * sizeof *map);
        colors = map ? gif_choose_palette(img, palette, map, arena) : VISION_E_MEMORY;
    }
    z.slots = arena_alloc(arena, SLOTS * sizeof *z.slots);
    z.blocks = arena_alloc(arena, BLOCKS * BLOCK);
    uint8_t *row = arena_alloc(arena, (size_t)img->width * 2);
    z.error = colors < 0 ? colors : !z.slots || !z.blocks || !row ? VISION_E_MEMORY : g->stream->seek(g->stream->context, end);
    if (!z.error) {
        put_descriptor(&z, delay, palette, colors);
        put_pixels(&z, img, map, row);
    }
    g->end = z.error ? end : g->end;
    arena->used = mark;
    return z.error;
}

int gif_finish(struct gif *g)
{
    int error = g->stream->seek(g->stream->context, g->end);

    write_out(g, ";", 1, &error);
    return error;
}
