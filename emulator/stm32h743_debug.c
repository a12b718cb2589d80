/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The STM32H743's debug port: access ports to the core's bus, to the D1 domain's AXI and to the debug components (RM0433 60.4, 60.5). */
#include "qemu/osdep.h"

#include "exec/address-spaces.h"
#include "stm32h743.h"
#include "stm32h743_defs.h"
#include "stm32h7_rcc_device.h"
#include "system/cpus.h"
#include "system/reset.h"
#include "system/runstate.h"

enum {
    IDR_AHB = 0x84770001, IDR_AXI = 0x74770004, IDR_APB = 0x54770002, BOUNDARY_ID = 0x06450041,
    APB_DBGMCU = 0xe00e1000,
};

void stm32h743_reset_by_probe(Stm32h743 *chip, Stm32ResetCause cause)
{
    stm32h7_rcc_set_cause(chip->rcc, cause);
    pause_all_vcpus();
    qemu_system_reset(SHUTDOWN_CAUSE_GUEST_RESET);
    if (runstate_is_running()) {
        resume_all_vcpus();
    }
}

/* NRST: the core starts anew when it is released, and stands at its vector when the debugger asked for that. */
static void reset_pin(void *opaque, bool asserted)
{
    stm32h743_reset_by_probe(opaque, RESET_PIN);
}

void stm32h743_connect_debug_port(Stm32h743 *chip)
{
    ArmDap *dap = &chip->dap;

    dap->halt = &chip->debug.halt;
    dap->port[0] = (ArmAccessPort) { .space = CPU(chip->core.cpu)->as, .idr = IDR_AHB, .last = UINT32_MAX };
    dap->port[1] = (ArmAccessPort) { .space = &address_space_memory, .idr = IDR_AXI, .first = 0x08000000, .last = 0xdfffffff };
    /* Of the debug components only DBGMCU is modelled; the others read 0. */
    dap->port[2] = (ArmAccessPort) { .space = &address_space_memory, .idr = IDR_APB, .first = APB_DBGMCU, .last = APB_DBGMCU + 0xfff,
                                     .offset = DBGMCU_BASE - APB_DBGMCU };
    arm_dap_reset(dap);
    swj_pins_init(&chip->pins, "swj", dap, BOUNDARY_ID, reset_pin, chip);
    rtt_probe_init(&chip->rtt, "rtt", chip->ram_range, ARRAY_SIZE(chip->ram_range));
}
