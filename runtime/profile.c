/* SPDX-License-Identifier: MIT */
/* The profiler's table of calls, and the stack of those that have not ended (profile.h). */
#include "runtime/profile.h"

#include <string.h>

/* A row is in one of the places of its set. In a full set the row with the fewest ticks makes room: what is called from time to
   time comes and goes, what takes the time stays. */
enum { SET = 8, CHAINS = 64 };

struct row {
    uint64_t inclusive, exclusive;
    uint32_t function, caller, calls, min, max;
    uint16_t open;          /* frames that will add to it: it can't be replaced */
    bool used;
};

struct frame {
    uint64_t start, child;  /* when it was entered; ticks of the calls that it made and that have ended */
    uint64_t told_inclusive, told_exclusive; /* what profile_freeze has already added to the row */
    struct row *row;        /* NULL: there was no room */
    uint32_t function, site, sp;
    uint16_t exception;
    uint16_t below;         /* the next older frame + 1 in its chain, 0: none */
};

static struct {
    struct row *rows;       /* NULL: not begun */
    uint16_t *order;        /* rows in the order in which their places were taken */
    struct frame *frames;
    uint16_t *chains;       /* newest frame + 1 of the functions with this hash */
    unsigned capacity, depth_capacity, count, depth;
    unsigned too_deep;      /* calls below the last frame */
    uint32_t last, lost;
    uint64_t now;
    enum profile_mode mode;
    bool frozen;
} p;

size_t profile_bytes(unsigned rows, unsigned depth)
{
    return rows * (sizeof(struct row) + sizeof(uint16_t)) + depth * sizeof(struct frame) + CHAINS * sizeof(uint16_t);
}

void profile_begin(void *memory, unsigned rows, unsigned depth, uint32_t ticks)
{
    memset(memory, 0, profile_bytes(rows, depth));
    memset(&p, 0, sizeof p);
    p.capacity = rows;
    p.depth_capacity = depth;
    p.frames = memory;
    p.order = (uint16_t *)((char *)memory + depth * sizeof(struct frame) + rows * sizeof(struct row));
    p.chains = p.order + rows;
    p.last = ticks;
    p.rows = (struct row *)((char *)memory + depth * sizeof(struct frame));
}

/* The row of a call, made when there is room; else NULL. */
static struct row *find_row(uint32_t function, uint32_t caller)
{
    uint32_t hash = (function >> 1) * 2654435761u ^ (caller >> 1) * 2246822519u;
    struct row *set = &p.rows[(hash >> 12) * SET & (p.capacity - 1)], *least = NULL;

    for (struct row *row = set; row < set + SET; row++) {
        if (row->function == function && row->caller == caller) {
            return row;
        }
        if (!row->open && (!least || row->inclusive + row->exclusive < least->inclusive + least->exclusive)) {
            least = row;
        }
    }
    if (!least || p.frozen) {
        return NULL;
    }
    if (!least->used) {
        p.order[p.count++] = (uint16_t)(least - p.rows);
    }
    p.lost += least->calls;
    *least = (struct row){ .function = function, .caller = caller, .min = UINT32_MAX, .used = true };
    return least;
}

static uint16_t *chain_of(uint32_t function) { return &p.chains[(function >> 2) * 2654435761u >> 26]; }

/* Whether frame i is not called from within its own function. */
static bool outermost(unsigned i)
{
    for (unsigned k = p.frames[i].below; k; k = p.frames[k - 1].below) {
        if (p.frames[k - 1].function == p.frames[i].function) {
            return false;
        }
    }
    return true;
}

static uint32_t saturated(uint64_t value) { return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value; }

/* The topmost frame ends. */
static void leave(void)
{
    struct frame *f = &p.frames[--p.depth];
    *chain_of(f->function) = f->below;
    uint64_t inclusive = p.now - f->start, exclusive = inclusive - f->child;

    if (p.depth) {
        f[-1].child += inclusive;
    }
    if (!f->row) {
        return;
    }
    f->row->open--;
    if (p.frozen) {
        return;
    }
    bool whole = outermost(p.depth);
    f->row->exclusive += exclusive - f->told_exclusive;
    if (whole) {
        f->row->inclusive += inclusive - f->told_inclusive;
    }
    if (whole || p.mode == PROFILE_EXCLUSIVE) {
        uint32_t ticks = saturated(p.mode == PROFILE_EXCLUSIVE ? exclusive : inclusive);
        f->row->min = ticks < f->row->min ? ticks : f->row->min;
        f->row->max = ticks > f->row->max ? ticks : f->row->max;
    }
}

