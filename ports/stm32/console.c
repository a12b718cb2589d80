/* SPDX-License-Identifier: MIT */
/* The console on the USB serial port and the board's console UART: one input queue, Ctrl-C, the protocol's hook. */
#include "runtime/console.h"
#include "board.h"
#include "console_port.h"
#include "gpio.h"
#include "irq.h"
#include "py/runtime.h"
#include "runtime/ring.h"
#include "shared/runtime/interrupt_char.h"
#include "system.h"
#include "uart.h"
#include "usb_serial.h"

#define INPUT_SIZE 1024
#define RX_SIZE 16      /* the driver's own: the hook below takes every byte */
#define TX_SIZE 2048

static uint8_t rx_ring[RX_SIZE], tx_ring[TX_SIZE], input_bytes[INPUT_SIZE];
static struct ring input = { .data = input_bytes, .size = INPUT_SIZE };
static const struct console_hook *hook;
static volatile bool usb_open, usb_protocol;
static volatile bool uart_heard;    /* something has been typed there since the USB port was opened last */
static volatile bool uart_ours = true;

/* ---- Input ---------------------------------------------------------------------------------------------------- */

/* What is typed on a REPL wire; what doesn't fit is lost. */
static void typed(const uint8_t *bytes, size_t n)
{
    uint32_t state = irq_disable();
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ring_put(&input, &bytes[i], 1);
        }
    }
    irq_restore(state);
}

static bool receive(uint8_t value)
{
    uart_heard = true;
    if (!hook || !hook->receive || !hook->receive(value)) {
        typed(&value, 1);
    }
    return true;
}

void console_feed(const void *data, size_t length)
{
    uint32_t state = irq_disable();
    ring_put(&input, data, length);
    irq_restore(state);
}

size_t console_read(void *data, size_t length)
{
    uint32_t state = irq_disable();
    bool full = ring_room(&input) == 0;
    size_t n = ring_get(&input, data, length);
    irq_restore(state);
    if (full && n) {
        system_request_pendsv(PENDSV_USB);
    }
    return n;
}

bool console_readable(void) { return input.used != 0; }

size_t console_usb_room(void) { return usb_protocol ? hook->usb_room() : ring_room(&input); }

void console_usb_received(const uint8_t *bytes, size_t n)
{
    if (usb_protocol) {
        hook->usb_receive(bytes, n);
        console_request_service();
    } else {
        typed(bytes, n);
    }
}

void console_usb_changed(bool open, uint32_t baud)
{
    bool protocol = open && baud == CONSOLE_PROTOCOL_BAUD && hook && hook->usb_changed;
    if (open && !usb_open) {
        uart_heard = false;
    }
    usb_open = open;
    /* Closed and opened again is another host, whatever the rate. */
    if (usb_protocol != protocol) {
        usb_protocol = protocol;
        usb_serial_discard();
        hook->usb_changed(protocol);
        console_request_service();
    }
}

void console_usb_sent(void)
{
    if (usb_protocol) {
        console_request_service();
    }
}

/* ---- Output --------------------------------------------------------------------------------------------------- */

/* Only here may anybody wait: the interrupts that move the bytes run. */
static bool may_wait(void) { return __get_IPSR() == 0 && __get_PRIMASK() == 0; }

static bool to_usb(void) { return usb_serial_is_open() && !usb_protocol; }
static bool to_uart(void) { return uart_ours && (!usb_open || uart_heard); }

static void print_usb(const uint8_t *text, size_t length)
{
    while (length) {
        size_t n = usb_serial_write(text, length, false);
        text += n;
        length -= n;
        if (!length || n) {
            continue;
        }
        if (!may_wait() || !to_usb() || usb_serial_stalled_ms() >= CONSOLE_PATIENCE_MS) {
            usb_serial_write(text, length, true);
            return;
        }
        system_wait_interrupt();
    }
}

/* The wire drains by itself, because it has no flow control: the wait is bounded by the baud rate. */
static void print_uart(const uint8_t *text, size_t length)
{
    while (length && uart_ours) {
        size_t n = uart_write(BOARD_CONSOLE_UART, text, length);
        text += n;
        length -= n;
        if (!n) {
            if (!may_wait() && __get_PRIMASK()) {
                return;
            }
            system_wait_interrupt();
        }
    }
}

