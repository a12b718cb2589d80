/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State and registers of the dwc2 USB controller (RM0433 sections 57.14, 57.15), for its own files. */
#ifndef OPENMV_EMULATOR_DWC2_DEVICE_H
#define OPENMV_EMULATOR_DWC2_DEVICE_H

#include "dwc2.h"
#include "qemu/timer.h"

#define TYPE_DWC2 "dwc2"
OBJECT_DECLARE_SIMPLE_TYPE(Dwc2, DWC2)

enum { DWC2_ENDPOINTS = 9, DWC2_FIFO_WORDS = 1024, DWC2_SETUP_WORDS = 10, DWC2_EP_STRIDE = 0x20 };

enum {
    GOTGCTL = 0x000, GOTGINT = 0x004, GAHBCFG = 0x008, GUSBCFG = 0x00c, GRSTCTL = 0x010, GINTSTS = 0x014, GINTMSK = 0x018, GRXSTSR = 0x01c,
    GRXSTSP = 0x020, GRXFSIZ = 0x024, DIEPTXF0 = 0x028, GNPTXSTS = 0x02c, GCCFG = 0x038, DIEPTXF = 0x104, HPRT = 0x440, DCFG = 0x800,
    DCTL = 0x804, DSTS = 0x808, DIEPMSK = 0x810, DOEPMSK = 0x814, DAINT = 0x818, DAINTMSK = 0x81c, DIEPEMPMSK = 0x834, DIEPCTL = 0x900,
    DIEPINT = 0x908, DIEPTSIZ = 0x910, DIEPDMA = 0x914, DTXFSTS = 0x918, DOEPCTL = 0xb00, DOEPINT = 0xb08, DOEPTSIZ = 0xb10, DOEPDMA = 0xb14,
    PCGCCTL = 0xe00, DWC2_FIFO = 0x1000,
};
enum {
    GOTGCTL_BVALOEN = 1u << 6, GOTGCTL_BVALOVAL = 1u << 7, GOTGCTL_BSVLD = 1u << 19, GOTGINT_SEDET = 1u << 2,
    GAHBCFG_GINT = 1u << 0, GAHBCFG_DMAEN = 1u << 5, GAHBCFG_TXFELVL = 1u << 7,
    GUSBCFG_PHYSEL = 1u << 6, GUSBCFG_FHMOD = 1u << 29,
    GRSTCTL_CSRST = 1u << 0, GRSTCTL_RXFFLSH = 1u << 4, GRSTCTL_TXFFLSH = 1u << 5, GRSTCTL_TXFNUM = 0x7c0,
    GCCFG_DCDET = 1u << 0, GCCFG_PDET = 1u << 1, GCCFG_SDET = 1u << 2, GCCFG_PWRDWN = 1u << 16, GCCFG_DCDEN = 1u << 18, GCCFG_PDEN = 1u << 19,
    GCCFG_SDEN = 1u << 20, GCCFG_VBDEN = 1u << 21,
    DCTL_RWUSIG = 1u << 0, DCTL_SDIS = 1u << 1, DCTL_GINSTS = 1u << 2, DCTL_GONSTS = 1u << 3, DCTL_SGINAK = 1u << 7, DCTL_CGINAK = 1u << 8,
    DCTL_SGONAK = 1u << 9, DCTL_CGONAK = 1u << 10, DSTS_SUSPSTS = 1u << 0, PCGCCTL_STPPCLK = 1u << 0, PCGCCTL_GATEHCLK = 1u << 1,
};
#define GRSTCTL_AHBIDL (1u << 31)

/* GINTSTS: some bits are latched until the firmware clears them, the others are levels. */
enum {
    INT_CMOD = 1u << 0, INT_OTG = 1u << 2, INT_SOF = 1u << 3, INT_RXFLVL = 1u << 4, INT_NPTXFE = 1u << 5, INT_GINAKEFF = 1u << 6,
    INT_GONAKEFF = 1u << 7, INT_ESUSP = 1u << 10, INT_USBSUSP = 1u << 11, INT_USBRST = 1u << 12, INT_ENUMDNE = 1u << 13, INT_IEP = 1u << 18,
    INT_OEP = 1u << 19, INT_RSTDET = 1u << 23, INT_SRQ = 1u << 30,
};
#define INT_WKUP (1u << 31)

enum {
    EP_USBAEP = 1u << 15, EP_DATA1 = 1u << 16, EP_NAKSTS = 1u << 17, EP_STALL = 1u << 21, EP_CNAK = 1u << 26, EP_SNAK = 1u << 27,
    EP_SD0PID = 1u << 28, EP_SD1PID = 1u << 29, EP_EPDIS = 1u << 30,
    EPINT_XFRC = 1u << 0, EPINT_EPDISD = 1u << 1, EPINT_AHBERR = 1u << 2, EPINT_STUP = 1u << 3, EPINT_ITTXFE = 1u << 4, EPINT_OTEPDIS = 1u << 4,
    EPINT_STSPHSRX = 1u << 5, EPINT_INEPNE = 1u << 6, EPINT_B2BSTUP = 1u << 6, EPINT_TXFE = 1u << 7, EPINT_OUTPKTERR = 1u << 8, EPINT_NAK = 1u << 13,
    EPINT_STPKTRX = 1u << 15,
};
#define EP_EPENA (1u << 31)

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
    Dwc2TxFifo tx[DWC2_ENDPOINTS];
    Dwc2RxFifo rx;
};

static inline uint32_t *dwc2_reg(Dwc2 *s, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset);
}

/* A register of endpoint n: `offset` is that of endpoint 0. */
static inline uint32_t *dwc2_ep(Dwc2 *s, uint32_t offset, unsigned n)
{
    return dwc2_reg(s, offset + n * DWC2_EP_STRIDE);
}

static inline bool dwc2_dma(Dwc2 *s)
{
    return *dwc2_reg(s, GAHBCFG) & GAHBCFG_DMAEN;
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
