/* SPDX-License-Identifier: MIT */
/* The clock tree. Sections are of RM0433 rev 8. */
#include "clock.h"
#include "board.h"
#include "fault.h"
#include "system.h"

/* Waits until (*reg & mask) == value; 100 ms at the slowest clock are ten times what any oscillator or regulator needs. */
static void wait_for(reg32 *reg, uint32_t mask, uint32_t value, unsigned blink)
{
    struct deadline d = deadline_us(100000);
    while ((*reg & mask) != value) {
        if (deadline_passed(&d)) {
            fault_blink(blink);
        }
    }
}

struct pll { uint32_t m, n, p, q, r, vci, wide, frac; };
#define PLL_ROW(i) { BOARD_PLL##i##_M, BOARD_PLL##i##_N, BOARD_PLL##i##_P, BOARD_PLL##i##_Q, BOARD_PLL##i##_R, \
                     BOARD_PLL##i##_VCI, BOARD_PLL##i##_VCO_WIDE, BOARD_PLL##i##_FRAC }
static const struct pll plls[3] = { PLL_ROW(1), PLL_ROW(2), PLL_ROW(3) };

uint32_t clock_pll_hz(unsigned pll, char output)
{
    const struct pll *p = &plls[pll - 1];
    uint64_t vco = (uint64_t)BOARD_HSE_HZ / p->m * (p->n * 8192u + p->frac) / 8192;
    return (uint32_t)(vco / (output == 'P' ? p->p : output == 'Q' ? p->q : p->r));
}

uint32_t clock_core_hz(void) { return clock_pll_hz(1, 'P'); }
uint32_t clock_ahb_hz(void) { return clock_core_hz() / 2; }
uint32_t clock_apb_hz(void) { return clock_ahb_hz() / 2; }
uint32_t clock_timer_hz(void) { return clock_apb_hz() * 2; } /* 8.7.17: twice the APB clock when that is divided */
_Static_assert(BOARD_HSE_HZ / BOARD_PLL1_M * BOARD_PLL1_N / BOARD_PLL1_P == BOARD_CPU_HZ, "PLL1 must give the board's core clock");

/* Back to HSI with every PLL off, whatever was running. */
static void clock_to_hsi(void)
{
    RCC->CR |= RCC_CR_HSION;
    wait_for(&RCC->CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY, BLINK_OSCILLATOR);
    RCC->CFGR = 0;
    wait_for(&RCC->CFGR, RCC_CFGR_SWS, 0, BLINK_SWITCH);
    RCC->CR &= ~(RCC_CR_HSIDIV | RCC_CR_PLLON(0) | RCC_CR_PLLON(1) | RCC_CR_PLLON(2));
    for (unsigned i = 0; i < 3; i++) {
        wait_for(&RCC->CR, RCC_CR_PLLRDY(i), 0, BLINK_PLL);
    }
    RCC->D1CFGR = RCC->D2CFGR = RCC->D3CFGR = 0;
}

/* 6.6.2 and 6.8.6: the supply first (it can be written once after power-on), then VOS1, then the overdrive that makes it VOS0. */
static void voltage_to_vos0(void)
{
    PWR->CR3 = (PWR->CR3 & ~(PWR_CR3_BYPASS | PWR_CR3_SDEN)) | PWR_CR3_LDOEN;
    wait_for(&PWR->CSR1, PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY, BLINK_VOLTAGE);
    PWR->D3CR = PWR_D3CR_VOS1;
    wait_for(&PWR->D3CR, PWR_D3CR_VOSRDY, PWR_D3CR_VOSRDY, BLINK_VOLTAGE);
    RCC->APB4ENR |= RCC_APB4ENR_SYSCFGEN;
    (void)RCC->APB4ENR;
    SYSCFG->PWRCR |= SYSCFG_PWRCR_ODEN;
    wait_for(&PWR->D3CR, PWR_D3CR_VOSRDY, PWR_D3CR_VOSRDY, BLINK_VOLTAGE);
}

