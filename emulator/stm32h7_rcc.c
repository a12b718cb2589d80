/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reset and clock control of an STM32H7 (RM0433 section 8): gates, resets, reset flags, ready bits. */
#include "qemu/osdep.h"

#include "stm32h743_defs.h"
#include "stm32h7_rcc_device.h"

#include "hw/qdev-clock.h"
#include "hw/qdev-properties.h"
#include "stm32h7_flash.h"
#include "stm32h7_pwr.h"
#include "system/runstate.h"

enum {
    CR_PLLS = 0x3f000000, SYSTICK_DIVIDER = 8, BDCR_BDRST = 1u << 16, RSR_RMVF = 1u << 16,
    /* RCC_RSR, section 8.7.39; table 57 says which come with what. */
    RSR_CPU = 1u << 17, RSR_D1 = 1u << 19, RSR_D2 = 1u << 20, RSR_BOR = 1u << 21, RSR_PIN = 1u << 22, RSR_POR = 1u << 23,
    RSR_SFT = 1u << 24, RSR_IWDG = 1u << 26, RSR_WWDG = 1u << 28,
};

static const uint32_t reset_flags[] = {
    [RESET_POWER] = RSR_POR | RSR_PIN | RSR_BOR | RSR_D2 | RSR_D1 | RSR_CPU,
    [RESET_PIN] = RSR_PIN | RSR_CPU,
    [RESET_SOFTWARE] = RSR_SFT | RSR_PIN | RSR_CPU,
    [RESET_IWDG] = RSR_IWDG | RSR_PIN | RSR_CPU,
    [RESET_WWDG] = RSR_WWDG | RSR_PIN | RSR_CPU,
};

/* The enable and low-power enable registers appear twice: for the bus, and for "CPU 1" at +0x60. */
#define ENABLES(base) \
    { (base) + 0x04, "AHB3ENR", 0, 0x00015031 }, { (base) + 0x08, "AHB1ENR", 0, 0x1e038023 }, \
    { (base) + 0x0c, "AHB2ENR", 0, 0xe0000271 }, { (base) + 0x10, "AHB4ENR", 0, 0x132807ff }, \
    { (base) + 0x14, "APB3ENR", 0, 0x48 }, { (base) + 0x18, "APB1LENR", 0, 0xe8ffc3ff }, { (base) + 0x1c, "APB1HENR", 0, 0x136 }, \
    { (base) + 0x20, "APB2ENR", 0, 0x31d73033 }, { (base) + 0x24, "APB4ENR", 0x00010000, 0x0021deaa }, \
    { (base) + 0x2c, "AHB3LPENR", 0xf0015131, 0xf0015131 }, { (base) + 0x30, "AHB1LPENR", 0x1e038023, 0x1e038023 }, \
    { (base) + 0x34, "AHB2LPENR", 0xe0000271, 0xe0000271 }, { (base) + 0x38, "AHB4LPENR", 0x312807ff, 0x312807ff }, \
    { (base) + 0x3c, "APB3LPENR", 0x48, 0x48 }, { (base) + 0x40, "APB1LLPENR", 0xe8ffc3ff, 0xe8ffc3ff }, \
    { (base) + 0x44, "APB1HLPENR", 0x136, 0x136 }, { (base) + 0x48, "APB2LPENR", 0x31d73033, 0x31d73033 }, \
    { (base) + 0x4c, "APB4LPENR", 0x0021deaa, 0x0021deaa }

static const RegDef rcc_registers[] = { STM32H743_RCC };

static const RegMap rcc_map = REG_MAP(rcc_registers, 0x400);

static uint32_t *reg(Stm32Rcc *rcc, uint32_t offset)
{
    return periph_reg(&rcc->parent_obj, offset);
}

bool stm32h7_rcc_enabled(Stm32Rcc *rcc, Stm32Gate gate)
{
    return !gate.enable || (*reg(rcc, gate.enable) & (1u << gate.bit));
}

uint32_t stm32h7_rcc_cpu_hz(Stm32Rcc *rcc)
{
    return rcc->tree.cpu;
}

void stm32h7_rcc_attach(Stm32Rcc *rcc, Stm32Periph *p)
{
    g_ptr_array_add(rcc->peripherals, p);
}

void stm32h7_rcc_set_cause(Stm32Rcc *rcc, Stm32ResetCause cause)
{
    rcc->cause = cause;
}

bool stm32h7_rcc_power_on(Stm32Rcc *rcc)
{
    return rcc->cause == RESET_POWER;
}

void stm32h7_rcc_request_reset(Stm32Rcc *rcc, Stm32ResetCause cause)
{
    rcc->cause = cause;
    qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
}

