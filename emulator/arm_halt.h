/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Halting debug of a Cortex-M7: DHCSR, DCRSR, DCRDR, the vector catches of DEMCR, and the comparators of FPB and DWT. A debug port (arm_dap.h)
 * works through the registers, QEMU's gdb server through its own interface, and both share the eight breakpoint and four
 * watchpoint comparators that the chip has: a ninth is refused. Manual: ARMv7-M ARM C1.6, C1.8, C1.11.
 */
#ifndef OPENMV_EMULATOR_ARM_HALT_H
#define OPENMV_EMULATOR_ARM_HALT_H

#include "hw/arm/armv7m.h"

enum { ARM_HALT_BREAKPOINTS = 8, ARM_HALT_WATCHPOINTS = 4, ARM_HALT_DEBUGEN = 1 << 0 /* DHCSR.C_DEBUGEN, in `control` */ };

/* Whose comparator it is. Those of the gdb server are QEMU's to insert and remove. */
typedef enum ComparatorOwner { COMPARATOR_REGISTERS, COMPARATOR_GDB } ComparatorOwner;

typedef struct ArmHalt {
    MemoryRegion fpb;
    ARMCPU *cpu;
    uint32_t control;                   /* C_ bits of DHCSR */
    uint32_t catches;                   /* DEMCR */
    uint32_t data;                      /* DCRDR */
    uint32_t reason;                    /* bit of DFSR for a stop that QEMU is about to tell; 0: none of ours */
    bool halted, was_reset;             /* S_HALT, S_RESET_ST */
    bool probe;                         /* the access under way comes from the debug port */
    void (*sleep)(void *opaque, bool asleep);
    void *sleeper;
    bool deep, asleep;                  /* SCR.SLEEPDEEP; and a WFI waits */
    uint32_t fp_ctrl, fp_comp[ARM_HALT_BREAKPOINTS];
    struct { uint32_t comp, mask, function; } dwt[ARM_HALT_WATCHPOINTS];
    ComparatorOwner fp_owner[ARM_HALT_BREAKPOINTS], dwt_owner[ARM_HALT_WATCHPOINTS];
    uint32_t breakpoints[ARM_HALT_BREAKPOINTS];                             /* inserted for registers: address | 1, 0: none */
    struct { uint32_t address, length; int flags; } watchpoints[ARM_HALT_WATCHPOINTS];  /* flags 0: none */
} ArmHalt;

/* After the core is realized. */
void arm_halt_init(ArmHalt *h, Object *owner, ARMv7MState *core);

/* After the core has been reset: with VC_CORERESET it halts before its first instruction. Power-on forgets everything. */
void arm_halt_reset(ArmHalt *h, bool power_on);

/* `sleep` is called when the core stands still in a WFI with SCR.SLEEPDEEP set, and before it goes on; not when a reset ends that. */
void arm_halt_set_sleep(ArmHalt *h, void (*sleep)(void *opaque, bool asleep), void *opaque);

/* DHCSR (offset 0), DCRSR (4), DCRDR (8). */
uint32_t arm_halt_read(ArmHalt *h, unsigned offset);
void arm_halt_write(ArmHalt *h, unsigned offset, uint32_t value);

/* DEMCR was written. */
void arm_halt_set_catches(ArmHalt *h, uint32_t demcr);

/* Comparators of the DWT: offsets 0x20 to 0x5c of its page. */
uint32_t arm_halt_dwt_read(ArmHalt *h, unsigned offset);
void arm_halt_dwt_write(ArmHalt *h, unsigned offset, uint32_t value);

#endif
