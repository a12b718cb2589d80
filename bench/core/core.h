/* SPDX-License-Identifier: MIT */
/* Executed instructions of bare C functions on an emulated core without any operating software: QEMU's stock machines (machine_*.h), -icount
   shift=0, where one instruction is one nanosecond and the system timer counts them. A row of the table is set up, run twice, and printed as
   operation|picture|instructions|pixels|scratch|checksum, the last of what is then in the image and in the memory for results. */
#ifndef BENCH_CORE_H
#define BENCH_CORE_H

#include <stdint.h>

#include "vision/image.h"

/* One call to be measured. Everything is reset before `run`: img is a fresh copy of the picture, the arena is empty. */
struct call {
    struct image img;
    struct image source;        /* the picture itself, not to be written */
    uint8_t *work;              /* for results: work_bytes of memory */
    size_t work_bytes;
    struct arena arena;
    int repeat;                 /* calls within one run; the count is divided by it. 1 unless `prepare` sets another */
    void (*finish)(struct call *call);  /* not counted: brings results that lie elsewhere to `work`; NULL unless `prepare` sets it */
};

struct row {
    const char *op;
    const char *formats;        /* any of "rgb565 gray bayer yuv422"; the last two are the bytes of the first two. "none": no picture, run once */
    void (*prepare)(struct call *call);     /* not counted; may be NULL */
    void (*run)(struct call *call);
};

extern const struct row vision_rows[], filter_rows[], compose_rows[], shape_rows[], match_rows[], codec_rows[], debug_rows[];    /* end with op = NULL */

/* Plain and SIMD kernels on the same random data. Returns the number of differences, each printed. */
int check_kernels(void);
int check_window(void);
int check_jpeg(void);
int check_png(void);
int check_match(void);

void put_text(const char *text);
void put_number(uint32_t value);

#endif