static void advance(uint32_t ticks)
{
    p.now += ticks - p.last;
    p.last = ticks;
}

/* The row of a new frame, and its chain; the caller is the frame below it, or the exception that came between. */
static void enlist(unsigned i)
{
    struct frame *f = &p.frames[i];
    bool first = i == 0 || f[-1].exception != f->exception;

    f->row = find_row(f->function, !first ? f[-1].function : f->exception ? f->exception : f->site);
    if (f->row) {
        f->row->open++;
    }
    uint16_t *chain = chain_of(f->function);
    f->below = *chain;
    *chain = (uint16_t)(i + 1);
}

void profile_enter(uint32_t function, uint32_t site, uint32_t sp, unsigned exception, uint32_t ticks)
{
    if (!p.rows) {
        return;
    }
    advance(ticks);
    /* Stacks grow down: a frame that does not lie above us is gone. One at our own place is so, too, unless we are inlined in it. */
    for (struct frame *top = &p.frames[p.depth - 1];
         p.depth && (top->sp < sp || (top->sp == sp && (top->site != site || top->function == function))); top--) {
        leave();
    }
    if (p.depth == p.depth_capacity) {
        p.too_deep++;
        p.lost += !p.frozen;
        return;
    }
    p.too_deep = 0;
    struct frame *f = &p.frames[p.depth];
    /* One by one: gcc would call memset for an initialiser, which costs as much as all the rest. */
    f->start = p.now;
    f->child = f->told_inclusive = f->told_exclusive = 0;
    f->function = function;
    f->site = site;
    f->sp = sp;
    f->exception = (uint16_t)exception;
    enlist(p.depth++);
    if (!p.frozen) {
        *(f->row ? &f->row->calls : &p.lost) += 1;
    }
}

void profile_exit(uint32_t function, uint32_t site, uint32_t sp, uint32_t ticks)
{
    if (!p.rows || !p.depth) {
        return;
    }
    const struct frame *top = &p.frames[p.depth - 1];
    if (p.too_deep && (top->function != function || top->site != site || sp < top->sp)) {
        p.too_deep--;
        return;
    }
    unsigned i = p.depth;
    while (i && (p.frames[i - 1].function != function || p.frames[i - 1].site != site)) {
        i--;
    }
    if (!i) {
        return; /* entered before the profiler began */
    }
    advance(ticks);
    while (p.depth >= i) {
        leave();
    }
}

void profile_resume(uint32_t ticks) { p.last = ticks; }

void profile_freeze(bool frozen)
{
    uint64_t above = 0;

    for (unsigned i = p.depth; frozen && !p.frozen && i-- > 0;) {
        struct frame *f = &p.frames[i];
        uint64_t inclusive = p.now - f->start, exclusive = inclusive - f->child - above;
        above = inclusive;
        if (!f->row) {
            continue;
        }
        f->row->exclusive += exclusive - f->told_exclusive;
        f->told_exclusive = exclusive;
        if (outermost(i)) {
            f->row->inclusive += inclusive - f->told_inclusive;
            f->told_inclusive = inclusive;
        }
    }
    p.frozen = frozen;
}

void profile_reset(void)
{
    if (!p.rows) {
        return;
    }
    memset(p.rows, 0, p.capacity * sizeof *p.rows);
    memset(p.chains, 0, CHAINS * sizeof *p.chains);
    p.count = 0;
    p.lost = 0;
    p.frozen = false;
    for (unsigned i = 0; i < p.depth; i++) {
        struct frame *f = &p.frames[i];
        f->start = p.now;
        f->child = f->told_inclusive = f->told_exclusive = 0;
        enlist(i);
    }
}

void profile_set_mode(enum profile_mode mode)
{
    p.mode = mode;
    profile_reset();
}

unsigned profile_rows(void) { return p.count; }
uint32_t profile_lost(void) { return p.lost; }

static void put(uint8_t **out, uint64_t value, unsigned bytes)
{
    while (bytes--) {
        *(*out)++ = (uint8_t)value;
        value >>= 8;
    }
}

void profile_record(unsigned row, uint8_t record[PROFILE_RECORD])
{
    const struct row *r = &p.rows[p.order[row]];

    put(&record, r->function, 4);
    put(&record, r->caller, 4);
    put(&record, r->calls, 4);
    put(&record, r->min == UINT32_MAX ? 0 : r->min, 4);
    put(&record, r->max, 4);
    put(&record, p.mode == PROFILE_EXCLUSIVE ? r->exclusive : r->inclusive, 8);
    put(&record, r->exclusive, 8);
    put(&record, 0, 4);
}
