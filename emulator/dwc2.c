/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Synopsys dwc2, the USB OTG controller of the STM32 (RM0433 sections 57 and 58; both instances of an STM32H7 are the same core),
 * in device mode, with FIFOs driven by the core (slave mode) or by its own DMA. Host mode is only storage.
 *
 * dwc2.c  registers, interrupts      dwc2_fifo.c  FIFO RAM      dwc2_endpoint.c  endpoints and tokens      dwc2_link.c  the connection
 */
#include "qemu/osdep.h"

#include "dwc2_device.h"

enum { CHANNELS = 16, KEPT_DCFG = 3 };

static const RegDef dwc2_registers[] = {
    { GOTGCTL, "GOTGCTL", 0x00010000, 0x00107dfc }, { GOTGINT, "GOTGINT", 0, 0, 0x1e0304 }, { GAHBCFG, "GAHBCFG", 0, 0x1bf },
    { GUSBCFG, "GUSBCFG", 0x00001440, 0x66ffbfc7 }, { GRSTCTL, "GRSTCTL", (uint32_t)GRSTCTL_AHBIDL, 0x7c0 },
    { GINTSTS, "GINTSTS", 0x14000020, 0, 0xf8f0fc0a }, { GINTMSK, "GINTMSK", 0, 0xfffffffe }, { GRXSTSR, "GRXSTSR", .fifo = true }, { GRXSTSP, "GRXSTSP", .fifo = true },
    { GRXFSIZ, "GRXFSIZ", 0x400, 0xffff }, { DIEPTXF0, "DIEPTXF0", 0x02000400, 0xffffffff }, { GNPTXSTS, "GNPTXSTS", 0x00080400 },
    { GCCFG, "GCCFG", 0, 0x003f0000 }, { 0x03c, "CID", 0x00002300, 0xffffffff }, { 0x040, "GSNPSID", 0x4f54330a }, { 0x044, "GHWCFG1" },
    { 0x048, "GHWCFG2", 0x229fe190 }, { 0x04c, "GHWCFG3", 0x03b882e8 }, { 0x050, "GHWCFG4", 0xe3f00030 }, { 0x054, "GLPMCFG", 0, 0x1fff7ff },
    { 0x05c, "GDFIFOCFG", 0x03b80400, 0xffffffff }, { 0x100, "HPTXFSIZ", 0x04000800, 0xffffffff }, { DIEPTXF, "DIEPTXF", 0x02000400, 0xffffffff, .count = 8 },
    { 0x400, "HCFG", 0, 7 }, { 0x404, "HFIR", 0xea60, 0x1ffff }, { 0x408, "HFNUM", 0x3fff }, { 0x410, "HPTXSTS", 0x00080100 },
    { 0x414, "HAINT" }, { 0x418, "HAINTMSK", 0, 0xffff }, { HPRT, "HPRT", 0, 0x1f140 },
    { 0x500, "HCCHAR", 0, 0xffffffff, .count = CHANNELS, .stride = DWC2_EP_STRIDE }, { 0x504, "HCSPLT", 0, 0x8001ffff, .count = CHANNELS, .stride = DWC2_EP_STRIDE },
    { 0x508, "HCINT", 0, 0, 0x7ff, .count = CHANNELS, .stride = DWC2_EP_STRIDE }, { 0x50c, "HCINTMSK", 0, 0x7ff, .count = CHANNELS, .stride = DWC2_EP_STRIDE },
    { 0x510, "HCTSIZ", 0, 0x7fffffff, .count = CHANNELS, .stride = DWC2_EP_STRIDE }, { 0x514, "HCDMA", 0, 0xffffffff, .count = CHANNELS, .stride = DWC2_EP_STRIDE },
    { DCFG, "DCFG", 0x02200000, 0x0300dff7 }, { DCTL, "DCTL", DCTL_SDIS, 0x40873 }, { DSTS, "DSTS", 0x10, .counter = true }, { DIEPMSK, "DIEPMSK", 0, 0x217f },
    { DOEPMSK, "DOEPMSK", 0, 0x717f }, { DAINT, "DAINT" }, { DAINTMSK, "DAINTMSK", 0, 0xffffffff }, { 0x828, "DVBUSDIS", 0x17d7, 0xffff },
    { 0x82c, "DVBUSPULSE", 0x5b8, 0xffff }, { 0x830, "DTHRCTL", 0, 0xbff07ff }, { DIEPEMPMSK, "DIEPEMPMSK", 0, 0xffff },
    { 0x838, "DEACHINT" }, { 0x83c, "DEACHINTMSK", 0, 0x20002 }, { 0x844, "DIEPEACHMSK1", 0, 0x237b }, { 0x884, "DOEPEACHMSK1", 0, 0x737f },
    { DIEPCTL, "DIEPCTL0", 0x8000, 0x03e00003 }, { DIEPCTL + DWC2_EP_STRIDE, "DIEPCTL", 0, 0x03ec87ff, .count = DWC2_ENDPOINTS - 1, .stride = DWC2_EP_STRIDE },
    { DIEPINT, "DIEPINT", 0x80, 0, 0x297f, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE },
    { DIEPTSIZ, "DIEPTSIZ", 0, 0x7fffffff, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE }, { DIEPDMA, "DIEPDMA", 0, 0xffffffff, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE },
    { DTXFSTS, "DTXFSTS", 0x200, 0, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE },
    { DOEPCTL, "DOEPCTL0", 0x8000, 0x00300000 }, { DOEPCTL + DWC2_EP_STRIDE, "DOEPCTL", 0, 0x003c87ff, .count = DWC2_ENDPOINTS - 1, .stride = DWC2_EP_STRIDE },
    { DOEPINT, "DOEPINT", 0x80, 0, 0xf17f, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE },
    { DOEPTSIZ, "DOEPTSIZ", 0, 0x7fffffff, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE }, { DOEPDMA, "DOEPDMA", 0, 0xffffffff, .count = DWC2_ENDPOINTS, .stride = DWC2_EP_STRIDE },
    { PCGCCTL, "PCGCCTL", 0, 0x2003 }, { DWC2_FIFO, "FIFO", .count = 0x400 * 16, .fifo = true },
};
static const RegMap dwc2_map = REG_MAP(dwc2_registers, 0x20000);

