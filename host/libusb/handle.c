/* SPDX-License-Identifier: MIT */
/* Open devices. The handles that a process has on one device share a connection, for a server gives a device only once. */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS    2000u /* another program may just be looking at its descriptors */
#define IMPORT_MS  5000u
#define REQUEST_MS 5000u /* as Linux waits; a bootloader that erases answers SET_INTERFACE when it has done so */

static int connect_device(struct libusb_device *device)
{
    struct usbip_device found;
    uint64_t end = usbip_now() + BUSY_MS;
    int status;

    while ((status = usbip_import(device->source, device->seen.bus_id, &device->link, &found, IMPORT_MS)) == -EBUSY && usbip_now() < end)
        poll(NULL, 0, 10);
    if (status)
        return error_of_status(status);
    /* A camera that was reset since is another device. */
    if (found.vid != device->seen.vid || found.pid != device->seen.pid || found.address != device->seen.address) {
        usbip_close(device->link);
        device->link = NULL;
        return LIBUSB_ERROR_NO_DEVICE;
    }
    device_describe(device, device->link);
    return 0;
}

int libusb_open(libusb_device *dev, libusb_device_handle **dev_handle)
{
    struct libusb_context *context = dev->context;
    libusb_device_handle *handle = calloc(1, sizeof *handle);
    int error = 0;

    if (!handle)
        return LIBUSB_ERROR_NO_MEM;
    pthread_mutex_lock(&context->refreshing);
    if (!dev->attached)
        error = LIBUSB_ERROR_NO_DEVICE;
    else if (!dev->handles)
        error = connect_device(dev);
    if (!error) {
        pthread_mutex_lock(&context->lock);
        if (!dev->handles++) {
            dev->next_open = context->open;
            context->open = dev;
            events_watch(context, dev);
        }
        pthread_mutex_unlock(&context->lock);
        handle->device = libusb_ref_device(dev);
        *dev_handle = handle;
    }
    pthread_mutex_unlock(&context->refreshing);
    if (error) {
        log_line(context, LIBUSB_LOG_LEVEL_ERROR, "device %04x:%04x at %s cannot be opened: %s", dev->seen.vid, dev->seen.pid, dev->source,
                 libusb_error_name(error));
        free(handle);
    }
    return error;
}

