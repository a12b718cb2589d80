/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * USART of the H7 (RM0433 section 48), asynchronous mode: FIFO, idle and timeout detection, overrun, character match, DMA.
 * Characters take their time on the wire, from the kernel clock, PRESC and BRR. Variant 1: LPUART (section 49).
 *
 * The other end is a chardev whose id is the peripheral's name in lower case; failing that, for USART3, the first -serial.
 * DMA requests: 0 receive, 1 transmit.
 */
#include "qemu/osdep.h"

#include "chardev/char-fe.h"
#include "chardev/char.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32_pins.h"
#include "stm32h743_defs.h"
#include "system/system.h"

enum {
    FIFO = 16, WAITING = 128, LOW_POWER = 1,
};

#define TYPE_STM32_USART "stm32-usart"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Usart, STM32_USART)

typedef struct Fifo {
    uint16_t item[FIFO];
    unsigned level;
} Fifo;

struct Stm32Usart {
    Stm32Periph parent_obj;
    CharBackend chr;
    qemu_irq irq;
    Fifo tx, rx;
    bool sending, receiving;            /* a character is on the wire */
    uint8_t shift_out, shift_in;
    uint8_t waiting[WAITING];           /* came from the chardev, not yet on the wire */
    unsigned waiting_first, waiting_end;
    QEMUTimer tx_timer, rx_timer, idle_timer, timeout_timer;
    uint32_t unusual_baud;              /* already complained about */
    Stm32Pin pins[2];                   /* RX, TX */
    bool pin_complained;
    guint watch;                        /* waits until the other end takes a character */
};

static const RegDef usart_registers[] = { STM32H743_USART };
static const RegMap usart_map = REG_MAP(usart_registers, USART_BYTES);

static uint32_t reg(Stm32Usart *s, uint32_t offset)
{
    return *periph_reg(&s->parent_obj, offset);
}

static bool on(Stm32Usart *s, uint32_t part)
{
    return (reg(s, USART_CR1) & (USART_CR1_UE | part)) == (USART_CR1_UE | part);
}

static unsigned depth(Stm32Usart *s)
{
    return reg(s, USART_CR1) & USART_CR1_FIFOEN ? FIFO : 1;
}

static uint32_t baud(Stm32Usart *s)
{
    static const uint16_t divider[16] = { 1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256, 256, 256, 256, 256 };
    uint64_t hz = periph_clock_hz(&s->parent_obj) / divider[reg(s, USART_PRESC) & USART_PRESC_PRESCALER];
    uint32_t brr = reg(s, USART_BRR);

    if (s->parent_obj.variant == LOW_POWER) {
        return brr >= 0x300 ? hz * 256 / brr : 0;
    }
    if (reg(s, USART_CR1) & USART_CR1_OVER8) {
        brr = (brr & 0xfff0) | (brr & 7) << 1;
        return brr >= 16 ? 2 * hz / brr : 0;
    }
    return (brr & 0xffff) >= 16 ? hz / (brr & 0xffff) : 0;
}

void stm32_usart_set_pins(Stm32Periph *usart, const Stm32Pin pins[2])
{
    memcpy(STM32_USART(usart)->pins, pins, sizeof(STM32_USART(usart)->pins));
}

static bool joined(Stm32Usart *s, const Stm32Pin *pin)
{
    if (!pin->port || stm32_pin_routed(pin)) {
        return true;
    }
    if (!s->pin_complained) {
        s->pin_complained = true;
        guest_error(s->parent_obj.name, "%s isn't in alternate function %u: nothing is connected", pin->name, pin->function);
    }
    return false;
}

/* A clock set up wrongly shows first as a baud rate that nobody uses. */
static void check_baud(Stm32Usart *s, uint32_t rate)
{
    static const uint32_t usual[] = { 300, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 31250, 38400, 57600, 76800, 115200, 230400,
                                      250000, 460800, 500000, 921600, 1000000, 1500000, 2000000, 3000000, 4000000, 6000000, 7500000 };

    for (unsigned i = 0; i < ARRAY_SIZE(usual); i++) {
        if (rate >= usual[i] - usual[i] / 33 && rate <= usual[i] + usual[i] / 33) {
            return;
        }
    }
    if (s->unusual_baud != rate) {
        s->unusual_baud = rate;
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %u Bd is no usual rate: is the kernel clock (%u Hz) what was meant?\n", s->parent_obj.name,
                      rate, periph_clock_hz(&s->parent_obj));
    }
}

/* Duration of `count` characters; 0 when the transmitter can't run. */
static int64_t bits_ns(Stm32Usart *s, unsigned bits)
{
    uint32_t rate = baud(s);

    return rate ? muldiv64(bits, NANOSECONDS_PER_SECOND, rate) : 0;
}

