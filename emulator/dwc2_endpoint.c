/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints of the dwc2 in device mode: what the firmware asks of them, and how they answer the host (RM0433 section 57.15). */
#include "qemu/osdep.h"

#include "dwc2_device.h"
#include "exec/memory.h"

unsigned dwc2_max_packet(Dwc2 *s, unsigned n, bool in)
{
    if (n) {
        return MIN(*dwc2_ep(s, in ? OTG_DIEPCTL : OTG_DOEPCTL, n) & OTG_DIEPCTL_MPSIZ, USB_MAX_PACKET);
    }
    return 64 >> (*dwc2_reg(s, OTG_DIEPCTL) & 3);           /* both directions of endpoint 0 */
}

static unsigned packets_left(uint32_t tsiz, unsigned n, bool in)
{
    return n ? FIELD_OF(tsiz, OTG_DIEPTSIZ_PKTCNT) : extract32(tsiz, OTG_DIEPTSIZ_PKTCNT_Pos, in ? 2 : 1);
}

/* --- control registers --- */

static void disable(Dwc2 *s, uint32_t *ctl, uint32_t *flags, unsigned n, bool in)
{
    if (in) {
        if (*ctl & OTG_DIEPCTL_EPENA) {
            *ctl &= ~OTG_DIEPCTL_EPENA;
            *flags |= OTG_DIEPINT_EPDISD;
        }
    } else if (n == 0) {
        guest_error(s->parent_obj.name, "control OUT endpoint 0 can't be disabled (DOEPCTL0.EPDIS)");
    } else if ((*ctl & OTG_DIEPCTL_EPENA) && (*dwc2_reg(s, OTG_GINTSTS) & OTG_GINTSTS_GONAKEFF)) {
        *ctl &= ~OTG_DIEPCTL_EPENA;                              /* without global OUT NAK in effect the request does nothing */
        *flags |= OTG_DIEPINT_EPDISD;
    }
}

void dwc2_write_endpoint(Dwc2 *s, const RegWrite *w)
{
    bool in = w->offset < OTG_DOEPCTL;
    unsigned n = (w->offset - (in ? OTG_DIEPCTL : OTG_DOEPCTL)) / OTG_IN_STRIDE;
    uint32_t *ctl = dwc2_reg(s, w->offset), *flags = dwc2_reg(s, w->offset + OTG_DIEPINT - OTG_DIEPCTL);

    if (n == 0) {
        *ctl |= w->old & OTG_DIEPCTL_STALL;                      /* only a SETUP packet clears it */
    }
    if (w->raw & OTG_DIEPCTL_SD0PID) {
        *ctl &= ~OTG_DIEPCTL_DPID;
    }
    if (w->raw & OTG_DIEPCTL_SD1PID) {
        *ctl |= OTG_DIEPCTL_DPID;
    }
    if (w->raw & OTG_DIEPCTL_CNAK) {
        *ctl &= ~OTG_DIEPCTL_NAKSTS;
        if (in) {
            *flags &= ~OTG_DIEPINT_INEPNE;
        }
    }
    if (w->raw & OTG_DIEPCTL_SNAK) {
        *ctl |= OTG_DIEPCTL_NAKSTS;
        if (in) {
            *flags |= OTG_DIEPINT_INEPNE;
        }
    }
    if (w->raw & OTG_DIEPCTL_EPENA) {
        *ctl |= OTG_DIEPCTL_EPENA;
        if (!(*ctl & OTG_DIEPCTL_USBAEP) && !(w->old & OTG_DIEPCTL_EPENA)) {
            guest_error(s->parent_obj.name, "endpoint %u %s is enabled, but not active (USBAEP)", n, in ? "IN" : "OUT");
        }
        if (in) {
            dwc2_fifo_check(s, n);
            if (dwc2_dma(s)) {
                dwc2_tx_fetch(s, n);
            } else {
                dwc2_tx_pack(s, n);
            }
        }
    }
    if (w->raw & OTG_DIEPCTL_EPDIS) {
        disable(s, ctl, flags, n, in);
    }
}

/* --- what happens when entries leave the receive FIFO --- */

static void enable_ends(Dwc2 *s, unsigned n)
{
    uint32_t *ctl = dwc2_ep(s, OTG_DOEPCTL, n);

    if (*ctl & OTG_DIEPCTL_NAKSTS) {
        *ctl &= ~OTG_DIEPCTL_EPENA;
    }
}

void dwc2_out_done(Dwc2 *s, unsigned n)
{
    if (n < OTG_IN_COUNT) {
        enable_ends(s, n);
        *dwc2_ep(s, OTG_DOEPINT, n) |= OTG_DIEPINT_XFRC;
    }
}

