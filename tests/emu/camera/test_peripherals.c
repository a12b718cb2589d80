/* SPDX-License-Identifier: MIT */
/* CRC, SPI, ADC, DMA2D and the JPEG codec by hand. */
#include "guest.h"

enum { BUFFER = AXI_SRAM, BUFFER2 = AXI_SRAM + 0x10000 };

static void test_crc(void)
{
    const char *text = "123456789";

    REG(RCC_AHB4ENR) |= 1u << 19;
    (void)REG(RCC_AHB4ENR);
    REG(CRC + 8) = 1;
    REG(CRC) = 0x31323334;
    check_equal("CRC: one word", REG(CRC), 0xa695c4aa);
    REG(CRC + 8) = 1 | 1 << 5 | 1 << 7;             /* bytes reversed in, result reversed out: Ethernet's before the last inversion */
    for (const char *p = text; *p; p++) {
        REG8(CRC) = (uint8_t)*p;
    }
    check_equal("CRC: CRC-32 of 123456789", ~REG(CRC), 0xcbf43926);
    REG(CRC + 0x14) = 0x1021;
    REG(CRC + 0x10) = 0xffff;
    REG(CRC + 8) = 1 | 1 << 3;
    for (const char *p = text; *p; p++) {
        REG8(CRC) = (uint8_t)*p;
    }
    check_equal("CRC: 16 bits, polynomial 0x1021", REG(CRC), 0x29b1);
}

static void test_spi(void)
{
    uint32_t start, us;

    REG(RCC_APB1LENR) |= 1u << 14;
    (void)REG(RCC_APB1LENR);
    REG(RCC + 0x50) = 4u << 12;                     /* D2CCIP1R: SPI1, 2, 3 from per_ck, HSI */
    check_equal("SPI: SR after reset", REG(SPI2 + 0x14), 0x1002);
    REG(SPI2 + 0x08) = 2u << 28 | 7;                /* 8 MHz, 8 bits, FTHLV 1 */
    REG(SPI2 + 0x0c) = 1u << 22 | 1u << 26;         /* master, software slave select */
    REG(SPI2 + 0x00) = 1u << 12;                    /* SSI */
    REG(SPI2 + 0x04) = 4;
    REG(SPI2 + 0x00) |= 1;
    REG(SPI2 + 0x00) |= 1u << 9;
    start = cycles();
    REG8(SPI2 + 0x20) = 0x12;
    REG16(SPI2 + 0x20) = 0x3456;
    uint32_t partly = REG(SPI2 + 0x14), loaded;

    REG8(SPI2 + 0x20) = 0x78;
    loaded = REG(SPI2 + 0x14);

    bool came = wait_for(SPI2 + 0x14, 8, 8, 1000);

    us = (cycles() - start) / 64;
    check_equal("SPI: not all of TSIZE yet", partly & 0x18, 0);
    check_equal("SPI: TXTF when TSIZE is loaded", loaded & 0x10, 0x10);
    check_equal("SPI: EOT", came, true);
    check_near("SPI: four bytes at 8 MHz, us", (int32_t)us, 5, 2);
    check_equal("SPI: TXC, RXWNE and RXP", REG(SPI2 + 0x14) & 0x9001, 0x9001);
    check_equal("SPI: EOT clears CSTART", REG(SPI2) & 1u << 9, 0);
    check_equal("SPI: nobody there reads ones", REG8(SPI2 + 0x30), 0xff);
    check_equal("SPI: packed in 16 bits", REG16(SPI2 + 0x30), 0xffff);
    check_equal("SPI: the last one", REG8(SPI2 + 0x30), 0xff);
    check_equal("SPI: empty", REG(SPI2 + 0x14) & 0xe001, 0);
    REG(SPI2 + 0x18) = 0xff8;
    check_equal("SPI: IFCR", REG(SPI2 + 0x14) & 0x18, 0);
    REG(SPI2) &= ~1u;
}

static uint32_t convert(uint32_t channel)
{
    REG(ADC3 + 0x1c) = 1u << channel;
    REG(ADC3 + 0x30) = channel << 6;
    REG(ADC3 + 0x08) |= 1u << 2;
    wait_for(ADC3, 4, 4, 1000);
    return REG(ADC3 + 0x40);
}

