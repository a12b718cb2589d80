/* SPDX-License-Identifier: MIT */
/* UART4 sends into a file and receives "hello, world! 0123456789abcdefghij" (RM0433 section 48). */
#include "chip.h"

enum {
    CR1 = UART4, CR2 = UART4 + 4, CR3 = UART4 + 8, BRR = UART4 + 0xc, ISR = UART4 + 0x1c, ICR = UART4 + 0x20, RDR = UART4 + 0x24,
    TDR = UART4 + 0x28, UE = 1, RE = 4, TE = 8, FIFOEN = 1u << 29, ORE = 8, IDLE = 0x10, RXNE = 0x20, TC = 0x40, TXE = 0x80, RXFF = 1u << 24,
    BUFFER = AXI_SRAM,
};

static void test_send(void)
{
    uint32_t start, one, two;

    REG(BRR) = 556;                                     /* 64 MHz / 556: 115108 Bd */
    REG(CR1) = UE | TE;
    check_equal("TEACK", REG(ISR) & 1u << 21, 1u << 21);
    start = cycles();
    REG(TDR) = 'a';
    one = REG(ISR) & (TC | TXE);
    REG(TDR) = 'b';
    two = REG(ISR) & (TC | TXE);
    bool sent = wait_for(ISR, TC, TC, 1000);

    start = (cycles() - start) / 64;
    check_equal("the first character is in the shift register: TXE", one, TXE);
    check_equal("the second waits: not TXE", two, 0);
    check_equal("TC after both", sent, true);
    check_near("two characters at 115200, us", (int32_t)start, 174, 4);
    REG(CR1) = 0;
    REG(CR1) = FIFOEN;
    REG(CR1) = FIFOEN | UE | TE;
    check_equal("FIFO empty: TXFE", REG(ISR) & 1u << 23, 1u << 23);
    for (int i = 0; i < 17; i++) {
        REG(TDR) = '0' + (uint32_t)i % 10;
    }
    check_equal("17 characters fill FIFO and shift register", REG(ISR) & TXE, 0);
    wait_for(ISR, TC, TC, 4000);
    REG(CR1) = 0;
}

static void test_receive(void)
{
    uint32_t overrun, kept;

    REG(CR1) = UE | RE;
    bool came = wait_for(ISR, RXNE, RXNE, 1000000);

    kept = REG(RDR);
    overrun = REG(ISR);
    check_equal("a character came", came, true);
    check_equal("it is h", kept, 'h');
    check_equal("RXNE clears", overrun & RXNE, 0);
    wait_for(ISR, ORE, ORE, 1000000);
    overrun = REG(ISR) & (ORE | RXNE);
    kept = REG(RDR);
    check_equal("unread characters overrun", overrun, ORE | RXNE);
    check_equal("the first one is kept", kept != 0, true);
    REG(ICR) = ORE;
    check_equal("ORE clears", REG(ISR) & ORE, 0);
    REG(CR1) = 0;
}

static void test_receive_dma(void)
{
    REG(RCC_AHB1ENR) |= 1;
    (void)REG(RCC_AHB1ENR);
    REG(DMAMUX1) = 63;
    REG(DMA1 + 0x18) = RDR;
    REG(DMA1 + 0x1c) = BUFFER;
    REG(DMA1 + 0x14) = 64;
    REG(DMA1 + 0x10) = 1u << 10 | 1;                    /* bytes, to memory */
    REG(CR1) = FIFOEN;
    REG(ICR) = IDLE;
    REG(CR3) = 1u << 6;
    REG(CR1) = FIFOEN | UE | RE;
    uint32_t n = 0;

    /* The host delivers when it likes. */
    for (int i = 0; i < 2000 && !(n && REG8(BUFFER + n - 1) == 'j'); i++) {
        wait_us(1000);
        n = 64 - REG(DMA1 + 0x14);
    }
    check_equal("DMA read the last character", REG8(BUFFER + n - 1), 'j');
    check_equal("the line falls idle: IDLE", wait_for(ISR, IDLE, IDLE, 1000), true);
    check_equal("and those before", REG8(BUFFER + n - 10), 'a');
    check_equal("IDLE clears", (REG(ICR) = IDLE, REG(ISR) & IDLE), 0);
}

void guest_main(void)
{
    REG(RCC_APB1LENR) |= 1u << 19;
    (void)REG(RCC_APB1LENR);
    check_equal("ISR after reset", REG(ISR), 0xc0);
    test_send();
    test_receive();
    test_receive_dma();
}
