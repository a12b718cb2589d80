/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peripherals of the STM32H743: their models, clocks (RM0433 8.7) and DMA requests (18.3); the rest is in chips/stm32h743.regs. */
#include "qemu/osdep.h"

#include "stm32_gpio.h"
#include "stm32_periph.h"
#include "stm32h743.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

/* The enable and reset bits of each bus: their numbers are the same. */
#define GATE(bus, name) { RCC_##bus##ENR, RCC_##bus##RSTR, RCC_##bus##ENR_##name##EN_Pos }
#define AHB1(name) GATE(AHB1, name)
#define AHB2(name) GATE(AHB2, name)
#define AHB3(name) GATE(AHB3, name)
#define AHB4(name) GATE(AHB4, name)
#define APB1L(name) GATE(APB1L, name)
#define APB1H(name) GATE(APB1H, name)
#define APB2(name) GATE(APB2, name)
#define APB3(name) GATE(APB3, name)
#define APB4(name) GATE(APB4, name)
#define ALWAYS { 0, 0, 0 }

#define M1(line) { DMAMUX1, line }
#define M2(line) { DMAMUX2, line }
#define MD(line) { MDMA_MUX, line }

#define AT(name) STM32H743_AT_##name
#define PORT(letter, n) { AT(GPIO##letter), TYPE_STM32_GPIO, AHB4(GPIO##letter), KERNEL_BUS_APB4, n }

