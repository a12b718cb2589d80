/* SPDX-License-Identifier: MIT */
/*
 * The USB controller register by register (RM0433 sections 57.14, 57.15), first on a charger, where only the controller itself does
 * anything, then (HOST) through the first requests of a host that enumerates.
 */
#include "dwc2.h"

#ifndef HOST
#define HOST 0
#endif

enum {
    GOTGCTL = 0x00, GRXSTSR = 0x1c, PCGCCTL = 0xe00, NAKSTS = 1 << 17, SUSPSTS = 1, ITTXFE = 1 << 4, OTEPDIS = 1 << 4, INT_ESUSP = 1 << 10,
    INT_SRQ = 1 << 30, TX_START = 256,
};

/* The driver's callbacks, none of which is called: its interrupt stays off. */
void device_reset(void) {}
void device_setup(const uint8_t setup[8]) { (void)setup; }
void device_in_done(unsigned n) { (void)n; }
void device_out_done(unsigned n, uint32_t length) { (void)n; (void)length; }
void device_event(uint32_t flag) { (void)flag; }

static bool flag(uint32_t bit, uint32_t us)
{
    return wait_for(OTG + GINTSTS, bit, bit, us);
}

static uint32_t status_of(uint32_t word)
{
    return word >> 17 & 15;
}

static void test_transmit_fifo(void)
{
    R(GRXFSIZ) = TX_START;
    R(DIEPTXF0) = 16u << 16 | TX_START;
    R(DIEPTXF) = 64u << 16 | (TX_START + 16);
    DIEPCTL(1) = 64 | 2u << 18 | USBAEP | 1u << 22 | SD0PID | SNAK;
    check_equal("DTXFSTS: all of the FIFO is free", DTXFSTS(1), 64);
    check_equal("TXFE", DIEPINT(1) & TXFE, TXFE);
    DIEPTSIZ(1) = 2u << 19 | 100;
    DIEPCTL(1) |= EPENA | CNAK;
    for (int i = 0; i < 15; i++) {
        FIFO(1) = 0;
    }
    check_equal("XFRSIZ counts packets, not words", DIEPTSIZ(1) & 0x7ffff, 100);
    FIFO(1) = 0;
    check_equal("a packet is complete: XFRSIZ", DIEPTSIZ(1) & 0x7ffff, 36);
    check_equal("PKTCNT waits for the host", DIEPTSIZ(1) >> 19, 2);
    check_equal("16 words are used", DTXFSTS(1), 48);
    check_equal("not empty", DIEPINT(1) & TXFE, 0);
    R(GAHBCFG) &= ~(1u << 7);
    check_equal("TXFELVL 0: half empty is enough", DIEPINT(1) & TXFE, TXFE);
    for (int i = 0; i < 17; i++) {
        FIFO(1) = 0;
    }
    check_equal("33 of 64 words are more than half", DIEPINT(1) & TXFE, 0);
    R(GAHBCFG) |= 1u << 7;
    DIEPINT(1) = 0xff;
    check_equal("INEPNE is clear", DIEPINT(1) & INEPNE, 0);
    DIEPCTL(1) |= SNAK;
    check_equal("SNAK: INEPNE", DIEPINT(1) & INEPNE, INEPNE);
    check_equal("and NAKSTS", DIEPCTL(1) & NAKSTS, NAKSTS);
    DIEPCTL(1) |= EPDIS;
    check_equal("EPDIS: disabled", DIEPCTL(1) & (EPENA | EPDIS), 0);
    check_equal("with its flag", DIEPINT(1) & EPDISD, EPDISD);
    DIEPINT(1) = EPDISD;
    DIEPCTL(1) |= EPDIS;
    check_equal("of a disabled endpoint: nothing", DIEPINT(1) & EPDISD, 0);
    R(GRSTCTL) = 1 << 6 | 1 << 5;
    check_equal("flushed", DTXFSTS(1), 64);
    DIEPCTL(1) |= 1u << 29;
    check_equal("SD1PID: DATA1", DIEPCTL(1) >> 16 & 1, 1);
    DIEPCTL(1) |= SD0PID;
    check_equal("SD0PID: DATA0", DIEPCTL(1) >> 16 & 1, 0);
}

