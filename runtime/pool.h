/* SPDX-License-Identifier: MIT */
/* Memory pools for images, frames and scratch: two-level segregated fit, O(1), no hidden memory. Names no chip: the board lists the pools. */
#ifndef RUNTIME_POOL_H
#define RUNTIME_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a pool is, and what a request wants of it. The same numbers are in board.h. */
#define POOL_FAST 1u
#define POOL_ITCM 2u
#define POOL_DTCM 4u
#define POOL_DMA_D1 8u      /* reachable by the DMA masters of that domain */
#define POOL_DMA_D2 16u
#define POOL_DMA_D3 32u
#define POOL_TRANSIENT 64u  /* pool: for short-lived buffers, tried last for others */
/* Of requests only. */
#define POOL_MAYBE 256u     /* the properties are a wish (the default) */
#define POOL_STRICT 512u    /* a pool without the properties is not used */
#define POOL_CACHE 1024u    /* the block owns its cache lines (always true here: blocks are 32-byte aligned and sized) */
#define POOL_PERSIST 2048u  /* survives pool_collect() and a soft reset */
#define POOL_PROPERTIES 0x7F
#define POOL_ALIGNMENT 32
#define POOL_MAX 8

struct pool_region { const char *name; void *base; size_t size; uint32_t flags; };

/* Makes one pool of each region (at most POOL_MAX; base and size are trimmed to 32 bytes). Everything allocated before is gone. */
void pool_init(const struct pool_region *regions, size_t count);

/* 32-byte aligned memory, contents undefined; NULL when no allowed pool has a block that large. size 0 gives NULL.
   May be called from PendSV and main context. */
void *pool_alloc(size_t size, uint32_t flags);
void *pool_calloc(size_t size, uint32_t flags);
/* Grows or shrinks, in place when possible; NULL: the old block is still there. pointer NULL = pool_alloc. */
void *pool_realloc(void *pointer, size_t size, uint32_t flags);
void pool_free(void *pointer);              /* NULL is allowed; a pointer not from here, or freed twice, stops loudly (pool_panic) */
size_t pool_size(const void *pointer);      /* usable bytes of the block */
bool pool_owns(const void *pointer);

/* Size of the largest block that pool_alloc(size, flags) would grant now. */
size_t pool_largest(uint32_t flags);

/* Frees every block that is not POOL_PERSIST: between scripts and at a soft reset. Returns how many there were. */
size_t pool_collect(void);

/* As umalloc.stats(): blocks used, free, persistent; bytes used, free, persistent; peak of used + persistent bytes.
   `index` < 0: all pools together (peaks added). false: no such pool. */
struct pool_stats { size_t used_blocks, free_blocks, persist_blocks, used, free, persist, peak, total; };
bool pool_get_stats(int index, struct pool_stats *stats);
void pool_reset_peak(void);
size_t pool_count(void);
const struct pool_region *pool_region(size_t index);

/* Walks every block of every pool; NULL when all is well, else what is wrong. */
const char *pool_check(void);

/* Given by the user of this file. lock returns a state for unlock (interrupt mask). panic does not return. */
uint32_t pool_lock(void);
void pool_unlock(uint32_t state);
_Noreturn void pool_panic(const char *message, const void *pointer);

#endif
