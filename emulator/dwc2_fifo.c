/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Receive and transmit FIFOs of the dwc2, in its 4 KiB of RAM (RM0433 section 57.11). */
#include "qemu/osdep.h"

#include "dwc2_device.h"
#include "exec/memory.h"

void dwc2_flush_rx(Dwc2 *s)
{
    memset(&s->rx, 0, sizeof(s->rx));
}

void dwc2_flush_tx(Dwc2 *s, unsigned fifo)
{
    for (unsigned i = 0; i < OTG_IN_COUNT; i++) {
        if (fifo == 16 || fifo == i) {
            s->tx[i].words = s->tx[i].packed_words = s->tx[i].packets = 0;
        }
    }
}

void dwc2_fifo_reset(Dwc2 *s)
{
    dwc2_flush_rx(s);
    dwc2_flush_tx(s, 16);
    s->fifo_complaints = 0;
}

/* --- transmit --- */

unsigned dwc2_fifo_of(Dwc2 *s, unsigned endpoint)
{
    unsigned fifo = endpoint ? FIELD_OF(*dwc2_ep(s, OTG_DIEPCTL, endpoint), OTG_DIEPCTL_TXFNUM) : 0;

    return fifo < OTG_IN_COUNT ? fifo : 0;
}

static uint32_t placement(Dwc2 *s, unsigned fifo)
{
    return *dwc2_reg(s, fifo ? OTG_DIEPTXF + 4 * (fifo - 1) : OTG_DIEPTXF0);
}

unsigned dwc2_tx_depth(Dwc2 *s, unsigned fifo)
{
    return MIN(placement(s, fifo) >> 16, DWC2_FIFO_WORDS);
}

unsigned dwc2_tx_free(Dwc2 *s, unsigned endpoint)
{
    unsigned fifo = dwc2_fifo_of(s, endpoint), depth = dwc2_tx_depth(s, fifo);

    return depth > s->tx[fifo].words ? depth - s->tx[fifo].words : 0;
}

bool dwc2_tx_empty(Dwc2 *s, unsigned endpoint)
{
    unsigned fifo = dwc2_fifo_of(s, endpoint);

    if (*dwc2_reg(s, OTG_GAHBCFG) & OTG_GAHBCFG_TXFELVL) {
        return !s->tx[fifo].words;
    }
    return s->tx[fifo].words * 2 <= dwc2_tx_depth(s, fifo);
}

static uint32_t size_mask(unsigned endpoint)
{
    return endpoint ? OTG_DIEPTSIZ_XFRSIZ : XFRSIZ0;
}

void dwc2_tx_pack(Dwc2 *s, unsigned endpoint)
{
    Dwc2TxFifo *f = &s->tx[dwc2_fifo_of(s, endpoint)];
    uint32_t *tsiz = dwc2_ep(s, OTG_DIEPTSIZ, endpoint);
    unsigned most = dwc2_max_packet(s, endpoint, true);

    while ((*dwc2_ep(s, OTG_DIEPCTL, endpoint) & OTG_DIEPCTL_EPENA) && most) {
        unsigned length = MIN(*tsiz & size_mask(endpoint), most), words = DIV_ROUND_UP(length, 4);

        if (!length || f->words - f->packed_words < words) {
            break;
        }
        f->length[f->packets++] = length;
        f->packed_words += words;
        *tsiz -= length;                                /* XFRSIZ counts what entered the FIFO, PKTCNT what left it */
    }
}

void dwc2_tx_write(Dwc2 *s, unsigned endpoint, uint32_t word)
{
    unsigned fifo = dwc2_fifo_of(s, endpoint);
    Dwc2TxFifo *f = &s->tx[fifo];

    if (f->words >= dwc2_tx_depth(s, fifo)) {
        if (!(s->fifo_complaints & (1u << fifo))) {
            s->fifo_complaints |= 1u << fifo;
            guest_error(s->parent_obj.name, "transmit FIFO %u overflows: %u words are in it (DTXFSTS says what is free)", fifo, f->words);
        }
        return;
    }
    stl_le_p(f->bytes + f->words * 4, word);
    f->words++;
    dwc2_tx_pack(s, endpoint);
}

