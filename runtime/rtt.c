/* SPDX-License-Identifier: MIT */
/* The RTT control block and its one ring (rtt.h), in memory that is not cached: a debugger reads it past the caches. */
#include "runtime/rtt.h"

#include <string.h>

#include "runtime/pool.h"

#ifdef __arm__
#define UNCACHED __attribute__((section(".dma_buffer"), aligned(32)))
#else
#define UNCACHED
#endif

UNCACHED struct rtt_control _SEGGER_RTT;
UNCACHED static uint8_t ring[RTT_SIZE];

void rtt_init(void)
{
    /* Backwards, so that a search of the whole memory finds the block and not this text. */
    static const char backwards[] = "TTR REGGES";

    memset(&_SEGGER_RTT, 0, sizeof _SEGGER_RTT);
    _SEGGER_RTT.up_count = 1;
    _SEGGER_RTT.up[0] = (struct rtt_buffer){ .name = "Terminal", .data = ring, .size = sizeof ring };
    __sync_synchronize(); /* complete before it can be found */
    for (size_t i = 0; i < sizeof backwards - 1; i++) {
        _SEGGER_RTT.id[i] = backwards[sizeof backwards - 2 - i];
    }
}

size_t rtt_write(const void *bytes, size_t n)
{
    struct rtt_buffer *b = &_SEGGER_RTT.up[0];
    uint32_t state = pool_lock(), write = b->write, read = b->read;
    size_t room = (read > write ? 0 : b->size) + read - write - 1, first = b->size - write;

    if (n > room) {
        n = 0;
    }
    if (n < first) {
        memcpy(b->data + write, bytes, n);
    } else {
        memcpy(b->data + write, bytes, first);
        memcpy(b->data, (const uint8_t *)bytes + first, n - first);
    }
    __sync_synchronize(); /* the bytes before the number that says they are there */
    b->write = n < first ? write + n : n - first;
    pool_unlock(state);
    return n;
}
