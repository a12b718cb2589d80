/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A USB device that is a model in C, with nothing but its control endpoint: standard requests here, the others in its owner (USB 2.0 chapter 9). */
#ifndef OPENMV_EMULATOR_USB_FUNCTION_H
#define OPENMV_EMULATOR_USB_FUNCTION_H

#include "usb_port.h"

enum { USB_FUNCTION_BUFFER = 4096 };

/* A class request. OUT: `length` bytes of data are in `data`. IN: gives how many it wrote there, `length` at most. -1: stall. */
typedef int UsbFunctionRequest(void *owner, const uint8_t setup[8], uint8_t *data, unsigned length);

typedef struct UsbFunction {
    /* Filled by the owner. */
    UsbPort *port;
    void *owner;
    const uint8_t *device;              /* descriptors; the configuration with all that follows it */
    const uint8_t *configuration;
    const char *const *strings;         /* from index 1 on, NULL ends them */
    UsbFunctionRequest *request;
    void (*reset)(void *owner);         /* bus reset */

    uint8_t address, next_address, configured, alternate;
    uint8_t setup[8], data[USB_FUNCTION_BUFFER];
    unsigned length, position;          /* of the data stage */
    bool stalled, data1;
    enum { FUNCTION_IDLE, FUNCTION_IN, FUNCTION_OUT, FUNCTION_STATUS_IN } stage;
} UsbFunction;

/* Plugs it into its port instead of what was there, and pulls up. */
void usb_function_connect(UsbFunction *function);

#endif
