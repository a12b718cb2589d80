/* SPDX-License-Identifier: MIT */
/* What the files of the JPEG codec share: tables, transforms, the entropy coder. Not for others. */
#ifndef VISION_JPEG_INTERNAL_H
#define VISION_JPEG_INTERNAL_H

#include "vision/jpeg.h"

#include <string.h>

/* Markers, T.81 table B.1. */
enum jpeg_marker {
    JPEG_SOF0 = 0xC0, JPEG_SOF1 = 0xC1, JPEG_SOF2 = 0xC2, JPEG_DHT = 0xC4, JPEG_RST0 = 0xD0, JPEG_RST7 = 0xD7, JPEG_SOI = 0xD8, JPEG_EOI = 0xD9,
    JPEG_SOS = 0xDA, JPEG_DQT = 0xDB, JPEG_DRI = 0xDD, JPEG_APP0 = 0xE0, JPEG_APP14 = 0xEE, JPEG_COM = 0xFE,
};

/* Zigzag position -> row * 8 + column (T.81 figure A.6), and back. */
extern const uint8_t jpeg_zigzag_order[64];

/* cos(k pi / 16) * sqrt 2 (1 for k = 0) in 1/4096: what the column passes leave to the (de)quantiser. */
extern const uint16_t jpeg_aan_scale[8];

/* Quantisation tables of annex K.1 and K.2 (0 luma, 1 chroma) in zigzag order, scaled to a quality. */
void jpeg_quantisers(int which, int quality, uint8_t table[64]);

/* Huffman tables of annex K.3 as DHT carries them: 16 counts, then the symbols. */
extern const uint8_t jpeg_dc_spec[2][16 + 12], jpeg_ac_spec[2][16 + 162];

/* Words of any alignment. */
static inline uint32_t load32(const void *p)
{
    uint32_t w;
    memcpy(&w, p, 4);
    return w;
}

static inline void store32(void *p, uint32_t w)
{
    memcpy(p, &w, 4);
}

/* ---- Forward transform ------------------------------------------------------------------------------------
   Samples travel in lanes of 16 bits: luma as value * 128 (0..32767), chroma as a signed number (-16384..16383) that is
   scale * 128 times smaller than it should be, see jpeg_sampler. A block of them is 8 rows of 8 lanes in the order of columns
   0 2 3 1 4 6 7 5: then both passes find every operand where it needs it. */
#define JPEG_LANE_ORDER 0, 2, 3, 1, 4, 6, 7, 5

/* Multipliers by which the transform's 32-bit results are divided by the quantiser: (result * multiplier + 2^31) >> 32.
   First those of columns 0 4 2 6, row by row, then those of 1 3 5 7. `quantisers` in zigzag order; results are made scale / 65536
   times larger. */
void jpeg_forward_multipliers(const uint8_t quantisers[64], uint32_t scale, int32_t multipliers[64]);

/* What is subtracted from the result of coefficient 0 of luma: the level shift of 128. Chroma: 0. */
#define JPEG_MIDDLE (32768 * 2896)

/* Transforms, quantises and puts into zigzag order one block; the lanes are destroyed. _plain is the oracle, _dsp equal to it bit
   for bit and meant for cores with Armv7E-M SIMD. */
void jpeg_forward_plain(uint32_t lanes[32], const int32_t multipliers[64], int32_t middle, int16_t zigzag[64]);
void jpeg_forward_dsp(uint32_t lanes[32], const int32_t multipliers[64], int32_t middle, int16_t zigzag[64]);

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#define jpeg_forward jpeg_forward_dsp
#else
#define jpeg_forward jpeg_forward_plain
#endif

/* Its columns in place, of cores with Helium. */
void jpeg_forward_columns_mve(int16_t block[64]);

/* ---- Entropy encoder --------------------------------------------------------------------------------------- */

/* Values of coefficients that are coded by one look-up: -JPEG_NEAR / 2 .. JPEG_NEAR / 2 - 1. */
#define JPEG_NEAR 32

/* One pair of Huffman tables, prepared. An entry is code bits << 5 | length. */
struct jpeg_huffman_encoder {
    uint32_t near[16][JPEG_NEAR];   /* [run][value + JPEG_NEAR / 2]: code and value bits together; 0: take the long way */
    uint32_t ac[16][11];            /* [run][size of value]: code << size, length of both; [0][0] end of block, [15][0] 16 zeros */
    uint32_t dc[12];                /* [size]: the same */
};
void jpeg_huffman_prepare(struct jpeg_huffman_encoder *tables, int which);

/* Bits on their way out. `free` counts what is left of the 32 bits of `bits`, which fill from below. */
struct jpeg_bit_writer {
    uint32_t bits;
    int free;
    uint8_t *out;
};

/* Longest code of a block: 64 coefficients of 16 + 10 bits, every byte stuffed. */
#define JPEG_BLOCK_BYTES 416

