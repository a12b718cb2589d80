/* SPDX-License-Identifier: MIT */
/* A tiny driver of the USB controller in device mode (dwc2.h). NO_SUPPLY, OVERLAP ... are mistakes, one at a time, for the strict machine. */
#include "dwc2.h"

#ifdef NO_SUPPLY
#define SUPPLY 0
#else
#define SUPPLY (1u << 24)                                   /* PWR_CR3.USB33DEN */
#endif
#ifdef NO_CLOCK
#define CLOCK 0
#else
#define CLOCK (3u << 20)                                    /* D2CCIP2R.USBSEL: HSI48 */
#endif
#ifdef NO_PINS
#define FUNCTION 0
#else
#define FUNCTION OTG_AF
#endif
#ifdef NO_GATE
#define GATE 0
#else
#define GATE (1u << OTG_GATE)
#endif
#if HS && !defined(NO_ULPI_CLOCK)
#define ULPI_GATE (1u << 26)
#else
#define ULPI_GATE 0
#endif
#ifdef NO_TRANSCEIVER
#define TRANSCEIVER 0
#else
#define TRANSCEIVER (1u << 16)                              /* GCCFG.PWRDWN */
#endif
#if defined(OVERLAP)
#define TX_START 128
#elif defined(BEYOND)
#define TX_START 1000
#else
#define TX_START RX_WORDS
#endif
#ifdef OVERFLOW
#define DEPTH_CHECKED 0
#else
#define DEPTH_CHECKED 1
#endif
#ifdef UNREAD
#define SETUP_READ 0
#else
#define SETUP_READ 1
#endif

enum { RX_WORDS = 256, TX_WORDS = 128 };

static struct {
    uint8_t *out;
    const uint8_t *in;
    uint32_t out_length, out_packet, in_left, in_packet;
} ep[MAX_EP];
static uint32_t setup_packet[2];
#define SETUP_DMA 0x24060000u

static void start_clock_and_pins(void)
{
    REG(RCC) |= 1u << 12;                                   /* HSI48 */
    wait_for(RCC, 1u << 13, 1u << 13, 1000);
    REG(RCC + 0x54) |= CLOCK;
    REG(PWR + 0x0c) |= SUPPLY;
    wait_for(PWR + 0x0c, 1u << 26, 1u << 26, 1000);
    REG(RCC_AHB4ENR) |= 3;
    (void)REG(RCC_AHB4ENR);
    pin_function(OTG_PORT, OTG_DM, FUNCTION, false);
    pin_function(OTG_PORT, OTG_DM + 1, FUNCTION, false);
    REG(RCC_AHB1ENR) |= GATE | ULPI_GATE;
    (void)REG(RCC_AHB1ENR);
}

static void flush(void)
{
    R(GRSTCTL) = 0x10 << 6 | 1 << 5;
    wait_for(OTG + GRSTCTL, 1 << 5, 0, 1000);
    R(GRSTCTL) = 1 << 4;
    wait_for(OTG + GRSTCTL, 1 << 4, 0, 1000);
}

/* Receive FIFO first, then one transmit FIFO after the other. */
static void place_fifos(void)
{
    R(GRXFSIZ) = RX_WORDS;
    R(DIEPTXF0) = 32u << 16 | TX_START;
    for (uint32_t n = 1; n < MAX_EP; n++) {
        R(DIEPTXF + 4 * (n - 1)) = TX_WORDS << 16 | (RX_WORDS + 32 + TX_WORDS * (n - 1));
    }
}

/* Where DMA puts the next SETUP packet. */
static void expect_setup(void)
{
    if (DMA) {
        DOEPDMA(0) = SETUP_DMA;
        DOEPTSIZ(0) = 3u << 29 | 1u << 19 | 24;
        DOEPCTL(0) |= EPENA;
    } else {
        DOEPTSIZ(0) = 3u << 29;
    }
}

static void bus_reset(void)
{
    for (unsigned n = 0; n < MAX_EP; n++) {
        DOEPCTL(n) |= SNAK;
        DIEPINT(n) = 0xff;
        DOEPINT(n) = 0xff;
    }
    flush();
    R(DAINTMSK) = 0x00010001;
    R(DOEPMSK) = STUP | XFRC;
    R(DIEPMSK) = XFRC;
    R(DIEPEMPMSK) = 0;
    R(DCFG) &= ~0x7f0u;
    R(DCTL) |= 1 << 10 | 1 << 8;                            /* no global NAK */
    place_fifos();
    expect_setup();
    device_reset();
}

