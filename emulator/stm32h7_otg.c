/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * USB OTG of an STM32H7 with nothing plugged in (RM0433 section 57): registers, reset values, and what firmware waits for while it
 * sets a device or host up. There is no VBUS and never a bus reset.
 */
#include "qemu/osdep.h"

#include "stm32_periph.h"

enum {
    GOTGCTL = 0x000, GAHBCFG = 0x008, GUSBCFG = 0x00c, GRSTCTL = 0x010, GINTSTS = 0x014, GINTMSK = 0x018, GRXSTSR = 0x01c,
    GRXSTSP = 0x020, GRXFSIZ = 0x024, GNPTXSTS = 0x02c, GCCFG = 0x038, HPRT = 0x440, DCTL = 0x804, DAINT = 0x818, DAINTMSK = 0x81c, DIEPCTL = 0x900,
    DIEPINT = 0x908, DOEPCTL = 0xb00, DOEPINT = 0xb08, ENDPOINTS = 9, CHANNELS = 16, EP_STRIDE = 0x20,
    GRSTCTL_AHBIDL = 1u << 31, GRSTCTL_SELF_CLEARING = 0x37, GRSTCTL_CSRST = 1u << 0, GINTSTS_GINAKEFF = 1u << 6,
    GINTSTS_GONAKEFF = 1u << 7, GINTSTS_SOF = 1u << 3, DCTL_SDIS = 1u << 1, EP_NAKSTS = 1u << 17, EP_CNAK = 1u << 26, EP_SNAK = 1u << 27,
    EP_EPDIS = 1u << 30, EPINT_EPDISD = 1u << 1,
    GCCFG_PWRDWN = 1u << 16, USB_HZ = 48000000,
};
#define EP_EPENA (1u << 31)

#define TYPE_STM32H7_OTG "stm32h7-otg"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Otg, STM32H7_OTG)

struct Stm32Otg {
    Stm32Periph parent_obj;
    qemu_irq irq[4];
    bool told;
};

