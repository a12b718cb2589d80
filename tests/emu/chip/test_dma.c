/* SPDX-License-Identifier: MIT */
/* DMA1, DMA2 with DMAMUX1, MDMA, BDMA (RM0433 sections 15 to 18). */
#include "chip.h"

enum {
    A = AXI_SRAM, B = AXI_SRAM + 0x1000, S = SRAM1, DTCM = 0x20010000,
    LISR = 0, HISR = 4, LIFCR = 8, CR = 0x10, NDTR = 0x14, PAR = 0x18, M0AR = 0x1c, M1AR = 0x20, FCR = 0x24,
    EN = 1, TCIE = 0x10, CIRC = 0x100, PINC = 0x200, MINC = 0x400, WORDS = 2 << 11 | 2 << 13, M2M = 2 << 6, M2P = 1 << 6, DBM = 1u << 18,
    MDMA0 = MDMA + 0x40,
};

static volatile unsigned interrupts;

static void stream0_interrupt(void)
{
    interrupts++;
    REG(DMA1 + LIFCR) = 0x3f;
}

static void fill(uint32_t address, unsigned words, uint32_t seed)
{
    for (unsigned i = 0; i < words; i++) {
        REG(address + 4 * i) = seed + i;
    }
}

static void test_memory(void)
{
    fill(A, 64, 0x100);
    fill(S, 64, 0);
    on_interrupt(11, stream0_interrupt);
    REG(DMA1 + PAR) = A;
    REG(DMA1 + M0AR) = S;
    REG(DMA1 + NDTR) = 64;
    REG(DMA1 + FCR) = 0x7;
    REG(DMA1 + CR) = M2M | PINC | MINC | WORDS | TCIE | EN;
    check_equal("memory to memory ends", wait_for(DMA1 + CR, EN, 0, 1000), true);
    wait_us(5);
    check_equal("one interrupt", interrupts, 1);
    check_equal("copied", REG(S + 63 * 4), 0x13f);
    check_equal("NDTR", REG(DMA1 + NDTR), 0);
    REG(DMA1 + PAR) = A;
    REG(DMA1 + M0AR) = B;
    REG(DMA1 + NDTR) = 8;
    REG(DMA1 + CR) = M2M | PINC | MINC | 2 << 13 | EN;             /* bytes in, words out */
    wait_for(DMA1 + CR, EN, 0, 1000);
    wait_us(5);
    check_equal("the FIFO packs bytes into words", REG(B), 0x00000100);
    REG(DMA1 + LIFCR) = 0x3f;
    REG(DMA1 + NDTR) = 4;
    REG(DMA1 + M0AR) = DTCM;
    REG(DMA1 + CR) = M2M | PINC | MINC | WORDS | EN;
    wait_us(10);
    check_equal("DTCM is out of reach: TEIF", REG(DMA1 + LISR) & 8, 8);
    check_equal("and the stream is off", REG(DMA1 + CR) & EN, 0);
    REG(DMA1 + LIFCR) = 0x3f;
}

/* TIM3's update, 1000 times a second, moves a word from a table into TIM3_CCR1. */
static void test_peripheral(void)
{
    uint32_t base = DMA1 + 0x18 * 5, shift = 6;                     /* stream 5: HISR bits 6.. */

    REG(RCC_APB1LENR) |= 2;
    (void)REG(RCC_APB1LENR);
    fill(A, 8, 0x10);
    REG(DMAMUX1 + 5 * 4) = 27;
    REG(base + PAR) = TIM3 + 0x34;
    REG(base + M0AR) = A;
    REG(base + NDTR) = 4;
    REG(base + CR) = M2P | MINC | WORDS | CIRC | EN;
    REG(TIM3 + 0x28) = 63;
    REG(TIM3 + 0x2c) = 999;
    REG(TIM3 + 0x14) = 1;
    REG(TIM3 + 0x0c) = 1u << 8;                                     /* UDE */
    REG(TIM3) = 1;
    wait_us(2500);
    uint32_t item = REG(TIM3 + 0x34), left = REG(base + NDTR), flags = REG(DMA1 + HISR) >> shift & 0x30, left_at_end, flags_at_end;

    wait_us(2000);
    flags_at_end = REG(DMA1 + HISR) >> shift & 0x30;
    left_at_end = REG(base + NDTR);
    wait_us(1000);
    check_equal("one item per update", item, 0x11);
    check_equal("NDTR counts down", left, 2);
    check_equal("half transfer", flags, 0x10);
    check_equal("transfer complete", flags_at_end, 0x30);
    check_equal("circular: it starts again", left_at_end, 4);
    check_equal("from the beginning", REG(TIM3 + 0x34), 0x10);
    REG(base + CR) &= ~EN;
    REG(DMA1 + 0xc) = 0x3fu << shift;
    REG(base + M0AR) = A;
    REG(base + M1AR) = A + 16;
    REG(base + NDTR) = 2;
    REG(base + CR) = M2P | MINC | WORDS | DBM | EN;
    wait_us(2000);
    uint32_t current = REG(base + CR);

    wait_us(1000);
    check_equal("double buffer: the second is current", current >> 19 & 1, 1);
    check_equal("double buffer: and is read", REG(TIM3 + 0x34), 0x14);
    REG(TIM3) = 0;
    REG(base + CR) &= ~EN;
}

