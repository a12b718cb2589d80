/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoint and watchpoint comparators of a Cortex-M7: FPB and DWT (ARMv7-M ARM C1.8, C1.11), and the gdb server's use of them.
 * QEMU isn't changed: a copy of the accelerator's table of functions has ours in front of its own.
 */
#include "qemu/osdep.h"

#include "arm_comparators.h"

#include "exec/address-spaces.h"
#include "gdbstub/enums.h"
#include "qemu/error-report.h"
#include "system/accel-ops.h"
#include "system/cpus.h"
#include "target/arm/cpu.h"

enum {
    FPB_BASE = 0xe0002000, FP_CTRL = 0x0, FP_COMP = 0x8, FP_ENABLE = 1 << 0, FP_KEY = 1 << 1,
    FP_CTRL_FIXED = 1 << 28 | ARM_HALT_BREAKPOINTS << 4,     /* revision 2: a comparator holds any address (Cortex-M7 TRM 9.3) */
    DWT_FIRST = 0x20, DWT_LARGEST_MASK = 15,
};

static ArmHalt *the_core;               /* boards with two cores: a list */
static AccelOpsClass accel;
static const AccelOpsClass *qemu_accel;

/* --- registers --- */

/* QEMU's lists follow the registers. In the core's thread: it isn't executing then. */
static void apply(CPUState *cs, run_on_cpu_data data)
{
    ArmHalt *h = the_core;
    bool on = h->control & ARM_HALT_DEBUGEN;

    for (unsigned i = 0; i < ARM_HALT_BREAKPOINTS; i++) {
        bool wanted = on && h->fp_ctrl & FP_ENABLE && h->fp_comp[i] & 1 && h->fp_owner[i] == COMPARATOR_REGISTERS;

        if (h->breakpoints[i]) {
            cpu_breakpoint_remove(cs, h->breakpoints[i] & ~1, BP_GDB);
        }
        h->breakpoints[i] = wanted ? h->fp_comp[i] : 0;
        if (wanted) {
            cpu_breakpoint_insert(cs, h->fp_comp[i] & ~1, BP_GDB, NULL);
        }
    }
    for (unsigned i = 0; i < ARM_HALT_WATCHPOINTS; i++) {
        static const int flags[16] = { [5] = BP_MEM_READ, [6] = BP_MEM_WRITE, [7] = BP_MEM_ACCESS };
        int flag = on && h->dwt_owner[i] == COMPARATOR_REGISTERS ? flags[h->dwt[i].function & 15] : 0;

        if (h->watchpoints[i].flags) {
            cpu_watchpoint_remove(cs, h->watchpoints[i].address, h->watchpoints[i].length, h->watchpoints[i].flags | BP_GDB);
        }
        h->watchpoints[i].flags = flag;
        if (flag) {
            h->watchpoints[i].length = 1u << h->dwt[i].mask;
            h->watchpoints[i].address = h->dwt[i].comp & ~(h->watchpoints[i].length - 1);
            cpu_watchpoint_insert(cs, h->watchpoints[i].address, h->watchpoints[i].length, flag | BP_GDB, NULL);
        }
    }
}

void arm_comparators_changed(ArmHalt *h)
{
    if (qemu_in_vcpu_thread()) {
        apply(CPU(h->cpu), RUN_ON_CPU_HOST_PTR(NULL));
    } else {
        run_on_cpu(CPU(h->cpu), apply, RUN_ON_CPU_HOST_PTR(NULL));
    }
}

static uint64_t fpb_read(void *opaque, hwaddr offset, unsigned size)
{
    ArmHalt *h = opaque;

    if (offset == FP_CTRL) {
        return FP_CTRL_FIXED | h->fp_ctrl;
    }
    return offset >= FP_COMP && offset < FP_COMP + 4 * ARM_HALT_BREAKPOINTS ? h->fp_comp[(offset - FP_COMP) / 4] : 0;
}

