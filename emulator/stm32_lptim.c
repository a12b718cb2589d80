/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Low-power timer (RM0433 section 43): counting its kernel clock, single and continuous, compare and reload events. */
#include "qemu/osdep.h"

#include "qemu/timer.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

#define TYPE_STM32_LPTIM "stm32-lptim"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Lptim, STM32_LPTIM)

struct Stm32Lptim {
    Stm32Periph parent_obj;
    qemu_irq irq;
    bool running, single;
    int64_t origin;                     /* when the counter was 0 */
    QEMUTimer compare, reload;
};

static const RegDef lptim_registers[] = { STM32H743_LPTIM };
static const RegMap lptim_map = REG_MAP(lptim_registers, LPTIM_BYTES);

static uint32_t reg(Stm32Lptim *s, uint32_t offset)
{
    return *periph_reg(&s->parent_obj, offset);
}

static uint32_t rate(Stm32Lptim *s)
{
    return periph_clock_hz(&s->parent_obj) >> FIELD_OF(reg(s, LPTIM_CFGR), LPTIM_CFGR_PRESC);
}

static void raise_flag(Stm32Lptim *s, uint32_t f)
{
    *periph_reg(&s->parent_obj, LPTIM_ISR) |= f;
    qemu_set_irq(s->irq, (reg(s, LPTIM_ISR) & reg(s, LPTIM_IER)) != 0);
}

static void schedule(Stm32Lptim *s)
{
    timer_del(&s->compare);
    timer_del(&s->reload);
    if (s->running && rate(s)) {
        timer_mod(&s->reload, s->origin + muldiv64(reg(s, LPTIM_ARR) + 1, NANOSECONDS_PER_SECOND, rate(s)));
        if (reg(s, LPTIM_CMP) < reg(s, LPTIM_ARR)) {
            timer_mod(&s->compare, s->origin + muldiv64(reg(s, LPTIM_CMP), NANOSECONDS_PER_SECOND, rate(s)));
        }
    }
}

static void start(Stm32Lptim *s, bool single)
{
    s->running = true;
    s->single = single;
    s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    schedule(s);
}

static void compared(void *opaque)
{
    raise_flag(opaque, LPTIM_ISR_CMPM);
}

static void reloaded(void *opaque)
{
    Stm32Lptim *s = opaque;

    s->running = !s->single;
    s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    schedule(s);
    raise_flag(s, LPTIM_ISR_ARRM);
}

static uint32_t lptim_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Lptim *s = STM32_LPTIM(p);

    if (offset != LPTIM_CNT || !s->running) {
        return stored;
    }
    return muldiv64(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - s->origin, rate(s), NANOSECONDS_PER_SECOND);
}

static void lptim_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Lptim *s = STM32_LPTIM(p);
    bool enabled = reg(s, LPTIM_CR) & LPTIM_CR_ENABLE;

    switch (w->offset) {
    case LPTIM_ICR:
        *periph_reg(p, LPTIM_ISR) &= ~w->raw;
        break;
    case LPTIM_CR:
        *periph_reg(p, LPTIM_CR) = w->raw & (LPTIM_CR_ENABLE | LPTIM_CR_RSTARE);
        if (!(w->raw & LPTIM_CR_ENABLE)) {
            s->running = false;
            schedule(s);
        } else if (w->raw & (LPTIM_CR_SNGSTRT | LPTIM_CR_CNTSTRT)) {
            start(s, w->raw & LPTIM_CR_SNGSTRT);
        } else if (w->raw & LPTIM_CR_COUNTRST) {
            s->origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
            schedule(s);
        }
        break;
    case LPTIM_CMP: case LPTIM_ARR:
        if (!enabled) {
            guest_error(p->name, "%s written while the timer is disabled; ignored", regs_name(&p->regs, w->offset));
            return;
        }
        *periph_reg(p, w->offset) = w->raw & 0xffff;
        *periph_reg(p, LPTIM_ISR) |= w->offset == LPTIM_CMP ? LPTIM_ISR_CMPOK : LPTIM_ISR_ARROK;
        schedule(s);
        break;
    }
    raise_flag(s, 0);
}

static void lptim_reset(Stm32Periph *p)
{
    STM32_LPTIM(p)->running = false;
    schedule(STM32_LPTIM(p));
    raise_flag(STM32_LPTIM(p), 0);
}

static void lptim_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32_LPTIM(p)->compare, QEMU_CLOCK_VIRTUAL, compared, p);
    timer_init_ns(&STM32_LPTIM(p)->reload, QEMU_CLOCK_VIRTUAL, reloaded, p);
}

static void lptim_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_LPTIM(obj)->irq);
}

static void lptim_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &lptim_map;
    pc->read = lptim_read;
    pc->write = lptim_write;
    pc->setup = lptim_setup;
    pc->reset = lptim_reset;
}

static const TypeInfo lptim_types[] = {
    {
        .name = TYPE_STM32_LPTIM,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Lptim),
        .instance_init = lptim_init,
        .class_init = lptim_class_init,
    },
};

DEFINE_TYPES(lptim_types)