const Stm32Row stm32h743_rows[] = {
    /* First: everything asks the RCC. */
    { AT(RCC), TYPE_STM32H7_RCC, ALWAYS, KERNEL_BUS_APB4 },
    { AT(PWR), TYPE_STM32H7_PWR, ALWAYS, KERNEL_BUS_APB4 },
    { AT(FLASH), TYPE_STM32H7_FLASH, ALWAYS, KERNEL_BUS_AHB },
    { AT(SYSCFG), "stm32h7-syscfg", APB4(SYSCFG), KERNEL_BUS_APB4 },
    { AT(EXTI), "stm32h7-exti", ALWAYS, KERNEL_BUS_APB4 },
    { AT(DBGMCU), "stm32h7-dbgmcu", ALWAYS, KERNEL_BUS_APB3 },
    { AT(DMAMUX1), "stm32-dmamux", ALWAYS, KERNEL_BUS_AHB, 16 },
    { AT(DMAMUX2), "stm32-dmamux", ALWAYS, KERNEL_BUS_AHB, 8 },
    { AT(DMA1), "stm32-dma", AHB1(DMA1), KERNEL_BUS_AHB },
    { AT(DMA2), "stm32-dma", AHB1(DMA2), KERNEL_BUS_AHB, 1 },
    { AT(BDMA), "stm32-bdma", AHB4(BDMA), KERNEL_BUS_AHB },
    { AT(MDMA), "stm32-mdma", AHB3(MDMA), KERNEL_BUS_AHB },
    PORT(A, 0), PORT(B, 1), PORT(C, 2), PORT(D, 3), PORT(E, 4), PORT(F, 5), PORT(G, 6), PORT(H, 7),
    PORT(I, 8), PORT(J, 9), PORT(K, 10),

    { AT(USART1), "stm32-usart", APB2(USART1), KERNEL_USART16, 0, { M1(41), M1(42) } },
    { AT(USART2), "stm32-usart", APB1L(USART2), KERNEL_USART234578, 0, { M1(43), M1(44) } },
    { AT(USART3), "stm32-usart", APB1L(USART3), KERNEL_USART234578, 0, { M1(45), M1(46) } },
    { AT(UART4), "stm32-usart", APB1L(UART4), KERNEL_USART234578, 0, { M1(63), M1(64) } },
    { AT(UART5), "stm32-usart", APB1L(UART5), KERNEL_USART234578, 0, { M1(65), M1(66) } },
    { AT(USART6), "stm32-usart", APB2(USART6), KERNEL_USART16, 0, { M1(71), M1(72) } },
    { AT(UART7), "stm32-usart", APB1L(UART7), KERNEL_USART234578, 0, { M1(79), M1(80) } },
    { AT(UART8), "stm32-usart", APB1L(UART8), KERNEL_USART234578, 0, { M1(81), M1(82) } },
    { AT(LPUART1), "stm32-usart", APB4(LPUART1), KERNEL_LPUART1, 1, { M2(9), M2(10) } },

    /* DMA requests of a timer: update, then channels 1 to 4. Interrupts of TIM1, TIM8: break, update, trigger, compare. */
    { AT(TIM1), "stm32-tim", APB2(TIM1), KERNEL_TIM_APB2, 1, { M1(15), M1(11), M1(12), M1(13), M1(14) } },
    { AT(TIM2), "stm32-tim", APB1L(TIM2), KERNEL_TIM_APB1, 2, { M1(22), M1(18), M1(19), M1(20), M1(21) } },
    { AT(TIM3), "stm32-tim", APB1L(TIM3), KERNEL_TIM_APB1, 3, { M1(27), M1(23), M1(24), M1(25), M1(26) } },
    { AT(TIM4), "stm32-tim", APB1L(TIM4), KERNEL_TIM_APB1, 4, { M1(32), M1(29), M1(30), M1(31) } },
    { AT(TIM5), "stm32-tim", APB1L(TIM5), KERNEL_TIM_APB1, 5, { M1(59), M1(55), M1(56), M1(57), M1(58) } },
    { AT(TIM6), "stm32-tim", APB1L(TIM6), KERNEL_TIM_APB1, 6, { M1(69) } },
    { AT(TIM7), "stm32-tim", APB1L(TIM7), KERNEL_TIM_APB1, 7, { M1(70) } },
    { AT(TIM8), "stm32-tim", APB2(TIM8), KERNEL_TIM_APB2, 8, { M1(51), M1(47), M1(48), M1(49), M1(50) } },
    { AT(TIM12), "stm32-tim", APB1L(TIM12), KERNEL_TIM_APB1, 12 },
    { AT(TIM13), "stm32-tim", APB1L(TIM13), KERNEL_TIM_APB1, 13 },
    { AT(TIM14), "stm32-tim", APB1L(TIM14), KERNEL_TIM_APB1, 14 },
    { AT(TIM15), "stm32-tim", APB2(TIM15), KERNEL_TIM_APB2, 15, { M1(106), M1(105) } },
    { AT(TIM16), "stm32-tim", APB2(TIM16), KERNEL_TIM_APB2, 16, { M1(110), M1(109) } },
    { AT(TIM17), "stm32-tim", APB2(TIM17), KERNEL_TIM_APB2, 17, { M1(112), M1(111) } },
    { AT(LPTIM1), "stm32-lptim", APB1L(LPTIM1), KERNEL_LPTIM1, 1 },
    { AT(LPTIM2), "stm32-lptim", APB4(LPTIM2), KERNEL_LPTIM2, 2 },
    { AT(LPTIM3), "stm32-lptim", APB4(LPTIM3), KERNEL_LPTIM345, 3 },
    { AT(LPTIM4), "stm32-lptim", APB4(LPTIM4), KERNEL_LPTIM345, 4 },
    { AT(LPTIM5), "stm32-lptim", APB4(LPTIM5), KERNEL_LPTIM345, 5 },

    { AT(RTC), "stm32h7-rtc", { RCC_APB4ENR, RCC_APB4RSTR, RCC_APB4ENR_RTCAPBEN_Pos }, KERNEL_RTC },
    { AT(IWDG1), "stm32-iwdg", ALWAYS, KERNEL_LSI },
    { AT(WWDG1), "stm32-wwdg", { RCC_APB3ENR, 0, RCC_APB3ENR_WWDG1EN_Pos }, KERNEL_BUS_APB3 },
    { AT(RNG), "stm32-rng", AHB2(RNG), KERNEL_RNG },
    { AT(CRS), "stm32-crs", APB1H(CRS), KERNEL_BUS_APB1 },
    { AT(HSEM), "stm32-hsem", AHB4(HSEM), KERNEL_BUS_AHB },
    { AT(CRC), "stm32-crc", AHB4(CRC), KERNEL_BUS_AHB },

    /* Interrupts of I2C: event, error. DMA: receive, transmit. */
    { AT(I2C1), "stm32-i2c", APB1L(I2C1), KERNEL_I2C123, 0, { M1(33), M1(34) } },
    { AT(I2C2), "stm32-i2c", APB1L(I2C2), KERNEL_I2C123, 0, { M1(35), M1(36) } },
    { AT(I2C3), "stm32-i2c", APB1L(I2C3), KERNEL_I2C123, 0, { M1(73), M1(74) } },
    { AT(I2C4), "stm32-i2c", APB4(I2C4), KERNEL_I2C4, 0, { M2(13), M2(14) } },
    { AT(SPI1), "stm32-spi", APB2(SPI1), KERNEL_SPI123, 1, { M1(37), M1(38) } },
    { AT(SPI2), "stm32-spi", APB1L(SPI2), KERNEL_SPI123, 2, { M1(39), M1(40) } },
    { AT(SPI3), "stm32-spi", APB1L(SPI3), KERNEL_SPI123, 3, { M1(61), M1(62) } },
    { AT(SPI4), "stm32-spi", APB2(SPI4), KERNEL_SPI45, 4, { M1(83), M1(84) } },
    { AT(SPI5), "stm32-spi", APB2(SPI5), KERNEL_SPI45, 5, { M1(85), M1(86) } },
    { AT(SPI6), "stm32-spi", APB4(SPI6), KERNEL_SPI6, 6, { M2(11), M2(12) } },
    { AT(DCMI), "stm32-dcmi", AHB2(DCMI), KERNEL_BUS_AHB, 0, { M1(75) } },
    /* DMA: input FIFO threshold, input not full, output threshold, output not empty, end of conversion. */
    { AT(JPEG), "stm32-jpeg", AHB3(JPGDEC), KERNEL_BUS_AHB, 0, { MD(17), MD(18), MD(19), MD(20), MD(21) } },
    /* DMA: CLUT transfer done, transfer done, watermark. */
    { AT(DMA2D), "stm32-dma2d", AHB3(DMA2D), KERNEL_BUS_AHB, 0, { MD(24), MD(25), MD(26) } },
    /* ADC1 and ADC2 with their common registers in one window. */
    { AT(ADC12), "stm32-adc", AHB1(ADC12), KERNEL_ADC, 12, { M1(9), M1(10) } },
    { AT(ADC3), "stm32-adc", AHB4(ADC3), KERNEL_ADC, 3, { M1(115), M2(17) } },

    { AT(OTG1_HS), "dwc2", AHB1(USB1OTG), KERNEL_USB, 1 },
    { AT(OTG2_FS), "dwc2", AHB1(USB2OTG), KERNEL_USB, 2 },
    { AT(SDMMC1), "stm32-sdmmc", AHB3(SDMMC1), KERNEL_SDMMC, 1, { MD(29), MD(30), MD(31) } },
    { AT(SDMMC2), "stm32-sdmmc", AHB2(SDMMC2), KERNEL_SDMMC, 2 },
    { AT(DLYB_SDMMC1), NULL, AHB3(SDMMC1), KERNEL_SDMMC },
    { AT(DLYB_SDMMC2), NULL, AHB2(SDMMC2), KERNEL_SDMMC },
    { AT(DLYB_QSPI), NULL, AHB3(QSPI), KERNEL_QSPI },
    { AT(QUADSPI), "stm32-quadspi", AHB3(QSPI), KERNEL_QSPI, 0, { MD(22), MD(23) } },
    { AT(FMC), NULL, AHB3(FMC), KERNEL_FMC },
    { AT(LTDC), NULL, APB3(LTDC), KERNEL_BUS_APB3 },
    { AT(GPV), NULL, ALWAYS, KERNEL_BUS_AHB },
    { AT(RAMECC1), NULL, ALWAYS, KERNEL_BUS_AHB },
    { AT(RAMECC2), NULL, ALWAYS, KERNEL_BUS_AHB },
    { AT(RAMECC3), NULL, ALWAYS, KERNEL_BUS_AHB },
    { AT(FDCAN1), NULL, APB1H(FDCAN), KERNEL_FDCAN },
    { AT(FDCAN2), NULL, APB1H(FDCAN), KERNEL_FDCAN },
    { AT(FDCAN_CCU), NULL, APB1H(FDCAN), KERNEL_FDCAN },
    { AT(FDCAN_RAM), NULL, APB1H(FDCAN), KERNEL_FDCAN },
    { AT(DAC1), "stm32-dac", APB1L(DAC12), KERNEL_BUS_APB1 },
    { AT(OPAMP), NULL, APB1H(OPAMP), KERNEL_BUS_APB1 },
    { AT(MDIOS), NULL, APB1H(MDIOS), KERNEL_BUS_APB1 },
    { AT(SWPMI), NULL, APB1H(SWP), KERNEL_BUS_APB1 },
    { AT(SPDIFRX), NULL, APB1L(SPDIFRX), KERNEL_BUS_APB1 },
    { AT(CEC), NULL, APB1L(CEC), KERNEL_CEC },
    { AT(SAI1), NULL, APB2(SAI1), KERNEL_SAI1 },
    { AT(SAI2), NULL, APB2(SAI2), KERNEL_SAI1 },
    { AT(SAI3), NULL, APB2(SAI3), KERNEL_SAI1 },
    { AT(SAI4), NULL, APB4(SAI4), KERNEL_SAI1 },
    { AT(DFSDM1), NULL, APB2(DFSDM1), KERNEL_BUS_APB2 },
    { AT(HRTIM), NULL, APB2(HRTIM), KERNEL_TIM_APB2 },
    { AT(COMP), NULL, APB4(COMP12), KERNEL_BUS_APB4 },
    { AT(VREFBUF), "stm32-vrefbuf", APB4(VREF), KERNEL_BUS_APB4 },
    { AT(CRYP), NULL, AHB2(CRYPT), KERNEL_BUS_AHB },
    { AT(HASH), NULL, AHB2(HASH), KERNEL_BUS_AHB },
    { AT(ETH), NULL, AHB1(ETH1MAC), KERNEL_BUS_AHB },
};

const unsigned stm32h743_row_count = ARRAY_SIZE(stm32h743_rows);
