/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GPIO port as the board and other devices see it (RM0433 section 11). */
#ifndef OPENMV_EMULATOR_STM32_GPIO_H
#define OPENMV_EMULATOR_STM32_GPIO_H

#include "stm32_periph.h"

#define TYPE_STM32_GPIO "stm32-gpio"

/*
 * Unnamed GPIO outputs 0..15: the levels on the pins. GPIO inputs named "drive" 0..15: what the board drives a pin with:
 * 0, 1, or a negative level to let it go (then the port's output or pull decides).
 */

/* Alternate function selected for a pin; -1 when the pin isn't in alternate function mode. */
int stm32_gpio_alternate(Stm32Periph *port, unsigned pin);

/* What the board drives a pin with: 0, 1, or -1 for nothing. */
int stm32_gpio_driven(Stm32Periph *port, unsigned pin);

/* Level on a pin now. */
bool stm32_gpio_level(Stm32Periph *port, unsigned pin);

#endif
