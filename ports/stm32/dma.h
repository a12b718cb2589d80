/* SPDX-License-Identifier: MIT */
/* DMA1 and DMA2 streams through DMAMUX1. These masters reach AXI SRAM and SRAM1-4, never a TCM. */
#ifndef STM32_DMA_H
#define STM32_DMA_H

#include <stdbool.h>
#include <stdint.h>
#include "stm32h743.h"

/* A stream: controller (1, 2) and number (0-7). */
struct dma_stream { uint8_t controller, number; };

struct dma_config {
    uint8_t request;            /* DMAMUX1 input, e.g. DMA_REQUEST_DCMI */
    bool to_peripheral;
    bool circular;
    bool double_buffer;         /* M0AR / M1AR in turn; implies circular */
    uint8_t peripheral_size;    /* 1, 2 or 4 bytes */
    uint8_t memory_size;        /* 1, 2 or 4 bytes; with the FIFO it may differ from peripheral_size */
    bool memory_increment;
    uint8_t priority;           /* 0-3 */
    bool fifo;                  /* full-threshold FIFO and bursts of 4 on the memory side */
    uint32_t interrupts;        /* DMA_CR_TCIE | DMA_CR_HTIE | DMA_CR_TEIE ... */
};

/* Handler of a stream's interrupt; `flags` = DMA_FLAG_* that were set, already cleared. */
typedef void (*dma_handler)(uint32_t flags, void *context);

/* Clock, DMAMUX and stream registers; the stream stays off. The handler may be NULL when no interrupt is asked for. */
void dma_configure(struct dma_stream s, const struct dma_config *config, dma_handler handler, void *context, uint32_t priority);

/* Start a transfer of `count` items of peripheral_size. memory1 is used by double_buffer only. */
void dma_start(struct dma_stream s, volatile void *peripheral, void *memory0, void *memory1, uint32_t count);

/* Disable and wait (bounded) until the stream is off; returns the items that were left. */
uint32_t dma_stop(struct dma_stream s);

struct dma_stream_regs *dma_registers(struct dma_stream s);
uint32_t dma_flags(struct dma_stream s);                /* DMA_FLAG_* now set */
void dma_clear_flags(struct dma_stream s, uint32_t flags);

/* All streams off, all handlers gone. */
void dma_reset(void);

#endif
