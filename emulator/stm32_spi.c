/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPI of the H7 generation ("v2"), master (RM0433 section 50). Frames take their time on the wire, as many at once as
 * are in the FIFO. Slave mode, I2S and the hardware CRC are logged as unimplemented.
 * DMA requests: 0 receive, 1 transmit. Interrupt 0. Variant: the SPI's number; 1 to 3 have 16 bytes of FIFO, 4 to 6 have 8.
 */
#include "qemu/osdep.h"
#include "hw/ssi/ssi.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "stm32_dma.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_SPI "stm32-spi"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Spi, STM32_SPI)

#define SR_STICKY       (SPI_SR_EOT | SPI_SR_TXTF | SPI_SR_OVR | SPI_SR_TSERF | SPI_SR_SUSP)
#define IFCR_CLEARS     (SR_STICKY | SPI_SR_UDR | SPI_SR_CRCE | SPI_SR_TIFRE | SPI_SR_MODF)

enum { FIFO_MAX = 16 };

typedef struct SpiFifo {
    uint8_t data[FIFO_MAX];
    uint32_t length;
} SpiFifo;

struct Stm32Spi {
    Stm32Periph parent_obj;
    SSIBus *bus;
    QEMUTimer *timer;
    qemu_irq irq;
    SpiFifo tx, rx;
    uint32_t loaded;            /* frames of TSIZE not yet written to TXDR */
    uint32_t left;              /* frames of TSIZE not yet on the wire */
    uint32_t in_flight;         /* frames that the timer runs for */
    uint32_t told;
};

static const RegDef spi_defs[] = { STM32H743_SPI };
static const RegMap spi_map = REG_MAP(spi_defs, SPI_BYTES);

static uint32_t *reg(Stm32Spi *s, uint32_t offset)
{
    return periph_reg(STM32_PERIPH(s), offset);
}

static unsigned fifo_size(Stm32Spi *s)
{
    return STM32_PERIPH(s)->variant > 3 ? FIFO_MAX / 2 : FIFO_MAX;
}