int libusb_wrap_sys_device(libusb_context *ctx, intptr_t sys_dev, libusb_device_handle **dev_handle)
{
    (void)ctx;
    (void)sys_dev;
    (void)dev_handle;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

libusb_device_handle *libusb_open_device_with_vid_pid(libusb_context *ctx, uint16_t vendor_id, uint16_t product_id)
{
    libusb_device_handle *handle = NULL;
    libusb_device **list;
    ssize_t n = libusb_get_device_list(ctx, &list);

    for (ssize_t i = 0; i < n && !handle; i++)
        if (list[i]->seen.vid == vendor_id && list[i]->seen.pid == product_id && libusb_open(list[i], &handle))
            handle = NULL;
    if (n >= 0)
        libusb_free_device_list(list, 1);
    return handle;
}

/* As Linux: the first setting is chosen again. With `lock` held. */
static void release(struct libusb_device *device, int interface)
{
    device->owner[interface] = NULL;
    if (device->alternate[interface])
        usbip_control(device->link, 0x01, LIBUSB_REQUEST_SET_INTERFACE, 0, (uint16_t)interface, NULL, 0, REQUEST_MS);
    device->alternate[interface] = 0;
}

static void disconnect(struct libusb_context *context, struct libusb_device *device)
{
    struct libusb_device **p = &context->open;

    while (*p != device)
        p = &(*p)->next_open;
    *p = device->next_open;
    events_unwatch(context, device);
    usbip_close(device->link);
    device->link = NULL;
    memset(device->alternate, 0, sizeof device->alternate);
}

void libusb_close(libusb_device_handle *dev_handle)
{
    if (!dev_handle)
        return;
    struct libusb_device *device = dev_handle->device;
    struct libusb_context *context = device->context;
    bool inside = events_in_callback(context);

    /* Nobody handles events of this handle from here on. */
    if (!inside) {
        __atomic_add_fetch(&context->closing, 1, __ATOMIC_SEQ_CST);
        events_wake(context);
        libusb_lock_events(context);
    }
    pthread_mutex_lock(&context->lock);
    transfers_forget(context, dev_handle);
    for (int i = 0; i < MOST_INTERFACES; i++)
        if (device->owner[i] == dev_handle)
            release(device, i);
    if (!--device->handles)
        disconnect(context, device);
    events_arm_timer(context);
    pthread_mutex_unlock(&context->lock);
    if (!inside) {
        __atomic_sub_fetch(&context->closing, 1, __ATOMIC_SEQ_CST);
        libusb_unlock_events(context);
    }
    free(dev_handle);
    libusb_unref_device(device);
}

libusb_device *libusb_get_device(libusb_device_handle *dev_handle)
{
    return dev_handle->device;
}

/* ---- Configuration and interfaces ---- */

int libusb_get_configuration(libusb_device_handle *dev, int *config)
{
    if (!dev->device->attached)
        return LIBUSB_ERROR_NO_DEVICE;
    *config = dev->device->configuration;
    return 0;
}

int libusb_set_configuration(libusb_device_handle *dev_handle, int configuration)
{
    struct libusb_device *device = dev_handle->device;

    if (configuration < -1 || configuration > UINT8_MAX)
        return LIBUSB_ERROR_INVALID_PARAM;
    for (int i = 0; i < MOST_INTERFACES; i++)
        if (device->owner[i])
            return LIBUSB_ERROR_BUSY;
    uint16_t value = configuration < 0 ? 0 : (uint16_t)configuration;
    int n = libusb_control_transfer(dev_handle, 0x00, LIBUSB_REQUEST_SET_CONFIGURATION, value, 0, NULL, 0, REQUEST_MS);
    if (n < 0)
        return n == LIBUSB_ERROR_PIPE ? LIBUSB_ERROR_NOT_FOUND : n;
    device->configuration = (uint8_t)value;
    memset(device->alternate, 0, sizeof device->alternate);
    return 0;
}

static bool has_interface(struct libusb_device *device, int number, int setting)
{
    for (int i = 0; i < device->config_count; i++) {
        const struct raw_config *config = &device->configs[i];
        size_t offset = 0;

        if (config->bytes[5] != device->configuration)
            continue;
        for (const uint8_t *p; (p = descriptor_next(config->bytes, config->size, &offset));)
            if (p[1] == LIBUSB_DT_INTERFACE && p[0] >= 9 && p[2] == number && (setting < 0 || p[3] == setting))
                return true;
    }
    return false;
}

int libusb_claim_interface(libusb_device_handle *dev_handle, int interface_number)
{
    struct libusb_device *device = dev_handle->device;
    int error = 0;

    if (interface_number < 0 || interface_number >= MOST_INTERFACES)
        return LIBUSB_ERROR_INVALID_PARAM;
    if (!device->attached)
        return LIBUSB_ERROR_NO_DEVICE;
    pthread_mutex_lock(&device->context->lock);
    libusb_device_handle *owner = device->owner[interface_number];
    if (!has_interface(device, interface_number, -1))
        error = LIBUSB_ERROR_NOT_FOUND;
    else if (owner && owner != dev_handle)
        error = LIBUSB_ERROR_BUSY;
    else
        device->owner[interface_number] = dev_handle;
    pthread_mutex_unlock(&device->context->lock);
    return error;
}

int libusb_release_interface(libusb_device_handle *dev_handle, int interface_number)
{
    struct libusb_device *device = dev_handle->device;

    if (interface_number < 0 || interface_number >= MOST_INTERFACES)
        return LIBUSB_ERROR_INVALID_PARAM;
    if (!device->attached)
        return LIBUSB_ERROR_NO_DEVICE;
    pthread_mutex_lock(&device->context->lock);
    bool mine = device->owner[interface_number] == dev_handle;
    if (mine)
        release(device, interface_number);
    events_watch(device->context, device);
    pthread_mutex_unlock(&device->context->lock);
    return mine ? 0 : LIBUSB_ERROR_NOT_FOUND;
}

int libusb_set_interface_alt_setting(libusb_device_handle *dev_handle, int interface_number, int alternate_setting)
{
    struct libusb_device *device = dev_handle->device;

    if (interface_number < 0 || interface_number >= MOST_INTERFACES || alternate_setting < 0 || alternate_setting > UINT8_MAX)
        return LIBUSB_ERROR_INVALID_PARAM;
    if (!device->attached)
        return LIBUSB_ERROR_NO_DEVICE;
    if (device->owner[interface_number] != dev_handle || !has_interface(device, interface_number, alternate_setting))
        return LIBUSB_ERROR_NOT_FOUND;
    int n = libusb_control_transfer(dev_handle, 0x01, LIBUSB_REQUEST_SET_INTERFACE, (uint16_t)alternate_setting, (uint16_t)interface_number,
                                    NULL, 0, REQUEST_MS);
    /* A device with one setting may stall; the setting is the one it has. */
    if (n == LIBUSB_ERROR_PIPE && !alternate_setting && !has_interface(device, interface_number, 1))
        n = 0;
    if (n < 0)
        return n;
    device->alternate[interface_number] = (uint8_t)alternate_setting;
    return 0;
}

int libusb_clear_halt(libusb_device_handle *dev_handle, unsigned char endpoint)
{
    int n = libusb_control_transfer(dev_handle, 0x02, LIBUSB_REQUEST_CLEAR_FEATURE, 0, endpoint, NULL, 0, REQUEST_MS);

    return n == LIBUSB_ERROR_PIPE ? LIBUSB_ERROR_NOT_FOUND : n < 0 ? n : 0;
}

/* Linux's server, and ours, know a reset of the port by the request that would go to the hub. */
int libusb_reset_device(libusb_device_handle *dev_handle)
{
    struct libusb_device *device = dev_handle->device;
    int n = libusb_control_transfer(dev_handle, 0x23, LIBUSB_REQUEST_SET_FEATURE, 4 /* PORT_RESET */, 1, NULL, 0, REQUEST_MS);

    /* Not the same device any more: a bootloader that left, for instance. */
    if (n == LIBUSB_ERROR_NO_DEVICE)
        return LIBUSB_ERROR_NOT_FOUND;
    memset(device->alternate, 0, sizeof device->alternate);
    return n < 0 ? n : 0;
}

/* ---- What the kernel would do with a real device; nobody does with an emulated one ---- */

int libusb_kernel_driver_active(libusb_device_handle *dev_handle, int interface_number)
{
    (void)interface_number;
    return dev_handle->device->attached ? 0 : LIBUSB_ERROR_NO_DEVICE;
}

int libusb_detach_kernel_driver(libusb_device_handle *dev_handle, int interface_number)
{
    (void)interface_number;
    return dev_handle->device->attached ? LIBUSB_ERROR_NOT_FOUND : LIBUSB_ERROR_NO_DEVICE;
}

int libusb_attach_kernel_driver(libusb_device_handle *dev_handle, int interface_number)
{
    return libusb_detach_kernel_driver(dev_handle, interface_number);
}

int libusb_set_auto_detach_kernel_driver(libusb_device_handle *dev_handle, int enable)
{
    (void)dev_handle;
    (void)enable;
    return 0;
}

int libusb_alloc_streams(libusb_device_handle *dev_handle, uint32_t num_streams, unsigned char *endpoints, int num_endpoints)
{
    (void)dev_handle;
    (void)num_streams;
    (void)endpoints;
    (void)num_endpoints;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

int libusb_free_streams(libusb_device_handle *dev_handle, unsigned char *endpoints, int num_endpoints)
{
    (void)dev_handle;
    (void)endpoints;
    (void)num_endpoints;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}

/* Callers take malloc when there is no memory of the device's. */
unsigned char *libusb_dev_mem_alloc(libusb_device_handle *dev_handle, size_t length)
{
    (void)dev_handle;
    (void)length;
    return NULL;
}

int libusb_dev_mem_free(libusb_device_handle *dev_handle, unsigned char *buffer, size_t length)
{
    (void)dev_handle;
    (void)buffer;
    (void)length;
    return LIBUSB_ERROR_NOT_SUPPORTED;
}
