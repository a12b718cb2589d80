/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A USB host's root port (usb_port.h): cable, connection, bus reset, frames, suspend and resume (USB 2.0 chapters 7 and 11). */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "regs.h"
#include "system/cpu-timers.h"
#include "usb_port_state.h"

/* USB 2.0 section 7.1.7: debounce, reset of a root port, recovery after it, resume signalling, end of a frame that stays free. */
enum {
    DEBOUNCE_NS = 100000000, RESET_NS = 50000000, RECOVERY_NS = 10000000, IDLE_NS = 3000000, RESUME_NS = 20000000,
    FULL_FRAME_NS = 1000000, HIGH_FRAME_NS = 125000, SOF_NS = 3000, END_NS = 2000, FRAME_NUMBERS = 2048,
    AHEAD_NS = 250000, HOLD_NS = 20000, HOLD_MOST_NS = 20000000, NAP_NS = 500000, OPEN_TIMES = 4,
};
#define LATE_MOST_NS 5000000000LL           /* a host that reads at all */

static int64_t now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

bool usb_port_vbus(const UsbPort *port)
{
    return port->cable != USB_CABLE_NONE;
}

bool usb_port_is_charger(const UsbPort *port)
{
    return port->cable == USB_CABLE_POWER;
}

/* --- frames --- */

static bool wire_free(UsbPort *port)
{
    return port->state == PORT_TALKING && !port->suspended;
}

void usb_port_schedule(UsbPort *port)
{
    if (wire_free(port) && !timer_pending(port->slot_timer)) {
        timer_mod(port->slot_timer, now());
    }
}

/* Without -icount the core may get no time from the host for longer than a packet takes: then the bus waits for it, within reason. */
static bool held_up(UsbPort *port, int64_t time)
{
    bool hold = !icount_enabled() && wire_free(port) && port->ops->busy && port->ops->busy(port->device);

    if (!hold) {
        port->held_since = time;
    }
    return hold && time - port->held_since < HOLD_MOST_NS;
}

/*
 * Transactions, up to AHEAD_NS before the wire would have come to them: a frame keeps its number of packets, but the emulator doesn't
 * sleep and wake up for each of them. Control transfers of a chip's controller keep the wire's own time: firmware relies on having some
 * between the end of one and the next SETUP packet.
 */
static void slot(void *opaque)
{
    UsbPort *port = opaque;
    int64_t time = now(), end = port->frame_start + port->frame_length - END_NS, used = 1;

    if (held_up(port, time)) {
        timer_mod(port->slot_timer, time + HOLD_NS);
        return;
    }
    port->wire = MAX(port->wire, time);
    while (wire_free(port) && used && port->wire - time < AHEAD_NS) {
        used = usb_transfer_slot(port, end - port->wire, port->wire == time || port->ops->instant);
        port->wire += used;
    }
    if (wire_free(port) && port->wire > time) {
        timer_mod(port->slot_timer, port->wire);
    }
}

void usb_port_ready(UsbPort *port, unsigned in, unsigned out)
{
    if (wire_free(port) && usb_transfer_wake(port, in, out)) {
        usb_port_schedule(port);
    }
}

/*
 * Where virtual time doesn't wait for this machine's (-icount sleep=off), a core that sleeps until a program has answered would have slept
 * for seconds before the program can. So a packet that is there holds time to the machine's pace until it is read, within reason, and a
 * program that has a serial port open (SET_CONTROL_LINE_STATE, USB CDC 1.1 section 6.2.14) to four times that. 0: as fast as it can.
 */
static int64_t most_times(UsbPort *port, int64_t real)
{
    if (!wire_free(port) || port->counters.bytes_in != port->read_then || !usb_transfer_unread(port)) {
        port->real_late = real;
        port->read_then = port->counters.bytes_in;
    } else if (real - port->real_late < LATE_MOST_NS) {
        return 1;
    }
    return port->line_state & 1 ? OPEN_TIMES : 0;
}

static void keep_pace(UsbPort *port)
{
    int64_t real = g_get_monotonic_time() * 1000, times = icount_enabled() ? most_times(port, real) : 0;

    port->real_due = times ? MAX(port->real_due + port->frame_length / times, real) : real;
    if (port->real_due - real >= NAP_NS) {
        g_usleep((port->real_due - real) / 1000);
    }
}

static void frame(void *opaque)
{
    UsbPort *port = opaque;
    unsigned per_frame = port->speed == USB_HIGH_SPEED ? 8 : 1;

    keep_pace(port);
    port->frame++;
    port->frame_start = now();
    port->wire = port->frame_start + SOF_NS;
    timer_mod(port->frame_timer, port->frame_start + port->frame_length);
    port->counters.frames++;
    port->ops->start_of_frame(port->device, port->frame / per_frame % FRAME_NUMBERS, port->frame % per_frame);
    if (port->state == PORT_TALKING) {
        usb_transfer_wake(port, USB_EVERY_ENDPOINT, USB_EVERY_ENDPOINT);
        usb_port_schedule(port);
    }
}

