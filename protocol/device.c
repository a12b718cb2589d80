/* SPDX-License-Identifier: MIT */
/* Device side: one request at a time, one answer fragment on its way at a time. */
#include "device_private.h"

#include <string.h>

enum { EVENT_ACK_REQ = 1u << 24 };

#define READ_CHUNK    512u
#define STALL_MS      1500u /* a link that takes no byte for so long loses what was to be sent */
#define FIND_SYNC_MS  20u   /* silence inside a packet after which a SYNC in it is believed */
#define SKIP_MS       200u  /* silence inside a packet after which its rest is given up */
#define DEFER_MS      1000u /* a script that does not come to serve its channel for so long */
#define DEFER_POLL_MS 50u   /* CHANNEL_POLL is answered without its channels then: a host asks it all the time */

_Static_assert(sizeof(struct device) <= DEVICE_STATE_BYTES, "DEVICE_STATE_BYTES is too small");

/* Output */

/* Hands what is to be sent to the link; true when nothing is left. */
static bool flush(struct device *d)
{
    while (d->sending) {
        struct output *o = d->sending;
        size_t n = d->config.send(d->config.context, o->bytes + o->sent, o->n - o->sent);

        if (n) {
            o->sent += n;
            d->output_at = now(d);
        } else if (now(d) - d->output_at >= STALL_MS) {
            d->statistics.transport++;
            o->sent = o->n;
        } else {
            return false;
        }
        if (o->sent >= o->n) {
            d->sending = NULL;
            if (o == &d->data)
                d->answer.sent_at = now(d);
        }
    }
    return true;
}

/* Only called when the last output has been flushed. */
static void start(struct device *d, struct output *output, size_t n)
{
    output->n = n;
    output->sent = 0;
    d->sending = output;
    d->output_at = now(d);
    d->statistics.sent++;
    flush(d);
}

static void send_control(struct device *d, uint8_t sequence, uint8_t channel, uint8_t flags, uint8_t opcode, const uint8_t *payload,
                         uint16_t length)
{
    struct packet packet = {sequence, channel, flags, opcode, length, payload};

    start(d, &d->control, packet_encode(d->control_bytes, sizeof d->control_bytes, &packet));
}

static void send_nak(struct device *d, const struct packet *p, enum packet_status status)
{
    uint8_t payload[2];

    packet_put16(payload, (uint16_t)status);
    send_control(d, p->sequence, p->channel, PACKET_NAK, p->opcode, payload, sizeof payload);
}

/* Answers the accepted request p without data. */
void answer_status(struct device *d, const struct packet *p, enum packet_status status)
{
    d->last.data = false;
    d->last.status = (uint8_t)status;
    d->sequence++;
    if (status == STATUS_OK)
        send_control(d, p->sequence, p->channel, PACKET_ACK, p->opcode, NULL, 0);
    else
        send_nak(d, p, status);
}

/* Answers with data */

static int list_bytes(const struct device *d, uint32_t offset, uint8_t *out, size_t n)
{
    uint32_t at = 0;
    size_t done = 0;

    for (unsigned i = 0; i < PACKET_CHANNELS && done < n; i++) {
        const struct device_channel *channel = d->channels[i];
        uint8_t entry[PACKET_ENTRY_BYTES] = {(uint8_t)i};

        if (!channel)
            continue;
        entry[1] = channel->flags;
        for (size_t k = 0; k < PACKET_NAME_BYTES - 1 && channel->name[k]; k++)
            entry[2 + k] = (uint8_t)channel->name[k];
        for (size_t k = 0; k < sizeof entry && done < n; k++, at++)
            if (at >= offset)
                out[done++] = entry[k];
    }
    return (int)done;
}

static int channel_bytes(const struct device *d, uint32_t offset, uint8_t *out, size_t n)
{
    const struct device_channel *channel = d->channels[d->answer.channel];

    if (!channel)
        return -STATUS_INVALID;
    if (channel->ops->readp) {
        const void *bytes = channel->ops->readp(channel->context, offset, n);
        if (!bytes)
            return -STATUS_FAILED;
        memcpy(out, bytes, n);
        return (int)n;
    }
    return channel->ops->read(channel->context, offset, out, n);
}

