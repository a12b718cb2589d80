/* SPDX-License-Identifier: MIT */
/* Memory pools: two-level segregated fit (Masmano et al., "TLSF: a new dynamic memory allocator", ECRTS 2004). Every operation is O(1)
   but for the copy of a realloc; free neighbours are merged at once, so fragmentation is bounded. The lists live in the pool itself. */
#include "pool.h"
#include "pool_stats.h"
#include <string.h>

#define UNIT 32u            /* blocks are multiples of it, payloads aligned to it */
#define SL_LOG2 3u
#define SL_COUNT (1u << SL_LOG2)
#define FL_COUNT 24u        /* up to 2^24 units = 512 MiB */
#define MAGIC 0x504F4F4Cu

/* In front of every payload, 16 bytes before an aligned address. */
struct block {
    uint32_t magic;         /* MAGIC ^ low bits of the address; first, so that writing beyond the block before is noticed */
    uint32_t size;          /* bytes with this header, a multiple of UNIT; bits 0-1: state */
    uint32_t previous;      /* size of the block before, 0: the first */
    uint32_t requested;     /* bytes asked for */
};
enum { FREE = 1, PERSIST = 2, STATE = 3 };
_Static_assert(sizeof(struct block) == 16, "payload alignment depends on it");

struct links { struct block *next, *prev; }; /* in the payload of a free block */
_Static_assert(sizeof(struct links) <= UNIT - sizeof(struct block), "the smallest free block holds them");

/* At the start of each pool's memory. */
struct control {
    struct block *lists[FL_COUNT][SL_COUNT];
    uint32_t fl_map;
    uint8_t sl_map[FL_COUNT];
    struct block *first, *end;  /* end: a header of size 0 behind the last block */
    size_t used, used_blocks, persist, persist_blocks, peak;
};

static struct pool_region regions[POOL_MAX];
static struct control *controls[POOL_MAX];
static size_t count;

static size_t size_of(const struct block *b) { return b->size & ~(uint32_t)STATE; }
static void *payload(struct block *b) { return b + 1; }
static struct links *links(struct block *b) { return (struct links *)(b + 1); }
static struct block *after(struct block *b) { return (struct block *)((char *)b + size_of(b)); }
static struct block *before(struct block *b) { return (struct block *)((char *)b - b->previous); }
static uint32_t magic_of(const struct block *b) { return MAGIC ^ (uint32_t)(uintptr_t)b; }
static unsigned log2_floor(uint32_t value) { return 31u - (unsigned)__builtin_clz(value); }

/* ---- Free lists ------------------------------------------------------------------------------------------- */

/* The list that a block of `size` bytes belongs to. */
static void mapping(size_t size, unsigned *fl, unsigned *sl)
{
    uint32_t units = (uint32_t)(size / UNIT);
    if (units < SL_COUNT) {
        *fl = 0;
        *sl = units;
    } else {
        unsigned top = log2_floor(units);
        *fl = top - SL_LOG2 + 1;
        *sl = (units >> (top - SL_LOG2)) & (SL_COUNT - 1);
    }
}

static void list_add(struct control *c, struct block *b)
{
    unsigned fl, sl;
    mapping(size_of(b), &fl, &sl);
    struct block *head = c->lists[fl][sl];
    links(b)->next = head;
    links(b)->prev = NULL;
    if (head) {
        links(head)->prev = b;
    }
    c->lists[fl][sl] = b;
    c->fl_map |= 1u << fl;
    c->sl_map[fl] |= (uint8_t)(1u << sl);
    b->size |= FREE;
}

static void list_remove(struct control *c, struct block *b)
{
    unsigned fl, sl;
    mapping(size_of(b), &fl, &sl);
    struct block *next = links(b)->next, *prev = links(b)->prev;
    if (next) {
        links(next)->prev = prev;
    }
    if (prev) {
        links(prev)->next = next;
    } else {
        c->lists[fl][sl] = next;
        if (!next) {
            c->sl_map[fl] &= (uint8_t)~(1u << sl);
            if (!c->sl_map[fl]) {
                c->fl_map &= ~(1u << fl);
            }
        }
    }
    b->size &= ~(uint32_t)STATE;
}

/* A free block of at least `size` bytes, or NULL. The search starts at the first list whose every block is large enough; before
   giving up, the list just below is tried at its head, so that an exact fit is found. */
