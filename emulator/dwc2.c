/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Synopsys dwc2, the USB OTG controller of the STM32 (RM0433 sections 57 and 58; both instances of an STM32H7 are the same core),
 * in device mode, with FIFOs driven by the core (slave mode) or by its own DMA. Host mode is only storage.
 *
 * dwc2.c  registers, interrupts      dwc2_fifo.c  FIFO RAM      dwc2_endpoint.c  endpoints and tokens      dwc2_link.c  the connection
 */
#include "qemu/osdep.h"

#include "dwc2_device.h"

enum { KEPT_DCFG = 3 };

/* The core can have fifteen transmit FIFOs; drivers for all chips that have it clear the sizes of those, too, that this one lacks. */
static const RegDef dwc2_registers[] = { STM32H743_OTG { OTG_DIEPTXF + 4 * 8, "DIEPTXF", 0, 0, 0, 7, 0, 9 } };
static const RegMap dwc2_map = REG_MAP(dwc2_registers, OTG_BYTES);

/* --- flags that are levels --- */

static uint32_t in_flags(Dwc2 *s, unsigned n)
{
    return (*dwc2_ep(s, OTG_DIEPINT, n) & ~OTG_DIEPINT_TXFE) | (dwc2_tx_empty(s, n) ? OTG_DIEPINT_TXFE : 0);
}

static uint32_t endpoint_interrupts(Dwc2 *s)
{
    uint32_t value = 0;

    for (unsigned n = 0; n < OTG_IN_COUNT; n++) {
        uint32_t mask = (*dwc2_reg(s, OTG_DIEPMSK) & ~OTG_DIEPINT_TXFE) | (*dwc2_reg(s, OTG_DIEPEMPMSK) & (1u << n) ? OTG_DIEPINT_TXFE : 0);

        value |= in_flags(s, n) & mask ? 1u << n : 0;
        value |= *dwc2_ep(s, OTG_DOEPINT, n) & *dwc2_reg(s, OTG_DOEPMSK) ? 1u << (16 + n) : 0;
    }
    return value;
}

static uint32_t interrupts(Dwc2 *s)
{
    uint32_t value = *dwc2_reg(s, OTG_GINTSTS), endpoints = endpoint_interrupts(s) & *dwc2_reg(s, OTG_DAINTMSK);

    value &= ~(OTG_GINTSTS_RXFLVL | OTG_GINTSTS_IEP | OTG_GINTSTS_OEP | OTG_GINTSTS_OTG);
    value |= s->rx.entries ? OTG_GINTSTS_RXFLVL : 0;
    value |= endpoints & OTG_DAINT_IEPINT ? OTG_GINTSTS_IEP : 0;
    value |= endpoints & OTG_DAINT_OEPINT ? OTG_GINTSTS_OEP : 0;
    value |= *dwc2_reg(s, OTG_GOTGINT) ? OTG_GINTSTS_OTG : 0;
    return value;
}

bool dwc2_interrupting(Dwc2 *s)
{
    return (*dwc2_reg(s, OTG_GAHBCFG) & OTG_GAHBCFG_GINT) && (interrupts(s) & *dwc2_reg(s, OTG_GINTMSK));
}

void dwc2_update(Dwc2 *s)
{
    qemu_set_irq(s->irq[0], dwc2_interrupting(s));
}

/* --- registers --- */

/* Battery charger detection (section 57.9.3), as far as it tells a host from a charger. */
static uint32_t charger(Dwc2 *s, uint32_t gccfg)
{
    bool alone = s->port && usb_port_is_charger(s->port);

    return gccfg | (s->vbus && (gccfg & OTG_GCCFG_DCDEN) ? OTG_GCCFG_DCDET : 0) | (alone && (gccfg & OTG_GCCFG_PDEN) ? OTG_GCCFG_PDET : 0) |
           (alone && (gccfg & OTG_GCCFG_SDEN) ? OTG_GCCFG_SDET : 0);
}

/* A packet has left the receive FIFO: a refused one may fit. */
static void more_room(Dwc2 *s)
{
    if (s->port && !s->rx.data_left) {
        usb_port_ready(s->port, 0, USB_EVERY_ENDPOINT);
    }
}

