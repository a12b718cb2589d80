/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks, gates and resets of an STM32H7, as other devices see them (RM0433 section 8). */
#ifndef OPENMV_EMULATOR_STM32H7_RCC_H
#define OPENMV_EMULATOR_STM32H7_RCC_H

#include "qemu/osdep.h"

typedef struct Stm32Rcc Stm32Rcc;

/* One peripheral's enable bit and reset bit: offset of the ENR and of the RSTR register in the RCC, and the bit in both. */
typedef struct Stm32Gate {
    uint16_t enable;            /* 0: always clocked */
    uint16_t reset;             /* 0: no reset bit */
    uint8_t bit;
} Stm32Gate;

/* Where a peripheral's kernel clock comes from. The muxes are read from D1CCIPR, D2CCIP1R, D2CCIP2R, D3CCIPR, CFGR. */
typedef enum Stm32Kernel {
    KERNEL_BUS_APB1, KERNEL_BUS_APB2, KERNEL_BUS_APB3, KERNEL_BUS_APB4, KERNEL_BUS_AHB,
    KERNEL_TIM_APB1, KERNEL_TIM_APB2,       /* timers: x1, x2 or x4 of the bus by TIMPRE */
    KERNEL_USART16, KERNEL_USART234578, KERNEL_LPUART1,
    KERNEL_I2C123, KERNEL_I2C4, KERNEL_SPI123, KERNEL_SPI45, KERNEL_SPI6,
    KERNEL_ADC, KERNEL_RNG, KERNEL_USB, KERNEL_SDMMC, KERNEL_QSPI, KERNEL_FMC, KERNEL_FDCAN,
    KERNEL_LPTIM1, KERNEL_LPTIM2, KERNEL_LPTIM345, KERNEL_SAI1, KERNEL_CEC, KERNEL_LSI, KERNEL_RTC,
} Stm32Kernel;

/* What resets the chip; it decides what survives and which flags RCC_RSR shows. */
typedef enum Stm32ResetCause {
    RESET_POWER, RESET_PIN, RESET_SOFTWARE, RESET_IWDG, RESET_WWDG,
    RESET_STANDBY,              /* into Standby, and out of it: the core's domain has had no power */
} Stm32ResetCause;

/* Frequency in Hz, 0 when the selected source is off. */
uint32_t stm32h7_rcc_kernel_hz(Stm32Rcc *rcc, Stm32Kernel kernel);
uint32_t stm32h7_rcc_cpu_hz(Stm32Rcc *rcc);

/* Is the peripheral's clock enabled? */
bool stm32h7_rcc_enabled(Stm32Rcc *rcc, Stm32Gate gate);

/* Asks for a reset of the whole chip, once the current instruction is over. */
void stm32h7_rcc_request_reset(Stm32Rcc *rcc, Stm32ResetCause cause);

/* The cause of the next reset (or of the one under way), for the machine. */
void stm32h7_rcc_set_cause(Stm32Rcc *rcc, Stm32ResetCause cause);

/* Stop mode: nothing runs but the LSI, the LSE and, for kernel clocks that want it, HSI and CSI. Afterwards the core is on HSI or CSI. */
void stm32h7_rcc_stop(Stm32Rcc *rcc, bool stopped);
bool stm32h7_rcc_stopped(Stm32Rcc *rcc);

/* Is the reset under way a power-on? Backup domain and SRAM survive all the others. */
bool stm32h7_rcc_power_on(Stm32Rcc *rcc);

#endif
