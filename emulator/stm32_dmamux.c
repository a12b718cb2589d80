/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DMAMUX (RM0433 section 18): routes request lines to channels. Synchronisation and request generators aren't modelled. */
#include "qemu/osdep.h"

#include "stm32_dma_mux.h"
#include "stm32h743_defs.h"

enum { MUX_CHANNELS = 16, MUX_LINES = 128, };

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Dmamux, STM32_DMAMUX)

struct Stm32Dmamux {
    Stm32Periph parent_obj;
    qemu_irq irq;
    bool level[MUX_LINES], pulse[MUX_LINES];
    struct {
        Stm32Periph *dma;
        const Stm32DmaOps *ops;
        unsigned number;
    } channel[MUX_CHANNELS];
};

static const RegDef mux1_registers[] = { STM32H743_DMAMUX1 };
static const RegDef mux2_registers[] = { STM32H743_DMAMUX2 };
static const RegMap mux_map[2] = { REG_MAP(mux1_registers, DMAMUX1_BYTES), REG_MAP(mux2_registers, DMAMUX2_BYTES) };

static const RegMap *dmamux_map(Stm32Periph *p)
{
    return &mux_map[p->variant != MUX_CHANNELS];
}

void stm32_dmamux_connect(Stm32Periph *mux, unsigned mux_channel, Stm32Periph *dma, const Stm32DmaOps *ops, unsigned channel)
{
    Stm32Dmamux *s = STM32_DMAMUX(mux);

    s->channel[mux_channel].dma = dma;
    s->channel[mux_channel].ops = ops;
    s->channel[mux_channel].number = channel;
}

static unsigned line_of(Stm32Dmamux *s, unsigned channel)
{
    return *periph_reg(&s->parent_obj, channel * 4) & DMAMUX1_CCR_DMAREQ_ID;
}

bool stm32_dmamux_requested(Stm32Periph *mux, unsigned mux_channel)
{
    Stm32Dmamux *s = STM32_DMAMUX(mux);
    unsigned line = line_of(s, mux_channel);

    return line && (s->level[line] || s->pulse[line]);
}

void stm32_dmamux_served(Stm32Periph *mux, unsigned mux_channel)
{
    Stm32Dmamux *s = STM32_DMAMUX(mux);

    s->pulse[line_of(s, mux_channel)] = false;
}

static void kick(Stm32Dmamux *s, unsigned channel)
{
    if (s->channel[channel].dma) {
        s->channel[channel].ops->kick(s->channel[channel].dma, s->channel[channel].number);
    }
}

static void dmamux_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Dmamux *s = STM32_DMAMUX(p);

    if (w->offset < s->parent_obj.variant * 4) {
        if (w->value & (DMAMUX1_CCR_EGE | DMAMUX1_CCR_SE) & ~w->old) {
            guest_unimplemented(p->name, "CCR[%u]: synchronisation and event generation", w->offset / 4);
        }
        if (stm32_dmamux_requested(p, w->offset / 4)) {
            kick(s, w->offset / 4);
        }
    } else if (w->offset >= DMAMUX1_RGCR && w->offset < DMAMUX1_RGCR + 32 && (w->value & DMAMUX1_RGCR_GE)) {
        guest_unimplemented(p->name, "RGCR[%u]: request generators", (w->offset - DMAMUX1_RGCR) / 4);
    }
}

/* The channel that serves a line: the first enabled one routed to it. -1: none. */
static int serving(Stm32Dmamux *s, unsigned line)
{
    for (unsigned i = 0; line && i < s->parent_obj.variant; i++) {
        if (line_of(s, i) == line && s->channel[i].dma && s->channel[i].ops->ready(s->channel[i].dma, s->channel[i].number)) {
            return i;
        }
    }
    return -1;
}

static void kick_line(Stm32Dmamux *s, unsigned line)
{
    for (unsigned i = 0; i < s->parent_obj.variant; i++) {
        if (line_of(s, i) == line) {
            kick(s, i);
        }
    }
}

void periph_dma_pulse(Stm32Periph *p, unsigned n)
{
    Stm32Dmamux *s = (Stm32Dmamux *)object_dynamic_cast(OBJECT(p->dma[n].mux), TYPE_STM32_DMAMUX);

    if (s) {
        s->pulse[p->dma[n].line] = true;
        kick_line(s, p->dma[n].line);
    }
}

void periph_dma_request(Stm32Periph *p, unsigned n, bool level)
{
    Stm32Dmamux *s;

    if (!p->dma[n].mux) {
        return;
    }
    if (!object_dynamic_cast(OBJECT(p->dma[n].mux), TYPE_STM32_DMAMUX)) {
        stm32_mdma_request(STM32_PERIPH(p->dma[n].mux), p->dma[n].line, level);
        return;
    }
    s = STM32_DMAMUX(p->dma[n].mux);
    s->level[p->dma[n].line] = level;
    if (level) {
        kick_line(s, p->dma[n].line);
    }
}

size_t periph_dma_push(Stm32Periph *p, unsigned n, const uint8_t *bytes, size_t length)
{
    Stm32Dmamux *s = (Stm32Dmamux *)object_dynamic_cast(OBJECT(p->dma[n].mux), TYPE_STM32_DMAMUX);
    int channel = s ? serving(s, p->dma[n].line) : -1;

    return channel < 0 ? 0 : s->channel[channel].ops->push(s->channel[channel].dma, s->channel[channel].number, bytes, length);
}

bool periph_dma_ready(Stm32Periph *p, unsigned n)
{
    Stm32Dmamux *s = (Stm32Dmamux *)object_dynamic_cast(OBJECT(p->dma[n].mux), TYPE_STM32_DMAMUX);

    return s && serving(s, p->dma[n].line) >= 0;
}

static void dmamux_reset(Stm32Periph *p)
{
    memset(STM32_DMAMUX(p)->pulse, 0, sizeof(STM32_DMAMUX(p)->pulse));
}

static void dmamux_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_DMAMUX(obj)->irq);
}

static void dmamux_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->pick_map = dmamux_map;
    pc->write = dmamux_write;
    pc->reset = dmamux_reset;
}

static const TypeInfo dmamux_types[] = {
    {
        .name = TYPE_STM32_DMAMUX,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Dmamux),
        .instance_init = dmamux_init,
        .class_init = dmamux_class_init,
    },
};

DEFINE_TYPES(dmamux_types)