void dwc2_tx_take(Dwc2 *s, unsigned endpoint, uint8_t *data, uint16_t *length)
{
    Dwc2TxFifo *f = &s->tx[dwc2_fifo_of(s, endpoint)];
    unsigned words;

    *length = MIN(f->length[0], USB_MAX_PACKET);
    words = DIV_ROUND_UP(f->length[0], 4);
    memcpy(data, f->bytes, *length);
    f->words -= words;
    f->packed_words -= words;
    f->packets--;
    memmove(f->bytes, f->bytes + words * 4, f->words * 4);
    memmove(f->length, f->length + 1, f->packets * sizeof(f->length[0]));
}

void dwc2_tx_fetch(Dwc2 *s, unsigned endpoint)
{
    uint32_t *tsiz = dwc2_ep(s, OTG_DIEPTSIZ, endpoint), *address = dwc2_ep(s, OTG_DIEPDMA, endpoint);
    unsigned most = dwc2_max_packet(s, endpoint, true);

    while ((*dwc2_ep(s, OTG_DIEPCTL, endpoint) & OTG_DIEPCTL_EPENA) && most) {
        unsigned length = MIN(*tsiz & size_mask(endpoint), most), words = DIV_ROUND_UP(length, 4);
        uint8_t data[USB_MAX_PACKET * 2 + 4] = { 0 };

        if (!length || dwc2_tx_free(s, endpoint) < words) {
            break;
        }
        if (address_space_read(s->parent_obj.bus, *address, MEMTXATTRS_UNSPECIFIED, data, length) != MEMTX_OK) {
            guest_error(s->parent_obj.name, "endpoint %u IN: DMA can't read 0x%08x", endpoint, *address);
            *dwc2_ep(s, OTG_DIEPINT, endpoint) |= OTG_DIEPINT_AHBERR;
            break;
        }
        *address += length;
        for (unsigned i = 0; i < words; i++) {
            dwc2_tx_write(s, endpoint, ldl_le_p(data + i * 4));
        }
    }
}

/* The FIFOs that are in use mustn't share words (RM0433 section 57.11.1: the receive FIFO is first). */
void dwc2_fifo_check(Dwc2 *s, unsigned endpoint)
{
    unsigned fifo = dwc2_fifo_of(s, endpoint);
    uint32_t place = placement(s, fifo), start = place & 0xffff, end = start + (place >> 16), rx = *dwc2_reg(s, OTG_GRXFSIZ);
    unsigned need = DIV_ROUND_UP(dwc2_max_packet(s, endpoint, true), 4);
    const char *name = s->parent_obj.name;

    if (s->fifo_complaints & (1u << (16 + fifo))) {
        return;
    }
    s->fifo_complaints |= 1u << (16 + fifo);
    if (end > DWC2_FIFO_WORDS) {
        guest_error(name, "transmit FIFO %u ends at word %u, the RAM has %u", fifo, end, DWC2_FIFO_WORDS);
    } else if (start < rx) {
        guest_error(name, "transmit FIFO %u starts at word %u, inside the receive FIFO of %u words", fifo, start, rx);
    } else if (end - start < need) {
        guest_error(name, "transmit FIFO %u has %u words, a packet of endpoint %u needs %u", fifo, end - start, endpoint, need);
    }
    for (unsigned i = 0; i < OTG_IN_COUNT; i++) {
        uint32_t other = i ? dwc2_fifo_of(s, i) : 0, there = placement(s, other), from = there & 0xffff, to = from + (there >> 16);

        if (other != fifo && (!i || (*dwc2_ep(s, OTG_DIEPCTL, i) & OTG_DIEPCTL_USBAEP)) && start < to && from < end) {
            guest_error(name, "transmit FIFOs %u (words %u to %u) and %u (%u to %u) overlap", fifo, start, end, other, from, to);
        }
    }
}

