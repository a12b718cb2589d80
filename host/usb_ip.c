/* SPDX-License-Identifier: MIT */
/* USB of emulated cameras: the USB/IP servers of the running instances. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "qmp.h"
#include "usb.h"
#include "usbip_client.h"

#define LIST_MS    2000u /* a server that does not answer */
#define BUSY_MS    2000u /* others look at a device for some milliseconds only */
#define REQUEST_MS 5000u
#define INSTANCES  16

struct ip_usb {
    struct usb usb;
    struct usbip *link;
    uint8_t alternate[256]; /* of each interface: the setting that is chosen */
};

static int error_of(int status)
{
    switch (status) {
    case -ETIMEDOUT:
        return USB_E_TIMEOUT;
    case -EPIPE:
        return USB_E_STALL;
    case -ESHUTDOWN:
    case -ENODEV:
    case -ECONNREFUSED:
    case -ENOENT:
        return USB_E_GONE;
    case -EBUSY:
    case -EAGAIN:
        return USB_E_BUSY;
    case -EACCES:
    case -EPERM:
        return USB_E_ACCESS;
    case -EOVERFLOW:
        return USB_E_OVERFLOW;
    case -ENOMEM:
        return USB_E_MEMORY;
    default:
        return status < 0 ? USB_E_IO : status;
    }
}

static struct ip_usb *ip(struct usb *usb)
{
    return (struct ip_usb *)usb;
}

static int open_device(const struct usb_info *info, struct usb **usb)
{
    struct ip_usb *u = calloc(1, sizeof *u);
    struct usbip_device found;
    uint64_t end = usbip_now() + BUSY_MS;
    int status;

    if (!u)
        return USB_E_MEMORY;
    while ((status = usbip_import(info->path, info->bus_id, &u->link, &found, BUSY_MS)) == -EBUSY && usbip_now() < end)
        poll(NULL, 0, 20);
    /* Another one by now: the caller shall look again. */
    if (!status && (found.vid != info->vid || found.pid != info->pid || (uint16_t)found.address != info->address)) {
        usbip_close(u->link);
        status = -ENODEV;
    }
    if (status) {
        free(u);
        return error_of(status);
    }
    u->usb.backend = &usb_ip_backend;
    *usb = &u->usb;
    return 0;
}

static int control(struct usb *usb, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   uint32_t timeout_ms)
{
    return error_of(usbip_control(ip(usb)->link, request_type, request, value, index, data, length, timeout_ms));
}

/* Nobody else can have an interface of an imported device. */
static int claim(struct usb *usb, uint8_t interface)
{
    (void)usb;
    (void)interface;
    return 0;
}

static int alternate(struct usb *usb, uint8_t interface, uint8_t setting)
{
    int error = control(usb, 0x01, 11 /* SET_INTERFACE */, setting, interface, NULL, 0, REQUEST_MS);

    if (error < 0)
        return error;
    ip(usb)->alternate[interface] = setting;
    return 0;
}

/* As Linux does, so that both kinds of device see the same requests. */
static int release(struct usb *usb, uint8_t interface)
{
    return ip(usb)->alternate[interface] ? alternate(usb, interface, 0) : 0;
}

static void close_device(struct usb *usb)
{
    for (unsigned i = 0; i < 256; i++)
        release(usb, (uint8_t)i);
    usbip_close(ip(usb)->link);
    free(usb);
}

static int transfer(struct usb *usb, bool interrupt, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms)
{
    struct usbip_urb urb = {.endpoint = endpoint, .data = data, .length = (uint32_t)length, .interval = interrupt};

    if (length > USBIP_MOST_BYTES)
        return USB_E_IO;
    int status = usbip_transfer(ip(usb)->link, &urb, timeout_ms);
    *moved = urb.actual;
    return error_of(status);
}

static int clear_halt(struct usb *usb, uint8_t endpoint)
{
    int error = control(usb, 0x02, 1 /* CLEAR_FEATURE */, 0 /* ENDPOINT_HALT */, endpoint, NULL, 0, REQUEST_MS);

    return error < 0 ? error : 0;
}

/* The server knows a reset of the port by its request to the hub, as Linux's own does. */
static int reset(struct usb *usb)
{
    int error = control(usb, 0x23, 3 /* SET_FEATURE */, 4 /* PORT_RESET */, 1, NULL, 0, REQUEST_MS);

    memset(ip(usb)->alternate, 0, sizeof ip(usb)->alternate);
    return error < 0 ? error : 0;
}

/* ---- Listing ---- */

/* What a short import told about a device, so that looking again does not disturb its user. */
static struct seen {
    char path[PATH_BYTES];
    uint32_t bus, address;
    uint16_t vid, pid;
    char serial[64], product[64];
} seen[INSTANCES];

