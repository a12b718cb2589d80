/* SPDX-License-Identifier: MIT */
/* The part of a JPEG file before its entropy-coded data: bytes from a stream, markers, tables, frame and scan headers. */
#ifndef VISION_JPEG_HEAD_H
#define VISION_JPEG_HEAD_H

#include "vision/jpeg_internal.h"

/* Bytes from a stream through a buffer. */
struct jpeg_input {
    struct stream *in;
    uint8_t *buffer;
    size_t capacity, at, size;
    int error;                      /* what read returned, if < 0; VISION_E_DATA at the end of the file; else 0 */
};

/* The next byte, or -1 (see error). */
int jpeg_input_byte(struct jpeg_input *input);

/* Fills the buffer when it is empty; false: nothing is left (see error). */
bool jpeg_input_fill(struct jpeg_input *input);

struct jpeg_component {
    uint8_t id, h, v, quantiser;    /* as in the frame header */
    uint8_t dc, ac;                 /* tables, from the scan header */
    bool in_scan;
};

/* All that the head says. */
struct jpeg_head {
    struct jpeg_info info;
    struct jpeg_component components[4];
    int h_max, v_max;
    int scan_components;
    int restart_interval;
    bool rgb;                       /* the three components are R, G, B */
    bool jfif;
    int adobe;                      /* transform of the Adobe marker, -1: none */
    uint16_t quantisers[4][64];     /* in zigzag order */
    uint8_t quantisers_known;       /* bits */
    struct jpeg_huffman_decoder *dc[4], *ac[4];
    struct arena *arena;            /* where tables go; NULL: only the frame header is wanted */
};

/* Reads up to the frame header (arena NULL) or to the end of the scan header. 0 or an error. */
int jpeg_head_read(struct jpeg_input *input, struct jpeg_head *head);

#endif
