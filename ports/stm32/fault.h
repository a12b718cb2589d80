/* SPDX-License-Identifier: MIT */
/* What happens when the processor or the code finds that it can't go on. */
#ifndef STM32_FAULT_H
#define STM32_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* Vector of every fault: leaves a crash record, prints registers and the fault's cause on the console, then resets. */
void fault_entry(void);

/* Vector of bus and hard faults: the same, unless the program was prepared for it. */
void fault_bus_entry(void);

/* Copies `size` bytes (a multiple of 4, not 0; both aligned to 4) from memory that may answer with a bus error: false then. */
bool fault_copy(void *to, const void *from, size_t size);

/* The same with a message instead of an exception. */
_Noreturn void fault_panic(const char *message);

/* Before there is a console: the red LED blinks `code` times, pauses, and so on for ever. */
_Noreturn void fault_blink(unsigned code);
enum { BLINK_VOLTAGE = 2, BLINK_OSCILLATOR = 3, BLINK_PLL = 4, BLINK_SWITCH = 5, BLINK_HSI48 = 6 };

#endif
