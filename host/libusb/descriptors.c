/* SPDX-License-Identifier: MIT */
/*
 * Configuration descriptors: bytes of a device, which may be any, into libusb's tree. The device's word on how many there
 * are of something is never believed; what is there is counted first.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

const uint8_t *descriptor_next(const uint8_t *bytes, size_t size, size_t *offset)
{
    if (*offset + 2 > size)
        return NULL;
    const uint8_t *p = bytes + *offset;
    if (p[0] < 2 || *offset + p[0] > size)
        return NULL;
    *offset += p[0];
    return p;
}

static bool is_type(const uint8_t *p, unsigned type, unsigned least)
{
    return p[1] == type && p[0] >= least;
}

/* Appends p to the extra bytes of the innermost thing. */
static bool add_extra(const unsigned char **extra, int *length, const uint8_t *p)
{
    unsigned char *more = realloc((void *)*extra, (size_t)*length + p[0]);

    if (!more)
        return false;
    memcpy(more + *length, p, p[0]);
    *extra = more;
    *length += p[0];
    return true;
}

/* One more element at the end of an array, zeroed; NULL without memory. */
static void *grow(const void **array, int n, size_t size)
{
    uint8_t *more = realloc((void *)*array, ((size_t)n + 1) * size);

    if (!more)
        return NULL;
    *array = more;
    return memset(more + (size_t)n * size, 0, size);
}

static struct libusb_interface_descriptor *add_interface(struct libusb_config_descriptor *config, const uint8_t *p)
{
    struct libusb_interface *interface = NULL;

    for (int i = 0; i < config->bNumInterfaces; i++)
        if (config->interface[i].altsetting[0].bInterfaceNumber == p[2])
            interface = (struct libusb_interface *)&config->interface[i];
    if (!interface) {
        if (config->bNumInterfaces == UINT8_MAX)
            return NULL;
        interface = grow((const void **)&config->interface, config->bNumInterfaces, sizeof *interface);
        if (!interface)
            return NULL;
    }
    struct libusb_interface_descriptor *d = grow((const void **)&interface->altsetting, interface->num_altsetting, sizeof *d);
    if (!d)
        return NULL;
    if (!interface->num_altsetting++)
        config->bNumInterfaces++;
    d->bLength = p[0];
    d->bDescriptorType = p[1];
    d->bInterfaceNumber = p[2];
    d->bAlternateSetting = p[3];
    d->bInterfaceClass = p[5];
    d->bInterfaceSubClass = p[6];
    d->bInterfaceProtocol = p[7];
    d->iInterface = p[8];
    return d;
}

static struct libusb_endpoint_descriptor *add_endpoint(struct libusb_interface_descriptor *interface, const uint8_t *p)
{
    if (interface->bNumEndpoints == UINT8_MAX)
        return NULL;
    struct libusb_endpoint_descriptor *d = grow((const void **)&interface->endpoint, interface->bNumEndpoints, sizeof *d);
    if (!d)
        return NULL;
    interface->bNumEndpoints++;
    d->bLength = p[0];
    d->bDescriptorType = p[1];
    d->bEndpointAddress = p[2];
    d->bmAttributes = p[3];
    d->wMaxPacketSize = (uint16_t)(p[4] | p[5] << 8);
    d->bInterval = p[6];
    d->bRefresh = p[0] >= 9 ? p[7] : 0;
    d->bSynchAddress = p[0] >= 9 ? p[8] : 0;
    return d;
}

static bool fill(struct libusb_config_descriptor *config, const uint8_t *bytes, size_t size)
{
    struct libusb_interface_descriptor *interface = NULL;
    struct libusb_endpoint_descriptor *endpoint = NULL;
    size_t offset = bytes[0];

    for (const uint8_t *p; (p = descriptor_next(bytes, size, &offset));) {
        bool stored = true;

        if (is_type(p, LIBUSB_DT_INTERFACE, 9)) {
            interface = add_interface(config, p);
            endpoint = NULL;
            stored = interface;
        } else if (interface && is_type(p, LIBUSB_DT_ENDPOINT, 7)) {
            endpoint = add_endpoint(interface, p);
            stored = endpoint;
        } else if (endpoint) {
            stored = add_extra(&endpoint->extra, &endpoint->extra_length, p);
        } else if (interface) {
            stored = add_extra(&interface->extra, &interface->extra_length, p);
        } else {
            stored = add_extra(&config->extra, &config->extra_length, p);
        }
        if (!stored)
            return false;
    }
    return true;
}

