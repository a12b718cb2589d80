/* SPDX-License-Identifier: MIT */
/* What the two files of the device side share: its state, and how device_request.c answers through device.c. */
#ifndef PROTOCOL_DEVICE_PRIVATE_H
#define PROTOCOL_DEVICE_PRIVATE_H

#include "device.h"

#define EVENTS 16u /* power of two */

/* Bytes being handed to the link. */
struct output {
    uint8_t *bytes;
    size_t n, sent;
};

enum source { SOURCE_SMALL, SOURCE_LIST, SOURCE_CHANNEL };

/* The answer with data to the last request. */
struct answer {
    bool active;  /* fragments remain, or the last one is not acknowledged */
    bool waiting; /* a fragment is sent and not acknowledged */
    bool first;   /* no fragment has been sent */
    enum source source;
    uint8_t channel, opcode;
    uint8_t sequence; /* of the fragment in the data buffer */
    uint32_t offset, remaining;
    unsigned tries;
    uint32_t sent_at;
};

/* The last request accepted, to recognise it when it is sent again. */
struct request {
    bool valid;
    bool data; /* answered with data (else ACK or NAK with status) */
    bool fragmented;
    uint8_t sequence, channel, opcode;
    uint8_t status;
};

struct device {
    struct device_config config;
    struct packet_parser parser;
    const struct device_channel *channels[PACKET_CHANNELS];
    uint32_t locked;
    uint32_t locked_at;
    bool ever_locked;

    bool session;
    uint32_t capabilities;
    size_t max_payload, limit;
    uint8_t sequence;                                               /* of the next packet, in either direction */
    uint8_t requests;                                               /* accepted so far */
    enum { COUNT_UNKNOWN, COUNT_PACKETS, COUNT_REQUESTS } counting; /* what the host's sequence numbers count */

    struct answer answer;
    struct request last;
    struct output data, control, *sending;
    uint8_t control_bytes[PACKET_OVERHEAD + 2];
    uint8_t small[4 + 24 * DEVICE_POOLS];

    volatile uint32_t events[EVENTS];
    volatile uint32_t events_in, events_out;
    volatile bool event_pending;

    uint32_t heard_at, input_at, output_at, deferred_at;
    bool deferred;
    bool without_dynamic; /* answer the request without asking dynamic channels */
    struct device_statistics statistics;
};

static inline uint32_t now(const struct device *d)
{
    return d->config.now_ms(d->config.context);
}

static inline bool channel_is_dynamic(const struct device *d, unsigned number)
{
    return number < PACKET_CHANNELS && d->channels[number] && d->channels[number]->flags & CHANNEL_FLAG_DYNAMIC;
}

/* Answers the accepted request p with an ACK or a NAK. */
void answer_status(struct device *d, const struct packet *p, enum packet_status status);

/* Answers it with `bytes` bytes of the source, in as many fragments as it takes. */
void answer_data(struct device *d, const struct packet *p, enum source source, uint32_t offset, uint32_t bytes);

/* Handles a request that has been accepted: opcodes of the protocol and the system, and of channels. */
void request_system(struct device *d, const struct packet *p);
void request_channel(struct device *d, const struct packet *p);

#endif
