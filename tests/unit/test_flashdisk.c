/* SPDX-License-Identifier: MIT */
/* The disk's journal on a simulated flash: bits are programmed once per erase, and power fails at every operation, leaving it undone,
   torn (any mixture of bits, or unreadable) or done. After each cut the disk must be exactly as at a commit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/flashdisk.h"

enum { WORDS = FLASHDISK_SIDE / FLASHDISK_WORD };
enum tear { NOTHING_DONE, TORN_READABLE, TORN_UNREADABLE, ALL_DONE };

static struct {
    uint8_t bytes[2][FLASHDISK_SIDE];
    uint8_t state[2][WORDS];    /* 0 erased, 1 programmed, 2 unreadable, 3 half erased: must be erased before it is programmed */
    unsigned erases[2], programs;
    long countdown;             /* operations until the power fails; < 0: never */
    enum tear tear;
    jmp_buf cut;
    const char *misuse;
} flash;

static bool sim_read(void *context, unsigned side, size_t offset, void *data, size_t size)
{
    (void)context;
    assert_true(side < 2 && offset % FLASHDISK_WORD == 0 && size % FLASHDISK_WORD == 0 && offset + size <= FLASHDISK_SIDE);
    memcpy(data, flash.bytes[side] + offset, size);
    for (size_t w = offset / FLASHDISK_WORD; w < (offset + size) / FLASHDISK_WORD; w++) {
        if (flash.state[side][w] == 2) {
            return false;
        }
    }
    return true;
}

static bool power_fails(void) { return flash.countdown >= 0 && flash.countdown-- == 0; }

static bool sim_erase(void *context, unsigned side)
{
    (void)context;
    bool cut = power_fails();
    if (!cut || flash.tear == ALL_DONE) {
        memset(flash.bytes[side], 0xFF, FLASHDISK_SIDE);
        memset(flash.state[side], 0, WORDS);
        flash.erases[side]++;
    } else if (flash.tear != NOTHING_DONE) {
        for (size_t w = 0; w < WORDS; w++) {
            for (size_t i = 0; i < FLASHDISK_WORD; i++) {
                flash.bytes[side][w * FLASHDISK_WORD + i] |= (uint8_t)rand();
            }
            flash.state[side][w] = flash.tear == TORN_UNREADABLE && rand() % 2 ? 2 : 3;
        }
    }
    if (cut) {
        longjmp(flash.cut, 1);
    }
    return true;
}

static bool sim_program(void *context, unsigned side, size_t offset, const void *data, size_t size)
{
    (void)context;
    for (size_t done = 0; done < size; done += FLASHDISK_WORD) {
        size_t w = (offset + done) / FLASHDISK_WORD;
        uint8_t *to = flash.bytes[side] + offset + done;
        const uint8_t *from = (const uint8_t *)data + done;
        if (flash.state[side][w] != 0) {
            flash.misuse = "a word was programmed twice, or before it was erased";
        }
        bool cut = power_fails();
        if (!cut || flash.tear == ALL_DONE) {
            memcpy(to, from, FLASHDISK_WORD);
            flash.state[side][w] = 1;
        } else if (flash.tear != NOTHING_DONE) {
            for (size_t i = 0; i < FLASHDISK_WORD; i++) {
                to[i] = (uint8_t)(from[i] | rand());
            }
            flash.state[side][w] = flash.tear == TORN_UNREADABLE ? 2 : 1;
        }
        flash.programs++;
        if (cut) {
            longjmp(flash.cut, 1);
        }
    }
    return true;
}

static const struct flashdisk_port port = { .read = sim_read, .erase = sim_erase, .program = sim_program };

static void blank(void)
{
    memset(&flash, 0, sizeof flash);
    memset(flash.bytes, 0xFF, sizeof flash.bytes);
    flash.countdown = -1;
}

static void fill(uint8_t *block, unsigned seed)
{
    for (size_t i = 0; i < FLASHDISK_BLOCK; i++) {
        block[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 5));
    }
    memcpy(block, &seed, sizeof seed);
}

/* ---- Without power cuts ------------------------------------------------------------------------------------- */

