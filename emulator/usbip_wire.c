/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USB/IP messages as bytes, all numbers big-endian (usbip_wire.h). */
#include "usbip_wire.h"

#include <stdlib.h>
#include <string.h>

enum { OP_REQ_DEVLIST = 0x8005, OP_REQ_IMPORT = 0x8003, CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_u16(uint8_t *out, uint16_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

void usbip_put_u32(uint8_t *out, uint32_t value)
{
    put_u16(out, (uint16_t)(value >> 16));
    put_u16(out + 2, (uint16_t)value);
}

/* --- in --- */

void usbip_stream_init(UsbipStream *stream, const UsbipStreamOps *ops, void *owner)
{
    memset(stream, 0, sizeof(*stream));
    stream->ops = ops;
    stream->owner = owner;
}

void usbip_stream_end(UsbipStream *stream)
{
    free(stream->payload);
    stream->payload = NULL;
    stream->closed = true;
}

/* Bytes that the message at hand needs in its head, as far as that can be said. */
static size_t head_length(const UsbipStream *stream)
{
    if (stream->commands) {
        return USBIP_HEADER_LENGTH;
    }
    if (stream->have >= USBIP_OP_LENGTH && get_u16(stream->head + 2) == OP_REQ_IMPORT) {
        return USBIP_OP_LENGTH + USBIP_BUSID_LENGTH;
    }
    return USBIP_OP_LENGTH;
}

/* The first bytes of a connection: which devices are there, or one of them, please. Only the version's major number must be right. */
static bool operation(UsbipStream *stream)
{
    const uint8_t *p = stream->head;
    char busid[USBIP_BUSID_LENGTH];

    if (p[0] != USBIP_VERSION >> 8) {
        return false;
    }
    switch (get_u16(p + 2)) {
    case OP_REQ_DEVLIST:
        return stream->ops->list(stream->owner);
    case OP_REQ_IMPORT:
        memcpy(busid, p + USBIP_OP_LENGTH, sizeof(busid));
        busid[sizeof(busid) - 1] = 0;
        stream->commands = stream->ops->import(stream->owner, busid);
        return stream->commands;
    default:
        return false;
    }
}

static bool give(UsbipStream *stream)
{
    uint8_t *data = stream->payload;

    stream->payload = NULL;
    stream->in_payload = false;
    return stream->ops->submit(stream->owner, &stream->submit, data);
}

static bool submit(UsbipStream *stream)
{
    const uint8_t *p = stream->head;
    UsbipSubmit *s = &stream->submit;
    uint32_t direction = get_u32(p + 12), endpoint = get_u32(p + 16), packets = get_u32(p + 32);

    if (direction > 1 || endpoint > 15) {
        return false;
    }
    *s = (UsbipSubmit) {
        .sequence = get_u32(p + 4), .endpoint = (uint8_t)endpoint, .in = direction, .flags = get_u32(p + 20), .length = get_u32(p + 24),
    };
    memcpy(s->setup, p + 40, 8);
    stream->skip = 0;
    if (stream->ops->is_isochronous(stream->owner, endpoint, s->in)) {
        if (packets > USBIP_MAX_PACKETS) {
            return false;
        }
        s->packets = packets;
        stream->skip = packets * USBIP_PACKET_LENGTH;
    }
    stream->payload_length = s->in ? 0 : s->length;
    stream->payload_have = 0;
    if (stream->payload_length > USBIP_MAX_TRANSFER) {
        return false;
    }
    if (stream->payload_length) {
        stream->payload = malloc(stream->payload_length);
        if (!stream->payload) {
            return false;
        }
    }
    stream->in_payload = stream->payload_length || stream->skip;
    return stream->in_payload || give(stream);
}

static bool message(UsbipStream *stream)
{
    const uint8_t *p = stream->head;

    stream->have = 0;
    if (!stream->commands) {
        return operation(stream);
    }
    switch (get_u32(p)) {
    case CMD_SUBMIT:
        return submit(stream);
    case CMD_UNLINK:
        return stream->ops->unlink(stream->owner, get_u32(p + 4), get_u32(p + 20));
    default:
        return false;
    }
}

/* Bytes of a request's data; gives how many it took. */
static size_t payload(UsbipStream *stream, const uint8_t *bytes, size_t length)
{
    uint32_t missing = stream->payload_length - stream->payload_have;
    size_t take = length < missing ? length : missing, over;

    if (take) {
        memcpy(stream->payload + stream->payload_have, bytes, take);
        stream->payload_have += (uint32_t)take;
    }
    over = length - take < stream->skip ? length - take : stream->skip;
    stream->skip -= (uint32_t)over;
    return take + over;
}

bool usbip_stream_feed(UsbipStream *stream, const uint8_t *bytes, size_t length)
{
    while (length && !stream->closed) {
        size_t take;
        bool go_on = true;

        if (stream->in_payload) {
            take = payload(stream, bytes, length);
            if (stream->payload_have == stream->payload_length && !stream->skip) {
                go_on = give(stream);
            }
        } else {
            take = head_length(stream) - stream->have;
            take = length < take ? length : take;
            memcpy(stream->head + stream->have, bytes, take);
            stream->have += take;
            if (stream->have == head_length(stream)) {
                go_on = message(stream);
            }
        }
        bytes += take;
        length -= take;
        if (!go_on) {
            usbip_stream_end(stream);
        }
    }
    return !stream->closed;
}

/* --- out --- */

void usbip_put_op(uint8_t out[USBIP_OP_LENGTH], uint16_t code, uint32_t status)
{
    put_u16(out, USBIP_VERSION);
    put_u16(out + 2, code);
    usbip_put_u32(out + 4, status);
}

void usbip_put_device(uint8_t out[USBIP_DEVICE_LENGTH], const UsbipDevice *device)
{
    const uint8_t *d = device->descriptor;

    memset(out, 0, USBIP_DEVICE_LENGTH);
    strncpy((char *)out, device->path, 255);
    strncpy((char *)out + 256, device->busid, USBIP_BUSID_LENGTH - 1);
    usbip_put_u32(out + 288, device->bus);
    usbip_put_u32(out + 292, device->number);
    usbip_put_u32(out + 296, device->speed);
    for (int i = 0; i < 3; i++) {                       /* vendor, product, release: little-endian in the descriptor */
        out[300 + 2 * i] = d[9 + 2 * i];
        out[301 + 2 * i] = d[8 + 2 * i];
    }
    memcpy(out + 306, d + 4, 3);                        /* class, subclass, protocol */
    out[309] = device->configuration;
    out[310] = d[17];
    out[311] = device->interfaces;
}

static void put_header(uint8_t out[USBIP_HEADER_LENGTH], uint32_t command, uint32_t sequence, int32_t status)
{
    memset(out, 0, USBIP_HEADER_LENGTH);
    usbip_put_u32(out, command);
    usbip_put_u32(out + 4, sequence);
    usbip_put_u32(out + 20, (uint32_t)status);
}

void usbip_put_ret_submit(uint8_t out[USBIP_HEADER_LENGTH], uint32_t sequence, int32_t status, uint32_t actual, uint32_t packets)
{
    put_header(out, RET_SUBMIT, sequence, status);
    usbip_put_u32(out + 24, actual);
    usbip_put_u32(out + 32, packets);
    usbip_put_u32(out + 36, packets);                   /* all of them failed */
}

void usbip_put_ret_unlink(uint8_t out[USBIP_HEADER_LENGTH], uint32_t sequence, int32_t status)
{
    put_header(out, RET_UNLINK, sequence, status);
}

void usbip_put_packet(uint8_t out[USBIP_PACKET_LENGTH], int32_t status)
{
    memset(out, 0, USBIP_PACKET_LENGTH);
    usbip_put_u32(out + 12, (uint32_t)status);
}
