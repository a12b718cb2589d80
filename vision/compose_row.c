/* SPDX-License-Identifier: MIT */
/* Operations on rows: logic on words of four bytes; arithmetic byte-wise, for RGB565 two pixels to a word. With Helium a word is a vector of four. */
#include "vision/compose_row.h"

#include <string.h>

#include "vision/kernel.h"

#if defined(__ARM_FEATURE_MVE)
#pragma GCC optimize("no-ivopts")   /* as in kernel_mve.c */
#include "vision/kernel_mve.h"

typedef uint32x4_t word;
#define add8(a, b)  vreinterpretq_u32_u8(vqaddq_u8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b)))
#define sub8(a, b)  vreinterpretq_u32_u8(vqsubq_u8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b)))
#define add16(a, b) vreinterpretq_u32_u16(vqaddq_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b)))
#define sub16(a, b) vreinterpretq_u32_u16(vqsubq_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b)))
#define difference8(a, b)  vreinterpretq_u32_u8(vabdq_u8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b)))
#define difference16(a, b) vreinterpretq_u32_u16(vabdq_u16(vreinterpretq_u16_u32(a), vreinterpretq_u16_u32(b)))
#elif defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#include <arm_acle.h>

typedef uint32_t word;
#define add8(a, b)  __uqadd8(a, b)
#define sub8(a, b)  __uqsub8(a, b)
#define add16(a, b) ((uint32_t)__uqadd16(a, b))
#define sub16(a, b) ((uint32_t)__uqsub16(a, b))
#else
typedef uint32_t word;

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

#if defined(__ARM_FEATURE_MVE)
#define LOOP8(expression)                                                                                                                  \
    for (; n > 0; n -= 16, src += 16, dst += 16) {                                                                                         \
        mve_pred16_t some = vctp8q((uint32_t)n);                                                                                           \
        word s = vreinterpretq_u32_u8(vld1q_z_u8(src, some)), d = vreinterpretq_u32_u8(vld1q_z_u8(dst, some));                             \
        vstrbq_p_u8(dst, vreinterpretq_u8_u32(expression), some);                                                                          \
    }                                                                                                                                      \
    break
#else
#define difference8(a, b) (sub8(a, b) | sub8(b, a))

/* Sixteen bytes of pixels at once, then pixel by pixel */
#define STEP(expression, k)                                                                                                                \
    do {                                                                                                                                   \
        word s = kernel_load32(src + (k)), d = kernel_load32(dst + (k));                                                                   \
        kernel_store32(dst + (k), expression);                                                                                             \
    } while (0)

#define LOOP(expression, pixels)                                                                                                           \
    for (; n >= 4 * (pixels); n -= 4 * (pixels), src += 4 * (pixels), dst += 4 * (pixels)) {                                               \
        STEP(expression, 0);                                                                                                               \
        STEP(expression, pixels);                                                                                                          \
        STEP(expression, 2 * (pixels));                                                                                                    \
        STEP(expression, 3 * (pixels));                                                                                                    \
    }                                                                                                                                      \
    for (; n > 0; n--, src++, dst++) {                                                                                                     \
        word s = *src, d = *dst;                                                                                                           \
        *dst = (__typeof__(*dst))(expression);                                                                                             \
    }                                                                                                                                      \
    break

#define LOOP8(expression) LOOP(expression, 4)
#endif

void compose_row8(enum compose_operation operation, const uint8_t *src, int n, uint8_t *dst)
{
    switch (operation) {
    case COMPOSE_REPLACE:
        kernel_copy(dst, src, (size_t)n);
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
        LOOP8(difference8(d, s));
    }
}

/* ---- RGB565, two pixels to a word ---- */

/* Red and blue lie in bytes of their own, green alone in what is left. */
#define RED_BLUE 0xF81FF81Fu
#define GREEN    0x07E007E0u

/* d - s of each channel, cut to 0: no channel borrows from the next, as each has its byte or half to itself */
static inline word less565(word d, word s, word red_blue)
{
    return sub8(d & red_blue, s & red_blue) | sub16(d & ~red_blue, s & ~red_blue);
}

/* d + s, cut to the top: channels moved to the top of their bytes and halves, where the instruction cuts; what it sets below them is masked off */
static inline word sum565(word d, word s)
{
    word red_blue = add8((d & 0xF800F800u) | (d & 0x001F001Fu) << 3, (s & 0xF800F800u) | (s & 0x001F001Fu) << 3);
    word green = add16(d << 5 & 0xFC00FC00u, s << 5 & 0xFC00FC00u);

    return (red_blue & 0xF800F800u) | (red_blue >> 3 & 0x001F001Fu) | (green >> 5 & GREEN);
}

#if defined(__ARM_FEATURE_MVE)
#define LOOP16(expression)                                                                                                                 \
    for (; n > 0; n -= 8, src += 8, dst += 8) {                                                                                            \
        mve_pred16_t some = vctp16q((uint32_t)n);                                                                                          \
        word s = vreinterpretq_u32_u16(vldrhq_z_u16(src, some)), d = vreinterpretq_u32_u16(vldrhq_z_u16(dst, some));                       \
        vstrhq_p_u16(dst, vreinterpretq_u16_u32(expression), some);                                                                        \
    }                                                                                                                                      \
    break

static inline word difference565(word d, word s, word red_blue)
{
    return difference8(d & red_blue, s & red_blue) | difference16(d & ~red_blue, s & ~red_blue);
}

static inline word red_blue_mask(void)
{
    return vdupq_n_u32(RED_BLUE);
}
#else
#define LOOP16(expression) LOOP(expression, 2)

/* In all channels at once: what one borrows its other term has given back. */
static inline word difference565(word d, word s, word red_blue)
{
    return s - d + 2 * less565(d, s, red_blue);
}

static inline word red_blue_mask(void)
{
    return kernel_in_register(RED_BLUE);
}
#endif

void compose_row565(enum compose_operation operation, const uint16_t *src, int n, uint16_t *dst)
{
    const word red_blue = red_blue_mask();

    switch (operation) {
    case COMPOSE_REPLACE:
        kernel_copy(dst, src, (size_t)n * sizeof *dst);
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
        LOOP16(difference565(d, s, red_blue));
    }
}
