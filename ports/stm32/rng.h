/* SPDX-License-Identifier: MIT */
/* True random numbers. */
#ifndef STM32_RNG_H
#define STM32_RNG_H

#include <stdint.h>

/* 32 random bits; waits at most 10 ms. */
uint32_t rng_get(void);

#endif