static int answer_bytes(struct device *d, uint8_t *out, size_t n)
{
    const struct answer *a = &d->answer;

    switch (a->source) {
    case SOURCE_LIST:
        return list_bytes(d, a->offset, out, n);
    case SOURCE_CHANNEL:
        return channel_bytes(d, a->offset, out, n);
    default:
        memcpy(out, d->small + a->offset, n);
        return (int)n;
    }
}

/* Sends the next fragment; the first one that turns out to be empty is an ACK, as is an answer to a request for nothing. */
static void send_fragment(struct device *d)
{
    struct answer *a = &d->answer;
    size_t n = a->remaining < d->max_payload ? a->remaining : d->max_payload;
    struct packet p = {d->sequence, a->channel, 0, a->opcode, 0, NULL};

    if (a->source == SOURCE_CHANNEL && !(d->channels[a->channel] && d->channels[a->channel]->ops->readp) && n > READ_CHUNK)
        n = READ_CHUNK;
    int got = n ? answer_bytes(d, d->data.bytes + PACKET_HEADER, n) : 0;
    if (got < 0 || (got == 0 && a->first)) {
        a->active = false;
        answer_status(d, &p, got < 0 ? (enum packet_status) - got : STATUS_OK);
        return;
    }
    if ((size_t)got > n)
        got = (int)n;
    a->offset += (uint32_t)got;
    a->remaining = (size_t)got < n ? 0 : a->remaining - (uint32_t)got;

    p.length = (uint16_t)got;
    p.payload = d->data.bytes + PACKET_HEADER;
    if (a->remaining) {
        p.flags |= PACKET_FRAGMENT;
        d->last.fragmented = true;
    }
    if (d->capabilities & CAPS_ACK)
        p.flags |= PACKET_ACK_REQ;
    a->sequence = d->sequence++;
    a->first = false;
    a->tries = 0;
    a->waiting = p.flags & PACKET_ACK_REQ;
    if (!a->waiting && !a->remaining)
        a->active = false;
    start(d, &d->data, packet_encode(d->data.bytes, d->limit + PACKET_OVERHEAD, &p));
}

static void send_again(struct device *d)
{
    struct answer *a = &d->answer;
    uint8_t *b = d->data.bytes;
    struct packet p = {b[2], b[3], b[4] | PACKET_RTX, b[5], packet_get16(b + 6), b + PACKET_HEADER};

    d->statistics.retransmitted++;
    a->waiting = a->active = p.flags & PACKET_ACK_REQ;
    start(d, &d->data, packet_encode(b, d->limit + PACKET_OVERHEAD, &p));
}

void answer_data(struct device *d, const struct packet *p, enum source source, uint32_t offset, uint32_t bytes)
{
    d->last.data = true;
    d->answer = (struct answer){
        .active = true, .first = true, .source = source, .channel = p->channel, .opcode = p->opcode, .offset = offset, .remaining = bytes};
    if (!(source == SOURCE_CHANNEL && channel_is_dynamic(d, p->channel)) || !bytes)
        send_fragment(d);
}

/* Sessions and packets */

static void end_session(struct device *d)
{
    for (unsigned i = 0; i < PACKET_CHANNELS; i++)
        if (d->locked & 1u << i && d->channels[i] && d->channels[i]->ops->unlock)
            d->channels[i]->ops->unlock(d->channels[i]->context);
    d->locked = 0;
    d->ever_locked = false;
    d->answer = (struct answer){0};
    d->last = (struct request){0};
    d->sending = NULL;
    d->deferred = false;
    d->event_pending = false;
    d->events_out = d->events_in;
    d->sequence = d->requests = 0;
    d->counting = COUNT_UNKNOWN;
    d->capabilities = d->config.capabilities;
    d->max_payload = d->config.max_payload;
    d->parser.check = d->capabilities & CAPS_CRC;
}