static void test_global_nak(void)
{
    DOEPCTL(1) = 64 | 2u << 18 | USBAEP | SD0PID | SNAK;
    DOEPTSIZ(1) = 1u << 19 | 64;
    DOEPCTL(1) |= EPENA | CNAK;
    DOEPCTL(1) |= EPDIS;
    check_equal("an OUT endpoint isn't disabled without global NAK", DOEPCTL(1) & EPENA, EPENA);
    R(DCTL) |= 1 << 9;
    check_equal("SGONAK: a word in the receive FIFO", R(GINTSTS) & (INT_RXFLVL | INT_GONAKEFF), INT_RXFLVL);
    check_equal("GRXSTSR shows it", status_of(R(GRXSTSR)), 1);
    check_equal("GRXSTSP pops it", status_of(R(GRXSTSP)), 1);
    check_equal("then the NAK is effective", R(GINTSTS) & (INT_RXFLVL | INT_GONAKEFF), INT_GONAKEFF);
    DOEPCTL(1) |= EPDIS;
    check_equal("now it is disabled", DOEPCTL(1) & EPENA, 0);
    check_equal("with its flag, too", DOEPINT(1) & EPDISD, EPDISD);
    R(DCTL) |= 1 << 10;
    check_equal("CGONAK", R(GINTSTS) & INT_GONAKEFF, 0);
    R(DCTL) |= 1 << 7;
    check_equal("SGINAK is effective at once", R(GINTSTS) & 1 << 6, 1 << 6);
    R(DCTL) |= 1 << 8;
    check_equal("CGINAK", R(GINTSTS) & 1 << 6, 0);
}

/* VBUS is there, a host isn't. */
static void test_charger(void)
{
    check_equal("B session valid", R(GOTGCTL) >> 19 & 1, 1);
    check_equal("nobody resets the bus: suspended after 3 ms", flag(INT_USBSUSP, 5000), true);
    check_equal("early suspend before that", R(GINTSTS) & INT_ESUSP, INT_ESUSP);
    check_equal("SUSPSTS", R(DSTS) & SUSPSTS, SUSPSTS);
    R(GCCFG) |= 7u << 17 | 1u << 20;                        /* BCDEN, DCDEN, PDEN, SDEN */
    check_equal("it is a dedicated charger", R(GCCFG) & 7, 7);
    R(GCCFG) &= ~(1u << 21);
    check_equal("without VBUS sensing: the session ends", R(0x04) & 4, 4);
    check_equal("OTGINT", R(GINTSTS) & INT_OTG, INT_OTG);
    R(0x04) = 4;
    check_equal("which clears", R(GINTSTS) & INT_OTG, 0);
    R(GOTGCTL) |= 1u << 6 | 1u << 7;
    check_equal("BVALOEN, BVALOVAL: a session all the same", R(GOTGCTL) >> 19 & 1, 1);
    check_equal("whose beginning is SRQINT", R(GINTSTS) & INT_SRQ, INT_SRQ);
}

static void test_core_reset(void)
{
    R(DCTL) |= 2;
    R(GINTMSK) = 0x3c00;
    R(GRSTCTL) = 1;
    check_equal("CSRST clears itself", R(GRSTCTL), 1u << 31);
    check_equal("and GINTMSK", R(GINTMSK), 0);
    check_equal("SDIS stays", R(DCTL) & 2, 2);
    check_equal("so does GCCFG", R(GCCFG) >> 16 & 1, 1);
    check_equal("and the speed", R(DCFG) & 3, 3);
}

/* A SETUP packet as slave mode shows it; true when it was this one. */
static bool take_setup(uint32_t first, uint32_t second)
{
    uint32_t peek, pop, word[2];
    bool good;

    if (!flag(INT_RXFLVL, 500000)) {
        return false;
    }
    peek = R(GRXSTSR);
    pop = R(GRXSTSP);
    good = peek == pop && status_of(pop) == 6 && (pop >> 4 & 0x7ff) == 8 && (pop & 15) == 0;
    word[0] = FIFO(0);
    word[1] = FIFO(0);
    return good && word[0] == first && word[1] == second;
}

