/* SPDX-License-Identifier: MIT */
/* Host side: one request at a time; ask again, then make a new session, then give up. */
#include "client.h"

#include <string.h>

#define EVENTS   16u
#define ATTEMPTS 3u  /* a request and two repetitions in the same session */
#define QUIET_MS 40u /* a packet whose bytes are still coming is waited for, up to once more retry_ms */

/* Internal results beside enum client_error. */
enum { AGAIN = -100, RESYNC = -101 };

struct client {
    struct client_config config;
    struct packet_parser parser;
    uint8_t *output;
    size_t max_payload;
    uint32_t capabilities;
    uint8_t sequence;
    bool session;
    enum packet_status status;
    uint32_t deadline;
    uint32_t heard_at;
    struct client_event events[EVENTS];
    unsigned events_in, events_out;
    uint8_t entries[PACKET_CHANNELS][PACKET_ENTRY_BYTES];
    uint32_t present;
    struct client_statistics statistics;
};

_Static_assert(sizeof(struct client) <= CLIENT_STATE_BYTES, "CLIENT_STATE_BYTES is too small");

/* A request under way. */
struct exchange {
    enum packet_opcode opcode;
    uint8_t channel;
    const void *payload;
    size_t n;
    uint8_t *out;
    size_t size, got;
    uint8_t sequence; /* of the request */
    bool overflow;
};

static uint32_t now(const struct client *c)
{
    return c->config.now_ms(c->config.context);
}

/* Milliseconds until `when`, at least 0. */
static uint32_t until(const struct client *c, uint32_t when)
{
    int32_t left = (int32_t)(when - now(c));

    return left > 0 ? (uint32_t)left : 0;
}

static void progress(struct client *c)
{
    c->deadline = now(c) + c->config.deadline_ms;
}

static int send_packet(struct client *c, const struct packet *p)
{
    size_t n = packet_encode(c->output, c->config.max_payload + PACKET_OVERHEAD, p);
    uint32_t left = until(c, c->deadline);

    return c->config.send(c->config.context, c->output, n, left ? left : 1) < 0 ? CLIENT_E_LINK : 0;
}

static int send_ack(struct client *c, const struct packet *p)
{
    return send_packet(c, &(struct packet){p->sequence, p->channel, PACKET_ACK, p->opcode, 0, NULL});
}

/* The next packet within timeout_ms: 1, 0 when none came, CLIENT_E_LINK. */
static int next_packet(struct client *c, struct packet *p, uint32_t timeout_ms)
{
    uint32_t end = now(c) + timeout_ms;

    for (bool last = false;;) {
        enum packet_result result = packet_parser_next(&c->parser, p);
        if (result == PACKET_READY)
            return 1;
        if (result != PACKET_NONE) {
            c->statistics.damaged++;
            continue;
        }
        if (last)
            return 0;

        uint8_t bytes[512];
        size_t room = c->parser.size - c->parser.used;
        int n = c->config.receive(c->config.context, bytes, room < sizeof bytes ? room : sizeof bytes, until(c, end));
        if (n < 0)
            return CLIENT_E_LINK;
        if (n == 0)
            return 0;
        c->heard_at = now(c);
        packet_parser_feed(&c->parser, bytes, (size_t)n);
        last = !until(c, end);
    }
}

static int take_event(struct client *c, const struct packet *p)
{
    if (p->length >= 2) {
        if (c->events_in - c->events_out == EVENTS)
            c->events_out++;
        c->events[c->events_in++ % EVENTS] = (struct client_event){p->channel, packet_get16(p->payload)};
    }
    return p->flags & PACKET_ACK_REQ ? send_ack(c, p) : 0;
}

/* A NAK of the request under way. */
static int take_nak(struct client *c, const struct exchange *x, const struct packet *p)
{
    enum packet_status status = p->length >= 2 ? (enum packet_status)packet_get16(p->payload) : STATUS_FAILED;

    if (status == STATUS_CHECKSUM || status == STATUS_OVERFLOW)
        return AGAIN;
    if (status == STATUS_SEQUENCE && x->opcode != PROTO_SYNC)
        return RESYNC;
    c->sequence++;
    c->status = status;
    return status == STATUS_BUSY ? CLIENT_E_BUSY : CLIENT_E_REFUSED;
}

