/* SPDX-License-Identifier: MIT */
/* The bootloader on this chip: the parts of its struct boot_port. boot_main.c has the rest, and puts them together. */
#ifndef STM32_BOOT_STM32_H
#define STM32_BOOT_STM32_H

#include "boot/boot.h"
#include "stm32h743.h"

extern struct boot boot;

/* Milliseconds since the start, and sleep until the next interrupt if `idle()` still says so with interrupts off. */
uint32_t boot_time_ms(void *context);
void boot_sleep_if(bool (*idle)(void));

/* A watchdog that runs since the reset (an option byte can make it so) must never reset us in the middle of an erase. No effect when none runs. */
static inline void boot_feed_watchdog(void) { IWDG->KR = 0xAAAA; }

/* Flash (boot_flash.c): as boot_port.h says. The bootloader's own partition is refused. */
int boot_flash_read(void *context, uint32_t address, void *data, size_t size);
int boot_flash_erase(void *context, uint32_t address, uint32_t size);
int boot_flash_program(void *context, uint32_t address, const void *data, size_t size);

/* USB (boot_usb.c): as boot_port.h says. boot_usb_serve is the part of a turn that may run in the middle of an erase. */
void boot_usb_pull(void *context, bool up);
bool boot_usb_poll(void *context);
bool boot_usb_busy(void *context);
void boot_usb_serve(void);
void boot_usb_interrupt(void);

#endif
