/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Halting debug of a Cortex-M7 (arm_halt.h). A halted core is one whose power is off for QEMU: time, peripherals and DMA go on without it.
 * QEMU isn't changed: a copy of the core's table of functions has ours in front of its own.
 */
#include "qemu/osdep.h"

#include "arm_comparators.h"
#include "arm_halt.h"

#include "accel/tcg/cpu-ops.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "regs.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include "target/arm/cpu.h"
#include "target/arm/internals.h"

enum {
    C_DEBUGEN = ARM_HALT_DEBUGEN, C_HALT = 1 << 1, C_STEP = 1 << 2, C_MASKINTS = 1 << 3,
    S_REGRDY = 1 << 16, S_HALT = 1 << 17, S_SLEEP = 1 << 18, S_LOCKUP = 1 << 19, S_RETIRE_ST = 1 << 24, S_RESET_ST = 1 << 25,
    DFSR_HALTED = 1 << 0, DFSR_BKPT = 1 << 1, DFSR_DWTTRAP = 1 << 2, DFSR_VCATCH = 1 << 3,
    VC_CORERESET = 1 << 0, VC_MMERR = 1 << 4, VC_NOCPERR = 1 << 5, VC_CHKERR = 1 << 6, VC_STATERR = 1 << 7, VC_BUSERR = 1 << 8,
    VC_INTERR = 1 << 9, VC_HARDERR = 1 << 10,
};
#define DBGKEY 0xa05fu
#define ERASED_PC 0xfffffffe

static ArmHalt *the_core;               /* boards with two cores: a list */
static TCGCPUOps core_ops;
static const TCGCPUOps *qemu_core_ops;

/* --- halt and go --- */

static void enter_halt(ArmHalt *h, uint32_t reason)
{
    h->halted = true;
    h->control |= C_HALT;
    h->cpu->env.v7m.dfsr |= reason;
    h->cpu->power_state = PSCI_OFF;
    CPU(h->cpu)->halted = 1;
}

static void halt_now(CPUState *cs, run_on_cpu_data data)
{
    enter_halt(the_core, DFSR_HALTED);
    cpu_exit(cs);
}

static void go_now(CPUState *cs, run_on_cpu_data data)
{
    ArmHalt *h = the_core;

    /* A core without a program stays where it is: it would lock up. */
    if (h->cpu->env.regs[15] == ERASED_PC) {
        return;
    }
    h->halted = false;
    cpu_single_step(cs, h->control & C_STEP ? SSTEP_ENABLE | (h->control & C_MASKINTS ? SSTEP_NOIRQ : 0) : 0);
    h->cpu->power_state = PSCI_ON;
    cs->halted = 0;
}

static void resume_machine(void *opaque)
{
    vm_start();
}

/* QEMU stops the machine for a breakpoint; here only the core stops. */
static void machine_changed(void *opaque, bool running, RunState state)
{
    ArmHalt *h = opaque;
    uint32_t reason = h->reason;

    if (running || state != RUN_STATE_DEBUG || !reason) {
        return;
    }
    h->reason = 0;
    cpu_single_step(CPU(h->cpu), 0);
    enter_halt(h, reason);
    aio_bh_schedule_oneshot(qemu_get_aio_context(), resume_machine, NULL);
}

/* --- what the core's own thread tells --- */

static void debug_exception(CPUState *cs)
{
    ArmHalt *h = the_core;
    uint32_t pc = h->cpu->env.regs[15];

    if (h->control & C_DEBUGEN) {
        if (cs->singlestep_enabled && h->control & C_STEP) {
            h->reason = DFSR_HALTED;
        }
        for (unsigned i = 0; i < ARM_HALT_BREAKPOINTS; i++) {
            if (h->breakpoints[i] == (pc | 1)) {
                h->reason = DFSR_BKPT;
            }
        }
        for (unsigned i = 0; i < ARM_HALT_WATCHPOINTS; i++) {
            if (cs->watchpoint_hit && h->watchpoints[i].flags && cs->watchpoint_hit->vaddr == h->watchpoints[i].address) {
                h->reason = DFSR_DWTTRAP;
                h->dwt[i].function |= ARM_COMPARATOR_MATCHED;
            }
        }
    }
    if (qemu_core_ops->debug_excp_handler) {
        qemu_core_ops->debug_excp_handler(cs);
    }
}