void console_print(const void *text, size_t length)
{
    bool taken = hook && hook->print && hook->print(text, length);
    if (to_usb()) {
        print_usb(text, length); /* also while a host has the protocol on the UART */
    }
    if (!taken && to_uart()) {
        print_uart(text, length);
    }
}

void console_write(const void *data, size_t length)
{
    if (to_usb()) {
        usb_serial_write(data, length, true);
    }
    if (to_uart()) {
        uart_write(BOARD_CONSOLE_UART, data, length);
    }
}

bool console_writable(void) { return to_usb() ? usb_serial_room() != 0 : !uart_ours || uart_write_space(BOARD_CONSOLE_UART) != 0; }

size_t console_send(enum console_wire wire, const void *data, size_t length)
{
    if (wire == CONSOLE_USB) {
        return usb_protocol ? usb_serial_write(data, length, false) : length;
    }
    return uart_ours ? uart_write(BOARD_CONSOLE_UART, data, length) : length;
}

void console_flush(uint32_t ms)
{
    for (uint32_t start = system_ms(); system_ms() - start < ms && may_wait();) {
        if ((!uart_ours || uart_idle(BOARD_CONSOLE_UART)) && !(usb_serial_is_open() && usb_serial_is_sending())) {
            return;
        }
        system_wait_interrupt();
    }
}

/* ---- The UART and its pins ------------------------------------------------------------------------------------ */

static void event(unsigned id, bool received)
{
    (void)id;
    if (received) {
        console_request_service();
    }
}

/* Pins of UART `id`, from the board's list. */
void console_configure_pins(unsigned id)
{
    static const struct { uint8_t id; pin_id tx, rx; uint8_t tx_af, rx_af; } pins[] = {
#define ROW(number, tx_port, tx_pin, tx_af, rx_port, rx_pin, rx_af) { number, PIN(tx_port, tx_pin), PIN(rx_port, rx_pin), tx_af, rx_af },
        BOARD_UARTS(ROW)
#undef ROW
    };
    for (unsigned i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (pins[i].id == id) {
            gpio_alternate(pins[i].tx, pins[i].tx_af, GPIO_PULL_UP, false);
            gpio_alternate(pins[i].rx, pins[i].rx_af, GPIO_PULL_UP, false);
        }
    }
}

static void open_uart(void)
{
    static const struct uart_config config = {
        .baud = BOARD_CONSOLE_BAUD, .bits = 8, .stop = 1, .rx = rx_ring, .tx = tx_ring, .rx_size = RX_SIZE, .tx_size = TX_SIZE };
    console_configure_pins(BOARD_CONSOLE_UART);
    uart_init(BOARD_CONSOLE_UART, &config);
    uart_set_receive_hook(BOARD_CONSOLE_UART, receive);
    uart_set_event_hook(BOARD_CONSOLE_UART, event);
    uart_ours = true;
}

bool console_yield_uart(void)
{
    if (uart_ours && uart_heard) {
        return false;
    }
    if (uart_ours) {
        uart_ours = false;
        uart_deinit(BOARD_CONSOLE_UART);
    }
    return true;
}

bool console_yield_pin(unsigned pin)
{
#define ROW(number, tx_port, tx_pin, tx_af, rx_port, rx_pin, rx_af) \
    if (number == BOARD_CONSOLE_UART && (pin == PIN(tx_port, tx_pin) || pin == PIN(rx_port, rx_pin))) { \
        return console_yield_uart(); \
    }
    BOARD_UARTS(ROW)
#undef ROW
    return true;
}

void console_reset(void)
{
    if (!uart_ours) {
        open_uart();
    }
}

/* ---- Start, tick, hook ---------------------------------------------------------------------------------------- */

static void service(void)
{
    if (hook && hook->service) {
        hook->service();
    }
}

void console_init(void)
{
    open_uart();
    system_set_pendsv(PENDSV_CONSOLE, service);
}

void console_tick(uint32_t ms)
{
    if (hook && ms % CONSOLE_TICK_MS == 0) {
        console_request_service();
    }
}

void console_request_service(void) { system_request_pendsv(PENDSV_CONSOLE); }

void console_set_hook(const struct console_hook *new_hook)
{
    uint32_t state = irq_disable();
    hook = new_hook;
    irq_restore(state);
}