void dwc2_setup_done(Dwc2 *s)
{
    enable_ends(s, 0);
    *dwc2_reg(s, OTG_DOEPINT) |= OTG_DOEPINT_STUP;
}

/* --- the host's tokens --- */

/* The core hears tokens for its own address, while it has a clock. */
static bool addressed(Dwc2 *s, const UsbPacket *packet)
{
    return s->pulled_up && !s->bus_reset && !stm32h7_rcc_stopped(s->parent_obj.rcc) && packet->address == s->address && packet->endpoint < OTG_IN_COUNT &&
           !(*dwc2_reg(s, OTG_PCGCCTL) & OTG_PCGCCTL_STPPCLK);
}

/* The first token after a SETUP packet ends that stage: more SETUP packets could have come before. */
static void setup_stage_over(Dwc2 *s)
{
    if (!s->setup_done_due) {
        return;
    }
    s->setup_done_due = false;
    if (dwc2_dma(s)) {
        dwc2_setup_done(s);
    } else {
        dwc2_rx_push(s, 0, RX_SETUP_DONE, false, NULL, 0);
    }
}

/* By DMA, to where DOEPDMA points. */
static bool store(Dwc2 *s, unsigned n, const uint8_t *data, unsigned length)
{
    uint32_t *address = dwc2_ep(s, OTG_DOEPDMA, n);

    if (length && address_space_write(s->parent_obj.bus, *address, MEMTXATTRS_UNSPECIFIED, data, length) != MEMTX_OK) {
        guest_error(s->parent_obj.name, "endpoint %u OUT: DMA can't write 0x%08x", n, *address);
        *dwc2_ep(s, OTG_DOEPINT, n) |= OTG_DIEPINT_AHBERR;
        return false;
    }
    *address += DIV_ROUND_UP(length, 4) * 4;
    return true;
}

static UsbReply bus_setup(void *device, const UsbPacket *packet)
{
    Dwc2 *s = device;
    uint32_t *in = dwc2_reg(s, OTG_DIEPCTL), *out = dwc2_reg(s, OTG_DOEPCTL), *tsiz = dwc2_reg(s, OTG_DOEPTSIZ);

    if (!addressed(s, packet) || packet->endpoint || !dwc2_rx_room(s, 8, true)) {
        return USB_SILENT;
    }
    *in = (*in & ~OTG_DIEPCTL_STALL & ~OTG_DIEPCTL_EPENA) | OTG_DIEPCTL_NAKSTS | OTG_DIEPCTL_DPID;
    *out = (*out & ~OTG_DIEPCTL_STALL) | OTG_DIEPCTL_NAKSTS | OTG_DIEPCTL_DPID;
    dwc2_flush_tx(s, 0);                                /* an answer that the host no longer wants */
    if (*tsiz & OTG_DOEPTSIZ_STUPCNT) {
        *tsiz -= 1u << OTG_DOEPTSIZ_STUPCNT_Pos;
    } else {
        *dwc2_reg(s, OTG_DOEPINT) |= OTG_DOEPINT_B2BSTUP;
    }
    s->setup_done_due = s->control_open = true;
    s->control_write = !(packet->data[0] & 0x80) && lduw_le_p(packet->data + 6);
    if (!dwc2_dma(s)) {
        dwc2_rx_push(s, 0, RX_SETUP_DATA, false, packet->data, 8);
    } else if (store(s, 0, packet->data, 8)) {
        *dwc2_reg(s, OTG_DOEPINT) |= OTG_DOEPINT_STPKTRX;
    }
    dwc2_update(s);
    return USB_ACK;
}

static UsbReply refuse_out(Dwc2 *s, unsigned n)
{
    *dwc2_ep(s, OTG_DOEPINT, n) |= OTG_DIEPINT_NAK | (!n && !(*dwc2_reg(s, OTG_DOEPCTL) & OTG_DIEPCTL_EPENA) ? OTG_DOEPINT_OTEPDIS : 0);
    dwc2_update(s);
    return USB_NAK;
}

/* The packet is the transfer's last when it is short or PKTCNT is used up. */
static void out_accepted(Dwc2 *s, unsigned n, const UsbPacket *packet)
{
    uint32_t *tsiz = dwc2_ep(s, OTG_DOEPTSIZ, n), *ctl = dwc2_ep(s, OTG_DOEPCTL, n), size = *tsiz & (n ? OTG_DOEPTSIZ_XFRSIZ : XFRSIZ0);
    unsigned packets = packets_left(*tsiz, n, false);
    bool last;

    *ctl ^= OTG_DIEPCTL_DPID;
    *tsiz -= MIN(size, packet->length) + (packets ? 1u << OTG_DOEPTSIZ_PKTCNT_Pos : 0);
    last = packet->length < dwc2_max_packet(s, n, false) || packets <= 1;
    if (last) {
        *ctl |= OTG_DIEPCTL_NAKSTS;
    }
    if (dwc2_dma(s)) {
        if (store(s, n, packet->data, packet->length) && last) {
            dwc2_out_done(s, n);
        }
        return;
    }
    dwc2_rx_push(s, n, RX_OUT_DATA, packet->data1, packet->data, packet->length);
    if (last) {
        dwc2_rx_push(s, n, RX_OUT_DONE, false, NULL, 0);
    }
}

