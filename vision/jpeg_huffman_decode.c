/* SPDX-License-Identifier: MIT */
/* Entropy decoder of sequential JPEG (T.81 annex F.2.2). One look-up yields run, size and mostly the value too. */
#include "vision/jpeg_internal.h"
#include "vision/jpeg_simd.h"

/* The value that `size` bits stand for (T.81 F.12): those that begin with 0 are negative. */
static inline int extended(uint32_t bits, int size)
{
    return (int)bits - (size && bits >> (size - 1) == 0 ? (1 << size) - 1 : 0);
}

/* All entries that begin with `code` of `length` <= JPEG_LOOK bits. */
static void put_fast(struct jpeg_huffman_decoder *table, uint32_t code, int length, int symbol, bool dc)
{
    int run = dc ? 0 : symbol >> 4, size = symbol & 15, rest = JPEG_LOOK - length;
    uint32_t *entry = table->fast + (code << rest), head = (uint32_t)(run + 1) << 11;

    if (size > rest || (!dc && size == 0)) {
        uint32_t e = (symbol == 0 ? JPEG_END : (uint32_t)size << 16) | head | JPEG_MORE | (uint32_t)length;
        for (int i = 0; i < 1 << rest; i++) {
            entry[i] = e;
        }
        return;
    }
    for (uint32_t bits = 0; bits < 1u << size; bits++) {
        uint32_t e = (uint32_t)extended(bits, size) << 16 | head | (uint32_t)(length + size);
        for (int i = 0; i < 1 << (rest - size); i++) {
            *entry++ = e;
        }
    }
}

int jpeg_huffman_decoder_init(struct jpeg_huffman_decoder *table, const uint8_t counts[16], const uint8_t *symbols, int n, bool dc)
{
    uint32_t code = 0;
    int k = 0;

    memset(table->symbols, 0, sizeof table->symbols);
    memcpy(table->symbols, symbols, (size_t)n);
    for (int i = 0; i < 1 << JPEG_LOOK; i++) {
        table->fast[i] = JPEG_MORE;
    }
    for (int length = 1; length <= 16; length++, code <<= 1) {
        table->offset[length] = k - (int)code;
        for (int i = counts[length - 1]; i > 0; i--, code++, k++) {
            int symbol = symbols[k];
            if (code >> length != 0 || (dc ? symbol > 15 : (symbol & 15) == 0 && symbol != 0 && symbol != 0xF0)) {
                return VISION_E_DATA;
            }
            if (length <= JPEG_LOOK) {
                put_fast(table, code, length, symbol, dc);
            }
        }
        table->limit[length] = code << (16 - length);
    }
    return 0;
}

/* At least 25 bits from `position` on, at the top of a word. */
static inline uint32_t peek(const uint8_t *bytes, uint32_t position)
{
    const uint8_t *p = bytes + (position >> 3);
    uint32_t w = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];

    return w << (position & 7);
}

/* The entry of a code longer than JPEG_LOOK, which is at the top of w: as JPEG_MORE entries are. 0: no such code. */
static __attribute__((noinline)) uint32_t find_long(const struct jpeg_huffman_decoder *table, uint32_t w)
{
    uint32_t length = JPEG_LOOK + 1;

    for (w >>= 16; length <= 16 && w >= table->limit[length]; length++) {
    }
    if (length > 16) {
        return 0;
    }
    uint32_t symbol = table->symbols[(table->offset[length] + (int)(w >> (16 - length))) & 255];
    return (symbol == 0 ? JPEG_END : (symbol & 15) << 16) | ((symbol >> 4) + 1) << 11 | JPEG_MORE | length;
}

/* The value of `size` > 0 bits at the top of w (T.81 F.12): those that begin with 0 are negative. */
static inline int32_t value_of(uint32_t w, uint32_t size)
{
    uint32_t mask = ~(uint32_t)((int32_t)w >> 31);

    return (int32_t)(((w ^ mask) >> (32 - size) ^ mask) - mask);
}

/* The DC difference; false: no such code. */
static inline bool decode_dc(struct jpeg_bit_reader *reader, const struct jpeg_huffman_decoder *table, int *dc)
{
    uint32_t w = peek(reader->bytes, reader->position);
    uint32_t e = table->fast[w >> (32 - JPEG_LOOK)];

    if (!(e & JPEG_MORE)) {
        reader->position += e & 0xFF;
        *dc = (int32_t)e >> 16;
        return true;
    }
    e = e & 0xFF ? e : find_long(table, w);
    uint32_t size = e >> 16;
    reader->position += e & 0xFF;
    *dc = size ? value_of(peek(reader->bytes, reader->position), size) : 0;
    reader->position += size;
    return e != 0;
}

