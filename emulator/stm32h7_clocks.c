/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clock tree of an STM32H7: from the RCC's registers to frequencies (RM0433 section 8.5). */
#include "qemu/osdep.h"

#include "stm32h7_rcc_device.h"

enum {
    HSI_HZ = 64000000, CSI_HZ = 4000000, HSI48_HZ = 48000000, LSI_HZ = 32000,
    CR_HSION = 1u << 0, CR_CSION = 1u << 7, CR_HSI48ON = 1u << 12, CR_HSEON = 1u << 16, CR_PLL1ON = 1u << 24,
};

static uint32_t reg(Stm32Rcc *rcc, uint32_t offset)
{
    return *periph_reg(&rcc->parent_obj, offset);
}

/* A 4-bit AHB or core prescaler: 0xxx is 1, then 2, 4, 8, 16, 64, 128, 256, 512. */
static uint32_t ahb_divider(uint32_t field)
{
    static const uint16_t divider[8] = { 2, 4, 8, 16, 64, 128, 256, 512 };

    return field & 8 ? divider[field & 7] : 1;
}

/* A 3-bit APB prescaler: 0xx is 1, then 2, 4, 8, 16. */
static uint32_t apb_divider(uint32_t field)
{
    return field & 4 ? 2u << (field & 3) : 1;
}

static uint32_t pll_input(Stm32Rcc *rcc, const Stm32ClockTree *tree)
{
    switch (reg(rcc, RCC_PLLCKSELR) & 3) {
    case 0: return tree->hsi;
    case 1: return tree->csi;
    case 2: return tree->hse;
    default: return 0;
    }
}

static uint32_t pll_reference(Stm32Rcc *rcc, const Stm32ClockTree *tree, unsigned pll)
{
    uint32_t m = extract32(reg(rcc, RCC_PLLCKSELR), 4 + 8 * pll, 6);

    return m ? pll_input(rcc, tree) / m : 0;
}

static uint32_t pll_vco(Stm32Rcc *rcc, const Stm32ClockTree *tree, unsigned pll)
{
    uint64_t n = (reg(rcc, RCC_PLL1DIVR + 8 * pll) & 0x1ff) + 1;
    uint64_t fraction = 0;

    if (reg(rcc, RCC_PLLCFGR) & (1u << (4 * pll))) {
        fraction = extract32(reg(rcc, RCC_PLL1FRACR + 8 * pll), 3, 13);
    }
    return pll_reference(rcc, tree, pll) * (n * 8192 + fraction) / 8192;
}

static void compute_pll(Stm32Rcc *rcc, Stm32ClockTree *tree, unsigned pll)
{
    static const uint8_t shift[3] = { 9, 16, 24 };
    uint32_t divr = reg(rcc, RCC_PLL1DIVR + 8 * pll);
    uint32_t vco = pll_vco(rcc, tree, pll);

    for (unsigned out = 0; out < 3; out++) {
        bool on = (reg(rcc, RCC_CR) & (CR_PLL1ON << (2 * pll))) && (reg(rcc, RCC_PLLCFGR) & (1u << (16 + 3 * pll + out)));

        tree->pll[pll][out] = on ? vco / (extract32(divr, shift[out], 7) + 1) : 0;
    }
}

bool stm32h7_clocks_pll_valid(Stm32Rcc *rcc, unsigned pll)
{
    const Stm32ClockTree *tree = &rcc->tree;
    uint32_t cfgr = reg(rcc, RCC_PLLCFGR);
    unsigned range = extract32(cfgr, 2 + 4 * pll, 2);
    bool medium = cfgr & (2u << (4 * pll));
    uint32_t ref = pll_reference(rcc, tree, pll), vco = pll_vco(rcc, tree, pll);
    uint32_t low = 1000000u << range, high = 2000000u << range;
    uint32_t vco_low = medium ? 150000000 : 192000000, vco_high = medium ? 420000000 : 960000000;

    if (!ref) {
        guest_error("RCC", "PLL%u is switched on without an input clock (source off or DIVM is 0)", pll + 1);
        return false;
    }
    if (ref < low || ref > high) {
        guest_error("RCC", "PLL%u: input of %u Hz is outside of PLL%uRGE's %u..%u Hz", pll + 1, ref, pll + 1, low, high);
        return false;
    }
    if (vco < vco_low || vco > vco_high) {
        guest_error("RCC", "PLL%u: VCO of %u Hz is outside of %u..%u Hz", pll + 1, vco, vco_low, vco_high);
        return false;
    }
    return true;
}

