/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host controller's work: requests cut into transactions, each with its time on the wire (USB 2.0 chapters 5 and 8). */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "regs.h"
#include "usb_port_state.h"

enum { STAGE_SETUP, STAGE_DATA, STAGE_STATUS, CONTROL_PER_BULK = 4, TRIES = 3, DESCRIPTOR_INTERFACE = 4, DESCRIPTOR_ENDPOINT = 5 };

/*
 * Time of a transaction in ns: packets with SYNC, PID, CRC and end, bit stuffing of one in twelve, and the turn-arounds
 * (sections 5.8.4, 5.11.3): full speed 83.3 ns a bit and 13 bytes in all around the data; high speed 2.08 ns and 55 bytes.
 */
static int64_t wire_time(UsbPort *port, unsigned bytes)
{
    return port->speed == USB_HIGH_SPEED ? (bytes * 13 / 12 + 55) * 50 / 3 : (bytes * 13 / 12 + 13) * 2000 / 3;
}

/* A token that only a NAK follows. */
static int64_t nak_time(UsbPort *port)
{
    return port->speed == USB_HIGH_SPEED ? 600 : 6000;
}

static void finish(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb, int status)
{
    QTAILQ_REMOVE(&e->queue, urb, next);
    urb->status = status;
    if (e->number == 0 && status == URB_OK) {
        usb_enumerate_note(port, urb);
    }
    urb->done(urb);
}

/* No answer, three times: the host gives the request up. */
static void no_answer(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb)
{
    port->counters.errors++;
    if (++urb->errors == TRIES) {
        finish(port, e, urb, URB_PROTOCOL);
    }
}

static bool control_in(const UsbUrb *urb)
{
    return urb->setup[0] & 0x80;
}

/* What a data packet does to its request. `packet` is what was sent or came. True when the data stage is over. */
static bool account(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb, const UsbPacket *packet, bool in, int *status)
{
    *status = URB_OK;
    urb->errors = 0;
    if (in) {
        uint32_t room = urb->length - urb->actual;

        if (packet->length > room || packet->length > e->max_packet) {
            *status = URB_OVERFLOW;
            return true;
        }
        memcpy(urb->data + urb->actual, packet->data, packet->length);
        port->counters.bytes_in += packet->length;
    } else {
        port->counters.bytes_out += packet->length;
    }
    urb->actual += packet->length;
    if (in && packet->length < e->max_packet) {
        if (urb->actual < urb->length && (urb->flags & URB_SHORT_NOT_OK)) {
            *status = URB_SHORT;
        }
        return true;
    }
    if (urb->actual < urb->length) {
        return false;
    }
    if (!in && urb->last_zero && packet->length) {
        urb->last_zero = false;                         /* one more, of length zero */
        return false;
    }
    return true;
}

/* An IN or OUT transaction of one data packet. The reply, after toggles: USB_SILENT also for a packet that the host throws away. */
static UsbReply data_packet(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb, bool in, bool *toggle, UsbPacket *packet)
{
    UsbReply reply;

    packet->address = port->address;
    packet->endpoint = e->number;
    if (!in) {
        packet->length = MIN(urb->length - urb->actual, e->max_packet);
        packet->data1 = *toggle;
        if (packet->length) {
            memcpy(packet->data, urb->data + urb->actual, packet->length);
        }
        reply = port->ops->out(port->device, packet);
    } else {
        packet->length = 0;
        reply = port->ops->in(port->device, packet);
        if (reply == USB_ACK && packet->data1 != *toggle) {
            guest_error("USB", "endpoint %u IN sends DATA%u when DATA%u is due: the host throws the packet away", e->number,
                        packet->data1, *toggle);
            return USB_SILENT;
        }
    }
    if (reply == USB_ACK) {
        *toggle = !*toggle;
    }
    return reply;
}

