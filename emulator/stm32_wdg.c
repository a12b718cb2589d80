/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdogs (RM0433 sections 44, 45): IWDG on the LSI, WWDG on its bus clock. Both reset the chip. */
#include "qemu/osdep.h"

#include "qemu/timer.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"

/* --- independent watchdog --- */

enum { LSI_HZ = 32000, SYNC_LSI_CYCLES = 5 };

#define TYPE_STM32_IWDG "stm32-iwdg"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Iwdg, STM32_IWDG)

struct Stm32Iwdg {
    Stm32Periph parent_obj;
    bool running, unlocked;
    int64_t reloaded, busy_until;
    uint32_t prescaler, reload;         /* in force */
    QEMUTimer timer;
};

static const RegDef iwdg_registers[] = { STM32H743_IWDG };
static const RegMap iwdg_map = REG_MAP(iwdg_registers, IWDG_BYTES);

static int64_t iwdg_ns(Stm32Iwdg *s, uint32_t counts)
{
    return muldiv64((uint64_t)counts * (4u << MIN(s->prescaler, 6u)), NANOSECONDS_PER_SECOND, LSI_HZ);
}

static void iwdg_expired(void *opaque)
{
    Stm32Iwdg *s = opaque;

    stm32h7_rcc_request_reset(s->parent_obj.rcc, RESET_IWDG);
}

static void iwdg_reload(Stm32Iwdg *s)
{
    s->prescaler = *periph_reg(&s->parent_obj, IWDG_PR);
    s->reload = *periph_reg(&s->parent_obj, IWDG_RLR);
    s->reloaded = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    timer_mod(&s->timer, s->reloaded + iwdg_ns(s, s->reload + 1));
}

static bool iwdg_too_early(Stm32Iwdg *s)
{
    uint32_t window = *periph_reg(&s->parent_obj, IWDG_WINR);
    int64_t elapsed = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - s->reloaded;

    return window < s->reload && elapsed < iwdg_ns(s, s->reload - window);
}

static uint32_t iwdg_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Iwdg *s = STM32_IWDG(p);

    /* PVU, RVU, WVU: the values cross to the LSI domain. */
    return offset == IWDG_SR && qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) >= s->busy_until ? 0 : stored;
}

static void iwdg_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Iwdg *s = STM32_IWDG(p);

    if (w->offset == IWDG_KR) {
        s->unlocked = (w->raw & IWDG_KR_KEY) == 0x5555;
        if ((w->raw & IWDG_KR_KEY) == 0xcccc) {
            s->running = true;
            iwdg_reload(s);
        } else if ((w->raw & IWDG_KR_KEY) == 0xaaaa && s->running) {
            if (iwdg_too_early(s)) {
                iwdg_expired(s);
            } else {
                iwdg_reload(s);
            }
        }
        return;
    }
    if (!s->unlocked) {
        guest_error(p->name, "%s written without the key 0x5555", regs_name(&p->regs, w->offset));
        return;
    }
    *periph_reg(p, w->offset) = w->raw & (w->offset == IWDG_PR ? IWDG_PR_PR : IWDG_RLR_RL);
    *periph_reg(p, IWDG_SR) = w->offset == IWDG_PR ? IWDG_SR_PVU : w->offset == IWDG_RLR ? IWDG_SR_RVU : IWDG_SR_WVU;
    s->busy_until = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + muldiv64(SYNC_LSI_CYCLES, NANOSECONDS_PER_SECOND, LSI_HZ);
    if (s->running) {
        iwdg_reload(s);
    }
}

static void iwdg_reset(Stm32Periph *p)
{
    Stm32Iwdg *s = STM32_IWDG(p);

    timer_del(&s->timer);
    s->running = s->unlocked = false;
    s->busy_until = 0;
}

static void iwdg_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32_IWDG(p)->timer, QEMU_CLOCK_VIRTUAL, iwdg_expired, p);
}

static void iwdg_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &iwdg_map;
    pc->read = iwdg_read;
    pc->write = iwdg_write;
    pc->setup = iwdg_setup;
    pc->reset = iwdg_reset;
}

/* --- window watchdog --- */

enum {
    COUNTER_TOP = 0x40,
    WWDG_DIVIDER = 4096,
};

#define TYPE_STM32_WWDG "stm32-wwdg"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Wwdg, STM32_WWDG)

