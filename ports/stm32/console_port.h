/* SPDX-License-Identifier: MIT */
/* The console's side towards this port: start, tick, what stdio and the USB port ask, and who may have the UART's pins. */
#ifndef STM32_CONSOLE_PORT_H
#define STM32_CONSOLE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void console_init(void);
void console_tick(uint32_t ms);                             /* interrupt context, every millisecond */
void console_configure_pins(unsigned uart);                 /* the board's pins of that UART */

/* A script wants the console's UART, or a bus on its pins. true: it may have them until the next soft reset. false: the console is in
   use there. Any other pin: true. */
bool console_yield_uart(void);
bool console_yield_pin(unsigned pin);
void console_reset(void);                                   /* soft reset: the console has its UART again */

/* From usb_serial.c, in PendSV. */
void console_usb_changed(bool open, uint32_t baud);
size_t console_usb_room(void);                              /* how many bytes it takes now */
void console_usb_received(const uint8_t *bytes, size_t n);  /* no more than that */
void console_usb_sent(void);

#endif
