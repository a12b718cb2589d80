/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The STM32H743: a table of peripherals around an Arm core (RM0433; addresses: section 2.3.2, interrupts: section 19). */
#ifndef OPENMV_EMULATOR_STM32H743_H
#define OPENMV_EMULATOR_STM32H743_H

#include "armv7m_debug.h"
#include "rtt_probe.h"
#include "swj_bitbang.h"
#include "hw/arm/armv7m.h"
#include "stm32_periph.h"

#define TYPE_STM32H743 "stm32h743"
OBJECT_DECLARE_SIMPLE_TYPE(Stm32h743, STM32H743)

#define TYPE_STM32_BANK "stm32-bank"

enum { STM32H743_IRQS = 150, STM32H743_RAMS = 9 };

struct Stm32h743 {
    DeviceState parent_obj;
    ARMv7MState core;
    uint32_t hse_hz, lse_hz;            /* properties: the board's crystals */

    Stm32Rcc *rcc;
    MemoryRegion ram[STM32H743_RAMS];
    MemoryRegion code_alias;
    MemoryRegion gated[4];              /* what is seen of a memory whose clock is off */
    ArmDebug debug;
    ArmDap dap;
    SwjPins pins;
    RttProbe rtt;
    RttRange ram_range[STM32H743_RAMS];
    MemoryRegion dma_view;              /* memory as DMA1, DMA2 see it: without the core's own TCM */
    AddressSpace dma_space;
};

/* A peripheral by its name in the reference manual ("USART3"); NULL when there is none. */
Stm32Periph *stm32h743_find(Stm32h743 *chip, const char *name);

/* A new source for an interrupt input of the NVIC, ORed with its others. */
qemu_irq stm32h743_interrupt(Stm32h743 *chip, unsigned number);

/* Connections between peripherals that aren't in the table: pins to EXTI, muxes to DMA controllers (stm32h743_wiring.c). */
void stm32h743_wire(Stm32h743 *chip);

/* What is outside of the chip, where chardevs are so named: the debug connector "swj", a probe's RTT "rtt" (stm32h743_debug.c). */
void stm32h743_connect_debug_port(Stm32h743 *chip);

/* A reset that is over when the probe's access is: what it looks at next is the state after it. */
void stm32h743_reset_by_probe(Stm32h743 *chip, Stm32ResetCause cause);

/* Power goes: RAM content is lost, a flash operation stays half done. */
void stm32h743_power_cut(Stm32h743 *chip);

/* Standby: RAM content is lost, but for the backup SRAM if it has its regulator. */
void stm32h743_lose_memory(Stm32h743 *chip, bool keeps_backup);

/* Boot: the vector table's address for the state of the BOOT0 pin, from the option bytes. */
uint32_t stm32h743_boot_address(Stm32h743 *chip, bool boot0);

/* Registers of a peripheral that is storage only (stm32h743_banks.c), by name; NULL: the chip has none of that name. */
const RegMap *stm32h743_bank_map(const char *name);

/* Which mux a DMA request goes to. */
typedef enum Stm32Mux { NO_MUX, DMAMUX1, DMAMUX2, MDMA_MUX } Stm32Mux;

/* One peripheral. A type that is not linked becomes a bank of storage. */
typedef struct Stm32Row {
    const char *name;                   /* these four come from the chip's register description */
    uint32_t address;
    unsigned irqs;
    uint8_t irq[8];                     /* NVIC inputs of its outputs */
    const char *type;
    Stm32Gate gate;
    Stm32Kernel kernel;
    uint32_t variant;
    struct { uint8_t mux, line; } dma[STM32_PERIPH_DMA_LINES];
} Stm32Row;

extern const Stm32Row stm32h743_rows[];
extern const unsigned stm32h743_row_count;

#endif
