/* SPDX-License-Identifier: MIT */
/* The profiler's table: nesting, recursion, longjmp, inlining, interrupts, a full table, freezing. Time and stack are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/profile.h"

enum { F = 0x1000, G = 0x2000, H = 0x3000, SITE = 0x9000 };

static void *memory;
static uint32_t now;

static void begin(unsigned rows, unsigned depth)
{
    memory = realloc(memory, profile_bytes(rows, depth));
    now = 0xFFFFFF00u; /* the clock wraps soon */
    profile_begin(memory, rows, depth, now);
}

static int finish(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    return 0;
}

static void enter(uint32_t function, uint32_t sp) { profile_enter(function, SITE + function, sp, 0, now); }
static void leave(uint32_t function, uint32_t sp) { profile_exit(function, SITE + function, sp, now); }
static void wait(uint32_t ticks) { now += ticks; }

struct row { uint32_t calls, min, max; uint64_t total, exclusive; };

static uint64_t get(const uint8_t *p, unsigned n)
{
    uint64_t value = 0;
    while (n--)
        value = value << 8 | p[n];
    return value;
}

/* The row of this pair; all zeros when there is none. */
static struct row row_of(uint32_t function, uint32_t caller)
{
    for (unsigned i = 0; i < profile_rows(); i++) {
        uint8_t r[PROFILE_RECORD];
        profile_record(i, r);
        if (get(r, 4) == function && get(r + 4, 4) == caller)
            return (struct row){(uint32_t)get(r + 8, 4), (uint32_t)get(r + 12, 4), (uint32_t)get(r + 16, 4), get(r + 20, 8), get(r + 28, 8)};
    }
    return (struct row){0};
}

static void expect(uint32_t function, uint32_t caller, uint32_t calls, uint64_t inclusive, uint64_t exclusive)
{
    struct row r = row_of(function, caller);
    assert_int_equal(r.calls, calls);
    assert_int_equal(r.total, inclusive);
    assert_int_equal(r.exclusive, exclusive);
}

static void nesting(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(10);
    for (unsigned i = 1; i <= 3; i++) {
        enter(G, 0x700);
        wait(100 * i);
        leave(G, 0x700);
        wait(1);
    }
    leave(F, 0x810); /* the hook is jumped to, so the frame is already gone */
    expect(F, SITE + F, 1, 613, 13);
    expect(G, F, 3, 600, 600);
    assert_int_equal(row_of(G, F).min, 100);
    assert_int_equal(row_of(G, F).max, 300);
    assert_int_equal(profile_lost(), 0);
}

static void hooks_take_no_time(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(1000); /* inside the hook */
    profile_resume(now);
    wait(5);
    leave(F, 0x800);
    expect(F, SITE + F, 1, 5, 5);
}

/* main > F > F > G > F: inclusive ticks of F are those of the outermost only, and the rows add up. */
static void recursion(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(1);
    profile_enter(F, 7, 0x700, 0, now);
    wait(10);
    enter(G, 0x600);
    wait(100);
    profile_enter(F, 9, 0x500, 0, now);
    wait(1000);
    profile_exit(F, 9, 0x500, now);
    leave(G, 0x600);
    profile_exit(F, 7, 0x700, now);
    leave(F, 0x800);
    expect(F, SITE + F, 1, 1111, 1);
    expect(F, F, 1, 0, 10);
    expect(F, G, 1, 0, 1000);
    expect(G, F, 1, 1100, 100);
}

/* An exception leaves F > G > H and lands in F, which then calls G again at the same place. */
static void jump(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    enter(G, 0x700);
    wait(5);
    enter(H, 0x600);
    wait(7);
    enter(G, 0x700);
    wait(20);
    leave(G, 0x700);
    leave(F, 0x800);
    expect(G, F, 2, 32, 25);
    expect(H, G, 1, 7, 7);
    expect(F, SITE + F, 1, 32, 0);
}

/* It lands far above, in a function that returns without calling anything. */
static void jump_then_return(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    enter(G, 0x700);
    enter(H, 0x600);
    wait(7);
    leave(F, 0x800);
    expect(G, F, 1, 7, 0);
    expect(H, G, 1, 7, 7);
    expect(F, SITE + F, 1, 7, 0);
}

/* A function inlined in another has its stack pointer and its return address. */
static void inlined(void **state)
{
    (void)state;
    begin(16, 8);
    profile_enter(F, SITE, 0x800, 0, now);
    profile_enter(G, SITE, 0x800, 0, now);
    wait(3);
    profile_exit(G, SITE, 0x800, now);
    profile_enter(H, SITE, 0x800, 0, now);
    wait(4);
    profile_exit(H, SITE, 0x800, now);
    profile_exit(F, SITE, 0x800, now);
    expect(F, SITE, 1, 7, 0);
    expect(G, F, 1, 3, 3);
    expect(H, F, 1, 4, 4);
}

