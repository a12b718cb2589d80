/* SPDX-License-Identifier: MIT */
/* Packets: checksums and worked packets of the protocol's description, and the parser fed with garbage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/packet.h"

static void checksums(void **state)
{
    static const uint8_t count[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    (void)state;
    assert_int_equal(packet_crc16("123456789", 9), 0xE541);
    assert_int_equal(packet_crc16("Hello, World!", 13), 0x58E9);
    assert_int_equal(packet_crc16("", 0), 0xFFFF);
    assert_int_equal(packet_crc16(count, 16), 0xBDF3);
    assert_int_equal(packet_crc32("123456789", 9), 0x41B403D3);
    assert_int_equal(packet_crc32("Hello, World!", 13), 0xA3C13546);
    assert_int_equal(packet_crc32("", 0), 0xFFFFFFFF);
    assert_int_equal(packet_crc32(count, 16), 0xFF4EDE2B);
}

/* Bit by bit, as the polynomial says. */
static uint32_t slow_crc(const uint8_t *p, size_t n, uint32_t polynomial, unsigned width)
{
    uint32_t top = 1u << (width - 1), mask = top | (top - 1), crc = mask;

    for (; n; n--, p++)
        for (int bit = 7; bit >= 0; bit--) {
            bool carry = !!(crc & top) != (*p >> bit & 1);
            crc = (crc << 1 & mask) ^ (carry ? polynomial : 0);
        }
    return crc;
}

static void checksums_of_random_bytes(void **state)
{
    uint8_t bytes[300];

    (void)state;
    srand(1);
    for (size_t n = 0; n < sizeof bytes; n++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)rand();
        assert_int_equal(packet_crc16(bytes, n), slow_crc(bytes, n, 0xF94F, 16));
        assert_int_equal(packet_crc32(bytes, n), slow_crc(bytes, n, 0xFA567D89, 32));
    }
}

