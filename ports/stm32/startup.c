/* SPDX-License-Identifier: MIT */
/* From the reset vector to main(): nothing is assumed of what ran before (a bootloader jumps here with its own stack, vector table and caches). */
#include <string.h>
#include "fault.h"
#include "irq.h"
#include "system.h"

extern uint32_t _stack_top[], _data_load[], _data_start[], _data_end[], _bss_start[], _bss_end[];
extern void (*const vectors[16 + IRQ_COUNT])(void);
int main(void);

static irq_handler irq_handlers[IRQ_COUNT];

static void unused_interrupt(int irqn) { NVIC_DisableIRQ((IRQn_Type)irqn); }

static void irq_dispatch(void)
{
    int irqn = (int)(__get_IPSR() & 0x1FF) - 16;
    irq_handler handler = irq_handlers[irqn];
    (handler ? handler : unused_interrupt)(irqn);
}

void irq_register(int irqn, irq_handler handler, uint32_t priority)
{
    NVIC_DisableIRQ((IRQn_Type)irqn);
    __DSB();
    irq_handlers[irqn] = handler;
    if (handler) {
        NVIC_SetPriority((IRQn_Type)irqn, priority);
        NVIC_ClearPendingIRQ((IRQn_Type)irqn);
        NVIC_EnableIRQ((IRQn_Type)irqn);
    }
}

/* Interrupts, SysTick, MPU and caches as after a reset. The D-cache is cleaned: lines of a bootloader must not be written back later. */
static void undo_bootloader(void)
{
    SysTick->CTRL = 0;
    for (unsigned i = 0; i < 8; i++) {
        NVIC->ICER[i] = UINT32_MAX;
        NVIC->ICPR[i] = UINT32_MAX;
    }
    SCB->ICSR = SCB_ICSR_PENDSVCLR_Msk | SCB_ICSR_PENDSTCLR_Msk;
    SCB_DisableDCache();
    SCB_DisableICache();
    MPU->CTRL = 0;
    __DSB();
    __ISB();
}

__attribute__((used, noreturn)) static void reset_main(void)
{
    SCB->VTOR = (uint32_t)vectors;
    SCB->CPACR |= 0xFUL << 20; /* FPU: full access to CP10 and CP11 */
    __DSB();
    __ISB();
    undo_bootloader();
    /* The D2 SRAMs hold .data and .bss: they are off after a reset (RM0433 8.7.40). */
    RCC->AHB2ENR |= RCC_AHB2ENR_SRAM1EN | RCC_AHB2ENR_SRAM2EN | RCC_AHB2ENR_SRAM3EN;
    (void)RCC->AHB2ENR;
    memcpy(_data_start, _data_load, (size_t)((char *)_data_end - (char *)_data_start));
    memset(_bss_start, 0, (size_t)((char *)_bss_end - (char *)_bss_start));
    __enable_irq();
    main();
    system_reset();
}

__attribute__((naked, noreturn)) void Reset_Handler(void)
{
    __asm volatile("cpsid i\n"
                   "movs r0, #0\n"
                   "msr control, r0\n"
                   "ldr r0, =_stack_top\n"
                   "msr msp, r0\n"
                   "isb\n"
                   "b reset_main\n");
}

static void ignore(void) {}

/* With the frame of what the tick interrupts (Armv7-M ARM B1.5.6). */
__attribute__((naked)) static void tick_entry(void)
{
    __asm volatile("mov r0, sp\n"
                   "b system_tick\n");
}

__attribute__((section(".vectors"), used)) void (*const vectors[16 + IRQ_COUNT])(void) = {
    (void (*)(void))_stack_top,
    Reset_Handler,
    fault_entry, /* NMI: only the clock security system raises one */
    fault_bus_entry, /* hard fault */
    fault_entry,
    fault_bus_entry,
    fault_entry,
    [11] = ignore, /* SVC */
    [12] = ignore, /* debug monitor */
    [14] = system_pendsv,
    [15] = tick_entry,
    [16 ... 15 + IRQ_COUNT] = irq_dispatch,
};
