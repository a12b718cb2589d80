/* SPDX-License-Identifier: MIT */
/* What is the same for real and emulated USB devices: dispatch, descriptors, strings. */
#include "usb.h"

#include <string.h>

#define DESCRIPTOR_MS  2000u
#define ENGLISH        0x0409u
#define GET_DESCRIPTOR 6u
#define LONGEST_STRING 255u

static const struct usb_backend *const backends[] = {&usb_ip_backend, &usb_libusb_backend};

const char *usb_strerror(int error)
{
    static const char *const texts[] = {
        "no error",
        "it does not answer",
        "it refused the request",
        "it is no longer there",
        "another program is using it",
        "no permission",
        "the transfer failed",
        "it sent more than was asked for",
        "there is no such thing on it",
        "out of memory",
    };

    return error > 0 ? texts[0] : -error < (int)(sizeof texts / sizeof *texts) ? texts[-error] : "unknown error";
}

const char *usb_speed_name(enum usb_speed speed)
{
    static const char *const names[] = {"unknown", "low", "full", "high", "super"};

    return names[speed];
}

size_t usb_list(struct usb_info *infos, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        n += backends[i]->list(infos + n, most - n);
    return n;
}

int usb_open(const struct usb_info *info, struct usb **usb)
{
    const struct usb_backend *backend = info->emulated ? &usb_ip_backend : &usb_libusb_backend;

    *usb = NULL;
    int error = backend->open(info, usb);
    if (!error)
        (*usb)->backend = backend;
    return error;
}

void usb_close(struct usb *usb)
{
    if (usb)
        usb->backend->close(usb);
}

int usb_control(struct usb *usb, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                uint32_t timeout_ms)
{
    return usb->backend->control(usb, request_type, request, value, index, data, length, timeout_ms);
}

int usb_descriptor(struct usb *usb, uint8_t type, uint8_t index, uint16_t language, void *data, uint16_t length)
{
    return usb_control(usb, 0x80, GET_DESCRIPTOR, (uint16_t)(type << 8 | index), language, data, length, DESCRIPTOR_MS);
}

int usb_configuration(struct usb *usb, void *data, uint16_t length)
{
    uint8_t value = 0, head[9];

    if (usb_control(usb, 0x80, 8 /* GET_CONFIGURATION */, 0, 0, &value, 1, DESCRIPTOR_MS) < 0)
        value = 0;
    for (uint8_t i = 0; i < 8; i++) {
        int n = usb_descriptor(usb, USB_DESCRIPTOR_CONFIGURATION, i, 0, head, sizeof head);
        if (n < 0)
            return n == USB_E_STALL ? USB_E_NOT_FOUND : n;
        if (n < (int)sizeof head)
            return USB_E_IO;
        if (head[5] != value && value)
            continue;
        uint16_t total = (uint16_t)(head[2] | head[3] << 8);
        return usb_descriptor(usb, USB_DESCRIPTOR_CONFIGURATION, i, 0, data, total < length ? total : length);
    }
    return USB_E_NOT_FOUND;
}

/* Appends a code point as UTF-8. */
static size_t encode(char *text, size_t n, size_t size, uint32_t c)
{
    size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

    if (n + bytes >= size)
        return n;
    for (size_t i = bytes; i--; c >>= 6)
        text[n + i] = (char)(i ? 0x80 | (c & 0x3F) : lead[bytes] | c);
    return n + bytes;
}

int usb_string(struct usb *usb, uint8_t index, char *text, size_t size)
{
    uint8_t bytes[LONGEST_STRING];
    uint16_t language = ENGLISH;
    size_t used = 0;

    text[0] = 0;
    if (!index)
        return 0;
    int n = usb_descriptor(usb, USB_DESCRIPTOR_STRING, 0, 0, bytes, sizeof bytes);
    if (n >= 4)
        language = (uint16_t)(bytes[2] | bytes[3] << 8);
    else if (n < 0 && n != USB_E_STALL)
        return n;
    n = usb_descriptor(usb, USB_DESCRIPTOR_STRING, index, language, bytes, sizeof bytes);
    if (n < 0)
        return n;
    if (n < 2 || bytes[1] != USB_DESCRIPTOR_STRING)
        return USB_E_IO;
    for (int i = 2; i + 1 < n && i + 1 < bytes[0]; i += 2) {
        uint32_t c = (uint32_t)(bytes[i] | bytes[i + 1] << 8);
        uint32_t low = i + 3 < n ? (uint32_t)(bytes[i + 2] | bytes[i + 3] << 8) : 0;
        if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
            i += 2;
        }
        if (!c)
            break;
        used = encode(text, used, size, c);
    }
    text[used] = 0;
    return (int)used;
}

int usb_claim(struct usb *usb, uint8_t interface)
{
    return usb->backend->claim(usb, interface);
}

int usb_release(struct usb *usb, uint8_t interface)
{
    return usb->backend->release(usb, interface);
}

int usb_alternate(struct usb *usb, uint8_t interface, uint8_t alternate)
{
    return usb->backend->alternate(usb, interface, alternate);
}

static int transfer(struct usb *usb, bool interrupt, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms)
{
    size_t nowhere;

    moved = moved ? moved : &nowhere;
    *moved = 0;
    return usb->backend->transfer(usb, interrupt, endpoint, data, length, moved, timeout_ms);
}

int usb_bulk(struct usb *usb, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms)
{
    return transfer(usb, false, endpoint, data, length, moved, timeout_ms);
}

int usb_interrupt(struct usb *usb, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms)
{
    return transfer(usb, true, endpoint, data, length, moved, timeout_ms);
}

int usb_clear_halt(struct usb *usb, uint8_t endpoint)
{
    return usb->backend->clear_halt(usb, endpoint);
}

int usb_reset(struct usb *usb)
{
    return usb->backend->reset(usb);
}
