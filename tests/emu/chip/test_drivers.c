/* SPDX-License-Identifier: MIT */
/*
 * What drivers of others wait for, in their order: a quad-SPI memory that isn't there (RM0433 section 23), the DAC (26), the voltage
 * reference buffer (27), clock recovery (9), a mass erase of both banks (4.3.10), a counter of pulses at a pin (38).
 */
#include "chip.h"

enum {
    QSPI = 0x52005000, CR = QSPI, SR = QSPI + 0x08, FCR = QSPI + 0x0c, DLR = QSPI + 0x10, CCR = QSPI + 0x14, AR = QSPI + 0x18, DR = QSPI + 0x20,
    PSMKR = QSPI + 0x24, PSMAR = QSPI + 0x28, TEF = 1, TCF = 2, FTF = 4, SMF = 8, BUSY = 32,
    DAC = 0x40007400, SWTRGR = DAC + 4, DOR1 = DAC + 0x2c, DOR2 = DAC + 0x30, VREFBUF = 0x58003c00, CRS = 0x40008400, RCC_APB1HENR = RCC + 0xec,
    OPTCR = FLASH_R + 0x18, OPTKEYR = FLASH_R + 8,
};

static volatile unsigned interrupts;

static void quadspi_interrupt(void)
{
    interrupts++;
    REG(FCR) = TCF;
}

static void test_quadspi(void)
{
    REG(RCC_AHB3ENR) |= 1u << 14;
    (void)REG(RCC_AHB3ENR);
    REG(QSPI + 4) = 22u << 16;
    check_equal("QUADSPI: idle", REG(SR), 0);
    REG(CR) = 3u << 8 | 1;                              /* FIFO threshold 4 */
    REG(CCR) = 0x06 | 1u << 8;                          /* write enable: an instruction on one line, no more */
    check_equal("a command ends", wait_for(SR, TCF | BUSY, TCF, 1000), true);
    REG(FCR) = TCF;
    check_equal("its flag clears", REG(SR), 0);
    REG(DLR) = 2;
    REG(CCR) = 0x9f | 1u << 8 | 1u << 24 | 1u << 26;    /* read identification, 3 bytes */
    check_equal("the last bytes count for the threshold", REG(SR) & (FTF | TCF), FTF | TCF);
    check_equal("nobody answers: ones", REG8(DR) & REG8(DR) & REG8(DR), 0xff);
    check_equal("all is read", REG(SR), TCF);
    REG(FCR) = TCF;
    REG(DLR) = 99;
    REG(CCR) = 0x03 | 1u << 8 | 1u << 10 | 2u << 12 | 1u << 24 | 1u << 26;
    check_equal("a read with an address waits for it", REG(SR), 0);
    REG(AR) = 0x1000;
    check_equal("100 bytes: the FIFO is full", REG(SR) & (0x3f00 | BUSY | FTF | TCF), 32u << 8 | BUSY | FTF);
    for (int i = 0; i < 25; i++) {
        wait_for(SR, FTF, FTF, 100);
        (void)REG(DR);
    }
    check_equal("read in words to the end", REG(SR), TCF);
    REG(FCR) = TCF;
    REG(DLR) = 7;
    REG(CCR) = 0x02 | 1u << 8 | 1u << 10 | 2u << 12 | 1u << 24;
    REG(AR) = 0;
    check_equal("a write wants data", REG(SR) & (FTF | BUSY | TCF), FTF | BUSY);
    REG(DR) = 1;
    REG(DR) = 2;
    check_equal("and ends with them", REG(SR), TCF);
    REG(FCR) = TCF;
    REG(PSMKR) = 1;
    REG(PSMAR) = 0;
    REG(CCR) = 0x05 | 1u << 8 | 1u << 24 | 2u << 26;    /* until the status' busy bit is 0: never */
    wait_us(100);
    check_equal("polling a status that never matches", REG(SR), BUSY);
    REG(CR) |= 2;
    check_equal("an abort ends it", wait_for(SR, TCF | BUSY, TCF, 1000) && !(REG(CR) & 2), true);
    REG(FCR) = TCF;
    REG(PSMAR) = 1;
    REG(CR) |= 1u << 22;
    REG(CCR) = 0x05 | 1u << 8 | 1u << 24 | 2u << 26;
    check_equal("one that matches", REG(SR) & (SMF | BUSY), SMF);
    REG(FCR) = SMF;
    on_interrupt(92, quadspi_interrupt);
    REG(CR) |= 1u << 17;
    REG(CCR) = 0x04 | 1u << 8;
    wait_us(5);
    check_equal("its interrupt", interrupts, 1);
}