static void request_sync(struct device *d)
{
    end_session(d);
    d->session = true;
    send_control(d, 0, 0, PACKET_ACK, PROTO_SYNC, NULL, 0);
}

/* The host confirms the fragment or event on its way, or asks for it again. */
static void take_reply(struct device *d, const struct packet *p)
{
    struct answer *a = &d->answer;

    if (p->opcode == CHANNEL_EVENT || p->opcode == SYS_EVENT) {
        d->event_pending = false;
    } else if (a->waiting && p->sequence == a->sequence && p->channel == a->channel && p->opcode == a->opcode) {
        if (p->flags & PACKET_NAK) {
            if (a->tries++ < d->config.retries)
                send_again(d);
        } else {
            a->waiting = false;
            a->active = a->remaining > 0;
        }
    }
}

/* A request that was answered already, sent again because the answer did not arrive. */
static bool is_repeated(const struct device *d, const struct packet *p)
{
    const struct request *last = &d->last;

    return p->flags & PACKET_RTX && last->valid && p->sequence == last->sequence && p->channel == last->channel &&
           p->opcode == last->opcode;
}

static void repeat_answer(struct device *d, const struct packet *p)
{
    if (!d->last.data) {
        if (d->last.status == STATUS_OK)
            send_control(d, p->sequence, p->channel, PACKET_ACK, p->opcode, NULL, 0);
        else
            send_nak(d, p, (enum packet_status)d->last.status);
    } else if (d->answer.waiting || (!d->last.fragmented && !d->answer.active)) {
        send_again(d);
    } else if (!d->answer.active) {
        send_nak(d, p, STATUS_SEQUENCE);
    }
}

/*
 * Both sides number their packets with one counter that each packet advances: an answer in three fragments advances it
 * by three. A host that counts only its own requests shows it at the first request after such an answer, and is
 * understood too.
 */
static bool is_expected(struct device *d, const struct packet *p)
{
    if (!(d->capabilities & CAPS_SEQUENCE))
        return true;
    if (d->counting == COUNT_UNKNOWN && d->sequence != d->requests) {
        if (p->sequence == d->sequence)
            d->counting = COUNT_PACKETS;
        else if (p->sequence == d->requests)
            d->counting = COUNT_REQUESTS;
    }
    return p->sequence == (d->counting == COUNT_REQUESTS ? d->requests : d->sequence);
}

static bool needs_foreground(const struct device *d, const struct packet *p)
{
    if (p->opcode == CHANNEL_POLL) {
        for (unsigned i = 0; i < PACKET_CHANNELS; i++)
            if (channel_is_dynamic(d, i))
                return true;
        return false;
    }
    return p->opcode > CHANNEL_POLL && channel_is_dynamic(d, p->channel);
}

/* Puts off a packet (or fragment) that only the foreground may handle; false when it has been put off for too long. */
static bool put_off(struct device *d, uint32_t limit)
{
    if (!d->deferred) {
        d->deferred = true;
        d->deferred_at = now(d);
        if (d->config.defer)
            d->config.defer(d->config.context);
    }
    return now(d) - d->deferred_at < limit;
}

/* Handles a request; false when it has been put off. */
static bool take_request(struct device *d, const struct packet *p, bool foreground)
{
    if (p->opcode == PROTO_SYNC && p->channel == 0) {
        request_sync(d);
        return true;
    }
    if (!d->session)
        return true;
    if (is_repeated(d, p)) {
        repeat_answer(d, p);
        return true;
    }
    if (!is_expected(d, p)) {
        d->statistics.sequence++;
        send_nak(d, p, STATUS_SEQUENCE);
        return true;
    }

    bool late = false;
    if (!foreground && needs_foreground(d, p)) {
        if (put_off(d, p->opcode == CHANNEL_POLL ? DEFER_POLL_MS : DEFER_MS))
            return false;
        late = true;
    }
    d->without_dynamic = late;
    d->deferred = false;
    d->answer.active = d->answer.waiting = false; /* the host has all it wants of the last answer */
    d->last = (struct request){.valid = true, .sequence = p->sequence, .channel = p->channel, .opcode = p->opcode};
    d->requests++;
    if (late && p->opcode != CHANNEL_POLL)
        answer_status(d, p, STATUS_TIMEOUT);
    else if (p->flags & PACKET_FRAGMENT)
        answer_status(d, p, STATUS_FRAGMENT);
    else if (p->opcode >= CHANNEL_LIST)
        request_channel(d, p);
    else if (p->channel != 0)
        answer_status(d, p, STATUS_INVALID);
    else
        request_system(d, p);
    return true;
}

