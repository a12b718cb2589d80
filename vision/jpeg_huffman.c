/* SPDX-License-Identifier: MIT */
/* Entropy encoder of baseline JPEG (T.81 annex F.1.2) with the tables of annex K.3. */
#include "vision/jpeg_internal.h"

/* Calls `put` with symbol, code and length for each entry of a DHT specification, in canonical order (T.81 annex C). */
static void for_each_code(const uint8_t *spec, struct jpeg_huffman_encoder *tables,
                          void (*put)(struct jpeg_huffman_encoder *tables, int symbol, uint32_t code, int length))
{
    const uint8_t *symbol = spec + 16;
    uint32_t code = 0;

    for (int length = 1; length <= 16; length++, code <<= 1) {
        for (int n = spec[length - 1]; n > 0; n--) {
            put(tables, *symbol++, code++, length);
        }
    }
}

static void put_dc(struct jpeg_huffman_encoder *tables, int size, uint32_t code, int length)
{
    tables->dc[size] = code << size << 5 | (uint32_t)(length + size);
}

static void put_ac(struct jpeg_huffman_encoder *tables, int symbol, uint32_t code, int length)
{
    int run = symbol >> 4, size = symbol & 15;
    uint32_t total = (uint32_t)(length + size);

    tables->ac[run][size] = code << size << 5 | total;
    if (size > 0) {
        for (int v = 1 << (size - 1), end = 2 * v; v < end && v <= JPEG_NEAR / 2; v++) {
            if (v < JPEG_NEAR / 2) {
                tables->near[run][JPEG_NEAR / 2 + v] = (code << size | (uint32_t)v) << 5 | total;
            }
            tables->near[run][JPEG_NEAR / 2 - v] = (code << size | (uint32_t)(end - 1 - v)) << 5 | total;
        }
    }
}

void jpeg_huffman_prepare(struct jpeg_huffman_encoder *tables, int which)
{
    for_each_code(jpeg_dc_spec[which], tables, put_dc);
    for_each_code(jpeg_ac_spec[which], tables, put_ac);
}

/* The 32 bits of w at `out`, a zero after each 0xFF (T.81 B.1.1.5). */
static uint8_t *put_word(uint8_t *out, uint32_t w)
{
    if (((0xFEFEFEFEu - w) & w & 0x80808080u) == 0) {   /* no byte of ones */
        out[0] = (uint8_t)(w >> 24);
        out[1] = (uint8_t)(w >> 16);
        out[2] = (uint8_t)(w >> 8);
        out[3] = (uint8_t)w;
        return out + 4;
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
        uint8_t byte = (uint8_t)(w >> shift);
        *out++ = byte;
        if (byte == 0xFF) {
            *out++ = 0;
        }
    }
    return out;
}

/* Appends an entry (value << 5 | length) to the bits. */
#define PUT(entry) \
    do { \
        uint32_t put_entry = (entry), put_length = put_entry & 31; \
        room -= (int)put_length; \
        if (room < 0) { \
            out = put_word(out, bits << ((int)put_length + room) | put_entry >> 5 >> -room); \
            bits = put_entry >> 5; \
            room += 32; \
        } else { \
            bits = bits << put_length | put_entry >> 5; \
        } \
    } while (0)

/* The bits that follow the code of a value of `size` bits, added to its entry: the value, less one when negative. */
static inline uint32_t with_value(uint32_t entry, int value, int size)
{
    uint32_t bits = (uint32_t)value + ((uint32_t)(value >> 31) & ((1u << size) - 1));
    return entry + (bits << 5);
}

static inline int size_of(int value)
{
    uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
    return magnitude ? 32 - __builtin_clz(magnitude) : 0;
}

/* Moves on, two coefficients at a time, to a pair that is not zero. */
#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32)
#define SEARCH(p, pair) \
    __asm__("1: ldr %0, [%1, #4]!\n" \
            "   cbnz %0, 2f\n" \
            "   ldr %0, [%1, #4]!\n" \
            "   cbnz %0, 2f\n" \
            "   ldr %0, [%1, #4]!\n" \
            "   cmp %0, #0\n" \
            "   beq 1b\n" \
            "2:" \
            : "=&l"(pair), "+r"(p) \
            : "m"(*(const int16_t(*)[66])zigzag) \
            : "cc")
