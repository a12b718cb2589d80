/* SPDX-License-Identifier: MIT */
/* The console on the board's console UART: rings, Ctrl-C, the protocol's hook. */
#include "runtime/console.h"
#include "board.h"
#include "console_port.h"
#include "gpio.h"
#include "irq.h"
#include "py/runtime.h"
#include "shared/runtime/interrupt_char.h"
#include "system.h"
#include "uart.h"

#define RX_SIZE 1024
#define TX_SIZE 2048

static uint8_t rx_ring[RX_SIZE], tx_ring[TX_SIZE];
static const struct console_hook *hook;

static bool receive(uint8_t c)
{
    if (hook && hook->receive && hook->receive(c)) {
        return true;
    }
    if (c == mp_interrupt_char) {
        mp_sched_keyboard_interrupt();
        return true;
    }
    return false;
}

static void event(unsigned id, bool received)
{
    (void)id;
    if (received) {
        console_request_service();
    }
}

static void service(void)
{
    if (hook && hook->service) {
        hook->service();
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

bool console_owns_pin(unsigned pin)
{
#define ROW(number, tx_port, tx_pin, tx_af, rx_port, rx_pin, rx_af) \
    if (number == BOARD_CONSOLE_UART && (pin == PIN(tx_port, tx_pin) || pin == PIN(rx_port, rx_pin))) { \
        return true; \
    }
    BOARD_UARTS(ROW)
#undef ROW
    return false;
}

void console_init(void)
{
    struct uart_config config = {
        .baud = BOARD_CONSOLE_BAUD, .bits = 8, .stop = 1, .rx = rx_ring, .tx = tx_ring, .rx_size = RX_SIZE, .tx_size = TX_SIZE };
    console_configure_pins(BOARD_CONSOLE_UART);
    uart_init(BOARD_CONSOLE_UART, &config);
    uart_set_receive_hook(BOARD_CONSOLE_UART, receive);
    uart_set_event_hook(BOARD_CONSOLE_UART, event);
    system_set_pendsv(PENDSV_CONSOLE, service);
}

void console_tick(uint32_t ms)
{
    if (hook && ms % CONSOLE_TICK_MS == 0) {
        console_request_service();
    }
}

bool console_print(const char *text, size_t length) { return hook && hook->print && hook->print(text, length); }

size_t console_write(const void *data, size_t length) { return uart_write(BOARD_CONSOLE_UART, data, length); }
size_t console_write_space(void) { return uart_write_space(BOARD_CONSOLE_UART); }
bool console_idle(void) { return uart_idle(BOARD_CONSOLE_UART); }
size_t console_read(void *data, size_t length) { return uart_read(BOARD_CONSOLE_UART, data, length); }
bool console_readable(void) { return uart_readable(BOARD_CONSOLE_UART) != 0; }
void console_feed(const void *data, size_t length) { uart_feed(BOARD_CONSOLE_UART, data, length); }
void console_request_service(void) { system_request_pendsv(PENDSV_CONSOLE); }

void console_set_hook(const struct console_hook *new_hook)
{
    uint32_t state = irq_disable();
    hook = new_hook;
    irq_restore(state);
}

void console_flush(uint32_t ms)
{
    for (uint32_t start = system_ms(); !console_idle() && system_ms() - start < ms;) {
        system_wait_interrupt();
    }
}
