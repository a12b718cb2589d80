/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peripherals of the STM32H743 (RM0433: addresses 2.3.2, clock gates 8.7, DMA requests 18.3, interrupts 19.1). */
#include "qemu/osdep.h"

#include "stm32_gpio.h"
#include "stm32_periph.h"
#include "stm32h743.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

/* The enable and reset registers of each bus. */
#define AHB1(n) { RCC_AHB1ENR, RCC_AHB1RSTR, n }
#define AHB2(n) { RCC_AHB2ENR, RCC_AHB2RSTR, n }
#define AHB3(n) { RCC_AHB3ENR, RCC_AHB3RSTR, n }
#define AHB4(n) { RCC_AHB4ENR, RCC_AHB4RSTR, n }
#define APB1(n) { RCC_APB1LENR, RCC_APB1LRSTR, n }
#define APB1H(n) { RCC_APB1HENR, RCC_APB1HRSTR, n }
#define APB2(n) { RCC_APB2ENR, RCC_APB2RSTR, n }
#define APB3(n) { RCC_APB3ENR, RCC_APB3RSTR, n }
#define APB4(n) { RCC_APB4ENR, RCC_APB4RSTR, n }
#define ALWAYS { 0, 0, 0 }

#define M1(line) { DMAMUX1, line }
#define M2(line) { DMAMUX2, line }
#define MD(line) { MDMA_MUX, line }

#define GPIO(letter, n) { "GPIO" letter, TYPE_STM32_GPIO, 0x58020000 + 0x400 * (n), AHB4(n), KERNEL_BUS_APB4, n }
#define BANK(name, address, gate, kernel, ...) { name, NULL, address, gate, kernel, 0, { __VA_ARGS__ } }

