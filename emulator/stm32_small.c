/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Peripherals of a few registers: HSEM (RM0433 section 10), DBGMCU (60.5.8), CRS (9), and SDMMC with an empty card slot (58). */
#include "qemu/osdep.h"

#include "dwc2.h"
#include "qemu/timer.h"
#include "stm32_periph.h"
#include "stm32h743_defs.h"
#include "stm32h7_rcc_device.h"

/* --- hardware semaphores; one core, whose bus master number is 3 --- */

enum {
    SEMAPHORES = 32, CORE_ID = 3 << HSEM_R_MASTERID_Pos,
};

#define TYPE_STM32_HSEM "stm32-hsem"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Hsem, STM32_HSEM)

struct Stm32Hsem {
    Stm32Periph parent_obj;
    qemu_irq irq;
};

static const RegDef hsem_registers[] = { STM32H743_HSEM };
static const RegMap hsem_map = REG_MAP(hsem_registers, HSEM_BYTES);

static void hsem_update_irq(Stm32Periph *p)
{
    qemu_set_irq(STM32_HSEM(p)->irq, (*periph_reg(p, HSEM_C1ISR) & *periph_reg(p, HSEM_C1IER)) != 0);
}

static void hsem_release(Stm32Periph *p, unsigned n)
{
    *periph_reg(p, HSEM_R + 4 * n) = 0;
    *periph_reg(p, HSEM_C1ISR) |= 1u << n;
}

static uint32_t hsem_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    if (offset >= HSEM_RLR && offset < HSEM_C1IER) {                  /* reading takes it, for process 0 */
        uint32_t *semaphore = periph_reg(p, offset - HSEM_RLR);

        if (!(*semaphore & HSEM_R_LOCK)) {
            *semaphore = HSEM_R_LOCK | CORE_ID;
        }
        return *semaphore;
    }
    return offset == HSEM_C1MISR ? *periph_reg(p, HSEM_C1ISR) & *periph_reg(p, HSEM_C1IER) : stored;
}

static void hsem_write(Stm32Periph *p, const RegWrite *w)
{
    uint32_t *semaphore = periph_reg(p, w->offset), owner = w->raw & (HSEM_R_MASTERID | HSEM_R_PROCID);

    if (w->offset < HSEM_RLR) {
        if ((w->raw & HSEM_R_LOCK) && !(*semaphore & HSEM_R_LOCK) && (owner & HSEM_R_MASTERID) == CORE_ID) {
            *semaphore = HSEM_R_LOCK | owner;
        } else if (!(w->raw & HSEM_R_LOCK) && (*semaphore & (HSEM_R_MASTERID | HSEM_R_PROCID)) == owner) {
            hsem_release(p, w->offset / 4);
        }
    } else if (w->offset == HSEM_C1ICR) {
        *periph_reg(p, HSEM_C1ISR) &= ~w->raw;
    } else if (w->offset == HSEM_CR && (w->raw & HSEM_CR_KEY) == *periph_reg(p, HSEM_KEYR)) {
        for (unsigned i = 0; i < SEMAPHORES; i++) {
            hsem_release(p, i);
        }
    }
    hsem_update_irq(p);
}

static void hsem_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_HSEM(obj)->irq);
}

static void hsem_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &hsem_map;
    pc->read = hsem_read;
    pc->write = hsem_write;
    pc->reset = hsem_update_irq;
}

/* --- chip identity: device 0x450, revision V --- */

#define TYPE_STM32H7_DBGMCU "stm32h7-dbgmcu"
static const RegDef dbgmcu_registers[] = { STM32H743_DBGMCU };
static const RegMap dbgmcu_map = REG_MAP(dbgmcu_registers, DBGMCU_BYTES);

static void dbgmcu_class_init(ObjectClass *klass, void *data)
{
    STM32_PERIPH_CLASS(klass)->map = &dbgmcu_map;
}

/* --- clock recovery: HSI48 is exact here, so every comparison is right, if there is something to compare it with --- */

enum { SYNC_LSE = 1, SYNC_OTG1, SYNC_OTG2 };
#define SYNC_NS 1000000                 /* a frame; the dividers aren't modelled */
#define CRS_ENABLES (CRS_CR_SYNCOKIE | CRS_CR_SYNCWARNIE | CRS_CR_ERRIE | CRS_CR_ESYNCIE)

#define TYPE_STM32_CRS "stm32-crs"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Crs, STM32_CRS)

struct Stm32Crs {
    Stm32Periph parent_obj;
    qemu_irq irq;
    int64_t due;                        /* of the next comparison */
    QEMUTimer timer;                    /* runs while an interrupt waits for it */
};

static const RegDef crs_registers[] = { STM32H743_CRS };
static const RegMap crs_map = REG_MAP(crs_registers, CRS_BYTES);

static bool crs_synchronised(Stm32Periph *p)
{
    unsigned source = FIELD_OF(*periph_reg(p, CRS_CFGR), CRS_CFGR_SYNCSRC);

    if (source == SYNC_LSE) {
        return p->rcc->tree.lse != 0;
    }
    for (unsigned i = 0; source && i < p->rcc->peripherals->len; i++) {
        Stm32Periph *other = g_ptr_array_index(p->rcc->peripherals, i);

        if (!strcmp(other->name, source == SYNC_OTG1 ? "OTG1_HS" : "OTG2_FS")) {
            return dwc2_has_frames(other);
        }
    }
    return false;
}

