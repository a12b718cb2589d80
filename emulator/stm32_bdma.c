/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BDMA: eight channels without FIFO (RM0433 section 17). It lives in domain 3 and reaches only that domain's memories. */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "qemu/timer.h"
#include "stm32_dma_mux.h"
#include "stm32h743_defs.h"

enum {
    ITEMS_AT_ONCE = 4096,


};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Bdma, STM32_BDMA)

typedef struct Channel {
    uint32_t peripheral, memory, total;
} Channel;

struct Stm32Bdma {
    Stm32Periph parent_obj;
    Stm32Periph *mux;
    unsigned first;
    Channel channel[BDMA_CHANNEL_COUNT];
    qemu_irq irq[BDMA_CHANNEL_COUNT];
    QEMUTimer timer;
};

static const RegDef bdma_registers[] = { STM32H743_BDMA };
static const RegMap bdma_map = REG_MAP(bdma_registers, BDMA_BYTES);

static uint32_t *reg(Stm32Bdma *s, unsigned channel, uint32_t offset)
{
    return periph_reg(&s->parent_obj, offset + channel * BDMA_CHANNEL_STRIDE);
}

static void update_irq(Stm32Bdma *s, unsigned channel)
{
    uint32_t *isr = periph_reg(&s->parent_obj, BDMA_ISR), f = extract32(*isr, channel * 4, 4);

    *isr = deposit32(*isr, channel * 4, 1, (f & ~1u) != 0);
    qemu_set_irq(s->irq[channel], (f & *reg(s, channel, BDMA_CCR) & (BDMA_ISR_TCIF0 | BDMA_ISR_HTIF0 | BDMA_ISR_TEIF0)) != 0);
}

static void raise_flag(Stm32Bdma *s, unsigned channel, uint32_t f)
{
    *periph_reg(&s->parent_obj, BDMA_ISR) |= f << (channel * 4);
    update_irq(s, channel);
}

static void start_buffer(Stm32Bdma *s, unsigned channel)
{
    Channel *ch = &s->channel[channel];
    uint32_t cr = *reg(s, channel, BDMA_CCR);

    ch->peripheral = *reg(s, channel, BDMA_CPAR);
    ch->memory = *reg(s, channel, (cr & BDMA_CCR_DBM) && (cr & BDMA_CCR_CT) ? BDMA_CM1AR : BDMA_CM0AR);
    *reg(s, channel, BDMA_CNDTR) = ch->total;
}

/* Memories from 0x38000000 on, and the peripherals of the domain: 1 MiB from the EXTI on. */
static bool domain3(uint32_t address)
{
    return address >> 27 == 7 || address >> 20 == EXTI_BASE >> 20;
}

/* DIR 1: memory to peripheral. CPAR takes the peripheral's role in memory to memory, too. */
static void transfer_item(Stm32Bdma *s, unsigned channel)
{
    Channel *ch = &s->channel[channel];
    uint32_t *cr = reg(s, channel, BDMA_CCR), *ndtr = reg(s, channel, BDMA_CNDTR);
    unsigned psize = 1u << MIN(FIELD_OF(*cr, BDMA_CCR_PSIZE), 2u), msize = 1u << MIN(FIELD_OF(*cr, BDMA_CCR_MSIZE), 2u);
    bool out = *cr & BDMA_CCR_DIR;
    uint32_t from = out ? ch->memory : ch->peripheral, to = out ? ch->peripheral : ch->memory;
    uint8_t item[4] = { 0 };

    if (!domain3(from) || !domain3(to) ||
        address_space_read(s->parent_obj.bus, from, MEMTXATTRS_UNSPECIFIED, item, out ? msize : psize) != MEMTX_OK ||
        address_space_write(s->parent_obj.bus, to, MEMTXATTRS_UNSPECIFIED, item, out ? psize : msize) != MEMTX_OK) {
        guest_error("BDMA", "channel %u: transfer from 0x%08x to 0x%08x failed (it reaches domain 3 only)", channel, from, to);
        *cr &= ~BDMA_CCR_EN;
        raise_flag(s, channel, BDMA_ISR_TEIF0);
        return;
    }
    ch->memory += *cr & BDMA_CCR_MINC ? msize : 0;
    ch->peripheral += *cr & BDMA_CCR_PINC ? psize : 0;
    if (--*ndtr == ch->total / 2) {
        raise_flag(s, channel, BDMA_ISR_HTIF0);
    }
    if (!*ndtr) {
        if (*cr & BDMA_CCR_DBM) {
            *cr ^= BDMA_CCR_CT;
        }
        if (*cr & (BDMA_CCR_CIRC | BDMA_CCR_DBM)) {
            start_buffer(s, channel);
        }
        raise_flag(s, channel, BDMA_ISR_TCIF0);
    }
}

static bool wants(Stm32Bdma *s, unsigned channel)
{
    uint32_t cr = *reg(s, channel, BDMA_CCR);

    return (cr & BDMA_CCR_EN) && *reg(s, channel, BDMA_CNDTR) && periph_clocked(&s->parent_obj) &&
           ((cr & BDMA_CCR_MEM2MEM) || (s->mux && stm32_dmamux_requested(s->mux, s->first + channel)));
}

static void work(void *opaque)
{
    Stm32Bdma *s = opaque;
    unsigned moved = 0;

    for (unsigned i = 0; i < BDMA_CHANNEL_COUNT; i++) {
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
    return *reg(STM32_BDMA(p), channel, BDMA_CCR) & BDMA_CCR_EN;
}

/* No fast source sits in domain 3. */
static size_t bdma_push(Stm32Periph *p, unsigned channel, const uint8_t *bytes, size_t length)
{
    return 0;
}

static void bdma_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Bdma *s = STM32_BDMA(p);
    unsigned channel = (w->offset - BDMA_CCR) / BDMA_CHANNEL_STRIDE;

    if (w->offset == BDMA_IFCR) {
        for (unsigned i = 0; i < BDMA_CHANNEL_COUNT; i++) {
            uint32_t f = extract32(w->raw, i * 4, 4);

            *periph_reg(p, BDMA_ISR) &= ~((f & BDMA_ISR_GIF0 ? 0xfu : f) << (i * 4));
            update_irq(s, i);
        }
    } else if (w->offset >= BDMA_CCR && (w->offset - BDMA_CCR) % BDMA_CHANNEL_STRIDE == 0) {
        if ((w->value & BDMA_CCR_EN) && !(w->old & BDMA_CCR_EN)) {
            s->channel[channel].total = *reg(s, channel, BDMA_CNDTR);
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
    for (unsigned i = 0; i < BDMA_CHANNEL_COUNT; i++) {
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

    for (unsigned i = 0; i < BDMA_CHANNEL_COUNT; i++) {
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
