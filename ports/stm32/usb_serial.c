/* SPDX-License-Identifier: MIT */
/* CDC-ACM between TinyUSB and the console. */
#include "usb_serial.h"
#include "console_port.h"
#include "irq.h"
#include "runtime/ring.h"
#include "system.h"
#include "tusb.h"
#include "usb.h"
#include "device/usbd_pvt.h"

#define SEND_SIZE 2048

static uint8_t send_bytes[SEND_SIZE];
static struct ring send = { .data = send_bytes, .size = SEND_SIZE };
static volatile uint32_t moved_at;  /* when something was sent last, or nothing waited */
static volatile bool dtr;

bool usb_serial_is_open(void) { return dtr && !usb_is_suspended(); }

size_t usb_serial_write(const void *data, size_t length, bool force)
{
    uint32_t state = irq_disable();
    if (send.used == 0) {
        moved_at = system_ms();
    }
    if (force) {
        ring_force(&send, data, length);
    } else {
        length = ring_put(&send, data, length);
    }
    irq_restore(state);
    system_request_pendsv(PENDSV_USB);
    return length;
}

size_t usb_serial_room(void) { return ring_room(&send); }
bool usb_serial_is_sending(void)
{
    return dtr && (send.used || tud_cdc_write_available() < CFG_TUD_CDC_TX_BUFSIZE || usbd_edpt_busy(0, USB_SERIAL_IN));
}

uint32_t usb_serial_stalled_ms(void) { return system_ms() - moved_at; }

void usb_serial_discard(void)
{
    uint32_t state = irq_disable();
    ring_clear(&send);
    irq_restore(state);
}

/* From the ring to TinyUSB's queue. The piece is copied under the mask: a writer that drops the oldest would change it. */
static void transmit(void)
{
    bool moved = false;
    for (uint32_t room; dtr && (room = tud_cdc_write_available()) != 0;) {
        uint8_t piece[64];
        uint32_t state = irq_disable();
        size_t n = ring_get(&send, piece, room < sizeof piece ? room : sizeof piece);
        irq_restore(state);
        if (!n) {
            break;
        }
        tud_cdc_write(piece, (uint32_t)n);
        moved = true;
    }
    tud_cdc_write_flush();
    if (moved) {
        moved_at = system_ms();
        console_usb_sent();
    }
}

/* What the console doesn't take stays in TinyUSB's queue; when that is full the controller answers NAK, and the host waits. */
static void receive(void)
{
    uint8_t piece[64];
    uint32_t n;
    size_t room;
    while ((room = console_usb_room()) != 0 && (n = tud_cdc_read(piece, (uint32_t)(room < sizeof piece ? room : sizeof piece))) != 0) {
        console_usb_received(piece, n);
    }
}

void usb_serial_service(void)
{
    receive();
    transmit();
}

static void changed(void)
{
    cdc_line_coding_t coding;
    tud_cdc_get_line_coding(&coding);
    console_usb_changed(dtr, coding.bit_rate);
}

/* Bytes of a port that is closed belong to nobody. */
void usb_serial_closed(void)
{
    dtr = false;
    usb_serial_discard();
    tud_cdc_write_clear();
    changed();
}

void tud_cdc_line_state_cb(uint8_t port, bool new_dtr, bool rts)
{
    (void)port;
    (void)rts;
    if (dtr && !new_dtr) {
        tud_cdc_read_flush();
        usb_serial_closed();
    } else if (!dtr && new_dtr) {
        moved_at = system_ms();
        dtr = true;
        changed();
    }
}

void tud_cdc_line_coding_cb(uint8_t port, cdc_line_coding_t const *coding)
{
    (void)port;
    (void)coding;
    changed();
}
