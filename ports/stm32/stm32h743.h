/* SPDX-License-Identifier: MIT */
/* The STM32H743 for the firmware. Registers, fields, addresses and interrupts come from chips/stm32h743.regs (stm32h743_regs.h, made by
   regc); here are the core's part of them, and values of fields (RM0433). */
#ifndef STM32_STM32H743_H
#define STM32_STM32H743_H

#include <stdint.h>

#include "stm32h743_regs.h"

/* ---- The core ---------------------------------------------------------------------------------------- */
typedef enum {
    NonMaskableInt_IRQn = -14, HardFault_IRQn = -13, MemoryManagement_IRQn = -12, BusFault_IRQn = -11,
    UsageFault_IRQn = -10, SVCall_IRQn = -5, DebugMonitor_IRQn = -4, PendSV_IRQn = -2, SysTick_IRQn = -1,
    STM32H743_INTERRUPTS
    IRQ_COUNT = 150
} IRQn_Type;

#define __CM7_REV 0x0100U
#define __MPU_PRESENT 1U
#define __NVIC_PRIO_BITS 4U
#define __Vendor_SysTickConfig 0U
#define __FPU_PRESENT 1U
#define __ICACHE_PRESENT 1U
#define __DCACHE_PRESENT 1U
#define __DTCM_PRESENT 1U
#include "core_cm7.h"

#define BIT(n) (1UL << (n))
/* A value in the place of a field, and the field of a value: FIELD(RCC_D1CFGR_HPRE, 8), FIELD_OF(RCC->D1CFGR, RCC_D1CFGR_HPRE). */
#define FIELD(field, value) ((uint32_t)(value) << field##_Pos)
#define FIELD_OF(value, field) (((value) & (field)) >> field##_Pos)

/* ---- Reset and clock control (8), power (6), clock recovery (9) ---------------------------------------- */
#define RCC_CR_PLLON(i) (RCC_CR_PLL1ON << 2 * (i)) /* 0 = PLL1 */
#define RCC_CR_PLLRDY(i) (RCC_CR_PLL1RDY << 2 * (i))
/* Two members of a struct: where the clock of a peripheral is switched on, and the bit. */
#define ENABLE(bus, name) &RCC->bus##ENR, RCC_##bus##ENR_##name##EN
#define RCC_CFGR_SW_PLL1 FIELD(RCC_CFGR_SW, 3)
#define RCC_CFGR_SWS_PLL1 FIELD(RCC_CFGR_SWS, 3)
#define RCC_BDCR_RTCSEL_LSI FIELD(RCC_BDCR_RTCSEL, 2)
#define PWR_D3CR_VOS1 FIELD(PWR_D3CR_VOS, 3)
#define CRS_CFGR_SYNCSRC_USB2 FIELD(CRS_CFGR_SYNCSRC, 3) /* start of frame of OTG2 */

/* ---- Flash interface (4), one set per bank ---------------------------------------------------------- */
#define FLASH_BANK(i) (&FLASH->BANK[i]) /* i = 0, 1 */
#define FLASH_CR_PSIZE_64 FIELD(FLASH_CR_PSIZE, 3)
#define FLASH_SR_WRITE_ERRORS (FLASH_SR_WRPERR | FLASH_SR_PGSERR | FLASH_SR_STRBERR | FLASH_SR_INCERR | FLASH_SR_OPERR)
#define FLASH_SR_ERRORS \
    (FLASH_SR_WRITE_ERRORS | FLASH_SR_RDPERR | FLASH_SR_RDSERR | FLASH_SR_SNECCERR | FLASH_SR_DBECCERR)

/* ---- GPIO (11), USART (48), I2C (47), SPI (50) ---------------------------------------------------------- */
#define GPIO_PORT(i) (&GPIOA[i]) /* 0 = A: the ports lie one behind the other */
_Static_assert(GPIOK_BASE - GPIOA_BASE == 10 * sizeof(struct gpio_regs), "GPIO_PORT");
#define USART_ISR_ERRORS (USART_ISR_PE | USART_ISR_FE | USART_ISR_NE | USART_ISR_ORE)
#define I2C_ICR_ALL \
    (I2C_ICR_ADDRCF | I2C_ICR_NACKCF | I2C_ICR_STOPCF | I2C_ICR_BERRCF | I2C_ICR_ARLOCF | I2C_ICR_OVRCF | I2C_ICR_PECCF | \
     I2C_ICR_TIMOUTCF | I2C_ICR_ALERTCF)
#define SPI_IFCR_ALL \
    (SPI_IFCR_EOTC | SPI_IFCR_TXTFC | SPI_IFCR_UDRC | SPI_IFCR_OVRC | SPI_IFCR_CRCEC | SPI_IFCR_TIFREC | SPI_IFCR_MODFC | \
     SPI_IFCR_TSERFC | SPI_IFCR_SUSPC)

/* ---- DMA (15), DMAMUX (17), camera interface (31) -------------------------------------------------------- */
#define DMA_CR_DIR_M2P FIELD(DMA_CR_DIR, 1)
/* One stream's five flags, as dma_flags() returns them. */
#define DMA_FLAG_FE DMA_ISR_FEIF0
#define DMA_FLAG_DME DMA_ISR_DMEIF0
#define DMA_FLAG_TE DMA_ISR_TEIF0
#define DMA_FLAG_HT DMA_ISR_HTIF0
#define DMA_FLAG_TC DMA_ISR_TCIF0
#define DMA_FLAGS (DMA_FLAG_FE | DMA_FLAG_DME | DMA_FLAG_TE | DMA_FLAG_HT | DMA_FLAG_TC)
#define DMA_REQUEST_DCMI 75
#define DCMI_CR_BSM_EVERY_OTHER FIELD(DCMI_CR_BSM, 1)

/* ---- ADC (25), watchdog (45), real-time clock (46) ---------------------------------------------------------- */
#define ADC1 (&ADC12->CONVERTER[0])
#define IWDG IWDG1

/* ---- Backup SRAM (2.3.2) ---------------------------------------------------------------------------------- */
#define BACKUP_SRAM 0x38800000UL
#define BACKUP_SRAM_SIZE 0x1000UL

#endif
