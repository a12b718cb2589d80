/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a debug probe does for SEGGER's Real Time Transfer: it finds the control block in RAM by its name and empties the first up buffer
 * while the core runs. Behind a chardev: who is connected gets the bytes. Layout of the block: SEGGER's UM08001, "RTT".
 */
#ifndef OPENMV_EMULATOR_RTT_PROBE_H
#define OPENMV_EMULATOR_RTT_PROBE_H

#include "chardev/char-fe.h"
#include "exec/memory.h"

typedef struct RttRange {
    uint32_t address;
    MemoryRegion *ram;
} RttRange;

typedef struct RttProbe {
    CharBackend chardev;
    const RttRange *ranges;
    unsigned range_count;
    QEMUTimer *timer;
    uint32_t block;                     /* address of the control block, 0: not found */
} RttProbe;

/* Connects a probe that looks for the block in `ranges` of RAM to the chardev `id`, if there is one. */
void rtt_probe_init(RttProbe *probe, const char *id, const RttRange *ranges, unsigned range_count);

#endif