static const RegDef otg_registers[] = {
    { GOTGCTL, "GOTGCTL", 0x00010000, 0x001f7dfc }, { 0x004, "GOTGINT", 0, 0, 0x1e0304 }, { GAHBCFG, "GAHBCFG", 0, 0x1bf },
    { GUSBCFG, "GUSBCFG", 0x00001440, 0x66ffbfc7 }, { GRSTCTL, "GRSTCTL", (uint32_t)GRSTCTL_AHBIDL, 0x7c0 },
    { GINTSTS, "GINTSTS", 0x14000020, 0, 0xf030fc0a }, { GINTMSK, "GINTMSK", 0, 0xfffffffe }, { GRXSTSR, "GRXSTSR" }, { GRXSTSP, "GRXSTSP", .fifo = true },
    { GRXFSIZ, "GRXFSIZ", 0x400, 0xffff }, { 0x028, "DIEPTXF0", 0x02000400, 0xffffffff }, { GNPTXSTS, "GNPTXSTS", 0x00080400 },
    { GCCFG, "GCCFG", 0, 0x003f0000 }, { 0x03c, "CID", 0x00002300, 0xffffffff }, { 0x040, "GSNPSID", 0x4f54330a }, { 0x044, "GHWCFG1" },
    { 0x048, "GHWCFG2", 0x229fe190 }, { 0x04c, "GHWCFG3", 0x03b882e8 }, { 0x050, "GHWCFG4", 0xe3f00030 }, { 0x054, "GLPMCFG", 0, 0x1fff7ff },
    { 0x100, "HPTXFSIZ", 0x04000800, 0xffffffff }, { 0x104, "DIEPTXF", 0x02000400, 0xffffffff, .count = 8 },
    { 0x400, "HCFG", 0, 7 }, { 0x404, "HFIR", 0xea60, 0x1ffff }, { 0x408, "HFNUM", 0x3fff }, { 0x410, "HPTXSTS", 0x00080100 },
    { 0x414, "HAINT" }, { 0x418, "HAINTMSK", 0, 0xffff }, { HPRT, "HPRT", 0, 0x1f140 },
    { 0x500, "HCCHAR", 0, 0xffffffff, .count = CHANNELS, .stride = EP_STRIDE }, { 0x504, "HCSPLT", 0, 0x8001ffff, .count = CHANNELS, .stride = EP_STRIDE },
    { 0x508, "HCINT", 0, 0, 0x7ff, .count = CHANNELS, .stride = EP_STRIDE }, { 0x50c, "HCINTMSK", 0, 0x7ff, .count = CHANNELS, .stride = EP_STRIDE },
    { 0x510, "HCTSIZ", 0, 0x7fffffff, .count = CHANNELS, .stride = EP_STRIDE }, { 0x514, "HCDMA", 0, 0xffffffff, .count = CHANNELS, .stride = EP_STRIDE },
    { 0x800, "DCFG", 0x02200000, 0x0300dff7 }, { DCTL, "DCTL", 0, 0x40c73 }, { 0x808, "DSTS", 0x10 }, { 0x810, "DIEPMSK", 0, 0x217b },
    { 0x814, "DOEPMSK", 0, 0x717f }, { DAINT, "DAINT" }, { DAINTMSK, "DAINTMSK", 0, 0xffffffff }, { 0x828, "DVBUSDIS", 0x17d7, 0xffff },
    { 0x82c, "DVBUSPULSE", 0x5b8, 0xffff }, { 0x830, "DTHRCTL", 0, 0xbff07ff }, { 0x834, "DIEPEMPMSK", 0, 0xffff },
    { 0x838, "DEACHINT" }, { 0x83c, "DEACHINTMSK", 0, 0x20002 }, { 0x844, "DIEPEACHMSK1", 0, 0x237b }, { 0x884, "DOEPEACHMSK1", 0, 0x737f },
    { DIEPCTL, "DIEPCTL0", 0x8000, 0x03e00003 }, { DIEPCTL + EP_STRIDE, "DIEPCTL", 0, 0x03ec8fff, .count = ENDPOINTS - 1, .stride = EP_STRIDE },
    { DIEPINT, "DIEPINT", 0x80, 0, 0x297b, .count = ENDPOINTS, .stride = EP_STRIDE },
    { 0x910, "DIEPTSIZ", 0, 0x7fffffff, .count = ENDPOINTS, .stride = EP_STRIDE }, { 0x914, "DIEPDMA", 0, 0xffffffff, .count = ENDPOINTS, .stride = EP_STRIDE },
    { 0x918, "DTXFSTS", 0x200, 0, .count = ENDPOINTS, .stride = EP_STRIDE },
    { DOEPCTL, "DOEPCTL0", 0x8000, 0x00300000 }, { DOEPCTL + EP_STRIDE, "DOEPCTL", 0, 0x003c8fff, .count = ENDPOINTS - 1, .stride = EP_STRIDE },
    { DOEPINT, "DOEPINT", 0x80, 0, 0xf17f, .count = ENDPOINTS, .stride = EP_STRIDE },
    { 0xb10, "DOEPTSIZ", 0, 0x7fffffff, .count = ENDPOINTS, .stride = EP_STRIDE }, { 0xb14, "DOEPDMA", 0, 0xffffffff, .count = ENDPOINTS, .stride = EP_STRIDE },
    { 0xe00, "PCGCCTL", 0, 0x2003 }, { 0x1000, "FIFO", .count = 0x400 * 16, .fifo = true },
};
static const RegMap otg_map = REG_MAP(otg_registers, 0x20000);

static void update_irq(Stm32Otg *s)
{
    Stm32Periph *p = &s->parent_obj;

    qemu_set_irq(s->irq[0], (*periph_reg(p, GINTSTS) & *periph_reg(p, GINTMSK)) && (*periph_reg(p, GAHBCFG) & 1));
}