void usb_set_address(unsigned address)
{
    R(DCFG) = (R(DCFG) & ~0x7f0u) | address << 4;
}

void usb_open(unsigned n, bool in, unsigned type, unsigned packet)
{
    uint32_t value = packet | type << 18 | USBAEP | SD0PID;

    if (in) {
        DIEPCTL(n) = value | n << 22 | SNAK;
        ep[n].in_packet = packet;
        R(DAINTMSK) |= 1u << n;
    } else {
        DOEPCTL(n) = value | SNAK;
        ep[n].out_packet = packet;
        R(DAINTMSK) |= 0x10000u << n;
    }
}

/* As section 57.15.6 wants it: NAK, wait, disable, wait, flush; an OUT endpoint with global NAK. */
void usb_close(unsigned n, bool in)
{
    if (in && (DIEPCTL(n) & EPENA)) {
        DIEPCTL(n) |= SNAK;
        wait_for((uint32_t)&DIEPINT(n), INEPNE, INEPNE, 1000);
        DIEPCTL(n) |= EPDIS;
        wait_for((uint32_t)&DIEPINT(n), EPDISD, EPDISD, 1000);
        DIEPINT(n) = EPDISD;
        R(GRSTCTL) = n << 6 | 1 << 5;
    }
    if (in) {
        R(DIEPEMPMSK) &= ~(1u << n);
        DIEPCTL(n) &= ~(uint32_t)USBAEP;
    } else {
        if (DOEPCTL(n) & EPENA) {
            R(DCTL) |= 1 << 9;
            while (!(R(GINTSTS) & INT_GONAKEFF)) {          /* appears when its word has left the FIFO */
                if (!DMA && (R(GINTSTS) & INT_RXFLVL)) {
                    uint32_t status = R(GRXSTSP);

                    for (uint32_t i = 0; i < ((status >> 4 & 0x7ff) + 3) / 4; i++) {
                        (void)FIFO(0);
                    }
                }
            }
            DOEPCTL(n) |= EPDIS;
            wait_for((uint32_t)&DOEPINT(n), EPDISD, EPDISD, 1000);
            DOEPINT(n) = EPDISD;
            R(DCTL) |= 1 << 10;
        }
        DOEPCTL(n) &= ~(uint32_t)USBAEP;
    }
}

void usb_stall(unsigned n, bool in, bool on)
{
    volatile uint32_t *ctl = in ? &DIEPCTL(n) : &DOEPCTL(n);

    if (on) {
        *ctl |= STALL;
    } else {
        *ctl = (*ctl & ~(uint32_t)STALL) | SD0PID;
    }
}

void usb_send(unsigned n, const void *data, uint32_t length, bool zero)
{
    uint32_t packet = n ? ep[n].in_packet : 64, packets = (length + packet - 1) / packet;

    if (!length || (zero && length % packet == 0)) {
        packets++;
    }
    ep[n].in = data;
    ep[n].in_left = length;
    DIEPTSIZ(n) = packets << 19 | length;
    if (DMA) {
        DIEPDMA(n) = (uint32_t)data;
    }
    DIEPCTL(n) |= EPENA | CNAK;
    if (!DMA && length) {
        R(DIEPEMPMSK) |= 1u << n;
    }
}

void usb_receive(unsigned n, void *data, uint32_t length)
{
    uint32_t packet = n ? ep[n].out_packet : 64;

    ep[n].out = data;
    ep[n].out_length = length;
    DOEPTSIZ(n) = (n ? 0 : 3u << 29) | (length / packet) << 19 | length;
    if (DMA) {
        DOEPDMA(n) = (uint32_t)data;
    }
    DOEPCTL(n) |= EPENA | CNAK;
}

/* --- interrupt --- */

static void fill_fifo(unsigned n)
{
    uint32_t packet = n ? ep[n].in_packet : 64;

    while (ep[n].in_left) {
        uint32_t length = ep[n].in_left < packet ? ep[n].in_left : packet;

        if (DEPTH_CHECKED && DTXFSTS(n) < (length + 3) / 4) {
            return;
        }
        for (uint32_t i = 0; i < length; i += 4) {
            uint32_t word = 0;

            memcpy(&word, ep[n].in + i, length - i < 4 ? length - i : 4);
            FIFO(n) = word;
        }
        ep[n].in += length;
        ep[n].in_left -= length;
        for (unsigned i = 0; i < 64 && !DEPTH_CHECKED; i++) {
            FIFO(n) = i;
        }
    }
    R(DIEPEMPMSK) &= ~(1u << n);
}