static bool recall(struct usb_info *info, const struct usbip_device *device)
{
    for (size_t i = 0; i < INSTANCES; i++) {
        const struct seen *s = &seen[i];
        if (!strcmp(s->path, info->path) && s->bus == device->bus && s->address == device->address && s->vid == device->vid &&
            s->pid == device->pid) {
            memcpy(info->serial, s->serial, sizeof info->serial);
            memcpy(info->product, s->product, sizeof info->product);
            return true;
        }
    }
    return false;
}

static void remember(const struct usb_info *info, const struct usbip_device *device)
{
    static size_t next;
    size_t place = next;

    for (size_t i = 0; i < INSTANCES; i++)
        if (!strcmp(seen[i].path, info->path))
            place = i;
    if (place == next)
        next = (next + 1) % INSTANCES;
    struct seen *s = &seen[place];
    *s = (struct seen){.bus = device->bus, .address = device->address, .vid = device->vid, .pid = device->pid};
    memcpy(s->path, info->path, sizeof s->path);
    memcpy(s->serial, info->serial, sizeof s->serial);
    memcpy(s->product, info->product, sizeof s->product);
}

/* Of a device that somebody has, the emulator tells: ...  serial=TEXT product="TEXT" */
static void ask_emulator(struct usb_info *info, const struct instance *instance)
{
    char text[512];

    if (qmp_get(instance->qmp, "usb-device", text, sizeof text))
        return;
    const char *serial = strstr(text, " serial="), *product = strstr(text, " product=\"");
    if (serial)
        sscanf(serial, " serial=%63[^ ]", info->serial);
    if (product)
        sscanf(product, " product=\"%63[^\"]", info->product);
}

static void read_texts(struct usb_info *info, const struct instance *instance, const struct usbip_device *device)
{
    struct usbip_device found;
    struct ip_usb u = {.usb.backend = &usb_ip_backend};
    uint8_t bytes[18];
    int status = usbip_import(info->path, info->bus_id, &u.link, &found, LIST_MS);

    info->busy = status == -EBUSY;
    if (info->busy)
        ask_emulator(info, instance);
    if (status)
        return;
    if (usb_descriptor(&u.usb, USB_DESCRIPTOR_DEVICE, 0, 0, bytes, sizeof bytes) == (int)sizeof bytes &&
        usb_string(&u.usb, bytes[15], info->product, sizeof info->product) >= 0 &&
        usb_string(&u.usb, bytes[16], info->serial, sizeof info->serial) >= 0)
        remember(info, device);
    usbip_close(u.link);
}

static void describe(struct usb_info *info, const struct instance *instance, const struct usbip_device *device)
{
    /* Linux's numbers of speeds */
    static const enum usb_speed speeds[] = {USB_SPEED_UNKNOWN, USB_SPEED_LOW,   USB_SPEED_FULL, USB_SPEED_HIGH,
                                            USB_SPEED_UNKNOWN, USB_SPEED_SUPER, USB_SPEED_SUPER};

    *info = (struct usb_info){
        .emulated = true,
        .vid = device->vid,
        .pid = device->pid,
        .bcd_device = device->bcd_device,
        .class_code = device->class_code,
        .speed = device->speed < sizeof speeds / sizeof *speeds ? speeds[device->speed] : USB_SPEED_UNKNOWN,
        .bus = (uint16_t)device->bus,
        .address = (uint16_t)device->address,
    };
    memcpy(info->name, instance->name, sizeof info->name);
    memcpy(info->path, instance->usbip, sizeof info->path);
    memcpy(info->bus_id, device->bus_id, sizeof info->bus_id);
    for (; info->interfaces < device->interfaces && info->interfaces < USB_INTERFACES; info->interfaces++) {
        size_t i = info->interfaces;
        info->interface[i].number = (uint8_t)i; /* all that USB/IP tells; ours are numbered so */
        info->interface[i].class_code = device->interface[i].class_code;
        info->interface[i].subclass = device->interface[i].subclass;
        info->interface[i].protocol = device->interface[i].protocol;
    }
    if (!recall(info, device))
        read_texts(info, instance, device);
}

static size_t list(struct usb_info *infos, size_t most)
{
    static struct instance instances[INSTANCES];
    size_t running = instance_list(instances, INSTANCES), n = 0;

    for (size_t i = 0; i < running; i++) {
        struct usbip_device devices[4];
        int found = usbip_list(instances[i].usbip, devices, sizeof devices / sizeof *devices, LIST_MS);
        for (int k = 0; k < found && n < most; k++)
            describe(&infos[n++], &instances[i], &devices[k]);
    }
    return n;
}

const struct usb_backend usb_ip_backend = {list,    open_device, close_device, control,    claim,
                                           release, alternate,   transfer,     clear_halt, reset};
