/* SPDX-License-Identifier: MIT */
/* Random accesses to the camera's peripherals, with the sensor streaming: the emulator survives, and they work again after a reset. */
#include "ov7725.h"

static uint32_t seed = 1;

static uint32_t random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

/* Any bits, few bits, or small numbers. */
static uint32_t random_value(void)
{
    uint32_t r = random();

    switch (random() % 4) {
    case 0:
        return r;
    case 1:
        return r & random() & random();
    case 2:
        return 1u << r % 32;
    default:
        return r % 64;
    }
}

static void access(uint32_t address)
{
    uint32_t value = random_value();

    switch (random() % 8) {
    case 0:
        REG8(address + random() % 4) = (uint8_t)value;
        break;
    case 1:
        REG16(address + random() % 2 * 2) = (uint16_t)value;
        break;
    case 2:
        (void)REG8(address);
        break;
    case 3:
        (void)REG(address);
        break;
    default:
        REG(address) = value;
        break;
    }
}

void guest_main(void)
{
    static const struct { uint32_t base, size; } targets[] = {
        {I2C1, 0x2c}, {0x40005800, 0x2c}, {0x40013000, 0x54}, {SPI2, 0x54}, {0x58001400, 0x54}, {DCMI, 0x2c}, {CRC, 0x18},
        {0x40022000, 0x310}, {ADC3, 0x310}, {DMA2D, 0x50}, {JPEG, 0x48}, {JPEG, 0x800},
    };

    REG(RCC_AHB3ENR) |= 1u << 5 | 1u << 4;
    REG(RCC_AHB1ENR) |= 3 | 1u << 5;
    REG(RCC_AHB2ENR) |= 1;
    REG(RCC_AHB4ENR) |= 1u << 19 | 1u << 24;
    REG(RCC_APB1LENR) |= 1u << 14 | 1u << 22;
    REG(RCC_APB2ENR) |= 1u << 12 | 1;
    REG(RCC + 0xf4) |= 1u << 5;
    i2c_init();
    sensor_up();
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t target = random() % (sizeof(targets) / sizeof(targets[0]));
        uint32_t address = targets[target].base + random() % (targets[target].size / 4) * 4, offset = address & 0xfff;
        bool dma2d = targets[target].base == DMA2D;

        if (dma2d && (offset == 0x0c || offset == 0x14 || offset == 0x2c || offset == 0x30 || offset == 0x3c)) {
            REG(address) = AXI_SRAM | (random() & 0x7fffc);
        } else {
            access(address);
        }
        if (i % 512 == 0) {                         /* let things happen, and the sensor hear something */
            dma_start(AXI_SRAM + 0x40000, 1000);
            wait_us(random() % 300);
            if (random() % 4 == 0) {
                REG(I2C1) = 0;
                i2c_init();
                sensor_write((uint8_t)random(), (uint8_t)random_value());
            }
        }
    }
    REG(RCC + 0x7c) = REG(RCC + 0x80) = REG(RCC + 0x84) = REG(RCC + 0x90) = REG(RCC + 0x98) = 0;
    REG(RCC + 0x84) = 1;
    REG(RCC + 0x84) = 0;
    REG(RCC_APB1LRSTR) = 1u << 21;
    REG(RCC_APB1LRSTR) = 0;
    i2c_init();
    sensor_pins(true, false);
    sensor_pins(false, false);
    check_equal("fuzz: the sensor answers", sensor_get(0x0a), 0x77);
    check_equal("fuzz: a frame comes", snapshot(AXI_SRAM, 1000, 0), true);
}