void stm32h7_clocks_compute(Stm32Rcc *rcc, Stm32ClockTree *tree)
{
    uint32_t cr = reg(rcc, RCC_CR), d2 = reg(rcc, RCC_D2CFGR);

    tree->hsi = cr & CR_HSION ? HSI_HZ >> extract32(cr, 3, 2) : 0;
    tree->csi = cr & CR_CSION ? CSI_HZ : 0;
    tree->hsi48 = cr & CR_HSI48ON ? HSI48_HZ : 0;
    tree->hse = cr & CR_HSEON ? rcc->hse_hz : 0;
    tree->lse = reg(rcc, RCC_BDCR) & 1 ? rcc->lse_hz : 0;
    tree->lsi = reg(rcc, RCC_CSR) & 1 ? LSI_HZ : 0;
    switch (extract32(reg(rcc, RCC_D1CCIPR), 28, 2)) {
    case 0: tree->per = tree->hsi; break;
    case 1: tree->per = tree->csi; break;
    case 2: tree->per = tree->hse; break;
    default: tree->per = 0; break;
    }
    for (unsigned pll = 0; pll < 3; pll++) {
        compute_pll(rcc, tree, pll);
    }
    switch (extract32(reg(rcc, RCC_CFGR), 3, 3)) {
    case 1: tree->sys = tree->csi; break;
    case 2: tree->sys = tree->hse; break;
    case 3: tree->sys = tree->pll[0][0]; break;
    default: tree->sys = tree->hsi; break;
    }
    tree->cpu = tree->sys / ahb_divider(extract32(reg(rcc, RCC_D1CFGR), 8, 4));
    tree->hclk = tree->cpu / ahb_divider(extract32(reg(rcc, RCC_D1CFGR), 0, 4));
    tree->pclk3 = tree->hclk / apb_divider(extract32(reg(rcc, RCC_D1CFGR), 4, 3));
    tree->pclk1 = tree->hclk / apb_divider(extract32(d2, 4, 3));
    tree->pclk2 = tree->hclk / apb_divider(extract32(d2, 8, 3));
    tree->pclk4 = tree->hclk / apb_divider(extract32(reg(rcc, RCC_D3CFGR), 4, 3));
}

/* Timers run faster than their divided bus: x2 (TIMPRE 0) or x4 (TIMPRE 1), never above the AHB clock. */
static uint32_t timer_hz(Stm32Rcc *rcc, uint32_t prescaler)
{
    uint32_t divider = apb_divider(prescaler);
    uint32_t faster = reg(rcc, RCC_CFGR) & (1u << 15) ? 4 : 2;

    return divider <= faster ? rcc->tree.hclk : rcc->tree.hclk / divider * faster;
}

static uint32_t rtc_hz(Stm32Rcc *rcc)
{
    uint32_t divider = extract32(reg(rcc, RCC_CFGR), 8, 6);

    switch (extract32(reg(rcc, RCC_BDCR), 8, 2)) {
    case 1: return rcc->tree.lse;
    case 2: return rcc->tree.lsi;
    case 3: return divider > 1 ? rcc->tree.hse / divider : 0;
    default: return 0;
    }
}

