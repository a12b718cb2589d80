/* SPDX-License-Identifier: MIT */
/* SPI master, 8 bits, full duplex, polled. */
#ifndef STM32_SPI_H
#define STM32_SPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gpio.h"

/* Bus `id` (1-6): mode = CPOL << 1 | CPHA. The pins are the caller's. Returns the clock really set (the next power of two below), 0: no such
   bus, or slower than its slowest divider. */
uint32_t spi_init(unsigned id, uint32_t hz, unsigned mode, bool lsb_first);
void spi_deinit(unsigned id);

/* tx NULL: zeros are sent; rx NULL: what comes is dropped; tx == rx is allowed. Returns 0, or -110 (time-out). */
int spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t length);

/* The board's pins of that bus, NSS left out (a plain GPIO of the caller's). false: the board has no such bus. */
bool spi_configure_pins(unsigned id);

#endif