/* --- flags that are levels --- */

static uint32_t in_flags(Dwc2 *s, unsigned n)
{
    return (*dwc2_ep(s, DIEPINT, n) & ~EPINT_TXFE) | (dwc2_tx_empty(s, n) ? EPINT_TXFE : 0);
}

static uint32_t endpoint_interrupts(Dwc2 *s)
{
    uint32_t value = 0;

    for (unsigned n = 0; n < DWC2_ENDPOINTS; n++) {
        uint32_t mask = (*dwc2_reg(s, DIEPMSK) & ~EPINT_TXFE) | (*dwc2_reg(s, DIEPEMPMSK) & (1u << n) ? EPINT_TXFE : 0);

        value |= in_flags(s, n) & mask ? 1u << n : 0;
        value |= *dwc2_ep(s, DOEPINT, n) & *dwc2_reg(s, DOEPMSK) ? 1u << (16 + n) : 0;
    }
    return value;
}

static uint32_t interrupts(Dwc2 *s)
{
    uint32_t value = *dwc2_reg(s, GINTSTS), endpoints = endpoint_interrupts(s) & *dwc2_reg(s, DAINTMSK);

    value &= ~(INT_RXFLVL | INT_IEP | INT_OEP | INT_OTG);
    value |= s->rx.entries ? INT_RXFLVL : 0;
    value |= endpoints & 0xffff ? INT_IEP : 0;
    value |= endpoints >> 16 ? INT_OEP : 0;
    value |= *dwc2_reg(s, GOTGINT) ? INT_OTG : 0;
    return value;
}

bool dwc2_interrupting(Dwc2 *s)
{
    return (*dwc2_reg(s, GAHBCFG) & GAHBCFG_GINT) && (interrupts(s) & *dwc2_reg(s, GINTMSK));
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

    return gccfg | (s->vbus && (gccfg & GCCFG_DCDEN) ? GCCFG_DCDET : 0) | (alone && (gccfg & GCCFG_PDEN) ? GCCFG_PDET : 0) |
           (alone && (gccfg & GCCFG_SDEN) ? GCCFG_SDET : 0);
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

    if (offset >= DWC2_FIFO) {
        value = dwc2_rx_read(s);
        more_room(s);
        return value;
    }
    if (offset == GRXSTSP) {
        value = dwc2_rx_pop(s);
        more_room(s);
        dwc2_update(s);
        return value;
    }
    if (offset >= DIEPCTL && offset < DIEPCTL + DWC2_ENDPOINTS * DWC2_EP_STRIDE) {
        unsigned n = (offset - DIEPCTL) / DWC2_EP_STRIDE, which = offset - n * DWC2_EP_STRIDE;

        return which == DIEPINT ? in_flags(s, n) : which == DTXFSTS ? dwc2_tx_free(s, n) : stored;
    }
    switch (offset) {
    case GINTSTS: return interrupts(s);
    case GRXSTSR: return dwc2_rx_peek(s);
    case GNPTXSTS: return 0x00080000 | dwc2_tx_free(s, 0);
    case GCCFG: return charger(s, stored);
    case DAINT: return endpoint_interrupts(s);
    case DSTS: return stored | (s->pulled_up && !s->bus_reset ? 2u << 22 : 0);      /* DEVLNSTS: J */
    default: return stored;
    }
}