const Stm32Row stm32h743_rows[] = {
    /* First: everything asks the RCC. */
    { "RCC", TYPE_STM32H7_RCC, 0x58024400, ALWAYS, KERNEL_BUS_APB4, 0, { 5 } },
    { "PWR", TYPE_STM32H7_PWR, 0x58024800, ALWAYS, KERNEL_BUS_APB4 },
    { "FLASH", TYPE_STM32H7_FLASH, 0x52002000, ALWAYS, KERNEL_BUS_AHB, 0, { 4 } },
    { "SYSCFG", "stm32h7-syscfg", 0x58000400, APB4(1), KERNEL_BUS_APB4 },
    { "EXTI", "stm32h7-exti", 0x58000000, ALWAYS, KERNEL_BUS_APB4 },
    { "DBGMCU", "stm32h7-dbgmcu", 0x5c001000, ALWAYS, KERNEL_BUS_APB3 },
    { "DMAMUX1", "stm32-dmamux", 0x40020800, ALWAYS, KERNEL_BUS_AHB, 16, { 102 } },
    { "DMAMUX2", "stm32-dmamux", 0x58025800, ALWAYS, KERNEL_BUS_AHB, 8, { 128 } },
    { "DMA1", "stm32-dma", 0x40020000, AHB1(0), KERNEL_BUS_AHB, 0, { 11, 12, 13, 14, 15, 16, 17, 47 } },
    { "DMA2", "stm32-dma", 0x40020400, AHB1(1), KERNEL_BUS_AHB, 1, { 56, 57, 58, 59, 60, 68, 69, 70 } },
    { "BDMA", "stm32-bdma", 0x58025400, AHB4(21), KERNEL_BUS_AHB, 0, { 129, 130, 131, 132, 133, 134, 135, 136 } },
    { "MDMA", "stm32-mdma", 0x52000000, AHB3(0), KERNEL_BUS_AHB, 0, { 122 } },
    GPIO("A", 0), GPIO("B", 1), GPIO("C", 2), GPIO("D", 3), GPIO("E", 4), GPIO("F", 5), GPIO("G", 6), GPIO("H", 7),
    GPIO("I", 8), GPIO("J", 9), GPIO("K", 10),

    { "USART1", "stm32-usart", 0x40011000, APB2(4), KERNEL_USART16, 0, { 37 }, { M1(41), M1(42) } },
    { "USART2", "stm32-usart", 0x40004400, APB1(17), KERNEL_USART234578, 0, { 38 }, { M1(43), M1(44) } },
    { "USART3", "stm32-usart", 0x40004800, APB1(18), KERNEL_USART234578, 0, { 39 }, { M1(45), M1(46) } },
    { "UART4", "stm32-usart", 0x40004c00, APB1(19), KERNEL_USART234578, 0, { 52 }, { M1(63), M1(64) } },
    { "UART5", "stm32-usart", 0x40005000, APB1(20), KERNEL_USART234578, 0, { 53 }, { M1(65), M1(66) } },
    { "USART6", "stm32-usart", 0x40011400, APB2(5), KERNEL_USART16, 0, { 71 }, { M1(71), M1(72) } },
    { "UART7", "stm32-usart", 0x40007800, APB1(30), KERNEL_USART234578, 0, { 82 }, { M1(79), M1(80) } },
    { "UART8", "stm32-usart", 0x40007c00, APB1(31), KERNEL_USART234578, 0, { 83 }, { M1(81), M1(82) } },
    { "LPUART1", "stm32-usart", 0x58000c00, APB4(3), KERNEL_LPUART1, 1, { 142 }, { M2(9), M2(10) } },

    /* DMA requests of a timer: update, then channels 1 to 4. Interrupts of TIM1, TIM8: break, update, trigger, compare. */
    { "TIM1", "stm32-tim", 0x40010000, APB2(0), KERNEL_TIM_APB2, 1, { 24, 25, 26, 27 }, { M1(15), M1(11), M1(12), M1(13), M1(14) } },
    { "TIM2", "stm32-tim", 0x40000000, APB1(0), KERNEL_TIM_APB1, 2, { 28 }, { M1(22), M1(18), M1(19), M1(20), M1(21) } },
    { "TIM3", "stm32-tim", 0x40000400, APB1(1), KERNEL_TIM_APB1, 3, { 29 }, { M1(27), M1(23), M1(24), M1(25), M1(26) } },
    { "TIM4", "stm32-tim", 0x40000800, APB1(2), KERNEL_TIM_APB1, 4, { 30 }, { M1(32), M1(29), M1(30), M1(31) } },
    { "TIM5", "stm32-tim", 0x40000c00, APB1(3), KERNEL_TIM_APB1, 5, { 50 }, { M1(59), M1(55), M1(56), M1(57), M1(58) } },
    { "TIM6", "stm32-tim", 0x40001000, APB1(4), KERNEL_TIM_APB1, 6, { 54 }, { M1(69) } },
    { "TIM7", "stm32-tim", 0x40001400, APB1(5), KERNEL_TIM_APB1, 7, { 55 }, { M1(70) } },
    { "TIM8", "stm32-tim", 0x40010400, APB2(1), KERNEL_TIM_APB2, 8, { 43, 44, 45, 46 }, { M1(51), M1(47), M1(48), M1(49), M1(50) } },
    { "TIM12", "stm32-tim", 0x40001800, APB1(6), KERNEL_TIM_APB1, 12, { 43 } },
    { "TIM13", "stm32-tim", 0x40001c00, APB1(7), KERNEL_TIM_APB1, 13, { 44 } },
    { "TIM14", "stm32-tim", 0x40002000, APB1(8), KERNEL_TIM_APB1, 14, { 45 } },
    { "TIM15", "stm32-tim", 0x40014000, APB2(16), KERNEL_TIM_APB2, 15, { 116 }, { M1(106), M1(105) } },
    { "TIM16", "stm32-tim", 0x40014400, APB2(17), KERNEL_TIM_APB2, 16, { 117 }, { M1(110), M1(109) } },
    { "TIM17", "stm32-tim", 0x40014800, APB2(18), KERNEL_TIM_APB2, 17, { 118 }, { M1(112), M1(111) } },
    { "LPTIM1", "stm32-lptim", 0x40002400, APB1(9), KERNEL_LPTIM1, 1, { 93 } },
    { "LPTIM2", "stm32-lptim", 0x58002400, APB4(9), KERNEL_LPTIM2, 2, { 138 } },
    { "LPTIM3", "stm32-lptim", 0x58002800, APB4(10), KERNEL_LPTIM345, 3, { 139 } },
    { "LPTIM4", "stm32-lptim", 0x58002c00, APB4(11), KERNEL_LPTIM345, 4, { 140 } },
    { "LPTIM5", "stm32-lptim", 0x58003000, APB4(12), KERNEL_LPTIM345, 5, { 141 } },

    { "RTC", "stm32h7-rtc", 0x58004000, APB4(16), KERNEL_RTC },
    { "IWDG1", "stm32-iwdg", 0x58004800, ALWAYS, KERNEL_LSI },
    { "WWDG1", "stm32-wwdg", 0x50003000, { RCC_APB3ENR, 0, 6 }, KERNEL_BUS_APB3, 0, { WWDG_IRQ } },
    { "RNG", "stm32-rng", 0x48021800, AHB2(6), KERNEL_RNG, 0, { 80 } },
    { "CRS", "stm32-crs", 0x40008400, APB1H(1), KERNEL_BUS_APB1, 0, { 144 } },
    { "HSEM", "stm32-hsem", 0x58026400, AHB4(25), KERNEL_BUS_AHB, 0, { 125 } },
    { "CRC", "stm32-crc", 0x58024c00, AHB4(19), KERNEL_BUS_AHB },

    /* Interrupts of I2C: event, error. DMA: receive, transmit. */
    { "I2C1", "stm32-i2c", 0x40005400, APB1(21), KERNEL_I2C123, 0, { 31, 32 }, { M1(33), M1(34) } },
    { "I2C2", "stm32-i2c", 0x40005800, APB1(22), KERNEL_I2C123, 0, { 33, 34 }, { M1(35), M1(36) } },
    { "I2C3", "stm32-i2c", 0x40005c00, APB1(23), KERNEL_I2C123, 0, { 72, 73 }, { M1(73), M1(74) } },
    { "I2C4", "stm32-i2c", 0x58001c00, APB4(7), KERNEL_I2C4, 0, { 95, 96 }, { M2(13), M2(14) } },
    { "SPI1", "stm32-spi", 0x40013000, APB2(12), KERNEL_SPI123, 1, { 35 }, { M1(37), M1(38) } },
    { "SPI2", "stm32-spi", 0x40003800, APB1(14), KERNEL_SPI123, 2, { 36 }, { M1(39), M1(40) } },
    { "SPI3", "stm32-spi", 0x40003c00, APB1(15), KERNEL_SPI123, 3, { 51 }, { M1(61), M1(62) } },
    { "SPI4", "stm32-spi", 0x40013400, APB2(13), KERNEL_SPI45, 4, { 84 }, { M1(83), M1(84) } },
    { "SPI5", "stm32-spi", 0x40015000, APB2(20), KERNEL_SPI45, 5, { 85 }, { M1(85), M1(86) } },
    { "SPI6", "stm32-spi", 0x58001400, APB4(5), KERNEL_SPI6, 6, { 86 }, { M2(11), M2(12) } },
    { "DCMI", "stm32-dcmi", 0x48020000, AHB2(0), KERNEL_BUS_AHB, 0, { 78 }, { M1(75) } },
    /* DMA: input FIFO threshold, input not full, output threshold, output not empty, end of conversion. */
    { "JPEG", "stm32-jpeg", 0x52003000, AHB3(5), KERNEL_BUS_AHB, 0, { 121 }, { MD(17), MD(18), MD(19), MD(20), MD(21) } },
    /* DMA: CLUT transfer done, transfer done, watermark. */
    { "DMA2D", "stm32-dma2d", 0x52001000, AHB3(4), KERNEL_BUS_AHB, 0, { 90 }, { MD(24), MD(25), MD(26) } },
    /* ADC1 and ADC2 with their common registers in one window. */
    { "ADC12", "stm32-adc", 0x40022000, AHB1(5), KERNEL_ADC, 12, { 18 }, { M1(9), M1(10) } },
    { "ADC3", "stm32-adc", 0x58026000, AHB4(24), KERNEL_ADC, 3, { 127 }, { M1(115), M2(17) } },

    { "OTG1_HS", "dwc2", 0x40040000, AHB1(25), KERNEL_USB, 1, { 77, 76, 75, 74 } },
    { "OTG2_FS", "dwc2", 0x40080000, AHB1(27), KERNEL_USB, 2, { 101, 100, 99, 98 } },
    { "SDMMC1", "stm32-sdmmc", 0x52007000, AHB3(16), KERNEL_SDMMC, 1, { 49 }, { MD(29), MD(30), MD(31) } },
    { "SDMMC2", "stm32-sdmmc", 0x48022400, AHB2(9), KERNEL_SDMMC, 2, { 124 } },
    BANK("DLYB_SDMMC1", 0x52008000, AHB3(16), KERNEL_SDMMC, 0),
    BANK("DLYB_SDMMC2", 0x48022800, AHB2(9), KERNEL_SDMMC, 0),
    BANK("DLYB_QSPI", 0x52006000, AHB3(14), KERNEL_QSPI, 0),
    { "QUADSPI", "stm32-quadspi", 0x52005000, AHB3(14), KERNEL_QSPI, 0, { 92 }, { MD(22), MD(23) } },
    BANK("FMC", 0x52004000, AHB3(12), KERNEL_FMC, 48),
    BANK("LTDC", 0x50001000, APB3(3), KERNEL_BUS_APB3, 88, 89),
    BANK("GPV", 0x51000000, ALWAYS, KERNEL_BUS_AHB, 0),
    BANK("RAMECC1", 0x52009000, ALWAYS, KERNEL_BUS_AHB, 0),
    BANK("RAMECC2", 0x48023000, ALWAYS, KERNEL_BUS_AHB, 0),
    BANK("RAMECC3", 0x58027000, ALWAYS, KERNEL_BUS_AHB, 0),
    BANK("FDCAN1", 0x4000a000, APB1H(8), KERNEL_FDCAN, 19, 21),
    BANK("FDCAN2", 0x4000a400, APB1H(8), KERNEL_FDCAN, 20, 22),
    BANK("FDCAN_CCU", 0x4000a800, APB1H(8), KERNEL_FDCAN, 63),
    BANK("FDCAN_RAM", 0x4000ac00, APB1H(8), KERNEL_FDCAN, 0),
    BANK("DAC1", 0x40007400, APB1(29), KERNEL_BUS_APB1, 54),
    BANK("OPAMP", 0x40009000, APB1H(4), KERNEL_BUS_APB1, 0),
    BANK("MDIOS", 0x40009400, APB1H(5), KERNEL_BUS_APB1, 120),
    BANK("SWPMI", 0x40008800, APB1H(2), KERNEL_BUS_APB1, 115),
    BANK("SPDIFRX", 0x40004000, APB1(16), KERNEL_BUS_APB1, 97),
    BANK("CEC", 0x40006c00, APB1(27), KERNEL_CEC, 94),
    BANK("SAI1", 0x40015800, APB2(22), KERNEL_SAI1, 87),
    BANK("SAI2", 0x40015c00, APB2(23), KERNEL_SAI1, 91),
    BANK("SAI3", 0x40016000, APB2(24), KERNEL_SAI1, 114),
    BANK("SAI4", 0x58005400, APB4(21), KERNEL_SAI1, 146),
    BANK("DFSDM1", 0x40017000, APB2(28), KERNEL_BUS_APB2, 110),
    BANK("HRTIM", 0x40017400, APB2(29), KERNEL_TIM_APB2, 103),
    BANK("COMP", 0x58003800, APB4(14), KERNEL_BUS_APB4, 137),
    BANK("VREFBUF", 0x58003c00, APB4(15), KERNEL_BUS_APB4, 0),
    BANK("CRYP", 0x48021000, AHB2(4), KERNEL_BUS_AHB, 79),
    BANK("HASH", 0x48021400, AHB2(5), KERNEL_BUS_AHB, 80),
    BANK("ETH", 0x40028000, AHB1(15), KERNEL_BUS_AHB, 61),
};

const unsigned stm32h743_row_count = ARRAY_SIZE(stm32h743_rows);