static int64_t control_slot(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb)
{
    UsbPacket packet = { .address = port->address };
    bool in = urb->stage == STAGE_DATA ? control_in(urb) : !control_in(urb) || !urb->length;
    UsbReply reply;
    int status;

    if (urb->stage == STAGE_SETUP) {
        packet.length = 8;
        memcpy(packet.data, urb->setup, 8);
        reply = port->ops->setup(port->device, &packet);
        if (reply == USB_ACK) {
            urb->stage = urb->length ? STAGE_DATA : STAGE_STATUS;
            urb->actual = 0;
            urb->errors = 0;
            e->toggle = true;
        } else {
            no_answer(port, e, urb);
        }
        return wire_time(port, 8);
    }
    if (urb->stage == STAGE_STATUS) {
        uint32_t length = urb->length, actual = urb->actual;

        e->toggle = true;
        urb->length = urb->actual = 0;                  /* the status stage has a packet of its own */
        reply = data_packet(port, e, urb, in, &e->toggle, &packet);
        urb->length = length;
        urb->actual = actual;
    } else {
        reply = data_packet(port, e, urb, in, &e->toggle, &packet);
    }
    switch (reply) {
    case USB_ACK:
        if (urb->stage == STAGE_STATUS) {
            finish(port, e, urb, packet.length && in ? URB_OVERFLOW : (urb->status == URB_SHORT ? URB_SHORT : URB_OK));
        } else if (account(port, e, urb, &packet, in, &status)) {
            urb->status = status;
            if (status == URB_OVERFLOW) {
                finish(port, e, urb, status);
            } else {
                urb->stage = STAGE_STATUS;
            }
        }
        return wire_time(port, packet.length);
    case USB_NAK:
        port->counters.naks++;
        e->waiting = true;
        return nak_time(port);
    case USB_STALL:
        port->counters.stalls++;
        finish(port, e, urb, URB_STALLED);
        return nak_time(port);
    default:
        no_answer(port, e, urb);
        return wire_time(port, packet.length);
    }
}

static int64_t data_slot(UsbPort *port, UsbHostEndpoint *e, UsbUrb *urb)
{
    UsbPacket packet;
    int status;

    switch (data_packet(port, e, urb, e->in, &e->toggle, &packet)) {
    case USB_ACK:
        if (account(port, e, urb, &packet, e->in, &status)) {
            finish(port, e, urb, status);
        }
        return wire_time(port, packet.length);
    case USB_NAK:
        port->counters.naks++;
        e->waiting = true;
        return e->in ? nak_time(port) : wire_time(port, packet.length);
    case USB_STALL:
        port->counters.stalls++;
        finish(port, e, urb, URB_STALLED);
        return nak_time(port);
    default:
        no_answer(port, e, urb);
        return wire_time(port, packet.length);
    }
}

static bool wants(const UsbHostEndpoint *e)
{
    return !e->waiting && !QTAILQ_EMPTY(&e->queue);
}

static UsbHostEndpoint *due_interrupt(UsbPort *port)
{
    for (unsigned i = 2; i < 2 * USB_ENDPOINTS; i++) {
        UsbHostEndpoint *e = &port->endpoint[i & 1][i / 2];

        if (e->type == USB_INTERRUPT && wants(e) && e->due <= port->frame) {
            return e;
        }
    }
    return NULL;
}

static UsbHostEndpoint *next_bulk(UsbPort *port)
{
    for (unsigned n = 0; n < 2 * USB_ENDPOINTS; n++) {
        unsigned i = (port->next_bulk + n) % (2 * USB_ENDPOINTS);
        UsbHostEndpoint *e = &port->endpoint[i & 1][i / 2];

        if (i >= 2 && e->type == USB_BULK && wants(e)) {
            return e;
        }
    }
    return NULL;
}

/* Periodic endpoints first, once each in their interval; then control; bulk has every fifth slot beside busy control. */
static UsbHostEndpoint *choose(UsbPort *port, bool control_too)
{
    UsbHostEndpoint *e = due_interrupt(port), *control = &port->endpoint[0][0];

    if (e) {
        return e;
    }
    e = next_bulk(port);
    if (control_too && wants(control) && (!e || port->control_slots < CONTROL_PER_BULK)) {
        return control;
    }
    return e;
}

int64_t usb_transfer_slot(UsbPort *port, int64_t room, bool control_too)
{
    UsbHostEndpoint *e = choose(port, control_too);
    UsbUrb *urb;

    if (!e || wire_time(port, e->max_packet) > room) {
        return 0;
    }
    urb = QTAILQ_FIRST(&e->queue);
    port->counters.transactions++;
    if (e->number == 0) {
        port->control_slots++;
        return control_slot(port, e, urb);
    }
    if (e->type == USB_INTERRUPT) {
        e->due = port->frame + e->period;
    } else {
        port->control_slots = 0;
        port->next_bulk = e->number * 2 + e->in + 1;
    }
    return data_slot(port, e, urb);
}