uint32_t stm32h7_rcc_kernel_hz(Stm32Rcc *rcc, Stm32Kernel kernel)
{
    const Stm32ClockTree *t = &rcc->tree;
    uint32_t d1 = reg(rcc, RCC_D1CCIPR), d2a = reg(rcc, RCC_D2CCIP1R), d2b = reg(rcc, RCC_D2CCIP2R), d3 = reg(rcc, RCC_D3CCIPR);

    /* Each list is what the selection field chooses from, in its order; what is past the end is off. */
#define CHOOSE(field, ...) do { \
        const uint32_t list[8] = { __VA_ARGS__ }; \
        return list[(field) & 7]; \
    } while (0)
    switch (kernel) {
    case KERNEL_BUS_APB1: return t->pclk1;
    case KERNEL_BUS_APB2: return t->pclk2;
    case KERNEL_BUS_APB3: return t->pclk3;
    case KERNEL_BUS_APB4: return t->pclk4;
    case KERNEL_BUS_AHB: return t->hclk;
    case KERNEL_TIM_APB1: return timer_hz(rcc, extract32(reg(rcc, RCC_D2CFGR), 4, 3));
    case KERNEL_TIM_APB2: return timer_hz(rcc, extract32(reg(rcc, RCC_D2CFGR), 8, 3));
    case KERNEL_USART16: CHOOSE(extract32(d2b, 3, 3), t->pclk2, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_USART234578: CHOOSE(extract32(d2b, 0, 3), t->pclk1, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_LPUART1: CHOOSE(extract32(d3, 0, 3), t->pclk4, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_I2C123: CHOOSE(extract32(d2b, 12, 2), t->pclk1, t->pll[2][2], t->hsi, t->csi);
    case KERNEL_I2C4: CHOOSE(extract32(d3, 8, 2), t->pclk4, t->pll[2][2], t->hsi, t->csi);
    case KERNEL_SPI123: CHOOSE(extract32(d2a, 12, 3), t->pll[0][1], t->pll[1][0], t->pll[2][0], 0, t->per);
    case KERNEL_SPI45: CHOOSE(extract32(d2a, 16, 3), t->pclk2, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->hse);
    case KERNEL_SPI6: CHOOSE(extract32(d3, 28, 3), t->pclk4, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->hse);
    case KERNEL_ADC: CHOOSE(extract32(d3, 16, 2), t->pll[1][0], t->pll[2][2], t->per);
    case KERNEL_RNG: CHOOSE(extract32(d2b, 8, 2), t->hsi48, t->pll[0][1], t->lse, t->lsi);
    case KERNEL_USB: CHOOSE(extract32(d2b, 20, 2), 0, t->pll[0][1], t->pll[2][1], t->hsi48);
    case KERNEL_SDMMC: CHOOSE(extract32(d1, 16, 1), t->pll[0][1], t->pll[1][2]);
    case KERNEL_QSPI: CHOOSE(extract32(d1, 4, 2), t->hclk, t->pll[0][1], t->pll[1][2], t->per);
    case KERNEL_FMC: CHOOSE(extract32(d1, 0, 2), t->hclk, t->pll[0][1], t->pll[1][2], t->per);
    case KERNEL_FDCAN: CHOOSE(extract32(d2a, 28, 2), t->hse, t->pll[0][1], t->pll[1][1]);
    case KERNEL_LPTIM1: CHOOSE(extract32(d2b, 28, 3), t->pclk1, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_LPTIM2: CHOOSE(extract32(d3, 10, 3), t->pclk4, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_LPTIM345: CHOOSE(extract32(d3, 13, 3), t->pclk4, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_SAI1: CHOOSE(extract32(d2a, 0, 3), t->pll[0][1], t->pll[1][0], t->pll[2][0], 0, t->per);
    case KERNEL_CEC: CHOOSE(extract32(d2b, 22, 2), t->lse, t->lsi, t->csi / 122);
    case KERNEL_LSI: return 32000;
    case KERNEL_RTC: return rtc_hz(rcc);
    }
#undef CHOOSE
    return 0;
}
