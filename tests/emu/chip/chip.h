/* SPDX-License-Identifier: MIT */
/* More for the guests that test the chip: interrupts, reset values, the end of a guest that resets itself. */
#ifndef CHIP_H
#define CHIP_H

#include "../camera/guest.h"

enum {
    FLASH_R = 0x52002000, PWR = 0x58024800, SYSCFG = 0x58000400, EXTI = 0x58000000, RTC = 0x58004000, IWDG = 0x58004800,
    WWDG = 0x50003000, RNG = 0x48021800, TIM2 = 0x40000000, TIM3 = 0x40000400, TIM6 = 0x40001000, UART4 = 0x40004c00, LPTIM1 = 0x40002400,
    MDMA = 0x52000000, BDMA = 0x58025400, DMAMUX2 = 0x58025800, HSEM = 0x58026400, SRAM4 = 0x38000000, BACKUP_SRAM = 0x38800000,
    RCC_APB4ENR = RCC + 0xf4, RCC_APB3ENR = RCC + 0xe4, RCC_RSR = RCC + 0xd0, RCC_BDCR = RCC + 0x70, RCC_CSR = RCC + 0x74,
    NVIC_ISER = 0xe000e100, CFSR = 0xe000ed28,
};

/* Exception `number` of the core (15: SysTick) calls `handler` from now on. */
void on_exception(unsigned number, void (*handler)(void));

/* Interrupt `number` calls `handler` from now on. */
void on_interrupt(unsigned number, void (*handler)(void));

/* True when a 32-bit read (write) of the address ends in a bus fault. */
bool read_faults(uint32_t address);
bool write_faults(uint32_t address, uint32_t value);

/* Sleeps with WFI and SysTick: costs the emulator nothing, unlike wait_us(). */
void sleep_ms(uint32_t ms);

/* Opens the backup domain and starts the RTC's clock from the LSI. */
void open_backup_domain(void);

/* Ends the emulator with status 0, without a reset. */
void quit(void);

#endif