/* Bytes that one frame takes in the FIFO. */
static unsigned frame_bytes(Stm32Spi *s)
{
    unsigned bits = (FIELD_OF(*reg(s, SPI_CFG1), SPI_CFG1_DSIZE) + 1);

    return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

static bool receives(Stm32Spi *s)
{
    unsigned comm = FIELD_OF(*reg(s, SPI_CFG2), SPI_CFG2_COMM);

    return comm == 0 || comm == 2 || (comm == 3 && !(*reg(s, SPI_CR1) & SPI_CR1_HDDIR));
}

static bool transmits(Stm32Spi *s)
{
    unsigned comm = FIELD_OF(*reg(s, SPI_CFG2), SPI_CFG2_COMM);

    return comm == 0 || comm == 1 || (comm == 3 && (*reg(s, SPI_CR1) & SPI_CR1_HDDIR));
}

static void update(Stm32Spi *s)
{
    uint32_t *sr = reg(s, SPI_SR), cfg1 = *reg(s, SPI_CFG1), size = frame_bytes(s), packet = (FIELD_OF(cfg1, SPI_CFG1_FTHLV) + 1) * size;
    uint32_t rest = s->rx.length / size, wanted;
    bool on = *reg(s, SPI_CR1) & SPI_CR1_SPE, room;

    room = fifo_size(s) - s->tx.length >= packet && (!(*reg(s, SPI_CR2) & SPI_CR2_TSIZE) || s->loaded > 0 || !on);
    *sr &= SR_STICKY;
    *sr |= s->left << 16;
    if (room && transmits(s)) {
        *sr |= SPI_SR_TXP;
    }
    if (s->rx.length >= packet) {
        *sr |= SPI_SR_RXP;
    }
    if ((*sr & (SPI_SR_RXP | SPI_SR_TXP)) == (SPI_SR_RXP | SPI_SR_TXP)) {
        *sr |= SPI_SR_DXP;
    }
    if (s->rx.length >= 4) {
        *sr |= SPI_SR_RXWNE;
    }
    *sr |= MIN(rest % (4 / size), 3) << 13;             /* RXPLVL: frames beyond whole words */
    if (s->in_flight == 0 && s->tx.length == 0) {
        *sr |= SPI_SR_TXC;
    }
    wanted = *reg(s, SPI_IER);
    qemu_set_irq(s->irq, on && (*sr & wanted & 0x7ff));
    periph_dma_request(STM32_PERIPH(s), 0, on && (cfg1 & SPI_CFG1_RXDMAEN) && ((*sr & SPI_SR_RXP) || ((*sr & SPI_SR_EOT) && rest)));
    periph_dma_request(STM32_PERIPH(s), 1, on && (cfg1 & SPI_CFG1_TXDMAEN) && (*sr & SPI_SR_TXP));
}

/* ---- the wire ---- */

static uint32_t reverse_bits(uint32_t value, unsigned bits)
{
    uint32_t result = 0;

    for (unsigned i = 0; i < bits; i++) {
        result |= (value >> i & 1) << (bits - 1 - i);
    }
    return result;
}

/* One frame, most significant byte first. Nothing at the other end leaves MISO at its pull-up. */
static uint32_t exchange(Stm32Spi *s, uint32_t out)
{
    unsigned bits = (FIELD_OF(*reg(s, SPI_CFG1), SPI_CFG1_DSIZE) + 1);
    bool lsb = *reg(s, SPI_CFG2) & SPI_CFG2_LSBFRST, alone = QTAILQ_EMPTY(&BUS(s->bus)->children);
    uint32_t in = 0;

    out = lsb ? reverse_bits(out, bits) : out;
    for (int at = (int)(bits + 7) / 8 - 1; at >= 0; at--) {
        in = in << 8 | (alone ? 0xff : ssi_transfer(s->bus, out >> (8 * at) & 0xff) & 0xff);
    }
    in &= bits == 32 ? 0xffffffff : (1u << bits) - 1;
    return lsb ? reverse_bits(in, bits) : in;
}

static uint32_t take(SpiFifo *f, unsigned bytes)
{
    uint32_t value = 0;

    bytes = MIN(bytes, f->length);              /* the direction may have changed under way */
    memcpy(&value, f->data, bytes);             /* little endian, as the host */
    f->length -= bytes;
    memmove(f->data, f->data + bytes, f->length);
    return value;
}

static void put(SpiFifo *f, uint32_t value, unsigned bytes)
{
    memcpy(f->data + f->length, &value, bytes);
    f->length += bytes;
}

/* How many frames can go now. */
static uint32_t frames_ready(Stm32Spi *s)
{
    uint32_t size = frame_bytes(s), n = transmits(s) ? s->tx.length / size : fifo_size(s) / size;

    if (*reg(s, SPI_CR2) & SPI_CR2_TSIZE) {
        n = MIN(n, s->left);
    }
    if (receives(s) && (!transmits(s) || (*reg(s, SPI_CR1) & SPI_CR1_MASRX))) {
        n = MIN(n, (fifo_size(s) - s->rx.length) / size);        /* a receiver clocks no more than it can hold */
    }
    return n;
}

static void run(Stm32Spi *s)
{
    uint32_t cr1 = *reg(s, SPI_CR1), cfg1 = *reg(s, SPI_CFG1), hz;
    uint64_t clocks;

    if (s->in_flight || !(cr1 & SPI_CR1_SPE) || !(cr1 & SPI_CR1_CSTART)) {
        return;
    }
    s->in_flight = frames_ready(s);
    if (s->in_flight == 0) {
        return;
    }
    hz = periph_clock_hz(STM32_PERIPH(s)) >> (FIELD_OF(cfg1, SPI_CFG1_MBR) + 1);
    if (hz == 0) {
        guest_error(STM32_PERIPH(s)->name, "transfer without a kernel clock");
        hz = 1000000;
    }
    clocks = (uint64_t)s->in_flight * ((FIELD_OF(cfg1, SPI_CFG1_DSIZE) + 1) + FIELD_OF(*reg(s, SPI_CFG2), SPI_CFG2_MIDI));
    timer_mod(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + muldiv64(clocks, NANOSECONDS_PER_SECOND, hz));
}

static void end_of_transfer(Stm32Spi *s)
{
    uint32_t more = *reg(s, SPI_CR2) >> 16;

    if (more) {                                 /* TSER extends the transfer */
        *reg(s, SPI_CR2) = more;
        *reg(s, SPI_SR) |= SPI_SR_TSERF;
        s->loaded = s->left = more;
        return;
    }
    *reg(s, SPI_SR) |= SPI_SR_EOT;
    *reg(s, SPI_CR1) &= ~SPI_CR1_CSTART;
}

static void on_timer(void *opaque)
{
    Stm32Spi *s = opaque;
    uint32_t size = frame_bytes(s);

    for (; s->in_flight > 0; s->in_flight--) {
        uint32_t in = exchange(s, transmits(s) ? take(&s->tx, size) : 0);

        if (receives(s) && s->rx.length + size <= fifo_size(s)) {
            put(&s->rx, in, size);
        } else if (receives(s)) {
            *reg(s, SPI_SR) |= SPI_SR_OVR;
        }
        if (*reg(s, SPI_CR2) & SPI_CR2_TSIZE) {
            s->left--;
        }
    }
    if ((*reg(s, SPI_CR2) & SPI_CR2_TSIZE) && s->left == 0) {
        end_of_transfer(s);
    } else if (*reg(s, SPI_CR1) & SPI_CR1_CSUSP) {
        *reg(s, SPI_CR1) &= ~(SPI_CR1_CSUSP | SPI_CR1_CSTART);
        *reg(s, SPI_SR) |= SPI_SR_SUSP;
    }
    run(s);
    update(s);
}

/* ---- registers ---- */

static void disable(Stm32Spi *s)
{
    timer_del(s->timer);
    s->tx.length = s->rx.length = 0;
    s->left = s->loaded = s->in_flight = 0;
    *reg(s, SPI_CR1) &= ~(SPI_CR1_CSTART | SPI_CR1_CSUSP);
    *reg(s, SPI_SR) &= ~SR_STICKY;
}

static void write_cr1(Stm32Spi *s, const RegWrite *w)
{
    Stm32Periph *p = STM32_PERIPH(s);
    uint32_t *cr1 = reg(s, SPI_CR1);

    if (!(w->value & SPI_CR1_SPE)) {
        disable(s);
        return;
    }
    if (!(w->old & SPI_CR1_SPE)) {
        s->left = s->loaded = *reg(s, SPI_CR2) & SPI_CR2_TSIZE;
        if (!(*reg(s, SPI_CFG2) & SPI_CFG2_MASTER)) {
            guest_unimplemented(p->name, "slave mode");
        }
        if (*reg(s, SPI_CFG1) & SPI_CFG1_CRCEN) {
            guest_unimplemented(p->name, "hardware CRC");
        }
        if ((FIELD_OF(*reg(s, SPI_CFG1), SPI_CFG1_FTHLV) + 1) * frame_bytes(s) > fifo_size(s) / 2) {
            guest_error(p->name, "FTHLV: a packet of %u bytes is more than half of the FIFO",
                        (FIELD_OF(*reg(s, SPI_CFG1), SPI_CFG1_FTHLV) + 1) * frame_bytes(s));
        }
    }
    if ((w->raw & SPI_CR1_CSTART) && (*reg(s, SPI_CFG2) & SPI_CFG2_MASTER)) {
        *cr1 |= SPI_CR1_CSTART;
    }
    if ((w->value & SPI_CR1_CSUSP) && s->in_flight == 0) {
        *cr1 &= ~SPI_CR1_CSUSP;
        if (*cr1 & SPI_CR1_CSTART) {
            *cr1 &= ~SPI_CR1_CSTART;
            *reg(s, SPI_SR) |= SPI_SR_SUSP;
        }
    }
}

/* A write of 8, 16 or 32 bits holds as many frames as fit. */
static void write_txdr(Stm32Spi *s, const RegWrite *w)
{
    uint32_t size = frame_bytes(s), bytes = ctpop32(w->lanes) / 8, value = w->raw >> ctz32(w->lanes);
    bool counted = *reg(s, SPI_CR2) & SPI_CR2_TSIZE;

    if (bytes < size) {
        guest_error(STM32_PERIPH(s)->name, "TXDR written with %u bits, a frame has %u", 8 * bytes,
                    FIELD_OF(*reg(s, SPI_CFG1), SPI_CFG1_DSIZE) + 1);
        bytes = size;
    }
    for (uint32_t at = 0; at < bytes; at += size) {
        if (counted && s->loaded == 0) {
            break;                              /* beyond TSIZE */
        }
        if (s->tx.length + size > fifo_size(s)) {
            guest_error(STM32_PERIPH(s)->name, "TXDR written while the FIFO is full");
            break;
        }
        put(&s->tx, value >> (8 * at), size);
        if (counted && --s->loaded == 0 && !(*reg(s, SPI_CR2) >> 16)) {
            *reg(s, SPI_SR) |= SPI_SR_TXTF;
            *reg(s, SPI_IER) &= ~(SPI_SR_TXP | SPI_SR_DXP);
        }
    }
}

static void stm32_spi_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Spi *s = STM32_SPI(p);

    switch (w->offset) {
    case SPI_CR1:
        write_cr1(s, w);
        break;
    case SPI_CFG1:
    case SPI_CFG2:
        if ((*reg(s, SPI_CR1) & SPI_CR1_SPE) && w->value != w->old) {
            guest_error(p->name, "%s changed while SPE is set", w->offset == SPI_CFG1 ? "CFG1" : "CFG2");
        }
        break;
    case SPI_IFCR:
        *reg(s, SPI_SR) &= ~(w->raw & IFCR_CLEARS);
        break;
    case SPI_TXDR:
        if (*reg(s, SPI_CR1) & SPI_CR1_SPE) {
            write_txdr(s, w);
        }
        break;
    case SPI_I2SCFGR:
        if (w->value & 1) {
            guest_unimplemented(p->name, "I2S");
        }
        break;
    }
    run(s);
    update(s);
}