static void reset_core(Dwc2 *s)
{
    uint32_t gusbcfg = *dwc2_reg(s, GUSBCFG), gccfg = *dwc2_reg(s, GCCFG), dcfg = *dwc2_reg(s, DCFG) & KEPT_DCFG;
    uint32_t dctl = *dwc2_reg(s, DCTL) & DCTL_SDIS, pcgcctl = *dwc2_reg(s, PCGCCTL);

    regs_reset(&s->parent_obj.regs);                    /* but for what belongs to the PHY and the bus (GRSTCTL.CSRST) */
    *dwc2_reg(s, GUSBCFG) = gusbcfg;
    *dwc2_reg(s, GCCFG) = gccfg;
    *dwc2_reg(s, DCFG) = (*dwc2_reg(s, DCFG) & ~KEPT_DCFG) | dcfg;
    *dwc2_reg(s, DCTL) = (*dwc2_reg(s, DCTL) & ~DCTL_SDIS) | dctl;
    *dwc2_reg(s, PCGCCTL) = pcgcctl;
    s->setup_done_due = s->control_open = s->control_write = false;
    s->address = 0;
    dwc2_fifo_reset(s);
}

static void write_grstctl(Dwc2 *s, const RegWrite *w)
{
    if (w->raw & GRSTCTL_CSRST) {
        reset_core(s);
    }
    if (w->raw & GRSTCTL_RXFFLSH) {
        dwc2_flush_rx(s);
    }
    if (w->raw & GRSTCTL_TXFFLSH) {
        dwc2_flush_tx(s, extract32(w->raw, 6, 5));
    }
    *dwc2_reg(s, GRSTCTL) = (w->raw & GRSTCTL_TXFNUM) | GRSTCTL_AHBIDL;
}

static void write_dctl(Dwc2 *s, const RegWrite *w)
{
    uint32_t *sts = dwc2_reg(s, GINTSTS), *dctl = dwc2_reg(s, DCTL);

    if (w->raw & DCTL_SGINAK) {
        *dctl |= DCTL_GINSTS;
        *sts |= INT_GINAKEFF;
    }
    if (w->raw & DCTL_CGINAK) {
        *dctl &= ~DCTL_GINSTS;
        *sts &= ~INT_GINAKEFF;
    }
    if ((w->raw & DCTL_SGONAK) && !(*dctl & DCTL_GONSTS)) {
        *dctl |= DCTL_GONSTS;
        if (dwc2_dma(s)) {
            *sts |= INT_GONAKEFF;
        } else {
            dwc2_rx_push(s, 0, RX_GLOBAL_NAK, false, NULL, 0);     /* in effect when the firmware pops it */
        }
    }
    if (w->raw & DCTL_CGONAK) {
        *dctl &= ~DCTL_GONSTS;
        *sts &= ~INT_GONAKEFF;
    }
    if (s->port && (w->value ^ w->old) & DCTL_RWUSIG) {
        usb_port_remote_wakeup(s->port, s, w->value & DCTL_RWUSIG);
    }
}

static bool is_control(uint32_t offset)
{
    return ((offset >= DIEPCTL && offset < DIEPCTL + DWC2_ENDPOINTS * DWC2_EP_STRIDE) ||
            (offset >= DOEPCTL && offset < DOEPCTL + DWC2_ENDPOINTS * DWC2_EP_STRIDE)) && offset % DWC2_EP_STRIDE == 0;
}

static void dwc2_write(Stm32Periph *p, const RegWrite *w)
{
    Dwc2 *s = DWC2(p);
    unsigned in = 0, out = 0;

    if (w->offset >= DWC2_FIFO) {
        unsigned n = w->offset / DWC2_FIFO - 1, packets;

        if (n < DWC2_ENDPOINTS) {
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
        unsigned n = (w->offset - (w->offset < DOEPCTL ? DIEPCTL : DOEPCTL)) / DWC2_EP_STRIDE;

        dwc2_write_endpoint(s, w);
        in = w->offset < DOEPCTL ? 1u << n : 0;
        out = w->offset < DOEPCTL ? 0 : 1u << n;
    } else if (w->offset == GRSTCTL) {
        write_grstctl(s, w);
        out = USB_EVERY_ENDPOINT;
    } else if (w->offset == DCTL) {
        write_dctl(s, w);
        in = out = USB_EVERY_ENDPOINT;
    } else if (w->offset == DCFG && !s->control_open) {
        s->address = extract32(w->value, 4, 7);
    } else if (w->offset == GUSBCFG) {
        *dwc2_reg(s, GINTSTS) = (*dwc2_reg(s, GINTSTS) & ~INT_CMOD) | (w->value & GUSBCFG_FHMOD ? INT_CMOD : 0);
    } else if (w->offset == GRXFSIZ || w->offset == DIEPTXF0 || (w->offset >= DIEPTXF && w->offset < DIEPTXF + 4 * 8)) {
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
