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
    CR_PLLS = RCC_CR_PLL1ON | RCC_CR_PLL1RDY | RCC_CR_PLL2ON | RCC_CR_PLL2RDY | RCC_CR_PLL3ON | RCC_CR_PLL3RDY, SYSTICK_DIVIDER = 8,
    STOPPED_HZ = 1,                                             /* a QEMU timer can't stand still */

};

static const uint32_t reset_flags[] = {
    [RESET_POWER] = RCC_RSR_PORRSTF | RCC_RSR_PINRSTF | RCC_RSR_BORRSTF | RCC_RSR_D2RSTF | RCC_RSR_D1RSTF | RCC_RSR_CPURSTF,
    [RESET_PIN] = RCC_RSR_PINRSTF | RCC_RSR_CPURSTF,
    [RESET_SOFTWARE] = RCC_RSR_SFTRSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF,
    [RESET_IWDG] = RCC_RSR_IWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF,
    [RESET_STANDBY] = RCC_RSR_D2RSTF | RCC_RSR_D1RSTF | RCC_RSR_CPURSTF,
    [RESET_WWDG] = RCC_RSR_WWDG1RSTF | RCC_RSR_PINRSTF | RCC_RSR_CPURSTF,
};

static const RegDef rcc_registers[] = { STM32H743_RCC };

static const RegMap rcc_map = REG_MAP(rcc_registers, RCC_BYTES);

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
    uint32_t hz;

    stm32h7_clocks_compute(rcc, &rcc->tree);
    if (!rcc->tree.cpu && !rcc->stopped) {
        guest_error("RCC", "the system clock's source is off; the chip would stand still");
        rcc->tree.sys = rcc->tree.cpu = rcc->tree.hclk = old.cpu ? old.cpu : 64000000;
    }
    hz = rcc->stopped ? STOPPED_HZ : rcc->tree.cpu;
    if (hz != rcc->core_hz) {
        rcc->core_hz = hz;
        clock_update_hz(rcc->refclk, MAX(hz / SYSTICK_DIVIDER, STOPPED_HZ));
        clock_update_hz(rcc->cpuclk, hz);
        rcc->complained_hz = 0;
        stm32h7_rcc_check(rcc);
    }
    clock_update_hz(rcc->mco1, stm32h7_clocks_mco1(rcc));
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
    static const struct { uint32_t on, ready, flag; } list[] = {
        { RCC_CR_HSION, RCC_CR_HSIRDY, RCC_CIFR_HSIRDYF }, { RCC_CR_CSION, RCC_CR_CSIRDY, RCC_CIFR_CSIRDYF },
        { RCC_CR_HSI48ON, RCC_CR_HSI48RDY, RCC_CIFR_HSI48RDYF }, { RCC_CR_HSEON, RCC_CR_HSERDY, RCC_CIFR_HSERDYF },
        { RCC_CR_PLL1ON, RCC_CR_PLL1RDY, RCC_CIFR_PLL1RDYF }, { RCC_CR_PLL2ON, RCC_CR_PLL2RDY, RCC_CIFR_PLL2RDYF },
        { RCC_CR_PLL3ON, RCC_CR_PLL3RDY, RCC_CIFR_PLL3RDYF },
    };
    uint32_t *cr = reg(rcc, RCC_CR);

    for (unsigned i = 0; i < ARRAY_SIZE(list); i++) {
        uint32_t ready = list[i].ready;
        bool on = *cr & list[i].on;

        if (list[i].on == RCC_CR_HSEON && !rcc->hse_hz) {
            on = false;
        }
        if (on && !(*cr & ready)) {
            *cr |= ready;
            *reg(rcc, RCC_CIFR) |= list[i].flag & *reg(rcc, RCC_CIER);
        } else if (!on) {
            *cr &= ~ready;
        }
    }
    *cr |= RCC_CR_HSIDIVF;                                      /* the divider is what HSIDIV says */
    qemu_set_irq(rcc->irq, *reg(rcc, RCC_CIFR) != 0);
}

