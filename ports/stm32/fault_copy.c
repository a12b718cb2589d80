/* SPDX-License-Identifier: MIT */
/* Reading what may answer with a bus error, and the vector that makes it possible. What isn't prepared goes on to fault_entry. */
#include "fault.h"
#include <stdint.h>
#include "stm32h743.h"

/* A load that may fail: the copy loop of fault_copy(). Its addresses tell the handler that the program is prepared. */
extern const uint8_t fault_copy_end[];

__attribute__((naked)) bool fault_copy(void *to, const void *from, size_t size)
{
    __asm volatile("1: ldr r3, [r1], #4\n"
                   "str r3, [r0], #4\n"
                   "subs r2, #4\n"
                   "bne 1b\n"
                   "movs r0, #1\n"
                   "bx lr\n"
                   ".global fault_copy_end\n"
                   ".thumb_func\n"
                   "fault_copy_end:\n"
                   "movs r0, #0\n"
                   "bx lr\n");
}

/* True when the bus error came from fault_copy(), which then returns false. */
__attribute__((used)) static bool fault_recover(uint32_t *frame)
{
    uint32_t pc = frame[6], begin = (uint32_t)fault_copy & ~1UL, end = (uint32_t)fault_copy_end & ~1UL;
    if (!(SCB->CFSR & BIT(9)) || pc < begin || pc >= end) {
        return false;
    }
    frame[6] = end;
    SCB->CFSR = SCB->CFSR & 0xFF00;
    SCB->HFSR = SCB->HFSR;
    __DSB();
    return true;
}

/* Bus and hard faults. The frame is looked at only when the stack pointer is good. */
__attribute__((naked)) void fault_bus_entry(void)
{
    __asm volatile("mov r0, sp\n"
                   "cmp r0, #1024\n"
                   "blo 1f\n"
                   "push {r0, lr}\n"
                   "bl fault_recover\n"
                   "pop {r1, lr}\n"
                   "cbz r0, 1f\n"
                   "bx lr\n"
                   "1: b fault_entry\n");
}
