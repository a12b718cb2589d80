/* SPDX-License-Identifier: MIT */
/* Asynchronous transfers: in flight, then done, then their callback. */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* A public transfer is preceded by ours, in one piece of memory. */
#define OURS ((sizeof(struct transfer) + 15) & ~(size_t)15)

struct libusb_transfer *transfer_public(struct transfer *transfer)
{
    return (struct libusb_transfer *)(void *)((uint8_t *)transfer + OURS);
}

static struct transfer *ours(struct libusb_transfer *transfer)
{
    return (struct transfer *)(void *)((uint8_t *)transfer - OURS);
}

struct libusb_transfer *libusb_alloc_transfer(int iso_packets)
{
    if (iso_packets < 0)
        return NULL;
    size_t packets = (size_t)iso_packets * sizeof(struct libusb_iso_packet_descriptor);
    struct transfer *t = calloc(1, OURS + sizeof(struct libusb_transfer) + packets);
    if (!t)
        return NULL;
    transfer_public(t)->num_iso_packets = iso_packets;
    return transfer_public(t);
}

void libusb_free_transfer(struct libusb_transfer *transfer)
{
    if (!transfer)
        return;
    if (transfer->flags & LIBUSB_TRANSFER_FREE_BUFFER)
        free(transfer->buffer);
    free(ours(transfer));
}

/* ---- Lists, with `lock` held ---- */

static void append(struct transfer **list, struct transfer *t)
{
    while (*list)
        list = &(*list)->next;
    t->next = NULL;
    *list = t;
}

static bool take_out(struct transfer **list, const struct transfer *t)
{
    while (*list && *list != t)
        list = &(*list)->next;
    if (!*list)
        return false;
    *list = t->next;
    return true;
}

static void urb_done(struct usbip_urb *urb)
{
    struct transfer *t = urb->context;
    struct libusb_context *context = t->handle->device->context;

    take_out(&context->flying, t);
    append(&context->done, t);
    events_wake(context);
}

struct transfer *transfers_pop_done(struct libusb_context *context)
{
    struct transfer *t = context->done;

    if (t) {
        context->done = t->next;
        t->in_flight = false;
    }
    return t;
}

uint64_t transfers_next_deadline(const struct libusb_context *context)
{
    uint64_t next = 0;

    for (const struct transfer *t = context->flying; t; t = t->next)
        if (t->deadline && (!next || t->deadline < next))
            next = t->deadline;
    return next;
}

static void unlink_transfer(struct transfer *t, uint64_t now)
{
    t->deadline = now + UNLINK_MS;
    usbip_unlink(t->handle->device->link, &t->urb);
}

void transfers_expire(struct libusb_context *context, uint64_t now)
{
    for (struct transfer *t = context->flying, *next; t; t = next) {
        next = t->next;
        if (!t->deadline || t->deadline > now)
            continue;
        if (t->cancelled || t->timed_out) {
            usbip_abandon(t->handle->device->link); /* ends others as well: */
            next = context->flying;
        } else {
            t->timed_out = true;
            unlink_transfer(t, now);
        }
    }
}

/* The handle is being closed: its transfers end without callbacks, as with the real library. */
void transfers_forget(struct libusb_context *context, struct libusb_device_handle *handle)
{
    struct usbip *link = handle->device->link;
    uint64_t end = usbip_now() + UNLINK_MS;
    bool flying = true;

    if (handle->device->handles > 1)
        for (struct transfer *t = context->flying; t; t = t->next)
            if (t->handle == handle)
                usbip_unlink(link, &t->urb);
    /* With other handles on the connection, each has to come back before its memory may go. */
    while (handle->device->handles > 1 && flying) {
        struct pollfd p = {usbip_fd(link), POLLIN, 0};
        flying = false;
        for (struct transfer *t = context->flying; t; t = t->next)
            flying |= t->handle == handle;
        if (flying && usbip_now() >= end)
            usbip_abandon(link);
        else if (flying && usbip_work(link))
            poll(&p, 1, 10);
    }
    for (int list = 0; list < 2; list++)
        for (struct transfer **p = list ? &context->done : &context->flying; *p;) {
            struct transfer *t = *p;
            if (t->handle != handle) {
                p = &t->next;
                continue;
            }
            *p = t->next;
            t->in_flight = false;
            t->handle = NULL;
            transfer_public(t)->dev_handle = NULL;
        }
}

/* ---- Submission ---- */

static uint8_t endpoint_attributes(const struct libusb_device *device, unsigned char address, bool *known)
{
    *known = false;
    for (int i = 0; i < device->config_count; i++) {
        size_t offset = 0;
        for (const uint8_t *p; (p = descriptor_next(device->configs[i].bytes, device->configs[i].size, &offset));)
            if (p[1] == LIBUSB_DT_ENDPOINT && p[0] >= 7 && p[2] == address) {
                *known = true;
                return p[6];
            }
    }
    return 0;
}