static void test_adc(void)
{
    REG(RCC_AHB4ENR) |= 1u << 24;
    (void)REG(RCC_AHB4ENR);
    REG(ADC3 + 0x308) = 1u << 16 | 7u << 22;        /* HCLK, VREFEN, TSEN, VBATEN */
    REG(ADC3 + 0x08) = 0;
    REG(ADC3 + 0x08) = 1u << 28;
    check_equal("ADC: regulator ready", wait_for(ADC3, 1u << 12, 1u << 12, 100), true);
    REG(ADC3 + 0x08) = 1u << 28 | 1u << 31;
    check_equal("ADC: calibration ends", wait_for(ADC3 + 0x08, 1u << 31, 0, 20000), true);
    REG(ADC3 + 0x08) = 1u << 28 | 1;
    check_equal("ADC: ready", wait_for(ADC3, 1, 1, 100), true);
    check_near("ADC: VREFINT is what the factory measured", (int32_t)convert(19), REG16(0x1ff1e860), 4);
    check_equal("ADC: reading DR clears EOC", REG(ADC3) & 4, 0);
    check_equal("ADC: ADSTART ends with the sequence", REG(ADC3 + 0x08) & 4, 0);

    int32_t at30 = REG16(0x1ff1e820), at110 = REG16(0x1ff1e840);

    check_near("ADC: temperature, degrees", ((int32_t)convert(18) - at30) * 80 / (at110 - at30) + 30, 25, 1);
    check_near("ADC: VBAT, mV", (int32_t)(convert(17) * 4 * 3300 / 65536), 3300, 4);
    REG(ADC3 + 0x0c) = 2 << 2;                      /* 12 bits */
    check_near("ADC: 12 bits", (int32_t)convert(19), REG16(0x1ff1e860) >> 4, 1);
}

static void test_dma2d(void)
{
    REG(RCC_AHB3ENR) |= 1u << 4;
    (void)REG(RCC_AHB3ENR);
    REG(DMA2D + 0x34) = 2;                          /* RGB565 */
    REG(DMA2D + 0x38) = 0xf800;
    REG(DMA2D + 0x3c) = BUFFER;
    REG(DMA2D + 0x40) = 2;
    REG(DMA2D + 0x44) = 6u << 16 | 2;               /* 6x2 in lines of 8 */
    REG(BUFFER + 12) = 0x12345678;
    REG(DMA2D) = 3u << 16 | 1;
    check_equal("DMA2D: fill ends", wait_for(DMA2D + 4, 2, 2, 100), true);
    check_equal("DMA2D: filled", REG(BUFFER + 8), 0xf800f800);
    check_equal("DMA2D: the gap stays", REG(BUFFER + 12), 0x12345678);
    check_equal("DMA2D: second line", REG(BUFFER + 16), 0xf800f800);
    REG(DMA2D + 8) = 0x3f;
    REG(DMA2D + 0x0c) = BUFFER;
    REG(DMA2D + 0x10) = 0;
    REG(DMA2D + 0x1c) = 2;                          /* from RGB565 */
    REG(DMA2D + 0x34) = 0;                          /* to ARGB8888 */
    REG(DMA2D + 0x3c) = BUFFER2;
    REG(DMA2D + 0x40) = 0;
    REG(DMA2D + 0x44) = 2u << 16 | 1;
    REG(DMA2D) = 1u << 16 | 1;
    wait_for(DMA2D + 4, 2, 2, 100);
    check_equal("DMA2D: RGB565 to ARGB8888", REG(BUFFER2 + 4), 0xffff0000);
    REG(DMA2D + 8) = 0x3f;
    REG(BUFFER) = 0x800000ff;                       /* half transparent blue */
    REG(BUFFER2) = 0xffff0000;                      /* over red */
    REG(DMA2D + 0x1c) = 0;
    REG(DMA2D + 0x24) = 0;
    REG(DMA2D + 0x14) = BUFFER2;
    REG(DMA2D + 0x3c) = BUFFER2 + 64;
    REG(DMA2D + 0x44) = 1u << 16 | 1;
    REG(DMA2D) = 2u << 16 | 1;
    wait_for(DMA2D + 4, 2, 2, 100);
    check_equal("DMA2D: blending", REG(BUFFER2 + 64), 0xff7f0080);
    REG(DMA2D + 8) = 0x3f;
    REG(BUFFER + 64) = 0x00112233;
    REG(BUFFER + 68) = 0x00445566;
    REG(BUFFER + 72) = 0x01000100;
    REG(DMA2D + 0x2c) = BUFFER + 64;
    REG(DMA2D + 0x1c) = 5 | 1 << 8 | 1 << 5;        /* L8, CLUT of two, load it */
    check_equal("DMA2D: the CLUT is loaded", wait_for(DMA2D + 4, 1 << 4, 1 << 4, 100), true);
    REG(DMA2D + 0x0c) = BUFFER + 72;
    REG(DMA2D + 0x3c) = BUFFER2;
    REG(DMA2D + 0x44) = 4u << 16 | 1;
    REG(DMA2D + 0x34) = 1;                          /* RGB888 */
    REG(DMA2D) = 1u << 16 | 1;
    wait_for(DMA2D + 4, 2, 2, 100);
    check_equal("DMA2D: L8 through the CLUT", REG(BUFFER2), 0x66112233);
    REG(DMA2D + 8) = 0x3f;
    REG(DMA2D + 0x3c) = 0x20000000;
    REG(DMA2D) = 1u << 16 | 1;
    wait_for(DMA2D + 4, 3, 1, 100);
    check_equal("DMA2D: DTCM is out of reach", REG(DMA2D + 4) & 3, 1);
}