static void interrupts(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(5);
    profile_enter(H, SITE + H, 0x700, 15, now);
    wait(2);
    profile_enter(G, SITE + G, 0x600, 15, now);
    wait(1);
    leave(G, 0x600);
    leave(H, 0x700);
    wait(5);
    leave(F, 0x800);
    expect(H, 15, 1, 3, 2);
    expect(G, H, 1, 1, 1);
    expect(F, SITE + F, 1, 13, 10);
}

/* What takes the time keeps its row. */
static void full(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t function = 0x10000 + 4 * (i * 7 % 500);
        enter(G, 0x700);
        wait(1000);
        leave(G, 0x700);
        enter(function, 0x700);
        wait(1);
        leave(function, 0x700);
    }
    leave(F, 0x800);
    assert_int_equal(profile_rows(), 16);
    expect(G, F, 2000, 2000000, 2000000);
    expect(F, SITE + F, 1, 2002000, 0);
    assert_in_range(profile_lost(), 1900, 2000);
}

static void deep(void **state)
{
    (void)state;
    begin(16, 3);
    for (unsigned i = 0; i < 6; i++) {
        profile_enter(F, SITE + i, 0x800 - 16 * i, 0, now);
        wait(1);
    }
    assert_int_equal(profile_lost(), 3);
    for (unsigned i = 6; i-- > 0;)
        profile_exit(F, SITE + i, 0x800 - 16 * i, now);
    expect(F, SITE, 1, 6, 1);
    expect(F, F, 2, 0, 5);
    enter(G, 0x800);
    leave(G, 0x800);
    expect(G, SITE + G, 1, 0, 0);
}

static void freezing(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(5);
    enter(G, 0x700);
    wait(7);
    profile_enter(H, SITE, 0x600, 0, now); /* the clock is read in hooks only */
    profile_freeze(true);
    expect(F, SITE + F, 1, 12, 5);
    expect(G, F, 1, 7, 7);
    wait(100);
    profile_exit(H, SITE, 0x600, now);
    expect(H, G, 1, 0, 0);
    profile_freeze(false);
    wait(1);
    leave(G, 0x700);
    leave(F, 0x800);
    expect(G, F, 1, 108, 8); /* its calls included, those that ended meanwhile too */
    expect(F, SITE + F, 1, 113, 5);
}

static void resetting(void **state)
{
    (void)state;
    begin(16, 8);
    enter(F, 0x800);
    wait(50);
    enter(G, 0x700);
    profile_reset();
    assert_int_equal(profile_rows(), 2); /* those that have not ended */
    wait(7);
    leave(G, 0x700);
    wait(1);
    leave(F, 0x800);
    expect(G, F, 0, 7, 7);
    expect(F, SITE + F, 0, 8, 1);
    leave(F, 0x800); /* never entered */
    expect(F, SITE + F, 0, 8, 1);
}

static void exclusive_mode(void **state)
{
    (void)state;
    begin(16, 8);
    profile_set_mode(PROFILE_EXCLUSIVE);
    enter(F, 0x800);
    wait(5);
    enter(G, 0x700);
    wait(7);
    leave(G, 0x700);
    leave(F, 0x800);
    expect(F, SITE + F, 1, 5, 5);
    assert_int_equal(row_of(F, SITE + F).max, 5);
}

/* Random walks with jumps: the exclusive ticks of all rows are the time that has passed, and calls are what was called. */
static void random_walks(void **state)
{
    (void)state;
    unsigned complete = 0;
    for (unsigned seed = 1; seed <= 200; seed++) {
        uint32_t functions[64], x = seed * 2654435761u, calls = 0;
        unsigned depth = 0;
        begin(1024, 64);
        for (unsigned step = 0; step < 500; step++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            wait(depth ? x >> 28 : 0);
            if (x % 3 && depth < 60) {
                functions[depth] = 0x4000 + 4 * (x >> 8) % 40;
                enter(functions[depth], 0x8000 - 32 * depth);
                depth++;
                calls++;
            } else if (depth && x % 3 == 0) {
                depth -= x % 5 && depth > 1 ? 1 : (x >> 4) % depth;
                if (depth)
                    leave(functions[depth - 1], 0x8000 - 32 * (depth - 1)), depth--;
            }
        }
        profile_enter(0x40, 1, 0x8100, 0, now); /* above everything: ends all */
        uint64_t sum = 0, counted = 0;
        for (unsigned i = 0; i < profile_rows(); i++) {
            uint8_t r[PROFILE_RECORD];
            profile_record(i, r);
            sum += get(r + 28, 8);
            counted += get(r + 8, 4);
        }
        assert_int_equal(counted + profile_lost(), calls + 1);
        if (!profile_lost())
            assert_int_equal(sum, (uint32_t)(now - 0xFFFFFF00u));
        complete += !profile_lost();
    }
    assert_true(complete > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting), cmocka_unit_test(hooks_take_no_time), cmocka_unit_test(recursion), cmocka_unit_test(jump),
        cmocka_unit_test(jump_then_return), cmocka_unit_test(inlined), cmocka_unit_test(interrupts), cmocka_unit_test(full),
        cmocka_unit_test(deep), cmocka_unit_test(freezing), cmocka_unit_test(resetting), cmocka_unit_test(exclusive_mode),
        cmocka_unit_test(random_walks),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
