/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RCC itself, for the chip that wires it and for the device's own files. */
#ifndef OPENMV_EMULATOR_STM32H7_RCC_DEVICE_H
#define OPENMV_EMULATOR_STM32H7_RCC_DEVICE_H

#include "hw/clock.h"
#include "stm32_periph.h"

#define TYPE_STM32H7_RCC "stm32h7-rcc"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Rcc, STM32H7_RCC)

/* Register offsets, RM0433 section 8.7. */
enum {
    RCC_CR = 0x00, RCC_HSICFGR = 0x04, RCC_CRRCR = 0x08, RCC_CSICFGR = 0x0c, RCC_CFGR = 0x10,
    RCC_D1CFGR = 0x18, RCC_D2CFGR = 0x1c, RCC_D3CFGR = 0x20, RCC_PLLCKSELR = 0x28, RCC_PLLCFGR = 0x2c,
    RCC_PLL1DIVR = 0x30, RCC_PLL1FRACR = 0x34, RCC_D1CCIPR = 0x4c, RCC_D2CCIP1R = 0x50, RCC_D2CCIP2R = 0x54,
    RCC_D3CCIPR = 0x58, RCC_CIER = 0x60, RCC_CIFR = 0x64, RCC_CICR = 0x68, RCC_BDCR = 0x70, RCC_CSR = 0x74,
    RCC_AHB3RSTR = 0x7c, RCC_AHB1RSTR = 0x80, RCC_AHB2RSTR = 0x84, RCC_AHB4RSTR = 0x88, RCC_APB3RSTR = 0x8c,
    RCC_APB1LRSTR = 0x90, RCC_APB1HRSTR = 0x94, RCC_APB2RSTR = 0x98, RCC_APB4RSTR = 0x9c, RCC_GCR = 0xa0,
    RCC_D3AMR = 0xa8, RCC_RSR = 0xd0, RCC_AHB3ENR = 0xd4, RCC_AHB1ENR = 0xd8, RCC_AHB2ENR = 0xdc, RCC_AHB4ENR = 0xe0,
    RCC_APB3ENR = 0xe4, RCC_APB1LENR = 0xe8, RCC_APB1HENR = 0xec, RCC_APB2ENR = 0xf0, RCC_APB4ENR = 0xf4,
    RCC_AHB3LPENR = 0xfc, RCC_C1_RSR = 0x130, RCC_C1_END = 0x180,
};

/* Oscillators and PLLs as found at the moment; 0 where off. */
typedef struct Stm32ClockTree {
    uint32_t hsi, hsi48, csi, hse, lse, lsi, per;
    uint32_t pll[3][3];                     /* [PLL1..3][P, Q, R] */
    uint32_t sys, cpu, hclk, pclk1, pclk2, pclk3, pclk4;
} Stm32ClockTree;

struct Stm32Rcc {
    Stm32Periph parent_obj;
    Clock *cpuclk;                          /* to the core and SysTick */
    Clock *refclk;                          /* SysTick's other source: the core's clock / 8 */
    qemu_irq irq;
    uint32_t hse_hz, lse_hz;                /* crystals on the board (properties "hse-hz", "lse-hz"), 0: none */
    Stm32ResetCause cause;
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

/* True when the PLL's settings are within its ranges; otherwise says why not. */
bool stm32h7_clocks_pll_valid(Stm32Rcc *rcc, unsigned pll);

#endif
