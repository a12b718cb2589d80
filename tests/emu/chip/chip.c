/* SPDX-License-Identifier: MIT */
/* Helpers of the chip's guests (chip.h). */
#include "chip.h"

volatile bool bus_faulted;

static void (*table[16 + 150])(void) __attribute__((aligned(1024)));

/* The fault handler steps over the 2-byte load or store that probe() uses. */
__attribute__((naked)) static void bus_fault(void)
{
    __asm volatile("ldr r1, [sp, #24] \n adds r1, #2 \n str r1, [sp, #24] \n"
                   "ldr r1, =0xe000ed28 \n ldr r2, [r1] \n str r2, [r1] \n"
                   "ldr r1, =bus_faulted \n movs r2, #1 \n strb r2, [r1] \n bx lr \n .ltorg");
}

static void install(void)
{
    if (!table[1]) {
        const uint32_t *flash = (const uint32_t *)0x08000000;

        for (int i = 0; i < 16; i++) {
            table[i] = (void (*)(void))flash[i];
        }
        REG(0xe000ed08) = (uint32_t)table;
    }
}

void on_exception(unsigned number, void (*handler)(void))
{
    install();
    table[number] = handler;
}

void on_interrupt(unsigned number, void (*handler)(void))
{
    on_exception(16 + number, handler);
    REG(NVIC_ISER + number / 32 * 4) = 1u << number % 32;
    __asm volatile("dsb \n isb");
}

static bool probe(uint32_t address, uint32_t value, bool write)
{
    install();
    table[3] = table[5] = bus_fault;
    bus_faulted = false;
    if (write) {
        __asm volatile("str.n %1, [%0] \n dsb" : : "l"(address), "l"(value) : "memory");
    } else {
        __asm volatile("ldr.n %0, [%1] \n dsb" : "=l"(value) : "l"(address) : "memory");
    }
    return bus_faulted;
}

bool read_faults(uint32_t address)
{
    return probe(address, 0, false);
}

bool write_faults(uint32_t address, uint32_t value)
{
    return probe(address, value, true);
}

void open_backup_domain(void)
{
    REG(PWR) |= 1u << 8;                                /* CR1.DBP */
    REG(RCC_CSR) |= 1;                                  /* LSI */
    if ((REG(RCC_BDCR) & 0x300) != 0x200) {
        REG(RCC_BDCR) = 1u << 16;
        REG(RCC_BDCR) = 0;
        REG(RCC_BDCR) = 1u << 15 | 2u << 8;             /* RTCEN, from the LSI */
    }
}

static volatile uint32_t milliseconds;

static void count_millisecond(void)
{
    milliseconds++;
}

void sleep_ms(uint32_t ms)
{
    on_exception(15, count_millisecond);
    REG(0xe000e014) = CPU_HZ / 1000 - 1;
    REG(0xe000e018) = 0;
    REG(0xe000e010) = 7;
    for (milliseconds = 0; milliseconds < ms;) {
        __asm volatile("wfi");
    }
    REG(0xe000e010) = 0;
}

/* Semihosting SYS_EXIT, ADP_Stopped_ApplicationExit */
void quit(void)
{
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    __asm volatile("mov r0, #0x18 \n ldr r1, =0x20026 \n bkpt 0xab" : : : "r0", "r1", "memory");
    for (;;) {
    }
}
