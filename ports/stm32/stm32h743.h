/* SPDX-License-Identifier: MIT */
/* Registers of the STM32H743: masks of fields and most blocks come from chips/stm32h743.regs (stm32h743_regs.h, made by regc). Here are
   interrupts, values and shifts of fields, and the blocks that the firmware sees as arrays of banks, streams or channels (RM0433). */
#ifndef STM32_STM32H743_H
#define STM32_STM32H743_H

#include <stdint.h>

/* ---- Interrupts (RM0433 table 145) and the core ---------------------------------------------------- */
typedef enum {
    NonMaskableInt_IRQn = -14, HardFault_IRQn = -13, MemoryManagement_IRQn = -12, BusFault_IRQn = -11,
    UsageFault_IRQn = -10, SVCall_IRQn = -5, DebugMonitor_IRQn = -4, PendSV_IRQn = -2, SysTick_IRQn = -1,
    RTC_WKUP_IRQn = 3, FLASH_IRQn = 4, EXTI0_IRQn = 6, EXTI1_IRQn = 7, EXTI2_IRQn = 8, EXTI3_IRQn = 9, EXTI4_IRQn = 10,
    DMA1_Stream0_IRQn = 11, DMA1_Stream6_IRQn = 17, ADC_IRQn = 18, EXTI9_5_IRQn = 23,
    TIM1_BRK_IRQn = 24, TIM1_UP_IRQn = 25, TIM1_TRG_COM_IRQn = 26, TIM1_CC_IRQn = 27,
    TIM2_IRQn = 28, TIM3_IRQn = 29, TIM4_IRQn = 30, I2C1_EV_IRQn = 31, I2C1_ER_IRQn = 32, I2C2_EV_IRQn = 33, I2C2_ER_IRQn = 34,
    SPI1_IRQn = 35, SPI2_IRQn = 36, USART1_IRQn = 37, USART2_IRQn = 38, USART3_IRQn = 39, EXTI15_10_IRQn = 40, RTC_Alarm_IRQn = 41,
    TIM8_BRK_TIM12_IRQn = 43, TIM8_UP_TIM13_IRQn = 44, TIM8_TRG_COM_TIM14_IRQn = 45, TIM8_CC_IRQn = 46, DMA1_Stream7_IRQn = 47,
    SDMMC1_IRQn = 49, TIM5_IRQn = 50, SPI3_IRQn = 51, UART4_IRQn = 52, UART5_IRQn = 53, TIM6_DAC_IRQn = 54, TIM7_IRQn = 55,
    DMA2_Stream0_IRQn = 56, DMA2_Stream1_IRQn = 57, DMA2_Stream2_IRQn = 58, DMA2_Stream3_IRQn = 59, DMA2_Stream4_IRQn = 60,
    DMA2_Stream5_IRQn = 68, DMA2_Stream6_IRQn = 69, DMA2_Stream7_IRQn = 70, USART6_IRQn = 71, I2C3_EV_IRQn = 72, I2C3_ER_IRQn = 73,
    DCMI_IRQn = 78, RNG_IRQn = 80, UART7_IRQn = 82, UART8_IRQn = 83, SPI4_IRQn = 84, SPI5_IRQn = 85, SPI6_IRQn = 86, DMA2D_IRQn = 90,
    I2C4_EV_IRQn = 95, I2C4_ER_IRQn = 96, OTG_FS_IRQn = 101, TIM15_IRQn = 116, TIM16_IRQn = 117, TIM17_IRQn = 118,
    JPEG_IRQn = 121, MDMA_IRQn = 122, LPUART1_IRQn = 142, IRQ_COUNT = 150
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
#include "stm32h743_regs.h"

/* ---- Reset and clock control (8) ------------------------------------------------------------------- */
struct rcc_regs {
    reg32 CR, HSICFGR, CRRCR, CSICFGR, CFGR, reserved14, D1CFGR, D2CFGR, D3CFGR, reserved24, PLLCKSELR, PLLCFGR;
    struct { reg32 DIVR, FRACR; } PLL[3];
    reg32 reserved48, D1CCIPR, D2CCIP1R, D2CCIP2R, D3CCIPR, reserved5C, CIER, CIFR, CICR, reserved6C, BDCR, CSR, reserved78;
    reg32 AHB3RSTR, AHB1RSTR, AHB2RSTR, AHB4RSTR, APB3RSTR, APB1LRSTR, APB1HRSTR, APB2RSTR, APB4RSTR;
    reg32 GCR, reservedA4, D3AMR, reservedAC[9], RSR;
    reg32 AHB3ENR, AHB1ENR, AHB2ENR, AHB4ENR, APB3ENR, APB1LENR, APB1HENR, APB2ENR, APB4ENR;
    reg32 reservedF8, AHB3LPENR, AHB1LPENR, AHB2LPENR, AHB4LPENR, APB3LPENR, APB1LLPENR, APB1HLPENR, APB2LPENR, APB4LPENR;
};
#define RCC ((struct rcc_regs *)0x58024400UL)
_Static_assert(__builtin_offsetof(struct rcc_regs, BDCR) == 0x70 && __builtin_offsetof(struct rcc_regs, RSR) == 0xD0 &&
               __builtin_offsetof(struct rcc_regs, APB4ENR) == 0xF4 && __builtin_offsetof(struct rcc_regs, APB4LPENR) == 0x11C, "RM0433 8.7.62");
#define RCC_CR_PLLON(i) BIT(24 + 2 * (i))
#define RCC_CR_PLLRDY(i) BIT(25 + 2 * (i))
#define RCC_CFGR_SW_PLL1 3UL
#define RCC_RSR_IWDGRSTF BIT(26)
#define RCC_RSR_WWDGRSTF BIT(28)
#define RCC_AHB1_USB2OTG BIT(27)      /* ENR, LPENR, RSTR */
#define RCC_AHB1_USB2OTG_ULPI BIT(28) /* ENR, LPENR */
#define RCC_APB1H_CRS BIT(1)          /* ENR, RSTR */

/* ---- Power (6) -------------------------------------------------------------------------------------- */
#define PWR_D3CR_VOS1 (3UL << 14)

/* ---- Clock recovery (9) ------------------------------------------------------------------------------- */
struct crs_regs { reg32 CR, CFGR, ISR, ICR; };
#define CRS ((struct crs_regs *)0x40008400UL)
#define CRS_CR_CEN BIT(5)
#define CRS_CR_AUTOTRIMEN BIT(6)
#define CRS_CFGR_SYNCSRC (3UL << 28)
#define CRS_CFGR_SYNCSRC_USB2 (3UL << 28) /* start of frame of OTG2 */

/* ---- USB OTG2 in full speed (57): what its stack doesn't reach --------------------------------------------- */
#define OTG2_BASE 0x40080000UL
#define OTG2_GOTGCTL (*(reg32 *)(OTG2_BASE + 0x000))
#define OTG_GOTGCTL_BVALOEN BIT(6)
#define OTG_GOTGCTL_BVALOVAL BIT(7)
#define OTG_GOTGCTL_BSVLD BIT(19)
#define OTG2_GCCFG (*(reg32 *)(OTG2_BASE + 0x038))
#define OTG_GCCFG_VBDEN BIT(21)
#define OTG2_DCTL (*(reg32 *)(OTG2_BASE + 0x804))
#define OTG_DCTL_SDIS BIT(1)
#define OTG2_DOEPTSIZ0 (*(reg32 *)(OTG2_BASE + 0xB10))
#define OTG_DOEPTSIZ0_XFRSIZ 0x7FUL

/* ---- System configuration (12) ---------------------------------------------------------------------- */

/* ---- Flash interface (4), one set per bank ---------------------------------------------------------- */
struct flash_regs { reg32 ACR, KEYR, OPTKEYR, CR, SR, CCR, OPTCR, OPTSR_CUR; reg32 reserved20[56]; };
#define FLASH_BANK(i) (&((struct flash_regs *)0x52002000UL)[i]) /* i = 0, 1 */
_Static_assert(sizeof(struct flash_regs) == 0x100, "bank 2 lies at offset 0x100");
#define FLASH_CR_LOCK BIT(0)
#define FLASH_CR_PG BIT(1)
#define FLASH_CR_SER BIT(2)
#define FLASH_CR_PSIZE_64 (3UL << 4)
#define FLASH_CR_START BIT(7)
#define FLASH_CR_SNB(n) ((uint32_t)(n) << 8)
#define FLASH_SR_BSY BIT(0)
#define FLASH_SR_WBNE BIT(1)
#define FLASH_SR_QW BIT(2)
#define FLASH_SR_EOP BIT(16)
#define FLASH_SR_ERRORS (0x07EE0000UL)   /* WRPERR PGSERR STRBERR INCERR OPERR RDPERR RDSERR SNECCERR DBECCERR */
#define FLASH_SR_WRITE_ERRORS (0x006E0000UL) /* WRPERR PGSERR STRBERR INCERR OPERR */
#define FLASH_SR_DBECCERR BIT(26)

/* ---- GPIO (11), EXTI (20) ----------------------------------------------------------------------------- */
struct gpio_regs { reg32 MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR[2]; };
#define GPIO_PORT(i) ((struct gpio_regs *)(0x58020000UL + 0x400UL * (i))) /* 0 = A */
struct exti_regs {
    reg32 RTSR1, FTSR1, SWIER1, D3PMR1, D3PCR1L, D3PCR1H, reserved18[26];
    reg32 IMR1, EMR1, PR1, reserved8C, IMR2, EMR2, PR2;
};
#define EXTI ((struct exti_regs *)0x58000000UL)
_Static_assert(__builtin_offsetof(struct exti_regs, IMR1) == 0x80, "RM0433 20.6.10");

/* ---- USART (48) ------------------------------------------------------------------------------------- */
#define USART_ISR_ERRORS 0x0FUL /* PE FE NE ORE */

/* ---- I2C (47) --------------------------------------------------------------------------------------- */
#define I2C_ICR_ALL 0x3F38UL

/* ---- SPI (50) --------------------------------------------------------------------------------------- */

/* ---- Timers (38-41) --------------------------------------------------------------------------------- */
struct tim_regs { reg32 CR1, CR2, SMCR, DIER, SR, EGR, CCMR[2], CCER, CNT, PSC, ARR, RCR, CCR[4], BDTR, DCR, DMAR; };
#define TIM1 ((struct tim_regs *)0x40010000UL)
#define TIM2 ((struct tim_regs *)0x40000000UL)
#define TIM3 ((struct tim_regs *)0x40000400UL)
#define TIM4 ((struct tim_regs *)0x40000800UL)
#define TIM5 ((struct tim_regs *)0x40000C00UL)
#define TIM6 ((struct tim_regs *)0x40001000UL)
#define TIM7 ((struct tim_regs *)0x40001400UL)
#define TIM8 ((struct tim_regs *)0x40010400UL)
#define TIM12 ((struct tim_regs *)0x40001800UL)
#define TIM13 ((struct tim_regs *)0x40001C00UL)
#define TIM14 ((struct tim_regs *)0x40002000UL)
#define TIM15 ((struct tim_regs *)0x40014000UL)
#define TIM16 ((struct tim_regs *)0x40014400UL)
#define TIM17 ((struct tim_regs *)0x40014800UL)
#define TIM_CR1_CEN BIT(0)
#define TIM_CR1_OPM BIT(3)
#define TIM_CR1_ARPE BIT(7)
#define TIM_DIER_UIE BIT(0)
#define TIM_SR_UIF BIT(0)
#define TIM_EGR_UG BIT(0)
#define TIM_BDTR_MOE BIT(15)

/* ---- DMA (15), DMAMUX (17), MDMA (14) ---------------------------------------------------------------- */
struct dma_stream_regs { reg32 CR, NDTR, PAR, M0AR, M1AR, FCR; };
struct dma_regs { reg32 ISR[2], IFCR[2]; struct dma_stream_regs stream[8]; };
#define DMA1 ((struct dma_regs *)0x40020000UL)
#define DMA2 ((struct dma_regs *)0x40020400UL)
#define DMAMUX1_CCR ((reg32 *)0x40020800UL) /* [0-7] DMA1 streams, [8-15] DMA2 streams */
#define DMA_CR_EN BIT(0)
#define DMA_CR_DMEIE BIT(1)
#define DMA_CR_TEIE BIT(2)
#define DMA_CR_HTIE BIT(3)
#define DMA_CR_TCIE BIT(4)
#define DMA_CR_M2P BIT(6)
#define DMA_CR_CIRC BIT(8)
#define DMA_CR_PINC BIT(9)
#define DMA_CR_MINC BIT(10)
#define DMA_CR_PSIZE(n) ((uint32_t)(n) << 11) /* 0, 1, 2 = 8, 16, 32 bits */
#define DMA_CR_MSIZE(n) ((uint32_t)(n) << 13)
#define DMA_CR_PL(n) ((uint32_t)(n) << 16)
#define DMA_CR_DBM BIT(18)
#define DMA_CR_CT BIT(19)
#define DMA_CR_MBURST(n) ((uint32_t)(n) << 23)
#define DMA_FCR_DMDIS BIT(2)
#define DMA_FCR_FTH(n) ((uint32_t)(n))
/* bits of one stream's five flags, as dma_flags() returns them */
#define DMA_FLAG_FE BIT(0)
#define DMA_FLAG_DME BIT(2)
#define DMA_FLAG_TE BIT(3)
#define DMA_FLAG_HT BIT(4)
#define DMA_FLAG_TC BIT(5)
#define DMA_REQUEST_DCMI 75
struct mdma_channel_regs { reg32 ISR, IFCR, ESR, CR, TCR, BNDTR, SAR, DAR, BRUR, LAR, TBR, reserved2C, MAR, MDR, reserved38[2]; };
#define MDMA_GISR0 (*(reg32 *)0x52000000UL)
#define MDMA_CHANNEL(i) (&((struct mdma_channel_regs *)0x52000040UL)[i])
_Static_assert(sizeof(struct mdma_channel_regs) == 0x40, "RM0433 14.5.15");

/* ---- Camera interface (31) ---------------------------------------------------------------------------- */
#define DCMI_CR_CM_SNAPSHOT BIT(1)
#define DCMI_IRQ_FRAME BIT(0)
#define DCMI_IRQ_OVR BIT(1)
#define DCMI_IRQ_ERR BIT(2)
#define DCMI_IRQ_VSYNC BIT(3)
#define DCMI_IRQ_LINE BIT(4)

/* ---- ADC (25), RNG (34), RTC (46), IWDG (45), DAC (26) --------------------------------------------------- */
struct adc_regs {
    reg32 ISR, IER, CR, CFGR, CFGR2, SMPR[2], PCSEL, LTR1, HTR1, reserved28[2], SQR[4], DR, reserved44[31], DIFSEL, CALFACT;
};
#define ADC1 ((struct adc_regs *)0x40022000UL)
#define ADC2 ((struct adc_regs *)0x40022100UL)
#define ADC3 ((struct adc_regs *)0x58026000UL)
#define ADC12_CCR (*(reg32 *)0x40022308UL)
#define ADC3_CCR (*(reg32 *)0x58026308UL)
_Static_assert(__builtin_offsetof(struct adc_regs, DIFSEL) == 0xC0, "RM0433 25.6.21");
struct rtc_regs {
    reg32 TR, DR, CR, ISR, PRER, WUTR, reserved18, ALRMAR, ALRMBR, WPR, SSR, SHIFTR, TSTR, TSDR, TSSSR, CALR, TAMPCR,
        ALRMASSR, ALRMBSSR, OR, BKPR[32];
};
#define RTC ((struct rtc_regs *)0x58004000UL)
_Static_assert(__builtin_offsetof(struct rtc_regs, BKPR) == 0x50, "RM0433 46.6.20");
#define IWDG IWDG1
#define DBGMCU_IDCODE (*(reg32 *)0x5C001000UL)
#define BACKUP_SRAM 0x38800000UL
#define BACKUP_SRAM_SIZE 0x1000UL
#define FLASH_SIZE_KIB (*(volatile uint16_t *)0x1FF1E880UL)

#endif
