/* SPDX-License-Identifier: MIT */
/* Operations on rows: logic on words of four bytes; arithmetic byte-wise, for RGB565 two pixels to a word. */
#include "vision/compose_row.h"

#include <string.h>

#include "vision/kernel.h"

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>
#define add8(a, b)  __uqadd8(a, b)
#define sub8(a, b)  __uqsub8(a, b)
#define add16(a, b) ((uint32_t)__uqadd16(a, b))
#define sub16(a, b) ((uint32_t)__uqsub16(a, b))
#else
static inline uint32_t lanes(uint32_t a, uint32_t b, int bits, bool add)
{
    uint32_t out = 0, top = (1u << bits) - 1;

    for (int i = 0; i < 32; i += bits) {
        uint32_t x = a >> i & top, y = b >> i & top, v = add ? (x + y < top ? x + y : top) : x > y ? x - y : 0;
        out |= v << i;
    }
    return out;
}
#define add8(a, b)  lanes(a, b, 8, true)
#define sub8(a, b)  lanes(a, b, 8, false)
#define add16(a, b) lanes(a, b, 16, true)
#define sub16(a, b) lanes(a, b, 16, false)
#endif

/* ---- On words: gray values by four ---- */

#define LOOP8(expression)                                                                                                                  \
    for (; i < n - 3; i += 4) {                                                                                                            \
        uint32_t s = kernel_load32(src + i), d = kernel_load32(dst + i);                                                                   \
        kernel_store32(dst + i, expression);                                                                                               \
    }                                                                                                                                      \
    if (i < n) {                                                                                                                           \
        uint32_t s = 0, d = 0, v;                                                                                                          \
        memcpy(&s, src + i, (size_t)(n - i));                                                                                              \
        memcpy(&d, dst + i, (size_t)(n - i));                                                                                              \
        v = expression;                                                                                                                    \
        memcpy(dst + i, &v, (size_t)(n - i));                                                                                              \
    }                                                                                                                                      \
    break

void compose_row8(enum compose_operation operation, const uint8_t *src, int n, uint8_t *dst)
{
    int i = 0;

    switch (operation) {
    case COMPOSE_REPLACE:
        memmove(dst, src, (size_t)n);
        break;
    case COMPOSE_AND:
        LOOP8(d & s);
    case COMPOSE_NAND:
        LOOP8(~(d & s));
    case COMPOSE_OR:
        LOOP8(d | s);
    case COMPOSE_NOR:
        LOOP8(~(d | s));
    case COMPOSE_XOR:
        LOOP8(d ^ s);
    case COMPOSE_XNOR:
        LOOP8(~(d ^ s));
    case COMPOSE_ADD:
        LOOP8(add8(d, s));
    case COMPOSE_SUB:
        LOOP8(sub8(d, s));
    case COMPOSE_RSUB:
        LOOP8(sub8(s, d));
    case COMPOSE_MIN:
        LOOP8(d - sub8(d, s));
    case COMPOSE_MAX:
        LOOP8(d + sub8(s, d));
    default:
        LOOP8(sub8(d, s) | sub8(s, d));
    }
}

/* ---- RGB565, two pixels to a word ---- */

/* Red and blue lie in bytes of their own, green alone in what is left. */
#define RED_BLUE 0xF81FF81Fu
#define GREEN    0x07E007E0u

/* d - s of each channel, cut to 0: no channel borrows from the next, as each has its byte or half to itself */
static inline uint32_t less565(uint32_t d, uint32_t s, uint32_t red_blue)
{
    return sub8(d & red_blue, s & red_blue) | sub16(d & ~red_blue, s & ~red_blue);
}

/* d + s, cut to the top: channels moved to the top of their bytes and halves, where the instruction cuts; what it sets below them is masked off */
static inline uint32_t sum565(uint32_t d, uint32_t s)
{
    uint32_t red_blue = add8((d & 0xF800F800u) | (d & 0x001F001Fu) << 3, (s & 0xF800F800u) | (s & 0x001F001Fu) << 3);
    uint32_t green = add16(d << 5 & 0xFC00FC00u, s << 5 & 0xFC00FC00u);

    return (red_blue & 0xF800F800u) | (red_blue >> 3 & 0x001F001Fu) | (green >> 5 & GREEN);
}

#define STEP16(expression, k)                                                                                                              \
    do {                                                                                                                                   \
        uint32_t s = kernel_load32(src + (k)), d = kernel_load32(dst + (k));                                                               \
        kernel_store32(dst + (k), expression);                                                                                             \
    } while (0)

#define LOOP16(expression)                                                                                                                 \
    for (; n >= 8; n -= 8, src += 8, dst += 8) {                                                                                           \
        STEP16(expression, 0);                                                                                                             \
        STEP16(expression, 2);                                                                                                             \
        STEP16(expression, 4);                                                                                                             \
        STEP16(expression, 6);                                                                                                             \
    }                                                                                                                                      \
    for (; n > 0; n--, src++, dst++) {                                                                                                     \
        uint32_t s = *src, d = *dst;                                                                                                       \
        *dst = (uint16_t)(expression);                                                                                                     \
    }                                                                                                                                      \
    break

void compose_row565(enum compose_operation operation, const uint16_t *src, int n, uint16_t *dst)
{
    const uint32_t red_blue = kernel_in_register(RED_BLUE);

    switch (operation) {
    case COMPOSE_REPLACE:
        memmove(dst, src, (size_t)n * sizeof *dst);
        break;
    case COMPOSE_AND:
        LOOP16(d & s);
    case COMPOSE_NAND:
        LOOP16(~(d & s));
    case COMPOSE_OR:
        LOOP16(d | s);
    case COMPOSE_NOR:
        LOOP16(~(d | s));
    case COMPOSE_XOR:
        LOOP16(d ^ s);
    case COMPOSE_XNOR:
        LOOP16(~(d ^ s));
    case COMPOSE_ADD:
        LOOP16(sum565(d, s));
    case COMPOSE_SUB:
        LOOP16(less565(d, s, red_blue));
    case COMPOSE_RSUB:
        LOOP16(less565(s, d, red_blue));
    case COMPOSE_MIN:
        LOOP16(d - less565(d, s, red_blue));
    case COMPOSE_MAX:
        LOOP16(d + less565(s, d, red_blue));
    default:
        LOOP16(s - d + 2 * less565(d, s, red_blue));      /* channels take turns at the difference: nothing is carried in the end */
    }
}