static UsbReply bus_out(void *device, const UsbPacket *packet)
{
    Dwc2 *s = device;
    unsigned n = packet->endpoint;
    uint32_t ctl;

    if (!addressed(s, packet) || !(*dwc2_ep(s, OTG_DOEPCTL, n) & OTG_DIEPCTL_USBAEP)) {
        return USB_SILENT;
    }
    if (n == 0) {
        setup_stage_over(s);
    }
    ctl = *dwc2_ep(s, OTG_DOEPCTL, n);
    if (ctl & OTG_DIEPCTL_STALL) {
        dwc2_update(s);
        return USB_STALL;
    }
    if (packet->length > dwc2_max_packet(s, n, false)) {
        *dwc2_ep(s, OTG_DOEPINT, n) |= OTG_DOEPINT_OUTPKTERR;
        dwc2_update(s);
        return USB_SILENT;
    }
    if ((ctl & OTG_DIEPCTL_NAKSTS) || !(ctl & OTG_DIEPCTL_EPENA) || (*dwc2_reg(s, OTG_DCTL) & OTG_DCTL_GONSTS) ||
        !dwc2_rx_room(s, packet->length, false)) {
        return refuse_out(s, n);
    }
    if (packet->data1 == !!(ctl & OTG_DIEPCTL_DPID)) {          /* otherwise it is a packet that came before: acknowledged, not stored */
        out_accepted(s, n, packet);
    }
    dwc2_update(s);
    return USB_ACK;
}

static UsbReply refuse_in(Dwc2 *s, unsigned n)
{
    *dwc2_ep(s, OTG_DIEPINT, n) |= OTG_DIEPINT_NAK | (s->tx[dwc2_fifo_of(s, n)].words ? 0 : OTG_DIEPINT_ITTXFE);
    dwc2_update(s);
    return USB_NAK;
}

/* The host turns to the status stage of a control write. */
static void status_phase(Dwc2 *s)
{
    if (s->control_write && dwc2_dma(s) && !(*dwc2_reg(s, OTG_DOEPINT) & (OTG_DIEPINT_XFRC | OTG_DOEPINT_STUP))) {
        s->control_write = false;
        *dwc2_reg(s, OTG_DOEPINT) |= OTG_DOEPINT_STSPHSRX;
    }
}

static UsbReply bus_in(void *device, UsbPacket *packet)
{
    Dwc2 *s = device;
    unsigned n = packet->endpoint;
    uint32_t *ctl, *tsiz;
    Dwc2TxFifo *f;

    if (!addressed(s, packet) || !(*dwc2_ep(s, OTG_DIEPCTL, n) & OTG_DIEPCTL_USBAEP)) {
        return USB_SILENT;
    }
    if (n == 0) {
        setup_stage_over(s);
        status_phase(s);
    }
    ctl = dwc2_ep(s, OTG_DIEPCTL, n);
    tsiz = dwc2_ep(s, OTG_DIEPTSIZ, n);
    f = &s->tx[dwc2_fifo_of(s, n)];
    if (*ctl & OTG_DIEPCTL_STALL) {
        dwc2_update(s);
        return USB_STALL;
    }
    if ((*ctl & OTG_DIEPCTL_NAKSTS) || !(*ctl & OTG_DIEPCTL_EPENA) || (*dwc2_reg(s, OTG_DCTL) & OTG_DCTL_GINSTS)) {
        return refuse_in(s, n);
    }
    if (f->packets) {
        dwc2_tx_take(s, n, packet->data, &packet->length);
    } else if (packets_left(*tsiz, n, true) && !(*tsiz & (n ? OTG_DOEPTSIZ_XFRSIZ : XFRSIZ0))) {
        packet->length = 0;
    } else {
        return refuse_in(s, n);
    }
    packet->data1 = *ctl & OTG_DIEPCTL_DPID;
    *ctl ^= OTG_DIEPCTL_DPID;
    if (n == 0 && s->control_open && !packet->length) {
        s->control_open = false;
        s->address = FIELD_OF(*dwc2_reg(s, OTG_DCFG), OTG_DCFG_DAD);
    }
    if (packets_left(*tsiz, n, true)) {
        *tsiz -= 1u << OTG_DOEPTSIZ_PKTCNT_Pos;
    }
    if (!packets_left(*tsiz, n, true)) {
        *ctl &= ~OTG_DIEPCTL_EPENA;
        *dwc2_ep(s, OTG_DIEPINT, n) |= OTG_DIEPINT_XFRC;
    } else if (dwc2_dma(s)) {
        dwc2_tx_fetch(s, n);
    }
    dwc2_update(s);
    return USB_ACK;
}