struct Stm32Wwdg {
    Stm32Periph parent_obj;
    qemu_irq irq;
    int64_t loaded;
    uint32_t start;                     /* count at `loaded` */
    QEMUTimer early, expiry;
};

static const RegDef wwdg_registers[] = { STM32H743_WWDG };
static const RegMap wwdg_map = REG_MAP(wwdg_registers, WWDG_BYTES);

static int64_t wwdg_ns(Stm32Wwdg *s, uint32_t counts)
{
    uint32_t hz = periph_clock_hz(&s->parent_obj), divider = WWDG_DIVIDER << FIELD_OF(*periph_reg(&s->parent_obj, WWDG_CFR), WWDG_CFR_WDGTB);

    return hz ? muldiv64((uint64_t)counts * divider, NANOSECONDS_PER_SECOND, hz) : 0;
}

static uint32_t wwdg_counter(Stm32Wwdg *s)
{
    int64_t count = wwdg_ns(s, 1);

    return count ? (s->start - (qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - s->loaded) / count) & WWDG_CR_T : s->start;
}

static void wwdg_update_irq(Stm32Wwdg *s)
{
    qemu_set_irq(s->irq, (*periph_reg(&s->parent_obj, WWDG_SR) & WWDG_SR_EWIF) && (*periph_reg(&s->parent_obj, WWDG_CFR) & WWDG_CFR_EWI));
}

static void wwdg_expired(void *opaque)
{
    Stm32Wwdg *s = opaque;

    stm32h7_rcc_request_reset(s->parent_obj.rcc, RESET_WWDG);
}

static void wwdg_early(void *opaque)
{
    Stm32Wwdg *s = opaque;

    *periph_reg(&s->parent_obj, WWDG_SR) = WWDG_SR_EWIF;
    wwdg_update_irq(s);
}

static uint32_t wwdg_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Wwdg *s = STM32_WWDG(p);

    return offset == WWDG_CR && (stored & WWDG_CR_WDGA) ? (stored & WWDG_CR_WDGA) | wwdg_counter(s) : stored;
}

static void wwdg_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Wwdg *s = STM32_WWDG(p);
    uint32_t *cr = periph_reg(p, WWDG_CR), count = w->raw & WWDG_CR_T;

    if (w->offset == WWDG_CR) {
        if ((*cr & WWDG_CR_WDGA) && wwdg_counter(s) > (*periph_reg(p, WWDG_CFR) & WWDG_CFR_W)) {
            wwdg_expired(s);                                        /* refreshed before the window opened */
            return;
        }
        *cr = (*cr & WWDG_CR_WDGA) | (w->raw & WWDG_CR_WDGA) | count;
        s->start = count;
        s->loaded = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
        if ((*cr & WWDG_CR_WDGA) && count < COUNTER_TOP) {
            wwdg_expired(s);
        } else if (*cr & WWDG_CR_WDGA) {
            timer_mod(&s->early, s->loaded + wwdg_ns(s, count - COUNTER_TOP));
            timer_mod(&s->expiry, s->loaded + wwdg_ns(s, count - COUNTER_TOP + 1));
        }
    } else if (w->offset == WWDG_SR) {
        *periph_reg(p, WWDG_SR) &= w->raw | ~w->lanes;
    }
    wwdg_update_irq(s);
}

static void wwdg_reset(Stm32Periph *p)
{
    timer_del(&STM32_WWDG(p)->early);
    timer_del(&STM32_WWDG(p)->expiry);
    wwdg_update_irq(STM32_WWDG(p));
}

static void wwdg_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32_WWDG(p)->early, QEMU_CLOCK_VIRTUAL, wwdg_early, p);
    timer_init_ns(&STM32_WWDG(p)->expiry, QEMU_CLOCK_VIRTUAL, wwdg_expired, p);
}

static void wwdg_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_WWDG(obj)->irq);
}

static void wwdg_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &wwdg_map;
    pc->read = wwdg_read;
    pc->write = wwdg_write;
    pc->setup = wwdg_setup;
    pc->reset = wwdg_reset;
}

static const TypeInfo wdg_types[] = {
    {
        .name = TYPE_STM32_IWDG,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Iwdg),
        .class_init = iwdg_class_init,
    }, {
        .name = TYPE_STM32_WWDG,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Wwdg),
        .instance_init = wwdg_init,
        .class_init = wwdg_class_init,
    },
};

DEFINE_TYPES(wdg_types)
