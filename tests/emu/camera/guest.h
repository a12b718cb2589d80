/* SPDX-License-Identifier: MIT */
/* Bare-metal guests that test the emulator: registers by address, a console, checks. Addresses and bits are RM0433's. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG(address)    (*(volatile uint32_t *)(uintptr_t)(address))
#define REG8(address)   (*(volatile uint8_t *)(uintptr_t)(address))
#define REG16(address)  (*(volatile uint16_t *)(uintptr_t)(address))

enum {
    RCC = 0x58024400, RCC_AHB3RSTR = RCC + 0x7c, RCC_APB1LRSTR = RCC + 0x90,
    RCC_AHB3ENR = RCC + 0xd4, RCC_AHB1ENR = RCC + 0xd8, RCC_AHB2ENR = RCC + 0xdc, RCC_AHB4ENR = RCC + 0xe0,
    RCC_APB1LENR = RCC + 0xe8, RCC_APB2ENR = RCC + 0xf0,
    GPIOA = 0x58020000, GPIOB = 0x58020400, GPIOC = 0x58020800, GPIOD = 0x58020c00, GPIOE = 0x58021000,
    USART3 = 0x40004800, TIM1 = 0x40010000, I2C1 = 0x40005400, SPI2 = 0x40003800, DCMI = 0x48020000, DMA1 = 0x40020000,
    DMA2 = 0x40020400, DMAMUX1 = 0x40020800, CRC = 0x58024c00, ADC3 = 0x58026000, DMA2D = 0x52001000, JPEG = 0x52003000,
    DWT_CTRL = 0xe0001000, DWT_CYCCNT = 0xe0001004, DEMCR = 0xe000edfc,
    AXI_SRAM = 0x24000000, SRAM1 = 0x30000000,
};

enum { CPU_HZ = 64000000 };         /* HSI, as after reset */

/* The tests of this guest. */
void guest_main(void);

void put_char(char c);
void put_text(const char *text);
void put_number(int32_t value);

/* One line on the console: PASS name, or FAIL name: expected, got. */
void check_equal(const char *name, uint32_t got, uint32_t expected);
/* The same for got within +-margin of expected. */
void check_near(const char *name, int32_t got, int32_t expected, int32_t margin);

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);

uint32_t cycles(void);
void wait_us(uint32_t us);
/* Waits until (REG(address) & mask) == value; false after `us` microseconds. */
bool wait_for(uint32_t address, uint32_t mask, uint32_t value, uint32_t us);

/* Pin in alternate function `function`; open drain where `open`. */
void pin_function(uint32_t port, unsigned pin, unsigned function, bool open);
void pin_output(uint32_t port, unsigned pin, bool level);

#endif
