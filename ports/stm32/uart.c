/* SPDX-License-Identifier: MIT */
/* UARTs (RM0433 48): interrupt-driven rings both ways, 16-byte hardware FIFOs on. */
#include "uart.h"
#include "clock.h"
#include "irq.h"
#include "ramfunc.h"
#include "system.h"

struct ring { uint8_t *data; size_t mask; volatile size_t head, tail; }; /* head: next to write, tail: next to read */

struct uart {
    struct usart_regs *regs;    /* NULL: not initialised */
    struct ring rx, tx;
    uint8_t data_mask, irqn;
    volatile uint32_t overruns;
    bool (*receive_hook)(uint8_t byte);
    void (*event_hook)(unsigned id, bool received);
};

static struct uart uarts[9]; /* [0] unused */

static const struct { struct usart_regs *regs; reg32 *enable; uint32_t bit; uint8_t irqn; } hardware[9] = {
    [1] = { USART1, ENABLE(APB2, USART1), USART1_IRQn }, [2] = { USART2, ENABLE(APB1L, USART2), USART2_IRQn },
    [3] = { USART3, ENABLE(APB1L, USART3), USART3_IRQn }, [4] = { UART4, ENABLE(APB1L, UART4), UART4_IRQn },
    [5] = { UART5, ENABLE(APB1L, UART5), UART5_IRQn }, [6] = { USART6, ENABLE(APB2, USART6), USART6_IRQn },
    [7] = { UART7, ENABLE(APB1L, UART7), UART7_IRQn }, [8] = { UART8, ENABLE(APB1L, UART8), UART8_IRQn },
};

static inline size_t ring_used(const struct ring *r) { return (r->head - r->tail) & r->mask; }
static inline size_t ring_space(const struct ring *r) { return r->mask - ring_used(r); }

static bool ring_put(struct ring *r, uint8_t byte)
{
    size_t next = (r->head + 1) & r->mask;
    if (next == r->tail) {
        return false;
    }
    r->data[r->head] = byte;
    r->head = next;
    return true;
}

RAMFUNC size_t uart_poll_receiver(unsigned id, uint8_t *buffer, size_t space)
{
    struct usart_regs *regs = uarts[id].regs;
    size_t n = 0;
    while (regs && n < space && (regs->ISR & USART_ISR_RXNE)) {
        buffer[n++] = (uint8_t)regs->RDR;
    }
    NVIC->ICPR[uarts[id].irqn / 32] = BIT(uarts[id].irqn % 32);
    return n;
}

int uart_hold(unsigned id)
{
    if (!uarts[id].regs) {
        return -1;
    }
    uarts[id].regs->CR1 &= ~USART_CR1_TXEIE;
    return uarts[id].irqn;
}

void uart_release(unsigned id)
{
    if (uarts[id].regs && uarts[id].tx.head != uarts[id].tx.tail) {
        uarts[id].regs->CR1 |= USART_CR1_TXEIE;
    }
}

static void receive_byte(struct uart *u, uint8_t byte)
{
    if (!u->receive_hook || !u->receive_hook(byte)) {
        u->overruns += !ring_put(&u->rx, byte);
    }
}

void uart_replay(unsigned id, const uint8_t *data, size_t length)
{
    uint32_t state = irq_disable();
    for (size_t i = 0; i < length; i++) {
        receive_byte(&uarts[id], data[i] & uarts[id].data_mask);
    }
    irq_restore(state);
}

static void receive(struct uart *u)
{
    uint32_t isr;
    while ((isr = u->regs->ISR) & (USART_ISR_RXNE | USART_ISR_ERRORS)) {
        if (isr & USART_ISR_ERRORS) {
            u->overruns += FIELD_OF(isr, USART_ISR_ORE);
            u->regs->ICR = USART_ISR_ERRORS;
        }
        if (isr & USART_ISR_RXNE) {
            receive_byte(u, (uint8_t)u->regs->RDR & u->data_mask);
        }
    }
}

static void transmit(struct uart *u)
{
    while (u->regs->ISR & USART_ISR_TXE) {
        if (u->tx.tail == u->tx.head) {
            u->regs->CR1 &= ~USART_CR1_TXEIE;
            return;
        }
        u->regs->TDR = u->tx.data[u->tx.tail];
        u->tx.tail = (u->tx.tail + 1) & u->tx.mask;
    }
}

static void uart_interrupt(int irqn)
{
    for (unsigned id = 1; id <= 8; id++) {
        struct uart *u = &uarts[id];
        if (hardware[id].irqn == irqn && u->regs) {
            bool received = u->regs->ISR & USART_ISR_RXNE;
            receive(u);
            if (u->regs->CR1 & USART_CR1_TXEIE) {
                transmit(u);
            }
            if (u->event_hook) {
                u->event_hook(id, received);
            }
        }
    }
}

