/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pins a board has soldered to a peripheral's signals: a signal is there only while its pin's alternate function is selected. */
#ifndef OPENMV_EMULATOR_STM32_PINS_H
#define OPENMV_EMULATOR_STM32_PINS_H

#include "stm32_gpio.h"

typedef struct Stm32Pin {
    Stm32Periph *port;          /* NULL: not checked */
    uint8_t pin, function;
    const char *name;           /* for messages: "PE4" */
} Stm32Pin;

static inline bool stm32_pin_routed(const Stm32Pin *pin)
{
    return !pin->port || stm32_gpio_alternate(pin->port, pin->pin) == pin->function;
}

/* stm32-dcmi: D0 to D7, then these three. Bits whose pins aren't routed read 0; without the others there are no frames. */
enum { DCMI_PIN_HSYNC = 8, DCMI_PIN_VSYNC, DCMI_PIN_PIXCLK, DCMI_PINS };
void stm32_dcmi_set_pins(Stm32Periph *dcmi, const Stm32Pin pins[DCMI_PINS]);

/* stm32-i2c: SCL and SDA. Without them nobody answers. */
void stm32_i2c_set_pins(Stm32Periph *i2c, const Stm32Pin pins[2]);

/* Any sensor: where its clock comes from. */
void sensor_set_clock_pin(DeviceState *sensor, const Stm32Pin *pin);

/* A USART's receive and transmit pins. Without them the chardev is joined to whatever pins the firmware chose. */
void stm32_usart_set_pins(Stm32Periph *usart, const Stm32Pin pins[2]);

#endif
