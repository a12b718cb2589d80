/* SPDX-License-Identifier: MIT */
/* What the core's tick calls; implemented in main.c. */
#ifndef STM32_SYSTEM_HOOKS_H
#define STM32_SYSTEM_HOOKS_H

#include <stdint.h>

void system_tick_hook(uint32_t ms); /* interrupt context, every millisecond */

#endif
