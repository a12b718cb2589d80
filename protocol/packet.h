/* SPDX-License-Identifier: MIT */
/* The wire format: constants, checksums, building a packet, finding packets in a stream of bytes. */
#ifndef PROTOCOL_PACKET_H
#define PROTOCOL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A packet, little-endian:
 *
 *   0  AA D5    sync            5  opcode
 *   2  sequence                 6  u16 payload length
 *   3  channel                  8  u16 CRC-16 over bytes 0-7
 *   4  flags                   10  payload, then u32 CRC-32 over it; neither is there when the length is 0
 */
#define PACKET_HEADER      10u
#define PACKET_TRAILER     4u
#define PACKET_OVERHEAD    (PACKET_HEADER + PACKET_TRAILER)
#define PACKET_MIN_PAYLOAD 50u /* the least that may be negotiated: 64-byte packets */
#define PACKET_CHANNELS    32u
#define PACKET_NOTIFY      0xFFFFu /* the event "there is something to read" */

enum packet_flag {
    PACKET_ACK = 0x01,      /* opcode, channel and sequence repeat those of the packet acknowledged */
    PACKET_NAK = 0x02,      /* as ACK; the payload is a u16 of enum packet_status */
    PACKET_RTX = 0x04,      /* sent again */
    PACKET_ACK_REQ = 0x08,  /* the sender wants an ACK */
    PACKET_FRAGMENT = 0x10, /* more fragments follow */
    PACKET_EVENT = 0x20,    /* not an answer */
};

enum packet_status {
    STATUS_OK,
    STATUS_FAILED,
    STATUS_INVALID,
    STATUS_TIMEOUT,
    STATUS_BUSY,
    STATUS_CHECKSUM,
    STATUS_SEQUENCE,
    STATUS_OVERFLOW,
    STATUS_FRAGMENT,
    STATUS_UNKNOWN,
};

enum packet_opcode {
    PROTO_SYNC = 0x00,
    PROTO_GET_CAPS,
    PROTO_SET_CAPS,
    PROTO_STATS,
    PROTO_VERSION,
    SYS_RESET = 0x10,
    SYS_BOOT,
    SYS_INFO,
    SYS_EVENT,
    SYS_MEMORY,
    CHANNEL_LIST = 0x20,
    CHANNEL_POLL,
    CHANNEL_LOCK,
    CHANNEL_UNLOCK,
    CHANNEL_SHAPE,
    CHANNEL_SIZE,
    CHANNEL_READ,
    CHANNEL_WRITE,
    CHANNEL_IOCTL,
    CHANNEL_EVENT,
};
#define PACKET_LAST_SYSTEM SYS_MEMORY /* opcodes up to here belong to channel 0 */

/* The 16 bytes of GET_CAPS and SET_CAPS begin with these two fields. */
#define PACKET_CAPS_BYTES 16u
enum packet_caps { CAPS_CRC = 1, CAPS_SEQUENCE = 2, CAPS_ACK = 4, CAPS_EVENT = 8, CAPS_ALL = 15 };

/* The 16 bytes of an entry of CHANNEL_LIST: id, flags, name padded with zeros. */
#define PACKET_ENTRY_BYTES 16u
#define PACKET_NAME_BYTES  14u
enum channel_flag {
    CHANNEL_FLAG_READ = 1,
    CHANNEL_FLAG_WRITE = 2,
    CHANNEL_FLAG_EXEC = 4,
    CHANNEL_FLAG_LOCK = 8,
    CHANNEL_FLAG_STREAM = 16,
    CHANNEL_FLAG_DYNAMIC = 32,
    CHANNEL_FLAG_PHYSICAL = 64,
};

