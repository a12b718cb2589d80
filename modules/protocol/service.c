/* SPDX-License-Identifier: MIT */
/* Switching the console between REPL and protocol, and what the camera tells about itself. */
#include "modules/protocol/service.h"

#include <string.h>

#include "board.h"
#include "modules/omv/omv.h"
#include "modules/omv/version.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "runtime/console.h"
#include "runtime/crash.h"
#include "runtime/framebuffer.h"
#include "runtime/pool.h"
#include "runtime/script.h"
#include "sensors/camera.h"
#include "system.h"
#include "usb.h"

#define MAX_PAYLOAD (BOARD_PROTOCOL_BUFFER_SIZE - PACKET_OVERHEAD)
#define SILENCE_MS 3000u            /* a host that says nothing for so long has gone */
#define HOLD_MS 100u                /* the beginning of a packet that goes no further was typed */
#define FOREGROUND_MS 2000u         /* a script's channel function that takes longer is stopped */
#define FAREWELL_MS 100u            /* for what is on its way to a host before a reset */
#define RING 1024u                  /* power of two */

static struct {
    struct device *device;
    uint32_t memory[(DEVICE_BYTES(MAX_PAYLOAD) + 3) / 4];
    volatile bool active;           /* the console is the protocol's */
    volatile enum console_wire wire; /* and this is where the host is */
    uint32_t since;

    /* The USB port: what has happened to it, and what the session below knows of that. Odd: it is the protocol's. */
    volatile unsigned port, followed;

    /* Received bytes, from the receive interrupt to PendSV. */
    uint8_t ring[RING];
    volatile uint32_t in, out;

    /* What may be the header of a packet while the REPL has the console. */
    uint8_t held[PACKET_HEADER];
    volatile uint32_t held_n, held_at;
    uint32_t skip;                  /* bytes of a packet's payload still to be dropped */

    /* Only one of PendSV and main context is inside the device. */
    volatile bool busy, foreground, asked;
    volatile uint32_t foreground_since;
    mp_sched_node_t node;
} service;

/* Receiving */

static void push(uint8_t value)
{
    uint32_t in = service.in;

    if (in - service.out < RING) {
        service.ring[in % RING] = value;
        service.in = in + 1;
    }
}

/* A whole header has come while the REPL had the console. */
static void take_header(void)
{
    const uint8_t *h = service.held;

    if (packet_is_sync(h)) {
        if (!service.active) { /* a host on USB was here first */
            for (unsigned i = 0; i < PACKET_HEADER; i++)
                push(h[i]);
            service.since = system_listening_ms();
            service.wire = CONSOLE_UART;
            service.active = true;
        }
    } else if (packet_get16(h + 8) == packet_crc16(h, 8)) {
        /* A host that believes its session is still there: nothing of it may reach the REPL, where a 3 is Ctrl-C. */
        uint32_t length = packet_get16(h + 6);
        service.skip = length ? length + PACKET_TRAILER : 0;
    } else {
        console_feed(h, PACKET_HEADER);
    }
    service.held_n = 0;
}

/* Each byte of the UART, in the receive interrupt. */
static bool receive(uint8_t value)
{
    if (service.active && service.wire == CONSOLE_UART) {
        push(value);
        return true;
    }
    if (service.skip) {
        service.skip--;
        service.held_at = mp_hal_ticks_ms();
        return true;
    }
    if (service.held_n == 0 && value != 0xAA)
        return false;
    if (service.held_n == 1 && value != 0xD5) {
        console_feed(service.held, 1);
        service.held_n = 0;
        return false;
    }
    service.held_at = mp_hal_ticks_ms();
    service.held[service.held_n++] = value;
    if (service.held_n == PACKET_HEADER)
        take_header();
    return true;
}

/* Gives back what was held for too long, and waits no longer for the rest of a packet. */
static void release_held(void)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();

    if (mp_hal_ticks_ms() - service.held_at > HOLD_MS) {
        if (service.held_n)
            console_feed(service.held, service.held_n);
        service.held_n = 0;
        service.skip = 0;
    }
    MICROPY_END_ATOMIC_SECTION(state);
}

/* The USB port, in PendSV */

static void usb_changed(bool protocol)
{
    service.port += 1 + ((service.port & 1) == (unsigned)protocol);
}

static size_t usb_room(void)
{
    return service.port == service.followed ? RING - (service.in - service.out) : 0;
}

static void usb_receive(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        push(bytes[i]);
}