static void new_disk_is_zero_and_untouched(void **state)
{
    (void)state;
    static struct flashdisk d;
    uint8_t block[FLASHDISK_BLOCK], zero[FLASHDISK_BLOCK] = { 0 };
    blank();
    assert_int_equal(flashdisk_mount(&d, &port), 0);
    for (uint32_t i = 0; i < FLASHDISK_BLOCKS; i++) {
        assert_int_equal(flashdisk_read(&d, i, block), 0);
        assert_memory_equal(block, zero, sizeof zero);
        assert_int_equal(flashdisk_write(&d, i, zero), 0);
    }
    assert_int_equal(flashdisk_sync(&d), 0);
    assert_int_equal(flash.programs, 0);
    assert_int_equal(flashdisk_read(&d, FLASHDISK_BLOCKS, block), FLASHDISK_E_RANGE);
    assert_int_equal(flashdisk_write(&d, FLASHDISK_BLOCKS, block), FLASHDISK_E_RANGE);
}

static void random_writes_survive_many_compactions(void **state)
{
    (void)state;
    static struct flashdisk d;
    static unsigned oracle[FLASHDISK_BLOCKS];
    uint8_t block[FLASHDISK_BLOCK], want[FLASHDISK_BLOCK];
    memset(oracle, 0, sizeof oracle);
    blank();
    srand(1);
    flashdisk_mount(&d, &port);
    for (unsigned step = 1; step < 4000; step++) {
        uint32_t i = (uint32_t)rand() % FLASHDISK_BLOCKS;
        oracle[i] = rand() % 8 ? step : 0;
        memset(block, 0, sizeof block);
        if (oracle[i]) {
            fill(block, step);
        }
        assert_int_equal(flashdisk_write(&d, i, block), 0);
        if (rand() % 5 == 0) {
            assert_int_equal(flashdisk_sync(&d), 0);
        }
        if (step % 500 == 0) {
            flashdisk_sync(&d);
            assert_int_equal(flashdisk_mount(&d, &port), 1);
            for (uint32_t b = 0; b < FLASHDISK_BLOCKS; b++) {
                memset(want, 0, sizeof want);
                if (oracle[b]) {
                    fill(want, oracle[b]);
                }
                assert_int_equal(flashdisk_read(&d, b, block), 0);
                assert_memory_equal(block, want, sizeof want);
            }
        }
    }
    assert_null(flash.misuse);
    assert_true(flash.erases[0] + flash.erases[1] < 4000 / 32);
    print_message("# %u erases, %u words programmed for 4000 writes\n", flash.erases[0] + flash.erases[1], flash.programs);
}

static void unchanged_blocks_cost_nothing(void **state)
{
    (void)state;
    static struct flashdisk d;
    uint8_t block[FLASHDISK_BLOCK];
    blank();
    flashdisk_mount(&d, &port);
    fill(block, 1);
    flashdisk_write(&d, 5, block);
    flashdisk_sync(&d);
    unsigned programs = flash.programs;
    flashdisk_write(&d, 5, block);
    flashdisk_sync(&d);
    assert_int_equal(flash.programs, programs);
}

static void host_erase_and_foreign_contents_give_an_empty_disk(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        for (unsigned active = 0; active < 2; active++) {
            static struct flashdisk d;
            uint8_t block[FLASHDISK_BLOCK];
            blank();
            flashdisk_mount(&d, &port);
            /* Until the wanted side is the active one. */
            for (unsigned i = 0; d.end == 0 || d.side != active; i++) {
                fill(block, i + 1);
                flashdisk_write(&d, i % FLASHDISK_BLOCKS, block);
                flashdisk_sync(&d);
            }
            memset(flash.bytes[0], 0xFF, FLASHDISK_SIDE);
            memset(flash.state[0], 0, WORDS);
            memset(flash.state[0], 1, 4096 / FLASHDISK_WORD);
            if (kind == 0) {
                memset(flash.bytes[0], 0, 4096);
            } else {
                flash.bytes[0][0] = 0xEB;
                flash.bytes[0][510] = 0x55;
                flash.bytes[0][511] = 0xAA;
            }
            assert_int_equal(flashdisk_mount(&d, &port), 0);
            fill(block, 1000);
            assert_int_equal(flashdisk_write(&d, 0, block), 0);
            assert_int_equal(flashdisk_sync(&d), 0);
            assert_int_equal(flashdisk_mount(&d, &port), 1);
            assert_int_equal(flashdisk_read(&d, 1, block), 0);
            assert_int_equal(block[0], 0);
            assert_null(flash.misuse);
        }
    }
}

/* ---- Power cuts ------------------------------------------------------------------------------------------------ */

/* The program that is cut: transactions that each write their number into several blocks. */
enum { TRANSACTIONS = 90, PER_TRANSACTION = 4, SPAN = 150 };

