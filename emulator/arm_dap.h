/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug port of a chip: a JTAG-DP with its memory access ports. Manual: Arm Debug Interface v5.2 (IHI 0031E), B1 to C2. */
#ifndef OPENMV_EMULATOR_ARM_DAP_H
#define OPENMV_EMULATOR_ARM_DAP_H

#include "arm_halt.h"
#include "exec/memory.h"

enum { ARM_DAP_PORTS = 3 };

/* One memory access port: an address space, and what IDR says of it. `space` NULL: this number is no port. */
typedef struct ArmAccessPort {
    AddressSpace *space;
    uint32_t idr;
    uint32_t offset;                    /* added to addresses; a part of the chip's map shown elsewhere */
    uint32_t first, last;               /* addresses that are there; others read 0 */
    uint32_t csw, tar;
} ArmAccessPort;

typedef struct ArmDap {
    ArmAccessPort port[ARM_DAP_PORTS];
    ArmHalt *halt;                      /* accesses come from a debugger: it is told */
    uint32_t control, select, answer;   /* CTRL/STAT, SELECT, result of the last read */
} ArmDap;

enum { ARM_DAP_OK = 2 };                /* acknowledgement of a JTAG-DP: there is no other, nothing here takes time */

/* A transaction: register A[3:2] of the debug port, or of the selected access port. Its result is what the next one captures. */
void arm_dap_transfer(ArmDap *dap, bool access_port, bool read, unsigned address, uint32_t value);

/* A write of ABORT. */
void arm_dap_abort(ArmDap *dap, uint32_t value);

void arm_dap_reset(ArmDap *dap);

#endif