static void start_frames(UsbPort *port)
{
    port->frame_length = port->speed == USB_HIGH_SPEED ? HIGH_FRAME_NS : FULL_FRAME_NS;
    timer_del(port->idle_timer);
    frame(port);
}

/* No more frames: a device that is pulled up sees an idle bus, and takes that for suspend. */
static void stop_frames(UsbPort *port)
{
    timer_del(port->frame_timer);
    timer_del(port->slot_timer);
    if (port->speed != USB_NOT_CONNECTED) {
        timer_mod(port->idle_timer, now() + IDLE_NS);
    } else {
        timer_del(port->idle_timer);
    }
}

static void idle(void *opaque)
{
    UsbPort *port = opaque;

    if (port->device) {
        port->ops->suspend(port->device);
    }
}

/* --- connection --- */

/* Whatever went on with the device is over. */
static void forget_device(UsbPort *port)
{
    bool was_configured = port->configured;

    port->state = PORT_EMPTY;
    port->suspended = port->resuming = port->suspend_wanted = port->configured = port->settled = false;
    port->configuration_value = port->line_state = 0;
    timer_del(port->state_timer);
    usb_enumerate_stop(port);
    usb_transfer_abort_all(port, URB_SHUT_DOWN);
    if (was_configured && port->client) {
        port->client->present(port->client_opaque, false);
    }
}

/* Cable and pull-up as they are now. */
static void update_connection(UsbPort *port)
{
    bool connected = port->cable == USB_CABLE_HOST && port->speed != USB_NOT_CONNECTED;

    if (!connected && port->state != PORT_EMPTY) {
        forget_device(port);
    }
    if (port->state == PORT_EMPTY) {
        stop_frames(port);
        if (connected) {
            port->state = PORT_DEBOUNCE;
            timer_mod(port->state_timer, now() + DEBOUNCE_NS);
        }
    }
}

void usb_port_pull_up(UsbPort *port, void *device, UsbSpeed speed)
{
    if (port->device == device && port->speed != speed) {
        port->speed = speed;
        update_connection(port);
    }
}

void usb_port_start_reset(UsbPort *port)
{
    port->state = PORT_RESET;
    port->suspended = port->resuming = port->suspend_wanted = port->settled = false;
    port->line_state = 0;
    port->counters.resets++;
    stop_frames(port);
    timer_del(port->idle_timer);
    usb_transfer_abort_all(port, URB_SHUT_DOWN);
    port->ops->reset(port->device, true);
    timer_mod(port->state_timer, now() + RESET_NS);
}

void usb_port_give_up(UsbPort *port)
{
    forget_device(port);
    stop_frames(port);
    port->state = PORT_GIVEN_UP;
}

void usb_port_start_over(UsbPort *port)
{
    forget_device(port);
    port->attempts = 0;
    usb_port_start_reset(port);
}

void usb_port_configured(UsbPort *port)
{
    void (*done)(void *, bool) = port->reset_done;

    port->settled = true;
    if (!port->configured) {
        port->configured = true;
        if (port->client) {
            port->client->present(port->client_opaque, true);
        }
    }
    if (done) {
        port->reset_done = NULL;
        done(port->reset_opaque, true);
    }
}

static void resumed(UsbPort *port)
{
    port->suspended = port->resuming = false;
    start_frames(port);
    if (port->remote_wakeup_armed) {
        static const uint8_t clear_feature[8] = { 0x00, 0x01, 0x01, 0x00 };     /* DEVICE_REMOTE_WAKEUP */

        port->remote_wakeup_armed = false;
        usb_enumerate_request(port, clear_feature, NULL);
    }
}

static void next_state(void *opaque)
{
    UsbPort *port = opaque;

    switch (port->state) {
    case PORT_DEBOUNCE:
        port->attempts = 0;
        usb_port_start_reset(port);
        break;
    case PORT_RESET:
        port->ops->reset(port->device, false);
        if (port->state == PORT_RESET) {                /* still pulled up */
            port->state = PORT_RECOVERY;
            start_frames(port);
            timer_mod(port->state_timer, now() + RECOVERY_NS);
        }
        break;
    case PORT_RECOVERY:
        port->state = PORT_TALKING;
        usb_enumerate_start(port);
        break;
    case PORT_TALKING:
        if (port->resuming) {
            resumed(port);
        }
        break;
    default:
        break;
    }
}

void usb_port_reset(UsbPort *port, void (*done)(void *opaque, bool same_device), void *opaque)
{
    if (port->state != PORT_TALKING || !port->settled || port->suspended) {
        if (done) {
            done(opaque, false);
        }
        return;
    }
    port->reset_done = done;
    port->reset_opaque = opaque;
    port->attempts = 0;
    usb_enumerate_stop(port);
    usb_port_start_reset(port);
}

void usb_port_reset_abandon(UsbPort *port, void *opaque)
{
    if (port->reset_done && port->reset_opaque == opaque) {
        port->reset_done = NULL;
    }
}

/* --- suspend --- */

