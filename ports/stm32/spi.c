/* SPDX-License-Identifier: MIT */
/* SPI master (RM0433 50). */
#include "spi.h"
#include "board.h"
#include "clock.h"
#include "system.h"

static const struct { struct spi_regs *regs; reg32 *enable; uint32_t bit; } hardware[7] = {
    [1] = { SPI1, ENABLE(APB2, SPI1) }, [2] = { SPI2, ENABLE(APB1L, SPI2) }, [3] = { SPI3, ENABLE(APB1L, SPI3) },
    [4] = { SPI4, ENABLE(APB2, SPI4) }, [5] = { SPI5, ENABLE(APB2, SPI5) }, [6] = { SPI6, ENABLE(APB4, SPI6) },
};

static uint32_t kernel_clock(unsigned id)
{
    if (id > 3) {
        return clock_apb_hz();
    }
#if defined(BOARD_CLOCK_SPI123_PLL3P)
    return clock_pll_hz(3, 'P');
#elif defined(BOARD_CLOCK_SPI123_PLL2P)
    return clock_pll_hz(2, 'P');
#else
    return clock_pll_hz(1, 'Q');
#endif
}

uint32_t spi_init(unsigned id, uint32_t hz, unsigned mode, bool lsb_first)
{
    if (id < 1 || id > 6 || hz == 0) {
        return 0;
    }
    uint32_t clock = kernel_clock(id), divider = 1; /* 2^divider */
    while (divider < 8 && clock >> divider > hz) {
        divider++;
    }
    if (clock >> divider > hz) {
        return 0;
    }
    struct spi_regs *regs = hardware[id].regs;
    *hardware[id].enable |= hardware[id].bit;
    (void)*hardware[id].enable;
    regs->CR1 = 0;
    regs->CFG1 = FIELD(SPI_CFG1_MBR, divider - 1) | FIELD(SPI_CFG1_DSIZE, 7); /* 8-bit frames, FIFO threshold 1 */
    regs->CR1 = SPI_CR1_SSI;              /* before MASTER with SSM: NSS is seen high */
    regs->CFG2 = SPI_CFG2_MASTER | SPI_CFG2_SSM | SPI_CFG2_AFCNTR | (mode & 1 ? SPI_CFG2_CPHA : 0) | (mode & 2 ? SPI_CFG2_CPOL : 0)
        | (lsb_first ? SPI_CFG2_LSBFRST : 0);
    return clock >> divider;
}

void spi_deinit(unsigned id)
{
    if (id >= 1 && id <= 6) {
        hardware[id].regs->CR1 = 0;
        *hardware[id].enable &= ~hardware[id].bit;
    }
}

static int transfer_part(struct spi_regs *regs, const uint8_t *tx, uint8_t *rx, size_t length)
{
    size_t sent = 0, received = 0;
    regs->CR2 = length;
    regs->CR1 |= SPI_CR1_SPE;
    regs->CR1 |= SPI_CR1_CSTART;
    struct deadline d = deadline_us(100000);
    while (received < length) {
        uint32_t sr = regs->SR;
        if (sent < length && (sr & SPI_SR_TXP) && sent - received < 8) {
            *(volatile uint8_t *)&regs->TXDR = tx ? tx[sent] : 0;
            sent++;
        }
        if (sr & SPI_SR_RXP) {
            uint8_t byte = *(volatile uint8_t *)&regs->RXDR;
            if (rx) {
                rx[received] = byte;
            }
            received++;
            d = deadline_us(100000);
        }
        if (deadline_passed(&d)) {
            break;
        }
    }
    while (!(regs->SR & SPI_SR_EOT) && !deadline_passed(&d)) {
    }
    regs->IFCR = SPI_IFCR_ALL;
    regs->CR1 &= ~SPI_CR1_SPE;
    return received == length ? 0 : -110;
}

int spi_transfer(unsigned id, const uint8_t *tx, uint8_t *rx, size_t length)
{
    /* TSIZE has 16 bits. */
    for (size_t done = 0; done < length;) {
        size_t part = length - done > 0xFFFF ? 0xFFFF : length - done;
        int error = transfer_part(hardware[id].regs, tx ? tx + done : NULL, rx ? rx + done : NULL, part);
        if (error) {
            return error;
        }
        done += part;
    }
    return 0;
}

bool spi_configure_pins(unsigned id)
{
    static const struct { uint8_t id; pin_id sck, miso, mosi; uint8_t sck_af, miso_af, mosi_af; } pins[] = {
#define ROW(number, np, nn, na, cp, cn, ca, ip, in, ia, op, on, oa) { number, PIN(cp, cn), PIN(ip, in), PIN(op, on), ca, ia, oa },
        BOARD_SPIS(ROW)
#undef ROW
    };
    for (unsigned i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        if (pins[i].id == id) {
            gpio_alternate(pins[i].sck, pins[i].sck_af, GPIO_PULL_NONE, false);
            gpio_alternate(pins[i].miso, pins[i].miso_af, GPIO_PULL_UP, false);
            gpio_alternate(pins[i].mosi, pins[i].mosi_af, GPIO_PULL_NONE, false);
            return true;
        }
    }
    return false;
}
