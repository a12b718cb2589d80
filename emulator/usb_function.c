/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control endpoint of a USB device in C (usb_function.h). */
#include "qemu/osdep.h"

#include "usb_function.h"

#include "qemu/bswap.h"

enum { MAX_PACKET = 64, DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIGURATION = 2, DESCRIPTOR_STRING = 3 };

static int string_descriptor(UsbFunction *f, unsigned index)
{
    unsigned n = 0;

    if (index == 0) {
        memcpy(f->data, (const uint8_t[]) { 4, DESCRIPTOR_STRING, 0x09, 0x04 }, 4);
        return 4;
    }
    while (n < index - 1 && f->strings[n]) {
        n++;
    }
    if (!f->strings[n]) {
        return -1;
    }
    f->data[0] = 2 + 2 * strlen(f->strings[n]);
    f->data[1] = DESCRIPTOR_STRING;
    for (unsigned i = 0; f->strings[n][i]; i++) {
        stw_le_p(f->data + 2 + 2 * i, (uint8_t)f->strings[n][i]);
    }
    return f->data[0];
}

static int descriptor(UsbFunction *f, unsigned type, unsigned index)
{
    switch (type) {
    case DESCRIPTOR_DEVICE:
        memcpy(f->data, f->device, 18);
        return 18;
    case DESCRIPTOR_CONFIGURATION:
        memcpy(f->data, f->configuration, lduw_le_p(f->configuration + 2));
        return index ? -1 : lduw_le_p(f->configuration + 2);
    case DESCRIPTOR_STRING:
        return string_descriptor(f, index);
    default:
        return -1;
    }
}

/* Standard requests, by bmRequestType and bRequest; bytes for the host, or -1. */
static int standard(UsbFunction *f)
{
    uint16_t value = lduw_le_p(f->setup + 2);

    switch (f->setup[0] << 8 | f->setup[1]) {
    case 0x8000: case 0x8100: case 0x8200:              /* GET_STATUS */
        stw_le_p(f->data, f->setup[0] == 0x80 ? f->configuration[7] >> 6 & 1 : 0);
        return 2;
    case 0x0001: case 0x0201: case 0x0203:              /* CLEAR_FEATURE, SET_FEATURE of the endpoint */
        return 0;
    case 0x0005:
        f->next_address = value;
        return 0;
    case 0x8006:
        return descriptor(f, value >> 8, value & 255);
    case 0x8008:
        f->data[0] = f->configured;
        return 1;
    case 0x0009:
        if (value && value != f->configuration[5]) {
            return -1;
        }
        f->configured = value;
        f->alternate = 0;
        return 0;
    case 0x810a:
        f->data[0] = f->alternate;
        return 1;
    case 0x010b:
        f->alternate = value;                           /* which there are is the owner's affair: its requests refuse */
        return 0;
    default:
        return -1;
    }
}

static int answer(UsbFunction *f, unsigned length)
{
    return f->setup[0] & 0x60 ? f->request(f->owner, f->setup, f->data, length) : standard(f);
}

static bool for_us(const UsbFunction *f, const UsbPacket *packet)
{
    return packet->address == f->address && packet->endpoint == 0;
}

static UsbReply function_setup(void *device, const UsbPacket *packet)
{
    UsbFunction *f = device;
    unsigned wanted;
    int n;

    if (!for_us(f, packet)) {
        return USB_SILENT;
    }
    memcpy(f->setup, packet->data, 8);
    wanted = lduw_le_p(f->setup + 6);
    f->position = f->length = 0;
    f->stalled = false;
    f->data1 = true;
    if (f->setup[0] & 0x80) {
        n = answer(f, MIN(wanted, USB_FUNCTION_BUFFER));
        f->stage = FUNCTION_IN;
        f->length = MIN(n, (int)wanted);
        f->stalled = n < 0;
    } else if (wanted) {
        f->stage = FUNCTION_OUT;
        f->length = wanted;
        f->stalled = wanted > USB_FUNCTION_BUFFER;
    } else {
        f->stage = FUNCTION_STATUS_IN;
        f->stalled = answer(f, 0) < 0;
    }
    return USB_ACK;
}

static UsbReply function_out(void *device, const UsbPacket *packet)
{
    UsbFunction *f = device;

    if (!for_us(f, packet)) {
        return USB_SILENT;
    }
    if (f->stalled || f->stage == FUNCTION_IDLE || f->stage == FUNCTION_STATUS_IN) {
        return USB_STALL;
    }
    if (f->stage == FUNCTION_IN) {                      /* the host has enough: status stage */
        f->stage = FUNCTION_IDLE;
        return USB_ACK;
    }
    if (packet->data1 != f->data1) {
        return USB_ACK;
    }
    if (packet->length > f->length - f->position) {
        f->stalled = true;
        return USB_STALL;
    }
    memcpy(f->data + f->position, packet->data, packet->length);
    f->position += packet->length;
    f->data1 = !f->data1;
    if (f->position == f->length) {
        f->stage = FUNCTION_STATUS_IN;
        f->stalled = answer(f, f->length) < 0;
    }
    return USB_ACK;
}

static UsbReply function_in(void *device, UsbPacket *packet)
{
    UsbFunction *f = device;

    if (!for_us(f, packet)) {
        return USB_SILENT;
    }
    if (f->stalled || (f->stage != FUNCTION_IN && f->stage != FUNCTION_STATUS_IN)) {
        return USB_STALL;
    }
    packet->data1 = f->stage == FUNCTION_STATUS_IN || f->data1;
    if (f->stage == FUNCTION_IN) {
        packet->length = MIN(f->length - f->position, MAX_PACKET);
        memcpy(packet->data, f->data + f->position, packet->length);
        f->position += packet->length;
        f->data1 = !f->data1;
    } else {
        packet->length = 0;
        f->stage = FUNCTION_IDLE;
        f->address = f->next_address;
    }
    return USB_ACK;
}

static void function_reset(void *device, bool begin)
{
    UsbFunction *f = device;

    f->address = f->next_address = f->configured = f->alternate = 0;
    f->stage = FUNCTION_IDLE;
    if (begin) {
        f->reset(f->owner);
    }
}

static void function_vbus(void *device, bool on)
{
}

static void function_start_of_frame(void *device, unsigned frame, unsigned microframe)
{
}

static void function_idle(void *device)
{
}

static const UsbDeviceOps function_ops = {
    .instant = true,
    .vbus = function_vbus,
    .reset = function_reset,
    .start_of_frame = function_start_of_frame,
    .suspend = function_idle,
    .resume = function_idle,
    .setup = function_setup,
    .out = function_out,
    .in = function_in,
};

void usb_function_connect(UsbFunction *function)
{
    usb_port_attach(function->port, &function_ops, function);
    usb_port_pull_up(function->port, function, USB_FULL_SPEED);
}