/* Takes one packet out of what was received; false when there is none, or it has been put off. */
static bool take_packet(struct device *d, bool foreground)
{
    struct packet p;

    switch (packet_parser_next(&d->parser, &p)) {
    case PACKET_BAD_CHECKSUM:
        d->statistics.checksum++;
        if (d->session && !(p.flags & (PACKET_ACK | PACKET_NAK | PACKET_EVENT)))
            send_nak(d, &p, STATUS_CHECKSUM);
        return true;
    case PACKET_TOO_LONG:
        d->statistics.transport++;
        if (d->session && !(p.flags & (PACKET_ACK | PACKET_NAK | PACKET_EVENT)))
            send_nak(d, &p, STATUS_OVERFLOW);
        return true;
    case PACKET_READY:
        d->heard_at = now(d);
        if (p.flags & PACKET_EVENT)
            return true;
        if (p.flags & (PACKET_ACK | PACKET_NAK)) {
            take_reply(d, &p);
        } else if (!take_request(d, &p, foreground)) {
            packet_parser_unget(&d->parser);
            return false;
        }
        d->statistics.received++;
        return true;
    default:
        return false;
    }
}

/* Takes bytes from the link; false when there are none. */
static bool take_bytes(struct device *d)
{
    uint8_t bytes[64];
    size_t room = d->parser.size - d->parser.used + d->parser.taken;
    size_t n = d->config.receive(d->config.context, bytes, room < sizeof bytes ? room : sizeof bytes);

    if (!n)
        return false;
    packet_parser_feed(&d->parser, bytes, n);
    d->input_at = now(d);
    return true;
}

/* A packet whose rest does not come must not swallow the host's attempts to recover. */
static bool unstick(struct device *d)
{
    uint32_t silence = now(d) - d->input_at;

    if (d->deferred || !packet_parser_waiting(&d->parser))
        return false;
    if (silence >= FIND_SYNC_MS && packet_parser_find_sync(&d->parser))
        return true;
    if (silence >= SKIP_MS) {
        packet_parser_skip(&d->parser);
        return true;
    }
    return false;
}

static bool send_event(struct device *d)
{
    if (d->events_out == d->events_in)
        return false;

    uint32_t event = d->events[d->events_out % EVENTS];
    uint8_t channel = (uint8_t)(event >> 16), payload[2];
    uint8_t flags = PACKET_EVENT | (event & EVENT_ACK_REQ ? PACKET_ACK_REQ : 0);

    d->events_out++;
    if (!(d->capabilities & CAPS_EVENT))
        return true;
    packet_put16(payload, (uint16_t)event);
    send_control(d, d->sequence, channel, flags, channel ? CHANNEL_EVENT : SYS_EVENT, payload, sizeof payload);
    d->statistics.events++;
    return true;
}

/* The next fragment, or the last one again; false when it is not time. */
static bool continue_answer(struct device *d, bool foreground)
{
    struct answer *a = &d->answer;

    if (!a->active)
        return false;
    if (a->waiting) {
        if (now(d) - a->sent_at < d->config.retry_ms << a->tries)
            return false;
        if (a->tries++ >= d->config.retries) {
            d->statistics.transport++;
            a->active = a->waiting = false;
        } else {
            send_again(d);
        }
        return true;
    }
    if (!foreground && a->source == SOURCE_CHANNEL && channel_is_dynamic(d, a->channel)) {
        if (put_off(d, DEFER_MS))
            return false;
        a->active = false;
        answer_status(d, &(struct packet){.sequence = d->sequence, .channel = a->channel, .opcode = a->opcode}, STATUS_TIMEOUT);
        return true;
    }
    d->deferred = false;
    send_fragment(d);
    return true;
}