static void test_mdma(void)
{
    REG(RCC_AHB3ENR) |= 1;
    (void)REG(RCC_AHB3ENR);
    fill(A, 64, 0x500);
    REG(MDMA0 + 0x10) = 2u << 28 | 1u << 30 | 127u << 18 | 2u << 4 | 2u << 6 | 2u << 8 | 2u << 10 | 2 | 2 << 2;  /* repeated block, software */
    REG(MDMA0 + 0x14) = 64 | 1u << 20;                              /* two blocks of 64 bytes */
    REG(MDMA0 + 0x18) = A;
    REG(MDMA0 + 0x1c) = DTCM;
    REG(MDMA0 + 0x20) = 0 | 64u << 16;                              /* the destination skips 64 bytes between them */
    REG(MDMA0 + 0x0c) = 1;
    REG(MDMA0 + 0x0c) = 1 | 1u << 16;
    check_equal("MDMA: ends", wait_for(MDMA0 + 0x0c, 1, 0, 1000), true);
    check_equal("MDMA: reaches DTCM", REG(DTCM + 60), 0x50f);
    check_equal("MDMA: second block", REG(DTCM + 128), 0x510);
    check_equal("MDMA: flags", REG(MDMA0) & 0x1f, 0x1e);
    REG(MDMA0 + 4) = 0x1f;
    check_equal("MDMA: flags clear", REG(MDMA0) & 0x1f, 0);
    static uint32_t node[10] __attribute__((aligned(8)));
    REG(MDMA0 + 0x10) = 3u << 28 | 1u << 30 | 127u << 18 | 2u << 4 | 2u << 6 | 2u << 8 | 2u << 10 | 2 | 2 << 2;
    node[0] = REG(MDMA0 + 0x10);
    node[1] = 16;
    node[2] = A + 128;
    node[3] = B + 256;
    REG(MDMA0 + 0x14) = 16;
    REG(MDMA0 + 0x18) = A;
    REG(MDMA0 + 0x1c) = B;
    REG(MDMA0 + 0x24) = (uint32_t)node;
    REG(MDMA0 + 0x0c) = 1;
    REG(MDMA0 + 0x0c) = 1 | 1u << 16;
    wait_for(MDMA0 + 0x0c, 1, 0, 1000);
    check_equal("MDMA: first node", REG(B + 12), 0x503);
    check_equal("MDMA: the list goes on", REG(B + 256 + 12), 0x523);
}

static void test_bdma(void)
{
    REG(RCC_AHB4ENR) |= 1u << 21;
    (void)REG(RCC_AHB4ENR);
    fill(SRAM4, 8, 0x900);
    REG(BDMA + 0x0c) = 8;
    REG(BDMA + 0x10) = SRAM4;
    REG(BDMA + 0x14) = SRAM4 + 0x100;
    REG(BDMA + 0x08) = 1u << 14 | 2 << 10 | 2 << 8 | 0x80 | 0x40 | 1;
    check_equal("BDMA: complete", wait_for(BDMA, 2, 2, 1000), true);
    check_equal("BDMA: copied in SRAM4", REG(SRAM4 + 0x11c), 0x907);
    REG(BDMA + 0x08) = 0;
    REG(BDMA + 4) = 0xf;
    REG(BDMA + 0x0c) = 1;
    REG(BDMA + 0x14) = A;
    REG(BDMA + 0x08) = 1u << 14 | 2 << 10 | 2 << 8 | 0x80 | 0x40 | 1;
    wait_us(10);
    check_equal("BDMA: AXI SRAM is out of reach", REG(BDMA) & 8, 8);
}

void guest_main(void)
{
    REG(RCC_AHB1ENR) |= 3;
    REG(RCC_AHB2ENR) |= 7u << 29;
    (void)REG(RCC_AHB2ENR);
    test_memory();
    test_peripheral();
    test_mdma();
    test_bdma();
}