static int64_t character_ns(Stm32Usart *s)
{
    uint32_t cr1 = reg(s, USART_CR1);
    unsigned stop = FIELD_OF(reg(s, USART_CR2), USART_CR2_STOP) >= 2 ? 2 : 1;

    return bits_ns(s, 1 + (cr1 & USART_CR1_M1 ? 7 : cr1 & USART_CR1_M0 ? 9 : 8) + stop);
}

static uint16_t pop(Fifo *fifo)
{
    uint16_t item = fifo->item[0];

    fifo->level--;
    memmove(fifo->item, fifo->item + 1, fifo->level * sizeof(fifo->item[0]));
    return item;
}

static unsigned threshold(uint32_t field)
{
    static const uint8_t level[8] = { 2, 4, 8, 12, 14, 16, 16, 16 };

    return level[field & 7];
}

static void set_flag(Stm32Usart *s, uint32_t flag, bool value)
{
    uint32_t *isr = periph_reg(&s->parent_obj, USART_ISR);

    *isr = value ? *isr | flag : *isr & ~flag;
}

/* Flags that follow from the FIFOs, then the interrupt and the DMA requests. */
static void update(Stm32Usart *s)
{
    uint32_t cr1 = reg(s, USART_CR1), cr3 = reg(s, USART_CR3), isr;
    bool fifo = cr1 & USART_CR1_FIFOEN, enabled = on(s, 0);

    set_flag(s, USART_ISR_TXE, s->tx.level < depth(s));
    set_flag(s, USART_ISR_RXNE, s->rx.level > 0);
    set_flag(s, USART_ISR_TXFE, fifo && s->tx.level == 0);
    set_flag(s, USART_ISR_RXFF, fifo && s->rx.level == FIFO);
    set_flag(s, USART_ISR_TXFT, fifo && FIFO - s->tx.level >= threshold(cr3 >> 29));
    set_flag(s, USART_ISR_RXFT, fifo && s->rx.level >= threshold(cr3 >> 25));
    set_flag(s, USART_ISR_BUSY, s->receiving);
    set_flag(s, USART_ISR_TEACK, on(s, USART_CR1_TE));
    set_flag(s, USART_ISR_REACK, on(s, USART_CR1_RE));
    isr = reg(s, USART_ISR);
    qemu_set_irq(s->irq, enabled && (
        ((cr1 & USART_CR1_TXEIE) && (isr & USART_ISR_TXE)) || ((cr1 & USART_CR1_TCIE) && (isr & USART_ISR_TC)) ||
        ((cr1 & USART_CR1_RXNEIE) && (isr & (USART_ISR_RXNE | USART_ISR_ORE))) || ((cr1 & USART_CR1_IDLEIE) && (isr & USART_ISR_IDLE)) ||
        ((cr1 & USART_CR1_CMIE) && (isr & USART_ISR_CMF)) || ((cr1 & USART_CR1_RTOIE) && (isr & USART_ISR_RTOF)) ||
        ((cr1 & USART_CR1_TXFEIE) && (isr & USART_ISR_TXFE)) || ((cr1 & USART_CR1_RXFFIE) && (isr & USART_ISR_RXFF)) ||
        ((cr3 & USART_CR3_TXFTIE) && (isr & USART_ISR_TXFT)) || ((cr3 & USART_CR3_RXFTIE) && (isr & USART_ISR_RXFT)) ||
        ((cr3 & USART_CR3_EIE) && (cr3 & USART_CR3_DMAR) && (isr & USART_ISR_ORE))));
    periph_dma_request(&s->parent_obj, 0, enabled && (cr3 & USART_CR3_DMAR) && (isr & USART_ISR_RXNE));
    periph_dma_request(&s->parent_obj, 1, enabled && (cr3 & USART_CR3_DMAT) && (isr & USART_ISR_TXE) && (cr1 & USART_CR1_TE));
}

/* --- transmitter --- */

static void send_next(Stm32Usart *s)
{
    int64_t duration;

    if (s->sending || !s->tx.level || !on(s, USART_CR1_TE)) {
        return;
    }
    duration = character_ns(s);
    if (!duration) {
        guest_error(s->parent_obj.name, "nothing can be sent: the kernel clock is off or BRR (0x%x) is too small", reg(s, USART_BRR));
        return;
    }
    check_baud(s, baud(s));
    s->shift_out = pop(&s->tx);
    s->sending = true;
    set_flag(s, USART_ISR_TC, false);
    timer_mod(&s->tx_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + duration);
}

static void sent(void *opaque);