/* A fragment of an answer; 1 when it was the last one. */
static int take_data(struct client *c, struct exchange *x, const struct packet *p)
{
    bool ours = p->opcode == x->opcode && p->channel == x->channel;
    int8_t ahead = (int8_t)(p->sequence - c->sequence);
    int error = 0;

    if (!(c->capabilities & CAPS_SEQUENCE))
        ahead = 0;
    /* An old fragment whose ACK was lost must be acknowledged again, or the camera goes on sending it. */
    if (p->flags & PACKET_ACK_REQ && ((ours && ahead == 0) || ahead < 0))
        error = send_ack(c, p);
    if (error || !ours || ahead != 0)
        return error;

    size_t n = p->length;
    if (n > x->size - x->got) {
        n = x->size - x->got;
        x->overflow = true;
    }
    if (n)
        memcpy(x->out + x->got, p->payload, n);
    x->got += n;
    c->sequence++;
    return p->flags & PACKET_FRAGMENT ? 0 : 1;
}

/* Waits for the answer: its bytes, an error, AGAIN or RESYNC. */
static int await(struct client *c, struct exchange *x, uint32_t patience)
{
    uint32_t began = now(c);

    for (;;) {
        struct packet p;
        uint32_t waited = now(c) - began, left = until(c, c->deadline);

        if (waited >= patience && (now(c) - c->heard_at >= QUIET_MS || waited >= 2 * patience))
            return AGAIN;
        if (!left)
            return AGAIN;
        uint32_t wait = waited < patience ? patience - waited : QUIET_MS;
        int result = next_packet(c, &p, wait < left ? wait : left);
        if (result < 0)
            return result;
        if (result == 0)
            continue;

        if (p.flags & PACKET_EVENT) {
            result = take_event(c, &p);
        } else if (p.flags & (PACKET_ACK | PACKET_NAK)) {
            if (p.opcode != x->opcode || p.channel != x->channel || p.sequence != c->sequence)
                continue;
            if (p.flags & PACKET_NAK)
                return take_nak(c, x, &p);
            if (x->opcode == PROTO_SYNC)
                return 0;
            c->sequence++;
            return (int)x->got;
        } else {
            size_t before = x->got;
            result = take_data(c, x, &p);
            if (result == 1)
                return x->overflow ? CLIENT_E_SPACE : (int)x->got;
            if (x->got > before) {
                began = now(c);
                progress(c);
            }
        }
        if (result < 0)
            return result;
    }
}

/* A request within the session, repeated when the answer does not come; RESYNC when that does not help. */
static int exchange(struct client *c, struct exchange *x)
{
    int result = RESYNC;

    x->sequence = c->sequence;
    x->got = 0;
    x->overflow = false;
    for (unsigned attempt = 0; attempt < ATTEMPTS && until(c, c->deadline); attempt++) {
        struct packet p = {x->sequence, x->channel, attempt ? PACKET_RTX : 0, (uint8_t)x->opcode, (uint16_t)x->n, x->payload};

        if (attempt)
            c->statistics.retries++;
        result = send_packet(c, &p);
        if (!result)
            result = await(c, x, c->config.retry_ms);
        if (result != AGAIN)
            return result;
        while (packet_parser_waiting(&c->parser))
            packet_parser_skip(&c->parser);
    }
    return RESYNC;
}

static int agree(struct client *c)
{
    uint8_t caps[PACKET_CAPS_BYTES];
    struct exchange get = {.opcode = PROTO_GET_CAPS, .out = caps, .size = sizeof caps};
    int result = exchange(c, &get);

    if (result < 0)
        return result;
    if (result < 6)
        return CLIENT_E_ANSWER;
    uint32_t offered = packet_get32(caps);
    size_t max_payload = packet_get16(caps + 4);
    uint32_t capabilities = offered & c->config.capabilities;
    size_t wanted = max_payload < c->config.max_payload ? max_payload : c->config.max_payload;
    if (wanted < PACKET_MIN_PAYLOAD)
        return CLIENT_E_ANSWER;
    if (capabilities != offered || wanted != max_payload) {
        packet_put32(caps, capabilities);
        packet_put16(caps + 4, (uint16_t)wanted);
        struct exchange set = {.opcode = PROTO_SET_CAPS, .payload = caps, .n = sizeof caps};
        result = exchange(c, &set);
        if (result < 0)
            return result;
    }
    c->capabilities = capabilities;
    c->max_payload = wanted;
    c->parser.check = capabilities & CAPS_CRC;
    return 0;
}

/*
 * A new session, within the deadline: 0, CLIENT_E_LINK, CLIENT_E_TIMEOUT. Patience grows, for a camera that is only slow:
 * each SYNC would make it begin anew.
 */
