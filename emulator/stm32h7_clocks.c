/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clock tree of an STM32H7: from the RCC's registers to frequencies (RM0433 section 8.5). */
#include "qemu/osdep.h"

#include "stm32h7_rcc_device.h"

enum {
    HSI_HZ = 64000000, CSI_HZ = 4000000, HSI48_HZ = 48000000, LSI_HZ = 32000,
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
    switch (reg(rcc, RCC_PLLCKSELR) & RCC_PLLCKSELR_PLLSRC) {
    case 0: return tree->hsi;
    case 1: return tree->csi;
    case 2: return tree->hse;
    default: return 0;
    }
}

static uint32_t pll_reference(Stm32Rcc *rcc, const Stm32ClockTree *tree, unsigned pll)
{
    uint32_t m = FIELD_OF(reg(rcc, RCC_PLLCKSELR) >> (8 * pll), RCC_PLLCKSELR_DIVM1);

    return m ? pll_input(rcc, tree) / m : 0;
}

static uint32_t pll_vco(Stm32Rcc *rcc, const Stm32ClockTree *tree, unsigned pll)
{
    uint64_t n = FIELD_OF(reg(rcc, RCC_DIVR + RCC_PLL_STRIDE * pll), RCC_DIVR_DIVN) + 1;
    uint64_t fraction = 0;

    if (reg(rcc, RCC_PLLCFGR) & (RCC_PLLCFGR_PLL1FRACEN << (4 * pll))) {
        fraction = FIELD_OF(reg(rcc, RCC_FRACR + RCC_PLL_STRIDE * pll), RCC_FRACR_FRACN);
    }
    return pll_reference(rcc, tree, pll) * (n * 8192 + fraction) / 8192;
}

static void compute_pll(Stm32Rcc *rcc, Stm32ClockTree *tree, unsigned pll)
{
    uint32_t divr = reg(rcc, RCC_DIVR + RCC_PLL_STRIDE * pll);
    const uint32_t divider[3] = { FIELD_OF(divr, RCC_DIVR_DIVP), FIELD_OF(divr, RCC_DIVR_DIVQ), FIELD_OF(divr, RCC_DIVR_DIVR) };
    uint32_t vco = pll_vco(rcc, tree, pll);

    for (unsigned out = 0; out < 3; out++) {
        bool on = !rcc->stopped && (reg(rcc, RCC_CR) & (RCC_CR_PLL1ON << (2 * pll))) && (reg(rcc, RCC_PLLCFGR) & (RCC_PLLCFGR_DIVP1EN << (3 * pll + out)));

        tree->pll[pll][out] = on ? vco / (divider[out] + 1) : 0;
    }
}

bool stm32h7_clocks_pll_valid(Stm32Rcc *rcc, unsigned pll)
{
    const Stm32ClockTree *tree = &rcc->tree;
    uint32_t cfgr = reg(rcc, RCC_PLLCFGR);
    unsigned range = FIELD_OF(cfgr >> (4 * pll), RCC_PLLCFGR_PLL1RGE);
    bool medium = cfgr & (RCC_PLLCFGR_PLL1VCOSEL << (4 * pll));
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
    const uint32_t in_stop = RCC_CR_HSIKERON | RCC_CR_CSIKERON;
    uint32_t cr = reg(rcc, RCC_CR), d2 = reg(rcc, RCC_D2CFGR);

    if (rcc->stopped) {                                         /* section 8.5: only what a kernel clock may ask for */
        cr &= in_stop | RCC_CR_HSIDIV;
        cr |= (cr & RCC_CR_HSIKERON ? RCC_CR_HSION : 0) | (cr & RCC_CR_CSIKERON ? RCC_CR_CSION : 0);
    }

    tree->hsi = cr & RCC_CR_HSION ? HSI_HZ >> FIELD_OF(cr, RCC_CR_HSIDIV) : 0;
    tree->csi = cr & RCC_CR_CSION ? CSI_HZ : 0;
    tree->hsi48 = cr & RCC_CR_HSI48ON ? HSI48_HZ : 0;
    tree->hse = cr & RCC_CR_HSEON ? rcc->hse_hz : 0;
    tree->lse = reg(rcc, RCC_BDCR) & RCC_BDCR_LSEON ? rcc->lse_hz : 0;
    tree->lsi = reg(rcc, RCC_CSR) & RCC_CSR_LSION ? LSI_HZ : 0;
    switch (FIELD_OF(reg(rcc, RCC_D1CCIPR), RCC_D1CCIPR_CKPERSEL)) {
    case 0: tree->per = tree->hsi; break;
    case 1: tree->per = tree->csi; break;
    case 2: tree->per = tree->hse; break;
    default: tree->per = 0; break;
    }
    for (unsigned pll = 0; pll < 3; pll++) {
        compute_pll(rcc, tree, pll);
    }
    if (rcc->stopped) {
        tree->sys = tree->cpu = tree->hclk = tree->pclk1 = tree->pclk2 = tree->pclk3 = tree->pclk4 = 0;
        return;
    }
    switch (FIELD_OF(reg(rcc, RCC_CFGR), RCC_CFGR_SWS)) {
    case 1: tree->sys = tree->csi; break;
    case 2: tree->sys = tree->hse; break;
    case 3: tree->sys = tree->pll[0][0]; break;
    default: tree->sys = tree->hsi; break;
    }
    tree->cpu = tree->sys / ahb_divider(FIELD_OF(reg(rcc, RCC_D1CFGR), RCC_D1CFGR_D1CPRE));
    tree->hclk = tree->cpu / ahb_divider(FIELD_OF(reg(rcc, RCC_D1CFGR), RCC_D1CFGR_HPRE));
    tree->pclk3 = tree->hclk / apb_divider(FIELD_OF(reg(rcc, RCC_D1CFGR), RCC_D1CFGR_D1PPRE));
    tree->pclk1 = tree->hclk / apb_divider(FIELD_OF(d2, RCC_D2CFGR_D2PPRE1));
    tree->pclk2 = tree->hclk / apb_divider(FIELD_OF(d2, RCC_D2CFGR_D2PPRE2));
    tree->pclk4 = tree->hclk / apb_divider(FIELD_OF(reg(rcc, RCC_D3CFGR), RCC_D3CFGR_D3PPRE));
}

