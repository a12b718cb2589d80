/* SPDX-License-Identifier: MIT */
/* The rows of bench/core beside other libraries on this computer: what both sides of a comparison get and give. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One comparison: a row of bench/core by its name and picture format ("gray", "rgb565"), and the same done by `library`. */
struct peer {
    const char *op, *format, *library;
    void (*prepare)(const uint8_t *picture, int width, int height);     /* not timed; keeps what run needs */
    void (*run)(void);
};

extern const struct peer opencv_peers[], codec_peers[];                 /* end with op = NULL */

/* simd: with what the library has for this processor, else as little as it can be told. One thread in any case. */
void opencv_set_up(int simd);

#ifdef __cplusplus
}
#endif

#endif
