/* SPDX-License-Identifier: MIT */
/* I2C master: blocking transfers, every wait with a time-out. Used by machine.I2C and by the camera's control bus. */
#ifndef STM32_I2C_H
#define STM32_I2C_H

#include <stddef.h>
#include <stdint.h>
#include "gpio.h"

#define I2C_NO_STOP 1   /* the bus is kept: the next transfer of this bus starts with a repeated START */

/* Errors: negative errno values, so that they can be given to mp_raise_OSError(-error). */
#define I2C_E_NODEV (-19)   /* the address was not acknowledged */
#define I2C_E_IO (-5)       /* a data byte was not acknowledged, bus error, arbitration lost */
#define I2C_E_TIMEOUT (-110) /* clock stretched too long, or the bus is stuck */
#define I2C_E_ARGUMENT (-22) /* no such bus, or a speed out of range */

/* Bus `id` (1-4) on the board's pins for it (board.h), `hz` from 20000 to 1000000. Frees a bus that a slave holds (nine clocks). */
int i2c_init(unsigned id, uint32_t hz);

/* The same on other pins of that bus. */
int i2c_init_pins(unsigned id, uint32_t hz, pin_id scl, pin_id sda, unsigned alternate);
void i2c_deinit(unsigned id);

/* Transfers with a 7-bit address. `flags`: 0 or I2C_NO_STOP. Length 0 probes the address.
   Return 0, or one of I2C_E_*; after an error the bus is idle again. Time-out: 10 ms without progress, or what i2c_set_timeout says. */
int i2c_write(unsigned id, unsigned address, const void *data, size_t length, unsigned flags);
int i2c_read(unsigned id, unsigned address, void *data, size_t length, unsigned flags);
void i2c_set_timeout(unsigned id, uint32_t microseconds);

/* How many bytes of the last i2c_write were acknowledged. */
size_t i2c_written(unsigned id);

#endif
