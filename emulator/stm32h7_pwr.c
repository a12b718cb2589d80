/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power controller of an STM32H7 (RM0433 section 6.8): supply, voltage scaling, backup protection, wake-up flags. */
#include "qemu/osdep.h"

#include "stm32_gpio.h"
#include "stm32h743_defs.h"
#include "stm32h7_pwr.h"

#include "stm32h7_rcc_device.h"

enum {
    WAKEUP_PINS = 6, PULL_SHIFT = 16, PULL_UP = 1, PULL_DOWN = 2,
    CPUCR_STANDBY = PWR_CPUCR_PDDS_D1 | PWR_CPUCR_PDDS_D2 | PWR_CPUCR_PDDS_D3, CPUCR_STANDBY_FLAGS = PWR_CPUCR_SBF | PWR_CPUCR_SBF_D1 | PWR_CPUCR_SBF_D2,
    CR3_SUPPLY = PWR_CR3_BYPASS | PWR_CR3_LDOEN | PWR_CR3_SDEN | PWR_CR3_VBE | PWR_CR3_VBRS,
};

OBJECT_DECLARE_SIMPLE_TYPE(Stm32Pwr, STM32H7_PWR)

struct Stm32Pwr {
    Stm32Periph parent_obj;
    bool supply_set;            /* CR3's supply bits were written since power-on; before, the chip stays in Run* mode */
    bool overdrive;
    unsigned scale;
    bool standby, waking;       /* in Standby; and something has ended it */
    Stm32Periph *port[WAKEUP_PINS];
    uint32_t active;            /* wake-up pins that are enabled and at the level that wakes */
};

/* WKUP1 to WKUP6: which of GPIOA, GPIOC, GPIOI, and the pin (datasheet, table of pins). */
static const struct { uint8_t port, pin; } wakeup_pins[WAKEUP_PINS] = { { 0, 0 }, { 0, 2 }, { 2, 8 }, { 1, 13 }, { 2, 11 }, { 1, 1 } };

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

/* --- low-power modes (sections 6.7.3 to 6.7.10) --- */

bool stm32h7_pwr_enters_standby(Stm32Periph *pwr)
{
    Stm32Pwr *s = STM32H7_PWR(pwr);

    return s->standby && !s->waking && pwr->rcc->cause == RESET_STANDBY;
}

bool stm32h7_pwr_backup_regulator(Stm32Periph *pwr)
{
    return *periph_reg(pwr, PWR_CR2) & PWR_CR2_BREN;
}

void stm32h7_pwr_wake(Stm32Periph *pwr)
{
    Stm32Pwr *s = STM32H7_PWR(pwr);

    if (s->standby && !s->waking) {
        s->waking = true;
        stm32h7_rcc_request_reset(pwr->rcc, RESET_STANDBY);
    }
}

void stm32h7_pwr_sleep(Stm32Periph *pwr, bool asleep)
{
    Stm32Pwr *s = STM32H7_PWR(pwr);
    uint32_t *cpucr = periph_reg(pwr, PWR_CPUCR);

    if (s->standby) {
        return;
    }
    if (!asleep) {
        stm32h7_rcc_stop(pwr->rcc, false);
        *cpucr |= PWR_CPUCR_STOPF;
        return;
    }
    if ((*cpucr & CPUCR_STANDBY) == CPUCR_STANDBY && !(*cpucr & PWR_CPUCR_RUN_D3)) {
        s->standby = true;
        s->waking = *periph_reg(pwr, PWR_WKUPFR) != 0;              /* a flag that is still up ends it at once */
        stm32h7_rcc_request_reset(pwr->rcc, RESET_STANDBY);
        return;
    }
    if (*cpucr & CPUCR_STANDBY) {
        guest_unimplemented("PWR", "Standby of some domains only (CPUCR 0x%08x): all of them are in Stop", *cpucr);
    }
    stm32h7_rcc_stop(pwr->rcc, true);
}

/* A pin as the wake-up logic sees it: what drives it, or its own pull (WKUPPUPD). */
static bool wakeup_level(Stm32Pwr *s, unsigned i)
{
    unsigned pull = extract32(*periph_reg(&s->parent_obj, PWR_WKUPEPR), PULL_SHIFT + 2 * i, 2);
    int driven = stm32_gpio_driven(s->port[i], wakeup_pins[i].pin);

    if (driven >= 0) {
        return driven;
    }
    return pull == PULL_UP || (pull != PULL_DOWN && stm32_gpio_level(s->port[i], wakeup_pins[i].pin));
}

void stm32h7_pwr_pins_changed(Stm32Periph *pwr)
{
    Stm32Pwr *s = STM32H7_PWR(pwr);
    uint32_t wkupepr = *periph_reg(pwr, PWR_WKUPEPR), active = 0, rose;

    for (unsigned i = 0; i < WAKEUP_PINS && s->port[i]; i++) {
        bool falling = wkupepr & (1u << (PWR_WKUPEPR_WKUPP_Pos + i));

        active |= (wkupepr & (1u << i)) && wakeup_level(s, i) != falling ? 1u << i : 0;
    }
    rose = active & ~s->active;
    s->active = active;
    *periph_reg(pwr, PWR_WKUPFR) |= rose;
    if (rose) {
        stm32h7_pwr_wake(pwr);
    }
}

void stm32h7_pwr_set_ports(Stm32Periph *pwr, Stm32Periph *const ports[3])
{
    for (unsigned i = 0; i < WAKEUP_PINS; i++) {
        STM32H7_PWR(pwr)->port[i] = ports[wakeup_pins[i].port];
    }
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
    case PWR_WKUPEPR:
        stm32h7_pwr_pins_changed(p);
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
    uint32_t cr3 = *periph_reg(p, PWR_CR3), cr2 = *periph_reg(p, PWR_CR2), wkupepr = *periph_reg(p, PWR_WKUPEPR), wkupfr = *periph_reg(p, PWR_WKUPFR);
    bool power = !p->rcc || stm32h7_rcc_power_on(p->rcc);

    regs_reset(&p->regs);
    if (power) {
        s->supply_set = s->standby = s->waking = false;
    } else {
        *periph_reg(p, PWR_CR3) = cr3;
        *periph_reg(p, PWR_CR2) = cr2;
    }
    if (s->standby) {                   /* "not reset by wake-up from Standby" */
        *periph_reg(p, PWR_WKUPEPR) = wkupepr;
        *periph_reg(p, PWR_WKUPFR) = wkupfr;
    }
    if (s->standby && !stm32h7_pwr_enters_standby(p)) {
        *periph_reg(p, PWR_CPUCR) = CPUCR_STANDBY_FLAGS;
        s->standby = s->waking = false;
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
