/* SPDX-License-Identifier: MIT */
/* Checksums, packet building and the search for packets in a stream. */
#include "packet.h"

#include <string.h>

#define SYNC_FIRST  0xAAu
#define SYNC_SECOND 0xD5u

/* Remainders of the 16 values of a half byte: two steps per byte, 96 bytes of table. */
static const uint16_t crc16_table[16] = {
    0x0000, 0xF94F, 0x0BD1, 0xF29E, 0x17A2, 0xEEED, 0x1C73, 0xE53C, 0x2F44, 0xD60B, 0x2495, 0xDDDA, 0x38E6, 0xC1A9, 0x3337, 0xCA78,
};

static const uint32_t crc32_table[16] = {
    0x00000000, 0xFA567D89, 0x0EFA869B, 0xF4ACFB12, 0x1DF50D36, 0xE7A370BF, 0x130F8BAD, 0xE959F624,
    0x3BEA1A6C, 0xC1BC67E5, 0x35109CF7, 0xCF46E17E, 0x261F175A, 0xDC496AD3, 0x28E591C1, 0xD2B3EC48,
};

uint16_t packet_crc16(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    unsigned crc = 0xFFFF;

    for (; n; n--, p++) {
        crc = (crc << 4 ^ crc16_table[(crc >> 12 ^ *p >> 4) & 15]) & 0xFFFF;
        crc = (crc << 4 ^ crc16_table[(crc >> 12 ^ *p) & 15]) & 0xFFFF;
    }
    return (uint16_t)crc;
}

uint32_t packet_crc32(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint32_t crc = 0xFFFFFFFF;

    for (; n; n--, p++) {
        crc = crc << 4 ^ crc32_table[(crc >> 28 ^ *p >> 4) & 15];
        crc = crc << 4 ^ crc32_table[(crc >> 28 ^ *p) & 15];
    }
    return crc;
}

size_t packet_encode(uint8_t *out, size_t size, const struct packet *packet)
{
    size_t total = packet_bytes(packet->length);

    if (total > size)
        return 0;
    if (packet->length && packet->payload != out + PACKET_HEADER)
        memmove(out + PACKET_HEADER, packet->payload, packet->length);
    out[0] = SYNC_FIRST;
    out[1] = SYNC_SECOND;
    out[2] = packet->sequence;
    out[3] = packet->channel;
    out[4] = packet->flags;
    out[5] = packet->opcode;
    packet_put16(out + 6, packet->length);
    packet_put16(out + 8, packet_crc16(out, 8));
    if (packet->length)
        packet_put32(out + PACKET_HEADER + packet->length, packet_crc32(out + PACKET_HEADER, packet->length));
    return total;
}

bool packet_is_sync(const uint8_t bytes[PACKET_HEADER])
{
    return bytes[0] == SYNC_FIRST && bytes[1] == SYNC_SECOND && bytes[3] == 0 && bytes[5] == PROTO_SYNC &&
           !(bytes[4] & (PACKET_ACK | PACKET_NAK | PACKET_EVENT)) && packet_get16(bytes + 6) == 0 &&
           packet_get16(bytes + 8) == packet_crc16(bytes, 8);
}

static void drop(struct packet_parser *parser, size_t n)
{
    parser->used -= n;
    memmove(parser->buffer, parser->buffer + n, parser->used);
}

static void drop_taken(struct packet_parser *parser)
{
    if (parser->taken)
        drop(parser, parser->taken);
    parser->taken = 0;
}

/* Drops what cannot be the beginning of a packet. */
static void drop_garbage(struct packet_parser *parser)
{
    const uint8_t *b = parser->buffer;
    size_t i = 0;

    while (i < parser->used && !(b[i] == SYNC_FIRST && (i + 1 == parser->used || b[i + 1] == SYNC_SECOND)))
        i++;
    if (i)
        drop(parser, i);
}

void packet_parser_init(struct packet_parser *parser, uint8_t *buffer, size_t size)
{
    *parser = (struct packet_parser){.buffer = buffer, .size = size, .check = true};
}

size_t packet_parser_feed(struct packet_parser *parser, const uint8_t *bytes, size_t n)
{
    drop_taken(parser);
    if (n > parser->size - parser->used)
        n = parser->size - parser->used;
    if (n)
        memcpy(parser->buffer + parser->used, bytes, n);
    parser->used += n;
    return n;
}

enum packet_result packet_parser_next(struct packet_parser *parser, struct packet *packet)
{
    drop_taken(parser);
    for (;;) {
        const uint8_t *b = parser->buffer;

        drop_garbage(parser);
        if (parser->used < PACKET_HEADER)
            return PACKET_NONE;
        if (parser->check && packet_get16(b + 8) != packet_crc16(b, 8)) {
            drop(parser, 1);
            continue;
        }

        uint16_t length = packet_get16(b + 6);
        size_t total = packet_bytes(length);
        *packet = (struct packet){b[2], b[3], b[4], b[5], length, length ? b + PACKET_HEADER : NULL};
        if (total > parser->size) {
            packet->payload = NULL;
            parser->taken = PACKET_HEADER;
            return PACKET_TOO_LONG;
        }
        if (parser->used < total)
            return PACKET_NONE;
        if (length && parser->check && packet_get32(b + PACKET_HEADER + length) != packet_crc32(b + PACKET_HEADER, length)) {
            /* Bytes may be missing, so that the next packet lies inside: look at everything behind the header. */
            packet->payload = NULL;
            parser->taken = PACKET_HEADER;
            return PACKET_BAD_CHECKSUM;
        }
        parser->taken = total;
        return PACKET_READY;
    }
}

void packet_parser_unget(struct packet_parser *parser)
{
    parser->taken = 0;
}

bool packet_parser_waiting(const struct packet_parser *parser)
{
    return parser->used > parser->taken;
}

void packet_parser_skip(struct packet_parser *parser)
{
    drop_taken(parser);
    if (parser->used)
        drop(parser, 1);
}

bool packet_parser_find_sync(struct packet_parser *parser)
{
    drop_taken(parser);
    for (size_t i = 1; i + PACKET_HEADER <= parser->used; i++)
        if (packet_is_sync(parser->buffer + i)) {
            drop(parser, i);
            return true;
        }
    return false;
}