void stm32h7_rcc_check(Stm32Rcc *rcc)
{
    const Stm32ClockTree *t = &rcc->tree;
    uint32_t cpu_max, apb_max, wait;

    if (!rcc->pwr || !rcc->flash || rcc->complained_hz == t->cpu) {
        return;
    }
    cpu_max = stm32h7_pwr_cpu_max_hz(rcc->pwr);
    apb_max = MAX(cpu_max / 4, 64000000u);                         /* what the chip starts with */
    wait = stm32h7_flash_wait_states(stm32h7_pwr_voltage_scale(rcc->pwr), t->hclk);
    if (t->cpu > cpu_max || t->hclk > cpu_max / 2) {
        guest_error("RCC", "CPU at %u Hz, AXI at %u Hz: too fast for voltage scale %u (at most %u Hz and half of it)",
                    t->cpu, t->hclk, stm32h7_pwr_voltage_scale(rcc->pwr), cpu_max);
    } else if (t->pclk1 > apb_max || t->pclk2 > apb_max || t->pclk3 > apb_max || t->pclk4 > apb_max) {
        guest_error("RCC", "an APB bus runs faster than %u Hz", apb_max);
    } else if (stm32h7_flash_latency(rcc->flash) < wait) {
        guest_error("FLASH", "%u wait states are too few for AXI at %u Hz (%u needed)",
                    stm32h7_flash_latency(rcc->flash), t->hclk, wait);
    } else {
        return;
    }
    rcc->complained_hz = t->cpu;
}

/* Recomputes everything after a change, and tells those whom it concerns. */
static void clocks_changed(Stm32Rcc *rcc)
{
    Stm32ClockTree old = rcc->tree;

    stm32h7_clocks_compute(rcc, &rcc->tree);
    if (!rcc->tree.cpu) {
        guest_error("RCC", "the system clock's source is off; the chip would stand still");
        rcc->tree.sys = rcc->tree.cpu = rcc->tree.hclk = old.cpu ? old.cpu : 64000000;
    }
    if (rcc->tree.cpu != old.cpu) {
        clock_update_hz(rcc->refclk, rcc->tree.cpu / SYSTICK_DIVIDER);
        clock_update_hz(rcc->cpuclk, rcc->tree.cpu);
        rcc->complained_hz = 0;
        stm32h7_rcc_check(rcc);
    }
    for (unsigned i = 0; i < rcc->peripherals->len; i++) {
        Stm32Periph *p = g_ptr_array_index(rcc->peripherals, i);

        if (STM32_PERIPH_GET_CLASS(p)->clocks) {
            STM32_PERIPH_GET_CLASS(p)->clocks(p);
        }
    }
}

/* Oscillators and PLLs are ready as soon as they are on; a newly ready one may interrupt (CIFR). */
static void update_ready(Stm32Rcc *rcc)
{
    static const struct { uint8_t on, ready, flag; } list[] = {
        { 0, 2, 2 }, { 7, 8, 4 }, { 12, 13, 5 }, { 16, 17, 3 }, { 24, 25, 6 }, { 26, 27, 7 }, { 28, 29, 8 },
    };
    uint32_t *cr = reg(rcc, RCC_CR);

    for (unsigned i = 0; i < ARRAY_SIZE(list); i++) {
        uint32_t ready = 1u << list[i].ready;
        bool on = *cr & (1u << list[i].on);

        if (list[i].on == 16 && !rcc->hse_hz) {
            on = false;
        }
        if (on && !(*cr & ready)) {
            *cr |= ready;
            *reg(rcc, RCC_CIFR) |= (1u << list[i].flag) & *reg(rcc, RCC_CIER);
        } else if (!on) {
            *cr &= ~ready;
        }
    }
    *cr |= 1u << 5;                                             /* HSIDIVF: the divider is what HSIDIV says */
    qemu_set_irq(rcc->irq, *reg(rcc, RCC_CIFR) != 0);
}

static void write_cr(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t started = w->value & ~w->old & CR_PLLS;
    uint32_t source = extract32(*reg(rcc, RCC_CFGR), 3, 3);
    static const uint32_t source_on[4] = { 1u << 0, 1u << 7, 1u << 16, 1u << 24 };

    if (source < 4 && !(w->value & source_on[source])) {
        guest_error("RCC", "CR switches the system clock's own source off; ignored");
        *reg(rcc, RCC_CR) |= source_on[source];
    }
    update_ready(rcc);
    for (unsigned pll = 0; pll < 3; pll++) {
        if (started & (1u << (24 + 2 * pll))) {
            Stm32ClockTree now;

            stm32h7_clocks_compute(rcc, &now);
            rcc->tree.hsi = now.hsi;
            rcc->tree.csi = now.csi;
            rcc->tree.hse = now.hse;
            stm32h7_clocks_pll_valid(rcc, pll);
        }
    }
}