static struct block *find(struct control *c, size_t size)
{
    unsigned fl, sl, exact_fl, exact_sl;
    mapping(size, &exact_fl, &exact_sl);
    size_t rounded = size;
    if (size / UNIT >= SL_COUNT) {
        rounded += ((size_t)UNIT << (log2_floor((uint32_t)(size / UNIT)) - SL_LOG2)) - UNIT;
    }
    mapping(rounded, &fl, &sl);
    if (fl < FL_COUNT) {
        uint32_t map = c->sl_map[fl] & (0xFFu << sl);
        if (!map) {
            uint32_t above = fl + 1 < 32 ? c->fl_map & (~0u << (fl + 1)) : 0;
            if (above) {
                fl = (unsigned)__builtin_ctz(above);
                map = c->sl_map[fl];
            }
        }
        if (map) {
            return c->lists[fl][(unsigned)__builtin_ctz(map)];
        }
    }
    struct block *b = c->lists[exact_fl][exact_sl];
    return b && size_of(b) >= size ? b : NULL;
}

/* ---- Blocks -------------------------------------------------------------------------------------------------- */

/* Cuts `b` (in no list) to `size` bytes; the rest becomes a free block. */
static void trim(struct control *c, struct block *b, size_t size)
{
    size_t rest = size_of(b) - size;
    if (rest < UNIT) {
        return;
    }
    struct block *tail = (struct block *)((char *)b + size);
    b->size = (uint32_t)size | (b->size & STATE);
    tail->size = (uint32_t)rest;
    tail->previous = (uint32_t)size;
    tail->requested = 0;
    tail->magic = magic_of(tail);
    struct block *next = after(tail);
    if (next != c->end && (next->size & FREE)) {
        list_remove(c, next);
        tail->size += (uint32_t)size_of(next);
        next = after(tail);
    }
    next->previous = (uint32_t)size_of(tail);
    list_add(c, tail);
}

static void account(struct control *c, const struct block *b, bool add)
{
    size_t bytes = size_of(b), one = 1;
    if (!add) {
        bytes = (size_t)0 - bytes;
        one = (size_t)0 - one;
    }
    if (b->size & PERSIST) {
        c->persist += bytes;
        c->persist_blocks += one;
    } else {
        c->used += bytes;
        c->used_blocks += one;
    }
    if (c->used + c->persist > c->peak) {
        c->peak = c->used + c->persist;
    }
    pool_stats_account(c, c->used + c->persist);
}

/* Frees `b` and merges it with free neighbours; returns the resulting block. */
static struct block *release(struct control *c, struct block *b)
{
    account(c, b, false);
    b->size &= ~(uint32_t)STATE;
    struct block *next = after(b);
    if (next != c->end && (next->size & FREE)) {
        list_remove(c, next);
        b->size += (uint32_t)size_of(next);
    }
    if (b->previous && (before(b)->size & FREE)) {
        struct block *previous = before(b);
        list_remove(c, previous);
        previous->size += (uint32_t)size_of(b);
        b = previous;
    }
    after(b)->previous = (uint32_t)size_of(b);
    list_add(c, b);
    return b;
}

/* Block size for a request, or 0 when it is absurd. */
static size_t block_size(size_t size)
{
    if (size == 0 || size > 0x40000000u) {
        return 0;
    }
    return (size + sizeof(struct block) + UNIT - 1) / UNIT * UNIT;
}

/* ---- Choice of the pool ------------------------------------------------------------------------------------------ */

/* How well pool `i` suits a request: 0 = not at all, larger is better. */
static unsigned suitability(size_t i, uint32_t flags)
{
    uint32_t has = regions[i].flags, wanted = flags & POOL_PROPERTIES;
    bool tcm = has & (POOL_ITCM | POOL_DTCM);
    if (tcm && !(wanted & (POOL_FAST | POOL_ITCM | POOL_DTCM | POOL_TRANSIENT))) {
        return 0; /* no DMA controller reaches a TCM: never given to someone who has not asked for it */
    }
    if ((flags & POOL_STRICT) && (has & wanted) != wanted) {
        return 0;
    }
    unsigned matches = (unsigned)__builtin_popcount(has & wanted), extras = (unsigned)__builtin_popcount(has & ~wanted);
    return 64 + 8 * matches - extras - (has & ~wanted & POOL_TRANSIENT ? 16 : 0);
}

/* Pools in order of suitability: calls `try` until it returns non-NULL. */
static void *each_pool(uint32_t flags, size_t size, void *(*try)(struct control *c, size_t size, uint32_t flags))
{
    uint32_t done = 0;
    for (;;) {
        unsigned best = 0;
        size_t choice = 0;
        for (size_t i = 0; i < count; i++) {
            unsigned s = done >> i & 1 ? 0 : suitability(i, flags);
            if (s > best) {
                best = s;
                choice = i;
            }
        }
        if (!best) {
            return NULL;
        }
        done |= 1u << choice;
        void *result = try(controls[choice], size, flags);
        if (result) {
            return result;
        }
    }
}

