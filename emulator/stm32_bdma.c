/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BDMA: eight channels without FIFO (RM0433 section 17). It lives in domain 3 and reaches only that domain's memories. */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "qemu/timer.h"
#include "stm32_dma_mux.h"
#include "stm32h743_defs.h"

enum {
    CHANNELS = 8, ITEMS_AT_ONCE = 4096, BDMA_ISR = 0x00, BDMA_IFCR = 0x04, CCR = 0x08, CNDTR = 0x0c, CPAR = 0x10, CM0AR = 0x14,
    CM1AR = 0x18, STRIDE = 0x14, CR_EN = 1u << 0, CR_TCIE = 1u << 1, CR_HTIE = 1u << 2, CR_TEIE = 1u << 3, CR_DIR = 1u << 4,
    CR_CIRC = 1u << 5, CR_PINC = 1u << 6, CR_MINC = 1u << 7, CR_MEM2MEM = 1u << 14, CR_DBM = 1u << 15, CR_CT = 1u << 16,
    FLAG_G = 1u << 0, FLAG_TC = 1u << 1, FLAG_HT = 1u << 2, FLAG_TE = 1u << 3,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Bdma, STM32_BDMA)

typedef struct Channel {
    uint32_t peripheral, memory, total;
} Channel;

struct Stm32Bdma {
    Stm32Periph parent_obj;
    Stm32Periph *mux;
    unsigned first;
    Channel channel[CHANNELS];
    qemu_irq irq[CHANNELS];
    QEMUTimer timer;
};

static const RegDef bdma_registers[] = { STM32H743_BDMA };
static const RegMap bdma_map = REG_MAP(bdma_registers, 0x400);

static uint32_t *reg(Stm32Bdma *s, unsigned channel, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset + channel * STRIDE);
}

static void update_irq(Stm32Bdma *s, unsigned channel)
{
    uint32_t *isr = periph_reg(&s->parent_obj, BDMA_ISR), f = extract32(*isr, channel * 4, 4);

    *isr = deposit32(*isr, channel * 4, 1, (f & ~1u) != 0);
    qemu_set_irq(s->irq[channel], (f & *reg(s, channel, CCR) & (FLAG_TC | FLAG_HT | FLAG_TE)) != 0);
}

static void raise_flag(Stm32Bdma *s, unsigned channel, uint32_t f)
{
    *periph_reg(&s->parent_obj, BDMA_ISR) |= f << (channel * 4);
    update_irq(s, channel);
}

static void start_buffer(Stm32Bdma *s, unsigned channel)
{
    Channel *ch = &s->channel[channel];
    uint32_t cr = *reg(s, channel, CCR);

    ch->peripheral = *reg(s, channel, CPAR);
    ch->memory = *reg(s, channel, (cr & CR_DBM) && (cr & CR_CT) ? CM1AR : CM0AR);
    *reg(s, channel, CNDTR) = ch->total;
}

static bool domain3(uint32_t address)
{
    return address >= 0x38000000 && (address < 0x40000000 || (address >= 0x58000000 && address < 0x58100000));
}

/* DIR 1: memory to peripheral. CPAR takes the peripheral's role in memory to memory, too. */
static void transfer_item(Stm32Bdma *s, unsigned channel)
{
    Channel *ch = &s->channel[channel];
    uint32_t *cr = reg(s, channel, CCR), *ndtr = reg(s, channel, CNDTR);
    unsigned psize = 1u << MIN(extract32(*cr, 8, 2), 2u), msize = 1u << MIN(extract32(*cr, 10, 2), 2u);
    bool out = *cr & CR_DIR;
    uint32_t from = out ? ch->memory : ch->peripheral, to = out ? ch->peripheral : ch->memory;
    uint8_t item[4] = { 0 };

    if (!domain3(from) || !domain3(to) ||
        address_space_read(s->parent_obj.bus, from, MEMTXATTRS_UNSPECIFIED, item, out ? msize : psize) != MEMTX_OK ||
        address_space_write(s->parent_obj.bus, to, MEMTXATTRS_UNSPECIFIED, item, out ? psize : msize) != MEMTX_OK) {
        guest_error("BDMA", "channel %u: transfer from 0x%08x to 0x%08x failed (it reaches domain 3 only)", channel, from, to);
        *cr &= ~CR_EN;
        raise_flag(s, channel, FLAG_TE);
        return;
    }
    ch->memory += *cr & CR_MINC ? msize : 0;
    ch->peripheral += *cr & CR_PINC ? psize : 0;
    if (--*ndtr == ch->total / 2) {
        raise_flag(s, channel, FLAG_HT);
    }
    if (!*ndtr) {
        if (*cr & CR_DBM) {
            *cr ^= CR_CT;
        }
        if (*cr & (CR_CIRC | CR_DBM)) {
            start_buffer(s, channel);
        }
        raise_flag(s, channel, FLAG_TC);
    }
}

