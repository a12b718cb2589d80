/* SPDX-License-Identifier: MIT */
/* Pins: a pin is one byte, port << 4 | number, so PB10 is PIN('B', 10). */
#ifndef STM32_GPIO_H
#define STM32_GPIO_H

#include <stdbool.h>
#include <stdint.h>
#include "stm32h743.h"

typedef uint8_t pin_id;
#define PIN(port, number) ((pin_id)((((port) - 'A') << 4) | (number)))
#define PIN_NONE ((pin_id)0xFF)

enum gpio_mode { GPIO_MODE_INPUT, GPIO_MODE_OUTPUT, GPIO_MODE_ALTERNATE, GPIO_MODE_ANALOG };
enum gpio_pull { GPIO_PULL_NONE, GPIO_PULL_UP, GPIO_PULL_DOWN };
enum gpio_speed { GPIO_SPEED_LOW, GPIO_SPEED_MEDIUM, GPIO_SPEED_HIGH, GPIO_SPEED_VERY_HIGH };

struct gpio_config {
    uint8_t mode;       /* enum gpio_mode */
    uint8_t pull;       /* enum gpio_pull */
    uint8_t speed;      /* enum gpio_speed */
    bool open_drain;
    uint8_t alternate;  /* 0-15, with GPIO_MODE_ALTERNATE */
};

/* Turns the port's clock on and configures the pin without a glitch: the alternate function, pull and type are set before the mode. */
void gpio_configure(pin_id pin, const struct gpio_config *config);

/* The common cases. */
void gpio_output(pin_id pin, bool level);   /* push-pull, driven to `level` from the first moment */
void gpio_input(pin_id pin, enum gpio_pull pull);
void gpio_alternate(pin_id pin, unsigned alternate, enum gpio_pull pull, bool open_drain); /* very high speed; open drain: medium */
unsigned gpio_get_mode(pin_id pin);

/* The clock of the pin's port on: before anything below touches a port that was never configured. */
void gpio_clock(pin_id pin);

static inline struct gpio_regs *gpio_port(pin_id pin) { return GPIO_PORT(pin >> 4); }
static inline void gpio_write(pin_id pin, bool level) { gpio_port(pin)->BSRR = BIT((pin & 15) + (level ? 0 : 16)); }
static inline bool gpio_read(pin_id pin) { return (gpio_port(pin)->IDR >> (pin & 15)) & 1; }
static inline bool gpio_read_output(pin_id pin) { return (gpio_port(pin)->ODR >> (pin & 15)) & 1; }

/* Interrupt on an edge. One pin per line (pin number); the handler runs in interrupt context at IRQ_PRIORITY_PIN. */
enum gpio_edge { GPIO_EDGE_NONE, GPIO_EDGE_RISING = 1, GPIO_EDGE_FALLING = 2, GPIO_EDGE_BOTH = 3 };
typedef void (*gpio_handler)(pin_id pin, void *context);
void gpio_set_interrupt(pin_id pin, enum gpio_edge edge, gpio_handler handler, void *context); /* GPIO_EDGE_NONE: off */

/* Every pin interrupt off: called by a soft reset. */
void gpio_reset_interrupts(void);

#endif
