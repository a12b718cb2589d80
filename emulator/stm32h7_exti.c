/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended interrupts of an STM32H7 (RM0433 section 20). Configurable lines (pins, RTC, comparators) pend on edges;
 * direct lines only wake the chip up: here any interrupt does, so their masks are storage. The RTC's lines wake it from Standby, too.
 *
 * GPIO inputs: the lines. Outputs: one per line of the first 22, high while the line is pending and unmasked.
 */
#include "qemu/osdep.h"

#include "stm32_periph.h"
#include "stm32h743_defs.h"
#include "stm32h7_pwr.h"
#include "stm32h7_rcc_device.h"

/* From the registers of 32 lines to those of the next ones: triggers, masks. */
enum { EXTI_LINES = 88, EXTI_OUTPUTS = 22, RTC_FIRST = 17, RTC_LAST = 19, STEP = EXTI_RTSR2 - EXTI_RTSR1, MASK_STEP = EXTI_CPUIMR2 - EXTI_CPUIMR1 };

#define TYPE_STM32H7_EXTI "stm32h7-exti"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Exti, STM32H7_EXTI)

struct Stm32Exti {
    Stm32Periph parent_obj;
    qemu_irq out[EXTI_OUTPUTS];
    bool level[EXTI_LINES];
};

static const RegDef exti_registers[] = { STM32H743_EXTI };

static const RegMap exti_map = REG_MAP(exti_registers, EXTI_BYTES);

static void update(Stm32Exti *s)
{
    uint32_t pending = *periph_reg(&s->parent_obj, EXTI_CPUPR1) & *periph_reg(&s->parent_obj, EXTI_CPUIMR1);

    for (unsigned line = 0; line < EXTI_OUTPUTS; line++) {
        qemu_set_irq(s->out[line], (pending >> line) & 1);
    }
}

/* An edge or a software request; a line that is masked doesn't pend. */
static void trigger(Stm32Exti *s, unsigned line)
{
    unsigned word = line / 32;
    uint32_t bit = 1u << (line % 32);

    if (*periph_reg(&s->parent_obj, EXTI_CPUIMR1 + MASK_STEP * word) & bit) {
        *periph_reg(&s->parent_obj, EXTI_CPUPR1 + MASK_STEP * word) |= bit;
        update(s);
    }
}

static void line_changed(void *opaque, int line, int level)
{
    Stm32Exti *s = STM32H7_EXTI(opaque);
    unsigned edge = level ? EXTI_RTSR1 : EXTI_FTSR1;

    if (s->level[line] == !!level) {
        return;
    }
    s->level[line] = level;
    if (level && line >= RTC_FIRST && line <= RTC_LAST) {
        stm32h7_pwr_wake(s->parent_obj.rcc->pwr);
    }
    if (*periph_reg(&s->parent_obj, edge + STEP * (line / 32)) & (1u << (line % 32))) {
        trigger(s, line);
    }
}

static void exti_write(Stm32Periph *p, const RegWrite *w)
{
    if (w->offset < EXTI_RTSR3 + STEP && w->offset % STEP == EXTI_SWIER1) {
        for (unsigned bit = 0; bit < 32; bit++) {
            if (w->raw & (1u << bit)) {
                trigger(STM32H7_EXTI(p), w->offset / STEP * 32 + bit);
            }
        }
    }
    update(STM32H7_EXTI(p));
}

static void exti_reset(Stm32Periph *p)
{
    update(STM32H7_EXTI(p));
}

static void exti_init(Object *obj)
{
    qdev_init_gpio_in(DEVICE(obj), line_changed, EXTI_LINES);
    qdev_init_gpio_out(DEVICE(obj), STM32H7_EXTI(obj)->out, EXTI_OUTPUTS);
}

static void exti_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &exti_map;
    pc->write = exti_write;
    pc->reset = exti_reset;
}

static const TypeInfo exti_types[] = {
    {
        .name = TYPE_STM32H7_EXTI,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Exti),
        .instance_init = exti_init,
        .class_init = exti_class_init,
    },
};

DEFINE_TYPES(exti_types)
