/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operating system behind the port does with a new device, in Linux's order: bus reset, the first descriptor at address 0,
 * reset again, address, descriptors, strings, SET_CONFIGURATION (USB 2.0 sections 9.1.2 and 9.4).
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "regs.h"
#include "usb_port_state.h"

enum {
    FIRST_DESCRIPTOR, SECOND_RESET, SET_ADDRESS, DEVICE_DESCRIPTOR, BOS, QUALIFIER, CONFIGURATION_HEAD, CONFIGURATION_ALL, LANGUAGES, PRODUCT, MANUFACTURER, SERIAL,
    SET_CONFIGURATION, DONE,
    ATTEMPTS = 4, SETTLE_NS = 10000000,
    GET_DESCRIPTOR = 6, DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIGURATION = 2, DESCRIPTOR_STRING = 3, DESCRIPTOR_QUALIFIER = 6, DESCRIPTOR_BOS = 15,
    REQUEST_CLEAR_FEATURE = 1, REQUEST_SET_ADDRESS = 5, REQUEST_SET_CONFIGURATION = 9, REQUEST_SET_INTERFACE = 11,
    CDC_SET_CONTROL_LINE_STATE = 0x22,
};
#define PATIENCE_NS 5000000000LL            /* for one request */

static void step(UsbPort *port);

static void free_identity(UsbIdentity *id)
{
    g_free(id->configuration);
    g_free(id->serial);
    g_free(id->product);
    memset(id, 0, sizeof(*id));
}

/* --- requests of the operating system --- */

static bool busy(const UsbPort *port)
{
    return port->request.done != NULL;
}

static void out_of_patience(void *opaque)
{
    UsbPort *port = opaque;
    void (*done)(UsbUrb *) = port->request.done;

    if (busy(port)) {
        usb_port_cancel(port, &port->request);
        port->request.done = NULL;
        port->request.status = URB_UNLINKED;
        done(&port->request);
    }
}

static void request_done(UsbUrb *urb)
{
    UsbPort *port = urb->owner;
    void (*next)(UsbUrb *) = port->request_then;

    timer_del(port->patience);
    port->request.done = NULL;
    if (next) {
        next(urb);
    }
}

bool usb_enumerate_request(UsbPort *port, const uint8_t setup[8], void (*done)(UsbUrb *urb))
{
    if (busy(port)) {
        return false;
    }
    port->request_then = done;
    port->request = (UsbUrb) { .data = port->buffer, .length = lduw_le_p(setup + 6), .done = request_done, .owner = port };
    memcpy(port->request.setup, setup, 8);
    timer_mod(port->patience, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + PATIENCE_NS);
    usb_port_submit(port, &port->request);
    return true;
}

/* --- the steps --- */

static void answered(UsbUrb *urb);

static void ask(UsbPort *port, uint8_t type, uint8_t request, uint16_t value, uint16_t index, uint16_t length)
{
    uint8_t setup[8] = { type, request };

    stw_le_p(setup + 2, value);
    stw_le_p(setup + 4, index);
    stw_le_p(setup + 6, length);
    usb_enumerate_request(port, setup, answered);
}

static void ask_descriptor(UsbPort *port, uint8_t type, uint8_t index, uint16_t language, uint16_t length)
{
    ask(port, 0x80, GET_DESCRIPTOR, type << 8 | index, language, length);
}

/* A string descriptor's UTF-16 as UTF-8, control characters left out. */
static char *text(const uint8_t *d, unsigned length)
{
    g_autofree gunichar2 *wide = g_new0(gunichar2, 128);
    g_autofree char *raw = NULL;
    GString *clean = g_string_new(NULL);
    unsigned n = 0;

    for (unsigned i = 2; i + 1 < MIN(length, d[0]) && n < 127; i += 2) {
        wide[n++] = lduw_le_p(d + i);
    }
    raw = g_utf16_to_utf8(wide, n, NULL, NULL, NULL);
    for (const char *c = raw; c && *c; c = g_utf8_next_char(c)) {
        if (g_unichar_isprint(g_utf8_get_char(c))) {
            g_string_append_unichar(clean, g_utf8_get_char(c));
        }
    }
    return g_string_free(clean, false);
}

static void try_again(UsbPort *port, const char *what)
{
    if (++port->attempts < ATTEMPTS) {
        usb_port_start_reset(port);
        return;
    }
    guest_error("USB", "the host gives up on the device: %s", what);
    usb_port_give_up(port);
}

