/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base class of every STM32 peripheral (stm32_periph.h), and a type for those that are storage only. */
#include "qemu/osdep.h"

#include "stm32_periph.h"

#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "stm32h743.h"

static uint32_t periph_read(void *device, uint32_t offset, uint32_t stored)
{
    Stm32PeriphClass *pc = STM32_PERIPH_GET_CLASS(device);

    return pc->read ? pc->read(device, offset, stored) : stored;
}

static void periph_write(void *device, const RegWrite *write)
{
    Stm32PeriphClass *pc = STM32_PERIPH_GET_CLASS(device);

    if (pc->write) {
        pc->write(device, write);
    }
}

bool periph_clocked(Stm32Periph *p)
{
    return !p->rcc || stm32h7_rcc_enabled(p->rcc, p->gate);
}

static bool periph_clocked_hook(void *device)
{
    return periph_clocked(device);
}

static const RegBankOps periph_ops = {
    .read = periph_read,
    .write = periph_write,
    .clocked = periph_clocked_hook,
};

uint32_t periph_clock_hz(Stm32Periph *p)
{
    return p->rcc ? stm32h7_rcc_kernel_hz(p->rcc, p->kernel) : 0;
}

void periph_reset(Stm32Periph *p)
{
    Stm32PeriphClass *pc = STM32_PERIPH_GET_CLASS(p);

    regs_reset(&p->regs);
    if (pc->reset) {
        pc->reset(p);
    }
    if (pc->clocks) {
        pc->clocks(p);
    }
}

/* The chip's reset: the backup domain sleeps through it unless power was lost. */
static void periph_reset_hold(Object *obj, ResetType type)
{
    Stm32Periph *p = STM32_PERIPH(obj);

    if (!STM32_PERIPH_GET_CLASS(p)->backup_domain || !p->rcc || stm32h7_rcc_power_on(p->rcc)) {
        periph_reset(p);
    }
}

static void periph_realize(DeviceState *dev, Error **errp)
{
    Stm32Periph *p = STM32_PERIPH(dev);
    Stm32PeriphClass *pc = STM32_PERIPH_GET_CLASS(p);
    const RegMap *map = pc->pick_map ? pc->pick_map(p) : pc->map;

    if (!p->name || !map) {
        error_setg(errp, "%s needs a name and registers", object_get_typename(OBJECT(dev)));
        return;
    }
    regs_init(&p->regs, OBJECT(dev), p->name, map, &periph_ops, p);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &p->regs.mmio);
    if (pc->setup) {
        pc->setup(p, errp);
    }
}

static const Property periph_properties[] = {
    DEFINE_PROP_STRING("name", Stm32Periph, name),
    DEFINE_PROP_UINT32("variant", Stm32Periph, variant, 0),
};

static void periph_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->realize = periph_realize;
    dc->user_creatable = false;
    device_class_set_props(dc, periph_properties);
    RESETTABLE_CLASS(klass)->phases.hold = periph_reset_hold;
}

/* Storage, for peripherals without a model. */
static const RegMap *bank_map(Stm32Periph *p)
{
    return stm32h743_bank_map(p->name);
}

static void bank_class_init(ObjectClass *klass, void *data)
{
    STM32_PERIPH_CLASS(klass)->pick_map = bank_map;
}

static const TypeInfo periph_types[] = {
    {
        .name = TYPE_STM32_PERIPH,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(Stm32Periph),
        .class_size = sizeof(Stm32PeriphClass),
        .class_init = periph_class_init,
        .abstract = true,
    }, {
        .name = TYPE_STM32_BANK,
        .parent = TYPE_STM32_PERIPH,
        .class_init = bank_class_init,
    },
};

DEFINE_TYPES(periph_types)
