/* SPDX-License-Identifier: MIT */
/* DMA1 and DMA2 (RM0433 15), requests through DMAMUX1 (17). */
#include "dma.h"
#include <stddef.h>
#include "irq.h"
#include "system.h"

static struct { dma_handler function; void *context; } handlers[2][8];
static uint16_t used; /* bit set: controller 2 in the upper byte */

static struct dma_regs *controller(struct dma_stream s) { return s.controller == 1 ? DMA1 : DMA2; }
struct dma_stream_regs *dma_registers(struct dma_stream s) { return &controller(s)->STREAM[s.number]; }

/* Where the five flags of a stream begin in the status and clear registers (15.5.1). */
static unsigned flag_shift(struct dma_stream s)
{
    static const uint8_t shifts[4] = { 0, 6, 16, 22 };
    return shifts[s.number % 4];
}

uint32_t dma_flags(struct dma_stream s) { return controller(s)->ISR[s.number / 4] >> flag_shift(s) & DMA_FLAGS; }
void dma_clear_flags(struct dma_stream s, uint32_t flags) { controller(s)->IFCR[s.number / 4] = (flags & DMA_FLAGS) << flag_shift(s); }

static int irqn_of(struct dma_stream s)
{
    if (s.controller == 1) {
        return s.number == 7 ? DMA1_Stream7_IRQn : DMA1_Stream0_IRQn + s.number;
    }
    return s.number < 5 ? DMA2_Stream0_IRQn + s.number : DMA2_Stream5_IRQn + s.number - 5;
}

static void dma_interrupt(int irqn)
{
    for (uint8_t i = 0; i < 16; i++) {
        struct dma_stream s = { (uint8_t)(1 + i / 8), i % 8 };
        if ((used >> i & 1) && irqn_of(s) == irqn) {
            uint32_t flags = dma_flags(s);
            dma_clear_flags(s, flags);
            if (handlers[i / 8][s.number].function) {
                handlers[i / 8][s.number].function(flags, handlers[i / 8][s.number].context);
            }
        }
    }
}

void dma_configure(struct dma_stream s, const struct dma_config *c, dma_handler handler, void *context, uint32_t priority)
{
    unsigned index = (s.controller - 1u) * 8 + s.number;
    RCC->AHB1ENR |= RCC_AHB1ENR_DMA1EN << (s.controller - 1u);
    (void)RCC->AHB1ENR;
    used |= (uint16_t)(1u << index);
    dma_stop(s);
    struct dma_stream_regs *regs = dma_registers(s);
    DMAMUX1->CCR[index] = c->request;
    regs->CR = (c->to_peripheral ? DMA_CR_DIR_M2P : 0) | (c->circular || c->double_buffer ? DMA_CR_CIRC : 0)
        | (c->double_buffer ? DMA_CR_DBM : 0) | FIELD(DMA_CR_PSIZE, c->peripheral_size / 2) | FIELD(DMA_CR_MSIZE, c->memory_size / 2)
        | (c->memory_increment ? DMA_CR_MINC : 0) | FIELD(DMA_CR_PL, c->priority) | (c->fifo ? FIELD(DMA_CR_MBURST, 1) : 0) | c->interrupts;
    regs->FCR = c->fifo ? DMA_FCR_DMDIS | FIELD(DMA_FCR_FTH, 3) : 0;
    handlers[s.controller - 1][s.number].function = handler;
    handlers[s.controller - 1][s.number].context = context;
    irq_register(irqn_of(s), handler ? dma_interrupt : NULL, priority);
}

void dma_start(struct dma_stream s, volatile void *peripheral, void *memory0, void *memory1, uint32_t count)
{
    struct dma_stream_regs *regs = dma_registers(s);
    dma_clear_flags(s, DMA_FLAGS);
    regs->PAR = (uint32_t)peripheral;
    regs->M0AR = (uint32_t)memory0;
    regs->M1AR = (uint32_t)memory1;
    regs->NDTR = count;
    __DSB();
    regs->CR |= DMA_CR_EN;
}

uint32_t dma_stop(struct dma_stream s)
{
    if (!(used >> ((s.controller - 1u) * 8 + s.number) & 1)) {
        return 0; /* never configured: its controller may have no clock */
    }
    struct dma_stream_regs *regs = dma_registers(s);
    regs->CR &= ~DMA_CR_EN;
    struct deadline d = deadline_us(1000);
    while ((regs->CR & DMA_CR_EN) && !deadline_passed(&d)) {
    }
    dma_clear_flags(s, DMA_FLAGS);
    return regs->NDTR;
}

void dma_reset(void)
{
    for (uint8_t i = 0; i < 16; i++) {
        struct dma_stream s = { (uint8_t)(1 + i / 8), i % 8 };
        if (used >> i & 1) {
            irq_register(irqn_of(s), NULL, 0);
            dma_stop(s);
            handlers[i / 8][s.number].function = NULL;
        }
    }
    used = 0;
}