/* --- the line --- */

static void bus_vbus(void *device, bool on)
{
    DWC2(device)->vbus = on;
    dwc2_link_update(device);
    dwc2_update(device);
}

/* The line wakes a stopped PHY clock up: much firmware stops it at a suspend and leaves the rest to the hardware. */
static void line_wakes(Dwc2 *s)
{
    *dwc2_reg(s, OTG_PCGCCTL) &= ~(OTG_PCGCCTL_STPPCLK | OTG_PCGCCTL_GATEHCLK);
}

static void bus_reset(void *device, bool begin)
{
    Dwc2 *s = device;
    uint32_t *dsts = dwc2_reg(s, OTG_DSTS);

    s->bus_reset = begin;
    if (begin) {
        line_wakes(s);
        *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_USBRST | (s->suspended ? OTG_GINTSTS_RSTDET : 0);
        s->suspended = false;
        s->setup_done_due = s->control_open = false;
        *dsts &= ~OTG_DSTS_SUSPSTS;
        for (unsigned n = 1; n < OTG_IN_COUNT; n++) {
            *dwc2_ep(s, OTG_DIEPCTL, n) &= ~OTG_DIEPCTL_USBAEP;
            *dwc2_ep(s, OTG_DOEPCTL, n) &= ~OTG_DIEPCTL_USBAEP;
        }
    } else {
        dwc2_link_update(s);
        if (!s->pulled_up) {
            return;
        }
        *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_ENUMDNE;
        *dsts = deposit32(*dsts, OTG_DSTS_ENUMSPD_Pos, 2, dwc2_link_high_speed(s) ? 0 : dwc2_link_own_phy(s) ? 3 : 1);
        if (dwc2_link_high_speed(s)) {
            usb_port_pull_up(s->port, s, USB_HIGH_SPEED);  /* the chirp */
        }
    }
    dwc2_update(s);
}

static void bus_start_of_frame(void *device, unsigned frame, unsigned microframe)
{
    Dwc2 *s = device;
    uint32_t *dsts = dwc2_reg(s, OTG_DSTS);

    dwc2_link_update(s);
    if (!s->pulled_up || (*dwc2_reg(s, OTG_PCGCCTL) & OTG_PCGCCTL_STPPCLK)) {
        return;
    }
    s->frame = dwc2_link_high_speed(s) ? frame << 3 | microframe : frame;
    *dsts = deposit32(*dsts, OTG_DSTS_FNSOF_Pos, 14, s->frame);
    *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_SOF;
    dwc2_update(s);
}

static void bus_suspend(void *device)
{
    Dwc2 *s = device;

    s->suspended = true;
    *dwc2_reg(s, OTG_DSTS) |= OTG_DSTS_SUSPSTS;
    *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_ESUSP | OTG_GINTSTS_USBSUSP;
    dwc2_update(s);
}

static void bus_resume(void *device)
{
    Dwc2 *s = device;

    line_wakes(s);
    s->suspended = false;
    *dwc2_reg(s, OTG_DSTS) &= ~OTG_DSTS_SUSPSTS;
    *dwc2_reg(s, OTG_GINTSTS) |= OTG_GINTSTS_WKUP;
    dwc2_update(s);
}

/* An interrupt is pending. */
static bool bus_busy(void *device)
{
    return dwc2_interrupting(device);
}

static unsigned bus_offers(void *device)
{
    Dwc2 *s = device;
    unsigned mask = 0;

    for (unsigned n = 1; n < OTG_IN_COUNT; n++) {
        mask |= (*dwc2_ep(s, OTG_DIEPCTL, n) & OTG_DIEPCTL_EPENA) && s->tx[dwc2_fifo_of(s, n)].packets ? 1u << n : 0;
    }
    return mask;
}

const UsbDeviceOps dwc2_bus_ops = {
    .vbus = bus_vbus,
    .reset = bus_reset,
    .start_of_frame = bus_start_of_frame,
    .suspend = bus_suspend,
    .resume = bus_resume,
    .setup = bus_setup,
    .out = bus_out,
    .in = bus_in,
    .busy = bus_busy,
    .offers = bus_offers,
};
