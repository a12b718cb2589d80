/* SPDX-License-Identifier: MIT */
/* Code that runs from RAM: it must work while the flash it would be fetched from is being erased. */
#ifndef STM32_RAMFUNC_H
#define STM32_RAMFUNC_H

#define RAMFUNC __attribute__((section(".ramfunc"), noinline, long_call, no_instrument_function, no_stack_protector))

#endif