static void write_cfgr(Stm32Rcc *rcc, const RegWrite *w)
{
    static const uint32_t ready[4] = { 1u << 2, 1u << 8, 1u << 17, 1u << 25 };
    unsigned wanted = w->value & 7;

    if (wanted >= 4 || !(*reg(rcc, RCC_CR) & ready[wanted])) {
        guest_error("RCC", "CFGR selects system clock %u, which isn't ready", wanted);
        return;
    }
    *reg(rcc, RCC_CFGR) = (w->value & ~(7u << 3)) | wanted << 3;
}

/* A PLL that runs keeps its settings, but for the fraction and the output enables of PLLCFGR. */
static bool pll_locked(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t cr = *reg(rcc, RCC_CR);
    uint32_t changed = w->old ^ w->value, locked = 0;

    for (unsigned pll = 0; pll < 3; pll++) {
        if (!(cr & (1u << (24 + 2 * pll)))) {
            continue;
        }
        if (w->offset == RCC_PLLCKSELR) {
            locked |= 3u | 0x3fu << (4 + 8 * pll);
        } else if (w->offset == RCC_PLLCFGR) {
            locked |= 0xeu << (4 * pll);
        } else if (w->offset == RCC_PLL1DIVR + 8 * pll) {
            locked |= 0xffffffff;
        }
    }
    return changed & locked;
}

static void write_bdcr(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t *bdcr = reg(rcc, RCC_BDCR), value;
    const uint32_t writable = 0x0001833d;

    if (!stm32h7_pwr_backup_writable(rcc->pwr)) {
        guest_error("RCC", "write to BDCR while PWR_CR1.DBP protects the backup domain");
        return;
    }
    value = (*bdcr & ~(writable & w->lanes)) | (w->raw & writable);
    if ((*bdcr & 0x300) && ((value ^ *bdcr) & 0x300) && !(value & BDCR_BDRST)) {
        value = (value & ~0x300u) | (*bdcr & 0x300);            /* RTCSEL can be set once */
    }
    if (value & BDCR_BDRST) {
        for (unsigned i = 0; !(*bdcr & BDCR_BDRST) && i < rcc->peripherals->len; i++) {
            Stm32Periph *p = g_ptr_array_index(rcc->peripherals, i);

            if (STM32_PERIPH_GET_CLASS(p)->backup_domain) {
                periph_reset(p);
            }
        }
        value = BDCR_BDRST;
    }
    value &= ~2u;
    if ((value & 1) && rcc->lse_hz) {
        value |= 2;
    }
    *bdcr = value;
}

/* Reset bits: the peripherals behind the bits that rose start anew. */
static void write_reset(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t rose = w->value & ~w->old;

    for (unsigned i = 0; rose && i < rcc->peripherals->len; i++) {
        Stm32Periph *p = g_ptr_array_index(rcc->peripherals, i);

        if (p->gate.reset == w->offset && (rose & (1u << p->gate.bit))) {
            periph_reset(p);
        }
    }
}

static void update_gated_memory(Stm32Rcc *rcc)
{
    const bool on[4] = {
        *reg(rcc, RCC_AHB2ENR) & (1u << 29), *reg(rcc, RCC_AHB2ENR) & (1u << 30), *reg(rcc, RCC_AHB2ENR) & (1u << 31),
        *reg(rcc, RCC_AHB4ENR) & (1u << 28),
    };

    for (unsigned i = 0; i < ARRAY_SIZE(on); i++) {
        if (rcc->gated[i]) {
            memory_region_set_enabled(rcc->gated[i], !on[i]);
        }
    }
}

