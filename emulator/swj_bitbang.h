/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pins of a chip's debug connector as JTAG: the scan chain (boundary scan, then the debug port) behind a chardev that speaks OpenOCD's
 * remote_bitbang protocol (its doc/manual/jtag/drivers/remote_bitbang.txt). Manuals: IEEE 1149.1; IHI 0031E B3; RM0433 60.4.
 */
#ifndef OPENMV_EMULATOR_SWJ_BITBANG_H
#define OPENMV_EMULATOR_SWJ_BITBANG_H

#include "arm_dap.h"
#include "chardev/char-fe.h"

/* IEEE 1149.1 figure 6-1. */
typedef enum TapState {
    TEST_LOGIC_RESET, RUN_TEST_IDLE, SELECT_DR, CAPTURE_DR, SHIFT_DR, EXIT1_DR, PAUSE_DR, EXIT2_DR, UPDATE_DR,
    SELECT_IR, CAPTURE_IR, SHIFT_IR, EXIT1_IR, PAUSE_IR, EXIT2_IR, UPDATE_IR,
} TapState;

/* One test access port: its instruction, and the register that is being shifted. */
typedef struct Tap {
    unsigned ir_bits;
    uint32_t id;
    uint32_t instruction, ir_shift;
    uint64_t shift;
    unsigned bits;                      /* of the register at hand */
} Tap;

typedef struct SwjPins {
    CharBackend chardev;
    ArmDap *dap;
    void (*reset)(void *opaque, bool asserted);
    void *opaque;
    Tap debug, boundary;                /* TDI -> boundary -> debug -> TDO */
    TapState state;
    bool tck, in_reset;
    uint8_t out[4096];                  /* answers that the other end has not taken yet */
    unsigned waiting;
    guint watch;
} SwjPins;

/* Connects the pins to the chardev `id`, if there is one. `reset` hears of the NRST pin. */
void swj_pins_init(SwjPins *pins, const char *id, ArmDap *dap, uint32_t boundary_id, void (*reset)(void *opaque, bool asserted), void *opaque);

#endif
