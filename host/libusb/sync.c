/* SPDX-License-Identifier: MIT */
/* Synchronous transfers: an asynchronous one, and handling events until it is done. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static void set_flag(struct libusb_transfer *transfer)
{
    /* Another thread may wait for it; the transfer is its own again from here on. */
    __atomic_store_n((int *)transfer->user_data, 1, __ATOMIC_RELEASE);
}

static int error_of(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return 0;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return LIBUSB_ERROR_TIMEOUT;
    case LIBUSB_TRANSFER_STALL:
        return LIBUSB_ERROR_PIPE;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return LIBUSB_ERROR_NO_DEVICE;
    case LIBUSB_TRANSFER_OVERFLOW:
        return LIBUSB_ERROR_OVERFLOW;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_CANCELLED:
        return LIBUSB_ERROR_IO;
    }
    return LIBUSB_ERROR_OTHER;
}

/* Submits it and waits for its end: 0, or an error; it can be freed in both cases. */
static int run(struct libusb_transfer *transfer)
{
    struct libusb_context *context = transfer->dev_handle->device->context;
    int completed = 0;

    transfer->user_data = &completed;
    transfer->callback = set_flag;
    int error = libusb_submit_transfer(transfer);
    if (error)
        return error;
    while (!__atomic_load_n(&completed, __ATOMIC_ACQUIRE)) {
        error = libusb_handle_events_completed(context, &completed);
        if (error < 0 && error != LIBUSB_ERROR_INTERRUPTED)
            libusb_cancel_transfer(transfer);
    }
    return error_of(transfer->status);
}

int libusb_control_transfer(libusb_device_handle *dev_handle, uint8_t bmRequestType, uint8_t bRequest, uint16_t wValue, uint16_t wIndex,
                            unsigned char *data, uint16_t wLength, unsigned int timeout)
{
    if (events_in_callback(dev_handle->device->context))
        return LIBUSB_ERROR_BUSY;
    struct libusb_transfer *transfer = libusb_alloc_transfer(0);
    unsigned char *buffer = malloc(LIBUSB_CONTROL_SETUP_SIZE + wLength);
    int result = LIBUSB_ERROR_NO_MEM;

    if (transfer && buffer) {
        libusb_fill_control_setup(buffer, bmRequestType, bRequest, wValue, wIndex, wLength);
        if (!(bmRequestType & LIBUSB_ENDPOINT_IN) && wLength)
            memcpy(buffer + LIBUSB_CONTROL_SETUP_SIZE, data, wLength);
        libusb_fill_control_transfer(transfer, dev_handle, buffer, NULL, NULL, timeout);
        result = run(transfer);
        if (!result)
            result = transfer->actual_length;
        if (bmRequestType & LIBUSB_ENDPOINT_IN && result > 0)
            memcpy(data, buffer + LIBUSB_CONTROL_SETUP_SIZE, (size_t)result);
    }
    free(buffer);
    libusb_free_transfer(transfer);
    return result;
}

static int transfer_data(libusb_device_handle *dev_handle, unsigned char type, unsigned char endpoint, unsigned char *data, int length,
                         int *transferred, unsigned int timeout)
{
    if (events_in_callback(dev_handle->device->context))
        return LIBUSB_ERROR_BUSY;
    struct libusb_transfer *transfer = libusb_alloc_transfer(0);

    if (!transfer)
        return LIBUSB_ERROR_NO_MEM;
    libusb_fill_bulk_transfer(transfer, dev_handle, endpoint, data, length, NULL, NULL, timeout);
    transfer->type = type;
    int error = run(transfer);
    if (transferred)
        *transferred = transfer->actual_length;
    libusb_free_transfer(transfer);
    return error;
}

int libusb_bulk_transfer(libusb_device_handle *dev_handle, unsigned char endpoint, unsigned char *data, int length, int *transferred,
                         unsigned int timeout)
{
    return transfer_data(dev_handle, LIBUSB_TRANSFER_TYPE_BULK, endpoint, data, length, transferred, timeout);
}

int libusb_interrupt_transfer(libusb_device_handle *dev_handle, unsigned char endpoint, unsigned char *data, int length, int *transferred,
                              unsigned int timeout)
{
    return transfer_data(dev_handle, LIBUSB_TRANSFER_TYPE_INTERRUPT, endpoint, data, length, transferred, timeout);
}
