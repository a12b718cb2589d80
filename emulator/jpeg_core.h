/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Baseline JPEG (ITU-T T.81) the way a hardware codec does it: blocks in and out, tables given from outside. Plain C. */
#ifndef JPEG_CORE_H
#define JPEG_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JPEG_COMPONENTS = 4, JPEG_BLOCK = 64 };

/* Natural (row by row) position of the k-th coefficient in zigzag order. */
extern const uint8_t jpeg_core_zigzag[JPEG_BLOCK];

/* A queue of bytes that grows. */
struct jpeg_core_bytes {
    uint8_t *data;
    size_t length, capacity;
};

void jpeg_core_bytes_add(struct jpeg_core_bytes *bytes, const void *data, size_t length);
void jpeg_core_bytes_drop(struct jpeg_core_bytes *bytes, size_t length);
void jpeg_core_bytes_free(struct jpeg_core_bytes *bytes);

/* One colour component of a frame. */
struct jpeg_core_component {
    uint8_t id, h, v;           /* h * v blocks per MCU */
    uint8_t quant;              /* quantisation table 0-3 */
    uint8_t dc, ac;             /* Huffman tables 0-1 */
};

struct jpeg_core_frame {
    unsigned width, height;
    unsigned components;
    struct jpeg_core_component component[JPEG_COMPONENTS];
    uint8_t quant[4][JPEG_BLOCK];       /* zigzag order */
};

/* ---- encoder ---- */

/* Code and length of each symbol; length 0: the table has no such symbol. */
struct jpeg_core_codes {
    uint16_t code[256];
    uint8_t length[256];
};

struct jpeg_core_writer {
    struct jpeg_core_bytes *out;
    uint32_t bits;
    unsigned count;
    int dc[JPEG_COMPONENTS];    /* predictors */
};

/* Forward DCT and quantisation of 64 samples (row by row) to coefficients in zigzag order. */
void jpeg_core_forward(const uint8_t samples[JPEG_BLOCK], const uint8_t quant[JPEG_BLOCK], int16_t out[JPEG_BLOCK]);

/* Entropy-code one block. False: a symbol has no code in the tables. */
bool jpeg_core_write_block(struct jpeg_core_writer *writer, unsigned component, const int16_t block[JPEG_BLOCK],
                      const struct jpeg_core_codes *dc, const struct jpeg_core_codes *ac);

/* Fill the last byte with ones. */
void jpeg_core_write_end(struct jpeg_core_writer *writer);

/* ---- decoder ---- */

struct jpeg_core_huffman {
    uint8_t counts[16], symbols[256];
    bool defined;
};

enum jpeg_core_result { JPEG_OK, JPEG_MORE, JPEG_BAD };

struct jpeg_core_reader {
    struct jpeg_core_frame frame;
    struct jpeg_core_huffman dc[2], ac[2];
    unsigned restart;           /* MCUs between restart markers, 0: none */
    unsigned mcus, mcu;         /* in the frame, decoded so far */
    unsigned until_restart;
    int pred[JPEG_COMPONENTS];
    /* position in the entropy-coded data */
    size_t at;
    unsigned bit;               /* bits of data[at] that are used up */
};

/*
 * Parse everything up to the entropy-coded data. JPEG_OK: reader is set up and `in` begins with that data; JPEG_MORE: `in`
 * doesn't hold it all yet; JPEG_BAD: not baseline JPEG.
 */
enum jpeg_core_result jpeg_core_read_header(struct jpeg_core_reader *reader, struct jpeg_core_bytes *in);

/* Bytes that one decoded MCU has. */
size_t jpeg_core_mcu_bytes(const struct jpeg_core_frame *frame);

/* Decode the next MCU: its blocks in the order of the components, 64 samples each. JPEG_MORE leaves everything as it was. */
enum jpeg_core_result jpeg_core_read_mcu(struct jpeg_core_reader *reader, struct jpeg_core_bytes *in, uint8_t *out);

#endif
