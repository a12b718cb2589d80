/* SPDX-License-Identifier: MIT */
/* The USB serial port (CDC-ACM): a sending ring that any context fills, received bytes handed to the console as far as it takes them. */
#ifndef STM32_USB_SERIAL_H
#define STM32_USB_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Its endpoints. */
enum { USB_SERIAL_NOTIFY = 0x81, USB_SERIAL_OUT = 0x02, USB_SERIAL_IN = 0x82 };

/* The host has opened the port: DTR is on and the bus is awake. Any context. */
bool usb_serial_is_open(void);

/* Queues for sending; returns how many bytes were taken. Never blocks. force: takes all, and drops the oldest for it. Any context. */
size_t usb_serial_write(const void *data, size_t length, bool force);
size_t usb_serial_room(void);

/* Something has not left the camera. */
bool usb_serial_is_sending(void);

/* Milliseconds for which the host has taken nothing of what waits. */
uint32_t usb_serial_stalled_ms(void);

/* Forgets what waits to be sent. */
void usb_serial_discard(void);

/* ---- PendSV only, for usb.c ---- */
void usb_serial_service(void);
void usb_serial_closed(void);

#endif
