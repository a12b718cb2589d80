/* SPDX-License-Identifier: MIT */
/* YCbCr -> RGB565 with Helium: the sums of jpeg_color.c, in words of two lanes too, so that they borrow alike. Empty on other cores. */
#include "vision/jpeg_internal.h"

#if defined(__ARM_FEATURE_MVE)
#include "vision/kernel_mve.h"

/* What chroma adds to the channels of eight pixels, as in struct chroma. */
struct chroma8 {
    uint32x4_t r, g, b;
};

static inline struct chroma8 chroma_of_8(uint16x8_t cb, uint16x8_t cr)
{
    uint32x4_t u = vsubq_n_u32(vreinterpretq_u32_u16(cb), JPEG_BOTH(128)), v = vsubq_n_u32(vreinterpretq_u32_u16(cr), JPEG_BOTH(128));
    uint32x4_t half = vdupq_n_u32(JPEG_BOTH(32));

    return (struct chroma8){vmlaq_n_u32(half, v, JPEG_RV), vmlaq_n_u32(vmlaq_n_u32(half, u, 0u - JPEG_GU), v, 0u - JPEG_GV),
                            vmlaq_n_u32(half, u, JPEG_BU)};
}

/* Cut off below at 0 and above at 2^14, shifted up, and inserted below one another. */
static inline uint16x8_t pixels8(uint16x8_t luma, struct chroma8 c)
{
    uint32x4_t l = vreinterpretq_u32_u16(luma);
#define CUT(channel) vqshluq_n_s16(vreinterpretq_s16_u32(vaddq_u32(channel, l)), 2)
    return vsriq_n_u16(vsriq_n_u16(CUT(c.r), CUT(c.g), 5), CUT(c.b), 11);
#undef CUT
}

void jpeg_color_lanes_mve(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride)
{
    static const uint16_t order[8] = {0, 2, 1, 3, 4, 6, 5, 7};
    const uint16x8_t places = vld1q_u16(order);
    const uint16_t *p = (const uint16_t *)(const void *)lanes;

    for (int i = 0; i < 8; i++, p += 8, out += stride) {
        uint16x8_t v = pixels8(vshlq_n_u16(vld1q_u16(p), 6), chroma_of_8(vld1q_u16(p + 64), vld1q_u16(p + 128)));
        vstrhq_scatter_shifted_offset_u16((uint16_t *)(void *)out, places, v);
    }
}

void jpeg_color_full_mve(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    for (; n >= 16; n -= 16, y += 16, cb += 16, cr += 16, out += 16) {
        uint8x16_t l = vld1q_u8(y), u = vld1q_u8(cb), v = vld1q_u8(cr);
        uint16x8_t even = pixels8(vshllbq_n_u8(l, 6), chroma_of_8(vmovlbq_u8(u), vmovlbq_u8(v)));
        uint16x8_t odd = pixels8(vshlltq_n_u8(l, 6), chroma_of_8(vmovltq_u8(u), vmovltq_u8(v)));
        vst2q_u16(out, ((uint16x8x2_t){{even, odd}}));
    }
    jpeg_color_full_plain(y, cb, cr, out, n);
}

/* Sixteen pixels that share eight samples of chroma. */
static inline void half_16(const uint8_t *y, struct chroma8 c, uint16_t *out)
{
    uint8x16_t l = vld1q_u8(y);

    vst2q_u16(out, ((uint16x8x2_t){{pixels8(vshllbq_n_u8(l, 6), c), pixels8(vshlltq_n_u8(l, 6), c)}}));
}

void jpeg_color_half_mve(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    for (; n >= 16; n -= 16, y += 16, cb += 8, cr += 8, out += 16) {
        half_16(y, chroma_of_8(vldrbq_u16(cb), vldrbq_u16(cr)), out);
    }
    jpeg_color_half_plain(y, cb, cr, out, n);
}

void jpeg_color_half_2_mve(const uint8_t *y, size_t stride, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n)
{
    uint16_t *below = out + n;

    for (; n >= 16; n -= 16, y += 16, cb += 8, cr += 8, out += 16, below += 16) {
        struct chroma8 c = chroma_of_8(vldrbq_u16(cb), vldrbq_u16(cr));
        half_16(y, c, out);
        half_16(y + stride, c, below);
    }
    jpeg_color_half_plain(y, cb, cr, out, n);
    jpeg_color_half_plain(y + stride, cb, cr, below, n);
}

#endif
