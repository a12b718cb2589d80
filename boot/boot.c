/* SPDX-License-Identifier: MIT */
/* The decision table of boot.h. */
#include "boot/boot.h"

static int read_application(void *context, uint32_t offset, void *data, size_t size)
{
    const struct boot *boot = context;
    const struct boot_port *port = boot->dfu.port;
    return port->read(port->context, boot->dfu.board->application + offset, data, size);
}

static const struct boot_partition *application(const struct boot_board *board)
{
    for (unsigned i = 0; i < board->count; i++) {
        if (board->partitions[i].role == BOOT_ROLE_firmware && board->partitions[i].base == board->application) {
            return &board->partitions[i];
        }
    }
    return NULL;
}

static int verify(struct boot *boot)
{
    const struct boot_board *board = boot->dfu.board;
    const struct boot_partition *partition = application(board);
    if (!partition) {
        return IMAGE_E_NONE;
    }
    const struct image_place place = {board->target, partition->base, partition->size};
    const struct image_reader reader = {read_application, boot};
    return image_verify(&reader, &place, NULL);
}

static uint32_t now(const struct boot *boot)
{
    return boot->dfu.port->time_ms(boot->dfu.port->context);
}

static void set_led(struct boot *boot, bool on)
{
    boot->led = on;
    boot->dfu.port->led(boot->dfu.port->context, on);
}

void boot_init(struct boot *boot, const struct boot_board *board, const struct boot_port *port)
{
    dfu_init(&boot->dfu, board, port, false);
    boot->forced = port->take_request(port->context);
    boot->configured = false;
    boot->image = verify(boot);
    dfu_bus_reset(&boot->dfu, boot->image != IMAGE_OK);
    boot->since = boot->led_since = now(boot);
    set_led(boot, false);
}

static void blink(struct boot *boot, uint32_t time)
{
    uint32_t period = boot->dfu.transferring ? BOOT_LED_TRANSFER_MS : boot->image != IMAGE_OK ? BOOT_LED_BAD_MS : BOOT_LED_WAIT_MS;
    if (time - boot->led_since >= period) {
        boot->led_since = time;
        set_led(boot, !boot->led);
    }
}

/* By the table alone, as if the application could be started. The host that detaches us is still told that it has been heard. */
static bool wants_to_leave(const struct boot *boot, bool was_configured, uint32_t time)
{
    if (!boot->configured) {
        return was_configured || time - boot->since >= BOOT_CONNECT_MS;
    }
    if (boot->dfu.detach) {
        return !boot->dfu.port->usb_busy(boot->dfu.port->context);
    }
    return !boot->dfu.transferring && !boot->forced && time - boot->since >= BOOT_WINDOW_MS;
}

bool boot_turn(struct boot *boot, bool configured)
{
    const struct boot_port *port = boot->dfu.port;
    bool was_configured = boot->configured;
    uint32_t time = now(boot);

    boot->configured = configured;
    if (configured && !was_configured) {
        boot->since = time;
    }
    blink(boot, time);
    if (wants_to_leave(boot, was_configured, time)) {
        if (boot->dfu.touched) {
            boot->dfu.touched = false;
            boot->image = verify(boot);
        }
        if (boot->image == IMAGE_OK) {
            return false;
        }
        if (boot->dfu.detach || was_configured != configured) {
            dfu_bus_reset(&boot->dfu, true);
        }
        boot->since = time;
    } else if (!port->usb_busy(port->context)) {
        dfu_task(&boot->dfu);
    }
    return true;
}

void boot_run(struct boot *boot, const struct boot_board *board, const struct boot_port *port)
{
    boot_init(boot, board, port);
    port->usb_pull(port->context, true);
    while (boot_turn(boot, port->usb_poll(port->context))) {
    }
    port->usb_pull(port->context, false);
    set_led(boot, false);
    port->start(port->context, board->application);
}

_Noreturn void boot_fatal(const struct boot_port *port)
{
    uint32_t since = port->time_ms(port->context);
    for (bool on = false;;) {
        uint32_t time = port->time_ms(port->context);
        if (time - since >= BOOT_LED_FATAL_MS) {
            since = time;
            on = !on;
            port->led(port->context, on);
        }
    }
}
