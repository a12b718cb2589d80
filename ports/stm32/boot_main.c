/* SPDX-License-Identifier: MIT */
/* The bootloader on this chip, from the reset vector to the application's. It runs on the clock of the reset, HSI at 64 MHz: nothing can fail
   before a host can help, and there is nothing to undo for an application that expects a chip just reset. */
#include "board.h"
#include "boot/board_table.h"
#include "boot_stm32.h"
#include "fault.h"
#include "gpio.h"
#include "system.h"
#include "usb_device.h"

#define LED PIN(BOARD_BOOT_LED_PORT, BOARD_BOOT_LED_PIN)
#define HSI_HZ 64000000u
#define SUPPLY_TIMEOUT_US 10000u
#define GONE_US 5000u           /* so long the host sees nobody, before the application connects */
#define GPIO_PORTS (RCC_AHB4ENR_GPIOKEN * 2 - 1) /* A to K, in ENR and RSTR */
#define ERASE_POLL_MS 100u      /* an erase takes 1 to 4 s; the host is answered meanwhile */

struct boot boot;
uint32_t system_core_mhz = HSI_HZ / 1000000;
static volatile uint32_t milliseconds;

/* ---- Time ---------------------------------------------------------------------------------------------- */

static void tick(void) { milliseconds++; }

uint32_t boot_time_ms(void *context)
{
    (void)context;
    return milliseconds;
}

void boot_sleep_if(bool (*idle)(void))
{
    __disable_irq();
    if (idle()) {
        __DSB();
        __WFI(); /* a pending interrupt ends it, although none is taken yet */
    }
    __enable_irq();
}

/* ---- LED, request ----------------------------------------------------------------------------------------- */

static void led(void *context, bool on)
{
    (void)context;
    gpio_write(LED, on == BOARD_BOOT_LED_ON);
}

/* RAM that lost its power holds noise, with a wrong ECC, too: it is read as flash is, without a fault. */
static bool take_request(void *context)
{
    volatile uint32_t *word = (volatile uint32_t *)BOARD_BOOT_MAGIC_ADDRESS;
    uint32_t value = 0;
    (void)context;
    bool asked = fault_copy(&value, (const void *)BOARD_BOOT_MAGIC_ADDRESS, sizeof value) && value == BOARD_BOOT_MAGIC;
    *word = 0;
    return asked;
}

/* ---- Start -------------------------------------------------------------------------------------------------- */

static void wait_for(reg32 *reg, uint32_t bit)
{
    struct deadline d = deadline_us(SUPPLY_TIMEOUT_US);
    while (!(*reg & bit) && !deadline_passed(&d)) {
        /* Without it there is no USB, which is no reason not to start the application. */
    }
}

/* None enabled, none pending: after a reset, and after a ROM loader that jumps here instead. */
static void interrupts_off(void)
{
    SysTick->CTRL = 0;
    for (unsigned i = 0; i < 8; i++) {
        NVIC->ICER[i] = UINT32_MAX;
        NVIC->ICPR[i] = UINT32_MAX;
    }
    SCB->ICSR = SCB_ICSR_PENDSVCLR_Msk | SCB_ICSR_PENDSTCLR_Msk;
}

static void hardware_init(void)
{
    interrupts_off();
    CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk;
    DWT->LAR = 0xC5ACCE55UL;
    DWT->CYCCNT = 0;
    DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;
    /* RM0433 6.4.1: RAM is only reliably written once the supply has been chosen. It can't be chosen twice, so all programs choose the same. */
    PWR->CR3 = (PWR->CR3 & ~(PWR_CR3_BYPASS | PWR_CR3_SDEN)) | PWR_CR3_LDOEN;
    wait_for(&PWR->CSR1, PWR_CSR1_ACTVOSRDY);
    RCC->CR |= RCC_CR_HSI48ON;
    wait_for(&RCC->CR, RCC_CR_HSI48RDY);
    gpio_output(LED, !BOARD_BOOT_LED_ON);
    SysTick->LOAD = HSI_HZ / 1000 - 1;
    SysTick->VAL = 0;
    SysTick->CTRL = SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_TICKINT_Msk | SysTick_CTRL_ENABLE_Msk;
}

/* Everything as after a reset. What ran it last (a debugger) keeps its trace unit. */
static void hardware_undo(void)
{
    for (struct deadline d = deadline_us(GONE_US); !deadline_passed(&d);) {
        /* nothing */
    }
    interrupts_off();
    SysTick->LOAD = 0;
    SysTick->VAL = 0;
    DWT->CTRL &= ~DWT_CTRL_CYCCNTENA_Msk;
    RCC->AHB4RSTR = GPIO_PORTS;
    (void)RCC->AHB4RSTR;
    RCC->AHB4RSTR = 0;
    RCC->AHB4ENR &= ~GPIO_PORTS;
    RCC->D2CCIP2R = 0;
    RCC->CR &= ~RCC_CR_HSI48ON;
}

