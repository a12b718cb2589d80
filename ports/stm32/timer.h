/* SPDX-License-Identifier: MIT */
/* Timers: PWM outputs (machine.PWM, the camera's clock). machine.Timer is MicroPython's soft timer and needs none of them. */
#ifndef STM32_TIMER_H
#define STM32_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include "gpio.h"

/* PWM on timer `id` (1-5, 8, 12-17), channel 1-4. The timer's clock comes on; the pin is not touched (gpio_alternate does that).
   Returns the frequency really set (the nearest that the divider gives), or 0 when there is no such timer/channel or hz is out of range. */
uint32_t timer_pwm_start(unsigned id, unsigned channel, uint32_t hz, uint32_t duty_u16);
void timer_pwm_stop(unsigned id, unsigned channel);
void timer_pwm_set_duty(unsigned id, unsigned channel, uint32_t duty_u16);

/* Input clock of a timer in Hz. */
uint32_t timer_clock(unsigned id);

/* All timers started by scripts off: called by a soft reset. Timers marked by timer_keep() stay on (the camera's clock). */
void timer_keep(unsigned id, bool keep);
void timer_reset(void);

/* The counter's registers, for what the above does not cover; NULL: no such timer. */
struct tim_regs *timer_registers(unsigned id);

#endif