/* The other end has room again. */
static gboolean writable(void *unused, GIOCondition condition, void *opaque)
{
    Stm32Usart *s = opaque;

    s->watch = 0;
    if (s->sending) {
        sent(s);
    }
    return G_SOURCE_REMOVE;
}

/* A character leaves. When the other end doesn't read, it stays in the shift register, and the firmware is who waits. */
static void sent(void *opaque)
{
    Stm32Usart *s = opaque;

    if (joined(s, &s->pins[1]) && qemu_chr_fe_backend_connected(&s->chr) && qemu_chr_fe_write(&s->chr, &s->shift_out, 1) <= 0) {
        s->watch = s->watch ? s->watch : qemu_chr_fe_add_watch(&s->chr, G_IO_OUT | G_IO_HUP, writable, s);
        if (s->watch) {
            return;
        }
    }
    s->sending = false;
    if (s->tx.level) {
        send_next(s);
    } else {
        set_flag(s, USART_ISR_TC, true);
    }
    update(s);
}

static void write_data(Stm32Usart *s, uint32_t value)
{
    if (!on(s, USART_CR1_TE)) {
        guest_error(s->parent_obj.name, "TDR written while the transmitter is off (CR1.UE, CR1.TE)");
        return;
    }
    if (s->tx.level == depth(s)) {
        guest_error(s->parent_obj.name, "TDR written while it is full: a character is lost");
        s->tx.level--;
    }
    s->tx.item[s->tx.level++] = value & 0x1ff;
    set_flag(s, USART_ISR_TC, false);
    send_next(s);
    update(s);
}

/* --- receiver: what the chardev has is taken in pieces, and comes over the wire one character after the other --- */

static bool receiver_on(Stm32Usart *s)
{
    return on(s, USART_CR1_RE) && periph_clocked(&s->parent_obj) && character_ns(s) != 0;
}

static void receive_next(Stm32Usart *s)
{
    if (s->receiving || s->waiting_first == s->waiting_end || !receiver_on(s) || !joined(s, &s->pins[0])) {
        return;
    }
    s->shift_in = s->waiting[s->waiting_first++];
    s->receiving = true;
    timer_del(&s->idle_timer);
    timer_del(&s->timeout_timer);
    timer_mod(&s->rx_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + character_ns(s));
}

static int can_receive(void *opaque)
{
    Stm32Usart *s = opaque;

    return receiver_on(s) && s->waiting_first == s->waiting_end ? WAITING : 0;
}

static void receive(void *opaque, const uint8_t *bytes, int size)
{
    Stm32Usart *s = opaque;

    memcpy(s->waiting, bytes, size);
    s->waiting_first = 0;
    s->waiting_end = size;
    receive_next(s);
    update(s);
}

static void received(void *opaque)
{
    Stm32Usart *s = opaque;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    s->receiving = false;
    if (s->rx.level < depth(s)) {
        s->rx.item[s->rx.level++] = s->shift_in;
    } else if (reg(s, USART_CR3) & USART_CR3_OVRDIS) {
        s->rx.item[s->rx.level - 1] = s->shift_in;
    } else {
        set_flag(s, USART_ISR_ORE, true);
    }
    if (s->shift_in == reg(s, USART_CR2) >> 24) {
        set_flag(s, USART_ISR_CMF, true);
    }
    timer_mod(&s->idle_timer, now + character_ns(s));
    if (reg(s, USART_CR2) & USART_CR2_RTOEN) {
        timer_mod(&s->timeout_timer, now + bits_ns(s, reg(s, USART_RTOR) & USART_RTOR_RTO));
    }
    receive_next(s);
    update(s);
    if (s->waiting_first == s->waiting_end) {
        qemu_chr_fe_accept_input(&s->chr);
    }
}

static void line_idle(void *opaque)
{
    set_flag(opaque, USART_ISR_IDLE, true);
    update(opaque);
}

static void line_timeout(void *opaque)
{
    set_flag(opaque, USART_ISR_RTOF, true);
    update(opaque);
}

/* --- registers --- */

static uint32_t usart_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Usart *s = STM32_USART(p);
    uint32_t value;

    if (offset != USART_RDR) {
        return stored;
    }
    if (!s->rx.level) {
        return stored;
    }
    value = pop(&s->rx);
    *periph_reg(p, USART_RDR) = value;
    update(s);
    return value;
}

static void disable(Stm32Usart *s)
{
    timer_del(&s->tx_timer);
    timer_del(&s->rx_timer);
    timer_del(&s->idle_timer);
    timer_del(&s->timeout_timer);
    s->tx.level = s->rx.level = 0;
    s->sending = s->receiving = false;
    *periph_reg(&s->parent_obj, USART_ISR) = USART_ISR_TXE | USART_ISR_TC;
}

