/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instrumentation trace macrocell of a Cortex-M: what the program writes to its stimulus ports leaves as packets (ARMv7-M ARM C1.7, D4). */
#ifndef OPENMV_EMULATOR_ARM_ITM_H
#define OPENMV_EMULATOR_ARM_ITM_H

#include "chardev/char-fe.h"
#include "hw/arm/armv7m.h"

typedef struct ArmItm {
    MemoryRegion mmio;
    CharBackend swo;                    /* the chardev "swo", when there is one: the bytes of the serial wire output */
    const uint32_t *demcr;              /* TRCENA */
    const bool *probe;                  /* the access under way comes from the debug port, which no lock stops */
    uint32_t enabled, privilege, control;
    bool unlocked;
} ArmItm;

/* Puts it into the core's private bus; after the core is realized. */
void arm_itm_init(ArmItm *itm, Object *owner, ARMv7MState *core, const uint32_t *demcr, const bool *probe);

/* Loss of power; a system reset leaves trace alone. */
void arm_itm_reset(ArmItm *itm);

#endif
