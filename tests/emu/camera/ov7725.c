/* SPDX-License-Identifier: MIT */
/* The camera by hand, from RM0433 and the OV7725's datasheet. */
#include "ov7725.h"

void i2c_init(void)
{
    REG(RCC_APB1LENR) |= 1u << 21;
    (void)REG(RCC_APB1LENR);
    pin_function(GPIOB, 8, 4, true);
    pin_function(GPIOB, 9, 4, true);
    REG(I2C1) = 0;
    REG(I2C1 + 0x10) = 0x10707dbc;          /* 100 kHz from 64 MHz */
    REG(I2C1) = 1;
}

uint32_t i2c_finish(void)
{
    wait_for(I2C1 + 0x18, STOPF, STOPF, 2000);

    uint32_t flags = REG(I2C1 + 0x18);

    REG(I2C1 + 0x1c) = STOPF | NACKF;
    return flags;
}

void sensor_clock(bool on)
{
    REG(RCC_APB2ENR) |= 1;
    (void)REG(RCC_APB2ENR);
    pin_function(GPIOA, 8, 1, false);
    REG(TIM1 + 0x28) = 0;
    REG(TIM1 + 0x2c) = 4;                   /* 64 MHz / 5 */
    REG(TIM1 + 0x34) = 2;
    REG(TIM1 + 0x18) = 6 << 4;              /* PWM mode 1 */
    REG(TIM1 + 0x20) = on;                  /* CC1E */
    REG(TIM1 + 0x44) = 1u << 15;            /* MOE */
    REG(TIM1 + 0x14) = 1;
    REG(TIM1) = on;
}

void sensor_pins(bool reset, bool power_down)
{
    pin_output(GPIOA, 10, !reset);
    pin_output(GPIOD, 7, power_down);
}

bool sensor_write(uint8_t address, uint8_t value)
{
    REG(I2C1 + 0x04) = SENSOR << 1 | 2 << 16 | 1u << 25 | 1u << 13;        /* NBYTES 2, AUTOEND, START */
    for (int i = 0; i < 2; i++) {
        while (!(REG(I2C1 + 0x18) & (TXIS | NACKF))) {
        }
        if (REG(I2C1 + 0x18) & NACKF) {
            break;
        }
        REG(I2C1 + 0x28) = i ? value : address;
    }
    return !(i2c_finish() & NACKF);
}

bool sensor_read(uint8_t address, uint8_t *value)
{
    REG(I2C1 + 0x04) = SENSOR << 1 | 1 << 16 | 1u << 25 | 1u << 13;
    while (!(REG(I2C1 + 0x18) & (TXIS | NACKF))) {
    }
    if (!(REG(I2C1 + 0x18) & NACKF)) {
        REG(I2C1 + 0x28) = address;
    }
    if (i2c_finish() & NACKF) {
        return false;
    }
    REG(I2C1 + 0x04) = SENSOR << 1 | 1 << 16 | 1u << 25 | 1u << 13 | 1u << 10;
    wait_for(I2C1 + 0x18, RXNE, RXNE, 2000);
    *value = (uint8_t)REG(I2C1 + 0x24);
    return !(i2c_finish() & NACKF);
}

uint8_t sensor_get(uint8_t address)
{
    uint8_t value = 0xee;

    sensor_read(address, &value);
    return value;
}

void camera_pins(void)
{
    static const struct { uint32_t port; uint8_t pin; } pins[11] = {        /* D0 to D7, HSYNC, VSYNC, PIXCLK */
        {GPIOC, 6}, {GPIOC, 7}, {GPIOE, 0}, {GPIOE, 1}, {GPIOE, 4}, {GPIOB, 6}, {GPIOE, 5}, {GPIOE, 6}, {GPIOA, 4}, {GPIOB, 7}, {GPIOA, 6},
    };

    for (int i = 0; i < 11; i++) {
        pin_function(pins[i].port, pins[i].pin, 13, false);
    }
}

void sensor_up(void)
{
    camera_pins();
    sensor_clock(true);
    sensor_pins(false, false);
    wait_us(10);
    sensor_write(0x12, 0x80);
}

void dma_start(uint32_t to, uint32_t words)
{
    REG(RCC_AHB1ENR) |= 3;
    REG(RCC_AHB2ENR) |= 1;
    (void)REG(RCC_AHB2ENR);
    dma_stop();
    REG(DMAMUX1 + 4 * 9) = 75;              /* DMA2 stream 1 is channel 9; request 75 is the DCMI */
    REG(DMA2 + 0x2c) = words;
    REG(DMA2 + 0x30) = DCMI + 0x28;
    REG(DMA2 + 0x34) = to;
    REG(DMA2 + 0x28) = 2 << 13 | 2 << 11 | 1 << 10 | 1;        /* words, memory increments, enable */
}

void dma_stop(void)
{
    REG(DMA2 + 0x28) &= ~1u;
    wait_for(DMA2 + 0x28, 1, 0, 100);
    REG(DMA2 + 0x08) = 0x3d << 6;
}

bool snapshot(uint32_t to, uint32_t words, uint32_t cr)
{
    bool came;

    dma_start(to, words);
    REG(DCMI) = 0;
    REG(DCMI + 0x14) = 0x1f;
    REG(DCMI) = cr | POLARITIES | ENABLE;
    REG(DCMI) = cr | POLARITIES | ENABLE | SNAPSHOT | CAPTURE;
    came = wait_for(DCMI + 0x08, FRAME, FRAME, 100000);
    dma_stop();
    return came;
}