bool usb_transfer_unread(UsbPort *port)
{
    unsigned offers = port->ops->offers ? port->ops->offers(port->device) : 0;

    for (unsigned n = 1; n < USB_ENDPOINTS; n++) {
        if ((offers & (1u << n)) && port->endpoint[1][n].type == USB_BULK && QTAILQ_EMPTY(&port->endpoint[1][n].queue)) {
            return true;
        }
    }
    return false;
}

bool usb_transfer_wake(UsbPort *port, unsigned in, unsigned out)
{
    bool any = false;

    out |= in & 1;                                      /* control has one queue for both directions */
    for (unsigned n = 0; n < USB_ENDPOINTS; n++) {
        for (unsigned i = 0; i < 2; i++) {
            UsbHostEndpoint *e = &port->endpoint[i][n];

            if ((i ? in : out) & (1u << n)) {
                e->waiting = false;
                any |= !QTAILQ_EMPTY(&e->queue);
            }
        }
    }
    return any;
}

void usb_transfer_abort_all(UsbPort *port, int status)
{
    for (unsigned i = 0; i < 2 * USB_ENDPOINTS; i++) {
        UsbHostEndpoint *e = &port->endpoint[i & 1][i / 2];
        UsbUrb *urb;

        while ((urb = QTAILQ_FIRST(&e->queue))) {
            finish(port, e, urb, status);
        }
    }
}

/* --- endpoints of the configuration --- */

static void add_endpoint(UsbPort *port, const uint8_t *d, bool changed)
{
    UsbHostEndpoint *e = &port->endpoint[d[2] >> 7][d[2] & 15];
    uint8_t interval = MAX(d[6], 1);

    if (!(d[2] & 15)) {
        return;
    }
    e->present = true;
    e->type = d[3] & 3;
    e->max_packet = MIN(lduw_le_p(d + 4) & 0x7ff, USB_MAX_PACKET);
    e->period = port->speed == USB_HIGH_SPEED ? 1u << (MIN(interval, 16) - 1) : interval;
    e->due = 0;
    e->waiting = false;
    if (changed) {
        e->toggle = false;
    }
}

void usb_transfer_configure(UsbPort *port, int interface)
{
    const uint8_t *d = port->identity.configuration, *end = d + port->identity.configuration_length;
    bool ours = false, changed = false;

    for (unsigned i = 2; i < 2 * USB_ENDPOINTS; i++) {
        port->endpoint[i & 1][i / 2].present = false;
    }
    for (; port->configuration_value && end - d >= 2 && d[0] >= 2 && d[0] <= end - d; d += d[0]) {
        if (d[1] == DESCRIPTOR_INTERFACE && d[0] >= 9) {
            ours = d[2] < USB_INTERFACES && port->alternate[d[2]] == d[3];
            changed = interface < 0 || interface == d[2];
        } else if (d[1] == DESCRIPTOR_ENDPOINT && d[0] >= 7 && ours) {
            add_endpoint(port, d, changed);
        }
    }
}

/* --- requests from outside --- */

static UsbHostEndpoint *endpoint_of(UsbPort *port, const UsbUrb *urb)
{
    return &port->endpoint[urb->endpoint ? urb->in : 0][urb->endpoint];
}

void usb_port_submit(UsbPort *port, UsbUrb *urb)
{
    UsbHostEndpoint *e = endpoint_of(port, urb);

    urb->actual = 0;
    urb->status = URB_OK;
    urb->stage = STAGE_SETUP;
    urb->errors = 0;
    urb->last_zero = (urb->flags & URB_ZERO_PACKET) && urb->length && e->max_packet && urb->length % e->max_packet == 0;
    port->counters.requests++;
    QTAILQ_INSERT_TAIL(&e->queue, urb, next);
    if (port->state != PORT_TALKING) {
        finish(port, e, urb, URB_SHUT_DOWN);
    } else if (urb->endpoint && (!e->present || e->type == USB_ISOCHRONOUS || !e->max_packet)) {
        finish(port, e, urb, URB_STALLED);
    } else {
        usb_port_schedule(port);
    }
}

void usb_port_cancel(UsbPort *port, UsbUrb *urb)
{
    QTAILQ_REMOVE(&endpoint_of(port, urb)->queue, urb, next);
}

bool usb_port_is_isochronous(const UsbPort *port, unsigned endpoint, bool in)
{
    const UsbHostEndpoint *e = &port->endpoint[in][endpoint % USB_ENDPOINTS];

    return endpoint && e->present && e->type == USB_ISOCHRONOUS;
}
