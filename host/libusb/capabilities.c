/* SPDX-License-Identifier: MIT */
/* The BOS descriptor and its device capabilities; string descriptors. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static unsigned get16(const uint8_t *p)
{
    return (unsigned)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

struct libusb_bos_descriptor *bos_parse(const uint8_t *bytes, size_t size)
{
    size_t offset = bytes[0], n = 0;

    while (descriptor_next(bytes, size, &offset))
        n++;
    if (n > UINT8_MAX)
        n = UINT8_MAX;
    struct libusb_bos_descriptor *bos = calloc(1, sizeof *bos + n * sizeof bos->dev_capability[0]);
    if (!bos)
        return NULL;
    bos->bLength = bytes[0];
    bos->bDescriptorType = bytes[1];
    bos->wTotalLength = (uint16_t)get16(bytes + 2);
    offset = bytes[0];
    for (const uint8_t *p; bos->bNumDeviceCaps < n && (p = descriptor_next(bytes, size, &offset));) {
        if (p[1] != LIBUSB_DT_DEVICE_CAPABILITY || p[0] < 3)
            continue;
        struct libusb_bos_dev_capability_descriptor *copy = malloc(p[0]);
        if (!copy) {
            libusb_free_bos_descriptor(bos);
            return NULL;
        }
        memcpy(copy, p, p[0]);
        bos->dev_capability[bos->bNumDeviceCaps++] = copy;
    }
    return bos;
}

int libusb_get_bos_descriptor(libusb_device_handle *dev_handle, struct libusb_bos_descriptor **bos)
{
    unsigned char head[5];

    *bos = NULL;
    int n = libusb_get_descriptor(dev_handle, LIBUSB_DT_BOS, 0, head, sizeof head);
    if (n < 0)
        return n;
    if (n < (int)sizeof head || head[0] < sizeof head || get16(head + 2) < head[0])
        return LIBUSB_ERROR_IO;
    size_t total = get16(head + 2);
    unsigned char *bytes = malloc(total);
    if (!bytes)
        return LIBUSB_ERROR_NO_MEM;
    n = libusb_get_descriptor(dev_handle, LIBUSB_DT_BOS, 0, bytes, (int)total);
    if (n >= head[0] && bytes[0] == head[0]) {
        *bos = bos_parse(bytes, (size_t)n);
        n = *bos ? 0 : LIBUSB_ERROR_NO_MEM;
    } else if (n >= 0) {
        n = LIBUSB_ERROR_IO;
    }
    free(bytes);
    return n;
}

void libusb_free_bos_descriptor(struct libusb_bos_descriptor *bos)
{
    for (int i = 0; bos && i < bos->bNumDeviceCaps; i++)
        free(bos->dev_capability[i]);
    free(bos);
}

/* The capability's bytes when it is of that type and has `least` of them. */
static int check(const struct libusb_bos_dev_capability_descriptor *cap, unsigned type, unsigned least, const uint8_t **bytes)
{
    if (cap->bDevCapabilityType != type)
        return LIBUSB_ERROR_INVALID_PARAM;
    if (cap->bLength < least)
        return LIBUSB_ERROR_IO;
    *bytes = (const uint8_t *)cap;
    return 0;
}

int libusb_get_usb_2_0_extension_descriptor(libusb_context *ctx, struct libusb_bos_dev_capability_descriptor *dev_cap,
                                            struct libusb_usb_2_0_extension_descriptor **usb_2_0_extension)
{
    const uint8_t *p;
    int error = check(dev_cap, LIBUSB_BT_USB_2_0_EXTENSION, LIBUSB_BT_USB_2_0_EXTENSION_SIZE, &p);

    (void)ctx;
    if (error)
        return error;
    struct libusb_usb_2_0_extension_descriptor *d = malloc(sizeof *d);
    if (!d)
        return LIBUSB_ERROR_NO_MEM;
    *d = (struct libusb_usb_2_0_extension_descriptor){p[0], p[1], p[2], get32(p + 3)};
    *usb_2_0_extension = d;
    return 0;
}

void libusb_free_usb_2_0_extension_descriptor(struct libusb_usb_2_0_extension_descriptor *usb_2_0_extension)
{
    free(usb_2_0_extension);
}

int libusb_get_ss_usb_device_capability_descriptor(libusb_context *ctx, struct libusb_bos_dev_capability_descriptor *dev_cap,
                                                   struct libusb_ss_usb_device_capability_descriptor **ss_usb_device_cap)
{
    const uint8_t *p;
    int error = check(dev_cap, LIBUSB_BT_SS_USB_DEVICE_CAPABILITY, LIBUSB_BT_SS_USB_DEVICE_CAPABILITY_SIZE, &p);

    (void)ctx;
    if (error)
        return error;
    struct libusb_ss_usb_device_capability_descriptor *d = malloc(sizeof *d);
    if (!d)
        return LIBUSB_ERROR_NO_MEM;
    *d = (struct libusb_ss_usb_device_capability_descriptor){
        p[0], p[1], p[2], p[3], (uint16_t)get16(p + 4), p[6], p[7], (uint16_t)get16(p + 8),
    };
    *ss_usb_device_cap = d;
    return 0;
}