/* --- receive --- */

/* Room for a packet and the status word that follows its last one. Ten words are kept for SETUP packets (section 57.11.1). */
bool dwc2_rx_room(Dwc2 *s, unsigned bytes, bool setup)
{
    unsigned size = MIN(*dwc2_reg(s, OTG_GRXFSIZ) & 0xffff, DWC2_FIFO_WORDS), need = 2 + DIV_ROUND_UP(bytes, 4) + (setup ? 0 : DWC2_SETUP_WORDS);

    if (need > size && !(s->fifo_complaints & (1u << 31))) {
        s->fifo_complaints |= 1u << 31;
        guest_error(s->parent_obj.name, "the receive FIFO of %u words never has room for a packet of %u bytes", size, bytes);
    }
    return s->rx.words + need <= size;
}

static void push_word(Dwc2 *s, uint32_t word)
{
    Dwc2RxFifo *f = &s->rx;

    if (f->words < DWC2_FIFO_WORDS) {
        f->word[(f->first + f->words++) % DWC2_FIFO_WORDS] = word;
    }
}

static uint32_t pull_word(Dwc2 *s)
{
    Dwc2RxFifo *f = &s->rx;
    uint32_t word = f->word[f->first];

    f->first = (f->first + 1) % DWC2_FIFO_WORDS;
    f->words--;
    return word;
}

void dwc2_rx_push(Dwc2 *s, unsigned endpoint, unsigned status, bool data1, const uint8_t *data, unsigned length)
{
    push_word(s, endpoint | length << 4 | (data1 ? 2u << 15 : 0) | status << 17 | (s->frame & 15) << 21);
    for (unsigned i = 0; i < length; i += 4) {
        uint8_t word[4] = { 0 };

        memcpy(word, data + i, MIN(4, length - i));
        push_word(s, ldl_le_p(word));
    }
    s->rx.entries++;
}

uint32_t dwc2_rx_peek(Dwc2 *s)
{
    return s->rx.entries ? s->rx.word[(s->rx.first + s->rx.data_left) % DWC2_FIFO_WORDS] : 0;
}

uint32_t dwc2_rx_read(Dwc2 *s)
{
    if (!s->rx.data_left) {
        guest_error(s->parent_obj.name, "the receive FIFO is read, but no data is left of the packet popped last");
        return 0;
    }
    s->rx.data_left--;
    return pull_word(s);
}

uint32_t dwc2_rx_pop(Dwc2 *s)
{
    uint32_t status;
    unsigned n;

    if (!s->rx.entries) {
        return 0;
    }
    if (s->rx.data_left) {
        guest_error(s->parent_obj.name, "GRXSTSP is popped, but %u words of the packet before weren't read", s->rx.data_left);
        while (s->rx.data_left) {
            s->rx.data_left--;
            pull_word(s);
        }
    }
    status = pull_word(s);
    s->rx.entries--;
    n = status & 15;
    switch (FIELD_OF(status, OTG_GRXSTSP_PKTSTS)) {
    case RX_GLOBAL_NAK:
        *dwc2_reg(s, OTG_GINTSTS) |= *dwc2_reg(s, OTG_DCTL) & OTG_DCTL_GONSTS ? OTG_GINTSTS_GONAKEFF : 0;
        break;
    case RX_OUT_DATA: case RX_SETUP_DATA:
        s->rx.data_left = DIV_ROUND_UP(FIELD_OF(status, OTG_GRXSTSP_BCNT), 4);
        break;
    case RX_OUT_DONE:
        dwc2_out_done(s, n);
        break;
    case RX_SETUP_DONE:
        dwc2_setup_done(s);
        break;
    }
    return status;
}
