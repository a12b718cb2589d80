/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GPIO port (RM0433 section 11): modes, pulls, open drain, set/reset halves, configuration lock. */
#include "qemu/osdep.h"

#include "stm32_gpio.h"
#include "stm32h743_defs.h"

enum {
    PINS = 16, MODE_INPUT = 0, MODE_OUTPUT = 1, MODE_ALTERNATE = 2, MODE_ANALOG = 3,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Gpio, STM32_GPIO)

struct Stm32Gpio {
    Stm32Periph parent_obj;
    qemu_irq pin[PINS];             /* levels, for the board */
    qemu_irq exti[PINS];            /* the same, for SYSCFG's choice of EXTI lines */
    int8_t drive[PINS];             /* what the board drives with; -1: nothing */
    uint16_t levels;
    unsigned lock_step;
};

/* The debug pins PA13, PA14, PA15, PB3, PB4 start as alternate functions, all others as analog inputs. */
static const RegDef port_a[] = { STM32H743_GPIOA }, port_b[] = { STM32H743_GPIOB }, port_other[] = { STM32H743_GPIO };

static const RegMap port_map[3] = { REG_MAP(port_a, GPIO_BYTES), REG_MAP(port_b, GPIO_BYTES), REG_MAP(port_other, GPIO_BYTES) };

static const RegMap *gpio_map(Stm32Periph *p)
{
    return &port_map[MIN(p->variant, 2)];
}

static unsigned field2(Stm32Gpio *s, uint32_t offset, unsigned pin)
{
    return extract32(*periph_reg(&s->parent_obj, offset), pin * 2, 2);
}

int stm32_gpio_alternate(Stm32Periph *port, unsigned pin)
{
    if (field2(STM32_GPIO(port), GPIO_MODER, pin) != MODE_ALTERNATE) {
        return -1;
    }
    return extract32(*periph_reg(port, GPIO_AFR + pin / 8 * 4), (pin % 8) * 4, 4);
}

int stm32_gpio_driven(Stm32Periph *port, unsigned pin)
{
    return STM32_GPIO(port)->drive[pin];
}

bool stm32_gpio_level(Stm32Periph *port, unsigned pin)
{
    return STM32_GPIO(port)->levels & (1u << pin);
}

static bool pin_level(Stm32Gpio *s, unsigned pin)
{
    bool out = *periph_reg(&s->parent_obj, GPIO_ODR) & (1u << pin);
    bool open_drain = *periph_reg(&s->parent_obj, GPIO_OTYPER) & (1u << pin);

    if (field2(s, GPIO_MODER, pin) == MODE_OUTPUT && (!open_drain || !out)) {
        return out;
    }
    if (s->drive[pin] >= 0) {
        return s->drive[pin];
    }
    return field2(s, GPIO_PUPDR, pin) == 1;
}

static void update(Stm32Gpio *s, bool always)
{
    for (unsigned pin = 0; pin < PINS; pin++) {
        uint16_t bit = 1u << pin;
        bool level = pin_level(s, pin);

        if (always || level != !!(s->levels & bit)) {
            s->levels = level ? s->levels | bit : s->levels & ~bit;
            qemu_set_irq(s->pin[pin], level);
            qemu_set_irq(s->exti[pin], level);
        }
    }
}

static void drive(void *opaque, int pin, int level)
{
    Stm32Gpio *s = STM32_GPIO(opaque);

    s->drive[pin] = level < 0 ? -1 : level > 0;
    update(s, false);
    qemu_set_irq(s->exti[pin], stm32_gpio_level(&s->parent_obj, pin));         /* the pulls of wake-up pins are the PWR's */
}

static uint32_t gpio_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Gpio *s = STM32_GPIO(p);
    uint32_t value = s->levels;

    if (offset != GPIO_IDR) {
        return stored;
    }
    for (unsigned pin = 0; pin < PINS; pin++) {
        if (field2(s, GPIO_MODER, pin) == MODE_ANALOG) {            /* the input stage is off */
            value &= ~(1u << pin);
        }
    }
    return value;
}

/* The lock is set by writing 1, 0, 1 to bit 16 with the same pins each time, all 32 bits at once. */
static void write_lock(Stm32Gpio *s, const RegWrite *w)
{
    uint32_t *lckr = periph_reg(&s->parent_obj, GPIO_LCKR), pins = w->raw & 0xffff;
    bool key = w->raw & GPIO_LCKR_LCKK;

    if (*lckr & GPIO_LCKR_LCKK) {
        return;
    }
    if (s->lock_step == 0 && key) {
        *lckr = pins;
        s->lock_step = 1;
    } else if (s->lock_step == 1 && !key && pins == *lckr) {
        s->lock_step = 2;
    } else if (s->lock_step == 2 && key && pins == *lckr) {
        *lckr |= GPIO_LCKR_LCKK;
        s->lock_step = 0;
    } else {
        *lckr = pins;
        s->lock_step = 0;
    }
}

/* Configuration bits of locked pins stay as they are. */
static void keep_locked(Stm32Gpio *s, const RegWrite *w, unsigned bits, unsigned first)
{
    uint32_t lckr = *periph_reg(&s->parent_obj, GPIO_LCKR), *value = periph_reg(&s->parent_obj, w->offset);

    for (unsigned pin = first; (lckr & GPIO_LCKR_LCKK) && pin < PINS && (pin - first) * bits < 32; pin++) {
        if (lckr & (1u << pin)) {
            uint32_t mask = ((1u << bits) - 1) << ((pin - first) * bits);

            *value = (*value & ~mask) | (w->old & mask);
        }
    }
}

static void gpio_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Gpio *s = STM32_GPIO(p);

    switch (w->offset) {
    case GPIO_MODER: case GPIO_OSPEEDR: case GPIO_PUPDR:
        keep_locked(s, w, 2, 0);
        break;
    case GPIO_OTYPER:
        keep_locked(s, w, 1, 0);
        break;
    case GPIO_AFR: case GPIO_AFR + 4:
        keep_locked(s, w, 4, w->offset == GPIO_AFR ? 0 : 8);
        break;
    case GPIO_BSRR:                                                 /* set wins over reset */
        *periph_reg(p, GPIO_ODR) = (*periph_reg(p, GPIO_ODR) & ~(w->raw >> 16)) | (w->raw & 0xffff);
        break;
    case GPIO_LCKR:
        write_lock(s, w);
        return;
    }
    update(s, false);
}

static void gpio_reset(Stm32Periph *p)
{
    STM32_GPIO(p)->lock_step = 0;
    update(STM32_GPIO(p), true);
}

static void gpio_init(Object *obj)
{
    Stm32Gpio *s = STM32_GPIO(obj);

    memset(s->drive, -1, sizeof(s->drive));
    qdev_init_gpio_out(DEVICE(obj), s->pin, PINS);
    qdev_init_gpio_out_named(DEVICE(obj), s->exti, "exti", PINS);
    qdev_init_gpio_in_named(DEVICE(obj), drive, "drive", PINS);
}

static void gpio_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->pick_map = gpio_map;
    pc->read = gpio_read;
    pc->write = gpio_write;
    pc->reset = gpio_reset;
}

static const TypeInfo gpio_types[] = {
    {
        .name = TYPE_STM32_GPIO,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Gpio),
        .instance_init = gpio_init,
        .class_init = gpio_class_init,
    },
};

DEFINE_TYPES(gpio_types)
