/* SPDX-License-Identifier: MIT */
/* Memory pools: random use against an oracle, exhaustion, choice of the pool, corruption that must be noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/pool.h"

static jmp_buf panic_jump;
static const char *panic_message;
static int locked;

uint32_t pool_lock(void) { return (uint32_t)locked++; }
void pool_unlock(uint32_t state)
{
    locked--;
    assert_int_equal(locked, (int)state);
}
_Noreturn void pool_panic(const char *message, const void *pointer)
{
    (void)pointer;
    panic_message = message;
    locked = 0;
    longjmp(panic_jump, 1);
}

enum { AXI = 96 * 1024, TCM = 16 * 1024 };
static _Alignas(32) uint8_t axi[AXI], tcm[TCM];

static void init(void)
{
    const struct pool_region regions[] = { { "axi", axi, AXI, 0 }, { "tcm", tcm, TCM, POOL_FAST | POOL_DTCM | POOL_TRANSIENT } };
    pool_init(regions, 2);
    assert_int_equal(pool_count(), 2);
    assert_null(pool_check());
}

static bool within(const void *p, const uint8_t *area, size_t size) { return (const uint8_t *)p >= area && (const uint8_t *)p < area + size; }

/* ---- Random use: what an oracle says must be there, is there, byte for byte ------------------------------- */

enum { SLOTS = 200 };
struct slot { uint8_t *data; size_t size; uint8_t fill; bool persist; };

static void check_slot(const struct slot *s, unsigned seed, unsigned step)
{
    for (size_t i = 0; i < s->size; i++) {
        if (s->data[i] != s->fill) {
            fail_msg("seed %u step %u: byte %zu of a block of %zu is 0x%02X, expected 0x%02X", seed, step, i, s->size, s->data[i], s->fill);
        }
    }
}

static void random_use(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct slot slots[SLOTS] = { 0 };
        srand(seed);
        init();
        for (unsigned step = 0; step < 4000; step++) {
            struct slot *s = &slots[rand() % SLOTS];
            unsigned action = (unsigned)rand() % 10;
            size_t size = 1 + (size_t)rand() % (rand() % 4 ? 300 : 12000);
            if (s->data && action < 5) {
                check_slot(s, seed, step);
                pool_free(s->data);
                *s = (struct slot){ 0 };
            } else if (s->data && action < 8) {
                check_slot(s, seed, step);
                uint8_t *moved = pool_realloc(s->data, size, s->persist ? POOL_PERSIST : 0);
                if (moved) {
                    s->data = moved;
                    s->size = s->size < size ? s->size : size;
                    check_slot(s, seed, step);
                    memset(moved, s->fill, size);
                    s->size = size;
                }
                check_slot(s, seed, step);
            } else if (!s->data) {
                s->persist = action == 9;
                s->data = pool_alloc(size, (s->persist ? POOL_PERSIST : 0) | (action & 1 ? POOL_FAST : 0));
                assert_int_equal((uintptr_t)s->data % POOL_ALIGNMENT, 0);
                if (s->data) {
                    s->size = size;
                    s->fill = (uint8_t)rand();
                    assert_true(pool_size(s->data) >= size);
                    memset(s->data, s->fill, size);
                }
            }
            if (step % 64 == 0) {
                const char *wrong = pool_check();
                if (wrong) {
                    fail_msg("seed %u step %u: %s", seed, step, wrong);
                }
            }
        }
        struct pool_stats stats;
        assert_true(pool_get_stats(-1, &stats));
        size_t used = 0, persist = 0;
        for (unsigned i = 0; i < SLOTS; i++) {
            *(slots[i].persist ? &persist : &used) += slots[i].data != NULL;
        }
        assert_int_equal(stats.used_blocks, used);
        assert_int_equal(stats.persist_blocks, persist);
        assert_int_equal(pool_collect(), used);
        assert_null(pool_check());
        for (unsigned i = 0; i < SLOTS; i++) {
            if (slots[i].data && slots[i].persist) {
                check_slot(&slots[i], seed, 4000);
                pool_free(slots[i].data);
            }
        }
        assert_true(pool_get_stats(-1, &stats));
        assert_int_equal(stats.used_blocks + stats.persist_blocks, 0);
        assert_int_equal(stats.free_blocks, 2);
        assert_int_equal(stats.free, stats.total);
        assert_null(pool_check());
    }
}

