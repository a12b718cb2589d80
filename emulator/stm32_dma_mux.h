/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DMAMUX between request lines and DMA channels, and what a DMA controller offers to it and to MDMA. */
#ifndef OPENMV_EMULATOR_STM32_DMA_MUX_H
#define OPENMV_EMULATOR_STM32_DMA_MUX_H

#include "stm32_dma.h"

#define TYPE_STM32_DMAMUX "stm32-dmamux"
#define TYPE_STM32_DMA "stm32-dma"
#define TYPE_STM32_BDMA "stm32-bdma"
#define TYPE_STM32_MDMA "stm32-mdma"

/* A DMA controller behind a mux. `channel` is its own stream or channel number. */
typedef struct Stm32DmaOps {
    void (*kick)(Stm32Periph *dma, unsigned channel);               /* a request is there, or may be */
    bool (*ready)(Stm32Periph *dma, unsigned channel);              /* enabled, so that it would serve a request */
    size_t (*push)(Stm32Periph *dma, unsigned channel, const uint8_t *bytes, size_t length);
} Stm32DmaOps;

/* Wires one channel of the mux to a controller; the chip does it once. Variant of the mux: number of channels. */
void stm32_dmamux_connect(Stm32Periph *mux, unsigned mux_channel, Stm32Periph *dma, const Stm32DmaOps *ops, unsigned channel);

/* Is a request waiting for that channel of the mux? */
bool stm32_dmamux_requested(Stm32Periph *mux, unsigned mux_channel);

/* The controller has moved an item for that channel: a pulse is used up. */
void stm32_dmamux_served(Stm32Periph *mux, unsigned mux_channel);

/* Named GPIO outputs "complete" of DMA1 and DMA2: the streams' transfer complete flags, MDMA's requests 0..15. */

extern const Stm32DmaOps stm32_dma_ops, stm32_bdma_ops;

/* The mux that a controller asks for its requests, and its first channel there; set by the chip. */
void stm32_dma_set_mux(Stm32Periph *dma, Stm32Periph *mux, unsigned first);
void stm32_bdma_set_mux(Stm32Periph *bdma, Stm32Periph *mux, unsigned first);

/* A request line of MDMA. */
void stm32_mdma_request(Stm32Periph *mdma, unsigned line, bool level);

#endif
