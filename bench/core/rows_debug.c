/* SPDX-License-Identifier: MIT */
/* What the options of a debug build cost: a call under the profiler, a line of 80 characters over RTT. The picture plays no part. */
#include "core.h"
#include "runtime/pool.h"
#include "runtime/profile.h"
#include "runtime/rtt.h"

enum { ROWS = 256, DEPTH = 32, CALLS = 1000, LINES = 10 };

uint32_t pool_lock(void)
{
    uint32_t state;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(state) : : "memory");
    return state;
}

void pool_unlock(uint32_t state)
{
    __asm__ volatile("msr primask, %0" : : "r"(state) : "memory");
}

/* The table itself has addresses in it: it is no result. */
static void profile_records(struct call *c)
{
    profile_freeze(true);
    for (unsigned i = 0; i < profile_rows(); i++) {
        profile_record(i, c->work + PROFILE_RECORD * i);
    }
}

/* Twenty calls inside each other, as in a script. */
static void prepare_profile(struct call *c)
{
    c->repeat = CALLS;
    c->finish = profile_records;
    profile_begin(c->arena.base, ROWS, DEPTH, 0);
    for (uint32_t i = 0; i < 20; i++) {
        profile_enter(0x08040000 + 64 * i, 0x08040000 + 64 * i - 30, 0xF000 - 64 * i, 0, i);
    }
}

/* Into and out of functions that are called from one place each; the hooks' own two dozen instructions are not in it. */
static void profile_calls(struct call *c)
{
    (void)c;
    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t function = 0x08050000 + 128 * (i % 50);
        profile_enter(function, 0x08041000, 0x8000, 0, i);
        profile_exit(function, 0x08041000, 0x8000, i);
    }
}

static void prepare_rtt(struct call *c)
{
    c->repeat = LINES;
    rtt_init();
}

static void rtt_lines(struct call *c)
{
    static const char line[] = "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n";

    (void)c;
    for (int i = 0; i < LINES; i++) {
        rtt_write(line, sizeof line - 1);
    }
}

const struct row debug_rows[] = {
    {"profile_call", "none", prepare_profile, profile_calls},
    {"rtt_line_80", "none", prepare_rtt, rtt_lines},
    {0},
};