void libusb_free_ss_usb_device_capability_descriptor(struct libusb_ss_usb_device_capability_descriptor *ss_usb_device_cap)
{
    free(ss_usb_device_cap);
}

/* USB 3.1, 9.6.2.5 */
int libusb_get_ssplus_usb_device_capability_descriptor(libusb_context *ctx, struct libusb_bos_dev_capability_descriptor *dev_cap,
                                                       struct libusb_ssplus_usb_device_capability_descriptor **ssplus_usb_device_cap)
{
    const uint8_t *p;
    int error = check(dev_cap, LIBUSB_BT_SUPERSPEED_PLUS_CAPABILITY, 12, &p);

    (void)ctx;
    if (error)
        return error;
    uint32_t attributes = get32(p + 4);
    uint8_t n = (uint8_t)((attributes & 0x1F) + 1);
    if (p[0] < 12 + 4 * n)
        return LIBUSB_ERROR_IO;
    struct libusb_ssplus_usb_device_capability_descriptor *d = calloc(1, sizeof *d + n * sizeof d->sublinkSpeedAttributes[0]);
    if (!d)
        return LIBUSB_ERROR_NO_MEM;
    d->numSublinkSpeedAttributes = n;
    d->numSublinkSpeedIDs = (uint8_t)((attributes >> 5 & 0xF) + 1);
    d->ssid = p[8] & 0xF;
    d->minRxLaneCount = p[9] & 0xF;
    d->minTxLaneCount = p[9] >> 4;
    for (uint8_t i = 0; i < n; i++) {
        uint32_t bits = get32(p + 12 + 4 * i);
        struct libusb_ssplus_sublink_attribute *a = &d->sublinkSpeedAttributes[i];
        a->ssid = bits & 0xF;
        a->exponent = bits >> 4 & 3;
        a->type = bits >> 6 & 1;
        a->direction = bits >> 7 & 1;
        a->protocol = bits >> 14 & 1;
        a->mantissa = (uint16_t)(bits >> 16);
    }
    *ssplus_usb_device_cap = d;
    return 0;
}

void libusb_free_ssplus_usb_device_capability_descriptor(struct libusb_ssplus_usb_device_capability_descriptor *ssplus_usb_device_cap)
{
    free(ssplus_usb_device_cap);
}

int libusb_get_container_id_descriptor(libusb_context *ctx, struct libusb_bos_dev_capability_descriptor *dev_cap,
                                       struct libusb_container_id_descriptor **container_id)
{
    const uint8_t *p;
    int error = check(dev_cap, LIBUSB_BT_CONTAINER_ID, LIBUSB_BT_CONTAINER_ID_SIZE, &p);

    (void)ctx;
    if (error)
        return error;
    struct libusb_container_id_descriptor *d = malloc(sizeof *d);
    if (!d)
        return LIBUSB_ERROR_NO_MEM;
    memcpy(d, p, sizeof *d);
    *container_id = d;
    return 0;
}

void libusb_free_container_id_descriptor(struct libusb_container_id_descriptor *container_id)
{
    free(container_id);
}

int libusb_get_platform_descriptor(libusb_context *ctx, struct libusb_bos_dev_capability_descriptor *dev_cap,
                                   struct libusb_platform_descriptor **platform_descriptor)
{
    const uint8_t *p;
    int error = check(dev_cap, LIBUSB_BT_PLATFORM_DESCRIPTOR, LIBUSB_BT_PLATFORM_DESCRIPTOR_MIN_SIZE, &p);

    (void)ctx;
    if (error)
        return error;
    struct libusb_platform_descriptor *d = malloc(p[0] < sizeof *d ? sizeof *d : p[0]);
    if (!d)
        return LIBUSB_ERROR_NO_MEM;
    memcpy(d, p, p[0]);
    *platform_descriptor = d;
    return 0;
}

void libusb_free_platform_descriptor(struct libusb_platform_descriptor *platform_descriptor)
{
    free(platform_descriptor);
}

int libusb_get_string_descriptor_ascii(libusb_device_handle *dev_handle, uint8_t desc_index, unsigned char *data, int length)
{
    unsigned char bytes[255];
    int used = 0;

    if (!desc_index || length <= 0)
        return LIBUSB_ERROR_INVALID_PARAM;
    int n = libusb_get_string_descriptor(dev_handle, 0, 0, bytes, 4);
    if (n < 0)
        return n;
    if (n != 4 || bytes[1] != LIBUSB_DT_STRING)
        return LIBUSB_ERROR_IO;
    n = libusb_get_string_descriptor(dev_handle, desc_index, (uint16_t)get16(bytes + 2), bytes, sizeof bytes);
    if (n < 0)
        return n;
    if (n < 2 || bytes[1] != LIBUSB_DT_STRING)
        return LIBUSB_ERROR_IO;
    for (int i = 2; i + 1 < n && i + 1 < bytes[0] && used < length - 1; i += 2)
        data[used++] = bytes[i + 1] || bytes[i] & 0x80 ? '?' : bytes[i];
    data[used] = 0;
    return used;
}
