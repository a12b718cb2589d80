/* SPDX-License-Identifier: MIT */
/* Real USB devices, by libusb. */
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usb.h"

struct real_usb {
    struct usb usb;
    libusb_device_handle *handle;
};

static libusb_context *context;

static int error_of(int error)
{
    switch (error) {
    case LIBUSB_ERROR_TIMEOUT:
        return USB_E_TIMEOUT;
    case LIBUSB_ERROR_PIPE:
        return USB_E_STALL;
    case LIBUSB_ERROR_NO_DEVICE:
        return USB_E_GONE;
    case LIBUSB_ERROR_BUSY:
        return USB_E_BUSY;
    case LIBUSB_ERROR_ACCESS:
        return USB_E_ACCESS;
    case LIBUSB_ERROR_OVERFLOW:
        return USB_E_OVERFLOW;
    case LIBUSB_ERROR_NOT_FOUND:
        return USB_E_NOT_FOUND;
    case LIBUSB_ERROR_NO_MEM:
        return USB_E_MEMORY;
    default:
        return error < 0 ? USB_E_IO : error;
    }
}

/* Below `omv exec` the library is ours: it shows emulated cameras, which usb_ip.c has. */
static bool is_ours(void)
{
    return !strcmp(libusb_get_version()->describe, "omv");
}

static bool start(void)
{
    return context || (!is_ours() && libusb_init(&context) == 0);
}

/* ---- Listing ---- */

/* An attribute of the device in sysfs: readable without permission for the device, and without waking it up. */
static bool attribute(const char *name, const char *what, char *text, size_t size)
{
    char path[PATH_BYTES];

    path_format(path, "/sys/bus/usb/devices/%s/%s", name, what);
    FILE *f = fopen(path, "r");
    bool found = f && fgets(text, (int)size, f);
    if (f)
        fclose(f);
    text[found ? strcspn(text, "\n") : 0] = 0;
    return found;
}

static void place(libusb_device *device, char name[64])
{
    uint8_t ports[8];
    int n = libusb_get_port_numbers(device, ports, sizeof ports);
    int used = snprintf(name, 64, n > 0 ? "%d" : "usb%d", libusb_get_bus_number(device));

    for (int i = 0; i < n && used < 60; i++)
        used += snprintf(name + used, (size_t)(64 - used), "%c%d", i ? '.' : '-', ports[i]);
}

static void describe_interfaces(libusb_device *device, struct usb_info *info)
{
    struct libusb_config_descriptor *config;

    if (libusb_get_active_config_descriptor(device, &config))
        return;
    for (uint8_t i = 0; i < config->bNumInterfaces && info->interfaces < USB_INTERFACES; i++) {
        const struct libusb_interface *interface = &config->interface[i];
        if (!interface->num_altsetting)
            continue;
        const struct libusb_interface_descriptor *d = &interface->altsetting[0];
        info->interface[info->interfaces].number = d->bInterfaceNumber;
        info->interface[info->interfaces].class_code = d->bInterfaceClass;
        info->interface[info->interfaces].subclass = d->bInterfaceSubClass;
        info->interface[info->interfaces].protocol = d->bInterfaceProtocol;
        info->interfaces++;
    }
    libusb_free_config_descriptor(config);
}

static bool describe(libusb_device *device, struct usb_info *info)
{
    static const enum usb_speed speeds[] = {USB_SPEED_UNKNOWN, USB_SPEED_LOW, USB_SPEED_FULL, USB_SPEED_HIGH, USB_SPEED_SUPER};
    struct libusb_device_descriptor d;
    int speed = libusb_get_device_speed(device);

    if (libusb_get_device_descriptor(device, &d))
        return false;
    *info = (struct usb_info){
        .vid = d.idVendor,
        .pid = d.idProduct,
        .bcd_device = d.bcdDevice,
        .class_code = d.bDeviceClass,
        .speed = speed >= 0 && speed < (int)(sizeof speeds / sizeof *speeds) ? speeds[speed] : USB_SPEED_SUPER,
        .bus = libusb_get_bus_number(device),
        .address = libusb_get_device_address(device),
    };
    place(device, info->name);
    path_format(info->path, "/dev/bus/usb/%03d/%03d", info->bus, info->address);
    info->denied = access(info->path, R_OK | W_OK) != 0;
    attribute(info->name, "serial", info->serial, sizeof info->serial);
    attribute(info->name, "product", info->product, sizeof info->product);
    describe_interfaces(device, info);
    return true;
}