static void *take(struct control *c, size_t size, uint32_t flags)
{
    size_t total = block_size(size);
    struct block *b = total ? find(c, total) : NULL;
    if (!b) {
        return NULL;
    }
    list_remove(c, b);
    trim(c, b, total);
    b->requested = (uint32_t)size;
    if (flags & POOL_PERSIST) {
        b->size |= PERSIST;
    }
    account(c, b, true);
    return payload(b);
}

static size_t index_of(const void *pointer)
{
    for (size_t i = 0; i < count; i++) {
        if ((const char *)pointer > (const char *)controls[i]->first && (const char *)pointer < (const char *)controls[i]->end) {
            return i;
        }
    }
    return POOL_MAX;
}

/* The block of a pointer that pool_alloc returned; anything else is a fault of the program. */
static struct block *checked(const void *pointer, struct control **c)
{
    size_t i = index_of(pointer);
    struct block *b = (struct block *)(uintptr_t)pointer - 1;
    if (i == POOL_MAX || (uintptr_t)pointer % UNIT) {
        pool_panic("memory pool: a pointer that is not from the pool was freed", pointer);
    }
    if (b->magic != magic_of(b) || (char *)after(b) > (char *)controls[i]->end || after(b)->magic != magic_of(after(b))
        || after(b)->previous != size_of(b)) {
        pool_panic("memory pool: a block was overwritten", pointer);
    }
    if (b->size & FREE) {
        pool_panic("memory pool: a block was freed twice", pointer);
    }
    *c = controls[i];
    return b;
}

/* ---- The functions of pool.h ------------------------------------------------------------------------------------------- */

void pool_init(const struct pool_region *list, size_t n)
{
    count = 0;
    for (size_t i = 0; i < n && i < POOL_MAX; i++) {
        uintptr_t start = ((uintptr_t)list[i].base + UNIT - 1) & ~(uintptr_t)(UNIT - 1);
        uintptr_t end = ((uintptr_t)list[i].base + list[i].size) & ~(uintptr_t)(UNIT - 1);
        /* Blocks start 16 bytes before an aligned address. */
        uintptr_t first = ((start + sizeof(struct control) + UNIT - 1) & ~(uintptr_t)(UNIT - 1)) + UNIT - sizeof(struct block);
        uintptr_t last = end - sizeof(struct block);
        if (end < start || last <= first || last - first < UNIT || last - first >= 0x80000000u) {
            continue;
        }
        struct control *c = memset((void *)start, 0, sizeof *c);
        c->first = (struct block *)first;
        c->end = (struct block *)last;
        *c->first = (struct block){ .size = (uint32_t)(last - first), .magic = magic_of(c->first) };
        *c->end = (struct block){ .previous = c->first->size, .magic = magic_of(c->end) };
        list_add(c, c->first);
        regions[count] = (struct pool_region){ list[i].name, (void *)start, end - start, list[i].flags };
        controls[count++] = c;
    }
}

/* `site`: who asked, for the statistics. */
static void *allocate(size_t size, uint32_t flags, const void *site)
{
    uint32_t state = pool_lock();
    void *result = each_pool(flags, size, take);
    pool_stats_request(size, flags, site, result);
    pool_unlock(state);
    return result;
}

void *pool_alloc(size_t size, uint32_t flags) { return allocate(size, flags, __builtin_return_address(0)); }

void *pool_calloc(size_t size, uint32_t flags)
{
    void *result = allocate(size, flags, __builtin_return_address(0));
    return result ? memset(result, 0, size) : NULL;
}

void pool_free(void *pointer)
{
    if (pointer) {
        uint32_t state = pool_lock();
        struct control *c;
        struct block *b = checked(pointer, &c);
        release(c, b);
        pool_unlock(state);
    }
}

/* Tries to make `b` at least `total` bytes where it is. */
static bool resize_in_place(struct control *c, struct block *b, size_t total)
{
    struct block *next = after(b);
    size_t available = size_of(b) + (next != c->end && (next->size & FREE) ? size_of(next) : 0);
    if (available < total) {
        return false;
    }
    account(c, b, false);
    if (size_of(b) < total) {
        list_remove(c, next);
        b->size += (uint32_t)size_of(next);
        after(b)->previous = (uint32_t)size_of(b);
    }
    trim(c, b, total);
    account(c, b, true);
    return true;
}

