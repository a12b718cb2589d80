/* SPDX-License-Identifier: MIT */
/* The clock tree: what board.h describes, switched on in the order of RM0433 8.5 and 6.6. */
#ifndef STM32_CLOCK_H
#define STM32_CLOCK_H

#include <stdint.h>

/* From any state (reset, or a bootloader's clocks) to the board's full speed. A clock that never comes up ends in fault_blink(). */
void clock_init(void);

/* Frequencies in Hz, after clock_init(). */
uint32_t clock_core_hz(void);
uint32_t clock_ahb_hz(void);
uint32_t clock_apb_hz(void);            /* all four APBs run at the same speed */
uint32_t clock_timer_hz(void);          /* kernel clock of every timer */
uint32_t clock_pll_hz(unsigned pll, char output); /* 1-3, 'P' 'Q' 'R' */

#endif
