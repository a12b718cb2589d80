/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others ask the power controller of an STM32H7 (RM0433 section 6). */
#ifndef OPENMV_EMULATOR_STM32H7_PWR_H
#define OPENMV_EMULATOR_STM32H7_PWR_H

#include "stm32_periph.h"

#define TYPE_STM32H7_PWR "stm32h7-pwr"

/* Voltage scale in use, 0 (fastest) to 3. */
unsigned stm32h7_pwr_voltage_scale(Stm32Periph *pwr);

/* Highest frequency of the core at that scale; AXI may run at half of it. */
uint32_t stm32h7_pwr_cpu_max_hz(Stm32Periph *pwr);

/* PWR_CR1.DBP: RTC, backup registers and RCC_BDCR may be written. */
bool stm32h7_pwr_backup_writable(Stm32Periph *pwr);

/* PWR_CR3.USB33DEN: the USB transceivers have their supply. */
bool stm32h7_pwr_usb_supply(Stm32Periph *pwr);

/* SYSCFG_PWRCR.ODEN changed: scale 1 becomes 0. */
void stm32h7_pwr_set_overdrive(Stm32Periph *pwr, bool on);

#endif
