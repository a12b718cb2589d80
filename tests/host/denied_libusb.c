/* SPDX-License-Identifier: MIT */
/* A libusb to preload: one OpenMV Cam H7 in its bootloader, which the system does not let us open. */
#include <libusb.h>
#include <stdlib.h>
#include <string.h>

static int device; /* its address is the device */

int libusb_init(libusb_context **context)
{
    *context = NULL;
    return 0;
}

const struct libusb_version *libusb_get_version(void)
{
    static const struct libusb_version version = {1, 0, 27, 0, "", ""};
    return &version;
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
    (void)context;
    *list = calloc(2, sizeof **list);
    (*list)[0] = (libusb_device *)&device;
    return 1;
}

void libusb_free_device_list(libusb_device **list, int unref)
{
    (void)unref;
    free(list);
}

int libusb_get_device_descriptor(libusb_device *dev, struct libusb_device_descriptor *d)
{
    (void)dev;
    *d = (struct libusb_device_descriptor){
        .bLength = 18, .bDescriptorType = 1, .idVendor = 0x37C5, .idProduct = 0x9204, .bcdDevice = 0x0103};
    return 0;
}

int libusb_open(libusb_device *dev, libusb_device_handle **handle)
{
    (void)dev;
    *handle = NULL;
    return LIBUSB_ERROR_ACCESS;
}

int libusb_get_active_config_descriptor(libusb_device *dev, struct libusb_config_descriptor **config)
{
    (void)dev;
    *config = NULL;
    return LIBUSB_ERROR_NOT_FOUND;
}

uint8_t libusb_get_bus_number(libusb_device *dev)
{
    (void)dev;
    return 250;
}

uint8_t libusb_get_device_address(libusb_device *dev)
{
    (void)dev;
    return 7;
}

int libusb_get_device_speed(libusb_device *dev)
{
    (void)dev;
    return LIBUSB_SPEED_FULL;
}

int libusb_get_port_numbers(libusb_device *dev, uint8_t *ports, int most)
{
    (void)dev;
    (void)most;
    ports[0] = 3;
    return 1;
}
