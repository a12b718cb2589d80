/* SPDX-License-Identifier: MIT */
/* I2C v2 flag by flag, and what the sensor needs before it answers. */
#include "ov7725.h"

static uint32_t isr(void)
{
    return REG(I2C1 + 0x18);
}

static void test_controller(void)
{
    check_equal("I2C: ISR after reset", isr(), TXE);
    REG(I2C1 + 0x04) = 0x30 << 1 | 1 << 16 | 1u << 25 | 1u << 13;
    check_equal("I2C: BUSY during the address", isr() & (BUSY | TXE), BUSY | TXE);
    check_equal("I2C: nobody there: NACKF, STOPF, bus free", (wait_us(500), isr()), NACKF | STOPF | TXE);
    check_equal("I2C: START is cleared", REG(I2C1 + 0x04) & 1u << 13, 0);
    REG(I2C1 + 0x1c) = NACKF | STOPF;
    check_equal("I2C: ICR clears", isr(), TXE);
    REG(I2C1 + 0x04) = SENSOR << 1 | 1 << 16 | 1u << 13;        /* no AUTOEND */
    wait_us(300);
    check_equal("I2C: TXIS waits for TXDR", isr(), BUSY | TXIS | TXE);
    REG(I2C1 + 0x28) = 0x0a;
    check_equal("I2C: TXDR goes to the shift register", isr(), BUSY | TXE);
    wait_us(200);
    check_equal("I2C: TC after NBYTES without AUTOEND", isr(), BUSY | TC | TXE);
    REG(I2C1 + 0x04) |= 1u << 14;
    wait_us(50);
    check_equal("I2C: STOP by software", isr(), STOPF | TXE);
    REG(I2C1 + 0x1c) = STOPF;
    REG(I2C1 + 0x04) = SENSOR << 1 | 1u << 10 | 1 << 16 | 1u << 24 | 1u << 13;  /* RELOAD */
    wait_us(400);
    check_equal("I2C: RXNE and TCR", isr(), BUSY | RXNE | TCR | TXE);
    check_equal("I2C: the byte", REG(I2C1 + 0x24), 0x77);
    REG(I2C1 + 0x04) = SENSOR << 1 | 1u << 10 | 1 << 16 | 1u << 25;
    check_equal("I2C: NBYTES clears TCR", isr() & TCR, 0);
    wait_us(200);
    check_equal("I2C: AUTOEND after the reload", isr(), RXNE | STOPF | TXE);
    REG(I2C1) = 0;
    check_equal("I2C: PE=0 resets the flags", isr(), TXE);
    REG(I2C1) = 1;
    REG(I2C1 + 0x04) = SENSOR << 1 | 1 << 16 | 1u << 13;
    wait_us(300);
    REG(I2C1) = 0;
    check_equal("I2C: PE=0 frees the bus", isr(), TXE);
    check_equal("I2C: PE=0 keeps the settings", REG(I2C1 + 0x04), SENSOR << 1 | 1 << 16);
    REG(RCC_APB1LRSTR) |= 1u << 21;
    REG(RCC_APB1LRSTR) &= ~(1u << 21);
    check_equal("I2C: the RCC's reset bit", REG(I2C1 + 0x10), 0);
    i2c_init();
}

static uint32_t byte_time(uint32_t timing)
{
    REG(I2C1) = 0;
    REG(I2C1 + 0x10) = timing;
    REG(I2C1) = 1;

    uint32_t start = cycles();

    sensor_write(0x01, 0x80);
    return (cycles() - start) / 64;
}

static void test_timing(void)
{
    check_near("I2C: three bytes at 100 kHz, us", (int32_t)byte_time(0x10707dbc), 290, 40);
    check_near("I2C: three bytes at 400 kHz, us", (int32_t)byte_time(0x00602173), 75, 15);
    i2c_init();
}

static void test_presence(void)
{
    uint8_t value;

    sensor_clock(false);
    sensor_pins(false, false);
    check_equal("SCCB: no answer without XCLK", sensor_write(0x11, 0), false);
    REG(RCC) |= 1u << 12;                                       /* HSI48, a quarter of it at the clock output */
    REG(RCC + 0x10) |= 4u << 22 | 4u << 18;
    pin_function(GPIOA, 8, 0, false);
    check_equal("SCCB: answers with MCO1 as XCLK", sensor_write(0x11, 6), true);
    REG(RCC + 0x10) &= ~(7u << 22 | 15u << 18);
    check_equal("SCCB: no answer when MCO1 is off", sensor_write(0x11, 0), false);
    pin_function(GPIOA, 8, 1, false);
    sensor_clock(true);
    check_equal("SCCB: answers with XCLK", sensor_write(0x11, 5), true);
    sensor_pins(false, true);
    check_equal("SCCB: no answer in power-down", sensor_read(0x11, &value), false);
    sensor_pins(false, false);
    check_equal("SCCB: registers survive power-down", sensor_get(0x11), 5);
    sensor_pins(true, false);
    check_equal("SCCB: no answer in reset", sensor_read(0x11, &value), false);
    sensor_pins(false, false);
    check_equal("SCCB: the reset pin resets", sensor_get(0x11), 0x80);
}

static void test_registers(void)
{
    static const uint8_t values[][2] = {
        {0x0a, 0x77}, {0x0b, 0x21}, {0x1c, 0x7f}, {0x1d, 0xa2}, {0x0c, 0x10}, {0x0d, 0x41}, {0x11, 0x80}, {0x12, 0x00}, {0x13, 0x8f},
        {0x17, 0x23}, {0x18, 0xa0}, {0x19, 0x07}, {0x1a, 0xf0}, {0x29, 0xa0}, {0x2c, 0xf0}, {0x65, 0x00}, {0xac, 0xff},
    };
    bool good = true;

    sensor_write(0x12, 0x80);
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (sensor_get(values[i][0]) != values[i][1]) {
            good = false;
            check_equal("OV7725: reset value", sensor_get(values[i][0]), values[i][1]);
        }
    }
    check_equal("OV7725: reset values", good, true);
    sensor_write(0x17, 0x55);
    check_equal("OV7725: a register holds what is written", sensor_get(0x17), 0x55);
    sensor_write(0x0a, 0x00);
    check_equal("OV7725: PID is read-only", sensor_get(0x0a), 0x77);
    sensor_write(0x12, 0x80);
    check_equal("OV7725: COM7[7] resets", sensor_get(0x17), 0x23);
}

void guest_main(void)
{
    i2c_init();
    test_presence();
    test_controller();
    test_timing();
    test_registers();
}
