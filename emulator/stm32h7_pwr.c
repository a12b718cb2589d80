/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power controller of an STM32H7 (RM0433 section 6.8): supply, voltage scaling, backup protection, wake-up flags. */
#include "qemu/osdep.h"

#include "stm32h743_defs.h"
#include "stm32h7_pwr.h"

#include "stm32h7_rcc_device.h"

enum {
    CR3_SUPPLY = PWR_CR3_BYPASS | PWR_CR3_LDOEN | PWR_CR3_SDEN | PWR_CR3_VBE | PWR_CR3_VBRS,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Pwr, STM32H7_PWR)

struct Stm32Pwr {
    Stm32Periph parent_obj;
    bool supply_set;            /* CR3's supply bits were written since power-on; before, the chip stays in Run* mode */
    bool overdrive;
    unsigned scale;
};

static const RegDef pwr_registers[] = { STM32H743_PWR };

static const RegMap pwr_map = REG_MAP(pwr_registers, PWR_BYTES);

static void update_scale(Stm32Pwr *s)
{
    unsigned field = FIELD_OF(*periph_reg(&s->parent_obj, PWR_D3CR), PWR_D3CR_VOS);

    s->scale = !s->supply_set || !field ? 3 : 4 - field;
    if (s->scale == 1 && s->overdrive) {
        s->scale = 0;
    }
}

static void check(Stm32Pwr *s)
{
    Stm32Periph *p = &s->parent_obj;

    update_scale(s);
    if (p->rcc) {
        p->rcc->complained_hz = 0;
        stm32h7_rcc_check(p->rcc);
    }
}

unsigned stm32h7_pwr_voltage_scale(Stm32Periph *pwr)
{
    return STM32H7_PWR(pwr)->scale;
}

uint32_t stm32h7_pwr_cpu_max_hz(Stm32Periph *pwr)
{
    static const uint32_t max_hz[4] = { 480000000, 400000000, 300000000, 200000000 };

    return max_hz[STM32H7_PWR(pwr)->scale];
}

bool stm32h7_pwr_backup_writable(Stm32Periph *pwr)
{
    return *periph_reg(pwr, PWR_CR1) & PWR_CR1_DBP;
}

bool stm32h7_pwr_usb_supply(Stm32Periph *pwr)
{
    return *periph_reg(pwr, PWR_CR3) & PWR_CR3_USB33DEN;
}

void stm32h7_pwr_set_overdrive(Stm32Periph *pwr, bool on)
{
    STM32H7_PWR(pwr)->overdrive = on;
    check(STM32H7_PWR(pwr));
}

static uint32_t pwr_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    Stm32Pwr *s = STM32H7_PWR(p);
    uint32_t d3cr = *periph_reg(p, PWR_D3CR);

    switch (offset) {
    case PWR_CSR1:
        return s->supply_set ? (d3cr & PWR_D3CR_VOS) | PWR_D3CR_VOSRDY : 0x4000;
    case PWR_D3CR:
        return stored | (s->supply_set || (stored & PWR_D3CR_VOS) == 0x4000 ? PWR_D3CR_VOSRDY : 0);
    case PWR_CR2:
        return stored | (stored & 1) << 16;                         /* BRRDY follows BREN */
    case PWR_CR3:
        return stored | (stored & PWR_CR3_USB33DEN ? PWR_CR3_USB33RDY : 0);       /* the board has 3.3 V */
    default:
        return stored;
    }
}

static void pwr_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Pwr *s = STM32H7_PWR(p);

    switch (w->offset) {
    case PWR_CR3:
        if (!(w->lanes & 0x7)) {
            break;
        }
        if (!s->supply_set) {
            uint32_t mode = w->raw & 7;

            *periph_reg(p, PWR_CR3) = (w->value & ~7u) | mode;
            s->supply_set = true;
            if (!(mode & (PWR_CR3_LDOEN | PWR_CR3_BYPASS))) {
                guest_error("PWR", "CR3 selects no core supply: neither LDO nor bypass");
            }
        } else if ((w->raw & 7) != (w->old & 7)) {
            guest_error("PWR", "CR3's supply bits can be written once after power-on; ignored");
        }
        break;
    case PWR_CR2:
        if (!stm32h7_pwr_backup_writable(p)) {
            guest_error("PWR", "write to CR2 while CR1.DBP protects the backup domain");
            *periph_reg(p, PWR_CR2) = w->old;
        }
        return;
    case PWR_CPUCR:
        if (w->raw & PWR_CPUCR_CSSF) {                                   /* CSSF clears STOPF and the standby flags */
            *periph_reg(p, PWR_CPUCR) &= ~0x1e0u;
        }
        return;
    case PWR_WKUPCR:
        *periph_reg(p, PWR_WKUPFR) &= ~w->raw;
        return;
    default:
        break;
    }
    check(s);
}

/* CR3 and the supply choice last until power is lost (section 6.8.4). */
static void pwr_reset_hold(Object *obj, ResetType type)
{
    Stm32Pwr *s = STM32H7_PWR(obj);
    Stm32Periph *p = &s->parent_obj;
    uint32_t cr3 = *periph_reg(p, PWR_CR3);
    bool power = !p->rcc || stm32h7_rcc_power_on(p->rcc);

    regs_reset(&p->regs);
    if (power) {
        s->supply_set = false;
    } else {
        *periph_reg(p, PWR_CR3) = cr3;
    }
    s->overdrive = false;
    update_scale(s);                    /* the RCC's frequency is about to be reset, too */
}

static void pwr_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &pwr_map;
    pc->read = pwr_read;
    pc->write = pwr_write;
    RESETTABLE_CLASS(klass)->phases.hold = pwr_reset_hold;
}

static const TypeInfo pwr_types[] = {
    {
        .name = TYPE_STM32H7_PWR,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Pwr),
        .class_init = pwr_class_init,
    },
};

DEFINE_TYPES(pwr_types)