/* Block that transaction t writes as its i-th, and what the disk holds after transaction `done`: 0 = zeros. */
static uint32_t block_of(unsigned t, unsigned i) { return (t * 7 + i * 37) % SPAN; }

static volatile unsigned committed, started;

static void write_transactions(struct flashdisk *d, unsigned from)
{
    uint8_t block[FLASHDISK_BLOCK];
    for (unsigned t = from; t <= TRANSACTIONS; t++) {
        started = t;
        for (unsigned i = 0; i < PER_TRANSACTION; i++) {
            fill(block, t);
            if (t % 11 == 10) {
                memset(block, 0, sizeof block);
            }
            assert_int_equal(flashdisk_write(d, block_of(t, i), block), 0);
        }
        assert_int_equal(flashdisk_sync(d), 0);
        committed = t;
    }
}

/* True when the disk is exactly as after transaction t. */
static bool holds(struct flashdisk *d, unsigned t)
{
    unsigned expected[SPAN] = { 0 };
    uint8_t block[FLASHDISK_BLOCK], want[FLASHDISK_BLOCK];
    for (unsigned n = 1; n <= t; n++) {
        for (unsigned i = 0; i < PER_TRANSACTION; i++) {
            expected[block_of(n, i)] = n % 11 == 10 ? 0 : n;
        }
    }
    for (uint32_t b = 0; b < SPAN; b++) {
        memset(want, 0, sizeof want);
        if (expected[b]) {
            fill(want, expected[b]);
        }
        if (flashdisk_read(d, b, block) || memcmp(block, want, sizeof want)) {
            return false;
        }
    }
    return true;
}

/* One run with the power failing at operation `at`, and again `again` operations after the restart (-1: not). */
static bool run_with_cut(long at, enum tear tear, long again)
{
    static struct flashdisk d;
    blank();
    srand((unsigned)at);
    flash.countdown = at;
    flash.tear = tear;
    committed = started = 0;
    if (!setjmp(flash.cut)) {
        flashdisk_mount(&d, &port);
        write_transactions(&d, 1);
        return false; /* the program is shorter than that */
    }
    static unsigned start; /* outlives the second longjmp */
    for (start = 0; start < 2; start++) {
        unsigned before = committed, last = started;
        flash.countdown = -1;
        flashdisk_mount(&d, &port);
        unsigned now = holds(&d, before) ? before : last;
        if (!holds(&d, now)) {
            fail_msg("cut at %ld (%d), restart %u, again %ld: neither transaction %u nor %u", at, tear, start, again, before, last);
        }
        committed = now;
        flash.countdown = start == 0 ? again : -1;
        if (!setjmp(flash.cut)) {
            write_transactions(&d, now + 1);
            break;
        }
    }
    flash.countdown = -1;
    flashdisk_mount(&d, &port);
    if (committed == TRANSACTIONS && !holds(&d, TRANSACTIONS)) {
        fail_msg("cut at %ld (%d), again %ld: the end is wrong", at, tear, again);
    }
    if (flash.misuse) {
        fail_msg("cut at %ld (%d), again %ld: %s", at, tear, again, flash.misuse);
    }
    return true;
}

/* Steps that share no factor with the 17 words of a record, so that all positions in a record come up. FLASHDISK_EVERY=1: every operation. */
static void power_cut_at_operations(void **state)
{
    (void)state;
    for (enum tear tear = NOTHING_DONE; tear <= ALL_DONE; tear++) {
        long at = 0, step = getenv("FLASHDISK_EVERY") ? 1 : tear == NOTHING_DONE || tear == ALL_DONE ? 53 : 19;
        while (run_with_cut(at, tear, -1)) {
            at += step;
        }
        assert_true(at > 5000);
    }
}

static void two_power_cuts(void **state)
{
    (void)state;
    for (long at = 1; run_with_cut(at, TORN_UNREADABLE, at % 97); at += 131) {
    }
    for (long at = 1; run_with_cut(at, TORN_READABLE, at % 89); at += 139) {
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_disk_is_zero_and_untouched), cmocka_unit_test(random_writes_survive_many_compactions),
        cmocka_unit_test(unchanged_blocks_cost_nothing), cmocka_unit_test(host_erase_and_foreign_contents_give_an_empty_disk),
        cmocka_unit_test(power_cut_at_operations), cmocka_unit_test(two_power_cuts),
    };
    return cmocka_run_group_tests_name("flashdisk", tests, NULL, NULL);
}
