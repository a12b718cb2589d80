/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * I2C controller of the F0/F3/F7/H7 generation ("v2"), master side (RM0433 section 47).
 *
 * Bytes take their time on the wire: nine SCL periods, as TIMINGR and the kernel clock make them. There is no other
 * master, so the slave registers are storage. DMA requests: 0 receive, 1 transmit. Interrupts: 0 event, 1 error.
 */
#include "qemu/osdep.h"
#include "hw/i2c/i2c.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32_pins.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_I2C "stm32-i2c"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32I2c, STM32_I2C)

#define CR1_SMBUS       (I2C_CR1_SMBHEN | I2C_CR1_SMBDEN | I2C_CR1_ALERTEN | I2C_CR1_PECEN)
#define ISR_ERRORS      (I2C_ISR_BERR | I2C_ISR_ARLO | I2C_ISR_OVR | I2C_ISR_PECERR | I2C_ISR_TIMEOUT | I2C_ISR_ALERT)
#define ICR_CLEARS      (I2C_ISR_ADDR | I2C_ISR_NACKF | I2C_ISR_STOPF | ISR_ERRORS)

typedef enum Phase {
    IDLE,
    ADDRESS,        /* start and address are on the wire */
    SEND_WAIT,      /* SCL held low until TXDR is written */
    SENDING,
    RECEIVING,
    RECEIVE_WAIT,   /* SCL held low until RXDR is read */
    HELD,           /* TC or TCR: SCL held low until START, STOP or new NBYTES */
    STOPPING,
} Phase;

struct Stm32I2c {
    Stm32Periph parent_obj;
    I2CBus *bus;
    QEMUTimer *timer;
    qemu_irq event, error;
    uint32_t phase;
    uint32_t left;              /* bytes to go of NBYTES */
    uint8_t address;            /* with which the bus is held */
    bool reading;
    bool addressed;             /* the QEMU bus has a device selected */
    bool slow_told, smbus_told, pins_told;
    Stm32Pin pins[2];           /* SCL, SDA */
};

static const RegDef i2c_defs[] = { STM32H743_I2C };
static const RegMap i2c_map = REG_MAP(i2c_defs, I2C_BYTES);

static const char *who(Stm32I2c *s)
{
    return STM32_PERIPH(s)->name;
}

static uint32_t *reg(Stm32I2c *s, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(s), offset);
}

/* Interrupts and DMA requests follow ISR and CR1 (table "I2C interrupt requests": the enable bits mirror the flags). */
static void update(Stm32I2c *s)
{
    uint32_t isr = *reg(s, I2C_ISR), cr1 = *reg(s, I2C_CR1);
    bool dma_tx = cr1 & I2C_CR1_TXDMAEN, dma_rx = cr1 & I2C_CR1_RXDMAEN;
    bool event = ((cr1 & I2C_CR1_TXIE) && (isr & I2C_ISR_TXIS)) || ((cr1 & I2C_CR1_RXIE) && (isr & I2C_ISR_RXNE)) ||
                 ((cr1 & I2C_CR1_ADDRIE) && (isr & I2C_ISR_ADDR)) || ((cr1 & I2C_CR1_NACKIE) && (isr & I2C_ISR_NACKF)) ||
                 ((cr1 & I2C_CR1_STOPIE) && (isr & I2C_ISR_STOPF)) || ((cr1 & I2C_CR1_TCIE) && (isr & (I2C_ISR_TC | I2C_ISR_TCR)));

    qemu_set_irq(s->event, event);
    qemu_set_irq(s->error, (cr1 & I2C_CR1_ERRIE) && (isr & ISR_ERRORS));
    periph_dma_request(STM32_PERIPH(s), 0, dma_rx && (isr & I2C_ISR_RXNE));
    periph_dma_request(STM32_PERIPH(s), 1, dma_tx && (isr & I2C_ISR_TXIS));
}

/*
 * One SCL period in ns: (SCLL + 1 + SCLH + 1) * (PRESC + 1) kernel clocks, and the few that synchronisation adds.
 * Faster than fast mode plus (1 MHz) is no timing that a bus follows.
 */
