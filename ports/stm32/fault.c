/* SPDX-License-Identifier: MIT */
/* Fault handlers: registers over the console, by polling, then a reset. No interrupts, no heap, no C library. */
#include "fault.h"
#include <stddef.h>
#include <stdint.h>
#include "board.h"
#include "gpio.h"
#include "system.h"
#include "uart.h"

#define RED PIN(PIN_LED_RED_PORT, PIN_LED_RED_PIN)

static void print(const char *text)
{
    for (; *text; text++) {
        uart_panic_write(BOARD_CONSOLE_UART, (uint8_t)*text);
    }
}

static void print_hex(const char *name, uint32_t value)
{
    print(name);
    for (int shift = 28; shift >= 0; shift -= 4) {
        uart_panic_write(BOARD_CONSOLE_UART, (uint8_t)"0123456789ABCDEF"[(value >> shift) & 15]);
    }
}

/* Bits of the configurable fault status register (Armv7-M ARM, B3.2.15). */
static const struct { uint8_t bit; const char *text; } causes[] = {
    { 0, "instruction fetch forbidden" }, { 1, "access forbidden (null pointer, or stack overflow)" }, { 3, "unstacking forbidden" },
    { 4, "stacking forbidden (stack overflow)" }, { 5, "FPU stacking forbidden" }, { 8, "instruction bus error" }, { 9, "bus error" },
    { 10, "late bus error" }, { 11, "bus error while unstacking" }, { 12, "bus error while stacking" }, { 16, "undefined instruction" },
    { 17, "invalid state" }, { 18, "invalid exception return" }, { 19, "no coprocessor" }, { 24, "unaligned access" }, { 25, "division by zero" },
};

__attribute__((used, noreturn)) static void fault_report(const uint32_t *frame, uint32_t exc_return)
{
    static const char *const names[] = { "R0=", " R1=", " R2=", " R3=", " R12=", "\r\nLR=", " PC=", " PSR=" };
    uint32_t cfsr = SCB->CFSR;
    print("\r\n\r\nFATAL: exception ");
    print_hex("", __get_IPSR() & 0x1FF);
    print("\r\n");
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (cfsr >> causes[i].bit & 1) {
            print(causes[i].text);
            print("\r\n");
        }
    }
    /* The frame can only be read when the stack pointer still points to memory. */
    if (!(cfsr & (BIT(4) | BIT(12))) && system_is_ram(frame, 32)) {
        for (unsigned i = 0; i < 8; i++) {
            print_hex(names[i], frame[i]);
        }
    }
    print_hex("\r\nSP=", (uint32_t)frame);
    print_hex(" EXC_RETURN=", exc_return);
    print_hex(" CFSR=", cfsr);
    print_hex(" HFSR=", SCB->HFSR);
    if (cfsr & BIT(7)) {
        print_hex(" MMFAR=", SCB->MMFAR);
    }
    if (cfsr & BIT(15)) {
        print_hex(" BFAR=", SCB->BFAR);
    }
    fault_panic("");
}

__attribute__((naked)) void fault_entry(void)
{
    /* A stack overflow must not fault again: the report runs on the top of the stack; what was there is lost, the frame is lower. */
    __asm volatile("cpsid i\n"
                   "mov r1, lr\n"
                   "mov r0, sp\n"
                   "ldr r2, =_stack_top\n"
                   "sub r3, r2, #1024\n"
                   "cmp r0, r3\n"
                   "it lo\n"
                   "movlo sp, r2\n"
                   "b fault_report\n");
}

_Noreturn void fault_panic(const char *message)
{
    __disable_irq();
    if (*message) {
        print("\r\n\r\nFATAL: ");
        print(message);
    }
    print("\r\nThe camera restarts.\r\n");
    uart_panic_flush(BOARD_CONSOLE_UART);
    system_reset();
}

_Noreturn void fault_blink(unsigned code)
{
    gpio_output(RED, true);
    for (;;) {
        for (unsigned i = 0; i < 2 * code + 6; i++) {
            gpio_write(RED, i >= 2 * code || (i & 1)); /* active low */
            for (volatile uint32_t wait = 0; wait < 2000000; wait++) {
            }
        }
    }
}

/* -fstack-protector-all (STACK_PROTECTOR=1) */
uintptr_t __stack_chk_guard = 0x5AFE57ACUL;
void __stack_chk_fail(void) __attribute__((noreturn));
void __stack_chk_fail(void) { fault_panic("stack smashed: a function wrote beyond its local variables"); }