static void worked_packets(void **state)
{
    static const struct {
        struct packet packet;
        uint8_t bytes[22];
    } table[] = {
        {{0, 0, 0, PROTO_SYNC, 0, NULL}, {0xAA, 0xD5, 0, 0, 0, 0, 0, 0, 0xB0, 0xAC}},
        {{0, 0, PACKET_ACK, PROTO_SYNC, 0, NULL}, {0xAA, 0xD5, 0, 0, 1, 0, 0, 0, 0x08, 0x46}},
        {{0, 0, 0, PROTO_GET_CAPS, 0, NULL}, {0xAA, 0xD5, 0, 0, 0, 1, 0, 0, 0xC3, 0xDD}},
        {{5, 3, 0, CHANNEL_READ, 8, (const uint8_t *)"\0\0\0\0\x14\0\0\0"},
         {0xAA, 0xD5, 5, 3, 0, 0x26, 8, 0, 0x5E, 0xB8, 0, 0, 0, 0, 0x14, 0, 0, 0, 0xD1, 0x6B, 0x2B, 0xEF}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint8_t out[22];
        size_t n = packet_bytes(table[i].packet.length);
        assert_int_equal(packet_encode(out, sizeof out, &table[i].packet), n);
        assert_memory_equal(out, table[i].bytes, n);
        assert_int_equal(packet_encode(out, n - 1, &table[i].packet), 0);
        assert_int_equal(packet_is_sync(out), i == 0);
    }
}

static size_t encode(uint8_t *out, uint8_t sequence, const char *payload)
{
    struct packet p = {sequence, 1, 0, CHANNEL_WRITE, (uint16_t)strlen(payload), (const uint8_t *)payload};

    return packet_encode(out, 256, &p);
}

/* Whatever the pieces, the parser gives the same packets. */
static void every_split(void **state)
{
    uint8_t stream[512], buffer[128];
    size_t n = 0;

    (void)state;
    n += encode(stream, 1, "first");
    n += encode(stream + n, 2, "");
    memcpy(stream + n, "garbage\xAA\xAA\xD5", 10);
    n += 10;
    n += encode(stream + n, 3, "third, longer than the others");
    for (size_t a = 0; a <= n; a++)
        for (size_t step = 1; step < 9; step += 3) {
            struct packet_parser parser;
            struct packet p;
            uint8_t next = 1;

            packet_parser_init(&parser, buffer, sizeof buffer);
            for (size_t at = 0; at < n;) {
                size_t piece = at < a ? a - at : step;
                piece = piece > n - at ? n - at : piece;
                at += packet_parser_feed(&parser, stream + at, piece);
                while (packet_parser_next(&parser, &p) == PACKET_READY)
                    assert_int_equal(p.sequence, next++);
            }
            assert_int_equal(next, 4);
            assert_false(packet_parser_waiting(&parser) && parser.used > parser.taken);
        }
}

/* No single flipped bit goes unnoticed, and none costs the packet behind. */
static void every_flipped_bit(void **state)
{
    uint8_t stream[256], buffer[128];
    size_t first = encode(stream, 1, "some payload"), n = first + encode(stream + first, 2, "the next one");

    (void)state;
    for (size_t bit = 0; bit < 8 * first; bit++) {
        struct packet_parser parser;
        struct packet p;
        enum packet_result result;
        bool found = false;

        packet_parser_init(&parser, buffer, sizeof buffer);
        stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
        packet_parser_feed(&parser, stream, n);
        while ((result = packet_parser_next(&parser, &p)) != PACKET_NONE)
            if (result == PACKET_READY) {
                assert_int_equal(p.sequence, 2);
                assert_memory_equal(p.payload, "the next one", 12);
                found = true;
            } else {
                assert_int_equal(result, PACKET_BAD_CHECKSUM);
            }
        assert_true(found);
        stream[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void too_long_then_good(void **state)
{
    uint8_t stream[512], buffer[64], long_payload[80] = {0};
    struct packet_parser parser;
    struct packet p = {1, 1, 0, CHANNEL_WRITE, sizeof long_payload, long_payload};
    size_t n = packet_encode(stream, sizeof stream, &p), at = 0;
    unsigned too_long = 0, ready = 0;

    (void)state;
    n += encode(stream + n, 9, "good");
    packet_parser_init(&parser, buffer, sizeof buffer);
    while (at < n) {
        enum packet_result result;
        at += packet_parser_feed(&parser, stream + at, n - at);
        while ((result = packet_parser_next(&parser, &p)) != PACKET_NONE) {
            too_long += result == PACKET_TOO_LONG;
            ready += result == PACKET_READY && p.sequence == 9;
        }
    }
    assert_int_equal(too_long, 1);
    assert_int_equal(ready, 1);
}

/* A SYNC inside a packet that never ends is found on request; without checks garbage cannot hide it either. */
static void sync_inside(void **state)
{
    static const uint8_t sync[] = {0xAA, 0xD5, 0, 0, 0, 0, 0, 0, 0xB0, 0xAC};
    uint8_t stream[128], buffer[128];
    struct packet_parser parser;
    struct packet p;

    (void)state;
    for (int check = 0; check < 2; check++) {
        packet_parser_init(&parser, buffer, sizeof buffer);
        parser.check = check;
        encode(stream, 1, "this packet is cut short");
        packet_parser_feed(&parser, stream, 15);
        packet_parser_feed(&parser, sync, sizeof sync);
        assert_int_equal(packet_parser_next(&parser, &p), PACKET_NONE);
        assert_true(packet_parser_waiting(&parser));
        assert_true(packet_parser_find_sync(&parser));
        assert_int_equal(packet_parser_next(&parser, &p), PACKET_READY);
        assert_int_equal(p.opcode, PROTO_SYNC);
        assert_false(packet_parser_find_sync(&parser));
    }
}

static void skipping_and_ungetting(void **state)
{
    uint8_t stream[128], buffer[128];
    struct packet_parser parser;
    struct packet p;
    size_t n = encode(stream, 1, "0123456789012345678901234567890");

    (void)state;
    packet_parser_init(&parser, buffer, sizeof buffer);
    packet_parser_feed(&parser, stream, n - 8);
    size_t m = encode(stream, 2, "x");
    packet_parser_feed(&parser, stream, m - 4);
    packet_parser_skip(&parser);
    packet_parser_feed(&parser, stream + m - 4, 4);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(packet_parser_next(&parser, &p), PACKET_READY);
        assert_int_equal(p.sequence, 2);
        packet_parser_unget(&parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums),   cmocka_unit_test(checksums_of_random_bytes), cmocka_unit_test(worked_packets),
        cmocka_unit_test(every_split), cmocka_unit_test(every_flipped_bit),         cmocka_unit_test(too_long_then_good),
        cmocka_unit_test(sync_inside), cmocka_unit_test(skipping_and_ungetting),
    };

    return cmocka_run_group_tests_name("protocol packets", tests, NULL, NULL);
}