static void write_cr1(Stm32Usart *s, const RegWrite *w)
{
    uint32_t *cr1 = periph_reg(&s->parent_obj, USART_CR1), started = w->value & ~w->old;
    const uint32_t fixed = USART_CR1_FIFOEN | USART_CR1_OVER8 | USART_CR1_M0 | USART_CR1_M1;

    if ((w->old & USART_CR1_UE) && (w->value & USART_CR1_UE) && ((w->old ^ w->value) & fixed)) {
        guest_error(s->parent_obj.name, "CR1: FIFOEN, OVER8 and M can't change while UE is 1; ignored");
        *cr1 = (w->value & ~fixed) | (w->old & fixed);
    }
    if (!(w->value & USART_CR1_UE) && (w->old & USART_CR1_UE)) {
        disable(s);
    }
    if (started & (USART_CR1_UE | USART_CR1_RE)) {
        receive_next(s);
        qemu_chr_fe_accept_input(&s->chr);
    }
}

static void usart_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Usart *s = STM32_USART(p);
    const uint32_t clearable = USART_ICR_PECF | USART_ICR_FECF | USART_ICR_NCF | USART_ICR_ORECF | USART_ICR_IDLECF | USART_ICR_TCCF |
                               USART_ICR_LBDCF | USART_ICR_CTSCF | USART_ICR_RTOCF | USART_ICR_EOBCF | USART_ICR_CMCF | USART_ICR_WUCF;

    switch (w->offset) {
    case USART_CR1:
        write_cr1(s, w);
        break;
    case USART_CR2:
        if (w->value & ~w->old & (USART_CR2_ABREN | USART_CR2_ABRMOD | USART_CR2_CLKEN | USART_CR2_LINEN)) {
            guest_unimplemented(p->name, "CR2: synchronous mode, LIN and auto baud rate");
        }
        break;
    case USART_CR3:
        if (w->value & ~w->old & (USART_CR3_IREN | USART_CR3_HDSEL | USART_CR3_SCEN | USART_CR3_RTSE | USART_CR3_CTSE)) {
            guest_unimplemented(p->name, "CR3: IrDA, half duplex, smartcard and hardware flow control");
        }
        break;
    case USART_BRR: case USART_PRESC:
        if (on(s, 0)) {
            guest_error(p->name, "%s can't change while UE is 1; ignored", regs_name(&p->regs, w->offset));
            *periph_reg(p, w->offset) = w->old;
        }
        break;
    case USART_RQR:
        if (w->raw & USART_RQR_RXFRQ) {
            s->rx.level = 0;
        }
        if (w->raw & USART_RQR_TXFRQ) {
            s->tx.level = 0;
        }
        break;
    case USART_ICR:
        *periph_reg(p, USART_ISR) &= ~(w->raw & clearable);
        break;
    case USART_TDR:
        write_data(s, w->raw);
        return;
    }
    update(s);
}

static void usart_reset(Stm32Periph *p)
{
    STM32_USART(p)->pin_complained = false;
    STM32_USART(p)->waiting_first = STM32_USART(p)->waiting_end = 0;
    disable(STM32_USART(p));
    update(STM32_USART(p));
}

static void usart_setup(Stm32Periph *p, Error **errp)
{
    Stm32Usart *s = STM32_USART(p);
    g_autofree char *id = g_ascii_strdown(p->name, -1);
    Chardev *chardev = qemu_chr_find(id);

    if (!chardev && !strcmp(p->name, "USART3")) {
        chardev = serial_hd(0);
    }
    if (chardev && !qemu_chr_fe_init(&s->chr, chardev, errp)) {
        return;
    }
    timer_init_ns(&s->tx_timer, QEMU_CLOCK_VIRTUAL, sent, s);
    timer_init_ns(&s->rx_timer, QEMU_CLOCK_VIRTUAL, received, s);
    timer_init_ns(&s->idle_timer, QEMU_CLOCK_VIRTUAL, line_idle, s);
    timer_init_ns(&s->timeout_timer, QEMU_CLOCK_VIRTUAL, line_timeout, s);
    qemu_chr_fe_set_handlers(&s->chr, can_receive, receive, NULL, NULL, s, NULL, true);
}

static void usart_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_USART(obj)->irq);
}

static void usart_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &usart_map;
    pc->read = usart_read;
    pc->write = usart_write;
    pc->setup = usart_setup;
    pc->reset = usart_reset;
}

static const TypeInfo usart_types[] = {
    {
        .name = TYPE_STM32_USART,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Usart),
        .instance_init = usart_init,
        .class_init = usart_class_init,
    },
};

DEFINE_TYPES(usart_types)