static void test_setup(void)
{
    check_equal("bus reset", flag(INT_USBRST, 300000), true);
    check_equal("ends: ENUMDNE", flag(INT_ENUMDNE, 100000), true);
    check_equal("at full speed by the own transceiver", R(DSTS) >> 1 & 3, 3);
    check_equal("endpoint 1 isn't active any more", DIEPCTL(1) & USBAEP, 0);
    R(GINTSTS) = INT_USBRST | INT_ENUMDNE;
    DIEPINT(0) = DOEPINT(0) = 0xffff;
    DOEPTSIZ(0) = 3u << 29;
    check_equal("GET_DESCRIPTOR comes", take_setup(0x01000680, 0x00400000), true);
    check_equal("both halves of endpoint 0 say NAK", DIEPCTL(0) & DOEPCTL(0) & NAKSTS, NAKSTS);
    check_equal("STUPCNT", DOEPTSIZ(0) >> 29, 2);
    check_equal("the stage is over: a second word", flag(INT_RXFLVL, 10000), true);
    check_equal("STUP isn't set yet", DOEPINT(0) & STUP, 0);
    check_equal("SETUP done", status_of(R(GRXSTSP)), 4);
    check_equal("now STUP is", DOEPINT(0) & STUP, STUP);
    check_equal("the host asks for data that isn't there: ITTXFE", wait_for((uint32_t)&DIEPINT(0), ITTXFE, ITTXFE, 5000), true);
}

static void test_data_and_status(void)
{
    uint32_t pop;

    DIEPINT(0) = DOEPINT(0) = 0xffff;
    R(GRXFSIZ) = TX_START;
    R(DIEPTXF0) = 16u << 16 | TX_START;
    DIEPTSIZ(0) = 1u << 19 | 18;
    DIEPCTL(0) |= EPENA | CNAK;
    FIFO(0) = 0x02000112;
    FIFO(0) = 0x400000ff;
    FIFO(0) = 0x00011209;
    FIFO(0) = 0x02011234;
    check_equal("four of five words: no packet yet", wait_for((uint32_t)&DIEPINT(0), XFRC, XFRC, 3000), false);
    FIFO(0) = 0x00000103;
    check_equal("the fifth: XFRC", wait_for((uint32_t)&DIEPINT(0), XFRC, XFRC, 3000), true);
    check_equal("EPENA and PKTCNT are clear", (DIEPCTL(0) & EPENA) | DIEPTSIZ(0), 0);
    check_equal("the status stage finds the OUT half disabled", wait_for((uint32_t)&DOEPINT(0), OTEPDIS, OTEPDIS, 5000), true);
    DOEPTSIZ(0) = 1u << 19 | 64;
    DOEPCTL(0) |= EPENA | CNAK;
    check_equal("then it comes", flag(INT_RXFLVL, 5000), true);
    pop = R(GRXSTSP);
    check_equal("without data, as DATA1", pop & 0x1fffff, 2u << 17 | 2u << 15);
    check_equal("XFRC isn't set before its own word", DOEPINT(0) & XFRC, 0);
    check_equal("OUT done", status_of(R(GRXSTSP)), 3);
    check_equal("sets it", DOEPINT(0) & XFRC, XFRC);
    check_equal("and clears EPENA", DOEPCTL(0) & EPENA, 0);
}

/* Every request from now on is stalled: the host resets the bus, four attempts in all, and each SETUP packet clears STALL. */
static void test_stall(void)
{
    uint32_t resets = 0, stalls_kept = 0;

    for (int i = 0; i < 5; i++) {
        if (!flag(INT_USBRST, 400000)) {
            break;
        }
        resets++;
        flag(INT_ENUMDNE, 100000);
        R(GINTSTS) = INT_USBRST | INT_ENUMDNE;
        DOEPTSIZ(0) = 3u << 29;
        while (flag(INT_RXFLVL, 300000) && status_of(R(GRXSTSP)) != 6) {
        }
        (void)FIFO(0);
        (void)FIFO(0);
        stalls_kept += DIEPCTL(0) & STALL ? 1 : 0;
        DIEPCTL(0) |= STALL;
        DOEPCTL(0) |= STALL;
    }
    check_equal("a stalled request: the second reset, then three more attempts", resets, 4);
    check_equal("a SETUP packet clears STALL", stalls_kept, 0);
    DIEPCTL(0) |= STALL;
    DIEPCTL(0) &= ~(uint32_t)STALL;
    check_equal("which firmware can't, at endpoint 0", DIEPCTL(0) & STALL, STALL);
}

void guest_main(void)
{
    check_equal("PWR, clock, pins, core", (usb_start(), R(GAHBCFG)), 0x81);
    REG(0xe000e180 + OTG_IRQ / 32 * 4) = 1u << OTG_IRQ % 32;    /* by hand from here on */
    check_equal("GSNPSID", R(0x40), 0x4f54330a);
    if (HOST) {
        test_setup();
        test_data_and_status();
        test_stall();
    } else {
        test_charger();
        test_transmit_fifo();
        test_global_nak();
        test_core_reset();
    }
}