static void write_grstctl(Stm32Periph *p, const RegWrite *w)
{
    if (w->raw & GRSTCTL_CSRST) {                                   /* clears what isn't in the PHY's or the bus's domain */
        uint32_t gusbcfg = *periph_reg(p, GUSBCFG);

        regs_reset(&p->regs);
        *periph_reg(p, GUSBCFG) = gusbcfg;
    }
    *periph_reg(p, GRSTCTL) = (*periph_reg(p, GRSTCTL) & 0x7c0) | (uint32_t)GRSTCTL_AHBIDL;
}

static void write_dctl(Stm32Otg *s, const RegWrite *w)
{
    uint32_t *sts = periph_reg(&s->parent_obj, GINTSTS);

    *sts |= w->raw & (1u << 7) ? GINTSTS_GINAKEFF : 0;
    *sts |= w->raw & (1u << 9) ? GINTSTS_GONAKEFF : 0;
    *sts &= w->raw & (1u << 8) ? ~(uint32_t)GINTSTS_GINAKEFF : ~0u;
    *sts &= w->raw & (1u << 10) ? ~(uint32_t)GINTSTS_GONAKEFF : ~0u;
    if (!(w->value & DCTL_SDIS) && !s->told) {
        s->told = true;
        guest_unimplemented(s->parent_obj.name, "the device connects, but no USB host is there");
    }
}

/* Endpoint control: NAK set and clear, and disabling, which is at once. */
static void write_endpoint(Stm32Periph *p, const RegWrite *w)
{
    uint32_t *ctl = periph_reg(p, w->offset);
    bool was_enabled = w->old & EP_EPENA;

    if (w->raw & EP_CNAK) {
        *ctl &= ~EP_NAKSTS;
    }
    if (w->raw & EP_SNAK) {
        *ctl |= EP_NAKSTS;
    }
    if (w->raw & EP_EPENA) {
        *ctl |= EP_EPENA;
    }
    if ((w->raw & EP_EPDIS) && was_enabled) {
        *ctl &= ~(EP_EPENA | EP_EPDIS);
        *periph_reg(p, w->offset + DIEPINT - DIEPCTL) |= EPINT_EPDISD;
    }
}

static void otg_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Otg *s = STM32H7_OTG(p);

    if (w->offset == GRSTCTL) {
        write_grstctl(p, w);
    } else if (w->offset == DCTL) {
        write_dctl(s, w);
    } else if (w->offset == GCCFG) {
        uint32_t hz = periph_clock_hz(p);

        if ((w->value & ~w->old & GCCFG_PWRDWN) && (hz < USB_HZ - USB_HZ / 400 || hz > USB_HZ + USB_HZ / 400)) {
            guest_error(p->name, "the transceiver is switched on with a kernel clock of %u Hz instead of 48 MHz", hz);
        }
    } else if (w->offset == GUSBCFG) {
        *periph_reg(p, GINTSTS) = (*periph_reg(p, GINTSTS) & ~1u) | ((w->value >> 29) & 1);     /* CMOD follows FHMOD */
    } else if (((w->offset >= DIEPCTL && w->offset < DIEPCTL + ENDPOINTS * EP_STRIDE) ||
                (w->offset >= DOEPCTL && w->offset < DOEPCTL + ENDPOINTS * EP_STRIDE)) && w->offset % EP_STRIDE == 0) {
        write_endpoint(p, w);
    }
    update_irq(s);
}

static void otg_reset(Stm32Periph *p)
{
    STM32H7_OTG(p)->told = false;
    update_irq(STM32H7_OTG(p));
}

static void otg_init(Object *obj)
{
    for (unsigned i = 0; i < 4; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32H7_OTG(obj)->irq[i]);
    }
}

static void otg_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &otg_map;
    pc->write = otg_write;
    pc->reset = otg_reset;
}

static const TypeInfo otg_types[] = {
    {
        .name = TYPE_STM32H7_OTG,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Otg),
        .instance_init = otg_init,
        .class_init = otg_class_init,
    },
};

DEFINE_TYPES(otg_types)
