/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SYSCFG of an STM32H7 (RM0433 section 12): which port's pin drives which EXTI line, compensation cell, overdrive, user bits. */
#include "qemu/osdep.h"

#include "stm32h743_defs.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"
#include "stm32h7_syscfg.h"

enum {
    PORTS = 11, PINS = 16,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Syscfg, STM32H7_SYSCFG)

struct Stm32Syscfg {
    Stm32Periph parent_obj;
    qemu_irq line[PINS];
    uint16_t level[PORTS];
};

static const RegDef syscfg_registers[] = { STM32H743_SYSCFG };

static const RegMap syscfg_map = REG_MAP(syscfg_registers, SYSCFG_BYTES);

static unsigned selected_port(Stm32Syscfg *s, unsigned pin)
{
    return extract32(*periph_reg(&s->parent_obj, SYSCFG_EXTICR + pin / 4 * 4), pin % 4 * 4, 4);
}

static void update_line(Stm32Syscfg *s, unsigned pin)
{
    unsigned port = selected_port(s, pin);

    qemu_set_irq(s->line[pin], port < PORTS && (s->level[port] & (1u << pin)));
}

static void pin_changed(void *opaque, int n, int level)
{
    Stm32Syscfg *s = STM32H7_SYSCFG(opaque);
    unsigned port = n / PINS, pin = n % PINS;

    s->level[port] = level ? s->level[port] | 1u << pin : s->level[port] & ~(1u << pin);
    if (selected_port(s, pin) == port) {
        update_line(s, pin);
    }
    if (s->parent_obj.rcc->pwr) {
        stm32h7_pwr_pins_changed(s->parent_obj.rcc->pwr);
    }
}

static uint32_t syscfg_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    switch (offset) {
    case SYSCFG_CCCSR:                                              /* the cell calibrates itself with the CSI clock */
        return stored | ((stored & SYSCFG_CCCSR_EN) && (*periph_reg(&p->rcc->parent_obj, RCC_CR) & RCC_CR_CSIRDY) ? SYSCFG_CCCSR_READY : 0);
    case SYSCFG_UR0:
        return (FIELD_OF(stm32h7_flash_option_status(p->rcc->flash), FLASH_OPTSR_CUR_RDP) << 16) |
               FIELD_OF(stm32h7_flash_option_status(p->rcc->flash), FLASH_OPTSR_CUR_SWAP_BANK_OPT);
    default:
        return stored;
    }
}

static void syscfg_write(Stm32Periph *p, const RegWrite *w)
{
    if (w->offset >= SYSCFG_EXTICR && w->offset < SYSCFG_EXTICR + 16) {
        for (unsigned pin = (w->offset - SYSCFG_EXTICR) & ~3u, i = 0; i < 4; i++) {
            update_line(STM32H7_SYSCFG(p), pin + i);
        }
    } else if (w->offset == SYSCFG_PWRCR) {
        stm32h7_pwr_set_overdrive(p->rcc->pwr, w->value & SYSCFG_PWRCR_ODEN);
    }
}

static void syscfg_reset(Stm32Periph *p)
{
    if (p->rcc && p->rcc->flash) {
        *periph_reg(p, SYSCFG_UR2) = (uint32_t)stm32h7_flash_boot_address(p->rcc->flash, 0) << 16;
        *periph_reg(p, SYSCFG_UR3) = (uint32_t)stm32h7_flash_boot_address(p->rcc->flash, 1) << 16;
    }
}

static void syscfg_init(Object *obj)
{
    qdev_init_gpio_in(DEVICE(obj), pin_changed, PORTS * PINS);
    qdev_init_gpio_out_named(DEVICE(obj), STM32H7_SYSCFG(obj)->line, "exti", PINS);
}

static void syscfg_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &syscfg_map;
    pc->read = syscfg_read;
    pc->write = syscfg_write;
    pc->reset = syscfg_reset;
}

static const TypeInfo syscfg_types[] = {
    {
        .name = TYPE_STM32H7_SYSCFG,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Syscfg),
        .instance_init = syscfg_init,
        .class_init = syscfg_class_init,
    },
};

DEFINE_TYPES(syscfg_types)