static uint32_t dwc2_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Dwc2 *s = DWC2(p);
    uint32_t value;

    if (offset >= OTG_FIFO) {
        value = dwc2_rx_read(s);
        more_room(s);
        return value;
    }
    if (offset == OTG_GRXSTSP) {
        value = dwc2_rx_pop(s);
        more_room(s);
        dwc2_update(s);
        return value;
    }
    if (offset >= OTG_DIEPCTL && offset < OTG_DIEPCTL + OTG_IN_COUNT * OTG_IN_STRIDE) {
        unsigned n = (offset - OTG_DIEPCTL) / OTG_IN_STRIDE, which = offset - n * OTG_IN_STRIDE;

        return which == OTG_DIEPINT ? in_flags(s, n) : which == OTG_DTXFSTS ? dwc2_tx_free(s, n) : stored;
    }
    switch (offset) {
    case OTG_GINTSTS: return interrupts(s);
    case OTG_GRXSTSR: return dwc2_rx_peek(s);
    case OTG_GNPTXSTS: return 8u << OTG_GNPTXSTS_NPTQXSAV_Pos | dwc2_tx_free(s, 0);
    case OTG_GCCFG: return charger(s, stored);
    case OTG_DAINT: return endpoint_interrupts(s);
    case OTG_DSTS: return stored | (s->pulled_up && !s->bus_reset ? 2u << OTG_DSTS_DEVLNSTS_Pos : 0);      /* J */
    default: return stored;
    }
}

static void reset_core(Dwc2 *s)
{
    uint32_t gusbcfg = *dwc2_reg(s, OTG_GUSBCFG), gccfg = *dwc2_reg(s, OTG_GCCFG), dcfg = *dwc2_reg(s, OTG_DCFG) & KEPT_DCFG;
    uint32_t dctl = *dwc2_reg(s, OTG_DCTL) & OTG_DCTL_SDIS, pcgcctl = *dwc2_reg(s, OTG_PCGCCTL);

    regs_reset(&s->parent_obj.regs);                    /* but for what belongs to the PHY and the bus (GRSTCTL.CSRST) */
    *dwc2_reg(s, OTG_GUSBCFG) = gusbcfg;
    *dwc2_reg(s, OTG_GCCFG) = gccfg;
    *dwc2_reg(s, OTG_DCFG) = (*dwc2_reg(s, OTG_DCFG) & ~KEPT_DCFG) | dcfg;
    *dwc2_reg(s, OTG_DCTL) = (*dwc2_reg(s, OTG_DCTL) & ~OTG_DCTL_SDIS) | dctl;
    *dwc2_reg(s, OTG_PCGCCTL) = pcgcctl;
    s->setup_done_due = s->control_open = s->control_write = false;
    s->address = 0;
    dwc2_fifo_reset(s);
}

static void write_grstctl(Dwc2 *s, const RegWrite *w)
{
    if (w->raw & OTG_GRSTCTL_CSRST) {
        reset_core(s);
    }
    if (w->raw & OTG_GRSTCTL_RXFFLSH) {
        dwc2_flush_rx(s);
    }
    if (w->raw & OTG_GRSTCTL_TXFFLSH) {
        dwc2_flush_tx(s, FIELD_OF(w->raw, OTG_GRSTCTL_TXFNUM));
    }
    *dwc2_reg(s, OTG_GRSTCTL) = (w->raw & OTG_GRSTCTL_TXFNUM) | OTG_GRSTCTL_AHBIDL;
}

static void write_dctl(Dwc2 *s, const RegWrite *w)
{
    uint32_t *sts = dwc2_reg(s, OTG_GINTSTS), *dctl = dwc2_reg(s, OTG_DCTL);

    if (w->raw & OTG_DCTL_SGINAK) {
        *dctl |= OTG_DCTL_GINSTS;
        *sts |= OTG_GINTSTS_GINAKEFF;
    }
    if (w->raw & OTG_DCTL_CGINAK) {
        *dctl &= ~OTG_DCTL_GINSTS;
        *sts &= ~OTG_GINTSTS_GINAKEFF;
    }
    if ((w->raw & OTG_DCTL_SGONAK) && !(*dctl & OTG_DCTL_GONSTS)) {
        *dctl |= OTG_DCTL_GONSTS;
        if (dwc2_dma(s)) {
            *sts |= OTG_GINTSTS_GONAKEFF;
        } else {
            dwc2_rx_push(s, 0, RX_GLOBAL_NAK, false, NULL, 0);     /* in effect when the firmware pops it */
        }
    }
    if (w->raw & OTG_DCTL_CGONAK) {
        *dctl &= ~OTG_DCTL_GONSTS;
        *sts &= ~OTG_GINTSTS_GONAKEFF;
    }
    if (s->port && (w->value ^ w->old) & OTG_DCTL_RWUSIG) {
        usb_port_remote_wakeup(s->port, s, w->value & OTG_DCTL_RWUSIG);
    }
}

