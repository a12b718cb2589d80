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

/* The core stands still with SLEEPDEEP set: Stop, or Standby if CPUCR wants that for all three domains. And it goes on. */
void stm32h7_pwr_sleep(Stm32Periph *pwr, bool asleep);

/* What ends Standby: the six wake-up pins (`ports`: GPIOA, GPIOC, GPIOI), one of which may have changed, or the RTC. */
void stm32h7_pwr_set_ports(Stm32Periph *pwr, Stm32Periph *const ports[3]);
void stm32h7_pwr_pins_changed(Stm32Periph *pwr);
void stm32h7_pwr_wake(Stm32Periph *pwr);

/* Is the reset under way the beginning of Standby? The core stays off after it, and memory loses what it held. */
bool stm32h7_pwr_enters_standby(Stm32Periph *pwr);

/* PWR_CR2.BREN: the backup SRAM keeps its content in Standby. */
bool stm32h7_pwr_backup_regulator(Stm32Periph *pwr);

/* SYSCFG_PWRCR.ODEN changed: scale 1 becomes 0. */
void stm32h7_pwr_set_overdrive(Stm32Periph *pwr, bool on);

#endif