/* Codes a block in zigzag order, whose [0] holds the difference of DC; writes at most JPEG_BLOCK_BYTES. zigzag[0] is destroyed,
   zigzag[64] and [65] are scratch; [-2] and [-1] exist and are not read. All is 4-byte aligned. AC within -1023..1023, as they are
   from 8-bit samples. */
void jpeg_huffman_encode(struct jpeg_bit_writer *writer, const struct jpeg_huffman_encoder *tables, int16_t *zigzag);

/* Fills the last byte with ones. */
void jpeg_huffman_flush(struct jpeg_bit_writer *writer);

/* ---- Pixels -> lanes ------------------------------------------------------------------------------------- */

/* One MCU in lanes: up to 6 blocks of 32 words, luma in reading order, then Cb, Cr. */
struct jpeg_mcu {
    uint32_t lanes[6 * 32];
};

static inline uint32_t *jpeg_mcu_block(struct jpeg_mcu *mcu, int i)
{
    return mcu->lanes + 32 * i;
}

/* Reads one whole MCU at `pixels`; `stride` bytes from row to row. */
typedef void jpeg_sample_fn(const uint8_t *pixels, size_t stride, struct jpeg_mcu *mcu);

/* Weights of a channel of RGB565: 128 * 255 / 31 (or / 63) * BT.601's; and of a channel alone. */
enum { JPEG_YR = 315, JPEG_YG = 304, JPEG_YB = 120, JPEG_FULL = 1053 };

/* RGB565 to 4:4:4, what nearly all files of a good quality have. _plain is the oracle. */
void jpeg_sample_rgb565_444_plain(const uint8_t *pixels, size_t stride, struct jpeg_mcu *mcu);
void jpeg_sample_rgb565_444_mve(const uint8_t *pixels, size_t stride, struct jpeg_mcu *mcu);
#if defined(__ARM_FEATURE_MVE)
#define jpeg_sample_rgb565_444 jpeg_sample_rgb565_444_mve
#else
#define jpeg_sample_rgb565_444 jpeg_sample_rgb565_444_plain
#endif

/* The one for a format (grayscale, RGB565, YUV422, YVU422) and, unless gray, a subsampling; and by how much, in 1/65536, the chroma it
   gives has to be scaled: from RGB565 it is (B - Y) / 2 and (R - Y) / 2. */
jpeg_sample_fn *jpeg_sampler(enum pixel_format format, int subsampling, uint32_t scale[3]);

/* ---- Inverse transform --------------------------------------------------------------------------------------
   Coefficients arrive multiplied by quantiser * scale of their row (jpeg_aan_scale) * 8, in 16-bit lanes; the columns of a row lie
   in the order 0 4 2 6 1 3 5 7. Only sums modulo 2^16 are taken, so that hostile data does no harm. */
#define JPEG_COEFFICIENT_ORDER 0, 4, 2, 5, 1, 6, 3, 7   /* place of column 0, 1, 2 ... */

/* Transforms a block, of which the first `count` coefficients in zigzag order may be other than 0, into 8 rows of 8 bytes, and sets the
   block, which is 4-byte aligned, to 0 again. _plain is the oracle of _dsp. */
void jpeg_inverse_plain(int16_t block[64], int count, uint8_t *out, size_t stride);
void jpeg_inverse_dsp(int16_t block[64], int count, uint8_t *out, size_t stride);

/* The same into lanes of 16 bits, for jpeg_color_lanes: the samples of a row as words of 0 and 2, 1 and 3, 4 and 6, 5 and 7. */
void jpeg_inverse_lanes_plain(int16_t block[64], int count, uint32_t out[32]);
void jpeg_inverse_lanes_dsp(int16_t block[64], int count, uint32_t out[32]);

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#define jpeg_inverse jpeg_inverse_dsp
#define jpeg_inverse_lanes jpeg_inverse_lanes_dsp
#else
#define jpeg_inverse jpeg_inverse_plain
#define jpeg_inverse_lanes jpeg_inverse_lanes_plain
#endif

/* Its columns, of cores with Helium: as many rows of eight to `out`; clears the block. False: columns 5 and 7 are 0. */
bool jpeg_inverse_columns_mve(int16_t block[64], int16_t out[64]);

static inline void jpeg_samples_to_lanes(const uint8_t samples[64], uint32_t out[32])
{
    for (int i = 0; i < 64; i += 4, samples += 4) {
        *out++ = samples[0] | (uint32_t)samples[2] << 16;
        *out++ = samples[1] | (uint32_t)samples[3] << 16;
    }
}

/* The same at half, a quarter and an eighth of the size: 4x4, 2x2 or 1x1 bytes from the lowest frequencies. Here the coefficients lie in
   natural order and carry no jpeg_aan_scale. */
void jpeg_inverse_scaled(int16_t block[64], int scale, uint8_t *out, size_t stride);

/* ---- Entropy decoder ---------------------------------------------------------------------------------------- */

/* Bits of a code, and of the value behind it if they fit, that one look-up decides. */
#define JPEG_LOOK 9