static void pop(void)
{
    uint32_t status = R(GRXSTSP), n = status & 15, length = status >> 4 & 0x7ff;

    switch (status >> 17 & 15) {
    case 6:
        for (unsigned i = 0; i < 2 && SETUP_READ; i++) {
            setup_packet[i] = FIFO(0);
        }
        break;
    case 2:
        for (uint32_t i = 0; i < length; i += 4) {
            uint32_t word = FIFO(0);

            memcpy(ep[n].out + i, &word, length - i < 4 ? length - i : 4);
        }
        ep[n].out += length;
        break;
    default:
        break;
    }
}

static void out_interrupt(unsigned n)
{
    uint32_t flags = DOEPINT(n) & R(DOEPMSK);

    DOEPINT(n) = flags;
    if (flags & XFRC) {
        device_out_done(n, ep[n].out_length - (DOEPTSIZ(n) & (n ? 0x7ffff : 0x7f)));
    }
    if (flags & STUP) {
        if (DMA) {
            memcpy(setup_packet, (const void *)(DOEPDMA(0) - 8), 8);
        }
        expect_setup();
        device_setup((const uint8_t *)setup_packet);
    }
}

static void in_interrupt(unsigned n)
{
    uint32_t flags = DIEPINT(n);

    if (flags & XFRC) {
        DIEPINT(n) = XFRC;
        device_in_done(n);
    }
    if (!DMA && (flags & TXFE) && (R(DIEPEMPMSK) & 1u << n)) {
        fill_fifo(n);
    }
}

static void interrupt(void)
{
    static const uint32_t events[] = { INT_USBSUSP, INT_WKUP, INT_SOF };
    uint32_t flags = R(GINTSTS) & R(GINTMSK), endpoints;

    if (flags & INT_USBRST) {
        R(GINTSTS) = INT_USBRST;
        bus_reset();
    }
    if (flags & INT_ENUMDNE) {
        R(GINTSTS) = INT_ENUMDNE;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (flags & events[i]) {
            R(GINTSTS) = events[i];
            device_event(events[i]);
        }
    }
    if (flags & INT_OTG) {
        R(GOTGINT) = R(GOTGINT);
        device_event(INT_OTG);
    }
    while (!DMA && (R(GINTSTS) & INT_RXFLVL)) {
        pop();
    }
    endpoints = R(DAINT) & R(DAINTMSK);
    for (unsigned n = 0; n < MAX_EP; n++) {
        if (endpoints & 0x10000u << n) {
            out_interrupt(n);
        }
        if (endpoints & 1u << n) {
            in_interrupt(n);
        }
    }
}

void usb_connect(bool on)
{
    R(DCTL) = on ? R(DCTL) & ~2u : R(DCTL) | 2;
}

void usb_start(void)
{
    start_clock_and_pins();
    R(GUSBCFG) = (R(GUSBCFG) & ~(1u << 6)) | (HS ? 0 : 1u << 6) | 1u << 30;
    R(GRSTCTL) = 1;
    wait_for(OTG + GRSTCTL, 1, 0, 1000);
    wait_for(OTG + GRSTCTL, 1u << 31, 1u << 31, 1000);
    R(DCTL) |= 2;
    R(GCCFG) = HS ? 0 : TRANSCEIVER | 1u << 21;                /* transceiver; VBUS sensing */
    R(DCFG) = (R(DCFG) & ~3u) | (HS ? 0 : 3);
    R(GINTSTS) = 0xffffffff;
    R(GINTMSK) = (DMA ? 0 : INT_RXFLVL) | INT_USBRST | INT_ENUMDNE | INT_IEP | INT_OEP | INT_USBSUSP | INT_WKUP | INT_SOF | INT_OTG;
    R(GAHBCFG) = 1u << 7 | 1 | (DMA ? 1u << 5 : 0);         /* FIFO empty means empty */
    on_interrupt(OTG_IRQ, interrupt);
    usb_connect(true);
}
