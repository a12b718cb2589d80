/* SPDX-License-Identifier: MIT */
/* What each opcode does, once its packet has been accepted. */
#include "device_private.h"

#include <string.h>

static void answer_small(struct device *d, const struct packet *p, size_t bytes)
{
    answer_data(d, p, SOURCE_SMALL, 0, (uint32_t)bytes);
}

static void request_set_caps(struct device *d, const struct packet *p)
{
    if (p->length != PACKET_CAPS_BYTES) {
        answer_status(d, p, STATUS_INVALID);
        return;
    }
    uint32_t capabilities = packet_get32(p->payload);
    uint16_t max_payload = packet_get16(p->payload + 4);
    if (max_payload < PACKET_MIN_PAYLOAD || max_payload > d->config.max_payload) {
        answer_status(d, p, STATUS_INVALID);
        return;
    }
    answer_status(d, p, STATUS_OK);
    d->capabilities = capabilities & CAPS_ALL;
    d->max_payload = max_payload;
    d->parser.check = d->capabilities & CAPS_CRC;
}

static void request_info(struct device *d, const struct packet *p)
{
    struct device_info info = {0};
    uint8_t *s = d->small;

    d->config.info(d->config.context, &info);
    const uint32_t words[19] = {
        info.cpu_id, info.dev_id[0],  info.dev_id[1],  info.dev_id[2], info.usb_id, info.chip_id[0],  info.chip_id[1], info.chip_id[2], 0,
        0,           info.hw_caps[0], info.hw_caps[1], info.flash,     info.ram,    info.framebuffer, info.stream,
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        packet_put32(s + 4 * i, words[i]);
    answer_small(d, p, sizeof words);
}

static void request_memory(struct device *d, const struct packet *p)
{
    struct device_pool pools[DEVICE_POOLS] = {0};
    int n = d->config.memory(d->config.context, pools);
    uint8_t *s = d->small;

    n = n < 0 ? 0 : n > DEVICE_POOLS ? DEVICE_POOLS : n;
    packet_put32(s, (uint32_t)n);
    s += 4;
    for (int i = 0; i < n; i++, s += 24) {
        s[0] = pools[i].type;
        s[1] = 0;
        packet_put16(s + 2, pools[i].flags);
        packet_put32(s + 4, pools[i].total);
        packet_put32(s + 8, pools[i].used);
        packet_put32(s + 12, pools[i].free);
        packet_put32(s + 16, pools[i].persist);
        packet_put32(s + 20, pools[i].peak);
    }
    answer_small(d, p, 4 + 24 * (size_t)n);
}

static void request_version(struct device *d, const struct packet *p)
{
    struct device_version version = {0};

    d->config.version(d->config.context, &version);
    memset(d->small, 0, 16);
    memcpy(d->small, (const uint8_t[]){1, 0, 2}, 3);
    memcpy(d->small + 3, version.bootloader, 3);
    memcpy(d->small + 6, version.firmware, 3);
    answer_small(d, p, 16);
}

void request_system(struct device *d, const struct packet *p)
{
    const struct device_statistics *s = &d->statistics;

    switch (p->opcode) {
    case PROTO_GET_CAPS:
        memset(d->small, 0, PACKET_CAPS_BYTES);
        packet_put32(d->small, d->capabilities);
        packet_put16(d->small + 4, (uint16_t)d->max_payload);
        answer_small(d, p, PACKET_CAPS_BYTES);
        return;
    case PROTO_SET_CAPS:
        request_set_caps(d, p);
        return;
    case PROTO_STATS: {
        const uint32_t words[8] = {s->sent, s->received, s->checksum, s->sequence, s->retransmitted, s->transport, s->events};
        for (size_t i = 0; i < 8; i++)
            packet_put32(d->small + 4 * i, words[i]);
        answer_small(d, p, sizeof words);
        return;
    }
    case PROTO_VERSION:
        request_version(d, p);
        return;
    case SYS_RESET:
    case SYS_BOOT:
        d->config.command(d->config.context, p->opcode == SYS_RESET ? DEVICE_RESET : DEVICE_BOOT);
        return;
    case SYS_INFO:
        request_info(d, p);
        return;
    case SYS_MEMORY:
        request_memory(d, p);
        return;
    default:
        answer_status(d, p, STATUS_UNKNOWN);
    }
}

static void request_poll(struct device *d, const struct packet *p)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < PACKET_CHANNELS; i++) {
        const struct device_channel *channel = d->channels[i];
        if (!channel || (d->without_dynamic && channel_is_dynamic(d, i)))
            continue;
        const struct device_channel_ops *ops = channel->ops;
        if (ops->poll ? ops->poll(channel->context) : ops->size && ops->size(channel->context) > 0)
            mask |= 1u << i;
    }
    packet_put32(d->small, mask);
    answer_small(d, p, 4);
}

