/* SPDX-License-Identifier: MIT */
/* What happens when the processor or the code finds that it can't go on. */
#ifndef STM32_FAULT_H
#define STM32_FAULT_H

/* Vector of every fault: prints registers and the fault's cause on the console, then resets. */
void fault_entry(void);

/* Prints the message on the console, without interrupts, and resets. */
_Noreturn void fault_panic(const char *message);

/* Before there is a console: the red LED blinks `code` times, pauses, and so on for ever. */
_Noreturn void fault_blink(unsigned code);
enum { BLINK_VOLTAGE = 2, BLINK_OSCILLATOR = 3, BLINK_PLL = 4, BLINK_SWITCH = 5, BLINK_HSI48 = 6 };

#endif
