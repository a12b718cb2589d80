/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of the dwc2 USB controller (RM0433 sections 57.14, 57.15), for its own files. */
#ifndef OPENMV_EMULATOR_DWC2_DEVICE_H
#define OPENMV_EMULATOR_DWC2_DEVICE_H

#include "dwc2.h"
#include "qemu/timer.h"
#include "stm32h743_defs.h"

#define TYPE_DWC2 "dwc2"
OBJECT_DECLARE_SIMPLE_TYPE(Dwc2, DWC2)

enum { DWC2_FIFO_WORDS = 1024, DWC2_SETUP_WORDS = 10, XFRSIZ0 = 0x7f /* XFRSIZ of endpoint 0 */ };

/* Transmit FIFO: words as the firmware wrote them, and where the core has put the ends of packets. */
typedef struct Dwc2TxFifo {
    uint8_t bytes[DWC2_FIFO_WORDS * 4];
    unsigned words, packed_words;           /* in all; in complete packets */
    unsigned packets;
    uint16_t length[DWC2_FIFO_WORDS];       /* of each complete packet, in bytes */
} Dwc2TxFifo;

/* Receive FIFO: status words, each followed by its data words. */
typedef struct Dwc2RxFifo {
    uint32_t word[DWC2_FIFO_WORDS];
    unsigned first, words, entries;
    unsigned data_left;                     /* words of the entry popped last that weren't read yet */
} Dwc2RxFifo;

struct Dwc2 {
    Stm32Periph parent_obj;
    qemu_irq irq[4];                        /* global, wake-up, endpoint 1 IN and OUT */
    UsbPort *port;                          /* NULL: not soldered to anything */
    Stm32Pin pins[2];
    bool ulpi;

    bool vbus, session, pulled_up;
    bool bus_reset, suspended;
    bool setup_done_due;                    /* the host hasn't gone on after the last SETUP packet */
    bool control_open;                      /* between a SETUP packet and the end of the status stage */
    uint8_t address;                        /* in effect: DCFG.DAD, but not before the status stage of the request that set it */
    bool control_write;                     /* the last SETUP packet announced data from the host */
    unsigned frame;
    unsigned link_waits;                    /* ms that the connection has been missing something */
    bool complained;                        /* about it */
    uint32_t fifo_complaints;               /* a bit for each FIFO */
    QEMUTimer *link_timer;
    Dwc2TxFifo tx[OTG_IN_COUNT];
    Dwc2RxFifo rx;
};

static inline uint32_t *dwc2_reg(Dwc2 *s, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset);
}

/* A register of endpoint n: `offset` is that of endpoint 0. */
static inline uint32_t *dwc2_ep(Dwc2 *s, uint32_t offset, unsigned n)
{
    return dwc2_reg(s, offset + n * OTG_IN_STRIDE);
}

static inline bool dwc2_dma(Dwc2 *s)
{
    return *dwc2_reg(s, OTG_GAHBCFG) & OTG_GAHBCFG_DMAEN;
}

unsigned dwc2_max_packet(Dwc2 *s, unsigned n, bool in);

/* --- dwc2.c --- */

bool dwc2_interrupting(Dwc2 *s);
void dwc2_update(Dwc2 *s);                  /* the interrupt output, from all flags and masks */

/* --- dwc2_fifo.c --- */

void dwc2_fifo_reset(Dwc2 *s);
void dwc2_flush_rx(Dwc2 *s);
void dwc2_flush_tx(Dwc2 *s, unsigned fifo);     /* 16: all */
unsigned dwc2_fifo_of(Dwc2 *s, unsigned endpoint);
unsigned dwc2_tx_depth(Dwc2 *s, unsigned fifo); /* words */
unsigned dwc2_tx_free(Dwc2 *s, unsigned endpoint);
bool dwc2_tx_empty(Dwc2 *s, unsigned endpoint); /* TXFE: as GAHBCFG.TXFELVL means it */
void dwc2_tx_write(Dwc2 *s, unsigned endpoint, uint32_t word);
void dwc2_tx_pack(Dwc2 *s, unsigned endpoint);  /* complete packets, as DIEPTSIZ and the maximum packet size say */
void dwc2_tx_take(Dwc2 *s, unsigned endpoint, uint8_t *data, uint16_t *length);
void dwc2_tx_fetch(Dwc2 *s, unsigned endpoint); /* by DMA */
bool dwc2_rx_room(Dwc2 *s, unsigned bytes, bool setup);
void dwc2_rx_push(Dwc2 *s, unsigned endpoint, unsigned status, bool data1, const uint8_t *data, unsigned length);
uint32_t dwc2_rx_pop(Dwc2 *s);                  /* GRXSTSP */
uint32_t dwc2_rx_peek(Dwc2 *s);                 /* GRXSTSR */
uint32_t dwc2_rx_read(Dwc2 *s);                 /* a data word */
void dwc2_fifo_check(Dwc2 *s, unsigned endpoint);   /* an IN endpoint is enabled: does its FIFO fit? */

/* Packet status in GRXSTSP, device mode. */
enum { RX_GLOBAL_NAK = 1, RX_OUT_DATA = 2, RX_OUT_DONE = 3, RX_SETUP_DONE = 4, RX_SETUP_DATA = 6 };

/* --- dwc2_endpoint.c --- */

extern const UsbDeviceOps dwc2_bus_ops;

void dwc2_write_endpoint(Dwc2 *s, const RegWrite *w);   /* DIEPCTL, DOEPCTL */
void dwc2_out_done(Dwc2 *s, unsigned n);        /* the transfer's last entry left the receive FIFO */
void dwc2_setup_done(Dwc2 *s);

/* --- dwc2_link.c --- */

void dwc2_link_init(Dwc2 *s);
void dwc2_link_update(Dwc2 *s);             /* VBUS, session and pull-up, after anything that they depend on */
bool dwc2_link_high_speed(Dwc2 *s);
bool dwc2_link_own_phy(Dwc2 *s);            /* the full-speed transceiver of the chip is used */

#endif