static void plls_on(void)
{
    uint32_t source = FIELD(RCC_PLLCKSELR_PLLSRC, 2), config = 0; /* HSE */
    for (unsigned i = 0; i < 3; i++) {
        const struct pll *p = &plls[i];
        source |= FIELD(RCC_PLLCKSELR_DIVM1, p->m) << 8 * i;
        config |= ((p->frac ? RCC_PLLCFGR_PLL1FRACEN : 0) | (p->wide ? 0 : RCC_PLLCFGR_PLL1VCOSEL) | FIELD(RCC_PLLCFGR_PLL1RGE, p->vci)) << 4 * i
            | (RCC_PLLCFGR_DIVP1EN | RCC_PLLCFGR_DIVQ1EN | RCC_PLLCFGR_DIVR1EN) << 3 * i;
        RCC->PLL[i].DIVR = FIELD(RCC_DIVR_DIVN, p->n - 1) | FIELD(RCC_DIVR_DIVP, p->p - 1) | FIELD(RCC_DIVR_DIVQ, p->q - 1)
            | FIELD(RCC_DIVR_DIVR, p->r - 1);
        RCC->PLL[i].FRACR = FIELD(RCC_FRACR_FRACN, p->frac);
    }
    RCC->PLLCKSELR = source;
    RCC->PLLCFGR = config;
    for (unsigned i = 0; i < 3; i++) {
        RCC->CR |= RCC_CR_PLLON(i);
    }
    for (unsigned i = 0; i < 3; i++) {
        wait_for(&RCC->CR, RCC_CR_PLLRDY(i), RCC_CR_PLLRDY(i), BLINK_PLL);
    }
}

/* Table 17: wait states for VOS0. The board's FLASH_LATENCY is the fewest it asks for; the manual's number wins when it is higher. */
static void flash_wait_states(void)
{
    uint32_t states = clock_ahb_hz() > 225000000 ? 4 : clock_ahb_hz() > 210000000 ? 3 : clock_ahb_hz() > 140000000 ? 2 : 1;
    uint32_t acr = (states > BOARD_FLASH_LATENCY ? states : BOARD_FLASH_LATENCY) | FIELD(FLASH_ACR_WRHIGHFREQ, 2); /* from 185 to 285 MHz */
    FLASH_BANK(0)->ACR = acr;
    struct deadline d = deadline_us(1000);
    while (FLASH_BANK(0)->ACR != acr) {
        if (deadline_passed(&d)) {
            fault_blink(BLINK_SWITCH);
        }
    }
}

static void kernel_clocks(void)
{
    RCC->CR |= RCC_CR_HSI48ON;
    wait_for(&RCC->CR, RCC_CR_HSI48RDY, RCC_CR_HSI48RDY, BLINK_HSI48);
    RCC->D2CCIP1R = FIELD(RCC_D2CCIP1R_SPI123SEL, BOARD_CLOCK_SPI123_SEL);
    RCC->D2CCIP2R = FIELD(RCC_D2CCIP2R_USBSEL, BOARD_CLOCK_USB_SEL) | FIELD(RCC_D2CCIP2R_RNGSEL, BOARD_CLOCK_RNG_SEL); /* UART, I2C: APB clock */
    RCC->D3CCIPR = FIELD(RCC_D3CCIPR_ADCSEL, BOARD_CLOCK_ADC_SEL);
}

void clock_init(void)
{
    system_start_counter();
    clock_to_hsi();
    voltage_to_vos0();
    RCC->CR |= RCC_CR_HSEON;
    wait_for(&RCC->CR, RCC_CR_HSERDY, RCC_CR_HSERDY, BLINK_OSCILLATOR);
    plls_on();
    flash_wait_states();
    RCC->D1CFGR = FIELD(RCC_D1CFGR_HPRE, 8) | FIELD(RCC_D1CFGR_D1PPRE, 4); /* AHB = core / 2, APB3 = AHB / 2 */
    RCC->D2CFGR = FIELD(RCC_D2CFGR_D2PPRE1, 4) | FIELD(RCC_D2CFGR_D2PPRE2, 4);
    RCC->D3CFGR = FIELD(RCC_D3CFGR_D3PPRE, 4);
    RCC->CFGR = RCC_CFGR_SW_PLL1;
    wait_for(&RCC->CFGR, RCC_CFGR_SWS, RCC_CFGR_SWS_PLL1, BLINK_SWITCH);
    system_core_mhz = clock_core_hz() / 1000000;
    kernel_clocks();
    /* 12.3.17: fast pads are compensated for voltage and temperature; needs CSI, which keeps running. */
    RCC->CR |= RCC_CR_CSION;
    wait_for(&RCC->CR, RCC_CR_CSIRDY, RCC_CR_CSIRDY, BLINK_OSCILLATOR);
    SYSCFG->CCCSR |= SYSCFG_CCCSR_EN;
}