static size_t device_receive(void *context, void *out, size_t n)
{
    uint8_t *p = out;
    size_t got = 0;

    (void)context;
    for (; got < n && service.out != service.in; service.out++)
        p[got++] = service.ring[service.out % RING];
    if (got && service.wire == CONSOLE_USB)
        system_request_pendsv(PENDSV_USB); /* there is room for more */
    return got;
}

/* Sending and time */

static size_t device_send(void *context, const void *bytes, size_t n)
{
    (void)context;
    return console_send(service.wire, bytes, n);
}

static uint32_t device_now(void *context)
{
    /* A host is not silent while the camera, erasing flash, does not listen. */
    (void)context;
    return system_listening_ms();
}

/* What the camera is */

static void device_command(void *context, enum device_command command)
{
    (void)context;
    usb_leave(FAREWELL_MS);
    if (command == DEVICE_BOOT)
        system_enter_bootloader();
    system_reset();
}

static void device_info(void *context, struct device_info *info)
{
    const volatile uint32_t *cpuid = (const volatile uint32_t *)0xE000ED00; /* SCB->CPUID, Armv7-M B3.2.3 */
    const uint32_t *id = system_unique_id();
    const struct sensor *sensor = camera_sensor();
    size_t framebuffer = framebuffer_capacity();
    struct pool_stats pools;

    (void)context;
    if (!framebuffer && pool_get_stats(-1, &pools))
        framebuffer = pools.total;
    *info = (struct device_info) {
        .cpu_id = *cpuid,
        .dev_id = { id[2], id[1], id[0] },
        .usb_id = (uint32_t)BOARD_USB_APP_VID << 16 | BOARD_USB_APP_PID,
        .chip_id = { sensor ? sensor->driver->chip_id : 0 },
        .hw_caps = {
            BOARD_CAP_GPU | BOARD_CAP_NPU << 1 | BOARD_CAP_ISP << 2 | BOARD_CAP_VENC << 3 | BOARD_CAP_JPEG << 4 | BOARD_CAP_DRAM << 5 |
            BOARD_CAP_CRC << 6 | BOARD_CAP_PMU << 7 | BOARD_CAP_WIFI << 16 | BOARD_CAP_BT << 17 | BOARD_CAP_SD << 18 |
            BOARD_CAP_ETH << 19 | BOARD_CAP_USB_HS << 20 | BOARD_CAP_MULTICORE << 21,
        },
        .framebuffer = framebuffer / 1024,
        .stream = BOARD_STREAM_BUFFER_SIZE / 1024,
    };
}

static int device_memory(void *context, struct device_pool out[DEVICE_POOLS])
{
    gc_info_t gc;
    int n = 1;

    (void)context;
    gc_info(&gc);
    out[0] = (struct device_pool) { .type = 0, .total = gc.total, .used = gc.used, .free = gc.free };
    for (size_t i = 0; i < pool_count() && n < DEVICE_POOLS; i++) {
        struct pool_stats s;
        if (pool_get_stats((int)i, &s))
            out[n++] = (struct device_pool) { .type = 1, .flags = (uint16_t)pool_region(i)->flags, .total = s.total, .used = s.used,
                                              .free = s.free, .persist = s.persist, .peak = s.peak };
    }
    return n;
}

static void device_version(void *context, struct device_version *version)
{
    /* The bootloader's header lies 4 KiB behind its beginning: magic, then its version. */
    const uint8_t *header = (const uint8_t *)PART_BOOTLOADER_BASE + 0x1000;

    (void)context;
    *version = (struct device_version) { { 1, 0, 3 }, { OMV_VERSION_MAJOR, OMV_VERSION_MINOR, OMV_VERSION_PATCH } };
    if (packet_get32(header) == BOARD_BOOT_MAGIC)
        memcpy(version->bootloader, header + 4, 3);
}

/* Polling */

/* Enters the device unless the other context is inside. */
static bool enter(void)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    bool free = !service.busy;

    service.busy = true;
    MICROPY_END_ATOMIC_SECTION(state);
    return free;
}

static void serve_scheduled(mp_sched_node_t *node)
{
    (void)node;
    service.asked = false;
    user_channels_unlock_late();
    protocol_poll_foreground();
}

void protocol_ask_foreground(void)
{
    if (!service.asked)
        service.asked = mp_sched_schedule_node(&service.node, serve_scheduled);
}

static void device_defer(void *context)
{
    (void)context;
    protocol_ask_foreground();
}

