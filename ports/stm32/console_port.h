/* SPDX-License-Identifier: MIT */
/* The console's side towards this port: start, tick, and what stdio asks. */
#ifndef STM32_CONSOLE_PORT_H
#define STM32_CONSOLE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void console_init(void);
void console_tick(uint32_t ms);                             /* interrupt context, every millisecond */
bool console_print(const char *text, size_t length);        /* true: the hook took it */
void console_configure_pins(unsigned uart);                 /* the board's pins of that UART */
bool console_owns_pin(unsigned pin);                        /* a bus on the console's pins would cut the console off */

#endif
