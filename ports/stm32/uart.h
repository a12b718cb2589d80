/* SPDX-License-Identifier: MIT */
/* UARTs: interrupt-driven rings both ways; nothing here blocks. */
#ifndef STM32_UART_H
#define STM32_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart_config {
    uint32_t baud;
    uint8_t bits;       /* 7, 8 or 9 data bits (9: two bytes per character are not supported, the ninth bit is dropped) */
    uint8_t parity;     /* 0 none, 1 odd, 2 even */
    uint8_t stop;       /* 1 or 2 */
    uint8_t *rx, *tx;   /* ring buffers; the caller's, valid until uart_deinit() */
    size_t rx_size, tx_size; /* powers of two; a ring holds size - 1 bytes */
};

/* UART `id` (1-8) with its clock on and interrupts enabled; the pins are the caller's. false: no such UART, or a bad configuration. */
bool uart_init(unsigned id, const struct uart_config *config);
void uart_deinit(unsigned id);

/* How many bytes were taken / given. */
size_t uart_write(unsigned id, const void *data, size_t length);
size_t uart_read(unsigned id, void *data, size_t length);
size_t uart_readable(unsigned id);
size_t uart_write_space(unsigned id);
bool uart_idle(unsigned id);            /* everything has left the wire */
void uart_send_break(unsigned id);
uint32_t uart_overruns(unsigned id);    /* bytes lost: the ring was full, or an overrun of the receiver */

/* Each received byte in the interrupt; true: consumed. NULL: none. */
void uart_set_receive_hook(unsigned id, bool (*hook)(uint8_t byte));

/* Called in the interrupt after bytes came in or left: for select() and callbacks. */
void uart_set_event_hook(unsigned id, void (*hook)(unsigned id, bool received));

/* Nothing is sent until uart_release(): only a received byte makes the interrupt pending. Returns the interrupt's number, -1: not open. */
int uart_hold(unsigned id);
void uart_release(unsigned id);

/* Takes bytes from the receiver while interrupts are off for long (a flash erase); runs from RAM. Afterwards they are replayed
   as if the interrupt had received them. */
size_t uart_poll_receiver(unsigned id, uint8_t *buffer, size_t space);
void uart_replay(unsigned id, const uint8_t *data, size_t length);

/* One byte by polling, whatever the state: for a dying system. */
void uart_panic_write(unsigned id, uint8_t byte);
void uart_panic_flush(unsigned id);

#endif