/* A port reset must find the same device as before. */
static bool changed(const UsbPort *port)
{
    const UsbIdentity *a = &port->before, *b = &port->identity;

    return a->configuration && (memcmp(a->device, b->device, sizeof(a->device)) || a->configuration_length != b->configuration_length ||
                                memcmp(a->configuration, b->configuration, a->configuration_length));
}

static void save_configuration(UsbPort *port, const UsbUrb *urb)
{
    g_free(port->identity.configuration);
    port->identity.configuration = g_memdup2(urb->data, urb->actual);
    port->identity.configuration_length = urb->actual;
}

/* Optional answers: a device without strings, or one that stalls them, is a device all the same. */
static bool optional(unsigned at)
{
    return at == BOS || at == QUALIFIER || (at >= LANGUAGES && at <= SERIAL);
}

static const char *take(UsbPort *port, UsbUrb *urb)
{
    UsbIdentity *id = &port->identity;
    const uint8_t *d = urb->data;

    switch (port->step) {
    case FIRST_DESCRIPTOR:
        if (urb->actual < 8 || d[1] != DESCRIPTOR_DEVICE || (d[7] != 8 && d[7] != 16 && d[7] != 32 && d[7] != 64)) {
            return "its first descriptor is wrong";
        }
        port->endpoint[0][0].max_packet = d[7];
        break;
    case SET_ADDRESS:
        port->address = port->last_address;
        break;
    case DEVICE_DESCRIPTOR:
        if (urb->actual != 18 || d[0] != 18 || d[1] != DESCRIPTOR_DEVICE) {
            return "its device descriptor is wrong";
        }
        memcpy(id->device, d, 18);
        break;
    case CONFIGURATION_HEAD:
        if (urb->actual != 9 || d[1] != DESCRIPTOR_CONFIGURATION || lduw_le_p(d + 2) < 9) {
            return "its configuration descriptor is wrong";
        }
        save_configuration(port, urb);
        break;
    case CONFIGURATION_ALL:
        if (urb->actual != lduw_le_p(id->configuration + 2)) {
            return "its configuration descriptor is shorter than it says";
        }
        save_configuration(port, urb);
        break;
    case PRODUCT:
        id->product = text(d, urb->actual);
        break;
    case SERIAL:
        id->serial = text(d, urb->actual);
        break;
    case SET_CONFIGURATION:
        break;
    }
    return NULL;
}

static void answered(UsbUrb *urb)
{
    static const char *const names[] = {
        "first descriptor", "reset", "SET_ADDRESS", "device descriptor", "BOS", "qualifier", "configuration descriptor", "configuration descriptor", "languages", "product",
        "manufacturer", "serial number", "SET_CONFIGURATION",
    };
    UsbPort *port = urb->owner;
    g_autofree char *failure = NULL;
    const char *wrong;

    if (urb->status == URB_SHUT_DOWN) {
        return;
    }
    if (urb->status == URB_OK) {
        wrong = take(port, urb);
    } else if (optional(port->step)) {
        wrong = NULL;
    } else {
        wrong = failure = g_strdup_printf("%s: %s", names[port->step], urb->status == URB_STALLED ? "stalled" :
                                          urb->status == URB_UNLINKED ? "no answer within 5 s" : "no handshake");
    }
    if (wrong) {
        try_again(port, wrong);
        return;
    }
    port->step++;
    if (port->step == SET_ADDRESS + 1) {                /* the device has time to take its address */
        timer_mod(port->patience, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SETTLE_NS);
    } else {
        step(port);
    }
}

/* Capabilities from USB 2.01 on; and of a USB 2.0 device at full speed, whether it could be faster. Most stall both. */
static bool ask_about_more(UsbPort *port)
{
    uint16_t release = lduw_le_p(port->identity.device + 2);

    if (port->step == BOS && release > 0x0200) {
        ask_descriptor(port, DESCRIPTOR_BOS, 0, 0, 5);
        return true;
    }
    if (port->step == QUALIFIER && release >= 0x0200 && port->speed == USB_FULL_SPEED) {
        ask_descriptor(port, DESCRIPTOR_QUALIFIER, 0, 0, 10);
        return true;
    }
    return false;
}

