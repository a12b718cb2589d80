/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the dwc2 pulls its data line up: session, transceiver, supply, clock and pins (RM0433 sections 6.4.5, 8.5, 57.7). */
#include "qemu/osdep.h"

#include "dwc2_device.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

static const Stm32Gate ulpi_gate = { RCC_AHB1ENR, RCC_AHB1RSTR, RCC_AHB1ENR_USB1ULPIEN_Pos };

enum { OTG_FS = 2, USB_HZ = 48000000, PATIENCE_MS = 20 };
#define AGAIN_NS 1000000

bool dwc2_link_own_phy(Dwc2 *s)
{
    return s->parent_obj.variant == OTG_FS || (*dwc2_reg(s, OTG_GUSBCFG) & OTG_GUSBCFG_PHYSEL);
}

bool dwc2_link_high_speed(Dwc2 *s)
{
    return !dwc2_link_own_phy(s) && !(*dwc2_reg(s, OTG_DCFG) & 3);
}

/* B session valid: measured on the VBUS pin, or said by the firmware. */
static bool session_valid(Dwc2 *s)
{
    uint32_t otg = *dwc2_reg(s, OTG_GOTGCTL);

    if (otg & OTG_GOTGCTL_BVALOEN) {
        return otg & OTG_GOTGCTL_BVALOVAL;
    }
    return s->vbus && (!dwc2_link_own_phy(s) || (*dwc2_reg(s, OTG_GCCFG) & OTG_GCCFG_VBDEN));
}

static bool wanted(Dwc2 *s)
{
    return s->session && !(*dwc2_reg(s, OTG_DCTL) & OTG_DCTL_SDIS) && !(*dwc2_reg(s, OTG_GUSBCFG) & OTG_GUSBCFG_FHMOD);
}

/* What keeps the pull-up from working; NULL: nothing. */
static const char *missing(Dwc2 *s)
{
    Stm32Periph *p = &s->parent_obj;
    uint32_t hz = periph_clock_hz(p);

    if (!dwc2_link_own_phy(s)) {
        return !s->ulpi ? "the board has no ULPI PHY (GUSBCFG.PHYSEL is 0)" :
               !stm32h7_rcc_enabled(p->rcc, ulpi_gate) ? "the clock of its ULPI interface is off in the RCC" : NULL;
    }
    if (!(*dwc2_reg(s, OTG_GCCFG) & OTG_GCCFG_PWRDWN)) {
        return "the transceiver is off (GCCFG.PWRDWN is 0)";
    }
    if (!stm32h7_pwr_usb_supply(p->rcc->pwr)) {
        return "the USB supply isn't enabled (PWR_CR3.USB33DEN)";
    }
    if (!stm32h7_rcc_stopped(p->rcc) && (hz < USB_HZ - USB_HZ / 400 || hz > USB_HZ + USB_HZ / 400)) {
        return "its kernel clock isn't 48 MHz";
    }
    if (!stm32_pin_routed(&s->pins[0]) || !stm32_pin_routed(&s->pins[1])) {
        return "the pins of D- and D+ haven't its alternate function";
    }
    return NULL;
}

static void update_session(Dwc2 *s)
{
    bool valid = session_valid(s);

    if (valid != s->session) {
        s->session = valid;
        if (valid) {
            *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_SRQ;
        } else {
            *dwc2_reg(s, OTG_GOTGINT) |= OTG_GOTGINT_SEDET;
        }
    }
    *dwc2_reg(s, OTG_GOTGCTL) = (*dwc2_reg(s, OTG_GOTGCTL) & ~OTG_GOTGCTL_BSVLD) | (valid ? OTG_GOTGCTL_BSVLD : 0);
}

void dwc2_link_update(Dwc2 *s)
{
    const char *why = NULL;
    bool up;

    if (!s->port) {
        return;
    }
    update_session(s);
    up = wanted(s) && periph_clocked(&s->parent_obj) && !(why = missing(s));
    if (up != s->pulled_up) {
        s->pulled_up = up;
        s->complained = false;
        s->suspended = false;
        usb_port_pull_up(s->port, s, up ? USB_FULL_SPEED : USB_NOT_CONNECTED);
    }
    /* What is missing lies outside of this peripheral: looked for again, and complained about when it doesn't come. */
    if (!why) {
        s->link_waits = 0;
        timer_del(s->link_timer);
    } else if (!timer_pending(s->link_timer)) {
        timer_mod(s->link_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + AGAIN_NS);
    }
}

bool dwc2_has_frames(Stm32Periph *otg)
{
    Dwc2 *s = DWC2(otg);

    return s->pulled_up && !s->bus_reset && !s->suspended;
}

static void again(void *opaque)
{
    Dwc2 *s = opaque;
    const char *why = missing(s);

    if (why && ++s->link_waits == PATIENCE_MS && !s->complained) {
        s->complained = true;
        guest_error(s->parent_obj.name, "the device connects (DCTL.SDIS is 0), but %s", why);
    }
    dwc2_link_update(s);
    dwc2_update(s);
}

void dwc2_link_init(Dwc2 *s)
{
    s->link_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, again, s);
}

void dwc2_connect(Stm32Periph *otg, UsbPort *port, const Stm32Pin pins[2], bool ulpi)
{
    Dwc2 *s = DWC2(otg);

    s->pins[0] = pins[0];
    s->pins[1] = pins[1];
    s->ulpi = ulpi;
    s->port = port;
    usb_port_attach(port, &dwc2_bus_ops, s);
}