/* Entry of a fault handler that the debugger wants to see. */
static bool caught(ArmHalt *h)
{
    CPUARMState *env = &h->cpu->env;
    uint32_t cfsr = env->v7m.cfsr[0];
    static const struct { uint32_t faults, bit; } usage[] = {
        { 1 << 19, VC_NOCPERR }, { 1 << 24 | 1 << 25, VC_CHKERR }, { 1 << 16 | 1 << 17 | 1 << 18, VC_STATERR },
        { 1 << 3 | 1 << 4 | 1 << 11 | 1 << 12, VC_INTERR },
    };

    switch (env->v7m.exception) {
    case ARMV7M_EXCP_HARD:
        return h->catches & VC_HARDERR;
    case ARMV7M_EXCP_MEM:
        return h->catches & VC_MMERR;
    case ARMV7M_EXCP_BUS:
        return h->catches & VC_BUSERR;
    case ARMV7M_EXCP_USAGE:
        for (unsigned i = 0; i < ARRAY_SIZE(usage); i++) {
            if (cfsr & usage[i].faults && h->catches & usage[i].bit) {
                return true;
            }
        }
        return false;
    default:
        return false;
    }
}

/* A fault where none can be handled (ARMv7-M ARM B1.5.15): in the handlers of NMI and HardFault, or under FAULTMASK. */
static bool locks_up(CPUState *cs)
{
    CPUARMState *env = &ARM_CPU(cs)->env;

    switch (cs->exception_index) {
    case EXCP_UDEF: case EXCP_SWI: case EXCP_PREFETCH_ABORT: case EXCP_DATA_ABORT: case EXCP_BKPT: case EXCP_NOCP: case EXCP_INVSTATE:
    case EXCP_UNALIGNED: case EXCP_DIVBYZERO:
        return env->v7m.exception == ARMV7M_EXCP_NMI || env->v7m.exception == ARMV7M_EXCP_HARD || env->v7m.faultmask[M_REG_NS];
    default:
        return false;
    }
}

/* QEMU would end; the chip's core stands still until a reset, a watchdog's perhaps. */
static void lock_up(CPUState *cs)
{
    guest_error("core", "locked up: a fault at 0x%08x in the handler of a fault", ARM_CPU(cs)->env.regs[15]);
    warn_report("the core has locked up: a fault at 0x%08x in the handler of a fault; it stands still until a reset",
                ARM_CPU(cs)->env.regs[15]);
    ARM_CPU(cs)->power_state = PSCI_OFF;
    cs->halted = 1;
    cpu_interrupt(cs, CPU_INTERRUPT_HALT);
}

static void take_exception(CPUState *cs)
{
    ArmHalt *h = the_core;
    uint32_t reason = 0;

    if (cs->exception_index == EXCP_BKPT && h->control & C_DEBUGEN) {
        reason = DFSR_BKPT;
    } else if (locks_up(cs)) {
        lock_up(cs);
    } else {
        qemu_core_ops->do_interrupt(cs);
        if (h->control & C_DEBUGEN && caught(h)) {
            reason = DFSR_VCATCH;
        }
    }
    if (reason) {
        enter_halt(h, reason);
        cpu_interrupt(cs, CPU_INTERRUPT_HALT);      /* the loop of QEMU's core looks at this before at interrupts */
    }
}

/* --- deep sleep --- */

static void tell_sleep(ArmHalt *h, bool asleep)
{
    BQL_LOCK_GUARD();
    h->asleep = asleep;
    h->sleep(h->sleeper, asleep);
}

/* After each piece of work: was its end a WFI? */
static void work_over(CPUState *cs)
{
    ArmHalt *h = the_core;

    if (qemu_core_ops->cpu_exec_exit) {
        qemu_core_ops->cpu_exec_exit(cs);
    }
    if (cs->halted && !h->halted && h->sleep && !h->asleep && h->cpu->power_state == PSCI_ON &&
        h->deep && !cpu_has_work(cs)) {
        tell_sleep(h, true);
    }
}

static bool leaves_wfi(CPUState *cs)
{
    bool leaves = qemu_core_ops->cpu_exec_halt(cs);

    if (leaves && the_core->asleep) {
        tell_sleep(the_core, false);
    }
    return leaves;
}

void arm_halt_set_sleep(ArmHalt *h, void (*sleep)(void *opaque, bool asleep), void *opaque)
{
    h->sleep = sleep;
    h->sleeper = opaque;
}

/* --- core registers (ARMv7-M ARM C1.6.3) --- */

static uint32_t *stack_pointer(CPUARMState *env, bool process)
{
    return v7m_using_psp(env) == process ? &env->regs[13] : &env->v7m.other_sp;
}

static uint32_t core_register(CPUARMState *env, unsigned number)
{
    switch (number) {
    case 0 ... 15:
        return env->regs[number];
    case 16:
        return xpsr_read(env);
    case 17:
    case 18:
        return *stack_pointer(env, number == 18);
    case 20:
        return env->v7m.control[0] << 24 | env->v7m.faultmask[0] << 16 | env->v7m.basepri[0] << 8 | env->v7m.primask[0];
    case 33:
        return vfp_get_fpscr(env);
    case 64 ... 95:
        return *aa32_vfp_dreg(env, (number - 64) / 2) >> (number & 1 ? 32 : 0);
    default:
        return 0;
    }
}