static int64_t scl_period_ns(Stm32I2c *s)
{
    uint32_t t = *reg(s, I2C_TIMINGR), hz = periph_clock_hz(STM32_PERIPH(s));
    uint32_t clocks = (FIELD_OF(t, I2C_TIMINGR_SCLL) + FIELD_OF(t, I2C_TIMINGR_SCLH) + 2) * (FIELD_OF(t, I2C_TIMINGR_PRESC) + 1) + 6;
    int64_t ns;

    if (hz == 0) {
        guest_error(who(s), "transfer without a kernel clock");
        return 10000;
    }
    ns = (int64_t)clocks * 1000000000 / hz;
    if (ns < 900 && !s->slow_told) {
        s->slow_told = true;
        guest_error(who(s), "TIMINGR 0x%08x with a kernel clock of %u Hz gives SCL at %u kHz, the limit is 1000",
                    t, hz, (unsigned)(1000000 / MAX(ns, 1)));
    }
    return MAX(ns, 100);
}

static void go(Stm32I2c *s, Phase phase, int bits)
{
    s->phase = phase;
    timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + bits * scl_period_ns(s));
}

static void release_bus(Stm32I2c *s)
{
    if (s->addressed) {
        s->addressed = false;
        i2c_end_transfer(s->bus);
    }
}

static void start_stop(Stm32I2c *s)
{
    *reg(s, I2C_ISR) &= ~(I2C_ISR_TXIS | I2C_ISR_TC | I2C_ISR_TCR);
    go(s, STOPPING, 1);
}

/* All of NBYTES went over (section 47.4.9): reload, automatic end, or wait for software. */
static void bytes_done(Stm32I2c *s)
{
    uint32_t cr2 = *reg(s, I2C_CR2);

    if (cr2 & I2C_CR2_STOP) {
        start_stop(s);
    } else if (cr2 & I2C_CR2_RELOAD) {
        s->phase = HELD;
        *reg(s, I2C_ISR) |= I2C_ISR_TCR;
    } else if (cr2 & I2C_CR2_AUTOEND) {
        start_stop(s);
    } else {
        s->phase = HELD;
        *reg(s, I2C_ISR) |= I2C_ISR_TC;
    }
}

static void send_shift(Stm32I2c *s)
{
    *reg(s, I2C_ISR) |= I2C_ISR_TXE;
    go(s, SENDING, 9);
}

/* The next byte of a transfer under way. */
static void next_byte(Stm32I2c *s)
{
    if (*reg(s, I2C_CR2) & I2C_CR2_STOP) {
        start_stop(s);
    } else if (s->left == 0) {
        bytes_done(s);
    } else if (s->reading) {
        go(s, RECEIVING, 9);
    } else if (!(*reg(s, I2C_ISR) & I2C_ISR_TXE)) {
        send_shift(s);              /* written before it was asked for */
    } else {
        s->phase = SEND_WAIT;
        *reg(s, I2C_ISR) |= I2C_ISR_TXIS;
    }
}

void stm32_i2c_set_pins(Stm32Periph *i2c, const Stm32Pin pins[2])
{
    memcpy(STM32_I2C(i2c)->pins, pins, sizeof(STM32_I2C(i2c)->pins));
}

/* Do SCL and SDA leave the chip? */
static bool pins_routed(Stm32I2c *s)
{
    for (int i = 0; i < 2; i++) {
        if (!stm32_pin_routed(&s->pins[i])) {
            if (!s->pins_told) {
                s->pins_told = true;
                guest_error(who(s), "%s isn't in alternate function %u: no %s", s->pins[i].name, s->pins[i].function, i ? "SDA" : "SCL");
            }
            return false;
        }
    }
    return true;
}

static void not_acknowledged(Stm32I2c *s)
{
    *reg(s, I2C_ISR) |= I2C_ISR_NACKF;
    start_stop(s);                  /* the hardware sends it by itself */
}

static void address_sent(Stm32I2c *s)
{
    uint32_t *cr2 = reg(s, I2C_CR2);

    *cr2 &= ~I2C_CR2_START;
    s->reading = *cr2 & I2C_CR2_RD_WRN;
    if (s->addressed && s->address != (*cr2 >> 1 & 0x7f)) {
        release_bus(s);             /* QEMU's bus takes a repeated start for the same device only */
    }
    s->address = *cr2 >> 1 & 0x7f;
    if ((*cr2 & I2C_CR2_ADD10) || !pins_routed(s) || i2c_start_transfer(s->bus, s->address, s->reading)) {
        not_acknowledged(s);
        return;
    }
    s->addressed = true;
    next_byte(s);
}

