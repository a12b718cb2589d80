/* SPDX-License-Identifier: MIT */
/*
 * The JPEG codec as firmware uses it: tables of T.81 annex K, a picture encoded and decoded again by MDMA, the header read back.
 */
#include "guest.h"

enum { W = 64, H = 32, PIXELS = AXI_SRAM, FILE = AXI_SRAM + 0x10000, BACK = AXI_SRAM + 0x20000, MDMA = 0x52000000 };

static const uint8_t dc_counts[16] = {0, 1, 5, 1, 1, 1, 1, 1, 1};
static const uint8_t ac_counts[16] = {0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d};
static const uint8_t ac_symbols[162] = {
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81,
    0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18,
    0x19, 0x1a, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75,
    0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
    0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5,
    0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
};

static uint8_t dht[412];        /* as DHTMEM wants it: DC0 AC0 DC1 AC1, each 16 counts and its symbols */

/* HUFFENC: 12 bits per code, two in a word. */
static void huffenc(uint32_t base, const uint8_t *counts, const uint8_t *symbols, bool ac)
{
    uint32_t code = 0, n = 0;

    for (uint32_t length = 1; length <= 16; length++, code <<= 1) {
        for (int i = 0; i < counts[length - 1]; i++, n++, code++) {
            uint32_t symbol = symbols[n], in_order = (symbol >> 4) * 10 + (symbol & 15) - 1;
            uint32_t at = !ac ? symbol : symbol == 0 ? 160 : symbol == 0xf0 ? 161 : in_order;
            uint32_t shift = at % 2 * 16, address = base + at / 2 * 4;

            REG(address) = (REG(address) & ~(0xfffu << shift)) | ((length - 1) << 8 | (code & 0xff)) << shift;
        }
    }
}

static void tables(void)
{
    static const uint8_t dc_symbols[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    uint8_t *p = dht;

    for (int t = 0; t < 2; t++) {
        memcpy(p, dc_counts, 16);
        memcpy(p + 16, dc_symbols, 12);
        memcpy(p + 28, ac_counts, 16);
        memcpy(p + 44, ac_symbols, 162);
        p += 206;
        huffenc(JPEG + (t ? 0x7e0 : 0x7c0), dc_counts, dc_symbols, false);
        huffenc(JPEG + (t ? 0x660 : 0x500), ac_counts, ac_symbols, true);
    }
    for (int i = 0; i < 103; i++) {
        uint32_t word;

        memcpy(&word, dht + 4 * i, 4);
        REG(JPEG + 0x360 + 4 * i) = word;
    }
    for (int i = 0; i < 64; i++) {
        REG(JPEG + 0x50 + 4 * i) = 0x04040404;
    }
}

/* Channel 0 feeds the codec, channel 1 empties it: 32 bytes at each threshold. */
static void mdma(uint32_t from, uint32_t in_bytes, uint32_t to, uint32_t out_bytes)
{
    const struct { uint32_t request, source, target, bytes, increments; } way[2] = {
        {17, from, JPEG + 0x40, in_bytes, 2},
        {19, JPEG + 0x44, to, out_bytes, 2 << 2},
    };

    for (uint32_t i = 0; i < 2; i++) {
        uint32_t channel = MDMA + 0x40 * (i + 1);

        REG(channel + 0x0c) = 0;
        REG(channel + 0x04) = 0x1f;
        REG(channel + 0x10) = way[i].increments | 2 << 4 | 2 << 6 | 2 << 8 | 2 << 10 | 31u << 18;      /* words, TLEN 32 */
        REG(channel + 0x14) = way[i].bytes;
        REG(channel + 0x18) = way[i].source;
        REG(channel + 0x1c) = way[i].target;
        REG(channel + 0x28) = way[i].request;
        REG(channel + 0x0c) = 1;
    }
}

/* Runs the codec; bytes that came out. */
static uint32_t convert(uint32_t confr1, uint32_t from, uint32_t in_bytes, uint32_t to)
{
    uint32_t at;

    REG(JPEG + 0x30) = 1;
    REG(JPEG + 0x04) = confr1;
    REG(JPEG + 0x30) = 1 | 3u << 13;
    mdma(from, in_bytes, to, 0x8000);
    REG(JPEG) = 1;
    REG(JPEG + 0x30) = 1 | 3u << 11;
    check_equal("JPEG: end of conversion", wait_for(JPEG + 0x34, 1u << 5, 1u << 5, 20000), true);
    REG(MDMA + 0x80 + 0x0c) = 0;
    at = 0x8000 - (REG(MDMA + 0x80 + 0x14) & 0x1ffff);
    while (REG(JPEG + 0x34) & 1u << 4) {            /* less than the threshold is left */
        REG(to + at) = REG(JPEG + 0x44);
        at += 4;
    }
    REG(JPEG + 0x30) = 0;
    REG(JPEG + 0x38) = 0x60;
    return at;
}

/* Sample of the picture: smooth, so that little is lost. */
static uint8_t sample(int x, int y)
{
    return (uint8_t)(40 + 2 * x + 3 * y);
}

void guest_main(void)
{
    uint32_t size, wrong = 0, last;

    REG(RCC_AHB3ENR) |= 1u << 5 | 1;
    (void)REG(RCC_AHB3ENR);
    for (int i = 0; i < W * H; i++) {               /* 8x8 blocks, row by row of blocks */
        int block = i / 64;

        REG8(PIXELS + i) = sample(block % (W / 8) * 8 + i % 8, block / (W / 8) * 8 + i % 64 / 8);
    }
    REG(JPEG + 0x30) = 1;
    tables();
    REG(JPEG + 0x08) = W / 8 * (H / 8) - 1;
    REG(JPEG + 0x0c) = W << 16;
    REG(JPEG + 0x10) = 1 << 12 | 1 << 8;
    size = convert((uint32_t)H << 16 | 1 << 8, PIXELS, W * H, FILE);
    check_equal("JPEG: begins with SOI and DQT", REG(FILE), 0xdbffd8ff);
    last = size - 1;
    while (last && REG8(FILE + last) == 0) {
        last--;
    }
    check_equal("JPEG: ends with EOI", (uint32_t)REG8(FILE + last - 1) << 8 | REG8(FILE + last), 0xffd9);
    check_near("JPEG: size", (int32_t)size, 500, 200);

    REG(JPEG + 0x10) = 0;
    size = convert(1 << 8 | 1 << 3, FILE, (size + 31) & ~31u, BACK);
    check_equal("JPEG: decoded bytes", size, W * H);
    check_equal("JPEG: height from the header", REG(JPEG + 0x04) >> 16, H);
    check_equal("JPEG: width from the header", REG(JPEG + 0x0c) >> 16, W);
    check_equal("JPEG: MCUs", REG(JPEG + 0x08), W / 8 * (H / 8) - 1);
    check_equal("JPEG: component 1", REG(JPEG + 0x10), 1 << 12 | 1 << 8);
    check_equal("JPEG: quantisation table", REG(JPEG + 0x50), 0x04040404);
    for (int i = 0; i < W * H; i++) {
        int difference = REG8(BACK + i) - REG8(PIXELS + i);

        wrong += difference < -3 || difference > 3;
    }
    check_equal("JPEG: the picture is the same", wrong, 0);
}
