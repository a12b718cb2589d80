/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RCC itself, for the chip that wires it and for the device's own files. */
#ifndef OPENMV_EMULATOR_STM32H7_RCC_DEVICE_H
#define OPENMV_EMULATOR_STM32H7_RCC_DEVICE_H

#include "hw/clock.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32H7_RCC "stm32h7-rcc"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Rcc, STM32H7_RCC)

/* Oscillators and PLLs as found at the moment; 0 where off. */
typedef struct Stm32ClockTree {
    uint32_t hsi, hsi48, csi, hse, lse, lsi, per;
    uint32_t pll[3][3];                     /* [PLL1..3][P, Q, R] */
    uint32_t sys, cpu, hclk, pclk1, pclk2, pclk3, pclk4;
} Stm32ClockTree;

struct Stm32Rcc {
    Stm32Periph parent_obj;
    Clock *cpuclk;                          /* to the core and SysTick */
    Clock *mco1;                            /* what a pin in alternate function MCO1 shows */
    Clock *refclk;                          /* SysTick's other source: the core's clock / 8 */
    qemu_irq irq;
    uint32_t hse_hz, lse_hz;                /* crystals on the board (properties "hse-hz", "lse-hz"), 0: none */
    Stm32ResetCause cause;
    bool stopped;                           /* in Stop mode */
    uint32_t core_hz;                       /* what cpuclk was told */
    Stm32ClockTree tree;
    GPtrArray *peripherals;
    Stm32Periph *pwr, *flash;               /* whose settings must fit the frequency; set by the chip */
    MemoryRegion *gated[4];                 /* SRAM1, SRAM2, SRAM3, backup SRAM: what is seen while their clock is off */
    uint32_t complained_hz;                 /* the CPU frequency that was last complained about */
};

/* The RCC calls the peripheral's hooks when its reset bit or its clock changes. */
void stm32h7_rcc_attach(Stm32Rcc *rcc, Stm32Periph *p);

/* Voltage scale or wait states changed: checks them against the frequency again. */
void stm32h7_rcc_check(Stm32Rcc *rcc);

/* stm32h7_clocks.c: computes the tree from the registers. */
void stm32h7_clocks_compute(Stm32Rcc *rcc, Stm32ClockTree *tree);

/* Clock output 1 in Hz, 0: off. */
uint32_t stm32h7_clocks_mco1(Stm32Rcc *rcc);

/* True when the PLL's settings are within its ranges; otherwise says why not. */
bool stm32h7_clocks_pll_valid(Stm32Rcc *rcc, unsigned pll);

#endif