uint32_t stm32h7_clocks_mco1(Stm32Rcc *rcc)
{
    const Stm32ClockTree *t = &rcc->tree;
    const uint32_t source[8] = { t->hsi, t->lse, t->hse, t->pll[0][1], t->hsi48 };
    uint32_t cfgr = reg(rcc, RCC_CFGR), divider = FIELD_OF(cfgr, RCC_CFGR_MCO1PRE);

    return divider ? source[FIELD_OF(cfgr, RCC_CFGR_MCO1SEL)] / divider : 0;
}

/* Timers run faster than their divided bus: x2 (TIMPRE 0) or x4 (TIMPRE 1), never above the AHB clock. */
static uint32_t timer_hz(Stm32Rcc *rcc, uint32_t prescaler)
{
    uint32_t divider = apb_divider(prescaler);
    uint32_t faster = reg(rcc, RCC_CFGR) & RCC_CFGR_TIMPRE ? 4 : 2;

    return divider <= faster ? rcc->tree.hclk : rcc->tree.hclk / divider * faster;
}

static uint32_t rtc_hz(Stm32Rcc *rcc)
{
    uint32_t divider = FIELD_OF(reg(rcc, RCC_CFGR), RCC_CFGR_RTCPRE);

    switch (FIELD_OF(reg(rcc, RCC_BDCR), RCC_BDCR_RTCSEL)) {
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
    case KERNEL_TIM_APB1: return timer_hz(rcc, FIELD_OF(reg(rcc, RCC_D2CFGR), RCC_D2CFGR_D2PPRE1));
    case KERNEL_TIM_APB2: return timer_hz(rcc, FIELD_OF(reg(rcc, RCC_D2CFGR), RCC_D2CFGR_D2PPRE2));
    case KERNEL_USART16: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_USART16SEL), t->pclk2, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_USART234578: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_USART234578SEL), t->pclk1, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_LPUART1: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_LPUART1SEL), t->pclk4, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->lse);
    case KERNEL_I2C123: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_I2C123SEL), t->pclk1, t->pll[2][2], t->hsi, t->csi);
    case KERNEL_I2C4: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_I2C4SEL), t->pclk4, t->pll[2][2], t->hsi, t->csi);
    case KERNEL_SPI123: CHOOSE(FIELD_OF(d2a, RCC_D2CCIP1R_SPI123SEL), t->pll[0][1], t->pll[1][0], t->pll[2][0], 0, t->per);
    case KERNEL_SPI45: CHOOSE(FIELD_OF(d2a, RCC_D2CCIP1R_SPI45SEL), t->pclk2, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->hse);
    case KERNEL_SPI6: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_SPI6SEL), t->pclk4, t->pll[1][1], t->pll[2][1], t->hsi, t->csi, t->hse);
    case KERNEL_ADC: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_ADCSEL), t->pll[1][0], t->pll[2][2], t->per);
    case KERNEL_RNG: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_RNGSEL), t->hsi48, t->pll[0][1], t->lse, t->lsi);
    case KERNEL_USB: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_USBSEL), 0, t->pll[0][1], t->pll[2][1], t->hsi48);
    case KERNEL_SDMMC: CHOOSE(FIELD_OF(d1, RCC_D1CCIPR_SDMMCSEL), t->pll[0][1], t->pll[1][2]);
    case KERNEL_QSPI: CHOOSE(FIELD_OF(d1, RCC_D1CCIPR_QSPISEL), t->hclk, t->pll[0][1], t->pll[1][2], t->per);
    case KERNEL_FMC: CHOOSE(FIELD_OF(d1, RCC_D1CCIPR_FMCSEL), t->hclk, t->pll[0][1], t->pll[1][2], t->per);
    case KERNEL_FDCAN: CHOOSE(FIELD_OF(d2a, RCC_D2CCIP1R_FDCANSEL), t->hse, t->pll[0][1], t->pll[1][1]);
    case KERNEL_LPTIM1: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_LPTIM1SEL), t->pclk1, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_LPTIM2: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_LPTIM2SEL), t->pclk4, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_LPTIM345: CHOOSE(FIELD_OF(d3, RCC_D3CCIPR_LPTIM345SEL), t->pclk4, t->pll[1][0], t->pll[2][2], t->lse, t->lsi, t->per);
    case KERNEL_SAI1: CHOOSE(FIELD_OF(d2a, RCC_D2CCIP1R_SAI1SEL), t->pll[0][1], t->pll[1][0], t->pll[2][0], 0, t->per);
    case KERNEL_CEC: CHOOSE(FIELD_OF(d2b, RCC_D2CCIP2R_CECSEL), t->lse, t->lsi, t->csi / 122);
    case KERNEL_LSI: return 32000;
    case KERNEL_RTC: return rtc_hz(rcc);
    }
#undef CHOOSE
    return 0;
}