_Noreturn static void jump(const uint32_t *vectors)
{
    __asm volatile("msr control, %2\n"
                   "msr msp, %0\n"
                   "dsb\n"
                   "isb\n"
                   "cpsie i\n"
                   "bx %1\n"
                   :
                   : "r"(vectors[0]), "r"(vectors[1]), "r"(0)
                   : "memory");
    __builtin_unreachable();
}

static void start(void *context, uint32_t address)
{
    (void)context;
    __disable_irq();
    hardware_undo();
    SCB->VTOR = address;
    jump((const uint32_t *)address);
}

static const struct boot_port port = {
    .read = boot_flash_read,
    .erase = boot_flash_erase,
    .program = boot_flash_program,
    .erase_poll_ms = ERASE_POLL_MS,
    .time_ms = boot_time_ms,
    .led = led,
    .take_request = take_request,
    .usb_pull = boot_usb_pull,
    .usb_poll = boot_usb_poll,
    .usb_busy = boot_usb_busy,
    .start = start,
};

__attribute__((used, noreturn)) static void boot_main(void)
{
    hardware_init();
    __enable_irq();
    boot_run(&boot, &boot_board, &port);
    boot_fatal(&port);
}

/* ---- Faults --------------------------------------------------------------------------------------------------- */

/* In a fault the tick can't interrupt: it is polled. */
static uint32_t polled_ms(void *context)
{
    (void)context;
    boot_feed_watchdog();
    milliseconds += SysTick->CTRL >> SysTick_CTRL_COUNTFLAG_Pos & 1;
    return milliseconds;
}

__attribute__((used, noreturn)) static void fault_main(void)
{
    static const struct boot_port stuck = { .time_ms = polled_ms, .led = led };
    boot_fatal(&stuck);
}

__attribute__((naked)) void fault_entry(void)
{
    __asm volatile("cpsid i\n"
                   "ldr r0, =_boot_stack_top\n"
                   "mov sp, r0\n"
                   "b fault_main\n");
}

/* ---- Vectors, and the start in flash ----------------------------------------------------------------------------- */

extern uint32_t _boot_stack_top[];
void Reset_Handler(void);

/* Copies code and data from flash, clears the rest, and goes on in RAM. */
__attribute__((naked, noreturn, section(".boot_start"))) void Reset_Handler(void)
{
    __asm volatile("cpsid i\n"
                   "movs r0, #0\n"
                   "msr control, r0\n"
                   "ldr r0, =_boot_stack_top\n"
                   "msr msp, r0\n"
                   "isb\n"
                   "ldr r0, =_boot_code\n"
                   "ldr r1, =_boot_code_end\n"
                   "ldr r2, =_boot_code_load\n"
                   "1: ldr r3, [r2], #4\n"
                   "str r3, [r0], #4\n"
                   "cmp r0, r1\n"
                   "blo 1b\n"
                   "ldr r0, =_boot_data\n"
                   "ldr r1, =_boot_data_end\n"
                   "ldr r2, =_boot_data_load\n"
                   "b 3f\n"
                   "2: ldr r3, [r2], #4\n"
                   "str r3, [r0], #4\n"
                   "3: cmp r0, r1\n"
                   "blo 2b\n"
                   "ldr r0, =_boot_bss\n"
                   "ldr r1, =_boot_bss_end\n"
                   "movs r3, #0\n"
                   "b 5f\n"
                   "4: str r3, [r0], #4\n"
                   "5: cmp r0, r1\n"
                   "blo 4b\n"
                   "ldr r0, =_boot_code\n"
                   "ldr r1, =0xE000ED08\n" /* VTOR */
                   "str r0, [r1]\n"
                   "dsb\n"
                   "isb\n"
                   "ldr r0, =boot_main\n"
                   "bx r0\n"
                   ".ltorg\n");
}

/* A fault before there is anything in RAM. */
__attribute__((naked, section(".boot_start"))) static void early_fault(void) { __asm volatile("b .\n"); }

__attribute__((section(".boot_vectors"), used)) static void (*const flash_vectors[16])(void) = {
    (void (*)(void))_boot_stack_top,
    Reset_Handler,
    [2 ... 15] = early_fault,
};

__attribute__((section(".boot_ram_vectors"), used)) static void (*const ram_vectors[16 + USB_DEVICE_IRQ + 1])(void) = {
    (void (*)(void))_boot_stack_top,
    Reset_Handler,
    fault_entry,     /* NMI */
    fault_bus_entry, /* hard fault */
    fault_entry,
    fault_bus_entry,
    fault_entry,
    [7 ... 14] = fault_entry,
    [15] = tick,
    [16 ... 15 + USB_DEVICE_IRQ] = fault_entry,
    [16 + USB_DEVICE_IRQ] = boot_usb_interrupt,
};
