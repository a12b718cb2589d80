/* SPDX-License-Identifier: MIT */
/* Kernels of conversions, thresholds and bytes: random rows of every length and alignment. */
#include "check.h"
#include "vision/kernel.h"

#define WORDS(p)  ((uint32_t *)(void *)(p))
#define PIXELS(p) ((uint16_t *)(void *)(p))

static int check_bits(int n, int at, const uint32_t table[2048])
{
    uint32_t low = (rnd() & 255) * 0x01010101u, span = (rnd() & 255) * 0x01010101u;
    uint8_t (*s)[ROOM] = source;
    int wrong = 0;

    COMPARE(kernel_gray_range_bits, n, (s[1] + at, n, low, span, WORDS(to->bytes[0])));
    COMPARE(kernel_gray_table_bits, n, (s[1] + at, n, table, WORDS(to->bytes[0])));
    COMPARE(kernel_rgb565_table_bits, n, (PIXELS(s[0] + 2 * at), n, table, WORDS(to->bytes[0])));
    COMPARE(kernel_bits_to_gray, n, (WORDS(s[1]), n, to->bytes[0] + at));
    COMPARE(kernel_bits_to_rgb565, n, (WORDS(s[1]), n, PIXELS(to->bytes[0] + 2 * at)));
    COMPARE(kernel_blend8, n, (WORDS(s[1]), n & ~31, 77, to->bytes[0] + at));
    COMPARE(kernel_blend16, n, (WORDS(s[1]), n & ~31, 0x1234, PIXELS(to->bytes[0] + 2 * at)));
    return wrong;
}

static int check_conversions(int n, int at, uint32_t table[2048])
{
    uint8_t (*s)[ROOM] = source;
    int wrong = 0;

    COMPARE(kernel_rgb565_to_gray, n, (PIXELS(s[0] + 2 * at), n, to->bytes[0] + at));
    COMPARE(kernel_gray_to_rgb565, n, (s[3] + at, n, PIXELS(to->bytes[0] + 2 * at)));
    COMPARE(kernel_gray_to_rgb565, n, (to->bytes[0], n, PIXELS(to->bytes[0])));         /* a row that grows in place */
    COMPARE(kernel_lookup_rgb565, n, (s[4] + at, n, PIXELS(table), PIXELS(to->bytes[0])));
    COMPARE(kernel_lookup_565, n, (to->halves + at, n, PIXELS(table), s[2]));
    COMPARE(kernel_rgb565_to_rgb, n, (PIXELS(s[0] + 2 * at), n, to->bytes[0], to->bytes[1] + at, to->bytes[2]));
    COMPARE(kernel_rgb_to_rgb565, n, (s[1], s[2] + at, s[3], n, to->halves));
    COMPARE(kernel_rgb_to_gray, n, (s[1], s[2] + at, s[3], n, to->bytes[0]));
    return wrong;
}

static int check_bytes(int n, int at, int round, const uint32_t mixed[256])
{
    uint8_t (*s)[ROOM] = source;
    int wrong = 0, n4 = n & ~3, green = round & 1, red_row = round & 2;

    COMPARE(kernel_copy, n, (to->bytes[0] + at, s[2] + at, (size_t)n));
    COMPARE(kernel_copy, n, (to->bytes[0] + 4 * at, to->bytes[0] + 8, (size_t)n));  /* onto itself, down and up */
    COMPARE(kernel_invert, n, (to->bytes[0], (size_t)n));
    COMPARE(kernel_lookup8, n, (to->bytes[0] + at, n, s[2], to->bytes[0] + at));
    COMPARE(kernel_mix_tables, n, (s[1] + at, n, mixed, (uint32_t)round * 9000 * 65535u + 32767, n < 50 ? 77 * 65535u : 0, 512 - (uint32_t)n, (uint32_t)n, to->bytes[0]));
    COMPARE(kernel_move8, n, (to->bytes[0] + at, s[1] + at, s[2], n));
    COMPARE(kernel_debayer, n4, (s[1] + 1 + at, s[3] + 1 + at, s[4] + 1 + at, n4, green, to->bytes[0], to->bytes[1], to->bytes[2]));
    COMPARE(kernel_debayer_gray, n4, (s[1] + 1 + at, s[3] + 1 + at, s[4] + 1 + at, n4, green, red_row, to->bytes[0]));
    COMPARE(kernel_debayer_rgb565, n4, (s[1] + 1 + at, s[3] + 1 + at, s[4] + 1 + at, n4, green, red_row, to->halves));
    return wrong;
}

int check_kernels(void)
{
    static uint32_t table[2048];
    int wrong = 0;

    for (size_t i = 0; i < 2048; i++) {
        table[i] = rnd() << 8 ^ rnd();
    }
    for (int n = 0; n <= MOST && wrong < 10; n++) {
        for (int round = 0; round < 4; round++) {
            wrong += check_bits(n, round, table) + check_conversions(n, round, table) + check_bytes(n, round, round, table);
        }
    }
    return wrong;
}
