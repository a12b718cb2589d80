/* SPDX-License-Identifier: MIT */
/* TinyUSB's place in the firmware: the interrupt, PENDSV_USB, what happens on the bus. */
#include "usb.h"
#include "tusb.h"
#include "device/dcd.h"
#include "irq.h"
#include "storage.h"
#include "system.h"
#include "usb_device.h"
#include "usb_serial.h"

static volatile bool suspended, was_reset;

static void interrupt(int irqn)
{
    (void)irqn;
    dcd_int_handler(0);
}

/* TinyUSB has put an event into its queue. Interrupt or PendSV. */
void tud_event_hook_cb(uint8_t port, uint32_t event, bool in_interrupt)
{
    (void)port;
    (void)in_interrupt;
    if (event == DCD_EVENT_BUS_RESET) {
        was_reset = true; /* TinyUSB tells nobody */
    }
    system_request_pendsv(PENDSV_USB);
}

/* Whoever looked at the drive or had the port open is gone: an unplugged cable, or the reset that begins an enumeration. */
static void host_gone(void)
{
    suspended = false;
    diskshare_host_gone(storage_share());
    usb_serial_closed();
}

static void service(void)
{
    if (storage_busy()) {
        return;
    }
    if (was_reset) {
        was_reset = false;
        host_gone();
    }
    tud_task();
    usb_serial_service();
}

void usb_start(void)
{
    static const tusb_rhport_init_t device = { .role = TUSB_ROLE_DEVICE, .speed = TUSB_SPEED_FULL };
    system_set_pendsv(PENDSV_USB, service);
    usb_device_start();
    irq_register(USB_DEVICE_IRQ, interrupt, IRQ_PRIORITY_USB);
    tusb_init(0, &device);
    usb_device_sense_vbus();
}

bool usb_is_suspended(void) { return suspended; }

void tud_umount_cb(void) { host_gone(); }
void tud_suspend_cb(bool remote_wakeup) { (void)remote_wakeup; suspended = true; }
void tud_resume_cb(void) { suspended = false; }

void usb_leave(unsigned ms)
{
    bool background = __get_IPSR() != 0;
    for (uint32_t start = system_us(); usb_serial_is_sending() && !suspended && system_us() - start < ms * 1000;) {
        if (background) {
            service();
        }
    }
    tud_disconnect();
    system_delay_us(USB_DEVICE_AWAY_US);
}