static void byte_received(Stm32I2c *s)
{
    *reg(s, I2C_RXDR) = i2c_recv(s->bus);
    *reg(s, I2C_ISR) |= I2C_ISR_RXNE;
    s->left--;
    if (s->left == 0 && !(*reg(s, I2C_CR2) & I2C_CR2_RELOAD)) {
        i2c_nack(s->bus);           /* the last one is not acknowledged */
    }
    s->phase = RECEIVE_WAIT;
    if (s->left == 0) {
        bytes_done(s);              /* TC, TCR and the stop don't wait for RXDR to be read */
    }
}

static void on_timer(void *opaque)
{
    Stm32I2c *s = opaque;

    switch (s->phase) {
    case ADDRESS:
        address_sent(s);
        break;
    case SENDING:
        s->left--;
        if (i2c_send(s->bus, *reg(s, I2C_TXDR))) {
            not_acknowledged(s);
        } else {
            next_byte(s);
        }
        break;
    case RECEIVING:
        byte_received(s);
        break;
    case STOPPING:
        release_bus(s);
        s->phase = IDLE;
        *reg(s, I2C_CR2) &= ~I2C_CR2_STOP;
        *reg(s, I2C_ISR) = (*reg(s, I2C_ISR) & ~I2C_ISR_BUSY) | I2C_ISR_STOPF;
        if (*reg(s, I2C_CR2) & I2C_CR2_START) {         /* set meanwhile: it was waiting for a free bus */
            *reg(s, I2C_ISR) |= I2C_ISR_BUSY;
            s->left = FIELD_OF(*reg(s, I2C_CR2), I2C_CR2_NBYTES);
            go(s, ADDRESS, 10);
        }
        break;
    }
    update(s);
}

/* PE cleared (section 47.4.6): the bus is let go, the state machine and these bits are reset; the settings stay. */
static void software_reset(Stm32I2c *s)
{
    timer_del(s->timer);
    release_bus(s);
    s->phase = IDLE;
    s->slow_told = s->pins_told = false;
    *reg(s, I2C_CR2) &= ~(I2C_CR2_START | I2C_CR2_STOP | I2C_CR2_NACK | I2C_CR2_PECBYTE);
    *reg(s, I2C_ISR) = I2C_ISR_TXE;
}

static void write_cr1(Stm32I2c *s, const RegWrite *w)
{
    if ((w->old & I2C_CR1_PE) && !(w->value & I2C_CR1_PE)) {
        software_reset(s);
    }
    if ((w->value & CR1_SMBUS) && !s->smbus_told) {
        s->smbus_told = true;
        guest_unimplemented(who(s), "SMBus functions (CR1 0x%08x)", w->value);
    }
}

static void write_cr2(Stm32I2c *s, const RegWrite *w)
{
    uint32_t *cr2 = reg(s, I2C_CR2), *isr = reg(s, I2C_ISR);

    if (!(*reg(s, I2C_CR1) & I2C_CR1_PE)) {
        *cr2 &= ~(I2C_CR2_START | I2C_CR2_STOP | I2C_CR2_NACK | I2C_CR2_PECBYTE);
        return;
    }
    *cr2 |= w->old & (I2C_CR2_START | I2C_CR2_STOP);            /* set by writing 1, cleared by the hardware only */
    if ((w->old & I2C_CR2_START) && (w->old ^ w->value) & 0x03ff1fff) {
        guest_error(who(s), "CR2 changed from 0x%08x to 0x%08x while START is set", w->old, w->value);
    }
    if ((*isr & I2C_ISR_TCR) && FIELD_OF(*cr2, I2C_CR2_NBYTES) != 0) {
        *isr &= ~I2C_ISR_TCR;
        s->left = FIELD_OF(*cr2, I2C_CR2_NBYTES);
        next_byte(s);
    }
    if ((*cr2 & I2C_CR2_START) && !(w->old & I2C_CR2_START)) {
        bool restart = s->phase == HELD && (*isr & I2C_ISR_TC);

        if (*reg(s, I2C_TIMINGR) == 0) {
            guest_error(who(s), "START with TIMINGR at 0");
        }
        if (*cr2 & I2C_CR2_ADD10) {
            guest_unimplemented(who(s), "10-bit addresses");
        }
        if (s->phase == IDLE || restart) {
            *isr = (*isr & ~(I2C_ISR_TC | I2C_ISR_TCR)) | I2C_ISR_BUSY;
            s->left = FIELD_OF(*cr2, I2C_CR2_NBYTES);
            go(s, ADDRESS, restart ? 11 : 10);
        } else if (s->phase != STOPPING) {
            guest_error(who(s), "START in the middle of a transfer");
        }
    }
    if ((*cr2 & I2C_CR2_STOP) && !(w->old & I2C_CR2_STOP)) {
        if (s->phase == IDLE && !(*cr2 & I2C_CR2_START)) {
            *cr2 &= ~I2C_CR2_STOP;                          /* nothing to stop */
        } else if (s->phase == HELD || s->phase == SEND_WAIT) {
            start_stop(s);
        }                                               /* else it comes after the current byte */
    }
}

