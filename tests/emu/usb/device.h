/* SPDX-License-Identifier: MIT */
/* What the guest (device.c) and its host (client_*.c) agree on. */
#ifndef USB_TEST_DEVICE_H
#define USB_TEST_DEVICE_H

enum {
    TEST_VENDOR = 0x1209, TEST_PRODUCT = 0x0001,
    EP_LOOP = 1,            /* bulk: each transfer up to a short packet comes back, ended by a short packet again */
    EP_TICK = 2,            /* interrupt IN: a 32-bit number that counts the packets */
    EP_STREAM = 3,          /* bulk: IN never ends (bytes 0, 1, 2 ...), OUT takes everything */
    TICK_INTERVAL = 8,
    LOOP_SIZE = 4096,       /* most bytes of a transfer of EP_LOOP; of a control transfer, too */
};

/* Vendor requests (0x40, 0xc0). */
enum {
    REQUEST_ECHO = 1,       /* OUT: keeps the bytes; IN: gives them back */
    REQUEST_COUNTERS,       /* IN: struct counters */
    REQUEST_STALL,          /* value: endpoint address; index: 1 halts it, 0 doesn't */
    REQUEST_DISCONNECT,     /* for `value` ms; index: product id from then on */
    REQUEST_WAKE,           /* at the next suspend, wakes the host up after `value` ms */
    REQUEST_HOLD,           /* value 1: EP_LOOP takes nothing more; 0: it goes on */
    REQUEST_SILENCE,        /* is never answered */
    REQUEST_DEAF,           /* takes no interrupt for `value` ms: the receive FIFO fills up */
    REQUEST_BOOTLOADER,     /* jumps into the chip's system bootloader, as firmware does that restarts into it */
    REQUEST_IDENTITY,       /* index: product id after the next bus reset, without a disconnect */
};

struct counters {
    unsigned resets, suspends, resumes, frames, session_ends, setups, configurations, errors;
};

#endif
