/* SPDX-License-Identifier: MIT */
/* Whatever a program writes to a peripheral, the emulator goes on. Left out: what would reset or stop the guest, or overwrite it. */
#include "chip.h"

enum { WRITES = 400 };

static const struct { uint32_t base, size; } windows[] = {
    { 0x40000000, 0x400 }, { 0x40000400, 0x400 }, { 0x40000800, 0x400 }, { 0x40000c00, 0x400 }, { 0x40001000, 0x400 }, { 0x40001400, 0x400 },
    { 0x40001800, 0x400 }, { 0x40001c00, 0x400 }, { 0x40002000, 0x400 }, { 0x40002400, 0x400 }, { 0x40003800, 0x400 }, { 0x40003c00, 0x400 },
    { 0x40004000, 0x400 }, { 0x40004400, 0x400 }, { 0x40004c00, 0x400 }, { 0x40005000, 0x400 }, { 0x40005400, 0x400 }, { 0x40005800, 0x400 },
    { 0x40005c00, 0x400 }, { 0x40006c00, 0x400 }, { 0x40007400, 0x400 }, { 0x40007800, 0x400 }, { 0x40007c00, 0x400 }, { 0x40008400, 0x400 },
    { 0x40008800, 0x400 }, { 0x40009000, 0x400 }, { 0x40009400, 0x400 }, { 0x4000a000, 0x400 }, { 0x40010000, 0x400 }, { 0x40010400, 0x400 },
    { 0x40011000, 0x400 }, { 0x40011400, 0x400 }, { 0x40013000, 0x400 }, { 0x40013400, 0x400 }, { 0x40014000, 0x400 }, { 0x40014400, 0x400 },
    { 0x40014800, 0x400 }, { 0x40015000, 0x400 }, { 0x40015800, 0x400 }, { 0x40017000, 0x400 }, { 0x40017400, 0x400 }, { 0x40020000, 0x400 },
    { 0x40020400, 0x400 }, { 0x40020800, 0x400 }, { 0x40022000, 0x400 }, { 0x40028000, 0x1400 }, { 0x40040000, 0x1000 }, { 0x40080000, 0x1000 },
    { 0x48020000, 0x400 }, { 0x48021000, 0x400 }, { 0x48021400, 0x400 }, { 0x48021800, 0x400 }, { 0x48022400, 0x400 }, { 0x50001000, 0x400 },
    { 0x52001000, 0x400 }, { 0x52003000, 0x800 }, { 0x52004000, 0x400 }, { 0x52005000, 0x400 }, { 0x52007000, 0x400 }, { 0x58000000, 0x400 },
    { 0x58000400, 0x400 }, { 0x58000c00, 0x400 }, { 0x58001400, 0x400 }, { 0x58001c00, 0x400 }, { 0x58002400, 0x400 }, { 0x58003800, 0x400 },
    { 0x58003c00, 0x400 }, { 0x58004000, 0x400 }, { 0x58020000, 0x400 }, { 0x58020800, 0x400 }, { 0x58021000, 0x400 }, { 0x58024c00, 0x400 },
    { 0x58025400, 0x400 }, { 0x58025800, 0x400 }, { 0x58026000, 0x400 }, { 0x58026400, 0x400 },
};

static uint32_t state = 0x2545f491;

static uint32_t random_word(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void guest_main(void)
{
    static const uint8_t enables[] = { 0xd4, 0xd8, 0xdc, 0xe0, 0xe4, 0xe8, 0xec, 0xf0, 0xf4 };
    uint32_t sum = 0;

    for (unsigned i = 0; i < sizeof(enables); i++) {
        REG(RCC + enables[i]) = 0xffffffff;
    }
    REG(PWR) |= 1u << 8;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
            for (unsigned n = 0; n < WRITES; n++) {
                /* Low registers more often: that is where most of them are. */
                uint32_t offset = random_word() % (n & 1 ? windows[i].size : 0x60) & ~3u, value = random_word();

                switch (n % 5) {
                case 0: sum += REG(windows[i].base + offset); break;
                case 1: REG8(windows[i].base + offset + (value & 3)) = (uint8_t)value; break;
                case 2: REG(windows[i].base + offset) = value & random_word() & random_word(); break;
                default: REG(windows[i].base + offset) = value; break;
                }
            }
        }
        sleep_ms(20);
    }
    check_equal("random writes to every peripheral", sum != 0, true);
    quit();
}