/* A Huffman table, prepared. Entries of `fast`: value << 16 | (run + 1) << 11 | bits taken, when code and value fit in JPEG_LOOK bits;
   otherwise with JPEG_MORE: size << 16 | (run + 1) << 11 | bits of the code (0: the code is longer than JPEG_LOOK), or JPEG_END. So byte 0
   is how far the bits move on, and byte 1, where the value is known, how far a pointer to struct jpeg_place does. */
struct jpeg_huffman_decoder {
    uint32_t fast[1 << JPEG_LOOK];
    uint32_t limit[17];             /* codes of n bits, taken as the top of 16 bits, are below limit[n] */
    int32_t offset[17];             /* symbols[offset[n] + code] */
    uint8_t symbols[256];
};
#define JPEG_MORE 0x100u
#define JPEG_END 0x200u     /* end of block */

/* Prepares a table from the body of a DHT entry: 16 counts, `n` symbols. Values of AC tables are never 0, DC tables have no runs.
   VISION_E_DATA: the counts do not make a code, or AC symbols that baseline JPEG does not have. */
int jpeg_huffman_decoder_init(struct jpeg_huffman_decoder *table, const uint8_t counts[16], const uint8_t *symbols, int n, bool dc);

/* Where the coefficient of a zigzag position goes and what it is multiplied with: (value * factor) >> 16. */
struct jpeg_place {
    int32_t factor;
    uint32_t index;
};
#define JPEG_PLACES (64 + 31)       /* two runs may lead past the end: those go to index 64 with factor 0 */
_Static_assert(sizeof(struct jpeg_place) == 8, "entries of jpeg_huffman_decoder");

/* Unstuffed bytes of a segment, big-endian bits from `position` on. */
#define JPEG_BITS_BYTES 1024
#define JPEG_BLOCK_BITS (64 * 32)   /* no block is longer */
struct jpeg_bit_reader {
    uint8_t bytes[JPEG_BITS_BYTES + JPEG_BLOCK_BITS / 8 + 8];
    uint32_t position;              /* in bits */
    uint32_t end;                   /* of what is known, in bits, a multiple of 8 */
    bool last;                      /* nothing comes after `end` but zeros: there was a marker, or the file ended */
};

/* Decodes a block: its DC difference into *dc, its other coefficients into `block`. Returns the number of coefficients in zigzag order
   up to the last one, or VISION_E_DATA. At least JPEG_BLOCK_BITS must be ahead of reader->position in reader->bytes. */
int jpeg_huffman_decode(struct jpeg_bit_reader *reader, const struct jpeg_huffman_decoder *dc_table,
                        const struct jpeg_huffman_decoder *ac_table, const struct jpeg_place places[JPEG_PLACES], int *dc,
                        int16_t block[65]);

/* The same for a block that nobody will look at. */
int jpeg_huffman_skip(struct jpeg_bit_reader *reader, const struct jpeg_huffman_decoder *dc_table,
                      const struct jpeg_huffman_decoder *ac_table);

/* ---- Component rows -> pixels ------------------------------------------------------------------------------- */

/* Lanes hold value * 64, weights are in 1/64. A negative low lane borrows 1/64 from the high one: no more than a rounding error, and
   the same in every version: _plain is the oracle. */
enum { JPEG_RV = 90, JPEG_GU = 22, JPEG_GV = 46, JPEG_BU = 113 };   /* 1.402, 0.344, 0.714, 1.772 */
#define JPEG_BOTH(value) ((uint32_t)(value) * 0x00010001u)

/* n pixels of YCbCr, chroma at full or half width, to RGB565. Reads on to the next multiple of 4 pixels. _2: two rows of n pixels,
   one after the other at `out`, with one row of chroma. */
void jpeg_color_full_plain(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);
void jpeg_color_full_mve(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);
void jpeg_color_half_plain(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);
void jpeg_color_half_mve(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);
void jpeg_color_half_2_plain(const uint8_t *y, size_t stride, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);
void jpeg_color_half_2_mve(const uint8_t *y, size_t stride, const uint8_t *cb, const uint8_t *cr, uint16_t *out, int n);

/* 8x8 pixels, the same colours, from the lanes of jpeg_inverse_lanes: luma, Cb, Cr. They are aligned to 128 bytes. `stride` in bytes. */
void jpeg_color_lanes_plain(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride);
void jpeg_color_lanes_dsp(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride);
void jpeg_color_lanes_mve(const uint32_t lanes[3 * 32], uint8_t *out, size_t stride);

#if defined(__ARM_FEATURE_MVE)
#define jpeg_color_full jpeg_color_full_mve
#define jpeg_color_half jpeg_color_half_mve
#define jpeg_color_half_2 jpeg_color_half_2_mve
#define jpeg_color_lanes jpeg_color_lanes_mve
#else
#define jpeg_color_full jpeg_color_full_plain
#define jpeg_color_half jpeg_color_half_plain
#define jpeg_color_half_2 jpeg_color_half_2_plain
#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#define jpeg_color_lanes jpeg_color_lanes_dsp
#else
#define jpeg_color_lanes jpeg_color_lanes_plain
#endif
#endif

#endif