bool uart_init(unsigned id, const struct uart_config *config)
{
    if (id < 1 || id > 8 || config->bits < 7 || config->bits > 9 || config->stop < 1 || config->stop > 2 || config->parity > 2) {
        return false;
    }
    /* The parity bit counts as a data bit of the frame (48.5.3). */
    unsigned frame = config->bits + (config->parity ? 1u : 0u);
    uint32_t divider = config->baud ? (clock_apb_hz() + config->baud / 2) / config->baud : 0;
    if (frame > 9 || divider < 16 || divider > 0xFFFF) {
        return false;
    }
    uart_deinit(id);
    struct uart *u = &uarts[id];
    struct usart_regs *regs = hardware[id].regs;
    *hardware[id].enable |= hardware[id].bit;
    (void)*hardware[id].enable;
    u->rx = (struct ring){ config->rx, config->rx_size - 1, 0, 0 };
    u->tx = (struct ring){ config->tx, config->tx_size - 1, 0, 0 };
    u->data_mask = config->bits == 7 ? 0x7F : 0xFF;
    u->irqn = hardware[id].irqn;
    u->overruns = 0;
    u->receive_hook = NULL;
    u->event_hook = NULL;
    regs->CR1 = 0;
    regs->BRR = divider;
    regs->CR2 = config->stop == 2 ? FIELD(USART_CR2_STOP, 2) : 0;
    regs->CR3 = 0;
    regs->CR1 = USART_CR1_FIFOEN | (frame == 9 ? USART_CR1_M0 : frame == 7 ? USART_CR1_M1 : 0)
        | (config->parity ? USART_CR1_PCE : 0) | (config->parity == 1 ? USART_CR1_PS : 0) | USART_CR1_RE | USART_CR1_TE;
    regs->CR1 |= USART_CR1_UE;
    regs->ICR = USART_ISR_ERRORS;
    u->regs = regs;
    irq_register(hardware[id].irqn, uart_interrupt, IRQ_PRIORITY_UART);
    regs->CR1 |= USART_CR1_RXNEIE;
    return true;
}

void uart_deinit(unsigned id)
{
    if (id < 1 || id > 8 || !uarts[id].regs) {
        return;
    }
    irq_register(hardware[id].irqn, NULL, 0);
    uarts[id].regs->CR1 = 0;
    uarts[id].regs = NULL;
    *hardware[id].enable &= ~hardware[id].bit;
}

size_t uart_write(unsigned id, const void *data, size_t length)
{
    struct uart *u = &uarts[id];
    size_t n = 0;
    if (u->regs) {
        /* Writers in different contexts (script, protocol in PendSV) must not interleave inside the ring. */
        uint32_t state = irq_disable();
        while (n < length && ring_put(&u->tx, ((const uint8_t *)data)[n])) {
            n++;
        }
        u->regs->CR1 |= USART_CR1_TXEIE;
        irq_restore(state);
    }
    return n;
}

size_t uart_read(unsigned id, void *data, size_t length)
{
    struct ring *r = &uarts[id].rx;
    size_t n = 0;
    while (n < length && r->tail != r->head) {
        ((uint8_t *)data)[n++] = r->data[r->tail];
        r->tail = (r->tail + 1) & r->mask;
    }
    return n;
}

size_t uart_readable(unsigned id) { return ring_used(&uarts[id].rx); }
size_t uart_write_space(unsigned id) { return uarts[id].regs ? ring_space(&uarts[id].tx) : 0; }
bool uart_idle(unsigned id)
{
    struct uart *u = &uarts[id];
    return !u->regs || (u->tx.head == u->tx.tail && (u->regs->ISR & USART_ISR_TC));
}

void uart_send_break(unsigned id)
{
    if (uarts[id].regs) {
        uarts[id].regs->RQR = USART_RQR_SBKRQ;
    }
}

uint32_t uart_overruns(unsigned id) { return uarts[id].overruns; }
void uart_set_receive_hook(unsigned id, bool (*hook)(uint8_t byte)) { uarts[id].receive_hook = hook; }
void uart_set_event_hook(unsigned id, void (*hook)(unsigned, bool)) { uarts[id].event_hook = hook; }

void uart_panic_write(unsigned id, uint8_t byte)
{
    struct usart_regs *regs = uarts[id].regs;
    if (regs) {
        struct deadline d = deadline_us(20000);
        while (!(regs->ISR & USART_ISR_TXE) && !deadline_passed(&d)) {
        }
        regs->TDR = byte;
    }
}

void uart_panic_flush(unsigned id)
{
    struct usart_regs *regs = uarts[id].regs;
    struct deadline d = deadline_us(50000);
    while (regs && !(regs->ISR & USART_ISR_TC) && !deadline_passed(&d)) {
    }
}
