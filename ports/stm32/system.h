/* SPDX-License-Identifier: MIT */
/* The core: time, caches and memory protection, background interrupt, reset. */
#ifndef STM32_SYSTEM_H
#define STM32_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "stm32h743.h"

/* Bytes at address 0, below the stack, that nobody may touch. */
#define STACK_GUARD_LOG2 8
#define STACK_GUARD_BYTES (1U << STACK_GUARD_LOG2)

/* MPU, caches, SysTick and interrupt priorities; the clocks run already. */
void system_init(void);

/* Time since start. The microseconds wrap every 71 minutes; the milliseconds every 49 days. Any context. */
uint32_t system_ms(void);
uint32_t system_us(void);
uint64_t system_us64(void);
void system_delay_us(uint32_t us);              /* busy */
static inline uint32_t system_cycles(void) { return DWT->CYCCNT; }

/* Time that passed while interrupts were off (a flash erase): keeps the clock right. */
void system_add_ms(uint32_t ms);

/* Milliseconds since start in which the camera listened: without those of system_add_ms. For time-outs on what others send. */
uint32_t system_listening_ms(void);

/* Starts the cycle counter behind the deadlines; the first thing that main() does. */
void system_start_counter(void);
extern uint32_t system_core_mhz;

/* A deadline for waits on hardware: struct deadline d = deadline_us(100); while (!ready) if (deadline_passed(&d)) ... Needs only DWT. */
struct deadline { uint32_t start, cycles; };
static inline struct deadline deadline_us(uint32_t us)  /* up to 8 s at 480 MHz */
{
    return (struct deadline){ DWT->CYCCNT, us * system_core_mhz };
}
static inline bool deadline_passed(const struct deadline *d) { return DWT->CYCCNT - d->start > d->cycles; }

/* Vectors. */
void system_tick(const uint32_t *frame);    /* of the exception: R0-R3, R12, LR, PC, PSR */
void system_pendsv(void);

/* Work for PendSV: each slot is one function, run once per request, at the lowest priority. */
enum { PENDSV_SOFT_TIMER, PENDSV_USB, PENDSV_CONSOLE, PENDSV_CAMERA, PENDSV_COUNT };
void system_set_pendsv(unsigned slot, void (*function)(void));
void system_request_pendsv(unsigned slot);

_Noreturn void system_reset(void);
_Noreturn void system_enter_bootloader(void);   /* the magic word, then a reset */
void system_wait_interrupt(void);               /* sleeps until any interrupt */

/* True when [address, address + size) lies in one RAM of the chip. */
bool system_is_ram(const void *address, size_t size);

/* Before a DMA reads (clean) and after a DMA wrote (invalidate) cacheable memory; address and size are widened to whole lines. */
void cache_clean(const void *address, size_t size);
void cache_invalidate(void *address, size_t size);

/* Why the chip last started: the numbers of machine.PWRON_RESET and so on. */
enum { SYSTEM_RESET_POWER_ON = 1, SYSTEM_RESET_PIN, SYSTEM_RESET_WATCHDOG, SYSTEM_RESET_DEEPSLEEP, SYSTEM_RESET_SOFTWARE };
unsigned system_reset_cause(void);

/* Unique id: BOARD_UID_WORDS words as they lie in the chip. */
const uint32_t *system_unique_id(void);

#endif