static void test_dac(void)
{
    REG(RCC_APB1LENR) |= 1u << 29;
    (void)REG(RCC_APB1LENR);
    REG(DAC + 8) = 0x123;
    check_equal("DAC: off", REG(DOR1), 0);
    REG(DAC) = 1 | 1u << 16;
    REG(DAC + 8) = 0x456;
    check_equal("12 bits, right", REG(DOR1), 0x456);
    REG(DAC + 0xc) = 0x7890;
    check_equal("12 bits, left", REG(DOR1), 0x789);
    REG(DAC + 0x1c) = 0xab;
    check_equal("8 bits, channel 2", REG(DOR2), 0xab0);
    REG(DAC + 0x20) = 0x222u << 16 | 0x111;
    check_equal("both", REG(DOR1) << 16 | REG(DOR2), 0x111u << 16 | 0x222);
    REG(DAC + 0x28) = 0x2010;
    check_equal("both, 8 bits", REG(DOR1) << 16 | REG(DOR2), 0x100u << 16 | 0x200);
    REG(DAC) = 3 | 1u << 16;
    REG(DAC + 8) = 0x333;
    check_equal("triggered by software: not yet", REG(DOR1), 0x100);
    REG(SWTRGR) = 1;
    check_equal("now", REG(DOR1), 0x333);
}

static void test_analog(void)
{
    REG(RCC_APB4ENR) |= 1u << 15;
    (void)REG(RCC_APB4ENR);
    check_equal("VREFBUF: off", REG(VREFBUF) & 8, 0);
    REG(VREFBUF) = 1;
    check_equal("VREFBUF: ready", wait_for(VREFBUF, 8, 8, 10000), true);
}

static void test_recovery(void)
{
    REG(RCC_APB1HENR) |= 2;
    (void)REG(RCC_APB1HENR);
    REG(PWR) |= 1u << 8;
    REG(RCC_BDCR) |= 1;
    REG(CRS + 4) = (REG(CRS + 4) & ~(3u << 28)) | 1u << 28;
    REG(CRS) |= 1u << 5 | 1u << 6;
    check_equal("CRS: right, with the LSE", wait_for(CRS + 8, 1, 1, 5000), true);
    REG(CRS + 0xc) = 0xf;
    check_equal("CRS: flags clear", REG(CRS + 8) & 0xf, 0);
    REG(CRS) &= ~(1u << 5);
    REG(CRS + 4) = (REG(CRS + 4) & ~(3u << 28)) | 3u << 28;
    REG(CRS) |= 1u << 5;
    check_equal("CRS: USB without frames is missing", wait_for(CRS + 8, 1u << 9 | 4 | 1, 1u << 9 | 4, 5000), true);
}

static void test_pulses(void)
{
    REG(RCC_APB1LENR) |= 1;
    (void)REG(RCC_APB1LENR);
    REG(TIM2 + 0x2c) = 0xffffffff;
    REG(TIM2 + 0x14) = 1;
    REG(TIM2 + 8) = 3;                                  /* encoder mode 3 */
    REG(TIM2) = 1;
    REG(TIM2 + 0x24) = 1000;
    wait_us(50);
    check_equal("an encoder that stands still", REG(TIM2 + 0x24), 1000);
    REG(TIM2 + 8) = 0;
    wait_us(50);
    check_equal("the internal clock again", REG(TIM2 + 0x24) > 2000, true);
    REG(TIM2) = 0;
}

static uint32_t copy[128];
static char pass[] = "PASS mass erase of both banks\n", fail[] = "FAIL mass erase: expected two erased banks, got something else\n";

/* Runs from a copy in DTCM, with all that it needs: the program is erased, too. */
__attribute__((noinline, aligned(4))) static void mass_erase(void)
{
    for (unsigned bank = 0; bank < 2; bank++) {
        REG(FLASH_R + 0x100 * bank + 4) = 0x45670123;
        REG(FLASH_R + 0x100 * bank + 4) = 0xcdef89ab;
        REG(FLASH_R + 0x100 * bank + 0xc) |= 3u << 4;
    }
    REG(OPTKEYR) = 0x08192a3b;
    REG(OPTKEYR) = 0x4c5d6e7f;
    REG(OPTCR) |= 1u << 4;
    while (REG(FLASH_R + 0x10) & 5) {
    }
    while (REG(FLASH_R + 0x110) & 5) {
    }
    for (const char *c = REG(0x08000000) == 0xffffffff && REG(0x08100000) == 0xffffffff ? pass : fail; *c; c++) {
        while (!(REG(USART3 + 0x1c) & 1u << 7)) {
        }
        REG(USART3 + 0x28) = (uint8_t)*c;
    }
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {
    }
    REG(0xe000ed0c) = 0x05fa0004;
    for (;;) {
    }
}

void guest_main(void)
{
    test_quadspi();
    test_dac();
    test_analog();
    test_recovery();
    test_pulses();
    memcpy(copy, (const void *)((uintptr_t)mass_erase & ~1u), sizeof(copy));
    __asm volatile("dsb \n isb");
    ((void (*)(void))((uintptr_t)copy | 1))();
}
