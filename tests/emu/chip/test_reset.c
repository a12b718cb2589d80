/* SPDX-License-Identifier: MIT */
/* Reset values (RM0433), access sizes, clock gates, bus faults, GPIO, identification. */
#include "chip.h"

static const struct { const char *name; uint32_t address, value; } values[] = {
    { "RCC_CR", RCC, 0x0000c025 }, { "RCC_CFGR", RCC + 0x10, 0 }, { "RCC_PLLCKSELR", RCC + 0x28, 0x02020200 },
    { "RCC_PLLCFGR", RCC + 0x2c, 0x01ff0000 }, { "RCC_PLL1DIVR", RCC + 0x30, 0x01010280 }, { "RCC_PLL3FRACR", RCC + 0x44, 0 },
    { "RCC_APB4ENR", RCC + 0xf4, 0x00010000 }, { "RCC_C1_APB4ENR", RCC + 0x154, 0x00010000 }, { "RCC_RSR", RCC_RSR, 0x00fa0000 },
    { "RCC_AHB3LPENR", RCC + 0xfc, 0xf0015131 },
    { "PWR_CR1", PWR, 0xf000c000 }, { "PWR_CSR1", PWR + 4, 0x4000 }, { "PWR_CR3", PWR + 0xc, 6 }, { "PWR_D3CR", PWR + 0x18, 0x6000 },
    { "FLASH_ACR", FLASH_R, 0x37 }, { "FLASH_CR1", FLASH_R + 0xc, 0x31 }, { "FLASH_CR2", FLASH_R + 0x10c, 0x31 },
    { "FLASH_OPTCR", FLASH_R + 0x18, 1 }, { "FLASH_BOOT_CUR", FLASH_R + 0x40, 0x1ff00800 }, { "FLASH_WPSN_CUR1", FLASH_R + 0x38, 0xff },
    { "FLASH_ACR at bank 2", FLASH_R + 0x100, 0x37 },
    { "GPIOA_MODER", GPIOA, 0xabffffff }, { "GPIOA_PUPDR", GPIOA + 0xc, 0x64000000 }, { "GPIOC_MODER", GPIOC, 0xffffffff },
    { "EXTI_CPUIMR1", EXTI + 0x80, 0xffc00000 }, { "EXTI_CPUIMR3", EXTI + 0xa0, 0x018bffff },
    { "DMA1_S0CR", DMA1 + 0x10, 0 }, { "DMA2_S7FCR", DMA2 + 0xcc, 0x21 }, { "MDMA_GISR0", MDMA, 0 },
    { "TIM2_ARR", TIM2 + 0x2c, 0xffffffff }, { "TIM3_ARR", TIM3 + 0x2c, 0xffff }, { "TIM1_CCMR1", TIM1 + 0x18, 0 },
    { "LPTIM1_ARR", LPTIM1 + 0x18, 1 }, { "UART4_ISR", UART4 + 0x1c, 0xc0 }, { "RTC_DR", RTC + 4, 0x2101 }, { "RTC_ISR", RTC + 0xc, 7 },
    { "RTC_PRER", RTC + 0x10, 0x007f00ff }, { "RTC_WUTR", RTC + 0x14, 0xffff }, { "IWDG_RLR", IWDG + 8, 0xfff },
    { "WWDG_CFR", WWDG + 4, 0x7f }, { "CRS_CFGR", 0x40008404, 0x2022bb7f }, { "DBGMCU_IDC", 0x5c001000, 0x20036450 },
    { "OTG_FS GRSTCTL", 0x40080010, 0x80000000 }, { "OTG_HS GSNPSID", 0x40040040, 0x4f54330a }, { "FMC_BCR1", 0x52004000, 0x30db },
    { "FDCAN1_CREL", 0x4000a000, 0x32141218 }, { "LTDC_GCR", 0x50001018, 0x2220 }, { "SAI1_ASR", 0x40015818, 8 },
    { "VREFBUF_CSR", 0x58003c00, 2 }, { "unique id word 0", 0x1ff1e800, 0x00340034 }, { "flash size", 0x1ff1e880, 2048 },
};

static void check_values(void)
{
    REG(RCC_AHB3ENR) = 0x00015031;
    REG(RCC_AHB1ENR) |= 0x0a000023;
    REG(RCC_APB1LENR) |= 0x200 | 0x3 | 1u << 19;
    REG(RCC + 0xec) |= 0x102;
    REG(RCC_APB2ENR) |= 1 | 1u << 22;
    REG(RCC_APB3ENR) |= 0x48;
    check_equal("RCC_APB4ENR before", REG(RCC_APB4ENR), 0x00010000);
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (i == 5) {
            REG(RCC_APB4ENR) = 0x00010000;
        }
        if (values[i].address == 0x58003c00) {
            REG(RCC_APB4ENR) |= 1u << 15;
        }
        check_equal(values[i].name, REG(values[i].address), values[i].value);
    }
}

