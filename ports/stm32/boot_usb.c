/* SPDX-License-Identifier: MIT */
/* The bootloader's USB: TinyUSB's device stack with one class driver, which hands control transfers to the DFU core. */
#include "board.h"
#include "boot/board_table.h"
#include "boot/descriptors.h"
#include "boot_stm32.h"
#include "device/dcd.h"
#include "device/usbd_pvt.h"
#include "dfu_alternates.h"
#include "tusb.h"
#include "usb_device.h"

static bool started;    /* the stack is */
static bool was_reset;  /* the bus was, or the device unconfigured, since the last turn: the core is told before a new host's requests are */
static bool busy;       /* between SETUP and the end of the status stage of a DFU request */
static bool waits;      /* `waiting` has no answer yet: flash work is under way, or was_reset */
static tusb_control_request_t waiting;

/* ---- DFU requests ------------------------------------------------------------------------------------- */

static void stall(uint8_t port)
{
    busy = false;
    dcd_edpt_stall(port, 0x00);
    dcd_edpt_stall(port, 0x80);
}

static bool answer(uint8_t port, const tusb_control_request_t *request)
{
    const struct dfu_setup setup = {request->bmRequestType, request->bRequest, request->wValue, request->wIndex, request->wLength};
    struct dfu_answer given = was_reset ? (struct dfu_answer){.action = DFU_LATER} : dfu_setup(&boot.dfu, &setup);
    tusb_control_request_t told = *request;
    if (told.wLength == 0) { /* confirmed by an IN packet, whatever the direction bit says (USB 2.0 9.3.1); TinyUSB goes by the bit */
        told.bmRequestType_bit.direction = TUSB_DIR_OUT;
    }
    switch (given.action) {
    case DFU_ACK:
        return tud_control_status(port, &told);
    case DFU_SEND:
    case DFU_RECEIVE:
        return tud_control_xfer(port, &told, given.data, given.length);
    case DFU_LATER:
        waiting = *request; /* nothing is armed, so the controller answers NAK */
        waits = true;
        return true;
    default:
        stall(port); /* not by returning false: TinyUSB would accept a SET_INTERFACE */
        return true;
    }
}

static bool driver_control(uint8_t port, uint8_t stage, tusb_control_request_t const *request)
{
    switch (stage) {
    case CONTROL_STAGE_SETUP:
        busy = true;
        waits = false;
        return answer(port, request);
    case CONTROL_STAGE_DATA:
        if (request->bmRequestType_bit.direction == TUSB_DIR_OUT) {
            uint32_t missing = usb_device_control_missing();
            dfu_received(&boot.dfu, missing < request->wLength ? request->wLength - missing : 0);
        }
        return true;
    default:
        busy = false;
        return true;
    }
}

/* A new SETUP ends the transfer whose answer was put off, whoever it is for. Runs in the interrupt, before the stack sees the event. */
void tud_event_hook_cb(uint8_t port, uint32_t event, bool in_interrupt)
{
    (void)port;
    (void)in_interrupt;
    if (event == DCD_EVENT_SETUP_RECEIVED) {
        waits = false;
    }
}

/* ---- The class driver ----------------------------------------------------------------------------------- */

static void driver_init(void) {}

static void driver_reset(uint8_t port)
{
    (void)port;
    was_reset = true;
    busy = waits = false;
}

/* All alternate settings and the functional descriptor are ours. */
static uint16_t driver_open(uint8_t port, tusb_desc_interface_t const *interface, uint16_t length)
{
    (void)port;
    (void)interface;
    return length;
}

usbd_class_driver_t const *usbd_app_driver_get_cb(uint8_t *count)
{
    static const usbd_class_driver_t driver = {
        .name = "DFU", .init = driver_init, .reset = driver_reset, .open = driver_open, .control_xfer_cb = driver_control};
    *count = 1;
    return &driver;
}

/* ---- Descriptors ------------------------------------------------------------------------------------------ */

uint8_t const *tud_descriptor_device_cb(void)
{
    static uint8_t descriptor[DESCRIPTORS_DEVICE_BYTES];
    descriptors_device(&boot_board, descriptor, sizeof descriptor);
    return descriptor;
}

uint8_t const *tud_descriptor_configuration_cb(uint8_t index)
{
    static uint8_t descriptor[DESCRIPTORS_CONFIGURATION_BYTES(DFU_ALTERNATE_COUNT)];
    return index == 0 && descriptors_configuration(&boot_board, false, descriptor, sizeof descriptor) ? descriptor : NULL;
}

uint16_t const *tud_descriptor_string_cb(uint8_t index, uint16_t language)
{
    static _Alignas(uint16_t) uint8_t descriptor[DESCRIPTORS_STRING_BYTES];
    static char serial[8 * BOARD_UID_WORDS + 1];
    (void)language;
    if (!serial[0]) {
        uint32_t uid[BOARD_UID_WORDS];
        for (unsigned i = 0; i < BOARD_UID_WORDS; i++) {
            uid[i] = *(const volatile uint32_t *)(BOARD_UID_ADDRESS + i * BOARD_UID_STRIDE);
        }
        descriptors_serial(uid, BOARD_UID_WORDS, serial);
    }
    size_t length = index == DESCRIPTORS_WINDOWS_STRING ? descriptors_windows(index, descriptor, sizeof descriptor)
                                                        : descriptors_string(&boot_board, index, serial, descriptor, sizeof descriptor);
    return length ? (const uint16_t *)(const void *)descriptor : NULL;
}

/* Windows asks which driver it is to use. */
bool tud_vendor_control_xfer_cb(uint8_t port, uint8_t stage, tusb_control_request_t const *request)
{
    static uint8_t descriptor[DESCRIPTORS_WINDOWS_PROPERTIES_BYTES];
    if (stage != CONTROL_STAGE_SETUP) {
        return true;
    }
    size_t length = request->bRequest == DESCRIPTORS_WINDOWS_REQUEST && request->bmRequestType_bit.direction == TUSB_DIR_IN &&
                            request->wIndex != DESCRIPTORS_WINDOWS_STRING
                        ? descriptors_windows(request->wIndex, descriptor, sizeof descriptor)
                        : 0;
    return length && tud_control_xfer(port, request, descriptor, (uint16_t)length);
}

/* ---- The port's part ---------------------------------------------------------------------------------------- */

void boot_usb_pull(void *context, bool up)
{
    (void)context;
    if (up && !started) {
        usb_device_start();
        started = tusb_init();
        usb_device_sense_vbus();
    } else if (!up && started) {
        tud_disconnect();
        tud_deinit(0);
        usb_device_stop();
        started = false;
    }
}

void boot_usb_interrupt(void) { tud_int_handler(0); }

void boot_usb_serve(void)
{
    tud_task();
    if (waits && !boot.dfu.working && !was_reset) {
        waits = false;
        answer(0, &waiting);
    }
}

static bool nothing_to_do(void)
{
    return !tud_task_event_ready() && (busy || boot.dfu.work == DFU_WORK_NONE) && !waits;
}

bool boot_usb_poll(void *context)
{
    (void)context;
    boot_feed_watchdog();
    boot_sleep_if(nothing_to_do);
    boot_usb_serve();
    bool configured = tud_mounted() && !was_reset;
    was_reset = false;
    return configured;
}

bool boot_usb_busy(void *context)
{
    (void)context;
    return busy;
}
