/* SPDX-License-Identifier: MIT */
/* Pixels -> blocks of lanes for the forward DCT: colour conversion and chroma averaging, two pixels in the lanes of one word.
   Lanes: see jpeg_internal.h. Colours as JFIF says: full-range BT.601.

   The products of a channel (5 or 6 bits) and its weight fit in 16 bits, and so do their sums: one 32-bit multiplication serves both
   lanes. Chroma is nothing but B - Y and R - Y; their factors are left to the quantiser. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"
#ifndef __clang__   /* which has no such pragma */
#pragma GCC optimize("no-schedule-insns")
#endif

/* 2 * 0.5 / (1 - 0.114) and 2 * 0.5 / (1 - 0.299), in 1/65536. */
enum { U_SCALE = 73969, V_SCALE = 93490 };

#define MIDDLE 0x40004000u      /* 128 * 128 in both lanes */

static inline uint32_t red(uint32_t w)
{
    return w >> 11 & simd_keep(0x001F001F);
}

static inline uint32_t green(uint32_t w)
{
    return w >> 5 & simd_keep(0x003F003F);
}

static inline uint32_t blue(uint32_t w)
{
    return w & simd_keep(0x001F001F);
}

static inline uint32_t swapped(uint32_t w)
{
    return w >> 16 | w << 16;
}

/* Four pixels p0..p3 of two words: (p0, p2) and (p3, p1). */
static inline uint32_t lanes_02(uint32_t a, uint32_t b)
{
    return simd_pkhbt(a, b);
}

static inline uint32_t lanes_31(uint32_t a, uint32_t b)
{
    return simd_pkhtb(b, a);
}

/* Eight samples given as (0, 1) (2, 3) (4, 5) (6, 7), stored in the order of a block's row. */
static inline void store_row(uint32_t *out, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    out[0] = lanes_02(a, b);
    out[1] = lanes_31(a, b);
    out[2] = lanes_02(c, d);
    out[3] = lanes_31(c, d);
}

/* ---- Grayscale ---- */

static void sample_gray(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    uint32_t *out = mcu->lanes;

    for (int y = 0; y < 8; y++, p += stride, out += 4) {
        uint32_t a = load32(p), b = load32(p + 4);
        out[0] = a << 7 & 0x7F807F80;
        out[1] = (a >> 17 | a << 15) & 0x7F807F80;
        out[2] = b << 7 & 0x7F807F80;
        out[3] = (b >> 17 | b << 15) & 0x7F807F80;
    }
}

/* ---- RGB565 ---- */

static inline uint32_t luma(uint32_t r, uint32_t g, uint32_t b)
{
    return r * simd_keep(JPEG_YR) + g * simd_keep(JPEG_YG) + b * simd_keep(JPEG_YB);
}

static inline void color_444(uint32_t w, uint32_t *out)
{
    uint32_t r = red(w), b = blue(w), y = luma(r, green(w), b);

    out[0] = y;
    out[32] = simd_shsub16(b * simd_keep(JPEG_FULL), y);
    out[64] = simd_shsub16(r * simd_keep(JPEG_FULL), y);
}

void jpeg_sample_rgb565_444_plain(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    uint32_t *out = mcu->lanes;

    for (int y = 0; y < 8; y++, p += stride, out += 4) {
        uint32_t a = load32(p), b = load32(p + 4);
        color_444(lanes_02(a, b), out);
        color_444(lanes_31(a, b), out + 1);
        a = load32(p + 8);
        b = load32(p + 12);
        color_444(lanes_02(a, b), out + 2);
        color_444(lanes_31(a, b), out + 3);
    }
}

/* Two chroma samples (of p0 and p1, of p2 and p3), twice as large as they should be. */
struct chroma {
    uint32_t u, v;
};

/* Four pixels: luma to y, chroma averaged in pairs is returned. Sums of two fit in 16 unsigned bits. */
static inline struct chroma pairs_of_4(const uint8_t *p, uint32_t *y)
{
    uint32_t m = load32(p), n = load32(p + 4);
    uint32_t w = lanes_02(m, n), q = lanes_31(m, n);
    uint32_t r = red(w), b = blue(w), y0 = luma(r, green(w), b);
    uint32_t r1 = red(q), b1 = blue(q), y1 = luma(r1, green(q), b1);

    y[0] = y0;
    y[1] = y1;
    y0 += swapped(y1);
    return (struct chroma){simd_uhsub16((b + swapped(b1)) * simd_keep(JPEG_FULL), y0), simd_uhsub16((r + swapped(r1)) * simd_keep(JPEG_FULL), y0)};
}

/* Half a row of chroma, from twice as many pixels, to its place. */
static inline void store_half(uint32_t *out, uint32_t a, uint32_t b)
{
    out[0] = lanes_02(a, b);
    out[1] = lanes_31(a, b);
}

static void sample_rgb565_422(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    for (int half = 0; half < 2; half++) {
        const uint8_t *from = p + 16 * half;
        uint32_t *y = mcu->lanes + 32 * half, *u = mcu->lanes + 64 + 2 * half;
        for (const uint32_t *end = y + 32; y < end; from += stride, y += 4, u += 4) {
            struct chroma c = pairs_of_4(from, y), d = pairs_of_4(from + 8, y + 2);
            store_half(u, simd_shadd16(c.u, 0), simd_shadd16(d.u, 0));
            store_half(u + 32, simd_shadd16(c.v, 0), simd_shadd16(d.v, 0));
        }
    }
}

/* The mean of two rows' chroma, at its right size. */
static inline uint32_t mean(uint32_t a, uint32_t b)
{
    return simd_shadd16(simd_shadd16(a, b), 0);
}