static int parse(const struct raw_config *raw, struct libusb_config_descriptor **config)
{
    const uint8_t *p = raw->bytes;
    struct libusb_config_descriptor *c = calloc(1, sizeof *c);

    *config = NULL;
    if (!c)
        return LIBUSB_ERROR_NO_MEM;
    if (raw->size < 9 || p[0] < 9 || p[0] > raw->size) {
        free(c);
        return LIBUSB_ERROR_IO;
    }
    c->bLength = p[0];
    c->bDescriptorType = p[1];
    c->wTotalLength = (uint16_t)(p[2] | p[3] << 8);
    c->bConfigurationValue = p[5];
    c->iConfiguration = p[6];
    c->bmAttributes = p[7];
    c->MaxPower = p[8];
    if (!fill(c, p, raw->size)) {
        libusb_free_config_descriptor(c);
        return LIBUSB_ERROR_NO_MEM;
    }
    *config = c;
    return 0;
}

void libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
    if (!config)
        return;
    for (int i = 0; i < config->bNumInterfaces; i++) {
        for (int k = 0; k < config->interface[i].num_altsetting; k++) {
            const struct libusb_interface_descriptor *d = &config->interface[i].altsetting[k];
            for (int e = 0; e < d->bNumEndpoints; e++)
                free((void *)d->endpoint[e].extra);
            free((void *)d->endpoint);
            free((void *)d->extra);
        }
        free((void *)config->interface[i].altsetting);
    }
    free((void *)config->interface);
    free((void *)config->extra);
    free(config);
}

static int index_of_value(const libusb_device *dev, unsigned value)
{
    for (int i = 0; i < dev->config_count; i++)
        if (dev->configs[i].bytes[5] == value)
            return i;
    return -1;
}

int libusb_get_config_descriptor(libusb_device *dev, uint8_t config_index, struct libusb_config_descriptor **config)
{
    return config_index < dev->config_count ? parse(&dev->configs[config_index], config) : LIBUSB_ERROR_NOT_FOUND;
}

int libusb_get_config_descriptor_by_value(libusb_device *dev, uint8_t bConfigurationValue, struct libusb_config_descriptor **config)
{
    int i = index_of_value(dev, bConfigurationValue);

    return i >= 0 ? parse(&dev->configs[i], config) : LIBUSB_ERROR_NOT_FOUND;
}

int libusb_get_active_config_descriptor(libusb_device *dev, struct libusb_config_descriptor **config)
{
    return libusb_get_config_descriptor_by_value(dev, dev->configuration, config);
}

/* ---- Sizes of packets ---- */

/* The endpoint's descriptor in the active configuration; interface and setting -1: any. */
static const uint8_t *find_endpoint(const libusb_device *dev, int interface, int setting, unsigned char address)
{
    int i = index_of_value(dev, dev->configuration);
    size_t offset = 0;
    bool here = false;

    if (i < 0)
        return NULL;
    for (const uint8_t *p; (p = descriptor_next(dev->configs[i].bytes, dev->configs[i].size, &offset));) {
        if (is_type(p, LIBUSB_DT_INTERFACE, 9))
            here = (interface < 0 || p[2] == interface) && (setting < 0 || p[3] == setting);
        else if (here && is_type(p, LIBUSB_DT_ENDPOINT, 7) && p[2] == address)
            return p;
    }
    return NULL;
}

int libusb_get_max_packet_size(libusb_device *dev, unsigned char endpoint)
{
    const uint8_t *p = find_endpoint(dev, -1, -1, endpoint);

    return p ? p[4] | p[5] << 8 : LIBUSB_ERROR_NOT_FOUND;
}