/* A read of 8, 16 or 32 bits takes as many frames as fit. */
static uint32_t stm32_spi_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Spi *s = STM32_SPI(p);

    if (offset == SPI_RXDR && s->rx.length) {
        stored = take(&s->rx, MIN(MAX(frame_bytes(s), p->regs.access_size), s->rx.length));
        *reg(s, SPI_RXDR) = stored;
        run(s);
        update(s);
    }
    return stored;
}

static void stm32_spi_reset(Stm32Periph *p)
{
    disable(STM32_SPI(p));
    update(STM32_SPI(p));
}

static void stm32_spi_setup(Stm32Periph *p, Error **errp)
{
    STM32_SPI(p)->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, on_timer, p);
}

static void stm32_spi_init(Object *obj)
{
    Stm32Spi *s = STM32_SPI(obj);

    s->bus = ssi_create_bus(DEVICE(obj), "ssi");
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq);
}

static const VMStateDescription stm32_spi_vmstate = {
    .name = TYPE_STM32_SPI,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, Stm32Spi),
        VMSTATE_UINT8_ARRAY(tx.data, Stm32Spi, FIFO_MAX),
        VMSTATE_UINT32(tx.length, Stm32Spi),
        VMSTATE_UINT8_ARRAY(rx.data, Stm32Spi, FIFO_MAX),
        VMSTATE_UINT32(rx.length, Stm32Spi),
        VMSTATE_UINT32(loaded, Stm32Spi),
        VMSTATE_UINT32(left, Stm32Spi),
        VMSTATE_UINT32(in_flight, Stm32Spi),
        VMSTATE_END_OF_LIST()
    }
};

static void stm32_spi_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *c = STM32_PERIPH_CLASS(klass);

    c->map = &spi_map;
    c->read = stm32_spi_read;
    c->write = stm32_spi_write;
    c->setup = stm32_spi_setup;
    c->reset = stm32_spi_reset;
    DEVICE_CLASS(klass)->vmsd = &stm32_spi_vmstate;
}

static const TypeInfo stm32_spi_info = {
    .name = TYPE_STM32_SPI,
    .parent = TYPE_STM32_PERIPH,
    .instance_size = sizeof(Stm32Spi),
    .instance_init = stm32_spi_init,
    .class_init = stm32_spi_class_init,
};

static void stm32_spi_register(void)
{
    type_register_static(&stm32_spi_info);
}
type_init(stm32_spi_register)