/* Takes what entry `e` holds: the value goes to its place. */
#define TAKE(e) \
    do { \
        position = simd_add_byte_0(position, e); \
        p = simd_add_byte_1(p, e); \
        SIMD_LOAD2_BEFORE(p, factor, index); \
        block[index] = (int16_t)simd_smulwt((int32_t)factor, (e)); \
    } while (0)

int jpeg_huffman_decode(struct jpeg_bit_reader *reader, const struct jpeg_huffman_decoder *dc_table,
                        const struct jpeg_huffman_decoder *ac_table, const struct jpeg_place places[JPEG_PLACES], int *dc,
                        int16_t block[65])
{
    if (!decode_dc(reader, dc_table, dc)) {
        return VISION_E_DATA;
    }
    const uint8_t *bytes = reader->bytes;
    const struct jpeg_place *p = places + 1, *end = places + 64;
    uint32_t position = reader->position, factor, index;

    __asm__("" : "+r"(block));      /* in a register, not read from the stack for each coefficient */
    do {
        uint32_t w = peek(bytes, position);
        uint32_t e = ac_table->fast[w >> (32 - JPEG_LOOK)];
        if (!(e & JPEG_MORE)) {
            TAKE(e);
            /* What is left of the word, 16 bits or more, does for another look. */
            w = simd_shift_byte_0(w, e);
            e = ac_table->fast[w >> (32 - JPEG_LOOK)];
            if (!(e & JPEG_MORE)) {
                TAKE(e);
                if (p < end) {
                    continue;
                }
                if (p - (e >> 11 & 31) == end) {    /* the first was the block's last: this one is of the next */
                    position -= e & 0xFF;
                    p = end;
                }
                break;
            }
            if (p >= end) {
                break;
            }
        }
        uint32_t size = e >> 16;
        if (size == 0) {
            if (!(e & JPEG_END) && (e & 0xFF) == 0) {
                e = find_long(ac_table, peek(bytes, position));
                if (e == 0) {
                    return VISION_E_DATA;
                }
                size = e >> 16;
            }
            if (size == 0) {
                position = simd_add_byte_0(position, e);
                if (e & JPEG_END) {
                    break;
                }
                p += 16;
                continue;
            }
        }
        position = simd_add_byte_0(position, e);
        int32_t value = value_of(peek(bytes, position), size);
        position += size;
        p += e >> 11 & 31;
        SIMD_LOAD2_BEFORE(p, factor, index);
        block[index] = (int16_t)simd_smulwb((int32_t)factor, (uint32_t)value);
    } while (p < end);
    reader->position = position;
    return p <= end ? (int)(p - places) : VISION_E_DATA;
}

int jpeg_huffman_skip(struct jpeg_bit_reader *reader, const struct jpeg_huffman_decoder *dc_table,
                      const struct jpeg_huffman_decoder *ac_table)
{
    int k = 1, dc;

    if (!decode_dc(reader, dc_table, &dc)) {
        return VISION_E_DATA;
    }
    uint32_t position = reader->position;
    do {
        uint32_t w = peek(reader->bytes, position);
        uint32_t e = ac_table->fast[w >> (32 - JPEG_LOOK)];
        if (!(e & JPEG_MORE)) {
            position += e & 0xFF;
            k += (int)(e >> 11 & 31);
            if (k >= 64) {
                break;
            }
            w <<= e & 0xFF;
            e = ac_table->fast[w >> (32 - JPEG_LOOK)];
        }
        if ((e & (JPEG_MORE | 0xFF)) == JPEG_MORE) {
            e = find_long(ac_table, peek(reader->bytes, position));
            if (e == 0) {
                return VISION_E_DATA;
            }
        }
        position += e & 0xFF;
        if (e & JPEG_MORE) {
            if (e & JPEG_END) {
                break;
            }
            position += e >> 16;
        }
        k += (int)(e >> 11 & 31);
    } while (k < 64);
    reader->position = position;
    return k <= 64 ? 0 : VISION_E_DATA;
}
