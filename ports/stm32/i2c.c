/* SPDX-License-Identifier: MIT */
/* I2C master (RM0433 47), polled: transfers are short, and the camera's control bus must work with interrupts masked. */
#include "i2c.h"
#include <stdbool.h>
#include "board.h"
#include "clock.h"
#include "system.h"

#define DEFAULT_TIMEOUT_US 10000

static const struct { struct i2c_regs *regs; reg32 *enable; uint32_t bit; } hardware[5] = {
    [1] = { I2C1, ENABLE(APB1L, I2C1) }, [2] = { I2C2, ENABLE(APB1L, I2C2) },
    [3] = { I2C3, ENABLE(APB1L, I2C3) }, [4] = { I2C4, ENABLE(APB4, I2C4) },
};

static struct bus { bool ready, held; pin_id scl, sda; uint32_t timing, timeout_us; size_t written; } buses[5];

/* Timing register for `hz` (47.4.5, table 391): 0 when it can't be done. Times in nanoseconds. */
static uint32_t timing_for(uint32_t hz)
{
    uint32_t clock_mhz = clock_apb_hz() / 1000000, period = 1000000000u / hz;
    uint32_t setup = hz <= 100000 ? 1250 : hz <= 400000 ? 400 : 170;    /* rise time + data set-up time */
    uint32_t hold = hz <= 400000 ? 250 : 60;
    for (uint32_t prescaler = 1; prescaler <= 16; prescaler++) {
        uint32_t low = period * 55 / 100 * clock_mhz / (1000 * prescaler), high = period * 45 / 100 * clock_mhz / (1000 * prescaler);
        uint32_t scldel = (setup * clock_mhz + 1000 * prescaler - 1) / (1000 * prescaler), sdadel = hold * clock_mhz / (1000 * prescaler);
        if (low >= 1 && low <= 256 && high >= 1 && high <= 256 && scldel <= 16 && sdadel <= 15) {
            return FIELD(I2C_TIMINGR_PRESC, prescaler - 1) | FIELD(I2C_TIMINGR_SCLDEL, scldel - 1) | FIELD(I2C_TIMINGR_SDADEL, sdadel)
                | FIELD(I2C_TIMINGR_SCLH, high - 1) | FIELD(I2C_TIMINGR_SCLL, low - 1);
        }
    }
    return 0;
}

/* A slave that was reset in the middle of a byte holds SDA: nine clocks let it finish, then a STOP. */
static void recover(pin_id scl, pin_id sda)
{
    const struct gpio_config open_drain = { .mode = GPIO_MODE_OUTPUT, .open_drain = true, .pull = GPIO_PULL_UP };
    gpio_clock(scl);
    gpio_clock(sda);
    gpio_write(scl, true);
    gpio_write(sda, true);
    gpio_configure(scl, &open_drain);
    gpio_configure(sda, &open_drain);
    system_delay_us(5);
    if (gpio_read(sda)) {
        return;
    }
    for (unsigned i = 0; i < 9 && !gpio_read(sda); i++) {
        gpio_write(scl, false);
        system_delay_us(5);
        gpio_write(scl, true);
        system_delay_us(5);
    }
    gpio_write(sda, false);
    system_delay_us(5);
    gpio_write(sda, true);
    system_delay_us(5);
}

int i2c_init_pins(unsigned id, uint32_t hz, pin_id scl, pin_id sda, unsigned alternate)
{
    uint32_t timing = hz >= 20000 && hz <= 1000000 ? timing_for(hz) : 0;
    if (id < 1 || id > 4 || !timing) {
        return I2C_E_ARGUMENT;
    }
    struct i2c_regs *regs = hardware[id].regs;
    recover(scl, sda);
    gpio_alternate(scl, alternate, GPIO_PULL_UP, true);
    gpio_alternate(sda, alternate, GPIO_PULL_UP, true);
    *hardware[id].enable |= hardware[id].bit;
    (void)*hardware[id].enable;
    regs->CR1 = 0;
    regs->TIMINGR = timing;
    regs->CR1 = I2C_CR1_PE;
    uint32_t timeout = buses[id].timeout_us ? buses[id].timeout_us : DEFAULT_TIMEOUT_US;
    buses[id] = (struct bus){ .ready = true, .scl = scl, .sda = sda, .timing = timing, .timeout_us = timeout };
    return 0;
}

int i2c_init(unsigned id, uint32_t hz)
{
    static const struct { uint8_t id; pin_id scl, sda; uint8_t af; } pins[] = {
#define ROW(number, scl_port, scl_pin, scl_af, sda_port, sda_pin, sda_af) { number, PIN(scl_port, scl_pin), PIN(sda_port, sda_pin), scl_af },
        BOARD_I2CS(ROW)
#undef ROW
    };
    for (unsigned i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (pins[i].id == id) {
            return i2c_init_pins(id, hz, pins[i].scl, pins[i].sda, pins[i].af);
        }
    }
    return I2C_E_ARGUMENT;
}

void i2c_deinit(unsigned id)
{
    if (id >= 1 && id <= 4 && buses[id].ready) {
        hardware[id].regs->CR1 = 0;
        *hardware[id].enable &= ~hardware[id].bit;
        gpio_input(buses[id].scl, GPIO_PULL_NONE);
        gpio_input(buses[id].sda, GPIO_PULL_NONE);
        buses[id].ready = false;
    }
}