static void step(UsbPort *port)
{
    const uint8_t *d = port->identity.device;
    static const uint8_t string_at[] = { [PRODUCT] = 15, [MANUFACTURER] = 14, [SERIAL] = 16 };

    switch (port->step) {
    case FIRST_DESCRIPTOR:
        ask_descriptor(port, DESCRIPTOR_DEVICE, 0, 0, 64);
        break;
    case SECOND_RESET:
        usb_port_start_reset(port);
        break;
    case SET_ADDRESS:
        port->last_address = port->last_address % 127 + 1;
        ask(port, 0, REQUEST_SET_ADDRESS, port->last_address, 0, 0);
        break;
    case DEVICE_DESCRIPTOR:
        ask_descriptor(port, DESCRIPTOR_DEVICE, 0, 0, 18);
        break;
    case BOS: case QUALIFIER:
        if (!ask_about_more(port)) {
            port->step++;
            step(port);
        }
        break;
    case CONFIGURATION_HEAD:
        ask_descriptor(port, DESCRIPTOR_CONFIGURATION, 0, 0, 9);
        break;
    case CONFIGURATION_ALL:
        ask_descriptor(port, DESCRIPTOR_CONFIGURATION, 0, 0, lduw_le_p(port->identity.configuration + 2));
        break;
    case LANGUAGES:
        ask_descriptor(port, DESCRIPTOR_STRING, 0, 0, 255);
        break;
    case PRODUCT: case MANUFACTURER: case SERIAL:
        if (d[string_at[port->step]]) {
            ask_descriptor(port, DESCRIPTOR_STRING, d[string_at[port->step]], 0x0409, 255);
        } else {
            port->step++;
            step(port);
        }
        break;
    case SET_CONFIGURATION:
        if (changed(port)) {
            guest_unimplemented("USB", "after a port reset the device is another one: disconnected, and enumerated anew");
            usb_port_start_over(port);
        } else {
            ask(port, 0, REQUEST_SET_CONFIGURATION, port->identity.configuration[5], 0, 0);
        }
        break;
    case DONE:
        free_identity(&port->before);
        usb_port_configured(port);
        break;
    }
}

static void patience(void *opaque)
{
    UsbPort *port = opaque;

    if (busy(port)) {
        out_of_patience(port);
    } else if (port->state == PORT_TALKING) {
        step(port);
    }
}

void usb_enumerate_start(UsbPort *port)
{
    port->address = 0;
    port->configuration_value = 0;
    memset(port->alternate, 0, sizeof(port->alternate));
    port->remote_wakeup_armed = false;
    if (port->step == SECOND_RESET) {
        port->step = SET_ADDRESS;
    } else {
        if (port->configured && !port->before.configuration) {
            port->before = port->identity;
            memset(&port->identity, 0, sizeof(port->identity));
        } else {
            free_identity(&port->identity);
        }
        port->step = FIRST_DESCRIPTOR;
        port->endpoint[0][0].max_packet = 64;
    }
    step(port);
}

void usb_enumerate_stop(UsbPort *port)
{
    void (*done)(void *, bool) = port->reset_done;

    if (!port->patience) {
        port->patience = timer_new_ns(QEMU_CLOCK_VIRTUAL, patience, port);
    }
    timer_del(port->patience);
    port->step = FIRST_DESCRIPTOR;
    if (port->state == PORT_EMPTY) {
        free_identity(&port->before);
        port->reset_done = NULL;
        if (done) {
            done(port->reset_opaque, false);
        }
    }
}

void usb_enumerate_note(UsbPort *port, const UsbUrb *urb)
{
    uint8_t type = urb->setup[0], request = urb->setup[1];
    uint16_t value = lduw_le_p(urb->setup + 2), index = lduw_le_p(urb->setup + 4);

    if (type == 0x00 && request == REQUEST_SET_CONFIGURATION) {
        port->configuration_value = value;
        memset(port->alternate, 0, sizeof(port->alternate));
        usb_transfer_configure(port, -1);
    } else if (type == 0x01 && request == REQUEST_SET_INTERFACE && index < USB_INTERFACES) {
        port->alternate[index] = value;
        usb_transfer_configure(port, index);
    } else if (type == 0x02 && request == REQUEST_CLEAR_FEATURE && value == 0) {
        port->endpoint[index >> 7 & 1][index & 15].toggle = false;
    } else if (type == 0x21 && request == CDC_SET_CONTROL_LINE_STATE) {
        port->line_state = value;
    }
}

static void released(UsbUrb *urb)
{
    usb_port_release(urb->owner);
}

void usb_port_release(UsbPort *port)
{
    port->line_state = 0;
    for (unsigned i = 0; i < USB_INTERFACES && port->configured && port->state == PORT_TALKING; i++) {
        if (port->alternate[i]) {
            const uint8_t setup[8] = { 0x01, REQUEST_SET_INTERFACE, 0, 0, i };

            if (!busy(port)) {
                port->alternate[i] = 0;                 /* even if the device refuses: it isn't asked again */
                usb_enumerate_request(port, setup, released);
            }
            return;
        }
    }
}
