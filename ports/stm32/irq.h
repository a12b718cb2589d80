/* SPDX-License-Identifier: MIT */
/* Interrupts: handlers are registered at run time, so a driver brings its own without touching the vector table. */
#ifndef STM32_IRQ_H
#define STM32_IRQ_H

#include "stm32h743.h"

/* Priorities, 0 = most urgent. The camera must not lose a line; PendSV is the background of everything. */
enum {
    IRQ_PRIORITY_CAMERA = 1,
    IRQ_PRIORITY_SYSTICK = 2,
    IRQ_PRIORITY_DMA = 3,
    IRQ_PRIORITY_UART = 4,
    IRQ_PRIORITY_USB = 5,
    IRQ_PRIORITY_PIN = 6,
    IRQ_PRIORITY_TIMER = 7,
    IRQ_PRIORITY_PENDSV = 15,
};

typedef void (*irq_handler)(int irqn);

/* Installs the handler, sets the priority, clears what is pending and enables the interrupt. NULL disables it. */
void irq_register(int irqn, irq_handler handler, uint32_t priority);

static inline uint32_t irq_disable(void)
{
    uint32_t state = __get_PRIMASK();
    __disable_irq();
    return state;
}

static inline void irq_restore(uint32_t state) { __set_PRIMASK(state); }

#endif