static void check_access(void)
{
    check_equal("read without clock gives 0", REG(TIM6 + 0x2c), 0);
    REG(TIM6 + 0x2c) = 0x1234;
    REG(RCC_APB1LENR) |= 1u << 4;
    (void)REG(RCC_APB1LENR);
    check_equal("write without clock is lost", REG(TIM6 + 0x2c), 0xffff);
    REG(TIM6 + 0x2c) = 0x1234;
    REG(RCC_APB1LRSTR) = 1u << 4;
    REG(RCC_APB1LRSTR) = 0;
    check_equal("reset bit", REG(TIM6 + 0x2c), 0xffff);
    REG8(RCC + 0x30) = 0x11;
    check_equal("byte write merges", REG(RCC + 0x30), 0x01010211);
    check_equal("halfword read", REG16(RCC + 0x32), 0x0101);
    check_equal("SRAM1 without clock gives 0", (REG(SRAM1) = 5, REG(SRAM1)), 0);
    REG(RCC_AHB2ENR) |= 7u << 29;
    (void)REG(RCC_AHB2ENR);
    REG(SRAM1 + 0x47ffc) = 0x1234abcd;
    check_equal("SRAM3 at its second address", REG(0x10047ffc), 0x1234abcd);
    check_equal("unmapped peripheral address faults", read_faults(0x40003010), true);
    check_equal("hole between SRAMs faults", read_faults(0x20020000), true);
    check_equal("beyond the flash faults", read_faults(0x08200000), true);
    check_equal("write to a hole faults", write_faults(0x60000000, 1), true);
    check_equal("AXI SRAM doesn't fault", read_faults(AXI_SRAM + 0x7fffc), false);
}

static void check_gpio(void)
{
    pin_output(GPIOE, 3, false);
    REG16(GPIOE + 0x18) = 1u << 3;
    check_equal("BSRR low half sets", REG(GPIOE + 0x14), 8);
    check_equal("IDR follows an output", REG(GPIOE + 0x10) & 8, 8);
    REG16(GPIOE + 0x1a) = 1u << 3;
    check_equal("BSRR high half resets", REG(GPIOE + 0x14), 0);
    REG(GPIOE + 4) |= 8;
    REG(GPIOE + 0x18) = 8;
    check_equal("open drain without pull-up stays low", REG(GPIOE + 0x10) & 8, 0);
    REG(GPIOE + 0xc) = 1u << 6;
    check_equal("open drain with pull-up", REG(GPIOE + 0x10) & 8, 8);
    REG(GPIOE) &= ~(3u << 10);
    REG(GPIOE + 0xc) |= 1u << 10;
    check_equal("input pull-up", REG(GPIOE + 0x10) & 0x20, 0x20);
    REG(GPIOE + 0xc) ^= 3u << 10;
    check_equal("input pull-down", REG(GPIOE + 0x10) & 0x20, 0);
    REG(GPIOE + 0x1c) = 0x10008;
    REG(GPIOE + 0x1c) = 0x8;
    REG(GPIOE + 0x1c) = 0x10008;
    check_equal("LCKR locks", REG(GPIOE + 0x1c), 0x10008);
    uint32_t moder = REG(GPIOE);
    REG(GPIOE) = moder ^ (3u << 6 | 3u << 8);
    check_equal("a locked pin keeps its mode", REG(GPIOE), moder ^ 3u << 8);
}

static void check_power(void)
{
    REG(PWR + 0xc) = 2;                                 /* LDO, once */
    check_equal("supply chosen: ACTVOSRDY", REG(PWR + 4) & 0x2000, 0x2000);
    REG(PWR + 0xc) = 1;
    check_equal("the supply is chosen once", REG(PWR + 0xc) & 7, 2);
    REG(PWR + 0x18) = 0xc000;
    check_equal("VOSRDY", REG(PWR + 0x18), 0xe000);
    REG(RCC) |= 1u << 16;
    check_equal("HSE ready", REG(RCC) & 1u << 17, 1u << 17);
    REG(RCC + 0x10) = 3;
    check_equal("a PLL that is off can't be selected", REG(RCC + 0x10) & 0x38, 0);
    REG(RCC + 0x10) = 0;
    REG(RCC) |= 1u << 12;
    check_equal("HSI48 ready", REG(RCC) & 1u << 13, 1u << 13);
    check_equal("HSEM: read lock", REG(HSEM + 0x80), 0);
    REG(RCC_AHB4ENR) |= 1u << 25;
    check_equal("HSEM: read lock, clocked", REG(HSEM + 0x80), 0x80000300);
}

static void check_rng(void)
{
    REG(RCC_AHB2ENR) |= 1u << 6;
    REG(RNG) = 4;
    check_equal("RNG: a number is ready", wait_for(RNG + 4, 1, 1, 100), true);
    uint32_t first = REG(RNG + 8);
    wait_for(RNG + 4, 1, 1, 100);
    check_equal("RNG: the next one differs", REG(RNG + 8) != first, true);
}

void guest_main(void)
{
    check_values();
    check_access();
    check_gpio();
    check_power();
    check_rng();
}