static void go_to_sleep(UsbPort *port)
{
    port->suspend_wanted = false;
    port->suspended = true;
    stop_frames(port);
}

static void armed(UsbUrb *urb)
{
    UsbPort *port = urb->owner;

    port->remote_wakeup_armed = urb->status == URB_OK;
    if (port->suspend_wanted && port->state == PORT_TALKING) {
        go_to_sleep(port);
    }
}

void usb_port_set_suspend(UsbPort *port, bool suspend)
{
    static const uint8_t set_feature[8] = { 0x00, 0x03, 0x01, 0x00 };           /* DEVICE_REMOTE_WAKEUP */

    if (port->state != PORT_TALKING || !port->settled || suspend == (port->suspended || port->suspend_wanted)) {
        return;
    }
    if (!suspend && port->suspend_wanted) {
        port->suspend_wanted = false;
    } else if (!suspend) {
        if (!port->resuming) {
            port->resuming = true;
            timer_del(port->idle_timer);
            port->ops->resume(port->device);
            timer_mod(port->state_timer, now() + RESUME_NS);
        }
    } else {
        port->suspend_wanted = true;
        /* bmAttributes bit 5: it can wake the host up. */
        if (!(port->identity.configuration[7] & 0x20) || !usb_enumerate_request(port, set_feature, armed)) {
            go_to_sleep(port);
        }
    }
}

void usb_port_remote_wakeup(UsbPort *port, void *device, bool on)
{
    if (!on || port->device != device || !port->suspended || port->resuming) {
        return;
    }
    if (!port->remote_wakeup_armed) {
        guest_error("USB", "the device signals remote wake-up, which the host hasn't allowed (SET_FEATURE)");
    }
    usb_port_set_suspend(port, false);
}

bool usb_port_suspended(const UsbPort *port)
{
    return port->suspended || port->suspend_wanted;
}

/* --- cable and device --- */

static void tell_power(UsbPort *port)
{
    if (port->device) {
        port->ops->vbus(port->device, usb_port_vbus(port));
    }
    if (port->board) {
        port->board->power(port->board_opaque, usb_port_vbus(port));
    }
}

void usb_port_set_cable(UsbPort *port, UsbCable cable)
{
    bool had_power = usb_port_vbus(port);

    if (port->cable == cable) {
        return;
    }
    port->cable = cable;
    update_connection(port);
    if (had_power != usb_port_vbus(port)) {
        tell_power(port);
    }
}

UsbCable usb_port_cable(const UsbPort *port)
{
    return port->cable;
}

void usb_port_attach(UsbPort *port, const UsbDeviceOps *ops, void *device)
{
    usb_port_pull_up(port, port->device, USB_NOT_CONNECTED);
    timer_del(port->idle_timer);
    port->ops = ops;
    port->device = device;
    tell_power(port);
}

void usb_port_set_client(UsbPort *port, const UsbPortListener *listener, void *opaque)
{
    port->client = listener;
    port->client_opaque = opaque;
}

void usb_port_set_board(UsbPort *port, const UsbPortListener *listener, void *opaque)
{
    port->board = listener;
    port->board_opaque = opaque;
    tell_power(port);
}

/* --- questions --- */

const UsbIdentity *usb_port_identity(const UsbPort *port)
{
    if (!port->configured) {
        return NULL;
    }
    return port->before.configuration ? &port->before : &port->identity;        /* the former while a port reset is under way */
}

UsbSpeed usb_port_speed(const UsbPort *port)
{
    return port->speed;
}

unsigned usb_port_address(const UsbPort *port)
{
    return port->address;
}

uint8_t usb_port_configuration(const UsbPort *port)
{
    return port->configuration_value;
}

const UsbCounters *usb_port_counters(const UsbPort *port)
{
    return &port->counters;
}

char *usb_port_describe(const UsbPort *port)
{
    const UsbIdentity *id = usb_port_identity(port);

    if (!id) {
        return g_strdup("");
    }
    return g_strdup_printf("%04X:%04X %s %s serial=%s product=\"%s\"", lduw_le_p(id->device + 8), lduw_le_p(id->device + 10),
                           port->speed == USB_HIGH_SPEED ? "high" : "full",
                           usb_port_suspended(port) ? "suspended" : port->configuration_value ? "configured" : "addressed",
                           id->serial ? id->serial : "", id->product ? id->product : "");
}

UsbPort *usb_port_new(void)
{
    UsbPort *port = g_new0(UsbPort, 1);

    for (unsigned i = 0; i < 2 * USB_ENDPOINTS; i++) {
        QTAILQ_INIT(&port->endpoint[i & 1][i / 2].queue);
        port->endpoint[i & 1][i / 2].number = i / 2;
        port->endpoint[i & 1][i / 2].in = i & 1;
    }
    port->cable = USB_CABLE_HOST;
    port->state_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, next_state, port);
    port->frame_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, frame, port);
    port->slot_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, slot, port);
    port->idle_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, idle, port);
    usb_enumerate_stop(port);
    return port;
}
