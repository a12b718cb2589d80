/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SYSCFG of an STM32H7: GPIO inputs port * 16 + pin, named outputs "exti" 0..15. */
#ifndef OPENMV_EMULATOR_STM32H7_SYSCFG_H
#define OPENMV_EMULATOR_STM32H7_SYSCFG_H

#include "stm32_periph.h"

#define TYPE_STM32H7_SYSCFG "stm32h7-syscfg"

#endif
