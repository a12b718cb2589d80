/* SPDX-License-Identifier: MIT */
/* The emulator's USB/IP messages as bytes: every field in its place, every cut, every length that must be refused. Built with ASan and UBSan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emulator/usbip_wire.h"

static struct {
    unsigned lists, imports, submits, unlinks;
    char busid[USBIP_BUSID_LENGTH];
    UsbipSubmit submit;
    uint8_t data[64];
    uint32_t unlink_sequence, victim;
    bool refuse;
} seen;

static bool list(void *owner)
{
    (void)owner;
    seen.lists++;
    return false;
}

static bool import(void *owner, const char *busid)
{
    (void)owner;
    seen.imports++;
    memcpy(seen.busid, busid, sizeof(seen.busid));
    return !seen.refuse;
}

static bool is_isochronous(void *owner, unsigned endpoint, bool in)
{
    (void)owner;
    return endpoint == 3 && in;
}

static bool submit(void *owner, const UsbipSubmit *s, uint8_t *data)
{
    (void)owner;
    seen.submits++;
    seen.submit = *s;
    if (data)
        memcpy(seen.data, data, s->length < sizeof(seen.data) ? s->length : sizeof(seen.data));
    free(data);
    return true;
}

static bool unlink_urb(void *owner, uint32_t sequence, uint32_t victim)
{
    (void)owner;
    seen.unlinks++;
    seen.unlink_sequence = sequence;
    seen.victim = victim;
    return true;
}

static const UsbipStreamOps ops = { .list = list, .import = import, .is_isochronous = is_isochronous, .submit = submit, .unlink = unlink_urb };
static UsbipStream stream;

static int setup(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    usbip_stream_init(&stream, &ops, &seen);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    usbip_stream_end(&stream);
    return 0;
}

static const uint8_t import_message[40] = { 0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '1' };

static bool feed_import(void)
{
    return usbip_stream_feed(&stream, import_message, sizeof(import_message));
}

/* A CMD_SUBMIT with its numbers in the document's places. */
static void put_submit(uint8_t out[48], uint32_t sequence, uint32_t direction, uint32_t endpoint, uint32_t length, uint32_t packets)
{
    memset(out, 0, 48);
    usbip_put_u32(out, 1);
    usbip_put_u32(out + 4, sequence);
    usbip_put_u32(out + 8, 0x00010002);
    usbip_put_u32(out + 12, direction);
    usbip_put_u32(out + 16, endpoint);
    usbip_put_u32(out + 20, 0x200);
    usbip_put_u32(out + 24, length);
    usbip_put_u32(out + 32, packets);
}

static void test_list(void **state)
{
    (void)state;
    assert_false(usbip_stream_feed(&stream, (const uint8_t[]) { 0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0 }, 8));
    assert_int_equal(seen.lists, 1);
}

static void test_bad_operations(void **state)
{
    static const uint8_t bad[][8] = {
        { 0x00, 0x11, 0x80, 0x05 }, { 0x02, 0x11, 0x80, 0x05 }, { 0x01, 0x11, 0x00, 0x05 }, { 0x01, 0x11, 0x80, 0x04 }, { 0xff, 0xff, 0xff, 0xff },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        setup(state);
        assert_false(usbip_stream_feed(&stream, bad[i], 8));
        assert_int_equal(seen.lists + seen.imports, 0);
        assert_false(usbip_stream_feed(&stream, import_message, sizeof(import_message)));     /* closed for good */
        assert_int_equal(seen.imports, 0);
    }
}

static void test_import(void **state)
{
    uint8_t message[40];

    (void)state;
    memset(message, 'x', sizeof(message));
    memcpy(message, import_message, 8);
    assert_true(usbip_stream_feed(&stream, message, sizeof(message)));
    assert_int_equal(strlen(seen.busid), 31);                   /* ended, though the client didn't */
    setup(NULL);
    seen.refuse = true;
    assert_false(feed_import());
}

static void test_submit_fields(void **state)
{
    uint8_t message[48 + 5] = { 0 };

    (void)state;
    assert_true(feed_import());
    put_submit(message, 0x01020304, 0, 15, 5, 0xffffffff);
    memcpy(message + 40, "SETUPPKT", 8);
    memcpy(message + 48, "hello", 5);
    assert_true(usbip_stream_feed(&stream, message, sizeof(message)));
    assert_int_equal(seen.submits, 1);
    assert_int_equal(seen.submit.sequence, 0x01020304);
    assert_int_equal(seen.submit.endpoint, 15);
    assert_false(seen.submit.in);
    assert_int_equal(seen.submit.flags, 0x200);
    assert_int_equal(seen.submit.length, 5);
    assert_int_equal(seen.submit.packets, 0);
    assert_memory_equal(seen.submit.setup, "SETUPPKT", 8);
    assert_memory_equal(seen.data, "hello", 5);
    put_submit(message, 9, 1, 1, 0xffffffff, 0);                /* IN: no bytes follow, whatever the length */
    assert_true(usbip_stream_feed(&stream, message, 48));
    assert_int_equal(seen.submits, 2);
    assert_int_equal(seen.submit.length, 0xffffffff);
}