/* Public */

struct device *device_init(void *memory, size_t bytes, const struct device_config *config)
{
    if (config->max_payload < PACKET_MIN_PAYLOAD || config->max_payload > 0xFFFF || bytes < DEVICE_BYTES(config->max_payload))
        return NULL;

    struct device *d = memory;
    uint8_t *buffers = (uint8_t *)memory + DEVICE_STATE_BYTES;
    size_t packet = config->max_payload + PACKET_OVERHEAD;

    memset(d, 0, sizeof *d);
    d->config = *config;
    d->limit = config->max_payload;
    d->data.bytes = buffers;
    d->control.bytes = d->control_bytes;
    packet_parser_init(&d->parser, buffers + packet, packet);
    end_session(d);
    d->heard_at = d->input_at = now(d);
    return d;
}

int device_register(struct device *d, int number, const struct device_channel *channel)
{
    if (number < 0)
        for (number = CHANNEL_USER; number < (int)PACKET_CHANNELS && d->channels[number];)
            number++;
    if (number >= (int)PACKET_CHANNELS || d->channels[number])
        return -1;
    d->channels[number] = channel;
    if (channel->flags & CHANNEL_FLAG_DYNAMIC)
        device_raise(d, CHANNEL_USB, EVENT_REGISTERED);
    return number;
}

void device_unregister(struct device *d, int number)
{
    if (number < 0 || number >= (int)PACKET_CHANNELS || !d->channels[number])
        return;
    bool dynamic = channel_is_dynamic(d, (unsigned)number);
    d->channels[number] = NULL;
    d->locked &= ~(1u << number);
    if (dynamic)
        device_raise(d, CHANNEL_USB, EVENT_UNREGISTERED);
}

void device_poll(struct device *d, bool foreground)
{
    /* Bounded, so that a host that talks without end cannot keep the camera here. */
    for (unsigned turn = 0; turn < 32 && flush(d); turn++) {
        if (take_packet(d, foreground) || take_bytes(d) || unstick(d))
            continue;
        if (!d->session || (!continue_answer(d, foreground) && !send_event(d)))
            return;
    }
}

static bool raise(struct device *d, uint32_t event)
{
    uint32_t in = d->events_in;

    if (!d->session || in - d->events_out >= EVENTS)
        return false;
    d->events[in % EVENTS] = event;
    d->events_in = in + 1;
    return true;
}

bool device_raise(struct device *d, uint8_t channel, uint16_t event)
{
    return raise(d, (uint32_t)channel << 16 | event);
}

bool device_raise_acknowledged(struct device *d, uint8_t channel, uint16_t event)
{
    d->event_pending = true;
    return raise(d, EVENT_ACK_REQ | (uint32_t)channel << 16 | event);
}

bool device_acknowledged(const struct device *d)
{
    return !d->event_pending;
}

bool device_in_session(const struct device *d)
{
    return d->session;
}

uint32_t device_silence(const struct device *d)
{
    return now(d) - d->heard_at;
}

void device_close(struct device *d)
{
    d->session = false;
    end_session(d);
    packet_parser_init(&d->parser, d->parser.buffer, d->parser.size);
    d->parser.check = d->capabilities & CAPS_CRC;
}

void device_configure(struct device *d, uint32_t capabilities, size_t max_payload, unsigned retries, uint32_t retry_ms,
                      uint32_t lock_interval_ms)
{
    d->config.capabilities = capabilities & CAPS_ALL;
    d->config.max_payload = max_payload < PACKET_MIN_PAYLOAD ? PACKET_MIN_PAYLOAD : max_payload > d->limit ? d->limit : max_payload;
    d->config.retries = retries;
    d->config.retry_ms = retry_ms;
    d->config.lock_interval_ms = lock_interval_ms;
}

const struct device_statistics *device_statistics(const struct device *d)
{
    return &d->statistics;
}
