/* SPDX-License-Identifier: MIT */
/* What the machine module's classes share and what the soft reset asks of them. */
#ifndef STM32_MACHINE_PORT_H
#define STM32_MACHINE_PORT_H

#include "gpio.h"
#include "py/obj.h"

extern const mp_obj_type_t machine_pin_type, machine_led_type, machine_rtc_type, machine_flash_type;

void machine_pin_init(void);    /* a session begins: no handlers of the last one */
void machine_uart_reset(void);  /* UARTs opened by scripts are closed */

/* Resolves a Pin object, or a pin's name ("P0", "PB10", "LED_RED"); raises ValueError. */
uint32_t machine_pin_get_id(mp_obj_t pin);

/* Alternate function `AF` of `pin` whose name is exactly `function` ("TIM4_CH1"); -1: the pin has none of that name. */
int machine_pin_find_alternate(pin_id pin, const char *function);

#endif