static void set_core_register(CPUARMState *env, unsigned number, uint32_t value)
{
    uint64_t *pair;

    switch (number) {
    case 13:
        env->regs[13] = value & ~3;
        break;
    case 0 ... 12:
    case 14:
        env->regs[number] = value;
        break;
    case 15:
        env->regs[15] = value & ~1;
        break;
    case 16:
        xpsr_write(env, value, ~0);
        break;
    case 17:
    case 18:
        *stack_pointer(env, number == 18) = value & ~3;
        break;
    case 20:
        if ((value >> 24 & 2) != (env->v7m.control[0] & 2) && !env->v7m.exception) {
            uint32_t other = env->v7m.other_sp;

            env->v7m.other_sp = env->regs[13];
            env->regs[13] = other;
        }
        env->v7m.control[0] = value >> 24 & 7;
        env->v7m.faultmask[0] = value >> 16 & 1;
        env->v7m.basepri[0] = value >> 8 & 0xff;
        env->v7m.primask[0] = value & 1;
        break;
    case 33:
        vfp_set_fpscr(env, value);
        break;
    case 64 ... 95:
        pair = aa32_vfp_dreg(env, (number - 64) / 2);
        *pair = number & 1 ? deposit64(*pair, 32, 32, value) : deposit64(*pair, 0, 32, value);
        break;
    default:
        break;
    }
    arm_rebuild_hflags(env);
}

/* --- DHCSR, DCRSR, DCRDR --- */

static void write_control(ArmHalt *h, uint32_t value)
{
    CPUState *cs = CPU(h->cpu);
    uint32_t old = h->control, now = value & (C_DEBUGEN | C_HALT | C_STEP | C_MASKINTS);

    /* The core itself cannot enable debugging, and without it the other bits do nothing (C1.6.2). */
    if (!h->probe) {
        now = (now & ~C_DEBUGEN) | (old & C_DEBUGEN);
    }
    h->control = now & C_DEBUGEN ? now : 0;
    if ((old ^ h->control) & C_DEBUGEN) {
        arm_comparators_changed(h);
    }
    if (h->control & C_HALT) {
        if (!h->halted && qemu_in_vcpu_thread()) {
            halt_now(cs, RUN_ON_CPU_HOST_PTR(NULL));
        } else if (!h->halted) {
            run_on_cpu(cs, halt_now, RUN_ON_CPU_HOST_PTR(NULL));
        }
    } else if (h->halted) {
        run_on_cpu(cs, go_now, RUN_ON_CPU_HOST_PTR(NULL));
        qemu_cpu_kick(cs);
    }
}

uint32_t arm_halt_read(ArmHalt *h, unsigned offset)
{
    uint32_t value = h->control | S_REGRDY | S_RETIRE_ST;

    if (offset == 8) {
        return h->data;
    }
    if (offset != 0) {
        return 0;
    }
    if (h->halted) {
        value |= S_HALT;
    } else if (CPU(h->cpu)->halted) {
        value |= S_SLEEP;
    }
    if (h->halted && h->cpu->env.regs[15] == ERASED_PC) {
        value |= S_LOCKUP;
    }
    if (h->was_reset) {
        value |= S_RESET_ST;
        h->was_reset = false;
    }
    return value;
}

void arm_halt_write(ArmHalt *h, unsigned offset, uint32_t value)
{
    switch (offset) {
    case 0:
        if (value >> 16 == DBGKEY) {
            write_control(h, value);
        }
        break;
    case 4:
        if (!h->halted) {
            break;
        }
        if (value & 1 << 16) {
            set_core_register(&h->cpu->env, value & 0x7f, h->data);
        } else {
            h->data = core_register(&h->cpu->env, value & 0x7f);
        }
        break;
    case 8:
        h->data = value;
        break;
    }
}

void arm_halt_set_catches(ArmHalt *h, uint32_t demcr)
{
    h->catches = demcr;
}

/* --- life --- */

void arm_halt_reset(ArmHalt *h, bool power_on)
{
    if (power_on) {
        h->control = h->catches = h->data = 0;
        arm_comparators_power_on(h);
    }
    h->control &= C_DEBUGEN;
    h->was_reset = true;
    h->halted = h->asleep = h->deep = false;
    if (h->control && h->catches & VC_CORERESET) {
        enter_halt(h, DFSR_VCATCH);
    }
}

void arm_halt_init(ArmHalt *h, Object *owner, ARMv7MState *core)
{
    CPUClass *class = CPU_GET_CLASS(core->cpu);

    h->cpu = core->cpu;
    the_core = h;
    arm_comparators_init(h, owner, core);

    qemu_core_ops = class->tcg_ops;
    core_ops = *qemu_core_ops;
    core_ops.do_interrupt = take_exception;
    core_ops.debug_excp_handler = debug_exception;
    core_ops.cpu_exec_exit = work_over;
    core_ops.cpu_exec_halt = leaves_wfi;
    class->tcg_ops = &core_ops;
    qemu_add_vm_change_state_handler(machine_changed, h);
}