static bool is_control(uint32_t offset)
{
    return ((offset >= OTG_DIEPCTL && offset < OTG_DIEPCTL + OTG_IN_COUNT * OTG_IN_STRIDE) ||
            (offset >= OTG_DOEPCTL && offset < OTG_DOEPCTL + OTG_IN_COUNT * OTG_IN_STRIDE)) && offset % OTG_IN_STRIDE == 0;
}

static void dwc2_write(Stm32Periph *p, const RegWrite *w)
{
    Dwc2 *s = DWC2(p);
    unsigned in = 0, out = 0;

    if (w->offset >= OTG_FIFO) {
        unsigned n = w->offset / OTG_FIFO - 1, packets;

        if (n < OTG_IN_COUNT) {
            packets = s->tx[dwc2_fifo_of(s, n)].packets;
            dwc2_tx_write(s, n, w->raw);
            dwc2_update(s);
            if (s->port && s->tx[dwc2_fifo_of(s, n)].packets != packets) {
                usb_port_ready(s->port, 1u << n, 0);
            }
        }
        return;
    }
    if (is_control(w->offset)) {
        unsigned n = (w->offset - (w->offset < OTG_DOEPCTL ? OTG_DIEPCTL : OTG_DOEPCTL)) / OTG_IN_STRIDE;

        dwc2_write_endpoint(s, w);
        in = w->offset < OTG_DOEPCTL ? 1u << n : 0;
        out = w->offset < OTG_DOEPCTL ? 0 : 1u << n;
    } else if (w->offset == OTG_GRSTCTL) {
        write_grstctl(s, w);
        out = USB_EVERY_ENDPOINT;
    } else if (w->offset == OTG_DCTL) {
        write_dctl(s, w);
        in = out = USB_EVERY_ENDPOINT;
    } else if (w->offset == OTG_DCFG && !s->control_open) {
        s->address = FIELD_OF(w->value, OTG_DCFG_DAD);
    } else if (w->offset == OTG_GUSBCFG) {
        *dwc2_reg(s, OTG_GINTSTS) = (*dwc2_reg(s, OTG_GINTSTS) & ~OTG_GINTSTS_CMOD) | (w->value & OTG_GUSBCFG_FHMOD ? OTG_GINTSTS_CMOD : 0);
    } else if (w->offset == OTG_GRXFSIZ || w->offset == OTG_DIEPTXF0 || (w->offset >= OTG_DIEPTXF && w->offset < OTG_DIEPTXF + 4 * 8)) {
        s->fifo_complaints = 0;
    }
    dwc2_link_update(s);
    dwc2_update(s);
    if (s->port && (in || out)) {
        usb_port_ready(s->port, in, out);
    }
}

static void dwc2_reset(Stm32Periph *p)
{
    Dwc2 *s = DWC2(p);

    dwc2_fifo_reset(s);
    s->session = s->bus_reset = s->suspended = s->setup_done_due = s->control_open = false;
    s->control_write = s->complained = false;
    s->address = 0;
    dwc2_update(s);
}

static void dwc2_clocks(Stm32Periph *p)
{
    dwc2_link_update(DWC2(p));
    dwc2_update(DWC2(p));
}

static void dwc2_setup(Stm32Periph *p, Error **errp)
{
    dwc2_link_init(DWC2(p));
}

static void dwc2_init(Object *obj)
{
    for (unsigned i = 0; i < 4; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(obj), &DWC2(obj)->irq[i]);
    }
}

static void dwc2_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &dwc2_map;
    pc->read = dwc2_read;
    pc->write = dwc2_write;
    pc->setup = dwc2_setup;
    pc->reset = dwc2_reset;
    pc->clocks = dwc2_clocks;
}

static const TypeInfo dwc2_types[] = {
    {
        .name = TYPE_DWC2,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Dwc2),
        .instance_init = dwc2_init,
        .class_init = dwc2_class_init,
    },
};

DEFINE_TYPES(dwc2_types)
