/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random number generator (RM0433 section 33). Its numbers are the same in every run, so that runs can be repeated. */
#include "qemu/osdep.h"

#include "qemu/timer.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

enum {
    CYCLES = 54,
};

#define TYPE_STM32_RNG "stm32-rng"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Rng, STM32_RNG)

struct Stm32Rng {
    Stm32Periph parent_obj;
    qemu_irq irq;
    QEMUTimer timer;
    uint64_t state;
};

static const RegDef rng_registers[] = { STM32H743_RNG };
static const RegMap rng_map = REG_MAP(rng_registers, RNG_BYTES);

static void update_irq(Stm32Rng *s)
{
    qemu_set_irq(s->irq, (*periph_reg(&s->parent_obj, RNG_CR) & RNG_CR_IE) &&
                 (*periph_reg(&s->parent_obj, RNG_SR) & (RNG_SR_DRDY | RNG_SR_CEIS | RNG_SR_SEIS)));
}

static void begin(Stm32Rng *s)
{
    uint32_t hz = periph_clock_hz(&s->parent_obj), *sr = periph_reg(&s->parent_obj, RNG_SR);

    if (!(*periph_reg(&s->parent_obj, RNG_CR) & RNG_CR_RNGEN)) {
        timer_del(&s->timer);
        *sr &= ~RNG_SR_DRDY;
    } else if (!hz) {
        if (!(*sr & RNG_SR_CECS)) {
            guest_error("RNG", "is enabled while its kernel clock is off");
        }
        *sr |= RNG_SR_CECS | RNG_SR_CEIS;
    } else if (!(*sr & RNG_SR_DRDY) && !timer_pending(&s->timer)) {
        *sr &= ~RNG_SR_CECS;
        timer_mod(&s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + muldiv64(CYCLES, NANOSECONDS_PER_SECOND, hz));
    }
    update_irq(s);
}

/* xorshift64*, Marsaglia and Vigna. */
static void number_ready(void *opaque)
{
    Stm32Rng *s = opaque;

    s->state ^= s->state >> 12;
    s->state ^= s->state << 25;
    s->state ^= s->state >> 27;
    *periph_reg(&s->parent_obj, RNG_DR) = s->state * 2685821657736338717ull >> 32;
    *periph_reg(&s->parent_obj, RNG_SR) |= RNG_SR_DRDY;
    update_irq(s);
}

static uint32_t rng_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    uint32_t *sr = periph_reg(p, RNG_SR);

    if (offset != RNG_DR) {
        return stored;
    }
    if (!(*sr & RNG_SR_DRDY)) {
        return 0;
    }
    *sr &= ~RNG_SR_DRDY;
    begin(STM32_RNG(p));
    return stored;
}

static void rng_write(Stm32Periph *p, const RegWrite *w)
{
    if (w->offset == RNG_SR) {
        *periph_reg(p, RNG_SR) &= (w->raw | ~w->lanes) | ~(RNG_SR_CEIS | RNG_SR_SEIS);
    }
    begin(STM32_RNG(p));
}

static void rng_reset(Stm32Periph *p)
{
    timer_del(&STM32_RNG(p)->timer);
    update_irq(STM32_RNG(p));
}

static void rng_clocks(Stm32Periph *p)
{
    if (*periph_reg(p, RNG_CR) & RNG_CR_RNGEN) {
        begin(STM32_RNG(p));
    }
}

static void rng_setup(Stm32Periph *p, Error **errp)
{
    STM32_RNG(p)->state = 0x5deece66dull;
    timer_init_ns(&STM32_RNG(p)->timer, QEMU_CLOCK_VIRTUAL, number_ready, p);
}

static void rng_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_RNG(obj)->irq);
}

static void rng_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &rng_map;
    pc->read = rng_read;
    pc->write = rng_write;
    pc->setup = rng_setup;
    pc->reset = rng_reset;
    pc->clocks = rng_clocks;
}

static const TypeInfo rng_types[] = {
    {
        .name = TYPE_STM32_RNG,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Rng),
        .instance_init = rng_init,
        .class_init = rng_class_init,
    },
};

DEFINE_TYPES(rng_types)