static void write_txdr(Stm32I2c *s)
{
    uint32_t *isr = reg(s, I2C_ISR);

    if (!(*reg(s, I2C_CR1) & I2C_CR1_PE)) {
        return;                 /* held in reset */
    }
    *isr &= ~(I2C_ISR_TXE | I2C_ISR_TXIS);
    if (s->phase == SEND_WAIT) {
        send_shift(s);
    }
}

static void stm32_i2c_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32I2c *s = STM32_I2C(p);

    switch (w->offset) {
    case I2C_CR1:
        write_cr1(s, w);
        break;
    case I2C_CR2:
        write_cr2(s, w);
        break;
    case I2C_TIMINGR:
        if ((*reg(s, I2C_CR1) & I2C_CR1_PE) && w->value != w->old) {
            guest_error(who(s), "TIMINGR changed while PE is set");
        }
        s->slow_told = false;
        break;
    case I2C_ISR:
        if (w->raw & I2C_ISR_TXE) {                         /* flushes TXDR */
            *reg(s, I2C_ISR) |= I2C_ISR_TXE;
        }
        break;
    case I2C_ICR:
        *reg(s, I2C_ISR) &= ~(w->raw & ICR_CLEARS);
        break;
    case I2C_TXDR:
        write_txdr(s);
        break;
    }
    update(s);
}

static uint32_t stm32_i2c_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32I2c *s = STM32_I2C(p);

    if (offset == I2C_RXDR) {
        *reg(s, I2C_ISR) &= ~I2C_ISR_RXNE;
        if (s->phase == RECEIVE_WAIT) {
            next_byte(s);
        }
        update(s);
    }
    return stored;
}

static void stm32_i2c_reset(Stm32Periph *p)
{
    Stm32I2c *s = STM32_I2C(p);

    software_reset(s);
    s->smbus_told = false;
    update(s);
}

static void stm32_i2c_setup(Stm32Periph *p, Error **errp)
{
    Stm32I2c *s = STM32_I2C(p);

    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, s);
}

static void stm32_i2c_init(Object *obj)
{
    Stm32I2c *s = STM32_I2C(obj);

    s->bus = i2c_init_bus(DEVICE(obj), "i2c");
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->event);
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->error);
}

static const VMStateDescription stm32_i2c_vmstate = {
    .name = TYPE_STM32_I2C,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, Stm32I2c),
        VMSTATE_UINT32(phase, Stm32I2c),
        VMSTATE_UINT32(left, Stm32I2c),
        VMSTATE_UINT8(address, Stm32I2c),
        VMSTATE_BOOL(reading, Stm32I2c),
        VMSTATE_BOOL(addressed, Stm32I2c),
        VMSTATE_END_OF_LIST()
    }
};

static void stm32_i2c_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->map = &i2c_map;
    c->read = stm32_i2c_read;
    c->write = stm32_i2c_write;
    c->setup = stm32_i2c_setup;
    c->reset = stm32_i2c_reset;
    DEVICE_CLASS(klass)->vmsd = &stm32_i2c_vmstate;
}

static const TypeInfo stm32_i2c_info = {
    .name = TYPE_STM32_I2C,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32I2c),
    .instance_init = stm32_i2c_init,
    .class_init = stm32_i2c_class_init,
};

static void stm32_i2c_register(void)
{
    type_register_static(&stm32_i2c_info);
}
type_init(stm32_i2c_register)