/* Fills the transfer of USB/IP: 0 or an error. */
static int prepare(struct libusb_transfer *transfer, struct usbip_urb *urb)
{
    *urb = (struct usbip_urb){.endpoint = transfer->endpoint, .done = urb_done, .context = ours(transfer)};
    if (transfer->length < 0 || (transfer->length && !transfer->buffer))
        return LIBUSB_ERROR_INVALID_PARAM;
    switch (transfer->type) {
    case LIBUSB_TRANSFER_TYPE_CONTROL: {
        const uint8_t *setup = transfer->buffer;
        if (transfer->length < (int)LIBUSB_CONTROL_SETUP_SIZE)
            return LIBUSB_ERROR_INVALID_PARAM;
        urb->length = (uint32_t)(setup[6] | setup[7] << 8);
        if (urb->length > (uint32_t)transfer->length - LIBUSB_CONTROL_SETUP_SIZE)
            return LIBUSB_ERROR_INVALID_PARAM;
        memcpy(urb->setup, setup, sizeof urb->setup);
        urb->data = transfer->buffer + LIBUSB_CONTROL_SETUP_SIZE;
        return 0;
    }
    case LIBUSB_TRANSFER_TYPE_BULK:
    case LIBUSB_TRANSFER_TYPE_INTERRUPT: {
        struct libusb_device *device = transfer->dev_handle->device;
        bool known;
        urb->interval = endpoint_attributes(device, transfer->endpoint, &known);
        if (!known && device->config_count)
            return LIBUSB_ERROR_NOT_FOUND;
        urb->length = (uint32_t)transfer->length;
        urb->data = transfer->buffer;
        if (transfer->flags & LIBUSB_TRANSFER_ADD_ZERO_PACKET && !(transfer->endpoint & 0x80))
            urb->flags |= USBIP_ZERO_PACKET;
        return urb->length > USBIP_MOST_BYTES ? LIBUSB_ERROR_INVALID_PARAM : 0;
    }
    default: /* isochronous, streams: no camera has them */
        return LIBUSB_ERROR_NOT_SUPPORTED;
    }
}

int libusb_submit_transfer(struct libusb_transfer *transfer)
{
    struct transfer *t = ours(transfer);

    if (!transfer->dev_handle)
        return LIBUSB_ERROR_INVALID_PARAM;
    struct libusb_device *device = transfer->dev_handle->device;
    struct libusb_context *context = device->context;

    pthread_mutex_lock(&context->lock);
    int error = t->in_flight ? LIBUSB_ERROR_BUSY : prepare(transfer, &t->urb);
    if (!error)
        error = error_of_status(usbip_submit(device->link, &t->urb));
    if (!error) {
        transfer->status = LIBUSB_TRANSFER_COMPLETED;
        transfer->actual_length = 0;
        t->handle = transfer->dev_handle;
        t->in_flight = true;
        t->cancelled = t->timed_out = false;
        t->deadline = transfer->timeout ? usbip_now() + transfer->timeout : 0;
        append(&context->flying, t);
        usbip_work(device->link);
        events_watch(context, device);
        events_arm_timer(context);
    }
    pthread_mutex_unlock(&context->lock);
    return error;
}

int libusb_cancel_transfer(struct libusb_transfer *transfer)
{
    struct transfer *t = ours(transfer);
    int error = LIBUSB_ERROR_NOT_FOUND;

    if (!transfer->dev_handle)
        return error;
    struct libusb_device *device = transfer->dev_handle->device;
    struct libusb_context *context = device->context;
    pthread_mutex_lock(&context->lock);
    if (t->in_flight && t->urb.sequence && !t->cancelled) {
        error = 0;
        t->cancelled = true;
        if (!t->timed_out)
            unlink_transfer(t, usbip_now());
        usbip_work(device->link);
        events_watch(context, device);
        events_arm_timer(context);
    }
    pthread_mutex_unlock(&context->lock);
    return error;
}

/* ---- The end ---- */

static enum libusb_transfer_status status_of(const struct transfer *t)
{
    bool asked = t->cancelled || t->timed_out;

    switch (t->urb.status) {
    case 0:
        return LIBUSB_TRANSFER_COMPLETED;
    case -EPIPE:
        return LIBUSB_TRANSFER_STALL;
    case -EOVERFLOW:
        return LIBUSB_TRANSFER_OVERFLOW;
    case -ESHUTDOWN:
    case -ENODEV:
    case -ECONNRESET:
    case -ENOENT:
        return !asked ? LIBUSB_TRANSFER_NO_DEVICE : t->timed_out ? LIBUSB_TRANSFER_TIMED_OUT : LIBUSB_TRANSFER_CANCELLED;
    default:
        return LIBUSB_TRANSFER_ERROR;
    }
}

void transfer_deliver(struct transfer *t)
{
    struct libusb_transfer *transfer = transfer_public(t);
    uint8_t flags = transfer->flags;

    transfer->status = status_of(t);
    transfer->actual_length = (int)t->urb.actual;
    if (transfer->status == LIBUSB_TRANSFER_COMPLETED && flags & LIBUSB_TRANSFER_SHORT_NOT_OK && t->urb.actual != t->urb.length)
        transfer->status = LIBUSB_TRANSFER_ERROR;
    if (transfer->callback)
        transfer->callback(transfer);
    if (flags & LIBUSB_TRANSFER_FREE_TRANSFER)
        libusb_free_transfer(transfer);
}

void libusb_transfer_set_stream_id(struct libusb_transfer *transfer, uint32_t stream_id)
{
    ours(transfer)->stream = stream_id;
}

uint32_t libusb_transfer_get_stream_id(struct libusb_transfer *transfer)
{
    return ours(transfer)->stream;
}