void *pool_realloc(void *pointer, size_t size, uint32_t flags)
{
    if (!pointer) {
        return allocate(size, flags, __builtin_return_address(0));
    }
    uint32_t state = pool_lock();
    struct control *c;
    struct block *b = checked(pointer, &c);
    size_t total = block_size(size);
    bool done = total && resize_in_place(c, b, total);
    if (done) {
        b->requested = (uint32_t)size;
    }
    size_t old = size_of(b) - sizeof *b;
    pool_unlock(state);
    if (done) {
        return pointer;
    }
    void *moved = allocate(size, flags, __builtin_return_address(0));
    if (moved) {
        memcpy(moved, pointer, old < size ? old : size);
        pool_free(pointer);
    }
    return moved;
}

size_t pool_size(const void *pointer)
{
    struct control *c;
    return size_of(checked(pointer, &c)) - sizeof(struct block);
}

bool pool_owns(const void *pointer) { return index_of(pointer) != POOL_MAX; }

size_t pool_largest(uint32_t flags)
{
    size_t largest = 0;
    uint32_t state = pool_lock();
    for (size_t i = 0; i < count; i++) {
        struct control *c = controls[i];
        if (!c->fl_map || !suitability(i, flags)) {
            continue;
        }
        /* The largest block is in the highest list, but not always at its head. */
        unsigned fl = log2_floor(c->fl_map), sl = log2_floor(c->sl_map[fl]);
        for (struct block *b = c->lists[fl][sl]; b; b = links(b)->next) {
            size_t bytes = size_of(b) - sizeof *b;
            /* An exact fit is only found at the head of its list. */
            if (bytes > largest && find(c, size_of(b))) {
                largest = bytes;
            }
        }
    }
    pool_unlock(state);
    return largest;
}

size_t pool_collect(void)
{
    size_t freed = 0;
    uint32_t state = pool_lock();
    for (size_t i = 0; i < count; i++) {
        struct control *c = controls[i];
        for (struct block *b = c->first; b != c->end;) {
            if (!(b->size & STATE)) {
                b = release(c, b);
                freed++;
            }
            b = after(b);
        }
    }
    pool_unlock(state);
    return freed;
}

bool pool_get_stats(int index, struct pool_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    if (index >= (int)count) {
        return false;
    }
    uint32_t state = pool_lock();
    for (size_t i = 0; i < count; i++) {
        const struct control *c = controls[i];
        if (index >= 0 && (size_t)index != i) {
            continue;
        }
        stats->used_blocks += c->used_blocks;
        stats->persist_blocks += c->persist_blocks;
        stats->used += c->used;
        stats->persist += c->persist;
        stats->peak += c->peak;
        stats->total += (size_t)((const char *)c->end - (const char *)c->first);
        for (struct block *b = c->first; b != c->end; b = after(b)) {
            stats->free_blocks += b->size & FREE;
            stats->free += b->size & FREE ? size_of(b) : 0;
        }
    }
    pool_unlock(state);
    return true;
}

void pool_reset_peak(void)
{
    for (size_t i = 0; i < count; i++) {
        controls[i]->peak = controls[i]->used + controls[i]->persist;
    }
}

size_t pool_count(void) { return count; }
const struct pool_region *pool_region(size_t index) { return index < count ? &regions[index] : NULL; }

static const char *check_one(const struct control *c)
{
    size_t used = 0, persist = 0;
    uint32_t previous = 0;
    bool previous_free = false;
    for (struct block *b = c->first; b != c->end; b = after(b)) {
        if (b->magic != magic_of(b)) {
            return "a block header was overwritten";
        }
        if (b->previous != previous || size_of(b) < UNIT || (char *)after(b) > (const char *)c->end) {
            return "the chain of blocks is broken";
        }
        if ((b->size & FREE) && previous_free) {
            return "two free neighbours";
        }
        previous_free = b->size & FREE;
        previous = (uint32_t)size_of(b);
        *(b->size & PERSIST ? &persist : &used) += b->size & FREE ? 0 : size_of(b);
    }
    if (c->end->previous != previous || c->end->magic != magic_of(c->end)) {
        return "the end mark was overwritten";
    }
    return used == c->used && persist == c->persist ? NULL : "the sums are wrong";
}

const char *pool_check(void)
{
    for (size_t i = 0; i < count; i++) {
        const char *wrong = check_one(controls[i]);
        if (wrong) {
            return wrong;
        }
    }
    return NULL;
}