static void write_cr(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t started = w->value & ~w->old & CR_PLLS;
    uint32_t source = FIELD_OF(*reg(rcc, RCC_CFGR), RCC_CFGR_SWS);
    static const uint32_t source_on[4] = { RCC_CR_HSION, RCC_CR_CSION, RCC_CR_HSEON, RCC_CR_PLL1ON };

    if (source < 4 && !(w->value & source_on[source])) {
        guest_error("RCC", "CR switches the system clock's own source off; ignored");
        *reg(rcc, RCC_CR) |= source_on[source];
    }
    update_ready(rcc);
    for (unsigned pll = 0; pll < 3; pll++) {
        if (started & (RCC_CR_PLL1ON << (2 * pll))) {
            Stm32ClockTree now;

            stm32h7_clocks_compute(rcc, &now);
            rcc->tree.hsi = now.hsi;
            rcc->tree.csi = now.csi;
            rcc->tree.hse = now.hse;
            stm32h7_clocks_pll_valid(rcc, pll);
        }
    }
}

void stm32h7_rcc_stop(Stm32Rcc *rcc, bool stopped)
{
    uint32_t *cr = reg(rcc, RCC_CR), *cfgr = reg(rcc, RCC_CFGR);
    bool csi = *cfgr & RCC_CFGR_STOPWUCK;

    rcc->stopped = stopped;
    if (!stopped) {                                             /* section 8.5.2: the hardware has cleared them */
        *cr &= ~(RCC_CR_HSEON | RCC_CR_HSECSSON | RCC_CR_HSI48ON | RCC_CR_PLL1ON | RCC_CR_PLL2ON | RCC_CR_PLL3ON);
        *cr |= csi ? RCC_CR_CSION : RCC_CR_HSION;
        *cfgr = (*cfgr & ~(RCC_CFGR_SW | RCC_CFGR_SWS)) | csi << RCC_CFGR_SW_Pos | csi << RCC_CFGR_SWS_Pos;
        update_ready(rcc);
    }
    clocks_changed(rcc);
}

bool stm32h7_rcc_stopped(Stm32Rcc *rcc)
{
    return rcc->stopped;
}

static void write_cfgr(Stm32Rcc *rcc, const RegWrite *w)
{
    static const uint32_t ready[4] = { RCC_CR_HSIRDY, RCC_CR_CSIRDY, RCC_CR_HSERDY, RCC_CR_PLL1RDY };
    unsigned wanted = w->value & RCC_CFGR_SW;

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
        if (!(cr & (RCC_CR_PLL1ON << (2 * pll)))) {
            continue;
        }
        if (w->offset == RCC_PLLCKSELR) {
            locked |= RCC_PLLCKSELR_PLLSRC | RCC_PLLCKSELR_DIVM1 << (8 * pll);
        } else if (w->offset == RCC_PLLCFGR) {
            locked |= (RCC_PLLCFGR_PLL1VCOSEL | RCC_PLLCFGR_PLL1RGE) << (4 * pll);
        } else if (w->offset == RCC_DIVR + RCC_PLL_STRIDE * pll) {
            locked |= 0xffffffff;
        }
    }
    return changed & locked;
}