void i2c_set_timeout(unsigned id, uint32_t us)
{
    if (id >= 1 && id <= 4) {
        buses[id].timeout_us = us > 5000000 ? 5000000 : us;
    }
}

size_t i2c_written(unsigned id) { return buses[id].written; }

/* ---- Transfers -------------------------------------------------------------------------------------------- */

/* Clearing PE releases both lines and resets the state machine (47.4.6); it must stay low for three APB cycles. */
static void release_bus(unsigned id)
{
    struct i2c_regs *regs = hardware[id].regs;
    regs->CR1 = 0;
    (void)regs->CR1;
    (void)regs->CR1;
    regs->CR1 = I2C_CR1_PE;
    buses[id].held = false;
}

/* Waits for one of `flags`; a NACK, an error or the time-out ends the transfer. `acknowledged`: the address was. */
static int wait_flags(unsigned id, uint32_t flags, bool acknowledged)
{
    struct i2c_regs *regs = hardware[id].regs;
    struct deadline d = deadline_us(buses[id].timeout_us);
    for (;;) {
        uint32_t isr = regs->ISR;
        int error = 0;
        if (isr & I2C_ISR_NACKF) {
            /* The peripheral sends the STOP by itself. */
            while (!(regs->ISR & I2C_ISR_STOPF) && !deadline_passed(&d)) {
            }
            error = acknowledged ? I2C_E_IO : I2C_E_NODEV;
        } else if (isr & (I2C_ISR_BERR | I2C_ISR_ARLO)) {
            error = I2C_E_IO;
        } else if (isr & flags) {
            return 0;
        } else if (deadline_passed(&d)) {
            error = I2C_E_TIMEOUT;
        }
        if (error) {
            regs->ICR = I2C_ICR_ALL;
            regs->CR2 = 0;
            regs->ISR = I2C_ISR_TXE; /* flush a byte that was not sent */
            release_bus(id);
            return error;
        }
    }
}

static int wait_free(unsigned id)
{
    struct deadline d = deadline_us(buses[id].timeout_us);
    while (hardware[id].regs->ISR & I2C_ISR_BUSY) {
        if (deadline_passed(&d)) {
            /* Someone holds the lines: free them as at the start, and tell. */
            pin_id scl = buses[id].scl, sda = buses[id].sda;
            uint32_t alternate = gpio_port(scl)->AFR[(scl & 15) >> 3] >> (scl & 7) * 4 & 15;
            release_bus(id);
            recover(scl, sda);
            gpio_alternate(scl, alternate, GPIO_PULL_UP, true);
            gpio_alternate(sda, alternate, GPIO_PULL_UP, true);
            return I2C_E_TIMEOUT;
        }
    }
    return 0;
}

/* Both directions: chunks of 255 bytes with RELOAD, then AUTOEND, or TC when the bus is kept. */
static int transfer(unsigned id, unsigned address, uint8_t *data, size_t length, unsigned flags, bool read)
{
    if (id < 1 || id > 4 || !buses[id].ready || address > 0x7F) {
        return I2C_E_ARGUMENT;
    }
    struct i2c_regs *regs = hardware[id].regs;
    int error = buses[id].held ? 0 : wait_free(id);
    if (error) {
        return error;
    }
    bool keep = flags & I2C_NO_STOP;
    size_t done = 0;
    buses[id].written = 0;
    regs->ICR = I2C_ICR_ALL;
    for (bool first = true; first || done < length; first = false) {
        size_t left = length - done, chunk = left > 255 ? 255 : left;
        uint32_t cr2 = address << 1 | FIELD(I2C_CR2_NBYTES, chunk) | (read ? I2C_CR2_RD_WRN : 0)
            | (left > 255 ? I2C_CR2_RELOAD : keep ? 0 : I2C_CR2_AUTOEND);
        regs->CR2 = cr2 | (first ? I2C_CR2_START : 0);
        for (size_t end = done + chunk; done < end; done++) {
            error = wait_flags(id, read ? I2C_ISR_RXNE : I2C_ISR_TXIS, done > 0);
            if (error) {
                buses[id].written = done ? done - 1 : 0;
                return error;
            }
            if (read) {
                data[done] = (uint8_t)regs->RXDR;
            } else {
                regs->TXDR = data[done];
            }
        }
        error = wait_flags(id, left > 255 ? I2C_ISR_TCR : keep ? I2C_ISR_TC : I2C_ISR_STOPF, length > 0);
        if (error) {
            buses[id].written = done ? done - 1 : 0;
            return error;
        }
    }
    buses[id].held = keep;
    buses[id].written = read ? 0 : done;
    if (!keep) {
        regs->ICR = I2C_ICR_ALL;
        regs->CR2 = 0;
    }
    return 0;
}

int i2c_write(unsigned id, unsigned address, const void *data, size_t length, unsigned flags)
{
    return transfer(id, address, (uint8_t *)(uintptr_t)data, length, flags, false);
}

int i2c_read(unsigned id, unsigned address, void *data, size_t length, unsigned flags)
{
    return transfer(id, address, data, length, flags, true);
}
