/* SPDX-License-Identifier: MIT */
/* Start-up, console and checks of the guests. The end of guest_main() resets the chip: QEMU runs with -no-reboot. */
#include "guest.h"

extern uint32_t guest_stack, guest_data, guest_data_end, guest_data_load, guest_bss, guest_bss_end;

void guest_reset(void);
static void fault(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &guest_stack, guest_reset, fault, fault, fault, fault, fault, NULL, NULL, NULL, NULL, fault, fault, NULL, fault, fault,
};

static void end(void)
{
    while (!(REG(USART3 + 0x1c) & 1u << 6)) {           /* ISR.TC: the last character is out */
    }
    REG(0xe000ed0c) = 0x05fa0004;                       /* AIRCR.SYSRESETREQ */
    for (;;) {
    }
}

static void put_hex(uint32_t value)
{
    put_text("0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
        put_char("0123456789abcdef"[value >> shift & 15]);
    }
}

static void fault(void)
{
    put_text("FAIL fault: expected none, got CFSR ");
    put_hex(REG(0xe000ed28));
    put_text(" at address ");
    put_hex(REG(0xe000ed38));
    put_text("\n");
    end();
}

void put_char(char c)
{
    while (!(REG(USART3 + 0x1c) & 1u << 7)) {           /* ISR.TXE */
    }
    REG(USART3 + 0x28) = (uint8_t)c;
}

void put_text(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

void put_number(int32_t value)
{
    char digits[12];
    int n = 0;
    uint32_t rest = value < 0 ? -(uint32_t)value : (uint32_t)value;

    do {
        digits[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) {
        put_char('-');
    }
    while (n) {
        put_char(digits[--n]);
    }
}

void check_equal(const char *name, uint32_t got, uint32_t expected)
{
    put_text(got == expected ? "PASS " : "FAIL ");
    put_text(name);
    if (got != expected) {
        put_text(": expected ");
        put_hex(expected);
        put_text(", got ");
        put_hex(got);
    }
    put_char('\n');
}

void check_near(const char *name, int32_t got, int32_t expected, int32_t margin)
{
    bool good = got >= expected - margin && got <= expected + margin;

    put_text(good ? "PASS " : "FAIL ");
    put_text(name);
    if (!good) {
        put_text(": expected about ");
        put_number(expected);
        put_text(", got ");
        put_number(got);
    }
    put_char('\n');
}

uint32_t cycles(void)
{
    return REG(DWT_CYCCNT);
}

void wait_us(uint32_t us)
{
    uint32_t start = cycles();

    while (cycles() - start < us * (CPU_HZ / 1000000)) {
    }
}

/* Long waits look less often: an access to a peripheral costs the emulator as much as a thousand instructions. */
bool wait_for(uint32_t address, uint32_t mask, uint32_t value, uint32_t us)
{
    uint32_t start = cycles();
    int pause = us > 5000 ? 2000 : 0;

    while ((REG(address) & mask) != value) {
        if (cycles() - start > us * (CPU_HZ / 1000000)) {
            return false;
        }
        for (int i = 0; i < pause; i++) {
            __asm volatile("nop");
        }
    }
    return true;
}

void pin_function(uint32_t port, unsigned pin, unsigned function, bool open)
{
    uint32_t afr = port + 0x20 + pin / 8 * 4;

    REG(afr) = (REG(afr) & ~(15u << pin % 8 * 4)) | function << pin % 8 * 4;
    REG(port + 4) = (REG(port + 4) & ~(1u << pin)) | (uint32_t)open << pin;
    REG(port + 0xc) = (REG(port + 0xc) & ~(3u << 2 * pin)) | (open ? 1u << 2 * pin : 0);
    REG(port) = (REG(port) & ~(3u << 2 * pin)) | 2u << 2 * pin;
}

void pin_output(uint32_t port, unsigned pin, bool level)
{
    REG(port + 0x18) = 1u << (level ? pin : pin + 16);
    REG(port) = (REG(port) & ~(3u << 2 * pin)) | 1u << 2 * pin;
}

void *memcpy(void *to, const void *from, size_t n)
{
    uint8_t *a = to;
    const uint8_t *b = from;

    while (n--) {
        *a++ = *b++;
    }
    return to;
}

void *memset(void *to, int value, size_t n)
{
    uint8_t *a = to;

    while (n--) {
        *a++ = (uint8_t)value;
    }
    return to;
}

void guest_reset(void)
{
    const uint32_t *from = &guest_data_load;

    for (uint32_t *to = &guest_data; to < &guest_data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &guest_bss; to < &guest_bss_end;) {
        *to++ = 0;
    }
    REG(RCC_AHB4ENR) |= 0x1f;                           /* GPIOA to GPIOE */
    REG(RCC_APB1LENR) |= 1u << 18;                      /* USART3 */
    (void)REG(RCC_APB1LENR);
    pin_function(GPIOB, 10, 7, false);
    pin_function(GPIOB, 11, 7, false);
    REG(USART3 + 0x0c) = 16;                            /* 4 Mbaud: less waiting */
    REG(USART3) = 0xd;                                  /* UE, RE, TE */
    REG(DEMCR) |= 1u << 24;
    REG(DWT_CTRL) |= 1;
    guest_main();
    end();
}