/* What pool_largest promises is granted, one byte more is not. */
static void largest_is_granted(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        srand(seed);
        init();
        void *blocks[40];
        for (unsigned i = 0; i < 40; i++) {
            blocks[i] = pool_alloc(1 + (size_t)rand() % 4000, 0);
        }
        for (unsigned i = 0; i < 40; i += 2) {
            pool_free(blocks[i]);
        }
        size_t largest = pool_largest(0);
        void *p = pool_alloc(largest, 0);
        if (!p && largest) {
            fail_msg("seed %u: pool_largest() said %zu, which was refused", seed, largest);
        }
        pool_free(p);
        assert_null(pool_alloc(largest + 1, 0));
        assert_null(pool_check());
    }
}

static void exhaustion(void **state)
{
    (void)state;
    init();
    void *all[2000];
    size_t n = 0;
    while ((all[n] = pool_alloc(100, 0))) {
        n++;
    }
    assert_true(n >= AXI / 128 - 16);
    assert_null(pool_alloc(1 << 20, 0));
    assert_null(pool_alloc(0, 0));
    assert_null(pool_alloc(SIZE_MAX, 0));
    assert_null(pool_alloc(SIZE_MAX - 40, 0));
    assert_null(pool_realloc(all[0], 5000, 0));
    pool_free(all[0]);
    assert_non_null(pool_alloc(100, 0));
    assert_int_equal(pool_collect(), n);
    assert_null(pool_check());
    struct pool_stats stats;
    pool_get_stats(0, &stats);
    assert_true(stats.peak >= n * 100);
    pool_reset_peak();
    pool_get_stats(0, &stats);
    assert_int_equal(stats.peak, 0);
}

static void choice(void **state)
{
    (void)state;
    init();
    assert_true(within(pool_alloc(100, 0), axi, AXI));
    assert_true(within(pool_alloc(100, POOL_FAST | POOL_TRANSIENT), tcm, TCM));
    assert_true(within(pool_alloc(100, POOL_FAST), axi, AXI));              /* a pool for short-lived blocks comes last for others */
    assert_true(within(pool_alloc(100, POOL_FAST | POOL_STRICT), tcm, TCM));
    assert_true(within(pool_alloc(TCM, POOL_FAST | POOL_TRANSIENT), axi, AXI)); /* does not fit: the next pool */
    assert_null(pool_alloc(TCM, POOL_FAST | POOL_STRICT));
    assert_null(pool_alloc(100, POOL_DMA_D1 | POOL_STRICT));                /* no pool says so */
    while (pool_alloc(1000, 0)) {
    }
    assert_null(pool_alloc(1000, POOL_DMA_D1));                             /* never a TCM to someone who has not asked */
    assert_non_null(pool_alloc(1000, POOL_FAST));
    assert_non_null(pool_alloc(1000, POOL_TRANSIENT));
}

/* ---- Programs that are wrong are stopped ------------------------------------------------------------------- */

#define ASSERT_PANICS(text, statement) \
    do { \
        panic_message = NULL; \
        if (!setjmp(panic_jump)) { \
            statement; \
        } \
        assert_non_null(panic_message); \
        assert_non_null(strstr(panic_message, text)); \
    } while (0)

static void misuse(void **state)
{
    (void)state;
    init();
    static _Alignas(32) uint8_t foreign[64];
    ASSERT_PANICS("not from the pool", pool_free(foreign));
    uint8_t *p = pool_alloc(100, 0), *q = pool_alloc(100, 0), *r = pool_alloc(100, 0);
    assert_non_null(r);
    ASSERT_PANICS("not from the pool", pool_free(p + 4));
    pool_free(q);
    ASSERT_PANICS("freed twice", pool_free(q));
    init();
    p = pool_alloc(100, 0);
    q = pool_alloc(100, 0);
    memset(p, 0x55, pool_size(p) + 4);
    assert_non_null(pool_check());
    ASSERT_PANICS("overwritten", pool_free(p));
}

static void odd_regions(void **state)
{
    (void)state;
    const struct pool_region tiny[] = { { "tiny", axi, 64, 0 }, { "odd", axi + 101, 8191, 0 } };
    pool_init(tiny, 2);
    assert_int_equal(pool_count(), 1);
    uint8_t *p = pool_alloc(pool_largest(0), 0);
    assert_true(within(p, axi + 101, 8191) && within(p + pool_size(p) - 1, axi + 101, 8191));
    assert_null(pool_check());
    assert_false(pool_get_stats(1, &(struct pool_stats){ 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_use), cmocka_unit_test(largest_is_granted), cmocka_unit_test(exhaustion),
        cmocka_unit_test(choice), cmocka_unit_test(misuse), cmocka_unit_test(odd_regions),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