/* Brings the flags up to now; the same flag again is no news, so one comparison does for all that were due. */
static void crs_compare(Stm32Crs *s)
{
    Stm32Periph *p = &s->parent_obj;
    uint32_t *isr = periph_reg(p, CRS_ISR), cr = *periph_reg(p, CRS_CR);
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    if ((cr & CRS_CR_CEN) && now >= s->due) {
        *isr |= CRS_ISR_ESYNCF | (crs_synchronised(p) ? CRS_ISR_SYNCOKF : CRS_ISR_ERRF | CRS_ISR_SYNCMISS);
        s->due = now + SYNC_NS;
    }
    qemu_set_irq(s->irq, (*isr & cr & CRS_ENABLES) != 0);
    if ((cr & CRS_CR_CEN) && (cr & CRS_ENABLES & ~*isr)) {
        timer_mod(&s->timer, s->due);
    } else {
        timer_del(&s->timer);
    }
}

static void crs_due(void *opaque)
{
    crs_compare(opaque);
}

static uint32_t crs_read(Stm32Periph *p, uint32_t offset, uint32_t stored)
{
    crs_compare(STM32_CRS(p));
    return *periph_reg(p, offset);
}

static void crs_write(Stm32Periph *p, const RegWrite *w)
{
    Stm32Crs *s = STM32_CRS(p);
    int64_t next = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + SYNC_NS;

    if (w->offset == CRS_CR) {
        s->due = w->value & ~w->old & CRS_CR_CEN ? next : s->due;
        *periph_reg(p, CRS_CR) &= ~CRS_CR_SWSYNC;
    } else if (w->offset == CRS_ICR) {
        uint32_t error = w->raw & CRS_ISR_ERRF ? CRS_ISR_SYNCERR | CRS_ISR_SYNCMISS | CRS_ISR_TRIMOVF : 0;

        *periph_reg(p, CRS_ISR) &= ~((w->raw & CRS_ENABLES) | error);
        s->due = next;
    }
    crs_compare(s);
}

static void crs_reset(Stm32Periph *p)
{
    crs_compare(STM32_CRS(p));
}

static void crs_setup(Stm32Periph *p, Error **errp)
{
    timer_init_ns(&STM32_CRS(p)->timer, QEMU_CLOCK_VIRTUAL, crs_due, p);
}

static void crs_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_CRS(obj)->irq);
}

static void crs_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &crs_map;
    pc->read = crs_read;
    pc->write = crs_write;
    pc->reset = crs_reset;
    pc->setup = crs_setup;
}

/* --- SD host with no card: commands without response are sent, all others time out --- */

#define TYPE_STM32_SDMMC "stm32-sdmmc"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32Sdmmc, STM32_SDMMC)

struct Stm32Sdmmc {
    Stm32Periph parent_obj;
    qemu_irq irq;
};

static const RegDef sdmmc_registers[] = { STM32H743_SDMMC };
static const RegMap sdmmc_map = REG_MAP(sdmmc_registers, SDMMC_BYTES);

static void sdmmc_update_irq(Stm32Periph *p)
{
    qemu_set_irq(STM32_SDMMC(p)->irq, (*periph_reg(p, SDMMC_STAR) & *periph_reg(p, SDMMC_MASKR)) != 0);
}

static void sdmmc_write(Stm32Periph *p, const RegWrite *w)
{
    if (w->offset == SDMMC_CMDR && (w->value & SDMMC_CMDR_CPSMEN)) {
        *periph_reg(p, SDMMC_STAR) |= FIELD_OF(w->value, SDMMC_CMDR_WAITRESP) ? SDMMC_STAR_CTIMEOUT : SDMMC_STAR_CMDSENT;
        *periph_reg(p, SDMMC_CMDR) &= ~SDMMC_CMDR_CPSMEN;
    } else if (w->offset == SDMMC_ICR) {
        *periph_reg(p, SDMMC_STAR) &= ~w->raw;
    }
    sdmmc_update_irq(p);
}

static void sdmmc_init(Object *obj)
{
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &STM32_SDMMC(obj)->irq);
}

static void sdmmc_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &sdmmc_map;
    pc->write = sdmmc_write;
    pc->reset = sdmmc_update_irq;
}

static const TypeInfo small_types[] = {
    {
        .name = TYPE_STM32_HSEM,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Hsem),
        .instance_init = hsem_init,
        .class_init = hsem_class_init,
    }, {
        .name = TYPE_STM32H7_DBGMCU,
        .parent = TYPE_STM32_PERIPH,
        .class_init = dbgmcu_class_init,
    }, {
        .name = TYPE_STM32_CRS,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Crs),
        .instance_init = crs_init,
        .class_init = crs_class_init,
    }, {
        .name = TYPE_STM32_SDMMC,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Sdmmc),
        .instance_init = sdmmc_init,
        .class_init = sdmmc_class_init,
    },
};

DEFINE_TYPES(small_types)