static void request_lock(struct device *d, const struct packet *p, const struct device_channel *channel)
{
    uint32_t bit = 1u << p->channel;
    bool soon = d->ever_locked && now(d) - d->locked_at < d->config.lock_interval_ms;

    if (!(channel->flags & CHANNEL_FLAG_LOCK)) {
        answer_status(d, p, STATUS_INVALID);
    } else if (d->locked & bit || soon || (channel->ops->lock && !channel->ops->lock(channel->context))) {
        answer_status(d, p, STATUS_BUSY);
    } else {
        d->locked |= bit;
        d->locked_at = now(d);
        d->ever_locked = true;
        answer_status(d, p, STATUS_OK);
    }
}

static void request_unlock(struct device *d, const struct packet *p, const struct device_channel *channel)
{
    uint32_t bit = 1u << p->channel;

    if (!(d->locked & bit)) {
        answer_status(d, p, STATUS_INVALID);
        return;
    }
    d->locked &= ~bit;
    if (channel->ops->unlock)
        channel->ops->unlock(channel->context);
    answer_status(d, p, STATUS_OK);
}

static void request_read(struct device *d, const struct packet *p, const struct device_channel *channel)
{
    const struct device_channel_ops *ops = channel->ops;

    if (p->length != 8 || !(channel->flags & CHANNEL_FLAG_READ) || (!ops->read && !ops->readp)) {
        answer_status(d, p, STATUS_INVALID);
        return;
    }
    uint32_t offset = packet_get32(p->payload), n = packet_get32(p->payload + 4);
    if (ops->size) {
        /* A channel that is consumed by reading (no offset into its data) gives whatever there is. */
        uint32_t size = ops->size(channel->context);
        uint32_t left = ops->readp ? (offset <= size ? size - offset : 0) : size;
        n = n < left ? n : left;
    }
    answer_data(d, p, SOURCE_CHANNEL, offset, n);
}

void request_channel(struct device *d, const struct packet *p)
{
    const struct device_channel *channel = p->channel < PACKET_CHANNELS ? d->channels[p->channel] : NULL;
    uint32_t shape[4] = {0};
    int result = -STATUS_INVALID;

    if (p->opcode == CHANNEL_LIST) {
        answer_data(d, p, SOURCE_LIST, 0, PACKET_CHANNELS * PACKET_ENTRY_BYTES);
        return;
    }
    if (p->opcode == CHANNEL_POLL) {
        request_poll(d, p);
        return;
    }
    if (!channel) {
        answer_status(d, p, STATUS_INVALID);
        return;
    }

    const struct device_channel_ops *ops = channel->ops;
    switch (p->opcode) {
    case CHANNEL_LOCK:
        request_lock(d, p, channel);
        return;
    case CHANNEL_UNLOCK:
        request_unlock(d, p, channel);
        return;
    case CHANNEL_SHAPE:
        result = ops->shape ? ops->shape(channel->context, shape) : -STATUS_INVALID;
        if (result > 0) {
            result = result < 4 ? result : 4;
            for (int i = 0; i < result; i++)
                packet_put32(d->small + 4 * i, shape[i]);
            answer_small(d, p, 4 * (size_t)result);
            return;
        }
        break;
    case CHANNEL_SIZE:
        if (ops->size) {
            packet_put32(d->small, ops->size(channel->context));
            answer_small(d, p, 4);
            return;
        }
        break;
    case CHANNEL_READ:
        request_read(d, p, channel);
        return;
    case CHANNEL_WRITE:
        if (p->length >= 8 && channel->flags & CHANNEL_FLAG_WRITE && ops->write)
            result = ops->write(channel->context, packet_get32(p->payload), p->payload + 8, p->length - 8u);
        break;
    case CHANNEL_IOCTL:
        if (p->length >= 4 && ops->ioctl)
            result = ops->ioctl(channel->context, packet_get32(p->payload), p->payload + 4, p->length - 4u);
        break;
    default:
        result = -STATUS_UNKNOWN;
    }
    answer_status(d, p, result < 0 ? (enum packet_status) - result : STATUS_OK);
}