static void write_bdcr(Stm32Rcc *rcc, const RegWrite *w)
{
    uint32_t *bdcr = reg(rcc, RCC_BDCR), value;
    const uint32_t writable = RCC_BDCR_LSEON | RCC_BDCR_LSEBYP | RCC_BDCR_LSEDRV | RCC_BDCR_LSECSSON | RCC_BDCR_RTCSEL |
                              RCC_BDCR_RTCEN | RCC_BDCR_BDRST;

    if (!stm32h7_pwr_backup_writable(rcc->pwr)) {
        guest_error("RCC", "write to BDCR while PWR_CR1.DBP protects the backup domain");
        return;
    }
    value = (*bdcr & ~(writable & w->lanes)) | (w->raw & writable);
    if ((*bdcr & RCC_BDCR_RTCSEL) && ((value ^ *bdcr) & RCC_BDCR_RTCSEL) && !(value & RCC_BDCR_BDRST)) {
        value = (value & ~RCC_BDCR_RTCSEL) | (*bdcr & RCC_BDCR_RTCSEL);            /* RTCSEL can be set once */
    }
    if (value & RCC_BDCR_BDRST) {
        for (unsigned i = 0; !(*bdcr & RCC_BDCR_BDRST) && i < rcc->peripherals->len; i++) {
            Stm32Periph *p = g_ptr_array_index(rcc->peripherals, i);

            if (STM32_PERIPH_GET_CLASS(p)->backup_domain) {
                periph_reset(p);
            }
        }
        value = RCC_BDCR_BDRST;
    }
    value &= ~RCC_BDCR_LSERDY;
    if ((value & RCC_BDCR_LSEON) && rcc->lse_hz) {
        value |= RCC_BDCR_LSERDY;
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
        *reg(rcc, RCC_AHB2ENR) & RCC_AHB2ENR_SRAM1EN, *reg(rcc, RCC_AHB2ENR) & RCC_AHB2ENR_SRAM2EN, *reg(rcc, RCC_AHB2ENR) & RCC_AHB2ENR_SRAM3EN,
        *reg(rcc, RCC_AHB4ENR) & RCC_AHB4ENR_BKPRAMEN,
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

    if (w.offset >= RCC_C1_RSR && w.offset <= RCC_C1_APB4LPENR) {      /* the other name of the same register */
        w.offset -= RCC_C1_RSR - RCC_RSR;
        *reg(rcc, w.offset) = w.value;
    }
    switch (w.offset) {
    case RCC_CR:
        write_cr(rcc, &w);
        break;
    case RCC_CFGR:
        *reg(rcc, RCC_CFGR) = (w.value & ~RCC_CFGR_SWS) | (w.old & RCC_CFGR_SWS);
        write_cfgr(rcc, &w);
        break;
    case RCC_PLLCKSELR: case RCC_PLLCFGR: case RCC_DIVR: case RCC_DIVR + RCC_PLL_STRIDE: case RCC_DIVR + 2 * RCC_PLL_STRIDE:
        if (pll_locked(rcc, &w)) {
            guest_error("RCC", "%s written while its PLL runs; ignored", regs_name(&p->regs, w.offset));
            *reg(rcc, w.offset) = w.old;
        }
        break;
    case RCC_BDCR:
        write_bdcr(rcc, &w);
        break;
    case RCC_CSR:
        *reg(rcc, RCC_CSR) = w.value & RCC_CSR_LSION ? RCC_CSR_LSION | RCC_CSR_LSIRDY : 0;
        break;
    case RCC_CICR:
        *reg(rcc, RCC_CIFR) &= ~w.raw;
        update_ready(rcc);
        break;
    case RCC_RSR:
        if (w.raw & RCC_RSR_RMVF) {
            *reg(rcc, RCC_RSR) = 0;
        }
        break;
    case RCC_AHB3RSTR ... RCC_APB4RSTR:
        write_reset(rcc, &w);
        return;
    default:
        break;
    }
    if (w.offset >= RCC_RSR && w.offset <= RCC_APB4LPENR) {
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
    uint32_t lsi = rcc->cause == RESET_STANDBY ? *reg(rcc, RCC_CSR) : 0;       /* it runs in Standby (section 8.5.4) */

    regs_reset(&rcc->parent_obj.regs);
    rcc->stopped = false;
    *reg(rcc, RCC_BDCR) = bdcr;
    *reg(rcc, RCC_CSR) = lsi;
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
    rcc->mco1 = qdev_init_clock_out(DEVICE(obj), "mco1");
    rcc->refclk = qdev_init_clock_out(DEVICE(obj), "refclk");
    sysbus_init_irq(SYS_BUS_DEVICE(obj), &rcc->irq);
}

/* The core wants to see its clock before the first reset. */
static void rcc_setup(Stm32Periph *p, Error **errp)
{
    Stm32Rcc *rcc = STM32H7_RCC(p);

    stm32h7_clocks_compute(rcc, &rcc->tree);
    clock_set_hz(rcc->cpuclk, rcc->tree.cpu);
    rcc->core_hz = rcc->tree.cpu;
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