/* Channels that every camera has, their ioctls and their events. */
enum channel_id { CHANNEL_USB, CHANNEL_STDIN, CHANNEL_STDOUT, CHANNEL_STREAM, CHANNEL_PROFILE, CHANNEL_USER, CHANNEL_CRASH = PACKET_CHANNELS - 1 };
enum stdin_ioctl { STDIN_STOP = 1, STDIN_EXEC, STDIN_RESET };
enum stream_ioctl { STREAM_CTRL, STREAM_RAW_CTRL, STREAM_RAW_CFG, STREAM_SOURCE };
enum profile_ioctl { PROFILE_MODE, PROFILE_SET_EVENT, PROFILE_RESET, PROFILE_STATS };
enum channel_event_code {
    EVENT_REGISTERED = 0,
    EVENT_UNREGISTERED = 1,
    EVENT_SOFT_REBOOT = 2, /* channel 0 */
    EVENT_STOPPED = 0,
    EVENT_STARTED = 1, /* stdin */
};

/*
 * Ours: the answer to CHANNEL_SHAPE of stdin is { state, result, count, starts }, so that a host knows how a script ended
 * without reading its output. state: 0 idle, 1 running. result: enum script_end_code. count: scripts since the camera started,
 * starts: how often that was since it was without power. Other firmware refuses the request.
 */
enum script_end_code { RESULT_NONE, RESULT_ENDED, RESULT_EXCEPTION, RESULT_STOPPED, RESULT_EXIT };

struct packet {
    uint8_t sequence, channel, flags, opcode;
    uint16_t length;
    const uint8_t *payload; /* length bytes; NULL when length is 0 */
};

/* CRC-16 with polynomial F94F and CRC-32 with FA567D89: initial value all ones, not reflected, no final xor. */
uint16_t packet_crc16(const void *bytes, size_t n);
uint32_t packet_crc32(const void *bytes, size_t n);

/* Little-endian fields. */
static inline uint16_t packet_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t packet_get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void packet_put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void packet_put32(uint8_t *p, uint32_t value)
{
    packet_put16(p, (uint16_t)value);
    packet_put16(p + 2, (uint16_t)(value >> 16));
}

/* Bytes that a packet with this payload takes. */
static inline size_t packet_bytes(size_t payload)
{
    return PACKET_HEADER + payload + (payload ? PACKET_TRAILER : 0);
}

/*
 * Writes the packet with both checksums to out; the payload may already lie at out + PACKET_HEADER.
 * Returns its bytes, or 0 when they are more than size.
 */
size_t packet_encode(uint8_t *out, size_t size, const struct packet *packet);

/* Whether these 10 bytes are a SYNC request: what makes a camera leave its REPL for the protocol. */
bool packet_is_sync(const uint8_t bytes[PACKET_HEADER]);

/*
 * Finds packets in a stream of bytes. Garbage between packets is skipped; a damaged header costs one byte, so that a
 * good packet behind it is found. The buffer is the caller's: at least 64 bytes, as long as the longest packet it takes.
 */
struct packet_parser {
    uint8_t *buffer;
    size_t size, used;
    size_t taken; /* bytes of the packet last given out, dropped at the next call */
    bool check;   /* verify checksums: true after packet_parser_init */
};

enum packet_result {
    PACKET_NONE,         /* more bytes are needed */
    PACKET_READY,        /* a good packet */
    PACKET_BAD_CHECKSUM, /* the header is good, the payload is damaged (and not given) */
    PACKET_TOO_LONG,     /* the header is good, the packet is longer than the buffer */
};

void packet_parser_init(struct packet_parser *parser, uint8_t *buffer, size_t size);

/* Takes bytes; returns how many. Less than n only when the buffer is full: call packet_parser_next, then feed the rest. */
size_t packet_parser_feed(struct packet_parser *parser, const uint8_t *bytes, size_t n);

/* The next packet. The payload stays valid until the next call of any packet_parser function. */
enum packet_result packet_parser_next(struct packet_parser *parser, struct packet *packet);

/* Puts the packet last given out back, so that packet_parser_next gives it again. */
void packet_parser_unget(struct packet_parser *parser);

/* Whether a part of a packet (or of garbage that looks like one) is waiting for its rest. */
bool packet_parser_waiting(const struct packet_parser *parser);

/* The rest of the waiting packet will never come: gives up its first byte, so that what lies behind it is looked at. */
void packet_parser_skip(struct packet_parser *parser);

/* Drops everything in front of a SYNC request that hides inside the waiting bytes; false when there is none. */
bool packet_parser_find_sync(struct packet_parser *parser);

#endif
