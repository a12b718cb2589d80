/* SPDX-License-Identifier: MIT */
/* The list of devices: whom to ask, what has come and gone, and what is known of each. */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/run_folder.h"

#define LIST_MS      2000u /* a server that does not answer must not make the others wait long */
#define READ_MS      5000u /* as Linux waits for a descriptor */
#define MOST_SOURCES 32
#define FIRST_BUS    64 /* real ones have low numbers */

struct sources {
    char address[MOST_SOURCES][256];
    int n;
};

static void add_source(struct sources *sources, const char *address, size_t length)
{
    if (!length || length >= sizeof sources->address[0] || sources->n == MOST_SOURCES)
        return;
    memcpy(sources->address[sources->n], address, length);
    sources->address[sources->n++][length] = 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* $OMV_USBIP: addresses with commas between; or the sockets of the running emulated cameras. */
static void find_sources(struct sources *sources)
{
    const char *given = getenv("OMV_USBIP");
    char folder[200], path[512];
    struct dirent *entry;

    sources->n = 0;
    for (const char *p = given; p && *p;) {
        size_t n = strcspn(p, ",");
        add_source(sources, p, n);
        p += n + (p[n] == ',');
    }
    if (given)
        return;
    DIR *d = run_folder(folder, sizeof folder) || run_folder_check(folder) ? NULL : opendir(folder);
    while (d && (entry = readdir(d))) {
        size_t n = strlen(entry->d_name);
        if (n > 6 && !strcmp(entry->d_name + n - 6, ".usbip")) {
            int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            add_source(sources, path, (size_t)length);
        }
    }
    if (d)
        closedir(d);
    qsort(sources->address, (size_t)sources->n, sizeof sources->address[0], by_text);
}

/* ---- Descriptors of a device ---- */

static void forget_configs(struct libusb_device *device)
{
    for (int i = 0; i < device->config_count; i++)
        free(device->configs[i].bytes);
    device->config_count = 0;
}

static bool read_config(struct libusb_device *device, struct usbip *link, uint8_t index)
{
    uint8_t head[9];
    struct raw_config *config = &device->configs[index];

    if (usbip_control(link, 0x80, LIBUSB_REQUEST_GET_DESCRIPTOR, (uint16_t)(LIBUSB_DT_CONFIG << 8 | index), 0, head, sizeof head,
                      READ_MS) != (int)sizeof head ||
        head[1] != LIBUSB_DT_CONFIG)
        return false;
    uint16_t total = (uint16_t)(head[2] | head[3] << 8);
    if (total < sizeof head || !(config->bytes = malloc(total)))
        return false;
    int n = usbip_control(link, 0x80, LIBUSB_REQUEST_GET_DESCRIPTOR, (uint16_t)(LIBUSB_DT_CONFIG << 8 | index), 0, config->bytes, total,
                          READ_MS);
    if (n < (int)sizeof head) {
        free(config->bytes);
        return false;
    }
    config->size = (uint16_t)n;
    device->config_count = index + 1;
    return true;
}

bool device_describe(struct libusb_device *device, struct usbip *link)
{
    uint8_t bytes[18];

    if (device->described)
        return true;
    if (usbip_control(link, 0x80, LIBUSB_REQUEST_GET_DESCRIPTOR, LIBUSB_DT_DEVICE << 8, 0, bytes, sizeof bytes, READ_MS) !=
            (int)sizeof bytes ||
        bytes[1] != LIBUSB_DT_DEVICE)
        return false;
    memcpy(device->descriptor, bytes, sizeof bytes);
    for (uint8_t i = 0; i < bytes[17] && i < MOST_CONFIGS; i++)
        if (!read_config(device, link, i)) {
            forget_configs(device);
            return false;
        }
    device->described = true;
    return true;
}

/* What the list of the server tells, for a device that another program has. */
static void describe_from_list(struct libusb_device *device)
{
    const struct usbip_device *s = &device->seen;
    const uint8_t bytes[18] = {
        18,
        LIBUSB_DT_DEVICE,
        0x00,
        0x02,
        s->class_code,
        s->subclass,
        s->protocol,
        64,
        (uint8_t)s->vid,
        (uint8_t)(s->vid >> 8),
        (uint8_t)s->pid,
        (uint8_t)(s->pid >> 8),
        (uint8_t)s->bcd_device,
        (uint8_t)(s->bcd_device >> 8),
        0,
        0,
        0,
        s->configurations,
    };

    memcpy(device->descriptor, bytes, sizeof bytes);
}

static void read_descriptors(struct libusb_device *device)
{
    struct usbip *link;

    if (device->described || device->link || usbip_import(device->source, device->seen.bus_id, &link, NULL, READ_MS))
        return;
    device_describe(device, link);
    usbip_close(link);
}

/* ---- The list ---- */

/* "1-1.4": the ports after the bus. */
static void parse_ports(struct libusb_device *device)
{
    const char *p = strchr(device->seen.bus_id, '-');

    while (p && p[1] >= '0' && p[1] <= '9' && device->port_count < MOST_PORTS) {
        unsigned port = 0;
        for (p++; *p >= '0' && *p <= '9'; p++)
            port = (port * 10 + (unsigned)(*p - '0')) & 0xFF;
        device->ports[device->port_count++] = (uint8_t)port;
    }
}

/* A bus for each server: the lowest free number, kept as long as it has a device. */
static uint8_t choose_bus(struct libusb_context *context, const char *source)
{
    uint8_t bus = FIRST_BUS;

    for (struct libusb_device *d = context->devices; d; d = d->next)
        if (!strcmp(d->source, source))
            return d->bus;
    for (struct libusb_device *d = context->devices; d;)
        if (d->bus == bus) {
            bus++;
            d = context->devices;
        } else {
            d = d->next;
        }
    return bus;
}

static bool same(const struct libusb_device *d, const char *source, const struct usbip_device *found)
{
    return !strcmp(d->source, source) && !strcmp(d->seen.bus_id, found->bus_id) && d->seen.bus == found->bus &&
           d->seen.address == found->address && d->seen.vid == found->vid && d->seen.pid == found->pid &&
           d->seen.bcd_device == found->bcd_device;
}

static void arrive(struct libusb_context *context, const char *source, const struct usbip_device *found)
{
    struct libusb_device *device = calloc(1, sizeof *device), **last = &context->devices;

    if (!device)
        return;
    device->references = 1;
    device->context = context;
    device->attached = device->present = true;
    device->seen = *found;
    snprintf(device->source, sizeof device->source, "%s", source);
    device->bus = choose_bus(context, source);
    device->configuration = found->configuration;
    parse_ports(device);
    describe_from_list(device);
    read_descriptors(device);
    pthread_mutex_lock(&context->lock);
    while (*last)
        last = &(*last)->next;
    *last = device;
    pthread_mutex_unlock(&context->lock);
    log_line(context, LIBUSB_LOG_LEVEL_INFO, "device %04x:%04x at %s", found->vid, found->pid, source);
    hotplug_post(context, device, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED);
}

static void ask(struct libusb_context *context, const char *source)
{
    struct usbip_device found[USBIP_MOST_DEVICES];
    int n = usbip_list(source, found, USBIP_MOST_DEVICES, LIST_MS);

    if (n < 0 && n != -ECONNREFUSED && n != -ENOENT)
        log_line(context, LIBUSB_LOG_LEVEL_WARNING, "USB/IP server %s: %s", source, strerror(-n));
    /* One that is too busy to answer has not lost its devices. */
    for (struct libusb_device *d = context->devices; n == -ETIMEDOUT && d; d = d->next)
        d->present |= !strcmp(d->source, source);
    for (int i = 0; i < n; i++) {
        struct libusb_device *d = context->devices;
        while (d && !same(d, source, &found[i]))
            d = d->next;
        if (d) {
            d->present = true;
            read_descriptors(d);
        } else {
            arrive(context, source, &found[i]);
        }
    }
}

void devices_refresh(struct libusb_context *context)
{
    struct sources sources;

    if (context->no_discovery)
        return;
    pthread_mutex_lock(&context->refreshing);
    for (struct libusb_device *d = context->devices; d; d = d->next)
        d->present = false;
    find_sources(&sources);
    for (int i = 0; i < sources.n; i++)
        ask(context, sources.address[i]);
    for (struct libusb_device **p = &context->devices; *p;) {
        struct libusb_device *device = *p;
        if (device->present) {
            p = &device->next;
            continue;
        }
        pthread_mutex_lock(&context->lock);
        *p = device->next;
        device->attached = false;
        pthread_mutex_unlock(&context->lock);
        hotplug_post(context, device, LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT);
        libusb_unref_device(device);
    }
    pthread_mutex_unlock(&context->refreshing);
}

ssize_t libusb_get_device_list(libusb_context *ctx, libusb_device ***list)
{
    ssize_t n = 0;

    ctx = context_of(ctx);
    if (!ctx)
        return LIBUSB_ERROR_INVALID_PARAM;
    devices_refresh(ctx);
    pthread_mutex_lock(&ctx->lock);
    for (struct libusb_device *d = ctx->devices; d; d = d->next)
        n++;
    *list = calloc((size_t)n + 1, sizeof **list);
    if (*list) {
        n = 0;
        for (struct libusb_device *d = ctx->devices; d; d = d->next)
            (*list)[n++] = libusb_ref_device(d);
    }
    pthread_mutex_unlock(&ctx->lock);
    return *list ? n : LIBUSB_ERROR_NO_MEM;
}

void libusb_free_device_list(libusb_device **list, int unref_devices)
{
    for (libusb_device **p = list; unref_devices && p && *p; p++)
        libusb_unref_device(*p);
    free(list);
}

libusb_device *libusb_ref_device(libusb_device *dev)
{
    __atomic_add_fetch(&dev->references, 1, __ATOMIC_RELAXED);
    return dev;
}

void libusb_unref_device(libusb_device *dev)
{
    if (!dev || __atomic_sub_fetch(&dev->references, 1, __ATOMIC_ACQ_REL))
        return;
    forget_configs(dev);
    free(dev);
}

/* ---- What is known of it ---- */

int libusb_get_device_descriptor(libusb_device *dev, struct libusb_device_descriptor *desc)
{
    const uint8_t *p = dev->descriptor;

    *desc = (struct libusb_device_descriptor){
        .bLength = p[0],
        .bDescriptorType = p[1],
        .bcdUSB = (uint16_t)(p[2] | p[3] << 8),
        .bDeviceClass = p[4],
        .bDeviceSubClass = p[5],
        .bDeviceProtocol = p[6],
        .bMaxPacketSize0 = p[7],
        .idVendor = (uint16_t)(p[8] | p[9] << 8),
        .idProduct = (uint16_t)(p[10] | p[11] << 8),
        .bcdDevice = (uint16_t)(p[12] | p[13] << 8),
        .iManufacturer = p[14],
        .iProduct = p[15],
        .iSerialNumber = p[16],
        .bNumConfigurations = p[17],
    };
    return 0;
}

uint8_t libusb_get_bus_number(libusb_device *dev)
{
    return dev->bus;
}

uint8_t libusb_get_device_address(libusb_device *dev)
{
    return (uint8_t)dev->seen.address;
}

uint8_t libusb_get_port_number(libusb_device *dev)
{
    return dev->port_count ? dev->ports[dev->port_count - 1] : 0;
}

int libusb_get_port_numbers(libusb_device *dev, uint8_t *port_numbers, int port_numbers_len)
{
    if (port_numbers_len <= 0)
        return LIBUSB_ERROR_INVALID_PARAM;
    if (port_numbers_len < dev->port_count)
        return LIBUSB_ERROR_OVERFLOW;
    memcpy(port_numbers, dev->ports, (size_t)dev->port_count);
    return dev->port_count;
}

int libusb_get_port_path(libusb_context *ctx, libusb_device *dev, uint8_t *path, uint8_t path_length)
{
    (void)ctx;
    return libusb_get_port_numbers(dev, path, path_length);
}

libusb_device *libusb_get_parent(libusb_device *dev)
{
    (void)dev;
    return NULL; /* hubs are not shown */
}

int libusb_get_device_speed(libusb_device *dev)
{
    /* Linux's numbers, which USB/IP uses */
    static const int speeds[] = {LIBUSB_SPEED_UNKNOWN, LIBUSB_SPEED_LOW,   LIBUSB_SPEED_FULL,      LIBUSB_SPEED_HIGH,
                                 LIBUSB_SPEED_UNKNOWN, LIBUSB_SPEED_SUPER, LIBUSB_SPEED_SUPER_PLUS};

    return dev->seen.speed < sizeof speeds / sizeof *speeds ? speeds[dev->seen.speed] : LIBUSB_SPEED_UNKNOWN;
}