static size_t list(struct usb_info *infos, size_t most)
{
    libusb_device **devices;
    size_t n = 0;

    if (!start())
        return 0;
    ssize_t count = libusb_get_device_list(context, &devices);
    for (ssize_t i = 0; i < count && n < most; i++)
        n += describe(devices[i], &infos[n]);
    if (count >= 0)
        libusb_free_device_list(devices, 1);
    return n;
}

/* ---- A device ---- */

static libusb_device_handle *handle(struct usb *usb)
{
    return ((struct real_usb *)usb)->handle;
}

static int open_device(const struct usb_info *info, struct usb **usb)
{
    libusb_device **devices;
    int error = LIBUSB_ERROR_NO_DEVICE;
    struct real_usb *u = calloc(1, sizeof *u);

    if (!u || !start()) {
        free(u);
        return u ? USB_E_IO : USB_E_MEMORY;
    }
    ssize_t count = libusb_get_device_list(context, &devices);
    for (ssize_t i = 0; i < count; i++)
        if (libusb_get_bus_number(devices[i]) == info->bus && libusb_get_device_address(devices[i]) == info->address)
            error = libusb_open(devices[i], &u->handle);
    if (count >= 0)
        libusb_free_device_list(devices, 1);
    if (error) {
        free(u);
        return error_of(error);
    }
    libusb_set_auto_detach_kernel_driver(u->handle, 1);
    *usb = &u->usb;
    return 0;
}

static void close_device(struct usb *usb)
{
    libusb_close(handle(usb)); /* usbfs releases what is claimed */
    free(usb);
}

static int control(struct usb *usb, uint8_t request_type, uint8_t request, uint16_t value, uint16_t index, void *data, uint16_t length,
                   uint32_t timeout_ms)
{
    return error_of(libusb_control_transfer(handle(usb), request_type, request, value, index, data, length, timeout_ms));
}

static int claim(struct usb *usb, uint8_t interface)
{
    return error_of(libusb_claim_interface(handle(usb), interface));
}

static int release(struct usb *usb, uint8_t interface)
{
    return error_of(libusb_release_interface(handle(usb), interface));
}

static int alternate(struct usb *usb, uint8_t interface, uint8_t setting)
{
    return error_of(libusb_set_interface_alt_setting(handle(usb), interface, setting));
}

static int transfer(struct usb *usb, bool interrupt, uint8_t endpoint, void *data, size_t length, size_t *moved, uint32_t timeout_ms)
{
    int done = 0;

    if (length > INT32_MAX)
        return USB_E_IO;
    int error = (interrupt ? libusb_interrupt_transfer : libusb_bulk_transfer)(handle(usb), endpoint, data, (int)length, &done, timeout_ms);
    *moved = (size_t)done;
    return error_of(error);
}

static int clear_halt(struct usb *usb, uint8_t endpoint)
{
    return error_of(libusb_clear_halt(handle(usb), endpoint));
}

static int reset(struct usb *usb)
{
    int error = libusb_reset_device(handle(usb));

    return error == LIBUSB_ERROR_NOT_FOUND ? USB_E_GONE : error_of(error);
}

const struct usb_backend usb_libusb_backend = {list,    open_device, close_device, control,    claim,
                                               release, alternate,   transfer,     clear_halt, reset};
