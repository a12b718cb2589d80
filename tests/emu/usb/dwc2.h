/* SPDX-License-Identifier: MIT */
/* A tiny driver of the USB controller in device mode, written from RM0433 section 57, for bare-metal guests. */
#ifndef USB_TEST_DWC2_H
#define USB_TEST_DWC2_H

#include "../chip/chip.h"

/* Chosen when it is compiled: the controller, its interrupt and pins; DMA 1: internal DMA; HS 1: high speed over ULPI. */
#ifndef OTG
#define OTG 0x40080000
#define OTG_IRQ 101
#define OTG_GATE 27
#define OTG_PORT GPIOA
#define OTG_DM 11
#define OTG_AF 10
#endif
#ifndef DMA
#define DMA 0
#endif
#ifndef HS
#define HS 0
#endif

#define R(offset) REG(OTG + (uint32_t)(offset))
#define DIEPCTL(n) R(0x900 + 0x20 * (n))
#define DIEPINT(n) R(0x908 + 0x20 * (n))
#define DIEPTSIZ(n) R(0x910 + 0x20 * (n))
#define DIEPDMA(n) R(0x914 + 0x20 * (n))
#define DTXFSTS(n) R(0x918 + 0x20 * (n))
#define DOEPCTL(n) R(0xb00 + 0x20 * (n))
#define DOEPINT(n) R(0xb08 + 0x20 * (n))
#define DOEPTSIZ(n) R(0xb10 + 0x20 * (n))
#define DOEPDMA(n) R(0xb14 + 0x20 * (n))
#define FIFO(n) R(0x1000 * ((n) + 1))

enum {
    GOTGINT = 0x04, GAHBCFG = 0x08, GUSBCFG = 0x0c, GRSTCTL = 0x10, GINTSTS = 0x14, GINTMSK = 0x18, GRXSTSP = 0x20, GRXFSIZ = 0x24,
    DIEPTXF0 = 0x28, GCCFG = 0x38, DIEPTXF = 0x104, DCFG = 0x800, DCTL = 0x804, DSTS = 0x808, DIEPMSK = 0x810, DOEPMSK = 0x814, DAINT = 0x818,
    DAINTMSK = 0x81c, DIEPEMPMSK = 0x834,
    XFRC = 1, EPDISD = 2, STUP = 8, INEPNE = 0x40, TXFE = 0x80,
    INT_OTG = 1 << 2, INT_SOF = 1 << 3, INT_RXFLVL = 1 << 4, INT_GONAKEFF = 1 << 7, INT_USBSUSP = 1 << 11, INT_USBRST = 1 << 12,
    INT_ENUMDNE = 1 << 13, INT_IEP = 1 << 18, INT_OEP = 1 << 19,
    CNAK = 1 << 26, SNAK = 1 << 27, SD0PID = 1 << 28, EPDIS = 1 << 30, STALL = 1 << 21, USBAEP = 1 << 15, MAX_EP = 4,
};
#define INT_WKUP (1u << 31)
#define EPENA (1u << 31)

/* What the device does; called from the interrupt. */
void device_reset(void);
void device_setup(const uint8_t setup[8]);
void device_in_done(unsigned n);
void device_out_done(unsigned n, uint32_t length);
void device_event(uint32_t flag);       /* INT_USBSUSP, INT_WKUP, INT_SOF, INT_OTG */

/* Clock, supply, pins, core; then connected. */
void usb_start(void);
void usb_connect(bool on);
void usb_set_address(unsigned address);

/* Endpoint n, direction, type (2 bulk, 3 interrupt), bytes of a packet: from DATA0 on. */
void usb_open(unsigned n, bool in, unsigned type, unsigned packet);
void usb_close(unsigned n, bool in);
void usb_stall(unsigned n, bool in, bool on);
/* `length` bytes, and a zero-length packet behind full ones where `zero`. Endpoint 0: one packet. */
void usb_send(unsigned n, const void *data, uint32_t length, bool zero);
/* Up to `length` bytes (a multiple of the packet), until a short packet. */
void usb_receive(unsigned n, void *data, uint32_t length);

#endif
