/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base class of every STM32 peripheral: a register bank with a clock gate, a reset line, interrupts and DMA requests. */
#ifndef OPENMV_EMULATOR_STM32_PERIPH_H
#define OPENMV_EMULATOR_STM32_PERIPH_H

#include "regs.h"
#include "hw/irq.h"
#include "hw/sysbus.h"
#include "qom/object.h"
#include "stm32h7_rcc.h"

#define TYPE_STM32_PERIPH "stm32-periph"
OBJECT_DECLARE_TYPE(Stm32Periph, Stm32PeriphClass, STM32_PERIPH)

enum { STM32_PERIPH_DMA_LINES = 8 };

/* Where one DMA request of a peripheral goes; the chip's table fills it. */
typedef struct Stm32DmaPort {
    DeviceState *mux;           /* DMAMUX1, DMAMUX2 or MDMA; NULL: not connected */
    unsigned line;              /* request number there */
} Stm32DmaPort;

struct Stm32Periph {
    SysBusDevice parent_obj;
    RegBank regs;

    /* Set by the chip before realize. */
    char *name;                 /* "USART3" (property "name") */
    Stm32Rcc *rcc;              /* NULL in a chip without one */
    Stm32Gate gate;             /* enable and reset bits */
    Stm32Kernel kernel;         /* where its kernel clock comes from */
    AddressSpace *bus;          /* memory as its own bus master sees it */
    uint32_t variant;           /* property "variant": which registers or size, as the type defines */
    Stm32DmaPort dma[STM32_PERIPH_DMA_LINES];
};

/*
 * What a type fills in its class_init:
 *   map         its registers; a type whose registers depend on the variant gives `pick_map` instead
 *   setup       at realize, once the MMIO window exists: timers, chardevs, buses
 *   reset       after the registers have their reset values: system reset, and its reset bit in the RCC
 *   clocks      the kernel clock or the gate changed (also called after reset)
 * Interrupt outputs are plain sysbus IRQs made in instance_init, in the order of the chip's table.
 */
struct Stm32PeriphClass {
    SysBusDeviceClass parent_class;
    const RegMap *map;
    const RegMap *(*pick_map)(Stm32Periph *p);
    uint32_t (*read)(Stm32Periph *p, uint32_t offset, uint32_t stored);
    void (*write)(Stm32Periph *p, const RegWrite *write);
    void (*setup)(Stm32Periph *p, Error **errp);
    void (*reset)(Stm32Periph *p);
    void (*clocks)(Stm32Periph *p);
    bool backup_domain;         /* keeps its registers through a system reset; only loss of power resets it */
};

/* Content of a register from the device's side. */
static inline uint32_t *periph_reg(Stm32Periph *p, uint32_t offset)
{
    return regs_at(&p->regs, offset);
}

/* Registers to their reset values, then the class's reset and clocks hooks. */
void periph_reset(Stm32Periph *p);

/* Kernel clock in Hz; 0 when its source is off. */
uint32_t periph_clock_hz(Stm32Periph *p);

/* True when the RCC's enable bit lets the registers be used. */
bool periph_clocked(Stm32Periph *p);

#endif