static void test_limits(void **state)
{
    static const struct { uint32_t direction, endpoint, length, packets; bool good; } cases[] = {
        { 0, 1, USBIP_MAX_TRANSFER + 1u, 0, false }, { 0, 1, 0xffffffff, 0, false }, { 2, 1, 0, 0, false }, { 0, 16, 0, 0, false },
        { 0xffffffff, 0, 0, 0, false }, { 1, 3, 64, USBIP_MAX_PACKETS + 1u, false }, { 1, 3, 64, 0xffffffff, false }, { 1, 2, 64, 0xffffffff, true },
        { 0, 0, 0, 0, true },
    };
    uint8_t message[48];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        assert_true(feed_import());
        put_submit(message, 1, cases[i].direction, cases[i].endpoint, cases[i].length, cases[i].packets);
        assert_int_equal(usbip_stream_feed(&stream, message, 48), cases[i].good);
        assert_int_equal(seen.submits, cases[i].good);
        teardown(state);
    }
    setup(state);
    assert_true(feed_import());
    memset(message, 0, 48);
    message[3] = 3;                                             /* an answer, from a client */
    assert_false(usbip_stream_feed(&stream, message, 48));
}

static void test_isochronous(void **state)
{
    uint8_t message[48 + 2 * USBIP_PACKET_LENGTH] = { 0 };

    (void)state;
    assert_true(feed_import());
    put_submit(message, 7, 1, 3, 64, 2);
    assert_true(usbip_stream_feed(&stream, message, 48));
    assert_int_equal(seen.submits, 0);                          /* its packets' descriptors come first */
    assert_true(usbip_stream_feed(&stream, message + 48, 2 * USBIP_PACKET_LENGTH));
    assert_int_equal(seen.submits, 1);
    assert_int_equal(seen.submit.packets, 2);
}

/* A session cut at every place into two, and into single bytes, is the same session. */
static void test_every_cut(void **state)
{
    uint8_t session[40 + 48 + 5 + 48 + 48] = { 0 };

    memcpy(session, import_message, 40);
    put_submit(session + 40, 1, 0, 1, 5, 0);
    memcpy(session + 88, "hello", 5);
    put_submit(session + 93, 2, 1, 1, 64, 0);
    usbip_put_u32(session + 141, 2);
    usbip_put_u32(session + 145, 3);
    usbip_put_u32(session + 161, 0xabcd);
    for (size_t cut = 0; cut <= sizeof(session); cut++) {
        setup(state);
        assert_true(usbip_stream_feed(&stream, session, cut));
        assert_true(usbip_stream_feed(&stream, session + cut, sizeof(session) - cut));
        assert_int_equal(seen.submits, 2);
        assert_int_equal(seen.unlinks, 1);
        assert_int_equal(seen.unlink_sequence, 3);
        assert_int_equal(seen.victim, 0xabcd);
        assert_memory_equal(seen.data, "hello", 5);
        teardown(state);
        setup(state);
        assert_true(usbip_stream_feed(&stream, session, cut));   /* and nothing leaks where it ends early */
        teardown(state);
    }
    setup(state);
    for (size_t i = 0; i < sizeof(session); i++)
        assert_true(usbip_stream_feed(&stream, session + i, 1));
    assert_int_equal(seen.submits + seen.unlinks, 3);
}

static void test_answers(void **state)
{
    static const uint8_t descriptor[18] = { 18, 1, 0, 2, 0xef, 2, 1, 64, 0xc5, 0x37, 0x04, 0x12, 0x03, 0x01, 1, 2, 3, 1 };
    static const UsbipDevice device = {
        .path = "/sys/1-1", .busid = "1-1", .bus = 1, .number = 5, .speed = 2, .descriptor = descriptor, .configuration = 1, .interfaces = 3,
    };
    static const uint8_t numbers[24] = { 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 2, 0x37, 0xc5, 0x12, 0x04, 0x01, 0x03, 0xef, 2, 1, 1, 1, 3 };
    static const uint8_t submit_answer[48] = { 0, 0, 0, 3, 0, 0, 0, 9, [20] = 0xff, 0xff, 0xff, 0xe0, 0, 0, 1, 0 };
    static const uint8_t unlink_answer[48] = { 0, 0, 0, 4, 0, 0, 0, 8, [20] = 0xff, 0xff, 0xff, 0x98 };
    uint8_t bytes[USBIP_DEVICE_LENGTH];

    (void)state;
    usbip_put_device(bytes, &device);
    assert_string_equal((const char *)bytes, "/sys/1-1");
    assert_string_equal((const char *)bytes + 256, "1-1");
    assert_memory_equal(bytes + 288, numbers, sizeof(numbers));
    usbip_put_ret_submit(bytes, 9, -32, 256, 0);
    assert_memory_equal(bytes, submit_answer, 48);
    usbip_put_ret_unlink(bytes, 8, -104);
    assert_memory_equal(bytes, unlink_answer, 48);
    usbip_put_op(bytes, USBIP_REP_IMPORT, USBIP_ST_BUSY);
    assert_memory_equal(bytes, ((const uint8_t[]) { 0x01, 0x11, 0, 3, 0, 0, 0, 2 }), 8);
    usbip_put_packet(bytes, -18);
    assert_memory_equal(bytes + 12, ((const uint8_t[]) { 0xff, 0xff, 0xff, 0xee }), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_operations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_import, setup, teardown),
        cmocka_unit_test_setup_teardown(test_submit_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_isochronous, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
    };

    return cmocka_run_group_tests_name("usbip_wire", tests, NULL, NULL);
}
