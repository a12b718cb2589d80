/* SPDX-License-Identifier: MIT */
/* Fault handlers: a record for the next start, registers over the console by polling, then a reset. No interrupts, no heap. */
#include "fault.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "board.h"
#include "crash.h"
#include "gpio.h"
#include "runtime/debug.h"
#include "system.h"
#include "uart.h"

#define RED PIN(PIN_LED_RED_PORT, PIN_LED_RED_PIN)

static void print(const char *text)
{
    debug_write(text, strlen(text));
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

/* R4 to R11 as fault_entry has found them; R0 to R3, R12, LR, PC, PSR are in the exception's frame (B1.5.6). */
__attribute__((used)) static uint32_t callee_saved[8];
enum { FRAME_R12 = 4, FRAME_LR, FRAME_PC, FRAME_PSR, FRAME_WORDS, FRAME_WORDS_FPU = 26 };

static const char *cause(uint32_t cfsr)
{
    for (unsigned i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (cfsr >> causes[i].bit & 1) {
            return causes[i].text;
        }
    }
    return "an unexpected exception";
}

/* `frame` is NULL when the stack pointer no longer points to memory. */
static struct crash_record *record_fault(const uint32_t *frame, uint32_t exc_return)
{
    uint32_t cfsr = SCB->CFSR;
    struct crash_record *r = crash_begin(CRASH_FAULT, cause(cfsr));

    r->exception = __get_IPSR() & 0x1FF;
    r->exc_return = exc_return;
    r->cfsr = cfsr;
    r->hfsr = SCB->HFSR;
    r->mmfar = cfsr & BIT(7) ? SCB->MMFAR : 0;
    r->bfar = cfsr & BIT(15) ? SCB->BFAR : 0;
    memcpy(&r->r[4], callee_saved, sizeof callee_saved);
    if (frame) {
        memcpy(r->r, frame, 4 * sizeof *frame);
        r->r[12] = frame[FRAME_R12];
        r->lr = frame[FRAME_LR];
        r->pc = frame[FRAME_PC];
        r->psr = frame[FRAME_PSR];
        /* Bit 4 of EXC_RETURN: no FPU registers; bit 9 of PSR: a word for alignment. */
        crash_add_stack(r, frame + (exc_return & BIT(4) ? FRAME_WORDS : FRAME_WORDS_FPU) + (r->psr >> 9 & 1));
    }
    crash_end(r);
    return r;
}

static void print_script(const struct crash_record *r)
{
    char digits[12], *p = digits + sizeof digits;

    if (!r->line) {
        return;
    }
    *--p = 0;
    for (uint32_t n = r->line; n; n /= 10) {
        *--p = (char)('0' + n % 10);
    }
    print("\r\nscript ");
    print(r->script);
    print(", line ");
    print(p);
    print(", in ");
    print(r->block);
}

static _Noreturn void restart(void)
{
    print("\r\nThe camera restarts.\r\n");
    uart_panic_flush(BOARD_CONSOLE_UART);
    system_reset();
}

__attribute__((used, noreturn)) static void fault_report(const uint32_t *frame, uint32_t exc_return)
{
    uint32_t cfsr = SCB->CFSR;
    /* Stacking has failed: the frame is not what was there. */
    bool whole = !(cfsr & (BIT(4) | BIT(12))) && system_is_ram(frame, 4 * FRAME_WORDS_FPU);
    const struct crash_record *r = record_fault(whole ? frame : NULL, exc_return);

    print("\r\n\r\nFATAL: ");
    print(r->message);
    print_hex(", exception ", r->exception);
    print_script(r);
    for (unsigned i = 0; whole && i < 13; i++) {
        char name[] = { i % 7 ? ' ' : '\n', 'R', (char)(i < 10 ? '0' + i : '1'), i < 10 ? '=' : (char)('0' + i - 10), i < 10 ? 0 : '=', 0 };
        print(i % 7 ? "" : "\r");
        print_hex(name, r->r[i]);
    }
    print_hex("\r\nSP=", whole ? r->sp : (uint32_t)frame);
    print_hex(" LR=", r->lr);
    print_hex(" PC=", r->pc);
    print_hex(" PSR=", r->psr);
    print_hex(" EXC_RETURN=", exc_return);
    print_hex("\r\nCFSR=", cfsr);
    print_hex(" HFSR=", r->hfsr);
    print_hex(" MMFAR=", r->mmfar);
    print_hex(" BFAR=", r->bfar);
    restart();
}

__attribute__((naked)) void fault_entry(void)
{
    /* A stack overflow must not fault again: the report runs on the top of the stack; what was there is lost, the frame is lower. */
    __asm volatile("cpsid i\n"
                   "mov r1, lr\n"
                   "mov r0, sp\n"
                   "ldr r2, =callee_saved\n"
                   "stmia r2, {r4-r11}\n"
                   "ldr r2, =_stack_top\n"
                   "sub r3, r2, #1024\n"
                   "cmp r0, r3\n"
                   "it lo\n"
                   "movlo sp, r2\n"
                   "b fault_report\n");
}

/* The record of what `pc` has found, and the message once more on the console. */
static _Noreturn void panic(struct crash_record *r, const void *pc)
{
    r->pc = (uint32_t)pc;
    r->exception = __get_IPSR() & 0x1FF;
    crash_add_stack(r, (const uint32_t *)__get_MSP());
    crash_end(r);
    print("\r\n\r\nFATAL: ");
    print(r->message);
    print_hex(", at ", r->pc);
    print_script(r);
    restart();
}

_Noreturn void fault_panic(const char *message)
{
    __disable_irq();
    panic(crash_begin(CRASH_PANIC, message), __builtin_return_address(0));
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

/* ---- -fstack-protector-all (STACK_PROTECTOR=1) ------------------------------------------------------------- */

uintptr_t __stack_chk_guard = 0x5AFE57ACUL;

#if defined(STACK_PROTECTOR)
/* The name that -mpoke-function-name puts in front of a function: text padded with zeros to words, then 0xFF000000 + its bytes. */
static const char *function_name(uint32_t address)
{
    enum { FARTHEST = 0x20000, LONGEST = 128 };

    for (uint32_t at = address & ~3UL; at > address - FARTHEST && at >= FLASH_INTERNAL_BASE + LONGEST; at -= 4) {
        uint32_t mark = *(const uint32_t *)at, bytes = mark & 0xFFFFFF;
        if (mark >> 24 != 0xFF || !bytes || bytes > LONGEST || bytes % 4) {
            continue;
        }
        const char *name = (const char *)(at - bytes);
        uint32_t n = 0;
        while (n < bytes && name[n] > ' ' && name[n] < 0x7F) {
            n++;
        }
        if (n && n < bytes && bytes - n <= 4 && !name[n]) {
            return name;
        }
    }
    return "a function";
}
#else
static const char *function_name(uint32_t address)
{
    (void)address;
    return "a function";
}
#endif

void __stack_chk_fail(void) __attribute__((noreturn));
void __stack_chk_fail(void)
{
    static const char text[] = " wrote beyond its local variables";
    const void *pc = __builtin_return_address(0);

    __disable_irq();
    struct crash_record *r = crash_begin(CRASH_SMASHED, "stack smashed: ");
    strncat(r->message, function_name((uint32_t)pc), sizeof r->message - sizeof text - strlen(r->message));
    strcat(r->message, text);
    panic(r, pc);
}