/* Bits 11-12: more packets in a microframe, of the periodic endpoints (USB 2.0, 9.6.6). */
static int bytes_per_interval(const uint8_t *p)
{
    if (!p)
        return LIBUSB_ERROR_NOT_FOUND;
    int size = p[4] | p[5] << 8;
    bool periodic = (p[3] & 3) == LIBUSB_TRANSFER_TYPE_ISOCHRONOUS || (p[3] & 3) == LIBUSB_TRANSFER_TYPE_INTERRUPT;
    return periodic ? (size & 0x7FF) * (1 + (size >> 11 & 3)) : size & 0x7FF;
}

int libusb_get_max_iso_packet_size(libusb_device *dev, unsigned char endpoint)
{
    return bytes_per_interval(find_endpoint(dev, -1, -1, endpoint));
}

int libusb_get_max_alt_packet_size(libusb_device *dev, int interface_number, int alternate_setting, unsigned char endpoint)
{
    return bytes_per_interval(find_endpoint(dev, interface_number, alternate_setting, endpoint));
}

/* ---- Interface associations ---- */

static int associations(const struct raw_config *raw, struct libusb_interface_association_descriptor_array **iad_array)
{
    struct libusb_interface_association_descriptor_array *array = calloc(1, sizeof *array);
    size_t offset = 0;

    *iad_array = NULL;
    if (!array)
        return LIBUSB_ERROR_NO_MEM;
    for (const uint8_t *p; (p = descriptor_next(raw->bytes, raw->size, &offset));) {
        if (!is_type(p, LIBUSB_DT_INTERFACE_ASSOCIATION, 8))
            continue;
        struct libusb_interface_association_descriptor *d = grow((const void **)&array->iad, array->length, sizeof *d);
        if (!d) {
            libusb_free_interface_association_descriptors(array);
            return LIBUSB_ERROR_NO_MEM;
        }
        array->length++;
        memcpy(d, p, 8); /* eight bytes, in the same order */
    }
    *iad_array = array;
    return 0;
}

int libusb_get_interface_association_descriptors(libusb_device *dev, uint8_t config_index,
                                                 struct libusb_interface_association_descriptor_array **iad_array)
{
    if (!iad_array)
        return LIBUSB_ERROR_INVALID_PARAM;
    return config_index < dev->config_count ? associations(&dev->configs[config_index], iad_array) : LIBUSB_ERROR_NOT_FOUND;
}

int libusb_get_active_interface_association_descriptors(libusb_device *dev,
                                                        struct libusb_interface_association_descriptor_array **iad_array)
{
    int i = index_of_value(dev, dev->configuration);

    if (!iad_array)
        return LIBUSB_ERROR_INVALID_PARAM;
    return i >= 0 ? associations(&dev->configs[i], iad_array) : LIBUSB_ERROR_NOT_FOUND;
}

void libusb_free_interface_association_descriptors(struct libusb_interface_association_descriptor_array *iad_array)
{
    if (iad_array)
        free((void *)iad_array->iad);
    free(iad_array);
}

/* ---- SuperSpeed ---- */

int libusb_get_ss_endpoint_companion_descriptor(libusb_context *ctx, const struct libusb_endpoint_descriptor *endpoint,
                                                struct libusb_ss_endpoint_companion_descriptor **ep_comp)
{
    size_t offset = 0;

    (void)ctx;
    *ep_comp = NULL;
    for (const uint8_t *p; (p = descriptor_next(endpoint->extra, (size_t)endpoint->extra_length, &offset));) {
        if (!is_type(p, LIBUSB_DT_SS_ENDPOINT_COMPANION, 6))
            continue;
        *ep_comp = malloc(sizeof **ep_comp);
        if (!*ep_comp)
            return LIBUSB_ERROR_NO_MEM;
        **ep_comp = (struct libusb_ss_endpoint_companion_descriptor){p[0], p[1], p[2], p[3], (uint16_t)(p[4] | p[5] << 8)};
        return 0;
    }
    return LIBUSB_ERROR_NOT_FOUND;
}

void libusb_free_ss_endpoint_companion_descriptor(struct libusb_ss_endpoint_companion_descriptor *ep_comp)
{
    free(ep_comp);
}
