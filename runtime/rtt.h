/* SPDX-License-Identifier: MIT */
/* SEGGER RTT: a ring in RAM that a debugger finds by the name of its control block and empties while the program runs. Up only. */
#ifndef RUNTIME_RTT_H
#define RUNTIME_RTT_H

#include <stddef.h>
#include <stdint.h>

/* The format is SEGGER's, as readers know it (J-Link, OpenOCD, pyOCD): identification, numbers of the two kinds of buffers, their
   descriptors. The writer only moves `write`, the reader only `read`; the ring is empty when they are equal. */
struct rtt_buffer {
    const char *name;
    uint8_t *data;
    uint32_t size;
    volatile uint32_t write, read;
    uint32_t flags;         /* bits 0-1: what a full ring does; 0: what does not fit as a whole is left out */
};

struct rtt_control {
    char id[16];            /* "SEGGER RTT", padded with zeros */
    int32_t up_count, down_count;
    struct rtt_buffer up[1];
};

#define RTT_SIZE 1024u

/* The name that debuggers look for in the ELF file. */
extern struct rtt_control _SEGGER_RTT;

/* Makes the ring empty and the block recognisable. Before any rtt_write. */
void rtt_init(void);

/* All n bytes, or, when the reader is too slow for them, none. Any context. Returns how many. */
size_t rtt_write(const void *bytes, size_t n);

#endif
