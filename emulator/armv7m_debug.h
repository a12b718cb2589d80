/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU's ARMv7-M core lacks of a Cortex-M7: cycle counter (DWT), debug control, TCM and cache control registers. */
#ifndef OPENMV_EMULATOR_ARMV7M_DEBUG_H
#define OPENMV_EMULATOR_ARMV7M_DEBUG_H

#include "arm_halt.h"
#include "arm_itm.h"
#include "hw/arm/armv7m.h"
#include "hw/clock.h"

typedef struct ArmDebug {
    MemoryRegion dwt, debug, memories, sleep;
    Clock *clock;                       /* what the cycle counter counts */
    uint32_t ctrl, stopped;             /* DWT_CTRL; CYCCNT while it stands still */
    uint64_t zero;                      /* cycles of virtual time at which CYCCNT was 0 */
    uint32_t demcr, memory_control[8];
    ArmHalt halt;
    ArmItm itm;
} ArmDebug;

/* Puts them into the core's private bus; after the core is realized. */
void armv7m_debug_init(ArmDebug *d, Object *owner, ARMv7MState *core, Clock *clock);

/* Before the core is reset. Power-on: a system reset leaves debug registers alone, but clears TCM and cache control. */
void armv7m_debug_reset(ArmDebug *d, bool power_on);

#endif
