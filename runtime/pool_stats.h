/* SPDX-License-Identifier: MIT */
/* FB_ALLOC_STATS=1: who asked the memory pools in vain, and what each frame needed. Otherwise nothing at all. */
#ifndef RUNTIME_POOL_STATS_H
#define RUNTIME_POOL_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/pool.h"

#ifndef FB_ALLOC_STATS
#define FB_ALLOC_STATS 0
#endif

/* Requests from one place in the code that were not granted: the largest of them, and what the pools could have given then. */
struct pool_failure { const void *site; unsigned count; size_t size, largest; uint32_t flags; };
#define POOL_FAILURES 4

/* What a frame is: from one picture in the frame buffer to the next. Peaks are of used and persistent bytes. */
struct pool_frames {
    unsigned frames, requests, most_requests;       /* requests of the last frame, and of the one with most */
    size_t peak[POOL_MAX], most_peak[POOL_MAX];
};

#if FB_ALLOC_STATS
const struct pool_failure *pool_stats_failure(unsigned index);  /* NULL: there are no more; the first POOL_FAILURES places are kept */
const struct pool_frames *pool_stats_frames(void);
void pool_stats_reset(void);
void pool_stats_frame(void);                                    /* a frame begins */
/* From pool.c, locked. */
void pool_stats_request(size_t size, uint32_t flags, const void *site, const void *result);
void pool_stats_account(const void *base, size_t used);
#else
static inline void pool_stats_frame(void) {}
static inline void pool_stats_request(size_t size, uint32_t flags, const void *site, const void *result)
{
    (void)size, (void)flags, (void)site, (void)result;
}
static inline void pool_stats_account(const void *base, size_t used) { (void)base, (void)used; }
#endif

#endif
