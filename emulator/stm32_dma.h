/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peripheral's side of DMA: request levels for DMA1/DMA2/BDMA behind a DMAMUX, and for MDMA. */
#ifndef OPENMV_EMULATOR_STM32_DMA_H
#define OPENMV_EMULATOR_STM32_DMA_H

#include "stm32_periph.h"

/*
 * Two ways for a peripheral to have its data moved. `n` is the index in the peripheral's row of the chip's table
 * (p->dma[n]); a request that isn't connected is ignored.
 *
 * 1. A level, as in the chip: while it is high and a stream is enabled and routed to it, the controller reads or writes
 *    the data register by a real bus access, one item after the other. Lower it from the data register's handler when the
 *    FIFO is empty (full). The transfer starts after the current register access is over, never inside it.
 *
 * 2. For fast sources (a camera line), bytes at once: exactly as if the stream had read them from the data register.
 *    Call it from a timer, not from a register handler.
 */
void periph_dma_request(Stm32Periph *p, unsigned n, bool level);

/* One item's worth of a request, as a timer makes it: it stands until a stream has served it once. */
void periph_dma_pulse(Stm32Periph *p, unsigned n);

/*
 * Pushes `length` bytes into memory through the stream that serves the request (circular, double buffer, flags and
 * interrupts as programmed). Returns how many were taken: 0 when no stream is enabled for it, fewer than `length` when the
 * stream ended or failed. Whole items of the stream's peripheral size only.
 */
size_t periph_dma_push(Stm32Periph *p, unsigned n, const uint8_t *bytes, size_t length);

/* True when a stream (channel) is enabled and routed to this request. */
bool periph_dma_ready(Stm32Periph *p, unsigned n);

#endif
