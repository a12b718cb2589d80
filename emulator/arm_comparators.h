/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparators of halting debug, for arm_halt.c. Their state is in ArmHalt; arm_halt_dwt_read() and arm_halt_dwt_write() are here, too. */
#ifndef OPENMV_EMULATOR_ARM_COMPARATORS_H
#define OPENMV_EMULATOR_ARM_COMPARATORS_H

#include "arm_halt.h"

enum { ARM_COMPARATOR_MATCHED = 1 << 24 };      /* of a DWT_FUNCTION */

/* After the core is realized. */
void arm_comparators_init(ArmHalt *h, Object *owner, ARMv7MState *core);

/* Forgets what the registers held; gdb's stay. */
void arm_comparators_power_on(ArmHalt *h);

/* What they hold, or DHCSR.C_DEBUGEN, has changed: the core compares with that from now on. */
void arm_comparators_changed(ArmHalt *h);

#endif
