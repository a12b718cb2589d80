/* SPDX-License-Identifier: MIT */
/* OTG2 as a full-speed device (RM0433 57), its supply (6.4.4) and its clock: HSI48 is within 1 %, USB needs 0.25 % (9.4). */
#include "usb_device.h"
#include "board.h"
#include "gpio.h"
#include "ramfunc.h"
#include "system.h"

#define PIN_OF(name) PIN(PIN_USB_##name##_PORT, PIN_USB_##name##_PIN)
#define SUPPLY_TIMEOUT_US 1000
#define DOEPTSIZ0_XFRSIZ 0x7FUL /* XFRSIZ is that wide in endpoint 0 (57.14.56) */

/* The host's start of frame, once a millisecond, trims HSI48. The reset values of CFGR fit 48 MHz and 1 kHz. */
static void clock_recovery_start(void)
{
    RCC->APB1HENR |= RCC_APB1HENR_CRSEN;
    (void)RCC->APB1HENR;
    CRS->CFGR = (CRS->CFGR & ~CRS_CFGR_SYNCSRC) | CRS_CFGR_SYNCSRC_USB2;
    CRS->CR |= CRS_CR_AUTOTRIMEN | CRS_CR_CEN;
}

static void pulse(reg32 *reset, uint32_t bit)
{
    *reset |= bit;
    (void)*reset;
    *reset &= ~bit;
}

void usb_device_start(void)
{
    RCC->D2CCIP2R = (RCC->D2CCIP2R & ~RCC_D2CCIP2R_USBSEL) | FIELD(RCC_D2CCIP2R_USBSEL, BOARD_CLOCK_USB_SEL);
#ifdef BOARD_CLOCK_USB_HSI48
    clock_recovery_start();
#endif
    PWR->CR3 |= PWR_CR3_USB33DEN;
    struct deadline d = deadline_us(SUPPLY_TIMEOUT_US);
    while (!(PWR->CR3 & PWR_CR3_USB33RDY) && !deadline_passed(&d)) {
        /* Without the supply the host sees nothing, and nobody waits for it. */
    }
    gpio_alternate(PIN_OF(DM), PIN_USB_DM_AF, GPIO_PULL_NONE, false);
    gpio_alternate(PIN_OF(DP), PIN_USB_DP_AF, GPIO_PULL_NONE, false);
#ifdef PIN_USB_VBUS_PORT
    gpio_input(PIN_OF(VBUS), GPIO_PULL_NONE);
#endif
    /* Without the ULPI clock, also asleep: its PHY isn't there, and the core would wait for it. */
    RCC->AHB1LPENR &= ~RCC_AHB1LPENR_USB2ULPILPEN;
    RCC->AHB1ENR |= RCC_AHB1ENR_USB2OTGEN;
    (void)RCC->AHB1ENR;
    pulse(&RCC->AHB1RSTR, RCC_AHB1RSTR_USB2OTGRST);
    OTG2_FS->DCTL |= OTG_DCTL_SDIS;
}

void usb_device_sense_vbus(void)
{
#ifdef PIN_USB_VBUS_PORT
    OTG2_FS->GCCFG |= OTG_GCCFG_VBDEN;
    OTG2_FS->GOTGCTL &= ~(OTG_GOTGCTL_BVALOEN | OTG_GOTGCTL_BVALOVAL);
#endif
}

bool usb_device_has_vbus(void)
{
#ifdef PIN_USB_VBUS_PORT
    return gpio_read(PIN_OF(VBUS));
#else
    return true;
#endif
}

uint32_t usb_device_control_missing(void) { return OTG2_FS->OUT[0].DOEPTSIZ & DOEPTSIZ0_XFRSIZ; }

RAMFUNC bool usb_device_evade_reset(void)
{
    bool reset = (RCC->AHB1ENR & RCC_AHB1ENR_USB2OTGEN) && (OTG2_FS->GINTSTS & OTG_GINTSTS_USBRST);
    if (reset) {
        OTG2_FS->DCTL |= OTG_DCTL_SDIS;
    }
    return reset;
}

void usb_device_return(void)
{
    system_delay_us(USB_DEVICE_AWAY_US);
    OTG2_FS->DCTL &= ~OTG_DCTL_SDIS;
}

void usb_device_stop(void)
{
    static const struct gpio_config analog = { .mode = GPIO_MODE_ANALOG };
    OTG2_FS->DCTL |= OTG_DCTL_SDIS;
    NVIC_DisableIRQ(USB_DEVICE_IRQ);
    pulse(&RCC->AHB1RSTR, RCC_AHB1RSTR_USB2OTGRST);
    NVIC_ClearPendingIRQ(USB_DEVICE_IRQ);
    RCC->AHB1ENR &= ~RCC_AHB1ENR_USB2OTGEN;
    RCC->AHB1LPENR |= RCC_AHB1LPENR_USB2ULPILPEN;
    gpio_configure(PIN_OF(DM), &analog);
    gpio_configure(PIN_OF(DP), &analog);
#ifdef PIN_USB_VBUS_PORT
    gpio_configure(PIN_OF(VBUS), &analog);
#endif
    PWR->CR3 &= ~PWR_CR3_USB33DEN;
#ifdef BOARD_CLOCK_USB_HSI48
    pulse(&RCC->APB1HRSTR, RCC_APB1HRSTR_CRSRST);
    RCC->APB1HENR &= ~RCC_APB1HENR_CRSEN;
#endif
}