static int resync(struct client *c)
{
    uint32_t patience = c->config.retry_ms;

    c->session = false;
    c->statistics.sessions++;
    for (; until(c, c->deadline); patience *= 2) {
        struct exchange sync = {.opcode = PROTO_SYNC};
        struct packet p = {.opcode = PROTO_SYNC};

        packet_parser_init(&c->parser, c->parser.buffer, c->parser.size);
        c->capabilities = CAPS_ALL;
        c->max_payload = PACKET_MIN_PAYLOAD;
        c->sequence = 0;
        int result = send_packet(c, &p);
        if (!result)
            result = await(c, &sync, patience);
        if (!result) {
            c->sequence = 0;
            result = agree(c);
        }
        if (!result) {
            c->session = true;
            return 0;
        }
        if (result == CLIENT_E_LINK || result == CLIENT_E_ANSWER)
            return result;
    }
    return CLIENT_E_TIMEOUT;
}

struct client *client_init(void *memory, size_t bytes, const struct client_config *config)
{
    if (config->max_payload < PACKET_MIN_PAYLOAD || config->max_payload > 0xFFFF - PACKET_OVERHEAD ||
        bytes < CLIENT_BYTES(config->max_payload))
        return NULL;

    struct client *c = memory;
    uint8_t *buffers = (uint8_t *)memory + CLIENT_STATE_BYTES;
    size_t packet = config->max_payload + PACKET_OVERHEAD;

    memset(c, 0, sizeof *c);
    c->config = *config;
    c->output = buffers;
    packet_parser_init(&c->parser, buffers + packet, packet);
    c->max_payload = PACKET_MIN_PAYLOAD;
    c->heard_at = now(c);
    return c;
}

const char *client_strerror(int error)
{
    static const char *const text[] = {
        "no error",
        "the camera does not answer",
        "the connection to the camera is closed",
        "the camera refused",
        "the camera is busy",
        "the connection was interrupted and made again",
        "the camera's answer is too long",
        "the camera's answer is not valid",
    };

    error = error > 0 ? 0 : -error;
    return (size_t)error < sizeof text / sizeof *text ? text[error] : "unknown error";
}

const char *client_strstatus(enum packet_status status)
{
    static const char *const text[] = {
        "no error",
        "it failed",
        "the request is not valid",
        "it took too long",
        "busy",
        "damaged packet",
        "packets out of sequence",
        "packet too long",
        "fragments not accepted",
        "unknown request",
    };

    return (size_t)status < sizeof text / sizeof *text ? text[status] : "unknown reason";
}

enum packet_status client_status(const struct client *c)
{
    return c->status;
}

const struct client_statistics *client_statistics(const struct client *c)
{
    return &c->statistics;
}

size_t client_max_payload(const struct client *c)
{
    return c->max_payload;
}

/* As client_request, within the present deadline. */
static int request(struct client *c, struct exchange *x, bool once)
{
    bool sent = false;

    for (unsigned i = 0; i < 2; i++) {
        int result = 0;

        if (!c->session) {
            result = resync(c);
            if (result)
                return result;
            if (sent && once)
                return CLIENT_E_RESYNCED;
        }
        if (x->n > c->max_payload)
            return CLIENT_E_SPACE;
        sent = true;
        result = exchange(c, x);
        if (result != RESYNC)
            return result;
        c->session = false;
    }
    return CLIENT_E_TIMEOUT;
}

int client_request(struct client *c, enum packet_opcode opcode, uint8_t channel, const void *payload, size_t n, void *out, size_t size,
                   bool once)
{
    struct exchange x = {.opcode = opcode, .channel = channel, .payload = payload, .n = n, .out = out, .size = size};

    progress(c);
    return request(c, &x, once);
}

static int list_channels(struct client *c)
{
    uint8_t list[PACKET_CHANNELS * PACKET_ENTRY_BYTES];
    struct exchange x = {.opcode = CHANNEL_LIST, .out = list, .size = sizeof list};
    int n = request(c, &x, false);

    if (n < 0)
        return n;
    c->present = 0;
    for (int at = 0; at + (int)PACKET_ENTRY_BYTES <= n; at += (int)PACKET_ENTRY_BYTES) {
        unsigned id = list[at];
        if (id >= PACKET_CHANNELS)
            continue;
        memcpy(c->entries[id], list + at, PACKET_ENTRY_BYTES);
        c->entries[id][PACKET_ENTRY_BYTES - 1] = 0;
        c->present |= 1u << id;
    }
    return 0;
}

int client_connect(struct client *c)
{
    int result;

    progress(c);
    c->events_out = c->events_in;
    result = resync(c);
    return result ? result : list_channels(c);
}