#else
#define SEARCH(p, pair) \
    do { \
        (p) += 2; \
        (pair) = load32(p); \
    } while ((pair) == 0)
#endif

/* The first of two coefficients, and the second. */
#define FIRST(pair) ((int)(int16_t)(pair))
#define SECOND(pair) ((int32_t)(pair) >> 16)

/* Codes the coefficient at `at` if a look-up can, else goes `otherwise`. Distances are in bytes, two for each coefficient. */
#define CODE(value, at, otherwise) \
    do { \
        size_t code_run = (size_t)((const char *)(at) - start), code_value = (size_t)((value) + JPEG_NEAR / 2); \
        if ((code_value | code_run) >= JPEG_NEAR) { /* JPEG_NEAR is 32, 16 runs are 32 bytes */ \
            goto otherwise; \
        } \
        start = (const char *)(at) + 2; \
        PUT(((const uint32_t *)tables->near)[code_run * (JPEG_NEAR / 2) + code_value]); \
    } while (0)

/* The long way: for runs of more than 15 zeros and for large values. */
static __attribute__((noinline)) void encode_long(struct jpeg_bit_writer *writer, const struct jpeg_huffman_encoder *tables, int value,
                                                  int run)
{
    uint32_t bits = writer->bits;
    int room = writer->free, size = size_of(value);
    uint8_t *out = writer->out;

    for (; run > 15; run -= 16) {
        PUT(tables->ac[15][0]);
    }
    PUT(with_value(tables->ac[run][size], value, size));
    *writer = (struct jpeg_bit_writer){bits, room, out};
}

#define ENCODE_LONG(value, at) \
    do { \
        struct jpeg_bit_writer copy = {bits, room, out}; \
        encode_long(&copy, tables, (value), (int)((at) - (const int16_t *)(const void *)start)); \
        start = (const char *)(at) + 2; \
        bits = copy.bits; \
        room = copy.free; \
        out = copy.out; \
    } while (0)

void jpeg_huffman_encode(struct jpeg_bit_writer *writer, const struct jpeg_huffman_encoder *tables, int16_t *zigzag)
{
    uint32_t bits = writer->bits;
    int room = writer->free;
    uint8_t *out = writer->out;
    struct jpeg_bit_writer *volatile result = writer;   /* in memory: registers are for the loop */
    int dc = zigzag[0], dc_size = size_of(dc);

    PUT(with_value(tables->dc[dc_size], dc, dc_size));

    /* Two coefficients at a time; what ends it is a value behind the last that is none. */
    const int16_t *next = zigzag - 2;
    const char *start = (const char *)(zigzag + 1);     /* of the run of zeros */
    zigzag[0] = 0;
    zigzag[64] = INT16_MAX;
    for (;;) {
        uint32_t pair;
        SEARCH(next, pair);
        if (FIRST(pair)) {
            CODE(FIRST(pair), next, first_long);
            goto second;
        first_long:
            if (FIRST(pair) == INT16_MAX) {
                break;
            }
            ENCODE_LONG(FIRST(pair), next);
        }
    second:
        if (SECOND(pair)) {
            CODE(SECOND(pair), next + 1, second_long);
            continue;
        second_long:
            ENCODE_LONG(SECOND(pair), next + 1);
        }
    }
    if (start != (const char *)next) {
        PUT(tables->ac[0][0]);
    }
    *result = (struct jpeg_bit_writer){bits, room, out};
}

void jpeg_huffman_flush(struct jpeg_bit_writer *writer)
{
    uint64_t ones = (UINT64_C(1) << writer->free) - 1;
    uint32_t w = (uint32_t)((uint64_t)writer->bits << writer->free | ones);

    for (int n = 32 - writer->free; n > 0; n -= 8, w <<= 8) {
        uint8_t byte = (uint8_t)(w >> 24);
        *writer->out++ = byte;
        if (byte == 0xFF) {
            *writer->out++ = 0;
        }
    }
    writer->bits = 0;
    writer->free = 32;
}