void protocol_poll_foreground(void)
{
    if (!service.active || !enter())
        return;
    service.foreground_since = mp_hal_ticks_ms();
    service.foreground = true;
    device_poll(service.device, true);
    service.foreground = false;
    service.busy = false;
    console_request_service();
}

bool protocol_in_foreground(void) { return service.foreground; }

static void leave(void)
{
    device_close(service.device);
    channel_stream_close();
    service.active = false;
    service.out = service.in;
}

/* The USB port has been opened, closed, or both, since the last time. The host there is the one that counts. */
static void follow_port(void)
{
    unsigned port = service.port;

    if (port == service.followed)
        return;
    if (service.active && (service.wire == CONSOLE_USB || port & 1))
        leave();
    service.followed = port;
    if (port & 1) {
        service.wire = CONSOLE_USB;
        service.active = true;
        system_request_pendsv(PENDSV_USB);
    }
}

/* PendSV: after received bytes and every 10 ms. */
static void background(void)
{
    release_held();
    if (!service.active && service.port == service.followed)
        return;
    if (!enter()) {
        /* A channel function of the script that does not return would keep the host out for ever. */
        if (service.foreground && mp_hal_ticks_ms() - service.foreground_since > FOREGROUND_MS) {
            service.foreground_since = mp_hal_ticks_ms();
            script_stop();
        }
        return;
    }
    follow_port();
    bool began = !device_in_session(service.device);
    device_poll(service.device, false);
    if (began && device_in_session(service.device))
        channel_stdout_open();
    channel_stdout_service();
    /* A host on the UART can't say that it goes. */
    if (service.wire == CONSOLE_UART && device_silence(service.device) > SILENCE_MS && system_listening_ms() - service.since > SILENCE_MS)
        leave();
    service.busy = false;
}

static bool print(const char *text, size_t length)
{
    if (!service.active)
        return false;
    /* Banners and prompts are not what a host asked for, nor the last words of a script that makes way for the host's. */
    if (script_running() && !script_pending())
        channel_stdout_print(text, length);
    return true;
}

/* Scripts */

static void on_script(enum script_event event)
{
    switch (event) {
    case SCRIPT_STARTED:
        channel_stdout_clear();
        channel_stream_forget();
        protocol_raise(CHANNEL_STDIN, EVENT_STARTED);
        break;
    case SCRIPT_STOPPED:
        channel_stream_last();
        protocol_raise(CHANNEL_STDIN, EVENT_STOPPED);
        break;
    case SCRIPT_SOFT_REBOOT:
        /* The interpreter may have been aborted inside a channel function. */
        if (service.foreground)
            service.foreground = service.busy = false;
        service.asked = false;
        user_channels_clear();
        protocol_raise(CHANNEL_USB, EVENT_SOFT_REBOOT);
        break;
    }
}

/* Public */

bool protocol_is_active(void) { return service.active && device_in_session(service.device); }
struct device *protocol_device(void) { return service.device; }

bool protocol_raise(uint8_t channel, uint16_t event)
{
    mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION();
    bool taken = device_raise(service.device, channel, event);

    MICROPY_END_ATOMIC_SECTION(state);
    return taken;
}

void protocol_start(void)
{
    static const struct console_hook hook = { .receive = receive, .usb_changed = usb_changed, .usb_room = usb_room,
                                              .usb_receive = usb_receive, .print = print, .service = background };
    static const struct device_channel_ops nothing;
    static const struct device_channel usb = { "usb", CHANNEL_FLAG_PHYSICAL, &nothing, NULL };
    static const struct device_config config = {
        .receive = device_receive, .send = device_send, .now_ms = device_now, .command = device_command, .info = device_info,
        .memory = device_memory, .version = device_version, .defer = device_defer, .max_payload = MAX_PAYLOAD,
        .capabilities = CAPS_ALL, .retries = 3, .retry_ms = 500, .lock_interval_ms = 10,
    };

    service.device = device_init(service.memory, sizeof service.memory, &config);
    device_register(service.device, CHANNEL_USB, &usb);
    device_register(service.device, CHANNEL_STDIN, &channel_stdin);
    device_register(service.device, CHANNEL_STDOUT, &channel_stdout);
    device_register(service.device, CHANNEL_STREAM, &channel_stream);
    if (crash_record())
        device_register(service.device, CHANNEL_CRASH, &channel_crash);
    if (&channel_profile)
        device_register(service.device, CHANNEL_PROFILE, &channel_profile);
    script_set_listener(on_script);
    omv_host_connected = protocol_is_active;
    console_set_hook(&hook);
}
