/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cortex-M7 registers that QEMU lacks (armv7m_debug.h). Manuals: ARMv7-M ARM C1.6, C1.8; Cortex-M7 TRM 3.3. */
#include "qemu/osdep.h"

#include "armv7m_debug.h"
#include "poll.h"
#include "qemu/timer.h"
#include "target/arm/cpu.h"

enum {
    DWT_BASE = 0xe0001000, DWT_CTRL = 0x00, DWT_CYCCNT = 0x04, DWT_COMPARATORS = 0x40000000, CYCCNTENA = 1u << 0,
    DWT_FIRST_COMPARATOR = 0x20, DWT_LAST_COMPARATOR = 0x5c,
    DEBUG_BASE = 0xe000edf0, DEMCR = 0xc, TRCENA = 1u << 24,
    MEMORIES_BASE = 0xe000ef90,
    SLEEP_BASE = 0xe000ed10, SLEEPONEXIT = 1u << 1, SLEEPDEEP = 1u << 2, SEVONPEND = 1u << 4,
};

static uint64_t cycles(ArmDebug *d)
{
    return muldiv64(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), clock_get_hz(d->clock), NANOSECONDS_PER_SECOND);
}

static bool counting(ArmDebug *d);

/* The counter goes on from where it is when the core's frequency changes. */
static void clock_changed(void *opaque, ClockEvent event)
{
    ArmDebug *d = opaque;

    if (event == ClockPreUpdate && counting(d)) {
        d->stopped = cycles(d) - d->zero;
    } else if (event == ClockUpdate && counting(d)) {
        d->zero = cycles(d) - d->stopped;
    }
}

static bool counting(ArmDebug *d)
{
    return (d->ctrl & CYCCNTENA) && (d->demcr & TRCENA);
}

/* Starts or stops the counter where it is. */
static void change(ArmDebug *d, uint32_t *what, uint32_t value)
{
    bool was = counting(d);

    *what = value;
    if (was && !counting(d)) {
        d->stopped = cycles(d) - d->zero;
    } else if (!was && counting(d)) {
        d->zero = cycles(d) - d->stopped;
    }
}

static uint64_t dwt_read(void *opaque, hwaddr offset, unsigned size)
{
    ArmDebug *d = opaque;

    switch (offset) {
    case DWT_CTRL:
        return DWT_COMPARATORS | d->ctrl;
    case DWT_CYCCNT:
        poll_counter(d);
        return counting(d) ? (uint32_t)(cycles(d) - d->zero) : d->stopped;
    case DWT_FIRST_COMPARATOR ... DWT_LAST_COMPARATOR:
        return arm_halt_dwt_read(&d->halt, offset);
    default:
        return 0;
    }
}

static void dwt_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    ArmDebug *d = opaque;

    if (offset == DWT_CTRL) {
        change(d, &d->ctrl, value & 0x007f1fff);
    } else if (offset == DWT_CYCCNT) {
        d->stopped = value;
        d->zero = cycles(d) - value;
    } else if (offset >= DWT_FIRST_COMPARATOR && offset <= DWT_LAST_COMPARATOR) {
        arm_halt_dwt_write(&d->halt, offset, value);
    }
}

static uint64_t debug_read(void *opaque, hwaddr offset, unsigned size)
{
    ArmDebug *d = opaque;

    return offset == DEMCR ? d->demcr : arm_halt_read(&d->halt, offset);
}

static void debug_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    ArmDebug *d = opaque;

    if (offset == DEMCR) {
        change(d, &d->demcr, value & 0x010f07f1);
        arm_halt_set_catches(&d->halt, d->demcr);
    } else {
        arm_halt_write(&d->halt, offset, value);
    }
}

/* ITCMCR, DTCMCR, AHBPCR, CACR, AHBSCR, -, ABFSR: storage. */
static uint64_t memories_read(void *opaque, hwaddr offset, unsigned size)
{
    return ((ArmDebug *)opaque)->memory_control[offset / 4];
}

static void memories_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    static const uint32_t writable[8] = { 7, 7, 1, 7, 0xffff };
    uint32_t *word = &((ArmDebug *)opaque)->memory_control[offset / 4];

    *word = (*word & ~writable[offset / 4]) | (value & writable[offset / 4]);
}

/* SCR: QEMU's own doesn't know SLEEPDEEP. */
static uint64_t sleep_read(void *opaque, hwaddr offset, unsigned size)
{
    ArmHalt *h = &((ArmDebug *)opaque)->halt;

    return h->cpu->env.v7m.scr[M_REG_NS] | (h->deep ? SLEEPDEEP : 0);
}

static void sleep_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    ArmHalt *h = &((ArmDebug *)opaque)->halt;

    h->cpu->env.v7m.scr[M_REG_NS] = value & (SLEEPONEXIT | SEVONPEND);
    h->deep = value & SLEEPDEEP;
}

#define OPS(name) static const MemoryRegionOps name##_ops = { \
    .read = name##_read, .write = name##_write, .endianness = DEVICE_LITTLE_ENDIAN, .impl = { .min_access_size = 4, .max_access_size = 4 } }
OPS(dwt);
OPS(debug);
OPS(memories);
OPS(sleep);

void armv7m_debug_reset(ArmDebug *d, bool power_on)
{
    /* 64 KiB ITCM and 128 KiB DTCM enabled (INITTCMEN), 32-bit peripheral port of 512 MiB */
    static const uint32_t initial[8] = { 7 << 3 | 1, 8 << 3 | 1, 5 << 1, 0, 0x4801 };

    memcpy(d->memory_control, initial, sizeof(initial));
    if (power_on) {
        d->ctrl = d->demcr = d->stopped = 0;
        d->zero = 0;
        arm_itm_reset(&d->itm);
    }
}

void armv7m_debug_init(ArmDebug *d, Object *owner, ARMv7MState *core, Clock *clock)
{
    d->clock = clock_new(owner, "cyccnt");
    clock_set_callback(d->clock, clock_changed, d, ClockPreUpdate | ClockUpdate);
    clock_set_source(d->clock, clock);
    memory_region_init_io(&d->dwt, owner, &dwt_ops, d, "dwt", 0x1000);
    memory_region_add_subregion_overlap(&core->container, DWT_BASE, &d->dwt, 2);
    memory_region_init_io(&d->debug, owner, &debug_ops, d, "debug", 0x10);
    memory_region_add_subregion_overlap(&core->container, DEBUG_BASE, &d->debug, 2);
    memory_region_init_io(&d->memories, owner, &memories_ops, d, "memory-control", sizeof(d->memory_control));
    memory_region_add_subregion_overlap(&core->container, MEMORIES_BASE, &d->memories, 2);
    memory_region_init_io(&d->sleep, owner, &sleep_ops, d, "sleep-control", 4);
    memory_region_add_subregion_overlap(&core->container, SLEEP_BASE, &d->sleep, 2);
    /* An access by the debug port waits for the core's thread, which may be at these registers, too. */
    d->dwt.disable_reentrancy_guard = d->debug.disable_reentrancy_guard = true;
    arm_halt_init(&d->halt, owner, core);
    arm_itm_init(&d->itm, owner, core, &d->demcr, &d->halt.probe);
    armv7m_debug_reset(d, true);
}