static void rcc_write(Stm32Periph *p, const RegWrite *write)
{
    Stm32Rcc *rcc = STM32H7_RCC(p);
    RegWrite w = *write;

    if (w.offset >= RCC_C1_RSR && w.offset < RCC_C1_END) {      /* the other name of the same register */
        w.offset -= RCC_C1_RSR - RCC_RSR;
        *reg(rcc, w.offset) = w.value;
    }
    switch (w.offset) {
    case RCC_CR:
        write_cr(rcc, &w);
        break;
    case RCC_CFGR:
        *reg(rcc, RCC_CFGR) = (w.value & ~(7u << 3)) | (w.old & (7u << 3));
        write_cfgr(rcc, &w);
        break;
    case RCC_PLLCKSELR: case RCC_PLLCFGR: case RCC_PLL1DIVR: case RCC_PLL1DIVR + 8: case RCC_PLL1DIVR + 16:
        if (pll_locked(rcc, &w)) {
            guest_error("RCC", "%s written while its PLL runs; ignored", regs_name(&p->regs, w.offset));
            *reg(rcc, w.offset) = w.old;
        }
        break;
    case RCC_BDCR:
        write_bdcr(rcc, &w);
        break;
    case RCC_CSR:
        *reg(rcc, RCC_CSR) = (w.value & 1) * 3;
        break;
    case RCC_CICR:
        *reg(rcc, RCC_CIFR) &= ~w.raw;
        update_ready(rcc);
        break;
    case RCC_RSR:
        if (w.raw & RSR_RMVF) {
            *reg(rcc, RCC_RSR) = 0;
        }
        break;
    case RCC_AHB3RSTR ... RCC_APB4RSTR:
        write_reset(rcc, &w);
        return;
    default:
        break;
    }
    if (w.offset >= RCC_RSR && w.offset < RCC_AHB3LPENR + 0x24) {
        *reg(rcc, w.offset + RCC_C1_RSR - RCC_RSR) = *reg(rcc, w.offset);
        update_gated_memory(rcc);
    }
    clocks_changed(rcc);
}

static void rcc_reset(Stm32Periph *p)
{
    Stm32Rcc *rcc = STM32H7_RCC(p);

    update_ready(rcc);
    update_gated_memory(rcc);
    rcc->complained_hz = 0;
    clocks_changed(rcc);
}

/* BDCR and the reset flags outlive the reset of everything else. */
static void rcc_reset_hold(Object *obj, ResetType type)
{
    Stm32Rcc *rcc = STM32H7_RCC(obj);
    bool power = stm32h7_rcc_power_on(rcc);
    uint32_t bdcr = power ? 0 : *reg(rcc, RCC_BDCR);
    uint32_t flags = (power ? 0 : *reg(rcc, RCC_RSR)) | reset_flags[rcc->cause];

    regs_reset(&rcc->parent_obj.regs);
    *reg(rcc, RCC_BDCR) = bdcr;
    *reg(rcc, RCC_RSR) = *reg(rcc, RCC_C1_RSR) = flags;
    rcc_reset(&rcc->parent_obj);
}

/* Whoever pulls reset next without a word is the NRST pin. */
static void rcc_reset_exit(Object *obj, ResetType type)
{
    STM32H7_RCC(obj)->cause = RESET_PIN;
}

static void rcc_init(Object *obj)
{
    Stm32Rcc *rcc = STM32H7_RCC(obj);

    rcc->peripherals = g_ptr_array_new();
    rcc->cause = RESET_POWER;
    rcc->cpuclk = qdev_init_clock_out(DEVICE(obj), "cpuclk");
    rcc->refclk = qdev_init_clock_out(DEVICE(obj), "refclk");
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &rcc->irq);
}

/* The core wants to see its clock before the first reset. */
static void rcc_setup(Stm32Periph *p, Error **errp)
{
    Stm32Rcc *rcc = STM32H7_RCC(p);

    stm32h7_clocks_compute(rcc, &rcc->tree);
    clock_set_hz(rcc->cpuclk, rcc->tree.cpu);
    clock_set_hz(rcc->refclk, rcc->tree.cpu / SYSTICK_DIVIDER);
}

static const Property rcc_properties[] = {
    DEFINE_PROP_UINT32("hse-hz", Stm32Rcc, hse_hz, 0),
    DEFINE_PROP_UINT32("lse-hz", Stm32Rcc, lse_hz, 0),
};

static void rcc_class_init(ObjectClass *klass, void *data)
{
    Stm32PeriphClass *pc = STM32_PERIPH_CLASS(klass);

    pc->map = &rcc_map;
    pc->write = rcc_write;
    pc->setup = rcc_setup;
    RESETTABLE_CLASS(klass)->phases.hold = rcc_reset_hold;
    RESETTABLE_CLASS(klass)->phases.exit = rcc_reset_exit;
    device_class_set_props(DEVICE_CLASS(klass), rcc_properties);
}

static const TypeInfo rcc_types[] = {
    {
        .name = TYPE_STM32H7_RCC,
        .parent = TYPE_STM32_PERIPH,
        .instance_size = sizeof(Stm32Rcc),
        .instance_init = rcc_init,
        .class_init = rcc_class_init,
    },
};

DEFINE_TYPES(rcc_types)
