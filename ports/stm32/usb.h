/* SPDX-License-Identifier: MIT */
/* The camera as a USB device: a serial port (usb_serial.h) and the internal disk as a drive (usb_disk.c), on TinyUSB.

   Everything of TinyUSB runs in one context, PendSV: the interrupt only fills its event queue (dcd_int_handler) and asks for PENDSV_USB.
   So enumeration, control requests and the drive go on beside any script, and no lock is needed. Main context meets USB at two places:
   the sending ring of the serial port, and the disk's journal, before which PENDSV_USB waits (storage_busy). While flash is erased
   (up to 2 s, interrupts off) the controller answers NAK by itself, and loses nothing; a camera that is plugged in meanwhile joins the bus
   when it can answer (usb_device_evade_reset). */
#ifndef STM32_USB_H
#define STM32_USB_H

#include <stdbool.h>

/* Connects. The clocks, the disk and the console are up. Main context, once. */
void usb_start(void);

/* The host has suspended the bus, or the cable has gone and the board can't see it. Any context. */
bool usb_is_suspended(void);

/* Before a reset: what was printed leaves the camera (at most `ms`), then the camera leaves the bus, long enough for a host to see it. */
void usb_leave(unsigned ms);

#endif
