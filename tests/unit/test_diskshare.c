/* SPDX-License-Identifier: MIT */
/* Who may write the disk: each rule once, then random histories of both users, in which no write may come from an old memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/diskshare.h"

static void test_host_waits_for_the_camera(void **state)
{
    (void)state;
    struct diskshare s = {0};

    assert_true(diskshare_begin(&s, 0));
    assert_int_equal(diskshare_write(&s, 0), DISKSHARE_PROTECTED);
    diskshare_end(&s, true);
    assert_int_equal(diskshare_write(&s, 0), DISKSHARE_PROTECTED);
    diskshare_end(&s, false);
    diskshare_opened(&s, 2);
    assert_true(diskshare_is_protected(&s));
    diskshare_opened(&s, -1);
    assert_int_equal(diskshare_write(&s, 0), DISKSHARE_PROTECTED);
    diskshare_opened(&s, -5); /* a volume that is forgotten takes no more than there is */
    assert_int_equal(diskshare_write(&s, 0), DISKSHARE_OK);
}

static void test_camera_waits_for_the_host(void **state)
{
    (void)state;
    struct diskshare s = {0};
    uint32_t t = UINT32_MAX - 10; /* the clock wraps meanwhile */

    assert_int_equal(diskshare_write(&s, t), DISKSHARE_OK);
    assert_false(diskshare_begin(&s, t + DISKSHARE_QUIET_MS - 1));
    assert_int_equal(diskshare_write(&s, t + DISKSHARE_QUIET_MS), DISKSHARE_OK);
    assert_false(diskshare_begin(&s, t + DISKSHARE_QUIET_MS));
    assert_true(diskshare_begin(&s, t + 2 * DISKSHARE_QUIET_MS));
}

static void test_ejecting_ends_the_turn(void **state)
{
    (void)state;
    struct diskshare s = {0};

    assert_int_equal(diskshare_write(&s, 5), DISKSHARE_OK);
    diskshare_eject(&s, true);
    assert_true(diskshare_begin(&s, 5));
    diskshare_end(&s, false);
    assert_int_equal(diskshare_look(&s, 6), DISKSHARE_ABSENT);
    assert_int_equal(diskshare_write(&s, 6), DISKSHARE_ABSENT);
    diskshare_wrote(&s, 7);
    diskshare_eject(&s, false);
    assert_int_equal(diskshare_look(&s, 8), DISKSHARE_OK); /* a medium that is put in is read anew anyway */
    diskshare_eject(&s, true);
    diskshare_host_gone(&s);
    assert_int_equal(diskshare_look(&s, 9), DISKSHARE_OK);
}

static void test_the_host_is_told_once(void **state)
{
    (void)state;
    struct diskshare s = {0};
    const uint32_t quiet = DISKSHARE_QUIET_MS;

    diskshare_wrote(&s, 0); /* before it has looked: nothing to tell */
    assert_int_equal(diskshare_look(&s, 0), DISKSHARE_OK);
    diskshare_wrote(&s, 10);
    assert_int_equal(diskshare_look(&s, 10 + quiet - 1), DISKSHARE_OK); /* the camera may go on */
    assert_int_equal(diskshare_write(&s, 11), DISKSHARE_CHANGED);
    assert_int_equal(diskshare_write(&s, 12), DISKSHARE_OK);
    diskshare_wrote(&s, 20);
    diskshare_opened(&s, 1);
    assert_int_equal(diskshare_look(&s, 20 + quiet), DISKSHARE_OK);
    diskshare_opened(&s, -1);
    assert_int_equal(diskshare_look(&s, 20 + quiet), DISKSHARE_CHANGED);
    assert_int_equal(diskshare_look(&s, 20 + quiet), DISKSHARE_OK);
}

/* Each side knows a version of the disk; who writes makes the next one. */
static void test_no_write_from_an_old_memory(void **state)
{
    (void)state;
    unsigned writes[2] = {0};

    for (unsigned seed = 0; seed < 2000; seed++) {
        struct diskshare s = {0};
        unsigned disk = 0, camera = 0, host = 0;
        uint32_t now = seed * 7919u;

        srand(seed);
        for (int step = 0; step < 300; step++) {
            now += (uint32_t)(rand() % 700);
            enum diskshare_answer answer = DISKSHARE_OK;
            switch (rand() % 6) {
            case 0: /* the camera changes something in one call, or in a file that stays open */
            case 1:
                if (s.inside || !diskshare_begin(&s, now))
                    break;
                camera = disk; /* mounted anew if the host has written */
                if (rand() % 2) {
                    diskshare_wrote(&s, now);
                    camera = ++disk;
                    writes[0]++;
                }
                diskshare_end(&s, false);
                if (rand() % 6 == 0)
                    diskshare_opened(&s, 1);
                break;
            case 2:
                if (s.open && diskshare_begin(&s, now)) {
                    /* a file that was open kept the host away: what the camera remembers is true */
                    if (camera != disk)
                        fail_msg("seed %u, step %d: the camera writes version %u over %u", seed, step, camera, disk);
                    diskshare_wrote(&s, now);
                    camera = ++disk;
                    writes[0]++;
                    diskshare_end(&s, false);
                    diskshare_opened(&s, -1);
                }
                break;
            case 3:
                answer = diskshare_look(&s, now);
                break;
            case 4:
                answer = diskshare_write(&s, now);
                if (answer == DISKSHARE_OK) {
                    if (host != disk)
                        fail_msg("seed %u, step %d: the host writes version %u over %u", seed, step, host, disk);
                    host = ++disk;
                    writes[1]++;
                }
                break;
            default:
                if (rand() % 8 == 0) {
                    diskshare_host_gone(&s);
                    assert_int_equal(diskshare_look(&s, now), DISKSHARE_OK);
                    host = disk; /* who comes looks first */
                }
            }
            if (answer == DISKSHARE_CHANGED)
                host = disk;
            if (step == 0)
                diskshare_look(&s, now), host = disk;
        }
    }
    assert_true(writes[0] > 10000 && writes[1] > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_waits_for_the_camera), cmocka_unit_test(test_camera_waits_for_the_host),
        cmocka_unit_test(test_ejecting_ends_the_turn), cmocka_unit_test(test_the_host_is_told_once),
        cmocka_unit_test(test_no_write_from_an_old_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