static bool wants(Stm32Bdma *s, unsigned channel)
{
    uint32_t cr = *reg(s, channel, CCR);

    return (cr & CR_EN) && *reg(s, channel, CNDTR) && periph_clocked(&s->parent_obj) &&
           ((cr & CR_MEM2MEM) || (s->mux && stm32_dmamux_requested(s->mux, s->first + channel)));
}

static void work(void *opaque)
{
    Stm32Bdma *s = opaque;
    unsigned moved = 0;

    for (unsigned i = 0; i < CHANNELS; i++) {
        while (moved < ITEMS_AT_ONCE && wants(s, i)) {
            transfer_item(s, i);
            stm32_dmamux_served(s->mux, s->first + i);
            moved++;
        }
    }
    if (moved == ITEMS_AT_ONCE) {
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 50000);
    }
}

static void bdma_kick(Stm32Periph *p, unsigned channel)
{
    Stm32Bdma *s = STM32_BDMA(p);

    if (wants(s, channel) && !timer_pending(&s->timer)) {
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    }
}

static bool bdma_ready(Stm32Periph *p, unsigned channel)
{
    return *reg(STM32_BDMA(p), channel, CCR) & CR_EN;
}

/* No fast source sits in domain 3. */
static size_t bdma_push(Stm32Periph *p, unsigned channel, const uint8_t *bytes, size_t length)
{
    return 0;
}

static void bdma_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Bdma *s = STM32_BDMA(p);
    unsigned channel = (w->offset - CCR) / STRIDE;

    if (w->offset == BDMA_IFCR) {
        for (unsigned i = 0; i < CHANNELS; i++) {
            uint32_t f = extract32(w->raw, i * 4, 4);

            *periph_reg(p, BDMA_ISR) &= ~((f & FLAG_G ? 0xfu : f) << (i * 4));
            update_irq(s, i);
        }
    } else if (w->offset >= CCR && (w->offset - CCR) % STRIDE == 0) {
        if ((w->value & CR_EN) && !(w->old & CR_EN)) {
            s->channel[channel].total = *reg(s, channel, CNDTR);
            start_buffer(s, channel);
            bdma_kick(p, channel);
        }
        update_irq(s, channel);
    }
}

static void bdma_reset(Stm32Periph *p)
{
    Stm32Bdma *s = STM32_BDMA(p);

    timer_del(&s->timer);
    for (unsigned i = 0; i < CHANNELS; i++) {
        update_irq(s, i);
    }
}

void stm32_bdma_set_mux(Stm32Periph *bdma, Stm32Periph *mux, unsigned first)
{
    STM32_BDMA(bdma)->mux = mux;
    STM32_BDMA(bdma)->first = first;
}

const Stm32DmaOps stm32_bdma_ops = { .kick = bdma_kick, .ready = bdma_ready, .push = bdma_push };

static void bdma_init(Object *obj)
{
    Stm32Bdma *s = STM32_BDMA(obj);

    for (unsigned i = 0; i < CHANNELS; i++) {
        sysbus_init_irq(SYS_BUS_DEVICE(obj), &s->irq[i]);
    }
    timer_init_ns(&s->timer, QEMU_CLOCK_VIRTUAL, work, s);
}

static void bdma_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &bdma_map;
    pc->write = bdma_write;
    pc->reset = bdma_reset;
}

static const TypeInfo bdma_types[] = {
    {
        .name = TYPE_STM32_BDMA,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Bdma),
        .instance_init = bdma_init,
        .class_init = bdma_class_init,
    },
};

DEFINE_TYPES(bdma_types)