int client_list_channels(struct client *c)
{
    progress(c);
    return list_channels(c);
}

const char *client_channel(const struct client *c, unsigned number, uint8_t *flags)
{
    if (number >= PACKET_CHANNELS || !(c->present & 1u << number))
        return NULL;
    if (flags)
        *flags = c->entries[number][1];
    return (const char *)c->entries[number] + 2;
}

int client_find_channel(const struct client *c, const char *name)
{
    for (unsigned i = 0; i < PACKET_CHANNELS; i++)
        if (c->present & 1u << i && !strcmp((const char *)c->entries[i] + 2, name))
            return (int)i;
    return -1;
}

/* Requests whose answer is u32 numbers: how many came. */
static int request_words(struct client *c, enum packet_opcode opcode, uint8_t channel, uint32_t *words, size_t count)
{
    uint8_t answer[16];
    int n = client_request(c, opcode, channel, NULL, 0, answer, 4 * count, false);

    if (n < 0)
        return n;
    for (int i = 0; i < n / 4; i++)
        words[i] = packet_get32(answer + 4 * i);
    return n / 4;
}

int client_poll(struct client *c, uint32_t *mask)
{
    int n = request_words(c, CHANNEL_POLL, 0, mask, 1);

    return n < 0 ? n : n == 1 ? 0 : CLIENT_E_ANSWER;
}

int client_lock(struct client *c, uint8_t channel)
{
    return client_request(c, CHANNEL_LOCK, channel, NULL, 0, NULL, 0, false);
}

int client_unlock(struct client *c, uint8_t channel)
{
    return client_request(c, CHANNEL_UNLOCK, channel, NULL, 0, NULL, 0, true);
}

int client_size(struct client *c, uint8_t channel, uint32_t *size)
{
    int n = request_words(c, CHANNEL_SIZE, channel, size, 1);

    return n < 0 ? n : n == 1 ? 0 : CLIENT_E_ANSWER;
}

int client_shape(struct client *c, uint8_t channel, uint32_t shape[4])
{
    return request_words(c, CHANNEL_SHAPE, channel, shape, 4);
}

int client_read(struct client *c, uint8_t channel, uint32_t offset, void *out, uint32_t n)
{
    uint8_t payload[8];

    packet_put32(payload, offset);
    packet_put32(payload + 4, n);
    return client_request(c, CHANNEL_READ, channel, payload, sizeof payload, out, n, true);
}

int client_write(struct client *c, uint8_t channel, uint32_t offset, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint8_t payload[512];

    do {
        size_t most = c->max_payload < sizeof payload ? c->max_payload : sizeof payload;
        size_t piece = n < most - 8 ? n : most - 8;

        packet_put32(payload, offset);
        packet_put32(payload + 4, (uint32_t)piece);
        if (piece)
            memcpy(payload + 8, p, piece);
        int result = client_request(c, CHANNEL_WRITE, channel, payload, piece + 8, NULL, 0, false);
        if (result < 0)
            return result;
        p += piece;
        offset += (uint32_t)piece;
        n -= piece;
    } while (n);
    return 0;
}

int client_ioctl(struct client *c, uint8_t channel, uint32_t request, const uint32_t *arguments, size_t count)
{
    uint8_t payload[4 + 4 * 4];

    if (count > 4)
        return CLIENT_E_SPACE;
    packet_put32(payload, request);
    for (size_t i = 0; i < count; i++)
        packet_put32(payload + 4 + 4 * i, arguments[i]);
    return client_request(c, CHANNEL_IOCTL, channel, payload, 4 + 4 * count, NULL, 0, true);
}

int client_command(struct client *c, enum packet_opcode opcode)
{
    struct packet p = {.sequence = c->sequence, .opcode = (uint8_t)opcode};

    progress(c);
    c->session = false;
    return send_packet(c, &p);
}

int client_next_event(struct client *c, struct client_event *event, uint32_t timeout_ms)
{
    uint32_t end = now(c) + timeout_ms;
    struct exchange none = {.opcode = PROTO_SYNC, .channel = 0xFF};

    progress(c);
    while (c->events_out == c->events_in) {
        struct packet p;
        int result = next_packet(c, &p, until(c, end));

        if (result < 0)
            return result;
        if (result == 0)
            return 0;
        if (p.flags & PACKET_EVENT)
            result = take_event(c, &p);
        else if (!(p.flags & (PACKET_ACK | PACKET_NAK)))
            result = take_data(c, &none, &p);
        if (result < 0)
            return result;
    }
    *event = c->events[c->events_out++ % EVENTS];
    return 1;
}