/* One block of 16 bytes by MDMA channel 0 with items of 1 << size bytes and these exchange bits of CCR. */
static uint32_t exchanged(uint32_t size, uint32_t bits)
{
    enum { CHANNEL = 0x52000040 };

    for (uint32_t i = 0; i < 4; i++) {
        REG(BUFFER + 4 * i) = 0x03020100 + 0x04040404 * i;
    }
    REG(CHANNEL + 0x0c) = 0;
    REG(CHANNEL + 0x04) = 0x1f;
    REG(CHANNEL + 0x10) = 2 | 2 << 2 | size << 4 | size << 6 | size << 8 | size << 10 | 15u << 18 | 1u << 25 | 1u << 28 | 1u << 30;
    REG(CHANNEL + 0x14) = 16;
    REG(CHANNEL + 0x18) = BUFFER;
    REG(CHANNEL + 0x1c) = BUFFER2;
    REG(CHANNEL + 0x24) = 0;
    REG(CHANNEL + 0x28) = 0;
    REG(CHANNEL + 0x0c) = bits << 12 | 1;
    REG(CHANNEL + 0x0c) = bits << 12 | 1 | 1u << 16;
    wait_for(CHANNEL, 2, 2, 100);
    return REG(BUFFER2 + 4);
}

static void test_exchange(void)
{
    REG(RCC_AHB3ENR) |= 1;
    (void)REG(RCC_AHB3ENR);
    check_equal("MDMA: copy", exchanged(2, 0), 0x07060504);
    check_equal("MDMA: bytes in half words", exchanged(3, 1), 0x06070405);
    check_equal("MDMA: half words in words", exchanged(2, 2), 0x05040706);
    check_equal("MDMA: words in double words", exchanged(3, 4), 0x03020100);
    check_equal("MDMA: bytes have nothing to exchange", exchanged(0, 7), 0x07060504);
}

/* Quantisation by 1; DC category c has the 4-bit code c, the end of a block two zeros. */
static void jpeg_tables(void)
{
    for (int i = 0; i < 256; i += 4) {
        REG(JPEG + 0x50 + i) = 0x01010101;
    }
    for (int i = 0; i < 6; i++) {                   /* DC: category c has the 4-bit code c */
        REG(JPEG + 0x7c0 + 4 * i) = 0x3000300u | (uint32_t)(2 * i) | (uint32_t)(2 * i + 1) << 16;
    }
    for (int i = 0; i < 88; i++) {
        REG(JPEG + 0x500 + 4 * i) = 0x07000700;
    }
    REG(JPEG + 0x500 + 4 * 80) = 0x07000100;        /* end of block (160): two bits, 00 */
}

static void test_jpeg(void)
{
    uint32_t out[4] = {0}, n = 0;

    REG(RCC_AHB3ENR) |= 1u << 5;
    (void)REG(RCC_AHB3ENR);
    check_equal("JPEG: SR after reset", REG(JPEG + 0x34), 6);
    REG(JPEG + 0x30) = 1;
    jpeg_tables();
    REG(JPEG + 0x04) = 8u << 16;                    /* encoder, one component, no header */
    REG(JPEG + 0x08) = 0;
    REG(JPEG + 0x0c) = 8u << 16;
    REG(JPEG + 0x10) = 1 << 12 | 1 << 8;
    REG(JPEG) = 1;
    check_equal("JPEG: codec active", REG(JPEG + 0x34) & 1u << 7, 1u << 7);
    for (int i = 0; i < 16; i++) {
        REG(JPEG + 0x40) = 0x84848484;              /* 132: 4 above the middle, DC 32 */
    }
    check_equal("JPEG: end of conversion", REG(JPEG + 0x34) & (1u << 5 | 1u << 7), 1u << 5);
    while ((REG(JPEG + 0x34) & 1u << 4) && n < 4) {
        out[n++] = REG(JPEG + 0x44);
    }
    /* DC 32: category 6, code 0110, value 100000; end of block 00; filled with ones: 0110 1000 0000 1111, then FFD9 */
    check_equal("JPEG: one flat block", out[0], 0xd9ff0f68);
    check_equal("JPEG: one word", n, 1);
    REG(JPEG + 0x38) = 0x60;
    check_equal("JPEG: CFR", REG(JPEG + 0x34), 6);
}

void guest_main(void)
{
    test_crc();
    test_spi();
    test_adc();
    test_dma2d();
    test_jpeg();
    test_exchange();
}