static void fpb_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    ArmHalt *h = opaque;
    unsigned i = (offset - FP_COMP) / 4;

    if (offset == FP_CTRL) {
        if (!(value & FP_KEY)) {
            return;
        }
        h->fp_ctrl = value & FP_ENABLE;
    } else if (offset >= FP_COMP && i < ARM_HALT_BREAKPOINTS && h->fp_owner[i] == COMPARATOR_REGISTERS) {
        h->fp_comp[i] = value;
    } else {
        return;
    }
    arm_comparators_changed(h);
}

static const MemoryRegionOps fpb_ops = {
    .read = fpb_read,
    .write = fpb_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

uint32_t arm_halt_dwt_read(ArmHalt *h, unsigned offset)
{
    unsigned i = (offset - DWT_FIRST) / 16;
    uint32_t function;

    switch (offset & 15) {
    case 0:
        return h->dwt[i].comp;
    case 4:
        return h->dwt[i].mask;
    case 8:
        function = h->dwt[i].function;
        h->dwt[i].function &= ~ARM_COMPARATOR_MATCHED;
        return function;
    default:
        return 0;
    }
}

void arm_halt_dwt_write(ArmHalt *h, unsigned offset, uint32_t value)
{
    unsigned i = (offset - DWT_FIRST) / 16;

    if (h->dwt_owner[i] == COMPARATOR_GDB) {
        return;
    }
    switch (offset & 15) {
    case 0:
        h->dwt[i].comp = value;
        break;
    case 4:
        h->dwt[i].mask = MIN(value & 31, DWT_LARGEST_MASK);
        break;
    case 8:
        h->dwt[i].function = value & 0xfff;
        break;
    default:
        return;
    }
    arm_comparators_changed(h);
}

/* --- the gdb server's breakpoints --- */

/* Breakpoints in memory that can be written are instructions; others need a comparator, as with any probe. */
static bool needs_comparator(ArmHalt *h, int type, vaddr address)
{
    hwaddr offset, length = 2;
    MemoryRegion *region = address_space_translate(CPU(h->cpu)->as, address, &offset, &length, false, MEMTXATTRS_UNSPECIFIED);

    return type == GDB_BREAKPOINT_HW || !memory_region_is_ram(region) || region->readonly || region->rom_device;
}

static int find_breakpoint(ArmHalt *h, ComparatorOwner owner, uint32_t value)
{
    for (unsigned i = 0; i < ARM_HALT_BREAKPOINTS; i++) {
        if (h->fp_comp[i] == value && h->fp_owner[i] == owner) {
            return i;
        }
    }
    return -1;
}

static int find_watchpoint(ArmHalt *h, ComparatorOwner owner, uint32_t function, uint32_t address)
{
    for (unsigned i = 0; i < ARM_HALT_WATCHPOINTS; i++) {
        if (h->dwt_owner[i] == owner && (h->dwt[i].function & 15) == function && (!function || h->dwt[i].comp == address)) {
            return i;
        }
    }
    return -1;
}

static const char *const kinds[] = { "breakpoint", "breakpoint", "watchpoint", "watchpoint", "watchpoint" };
static const uint32_t functions[] = { [GDB_WATCHPOINT_WRITE] = 6, [GDB_WATCHPOINT_READ] = 5, [GDB_WATCHPOINT_ACCESS] = 7 };

static int insert_breakpoint(CPUState *cs, int type, vaddr address, vaddr length)
{
    ArmHalt *h = the_core;
    bool watch = type >= GDB_WATCHPOINT_WRITE;
    int i = -1, error;

    if (watch && (!is_power_of_2(length) || length > 1 << DWT_LARGEST_MASK || address & (length - 1))) {
        warn_report("the watchpoint at 0x%08x is refused: a comparator covers 1, 2, 4 ... 32768 bytes, aligned to that, not %u: "
                    "watch a part of it", (unsigned)address, (unsigned)length);
        return -EINVAL;
    }
    if (watch || needs_comparator(h, type, address)) {
        i = watch ? find_watchpoint(h, COMPARATOR_REGISTERS, 0, 0) : find_breakpoint(h, COMPARATOR_REGISTERS, 0);
        if (i < 0) {
            warn_report("the %s at 0x%08x is refused: all %d comparators of the Cortex-M7 are in use: delete one",
                        kinds[type], (unsigned)address, watch ? ARM_HALT_WATCHPOINTS : ARM_HALT_BREAKPOINTS);
            return -ENOSPC;
        }
    }
    error = qemu_accel->insert_breakpoint(cs, type, address, length);
    if (error || i < 0) {
        return error;
    }
    if (watch) {
        h->dwt_owner[i] = COMPARATOR_GDB;
        h->dwt[i].comp = address;
        h->dwt[i].mask = ctz32(length);
        h->dwt[i].function = functions[type];
    } else {
        h->fp_owner[i] = COMPARATOR_GDB;
        h->fp_comp[i] = address | 1;
    }
    return 0;
}

static void release(ArmHalt *h, bool watch, int i)
{
    if (i >= 0 && watch) {
        h->dwt_owner[i] = COMPARATOR_REGISTERS;
        h->dwt[i].comp = h->dwt[i].mask = h->dwt[i].function = 0;
    } else if (i >= 0) {
        h->fp_owner[i] = COMPARATOR_REGISTERS;
        h->fp_comp[i] = 0;
    }
}

static int remove_breakpoint(CPUState *cs, int type, vaddr address, vaddr length)
{
    ArmHalt *h = the_core;

    if (type >= GDB_WATCHPOINT_WRITE) {
        release(h, true, find_watchpoint(h, COMPARATOR_GDB, functions[type], address));
    } else {
        release(h, false, find_breakpoint(h, COMPARATOR_GDB, address | 1));
    }
    return qemu_accel->remove_breakpoint(cs, type, address, length);
}

static void remove_all_breakpoints(CPUState *cs)
{
    ArmHalt *h = the_core;

    for (unsigned i = 0; i < ARM_HALT_BREAKPOINTS; i++) {
        release(h, false, h->fp_owner[i] == COMPARATOR_GDB ? (int)i : -1);
    }
    for (unsigned i = 0; i < ARM_HALT_WATCHPOINTS; i++) {
        release(h, true, h->dwt_owner[i] == COMPARATOR_GDB ? (int)i : -1);
    }
    qemu_accel->remove_all_breakpoints(cs);
    apply(cs, RUN_ON_CPU_HOST_PTR(NULL));           /* QEMU has removed those of the registers, too */
}

/* --- life --- */

void arm_comparators_power_on(ArmHalt *h)
{
    h->fp_ctrl = 0;
    for (unsigned i = 0; i < ARM_HALT_BREAKPOINTS; i++) {
        h->fp_comp[i] = h->fp_owner[i] == COMPARATOR_GDB ? h->fp_comp[i] : 0;
    }
    for (unsigned i = 0; i < ARM_HALT_WATCHPOINTS; i++) {
        h->dwt[i].function = h->dwt_owner[i] == COMPARATOR_GDB ? h->dwt[i].function : 0;
    }
    if (h->breakpoints[0] | h->watchpoints[0].flags) {
        apply(CPU(h->cpu), RUN_ON_CPU_HOST_PTR(NULL));
    }
}

void arm_comparators_init(ArmHalt *h, Object *owner, ARMv7MState *core)
{
    memory_region_init_io(&h->fpb, owner, &fpb_ops, h, "fpb", 0x1000);
    h->fpb.disable_reentrancy_guard = true;
    memory_region_add_subregion_overlap(&core->container, FPB_BASE, &h->fpb, 2);
    the_core = h;

    qemu_accel = cpus_get_accel();
    accel = *qemu_accel;
    accel.insert_breakpoint = insert_breakpoint;
    accel.remove_breakpoint = remove_breakpoint;
    accel.remove_all_breakpoints = remove_all_breakpoints;
    cpus_register_accel(&accel);
}