static void sample_rgb565_420(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    for (int quarter = 0; quarter < 4; quarter++) {
        const uint8_t *from = p + 16 * (quarter & 1) + 8 * stride * (size_t)(quarter >> 1);
        uint32_t *y = mcu->lanes + 32 * quarter, *u = mcu->lanes + 128 + 2 * (quarter & 1) + 16 * (quarter >> 1);
        for (const uint32_t *end = y + 32; y < end; from += 2 * stride, y += 8, u += 4) {
            struct chroma a = pairs_of_4(from, y), b = pairs_of_4(from + stride, y + 4);
            uint32_t u0 = mean(a.u, b.u), v0 = mean(a.v, b.v);
            a = pairs_of_4(from + 8, y + 2);
            b = pairs_of_4(from + stride + 8, y + 6);
            store_half(u, u0, mean(a.u, b.u));
            store_half(u + 32, v0, mean(a.v, b.v));
        }
    }
}

/* ---- YUV422: bytes Y0 U Y1 V; YVU422 differs in the names of the chroma planes only ---- */

static inline uint32_t yuv_luma(uint32_t w)
{
    return w << 7 & 0x7F807F80;
}

static inline uint32_t yuv_chroma(uint32_t w)   /* (first, second) */
{
    return simd_ssub16(w >> 1 & 0x7F807F80, MIDDLE);
}

/* Eight pixels: luma to a block's row; chroma (first planes (0, 1) (2, 3), then second) to c. */
static inline void yuv_row(const uint8_t *p, uint32_t *y, uint32_t c[4])
{
    uint32_t w0 = load32(p), w1 = load32(p + 4), w2 = load32(p + 8), w3 = load32(p + 12);
    uint32_t c0 = yuv_chroma(w0), c1 = yuv_chroma(w1), c2 = yuv_chroma(w2), c3 = yuv_chroma(w3);

    store_row(y, yuv_luma(w0), yuv_luma(w1), yuv_luma(w2), yuv_luma(w3));
    c[0] = simd_pkhbt(c0, c1);
    c[1] = simd_pkhbt(c2, c3);
    c[2] = simd_pkhtb(c0, c1);
    c[3] = simd_pkhtb(c2, c3);
}

static void sample_yuv_444(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu, int first)
{
    for (int y = 0; y < 8; y++, p += stride) {
        uint32_t c[4];
        yuv_row(p, mcu->lanes + 4 * y, c);
        for (int plane = 0; plane < 2; plane++) {
            uint32_t *out = jpeg_mcu_block(mcu, plane ? 3 - first : first) + 4 * y;
            out[0] = c[2 * plane];
            out[1] = swapped(c[2 * plane]);
            out[2] = c[2 * plane + 1];
            out[3] = swapped(c[2 * plane + 1]);
        }
    }
}

static void sample_yuv_422(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu, int first)
{
    for (int y = 0; y < 8; y++, p += stride) {
        uint32_t c[4], d[4];
        yuv_row(p, mcu->lanes + 4 * y, c);
        yuv_row(p + 16, jpeg_mcu_block(mcu, 1) + 4 * y, d);
        store_row(jpeg_mcu_block(mcu, first) + 4 * y, c[0], c[1], d[0], d[1]);
        store_row(jpeg_mcu_block(mcu, 5 - first) + 4 * y, c[2], c[3], d[2], d[3]);
    }
}

static void sample_yuv_420(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu, int first)
{
    for (int y = 0; y < 8; y++, p += 2 * stride) {
        uint32_t *out = mcu->lanes + (y >> 2) * 64 + (y & 3) * 8;
        uint32_t c[8], d[8];
        yuv_row(p, out, c);
        yuv_row(p + 16, out + 32, c + 4);
        yuv_row(p + stride, out + 4, d);
        yuv_row(p + stride + 16, out + 36, d + 4);
        for (int i = 0; i < 8; i++) {
            c[i] = simd_shadd16(c[i], d[i]);
        }
        store_row(jpeg_mcu_block(mcu, first) + 4 * y, c[0], c[1], c[4], c[5]);
        store_row(jpeg_mcu_block(mcu, 9 - first) + 4 * y, c[2], c[3], c[6], c[7]);
    }
}

static void sample_yuv422_444(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_444(p, stride, mcu, 1);
}

static void sample_yuv422_422(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_422(p, stride, mcu, 2);
}

static void sample_yuv422_420(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_420(p, stride, mcu, 4);
}

static void sample_yvu422_444(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_444(p, stride, mcu, 2);
}

static void sample_yvu422_422(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_422(p, stride, mcu, 3);
}

static void sample_yvu422_420(const uint8_t *p, size_t stride, struct jpeg_mcu *mcu)
{
    sample_yuv_420(p, stride, mcu, 5);
}

jpeg_sample_fn *jpeg_sampler(enum pixel_format format, int subsampling, uint32_t scale[3])
{
    static jpeg_sample_fn *const rgb565[3] = {jpeg_sample_rgb565_444, sample_rgb565_422, sample_rgb565_420};
    static jpeg_sample_fn *const yuv422[3] = {sample_yuv422_444, sample_yuv422_422, sample_yuv422_420};
    static jpeg_sample_fn *const yvu422[3] = {sample_yvu422_444, sample_yvu422_422, sample_yvu422_420};
    int which = subsampling == JPEG_SUBSAMPLING_444 ? 0 : subsampling == JPEG_SUBSAMPLING_422 ? 1 : 2;

    scale[0] = scale[1] = scale[2] = 65536;
    if (format == PIXFORMAT_RGB565) {
        scale[1] = U_SCALE;
        scale[2] = V_SCALE;
        return rgb565[which];
    }
    return format == PIXFORMAT_GRAYSCALE ? sample_gray : format == PIXFORMAT_YUV422 ? yuv422[which] : yvu422[which];
}
